//! One JSON-RPC message, read so that no server can read it differently.

use std::fmt;
use std::ops::Range;

use serde::{Serialize, Serializer};

use super::json::{self, Fault, Kind as JsonKind, Member, What};
use super::method::{self, Class, METHOD_BYTES, Target};
use super::params::Params;
use super::problem::{ParseProblem, Why};

/// Longest string taken as an id. Clients use counters, UUIDs and short words.
pub const ID_BYTES: usize = 512;

/// Longest protocol version; every published one is a date.
pub const VERSION_BYTES: usize = 64;

/// A message as it goes to the guard and into the record. The ranges point into the parsed body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub kind: Kind,
    pub era: Era,
    pub class: Class,
    /// What the call names: checked to be there for the methods that need it.
    pub target: Target,
    /// `params.taskId`, for the methods that name a task.
    pub task: Option<String>,
    /// `params`, as written.
    pub params: Option<Range<usize>>,
    /// `params.arguments`, as written, for `tools/call` and `prompts/get`.
    pub arguments: Option<Range<usize>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Request { id: Id, method: String },
    Notification { method: String },
    Response { id: Id },
}

/// A request's id. Echoed exactly: only integers that have one spelling are accepted as numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Id {
    Number(i64),
    Text(String),
}

/// How a message tells its revision. Decided by the message alone: clients were seen to mix both on one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Era {
    /// Up to 2025-11-25: agreed in `initialize`.
    Legacy,
    /// From 2026-07-28: in `_meta` of every message. Whether the version exists is for the server to say.
    Modern { version: String },
}

impl Message {
    /// The method, or the name rules know the message by.
    pub fn method(&self) -> &str {
        match &self.kind {
            Kind::Request { method, .. } | Kind::Notification { method } => method,
            Kind::Response { .. } => method::RESPONSE,
        }
    }

    /// The id a reply must carry: a request's. A response's id is the server's own.
    pub fn reply_id(&self) -> Option<&Id> {
        match &self.kind {
            Kind::Request { id, .. } => Some(id),
            Kind::Notification { .. } | Kind::Response { .. } => None,
        }
    }
}

