//! What a session or a principal has done: for rules with `after`.
//!
//! For each condition the last times are kept at which a call bore it out, as many as the condition asks for. A condition is known by what it
//! says, so what is remembered outlives a change of the policy as long as the condition stays as it is.
//!
//! **Whose**: an event of a session counts for this session, and for calls that name none. An event without a session counts for all sessions of
//! the principal: nobody gets rid of what he did by leaving the header out.
//!
//! **Exactly**: a decision rests on the principal's slot as it was read, and the call is noted only into that very slot. When another
//! worker has changed it meanwhile, it is decided again ([`Noted::Changed`]).
//!
//! **Bounded**: a principal's entries are in one slot. Past so many sessions the rest of them are one: their events count for all sessions of this
//! principal, who made them. A slot that is full takes no more events, and the calls that should be noted there are refused: it takes
//! several such principals in one of the slots to fill it, and only those who share it notice.

use std::rc::Rc;

use super::budget::{Found, Limited};
use super::condition::{Answer, Condition, Met};
use super::ledger::{Entry, Ledger, Slot, Trouble, digest, nanos};
use super::party::Party;
use super::subject::Subject;
use crate::policy::value::Glob;
use crate::policy::{After, FindingName, Rule, Whose};
use crate::shared::{Own, Store};
use crate::time::Time;

/// Slots of the table: 64 MiB when all are full.
const SLOTS: u16 = 2_048;
/// Bytes of one slot up to which sessions get entries of their own; then principals do.
const SLOT_BYTES: usize = 16 * 1024;
/// Never more than this.
const MOST_BYTES: usize = 32 * 1024;
/// Entries of one principal, before its sessions are one.
const PER_OWNER: usize = 64;
/// A slot that changes is written again so many times.
const TRIES: usize = 256;

/// One `after` of the policy.
#[derive(Clone, Debug)]
pub(super) struct Remembered {
    after: After,
    /// What it says.
    says: [u8; 32],
}

impl Remembered {
    pub(super) fn new(after: &After) -> Self {
        let After { tools, methods, findings, times, within, per } = after;
        let globs = |globs: &[Glob]| globs.iter().map(Glob::as_str).collect::<Vec<_>>().join("\0");
        let findings = findings.iter().map(FindingName::as_str).collect::<Vec<_>>().join("\0");
        let whose = match per {
            Whose::Session => "session",
            Whose::Principal => "principal",
        };
        let numbers = format!("{times} {} {whose}", within.millis());
        let says = digest(&[globs(tools).as_bytes(), globs(methods).as_bytes(), findings.as_bytes(), numbers.as_bytes()]);
        Self { after: after.clone(), says }
    }

    fn is_about(&self, call: &Event<'_>) -> bool {
        let After { tools, methods, findings, .. } = &self.after;
        let any = |globs: &[Glob], name: &str| globs.iter().any(|glob| glob.matches(name));
        let named =
            (tools.is_empty() || call.tool.is_some_and(|tool| any(tools, tool))) && (methods.is_empty() || any(methods, call.method));
        // What an answer held counts whatever was asked; what was asked counts if it is an action.
        named && (call.governed || !methods.is_empty() || !findings.is_empty())
    }
}

/// A call, as far as it is remembered.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    pub method: &'a str,
    pub tool: Option<&'a str>,
    /// The call needs a rule.
    pub governed: bool,
}

/// Which events of a principal an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope<'a> {
    /// All of them.
    Any,
    /// Those without a session, and those of sessions that have no entry.
    Loose,
    Session(&'a str),
}

fn id(party: &Party, says: &[u8; 32], scope: Scope<'_>) -> u64 {
    match scope {
        Scope::Any => party.id(&[b"any", says]),
        Scope::Loose => party.id(&[b"loose", says]),
        Scope::Session(session) => party.id(&[b"session", says, session.as_bytes()]),
    }
}

/// What is known of a principal at one time.
#[derive(Clone, Debug)]
pub struct Past {
    party: Party,
    session: Option<String>,
    slot: Slot,
    version: u32,
    /// It could not be read.
    unknown: bool,
}

