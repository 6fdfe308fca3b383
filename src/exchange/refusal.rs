//! The one table of ways to be turned away: what happened, how it is called on record, what the client is answered.

use std::borrow::Cow;

use super::event::Metric;
use super::handles::HandleProblem;
use super::unapproved::Unapproved;
use crate::audit::Disposition;
use crate::identity::{MetadataProblem, TokenProblem};
use crate::mcp::http::TransportProblem;
use crate::mcp::message::Id;
use crate::mcp::mirror::MirrorProblem;
use crate::mcp::problem::ParseProblem;
use crate::mcp::reply::{self, Reply};
use crate::policy::value::Resource;

/// Every refusal but that of a rule, which answers in the shape of the call (see [`crate::guard::refuse`]).
#[derive(Debug)]
pub(super) enum Refusal {
    Plaintext,
    /// Addressed to this name, which is not ours.
    Host(String),
    Origin,
    Metadata(MetadataProblem),
    Token(TokenProblem),
    Transport(TransportProblem),
    TooLarge {
        limit: usize,
    },
    /// The VM's budget of held bytes is spent.
    Memory,
    /// Too many requests wait for keys, or for the first list of revocations.
    Waiters,
    /// The call has to be on record first, and nobody says that it is.
    NotRecorded,
    /// A state of the gateway's own that was not given for this call, or not to this caller.
    Approval(Unapproved, Option<Id>),
    Trailers,
    Parse(ParseProblem),
    Mirror(MirrorProblem),
    /// A session, a task or a request state that is not this caller's.
    Handle(HandleProblem),
    /// The answer is compressed although the request asked for plain bytes.
    ResponseEncoded,
    /// The answer is of a type that cannot be masked and is not listed.
    ResponseType(String),
    /// The server began a session under an id that cannot be sealed.
    SessionId,
    /// The server refused the credential of the gateway: not the client's to solve.
    UpstreamCredential,
    /// Something that cannot happen did.
    Internal(&'static str),
}

impl Refusal {
    /// Stable word for the record.
    pub(super) fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Plaintext => "tls_required",
            Self::Host(_) => "host_not_served",
            Self::Origin => "origin_not_allowed",
            Self::Metadata(_) => "metadata_not_served",
            Self::Token(problem) => problem.code(),
            Self::Transport(_) => "request_not_acceptable",
            Self::TooLarge { .. } => "request_too_large",
            Self::Memory => "held_bodies_exhausted",
            Self::Waiters => "too_many_waiting_for_keys",
            Self::NotRecorded => "record_not_kept",
            Self::Approval(why, _) => why.code(),
            Self::Trailers => "request_trailers",
            Self::Parse(problem) => return Cow::Owned(format!("message_{}", problem.why.name())),
            Self::Mirror(_) => "header_mismatch",
            Self::Handle(problem) => problem.code(),
            Self::SessionId => "session_id_not_sealable",
            Self::ResponseEncoded => "response_encoded",
            Self::ResponseType(_) => "response_type_not_allowed",
            Self::UpstreamCredential => "upstream_refused_credential",
            Self::Internal(_) => "internal",
        })
    }

    pub(super) fn disposition(&self) -> Disposition {
        match self {
            Self::Plaintext | Self::Transport(_) | Self::TooLarge { .. } | Self::Trailers | Self::Parse(_) | Self::Mirror(_) => {
                Disposition::Rejected
            }
            Self::Handle(problem) => problem.disposition(),
            Self::Host(_) | Self::Origin | Self::Approval(..) => Disposition::Blocked,
            Self::Metadata(MetadataProblem::Unavailable) => Disposition::Error,
            Self::Metadata(_) => Disposition::Rejected,
            Self::Token(TokenProblem::KeysUnavailable | TokenProblem::RevocationsStale | TokenProblem::TooManyProofs) => Disposition::Error,
            Self::Token(TokenProblem::Revoked(_)) => Disposition::AccessRevoked,
            Self::Token(_) => Disposition::Unauthorized,
            Self::ResponseEncoded | Self::ResponseType(_) | Self::SessionId => Disposition::Blocked,
            Self::Memory | Self::Waiters | Self::NotRecorded | Self::UpstreamCredential | Self::Internal(_) => Disposition::Error,
        }
    }

    pub(super) fn metric(&self) -> Metric {
        match self {
            Self::Token(problem) => super::revoked::metric(problem),
            Self::Waiters => Metric::Unauthenticated,
            Self::NotRecorded => Metric::Unrecorded,
            Self::Approval(..) => Metric::Unapproved,
            Self::ResponseEncoded | Self::ResponseType(_) | Self::SessionId => Metric::Unmaskable,
            Self::Host(_) | Self::Origin | Self::Handle(_) => Metric::Refused,
            _ => Metric::Malformed,
        }
    }

    /// The answer. That to a problem with the token has no challenge yet: see [`token`].
    pub(super) fn reply(&self, resource: &Resource) -> Reply {
        match self {
            Self::Plaintext => reply::tls_required(),
            Self::Host(asked) => host(asked, resource),
            Self::Origin => reply::http_error(403, "origin_not_allowed", "requests from this web origin are not allowed here"),
            Self::Metadata(problem) => metadata(*problem),
            Self::Token(problem) => reply::http_error(problem.status(), problem.code(), &problem.describe()),
            Self::Transport(problem) => problem.reply(),
            Self::TooLarge { limit } => reply::too_large(*limit),
            Self::Memory => reply::unavailable("too many large requests are being read at once; try again", 1),
            Self::Waiters => reply::unavailable("too many requests wait for what decides on them; try again", 5),
            Self::NotRecorded => {
                reply::unavailable("this call must be on record before it is made, and the record cannot be kept now; try again", 5)
            }
            Self::Approval(why, id) => {
                let status = if id.is_some() { 200 } else { 400 };
                reply::rpc_error(id.as_ref(), reply::INVALID_PARAMS, &why.text(), None, status)
            }
            Self::Trailers => reply::http_error(400, "request_trailers", "trailers after the request body are not accepted"),
            Self::Parse(problem) => problem.reply(),
            Self::Mirror(problem) => problem.reply(),
            Self::Handle(problem) => problem.reply(),
            Self::SessionId => reply::http_error(
                502,
                "session_id_not_sealable",
                "the server began a session under an id that the protocol does not allow; it is withheld",
            ),
            Self::ResponseEncoded => reply::http_error(
                502,
                "response_encoded",
                "the server compressed its answer although it was asked not to; it cannot be checked and is withheld",
            ),
            Self::ResponseType(media) => {
                let media: String = media.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(100).collect();
                reply::http_error(
                    502,
                    "response_type_not_allowed",
                    &format!("the server answered with `{media}`, which cannot be checked and is withheld"),
                )
            }
            Self::UpstreamCredential => reply::http_error(
                502,
                "upstream_refused_credential",
                "the server does not accept the gateway's credential; tell the operator of this endpoint",
            ),
            Self::Internal(_) => reply::http_error(500, "internal", "the gateway cannot decide on this request, so it is withheld"),
        }
    }
}

