//! Conditions on arguments as they are written.

use serde_json::{Map, Value as Json, json};

use super::super::ArgumentRef;
use super::decimal::Decimal;
use super::place::Directory;
use super::{Bound, Kind, Scalar};
use crate::policy::form::{Fields, Form, Keyed, Placed, Reading, described, parsed, section, shown, text};
use crate::policy::report::Place;
use crate::policy::tree::{Node, Value};
use crate::policy::value::{Glob, Pattern};
use ipnet::IpNet;

/// Conditions by the argument they are about.
#[derive(Debug)]
pub(in crate::policy) struct ArgumentsWritten(pub(super) Vec<(Placed<ArgumentRef>, Placed<Condition>)>);

impl Form for ArgumentsWritten {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        Keyed::read(node, at, reading).map(|keyed| Self(keyed.0))
    }

    fn schema() -> Json {
        let doc = "What the arguments of the call must be: a condition for each, by name or JSON pointer (`/items/*/id` for all elements). All must hold. See `docs/arguments.md`.";
        described(Keyed::<ArgumentRef, Nested>::schema(), doc)
    }
}

/// What is asked of one value.
#[derive(Debug)]
pub(in crate::policy) struct Condition {
    pub(super) present: Option<Placed<bool>>,
    pub(super) kind: Option<Placed<Kind>>,
    pub(super) equals: Option<Placed<ScalarWritten>>,
    pub(super) one_of: Option<Placed<Vec<ScalarWritten>>>,
    pub(super) ranges: Vec<(Bound, Placed<Number>)>,
    pub(super) length: Option<Placed<Length>>,
    pub(super) glob: Option<Placed<Vec<Glob>>>,
    pub(super) ip_within: Option<Placed<Vec<IpNet>>>,
    pub(super) url: Option<Placed<UrlWritten>>,
    pub(super) path_within: Option<Placed<Vec<Directory>>>,
    pub(super) regex: Option<Placed<Search>>,
    pub(super) not: Option<Placed<Nested>>,
    pub(super) any_of: Option<Placed<Vec<Placed<Nested>>>>,
}

pub(super) const NAMES: [&str; 16] = [
    "equals",
    "one_of",
    "glob",
    "regex",
    "above",
    "below",
    "at_least",
    "at_most",
    "length",
    "url",
    "ip_within",
    "path_within",
    "present",
    "type",
    "not",
    "any_of",
];

impl Form for Condition {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let mut fields = Fields::open(node, at, reading)?;
        let condition = Self {
            equals: fields.optional("equals", reading),
            one_of: fields.optional("one_of", reading),
            glob: fields.optional("glob", reading),
            regex: fields.optional("regex", reading),
            ranges: [Bound::Above, Bound::Below, Bound::AtLeast, Bound::AtMost]
                .into_iter()
                .filter_map(|bound| fields.optional(bound.name(), reading).map(|number| (bound, number)))
                .collect(),
            length: fields.optional("length", reading),
            url: fields.optional("url", reading),
            ip_within: fields.optional("ip_within", reading),
            path_within: fields.optional("path_within", reading),
            present: fields.optional("present", reading),
            kind: fields.optional("type", reading),
            not: fields.optional("not", reading),
            any_of: fields.optional("any_of", reading),
        };
        fields.close(reading);
        Some(condition)
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/argument" })
    }
}

/// What `#/$defs/argument` stands for: conditions have conditions in them.
pub(in crate::policy) fn condition_schema() -> Json {
    let number = || Number::schema();
    let members = [
        ("equals", ScalarWritten::schema(), "This very value; numbers by value, so that 1 is 1.0."),
        ("one_of", Vec::<ScalarWritten>::schema(), "One of these values."),
        ("glob", Vec::<Glob>::schema(), "A string one of these match whole; `*` is any run of characters, `?` one."),
        ("regex", Search::schema(), "A string in which this regular expression is found; `^` and `$` tie it to the ends."),
        ("above", number(), "A number greater than this. Write numbers beyond 2^53 in quotes."),
        ("below", number(), "A number less than this."),
        ("at_least", number(), "A number not less than this."),
        ("at_most", number(), "A number not greater than this."),
        ("length", Length::schema(), ""),
        ("url", UrlWritten::schema(), ""),
        ("ip_within", Vec::<IpNet>::schema(), "An address in one of these networks, alone or as the host of a URL."),
        ("path_within", Vec::<Directory>::schema(), "A path, or `file:` URL, in one of these directories, however it is spelt."),
        ("present", bool::schema(), "Whether there is such an argument."),
        ("type", Kind::schema(), "The type of the value."),
        ("not", Condition::schema(), "Does not hold."),
        ("any_of", json!({ "type": "array", "minItems": 1, "items": Condition::schema() }), "One of these holds."),
    ];
    let properties: Map<String, Json> = members.into_iter().map(|(name, schema, doc)| (name.to_owned(), described(schema, doc))).collect();
    described(
        json!({ "type": "object", "additionalProperties": false, "minProperties": 1, "properties": properties }),
        "What is asked of one argument; all that is said must hold.",
    )
}

/// A condition within a condition.
#[derive(Debug)]
pub(in crate::policy) struct Nested(pub(super) Box<Condition>);

impl Form for Nested {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        Condition::read(node, at, reading).map(|condition| Self(Box::new(condition)))
    }

    fn schema() -> Json {
        Condition::schema()
    }
}

