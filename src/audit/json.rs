//! How records are written: RFC 8785 (JCS), from the facts straight into one text.
//!
//! JCS is what makes a record hashable: one text for one value. It asks for sorted member names, no white space, the
//! shortest escapes and numbers as ECMAScript prints them. Member names here are the program's own ASCII words and
//! numbers are integers that a double holds exactly, so the general rules shrink to the few lines below: whoever writes an object names
//! its members in their order, to which every build with debug assertions holds them. A library does the general case at many times the
//! cost, and a tree to be sorted and written later would be most of what a record costs; the tests hold this writer to that library, byte
//! for byte.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::wire::block::{BLOCK, Block};

/// The largest integer that every JSON reader keeps exactly (RFC 7493, section 2.2).
const MAX_EXACT: i64 = (1 << 53) - 1;

/// What a fingerprint is made over in its own place: as long as SHA-256 in hexadecimal digits.
pub(super) const HOLE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A text, and where in it the hole is.
#[derive(Debug, Default)]
pub(super) struct Sealed {
    pub(super) text: String,
    pub(super) hole: Option<usize>,
}

impl Sealed {
    /// One object on one line. Cannot fail: everything that can be put into it can be written.
    pub(super) fn object(capacity: usize, members: impl FnOnce(&mut Object<'_>)) -> Self {
        let mut sealed = Self { text: String::with_capacity(capacity), hole: None };
        sealed.braces(members);
        sealed
    }

    fn braces(&mut self, members: impl FnOnce(&mut Object<'_>)) {
        self.text.push('{');
        members(&mut Object {
            out: self,
            #[cfg(debug_assertions)]
            last: "",
        });
        self.end('}');
    }

    /// Every member and item has a comma behind it; the last one's makes room for the end.
    fn end(&mut self, end: char) {
        if self.text.ends_with(',') {
            self.text.pop();
        }
        self.text.push(end);
    }

    fn value(&mut self, value: impl Value) {
        value.write(self);
        self.text.push(',');
    }
}

/// An object whose members are being written.
pub(super) struct Object<'o> {
    out: &'o mut Sealed,
    /// Bytes sort as UTF-16 units do, which is what JCS asks for, as long as names are ASCII.
    #[cfg(debug_assertions)]
    last: &'static str,
}

impl Object<'_> {
    /// Names are printable ASCII without quote or backslash, each after the one before it.
    #[inline]
    fn name(&mut self, name: &'static str) {
        #[cfg(debug_assertions)]
        {
            let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
            debug_assert!(self.last < name && name.bytes().all(plain), "`{name}` after `{}`", self.last);
            self.last = name;
        }
        let text = &mut self.out.text;
        text.push('"');
        text.push_str(name);
        text.push_str("\":");
    }

    // Once for each kind of value, and not once for each member: there are some two hundred.
    #[inline(never)]
    pub(super) fn put(&mut self, name: &'static str, value: impl Value) {
        self.name(name);
        self.out.value(value);
    }

    /// Only where there is something to say.
    #[inline]
    pub(super) fn some(&mut self, name: &'static str, value: Option<impl Value>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// A text in parts.
    pub(super) fn joined(&mut self, name: &'static str, parts: &[&str]) {
        self.name(name);
        self.out.text.push('"');
        parts.iter().for_each(|part| escape(part, &mut self.out.text));
        self.out.text.push_str("\",");
    }

    pub(super) fn object(&mut self, name: &'static str, members: impl FnOnce(&mut Object<'_>)) {
        self.name(name);
        self.out.braces(members);
        self.out.text.push(',');
    }

    /// Left out when empty: OCSF objects ask for at least one of their members.
    pub(super) fn some_object(&mut self, name: &'static str, members: impl FnOnce(&mut Object<'_>)) {
        let before = self.out.text.len();
        self.object(name, members);
        if self.out.text.ends_with("{},") {
            self.out.text.truncate(before);
        }
    }

    /// Left out when there is none.
    pub(super) fn objects<I>(&mut self, name: &'static str, items: impl IntoIterator<Item = I>, members: impl Fn(&mut Object<'_>, I)) {
        self.items(name, items, |out, item| {
            out.braces(|object| members(object, item));
            out.text.push(',');
        });
    }

    /// Left out when there is none.
    pub(super) fn values<I: Value>(&mut self, name: &'static str, items: impl IntoIterator<Item = I>) {
        self.items(name, items, Sealed::value);
    }

    fn items<I>(&mut self, name: &'static str, items: impl IntoIterator<Item = I>, write: impl Fn(&mut Sealed, I)) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return;
        }
        self.name(name);
        self.out.text.push('[');
        items.for_each(|item| write(self.out, item));
        self.out.end(']');
        self.out.text.push(',');
    }
}

/// What stands alone: a text, a number, a word.
pub(super) trait Value {
    fn write(self, out: &mut Sealed);
}

