//! What was expected against what happened.

use portcullis::audit::RuleHit;
use portcullis::guard::Outcome;
use portcullis::policy::suite::{Expect, ExpectAnswer, Trial};
use portcullis::policy::{Mode, Then};
use serde_json::Value;

use super::super::desk::{Got, Told, said};
use super::super::explain::{then, why};

/// One expectation that does not hold.
pub(super) struct Failed {
    pub(super) line: Option<u32>,
    /// `expected refuse by rule `no-writes`, got allow by rule `readers``
    pub(super) message: String,
    /// What led to it.
    pub(super) why: Vec<String>,
}

pub(super) fn failures(trial: &Trial, told: &Told) -> Vec<Failed> {
    let mut failed = Vec::new();
    if !is_met(&trial.expect, told) {
        let message = format!("expected {}, got {}", expected(&trial.expect), got(told));
        failed.push(Failed { line: trial.line, message, why: reasons(&trial.expect, told) });
    } else if let Some(expected) = &trial.expect_answer {
        let missed = answer_failures(expected, &told.got);
        failed.extend(missed.into_iter().map(|message| Failed { line: trial.line, message, why: vec![shown_answer(&told.got)] }));
    }
    failed
}

fn is_met(expect: &Expect, told: &Told) -> bool {
    let decision = &told.decision;
    let by = |rule: &Option<String>| rule.is_none() || *rule == decision.rule;
    match expect {
        Expect::Allow { rule } => told.verdict() == "allow" && by(rule),
        Expect::Ask { rule } => told.asks && by(rule),
        Expect::Refuse { rule, code, says } => {
            told.reply.is_some()
                && by(rule)
                && code.as_ref().is_none_or(|code| *code == decision.code)
                && says.as_ref().is_none_or(|says| text(told).contains(says))
        }
        Expect::Observed { rule } => {
            let would_refuse = |hit: &RuleHit| hit.mode == Mode::Observe && hit.then != Then::Allow;
            let hits = decision.rules.iter().filter(|hit| would_refuse(hit));
            told.verdict() == "allow" && hits.into_iter().any(|hit| rule.as_ref().is_none_or(|rule| *rule == hit.id))
        }
    }
}

/// What the caller is told of a refusal.
fn text(told: &Told) -> String {
    let Some(reply) = &told.reply else { return String::new() };
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    said(&answer).map_or_else(|| String::from_utf8_lossy(&reply.body).into_owned(), str::to_owned)
}

fn by(rule: Option<&String>) -> String {
    rule.map(|rule| format!(" by rule `{rule}`")).unwrap_or_default()
}

fn expected(expect: &Expect) -> String {
    match expect {
        Expect::Allow { rule } => format!("allow{}", by(rule.as_ref())),
        Expect::Refuse { rule, code, says } => {
            let code = code.as_ref().map(|code| format!(" with code `{code}`")).unwrap_or_default();
            let says = says.as_ref().map(|says| format!(" saying `{says}`")).unwrap_or_default();
            format!("refuse{}{code}{says}", by(rule.as_ref()))
        }
        Expect::Ask { rule } => format!("ask{}", by(rule.as_ref())),
        Expect::Observed { rule } => format!("observed{}", by(rule.as_ref())),
    }
}

fn got(told: &Told) -> String {
    let verdict = told.verdict();
    let saying = if told.reply.is_some() { format!(" saying `{}`", text(told)) } else { String::new() };
    format!("{verdict}{} with code `{}`{saying}", by(told.decision.rule.as_ref()), told.decision.code)
}

