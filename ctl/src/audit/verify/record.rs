//! What there is to verify in a record: its place in its chain, its links, its fingerprint.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// SHA-256, or an HMAC over it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

/// Hexadecimal digits of a fingerprint.
const DIGITS: usize = 64;
/// What stands in a record in place of its fingerprint while that is made.
const ZEROS: [u8; DIGITS] = [b'0'; DIGITS];

impl Fingerprint {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let nibble = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        if bytes.len() != DIGITS {
            return None;
        }
        let mut parsed = [0; 32];
        for (into, pair) in parsed.iter_mut().zip(bytes.chunks_exact(2)) {
            let [high, low] = *pair else { return None };
            *into = nibble(high)? << 4 | nibble(low)?;
        }
        Some(Self(parsed))
    }

    pub(crate) fn of(text: &[u8]) -> Self {
        Self(Sha256::digest(text).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

/// A key that records are fingerprinted with; ready to be used again and again.
#[derive(Clone)]
pub(crate) struct MacKey(Hmac<Sha256>);

impl MacKey {
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        Hmac::new_from_slice(key).ok().map(Self)
    }
}

/// How a record was fingerprinted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Sha256,
    HmacSha256,
}

/// A record as far as it is verified.
pub(crate) struct Record<'a> {
    pub(crate) chain: &'a str,
    pub(crate) node: Text<'a>,
    pub(crate) uid: Uid<'a>,
    /// When it was written, ms since 1970.
    pub(crate) time: u64,
    pub(crate) algorithm: Algorithm,
    /// Which key, by its id.
    pub(crate) authority: &'a str,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) previous: Option<Link<'a>>,
    pub(crate) starts: bool,
    pub(crate) sides: Vec<Named<'a>>,
    pub(crate) checkpoint: Option<&'a str>,
    text: &'a str,
    /// Where the fingerprint's digits begin.
    digits_at: usize,
}

/// What a record says of its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Uid<'a> {
    /// Its sequence in the chain.
    Chained(u64),
    /// Beside the chain: `i7`.
    Side(&'a str),
}

/// The record that another one follows.
#[derive(Clone, Copy)]
pub(crate) struct Link<'a> {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) uid: &'a str,
}

/// A side record that a final one names.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) side: &'a str,
    pub(crate) fingerprint: Fingerprint,
}

/// Why a record cannot be verified at all.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It has no `record_integrity`.
    Unchained,
    /// What it has is not in the form that the filter writes.
    Malformed(String),
}

