//! How a refusal reaches the caller.

use serde_json::json;

use super::{Basis, Verdict};
use crate::mcp::message::{Kind, Message};
use crate::mcp::reply::{REFUSED, Reply, http_error, rpc_error, tool_refused};

/// The answer to a refused call; `message` is `None` for GET and DELETE. `reference` is the record's, for asking back.
///
/// For want of scopes it is HTTP 403, to which the caller adds the challenge (RFC 6750, 3.1).
///
/// The text says the rule's own message, its id and the reference. It never says what would have been allowed.
/// Shapes, and what real clients do with them: see [`crate::mcp::reply`].
pub fn refuse(verdict: &Verdict, message: Option<&Message>, reference: &str) -> Reply {
    let text = text(verdict, reference);
    let Some(message) = message else { return http_error(403, "refused_by_policy", &text) };
    let rule = verdict.deciding.as_ref().map(|rule| rule.id.as_ref());
    let data = match rule {
        Some(rule) => json!({ "rule": rule, "reference": reference }),
        None => json!({ "reference": reference }),
    };
    if !verdict.needed_scopes.is_empty() {
        // The one refusal that a client can cure: it is the status and the challenge that the caller adds which it acts upon.
        let id = match &message.kind {
            Kind::Request { id, .. } => Some(id),
            Kind::Notification { .. } | Kind::Response { .. } => None,
        };
        return rpc_error(id, REFUSED, &text, Some(data), 403);
    }
    match &message.kind {
        Kind::Request { id, method } if method == "tools/call" => tool_refused(id, &message.era, &text),
        Kind::Request { id, .. } => rpc_error(Some(id), REFUSED, &text, Some(data), 200),
        // Nothing waits for an answer with an id. 202 would say that the server has taken it; the transport asks for an
        // error status, and a client that is told at least logs it. Only a rule that names the method leads here.
        Kind::Notification { .. } | Kind::Response { .. } => rpc_error(None, REFUSED, &text, Some(data), 403),
    }
}

fn text(verdict: &Verdict, reference: &str) -> String {
    let said = match (&verdict.message, verdict.basis) {
        (Some(message), _) => message,
        _ if !verdict.needed_scopes.is_empty() => "The token lacks scopes that this call needs.",
        (None, Basis::Rule) => "This call is refused by a rule of this endpoint.",
        (None, Basis::Default | Basis::Open) => "No rule of this endpoint allows this call.",
    };
    match &verdict.deciding {
        Some(rule) => format!("{said} (rule `{}`, reference {reference})", rule.id),
        None => format!("{said} (reference {reference})"),
    }
}
