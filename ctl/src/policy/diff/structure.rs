//! What was added, removed and changed between two policies, as they are written.
//!
//! Rules and masking rules are told apart by their ids: their order means nothing.

use serde_json::{Map, Value};

/// One difference.
#[derive(Debug, PartialEq)]
pub(super) struct Change {
    /// `rule readers`, `limits.request_body`
    pub(super) place: String,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

pub(super) fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    for (section, name) in [("rules", "rule"), ("masking", "masking rule")] {
        by_id(name, old.get(section), new.get(section), &mut changes);
    }
    for issuer in names(old, new) {
        if !matches!(issuer.as_str(), "rules" | "masking") {
            compare(&issuer, old.get(&issuer), new.get(&issuer), &mut changes);
        }
    }
    changes
}

fn by_id(name: &str, old: Option<&Value>, new: Option<&Value>, changes: &mut Vec<Change>) {
    let list = |section: Option<&Value>| -> Vec<(String, Value)> {
        let items = section.and_then(Value::as_array).cloned().unwrap_or_default();
        let id = |item: &Value| item.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        items.into_iter().map(|item| (id(&item), item)).collect()
    };
    let (old, new) = (list(old), list(new));
    let find = |list: &[(String, Value)], id: &str| list.iter().find(|(known, _)| known == id).map(|(_, item)| item.clone());
    for (id, before) in &old {
        let place = format!("{name} {id}");
        match find(&new, id) {
            None => changes.push(Change { place, before: Some(before.clone()), after: None }),
            Some(after) => compare(&place, Some(before), Some(&after), changes),
        }
    }
    for (id, after) in new.into_iter().filter(|(id, _)| find(&old, id).is_none()) {
        changes.push(Change { place: format!("{name} {id}"), before: None, after: Some(after) });
    }
}

/// Down to the members that differ; lists are compared whole. The reader has bounded the depth.
fn compare(place: &str, old: Option<&Value>, new: Option<&Value>, changes: &mut Vec<Change>) {
    match (old, new) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            for name in names_of(before, after) {
                let joint = if place.contains(' ') && !place.contains(": ") { ": " } else { "." };
                compare(&format!("{place}{joint}{name}"), before.get(&name), after.get(&name), changes);
            }
        }
        // One value stands for a list of one.
        (Some(Value::Array(list)), Some(one)) | (Some(one), Some(Value::Array(list))) if list.as_slice() == std::slice::from_ref(one) => {}
        (old, new) if old == new => {}
        (old, new) => changes.push(Change { place: place.to_owned(), before: old.cloned(), after: new.cloned() }),
    }
}

fn names(old: &Value, new: &Value) -> Vec<String> {
    let empty = Map::new();
    names_of(old.as_object().unwrap_or(&empty), new.as_object().unwrap_or(&empty))
}

fn names_of(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<String> {
    let mut names: Vec<String> = old.keys().cloned().collect();
    names.extend(new.keys().filter(|name| !old.contains_key(*name)).cloned());
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(old: Value, new: Value) -> Vec<(String, Option<Value>, Option<Value>)> {
        changes(&old, &new).into_iter().map(|Change { place, before, after }| (place, before, after)).collect()
    }

    #[test]
    fn rules_are_known_by_their_ids() {
        let (a, b) = (json!({ "id": "a", "tools": ["x"], "then": "allow" }), json!({ "id": "b", "then": "deny" }));
        let changed = json!({ "id": "a", "tools": ["x", "y"], "then": "allow", "mode": "observe" });
        assert_eq!(told(json!({ "rules": [a, b] }), json!({ "rules": [b, a] })), []);
        assert_eq!(
            told(json!({ "rules": [a, b] }), json!({ "rules": [changed, { "id": "c" }] })),
            [
                ("rule a: tools".to_owned(), Some(json!(["x"])), Some(json!(["x", "y"]))),
                ("rule a: mode".to_owned(), None, Some(json!("observe"))),
                ("rule b".to_owned(), Some(b.clone()), None),
                ("rule c".to_owned(), None, Some(json!({ "id": "c" }))),
            ]
        );
    }

    #[test]
    fn other_sections_are_compared_member_by_member() {
        assert_eq!(
            told(
                json!({ "default": "deny", "limits": { "a": 1, "b": [1] }, "masking": [{ "id": "m", "detect": "jwt" }] }),
                json!({ "default": "deny", "limits": { "a": 2, "b": 1 }, "masking": [{ "id": "m", "detect": ["jwt"] }], "audit": { "payload": "none" } }),
            ),
            [("limits.a".to_owned(), Some(json!(1)), Some(json!(2))), ("audit".to_owned(), None, Some(json!({ "payload": "none" }))),]
        );
    }
}
