//! What a request's headers must say before its body is read.

use super::reply::{Reply, http_error, quoted};

/// Request headers as the host gives them: lower-case names, in order, repeated ones apart.
pub type Headers = [(String, String)];

/// The HTTP methods an MCP endpoint has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// One message.
    Post,
    /// A stream of the server's messages, up to 2025-11-25.
    Get,
    /// The end of a session, up to 2025-11-25.
    Delete,
    /// A browser asks before it calls.
    Options,
}

/// Why a request is refused before its body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportProblem {
    #[error("the method {} is not served here; use POST, GET or DELETE", quoted(.0))]
    Verb(String),
    #[error("the request has no content type; send `application/json`")]
    NoMediaType,
    #[error("the content type {} is not accepted; send `application/json` in UTF-8", quoted(.0))]
    MediaType(String),
    #[error("the content encoding {} is not accepted; send the body as it is", quoted(.0))]
    ContentEncoding(String),
    #[error("the answer would be JSON or an event stream, which {} does not accept", quoted(.0))]
    NotAcceptable(String),
    #[error("a {0} request must not have a body")]
    UnexpectedBody(&'static str),
}

impl Verb {
    /// Methods are compared exactly (RFC 9110, section 9.1).
    pub fn parse(method: &str) -> Result<Self, TransportProblem> {
        match method {
            "POST" => Ok(Self::Post),
            "GET" => Ok(Self::Get),
            "DELETE" => Ok(Self::Delete),
            "OPTIONS" => Ok(Self::Options),
            other => Err(TransportProblem::Verb(other.to_owned())),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Get => "GET",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    /// Checks the headers of a request with this method.
    ///
    /// A body is read with POST only. `content-length` gives one away on the others here; the first byte of one that
    /// comes without must be refused by the reader, with [`TransportProblem::UnexpectedBody`].
    pub fn check(self, headers: &Headers) -> Result<(), TransportProblem> {
        match self {
            Self::Post => {
                media_type(headers)?;
                content_encoding(headers)?;
                accept(headers)
            }
            Self::Get | Self::Delete | Self::Options => {
                if values(headers, "content-length").any(|length| length.trim() != "0") {
                    return Err(TransportProblem::UnexpectedBody(self.as_str()));
                }
                content_encoding(headers)
            }
        }
    }
}

impl TransportProblem {
    pub fn reply(&self) -> Reply {
        let said = self.to_string();
        match self {
            Self::Verb(_) => http_error(405, "method_not_allowed", &said).with("allow", "POST, GET, DELETE, OPTIONS"),
            // RFC 9110, section 12.5.1: `accept` in a 415 names what would do.
            Self::NoMediaType | Self::MediaType(_) => http_error(415, "unsupported_media_type", &said).with("accept", "application/json"),
            Self::ContentEncoding(_) => http_error(415, "unsupported_content_encoding", &said).with("accept-encoding", "identity"),
            Self::NotAcceptable(_) => http_error(406, "not_acceptable", &said),
            Self::UnexpectedBody(_) => http_error(400, "unexpected_body", &said),
        }
    }
}

/// All values of one header.
pub fn values<'a>(headers: &'a Headers, name: &str) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// A header is there more than once, and readers disagree on which one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated;

/// The value of a header that may be there once.
pub fn single<'a>(headers: &'a Headers, name: &str) -> Result<Option<&'a str>, Repeated> {
    let mut found = values(headers, name);
    match (found.next(), found.next()) {
        (value, None) => Ok(value),
        _ => Err(Repeated),
    }
}

/// `application/json`, alone or with `charset=utf-8`: servers were seen to decode UTF-16 when another charset is named,
/// and to run `application/json-seq`.
fn media_type(headers: &Headers) -> Result<(), TransportProblem> {
    let mut found = values(headers, "content-type");
    let Some(value) = found.next() else { return Err(TransportProblem::NoMediaType) };
    let mut parts = value.split(';').map(str::trim);
    let json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    if json && parts.all(is_utf8_charset) && found.next().is_none() { Ok(()) } else { Err(TransportProblem::MediaType(value.to_owned())) }
}

fn is_utf8_charset(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let value = value.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')).unwrap_or(value);
    name.eq_ignore_ascii_case("charset") && value.eq_ignore_ascii_case("utf-8")
}

