//! The server's own door: it notes what arrives and wants its credential.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;

/// One HTTP request as it reached the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The JSON-RPC method; for anything but a readable POST the HTTP method in brackets: `(GET)`.
    pub method: String,
    /// The JSON-RPC id, as text.
    pub id: Option<String>,
    /// The tool of a `tools/call`.
    pub tool: Option<String>,
    /// The value of the `Authorization` header, as it came.
    pub authorization: Option<String>,
    /// Whether it had the credential and was answered.
    pub admitted: bool,
}

#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<Seen>>>);

impl Log {
    pub(super) fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, seen: Seen) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    }
}

#[derive(Clone)]
pub(super) struct Door {
    /// `Bearer ...`, as the header must be.
    pub(super) credential: Arc<str>,
    pub(super) log: Log,
}

/// Larger bodies are refused unread; nothing a demo sends comes near.
const MAX_BODY: usize = 4 * 1024 * 1024;

pub(super) async fn note(State(door): State<Door>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let authorization = authorization(&head.headers);
    let admitted = authorization.as_deref() == Some(&*door.credential);
    let message: Option<Value> = serde_json::from_slice(&body).ok();
    let text = |pointer: &str| message.as_ref().and_then(|message| message.pointer(pointer)).and_then(Value::as_str).map(str::to_owned);
    door.log.add(Seen {
        method: text("/method").unwrap_or_else(|| format!("({})", head.method)),
        id: message.as_ref().and_then(|message| message.get("id")).map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)),
        tool: text("/params/name"),
        authorization,
        admitted,
    });
    if !admitted {
        return (StatusCode::UNAUTHORIZED, "this server answers its gateway only\n").into_response();
    }
    next.run(Request::from_parts(head, Body::from(body))).await
}

/// All values joined, so that a second header cannot hide behind the first.
fn authorization(headers: &HeaderMap) -> Option<String> {
    let values: Vec<_> = headers.get_all(header::AUTHORIZATION).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(", "))
}
