//! How much one may have: calls, bytes and findings in answers, streams at the same time. Asked once the rules have allowed a call.
//!
//! Calls, bytes and findings are kept by [`gcra`], exactly for all workers of the process; what is open at the same time by [`streams`].
//! A call needs room in every budget that is about it. They are asked in the policy's order, and what earlier ones gave is given back when a
//! later one refuses: meanwhile another call may be refused that would have had room, never the other way round.
//!
//! An entry lives as long as its budget is not whole again, so forgetting it changes nothing. Tables are bounded all the same: a principal
//! with very many sessions shares one more entry among the rest of them, and so do all the rest of a full slot. They get less, not more, until there is room.

mod gcra;
mod refusal;
mod streams;

use std::rc::Rc;
use std::sync::Arc;

use super::ledger::{Entry, Ledger, Slot, Trouble, nanos};
use super::party::Party;
use crate::policy::value::Glob;
use crate::policy::{self, FindingName, Limit, Per};
use crate::shared::{Own, Store};
use crate::time::Time;

use gcra::Gcra;
use streams::Streams;

pub use refusal::{LIMITED, refuse};

/// Slots of the table for principals and their sessions: half a million entries, 12 MiB when full.
const PARTIES: u16 = 1_024;
/// Slots of the table for tools and for all callers together.
const NAMES: u16 = 16;
/// Entries of one slot, then one more for each budget.
const PER_SLOT: usize = 512;
/// Entries of one owner, then one more for each budget.
const PER_OWNER: usize = 64;
/// Never more than this.
const MOST_PER_SLOT: usize = 768;

/// Who asks for what, as far as budgets are about it.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    pub party: Party,
    pub session: Option<&'a str>,
    pub groups: &'a [String],
    pub method: &'a str,
    pub tool: Option<&'a str>,
    /// The call needs a rule.
    pub governed: bool,
    /// It is a stream of the server's messages.
    pub listens: bool,
    /// It is answered: a request or a stream of the server's messages.
    pub answered: bool,
}

/// Something found in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Id of the masking rule.
    pub rule: Rc<str>,
    /// The word of the detector, as policies write it.
    pub detector: &'static str,
    pub count: u64,
}

/// Why a call or an answer goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limited {
    /// The budget's id.
    pub id: Arc<str>,
    /// Stable word for the record.
    pub code: &'static str,
    /// A sentence for the caller.
    pub text: String,
    /// Seconds after which there may be room.
    pub retry_after: u64,
    /// The budget has no say because its table has none: nobody's fault but ours.
    pub broken: bool,
}

/// What one exchange has of the budgets.
#[derive(Debug, Default)]
pub struct Account {
    taken: Vec<(usize, Key)>,
    /// Budgets of bytes and findings that are still to be charged.
    charged: Vec<(usize, Key)>,
    streams: Vec<streams::Open>,
    /// Budgets in `mode: observe` that have no room.
    pub observed: Vec<Arc<str>>,
}

impl Account {
    fn observe(&mut self, id: &Arc<str>) {
        if !self.observed.contains(id) {
            self.observed.push(Arc::clone(id));
        }
    }

