//! What a web page of a listed origin may do: ask beforehand, and read the answers (Fetch Standard, CORS protocol).
//!
//! The filter alone decides on origins: the server's own `access-control-*` headers never leave, and the answers to other origins carry
//! none. Credentials of the browser (cookies) are never asked for: the token is in `authorization`.

use super::event::{Effect, Headers};
use super::head::Head;
use crate::mcp::http;
use crate::mcp::reply::Reply;
use crate::policy::Transport;
use crate::policy::value::Origin;

/// What MCP clients send, revisions 2024-11-05 to 2026-07-28; the last three are W3C Trace Context and Baggage.
const REQUEST_HEADERS: [&str; 12] = [
    "authorization",
    "content-type",
    "accept",
    "mcp-session-id",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
    "last-event-id",
    "dpop",
    "traceparent",
    "tracestate",
    "baggage",
];

/// Named by each server's tools (`x-mcp-header`), so allowed by what they begin with.
const PARAMETER: &str = "mcp-param-";

/// `Mcp-Param-*` allowed in one answer; a tool has a handful of arguments.
const PARAMETERS: usize = 64;

/// What clients read that is not in the Fetch Standard's own list.
const RESPONSE_HEADERS: &str = "mcp-session-id, mcp-protocol-version, www-authenticate, dpop-nonce, retry-after";

/// Seconds a browser may remember the answer: the longest any takes from us (Chromium). Each call is checked again anyway.
const MAX_AGE: &str = "7200";

/// Headers by which a server would speak for itself.
const SERVERS: [&str; 7] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-private-network",
    "access-control-expose-headers",
    "access-control-max-age",
];

/// How a request stands to the policy's origins.
#[derive(Debug, Default)]
pub(super) struct Cors {
    /// The listed origin it comes from.
    origin: Option<String>,
    /// Others would be answered otherwise, which caches must know.
    varies: bool,
}

/// The request names an origin that is not listed, `null`, or several.
#[derive(Debug)]
pub(super) struct Unlisted;

/// The listed origin a request comes from; none when it names none, as everything does that is no browser.
fn origin<'p>(policy: &'p Transport, head: &Head) -> Result<Option<&'p Origin>, Unlisted> {
    let mut origins = http::values(&head.headers, "origin");
    match (origins.next(), origins.next()) {
        (None, _) => Ok(None),
        (Some(origin), None) => policy.origins.iter().find(|listed| listed.as_str().eq_ignore_ascii_case(origin)).map(Some).ok_or(Unlisted),
        (Some(_), Some(_)) => Err(Unlisted),
    }
}

pub(super) fn check(policy: &Transport, head: &Head) -> Result<(), Unlisted> {
    origin(policy, head).map(|_| ())
}

impl Cors {
    pub(super) fn of(policy: &Transport, head: &Head) -> Self {
        let origin = origin(policy, head).ok().flatten();
        Self { origin: origin.map(|origin| origin.as_str().to_owned()), varies: !policy.origins.is_empty() }
    }

    /// The answer to a browser that asks before it calls. A token is not needed, for it cannot send one.
    pub(super) fn preflight(&self, head: &Head) -> Option<Reply> {
        self.origin.as_ref()?;
        if head.method != "OPTIONS" || !head.has("access-control-request-method") {
            return None;
        }
        let mut allowed = REQUEST_HEADERS.join(", ");
        for name in http::values(&head.headers, "access-control-request-headers")
            .flat_map(|list| list.split(','))
            .map(|name| name.trim().to_ascii_lowercase())
            .filter(|name| is_parameter(name))
            .take(PARAMETERS)
        {
            allowed.push_str(", ");
            allowed.push_str(&name);
        }
        let reply = Reply { status: 204, headers: Vec::new(), body: Vec::new() };
        Some(
            reply
                .with("access-control-allow-methods", "POST, GET, DELETE")
                .with("access-control-allow-headers", allowed)
                .with("access-control-max-age", MAX_AGE)
                .with("vary", "access-control-request-headers"),
        )
    }

    /// Makes an answer of our own readable.
    pub(super) fn decorate(&self, reply: &mut Reply) {
        let varies: Vec<String> = reply.headers.extract_if(.., |(name, _)| name == "vary").map(|(_, value)| value).collect();
        if let Some(vary) = self.vary(varies.iter().map(String::as_str)) {
            reply.headers.push(("vary".to_owned(), vary));
        }
        for (name, value) in self.headers() {
            reply.headers.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Makes the server's answer readable for those it is for, and for nobody else.
    pub(super) fn edits(&self, headers: &Headers) -> Vec<Effect> {
        let has = |name: &str| http::values(headers, name).next().is_some();
        let mut effects: Vec<Effect> = SERVERS.into_iter().filter(|name| has(name)).map(Effect::RemoveResponseHeader).collect();
        if let Some(vary) = self.vary(http::values(headers, "vary")) {
            effects.push(Effect::SetResponseHeader("vary".to_owned(), vary.into_bytes()));
        }
        let set = |(name, value): (&str, &str)| Effect::SetResponseHeader(name.to_owned(), value.as_bytes().to_vec());
        effects.extend(self.headers().map(set));
        effects
    }

    fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let pair = |origin| [("access-control-allow-origin", origin), ("access-control-expose-headers", RESPONSE_HEADERS)];
        self.origin.as_deref().map(pair).into_iter().flatten()
    }

    /// What was there with `origin` added, unless that changes nothing.
    fn vary<'a>(&self, there: impl Iterator<Item = &'a str>) -> Option<String> {
        let there: Vec<&str> = there.flat_map(|list| list.split(',')).map(str::trim).filter(|name| !name.is_empty()).collect();
        let told = there.iter().any(|name| *name == "*" || name.eq_ignore_ascii_case("origin"));
        let names: Vec<&str> = there.into_iter().chain((self.varies && !told).then_some("origin")).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// Echoed into a header of ours: a token (RFC 9110, 5.6.2) of a bounded length, nothing else.
fn is_parameter(name: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    name.len() <= 128 && name.strip_prefix(PARAMETER).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(token))
}

#[cfg(test)]
mod tests;
