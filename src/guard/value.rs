//! JSON of a call as rules look at it: texts stay where they are in the message, unless they have escapes, and names are not hashed.
//!
//! `serde_json::Value` copies every text and hashes every name, which is most of what reading a few arguments costs in Wasm.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

#[derive(Clone, Debug)]
pub(super) enum Value<'t> {
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'t, str>),
    Array(Vec<Self>),
    Object(Members<'t>),
}

/// The members of an object, in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub(super) struct Members<'t> {
    members: Vec<(Cow<'t, str>, Value<'t>)>,
    /// Their places in the order of [`order`], when they are many.
    sorted: Vec<u32>,
}

/// So many members are searched from the first to the last.
const FEW: usize = 16;

/// Lengths differ more often than anything else.
fn order(one: &str, other: &str) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// The same text. Names are often as long as each other, and to compare more than a byte is a call.
fn is(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().next() == other.bytes().next() && one == other
}

impl<'t> Value<'t> {
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }
}

impl<'t> Members<'t> {
    /// Of a name that is there twice, the last value counts.
    fn of(members: Vec<(Cow<'t, str>, Value<'t>)>) -> Self {
        let mut members = Self { members, sorted: Vec::new() };
        if members.len() > FEW {
            members.sort();
        }
        if members.has_twice() { members.once() } else { members }
    }

    fn sort(&mut self) {
        let name = |at: &u32| self.members.get(*at as usize).map_or("", |(name, _)| name);
        let mut sorted: Vec<u32> = (0..u32::try_from(self.members.len()).unwrap_or(u32::MAX)).collect();
        sorted.sort_unstable_by(|one, other| order(name(one), name(other)));
        self.sorted = sorted;
    }

    fn name_at(&self, at: u32) -> &str {
        self.members.get(at as usize).map_or("", |(name, _)| name)
    }

    fn has_twice(&self) -> bool {
        if !self.sorted.is_empty() {
            return self.sorted.windows(2).any(|pair| matches!(pair, [one, other] if self.name_at(*one) == self.name_at(*other)));
        }
        let mut rest = self.members.as_slice();
        while let Some(((name, _), others)) = rest.split_first() {
            if others.iter().any(|(other, _)| is(other, name)) {
                return true;
            }
            rest = others;
        }
        false
    }

    fn once(self) -> Self {
        let mut places = std::collections::HashMap::new();
        let mut once: Vec<(Cow<'t, str>, Value<'t>)> = Vec::new();
        for (name, value) in self.members {
            let place = *places.entry(name.clone()).or_insert(once.len());
            match once.get_mut(place) {
                Some(member) => member.1 = value,
                None => once.push((name, value)),
            }
        }
        Self::of(once)
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value<'t>> {
        if self.sorted.is_empty() {
            return self.members.iter().find(|(known, _)| is(known, name)).map(|(_, value)| value);
        }
        let place = self.sorted.binary_search_by(|at| order(self.name_at(*at), name)).ok()?;
        self.members.get(*self.sorted.get(place)? as usize).map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value<'t>)> {
        self.members.iter().map(|(name, value)| (name.as_ref(), value))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                members(map)
            }
        }

        deserializer.deserialize_map(Read)
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element()? {
            read.push(item);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        members(map).map(Value::Object)
    }
}

fn members<'de, A: MapAccess<'de>>(mut map: A) -> Result<Members<'de>, A::Error> {
    let mut members = Vec::with_capacity(8);
    while let Some((Name(name), value)) = map.next_entry()? {
        members.push((name, value));
    }
    Ok(Members::of(members))
}

struct Name<'t>(Cow<'t, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Read)
    }
}

/// For tests: as JSON.
#[cfg(test)]
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::String(text) => f.write_str(&json(text)),
            Self::Array(items) => write!(f, "[{}]", items.iter().map(Value::to_string).collect::<Vec<_>>().join(",")),
            Self::Object(members) => {
                write!(f, "{{{}}}", members.iter().map(|(name, value)| format!("{}:{value}", json(name))).collect::<Vec<_>>().join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            any::<u64>().prop_map(serde_json::Value::from),
            any::<f64>().prop_map(serde_json::Value::from),
            any::<String>().prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(3, 64, 40, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
                proptest::collection::vec(("[a-c\\\\é\"]{0,3}|[a-z]{1,9}", inner), 0..40)
                    .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    fn same(ours: &Value<'_>, theirs: &serde_json::Value) -> bool {
        match (ours, theirs) {
            (Value::Object(ours), serde_json::Value::Object(theirs)) => {
                ours.len() == theirs.len()
                    && ours.iter().zip(theirs).all(|(ours, theirs)| ours.0 == theirs.0 && same(ours.1, theirs.1))
                    && theirs.iter().all(|(name, value)| ours.get(name).is_some_and(|found| same(found, value)))
                    && ours.get("no such name").is_none()
            }
            (Value::Array(ours), serde_json::Value::Array(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
            }
            (Value::Null, serde_json::Value::Null) => true,
            (Value::Bool(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
            (Value::Number(ours), serde_json::Value::Number(theirs)) => ours == theirs,
            (Value::String(ours), serde_json::Value::String(theirs)) => ours == theirs,
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_serde_json_reads(value in json()) {
            let text = value.to_string();
            let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
            let ours: Value<'_> = serde_json::from_str(&text).unwrap();
            prop_assert!(same(&ours, &theirs), "{}", text);
        }

        #[test]
        fn of_a_name_that_is_there_twice_the_last_value_counts(names in proptest::collection::vec("[ab]{1,4}", 0..40)) {
            let members: Vec<String> = names.iter().enumerate().map(|(at, name)| format!("\"{name}\":{at}")).collect();
            let text = format!("{{{}}}", members.join(","));
            prop_assert!(same(&serde_json::from_str(&text).unwrap(), &serde_json::from_str(&text).unwrap()), "{}", text);
        }
    }

    #[test]
    fn what_is_no_json_is_not_read() {
        for text in ["", "{", "[1,]", "1e999", "{\"a\":1", "\"\\ud800\""] {
            assert!(serde_json::from_str::<Value<'_>>(text).is_err() && serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
        }
    }
}
