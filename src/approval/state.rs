//! What the service signs: a JWS (RFC 7515, compact) with Ed25519 (RFC 8037), under one of the policy's keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_simple::prelude::{Ed25519PublicKey, EdDSAPublicKeyLike as _};
use serde::Deserialize;
use serde_json::Value;

use super::answer::legible;
use super::{Approvals, Mistake};
use crate::policy::Ask;
use crate::time::Time;

/// `typ`; a link, a token or a list signed with the same key is no state (RFC 8725, 3.11).
const TYPE: &str = "portcullis-approval+jwt";

/// Longest state, in bytes: ten decisions with their reasons.
const STATE_BYTES: usize = 64 * 1024;

/// Tolerated difference between the clocks of the service and the filter.
const SKEW_SECONDS: u64 = 30;

/// The service's public keys.
pub(super) struct Keys(Vec<Key>);

struct Key {
    id: Option<String>,
    key: ed25519_compact::PublicKey,
}

/// One person's word, as it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// `ISSUER#SUBJECT`
    pub by: String,
    /// RFC 3339.
    pub at: Option<String>,
    pub reason: Option<String>,
    /// In an emergency, on their own.
    pub break_glass: bool,
}

/// What a state has to be about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    pub task: &'a str,
    pub binding: &'a str,
    pub shown_digest: &'a str,
    pub ask: &'a Ask,
    /// [`super::Caller::id`]
    pub caller: &'a str,
}

/// Why a state is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrue {
    #[error("the approval service sent a state that is not signed as it must be")]
    Malformed,
    #[error("the approval service sent a state under a key that the policy does not name")]
    UnknownKey,
    #[error("the signature of the approval service's state is wrong")]
    BadSignature,
    #[error("the approval service sent the state of another call")]
    Another,
    #[error("the approval service sent a state that has expired")]
    Expired,
    #[error("fewer people have approved than the rule asks for")]
    TooFew,
    #[error("an approver gave no reason, and the rule asks for one")]
    NoReason,
    #[error("the caller has approved the call")]
    OwnRequest,
}

impl Untrue {
    /// Stable word for the record.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "state_malformed",
            Self::UnknownKey => "state_key_unknown",
            Self::BadSignature => "state_signature_wrong",
            Self::Another => "state_of_another_call",
            Self::Expired => "state_expired",
            Self::TooFew => "too_few_approvals",
            Self::NoReason => "reason_missing",
            Self::OwnRequest => "own_request_approved",
        }
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: Option<String>,
    crit: Option<Value>,
    b64: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    task: String,
    binding: String,
    shown_digest: String,
    status: String,
    r#use: Option<String>,
    approved_until: Option<u64>,
    iat: u64,
    exp: Option<u64>,
    decisions: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    by: String,
    at: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    break_glass: bool,
}

impl Keys {
    pub(super) fn compile(entries: &[Value]) -> Result<Self, Vec<Mistake>> {
        let (mut keys, mut mistakes) = (Vec::new(), Vec::new());
        for (index, entry) in entries.iter().enumerate() {
            match key(entry) {
                Ok(key) => keys.push(key),
                Err(message) => mistakes.push(Mistake { path: format!("keys[{index}]"), message: message.to_owned() }),
            }
        }
        if mistakes.is_empty() { Ok(Self(keys)) } else { Err(mistakes) }
    }

    fn open(&self, state: &str) -> Result<Claims, Untrue> {
        let mut parts = state.split('.');
        let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(Untrue::Malformed);
        };
        if state.len() > STATE_BYTES {
            return Err(Untrue::Malformed);
        }
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Untrue::Malformed);
        let head: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| Untrue::Malformed)?;
        // No extension is understood here (RFC 7515, 4.1.11), and the payload is encoded (RFC 7797).
        if !matches!(head.alg.as_str(), "EdDSA" | "Ed25519") || head.typ != TYPE || head.crit.is_some() || head.b64.is_some() {
            return Err(Untrue::Malformed);
        }
        let signature = ed25519_compact::Signature::from_slice(&decoded(signature)?).map_err(|_| Untrue::BadSignature)?;
        let signed = state.rsplit_once('.').map_or("", |(signed, _)| signed);
        // A key without a name may be any; one with another name is not it.
        let mut fitting = self.0.iter().filter(|key| key.id.is_none() || head.kid.is_none() || key.id == head.kid).peekable();
        if fitting.peek().is_none() {
            return Err(Untrue::UnknownKey);
        }
        if !fitting.any(|key| key.key.verify(signed, &signature).is_ok()) {
            return Err(Untrue::BadSignature);
        }
        serde_json::from_slice(&decoded(payload)?).map_err(|_| Untrue::Malformed)
    }
}

