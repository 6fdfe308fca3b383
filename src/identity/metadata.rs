//! OAuth 2.0 protected resource metadata (RFC 9728), which tells a client where to get a token.

use serde_json::{Map, Value};

use crate::policy::value::Resource;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Where the metadata is, as clients know it.
pub fn url(resource: &Resource) -> String {
    format!("{}{WELL_KNOWN}{}", resource.origin(), resource.path())
}

/// What is said of proofs of possession: algorithms a proof may be signed with, and whether every token needs one.
#[derive(Clone, Copy, Debug)]
pub struct Proofs<'a> {
    pub algorithms: &'a [&'a str],
    pub required: bool,
}

/// The document, as JSON. `resource` is the external URL as the policy has it: clients compare it with the one they were given.
/// `scopes`, `name` and `proofs` are left out when there are none.
pub fn document(resource: &Resource, issuers: &[&str], scopes: &[&str], name: Option<&str>, proofs: Option<Proofs<'_>>) -> String {
    let mut members = Map::new();
    members.insert("resource".to_owned(), Value::from(resource.as_str()));
    members.insert("authorization_servers".to_owned(), Value::from(issuers));
    members.insert("bearer_methods_supported".to_owned(), Value::from(vec!["header"]));
    if !scopes.is_empty() {
        members.insert("scopes_supported".to_owned(), Value::from(scopes));
    }
    if let Some(Proofs { algorithms, required }) = proofs {
        members.insert("dpop_signing_alg_values_supported".to_owned(), Value::from(algorithms));
        members.insert("dpop_bound_access_tokens_required".to_owned(), Value::from(required));
    }
    if let Some(name) = name {
        members.insert("resource_name".to_owned(), Value::from(name));
    }
    Value::Object(members).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::*;

    #[test]
    fn the_url_in_the_challenge_is_one_it_serves() {
        for text in ["https://h", "https://h/", "https://h/mcp", "https://h:8443/a/b/"] {
            let resource = Resource::parse(text).unwrap();
            let url = url(&resource);
            let path = url.strip_prefix(resource.origin()).unwrap();
            assert_eq!(Document::at(path, &resource), Some(Document::Resource), "{url}");
        }
    }

    #[test]
    fn the_document_says_where_to_get_a_token() {
        let resource = Resource::parse("https://mcp.example.com/mcp").unwrap();
        assert_eq!(
            document(&resource, &["https://id.example.com"], &[], None, None),
            "{\"resource\":\"https://mcp.example.com/mcp\",\"authorization_servers\":[\"https://id.example.com\"],\
             \"bearer_methods_supported\":[\"header\"]}"
        );
        let full = document(
            &resource,
            &["https://a", "https://b"],
            &["read", "write"],
            Some("Orders \"x\""),
            Some(Proofs { algorithms: &["ES256"], required: true }),
        );
        let full: Value = serde_json::from_str(&full).unwrap();
        assert_eq!(full["scopes_supported"], Value::from(vec!["read", "write"]));
        assert_eq!(full["resource_name"], "Orders \"x\"");
        assert_eq!(full["dpop_signing_alg_values_supported"], Value::from(vec!["ES256"]));
        assert_eq!(full["dpop_bound_access_tokens_required"], Value::from(true));
        assert_eq!(full["authorization_servers"], Value::from(vec!["https://a", "https://b"]));
    }
}
