//! Who a verified token speaks for.

use std::fmt;

use sha2::{Digest, Sha256};

use super::actor::Actor;
use super::confirmation::Confirmation;
use super::jwk::Fingerprint;
use crate::policy::Algorithm;
use crate::time::Time;

/// The bearer of a verified token: every part from the bytes the signature covers.
#[derive(Clone, Debug)]
pub struct Principal {
    /// `iss`
    pub issuer: String,
    /// `sub`: with the issuer, the one stable name.
    pub subject: String,
    /// The claim the policy calls the user.
    pub user: String,
    pub email: Option<String>,
    pub groups: Vec<String>,
    /// The program that calls: the claim the policy names, else `azp`.
    pub client: Option<String>,
    /// `aud`
    pub audiences: Vec<String>,
    /// `jti`
    pub token_id: Option<String>,
    /// `sid`: the session at the identity provider.
    pub session: Option<String>,
    pub issued_at: Time,
    pub not_before: Option<Time>,
    /// `exp`; the issuer's clock skew comes on top.
    pub expires_at: Time,
    /// `scope` (RFC 8693, space-separated) or `scp`.
    pub scopes: Vec<String>,
    /// `act`: who acts for the subject, the current actor first (RFC 8693, 4.1).
    pub actors: Vec<Actor>,
    /// `cnf`: what the token is bound to (RFC 7800); checked with every request.
    pub confirmation: Confirmation,
    /// All claims as JSON, where rules read them. Claims longer than a token may be (Envoy passes on what it likes) are not kept.
    pub claims: Option<Box<str>>,
    /// `None` where Envoy has verified the token.
    pub algorithm: Option<Algorithm>,
    /// `kid` of the key that verified the token.
    pub key_id: Option<String>,
    pub token_hash: TokenHash,
    pub(super) key: Option<Fingerprint>,
}

/// SHA-256 of a token: names it without giving it away.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    pub(super) fn of(token: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// The first 16 bytes, as 32 hex digits, for the record.
    pub fn short(&self) -> String {
        self.0.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenHash({})", self.short())
    }
}
