//! A serialized `google.protobuf.Struct` to a tree: how Envoy hands over a policy written inline in its YAML.

use prost::Message;
use prost_types::value::Kind;

use super::report::{Place, Report};
use super::tree::{Member, Node, Value};

/// Protobuf's own decoder stops at 100 levels of messages; a Struct spends three of them on each of ours.
pub(super) fn tree(bytes: &[u8]) -> Result<Node, Report> {
    match prost_types::Struct::decode(bytes) {
        Ok(decoded) => Ok(map(decoded)),
        Err(err) => {
            let mut report = Report::default();
            let message = format!("the plugin configuration is neither JSON text (StringValue) nor a Struct: {err}");
            report.add(&Place::default(), message);
            Err(report)
        }
    }
}

fn map(decoded: prost_types::Struct) -> Node {
    let member = |(name, value)| Member { name, line: None, node: node(value) };
    Node { line: None, value: Value::Map(decoded.fields.into_iter().map(member).collect()) }
}

fn node(value: prost_types::Value) -> Node {
    let value = match value.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(value)) => Value::Bool(value),
        Some(Kind::NumberValue(value)) => number(value),
        Some(Kind::StringValue(text)) => Value::Text(text),
        Some(Kind::ListValue(list)) => Value::List(list.values.into_iter().map(node).collect()),
        Some(Kind::StructValue(inner)) => return map(inner),
    };
    Node { line: None, value }
}

/// A Struct knows only doubles: whole ones become whole numbers again.
fn number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, checked above")]
        return Value::Number((value as i64).into());
    }
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}