/// One public key of a JWK (RFC 8037, 2).
fn key(entry: &Value) -> Result<Key, &'static str> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    if text("kty") != Some("OKP") || text("crv") != Some("Ed25519") {
        return Err("states are signed with Ed25519: `kty` must be `OKP` and `crv` `Ed25519`");
    }
    if entry.get("d").is_some() {
        return Err("the key is private (it has `d`); put its public half here, and replace it if this file was shared");
    }
    if text("use").is_some_and(|purpose| purpose != "sig") || text("alg").is_some_and(|alg| !matches!(alg, "EdDSA" | "Ed25519")) {
        return Err("the key is for something else: `use` must be `sig` and `alg` `EdDSA`");
    }
    let x = text("x").ok_or("`x` is missing")?;
    let bytes = URL_SAFE_NO_PAD.decode(x).map_err(|_| "`x` is not base64url without padding")?;
    // The library checks that the point is one, and of no small order.
    let key = Ed25519PublicKey::from_bytes(&bytes).map_err(|_| "`x` is no public key of Ed25519")?;
    Ok(Key { id: text("kid").map(str::to_owned), key: *key.public_key().as_ref() })
}

impl Approvals {
    /// That people have approved this call, until a time that is not over. It lets nothing go: a use of it has to be taken.
    pub fn approved(&self, state: &str, about: &About<'_>, now: Time) -> Result<Vec<Decision>, Untrue> {
        let claims = self.keys.open(state)?;
        if claims.status != "approved" {
            return Err(Untrue::Another);
        }
        if claims.approved_until.is_none_or(|until| now.secs() >= until) {
            return Err(Untrue::Expired);
        }
        about.holds(claims)
    }

    /// That one use of the approval of this very call was given to this very use.
    pub fn used(&self, state: &str, about: &About<'_>, name: &str, now: Time) -> Result<Vec<Decision>, Untrue> {
        let claims = self.keys.open(state)?;
        if claims.status != "consumed" || claims.r#use.as_deref() != Some(name) {
            return Err(Untrue::Another);
        }
        if claims.exp.is_none_or(|exp| now.secs() >= exp.saturating_add(SKEW_SECONDS))
            || claims.iat > now.secs().saturating_add(SKEW_SECONDS)
        {
            return Err(Untrue::Expired);
        }
        about.holds(claims)
    }
}

impl About<'_> {
    fn holds(&self, claims: Claims) -> Result<Vec<Decision>, Untrue> {
        if claims.task != self.task || claims.binding != self.binding || claims.shown_digest != self.shown_digest {
            return Err(Untrue::Another);
        }
        let mut people: Vec<&str> = claims.decisions.iter().map(|said| said.by.as_str()).collect();
        people.sort_unstable();
        people.dedup();
        if people.contains(&self.caller) {
            return Err(Untrue::OwnRequest);
        }
        // In an emergency one person's word is enough; that the service allows it is the operator's choice, and it is on record as such.
        let emergency = claims.decisions.iter().any(|said| said.break_glass);
        if people.is_empty() || (people.len() < self.ask.quorum && !emergency) {
            return Err(Untrue::TooFew);
        }
        let without = |said: &Said| said.reason.as_deref().and_then(legible).is_none();
        if self.ask.reason == crate::policy::Reason::Required && claims.decisions.iter().any(without) {
            return Err(Untrue::NoReason);
        }
        let decision = |said: Said| Decision {
            by: said.by,
            at: said.at,
            reason: said.reason.as_deref().and_then(legible),
            break_glass: said.break_glass,
        };
        Ok(claims.decisions.into_iter().map(decision).collect())
    }
}
