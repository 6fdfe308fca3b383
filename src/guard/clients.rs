//! Which sessions belong to a client that can send a person to a page (`elicitation.url`).
//!
//! Up to 2025-11-25 a client says so in `initialize` only. Where sessions leave sealed, the seal tells (`seal`); where they do not, it is remembered here, for all
//! workers of a process. It is a courtesy: a session that is not known gets an answer that every client understands. So what has no room is not
//! remembered, and nothing is refused for it.

use std::rc::Rc;

use super::ledger::{Entry, Ledger, nanos};
use super::party::Party;
use crate::shared::{Own, Store};
use crate::time::Time;

/// Slots of the table: 4 MiB when all are full.
const SLOTS: u16 = 256;
/// Bytes of one slot.
const SLOT_BYTES: usize = 16 * 1024;
/// Sessions of one principal; the next takes the place of the oldest.
const PER_OWNER: usize = 32;
/// Sessions have no end that one could see; agents run for days.
const KEPT_MS: u64 = 7 * 24 * 60 * 60 * 1_000;

pub struct Clients {
    needed: bool,
    ledger: Option<Ledger>,
}

impl Clients {
    /// `needed`: whether anybody will ask.
    pub fn new(needed: bool) -> Self {
        let mut clients = Self { needed, ledger: None };
        clients.equip(&(Rc::new(Own::default()) as Rc<dyn Store>));
        clients
    }

    /// Keeps the table in `store` from now on, if one is needed.
    pub fn equip(&mut self, store: &Rc<dyn Store>) {
        self.ledger = self.needed.then(|| Ledger::open(Rc::clone(store), "clients", SLOTS)).flatten();
    }

    /// A session began whose client takes pages.
    pub fn note(&self, party: &Party, session: &str, now: Time) {
        let Some(ledger) = &self.ledger else { return };
        let (owner, id) = (party.owner(), id(party, session));
        // Nobody is told of what could not be noted: see above.
        let _ = ledger.change(owner, now, |slot| {
            let have = slot.find(owner, id).is_some();
            if !have && slot.of_owner(owner).count() >= PER_OWNER {
                let oldest = slot.of_owner(owner).min_by_key(|entry| entry.until).map(|entry| entry.id);
                slot.remove(|entry| entry.owner == owner && Some(entry.id) == oldest);
            }
            if have || slot.size() < SLOT_BYTES {
                let entry = Entry { owner, id, until: nanos(now.plus_millis(KEPT_MS)), values: Vec::new() };
                slot.put(entry, |entry| entry.owner == owner && entry.id == id);
            }
        });
    }

    /// Whether a session is one of those.
    pub fn take_pages(&self, party: &Party, session: &str, now: Time) -> bool {
        let read = self.ledger.as_ref().and_then(|ledger| ledger.read(party.owner(), now).ok());
        read.is_some_and(|(slot, _)| slot.find(party.owner(), id(party, session)).is_some())
    }
}

fn id(party: &Party, session: &str) -> u64 {
    party.id(&[b"pages", session.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::{SharedValue, Written};

    fn party(subject: &str) -> Party {
        Party::new("https://mcp.example.com/mcp", "https://id.example.com", subject)
    }

    fn clients(store: &Rc<dyn Store>) -> Clients {
        let mut clients = Clients::new(true);
        clients.equip(store);
        clients
    }

    #[test]
    fn a_session_is_known_to_all_workers_to_its_principal_and_for_a_time() {
        let store: Rc<dyn Store> = Rc::new(Own::default());
        let (here, there) = (clients(&store), clients(&store));
        let now = Time::from_millis(1_000);
        assert!(!there.take_pages(&party("ana"), "s-1", now));
        here.note(&party("ana"), "s-1", now);
        assert!(there.take_pages(&party("ana"), "s-1", now));
        assert!(!there.take_pages(&party("eve"), "s-1", now));
        assert!(!there.take_pages(&party("ana"), "s-2", now));
        assert!(there.take_pages(&party("ana"), "s-1", now.plus_millis(KEPT_MS - 1)));
        assert!(!there.take_pages(&party("ana"), "s-1", now.plus_millis(KEPT_MS)));
    }

    #[test]
    fn who_begins_many_sessions_forgets_his_own() {
        let store: Rc<dyn Store> = Rc::new(Own::default());
        let clients = clients(&store);
        let at = |second: usize| Time::from_millis(1_000 * second as u64);
        clients.note(&party("ana"), "a", at(0));
        for second in 1..=PER_OWNER + 3 {
            clients.note(&party("eve"), &second.to_string(), at(second));
        }
        let now = at(PER_OWNER + 4);
        let known: Vec<usize> =
            (1..=PER_OWNER + 3).filter(|session| clients.take_pages(&party("eve"), &session.to_string(), now)).collect();
        assert_eq!(known, (4..=PER_OWNER + 3).collect::<Vec<_>>(), "the latest are known");
        assert!(clients.take_pages(&party("ana"), "a", now));
    }

    /// Every slot is filled by many: none grows past its bound, and what is known stays so.
    #[test]
    fn a_full_table_forgets_to_note_and_nothing_else() {
        let own = Rc::new(Own::default());
        let store: Rc<dyn Store> = Rc::<Own>::clone(&own);
        let clients = clients(&store);
        let now = Time::from_millis(1_000);
        let first = party("0");
        clients.note(&first, "s", now);
        let mates: Vec<Party> =
            (1..60_000).map(|one| party(&one.to_string())).filter(|one| one.owner() % 256 == first.owner() % 256).collect();
        for mate in &mates {
            (0..PER_OWNER).for_each(|session| clients.note(mate, &session.to_string(), now));
        }
        let key = format!("portcullis.clients.{}", first.owner() % 256);
        let size = own.shared(&key).unwrap().bytes.len();
        assert!((SLOT_BYTES..SLOT_BYTES + 64).contains(&size), "{size}");
        assert!(clients.take_pages(&first, "s", now));
        assert!(!clients.take_pages(mates.last().unwrap(), "0", now));
    }

    #[test]
    fn a_host_that_shares_nothing_knows_nothing() {
        struct Nothing;
        impl Store for Nothing {
            fn shared(&self, _: &str) -> Option<SharedValue> {
                None
            }
            fn share(&self, _: &str, _: &[u8], _: u32) -> Written {
                Written::Failed
            }
        }
        let clients = clients(&(Rc::new(Nothing) as Rc<dyn Store>));
        clients.note(&party("ana"), "s", Time::from_millis(0));
        assert!(!clients.take_pages(&party("ana"), "s", Time::from_millis(0)));
    }
}
