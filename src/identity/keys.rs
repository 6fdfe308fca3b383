//! The keys of one issuer, and which of them may have signed a token.

use super::accelerate::Accelerator;
use super::json;
use super::jwk::{Fingerprint, Key, KeyProblem};
use super::jws::Jws;
use crate::limits::JWKS_KEYS;
use crate::policy::Algorithm;

/// Keys tried for a token that names none. Sets hold two or three keys, the one in use and those coming or going; every further try costs
/// whoever sends forged tokens nothing and us a signature.
const TRIES: usize = 4;

pub(super) struct KeySet {
    keys: Vec<Key>,
    /// Goes up with every change of the keys; starts at 1.
    generation: u64,
}

/// What a key set says of a token.
pub(super) enum Signed<'a> {
    By(&'a Key),
    /// No key that could have signed it is known.
    UnknownKey,
    /// The key is known, and the algorithm is not one of its own.
    NotForKey,
    Badly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SetProblem {
    #[error("the answer is not a JSON object with one list of `keys`")]
    NotAKeySet,
    #[error("the answer holds more than {JWKS_KEYS} keys")]
    TooMany,
    #[error("the answer holds no key that is usable with the issuer's `algorithms`")]
    NoneUsable,
}

impl KeySet {
    pub(super) fn new(keys: Vec<Key>) -> Self {
        Self { keys, generation: 1 }
    }

    /// The usable keys of a JWKS (RFC 7517, 5). Keys of other kinds, or for other purposes, are skipped.
    pub(super) fn parse(body: &[u8], listed: &[Algorithm]) -> Result<Vec<Key>, SetProblem> {
        let set = json::object(body).ok_or(SetProblem::NotAKeySet)?;
        let entries = set.get("keys").and_then(|keys| keys.as_array()).ok_or(SetProblem::NotAKeySet)?;
        if entries.len() > JWKS_KEYS {
            return Err(SetProblem::TooMany);
        }
        let keys: Vec<Key> = entries.iter().filter_map(|entry| Key::parse(entry, listed).ok()).collect();
        if keys.is_empty() { Err(SetProblem::NoneUsable) } else { Ok(keys) }
    }

    /// Keys an operator wrote into the policy: each must be usable. Errors with their index.
    pub(super) fn inline(entries: &[serde_json::Value], listed: &[Algorithm]) -> Result<Vec<Key>, Vec<(usize, KeyProblem)>> {
        let (mut keys, mut problems) = (Vec::new(), Vec::new());
        for (index, entry) in entries.iter().enumerate() {
            match Key::parse(entry, listed) {
                Ok(key) => keys.push(key),
                Err(problem) => problems.push((index, problem)),
            }
        }
        if problems.is_empty() { Ok(keys) } else { Err(problems) }
    }

    pub(super) fn replace(&mut self, keys: Vec<Key>) {
        self.keys = keys;
        self.generation = self.generation.saturating_add(1);
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn holds(&self, key: &Fingerprint) -> bool {
        self.keys.iter().any(|held| held.fingerprint == *key)
    }

    /// Keys with the token's `kid` are the only ones tried if there are any; keys without a name are tried for every other token; a
    /// token without `kid` is tried with all keys that fit.
    pub(super) fn check(&self, jws: &Jws<'_>, accelerator: &Accelerator) -> Signed<'_> {
        let Some(id) = &jws.key_id else {
            return match self.first_that_verifies(jws, accelerator, |_| true) {
                Tried::Verified(key) => Signed::By(key),
                Tried::Failed => Signed::Badly,
                Tried::NoneFits => Signed::UnknownKey,
            };
        };
        let is_named = |key: &Key| key.id.as_ref() == Some(id);
        if self.keys.iter().any(is_named) {
            return match self.first_that_verifies(jws, accelerator, is_named) {
                Tried::Verified(key) => Signed::By(key),
                Tried::Failed => Signed::Badly,
                Tried::NoneFits => Signed::NotForKey,
            };
        }
        match self.first_that_verifies(jws, accelerator, |key| key.id.is_none()) {
            Tried::Verified(key) => Signed::By(key),
            // The name is still unknown, and its key may be yet to come.
            Tried::Failed | Tried::NoneFits => Signed::UnknownKey,
        }
    }

    fn first_that_verifies(&self, jws: &Jws<'_>, accelerator: &Accelerator, which: impl Fn(&Key) -> bool) -> Tried<'_> {
        let mut fitting = self.keys.iter().filter(|key| which(key) && key.serves(jws.algorithm)).take(TRIES).peekable();
        if fitting.peek().is_none() {
            return Tried::NoneFits;
        }
        fitting.find(|key| key.verifies(jws, accelerator)).map_or(Tried::Failed, Tried::Verified)
    }
}

enum Tried<'a> {
    Verified(&'a Key),
    Failed,
    NoneFits,
}
