//! Why a body is refused, and how that is answered.

use super::message::Id;
use super::reply::{self, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, Reply, quoted};

/// A body that is not passed on: the reason, and the id to answer to, if one could be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct ParseProblem {
    pub why: Why,
    /// The message's only, well-formed `id`; it lets a client tell which of its requests failed.
    pub id: Option<Id>,
}

/// The reasons. Each is something that servers were seen to read in different ways, or that no server accepts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("the body is empty; send one JSON-RPC message")]
    Empty,
    #[error("the body starts with a byte order mark; send plain UTF-8")]
    ByteOrderMark,
    #[error("the body is not UTF-8 at byte {at}")]
    NotUtf8 { at: usize },
    #[error("the body is not JSON at byte {at}: {reason}")]
    NotJson { at: usize, reason: String },
    #[error("the member {} appears twice in the object that ends at byte {at}", quoted(name))]
    Duplicate { name: String, at: usize },
    #[error("nested deeper than {} levels at byte {at}", crate::limits::JSON_DEPTH)]
    TooDeep { at: usize },
    #[error("the body is an array; batches were removed from the protocol, send one message per request")]
    Batch,
    #[error("the body is not an object; send one JSON-RPC message")]
    NotAnObject,
    #[error("the member {} differs from `{known}` only by case; servers disagree on which one counts", quoted(name))]
    Variant { name: String, known: &'static str },
    #[error(
        "the message has an unknown member {}; a message has `jsonrpc`, `id`, `method`, `params`, `result` and `error` only",
        quoted(name)
    )]
    UnknownMember { name: String },
    #[error("`jsonrpc` must be `\"2.0\"`")]
    Version,
    #[error("the message must be either a request (`method`) or a response (`result` or `error`, with `id`)")]
    Shape,
    #[error("`id` must be a string of at most {} bytes or an integer of 64 bits", super::message::ID_BYTES)]
    Id,
    #[error("`method` must be a string of 1 to {} visible ASCII characters", super::method::METHOD_BYTES)]
    Method,
    #[error("the method {} differs from `{known}` only by case", quoted(method))]
    MethodVariant { method: String, known: &'static str },
    #[error("{} is a request and needs an `id`", quoted(method))]
    RequestWithoutId { method: String },
    #[error("`params` must be an object")]
    Params,
    #[error("`params._meta` must be an object")]
    Meta,
    #[error(
        "`io.modelcontextprotocol/protocolVersion` in `params._meta` must be a string of at most {} bytes",
        super::message::VERSION_BYTES
    )]
    ProtocolVersion,
    #[error("{} needs `{member}`: {expected}", quoted(method))]
    Target { method: String, member: &'static str, expected: &'static str },
    /// A method that 2026-07-28 removed, and that does not even say what it is about.
    #[error("{} does not exist in this version of the protocol", quoted(method))]
    Removed { method: String },
}

impl Why {
    /// The code of JSON-RPC 2.0, section 5.1: not JSON, not a message, or not valid parameters.
    pub fn code(&self) -> i64 {
        match self {
            Self::Empty | Self::ByteOrderMark | Self::NotUtf8 { .. } | Self::NotJson { .. } | Self::TooDeep { .. } => PARSE_ERROR,
            Self::Duplicate { .. }
            | Self::Batch
            | Self::NotAnObject
            | Self::Variant { .. }
            | Self::UnknownMember { .. }
            | Self::Version
            | Self::Shape
            | Self::Id
            | Self::Method
            | Self::MethodVariant { .. }
            | Self::RequestWithoutId { .. }
            | Self::Params => INVALID_REQUEST,
            Self::Meta | Self::ProtocolVersion | Self::Target { .. } => INVALID_PARAMS,
            Self::Removed { .. } => METHOD_NOT_FOUND,
        }
    }

    /// A stable word for the record.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::ByteOrderMark => "byte_order_mark",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::NotJson { .. } => "not_json",
            Self::Duplicate { .. } => "duplicate_member",
            Self::TooDeep { .. } => "too_deep",
            Self::Batch => "batch",
            Self::NotAnObject => "not_an_object",
            Self::Variant { .. } => "case_variant",
            Self::UnknownMember { .. } => "unknown_member",
            Self::Version => "jsonrpc_version",
            Self::Shape => "message_shape",
            Self::Id => "id",
            Self::Method => "method",
            Self::MethodVariant { .. } => "method_case_variant",
            Self::RequestWithoutId { .. } => "request_without_id",
            Self::Params => "params",
            Self::Meta => "meta",
            Self::ProtocolVersion => "protocol_version",
            Self::Target { .. } => "target",
            Self::Removed { .. } => "method_removed",
        }
    }
}

impl ParseProblem {
    /// HTTP 400 with the JSON-RPC error, `id` left out when there is none to answer to.
    ///
    /// Wrong parameters of a request with an id are an ordinary JSON-RPC error in HTTP 200: servers answer so, and
    /// any 4xx would end the session of the Python 1.x client.
    pub fn reply(&self) -> Reply {
        let status = match (&self.why, &self.id) {
            (Why::Target { .. }, Some(_)) => 200,
            // MCP 2026-07-28, transports: an unknown method is 404, and a client that speaks it knows that answer.
            (Why::Removed { .. }, _) => 404,
            _ => 400,
        };
        reply::rpc_error(self.id.as_ref(), self.why.code(), &self.why.to_string(), None, status)
    }
}
