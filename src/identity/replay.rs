//! Proofs seen before (RFC 9449, 11.1): each may be used once.
//!
//! A table with a fixed number of slots, each with a bounded number of entries that forget themselves. With a host that shares values the table is
//! one for all workers of the process, and a slot is changed by compare-and-swap; without, there is one for each VM. What several Envoy
//! processes have seen is not shared.

use std::collections::HashMap;
use std::rc::Rc;

use super::outside::{Host, SharedValue, Written};
use crate::time::Time;

/// Slots of the table, and proofs in one: half a million proofs in all, 12 MiB when full. A worker verifies some thousand
/// proofs a second at best, and most are forgotten after five minutes.
const SLOTS: u16 = 1024;
const PER_SLOT: usize = 512;

/// One proof: half a SHA-256, then when it may be forgotten (milliseconds, big-endian).
const NAME: usize = 16;
const ENTRY: usize = NAME + 8;

/// Workers that change one slot in the same microsecond try again; this often means that something is wrong.
const TRIES: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// For the first time; noted.
    Never,
    Before,
    /// The table is full, or cannot be written: what cannot be noted must not pass.
    Unknown,
}

/// Names a proof.
pub(super) type Name = [u8; NAME];

#[derive(Default)]
pub(super) struct Replay {
    own: HashMap<u16, Vec<u8>>,
    shared: Option<Rc<dyn Host>>,
}

impl Replay {
    /// With the host's shared values, if it has any.
    ///
    /// Each slot is written once before it is used: a value that was never written has no version, and two first writes could not be told apart.
    /// Envoy configures one VM before it makes those of the workers, so no traffic races with this.
    pub(super) fn new(host: Rc<dyn Host>) -> Self {
        let ready = (0..SLOTS).all(|slot| match host.shared(&key(slot)) {
            Some(SharedValue { version: 0, .. }) => host.share(&key(slot), &[], 0) == Written::Done,
            Some(_) => true,
            None => false,
        });
        Self { own: HashMap::new(), shared: ready.then_some(host) }
    }

    /// Whether all workers of the process share what they have seen.
    pub(super) fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Notes a proof until `until`.
    pub(super) fn note(&mut self, name: &Name, until: Time, now: Time) -> Seen {
        let [first, second, ..] = *name;
        let slot = u16::from_be_bytes([first, second]) % SLOTS;
        let Some(host) = &self.shared else {
            let bytes = self.own.entry(slot).or_default();
            return match added(bytes, name, until, now) {
                Ok(changed) => {
                    *bytes = changed;
                    Seen::Never
                }
                Err(seen) => seen,
            };
        };
        for _ in 0..TRIES {
            let Some(SharedValue { bytes, version }) = host.shared(&key(slot)) else { return Seen::Unknown };
            let changed = match added(&bytes, name, until, now) {
                Ok(changed) => changed,
                Err(seen) => return seen,
            };
            match host.share(&key(slot), &changed, version) {
                Written::Done => return Seen::Never,
                Written::Changed => {}
                Written::Failed => return Seen::Unknown,
            }
        }
        Seen::Unknown
    }
}

fn key(slot: u16) -> String {
    format!("portcullis.dpop.{slot}")
}

