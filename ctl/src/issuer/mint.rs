//! From what is asked for to a signed token.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use jwt_simple::prelude::{Audiences, ECDSAP256KeyPairLike, ES256KeyPair, JWTClaims, UnixTimeStamp};
use serde_json::{Map, Value, json};

use crate::random;

/// Who the token is to be for. [`Default`] is a token for nobody, valid for an hour: fill in what matters.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// `sub`.
    pub user: String,
    /// `email`; left out of the token when `None`.
    pub email: Option<String>,
    /// `groups`.
    pub groups: Vec<String>,
    /// `client_id`.
    pub client: Option<String>,
    /// `aud`; the issuer's own audience when `None`.
    pub audience: Option<String>,
    /// `exp - iat`.
    pub lifetime: Duration,
    /// How long ago the token is said to be issued: more than `lifetime` makes one that has expired.
    pub age: Duration,
    /// Claims put in as they are, instead of those above and of the issuer's own.
    pub extra: Map<String, Value>,
}

impl Default for TokenRequest {
    fn default() -> Self {
        Self {
            user: String::new(),
            email: None,
            groups: Vec::new(),
            client: None,
            audience: None,
            lifetime: Duration::from_secs(3600),
            age: Duration::ZERO,
            extra: Map::new(),
        }
    }
}

/// Issuer, audience and key: all it takes to make tokens.
pub struct Mint {
    issuer: String,
    audience: String,
    key: Arc<ES256KeyPair>,
}

impl Mint {
    pub fn new(issuer: String, audience: String, key: Arc<ES256KeyPair>) -> Self {
        Self { issuer, audience, key }
    }

    /// A JWT (RFC 9068 claims, `alg` ES256) with `iss`, `sub`, `aud`, `iat`, `nbf`, `exp`, `jti`, `groups` and, when known, `email` and `client_id`.
    pub fn token(&self, request: &TokenRequest) -> Result<String> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("the clock is before 1970")?;
        let issued = now.saturating_sub(request.age);
        let expires = issued.saturating_add(request.lifetime);
        let mut custom = Map::new();
        custom.insert("groups".to_owned(), json!(request.groups));
        if let Some(email) = &request.email {
            custom.insert("email".to_owned(), json!(email));
        }
        if let Some(client) = &request.client {
            custom.insert("client_id".to_owned(), json!(client));
        }
        custom.extend(request.extra.clone());
        // A claim said twice would be a malformed token: what `extra` says is left out above.
        let extra = |claim: &str| request.extra.contains_key(claim);
        let seconds = |claim: &str, time: Duration| (!extra(claim)).then(|| UnixTimeStamp::from_secs(time.as_secs()));
        let audience = request.audience.as_ref().unwrap_or(&self.audience);
        let claims = JWTClaims {
            issued_at: seconds("iat", issued),
            expires_at: seconds("exp", expires),
            invalid_before: seconds("nbf", issued),
            issuer: (!extra("iss")).then(|| self.issuer.clone()),
            subject: (!extra("sub")).then(|| request.user.clone()),
            audiences: (!extra("aud")).then(|| Audiences::AsString(audience.clone())),
            jwt_id: if extra("jti") { None } else { Some(random::name()?) },
            nonce: None,
            custom,
        };
        self.key.sign(claims).context("the token cannot be signed")
    }
}