impl Id {
    /// `None` for anything but a short string or an integer: `5.0` is 5 to four servers and no request at all to the
    /// fifth, `null` makes a notification of a request, and beyond 64 bits each server rounds its own way.
    fn read(value: &str) -> Option<Self> {
        match JsonKind::of(value)? {
            JsonKind::Text => {
                let text = json::text(value)?;
                (text.len() <= ID_BYTES).then(|| Self::Text(text.into_owned()))
            }
            // `-0` parses to 0 and would not be echoed as it came.
            JsonKind::Number if value != "-0" => value.parse().ok().map(Self::Number),
            _ => None,
        }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => out.serialize_i64(*number),
            Self::Text(text) => out.serialize_str(text),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Reads a whole request body: exactly one JSON-RPC 2.0 object, nothing before or after it.
///
/// Refused is what servers were measured to disagree on: arrays, duplicate members at any depth, a byte order mark,
/// other encodings, fractional and null ids; and what hides a call from a rule: members and methods that
/// differ from the protocol's only by case, requests without an id, calls that do not say what they call.
pub fn parse(body: &[u8]) -> Result<Message, ParseProblem> {
    let mut id = None;
    read(body, &mut id).map_err(|why| ParseProblem { why, id })
}

/// `seen` is set as soon as an id is known, so that a later problem can be answered to it.
fn read(body: &[u8], seen: &mut Option<Id>) -> Result<Message, Why> {
    let body = text(body)?;
    match JsonKind::of(body) {
        Some(JsonKind::Object) => {}
        Some(JsonKind::Array) => return Err(Why::Batch),
        Some(_) => return Err(Why::NotAnObject),
        None if body.bytes().all(|b| b.is_ascii_whitespace()) => return Err(Why::Empty),
        None => return Err(Why::NotJson { at: 0, reason: "expected `{`".to_owned() }),
    }
    let members = json::members(body)?;
    *seen = only_id(&members);
    json::check(body)?;
    let envelope = Envelope::sort(&members)?;
    if envelope.jsonrpc.and_then(json::text).as_deref() != Some("2.0") {
        return Err(Why::Version);
    }
    let id = match envelope.id {
        None => None,
        Some(value) => Some(Id::read(value).ok_or(Why::Id)?),
    };
    match (envelope, id) {
        (Envelope { method: Some(method), params, result: None, error: None, .. }, id) => call(body, method, params, id),
        (Envelope { method: None, params: None, result, error, .. }, Some(id)) if result.is_some() != error.is_some() => Ok(Message {
            kind: Kind::Response { id },
            era: Era::Legacy,
            class: Class::Lifecycle,
            target: Target::None,
            task: None,
            params: None,
            arguments: None,
        }),
        _ => Err(Why::Shape),
    }
}

fn call(body: &str, method: &str, params: Option<&str>, id: Option<Id>) -> Result<Message, Why> {
    let method = json::text(method).filter(|method| is_method(method)).ok_or(Why::Method)?.into_owned();
    if let Some(known) = method::variant(&method) {
        return Err(Why::MethodVariant { method, known });
    }
    let read = match params {
        None => Params::default(),
        Some(params) => Params::read(params)?,
    };
    let era = read.era()?;
    let (kind, class, names) = match id {
        Some(id) => {
            let (class, names) = method::request(&method);
            (Kind::Request { id, method }, class, names)
        }
        None => match method::notification(&method) {
            Some(class) => (Kind::Notification { method }, class, method::Names::Nothing),
            None => return Err(Why::RequestWithoutId { method }),
        },
    };
    let mut message =
        Message { kind, era, class, target: Target::None, task: None, params: params.map(|params| range(body, params)), arguments: None };
    message.target = match (read.target(message.method(), names), &message.era) {
        (Err(Why::Target { method, .. }), Era::Modern { .. }) if method::was_removed(&method) => return Err(Why::Removed { method }),
        (target, _) => target?,
    };
    // Listening to named resources is a subscription to each of them.
    if matches!(message.target, Target::Resources(_)) {
        message.class = Class::Action;
    }
    message.task = (names == method::Names::Task).then(|| read.task()).flatten();
    message.arguments = read.arguments(message.method(), names)?.map(|arguments| range(body, arguments));
    Ok(message)
}

/// The id that the params of `notifications/cancelled` name.
pub fn cancelled(params: &[u8]) -> Option<Id> {
    let members = json::members(text(params).ok()?).ok()?;
    members.iter().find(|member| member.name == "requestId").and_then(|member| Id::read(member.value))
}

fn text(body: &[u8]) -> Result<&str, Why> {
    if body.starts_with(b"\xef\xbb\xbf") {
        return Err(Why::ByteOrderMark);
    }
    std::str::from_utf8(body).map_err(|err| Why::NotUtf8 { at: err.valid_up_to() })
}

fn is_method(method: &str) -> bool {
    (1..=METHOD_BYTES).contains(&method.len()) && method.bytes().all(|b| b.is_ascii_graphic())
}

/// Where `part`, a slice of `body`, lies in it.
pub(super) fn range(body: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(body.as_ptr().addr());
    start..start.saturating_add(part.len())
}

fn only_id(members: &[Member<'_>]) -> Option<Id> {
    let mut ids = members.iter().filter(|member| member.name == "id");
    match (ids.next(), ids.next()) {
        (Some(member), None) => Id::read(member.value),
        _ => None,
    }
}

/// The members a message may have.
#[derive(Default)]
struct Envelope<'a> {
    jsonrpc: Option<&'a str>,
    id: Option<&'a str>,
    method: Option<&'a str>,
    params: Option<&'a str>,
    result: Option<&'a str>,
    error: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    const KNOWN: [&'static str; 6] = ["jsonrpc", "id", "method", "params", "result", "error"];

    fn sort(members: &[Member<'a>]) -> Result<Self, Why> {
        let mut envelope = Self::default();
        for Member { name, value } in members {
            let slot = match name.as_ref() {
                "jsonrpc" => &mut envelope.jsonrpc,
                "id" => &mut envelope.id,
                "method" => &mut envelope.method,
                "params" => &mut envelope.params,
                "result" => &mut envelope.result,
                "error" => &mut envelope.error,
                _ => {
                    let name = name.to_string();
                    return Err(match Self::KNOWN.into_iter().find(|known| json::variant_of(&name, known)) {
                        Some(known) => Why::Variant { name, known },
                        None => Why::UnknownMember { name },
                    });
                }
            };
            *slot = Some(*value);
        }
        Ok(envelope)
    }
}

impl From<Fault> for Why {
    fn from(fault: Fault) -> Self {
        let at = fault.at;
        match fault.what {
            What::Grammar(reason) => Self::NotJson { at, reason },
            What::Duplicate(name) => Self::Duplicate { name, at },
            What::TooDeep => Self::TooDeep { at },
        }
    }
}
