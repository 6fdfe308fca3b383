//! A JWS in compact serialization (RFC 7515, 7.1), taken apart and not yet believed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{TokenProblem, json};
use crate::policy::Algorithm;

/// A token, or a proof that goes with one, whose shape and header are in order.
pub(super) struct Jws<'a> {
    pub algorithm: Algorithm,
    pub key_id: Option<String>,
    /// What the signature covers: header and claims as they were sent.
    pub signed: &'a [u8],
    pub signature: Vec<u8>,
    /// The bytes of the claims, decoded from the very characters the signature covers.
    pub payload: Vec<u8>,
    /// `jwk`: the key a proof brings along. A token that has one is refused.
    pub own_key: Option<Value>,
}

/// What a JWS is for: its `typ` must say so, and nothing else may be taken for it (RFC 8725, 3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `at+jwt` (RFC 9068, 2.1) or, from many issuers, `JWT` or nothing.
    AccessToken,
    /// `dpop+jwt` (RFC 9449, 4.2), and nothing else.
    Proof,
    /// `portcullis-revocations+jwt`, and nothing else.
    Revocations,
}

impl<'a> Jws<'a> {
    pub(super) fn parse(token: &'a str, purpose: Purpose) -> Result<Self, TokenProblem> {
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(TokenProblem::Malformed("it is not three parts with dots between"));
        };
        let signed = token.rsplit_once('.').map_or("", |(signed, _)| signed).as_bytes();
        let header = decode(header)?;
        let payload = decode(payload)?;
        let signature = decode(signature)?;
        if signature.is_empty() {
            return Err(TokenProblem::Malformed("it is not signed"));
        }
        let mut header = json::object(&header).ok_or(TokenProblem::Malformed("its header is not a plain JSON object"))?;
        let own_key = match purpose {
            Purpose::AccessToken | Purpose::Revocations => None,
            Purpose::Proof => header.remove("jwk"),
        };
        check_members(&header)?;
        check_type(text(&header, "typ")?.as_deref(), purpose)?;
        let name = text(&header, "alg")?.ok_or(TokenProblem::AlgorithmNotAllowed)?;
        let algorithm = algorithm(&name).ok_or(TokenProblem::AlgorithmNotAllowed)?;
        Ok(Self { algorithm, key_id: text(&header, "kid")?, signed, signature, payload, own_key })
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

/// The `alg` value of an algorithm.
pub(super) fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => "ES256",
        Algorithm::Es384 => "ES384",
        Algorithm::Rs256 => "RS256",
        Algorithm::Rs384 => "RS384",
        Algorithm::Rs512 => "RS512",
        Algorithm::Ps256 => "PS256",
        Algorithm::Ps384 => "PS384",
        Algorithm::Ps512 => "PS512",
        Algorithm::EdDsa => "EdDSA",
    }
}

fn check_type(kind: Option<&str>, purpose: Purpose) -> Result<(), TokenProblem> {
    const PREFIX: &str = "application/";
    let Some(kind) = kind else {
        return match purpose {
            Purpose::AccessToken => Ok(()),
            Purpose::Proof | Purpose::Revocations => Err(TokenProblem::Malformed("it does not say its type")),
        };
    };
    let kind = match kind.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => kind,
    };
    let is = |name: &str| kind.eq_ignore_ascii_case(name);
    match purpose {
        Purpose::AccessToken if is("JWT") || is("at+jwt") => Ok(()),
        Purpose::AccessToken => Err(TokenProblem::Malformed("its type is not that of an access token")),
        Purpose::Proof if is("dpop+jwt") => Ok(()),
        Purpose::Proof => Err(TokenProblem::Malformed("its type is not that of a proof")),
        Purpose::Revocations if is("portcullis-revocations+jwt") => Ok(()),
        Purpose::Revocations => Err(TokenProblem::Malformed("its type is not that of a list of revocations")),
    }
}

/// Refuses headers that ask for something we do not do. The types of the others are those RFC 7515, 4.1 gives them.
fn check_members(header: &Map<String, Value>) -> Result<(), TokenProblem> {
    for (name, value) in header {
        let fits = match name.as_str() {
            // No extension is understood here, so none may be critical (RFC 7515, 4.1.11).
            "crit" => return Err(TokenProblem::Malformed("it demands an extension that is not understood here")),
            // Unencoded payloads (RFC 7797) and encryption are other formats.
            "b64" | "enc" | "zip" => return Err(TokenProblem::Malformed("it is not a plain signed token")),
            // A key that comes with the token proves nothing, and no issuer sends one with an access token.
            "jwk" => return Err(TokenProblem::Malformed("it carries its own key")),
            "jku" | "x5u" | "x5t" | "x5t#S256" | "typ" | "kid" | "alg" => value.is_string(),
            "x5c" => value.as_array().is_some_and(|chain| chain.iter().all(Value::is_string)),
            // A token in a token (RFC 7519, 5.2) is not looked into, so it must not be taken for one that was.
            "cty" => value.as_str().is_some_and(|kind| !is_jwt(kind)),
            // A private header of the signature library.
            "salt" => return Err(TokenProblem::Malformed("its header has a member that is not understood here")),
            _ => true,
        };
        if !fits {
            return Err(TokenProblem::Malformed("a member of its header has the wrong type"));
        }
    }
    Ok(())
}

fn is_jwt(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("JWT") || kind.eq_ignore_ascii_case("application/jwt")
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
