//! The issuer's signing keys: one that signs, and older ones that are still published.

use std::sync::Arc;

use anyhow::{Context, Result};
use jwt_simple::prelude::{ES256KeyPair, ES256PublicKey};
use serde_json::{Value, json};

pub(super) struct Keys {
    current: Arc<ES256KeyPair>,
    old: Vec<ES256PublicKey>,
}

impl Keys {
    pub(super) fn generate() -> Self {
        Self { current: named(ES256KeyPair::generate()), old: Vec::new() }
    }

    pub(super) fn from_private_jwk(jwk: &Value) -> Result<Self> {
        let key = ES256KeyPair::from_jwk(&jwk.to_string())
            .context("the kept signing key is not a P-256 private JWK; delete the state file to get a new one")?;
        Ok(Self { current: named(key), old: Vec::new() })
    }

    pub(super) fn private_jwk(&self) -> Result<Value> {
        serde_json::from_str(&self.current.to_jwk()).context("the signing key cannot be written down")
    }

    pub(super) fn current(&self) -> Arc<ES256KeyPair> {
        Arc::clone(&self.current)
    }

    pub(super) fn rotate(&mut self) {
        self.old.push(self.current.public_key());
        self.current = named(ES256KeyPair::generate());
    }

    pub(super) fn forget_old(&mut self) {
        self.old.clear();
    }

    /// The JWK Set (RFC 7517 section 5), the current key first.
    pub(super) fn jwks(&self) -> Value {
        let keys: Vec<Value> =
            std::iter::once(self.current.public_key()).chain(self.old.iter().cloned()).filter_map(|key| public_jwk(&key)).collect();
        json!({ "keys": keys })
    }
}

/// The `kid` is the RFC 7638 thumbprint: the same key has the same name in every process.
fn named(key: ES256KeyPair) -> Arc<ES256KeyPair> {
    let name = key.jwk_thumbprint();
    Arc::new(key.with_key_id(&name))
}

fn public_jwk(key: &ES256PublicKey) -> Option<Value> {
    let mut jwk: Value = serde_json::from_str(&key.to_jwk()).ok()?;
    let members = jwk.as_object_mut()?;
    members.insert("use".to_owned(), json!("sig"));
    members.insert("alg".to_owned(), json!("ES256"));
    Some(jwk)
}
