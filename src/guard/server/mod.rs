//! What a server may ask of its client, and which links it may hand over.
//!
//! A server asks in three shapes: as a JSON-RPC request in an event stream (up to 2025-11-25), as `inputRequests` in a result
//! (2026-07-28 and the tasks extension), and as `elicitations` in the error -32042. The question is the same: a method and its `params`.

mod form;
pub mod links;

use serde_json::Value;

use crate::policy::{Asking, Server};

/// Why a server may not ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    Sampling,
    Roots,
    Form,
    Url,
    /// A form asks for what the specification says it must not.
    SensitiveField,
    /// The page is not `https`, or its address cannot be read for sure.
    UrlScheme,
    UrlHost,
    /// No revision knows the request, or what it says.
    Unknown,
}

impl Objection {
    /// Stable word for records.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sampling => "sampling",
            Self::Roots => "roots",
            Self::Form => "elicitation_form",
            Self::Url => "elicitation_url",
            Self::SensitiveField => "elicitation_sensitive_field",
            Self::UrlScheme => "elicitation_url_scheme",
            Self::UrlHost => "elicitation_url_host",
            Self::Unknown => "unknown_request",
        }
    }

    /// For the server, and for who called it.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Sampling => "the server asked to use the client's model (sampling), which this endpoint does not allow",
            Self::Roots => "the server asked for the client's roots, which this endpoint does not allow",
            Self::Form => "the server asked to show a form (elicitation), which this endpoint does not allow",
            Self::Url => "the server asked to open a page (elicitation), which this endpoint does not allow",
            Self::SensitiveField => "the server asked for a password, a key, a card number or the like in a form (elicitation)",
            Self::UrlScheme => "the server asked to open a page whose address is not a plain https one (elicitation)",
            Self::UrlHost => "the server asked to open a page on a host that this endpoint does not allow (elicitation)",
            Self::Unknown => "the server asked its client for something that this endpoint does not know",
        }
    }
}

/// Whether the server may ask this. `params` is null when there are none.
pub fn ask(server: &Server, method: &str, params: &Value) -> Result<(), Objection> {
    let unless = |asking: Asking, objection| if asking == Asking::Allow { Ok(()) } else { Err(objection) };
    match method {
        // Of no consequence, or about what was allowed before (tasks of a client, 2025-11-25).
        "ping" | "tasks/get" | "tasks/result" | "tasks/list" | "tasks/cancel" => Ok(()),
        "sampling/createMessage" => unless(server.sampling, Objection::Sampling),
        "roots/list" => unless(server.roots, Objection::Roots),
        "elicitation/create" => elicitation(server, params),
        _ => Err(Objection::Unknown),
    }
}

/// `params` of `elicitation/create`, and one of the `elicitations` of the error -32042.
pub fn elicitation(server: &Server, params: &Value) -> Result<(), Objection> {
    let url = params.get("url");
    match params.get("mode").map(|mode| mode.as_str().unwrap_or_default()) {
        Some("url") => page(server, url.and_then(Value::as_str).unwrap_or_default()),
        // A reader that does not know the mode might open the page all the same.
        None | Some("form") if url.is_none() => match server.form {
            Asking::Refuse => Err(Objection::Form),
            Asking::Allow => match params.get("requestedSchema") {
                Some(schema) if server.sensitive_fields == Asking::Refuse && form::is_sensitive(schema) => Err(Objection::SensitiveField),
                _ => Ok(()),
            },
        },
        _ => Err(Objection::Unknown),
    }
}

/// Whether a page may be opened.
fn page(server: &Server, url: &str) -> Result<(), Objection> {
    if server.url == Asking::Refuse {
        return Err(Objection::Url);
    }
    let (scheme, host) = links::host(url).ok_or(Objection::UrlScheme)?;
    let listed = server.hosts.iter().any(|glob| glob.matches(&host));
    match scheme {
        links::Scheme::Https if server.hosts.is_empty() || listed => Ok(()),
        links::Scheme::Https => Err(Objection::UrlHost),
        // For trying out on one machine, and only where the operator says so.
        links::Scheme::Http if listed && matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]") => Ok(()),
        links::Scheme::Http => Err(Objection::UrlScheme),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::value::Glob;

    #[test]
    fn what_a_server_may_ask_by_default() {
        let usual = Server::default();
        let url = |url: &str| json!({ "mode": "url", "url": url, "message": "m", "elicitationId": "e" });
        let field =
            |name: &str, schema: Value| json!({ "message": "m", "requestedSchema": { "type": "object", "properties": { name: schema } } });
        for (method, params, objection) in [
            ("ping", Value::Null, None),
            ("sampling/createMessage", json!({ "messages": [] }), None),
            ("roots/list", Value::Null, None),
            ("elicitation/create", field("name", json!({ "type": "string" })), None),
            ("elicitation/create", field("password", json!({ "type": "string" })), Some(Objection::SensitiveField)),
            ("elicitation/create", url("https://example.com/connect"), None),
            ("elicitation/create", url("http://example.com/connect"), Some(Objection::UrlScheme)),
            ("elicitation/create", url("javascript:alert(1)"), Some(Objection::UrlScheme)),
            ("elicitation/create", url("http://localhost:3000/"), Some(Objection::UrlScheme)),
            ("elicitation/create", json!({ "mode": "url" }), Some(Objection::UrlScheme)),
            ("elicitation/create", json!({ "url": "https://example.com" }), Some(Objection::Unknown)),
            ("elicitation/create", json!({ "mode": "form", "url": "https://example.com" }), Some(Objection::Unknown)),
            ("elicitation/create", json!({ "mode": "hologram" }), Some(Objection::Unknown)),
            ("elicitation/create", json!({ "mode": 7 }), Some(Objection::Unknown)),
            ("files/delete", Value::Null, Some(Objection::Unknown)),
        ] {
            assert_eq!(ask(&usual, method, &params).err(), objection, "{method} {params}");
        }
    }

    #[test]
    fn what_an_operator_may_narrow() {
        let refuse = Asking::Refuse;
        let strict = Server { sampling: refuse, roots: refuse, form: refuse, url: refuse, ..Server::default() };
        for (method, params, objection) in [
            ("sampling/createMessage", Value::Null, Objection::Sampling),
            ("roots/list", Value::Null, Objection::Roots),
            ("elicitation/create", Value::Null, Objection::Form),
            ("elicitation/create", json!({ "mode": "url", "url": "https://example.com" }), Objection::Url),
        ] {
            assert_eq!(ask(&strict, method, &params), Err(objection), "{method} {params}");
        }
        let hosts = Server { hosts: vec![Glob::new("*.example.com"), Glob::new("localhost")], ..Server::default() };
        for (url, objection) in [
            ("https://id.example.com/x", None),
            ("https://ID.Example.com:8443/x", None),
            ("https://example.com/", Some(Objection::UrlHost)),
            ("https://evil.test/?.example.com", Some(Objection::UrlHost)),
            ("https://evil.test#.example.com", Some(Objection::UrlHost)),
            ("https://id.example.com@evil.test/", Some(Objection::UrlScheme)),
            ("https://evil.test\\.example.com", Some(Objection::UrlScheme)),
            ("https://localhost/", None),
            ("http://localhost:3000/", None),
            ("http://id.example.com/", Some(Objection::UrlScheme)),
        ] {
            assert_eq!(page(&hosts, url).err(), objection, "{url}");
        }
    }
}