impl Value for &str {
    fn write(self, out: &mut Sealed) {
        out.text.push('"');
        escape(self, &mut out.text);
        out.text.push('"');
    }
}

/// A text of the program's own, without anything to escape.
pub(super) struct Word(pub(super) &'static str);

impl Value for Word {
    fn write(self, out: &mut Sealed) {
        debug_assert!(first_special(self.0.as_bytes()).is_none(), "`{}` has to be escaped", self.0);
        out.text.push('"');
        out.text.push_str(self.0);
        out.text.push('"');
    }
}

impl Value for Cow<'_, str> {
    fn write(self, out: &mut Sealed) {
        (&*self).write(out);
    }
}

impl Value for bool {
    fn write(self, out: &mut Sealed) {
        out.text.push_str(if self { "true" } else { "false" });
    }
}

/// One beyond plus or minus 2^53 - 1 is held at the border.
impl Value for i64 {
    fn write(self, out: &mut Sealed) {
        out.text.push_str(itoa::Buffer::new().format(self.clamp(-MAX_EXACT, MAX_EXACT)));
    }
}

impl Value for u64 {
    fn write(self, out: &mut Sealed) {
        i64::try_from(self).unwrap_or(MAX_EXACT).write(out);
    }
}

impl Value for u16 {
    fn write(self, out: &mut Sealed) {
        i64::from(self).write(out);
    }
}

/// The place of a record's own fingerprint: [`HOLE`] until it is known. One at most.
pub(super) struct Hole;

impl Value for Hole {
    fn write(self, out: &mut Sealed) {
        out.text.push('"');
        out.hole = Some(out.text.len());
        out.text.push_str(HOLE);
        out.text.push('"');
    }
}

/// JSON that was written before.
#[derive(Clone, Copy)]
pub(super) struct Ready<'a>(pub(super) &'a str);

impl Value for Ready<'_> {
    fn write(self, out: &mut Sealed) {
        out.text.push_str(self.0);
    }
}

/// RFC 8785, section 3.2.2.2: quote, backslash and the C0 controls are escaped, nothing else is.
fn escape(text: &str, out: &mut String) {
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
            // Writing into a string has no way of failing.
            other => drop(write!(out, "\\u{:04x}", other.bytes().next().unwrap_or_default())),
        }
        rest = after;
    }
    out.push_str(rest);
}

/// Where the first byte is that has to be escaped.
fn first_special(bytes: &[u8]) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    for (index, block) in blocks.iter().enumerate() {
        if let Some(at) = first_in(block) {
            return Some(index * BLOCK + at);
        }
    }
    match bytes.last_chunk::<BLOCK>() {
        // Some of it was looked at before, and has nothing.
        Some(last) => first_in(last).map(|at| bytes.len() - BLOCK + at),
        None => rest.iter().position(|byte| *byte < b' ' || matches!(byte, b'"' | b'\\')),
    }
}

