//! What a caller is told when a budget has no room: what it may have, and when to try again.

use serde_json::json;

use super::Limited;
use crate::mcp::message::{Kind, Message};
use crate::mcp::reply::{Reply, http_error, rpc_error, tool_refused};
use crate::policy::value::Duration;
use crate::policy::{Limit, Per};

/// JSON-RPC code of a refusal for want of room. Outside of -32768..-32000, where new codes belong, as HTTP 429 is within HTTP.
pub const LIMITED: i64 = 4029;

/// The answer; `message` is `None` for GET and DELETE.
///
/// In the shape of the call and with HTTP 200: no client reads `retry-after` (it is there for those that will), and with HTTP 429 the
/// Python SDK 1.x loses its whole session.
pub fn refuse(limited: &Limited, message: Option<&Message>, reference: &str) -> Reply {
    let Limited { id: budget, code, text, retry_after, broken } = limited;
    let unit = if *retry_after == 1 { "second" } else { "seconds" };
    let text = format!("{text} Try again in {retry_after} {unit}. (limit `{budget}`, reference {reference})");
    let data = json!({ "limit": budget.as_ref(), "retryAfter": retry_after, "reference": reference });
    let status = if *broken { 503 } else { 429 };
    let reply = match message.map(|message| (&message.kind, &message.era)) {
        None => http_error(status, code, &text),
        Some((Kind::Request { id, method }, era)) if method == "tools/call" => tool_refused(id, era, &text),
        Some((Kind::Request { id, .. }, _)) => rpc_error(Some(id), LIMITED, &text, Some(data), 200),
        Some((Kind::Notification { .. } | Kind::Response { .. }, _)) => rpc_error(None, LIMITED, &text, Some(data), status),
    };
    reply.with("retry-after", retry_after.to_string())
}

/// What the budget gives, in a sentence: "Too many calls: at most 60 a minute for each caller."
pub(super) fn text(limit: &Limit, per: Per) -> String {
    let whose = match per {
        Per::Principal => "for each caller",
        Per::Tool => "for each tool",
        Per::Session => "for each session",
        Per::All => "for all callers together",
    };
    match limit {
        Limit::Calls { count, span, .. } => {
            let span = match span.secs() {
                1 => "a second",
                60 => "a minute",
                _ => "an hour",
            };
            format!("Too many calls: at most {count} {span} {whose}.")
        }
        Limit::Bytes { at_most, within } => {
            format!("Too much data: at most {} within {} {whose}.", size(*at_most), time(*within))
        }
        Limit::Findings { at_most, within, .. } => {
            format!("Too many sensitive values: at most {at_most} within {} {whose}.", time(*within))
        }
        Limit::Streams { at_most } => format!("Too many calls at the same time: at most {at_most} {whose}."),
    }
}

fn size(bytes: u64) -> String {
    for (unit, name) in [(1024 * 1024, "MiB"), (1024, "KiB")] {
        if bytes >= unit && bytes.is_multiple_of(unit) {
            return format!("{} {name}", bytes / unit);
        }
    }
    format!("{bytes} bytes")
}

fn time(span: Duration) -> String {
    let secs = span.secs();
    for (unit, name) in [(3_600, "hour"), (60, "minute"), (1, "second")] {
        if secs >= unit && secs.is_multiple_of(unit) {
            let count = secs / unit;
            return format!("{count} {name}{}", if count == 1 { "" } else { "s" });
        }
    }
    format!("{} milliseconds", span.millis())
}
