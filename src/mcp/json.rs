//! Strict JSON: what two parsers could read differently is refused.
//!
//! serde_json does the reading (grammar, escapes, numbers); this file adds what its `Value` lets through: duplicate
//! members at any depth and deep nesting. Nothing is built: a value is either checked through, or taken apart one
//! level at a time into slices of the body, so the record and the rules can point at what was really sent.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::limits::JSON_DEPTH;

/// What is wrong with a text, and the byte of it at which reading stopped.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub at: usize,
    pub what: What,
}

#[derive(Debug, PartialEq, Eq)]
pub enum What {
    Grammar(String),
    Duplicate(String),
    TooDeep,
}

/// One member of an object; its value as written, not yet checked inside.
pub struct Member<'a> {
    pub name: Cow<'a, str>,
    pub value: &'a str,
}

/// The kind of a value, told by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Object,
    Array,
    Text,
    Number,
    Bool,
    Null,
}

impl Kind {
    /// `None` when no JSON value starts this way.
    pub fn of(value: &str) -> Option<Self> {
        match value.trim_start_matches([' ', '\t', '\r', '\n']).bytes().next()? {
            b'{' => Some(Self::Object),
            b'[' => Some(Self::Array),
            b'"' => Some(Self::Text),
            b'-' | b'0'..=b'9' => Some(Self::Number),
            b't' | b'f' => Some(Self::Bool),
            b'n' => Some(Self::Null),
            _ => None,
        }
    }
}

/// Reads all of `text`: one value, no duplicate member, no nesting beyond the limit, no lone surrogate.
pub fn check(text: &str) -> Result<(), Fault> {
    let mut walk = Walk { names: Vec::new(), fault: None };
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Value { walk: &mut walk, depth: 1 }.deserialize(&mut reader).and_then(|()| reader.end());
    match (read, walk.fault) {
        (Ok(()), _) => Ok(()),
        (Err(err), Some(what)) => Err(Fault { at: offset(text, &err), what }),
        (Err(err), None) => Err(grammar(text, &err)),
    }
}

/// Takes one object apart; duplicates are still in it.
pub fn members(text: &str) -> Result<Vec<Member<'_>>, Fault> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = reader.deserialize_map(Members).and_then(|members| reader.end().map(|()| members));
    read.map_err(|err| grammar(text, &err))
}

/// Takes one array apart into its elements as written.
pub fn elements(text: &str) -> Result<Vec<&str>, Fault> {
    let raw: Vec<&RawValue> = serde_json::from_str(text).map_err(|err| grammar(text, &err))?;
    Ok(raw.into_iter().map(RawValue::get).collect())
}

/// The text of a string value; `None` for every other kind.
pub fn text(value: &str) -> Option<Cow<'_, str>> {
    serde_json::Deserializer::from_str(value).deserialize_str(Text).ok()
}

fn grammar(text: &str, err: &serde_json::Error) -> Fault {
    let said = err.to_string();
    let place = format!(" at line {} column {}", err.line(), err.column());
    let reason = said.strip_suffix(&place).unwrap_or(&said).to_owned();
    Fault { at: offset(text, err), what: What::Grammar(reason) }
}

/// Byte offset of a line and column, both counted from 1 as serde_json does (columns are bytes).
fn offset(text: &str, err: &serde_json::Error) -> usize {
    let skipped = err.line().saturating_sub(1);
    let start = match skipped.checked_sub(1) {
        None => 0,
        Some(nth) => memchr::memchr_iter(b'\n', text.as_bytes()).nth(nth).map_or(0, |newline| newline.saturating_add(1)),
    };
    start.saturating_add(err.column().saturating_sub(1)).min(text.len())
}

/// State of one walk.
struct Walk<'de> {
    /// Names of the members of every object now open, outermost first. One stack for all, so that small objects cost nothing.
    names: Vec<Cow<'de, str>>,
    fault: Option<What>,
}

impl<'de> Walk<'de> {
    /// Closes the object whose names start at `base`.
    fn close(&mut self, base: usize) -> Result<(), ()> {
        let twice = self.names.get_mut(base..).and_then(|names| {
            // Sorting keeps a hostile object of 100,000 members at n log n, without a hash to flood.
            names.sort_unstable();
            names.array_windows().find_map(|[a, b]| (a == b).then(|| a.to_string()))
        });
        self.names.truncate(base);
        match twice {
            None => Ok(()),
            Some(name) => {
                self.fault = Some(What::Duplicate(name));
                Err(())
            }
        }
    }
}

/// One value, walked through and forgotten.
struct Value<'w, 'de> {
    walk: &'w mut Walk<'de>,
    /// Containers open when this value is one: 1 for the outermost.
    depth: usize,
}

impl Value<'_, '_> {
    fn enter<E: de::Error>(&mut self) -> Result<usize, E> {
        if self.depth > JSON_DEPTH {
            self.walk.fault = Some(What::TooDeep);
            return Err(E::custom("too deep"));
        }
        Ok(self.depth.saturating_add(1))
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_, 'de> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let depth = self.enter()?;
        while seq.next_element_seed(Value { walk: &mut *self.walk, depth })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let depth = self.enter()?;
        let base = self.walk.names.len();
        while let Some(name) = map.next_key_seed(Text)? {
            self.walk.names.push(name);
            map.next_value_seed(Value { walk: &mut *self.walk, depth })?;
        }
        self.walk.close(base).map_err(|()| de::Error::custom("duplicate"))
    }
}

/// A string, borrowed from the text unless it has escapes.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: de::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<Member<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key_seed(Text)? {
            let value: &'de RawValue = map.next_value()?;
            members.push(Member { name, value: value.get() });
        }
        Ok(members)
    }
}

/// Whether a server that matches member names without regard to case could take `name` for `known` though they differ.
///
/// Go's encoding/json folds case, and with it two letters from outside ASCII: U+017F to `s` and U+212A to `k`.
pub fn variant_of(name: &str, known: &str) -> bool {
    name != known && name.chars().map(fold).eq(known.chars().map(fold))
}

fn fold(c: char) -> char {
    match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    }
}
