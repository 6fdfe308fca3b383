//! A file of tests as it is written.

use serde_json::{Value as Json, json};

use super::super::form::{Fields, Form, Placed, Reading, described, parsed, section, shown, text, word, wrong_word};
use super::super::report::Place;
use super::super::tree::{Member, Node, Value};
use super::super::value::Duration;
use super::super::words::Count;
use super::instant;
use crate::time::Time;

section! {
    /// Tests of a policy: calls, and what is to become of them.
    Document {
        /// The policy's file, from the folder of this one. Default: the file of the same name without `.test`.
        optional policy: String,
        /// Texts for `${values.NAME}`. A list is joined: so a secret for a test is written in parts, and no scanner takes the file for a leak. `{ text: x, times: 1000 }` is a long one.
        optional values: Named<Joined>,
        /// Callers by name: the claims of their tokens.
        optional callers: Named<Any>,
        /// The caller of tests that name none.
        optional r#as: String,
        required tests: Vec<Placed<Test>>,
    }
}

section! {
    /// One call, or several `steps` of one session.
    Test {
        optional name: String,
        /// A name from `callers`.
        optional r#as: String,
        optional call: Call,
        /// Instead of `call`: a whole JSON-RPC message; as text it is sent as it is.
        optional message: Any,
        /// What the server answers.
        optional answer: Answer,
        optional expect: Expect,
        optional expect_answer: ExpectAnswer,
        /// The MCP session of all calls. Tests with steps have one even if this does not name it.
        optional session: String,
        /// When the test begins, such as `2026-01-05T22:30:00Z`. Default: a Monday at noon.
        optional at: Moment,
        /// Calls one after the other, and pauses between them.
        optional steps: Vec<Placed<Step>>,
        /// The same test for each of these: `${each}` stands for the value, `${each.NAME}` for a member of it.
        optional each: Table,
    }
}

section! {
    /// A call, or a pause.
    Step {
        /// The clock goes on by so much, such as `10m`.
        optional wait: Duration,
        optional r#as: String,
        optional call: Call,
        optional message: Any,
        optional answer: Answer,
        optional expect: Expect,
        optional expect_answer: ExpectAnswer,
    }
}

section! {
    /// One of `tool`, `resource`, `prompt` or `method`.
    Call {
        optional tool: String,
        /// Of a tool or a prompt.
        optional arguments: Any,
        optional resource: String,
        optional prompt: String,
        /// Any other method; `http/get` and `http/delete` for what carries no message.
        optional method: String,
        optional params: Any,
        /// `params._meta`.
        optional meta: Any,
    }
}

section! {
    /// One of `result`, `error`, `message`, `events` or `text`.
    Answer {
        optional result: Any,
        optional error: Any,
        /// A whole message.
        optional message: Any,
        /// Messages in an event stream.
        optional events: List,
        /// A body as it is.
        optional text: String,
        /// Its media type. Default `application/json`; `text/event-stream` for `events`.
        optional r#type: String,
    }
}

section! {
    /// What the caller gets of the answer. All must hold.
    ExpectAnswer {
        /// Texts that are in it.
        optional contains: Vec<String>,
        /// Texts that are not.
        optional lacks: Vec<String>,
        /// The whole message, without `jsonrpc` and `id`.
        optional equals: Any,
        /// Masking rules that found something.
        optional masked: Vec<String>,
        /// It is refused, or cut before its end.
        optional withheld: bool,
    }
}

#[derive(Debug)]
pub(super) struct Moment(pub(super) Time);

parsed!(Moment, |text| instant::parse(text).map(Moment), { "type": "string", "examples": ["2026-01-05T22:30:00Z"] });

/// `allow`, or `{ refuse: { rule: no-writes } }`.
#[derive(Debug)]
pub(super) struct Expect {
    pub(super) verdict: Verdict,
    pub(super) details: Details,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Allow,
    Refuse,
    Ask,
    Observed,
}

section! {
    /// Why. All must hold.
    Details {
        /// The rule that decided.
        optional rule: String,
        /// The code on record, such as `rule`, `default_deny` or `insufficient_scope`. Only of what is refused.
        optional code: String,
        /// Text in what the caller is told. Only of what is refused.
        optional says: String,
    }
}

const VERDICTS: [(&str, Verdict); 4] =
    [("allow", Verdict::Allow), ("refuse", Verdict::Refuse), ("ask", Verdict::Ask), ("observed", Verdict::Observed)];

