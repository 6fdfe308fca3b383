//! A JWS in compact serialization (RFC 7515, 7.1), taken apart and not yet believed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{TokenProblem, json};
use crate::policy::Algorithm;

/// A token whose shape and header are in order.
pub(super) struct Jws<'a> {
    /// The whole token: what the signature is checked over.
    pub token: &'a str,
    pub algorithm: Algorithm,
    pub key_id: Option<String>,
    /// `typ`, as written.
    pub kind: Option<String>,
    /// The bytes of the claims, decoded from the very characters the signature covers.
    pub payload: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// An access token.
    pub(super) fn parse(token: &'a str) -> Result<Self, TokenProblem> {
        Self::of_kind(token, |kind| kind.is_none_or(is_access_token))
    }

    /// A signed message whose `typ` is the right one.
    pub(super) fn of_kind(token: &'a str, is_right: impl Fn(Option<&str>) -> bool) -> Result<Self, TokenProblem> {
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(TokenProblem::Malformed("it is not three parts with dots between"));
        };
        let header = decode(header)?;
        let payload = decode(payload)?;
        if decode(signature)?.is_empty() {
            return Err(TokenProblem::Malformed("it is not signed"));
        }
        let header = json::object(&header).ok_or(TokenProblem::Malformed("its header is not a plain JSON object"))?;
        check_members(&header)?;
        let kind = text(&header, "typ")?;
        if !is_right(kind.as_deref()) {
            return Err(TokenProblem::Malformed("its type is not the one expected here"));
        }
        let name = text(&header, "alg")?.ok_or(TokenProblem::AlgorithmNotAllowed)?;
        let algorithm = algorithm(&name).ok_or(TokenProblem::AlgorithmNotAllowed)?;
        Ok(Self { token, algorithm, key_id: text(&header, "kid")?, kind, payload })
    }
}

/// The algorithm of an `alg` value; `None` for `none`, for the HMAC family and for all unknown ones.
pub(super) fn algorithm(name: &str) -> Option<Algorithm> {
    Some(match name {
        "ES256" => Algorithm::Es256,
        "ES384" => Algorithm::Es384,
        "RS256" => Algorithm::Rs256,
        "RS384" => Algorithm::Rs384,
        "RS512" => Algorithm::Rs512,
        "PS256" => Algorithm::Ps256,
        "PS384" => Algorithm::Ps384,
        "PS512" => Algorithm::Ps512,
        // RFC 9864 gives the one curve we take a name of its own.
        "EdDSA" | "Ed25519" => Algorithm::EdDsa,
        _ => return None,
    })
}

/// An access token says `at+jwt` (RFC 9068, 2.1) or, from many issuers, `JWT` or nothing. Anything else, such as `dpop+jwt` or
/// `logout+jwt`, is a token made for another purpose (RFC 8725, 3.11).
fn is_access_token(kind: &str) -> bool {
    const PREFIX: &str = "application/";
    let kind = match kind.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => kind,
    };
    kind.eq_ignore_ascii_case("JWT") || kind.eq_ignore_ascii_case("at+jwt")
}

/// Refuses headers that ask for something we do not do. The types of the others are those RFC 7515, 4.1 gives them, which the signature
/// library insists on as well.
fn check_members(header: &Map<String, Value>) -> Result<(), TokenProblem> {
    for (name, value) in header {
        let fits = match name.as_str() {
            // No extension is understood here, so none may be critical (RFC 7515, 4.1.11).
            "crit" => return Err(TokenProblem::Malformed("it demands an extension that is not understood here")),
            // Unencoded payloads (RFC 7797) and encryption are other formats.
            "b64" | "enc" | "zip" => return Err(TokenProblem::Malformed("it is not a plain signed token")),
            // A key that comes with the token proves nothing, and no issuer sends one with an access token.
            "jwk" => return Err(TokenProblem::Malformed("it carries its own key")),
            "jku" | "x5u" | "x5t" | "x5t#S256" | "cty" | "typ" | "kid" | "alg" => value.is_string(),
            "x5c" => value.as_array().is_some_and(|chain| chain.iter().all(Value::is_string)),
            // A private header of the signature library, which would read it.
            "salt" => return Err(TokenProblem::Malformed("its header has a member that is not understood here")),
            _ => true,
        };
        if !fits {
            return Err(TokenProblem::Malformed("a member of its header has the wrong type"));
        }
    }
    Ok(())
}

fn text(header: &Map<String, Value>, name: &str) -> Result<Option<String>, TokenProblem> {
    match header.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(TokenProblem::Malformed("a member of its header has the wrong type")),
    }
}

/// Base64url without padding, in its one canonical form (RFC 7515, 2).
fn decode(part: &str) -> Result<Vec<u8>, TokenProblem> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenProblem::Malformed("a part of it is not base64url"))
}