impl Past {
    fn met(&self, remembered: &Remembered, now: Time) -> Met {
        if self.unknown {
            return Met::Unsure;
        }
        let After { times, within, per, .. } = &remembered.after;
        let scopes = match (per, &self.session) {
            (Whose::Principal, _) | (Whose::Session, None) => vec![Scope::Any],
            (Whose::Session, Some(session)) => vec![Scope::Session(session), Scope::Loose],
        };
        let oldest = nanos(now).saturating_sub(within.millis().saturating_mul(1_000_000));
        let entries = scopes.iter().filter_map(|scope| self.slot.find(self.party.owner(), id(&self.party, &remembered.says, *scope)));
        let count = entries.flat_map(|entry| &entry.values).filter(|time| **time >= oldest).count();
        Met::from_bool(count >= *times)
    }

    /// Whether a decision that rests on the one would rest on the other just as well.
    pub fn is_same(&self, other: &Self) -> bool {
        let own = |past: &Self| past.slot.of_owner(past.party.owner()).cloned().collect::<Vec<_>>();
        self.party == other.party && self.unknown == other.unknown && own(self) == own(other)
    }
}

/// How noting a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    Done,
    /// Somebody else wrote since the past was read: look again, and decide again if it is another.
    Changed,
    Failed(Trouble),
}

/// Everything the policy's rules want remembered.
pub struct History {
    remembered: Vec<Remembered>,
    ledger: Option<Ledger>,
}

impl History {
    pub fn new(rules: &[Rule]) -> Self {
        let mut remembered: Vec<Remembered> = Vec::new();
        for one in rules.iter().filter_map(|rule| rule.after.as_ref()).map(Remembered::new) {
            if !remembered.iter().any(|have| have.says == one.says) {
                remembered.push(one);
            }
        }
        let mut history = Self { remembered, ledger: None };
        history.equip(&(Rc::new(Own::default()) as Rc<dyn Store>));
        history
    }

    /// Keeps the table in `store` from now on; whether it can be had, if one is needed. Without, every condition is unsure.
    pub fn equip(&mut self, store: &Rc<dyn Store>) -> bool {
        self.ledger = if self.is_empty() { None } else { Ledger::open(Rc::clone(store), "history", SLOTS) };
        self.is_empty() || self.ledger.is_some()
    }

    /// Whether nothing needs to be remembered.
    pub fn is_empty(&self) -> bool {
        self.remembered.is_empty()
    }

    /// Whether findings are remembered.
    pub fn notes_findings(&self) -> bool {
        self.remembered.iter().any(|one| !one.after.findings.is_empty())
    }

    /// What a principal has done, to be decided on.
    pub fn past(&self, party: Party, session: Option<&str>, now: Time) -> Past {
        let session = session.map(str::to_owned);
        match self.ledger.as_ref().ok_or(Trouble::Unavailable).and_then(|ledger| ledger.read(party.owner(), now)) {
            Ok((slot, version)) => Past { party, session, slot, version, unknown: false },
            Err(_) => Past { party, session, slot: Slot::default(), version: 0, unknown: !self.is_empty() },
        }
    }

    /// Notes a call that was allowed on the strength of `past`.
    pub fn note_call(&self, past: &Past, call: &Event<'_>, now: Time) -> Noted {
        let borne_out = |one: &&Remembered| one.after.findings.is_empty() && one.is_about(call);
        let remembered: Vec<&Remembered> = self.remembered.iter().filter(borne_out).collect();
        if remembered.is_empty() {
            return Noted::Done;
        }
        let Some(ledger) = &self.ledger else { return Noted::Failed(Trouble::Unavailable) };
        let mut slot = past.slot.clone();
        if let Err(trouble) = note(&mut slot, &past.party, past.session.as_deref(), &remembered, now) {
            return Noted::Failed(trouble);
        }
        match ledger.write(past.party.owner(), &slot, past.version) {
            Ok(true) => Noted::Done,
            Ok(false) => Noted::Changed,
            Err(trouble) => Noted::Failed(trouble),
        }
    }