fn first_in(block: &[u8; BLOCK]) -> Option<usize> {
    let block = Block::of(block);
    let special = block.is_under(b' ').or(block.is(b'"')).or(block.is(b'\\')).bits();
    (special != 0).then_some(special.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;

    fn canonical(sealed: &str) -> String {
        let value: Json = serde_json::from_str(sealed).unwrap();
        serde_json_canonicalizer::to_string(&value).unwrap()
    }

    const NAMES: [&str; 8] = ["B", "a", "a1", "a_b", "b", "uid", "uid_alt", "zz"];

    #[derive(Clone, Debug)]
    enum Node {
        Text(String),
        Parts(Vec<String>),
        Number(i64),
        Count(u64),
        Bool(bool),
        Texts(Vec<String>),
        Objects(Vec<Vec<(&'static str, Node)>>),
        Object(Vec<(&'static str, Node)>),
        Some(Vec<(&'static str, Node)>),
    }

    fn put(object: &mut Object<'_>, members: &[(&'static str, Node)]) {
        for (name, node) in members {
            match node {
                Node::Text(text) => object.put(name, text.as_str()),
                Node::Parts(parts) => object.joined(name, &parts.iter().map(String::as_str).collect::<Vec<_>>()),
                Node::Number(number) => object.put(name, *number),
                Node::Count(number) => object.put(name, *number),
                Node::Bool(value) => object.put(name, *value),
                Node::Texts(texts) => object.values(name, texts.iter().map(String::as_str)),
                Node::Objects(items) => object.objects(name, items, |object, members| put(object, members)),
                Node::Object(members) => object.object(name, |object| put(object, members)),
                Node::Some(members) => object.some_object(name, |object| put(object, members)),
            }
        }
    }

    /// What the library says of the same.
    fn meant(members: &[(&'static str, Node)]) -> Json {
        let some = |members: &[(&'static str, Node)]| Some(meant(members)).filter(|object| object != &serde_json::json!({}));
        let list = |items: Vec<Json>| (!items.is_empty()).then_some(Json::Array(items));
        let value = |node: &Node| match node {
            Node::Text(text) => Some(text.as_str().into()),
            Node::Parts(parts) => Some(parts.concat().into()),
            Node::Number(number) => Some((*number).clamp(-MAX_EXACT, MAX_EXACT).into()),
            Node::Count(number) => Some((*number).min(MAX_EXACT as u64).into()),
            Node::Bool(value) => Some((*value).into()),
            Node::Texts(texts) => list(texts.iter().map(|text| text.as_str().into()).collect()),
            Node::Objects(items) => list(items.iter().map(|members| meant(members)).collect()),
            Node::Object(members) => Some(meant(members)),
            Node::Some(members) => some(members),
        };
        Json::Object(members.iter().filter_map(|(name, node)| Some(((*name).to_owned(), value(node)?))).collect())
    }

    fn of(node: impl Strategy<Value = Node> + 'static) -> impl Strategy<Value = Vec<(&'static str, Node)>> + Clone {
        let members = prop::collection::btree_map(prop::sample::select(&NAMES[..]), node.boxed(), 0..8);
        members.prop_map(|map| map.into_iter().collect::<Vec<_>>())
    }

    fn members() -> impl Strategy<Value = Vec<(&'static str, Node)>> {
        let text = prop_oneof![any::<String>(), "[\\x00-\\x7f\"\\\\]{0,40}"];
        let leaf = prop_oneof![
            text.clone().prop_map(Node::Text),
            prop::collection::vec(text.clone(), 0..4).prop_map(Node::Parts),
            any::<i64>().prop_map(Node::Number),
            any::<u64>().prop_map(Node::Count),
            any::<bool>().prop_map(Node::Bool),
            prop::collection::vec(text, 0..4).prop_map(Node::Texts),
        ];
        let node = leaf.prop_recursive(4, 64, 6, |inner| {
            let some = of(inner);
            prop_oneof![
                prop::collection::vec(some.clone(), 0..4).prop_map(Node::Objects),
                some.clone().prop_map(Node::Object),
                some.prop_map(Node::Some),
            ]
        });
        of(node)
    }

    proptest! {
        #[test]
        fn the_library_writes_the_same_bytes(members in members()) {
            let sealed = Sealed::object(0, |object| put(object, &members)).text;
            prop_assert_eq!(serde_json_canonicalizer::to_string(&meant(&members)).unwrap(), sealed);
        }

        #[test]
        fn texts_come_back_as_they_were(text in any::<String>()) {
            let sealed = Sealed::object(0, |object| object.put("text", text.as_str())).text;
            let value: Json = serde_json::from_str(&sealed).unwrap();
            prop_assert_eq!(value["text"].as_str(), Some(text.as_str()));
            prop_assert!(!sealed.contains('\n'));
        }
    }

    #[test]
    fn every_ascii_character_is_escaped_as_the_library_does() {
        let text: String = (0_u8..=0x7f).map(char::from).chain("\u{80}\u{85}\u{2028}\u{2029}é😀\u{feff}".chars()).collect();
        let sealed = Sealed::object(0, |object| object.put("text", text.as_str())).text;
        assert_eq!(canonical(&sealed), sealed);
    }

    #[test]
    fn numbers_stay_exact_by_stopping_at_the_border() {
        let sealed = Sealed::object(0, |object| {
            object.put("fits", MAX_EXACT);
            object.put("high", u64::MAX);
            object.put("low", i64::MIN);
        });
        assert_eq!(sealed.text, r#"{"fits":9007199254740991,"high":9007199254740991,"low":-9007199254740991}"#);
        assert_eq!(canonical(&sealed.text), sealed.text);
    }

    #[test]
    fn the_hole_is_where_it_is_said_to_be() {
        let sealed = Sealed::object(0, |object| {
            object.put("a", "é\n");
            object.objects("b", [()], |object, ()| object.put("value", Hole));
        });
        let at = sealed.hole.unwrap();
        assert_eq!(&sealed.text[at..at + HOLE.len()], HOLE);
        assert_eq!(&sealed.text[at + HOLE.len()..], "\"}]}");
        assert_eq!(canonical(&sealed.text), sealed.text);
    }

    /// A text that ends as an empty object does is none.
    #[test]
    fn only_what_is_empty_is_left_out() {
        let sealed = Sealed::object(0, |object| {
            object.some_object("a", |_| {});
            object.some_object("b", |object| object.put("text", "{},"));
            object.some_object("c", |object| object.object("d", |_| {}));
            object.values("e", [""; 0]);
        });
        assert_eq!(sealed.text, r#"{"b":{"text":"{},"},"c":{"d":{}}}"#);
    }

    #[test]
    #[should_panic(expected = "`a` after `b`")]
    fn members_are_named_in_order() {
        Sealed::object(0, |object| {
            object.put("b", 1_i64);
            object.put("a", 2_i64);
        });
    }
}
