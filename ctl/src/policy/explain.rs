//! `policy explain`: messages through the engine itself, as a caller with given claims would send them, up to the point where they would go upstream.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use portcullis::audit::RuleHit;
use portcullis::guard::{Miss, Outcome, RuleTrace, Selector};
use portcullis::policy::{Mode, Then};
use portcullis::time::Time;
use serde_json::{Map, Value, json};

use super::desk::{Ask, Desk, Told, said};
use super::for_looking;
use crate::exit::{Exit, Failure, or_gone};

/// Prints for each message one line: `verdict` (allow, refuse or ask), `code`, `rule`, `because` of it, `rules` that matched, and for a refusal
/// `text`, `status` and `answer`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The policy, YAML or JSON
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Claims of the caller's token, a JSON object; issuer, audience, subject and times are filled in where they are missing
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Every line of standard input is a message of its own
    #[arg(long)]
    lines: bool,
    /// Add `considered`: every rule, and for those that did not match the first thing that did not hold
    #[arg(long)]
    verbose: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut desk = Desk::new(for_looking(&args.policy)?)?;
    let authorization = desk.token(&claims(args)?)?;
    let mut explain = |body: &[u8]| -> Result<Value, Failure> {
        let ask = Ask { authorization: &authorization, verb: "POST", body, session: None, now: now(), traced: args.verbose, answer: None };
        // Every message on its own: no budget runs out, and nothing has happened before.
        desk.forget();
        let told = desk.ask(&ask)?;
        let mut verdict = verdict(&told);
        if let (true, Some(members)) = (args.verbose, verdict.as_object_mut()) {
            members.insert("considered".to_owned(), told.traces.iter().map(considered).collect());
        }
        Ok(verdict)
    };
    let (mut input, mut out) = (BufReader::new(std::io::stdin().lock()), BufWriter::new(std::io::stdout().lock()));
    let broken = |err: std::io::Error| Failure::environment(format!("standard input broke: {err}"));
    if !args.lines {
        let mut body = Vec::new();
        input.read_to_end(&mut body).map_err(broken)?;
        let verdict = explain(body.trim_ascii())?;
        or_gone(writeln!(out, "{verdict}").and_then(|()| out.flush()))?;
        return Ok(Exit::Fine);
    }
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line).map_err(broken)? > 0 {
        // A blank line is no message.
        if !line.trim_ascii().is_empty() {
            let verdict = explain(line.trim_ascii())?;
            let mut written = writeln!(out, "{verdict}");
            if written.is_ok() && input.buffer().is_empty() {
                // Whoever writes one message and waits for its verdict gets it.
                written = out.flush();
            }
            if let Err(err) = written {
                or_gone(Err(err))?;
                return Ok(Exit::Fine);
            }
        }
        line.clear();
    }
    or_gone(out.flush())?;
    Ok(Exit::Fine)
}

fn claims(args: &Args) -> Result<Map<String, Value>, Failure> {
    let Some(path) = &args.claims else { return Ok(Map::new()) };
    let text = std::fs::read_to_string(path).map_err(|err| Failure::environment(format!("cannot read `{}`: {err}", path.display())))?;
    serde_json::from_str(&text).map_err(|err| Failure::wrong(format!("`{}` is not a JSON object of claims: {err}", path.display())))
}

fn verdict(told: &Told) -> Value {
    let Told { decision, reply, .. } = told;
    let rule =
        |hit: &RuleHit| json!({ "id": hit.id, "then": then(hit.then), "observed": hit.mode == Mode::Observe, "because": hit.because });
    let deciding = decision.rules.iter().find(|hit| Some(&hit.id) == decision.rule.as_ref());
    let mut verdict = json!({
        "verdict": told.verdict(),
        "code": decision.code,
        "rule": decision.rule,
        "because": deciding.map(|hit| hit.because.as_slice()).unwrap_or_default(),
        "rules": decision.rules.iter().map(rule).collect::<Vec<_>>(),
    });
    if let (Some(reply), Some(members)) = (reply, verdict.as_object_mut()) {
        let answer: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        members.insert("text".to_owned(), said(&answer).into());
        members.insert("status".to_owned(), reply.status.into());
        members.insert("answer".to_owned(), answer);
    }
    verdict
}

/// `then` as the policy writes it.
pub(super) fn then(then: Then) -> &'static str {
    match then {
        Then::Allow => "allow",
        Then::Deny => "deny",
        Then::Ask => "ask",
    }
}

fn considered(trace: &RuleTrace) -> Value {
    let RuleTrace { rule, outcome, conditions_asked: _ } = trace;
    let mut said = json!({ "id": *rule.id, "then": then(rule.then), "observed": rule.observed, "matched": *outcome == Outcome::Matched });
    let Some(members) = said.as_object_mut() else { return said };
    match outcome {
        Outcome::Matched => {
            members.insert("because".to_owned(), json!(rule.because));
        }
        Outcome::Missed(miss) => {
            members.insert("missed".to_owned(), miss.word().into());
            members.insert("because".to_owned(), json!([why(miss)]));
        }
    }
    said
}

/// One line on what did not hold.
pub(super) fn why(miss: &Miss) -> String {
    match miss {
        Miss::NotGoverned => "the call is no action, and the rule names no methods".to_owned(),
        Miss::Selector(selector) => match selector {
            Selector::Methods => "the method is none of its `methods`",
            Selector::Target => "what is called is none of its `tools`, `resources` or `prompts`",
            Selector::Groups => "the caller is in none of its `groups`",
            Selector::Users => "the caller is none of its `users`",
            Selector::Clients => "the caller's client is none of its `clients`",
            Selector::Actors => "nobody of its `actors` acts for the caller",
            Selector::Scopes => "the token lacks one of its `scopes`",
        }
        .to_owned(),
        Miss::Condition { name, unsure, because } => {
            let met = if *unsure { "cannot be told to hold" } else { "does not hold" };
            match because {
                Some(because) => format!("`{name}` {met}: {because}"),
                None => format!("`{name}` {met}"),
            }
        }
    }
}

fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
