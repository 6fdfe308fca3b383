//! The members that JSON-RPC and MCP live on, at the places the protocol puts them (revisions 2025-11-25 and 2026-07-28):
//! read past, never changed. Data of the same name anywhere else is data.

use crate::seal::What;
use crate::wire::path::{Path, Step};

/// `*` is any member, `[]` any element, `mcp/` any member that begins with the protocol's own prefix.
const PLACES: &[&[&str]] = &[
    &["jsonrpc"],
    &["id"],
    &["method"],
    &["result", "resultType"],
    &["result", "nextCursor"],
    &["result", "requestState"],
    &["result", "taskId"],
    &["result", "subscriptionId"],
    &["result", "task", "taskId"],
    &["result", "tasks", "[]", "taskId"],
    &["result", "_meta", "progressToken"],
    &["result", "_meta", "mcp/"],
    &["result", "_meta", "mcp/", "taskId"],
    &["result", "inputRequests", "*", "method"],
    &["params", "cursor"],
    &["params", "progressToken"],
    &["params", "requestId"],
    &["params", "requestState"],
    &["params", "taskId"],
    &["params", "subscriptionId"],
    &["params", "elicitationId"],
    &["params", "_meta", "progressToken"],
    &["params", "_meta", "mcp/"],
    &["params", "_meta", "mcp/", "taskId"],
    &["error", "data", "elicitations", "[]", "elicitationId"],
    &["result", "content", "type"],
    &["result", "content", "mimeType"],
    &["result", "content", "[]", "type"],
    &["result", "content", "[]", "mimeType"],
    &["result", "content", "[]", "resource", "mimeType"],
    &["result", "contents", "[]", "mimeType"],
    &["result", "messages", "[]", "content", "type"],
    &["result", "messages", "[]", "content", "mimeType"],
    &["result", "messages", "[]", "content", "resource", "mimeType"],
    &["result", "resources", "[]", "mimeType"],
    &["result", "resourceTemplates", "[]", "mimeType"],
    &["params", "messages", "[]", "content", "type"],
    &["params", "messages", "[]", "content", "mimeType"],
    &["params", "messages", "[]", "content", "[]", "type"],
    &["params", "messages", "[]", "content", "[]", "mimeType"],
];

/// What a server hands out to be handed back: sealed where the policy has a key. The rest of the way is in [`crate::mcp::handles`].
const HANDLES: &[(&[&str], What)] = &[
    (&["result", "requestState"], What::State),
    (&["result", "taskId"], What::Task),
    (&["result", "task", "taskId"], What::Task),
    (&["result", "tasks", "[]", "taskId"], What::Task),
    (&["result", "_meta", RELATED, "taskId"], What::Task),
    (&["params", "taskId"], What::Task),
    (&["params", "_meta", RELATED, "taskId"], What::Task),
    // `notifications/subscriptions/acknowledged` repeats what was subscribed to.
    (&["params", "notifications", "taskIds", "[]"], What::Task),
];

const RELATED: &str = "io.modelcontextprotocol/related-task";

/// JSON schemas: what a member is called there is not what it holds.
const SCHEMAS: &[&[&str]] = &[
    &["result", "tools", "[]", "inputSchema"],
    &["result", "tools", "[]", "outputSchema"],
    &["result", "inputRequests", "*", "params", "requestedSchema"],
    &["params", "requestedSchema"],
];

/// The last parts of all places, and how deep the deepest of each is.
const LAST: &[(&[u8], usize)] = &[
    (b"id", 1),
    (b"type", 6),
    (b"method", 4),
    (b"cursor", 2),
    (b"taskId", 5),
    (b"jsonrpc", 1),
    (b"mimeType", 6),
    (b"requestId", 2),
    (b"nextCursor", 2),
    (b"resultType", 2),
    (b"requestState", 2),
    (b"progressToken", 3),
    (b"subscriptionId", 2),
    (b"elicitationId", 5),
];

const PREFIX: &[u8] = b"io.modelcontextprotocol/";

/// Deepest place, with one more for the array of a batch.
const DEEPEST: usize = 7;

/// Whether the string or number that comes next at `path` is the protocol's.
pub(crate) fn owns(path: &Path) -> bool {
    if path.depth() > DEEPEST {
        return false;
    }
    let Some(last) = path.last().and_then(Step::name) else { return false };
    let may_be = last.starts_with(PREFIX)
        || match last.first() {
            Some(b'j' | b'i' | b'm' | b'r' | b'n' | b't' | b's' | b'p' | b'c' | b'e') => {
                LAST.iter().any(|(name, deepest)| *name == last && path.depth() <= deepest + batch(path))
            }
            _ => false,
        };
    may_be && PLACES.iter().any(|place| place.last().is_some_and(|name| is(name, last)) && stands_at(path, place))
}

/// Whether a member called so may be the protocol's or a handle, wherever it stands. Almost every one is somebody's data.
pub(crate) fn may_own(name: &[u8]) -> bool {
    name.starts_with(PREFIX) || LAST.iter().any(|(last, _)| *last == name)
}