/// The rules that matched, and of the expected one that did not, why not.
fn reasons(expect: &Expect, told: &Told) -> Vec<String> {
    let matched = |hit: &RuleHit| {
        let observed = if hit.mode == Mode::Observe { ", observed" } else { "" };
        let because = if hit.because.is_empty() { String::new() } else { format!(": {}", hit.because.join("; ")) };
        format!("`{}` ({}{observed}) matched{because}", hit.id, then(hit.then))
    };
    let mut lines: Vec<String> = told.decision.rules.iter().map(matched).collect();
    let (Expect::Allow { rule } | Expect::Refuse { rule, .. } | Expect::Ask { rule } | Expect::Observed { rule }) = expect;
    let wanted = match expect {
        Expect::Allow { .. } => Then::Allow,
        Expect::Ask { .. } => Then::Ask,
        Expect::Refuse { .. } | Expect::Observed { .. } => Then::Deny,
    };
    for trace in &told.traces {
        let is_meant = match rule {
            Some(rule) => *trace.rule.id == **rule,
            // Of those that could have done what was expected, the ones that were near it.
            None => trace.rule.then == wanted && trace.conditions_asked,
        };
        if let (true, Outcome::Missed(miss)) = (is_meant, &trace.outcome) {
            lines.push(format!("`{}` ({}) did not match: {}", trace.rule.id, then(trace.rule.then), why(miss)));
        }
    }
    if let Some(rule) = rule
        && !told.traces.is_empty()
        && !told.traces.iter().any(|trace| *trace.rule.id == **rule)
    {
        lines.push(format!("the policy has no rule `{rule}`"));
    }
    lines
}

fn answer_failures(expected: &ExpectAnswer, got: &Got) -> Vec<String> {
    let ExpectAnswer { contains, lacks, equals, masked, withheld } = expected;
    let mut wrong = Vec::new();
    if *withheld != got.withheld {
        let is = |withheld| if withheld { "withheld" } else { "passed on" };
        wrong.push(format!("expected the answer to be {}, it is {}", is(*withheld), is(got.withheld)));
    }
    let texts = texts(&got.body);
    let has = |text: &String| texts.iter().any(|found| found.contains(text.as_str()));
    wrong.extend(contains.iter().filter(|text| !has(text)).map(|text| format!("expected `{text}` in the answer")));
    wrong.extend(lacks.iter().filter(|text| has(text)).map(|text| format!("expected no `{text}` in the answer")));
    wrong.extend(
        masked.iter().filter(|rule| !got.masked.contains(rule)).map(|rule| format!("expected the masking rule `{rule}` to find something")),
    );
    if let Some(equals) = equals
        && message(&got.body).as_ref() != Some(equals)
    {
        wrong.push(format!("expected the answer to be `{equals}`"));
    }
    wrong
}

/// The answer as it is, and every string in it without its escapes.
fn texts(body: &[u8]) -> Vec<String> {
    let mut texts = vec![String::from_utf8_lossy(body).into_owned()];
    let mut open = parsed(body);
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => texts.push(text),
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                for (name, value) in members {
                    texts.push(name);
                    open.push(value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    texts
}

/// The message, or the messages of an event stream.
fn parsed(body: &[u8]) -> Vec<Value> {
    if let Ok(message) = serde_json::from_slice(body) {
        return vec![message];
    }
    let text = String::from_utf8_lossy(body);
    text.lines().filter_map(|line| line.strip_prefix("data:")).filter_map(|data| serde_json::from_str(data).ok()).collect()
}

/// The last message, without what goes with every one.
fn message(body: &[u8]) -> Option<Value> {
    let mut message = parsed(body).pop()?;
    let members = message.as_object_mut()?;
    members.remove("jsonrpc");
    members.remove("id");
    Some(message)
}

fn shown_answer(got: &Got) -> String {
    const LONGEST: usize = 400;
    let text = String::from_utf8_lossy(&got.body);
    let shown: String = text.chars().take(LONGEST).collect();
    let dots = if shown.len() < text.len() { "..." } else { "" };
    format!(
        "the caller gets `{shown}{dots}`; masking rules that found something: {}",
        if got.masked.is_empty() { "none".to_owned() } else { got.masked.join(", ") }
    )
}
