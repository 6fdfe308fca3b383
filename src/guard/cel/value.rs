//! Values while an expression is evaluated. Arguments and claims are lent, never copied.

use std::cmp::Ordering;
use std::rc::Rc;

use super::moment::{Moment, Span};
use super::problem::Problem;
use crate::guard::Actor;
use crate::guard::value::{Members, Value as Json};

/// Cheap to clone: what is long is lent or shared.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Text<'a>),
    Timestamp(Moment),
    Duration(Span),
    List(List<'a>),
    Map(Map<'a>),
    Actor(&'a Actor<'a>),
    Principal,
    Target,
    Session,
    Tls,
}

#[derive(Clone, Debug)]
pub(super) enum Text<'a> {
    Lent(&'a str),
    Made(Rc<str>),
}

#[derive(Clone, Debug)]
pub(super) enum List<'a> {
    Json(&'a [Json<'a>]),
    Texts(&'a [String]),
    Actors(&'a [Actor<'a>]),
    Made(Rc<[Value<'a>]>),
}

#[derive(Clone, Debug)]
pub(super) enum Map<'a> {
    Json(&'a Members<'a>),
    Made(Rc<[[Value<'a>; 2]]>),
}

/// Whole numbers at this size and beyond that JSON did not read as such have lost digits.
const INEXACT: f64 = 9_223_372_036_854_775_808.0;

impl<'a> Value<'a> {
    /// A whole number becomes an int, or a uint where it is too large for one; another number a double.
    ///
    /// # Errors
    /// For a number beyond both: it was rounded when it was read, and would not be what the server sees.
    pub(super) fn of(json: &'a Json<'a>) -> Result<Self, Problem<'a>> {
        Ok(match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(value), ..) => Self::Int(value),
                (None, Some(value), _) => Self::Uint(value),
                (None, None, Some(value)) if value.abs() < INEXACT => Self::Double(value),
                _ => return Err(Problem::InexactNumber),
            },
            Json::String(text) => Self::text(text),
            Json::Array(items) => Self::List(List::Json(items)),
            Json::Object(members) => Self::Map(Map::Json(members)),
        })
    }

    pub(super) fn text(text: &'a str) -> Self {
        Self::Text(Text::Lent(text))
    }
}

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Lent(text) => text,
            Self::Made(text) => text,
        }
    }
}

impl<'a> List<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(items) => items.len(),
            Self::Texts(items) => items.len(),
            Self::Actors(items) => items.len(),
            Self::Made(items) => items.len(),
        }
    }

    pub(super) fn at(&self, index: usize) -> Result<Value<'a>, Problem<'a>> {
        let found = match self {
            Self::Json(items) => return items.get(index).map_or(Err(Problem::NoElement), Value::of),
            Self::Texts(items) => items.get(index).map(|text| Value::text(text)),
            Self::Actors(items) => items.get(index).map(Value::Actor),
            Self::Made(items) => items.get(index).cloned(),
        };
        found.ok_or(Problem::NoElement)
    }
}

impl<'a> Map<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(members) => members.len(),
            Self::Made(entries) => entries.len(),
        }
    }

    /// The entries, keys before values. A value may be one that cannot be read.
    pub(super) fn entries(&self) -> Box<dyn Iterator<Item = (Value<'a>, Result<Value<'a>, Problem<'a>>)> + 'a> {
        match self {
            Self::Json(members) => Box::new(members.iter().map(|(key, value)| (Value::text(key), Value::of(value)))),
            Self::Made(entries) => {
                let entries = Rc::clone(entries);
                let each = (0..entries.len()).filter_map(move |index| entries.get(index).cloned());
                Box::new(each.map(|[key, value]| (key, Ok(value))))
            }
        }
    }

    pub(super) fn keys(&self) -> Box<dyn Iterator<Item = Value<'a>> + 'a> {
        match self {
            Self::Json(members) => Box::new(members.iter().map(|(key, _)| Value::text(key))),
            Self::Made(_) => Box::new(self.entries().map(|(key, _)| key)),
        }
    }

    /// The value of a key that is a text; nothing when there is none.
    pub(super) fn named(&self, name: &str) -> Option<Result<Value<'a>, Problem<'a>>> {
        match self {
            Self::Json(members) => members.get(name).map(Value::of),
            Self::Made(entries) => {
                let found = entries.iter().find(|[key, _]| matches!(key, Value::Text(key) if key.as_str() == name));
                found.map(|[_, value]| Ok(value.clone()))
            }
        }
    }
}

/// Numbers by what they are worth, whatever their types; nothing when one is no number, or NaN.
pub(super) fn compare_numbers(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right),
        (Value::Double(left), right) => compare_double(*left, whole(right)?),
        (left, Value::Double(right)) => compare_double(*right, whole(left)?).map(Ordering::reverse),
        (left, right) => Some(whole(left)?.cmp(&whole(right)?)),
    }
}

fn whole(value: &Value<'_>) -> Option<i128> {
    match value {
        Value::Int(value) => Some(i128::from(*value)),
        Value::Uint(value) => Some(i128::from(*value)),
        _ => None,
    }
}

/// Exact: the whole number is never turned into a double.
fn compare_double(double: f64, whole: i128) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    // The cast stops at the ends of i128, which are beyond every whole number here.
    let below = double.floor();
    match (below as i128).cmp(&whole) {
        Ordering::Equal if double > below => Some(Ordering::Greater),
        order => Some(order),
    }
}
