//! The chain: each record of a VM holds the fingerprint of the one before and its own.
//!
//! A fingerprint is made over the record's very text, in which its own value is 64 zeros; the one before is in that text,
//! so a record that is changed, taken out, put in or moved no longer fits its neighbours. With a key it is an HMAC (RFC
//! 2104), and nobody without the key can make the rest of a chain fit again. The shape is that of OCSF 1.9's
//! `record_integrity`.
//!
//! Records that go beside the chain (of a stream that still runs, findings) hold the fingerprint of its newest record, but nothing
//! holds theirs as the one before: they take other ways and get lost in other ways, and that must not look like a hole in the chain. The record of
//! their exchange names them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::json::{HOLE, Hole, Object, Sealed, Word};
use super::text::hex;
use crate::policy;

/// What a key's name is made with, so that it says nothing of what else the key may be used for.
const KEY_LABEL: &[u8] = b"portcullis audit key";

/// A record as others point to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    pub uid: String,
    /// In hexadecimal digits.
    pub fingerprint: String,
}

impl Pointer {
    pub(super) fn named(&self, record: &mut Object<'_>) {
        record.put("fingerprint", self.fingerprint.as_str());
        record.put("uid", self.uid.as_str());
    }
}

#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// Made from the key once: every record saves two blocks.
    keyed: Option<Hmac<Sha256>>,
    /// The key's name; `none` without a key.
    authority: String,
    head: Option<Pointer>,
}

impl Chain {
    pub(super) fn new(policy: &policy::Chain) -> Self {
        let key = policy.key.as_ref().map(policy::value::Secret::expose);
        Self {
            // HMAC takes keys of any length.
            keyed: key.and_then(|key| Hmac::new_from_slice(key).ok()),
            authority: key.map_or_else(|| "none".to_owned(), authority),
            head: None,
        }
    }

    /// The newest record; none before the first.
    pub(super) fn head(&self) -> Option<&Pointer> {
        self.head.as_ref()
    }

    /// `record_integrity` of the record that comes next, or of one beside the chain.
    pub(super) fn attestation(&self, integrity: &mut Object<'_>, chain: &str) {
        let (algorithm, id) = if self.keyed.is_some() { ("HMAC-SHA-256", 99_i64) } else { ("SHA-256", 3) };
        integrity.objects("attestation_list", [()], |attestation, ()| {
            attestation.put("authority_uid", self.authority.as_str());
            attestation.put("chain_uid", chain);
            attestation.object("fingerprint", |fingerprint| {
                fingerprint.put("algorithm", Word(algorithm));
                fingerprint.put("algorithm_id", id);
                fingerprint.put("value", Hole);
            });
            if let Some(head) = &self.head {
                attestation.object("prev_event", |event| head.named(event));
            }
        });
    }

    /// The text with its fingerprint, which is given, too.
    pub(super) fn close(&self, sealed: Sealed) -> (String, String) {
        let Sealed { mut text, hole } = sealed;
        let fingerprint = self.fingerprint(text.as_bytes());
        if let Some(at) = hole
            && text.get(at..at.saturating_add(HOLE.len())).is_some()
        {
            text.replace_range(at..at + HOLE.len(), &fingerprint);
        }
        (text, fingerprint)
    }

    /// The chain goes on from here.
    pub(super) fn follow(&mut self, head: Pointer) {
        self.head = Some(head);
    }

    fn fingerprint(&self, text: &[u8]) -> String {
        match &self.keyed {
            Some(keyed) => hex(&keyed.clone().chain_update(text).finalize().into_bytes()),
            None => hex(&Sha256::digest(text)),
        }
    }
}

/// Names a key without telling it: the first 16 hexadecimal digits of SHA-256 of a label, a NUL and the key.
fn authority(key: &[u8]) -> String {
    let digest = Sha256::new().chain_update(KEY_LABEL).chain_update([0]).chain_update(key).finalize();
    digest.first_chunk::<8>().map(|head| hex(head)).unwrap_or_default()
}
