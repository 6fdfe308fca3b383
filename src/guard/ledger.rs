//! What guards remember between calls: tables of entries that forget themselves, in values that all workers share.
//!
//! The host never frees a key of its shared data, so a table has a fixed number of slots and each slot a bounded number of entries. An owner's
//! entries are all in one slot: what belongs together changes together, and who floods a table fills one slot of it. No name is in there, only
//! hashes: an entry is found by 64 bits of its owner and 64 bits of what it is about.
//!
//! Entries go when their time is over, never before. A full slot is for the caller to deal with.

use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::shared::{SharedValue, Store, Written};
use crate::time::Time;

/// Workers that change one slot at the same time try again. Of sixteen that do nothing else one needs more tries than these
/// once in millions of times, and each costs about a microsecond.
const TRIES: usize = 256;

/// Why a table is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Others were faster, again and again.
    #[error("the shared table changes too often to be written")]
    Contended,
    #[error("the shared table cannot be read or written")]
    Unavailable,
    /// No room for one more entry.
    #[error("the shared table is full")]
    Full,
}

/// Nanoseconds since the Unix epoch: in 64 bits until the year 2554.
pub(super) fn nanos(time: Time) -> u64 {
    time.millis().saturating_mul(1_000_000)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) owner: u64,
    pub(super) id: u64,
    /// In nanoseconds: when the entry means nothing any more.
    pub(super) until: u64,
    /// At most [`VALUES`].
    pub(super) values: Vec<u64>,
}

/// Most values of an entry.
pub(super) const VALUES: usize = u8::MAX as usize;

impl Entry {
    const HEAD: usize = 25;

    fn size(&self) -> usize {
        self.values.len().saturating_mul(8).saturating_add(Self::HEAD)
    }
}

/// The entries of one slot that still count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    entries: Vec<Entry>,
    changed: bool,
}

impl Slot {
    /// What cannot be read is not there: only this code writes it.
    pub(super) fn read(bytes: &[u8], now: u64) -> Self {
        let mut entries = Vec::new();
        let mut rest = bytes;
        while let Some((entry, after)) = one(rest) {
            if entry.until > now {
                entries.push(entry);
            }
            rest = after;
        }
        Self { entries, changed: false }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.size());
        for Entry { owner, id, until, values } in &self.entries {
            for number in [owner, id, until] {
                out.extend(number.to_be_bytes());
            }
            let values = values.get(..values.len().min(VALUES)).unwrap_or_default();
            out.push(u8::try_from(values.len()).unwrap_or(0));
            out.extend(values.iter().flat_map(|value| value.to_be_bytes()));
        }
        out
    }

    pub(super) fn size(&self) -> usize {
        self.entries.iter().fold(0, |size, entry| size.saturating_add(entry.size()))
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn of_owner(&self, owner: u64) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.owner == owner)
    }

    pub(super) fn find(&self, owner: u64, id: u64) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.owner == owner && entry.id == id)
    }

    /// Puts an entry in place of the one that `is` is true of, or beside the others.
    pub(super) fn put(&mut self, entry: Entry, is: impl Fn(&Entry) -> bool) {
        self.changed = true;
        match self.entries.iter_mut().find(|have| is(have)) {
            Some(have) => *have = entry,
            None => self.entries.push(entry),
        }
    }

    pub(super) fn remove(&mut self, is: impl Fn(&Entry) -> bool) {
        let before = self.entries.len();
        self.entries.retain(|entry| !is(entry));
        self.changed |= self.entries.len() != before;
    }
}

fn one(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let (owner, rest) = bytes.split_first_chunk::<8>()?;
    let (id, rest) = rest.split_first_chunk::<8>()?;
    let (until, rest) = rest.split_first_chunk::<8>()?;
    let (count, rest) = rest.split_first()?;
    let (values, rest) = rest.split_at_checked(usize::from(*count).saturating_mul(8))?;
    let values = values.chunks_exact(8).filter_map(|value| value.first_chunk::<8>()).map(|value| u64::from_be_bytes(*value)).collect();
    let number = |bytes: &[u8; 8]| u64::from_be_bytes(*bytes);
    Some((Entry { owner: number(owner), id: number(id), until: number(until), values }, rest))
}

/// One table.
pub(super) struct Ledger {
    store: Rc<dyn Store>,
    keys: Vec<String>,
}

impl Ledger {
    /// The table of this name. `None` when the store shares nothing.
    ///
    /// Each slot is written once before it is used: a value that was never written has no version, and two first writes could not be told apart.
    /// Envoy configures one VM before it makes those of the workers, so no traffic races with this.
    pub(super) fn open(store: Rc<dyn Store>, name: &str, slots: u16) -> Option<Self> {
        let keys: Vec<String> = (0..slots).map(|slot| format!("portcullis.{name}.{slot}")).collect();
        let ready = keys.iter().all(|key| match store.shared(key) {
            Some(SharedValue { version: 0, .. }) => store.share(key, &[], 0) == Written::Done,
            Some(_) => true,
            None => false,
        });
        ready.then_some(Self { store, keys })
    }

