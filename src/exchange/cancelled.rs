//! Calls that wait for people, and that their callers do not want any more.
//!
//! Up to 2025-11-25 a client cancels with a message of its own (`notifications/cancelled`), which may come to another worker than the one that has the
//! call. So the workers tell each other through shared data: a short list of hashes, written on the tick, read on the tick by whoever holds a call.
//! Without a session nothing tells whose request an id is of, so there only the end of the call's own stream could be seen; it is no cancellation then.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::event::StreamId;
use crate::identity::{Principal, SharedData};
use crate::limits::CANCELLED_CALLS;
use crate::mcp::message::Id;
use crate::time::Time;

/// Where the workers find the list.
const SHARED: &str = "portcullis.cancelled";

/// How long an entry stays: every worker looks several times a second.
const KEPT_MS: u64 = 30_000;

/// A hash of the caller, the session and the request's id.
pub(super) type Name = [u8; 16];

pub(super) fn name(principal: &Principal, session: &str, id: &Id) -> Name {
    let id = match id {
        Id::Number(number) => format!("n{number}"),
        Id::Text(text) => format!("t{text}"),
    };
    let mut hash = Sha256::new();
    for part in [&principal.issuer, &principal.subject, session, &id] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut name = Name::default();
    name.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    name
}

#[derive(Debug, Default)]
pub(super) struct Cancellations {
    waiting: HashMap<StreamId, Option<(Name, Time)>>,
    /// Those of this VM that were cancelled.
    cancelled: HashSet<StreamId>,
    untold: Vec<(Name, Time)>,
}

impl Cancellations {
    /// Calls that wait for people right now.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// `name` is none for a call that nobody can cancel by its id.
    pub(super) fn wait(&mut self, stream: StreamId, name: Option<Name>, now: Time) {
        self.waiting.insert(stream, name.map(|name| (name, now)));
    }

    pub(super) fn forget(&mut self, stream: StreamId) {
        self.waiting.remove(&stream);
        self.cancelled.remove(&stream);
    }

    pub(super) fn is_cancelled(&self, stream: StreamId) -> bool {
        self.cancelled.contains(&stream)
    }

    /// Somebody wants a call cancelled, wherever it is held.
    pub(super) fn note(&mut self, name: Name, now: Time) {
        if self.untold.len() < CANCELLED_CALLS {
            self.untold.push((name, now));
        }
    }

    /// Tells the other workers, hears what they tell, and gives the calls of this VM that are cancelled. A write that loses against another worker's is made
    /// again on the next tick.
    pub(super) fn sync(&mut self, shared: &mut dyn SharedData, now: Time) -> Vec<StreamId> {
        if self.untold.is_empty() && self.waiting.is_empty() {
            return Vec::new();
        }
        let known = shared.read(SHARED);
        let version = known.as_ref().map(|(_, version)| *version);
        let mut entries = known.map(|(bytes, _)| read(&bytes)).unwrap_or_default();
        // Clocks of one process are one clock; an entry from the future is garbage.
        entries.retain(|(_, at)| *at <= now && now.since(*at) < KEPT_MS);
        if !self.untold.is_empty() {
            entries.extend_from_slice(&self.untold);
            let over = entries.len().saturating_sub(CANCELLED_CALLS);
            entries.drain(..over);
            if shared.write(SHARED, &write(&entries), version) {
                self.untold.clear();
            }
        }
        let mut found = Vec::new();
        for (stream, waiting) in &self.waiting {
            let Some((name, since)) = waiting else { continue };
            // An id may have been used before, by a call that is over.
            if entries.iter().any(|(cancelled, at)| cancelled == name && at >= since) && self.cancelled.insert(*stream) {
                found.push(*stream);
            }
        }
        found
    }
}

const ENTRY: usize = 24;

fn read(bytes: &[u8]) -> Vec<(Name, Time)> {
    let entry = |entry: &[u8]| {
        let (name, at) = entry.split_first_chunk::<16>()?;
        Some((*name, Time::from_millis(u64::from_be_bytes(*at.first_chunk::<8>()?))))
    };
    bytes.chunks_exact(ENTRY).take(CANCELLED_CALLS).filter_map(entry).collect()
}

fn write(entries: &[(Name, Time)]) -> Vec<u8> {
    entries.iter().flat_map(|(name, at)| name.iter().copied().chain(at.millis().to_be_bytes())).collect()
}
