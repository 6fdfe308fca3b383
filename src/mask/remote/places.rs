//! Strings of messages that are no text to look through, by the places the protocol gives them: a client hands them back as they are.

use super::super::protocol;
use crate::wire::path::{Path, Step};

/// `[]` is any element.
const NAMES: &[&[&str]] = &[
    &["result", "protocolVersion"],
    &["result", "serverInfo", "name"],
    &["result", "serverInfo", "version"],
    &["result", "tools", "[]", "name"],
    &["result", "prompts", "[]", "name"],
    &["result", "prompts", "[]", "arguments", "[]", "name"],
    &["result", "resources", "[]", "uri"],
    &["result", "resourceTemplates", "[]", "uriTemplate"],
    &["result", "contents", "[]", "uri"],
    &["result", "content", "[]", "uri"],
    &["result", "content", "[]", "resource", "uri"],
    &["result", "messages", "[]", "content", "uri"],
    &["result", "messages", "[]", "content", "resource", "uri"],
    &["params", "uri"],
];

/// Whether the string that comes next at `path` is text.
pub(super) fn is_text(path: &Path) -> bool {
    !protocol::owns(path)
        && protocol::handle(path).is_none()
        && !protocol::is_blob(path)
        && !protocol::describes(path)
        && !NAMES.iter().any(|place| stands_at(path, place))
}

fn stands_at(path: &Path, place: &[&str]) -> bool {
    let batch = usize::from(matches!(path.steps().next(), Some(Step::Element(_))));
    path.depth() == place.len() + batch
        && path.steps().skip(batch).zip(place).all(|(step, part)| match step {
            Step::Element(_) => *part == "[]",
            step => step.name() == Some(part.as_bytes()),
        })
}
