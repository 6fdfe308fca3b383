//! One JSON-RPC message, and what the guard and the record take from it.

use portcullis::guard::Call;
use portcullis::mcp::message::{Kind, parse};
use serde_json::Value;

pub fn body(data: &[u8]) {
    let Ok(message) = parse(data) else { return };
    // What is taken for a message is JSON to everybody else, and says the same.
    let value: Value = serde_json::from_slice(data).expect("a message is JSON");
    let slice = |range: &std::ops::Range<usize>| data.get(range.clone()).expect("a range within the body");
    if let Some(params) = &message.params {
        let params: Value = serde_json::from_slice(slice(params)).expect("params are JSON");
        assert_eq!(Some(&params), value.get("params"));
    }
    if let Some(arguments) = &message.arguments {
        let arguments: Value = serde_json::from_slice(slice(arguments)).expect("arguments are JSON");
        assert_eq!(Some(&arguments), value.pointer("/params/arguments"));
    }
    match &message.kind {
        Kind::Request { method, .. } | Kind::Notification { method } => {
            assert_eq!(Some(method.as_str()), value.get("method").and_then(Value::as_str))
        }
        Kind::Response { .. } => assert!(value.get("method").is_none()),
    }
    let call = Call::of(&message, data);
    assert_eq!(call.method, message.method());
}
