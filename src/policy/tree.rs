//! A policy document as a tree that remembers its lines: what JSON, YAML and a protobuf Struct all become before anything is read from it.

use serde_json::Value as Json;

/// One value of the document.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Line in the source, from 1; `None` where the source has no lines.
    pub(super) line: Option<u32>,
    pub(super) value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Member>),
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) line: Option<u32>,
    pub(super) node: Node,
}

impl Node {
    /// What an operator would call this value.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a section",
        }
    }

    /// The same document as plain JSON. Of a name written twice the last counts here; reading the policy refuses it.
    pub(super) fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(value) => Json::Number(value.clone()),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => Json::Array(items.iter().map(Node::to_json).collect()),
            Value::Map(members) => Json::Object(members.iter().map(|m| (m.name.clone(), m.node.to_json())).collect()),
        }
    }
}
