//! The tests of a policy as they are written: calls, and what is to become of them. See `docs/policy-tests.md`.
//!
//! Read like a policy: every mistake at once, with its line; an unknown name is a mistake.

mod expand;
mod instant;
mod written;

use serde_json::{Map, Value as Json};

use super::form::{Form, Reading, described};
use super::read_yaml;
use super::report::{Place, Report};
use super::value::Duration;
use crate::time::Time;

/// One file of tests.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The policy's file, as written; `None` for the one beside the tests.
    pub policy: Option<String>,
    /// Every row of a table is a test of its own.
    pub tests: Vec<Test>,
}

#[derive(Clone, Debug)]
pub struct Test {
    pub name: String,
    pub line: Option<u32>,
    /// When it begins.
    pub at: Option<Time>,
    /// The MCP session of all its calls.
    pub session: Option<String>,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub enum Step {
    Wait(Duration),
    Trial(Box<Trial>),
}

/// One call and what is to become of it.
#[derive(Clone, Debug)]
pub struct Trial {
    pub line: Option<u32>,
    /// Claims of the caller's token.
    pub claims: Map<String, Json>,
    /// `POST`, `GET` or `DELETE`.
    pub verb: &'static str,
    pub body: Vec<u8>,
    /// What the server answers; `None`: nothing that matters.
    pub answer: Option<Answer>,
    pub expect: Expect,
    pub expect_answer: Option<ExpectAnswer>,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub media: String,
    pub body: Vec<u8>,
}

/// Each part that is there must be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// It reaches the server, by this rule.
    Allow { rule: Option<String> },
    /// It does not, for this rule, with this code, and with this text in what the caller is told.
    Refuse { rule: Option<String>, code: Option<String>, says: Option<String> },
    /// It waits for people, whom this rule asks.
    Ask { rule: Option<String> },
    /// It reaches the server, and a rule in `mode: observe` (this one) would have refused it.
    Observed { rule: Option<String> },
}

/// What the caller gets of the server's answer.
#[derive(Clone, Debug, Default)]
pub struct ExpectAnswer {
    pub contains: Vec<String>,
    pub lacks: Vec<String>,
    /// The message without `jsonrpc` and `id`.
    pub equals: Option<Json>,
    /// Masking rules that found something: all of these.
    pub masked: Vec<String>,
    /// The answer is refused, or cut before its end.
    pub withheld: bool,
}

/// Reads a file of tests; all mistakes at once.
pub fn from_yaml(text: &str) -> Result<Suite, Report> {
    let tree = read_yaml::tree(text)?;
    let mut reading = Reading { report: Report::default(), env: &|_| None, unset: "" };
    let at = Place { path: String::new(), line: tree.line };
    let suite = written::Document::read(&tree, &at, &mut reading).and_then(|document| expand::suite(document, &mut reading.report));
    reading.report.settle(suite, &at, "the tests cannot be used")
}

/// JSON Schema (2020-12) of a file of tests.
pub fn schema() -> Json {
    let mut schema = described(written::Document::schema(), "");
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        object.insert("title".to_owned(), "Tests of a Portcullis policy".into());
    }
    schema
}

/// The lines of the policy's rules and masking rules, in their order.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    pub rules: Vec<Option<u32>>,
    pub masking: Vec<Option<u32>>,
}

/// Where in its text each rule of a policy stands; nothing for a text that is no policy.
pub fn lines(policy: &str) -> Lines {
    use super::tree::Value;
    let Ok(tree) = read_yaml::tree(policy) else { return Lines::default() };
    let Value::Map(members) = &tree.value else { return Lines::default() };
    let of = |name: &str| match members.iter().find(|member| member.name == name).map(|member| &member.node.value) {
        Some(Value::List(items)) => items.iter().map(|item| item.line).collect(),
        _ => Vec::new(),
    };
    Lines { rules: of("rules"), masking: of("masking") }
}

#[cfg(test)]
mod tests;
