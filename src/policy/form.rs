//! How written values become typed ones: one description per section gives its reader, its error messages and its JSON schema.
//!
//! Every member is read even when another is wrong, so that all mistakes are told at once; `deny_unknown` is not an option but the only way.

use serde_json::{Value as Json, json};

use super::report::{Place, Report};
use super::suggest::nearest;
use super::tree::{Member, Node, Value};

/// What reading needs besides the document: where mistakes go and what `${env:NAME}` means here.
pub(super) struct Reading<'a> {
    pub(super) report: Report,
    pub(super) env: &'a dyn Fn(&str) -> Option<String>,
    /// Where a variable that is missing would have to be set.
    pub(super) unset: &'static str,
}

/// In a policy, which Envoy hands over.
pub(super) const UNSET: &str = "; Envoy passes on only what `vm_config.environment_variables` lists";

/// Something an operator writes.
pub(super) trait Form: Sized {
    /// `None` after at least one mistake was reported.
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self>;
    /// JSON Schema (2020-12) of the same.
    fn schema() -> Json;
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub(super) at: Place,
    pub(super) value: T,
}

/// The members of a section while it is being read.
pub(super) struct Fields<'n> {
    members: &'n [Member],
    at: Place,
    known: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    pub(super) fn open(node: &'n Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let Value::Map(members) = &node.value else {
            reading.report.add(at, format!("expected a section (name: value), found {}", node.kind()));
            return None;
        };
        Some(Self { members, at: at.clone(), known: Vec::new() })
    }

    pub(super) fn optional<T: Form>(&mut self, name: &'static str, reading: &mut Reading<'_>) -> Option<Placed<T>> {
        let name = plain(name);
        self.known.push(name);
        let member = self.members.iter().find(|member| member.name == name)?;
        let at = self.at.child(name, member.line);
        let value = T::read(&member.node, &at, reading)?;
        Some(Placed { at, value })
    }

    pub(super) fn required<T: Form>(&mut self, name: &'static str, reading: &mut Reading<'_>) -> Option<Placed<T>> {
        if !self.members.iter().any(|member| member.name == plain(name)) {
            reading.report.add(&self.at, format!("`{}` is missing", plain(name)));
        }
        self.optional(name, reading)
    }

    /// What is left over is a mistake: a mistyped name in a security policy must not be ignored.
    pub(super) fn close(self, reading: &mut Reading<'_>) {
        for (index, member) in self.members.iter().enumerate() {
            let at = self.at.child(&member.name, member.line);
            if !self.known.contains(&member.name.as_str()) {
                let message = match nearest(&member.name, self.known.iter().copied()) {
                    Some(near) => format!("unknown name; did you mean `{near}`?"),
                    None => format!("unknown name; known here: {}", self.known.join(", ")),
                };
                reading.report.add(&at, message);
            } else if self.members.iter().take(index).any(|earlier| earlier.name == member.name) {
                reading.report.add(&at, "written twice; keep one");
            }
        }
    }
}

/// A section: its struct, its reader and its schema from one description.
macro_rules! section {
    ($(#[doc = $doc:literal])* $name:ident { $( $(#[doc = $fdoc:literal])* $need:ident $field:ident: $ty:ty, )* }) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub(in crate::policy) struct $name {
            $( $(#[doc = $fdoc])* pub(in crate::policy) $field: Option<Placed<$ty>>, )*
        }

        impl Form for $name {
            fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
                let mut fields = Fields::open(node, at, reading)?;
                $( let $field = fields.$need::<$ty>(stringify!($field), reading); )*
                fields.close(reading);
                Some(Self { $($field),* })
            }

            fn schema() -> Json {
                let mut properties = serde_json::Map::new();
                let mut required: Vec<&str> = Vec::new();
                $(
                    let doc = concat!($($fdoc, "\n"),*);
                    properties.insert(crate::policy::form::plain(stringify!($field)).to_owned(), described(<$ty as Form>::schema(), doc));
                    if stringify!($need) == "required" {
                        required.push(crate::policy::form::plain(stringify!($field)));
                    }
                )*
                let mut schema = serde_json::json!({ "type": "object", "additionalProperties": false, "properties": properties });
                if let (Some(object), false) = (schema.as_object_mut(), required.is_empty()) {
                    object.insert("required".to_owned(), required.into());
                }
                described(schema, concat!($($doc, "\n"),*))
            }
        }
    };
}

/// The name of a member that is a keyword of the language this is written in.
pub(super) fn plain(name: &'static str) -> &'static str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// A closed set of words.
macro_rules! words {
    ($ty:ty { $($word:literal => $value:expr),* $(,)? }) => {
        impl Form for $ty {
            fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
                const WORDS: &[&str] = &[$($word),*];
                match word(node) {
                    $( Some($word) => Some($value), )*
                    found => {
                        wrong_word(node, found, WORDS, at, reading);
                        None
                    }
                }
            }

            fn schema() -> Json {
                serde_json::json!({ "enum": [$($word),*] })
            }
        }
    };
}

/// Text with a parser of its own: `fn(&str) -> Result<T, impl Display>` whose error says what is expected.
macro_rules! parsed {
    ($ty:ty, $parse:expr, $schema:tt) => {
        impl Form for $ty {
            fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
                let text = text(node, at, reading)?;
                match $parse(text) {
                    Ok(value) => Some(value),
                    Err(expected) => {
                        reading.report.add(at, format!("expected {expected}, found `{}`", shown(text)));
                        None
                    }
                }
            }

            fn schema() -> Json {
                serde_json::json!($schema)
            }
        }
    };
}