impl<'a> Record<'a> {
    pub(crate) fn read(text: &'a str) -> Result<Self, Unfit> {
        let written: Written<'a> = serde_json::from_str(text).map_err(|err| Unfit::Malformed(err.to_string()))?;
        let Written { metadata, unmapped } = written;
        let Some(integrity) = unmapped.record_integrity else { return Err(Unfit::Unchained) };
        let bad = |what: &str| Unfit::Malformed(what.to_owned());
        let [attestation] = <[Attestation<'a>; 1]>::try_from(integrity.attestation_list).map_err(|_| bad("not one attestation"))?;
        let Attestation { authority_uid, chain_uid, fingerprint, prev_event } = attestation;
        let algorithm = match (fingerprint.algorithm, fingerprint.algorithm_id) {
            ("SHA-256", 3) => Algorithm::Sha256,
            ("HMAC-SHA-256", 99) => Algorithm::HmacSha256,
            _ => return Err(bad("an unknown algorithm")),
        };
        let parsed =
            |digits: &str| Fingerprint::parse(digits).ok_or_else(|| bad("a fingerprint that is not 64 lower-case hexadecimal digits"));
        let own = metadata.uid.strip_prefix(chain_uid).and_then(|rest| rest.strip_prefix('-'));
        if metadata.reporter.uid != chain_uid {
            return Err(bad("`metadata.reporter.uid` and `chain_uid` differ"));
        }
        let uid = match (metadata.sequence, own) {
            (Some(sequence), Some(own)) if sequence > 0 && own.parse() == Ok(sequence) => Uid::Chained(sequence),
            (None, Some(own)) if is_side(own) => Uid::Side(own),
            _ => return Err(bad("`metadata.uid` does not fit chain and sequence")),
        };
        let named = |named: &WrittenSide<'a>| {
            let side = named.uid.strip_prefix(chain_uid).and_then(|rest| rest.strip_prefix('-')).unwrap_or(named.uid);
            parsed(named.fingerprint).map(|fingerprint| Named { side, fingerprint })
        };
        // Only where there are no escapes does the parser hand out a part of the text itself.
        let digits_at = (fingerprint.value.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        Ok(Self {
            chain: chain_uid,
            node: metadata.reporter.name.unwrap_or_default(),
            uid,
            time: metadata.logged_time.unwrap_or_default(),
            algorithm,
            authority: authority_uid,
            fingerprint: parsed(fingerprint.value)?,
            previous: prev_event.map(|link| parsed(link.fingerprint).map(|fingerprint| Link { fingerprint, uid: link.uid })).transpose()?,
            starts: unmapped.alerts.iter().any(|alert| alert.0 == "chain_start"),
            sides: unmapped.sides.iter().map(named).collect::<Result<_, _>>()?,
            checkpoint: unmapped.checkpoint,
            text,
            digits_at,
        })
    }

    /// Its text, with zeros for its fingerprint, in three parts.
    fn parts(&self) -> [&'a [u8]; 3] {
        let text = self.text.as_bytes();
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
        [part(0..self.digits_at), &ZEROS, part(self.digits_at.saturating_add(DIGITS)..text.len())]
    }

    /// Does the fingerprint fit the text?
    pub(crate) fn holds(&self, key: Option<&MacKey>) -> bool {
        let parts = self.parts();
        match (self.algorithm, key) {
            (Algorithm::Sha256, _) => {
                let mut hash = Sha256::new();
                parts.iter().for_each(|part| hash.update(part));
                hash.finalize() == self.fingerprint.0
            }
            (Algorithm::HmacSha256, Some(MacKey(key))) => {
                let mut mac = key.clone();
                parts.iter().for_each(|part| mac.update(part));
                mac.verify(&self.fingerprint.0.into()).is_ok()
            }
            (Algorithm::HmacSha256, None) => false,
        }
    }
}

/// A letter for the kind and a number: `i12`.
fn is_side(own: &str) -> bool {
    let mut chars = own.chars();
    chars.next().is_some_and(|letter| letter.is_ascii_lowercase()) && chars.as_str().parse::<u64>().is_ok()
}

#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow)]
    unmapped: Unmapped<'a>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    uid: &'a str,
    sequence: Option<u64>,
    logged_time: Option<u64>,
    #[serde(borrow)]
    reporter: Reporter<'a>,
}

#[derive(Deserialize)]
struct Reporter<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    uid: &'a str,
}

#[derive(Deserialize)]
struct Unmapped<'a> {
    #[serde(borrow, default)]
    alerts: Vec<Text<'a>>,
    checkpoint: Option<&'a str>,
    #[serde(borrow)]
    record_integrity: Option<Integrity<'a>>,
    #[serde(borrow, default)]
    sides: Vec<WrittenSide<'a>>,
}

#[derive(Deserialize)]
struct WrittenSide<'a> {
    uid: &'a str,
    fingerprint: &'a str,
}

#[derive(Deserialize)]
struct Integrity<'a> {
    #[serde(borrow)]
    attestation_list: Vec<Attestation<'a>>,
}

#[derive(Deserialize)]
struct Attestation<'a> {
    authority_uid: &'a str,
    chain_uid: &'a str,
    #[serde(borrow)]
    fingerprint: WrittenFingerprint<'a>,
    #[serde(borrow)]
    prev_event: Option<WrittenLink<'a>>,
}

#[derive(Deserialize)]
struct WrittenFingerprint<'a> {
    algorithm: &'a str,
    algorithm_id: u64,
    value: &'a str,
}

#[derive(Deserialize)]
struct WrittenLink<'a> {
    fingerprint: &'a str,
    uid: &'a str,
}

/// A text that may have escapes in it; borrowed where it has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub(crate) std::borrow::Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> serde::de::Visitor<'de> for Read {
            type Value = Text<'de>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(text.into()))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(text.to_owned().into()))
            }
        }
        json.deserialize_str(Read)
    }
}
