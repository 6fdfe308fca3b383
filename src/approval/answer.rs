//! What the service answers, read with care and not yet believed.

use serde_json::{Map, Value};

/// Longest answer that is read, in bytes.
const ANSWER_BYTES: usize = 256 * 1024;

/// Longest address of a page.
const PAGE_BYTES: usize = 2_048;

/// Longest reason that is passed on, in characters.
const REASON_CHARS: usize = 500;

/// One request at the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// `apr_...`; safe in a path.
    pub id: String,
    pub status: Status,
    /// Where people see it: `https://...`.
    pub page: Option<String>,
    /// Seconds.
    pub retry_after: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Pending,
    /// By what this signed state says.
    Approved {
        state: String,
    },
    /// Approved, and all its uses were taken.
    Spent,
    Denied {
        by: Vec<String>,
        at: Option<String>,
        reason: Option<String>,
    },
    Expired,
    Cancelled,
    Failed,
}

/// The answer to `requests` and to `requests/ID`. `None` for what is none.
pub fn task(body: &[u8]) -> Option<Task> {
    let answer = object(body)?;
    let task = answer.get("task")?.as_object()?;
    let id = text(task, "id")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if id.is_empty() || id.len() > 64 || !id.bytes().all(is_plain) {
        return None;
    }
    let approval = answer.get("approval").and_then(Value::as_object);
    let status = match text(task, "status")? {
        "pending" => Status::Pending,
        "approved" => match approval.and_then(|approval| text(approval, "state")) {
            Some(state) => Status::Approved { state: state.to_owned() },
            None if approval.and_then(|approval| approval.get("remaining")) == Some(&Value::from(0)) => Status::Spent,
            None => return None,
        },
        "denied" => denied(answer.get("denial")),
        "expired" => Status::Expired,
        "cancelled" => Status::Cancelled,
        "failed" => Status::Failed,
        _ => return None,
    };
    let page = text(task, "page").filter(|page| is_page(page)).map(str::to_owned);
    let retry_after = task.get("retry_after").and_then(Value::as_u64).unwrap_or(2).clamp(1, 30);
    Some(Task { id: id.to_owned(), status, page, retry_after })
}

/// Whoever denied was the last to speak.
fn denied(denial: Option<&Value>) -> Status {
    let decisions = denial.and_then(|denial| denial.get("decisions")).and_then(Value::as_array);
    let all: Vec<&Map<String, Value>> = decisions.into_iter().flatten().filter_map(Value::as_object).collect();
    let has_word = all.iter().any(|decision| decision.contains_key("decision"));
    let denying: Vec<_> = all.into_iter().filter(|decision| !has_word || text(decision, "decision") == Some("deny")).collect();
    let last = denying.last();
    Status::Denied {
        by: denying.iter().filter_map(|decision| text(decision, "by")).map(str::to_owned).take(16).collect(),
        at: last.and_then(|decision| text(decision, "at")).map(str::to_owned),
        reason: last.and_then(|decision| text(decision, "reason")).and_then(legible),
    }
}

/// How a use was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoUse {
    /// Another call has taken it.
    Taken,
    NotApproved,
    Expired,
}

/// The signed state in the answer to `consume`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    pub state: String,
    pub remaining: Option<u64>,
}

pub fn consumed(body: &[u8]) -> Option<Used> {
    let answer = object(body)?;
    if answer.get("consumed") != Some(&Value::Bool(true)) {
        return None;
    }
    Some(Used { state: text(&answer, "state")?.to_owned(), remaining: answer.get("remaining").and_then(Value::as_u64) })
}

/// What a 409 or 410 says. `None` for a word that is not known.
pub fn consumed_problem(body: &[u8]) -> Option<NoUse> {
    match text(&object(body)?, "error")? {
        "consumed" => Some(NoUse::Taken),
        "not_approved" => Some(NoUse::NotApproved),
        "expired" => Some(NoUse::Expired),
        _ => None,
    }
}

fn object(body: &[u8]) -> Option<Map<String, Value>> {
    if body.len() > ANSWER_BYTES {
        return None;
    }
    serde_json::from_slice(body).ok()
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}

/// People are sent there: an address of the web, and no text that a terminal or a page could take for something else.
fn is_page(page: &str) -> bool {
    let rest = page.strip_prefix("https://").or_else(|| page.strip_prefix("http://"));
    page.len() <= PAGE_BYTES
        && rest.is_some_and(|rest| !rest.is_empty())
        && page.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"`\\^{}|".contains(&byte))
}

/// One line of what a person wrote, for another person and a model.
pub(super) fn legible(reason: &str) -> Option<String> {
    let line: String = reason.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REASON_CHARS).collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
