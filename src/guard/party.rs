//! A principal, as shared tables know one: by a hash.

use super::ledger::{digest, short};

/// Who calls, as far as what is remembered goes: a hash of the endpoint, the issuer and the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    digest: [u8; 32],
}

impl Party {
    pub fn new(resource: &str, issuer: &str, subject: &str) -> Self {
        Self::named(&[b"principal", resource.as_bytes(), issuer.as_bytes(), subject.as_bytes()])
    }

    /// Whatever else a budget may be kept for.
    pub(super) fn named(parts: &[&[u8]]) -> Self {
        Self { digest: digest(parts) }
    }

    /// Which slot, and whose entries in it.
    pub(super) fn owner(&self) -> u64 {
        short(&self.digest)
    }

    /// One thing about this party.
    pub(super) fn id(&self, parts: &[&[u8]]) -> u64 {
        let mut all: Vec<&[u8]> = vec![&self.digest];
        all.extend(parts);
        short(&digest(&all))
    }
}
