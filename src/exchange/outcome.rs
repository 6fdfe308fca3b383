//! What the answer said, read from the part of it that goes on record: a JSON-RPC error, or a tool result with `isError`.

use serde_json::Value;

use crate::audit::RpcError;

/// How a call ended as the protocol tells it.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) error: Option<RpcError>,
    /// The tool ran and says it failed.
    pub(super) tool_error: bool,
}

/// `captured` may be cut short or masked; what cannot be read says nothing. `id` is the request's, as JSON text.
pub(super) fn read(captured: &[u8], is_sse: bool, id: &str) -> Option<Outcome> {
    if !is_sse {
        return answer(captured, id);
    }
    captured.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"data:")).find_map(|data| answer(data, id))
}

fn answer(json: &[u8], id: &str) -> Option<Outcome> {
    // Most captured lines are notifications: look before parsing.
    memchr::memmem::find(json, b"\"id\"")?;
    let message: Value = serde_json::from_slice(json).ok()?;
    let answered = message.get("id")?.to_string();
    if answered != id {
        return None;
    }
    if let Some(error) = message.get("error") {
        let text = error.get("message").and_then(Value::as_str).map(str::to_owned);
        return Some(Outcome { error: Some(RpcError { code: error.get("code")?.as_i64()?, message: text }), tool_error: false });
    }
    let tool_error = message.get("result")?.get("isError").and_then(Value::as_bool).unwrap_or(false);
    Some(Outcome { error: None, tool_error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_found_by_their_id() {
        let json = br#"{"jsonrpc":"2.0","id":7,"error":{"code":-32601,"message":"no"}}"#;
        assert_eq!(read(json, false, "7").unwrap().error.unwrap().code, -32601);
        assert!(read(json, false, "\"7\"").is_none());
        assert!(read(&json[..30], false, "7").is_none());
        let sse =
            b"event: message\ndata: {\"method\":\"notifications/progress\"}\n\ndata: {\"id\":\"a\",\"result\":{\"isError\":true}}\n\n";
        assert!(read(sse, true, "\"a\"").unwrap().tool_error);
        assert!(read(sse, true, "1").is_none());
    }
}