    fn key(&self, owner: u64) -> Option<&str> {
        let slots = u64::try_from(self.keys.len()).ok()?;
        let slot = usize::try_from(owner.checked_rem(slots)?).ok()?;
        self.keys.get(slot).map(String::as_str)
    }

    /// An owner's slot as it is, and the version that says whether it still is.
    pub(super) fn read(&self, owner: u64, now: Time) -> Result<(Slot, u32), Trouble> {
        let value = self.key(owner).and_then(|key| self.store.shared(key)).ok_or(Trouble::Unavailable)?;
        Ok((Slot::read(&value.bytes, nanos(now)), value.version))
    }

    /// Writes an owner's slot if it is still at `version`; whether it was.
    pub(super) fn write(&self, owner: u64, slot: &Slot, version: u32) -> Result<bool, Trouble> {
        match self.key(owner).map(|key| self.store.share(key, &slot.bytes(), version)) {
            Some(Written::Done) => Ok(true),
            Some(Written::Changed) => Ok(false),
            Some(Written::Failed) | None => Err(Trouble::Unavailable),
        }
    }

    /// Changes an owner's slot; `change` is asked again when someone else was faster.
    pub(super) fn change<T>(&self, owner: u64, now: Time, mut change: impl FnMut(&mut Slot) -> T) -> Result<T, Trouble> {
        for _ in 0..TRIES {
            let (mut slot, version) = self.read(owner, now)?;
            let outcome = change(&mut slot);
            if !slot.changed || self.write(owner, &slot, version)? {
                return Ok(outcome);
            }
        }
        Err(Trouble::Contended)
    }
}

/// A hash that no two different lists share.
pub(super) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

pub(super) fn short(digest: &[u8; 32]) -> u64 {
    digest.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::shared::Own;

    fn entry(owner: u64, id: u64, until: u64, values: Vec<u64>) -> Entry {
        Entry { owner, id, until, values }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_nothing_breaks_the_reader(
            entries in prop::collection::vec((0..5u64, any::<u64>(), 0..9u64, prop::collection::vec(any::<u64>(), 0..4)), 0..9),
            noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let entries: Vec<Entry> = entries.into_iter().map(|(owner, id, until, values)| entry(owner, id, until, values)).collect();
            let slot = Slot { entries: entries.clone(), changed: false };
            prop_assert_eq!(slot.bytes().len(), slot.size());
            let alive: Vec<Entry> = entries.into_iter().filter(|entry| entry.until > 4).collect();
            prop_assert_eq!(Slot::read(&slot.bytes(), 4).entries, alive);
            Slot::read(&noise, 0);
        }
    }

    #[test]
    fn a_table_is_shared_by_all_who_open_it_and_expired_entries_go_on_writing() {
        let store: Rc<dyn Store> = Rc::new(Own::default());
        let (one, two) = (Ledger::open(Rc::clone(&store), "t", 4).unwrap(), Ledger::open(store, "t", 4).unwrap());
        let at = Time::from_millis;
        one.change(6, at(1), |slot| slot.put(entry(6, 1, nanos(at(5)), vec![9]), |_| false)).unwrap();
        two.change(2, at(1), |slot| slot.put(entry(2, 1, nanos(at(7)), vec![]), |_| false)).unwrap();
        assert_eq!(one.read(2, at(4)).unwrap().0.len(), 2, "owners 2 and 6 have one slot");
        assert_eq!(two.read(6, at(4)).unwrap().0.find(6, 1).unwrap().values, [9]);
        assert_eq!(two.read(6, at(6)).unwrap().0.len(), 1);
        two.change(2, at(8), |slot| slot.put(entry(2, 3, nanos(at(9)), vec![]), |_| false)).unwrap();
        assert_eq!(two.read(6, at(0)).unwrap().0.len(), 1, "the others are gone from the store");
    }

    #[test]
    fn a_slot_that_always_changes_is_given_up() {
        struct Busy;
        impl Store for Busy {
            fn shared(&self, _: &str) -> Option<SharedValue> {
                Some(SharedValue { bytes: Vec::new(), version: 1 })
            }
            fn share(&self, _: &str, _: &[u8], _: u32) -> Written {
                Written::Changed
            }
        }
        let ledger = Ledger::open(Rc::new(Busy), "t", 1).unwrap();
        let put = |slot: &mut Slot| slot.put(entry(1, 1, u64::MAX, vec![]), |_| false);
        assert_eq!(ledger.change(1, Time::from_millis(0), put), Err(Trouble::Contended));
    }
}
