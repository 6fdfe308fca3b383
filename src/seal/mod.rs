//! Handles that a server hands out (session ids, task ids, request states), bound to the one who got them.
//!
//! A sealed handle is text, `pc1.VALUE.TAG`: a mark, the server's own value as it was, and an HMAC-SHA-256 (RFC 2104) in
//! base64url without padding. Nothing is remembered: whoever has the key can open it, on any worker and any replica. A value may
//! itself be sealed, by a gateway further in: mark and tag have fixed lengths, so each gateway takes off its own.
//!
//! The tag covers, each with its length in front as 8 bytes, big-endian: a label, issuer, subject, client (with a byte before
//! it that tells an absent one from an empty one); then one byte for the kind of handle; for a request state what was called,
//! where that is bound (a byte that says so, method, target); and last, up to the end, the value. No two different inputs run
//! together into the same bytes.
//!
//! What a seal does not do: it hides nothing, and it does not expire. A server's own time-outs stay in force.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::policy::value::Secret;

/// How a sealed handle begins. The number changes with what the tag covers.
pub const MARK: &str = "pc1.";

/// A dot and 32 bytes in base64url.
const TAIL: usize = 1 + 43;

const LABEL: &[u8] = b"portcullis handle seal 1";

/// What a sealed handle is longer than the server's own.
pub const OVERHEAD: usize = MARK.len() + TAIL;

/// What is sealed. One kind is never taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// `Mcp-Session-Id` of the streamable HTTP transport.
    Session,
    /// The same, of a client that said in `initialize` that it can send a person to a page (`elicitation.url`, 2025-11-25). The seal itself tells
    /// the two apart, so every worker and replica knows, and a session is no longer for it.
    SessionWithPages,
    /// `sessionId` in the query, of the HTTP+SSE transport of 2024-11-05.
    StreamSession,
    /// A task's id.
    Task,
    /// `requestState` of 2026-07-28.
    State,
}

/// Why a handle is not opened. Another's handle and a forged one cannot be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("it carries no seal")]
    Unsealed,
    #[error("its seal is not that of this caller")]
    Mismatch,
}

/// The operator's keys: the first seals, all open.
#[derive(Clone)]
pub struct Keys {
    labelled: Rc<[Hmac<Sha256>]>,
}

/// Whose handles: all three from a verified token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
    /// The program that calls; absent is not the same as empty.
    pub client: Option<&'a str>,
}

/// Seals and opens for one owner, and in one call where a kind is bound to it. Cheap to clone.
#[derive(Clone)]
pub struct Seals {
    owned: Rc<[Hmac<Sha256>]>,
    call: Rc<[u8]>,
}

/// A seal in the making, for a value that comes in pieces.
pub struct Running(Hmac<Sha256>);

impl Keys {
    pub fn new(keys: &[Secret]) -> Self {
        // Any length is a key to HMAC: none is lost here.
        let macs = keys.iter().filter_map(|key| Hmac::<Sha256>::new_from_slice(key.expose()).ok());
        let labelled = macs.map(|mut mac| {
            part(&mut mac, LABEL);
            mac
        });
        Self { labelled: labelled.collect() }
    }

    pub fn of(&self, owner: &Owner<'_>) -> Seals {
        let owned = self.labelled.iter().cloned().map(|mut mac| {
            part(&mut mac, owner.issuer.as_bytes());
            part(&mut mac, owner.subject.as_bytes());
            optional(&mut mac, owner.client.map(str::as_bytes));
            mac
        });
        Seals { owned: owned.collect(), call: Rc::from([0]) }
    }
}

impl Seals {
    /// The same owner, within the call of `method` on `target`.
    #[must_use]
    pub fn within(&self, method: &str, target: &str) -> Self {
        let mut call = vec![1];
        for text in [method, target] {
            call.extend_from_slice(&(text.len() as u64).to_be_bytes());
            call.extend_from_slice(text.as_bytes());
        }
        Self { owned: self.owned.clone(), call: Rc::from(call) }
    }

    /// A seal for a value that follows in pieces. `None` only without any key.
    pub fn begin(&self, what: What) -> Option<Running> {
        self.owned.first().map(|mac| self.run(mac, what))
    }

    /// The sealed form of a whole value.
    pub fn seal(&self, what: What, value: &str) -> Option<String> {
        let mut running = self.begin(what)?;
        running.update(value.as_bytes());
        Some(format!("{MARK}{value}{}", running.tail()))
    }

    /// The server's own value.
    pub fn open<'s>(&self, what: What, sealed: &'s str) -> Result<&'s str, Broken> {
        let (value, tag) = parts(sealed).ok_or(Broken::Unsealed)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| Broken::Unsealed)?;
        let is_good = |mac: &Hmac<Sha256>| {
            let mut running = self.run(mac, what);
            running.update(value.as_bytes());
            // In constant time.
            running.0.verify_slice(&tag).is_ok()
        };
        if self.owned.iter().any(is_good) { Ok(value) } else { Err(Broken::Mismatch) }
    }

    fn run(&self, mac: &Hmac<Sha256>, what: What) -> Running {
        let mut mac = mac.clone();
        match what {
            What::Session => mac.update(&[1]),
            What::StreamSession => mac.update(&[2]),
            What::Task => mac.update(&[3]),
            What::State => {
                mac.update(&[4]);
                mac.update(&self.call);
            }
            What::SessionWithPages => mac.update(&[5]),
        }
        Running(mac)
    }
}

impl Running {
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// What follows the value: a dot and the tag.
    pub fn tail(self) -> String {
        let mut tail = String::with_capacity(TAIL);
        tail.push('.');
        URL_SAFE_NO_PAD.encode_string(self.0.finalize().into_bytes(), &mut tail);
        tail
    }
}

/// The value in something that looks sealed, by whomever: for bytes that must be in place before it is known who calls.
pub fn value(sealed: &str) -> Option<&str> {
    parts(sealed).map(|(value, _)| value)
}

fn parts(sealed: &str) -> Option<(&str, &str)> {
    let rest = sealed.strip_prefix(MARK)?;
    let (value, tail) = rest.split_at_checked(rest.len().checked_sub(TAIL)?)?;
    Some((value, tail.strip_prefix('.')?))
}

fn part(mac: &mut Hmac<Sha256>, bytes: &[u8]) {
    mac.update(&(bytes.len() as u64).to_be_bytes());
    mac.update(bytes);
}

fn optional(mac: &mut Hmac<Sha256>, bytes: Option<&[u8]>) {
    match bytes {
        None => mac.update(&[0]),
        Some(bytes) => {
            mac.update(&[1]);
            part(mac, bytes);
        }
    }
}

#[cfg(test)]
mod tests;
