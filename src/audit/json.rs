//! A record while it is built, and its one written form: RFC 8785 (JCS).
//!
//! JCS is what makes a record hashable: one text for one value. It asks for sorted member names, no white space, the
//! shortest escapes and numbers as ECMAScript prints them. Member names here are the program's own ASCII words and
//! numbers are integers that a double holds exactly, so the general rules shrink to the few lines below. A library does
//! the general case at many times the cost; the tests hold this writer to that library, byte for byte.

use std::borrow::Cow;
use std::fmt::Write;

/// The largest integer that every JSON reader keeps exactly (RFC 7493, section 2.2).
const MAX_EXACT: i64 = (1 << 53) - 1;

/// A value of a record. Texts are borrowed from the facts where they can be: payloads are not copied before the end.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node<'a> {
    Text(Cow<'a, str>),
    /// Within plus or minus 2^53 - 1; kept so by the conversions.
    Number(Exact),
    Bool(bool),
    List(Vec<Node<'a>>),
    Object(Object<'a>),
    /// The place of a record's own fingerprint: [`HOLE`] until it is known. One at most.
    Hole,
}

/// What a fingerprint is made over in its own place: as long as SHA-256 in hexadecimal digits.
pub(super) const HOLE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A text, and where in it the hole is.
#[derive(Debug, Default)]
pub(super) struct Sealed {
    pub(super) text: String,
    pub(super) hole: Option<usize>,
}

/// An integer within plus or minus 2^53 - 1; one beyond is held at the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exact(i64);

impl From<i64> for Exact {
    fn from(number: i64) -> Self {
        Self(number.clamp(-MAX_EXACT, MAX_EXACT))
    }
}

/// Members sorted by name, no name twice: true from the start, so that sealing is only writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Object<'a> {
    members: Vec<(&'static str, Node<'a>)>,
}

impl<'a> Object<'a> {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// For objects of many members.
    pub(super) fn with_room(members: usize) -> Self {
        Self { members: Vec::with_capacity(members) }
    }

    /// Sets a member; the last word counts. Names are printable ASCII without quote or backslash (held by a test).
    pub(super) fn put(&mut self, name: &'static str, value: impl Into<Node<'a>>) {
        // Bytes sort as UTF-16 units do, which is what JCS asks for, as long as names are ASCII.
        if self.members.last().is_none_or(|(last, _)| *last < name) {
            // The cheap way, and the usual one: callers name members in order where that reads no worse.
            return self.members.push((name, value.into()));
        }
        match self.members.binary_search_by(|(have, _)| (*have).cmp(name)) {
            Ok(at) => {
                if let Some((_, old)) = self.members.get_mut(at) {
                    *old = value.into();
                }
            }
            Err(at) => self.members.insert(at, (name, value.into())),
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Node<'a>>) -> Self {
        self.put(name, value);
        self
    }

    /// Sets a member only where there is something to say.
    pub(super) fn with_some(self, name: &'static str, value: Option<impl Into<Node<'a>>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// `None` when empty: OCSF objects ask for at least one of their members.
    pub(super) fn non_empty(self) -> Option<Self> {
        (!self.is_empty()).then_some(self)
    }

    /// The JCS text, on one line. Cannot fail: everything a node can hold can be written.
    pub(super) fn seal(&self, capacity: usize) -> Sealed {
        let mut out = Sealed { text: String::with_capacity(capacity), hole: None };
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Sealed) {
        out.text.push('{');
        for (index, (name, value)) in self.members.iter().enumerate() {
            out.text.push_str(if index == 0 { "\"" } else { ",\"" });
            out.text.push_str(name);
            out.text.push_str("\":");
            value.write(out);
        }
        out.text.push('}');
    }
}

impl Node<'_> {
    /// Recursion goes as deep as the program nests its own objects, never as deep as an input.
    fn write(&self, out: &mut Sealed) {
        match self {
            Node::Text(text) => write_text(text, &mut out.text),
            Node::Number(number) => write_number(*number, &mut out.text),
            Node::Bool(value) => out.text.push_str(if *value { "true" } else { "false" }),
            Node::List(items) => {
                out.text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.text.push(',');
                    }
                    item.write(out);
                }
                out.text.push(']');
            }
            Node::Object(object) => object.write(out),
            Node::Hole => {
                out.text.push('"');
                out.hole = Some(out.text.len());
                out.text.push_str(HOLE);
                out.text.push('"');
            }
        }
    }
}

fn write_number(Exact(number): Exact, out: &mut String) {
    // Writing into a string has no way of failing.
    let _ = write!(out, "{number}");
}

/// RFC 8785, section 3.2.2.2: quote, backslash and the C0 controls are escaped, nothing else is.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = first_special(rest.as_bytes()) {
        // The byte at `at` is ASCII, so both cuts are at character borders and neither can miss.
        let Some((plain, from)) = rest.split_at_checked(at) else { break };
        let Some((special, after)) = from.split_at_checked(1) else { break };
        out.push_str(plain);
        match special {
            "\"" => out.push_str("\\\""),
            "\\" => out.push_str("\\\\"),
            "\n" => out.push_str("\\n"),
            "\r" => out.push_str("\\r"),
            "\t" => out.push_str("\\t"),
            "\u{8}" => out.push_str("\\b"),
            "\u{c}" => out.push_str("\\f"),
            other => drop(write!(out, "\\u{:04x}", other.bytes().next().unwrap_or_default())),
        }
        rest = after;
    }
    out.push_str(rest);
    out.push('"');
}

