//! What came of a case, compared with what must.

use serde_json::Value;

use super::case::Case;
use super::secrets;

pub type Headers = Vec<(String, String)>;

/// What a runner saw.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
    /// Headers and body the server got, if it was asked.
    pub upstream: Option<(Headers, Vec<u8>)>,
    pub record: Option<Value>,
    /// Detection Findings, attributes and the word that there is no record, where a runner can see them.
    pub findings: Vec<Value>,
    pub attributes: Headers,
    /// Kinds of alerts that were counted, where a runner can see them.
    pub alerts: Option<Vec<String>>,
    pub unrecorded: bool,
    pub cut: bool,
    /// What the server was told in the client's place, where a runner can see it.
    pub told: Vec<String>,
    /// What people were asked, and how often somebody was called for it, where a runner plays them.
    pub asked: Vec<Value>,
    pub asks: usize,
}

/// Every difference, none if the case holds.
pub fn differences(case: &Case, seen: &Seen) -> Vec<String> {
    let expect = &case.expect;
    let mut wrong = Vec::new();
    let mut differ = |what: &str, found: &dyn std::fmt::Debug, wanted: &dyn std::fmt::Debug| {
        wrong.push(format!("{what}: found {found:?}, expected {wanted:?}"))
    };
    if seen.status != expect.status {
        differ("status", &seen.status, &expect.status);
    }
    if seen.upstream.is_some() != expect.forwarded {
        differ("forwarded", &seen.upstream.is_some(), &expect.forwarded);
    }
    if seen.cut != expect.cut {
        differ("cut", &seen.cut, &expect.cut);
    }
    let body = String::from_utf8_lossy(&seen.body);
    if let Some(wanted) = &expect.body
        && body != secrets::fill(wanted)
    {
        differ("body", &body, wanted);
    }
    for part in &expect.contains {
        if !body.contains(&secrets::fill(part)) {
            differ("body", &body, &format!("something with {part}"));
        }
    }
    for part in &expect.lacks {
        if body.contains(&secrets::fill(part)) {
            differ("body", &body, &format!("something without {part}"));
        }
    }
    for (name, wanted) in &expect.headers {
        let found = header(&seen.headers, name);
        if !found.contains(wanted.as_str()) || (wanted.is_empty() && !found.is_empty()) {
            differ(name, &found, wanted);
        }
    }
    if let Some((headers, sent)) = &seen.upstream {
        let wanted = expect.upstream_body.as_ref().map_or_else(|| case.request.bytes(), |body| secrets::fill(body).into_bytes());
        if *sent != wanted {
            differ("body at the server", &String::from_utf8_lossy(sent), &String::from_utf8_lossy(&wanted));
        }
        if sent.len() != case.request.bytes().len() {
            differ("length of the body at the server", &sent.len(), &"that of the client's, which is in headers");
        }
        for (name, wanted) in &expect.upstream {
            let found = header(headers, name);
            if found != secrets::fill(wanted) {
                differ(&format!("{name} at the server"), &found, wanted);
            }
        }
        if headers.iter().any(|(name, value)| name == "authorization" && value.contains("eyJ")) {
            differ("authorization at the server", &"the client's token", &"never");
        }
    }
    let plain = seen.record.as_ref().map(without_beginning);
    match &plain {
        None if expect.unrecorded && seen.unrecorded => {}
        None => differ("record", &"none", &"one"),
        Some(_) if expect.unrecorded => differ("record", &"one", &"none"),
        Some(record) => {
            for (pointer, wanted) in &expect.record {
                let found = record.pointer(pointer).unwrap_or(&Value::Null);
                if *found != json(wanted) {
                    differ(&format!("record {pointer}"), found, wanted);
                }
            }
        }
    }
    if let Some(alerts) = &seen.alerts {
        let of = |finding: &Value| finding.pointer("/unmapped/alert").and_then(Value::as_str).unwrap_or_default().to_owned();
        let found: Vec<String> = seen.findings.iter().map(of).collect();
        if *alerts != found {
            differ("counted alerts", alerts, &found);
        }
    }
    for (pointer, wanted) in &expect.asked {
        let found = seen.asked.first().and_then(|asked| asked.pointer(pointer)).unwrap_or(&Value::Null);
        if *found != json(wanted) {
            wrong.push(format!("asked {pointer}: found {found:?}, expected {wanted:?}"));
        }
    }
    if expect.asks.is_some_and(|asks| asks != seen.asks) {
        wrong.push(format!("people: {} calls, expected {:?}", seen.asks, expect.asks));
    }
    wrong.extend(leaks(case, seen));
    wrong
}