/// None at all: two servers unpack gzip, three do not, and the filter would judge other bytes than the server runs.
fn content_encoding(headers: &Headers) -> Result<(), TransportProblem> {
    match values(headers, "content-encoding").next() {
        None => Ok(()),
        Some(coding) => Err(TransportProblem::ContentEncoding(coding.to_owned())),
    }
}

/// Lenient: a missing `accept` and `*/*` pass (clients of 2024-11-05 send it; stricter servers answer 406 themselves).
/// Refused is a list that has room neither for JSON nor for an event stream: no answer, not even a refusal, would fit.
fn accept(headers: &Headers) -> Result<(), TransportProblem> {
    let mut lists = values(headers, "accept").peekable();
    if lists.peek().is_none() {
        return Ok(());
    }
    let mut seen = String::new();
    for list in lists {
        if list.split(',').any(admits) {
            return Ok(());
        }
        list.clone_into(&mut seen);
    }
    Err(TransportProblem::NotAcceptable(seen))
}

fn admits(range: &str) -> bool {
    const ANSWERS: [&str; 5] = ["application/json", "text/event-stream", "application/*", "text/*", "*/*"];
    let mut parts = range.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| ANSWERS.iter().any(|answer| name.eq_ignore_ascii_case(answer)));
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    named && weight.is_none_or(|q| q.parse::<f32>().is_ok_and(|q| q > 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    fn post(pairs: &[(&str, &str)]) -> Option<u16> {
        Verb::Post.check(&headers(pairs)).err().map(|problem| problem.reply().status)
    }

    #[test]
    fn content_types() {
        for ok in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
            "application/json ; Charset=\"utf-8\"",
        ] {
            assert_eq!(post(&[("content-type", ok)]), None, "{ok}");
        }
        for bad in [
            "",
            "text/plain",
            "application/json-seq",
            "application/json-rpc",
            "application/jsonrequest",
            "application/vnd.api+json",
            "application/json; charset=utf-16",
            "application/json; charset=utf-8; charset=utf-16",
            "application/json; charset",
            "application/json; profile=x",
            "application/json, text/plain",
            "text/plain; application/json",
            "multipart/form-data; boundary=x",
        ] {
            assert_eq!(post(&[("content-type", bad)]), Some(415), "{bad}");
        }
        assert_eq!(post(&[]), Some(415));
        assert_eq!(post(&[("content-type", "application/json"), ("content-type", "application/json")]), Some(415));
    }

    #[test]
    fn any_content_encoding_is_refused() {
        for coding in ["gzip", "br", "deflate", "identity", "", "GZIP, identity"] {
            assert_eq!(post(&[("content-type", "application/json"), ("content-encoding", coding)]), Some(415), "{coding}");
        }
    }

    #[test]
    fn accept_lists() {
        let with = |accept: &str| post(&[("content-type", "application/json"), ("accept", accept)]);
        for ok in [
            "application/json, text/event-stream",
            "text/event-stream, application/json",
            "*/*",
            "application/json;q=0.5",
            "text/html, */*; q=0.1",
            "Application/JSON",
        ] {
            assert_eq!(with(ok), None, "{ok}");
        }
        for bad in ["text/html", "application/json;q=0", "application/json; q=0.000, image/png", ""] {
            assert_eq!(with(bad), Some(406), "{bad}");
        }
        assert_eq!(post(&[("content-type", "application/json")]), None);
        assert_eq!(post(&[("content-type", "application/json"), ("accept", "image/png"), ("accept", "application/json")]), None);
    }

    #[test]
    fn verbs() {
        for (method, verb) in [("POST", Verb::Post), ("GET", Verb::Get), ("DELETE", Verb::Delete), ("OPTIONS", Verb::Options)] {
            assert_eq!(Verb::parse(method), Ok(verb));
            assert_eq!(verb.as_str(), method);
        }
        for method in ["post", "HEAD", "PUT", "PATCH", "CONNECT", "TRACE", "QUERY", "", "POST "] {
            let reply = Verb::parse(method).unwrap_err().reply();
            assert_eq!(reply.status, 405, "{method}");
            assert!(reply.headers.contains(&("allow".into(), "POST, GET, DELETE, OPTIONS".into())));
        }
    }

    #[test]
    fn only_post_has_a_body() {
        for verb in [Verb::Get, Verb::Delete, Verb::Options] {
            assert_eq!(verb.check(&headers(&[("content-length", "0"), ("accept", "text/html")])), Ok(()));
            assert_eq!(verb.check(&headers(&[("content-length", "5")])), Err(TransportProblem::UnexpectedBody(verb.as_str())));
        }
    }
}
