//! The one table of ways to be turned away: what happened, how it is called on record, what the client is answered.

use std::borrow::Cow;

use super::event::Metric;
use crate::audit::Disposition;
use crate::identity::TokenProblem;
use crate::mcp::http::TransportProblem;
use crate::mcp::mirror::MirrorProblem;
use crate::mcp::problem::ParseProblem;
use crate::mcp::reply::{self, Reply};

/// Every refusal but that of a rule, which answers in the shape of the call (see [`crate::guard::refuse`]).
#[derive(Debug)]
pub(super) enum Refusal {
    Plaintext,
    Origin,
    Token(TokenProblem),
    Transport(TransportProblem),
    TooLarge {
        limit: usize,
    },
    /// The VM's budget of held bytes is spent.
    Memory,
    /// Too many requests wait for the same keys.
    Waiters,
    Trailers,
    Parse(ParseProblem),
    Mirror(MirrorProblem),
    /// The answer is compressed although the request asked for plain bytes.
    ResponseEncoded,
    /// The answer is of a type that cannot be masked and is not listed.
    ResponseType(String),
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
            Self::Origin => "origin_not_allowed",
            Self::Token(problem) => problem.code(),
            Self::Transport(_) => "request_not_acceptable",
            Self::TooLarge { .. } => "request_too_large",
            Self::Memory => "held_bodies_exhausted",
            Self::Waiters => "too_many_waiting_for_keys",
            Self::Trailers => "request_trailers",
            Self::Parse(problem) => return Cow::Owned(format!("message_{}", problem.why.name())),
            Self::Mirror(_) => "header_mismatch",
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
            Self::Origin => Disposition::Blocked,
            Self::Token(TokenProblem::KeysUnavailable | TokenProblem::TooManyProofs) => Disposition::Error,
            Self::Token(_) => Disposition::Unauthorized,
            Self::ResponseEncoded | Self::ResponseType(_) => Disposition::Blocked,
            Self::Memory | Self::Waiters | Self::UpstreamCredential | Self::Internal(_) => Disposition::Error,
        }
    }

    pub(super) fn metric(&self) -> Metric {
        match self {
            Self::Token(_) | Self::Waiters => Metric::Unauthenticated,
            Self::ResponseEncoded | Self::ResponseType(_) => Metric::Unmaskable,
            Self::Origin => Metric::Refused,
            _ => Metric::Malformed,
        }
    }

    /// The answer. That to a problem with the token has no challenge yet: see [`token`].
    pub(super) fn reply(&self) -> Reply {
        match self {
            Self::Plaintext => reply::tls_required(),
            Self::Origin => reply::http_error(403, "origin_not_allowed", "requests from this web origin are not allowed here"),
            Self::Token(problem) => reply::http_error(problem.status(), problem.code(), &problem.describe()),
            Self::Transport(problem) => problem.reply(),
            Self::TooLarge { limit } => reply::too_large(*limit),
            Self::Memory => reply::unavailable("too many large requests are being read at once; try again", 1),
            Self::Waiters => reply::unavailable("too many requests wait for the identity provider's keys; try again", 5),
            Self::Trailers => reply::http_error(400, "request_trailers", "trailers after the request body are not accepted"),
            Self::Parse(problem) => problem.reply(),
            Self::Mirror(problem) => problem.reply(),
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

/// RFC 9728, section 5.1: a 401 always carries the way to a token; a 503 is not the token's fault.
pub(super) fn token(problem: &TokenProblem, challenge: &str) -> Reply {
    if problem.status() == 503 {
        return reply::unavailable(&problem.describe(), 5);
    }
    Refusal::Token(problem.clone()).reply().with("www-authenticate", challenge)
}