    /// Notes what was found in an answer to a call, by masking rule and detector; each condition once for one call. `noted` says which
    /// were noted for this call already.
    pub fn note_findings(
        &self,
        (party, session): (&Party, Option<&str>),
        call: &Event<'_>,
        found: &[Found],
        noted: &mut Vec<usize>,
        now: Time,
    ) -> Result<(), Trouble> {
        let is_named = |one: &Remembered| {
            let names = &one.after.findings;
            found.iter().any(|found| names.iter().any(|name| name.means(&found.rule, found.detector)))
        };
        let new = self.remembered.iter().enumerate();
        let new = new.filter(|(index, one)| !noted.contains(index) && is_named(one) && one.is_about(call));
        let (indices, remembered): (Vec<usize>, Vec<&Remembered>) = new.unzip();
        if remembered.is_empty() {
            return Ok(());
        }
        let ledger = self.ledger.as_ref().ok_or(Trouble::Unavailable)?;
        ledger.change(party.owner(), now, |slot| note(slot, party, session, &remembered, now))??;
        noted.extend(indices);
        Ok(())
    }

    /// How often a decision is made anew before it is given up.
    pub const fn tries() -> usize {
        TRIES
    }
}

/// What a caller is told when it cannot be remembered what is done.
pub fn limited(trouble: Trouble) -> Limited {
    let code = match trouble {
        Trouble::Contended => "history_contended",
        Trouble::Unavailable => "history_unavailable",
        Trouble::Full => "history_full",
    };
    let text = "This endpoint cannot remember what was done, so it lets nothing through.".to_owned();
    Limited { id: "history".into(), code, text, retry_after: 5, broken: true }
}

fn note(slot: &mut Slot, party: &Party, session: Option<&str>, remembered: &[&Remembered], now: Time) -> Result<(), Trouble> {
    for one in remembered {
        add(slot, party, one, Scope::Any, now)?;
        if one.after.per == Whose::Principal {
            continue;
        }
        let owner = party.owner();
        let own = session.map(Scope::Session).filter(|scope| {
            let has_one = slot.find(owner, id(party, &one.says, *scope)).is_some();
            has_one || (slot.of_owner(owner).count() < PER_OWNER && slot.size() < SLOT_BYTES)
        });
        add(slot, party, one, own.unwrap_or(Scope::Loose), now)?;
    }
    Ok(())
}

fn add(slot: &mut Slot, party: &Party, one: &Remembered, scope: Scope<'_>, now: Time) -> Result<(), Trouble> {
    let (owner, id) = (party.owner(), id(party, &one.says, scope));
    let window = one.after.within.millis();
    let (now, until) = (nanos(now), nanos(now.plus_millis(window.saturating_add(1))));
    let have = slot.find(owner, id);
    let mut values = have.map(|entry| entry.values.clone()).unwrap_or_default();
    if values.len() >= one.after.times.max(1) {
        // The oldest says nothing any more that the others do not.
        let oldest = values.iter().enumerate().min_by_key(|(_, time)| **time).map(|(at, _)| at);
        oldest.map(|at| values.remove(at));
    } else if slot.size() >= MOST_BYTES {
        return Err(Trouble::Full);
    }
    values.push(now);
    let until = have.map_or(until, |entry| entry.until.max(until));
    slot.put(Entry { owner, id, until, values }, |entry| entry.owner == owner && entry.id == id);
    Ok(())
}

impl Condition for Remembered {
    fn name(&self) -> &'static str {
        "after"
    }

    fn answer(&self, subject: &Subject<'_>) -> Answer {
        // Without a past, as in an explanation of a single call, nothing has happened before.
        let Some(past) = subject.circumstances.past else { return Met::No.into() };
        let met = past.met(self, subject.circumstances.now);
        let because = match met {
            Met::Yes => Some(self.because()),
            Met::Unsure => Some("what was done before cannot be read".to_owned()),
            Met::No => None,
        };
        Answer { met, because }
    }
}

impl Remembered {
    fn because(&self) -> String {
        let After { tools, methods, findings, times, within, .. } = &self.after;
        let globs = |globs: &[Glob]| globs.iter().map(|glob| format!("`{}`", glob.as_str())).collect::<Vec<_>>().join(", ");
        let mut line = format!("at least {times} of the calls in the last {} s", within.secs());
        if !tools.is_empty() {
            line.push_str(&format!(" of {}", globs(tools)));
        }
        if !methods.is_empty() {
            line.push_str(&format!(" by {}", globs(methods)));
        }
        if !findings.is_empty() {
            let names = findings.iter().map(|name| format!("`{}`", name.as_str())).collect::<Vec<_>>().join(", ");
            line.push_str(&format!(" whose answers held {names}"));
        }
        line
    }
}

#[cfg(test)]
mod tests;