/// A slot's entries with this one, without those whose time is over.
fn added(bytes: &[u8], name: &Name, until: Time, now: Time) -> Result<Vec<u8>, Seen> {
    let mut kept = Vec::with_capacity(bytes.len().saturating_add(ENTRY));
    for entry in bytes.chunks_exact(ENTRY) {
        let (noted, time) = entry.split_at_checked(NAME).unwrap_or_default();
        let time = time.first_chunk::<8>().map_or(0, |time| u64::from_be_bytes(*time));
        if Time::from_millis(time) < now {
            continue;
        }
        if noted == name {
            return Err(Seen::Before);
        }
        kept.extend_from_slice(entry);
    }
    if kept.len() >= PER_SLOT * ENTRY {
        return Err(Seen::Unknown);
    }
    kept.extend_from_slice(name);
    kept.extend(until.millis().to_be_bytes());
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::super::outside::SignatureCheck;
    use super::*;

    const NOW: Time = Time::from_secs(1_000);
    const LATER: Time = Time::from_secs(1_300);

    fn name(number: u64) -> Name {
        let mut name = [0; NAME];
        name[8..].copy_from_slice(&number.to_be_bytes());
        name
    }

    /// Shared values, with someone else writing in between as often as told.
    #[derive(Default)]
    struct Shelf {
        values: RefCell<HashMap<String, SharedValue>>,
        interrupts: RefCell<usize>,
    }

    impl Host for Shelf {
        fn verify_signature(&self, _: &SignatureCheck<'_>) -> Option<bool> {
            None
        }

        fn shared(&self, key: &str) -> Option<SharedValue> {
            Some(self.values.borrow().get(key).cloned().unwrap_or_default())
        }

        fn share(&self, key: &str, bytes: &[u8], version: u32) -> Written {
            let mut values = self.values.borrow_mut();
            let value = values.entry(key.to_owned()).or_default();
            let mut interrupts = self.interrupts.borrow_mut();
            if version != 0 && *interrupts > 0 {
                *interrupts -= 1;
                value.version += 1;
            }
            if version != value.version {
                return Written::Changed;
            }
            *value = SharedValue { bytes: bytes.to_vec(), version: value.version + 1 };
            Written::Done
        }
    }

    #[test]
    fn a_proof_is_new_once_until_its_time_is_over() {
        let mut replay = Replay::default();
        assert_eq!(replay.note(&name(1), LATER, NOW), Seen::Never);
        assert_eq!(replay.note(&name(2), LATER, NOW), Seen::Never);
        assert_eq!(replay.note(&name(1), LATER, NOW), Seen::Before);
        assert_eq!(replay.note(&name(1), LATER, LATER), Seen::Before);
        assert_eq!(replay.note(&name(1), LATER.plus_millis(9), LATER.plus_millis(1)), Seen::Never);
    }

    #[test]
    fn workers_see_what_the_others_saw() {
        let shelf: Rc<dyn Host> = Rc::new(Shelf::default());
        let (mut one, mut two) = (Replay::new(Rc::clone(&shelf)), Replay::new(Rc::clone(&shelf)));
        assert!(one.is_shared() && two.is_shared());
        assert_eq!(one.note(&name(1), LATER, NOW), Seen::Never);
        assert_eq!(two.note(&name(1), LATER, NOW), Seen::Before);
        // A worker that starts later wipes nothing.
        assert_eq!(Replay::new(shelf).note(&name(1), LATER, NOW), Seen::Before);
    }

    #[test]
    fn a_slot_that_changes_is_read_again_and_not_for_ever() {
        let shelf = Rc::new(Shelf::default());
        let mut replay = Replay::new(Rc::clone(&shelf) as Rc<dyn Host>);
        *shelf.interrupts.borrow_mut() = 3;
        assert_eq!(replay.note(&name(1), LATER, NOW), Seen::Never);
        *shelf.interrupts.borrow_mut() = TRIES;
        assert_eq!(replay.note(&name(2), LATER, NOW), Seen::Unknown);
    }

    #[test]
    fn a_full_slot_lets_nothing_through_until_something_is_forgotten() {
        let mut replay = Replay::default();
        for number in 0..PER_SLOT as u64 {
            assert_eq!(replay.note(&name(number), LATER, NOW), Seen::Never);
        }
        assert_eq!(replay.note(&name(PER_SLOT as u64), LATER, NOW), Seen::Unknown);
        assert_eq!(replay.note(&name(0), LATER, NOW), Seen::Before);
        assert_eq!(replay.note(&name(0), LATER, LATER.plus_millis(1)), Seen::Never);
    }
}