impl Form for Expect {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let (name, inner) = match &node.value {
            Value::Map(members) => match members.as_slice() {
                [Member { name, node, line }] => (Some(name.as_str()), Some((node, at.child(name, *line)))),
                _ => (None, None),
            },
            _ => (word(node), None),
        };
        let Some((_, verdict)) = VERDICTS.iter().find(|(known, _)| Some(*known) == name) else {
            wrong_word(node, name, &VERDICTS.map(|(word, _)| word), at, reading);
            return None;
        };
        let details = match inner {
            None => Details { rule: None, code: None, says: None },
            // `{ refuse: no-writes }` names the rule.
            Some((node, at)) => match &node.value {
                Value::Text(rule) => Details { rule: Some(Placed { at, value: rule.clone() }), code: None, says: None },
                _ => Details::read(node, &at, reading)?,
            },
        };
        for (said, name) in [(&details.code, "code"), (&details.says, "says")] {
            if let (Some(placed), false) = (said, *verdict == Verdict::Refuse) {
                reading.report.add(&placed.at, format!("`{name}` is of what is refused"));
            }
        }
        Some(Self { verdict: *verdict, details })
    }

    fn schema() -> Json {
        let only = |name: &str| {
            let of = json!({ "anyOf": [{ "type": "string" }, Details::schema()] });
            let properties = Json::Object([(name.to_owned(), of)].into_iter().collect());
            json!({ "type": "object", "additionalProperties": false, "required": [name], "properties": properties })
        };
        let words = VERDICTS.map(|(word, _)| word);
        let mut forms = vec![json!({ "enum": words })];
        forms.extend(words.map(only));
        json!({ "oneOf": forms })
    }
}

/// Any value, as JSON.
#[derive(Clone, Debug)]
pub(super) struct Any(pub(super) Json);

impl Form for Any {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        unique(node, at, reading).then(|| Self(node.to_json()))
    }

    fn schema() -> Json {
        json!({})
    }
}

/// Whether no name is written twice. The reader has bounded the depth.
fn unique(node: &Node, at: &Place, reading: &mut Reading<'_>) -> bool {
    match &node.value {
        Value::List(items) => {
            items.iter().enumerate().fold(true, |fine, (index, item)| unique(item, &at.item(index, item.line), reading) && fine)
        }
        Value::Map(members) => {
            let mut fine = true;
            for (index, member) in members.iter().enumerate() {
                let at = at.child(&member.name, member.line);
                if members.iter().take(index).any(|earlier| earlier.name == member.name) {
                    reading.report.add(&at, "written twice; keep one");
                    fine = false;
                }
                fine &= unique(&member.node, &at, reading);
            }
            fine
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => true,
    }
}

/// Any values.
#[derive(Debug)]
pub(super) struct List(pub(super) Vec<Json>);

impl Form for List {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let Value::List(items) = &node.value else {
            reading.report.add(at, format!("expected a list, found {}", node.kind()));
            return None;
        };
        unique(node, at, reading).then(|| Self(items.iter().map(Node::to_json).collect()))
    }

    fn schema() -> Json {
        json!({ "type": "array", "minItems": 1 })
    }
}

/// Any values, each with its line.
#[derive(Debug)]
pub(super) struct Table(pub(super) Vec<(Option<u32>, Json)>);

impl Form for Table {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let Value::List(items) = &node.value else {
            reading.report.add(at, format!("expected a list, found {}", node.kind()));
            return None;
        };
        if items.is_empty() {
            reading.report.add(at, "the list is empty; remove it or say what belongs in it");
            return None;
        }
        unique(node, at, reading).then(|| Self(items.iter().map(|item| (item.line, item.to_json())).collect()))
    }

    fn schema() -> Json {
        List::schema()
    }
}

/// Values by names of the writer's own.
#[derive(Debug)]
pub(super) struct Named<T>(pub(super) Vec<(String, Placed<T>)>);

impl<T: Form> Form for Named<T> {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let Value::Map(members) = &node.value else {
            reading.report.add(at, format!("expected a section (name: value), found {}", node.kind()));
            return None;
        };
        let mut named = Vec::new();
        for (index, member) in members.iter().enumerate() {
            let at = at.child(&member.name, member.line);
            if members.iter().take(index).any(|earlier| earlier.name == member.name) {
                reading.report.add(&at, "written twice; keep one");
            }
            named.extend(T::read(&member.node, &at, reading).map(|value| (member.name.clone(), Placed { at, value })));
        }
        Some(Self(named))
    }

    fn schema() -> Json {
        json!({ "type": "object", "additionalProperties": T::schema() })
    }
}

/// A text, parts of one, or one many times over.
#[derive(Debug)]
pub(super) struct Joined(pub(super) String);

/// Longest text that is made by repeating another.
const REPEATED_BYTES: usize = 16 * 1024 * 1024;

section! {
    /// A text many times over.
    Repeated {
        required text: String,
        required times: Count,
    }
}

impl Form for Joined {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        match &node.value {
            Value::List(items) => {
                let part = |(index, item): (usize, &Node)| text(item, &at.item(index, item.line), reading).map(str::to_owned);
                items.iter().enumerate().map(part).collect::<Option<String>>().map(Self)
            }
            Value::Map(_) => {
                let Repeated { text, times } = Repeated::read(node, at, reading)?;
                let (text, times) = (text?, times?);
                let fits = |times: &usize| text.value.len().checked_mul(*times).is_some_and(|bytes| bytes <= REPEATED_BYTES);
                let Some(count) = Some(times.value.0).filter(fits) else {
                    reading.report.add(&times.at, "the text would be longer than 16 MiB");
                    return None;
                };
                Some(Self(text.value.repeat(count)))
            }
            _ => text(node, at, reading).map(|text| Self(text.to_owned())),
        }
    }

    fn schema() -> Json {
        json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }, Repeated::schema()] })
    }
}
