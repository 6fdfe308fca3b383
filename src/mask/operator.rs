//! What leaves instead of a value. Nothing written here has a quote, a backslash or a control character in it, so it is
//! valid in a JSON string at any depth.

use std::collections::VecDeque;
use std::rc::Rc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::rules::{Label, Rule, Source};
use crate::policy::Operator;

/// Hexadecimal digits of a keyed hash that are shown: 64 bits.
const HASH_BYTES: usize = 8;

#[derive(Clone)]
pub(crate) enum Operation {
    Replace,
    Keep {
        first: usize,
        last: usize,
    },
    Fixed(Rc<str>),
    Drop,
    /// Whoever drives the masker withholds the message; the value is replaced all the same.
    Refuse,
    /// HMAC-SHA-256 (RFC 2104), keyed.
    Hash(Box<Hmac<Sha256>>),
}

/// An operator at work on one value, which may come in pieces.
pub(crate) enum Sink {
    /// All that leaves has left.
    Replace,
    Keep(Keep),
    Hash {
        mac: Box<Hmac<Sha256>>,
        label: Label,
    },
}

/// Holds characters back, as they were written: all, until there are more than may stay, then the last.
pub(crate) struct Keep {
    first: usize,
    last: usize,
    /// All characters so far.
    count: usize,
    held: VecDeque<u8>,
    lengths: VecDeque<usize>,
}

impl Operation {
    pub(crate) fn new(operator: &Operator) -> Self {
        match operator {
            Operator::Replace => Operation::Replace,
            Operator::Keep { first, last } => Operation::Keep { first: *first, last: *last },
            Operator::Fixed(text) => Operation::Fixed(text.as_str().into()),
            Operator::Drop => Operation::Drop,
            Operator::Refuse => Operation::Refuse,
            Operator::Hash(key) => match Hmac::new_from_slice(key.expose()) {
                Ok(mac) => Operation::Hash(Box::new(mac)),
                // HMAC takes keys of any length; were that to change, the value goes altogether.
                Err(_) => Operation::Replace,
            },
        }
    }
}

impl Sink {
    /// Begins on a value. `again` tells apart placeholders that must not be alike, in member names.
    pub(crate) fn begin(rule: &Rule, label: Label, again: Option<u32>, out: &mut Vec<u8>) -> Self {
        match (&rule.operation, again) {
            (Operation::Drop, None) => Sink::Replace,
            (Operation::Fixed(text), None) => {
                out.extend_from_slice(text.as_bytes());
                Sink::Replace
            }
            (Operation::Keep { first, last }, None) => {
                Sink::Keep(Keep { first: *first, last: *last, count: 0, held: VecDeque::new(), lengths: VecDeque::new() })
            }
            (Operation::Replace | Operation::Refuse, None)
            | (Operation::Replace | Operation::Keep { .. } | Operation::Fixed(_) | Operation::Drop | Operation::Refuse, Some(0 | 1)) => {
                write(rule, label, None, out);
                Sink::Replace
            }
            (Operation::Replace | Operation::Keep { .. } | Operation::Fixed(_) | Operation::Drop | Operation::Refuse, Some(number)) => {
                write(rule, label, Some(&number.to_string()), out);
                Sink::Replace
            }
            (Operation::Hash(mac), _) => Sink::Hash { mac: mac.clone(), label },
        }
    }

    pub(crate) fn wants_text(&self) -> bool {
        matches!(self, Sink::Hash { .. })
    }

    pub(crate) fn wants_characters(&self) -> bool {
        matches!(self, Sink::Keep(_))
    }

    /// More of the value, escapes resolved.
    pub(crate) fn text(&mut self, text: &[u8]) {
        if let Sink::Hash { mac, .. } = self {
            mac.update(text);
        }
    }

    /// One more character of the value, as written.
    pub(crate) fn character(&mut self, written: &[u8], out: &mut Vec<u8>) {
        let Sink::Keep(keep) = self else { return };
        keep.count = keep.count.saturating_add(1);
        keep.held.extend(written);
        keep.lengths.push_back(written.len());
        let most = keep.first.saturating_add(keep.last);
        if keep.count == most.saturating_add(1) {
            // More than may stay: the first leave as they are.
            for _ in 0..keep.first {
                let len = keep.lengths.pop_front().unwrap_or_default();
                out.extend(keep.held.drain(..len.min(keep.held.len())));
            }
        }
        if keep.count > most {
            let gone = keep.lengths.pop_front().unwrap_or_default();
            keep.held.drain(..gone.min(keep.held.len()));
            out.push(b'*');
        }
    }

    pub(crate) fn end(self, rule: &Rule, out: &mut Vec<u8>) {
        match self {
            Sink::Replace => {}
            // Nothing would be masked.
            Sink::Keep(keep) if keep.count <= keep.first.saturating_add(keep.last) => out.extend(std::iter::repeat_n(b'*', keep.count)),
            Sink::Keep(keep) => out.extend(keep.held),
            Sink::Hash { mac, label } => write(rule, label, Some(&hex(&mac.finalize().into_bytes())), out),
        }
    }

    /// Bytes of memory held.
    pub(crate) fn held(&self) -> usize {
        match self {
            Sink::Replace => 0,
            Sink::Keep(keep) => keep.held.capacity() + keep.lengths.capacity() * size_of::<usize>(),
            Sink::Hash { mac, .. } => size_of_val(&**mac),
        }
    }
}

/// A number below 10^15, which every JSON reader holds exactly, from a keyed hash.
pub(crate) fn hash_number(mac: &Hmac<Sha256>, token: &[u8]) -> u64 {
    let mut mac = mac.clone();
    mac.update(token);
    let digest = mac.finalize().into_bytes();
    digest.first_chunk::<8>().map_or(0, |head| u64::from_be_bytes(*head)) % 1_000_000_000_000_000
}

/// `[MASKED:email]`, `[MASKED:email:3f2a...]`; what no family found goes by its rule's id.
fn write(rule: &Rule, label: Label, suffix: Option<&str>, out: &mut Vec<u8>) {
    let name = match label.source {
        Source::Detector(label) => label,
        Source::Pattern | Source::Field | Source::Remote => &*rule.id,
    };
    out.extend_from_slice(b"[MASKED:");
    out.extend_from_slice(name.as_bytes());
    if let Some(suffix) = suffix {
        out.push(b':');
        out.extend_from_slice(suffix.as_bytes());
    }
    out.push(b']');
}

fn hex(digest: &[u8]) -> String {
    digest.iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect()
}
