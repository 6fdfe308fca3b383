//! Which well-known document a path asks for.
//!
//! Ours are found by their exact paths. Every other path that a server could read as one of them is nobody's: a server's own
//! metadata names another resource or another issuer, and would send clients there with their passwords.

use crate::policy::value::Resource;

const RESOURCE: &str = "oauth-protected-resource";
const SERVER: [&str; 2] = ["oauth-authorization-server", "openid-configuration"];

/// Rounds of percent-decoding: no server was seen to do more than two.
const ROUNDS: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// Protected resource metadata (RFC 9728).
    Resource,
    /// Authorization server metadata (RFC 8414, OpenID Connect Discovery), where clients of MCP 2025-03-26 look for it.
    AuthorizationServer,
    /// One of both, of another resource or in another spelling: none.
    Other,
}

/// Why there is no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataProblem {
    #[error("there is no such document here; this endpoint's own is its OAuth protected resource metadata (RFC 9728)")]
    NotServed,
    #[error("the identity provider's metadata cannot be had at the moment")]
    Unavailable,
    #[error("this document is read with GET")]
    Method,
}

impl Document {
    /// What `:path` asks for. A query is ignored, and so is a slash at the end, which the SDKs drop.
    pub fn at(path: &str, resource: &Resource) -> Option<Self> {
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        if let Some((name, suffix)) = path.strip_prefix("/.well-known/").map(|rest| rest.split_at_checked(rest.find('/').unwrap_or(rest.len())).unwrap_or((rest, "")))
            // At the root, or with the resource's path after it (RFC 9728, 3.1): the order in which clients look.
            && (suffix.is_empty() || suffix == "/" || bare(suffix) == bare(resource.path()))
        {
            match name {
                RESOURCE => return Some(Self::Resource),
                name if SERVER.contains(&name) => return Some(Self::AuthorizationServer),
                _ => {}
            }
        }
        // OpenID Connect Discovery 1.0, section 4: after the path.
        if let Some(before) = path.strip_suffix("/.well-known/openid-configuration")
            && before == bare(resource.path())
        {
            return Some(Self::AuthorizationServer);
        }
        could_be(path).then_some(Self::Other)
    }
}

fn bare(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

/// Whether some server could take the path for one of the documents: escapes, dots, slashes of either kind, parameters and letter
/// case taken as the most lenient reader would.
fn could_be(path: &str) -> bool {
    let mut plain = path.as_bytes().to_vec();
    for _ in 0..ROUNDS {
        plain = decoded(&plain);
    }
    let text = String::from_utf8_lossy(&plain).to_ascii_lowercase();
    let mut segments: Vec<&str> = Vec::new();
    for segment in text.split(['/', '\\']) {
        match segment.split(';').next().unwrap_or_default().trim() {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            name => segments.push(name),
        }
    }
    let is_document = |name: &str| name == RESOURCE || SERVER.contains(&name);
    segments.iter().zip(segments.iter().skip(1)).any(|(first, second)| *first == ".well-known" && is_document(second))
}

fn decoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let hex = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, after) {
            (b'%', [high, low, tail @ ..]) if let (Some(high), Some(low)) = (hex(high), hex(low)) => {
                out.push(high.wrapping_mul(16).wrapping_add(low));
                rest = tail;
            }
            _ => {
                out.push(first);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(resource: &str, path: &str) -> Option<Document> {
        Document::at(path, &Resource::parse(resource).unwrap())
    }

    #[test]
    fn ours_are_at_the_root_and_with_the_path_after_it() {
        for (name, document) in [
            ("oauth-protected-resource", Document::Resource),
            ("oauth-authorization-server", Document::AuthorizationServer),
            ("openid-configuration", Document::AuthorizationServer),
        ] {
            for suffix in ["", "/", "/team/mcp", "/team/mcp/", "/team/mcp?x=1", "?x=1"] {
                let path = format!("/.well-known/{name}{suffix}");
                assert_eq!(at("https://h/team/mcp", &path), Some(document), "{path}");
                assert_eq!(at("https://h/team/mcp/", &path), Some(document), "{path}");
            }
            for suffix in ["/team", "/TEAM/mcp", "/team/mcp/x", "/team/../team/mcp", "//team/mcp", "/team%2fmcp", ";x", "//"] {
                let path = format!("/.well-known/{name}{suffix}");
                assert_eq!(at("https://h/team/mcp", &path), Some(Document::Other), "{path}");
            }
        }
        let before = "/team/mcp/.well-known/openid-configuration";
        assert_eq!(at("https://h/team/mcp", before), Some(Document::AuthorizationServer));
        assert_eq!(at("https://h", before), Some(Document::Other));
    }

    #[test]
    fn a_servers_own_is_nobodys_in_whatever_spelling() {
        for path in [
            "/team/mcp/.well-known/oauth-protected-resource",
            "/x/.well-known/oauth-authorization-server",
            "/.Well-Known/OAuth-Protected-Resource",
            "//.well-known//oauth-protected-resource",
            "/.well-known/./oauth-protected-resource",
            "/x/../.well-known/x/../oauth-protected-resource",
            "/%2ewell-known/oauth-protected-resource",
            "/.well-known/oauth%2dprotected-resource",
            "/.well-known%2foauth-protected-resource",
            "/%252ewell-known/oauth-protected-resource",
            "/%25252ewell-known/oauth-protected-resource",
            "/.well-known\\oauth-protected-resource",
            "/.well-known;a=b/oauth-protected-resource;c",
        ] {
            assert_eq!(at("https://h/team/mcp", path), Some(Document::Other), "{path}");
        }
    }

    #[test]
    fn everything_else_is_not_about_documents() {
        for path in [
            "",
            "/",
            "/mcp",
            "/.well-known",
            "/.well-known/",
            "/.well-known/oauth-protected-resources",
            "/.well-known/ai-catalog.json",
            "/oauth-protected-resource",
            "/.well-known/x/oauth-protected-resource",
            "/mcp?next=/.well-known/oauth-protected-resource",
            "/%",
            "/%2",
            "/%zz",
        ] {
            assert_eq!(at("https://h/mcp", path), None, "{path}");
        }
    }
}
