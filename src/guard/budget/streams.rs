//! What is open at the same time: each VM says in the shared table how many it has of each kind, and has to say it again every few seconds. So
//! what a VM had that is gone is forgotten.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::ledger::{Entry, Ledger, Slot, Trouble, digest, nanos, short};
use super::{MOST_PER_SLOT, PER_OWNER};
use crate::shared::Store;
use crate::time::Time;

const SLOTS: u16 = 256;
/// How long a VM's word counts.
const LEASE_MS: u64 = 15_000;
/// How often it is given.
const RENEW_MS: u64 = 5_000;
/// Nanoseconds after which to ask again: nobody knows when a stream will end.
pub(super) const RETRY: u64 = 5_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Open {
    owner: u64,
    id: u64,
}

pub(super) struct Streams {
    ledger: Option<Ledger>,
    vm: u64,
    open: HashMap<Open, u64>,
    renewed: Time,
    /// The latest time told.
    seen: Time,
}

impl Streams {
    pub(super) fn new(vm: &str) -> Self {
        let start = Time::from_millis(0);
        Self { ledger: None, vm: short(&digest(&[vm.as_bytes()])), open: HashMap::new(), renewed: start, seen: start }
    }

    pub(super) fn equip(&mut self, store: &Rc<dyn Store>) -> bool {
        self.ledger = Ledger::open(Rc::clone(store), "streams", SLOTS);
        self.ledger.is_some()
    }

    /// One more, if that is not too many, or in any case; and whether it is not too many.
    pub(super) fn open(&mut self, owner: u64, id: u64, most: u64, in_any_case: bool, now: Time) -> Result<(Option<Open>, bool), Trouble> {
        self.seen = now;
        let open = Open { owner, id };
        let own = self.open.get(&open).copied().unwrap_or(0);
        let (vm, until) = (self.vm, nanos(now.plus_millis(LEASE_MS)));
        let ledger = self.ledger.as_ref().ok_or(Trouble::Unavailable)?;
        let room = ledger.change(owner, now, |slot| {
            let others = slot.of_owner(owner).filter(|entry| entry.id == id).filter_map(|entry| count_of_other(entry, vm));
            let room = others.fold(own, u64::saturating_add) < most;
            if room || in_any_case {
                put(slot, open, vm, own.saturating_add(1), until)?;
            }
            Ok(room)
        })??;
        if !room && !in_any_case {
            return Ok((None, false));
        }
        self.open.insert(open, own.saturating_add(1));
        Ok((Some(open), room))
    }

    pub(super) fn close(&mut self, open: &Open) {
        let left = self.open.get(open).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            self.open.remove(open);
        } else {
            self.open.insert(*open, left);
        }
        self.tell(open, left);
    }

    pub(super) fn renew(&mut self, now: Time) {
        self.seen = now;
        if self.open.is_empty() || (now >= self.renewed && now.since(self.renewed) < RENEW_MS) {
            return;
        }
        self.renewed = now;
        for (open, count) in &self.open {
            self.tell(open, *count);
        }
    }

    /// What cannot be told now is told with the next renewal, or forgotten with the lease.
    fn tell(&self, open: &Open, count: u64) {
        let Some(ledger) = &self.ledger else { return };
        let (vm, until) = (self.vm, nanos(self.seen.plus_millis(LEASE_MS)));
        let _ = ledger.change(open.owner, self.seen, |slot| match count {
            0 => {
                slot.remove(|entry| is(entry, *open, vm));
                Ok(())
            }
            _ => put(slot, *open, vm, count, until),
        });
    }
}

fn is(entry: &Entry, open: Open, vm: u64) -> bool {
    entry.owner == open.owner && entry.id == open.id && entry.values.first() == Some(&vm)
}

fn count_of_other(entry: &Entry, vm: u64) -> Option<u64> {
    match entry.values.as_slice() {
        [other, count] if *other != vm => Some(*count),
        _ => None,
    }
}

fn put(slot: &mut Slot, open: Open, vm: u64, count: u64, until: u64) -> Result<(), Trouble> {
    let Open { owner, id } = open;
    let is_new = !slot.of_owner(owner).any(|entry| is(entry, open, vm));
    if is_new && (slot.of_owner(owner).count() >= PER_OWNER || slot.len() >= MOST_PER_SLOT) {
        return Err(Trouble::Full);
    }
    slot.put(Entry { owner, id, until, values: vec![vm, count] }, |entry| is(entry, open, vm));
    Ok(())
}
