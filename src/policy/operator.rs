//! `masking[].then`: what leaves in place of a value, as it is written.

use serde_json::{Value as Json, json};

use super::form::{Fields, Form, Placed, Reading, described, section, single, word, wrong_word};
use super::model::Operator;
use super::report::{Place, Report};
use super::tree::Node;
use super::value::Secret;
use super::words::Count;

/// Most characters kept of a value: they are held back while a value of any length goes by.
const KEPT: usize = 32;

/// Longest text that stands for a value.
const FIXED: usize = 64;

#[derive(Debug)]
pub(super) enum Written {
    Replace,
    KeepFirst(usize),
    KeepLast(usize),
    Keep(Keep),
    Fixed(String),
    Hash(Secret),
    Drop,
    Refuse,
}

section! {
    /// Characters that stay at both ends.
    Keep {
        required first: Count,
        required last: Count,
    }
}

impl Form for Written {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        match single(node, at) {
            Some(("keep_first", inner, place)) => return Count::read(inner, &place, reading).map(|count| Self::KeepFirst(count.0)),
            Some(("keep_last", inner, place)) => return Count::read(inner, &place, reading).map(|count| Self::KeepLast(count.0)),
            Some(("keep", inner, place)) => return Keep::read(inner, &place, reading).map(Self::Keep),
            Some(("fixed", inner, place)) => return String::read(inner, &place, reading).map(Self::Fixed),
            Some(("hash", inner, place)) => return Secret::read(inner, &place, reading).map(Self::Hash),
            _ => {}
        }
        match word(node) {
            Some("replace") => Some(Self::Replace),
            Some("drop") => Some(Self::Drop),
            Some("refuse") => Some(Self::Refuse),
            found => {
                let possible = [
                    "replace",
                    "drop",
                    "refuse",
                    "{ keep_last: 4 }",
                    "{ keep_first: 4 }",
                    "{ keep: { first: 6, last: 4 } }",
                    "{ fixed: \"***\" }",
                    "{ hash: \"${env:KEY}\" }",
                ];
                wrong_word(node, found, &possible, at, reading);
                None
            }
        }
    }

    fn schema() -> Json {
        let only = |name: &str, value: Json| {
            let properties = Json::Object([(name.to_owned(), value)].into_iter().collect());
            json!({ "type": "object", "additionalProperties": false, "required": [name], "properties": properties })
        };
        json!({ "oneOf": [
            { "enum": ["replace", "drop", "refuse"] },
            only("keep_last", Count::schema()),
            only("keep_first", Count::schema()),
            only("keep", Keep::schema()),
            only("fixed", json!({ "type": "string", "maxLength": FIXED })),
            only("hash", Secret::schema()),
        ] })
    }
}

/// `None` when a part is missing, which was reported.
pub(super) fn of(written: Placed<Written>, report: &mut Report) -> Option<Operator> {
    let Placed { at, value } = written;
    let (first, last) = match value {
        Written::Replace => return Some(Operator::Replace),
        Written::Drop => return Some(Operator::Drop),
        Written::Refuse => return Some(Operator::Refuse),
        Written::Hash(key) => return Some(Operator::Hash(key)),
        Written::Fixed(text) => {
            if text.chars().count() > FIXED || text.chars().any(|c| matches!(c, '"' | '\\') || c.is_control()) {
                report.add(&at, format!("`fixed` is at most {FIXED} characters without quotes, backslashes and control characters"));
            }
            return Some(Operator::Fixed(text));
        }
        Written::KeepFirst(first) => (first, 0),
        Written::KeepLast(last) => (0, last),
        Written::Keep(Keep { first, last }) => (first?.value.0, last?.value.0),
    };
    if first.saturating_add(last) > KEPT {
        report.add(&at, format!("keeps {first} and {last} characters; {KEPT} are the most that may stay"));
    }
    Some(Operator::Keep { first, last })
}
