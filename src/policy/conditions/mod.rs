//! What a rule may ask of a call beyond its name: each condition as it is written, as it is meant, and how one becomes the other.

pub(super) mod after;
pub(super) mod arguments;
pub(super) mod attacks;
pub(super) mod shell;
pub(super) mod sql;
pub(super) mod when;

pub use after::{After, MOST_TIMES, Whose};
pub use arguments::{ArgumentCondition, ArgumentTest, Arguments, Bound, Decimal, Directory, Kind, Root, Scalar, Span, UrlTest};
pub use attacks::{Attack, AttackCondition};
pub use shell::{Flavour, ShellClass, ShellCondition};
pub use sql::{Dialect, SqlClass, SqlCondition, TableName};
pub use when::When;

use serde_json::Value as Json;

use super::form::{Form, Reading, parsed, shown, text, word, words, wrong_word};
use super::report::Place;
use super::tree::Node;

/// Which part of a call's arguments is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArgumentRef {
    /// `*`: every string in the arguments, at any depth, names of members too.
    Every,
    /// `sql`: the argument of that name. `/query/0/text`: a JSON pointer (RFC 6901), in which `*` stands for every element or member.
    At(Vec<Step>),
}

/// One step of a pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A member's name, or the index of an element in decimal.
    Name(String),
    Every,
}

parsed!(ArgumentRef, argument, { "type": "string", "minLength": 1, "examples": ["sql", "/query/text", "/items/*/command", "*"] });

fn argument(written: &str) -> Result<ArgumentRef, &'static str> {
    const EXPECTED: &str =
        "the name of an argument, a JSON pointer such as `/query/text` (`/items/*/text` for all elements), or `*` for every string";
    if written == "*" {
        return Ok(ArgumentRef::Every);
    }
    let Some(pointer) = written.strip_prefix('/') else {
        return if written.trim().is_empty() { Err(EXPECTED) } else { Ok(ArgumentRef::At(vec![Step::Name(written.to_owned())])) };
    };
    let step = |part: &str| match part {
        "*" => Some(Step::Every),
        _ => unescaped(part).map(Step::Name),
    };
    pointer.split('/').map(step).collect::<Option<Vec<_>>>().map(ArgumentRef::At).ok_or(EXPECTED)
}

/// `~1` is `/`, `~0` is `~`, and no other `~` is right (RFC 6901, 3).
fn unescaped(part: &str) -> Option<String> {
    let mut name = String::with_capacity(part.len());
    let mut chars = part.chars();
    while let Some(c) = chars.next() {
        name.push(match c {
            '~' => match chars.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return None,
            },
            c => c,
        });
    }
    Some(name)
}

/// What is done with text that cannot be understood for sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WhenUnknown {
    /// It counts against the call: a rule that denies matches, one that allows does not.
    #[default]
    Refuse,
    /// It counts as harmless.
    Pass,
}

words!(WhenUnknown { "refuse" => WhenUnknown::Refuse, "pass" => WhenUnknown::Pass });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_named_or_pointed_at() {
        let name = |name: &str| Step::Name(name.to_owned());
        for (written, meant) in [
            ("*", Some(ArgumentRef::Every)),
            ("sql", Some(ArgumentRef::At(vec![name("sql")]))),
            ("/a~1b/0/~0", Some(ArgumentRef::At(vec![name("a/b"), name("0"), name("~")]))),
            ("/items/*/text", Some(ArgumentRef::At(vec![name("items"), Step::Every, name("text")]))),
            ("/", Some(ArgumentRef::At(vec![name("")]))),
            ("/a~2", None),
            ("/a~", None),
            (" ", None),
        ] {
            assert_eq!(argument(written).ok(), meant, "{written}");
        }
    }
}
