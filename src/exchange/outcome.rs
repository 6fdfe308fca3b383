//! What the answer said, read from the part of it that goes on record: a JSON-RPC error, or a tool result with `isError`.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

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

/// Of an answer, the little that is asked for; the rest, which is most of it, is stepped over.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    error: Option<Reported<'a>>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Reported<'a> {
    code: Option<i64>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

/// A result is of any shape; only an object can say this.
#[derive(Deserialize)]
struct ToolResult<'a> {
    #[serde(rename = "isError", borrow)]
    is_error: Option<&'a RawValue>,
}

fn answer(json: &[u8], id: &str) -> Option<Outcome> {
    // Most captured lines are notifications: look before parsing.
    memchr::memmem::find(json, b"\"id\"")?;
    let answer: Answer<'_> = serde_json::from_slice(json).ok()?;
    // The same id may be written in another way: a string with escapes.
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    if answer.id.get() != id && value(answer.id.get())? != value(id)? {
        return None;
    }
    if let Some(Reported { code, message }) = answer.error {
        let message = message.and_then(|message| serde_json::from_str(message.get()).ok());
        return Some(Outcome { error: Some(RpcError { code: code?, message }), tool_error: false });
    }
    let result = serde_json::from_str::<ToolResult<'_>>(answer.result?.get());
    let tool_error = result.is_ok_and(|result| result.is_error.is_some_and(|said| said.get() == "true"));
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
        let odd = br#"{"result":{"content":["isError"],"isError" : true,"structuredContent":{"isError":false}},"id" : "\u0061"}"#;
        assert!(read(odd, false, "\"a\"").unwrap().tool_error);
        assert!(!read(br#"{"id":1,"result":["isError"]}"#, false, "1").unwrap().tool_error);
        assert!(read(br#"{"id":1,"error":{"code":"x"}}"#, false, "1").is_none());
        let sse =
            b"event: message\ndata: {\"method\":\"notifications/progress\"}\n\ndata: {\"id\":\"a\",\"result\":{\"isError\":true}}\n\n";
        assert!(read(sse, true, "\"a\"").unwrap().tool_error);
        assert!(read(sse, true, "1").is_none());
    }
}
