//! Answers of many kinds and sizes, for a VM that runs for long.

use serde_json::{Value, json};

use crate::call::{Form, body, personal};

/// Bytes of each, about: from what one read of a socket brings to what a connection's buffer holds.
const SIZES: [usize; 4] = [2 * 1024, 16 * 1024, 120 * 1024, 1024 * 1024];

/// Each as `{ "type", "body" }`.
pub fn all() -> Value {
    let mut all = Vec::new();
    for size in SIZES {
        for kind in [rows, log, blob] {
            for form in [Form::Json, Form::Sse] {
                let message = kind(size).to_string();
                let body = body(form, message.as_bytes());
                all.push(json!({ "type": form.media(), "body": String::from_utf8_lossy(&body) }));
            }
        }
    }
    Value::Array(all)
}

/// JSON in the text of a message and beside it, with something to mask in every tenth row.
fn rows(size: usize) -> Value {
    let [mail, card] = personal();
    let row = |n: usize| {
        let (mail, card) = if n.is_multiple_of(10) { (mail.as_str(), card.as_str()) } else { ("none", "none") };
        json!({ "id": n, "name": "Hannah Abbott", "email": mail, "card": card, "placed": "2026-08-02T10:15:00Z", "note": "rings twice\nand waits" })
    };
    let rows: Value = (0..size.div_ceil(300)).map(row).collect();
    json!({ "jsonrpc": "2.0", "id": 7, "result": { "content": [{ "type": "text", "text": rows.to_string() }], "structuredContent": { "rows": rows } } })
}

/// Lines of text.
fn log(size: usize) -> Value {
    let line =
        |n: usize| format!("2026-03-01T12:30:{:02}.{:03}Z INFO 10.0.3.{} GET /orders/{n} 200 {}µs\n", n % 60, n % 1000, n % 256, n % 977);
    let text: String = (0..size.div_ceil(70)).map(line).collect();
    json!({ "jsonrpc": "2.0", "id": 7, "result": { "content": [{ "type": "text", "text": text }] } })
}

/// An image, which is not text.
fn blob(size: usize) -> Value {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |n: usize| DIGITS.get(n.wrapping_mul(2_654_435_761).rotate_right(13) % DIGITS.len()).copied().map_or('A', char::from);
    let data: String = (0..size.next_multiple_of(4)).map(digit).collect();
    json!({ "jsonrpc": "2.0", "id": 7, "result": { "content": [{ "type": "image", "mimeType": "image/png", "data": data }] } })
}
