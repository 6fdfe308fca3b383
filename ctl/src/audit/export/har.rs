//! HTTP Archive 1.2.
//!
//! A record keeps the parameters of a message and the body of its answer, both masked, and of the HTTP around them only what is worth keeping.
//! What HAR insists on and no record has is given as HAR says to: -1 for sizes, empty lists for headers. The rest of a record is in `_portcullis`.

use std::io::{self, Write};

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::audit::entry::{Entry, Payload};
use crate::audit::when::rfc3339;

pub(super) fn write(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    let archive = json!({ "log": {
        "version": "1.2",
        "creator": { "name": "portcullisctl", "version": env!("CARGO_PKG_VERSION") },
        "comment": "Made from audit records: bodies are rebuilt and masked, headers were not on record.",
        "entries": entries.iter().map(entry).collect::<Vec<_>>(),
    } });
    serde_json::to_writer_pretty(&mut *out, &archive)?;
    writeln!(out)
}

fn entry(entry: &Entry) -> Value {
    let time = |millis: u64| json!(millis);
    let (took, answered) = (entry.took(), entry.answered.unwrap_or_else(|| entry.took()).min(entry.took()));
    let method = if entry.http.method.is_empty() { "POST" } else { &entry.http.method };
    let version = "HTTP/1.1";
    let mut request = json!({
        "method": method,
        "url": url(entry),
        "httpVersion": version,
        "cookies": [],
        "headers": headers(&[("user-agent", &entry.http.user_agent), ("x-request-id", &entry.http.request_id)]),
        "queryString": [],
        "headersSize": -1,
        "bodySize": entry.request.as_ref().map_or(-1, |payload| i64::try_from(payload.size).unwrap_or(-1)),
    });
    if let (Some(text), Some(members)) = (message(entry), request.as_object_mut()) {
        members.insert("postData".to_owned(), json!({ "mimeType": "application/json", "params": [], "text": text }));
    }
    let status = entry.http.status.unwrap_or(0);
    let size = entry.response.as_ref().map_or(0, |payload| payload.size);
    let body = entry.response.as_ref().and_then(|payload| payload.text.clone()).unwrap_or_default();
    let stream = body.starts_with("data:") || body.starts_with("event:") || body.starts_with("id:") || body.starts_with(':');
    let kind = if stream { "text/event-stream" } else { "application/json" };
    let mut told = json!({
        "startedDateTime": rfc3339(entry.start),
        "time": time(took),
        "request": request,
        "response": {
            "status": status,
            "statusText": "",
            "httpVersion": version,
            "cookies": [],
            "headers": headers(&[("content-type", kind)]),
            "content": { "size": size, "mimeType": kind, "text": body },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": entry.response.as_ref().map_or(-1, |_| i64::try_from(size).unwrap_or(-1)),
        },
        "cache": {},
        "timings": { "send": 0, "wait": time(answered), "receive": time(took.saturating_sub(answered)) },
        "comment": comment(entry),
        "_portcullis": about(entry),
    });
    if let (Some(ip), Some(members)) = (server(&entry.upstream), told.as_object_mut()) {
        members.insert("serverIPAddress".to_owned(), json!(ip));
    }
    told
}

/// HAR wants an absolute address; a record of a connection that failed early may have none.
fn url(entry: &Entry) -> String {
    match entry.http.url.as_str() {
        url if url.contains("://") => url.to_owned(),
        path if entry.resource.is_empty() => format!("https://unknown.invalid{path}"),
        _ => entry.resource.clone(),
    }
}

fn headers(pairs: &[(&str, &str)]) -> Vec<Value> {
    pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

/// The message as it was sent, but for its id's type. Params that are no JSON any more, being cut, are given as they are.
fn message(entry: &Entry) -> Option<String> {
    let Payload { text, truncated, .. } = entry.request.as_ref()?;
    let params = text.as_deref()?;
    if *truncated || entry.operation.starts_with("http/") || serde_json::from_str::<&RawValue>(params).is_err() {
        return Some(params.to_owned());
    }
    let id = match entry.rpc_id.parse::<i64>() {
        _ if entry.operation.starts_with("notifications/") || entry.rpc_id.is_empty() => String::new(),
        Ok(number) => format!(r#""id":{number},"#),
        Err(_) => format!(r#""id":{},"#, json!(entry.rpc_id)),
    };
    Some(format!(r#"{{"jsonrpc":"2.0",{id}"method":{},"params":{params}}}"#, json!(entry.operation)))
}

fn server(upstream: &str) -> Option<String> {
    let address = upstream.rsplit(' ').next()?;
    address.parse::<std::net::SocketAddr>().ok().map(|address| address.ip().to_string())
}

fn comment(entry: &Entry) -> String {
    let why = if entry.why().is_empty() { String::new() } else { format!(" ({})", entry.why()) };
    format!("{}: {}: {}{why}", entry.user, entry.what(), entry.verdict())
}

fn about(entry: &Entry) -> Value {
    json!({
        "user": entry.user, "subject": entry.subject, "client": entry.client, "agent": entry.agent, "session": entry.session,
        "operation": entry.operation, "target": entry.target, "action": entry.action, "disposition": entry.disposition,
        "rule": entry.rule, "code": entry.code, "detail": entry.detail, "alerts": entry.alerts,
        "masked": entry.masked.iter().map(|(detector, count)| json!({ "detector": detector, "count": count })).collect::<Vec<_>>(),
        "stage": entry.stage, "tls": entry.tls, "source": entry.source, "upstream": entry.upstream, "approval": entry.approval,
        "kind": entry.kind.word(), "record": entry.uid, "node": entry.node, "policy": entry.policy,
    })
}
