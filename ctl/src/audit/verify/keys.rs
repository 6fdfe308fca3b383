//! Keys that records are fingerprinted with, and their names on record.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::record::{Algorithm, MacKey, Record};
use crate::exit::Failure;

/// What a key's name is made with; the filter's own (`src/audit/chain.rs`).
const LABEL: &[u8] = b"portcullis audit key";

#[derive(Clone, Default)]
pub(crate) struct Keys(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: String,
    mac: MacKey,
}

/// Whether a record's fingerprint fits its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    Good,
    Bad,
    /// There is no key to tell with.
    Unchecked,
}

impl Keys {
    /// The policy's `audit.chain.key`, each as `env:NAME` or as a file whose text is the key.
    pub(crate) fn open(written: &[String]) -> Result<Self, Failure> {
        written.iter().map(|written| open(written)).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.id.as_str())
    }

    pub(crate) fn check(&self, record: &Record<'_>) -> Fit {
        let fit = |holds: bool| if holds { Fit::Good } else { Fit::Bad };
        match record.algorithm {
            Algorithm::Sha256 => fit(record.holds(None)),
            Algorithm::HmacSha256 if self.is_empty() => Fit::Unchecked,
            // The name says which key it is; that it says another is a change like any other.
            Algorithm::HmacSha256 => {
                let key = self.0.iter().find(|key| key.id == record.authority);
                fit(key.is_some_and(|key| record.holds(Some(&key.mac))))
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn of(keys: &[&[u8]]) -> Self {
        Self(keys.iter().map(|key| named(key).unwrap()).collect())
    }
}

fn open(written: &str) -> Result<Key, Failure> {
    let key = match written.strip_prefix("env:") {
        Some(name) => std::env::var(name).map_err(|_| Failure::usage(format!("--key: the environment variable `{name}` is not set")))?,
        None => std::fs::read_to_string(Path::new(written)).map_err(|err| {
            Failure::environment(format!("--key: cannot read `{written}`: {err}; `env:NAME` takes the key from the environment"))
        })?,
    };
    // The line break at a file's end is not of the key.
    let key = key.trim_end_matches(['\r', '\n']);
    if key.is_empty() {
        return Err(Failure::usage(format!("--key: `{written}` is empty")));
    }
    named(key.as_bytes()).ok_or_else(|| Failure::usage(format!("--key: `{written}` is no key")))
}

fn named(key: &[u8]) -> Option<Key> {
    let digest = Sha256::new().chain_update(LABEL).chain_update([0]).chain_update(key).finalize();
    let id = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(Key { id, mac: MacKey::new(key)? })
}
