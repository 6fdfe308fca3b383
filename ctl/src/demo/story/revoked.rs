//! Access is taken back while it is used.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use reqwest::Response;
use serde_json::{Value, json};

use super::{
    cast::GRACE,
    stage::{Stage, quoted},
};
use crate::{
    demo::{client, gateway_seam::Gateway},
    revoke::Entry,
};

/// What `identity.revocation.interval` says in the demo's policy.
const INTERVAL: Duration = Duration::from_secs(1);
/// On top of it: the fetch, the ticks of the workers, a busy machine.
const SLACK: Duration = Duration::from_secs(2);
/// Longer than it will take, and not for ever.
const PATIENCE: Duration = Duration::from_secs(12);

pub(super) async fn mid_stream<G: Gateway>(stage: &mut Stage<G>) -> Result<()> {
    stage.screen.act("Grace's access is taken back");
    stage.screen.say("Grace's agent runs a long export, with a token that is good for an hour. Meanwhile somebody revokes Grace.");
    let token = stage.token(&GRACE.token())?;
    stage.records.mark();
    let mut running = export(stage, &token).await?;
    stage.screen.claim(running.status() == 200 && running.chunk().await?.is_some(), "the export runs");

    let iss = stage.stand.issuer.issuer.clone();
    let file = quoted(&stage.stand.revocations);
    stage.screen.fact("typed", &format!("portcullisctl revoke --file {file} --subject {} --issuer {iss}", GRACE.name));
    stage.stand.revoke(Entry::Subject { iss, sub: GRACE.name.to_owned(), before: None, note: None })?;
    let revoked = Instant::now();
    let (mut last, mut cut) = (Duration::ZERO, false);
    let _ = tokio::time::timeout(PATIENCE, async {
        loop {
            match running.chunk().await {
                Ok(Some(_)) => last = revoked.elapsed(),
                Ok(None) => break,
                Err(_) => {
                    cut = true;
                    break;
                }
            }
        }
    })
    .await;
    let fits = |code: &str| code == "revoked_subject";
    let record = stage.records.wait_for(|record| fits(record.code()) && record.stage() == "aborted").await;
    stage.show(record.as_ref());
    stage.screen.claim(
        cut && last < INTERVAL + SLACK,
        &format!(
            "her stream ends: the last byte came {:.1} s after the list was signed (it is looked at every second)",
            last.as_secs_f32()
        ),
    );
    stage.screen.claim(record.is_some_and(|record| record.user() == GRACE.name), "on record: Access Revoked, `revoked_subject`");

    let refused = export(stage, &token).await?;
    let status = refused.status();
    let body: Value = refused.json().await.unwrap_or_default();
    stage.screen.fact("answer", &format!("{status} {body}"));
    stage.screen.claim(
        status == 401 && body.get("error").and_then(Value::as_str).is_some_and(fits),
        "her next call is refused with 401, although her token is good until it expires",
    );
    Ok(())
}

/// By hand: a real client would hide how its stream ended.
async fn export<G: Gateway>(stage: &Stage<G>, token: &str) -> Result<Response> {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}, "progressToken": "grace",
    });
    let params = json!({ "name": "export_orders", "arguments": { "steps": 100, "step_ms": 250 }, "_meta": meta });
    let request = client::http(Some(&stage.stand.ca_pem))?
        .post(stage.stand.gateway.url())
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "export_orders")
        .bearer_auth(token)
        .json(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }));
    request.send().await.context("the export cannot be begun")
}