section! {
    /// Characters of a string, or elements of a list.
    Length {
        optional at_least: Count,
        optional at_most: Count,
    }
}

section! {
    /// An absolute URL that every parser reads alike, and all of this true of it.
    UrlWritten {
        /// Without the colon: `https`.
        optional schemes: Vec<Scheme>,
        /// Hosts such as `api.example.com` or `*.example.com`, in ASCII. Addresses are written plainly, IPv6 without brackets.
        optional hosts: Vec<Glob>,
        /// The port as written, else the scheme's own.
        optional ports: Vec<Port>,
        /// No user and no password before an `@`.
        optional no_credentials: bool,
        /// The path, without query and fragment, its escapes undone.
        optional paths: Vec<Glob>,
    }
}

/// Any value but a list or a section.
#[derive(Debug)]
pub(in crate::policy) struct ScalarWritten(pub(super) Scalar);

impl Form for ScalarWritten {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let scalar = match &node.value {
            Value::Text(text) => Scalar::Text(text.clone()),
            Value::Bool(value) => Scalar::Bool(*value),
            Value::Null => Scalar::Null,
            Value::Number(number) => {
                Scalar::Number(exact(number, at, reading, "use `at_least` and `at_most`, where it can be written in quotes")?)
            }
            Value::List(_) | Value::Map(_) => {
                reading.report.add(at, format!("expected text, a number, true, false or null, found {}", node.kind()));
                return None;
            }
        };
        Some(Self(scalar))
    }

    fn schema() -> Json {
        json!({ "type": ["string", "number", "boolean", "null"] })
    }
}

/// A number, in quotes where a double cannot hold it.
#[derive(Debug)]
pub(in crate::policy) struct Number(pub(super) Decimal);

impl Form for Number {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        match &node.value {
            Value::Number(number) => exact(number, at, reading, "write it in quotes").map(Self),
            Value::Text(text) => match Decimal::parse(text) {
                Some(decimal) => Some(Self(decimal)),
                None => {
                    reading.report.add(at, format!("expected a number such as `1000` or `0.5`, found `{}`", shown(text)));
                    None
                }
            },
            _ => {
                reading.report.add(at, format!("expected a number, found {}", node.kind()));
                None
            }
        }
    }

    fn schema() -> Json {
        json!({ "anyOf": [{ "type": "number" }, { "type": "string", "pattern": "^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$" }] })
    }
}

/// Some ways to load a policy know doubles only: a number they would change is refused on all of them.
fn exact(number: &serde_json::Number, at: &Place, reading: &mut Reading<'_>, cure: &str) -> Option<Decimal> {
    const DIGITS: usize = 15;
    let decimal = Decimal::parse(&number.to_string()).filter(|decimal| decimal.precision() <= DIGITS);
    if decimal.is_none() {
        reading.report.add(at, format!("the number has more than {DIGITS} digits, which not every reader keeps; {cure}"));
    }
    decimal
}

/// How many of something.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Count(pub(super) u64);

impl Form for Count {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        whole(node, at, reading, u64::from(u32::MAX)).map(Self)
    }

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": 0 })
    }
}

#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Port(pub(super) u16);

impl Form for Port {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        whole(node, at, reading, u64::from(u16::MAX)).and_then(|number| u16::try_from(number).ok()).map(Self)
    }

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": 0, "maximum": 65535 })
    }
}

fn whole(node: &Node, at: &Place, reading: &mut Reading<'_>, most: u64) -> Option<u64> {
    let number = match &node.value {
        Value::Number(number) => number.as_u64().filter(|number| *number <= most),
        _ => None,
    };
    if number.is_none() {
        let found = match &node.value {
            Value::Number(number) => format!("`{number}`"),
            _ => node.kind().to_owned(),
        };
        reading.report.add(at, format!("expected a whole number from 0 to {most}, found {found}"));
    }
    number
}

/// In lower case.
#[derive(Clone, Debug)]
pub(in crate::policy) struct Scheme(pub(super) String);

parsed!(Scheme, scheme, { "type": "string", "pattern": "^[a-zA-Z][a-zA-Z0-9+.-]*$", "examples": ["https"] });

fn scheme(text: &str) -> Result<Scheme, &'static str> {
    let good =
        text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if good { Ok(Scheme(text.to_ascii_lowercase())) } else { Err("the scheme of a URL without its colon, such as `https`") }
}

/// A regular expression that is searched for; it may match the empty text.
#[derive(Debug)]
pub(in crate::policy) struct Search(pub(super) Pattern);

impl Form for Search {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let text = text(node, at, reading)?;
        let wrong = |message: String| {
            // The regex crate draws the place under the pattern; its last line says what is wrong.
            let said = message.lines().last().map_or("", |line| line.trim_start_matches("error: "));
            let what = if message.contains('\n') { "not a regular expression: " } else { "" };
            reading.report.add(at, format!("`{}`: {what}{said}", shown(text)));
        };
        let search = Pattern::parse_search(text).map_err(wrong).ok()?;
        if text.is_empty() {
            reading.report.add(at, "an empty pattern is found everywhere; remove it or say what must be there");
            return None;
        }
        Some(Self(search))
    }

    fn schema() -> Json {
        Pattern::schema()
    }
}
