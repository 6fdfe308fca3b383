//! Checkpoints: signed statements of how far a chain has come.
//!
//! A chain shows what was taken out of its middle. That its end was cut off, or that all of it was removed, shows only
//! against something that was said before: at an interval, also while nothing happens, the VM signs the newest fingerprint.
//! A checkpoint is a compact JWS (RFC 7515) with Ed25519 (RFC 8037). A chain of no record has none: Envoy's main thread has a VM as well, to which nothing ever comes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_compact::{KeyPair, Seed};
use sha2::{Digest as _, Sha256};

use super::chain::Pointer;
use super::json::{HOLE, Sealed};
use super::text::{NAME, hex};
use crate::policy;
use crate::time::Time;

const TYPE: &str = "portcullis-checkpoint+jwt";

/// What a statement is about.
pub(super) struct Head<'a> {
    pub(super) chain: &'a str,
    pub(super) node: &'a str,
    pub(super) policy: &'a str,
    /// Of the newest record; 0 before the first.
    pub(super) sequence: u64,
    pub(super) newest: Option<&'a Pointer>,
    /// Nothing follows.
    pub(super) is_end: bool,
}

#[derive(Clone)]
pub(super) struct Checkpoints {
    key: KeyPair,
    /// `{"alg":"EdDSA",...}`, encoded.
    header: String,
    interval_millis: u64,
    last: Option<Time>,
    number: u64,
}

impl std::fmt::Debug for Checkpoints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checkpoints").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Checkpoints {
    /// None for a seed that makes no key, which no policy that was loaded has.
    pub(super) fn new(sign: &policy::Sign) -> Option<Self> {
        let key = KeyPair::try_from_seed(Seed::new(sign.seed.0)).ok()?;
        let digest = Sha256::digest(key.pk.as_ref());
        let kid = digest.first_chunk::<8>().map(|head| hex(head)).unwrap_or_default();
        let header = Sealed::object(96, |header| {
            header.put("alg", "EdDSA");
            header.put("kid", kid.as_str());
            header.put("typ", TYPE);
        });
        let interval_millis = sign.interval.millis();
        Some(Self { key, header: URL_SAFE_NO_PAD.encode(header.text), interval_millis, last: None, number: 0 })
    }

    /// Whether the time for one has come. A clock that went back is no reason to be silent.
    pub(super) fn is_due(&self, now: Time) -> bool {
        self.last.is_none_or(|last| now < last || now.since(last) >= self.interval_millis)
    }

    pub(super) fn make(&mut self, head: &Head<'_>, now: Time) -> String {
        self.last = Some(now);
        self.number = self.number.saturating_add(1);
        let Head { chain, node, policy, sequence, newest, is_end } = head;
        let payload = Sealed::object(384, |payload| {
            payload.put("chain", *chain);
            payload.some("end", is_end.then_some(true));
            payload.put("fp", newest.map_or(HOLE, |newest| newest.fingerprint.as_str()));
            payload.put("iat", now.secs());
            payload.put("n", self.number);
            payload.put("node", NAME.cut(node));
            payload.put("policy", *policy);
            payload.put("seq", *sequence);
        });
        let mut jws = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(payload.text));
        let signature = self.key.sk.sign(&jws, None);
        jws.push('.');
        jws.push_str(&URL_SAFE_NO_PAD.encode(signature.as_ref()));
        jws
    }
}