pub(super) use {parsed, section, words};

/// A schema with a description, trimmed from doc comments.
pub(super) fn described(mut schema: Json, doc: &str) -> Json {
    let doc = doc.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    if let (Some(object), false) = (schema.as_object_mut(), doc.trim().is_empty()) {
        object.insert("description".to_owned(), doc.trim().into());
    }
    schema
}

pub(super) fn word(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    }
}

pub(super) fn wrong_word(node: &Node, found: Option<&str>, words: &[&str], at: &Place, reading: &mut Reading<'_>) {
    let list = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let message = match found {
        Some(found) => match nearest(found, words.iter().copied()) {
            Some(near) => format!("unknown value `{}`; did you mean `{near}`? Possible: {list}", shown(found)),
            None => format!("unknown value `{}`; possible: {list}", shown(found)),
        },
        None => format!("expected one of {list}, found {}", node.kind()),
    };
    reading.report.add(at, message);
}

pub(super) fn text<'n>(node: &'n Node, at: &Place, reading: &mut Reading<'_>) -> Option<&'n str> {
    match &node.value {
        Value::Text(text) => Some(text),
        Value::Number(_) | Value::Bool(_) => {
            reading.report.add(at, format!("expected text, found {}; put it in quotes", node.kind()));
            None
        }
        _ => {
            reading.report.add(at, format!("expected text, found {}", node.kind()));
            None
        }
    }
}

/// The operator's words in a message: not endless.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST).and_then(|(cut, _)| text.get(..cut)) {
        Some(head) => format!("{head}..."),
        None => text.to_owned(),
    }
}

impl<T: Form> Form for Vec<T> {
    /// One value stands for a list of one.
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let Value::List(items) = &node.value else {
            return match &node.value {
                Value::Map(_) | Value::Null => {
                    reading.report.add(at, format!("expected a list, found {}", node.kind()));
                    None
                }
                _ => T::read(node, at, reading).map(|value| vec![value]),
            };
        };
        let read = |(index, item): (usize, &Node)| T::read(item, &at.item(index, item.line), reading);
        let values: Vec<Option<T>> = items.iter().enumerate().map(read).collect();
        if items.is_empty() {
            reading.report.add(at, "the list is empty; remove it or say what belongs in it");
            return None;
        }
        values.into_iter().collect()
    }

    fn schema() -> Json {
        let item = T::schema();
        let list = json!({ "type": "array", "minItems": 1, "items": item.clone() });
        if item.get("type") == Some(&json!("object")) { list } else { json!({ "anyOf": [list, item] }) }
    }
}

/// A section whose names are the operator's own, each of them parsed, each value read alike.
pub(super) struct Keyed<K, V>(pub(super) Vec<(Placed<K>, Placed<V>)>);

impl<K: Form, V: Form> Form for Keyed<K, V> {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let Value::Map(members) = &node.value else {
            reading.report.add(at, format!("expected a section (name: value), found {}", node.kind()));
            return None;
        };
        if members.is_empty() {
            reading.report.add(at, "the section is empty; remove it or say what belongs in it");
            return None;
        }
        let mut read = Vec::with_capacity(members.len());
        for (index, member) in members.iter().enumerate() {
            let at = at.child(&member.name, member.line);
            if members.iter().take(index).any(|earlier| earlier.name == member.name) {
                reading.report.add(&at, "written twice; keep one");
            }
            let name = Node { line: member.line, value: Value::Text(member.name.clone()) };
            let key = K::read(&name, &at, reading);
            let value = V::read(&member.node, &at, reading);
            read.push(key.zip(value).map(|(key, value)| (Placed { at: at.clone(), value: key }, Placed { at, value })));
        }
        read.into_iter().collect::<Option<Vec<_>>>().map(Self)
    }

    fn schema() -> Json {
        json!({ "type": "object", "minProperties": 1, "propertyNames": K::schema(), "additionalProperties": V::schema() })
    }
}

/// Placed items, for lists whose items have mistakes of their own.
impl<T: Form> Form for Placed<T> {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        T::read(node, at, reading).map(|value| Self { at: at.clone(), value })
    }

    fn schema() -> Json {
        T::schema()
    }
}

impl Form for bool {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        if let Value::Bool(value) = node.value {
            return Some(value);
        }
        reading.report.add(at, format!("expected true or false, found {}", node.kind()));
        None
    }

    fn schema() -> Json {
        json!({ "type": "boolean" })
    }
}

impl Form for String {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let text = text(node, at, reading)?;
        if text.trim().is_empty() {
            reading.report.add(at, "expected text, found nothing but space");
            return None;
        }
        Some(text.to_owned())
    }

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// The one member of a section with one member.
pub(super) fn single<'n>(node: &'n Node, at: &Place) -> Option<(&'n str, &'n Node, Place)> {
    match &node.value {
        Value::Map(members) => match members.as_slice() {
            [member] => Some((member.name.as_str(), &member.node, at.child(&member.name, member.line))),
            _ => None,
        },
        _ => None,
    }
}