/// Whatever leaves or is written down, searched for every planted secret and for the keys and credentials of the policy.
pub fn leaks(case: &Case, seen: &Seen) -> Vec<String> {
    let mut wrong = Vec::new();
    let keys = ["UPSTREAM_TOKEN", "HASH_KEY", "SEAL_KEY", "OLD_SEAL_KEY", "APPROVALS_KEY", "APPROVALS_TOKEN"]
        .into_iter()
        .map(|name| (name, super::case::env(name).unwrap()));
    let planted: Vec<(&str, String)> =
        secrets::all().into_iter().filter(|(name, _)| !matches!(*name, "card-wrong" | "opaque")).chain(keys).collect();
    let text = |value: &Value| value.to_string();
    let on_record =
        seen.record.iter().map(text).chain(seen.findings.iter().map(text)).chain(seen.attributes.iter().map(|(_, value)| value.clone()));
    // What people are shown leaves, too.
    let on_record = on_record.chain(seen.asked.iter().map(text));
    for line in on_record {
        for (name, _) in planted.iter().filter(|(_, value)| line.contains(value)) {
            wrong.push(format!("record, findings, attributes or what people are shown hold the planted {name}"));
        }
    }
    // A case may say that this caller sees something.
    let told = case.expect.body.iter().chain(&case.expect.contains).chain(case.expect.headers.values());
    let expected: String = told.map(|part| secrets::fill(part)).collect();
    let headers = seen.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    for part in headers.chain([String::from_utf8_lossy(&seen.body).into_owned()]).chain(seen.told.iter().cloned()) {
        for (name, _) in planted.iter().filter(|(_, value)| part.contains(value) && !expected.contains(value)) {
            wrong.push(format!("what leaves holds the planted {name}"));
        }
    }
    wrong
}

/// The record as it would be were it not the first of its VM, which a runner decides and not the case.
fn without_beginning(record: &Value) -> Value {
    let mut record = record.clone();
    if let Some(unmapped) = record.get_mut("unmapped").and_then(Value::as_object_mut)
        && let Some(alerts) = unmapped.get_mut("alerts").and_then(Value::as_array_mut)
    {
        alerts.retain(|alert| alert != "chain_start");
        if alerts.is_empty() {
            unmapped.remove("alerts");
        }
    }
    record
}

pub fn header(headers: &[(String, String)], name: &str) -> String {
    headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone()).unwrap_or_default()
}

fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) if text == "null" => Value::Null,
        toml::Value::String(text) => Value::String(secrets::fill(text)),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Boolean(flag) => (*flag).into(),
        toml::Value::Array(items) => Value::Array(items.iter().map(json).collect()),
        other => panic!("not expected in a record: {other}"),
    }
}

/// Fails with everything that went wrong, case by case.
pub fn report(failures: &[(String, Vec<String>)], ran: usize) {
    assert!(ran > 0, "no case ran");
    if failures.is_empty() {
        return;
    }
    let mut text = format!("{} of {ran} cases failed\n", failures.len());
    for (name, wrong) in failures {
        text.push_str(&format!("\n{name}\n"));
        for line in wrong {
            text.push_str(&format!("  {line}\n"));
        }
    }
    panic!("{text}");
}
