//! Where a pointer leads in the arguments, places without a value included: an element that lacks a member is not one that meets what is asked of it.

use std::fmt;

use crate::guard::subject::push_name;
use crate::guard::value::Value;
use crate::policy::Step;

/// Calls `look` for every value that `steps` lead to, and with `None` for every place where there is none.
pub(super) fn each(root: &Value<'_>, steps: &[Step], look: &mut dyn FnMut(&Place<'_>, Option<&Value<'_>>)) {
    match single(root, steps) {
        // As it was written.
        Some(found) => look(&Place { steps, taken: Vec::new() }, found),
        None => walk(&mut Place { steps, taken: Vec::with_capacity(steps.len()) }, Some(root), look),
    }
}

/// What is at the only place that `steps` lead to; `None` where they may lead to several.
pub(in crate::guard) fn single<'v, 't>(root: &'v Value<'t>, steps: &[Step]) -> Option<Option<&'v Value<'t>>> {
    let mut value = Some(root);
    for step in steps {
        let Step::Name(name) = step else { return None };
        value = value.and_then(|value| child(value, name));
    }
    Some(value)
}

/// The pointer of a single place.
pub(in crate::guard) fn written(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        if let Step::Name(name) = step {
            push_name(&mut text, name);
        }
    }
    text
}

fn child<'v, 't>(value: &'v Value<'t>, name: &str) -> Option<&'v Value<'t>> {
    match value {
        Value::Object(members) => members.get(name),
        Value::Array(items) => name.parse::<usize>().ok().and_then(|at| items.get(at)),
        _ => None,
    }
}

/// A place while it is looked at; it becomes text only when it is told.
pub(super) struct Place<'s> {
    steps: &'s [Step],
    taken: Vec<Taken>,
}

#[derive(Clone, Debug)]
enum Taken {
    Named,
    Element(usize),
    /// A member that `*` stood for: its name is the caller's.
    Member(String),
    Missing,
}

fn walk(place: &mut Place<'_>, value: Option<&Value<'_>>, look: &mut dyn FnMut(&Place<'_>, Option<&Value<'_>>)) {
    // As deep as the policy's pointer is long.
    let Some(step) = place.steps.get(place.taken.len()) else { return look(place, value) };
    let Some(value) = value else { return look(place, None) };
    let mut go = |taken: Taken, next: Option<&Value<'_>>| {
        place.taken.push(taken);
        walk(place, next, look);
        place.taken.pop();
    };
    match (step, value) {
        (Step::Name(name), Value::Object(members)) => go(Taken::Named, members.get(name)),
        (Step::Name(name), Value::Array(items)) => go(Taken::Named, name.parse::<usize>().ok().and_then(|at| items.get(at))),
        (Step::Every, Value::Array(items)) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                go(Taken::Element(at), Some(item));
            }
        }
        (Step::Every, Value::Object(members)) if !members.is_empty() => {
            for (name, value) in members.iter() {
                go(Taken::Member(shown_name(name).to_owned()), Some(value));
            }
        }
        _ => go(Taken::Missing, None),
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for (index, step) in self.steps.iter().enumerate() {
            match (self.taken.get(index), step) {
                (Some(Taken::Element(at)), _) => text.push_str(&format!("/{at}")),
                (Some(Taken::Member(name)), _) => push_name(&mut text, name),
                (_, Step::Name(name)) => push_name(&mut text, name),
                (_, Step::Every) => text.push_str("/*"),
            }
        }
        f.write_str(&text)
    }
}

/// A pointer for the record: names that do not look like names may be values, and become `*`.
pub(in crate::guard) fn shown(pointer: &str) -> String {
    let mut out = String::with_capacity(pointer.len());
    for name in pointer.split('/').skip(1) {
        out.push('/');
        out.push_str(shown_name(name));
    }
    out
}

fn shown_name(name: &str) -> &str {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    if name.len() <= 32 && name.bytes().all(plain) { name } else { "*" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_without_a_value_are_told() {
        let text = r#"{ "items": [{ "id": 1 }, {}, 3], "none": [], "map": { "a b": 1, "c": 2 } }"#;
        let value: Value<'_> = serde_json::from_str(text).unwrap();
        let found = |steps: &[&str]| {
            let steps: Vec<Step> =
                steps.iter().map(|step| if *step == "*" { Step::Every } else { Step::Name((*step).to_owned()) }).collect();
            let mut found = Vec::new();
            each(&value, &steps, &mut |place, value| found.push(format!("{place}={}", value.map_or("-".to_owned(), Value::to_string))));
            found
        };
        assert_eq!(found(&["items", "*", "id"]), ["/items/0/id=1", "/items/1/id=-", "/items/2/id=-"]);
        assert_eq!(found(&["none", "*"]), ["/none/*=-"]);
        assert_eq!(found(&["none", "*", "id"]), ["/none/*/id=-"]);
        assert_eq!(found(&["map", "*"]), ["/map/*=1", "/map/c=2"]);
        assert_eq!(found(&["gone", "*"]), ["/gone/*=-"]);
        assert_eq!(found(&["items", "0", "id"]), ["/items/0/id=1"]);
        assert_eq!(shown("/a/b c/0"), "/a/*/0");
    }
}
