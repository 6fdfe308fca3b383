//! The call that is measured: a customer lookup whose answer of 1 KB holds one e-mail address and one card number.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::variants::Variant;
use crate::{conditions, rules};

/// Asks for the answer as an event stream; a server would decide that for itself.
pub const AS_SSE: &str = "x-bench-sse";

/// Bytes of the answer.
pub const ANSWER: usize = 1024;

/// What must not come through a variant that masks. A test number of the card industry.
pub fn personal() -> [String; 2] {
    [["hannah.abbott", "@", "example.com"].concat(), ["4111", "1111", "1111", "1111"].concat()]
}

/// How the server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    Json,
    Sse,
}

impl Form {
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Sse => "SSE",
        }
    }

    /// `content-type` of the answer.
    pub fn media(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Sse => "text/event-stream",
        }
    }
}

/// What a variant is called with.
pub fn arguments(variant: Variant) -> Value {
    if variant.has_many_arguments() {
        conditions::arguments()
    } else {
        json!({ "name": "Abbott", "city": "Lisbon", "include": ["orders", "contacts"], "limit": 10 })
    }
}

/// A whole HTTP request.
pub fn request(token: Option<&str>, tool: &str, arguments: &Value, form: Form) -> Vec<u8> {
    let body = json!({
        "jsonrpc": "2.0",
        "id": 7,
        "method": "tools/call",
        "params": {
            "name": tool,
            "arguments": arguments,
            "_meta": { "progressToken": 7 },
        },
    })
    .to_string();
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let sse = if form == Form::Sse { format!("{AS_SSE}: 1\r\n") } else { String::new() };
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: mcp.example.com\r\nuser-agent: bench/1.0\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\naccept-encoding: gzip, deflate\r\nmcp-protocol-version: 2025-11-25\r\n\
         mcp-session-id: 0f5c1f5e-6b7a-4c55-9a39-0d9f9a6c7e11\r\n{authorization}{sse}content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

pub fn measured(variant: Variant, token: &str, form: Form) -> Vec<u8> {
    request(Some(token), rules::TOOL, &arguments(variant), form)
}

/// A message as the body of an answer.
pub fn body(form: Form, message: &[u8]) -> Vec<u8> {
    match form {
        Form::Json => message.to_vec(),
        Form::Sse => [b"event: message\ndata: ", message, b"\n\n"].concat(),
    }
}

/// The server's answer: as most servers do it, JSON within the text of a JSON message.
pub fn answer() -> Result<Vec<u8>> {
    let bare = with_notes("").to_string().len();
    let words = "Prefers deliveries in the morning, rings twice, knows the driver. ";
    let room = ANSWER.checked_sub(bare).context("the answer is too long as it is")?;
    let notes: String = words.chars().cycle().take(room).collect();
    let answer = with_notes(&notes).to_string().into_bytes();
    ensure!(answer.len() == ANSWER, "the answer has {} bytes instead of {ANSWER}", answer.len());
    Ok(answer)
}

fn with_notes(notes: &str) -> Value {
    let [mail, card] = personal();
    let customer = json!({
        "id": 4711,
        "name": "Hannah Abbott",
        "email": mail,
        "address": { "street": "Rua do Carmo 21", "city": "Lisbon", "country": "PT" },
        "card": card,
        "orders": [
            { "id": 900101, "total": 129.95, "state": "shipped", "placed": "2026-08-02T10:15:00Z" },
            { "id": 900245, "total": 18.5, "state": "open", "placed": "2026-08-19T16:42:11Z" },
        ],
        "notes": notes,
    });
    json!({ "jsonrpc": "2.0", "id": 7, "result": { "content": [{ "type": "text", "text": customer.to_string() }], "isError": false } })
}
