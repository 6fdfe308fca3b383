//! Before anything is measured: each variant does what it is measured for, and after it: it did so to the end.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time::sleep;

use crate::call::{self, Form};
use crate::gate::Gate;
use crate::load::Connection;
use crate::upstream::Upstream;
use crate::variants::Tokens;
use crate::{conditions, rules};

/// Envoy writes its records every 100 ms.
const FLUSH: Duration = Duration::from_secs(5);

/// The answers every measured call must get.
pub struct Expected {
    json: Vec<u8>,
    sse: Vec<u8>,
}

impl Expected {
    pub fn body(&self, form: Form) -> &[u8] {
        match form {
            Form::Json => &self.json,
            Form::Sse => &self.sse,
        }
    }
}

pub async fn works(gate: &Gate, tokens: &Tokens, upstream: &Upstream) -> Result<Expected> {
    let name = gate.variant.name();
    // Each on a connection of its own: Envoy closes one whose request it refuses before it has read all of it.
    let call = async |request: Vec<u8>| Connection::open(gate.address).await?.call(&request).await.context(name);
    let arguments = call::arguments(gate.variant);
    if gate.variant.guards() {
        let before = upstream.served();
        let forged = call(call::measured(gate.variant, &tokens.forged, Form::Json)).await?;
        ensure!(forged.status() == Some(401), "{name} answers a forged token with {forged:?}");
        let none = call(call::request(None, rules::TOOL, &arguments, Form::Json)).await?;
        ensure!(none.status() == Some(401), "{name} answers a call without a token with {none:?}");
        let forbidden = call(call::request(Some(&tokens.good), rules::FORBIDDEN, &arguments, Form::Json)).await?;
        let refused = match forbidden.status() {
            Some(403) => gate.variant.is_native(),
            Some(200) => gate.variant.is_portcullis() && serde_json::from_slice(&forbidden.body).is_ok_and(|body: Value| is_error(&body)),
            _ => false,
        };
        ensure!(refused, "{name} answers a forbidden tool with {forbidden:?}");
        let foreign = call(call::request(Some(&tokens.good), "report_7", &arguments, Form::Json)).await?;
        ensure!(foreign.status() == forbidden.status(), "{name} answers a tool of another team with {foreign:?}");
        if gate.variant.has_conditions() {
            for arguments in conditions::refused() {
                let refused = call(call::request(Some(&tokens.good), rules::TOOL, &arguments, Form::Json)).await?;
                let is_refused = serde_json::from_slice(&refused.body).is_ok_and(|body: Value| is_error(&body));
                ensure!(is_refused, "{name} does not refuse {arguments}: {refused:?}");
            }
        }
        ensure!(upstream.served() == before, "{name} let a refused call reach the server");
    }
    let mut answers = Vec::new();
    for (form, original) in [(Form::Json, &upstream.json), (Form::Sse, &upstream.sse)] {
        let answer = call(call::measured(gate.variant, &tokens.good, form)).await?;
        ensure!(answer.status() == Some(200), "{name} answers a good call with {answer:?}");
        let text = String::from_utf8_lossy(&answer.body);
        if gate.variant.masks() {
            let shows = call::personal().iter().any(|secret| text.contains(secret.as_str()));
            ensure!(!shows && text.matches("[MASKED:").count() == 2, "{name} did not mask {} answer: {text}", form.name());
            ensure!(text.contains("Hannah Abbott"), "{name} masked too much: {text}");
        } else {
            ensure!(answer.body == *original, "{name} changed an answer: {text}");
        }
        answers.push(answer.body);
    }
    let mut answers = answers.into_iter();
    Ok(Expected { json: answers.next().unwrap_or_default(), sse: answers.next().unwrap_or_default() })
}

fn is_error(body: &Value) -> bool {
    body.pointer("/result/isError").and_then(Value::as_bool) == Some(true)
}

/// One record for each call, with what the variant promises in it. `calls` were allowed.
pub async fn recorded(gate: &Gate, calls: usize) -> Result<()> {
    let name = gate.variant.name();
    if !gate.variant.records() {
        return Ok(());
    }
    let deadline = Instant::now() + FLUSH;
    let mut allowed = allowed(gate)?;
    while allowed.0 < calls && Instant::now() < deadline {
        sleep(Duration::from_millis(100)).await;
        allowed = self::allowed(gate)?;
    }
    let (count, last) = allowed;
    ensure!(count == calls, "{name} left {count} records of {calls} calls");
    ensure!(last.contains("ada@corp.example"), "{name} does not record who called: {last}");
    if gate.variant.is_portcullis() {
        ensure!(last.contains("Hannah Abbott") == gate.variant.keeps_payload(), "{name}: what is on record of the answer? {last}");
        let shows = call::personal().iter().any(|secret| last.contains(secret.as_str()));
        ensure!(shows != gate.variant.masks() || !gate.variant.keeps_payload(), "{name}: the record is not masked as it should be: {last}");
    }
    Ok(())
}

/// Records of calls that reached the server, and the last of them.
fn allowed(gate: &Gate) -> Result<(usize, String)> {
    let reader = BufReader::new(File::open(&gate.record).context("no records at all")?);
    let (mut count, mut last) = (0_usize, String::new());
    for line in reader.lines() {
        let line = line?;
        let refused = line.contains(r#""disposition":"Blocked""#);
        if line.contains(rules::TOOL) && line.contains("ada@corp.example") && !refused {
            count = count.saturating_add(1);
            last = line;
        }
    }
    Ok((count, last))
}