/// What the string that comes next at `path` is a handle of.
pub(crate) fn handle(path: &Path) -> Option<What> {
    let may_be = match path.last()? {
        Step::Element(_) => path.depth() > 3,
        step => matches!(step.name(), Some(b"taskId" | b"requestState")),
    };
    if !may_be || path.depth() > DEEPEST {
        return None;
    }
    HANDLES.iter().find(|(place, _)| stands_at(path, place)).map(|(_, what)| *what)
}

/// Whether the string that comes next at `path` is content in base64: the `blob` of a resource, the `data` of an image or a recording.
pub(crate) fn is_blob(path: &Path) -> bool {
    let Some(last) = path.last().and_then(Step::name).filter(|last| may_be_blob(last)) else { return false };
    let mut steps = path.steps().skip(batch(path));
    let is_message = matches!(steps.next().and_then(Step::name), Some(b"result" | b"params"));
    // Data of tools may have any names.
    let is_data = steps.any(|step| matches!(step.name(), Some(b"structuredContent" | b"arguments" | b"_meta")));
    let mut around = path.steps().rev().skip(1).skip_while(|step| matches!(step, Step::Element(_))).filter_map(Step::name);
    let holder = around.next();
    let is_held = match last {
        b"blob" => matches!(holder, Some(b"contents" | b"resource")),
        _ => holder == Some(b"content"),
    };
    is_message && !is_data && is_held
}

/// Whether a member called so may be content in base64.
pub(crate) fn may_be_blob(name: &[u8]) -> bool {
    matches!(name, b"blob" | b"data")
}

/// Whether `path` is within a JSON schema: `{"password": {"type": "string"}}` there tells of a password, and is none.
pub(crate) fn describes(path: &Path) -> bool {
    SCHEMAS.iter().any(|place| path.depth() > place.len() + batch(path) && begins_with(path, place))
}

/// Schema keywords that quote values (JSON Schema Validation 6.1.2, 6.1.3, 9.2, 9.5).
pub(crate) fn is_value_in_schema(name: &[u8]) -> bool {
    matches!(name, b"default" | b"examples" | b"example" | b"const" | b"enum")
}

fn stands_at(path: &Path, place: &[&str]) -> bool {
    path.depth() == place.len() + batch(path) && begins_with(path, place)
}

/// A batch is an array of messages.
fn batch(path: &Path) -> usize {
    usize::from(matches!(path.steps().next(), Some(Step::Element(_))))
}

fn begins_with(path: &Path, place: &[&str]) -> bool {
    path.steps().skip(batch(path)).zip(place).all(|(step, part)| match step {
        Step::Element(_) => *part == "[]",
        step => step.name().is_some_and(|name| is(part, name)),
    })
}

fn is(part: &str, name: &[u8]) -> bool {
    match part {
        "*" => true,
        "[]" => false,
        "mcp/" => name.starts_with(PREFIX),
        part => part.as_bytes() == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owns_at(way: &[&str]) -> bool {
        let mut path = Path::default();
        for step in way {
            path.open(*step == "[]");
            if *step != "[]" {
                path.member(step.as_bytes(), false);
            }
        }
        owns(&path)
    }

    #[test]
    fn content_in_base64_is_known_by_its_place() {
        let is = |way: &[&str]| {
            let mut path = Path::default();
            for step in way {
                path.open(*step == "[]");
                if *step != "[]" {
                    path.member(step.as_bytes(), false);
                }
            }
            is_blob(&path)
        };
        for way in [
            &["result", "contents", "[]", "blob"][..],
            &["[]", "result", "content", "[]", "resource", "blob"],
            &["result", "content", "[]", "data"],
            &["result", "messages", "[]", "content", "data"],
            &["params", "messages", "[]", "content", "[]", "data"],
            &["params", "result", "content", "[]", "data"],
            &["result", "content", "data"],
        ] {
            assert!(is(way), "{way:?}");
        }
        for way in [
            &["params", "data"][..],
            &["error", "data"],
            &["result", "structuredContent", "content", "[]", "data"],
            &["params", "arguments", "resource", "blob"],
            &["result", "blob"],
            &["result", "content", "[]", "text"],
        ] {
            assert!(!is(way), "{way:?}");
        }
    }

    #[test]
    fn the_last_parts_are_listed() {
        for place in PLACES {
            let last = place.last().unwrap();
            let listed = LAST.iter().find(|(name, _)| *name == last.as_bytes());
            assert!(*last == "mcp/" || listed.is_some_and(|(_, deepest)| place.len() <= *deepest), "{last}");
        }
    }

    #[test]
    fn only_where_the_protocol_puts_them() {
        for way in [
            &["id"][..],
            &["[]", "id"],
            &["result", "nextCursor"],
            &["params", "_meta", "io.modelcontextprotocol/subscriptionId"],
            &["result", "_meta", "io.modelcontextprotocol/related-task", "taskId"],
            &["result", "content", "[]", "type"],
            &["result", "inputRequests", "any", "method"],
        ] {
            assert!(owns_at(way), "{way:?}");
        }
        for way in [
            &["result", "id"][..],
            &["[]", "[]", "id"],
            &["result", "structuredContent", "nextCursor"],
            &["result", "_meta", "io.example/x"],
            &["result", "structuredContent", "content", "[]", "type"],
            &["result", "content", "[]", "text"],
            &["Id"],
        ] {
            assert!(!owns_at(way), "{way:?}");
        }
    }
}
