//! A whole answer of the filter's own, in place of the upstream's.
//!
//! Which shape when was measured with five SDK clients (TypeScript 1.x and 2.x, Python 1.x and 2.x, rmcp):
//! - a tool call is refused as a tool result, HTTP 200: the only shape that every client hands to the model and survives;
//! - every other request as a JSON-RPC error in HTTP 200, with the same id;
//! - what has no id to answer to (a broken body, a notification, a client's response) with an HTTP error status and a
//!   JSON-RPC error without `id`. That is what the transport asks for since 2025-06-18; `id: null` makes three of the
//!   five clients hang, and 202 would tell the client that the message was taken;
//! - what never reached the protocol (media type, method, size, TLS) with the HTTP status that says so.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use super::message::{Era, Id};

/// Status, headers and body, ready for the host's local reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Lower-case names; no pseudo headers, no `content-length`.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// JSON-RPC 2.0, section 5.1.
pub const PARSE_ERROR: i64 = -32700;
pub const INVALID_REQUEST: i64 = -32600;
pub const METHOD_NOT_FOUND: i64 = -32601;
pub const INVALID_PARAMS: i64 = -32602;
pub const INTERNAL_ERROR: i64 = -32603;
/// MCP 2026-07-28: a mirrored header is missing or differs from the body.
pub const HEADER_MISMATCH: i64 = -32020;
/// MCP 2025-11-25: a person has to open a page first.
pub const URL_ELICITATION_REQUIRED: i64 = -32042;
/// No session of that name: what the SDKs' servers say with a 404. The number is theirs, the status is the specification's.
pub const NO_SESSION: i64 = -32001;
/// A refusal by policy. Outside -32768..-32000, where new codes belong; all five clients carry it to the caller.
pub const REFUSED: i64 = 4030;

impl Reply {
    /// A JSON body that no cache keeps.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let headers = vec![header("content-type", "application/json"), header("cache-control", "no-store")];
        // Serializing these plain shapes cannot fail; an empty body with the status would still be a refusal.
        Self { status, headers, body: serde_json::to_vec(body).unwrap_or_default() }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// HTTP 200 with a `CallToolResult` that says `isError`: `text` is what the model reads.
///
/// `resultType` is required by two clients on 2026-07-28 and unknown before.
pub fn tool_refused(id: &Id, era: &Era, text: &str) -> Reply {
    #[derive(Serialize)]
    struct Content<'a> {
        r#type: &'a str,
        text: &'a str,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Refused<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        result_type: Option<&'a str>,
        content: [Content<'a>; 1],
        is_error: bool,
    }
    #[derive(Serialize)]
    struct Body<'a> {
        jsonrpc: &'a str,
        id: &'a Id,
        result: Refused<'a>,
    }
    let result_type = match era {
        Era::Legacy => None,
        Era::Modern { .. } => Some("complete"),
    };
    let result = Refused { result_type, content: [Content { r#type: "text", text }], is_error: true };
    Reply::json(200, &Body { jsonrpc: "2.0", id, result })
}

/// One page that a person is asked to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// Names the question among those of one answer.
    pub name: &'a str,
    pub url: &'a str,
    pub message: &'a str,
}

/// HTTP 200 with an `InputRequiredResult` (2026-07-28): the client shows the pages and calls again with `state`.
///
/// For `tools/call`, `prompts/get` and `resources/read` only, and for clients that said they take URLs (`elicitation`, mode `url`).
pub fn input_required(id: &Id, pages: &[Page<'_>], state: &str) -> Reply {
    let question = |page: &Page<'_>| {
        let params = json!({ "mode": "url", "url": page.url, "message": page.message });
        (page.name.to_owned(), json!({ "method": "elicitation/create", "params": params }))
    };
    let questions: serde_json::Map<String, Value> = pages.iter().map(question).collect();
    let result = json!({ "resultType": "input_required", "inputRequests": questions, "requestState": state });
    Reply::json(200, &json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

/// The error of 2025-11-25 that sends a person to pages; gone from 2026-07-28 on. The name of a page is its `elicitationId`.
pub fn url_elicitation_required(id: &Id, pages: &[Page<'_>], message: &str) -> Reply {
    let page = |page: &Page<'_>| json!({ "mode": "url", "elicitationId": page.name, "url": page.url, "message": page.message });
    let data = json!({ "elicitations": pages.iter().map(page).collect::<Vec<_>>() });
    rpc_error(Some(id), URL_ELICITATION_REQUIRED, message, Some(data), 200)
}

/// A JSON-RPC error. Without an id the member is left out, and `status` must not be 200: nothing would tell the client to whom it speaks.
pub fn rpc_error(id: Option<&Id>, code: i64, message: &str, data: Option<Value>, status: u16) -> Reply {
    #[derive(Serialize)]
    struct Error<'a> {
        code: i64,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<Value>,
    }
    #[derive(Serialize)]
    struct Body<'a> {
        jsonrpc: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a Id>,
        error: Error<'a>,
    }
    Reply::json(status, &Body { jsonrpc: "2.0", id, error: Error { code, message, data } })
}

/// An answer below the protocol: `code` is a stable word for programs, `message` a sentence for people.
pub fn http_error(status: u16, code: &str, message: &str) -> Reply {
    #[derive(Serialize)]
    struct Body<'a> {
        error: &'a str,
        message: &'a str,
    }
    Reply::json(status, &Body { error: code, message })
}

/// 413 for a body beyond `limit` bytes.
pub fn too_large(limit: usize) -> Reply {
    http_error(413, "body_too_large", &format!("the request body is larger than the {limit} bytes this endpoint accepts"))
}

/// 426 for a caller without TLS (RFC 9110, section 15.5.22). Envoy drops `upgrade` where HTTP/2 forbids it.
pub fn tls_required() -> Reply {
    http_error(426, "tls_required", "this endpoint is served over TLS only; use its `https` address").with("upgrade", "TLS/1.2, HTTP/1.1")
}

/// 429, to be tried again after so many seconds.
pub fn too_many(retry_after_secs: u64) -> Reply {
    http_error(429, "too_many_requests", "too many requests; try again later").with("retry-after", retry_after_secs.to_string())
}

/// 503: a part the decision needs is not there, so nothing is let through. `message` says which, without inner names.
pub fn unavailable(message: &str, retry_after_secs: u64) -> Reply {
    http_error(503, "unavailable", message).with("retry-after", retry_after_secs.to_string())
}

/// `text` in backticks for a message: control characters escaped, cut after 64 characters.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 64;
    let mut out = String::from("`");
    for c in text.chars().take(SHOWN) {
        if c.is_control() {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}", c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out.push('`');
    out
}