/// Where the first byte is that has to be escaped. Sixteen at a time, which the compiler turns into vector instructions.
fn first_special(bytes: &[u8]) -> Option<usize> {
    let special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let (blocks, _) = bytes.as_chunks::<16>();
    let plain = blocks.iter().take_while(|block| !block.iter().fold(false, |any, byte| any | special(byte))).count() * 16;
    let rest = bytes.get(plain..).unwrap_or_default();
    rest.iter().position(special).map(|at| plain + at)
}

impl<'a> From<&'a str> for Node<'a> {
    fn from(text: &'a str) -> Self {
        Node::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Node<'_> {
    fn from(text: String) -> Self {
        Node::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Node<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Node::Text(text)
    }
}

impl From<i64> for Node<'_> {
    fn from(number: i64) -> Self {
        Node::Number(number.into())
    }
}

impl From<u64> for Node<'_> {
    fn from(number: u64) -> Self {
        i64::try_from(number).unwrap_or(MAX_EXACT).into()
    }
}

impl From<u16> for Node<'_> {
    fn from(number: u16) -> Self {
        i64::from(number).into()
    }
}

impl From<bool> for Node<'_> {
    fn from(value: bool) -> Self {
        Node::Bool(value)
    }
}

impl<'a> From<Vec<Node<'a>>> for Node<'a> {
    fn from(items: Vec<Node<'a>>) -> Self {
        Node::List(items)
    }
}

impl<'a> From<Object<'a>> for Node<'a> {
    fn from(object: Object<'a>) -> Self {
        Node::Object(object)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(sealed: &str) -> String {
        let value: serde_json::Value = serde_json::from_str(sealed).unwrap();
        serde_json_canonicalizer::to_string(&value).unwrap()
    }

    const NAMES: [&str; 8] = ["a", "b", "a_b", "a1", "B", "zz", "uid", "uid_alt"];

    fn node() -> impl Strategy<Value = Node<'static>> {
        let leaf = prop_oneof![
            any::<String>().prop_map(Node::from),
            "[\\x00-\\x7f\"\\\\]{0,40}".prop_map(Node::from),
            any::<i64>().prop_map(Node::from),
            any::<u64>().prop_map(Node::from),
            any::<bool>().prop_map(Node::from),
        ];
        leaf.prop_recursive(4, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Node::from),
                prop::collection::vec((prop::sample::select(&NAMES[..]), inner), 0..8).prop_map(|members| {
                    let mut object = Object::new();
                    members.into_iter().for_each(|(name, value)| object.put(name, value));
                    Node::Object(object)
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_library_writes_the_same_bytes(node in node()) {
            let sealed = Object::new().with("value", node).seal(0).text;
            prop_assert_eq!(canonical(&sealed), sealed);
        }

        #[test]
        fn texts_come_back_as_they_were(text in any::<String>()) {
            let sealed = Object::new().with("text", text.as_str()).seal(0).text;
            let value: serde_json::Value = serde_json::from_str(&sealed).unwrap();
            prop_assert_eq!(value["text"].as_str(), Some(text.as_str()));
            prop_assert!(!sealed.contains('\n'));
        }
    }

    #[test]
    fn every_ascii_character_is_escaped_as_the_library_does() {
        let text: String = (0_u8..=0x7f).map(char::from).chain("\u{80}\u{85}\u{2028}\u{2029}é😀\u{feff}".chars()).collect();
        let sealed = Object::new().with("text", text).seal(0).text;
        assert_eq!(canonical(&sealed), sealed);
    }

    #[test]
    fn numbers_stay_exact_by_stopping_at_the_border() {
        let sealed = Object::new().with("high", u64::MAX).with("low", i64::MIN).with("fits", MAX_EXACT).seal(0).text;
        assert_eq!(sealed, r#"{"fits":9007199254740991,"high":9007199254740991,"low":-9007199254740991}"#);
        assert_eq!(canonical(&sealed), sealed);
    }

    #[test]
    fn the_hole_is_where_it_is_said_to_be() {
        let sealed = Object::new().with("a", "é\n").with("b", vec![Object::new().with("value", Node::Hole).into()]).seal(0);
        let at = sealed.hole.unwrap();
        assert_eq!(&sealed.text[at..at + HOLE.len()], HOLE);
        assert_eq!(&sealed.text[at + HOLE.len()..], "\"}]}");
        assert_eq!(canonical(&sealed.text), sealed.text);
    }

    #[test]
    fn the_last_word_on_a_name_counts_and_names_are_sorted() {
        let object = Object::new().with("b", 1_i64).with("a", true).with("b", "two").with_some("c", None::<i64>);
        assert_eq!(object.seal(0).text, r#"{"a":true,"b":"two"}"#);
    }
}