/// RFC 9110, section 15.5.20.
fn host(asked: &str, resource: &Resource) -> Reply {
    let asked: String = asked.chars().filter(char::is_ascii_graphic).take(100).collect();
    let message = format!(
        "this endpoint is not served under the name `{asked}`; its address is {}. Other names are listed in the policy, as `transport.hosts`",
        resource.as_str()
    );
    reply::http_error(421, "host_not_served", &message)
}

fn metadata(problem: MetadataProblem) -> Reply {
    match problem {
        MetadataProblem::NotServed => reply::http_error(404, "metadata_not_served", &problem.to_string()),
        MetadataProblem::Unavailable => reply::unavailable(&problem.to_string(), 5),
        MetadataProblem::Method => reply::http_error(405, "method_not_allowed", &problem.to_string()).with("allow", "GET, HEAD, OPTIONS"),
    }
}

/// RFC 9728, section 5.1: a 401 always carries the way to a token; a 503 is not the token's fault.
pub(super) fn token(problem: &TokenProblem, challenge: &str) -> Reply {
    if *problem == TokenProblem::RevocationsStale {
        return reply::http_error(503, problem.code(), &problem.describe()).with("retry-after", "5".to_owned());
    }
    if problem.status() == 503 {
        return reply::unavailable(&problem.describe(), 5);
    }
    reply::http_error(problem.status(), problem.code(), &problem.describe()).with("www-authenticate", challenge)
}
