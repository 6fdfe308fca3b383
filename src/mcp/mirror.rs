//! Headers that repeat the body (`MCP-Protocol-Version`, `Mcp-Method`, `Mcp-Name`; revision 2026-07-28, SEP-2243).
//!
//! Rules look at the body alone. The headers are checked because others trust them: a router, a rate limit or a server
//! that takes its method from the header must not be told something else than the guard was.
//!
//! `Mcp-Param-*` is not checked: which argument one mirrors is written in the tool's schema, which only the server has.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::http::{Headers, Repeated, single};
use super::message::{Era, Id, Kind, Message};
use super::method::{Names, request};
use super::reply::{self, HEADER_MISMATCH, Reply, quoted};

/// Headers and body disagree; answered to the request's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct MirrorProblem {
    pub why: MirrorWhy,
    pub id: Option<Id>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MirrorWhy {
    #[error("the header `{header}` is missing")]
    Missing { header: &'static str },
    #[error("the header `{header}` appears more than once")]
    Repeated { header: &'static str },
    #[error("the header `{header}` is {} but the body says {}", quoted(said), quoted(meant))]
    Differs { header: &'static str, said: String, meant: String },
    #[error("the header `{header}` is there but the body is a response")]
    OnResponse { header: &'static str },
}

impl MirrorProblem {
    /// HTTP 400 with -32020, which a client that tries the modern revision first takes as an answer of that revision.
    pub fn reply(&self) -> Reply {
        reply::rpc_error(self.id.as_ref(), HEADER_MISMATCH, &self.to_string(), None, 400)
    }
}

pub const VERSION: &str = "mcp-protocol-version";
pub const METHOD: &str = "mcp-method";
pub const NAME: &str = "mcp-name";

/// Compares the mirrored headers with the message.
///
/// A modern request must have them (`Mcp-Name` where the specification's core gives it a meaning). Where they are not
/// asked for, on notifications and legacy requests, `Mcp-Method` and `Mcp-Name` must still be true when they are there.
/// `MCP-Protocol-Version` of a legacy message was agreed in `initialize` and has nothing in the body to compare with.
pub fn check(headers: &Headers, message: &Message) -> Result<(), MirrorProblem> {
    compare(headers, message).map_err(|why| MirrorProblem { why, id: message.reply_id().cloned() })
}

fn compare(headers: &Headers, message: &Message) -> Result<(), MirrorWhy> {
    let version = one(headers, VERSION)?;
    let method = one(headers, METHOD)?;
    let name = one(headers, NAME)?;
    let (called, is_request) = match &message.kind {
        Kind::Request { method, .. } => (method.as_str(), true),
        Kind::Notification { method } => (method.as_str(), false),
        Kind::Response { .. } => {
            return match (method, name) {
                (None, None) => Ok(()),
                (Some(_), _) => Err(MirrorWhy::OnResponse { header: METHOD }),
                (None, Some(_)) => Err(MirrorWhy::OnResponse { header: NAME }),
            };
        }
    };
    let required = is_request && message.era != Era::Legacy;
    if let Era::Modern { version: meant } = &message.era {
        same(VERSION, version, Some(meant), required)?;
    }
    same(METHOD, method, Some(called), required)?;
    let names = if is_request { request(called).1 } else { Names::Nothing };
    match names {
        Names::Tool | Names::Prompt => same(NAME, name, message.target.name(), required),
        // The header is defined for reading only; on the two subscriptions it is at least not a lie.
        Names::Resource => same(NAME, name, message.target.name(), required && called == "resources/read"),
        // From an extension, which not every client follows.
        Names::Task => same(NAME, name, message.task.as_deref(), false),
        // No meaning is defined; a server ignores it, or an extension knows what it is.
        Names::Nothing | Names::Reference | Names::Subscriptions => Ok(()),
    }
}

fn one<'a>(headers: &'a Headers, header: &'static str) -> Result<Option<&'a str>, MirrorWhy> {
    single(headers, header).map_err(|Repeated| MirrorWhy::Repeated { header })
}

fn same(header: &'static str, said: Option<&str>, meant: Option<&str>, required: bool) -> Result<(), MirrorWhy> {
    let Some(said) = said.map(|said| said.trim_matches([' ', '\t'])) else {
        return if required { Err(MirrorWhy::Missing { header }) } else { Ok(()) };
    };
    if meant.is_some_and(|meant| decoded_is(said, meant)) {
        return Ok(());
    }
    Err(MirrorWhy::Differs { header, said: said.to_owned(), meant: meant.unwrap_or_default().to_owned() })
}

/// Values that are not plain ASCII, or look like the mark itself, come as `=?base64?...?=`: compared decoded.
fn decoded_is(said: &str, meant: &str) -> bool {
    match said.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) {
        Some(coded) => STANDARD.decode(coded).is_ok_and(|bytes| bytes == meant.as_bytes()),
        None => said == meant,
    }
}

/// A value as `Mcp-Name` carries it.
pub fn encoded(value: &str) -> String {
    let is_plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~')) && value.trim_matches(' ') == value && !value.is_empty();
    if is_plain && !value.starts_with("=?base64?") { value.to_owned() } else { format!("=?base64?{}?=", STANDARD.encode(value)) }
}

/// What `Mcp-Name` says; `None` when it is not well written.
pub fn decoded(said: &str) -> Option<String> {
    match said.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) {
        Some(coded) => String::from_utf8(STANDARD.decode(coded).ok()?).ok(),
        None => Some(said.to_owned()),
    }
}

/// The protocol version a message goes by: its own, else what the header says. For the record; decides nothing.
pub fn revision<'a>(headers: &'a Headers, message: &'a Message) -> Option<&'a str> {
    match &message.era {
        Era::Modern { version } => Some(version),
        Era::Legacy => single(headers, VERSION).ok().flatten(),
    }
}