    /// Whether answers have to be counted.
    pub fn is_charged(&self) -> bool {
        !self.charged.is_empty()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Table {
    Parties,
    Names,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    table: Table,
    party: Party,
    owner: u64,
    id: u64,
    says: [u8; 32],
    /// The entry of all who have no room in their slot.
    everybodys: u64,
}

impl Key {
    fn place(&self, slot: &Slot) -> Option<(u64, u64)> {
        if slot.find(self.owner, self.id).is_some() {
            return Some((self.owner, self.id));
        }
        let has_room = slot.of_owner(self.owner).count() < PER_OWNER;
        let id = if has_room { self.id } else { self.party.id(&[b"rest", &self.says]) };
        let (owner, id) =
            if slot.len() < PER_SLOT || slot.find(self.owner, id).is_some() { (self.owner, id) } else { (0, self.everybodys) };
        (slot.len() < MOST_PER_SLOT || slot.find(owner, id).is_some()).then_some((owner, id))
    }
}

/// All budgets of a policy, and what is left of them.
pub struct Budgets {
    budgets: Vec<Budget>,
    resource: String,
    parties: Option<Ledger>,
    names: Option<Ledger>,
    streams: Streams,
    /// A table that is needed could not be had.
    broken: bool,
}

struct Budget {
    id: Arc<str>,
    per: Per,
    kind: Kind,
    /// What it says, but for its name and mode: another budget that says the same is the same, also after a change of the policy.
    says: [u8; 32],
    /// Nobody in particular: a budget for all is theirs, and what is left over in a full slot.
    all: Party,
    everybodys: u64,
    groups: Vec<Glob>,
    tools: Vec<Glob>,
    methods: Vec<Glob>,
    observed: bool,
    text: String,
}

enum Kind {
    Calls(Gcra),
    Bytes(Gcra),
    Findings(Gcra, Vec<FindingName>),
    Streams(u64),
}

impl Budget {
    fn new(budget: &policy::Budget, resource: &str) -> Self {
        let policy::Budget { id, per, limit, groups, tools, methods, mode } = budget;
        let kind = match limit {
            Limit::Calls { count, span, burst } => Kind::Calls(Gcra::rate(*count, *span, *burst)),
            Limit::Bytes { at_most, within } => Kind::Bytes(Gcra::amount(*at_most, *within)),
            Limit::Findings { at_most, within, detect } => Kind::Findings(Gcra::amount(*at_most, *within), detect.clone()),
            Limit::Streams { at_most } => Kind::Streams(*at_most),
        };
        let all = Party::named(&[b"all", resource.as_bytes()]);
        let said = format!("{per:?} {limit:?} {groups:?} {tools:?} {methods:?}");
        let says = super::ledger::digest(&[said.as_bytes()]);
        Self {
            id: id.as_str().into(),
            per: *per,
            kind,
            says,
            all,
            everybodys: all.id(&[b"rest", &says]),
            groups: groups.clone(),
            tools: tools.clone(),
            methods: methods.clone(),
            observed: *mode == policy::Mode::Observe,
            text: refusal::text(limit, *per),
        }
    }

    fn is_about(&self, asker: &Asker<'_>) -> bool {
        let any = |globs: &[Glob], name: &str| globs.iter().any(|glob| glob.matches(name));
        let counted = match self.kind {
            Kind::Calls(_) if self.methods.is_empty() => asker.governed,
            Kind::Calls(_) => any(&self.methods, asker.method),
            Kind::Bytes(_) | Kind::Findings(..) => asker.governed || asker.listens,
            Kind::Streams(_) => asker.answered,
        };
        counted
            && (self.per != Per::Tool || asker.tool.is_some())
            && (self.tools.is_empty() || asker.tool.is_some_and(|tool| any(&self.tools, tool)))
            && (self.groups.is_empty() || asker.groups.iter().any(|group| any(&self.groups, group)))
    }

    fn key(&self, resource: &str, asker: &Asker<'_>) -> Key {
        let (table, party) = match self.per {
            Per::Principal | Per::Session => (Table::Parties, asker.party),
            Per::Tool => (Table::Names, Party::named(&[b"tool", resource.as_bytes(), asker.tool.unwrap_or_default().as_bytes()])),
            Per::All => (Table::Names, self.all),
        };
        let session = match self.per {
            Per::Session => asker.session,
            Per::Principal | Per::Tool | Per::All => None,
        };
        let id = match session {
            Some(session) => party.id(&[b"session", &self.says, session.as_bytes()]),
            None => party.id(&[b"budget", &self.says]),
        };
        Key { table, party, owner: party.owner(), id, says: self.says, everybodys: self.everybodys }
    }

    fn limited(&self, wait: u64) -> Limited {
        let code = match self.kind {
            Kind::Calls(_) => "budget_calls",
            Kind::Bytes(_) => "budget_bytes",
            Kind::Findings(..) => "budget_findings",
            Kind::Streams(_) => "budget_streams",
        };
        let retry_after = wait.div_ceil(1_000_000_000).max(1);
        Limited { id: Arc::clone(&self.id), code, text: self.text.clone(), retry_after, broken: false }
    }

    fn trouble(&self, trouble: Trouble) -> Limited {
        let code = match trouble {
            Trouble::Contended => "limit_contended",
            Trouble::Unavailable => "limit_unavailable",
            Trouble::Full => "limit_full",
        };
        let text = "This endpoint cannot tell how much was used, so it lets nothing through.".to_owned();
        Limited { id: Arc::clone(&self.id), code, text, retry_after: 5, broken: true }
    }
}

impl Budgets {
    /// `vm` tells this VM from every other.
    pub fn new(budgets: &[policy::Budget], resource: &str, vm: &str) -> Self {
        let budgets: Vec<Budget> = budgets.iter().map(|budget| Budget::new(budget, resource)).collect();
        let mut made =
            Self { streams: Streams::new(vm), budgets, resource: resource.to_owned(), parties: None, names: None, broken: false };
        // Until the host gives better; a table of one's own can be had.
        made.equip(&(Rc::new(Own::default()) as Rc<dyn Store>));
        made
    }

    /// Keeps the tables in `store` from now on; whether all that are needed can be had. Tables that cannot refuse what is about them.
    pub fn equip(&mut self, store: &Rc<dyn Store>) -> bool {
        let keeps_streams = |budget: &Budget| matches!(budget.kind, Kind::Streams(_));
        let kept: Vec<Per> = self.budgets.iter().filter(|budget| !keeps_streams(budget)).map(|budget| budget.per).collect();
        let needs_parties = kept.iter().any(|per| matches!(per, Per::Principal | Per::Session));
        let needs_names = kept.iter().any(|per| matches!(per, Per::Tool | Per::All));
        let open = |needed: bool, name, slots| if needed { Ledger::open(Rc::clone(store), name, slots) } else { None };
        self.parties = open(needs_parties, "budgets", PARTIES);
        self.names = open(needs_names, "budgets.named", NAMES);
        let streams = !self.budgets.iter().any(keeps_streams) || self.streams.equip(store);
        self.broken = (needs_parties && self.parties.is_none()) || (needs_names && self.names.is_none()) || !streams;
        !self.broken
    }

    pub fn is_empty(&self) -> bool {
        self.budgets.is_empty()
    }

    /// Whether findings are counted.
    pub fn count_findings(&self) -> bool {
        self.budgets.iter().any(|budget| matches!(budget.kind, Kind::Findings(..)))
    }

    /// Takes what a call needs of every budget that is about it; of none when one of them has no room.
    pub fn take(&mut self, asker: &Asker<'_>, now: Time) -> Result<Account, Limited> {
        let mut account = Account::default();
        for index in 0..self.budgets.len() {
            if let Err(limited) = self.take_one(index, asker, &mut account, now) {
                self.give_back(account, now);
                return Err(limited);
            }
        }
        Ok(account)
    }

    fn take_one(&mut self, index: usize, asker: &Asker<'_>, account: &mut Account, now: Time) -> Result<(), Limited> {
        let Some(budget) = self.budgets.get(index).filter(|budget| budget.is_about(asker)) else { return Ok(()) };
        let key = budget.key(&self.resource, asker);
        let wait = match &budget.kind {
            Kind::Calls(gcra) => self.spend(*gcra, &key, now, 0, 1).inspect(|wait| {
                if wait.is_none() {
                    account.taken.push((index, key));
                }
            }),
            Kind::Bytes(gcra) | Kind::Findings(gcra, _) => {
                account.charged.push((index, key));
                self.room(*gcra, &key, now)
            }
            Kind::Streams(most) => {
                let opened = self.streams.open(key.owner, key.id, *most, budget.observed, now);
                opened.map(|(open, room)| {
                    account.streams.extend(open);
                    if room { None } else { Some(streams::RETRY) }
                })
            }
        };
        match wait {
            Ok(None) => Ok(()),
            Ok(Some(_)) | Err(_) if budget.observed => {
                account.observe(&budget.id);
                Ok(())
            }
            Ok(Some(wait)) => Err(budget.limited(wait)),
            Err(trouble) => Err(budget.trouble(trouble)),
        }
    }

    /// The call does not go on after all.
    pub fn give_back(&mut self, mut account: Account, now: Time) {
        for (index, key) in account.taken.drain(..) {
            let Some(Kind::Calls(gcra)) = self.budgets.get(index).map(|budget| &budget.kind) else { continue };
            let Some(ledger) = self.table(key.table) else { continue };
            // What cannot be given back is lost, and comes back with time.
            let _ = ledger.change(key.owner, now, |slot| {
                let Some(entry) = key.place(slot).and_then(|(owner, id)| slot.find(owner, id)).cloned() else { return };
                let until = gcra.without(entry.until, 1);
                slot.put(Entry { until, ..entry.clone() }, |have| have.owner == entry.owner && have.id == entry.id);
            });
        }
        self.close(&mut account);
    }

    /// So many bytes of an answer have left (`used`), and so many are to leave now.
    pub fn spend_bytes(&self, account: &mut Account, used: u64, wanted: u64, now: Time) -> Result<(), Limited> {
        let amount = |kind: &Kind| match kind {
            Kind::Bytes(gcra) => Some((*gcra, used, wanted)),
            Kind::Calls(_) | Kind::Findings(..) | Kind::Streams(_) => None,
        };
        self.charge(account, amount, now)
    }

    /// This was found in what is to leave now.
    pub fn spend_findings(&self, account: &mut Account, found: &[Found], now: Time) -> Result<(), Limited> {
        let amount = |kind: &Kind| match kind {
            Kind::Findings(gcra, names) => {
                let counts = |found: &&Found| names.is_empty() || names.iter().any(|name| name.means(&found.rule, found.detector));
                Some((*gcra, 0, found.iter().filter(counts).fold(0, |sum: u64, found| sum.saturating_add(found.count))))
            }
            Kind::Calls(_) | Kind::Bytes(_) | Kind::Streams(_) => None,
        };
        self.charge(account, amount, now)
    }

    fn charge(&self, account: &mut Account, amount: impl Fn(&Kind) -> Option<(Gcra, u64, u64)>, now: Time) -> Result<(), Limited> {
        let mut refused = Ok(());
        for (index, key) in account.charged.clone() {
            let Some(budget) = self.budgets.get(index) else { continue };
            let Some((gcra, used, wanted)) = amount(&budget.kind).filter(|(_, used, wanted)| *used > 0 || *wanted > 0) else { continue };
            let (used, wanted) = if budget.observed { (used.saturating_add(wanted), 0) } else { (used, wanted) };
            match self.spend(gcra, &key, now, used, wanted) {
                Ok(None) => {}
                Ok(Some(_)) | Err(_) if budget.observed => account.observe(&budget.id),
                Ok(Some(wait)) => refused = Err(budget.limited(wait)),
                Err(trouble) => refused = Err(budget.trouble(trouble)),
            }
        }
        refused
    }

    fn table(&self, table: Table) -> Option<&Ledger> {
        match table {
            Table::Parties => self.parties.as_ref(),
            Table::Names => self.names.as_ref(),
        }
    }

    /// Nanoseconds to wait when there is no room.
    fn spend(&self, gcra: Gcra, key: &Key, now: Time, used: u64, wanted: u64) -> Result<Option<u64>, Trouble> {
        let ledger = self.table(key.table).ok_or(Trouble::Unavailable)?;
        let spent = ledger.change(key.owner, now, |slot| {
            let (owner, id) = key.place(slot)?;
            let whole = slot.find(owner, id).map_or(0, |entry| entry.until);
            let spent = gcra.spend(whole, nanos(now), used, wanted);
            if spent.whole != whole {
                let is = |entry: &Entry| entry.owner == owner && entry.id == id;
                slot.put(Entry { owner, id, until: spent.whole, values: Vec::new() }, is);
            }
            Some(spent.wait)
        })?;
        spent.ok_or(Trouble::Full)
    }

    /// Whether there is room for one unit; takes none.
    fn room(&self, gcra: Gcra, key: &Key, now: Time) -> Result<Option<u64>, Trouble> {
        let ledger = self.table(key.table).ok_or(Trouble::Unavailable)?;
        let (slot, _) = ledger.read(key.owner, now)?;
        let (owner, id) = key.place(&slot).ok_or(Trouble::Full)?;
        let whole = slot.find(owner, id).map_or(0, |entry| entry.until);
        Ok(gcra.spend(whole, nanos(now), 0, 1).wait)
    }

    /// The exchange is over.
    pub fn close(&mut self, account: &mut Account) {
        for open in account.streams.drain(..) {
            self.streams.close(&open);
        }
    }

    /// To be called every now and then: says that this VM and its streams are still there.
    pub fn tick(&mut self, now: Time) {
        self.streams.renew(now);
    }
}

#[cfg(test)]
pub(super) mod tests;
