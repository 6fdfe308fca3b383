//! `WWW-Authenticate` (RFC 6750, 3; RFC 9728, 5.1), written so that the MCP SDKs read it right.
//!
//! The TypeScript and Python SDKs look for each parameter with one regular expression, wherever it first occurs, and the TypeScript SDK needs
//! the value to begin with `Bearer`. So the scheme is first, all is on one line, every value is quoted, and no description can look like a
//! parameter.

use super::{TokenProblem, metadata};
use crate::policy::value::Resource;

/// The value that goes with 401 where the scheme is Bearer. `problem` is told to the client only if a token was sent (RFC 6750, 3.1); `scopes` are those a client
/// should ask for, if any are known.
pub fn unauthorized(resource: &Resource, problem: &TokenProblem, scopes: &[&str]) -> String {
    let mut value = format!("Bearer resource_metadata=\"{}\"", metadata::url(resource));
    push_scope(&mut value, scopes);
    if *problem != TokenProblem::Missing {
        value.push_str(", error=\"invalid_token\"");
        push_description(&mut value, &problem.describe());
    }
    value
}

/// The value that goes with 401 where the scheme is DPoP (RFC 9449, 7.1). `algorithms`: those a proof may be signed with.
pub fn unauthorized_dpop(resource: &Resource, problem: &TokenProblem, algorithms: &[&str]) -> String {
    let mut value = "DPoP ".to_owned();
    if *problem != TokenProblem::Missing {
        let is_proof = matches!(problem, TokenProblem::ProofMissing | TokenProblem::BadProof(_) | TokenProblem::ProofReplayed);
        value.push_str(if is_proof { "error=\"invalid_dpop_proof\"" } else { "error=\"invalid_token\"" });
        push_description(&mut value, &problem.describe());
        value.push_str(", ");
    }
    value.push_str(&format!("algs=\"{}\", resource_metadata=\"{}\"", algorithms.join(" "), metadata::url(resource)));
    value
}

/// The value that goes with 403 when the token is good and its scopes are not enough. `scopes`: all that are needed, at once.
pub fn insufficient_scope(resource: &Resource, scopes: &[&str], description: &str) -> String {
    let mut value = "Bearer error=\"insufficient_scope\"".to_owned();
    push_scope(&mut value, scopes);
    value.push_str(", resource_metadata=\"");
    value.push_str(&metadata::url(resource));
    value.push('"');
    push_description(&mut value, description);
    value
}

/// Scopes that RFC 6749, 3.3 allows; others cannot be sent.
fn push_scope(value: &mut String, scopes: &[&str]) {
    let is_scope = |scope: &&str| !scope.is_empty() && scope.bytes().all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~'));
    let scopes: Vec<&str> = scopes.iter().copied().filter(is_scope).collect();
    if !scopes.is_empty() {
        value.push_str(", scope=\"");
        value.push_str(&scopes.join(" "));
        value.push('"');
    }
}

/// Characters beyond those RFC 6750, 3 allows become `?`. So does `=`, which the SDKs would take for the end of a parameter's name.
fn push_description(value: &mut String, description: &str) {
    let plain = |c: char| if matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '=') { c } else { '?' };
    value.push_str(", error_description=\"");
    value.extend(description.chars().map(plain));
    value.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource() -> Resource {
        Resource::parse("https://mcp.example.com/team/mcp").unwrap()
    }

    /// The SDKs' reading of one parameter, as facts have it: `name=(?:"([^"]+)"|([^\s,]+))`, first match.
    fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
        let (_, rest) = value.split_once(&format!("{name}="))?;
        match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').map(|(text, _)| text),
            None => rest.split([' ', ',']).next(),
        }
    }

    #[test]
    fn without_a_token_nothing_is_an_error() {
        assert_eq!(
            unauthorized(&resource(), &TokenProblem::Missing, &[]),
            "Bearer resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/team/mcp\""
        );
    }

    #[test]
    fn clients_read_every_parameter() {
        let problems = [
            TokenProblem::Expired,
            TokenProblem::Malformed("x"),
            TokenProblem::MissingClaim("scope=\"admin\", error=none \\ \u{fc}\r\nx".to_owned()),
        ];
        for problem in problems {
            let value = unauthorized(&resource(), &problem, &["tools:read", "bad\"scope", "tools:call"]);
            assert!(value.starts_with("Bearer "), "{value}");
            assert!(value.chars().all(|c| matches!(c, ' '..='~')), "{value}");
            let metadata = "https://mcp.example.com/.well-known/oauth-protected-resource/team/mcp";
            assert_eq!(parameter(&value, "resource_metadata"), Some(metadata), "{value}");
            assert_eq!(parameter(&value, "scope"), Some("tools:read tools:call"), "{value}");
            assert_eq!(parameter(&value, "error"), Some("invalid_token"), "{value}");
            assert_eq!(value.matches('"').count(), 8, "{value}");
        }
    }

    #[test]
    fn proofs_are_asked_for_in_their_own_scheme() {
        let of = |problem: &TokenProblem| unauthorized_dpop(&resource(), problem, &["ES256", "EdDSA"]);
        let metadata = "https://mcp.example.com/.well-known/oauth-protected-resource/team/mcp";
        assert_eq!(of(&TokenProblem::Missing), format!("DPoP algs=\"ES256 EdDSA\", resource_metadata=\"{metadata}\""));
        for (problem, error) in [
            (TokenProblem::BadProof("its `htu` is not this endpoint's URL"), "invalid_dpop_proof"),
            (TokenProblem::ProofReplayed, "invalid_dpop_proof"),
            (TokenProblem::BoundToKey, "invalid_token"),
            (TokenProblem::Expired, "invalid_token"),
        ] {
            let value = of(&problem);
            assert!(value.starts_with("DPoP error="), "{value}");
            assert_eq!(parameter(&value, "error"), Some(error));
            assert_eq!(parameter(&value, "algs"), Some("ES256 EdDSA"));
            assert_eq!(parameter(&value, "resource_metadata"), Some(metadata));
            assert_eq!(value.matches('"').count(), 8, "{value}");
        }
    }

    #[test]
    fn names_all_scopes_that_are_missing() {
        assert_eq!(
            insufficient_scope(&resource(), &["a", "b"], "needs more"),
            "Bearer error=\"insufficient_scope\", scope=\"a b\", \
             resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/team/mcp\", error_description=\"needs more\""
        );
    }
}
