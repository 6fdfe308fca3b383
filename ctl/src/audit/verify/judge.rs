//! Each chain on its own: are all of its records there, once, in order, as they were written?

use std::collections::{BTreeMap, HashMap};

use super::keys::Fit;
use super::ledger::{Chain, Ledger, Link, Place};
use super::order;
use super::problem::{Kind, Problem};
use super::record::Algorithm;

/// What came of a chain, for the summary and for checkpoints.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) id: String,
    pub(super) node: String,
    /// One record for each place, in order: what the chain is taken to be.
    pub(super) records: Vec<Link>,
    pub(super) sides: u64,
    /// `none`, or the key's id.
    pub(super) authority: String,
    pub(super) keyed: bool,
    /// There was no key to check fingerprints with.
    pub(super) unchecked: bool,
    /// Copies of records that were there already.
    pub(super) repeated: u64,
}

impl Judged {
    pub(super) fn first(&self) -> Option<&Link> {
        self.records.first()
    }

    pub(super) fn last(&self) -> Option<&Link> {
        self.records.last()
    }

    pub(super) fn at(&self, sequence: u64) -> Option<&Link> {
        self.records.binary_search_by_key(&sequence, |link| link.sequence).ok().and_then(|index| self.records.get(index))
    }

    /// Its records are altered, all of them: what they say of their places counts for nothing.
    pub(super) fn is_spoilt(&self) -> bool {
        !self.records.is_empty() && self.records.iter().all(|link| link.fit == Fit::Bad)
    }
}

pub(super) fn chain(mut chain: Chain, ledger: &mut Ledger) -> Judged {
    let (keyed, authority) = key_of(&mut chain, ledger);
    let everything = chain.links.iter().map(|link| link.fit).chain(chain.sides.iter().map(|side| side.fit));
    let unchecked = everything.clone().any(|fit| fit == Fit::Unchecked);
    let mut judge = Judge { chain: &chain, ledger };
    judge.altered();
    // Stable: among copies, the one that was read first stays first.
    let mut order: Vec<usize> = (0..chain.links.len()).collect();
    order.sort_by_key(|index| chain.links.get(*index).map(|link| link.sequence));
    judge.reordered(&order);
    let (records, repeated) = judge.places(&order);
    judge.links(&records);
    judge.sides(&records);
    let sides = u64::try_from(chain.sides.len()).unwrap_or_default();
    Judged { id: chain.id, node: chain.node, records, sides, authority, keyed, unchecked, repeated }
}

/// Which key a chain was made with. A key that we do not have is told once and not for every record.
fn key_of(chain: &mut Chain, ledger: &mut Ledger) -> (bool, String) {
    let (algorithm, authority) = chain.authorities.first().cloned().unwrap_or((Algorithm::Sha256, "none".to_owned()));
    let keyed = algorithm == Algorithm::HmacSha256;
    let all_bad = chain.links.iter().map(|link| link.fit).chain(chain.sides.iter().map(|side| side.fit)).all(|fit| fit == Fit::Bad);
    if keyed && all_bad && !ledger.keys.is_empty() && !ledger.keys.ids().any(|id| id == authority) {
        let ours: Vec<&str> = ledger.keys.ids().collect();
        let message = format!(
            "made with the key `{authority}`, and --key gives `{}`: with its own key it can be checked, or somebody wrote it anew",
            ours.join("`, `")
        );
        ledger.problems.add(Problem::new(Kind::WrongKey, message).of(&chain.id));
        chain.links.iter_mut().for_each(|link| link.fit = Fit::Unchecked);
        chain.sides.iter_mut().for_each(|side| side.fit = Fit::Unchecked);
    }
    if !keyed && !ledger.keys.is_empty() && chain.links.iter().any(|link| link.fit == Fit::Good) {
        let message = "made without a key, so anybody can have written it; what was written before the policy had a key is verified by itself, without --key";
        ledger.problems.add(Problem::new(Kind::WrongKey, message).of(&chain.id));
    }
    if chain.authorities.len() > 1 {
        let ids: Vec<&str> = chain.authorities.iter().map(|(_, id)| id.as_str()).collect();
        let message = format!("made with several keys, `{}`: the filter begins a new chain with a new key", ids.join("`, `"));
        ledger.problems.add(Problem::new(Kind::Forged, message).of(&chain.id));
    }
    (keyed, authority)
}

struct Judge<'a> {
    chain: &'a Chain,
    ledger: &'a mut Ledger,
}

impl Judge<'_> {
    fn problem(&mut self, problem: Problem) {
        self.ledger.problems.add(problem.of(&self.chain.id));
    }

    fn altered(&mut self) {
        let chain = self.chain;
        for link in chain.links.iter().filter(|link| link.fit == Fit::Bad) {
            let problem = Problem::new(Kind::Altered, format!("record {}, as it calls itself, is not as it was written", link.sequence));
            let problem =
                problem.records(link.sequence, link.sequence).between(Some(link.time), Some(link.time)).at(self.ledger.place(link.at));
            self.problem(problem);
        }
        for side in chain.sides.iter().filter(|side| side.fit == Fit::Bad) {
            let problem =
                Problem::new(Kind::Altered, format!("the side record `{}`, as it calls itself, is not as it was written", side.name));
            let problem = problem.at(self.ledger.place(side.at));
            self.problem(problem);
        }
    }

    /// Envoy writes the records of one chain in their order, so within a file they are in order. A copy stands anywhere: a record is out of order when none of its
    /// copies is in order.
    fn reordered(&mut self, order: &[usize]) {
        let genuine = || {
            let links = order.iter().filter_map(|index| Some((*index, self.chain.links.get(*index)?)));
            links.filter(|(_, link)| link.fit != Fit::Bad)
        };
        let mut furthest: BTreeMap<u32, usize> = BTreeMap::new();
        if genuine().all(|(index, link)| furthest.insert(link.at.file, index).is_none_or(|before| before < index)) {
            return;
        }
        let records: Vec<(usize, Link)> = genuine().map(|(index, link)| (index, *link)).collect();
        for (early, late, others) in order::wrong(&records) {
            let what = format!("record {} stands before record {} (line {})", early.sequence, late.sequence, late.at.line);
            let more = if others > 0 { format!(", and {others} more are out of order") } else { String::new() };
            let place = self.ledger.place(early.at);
            if early.carried || late.carried {
                // A collector that sends again what was not acknowledged mixes the order up.
                self.ledger.notes.push(format!("{place}: chain {}: {what}{more}, as collectors ship them", self.chain.id));
            } else {
                self.problem(Problem::new(Kind::Reordered, format!("{what}{more}")).records(early.sequence, late.sequence).at(place));
            }
        }
    }

    /// One record for each place. Altered ones fill the place they name if nothing else does and they are not beyond the others, so that
    /// one change is not told as a loss as well.
    fn places(&mut self, order: &[usize]) -> (Vec<Link>, u64) {
        let mut places: Vec<Link> = Vec::with_capacity(order.len());
        let mut repeated = 0_u64;
        let mut altered: Vec<Link> = Vec::new();
        for link in order.iter().filter_map(|index| self.chain.links.get(*index)) {
            if link.fit == Fit::Bad {
                altered.push(*link);
                continue;
            }
            match places.last() {
                Some(last) if last.sequence == link.sequence && last.fingerprint == link.fingerprint => {
                    repeated = repeated.saturating_add(1)
                }
                Some(last) if last.sequence == link.sequence => {
                    let both = format!("{} and {}", self.ledger.place(last.at), self.ledger.place(link.at));
                    let problem = Problem::new(Kind::Forged, format!("there are two records {}: {both}", link.sequence));
                    let problem = problem.records(link.sequence, link.sequence).at(self.ledger.place(link.at));
                    self.problem(problem);
                }
                _ => places.push(*link),
            }
        }
        fill(&mut places, altered);
        (places, repeated)
    }

    fn links(&mut self, records: &[Link]) {
        if records.iter().all(|link| link.fit == Fit::Bad) {
            return;
        }
        for pair in records.windows(2) {
            let [before, link] = pair else { continue };
            let (first, last) = (before.sequence.saturating_add(1), link.sequence.saturating_sub(1));
            if first <= last {
                let ends = format!("{} and {}", self.ledger.place(before.at), self.ledger.place(link.at));
                let message = format!("{} between {ends}", missing(first, last));
                self.problem(Problem::new(Kind::Missing, message).records(first, last).between(Some(before.time), Some(link.time)));
            } else if before.fit != Fit::Bad && link.fit != Fit::Bad && link.previous != Some(before.fingerprint) {
                let message = format!(
                    "record {} is not the one that record {} ({}) follows: one of them was put in another's place",
                    before.sequence,
                    link.sequence,
                    self.ledger.place(link.at)
                );
                let problem = Problem::new(Kind::Forged, message).records(before.sequence, link.sequence).at(self.ledger.place(before.at));
                self.problem(problem);
            }
        }
    }

    fn sides(&mut self, records: &[Link]) {
        let chain = self.chain;
        let by_sequence: HashMap<u64, &Link> =
            if chain.sides.is_empty() { HashMap::new() } else { records.iter().map(|link| (link.sequence, link)).collect() };
        let mut seen: HashMap<&str, (super::record::Fingerprint, Place)> = HashMap::new();
        for side in chain.sides.iter().filter(|side| side.fit != Fit::Bad) {
            let place = self.ledger.place(side.at);
            match seen.get(side.name.as_str()) {
                Some((fingerprint, _)) if *fingerprint == side.fingerprint => continue,
                Some((_, other)) => {
                    let message = format!("there are two side records `{}`: {} and {place}", side.name, self.ledger.place(*other));
                    self.problem(Problem::new(Kind::Forged, message).at(place.clone()));
                }
                None => drop(seen.insert(&side.name, (side.fingerprint, side.at))),
            }
            if let Some((sequence, head)) = side.head
                && by_sequence.get(&sequence).is_some_and(|link| link.fit != Fit::Bad && link.fingerprint != head)
            {
                let message = format!("the side record `{}` follows another record {sequence} than the one that is here", side.name);
                self.problem(Problem::new(Kind::Forged, message).records(sequence, sequence).at(place));
            }
        }
        let altered: Vec<&str> = chain.sides.iter().filter(|side| side.fit == Fit::Bad).map(|side| side.name.as_str()).collect();
        let mut named: HashMap<&str, ()> = HashMap::new();
        let mut lost = Vec::new();
        for naming in &chain.named {
            if named.insert(&naming.name, ()).is_some() {
                continue;
            }
            match seen.get(naming.name.as_str()) {
                Some((fingerprint, _)) if *fingerprint == naming.fingerprint => {}
                Some((_, at)) => {
                    let message = format!(
                        "the side record `{}` is not the one that another record of its exchange ({}) names",
                        naming.name,
                        self.ledger.place(naming.at)
                    );
                    let problem = Problem::new(Kind::Forged, message).at(self.ledger.place(*at));
                    self.problem(problem);
                }
                None if altered.contains(&naming.name.as_str()) => {}
                None => lost.push(naming.name.as_str()),
            }
        }
        if !lost.is_empty() {
            self.ledger.notes.push(format!(
                "chain {}: {} named by other records of their exchanges and not in these files: {}",
                chain.id,
                several(lost.len(), "side record is", "side records are"),
                listed(&lost)
            ));
        }
        let open: Vec<&str> = seen.keys().copied().filter(|name| !named.contains_key(name)).collect();
        if !open.is_empty() {
            let mut open = open;
            open.sort_unstable();
            self.ledger.notes.push(format!(
                "chain {}: {} of exchanges whose records are not here: they were still open, the writer died, or that record is in another file: {}",
                chain.id,
                several(open.len(), "side record is", "side records are"),
                listed(&open)
            ));
        }
    }
}

/// Puts altered records where nothing else is, between the others or right after them.
fn fill(places: &mut Vec<Link>, altered: Vec<Link>) {
    let (first, mut last) = match (places.first(), places.last()) {
        (Some(first), Some(last)) => (first.sequence, last.sequence),
        // Nothing genuine: each stands for itself.
        _ => (0, u64::MAX),
    };
    let mut fillers: Vec<Link> = Vec::new();
    for link in altered {
        let right_before = link.sequence.checked_add(1) == Some(first);
        let right_after = last.checked_add(1) == Some(link.sequence);
        let taken = places.binary_search_by_key(&link.sequence, |place| place.sequence).is_ok()
            || fillers.last().is_some_and(|filler| filler.sequence == link.sequence);
        if taken || !(right_before || right_after || (first..=last).contains(&link.sequence)) {
            continue;
        }
        if right_after {
            last = link.sequence;
        }
        fillers.push(link);
    }
    places.extend(fillers);
    places.sort_by_key(|place| place.sequence);
}

pub(super) fn missing(first: u64, last: u64) -> String {
    if first == last { format!("record {first} is missing") } else { format!("records {first} to {last} are missing") }
}

pub(super) fn several(count: impl TryInto<u64>, one: &str, many: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

fn listed(names: &[&str]) -> String {
    const MOST: usize = 8;
    let shown = names.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    if names.len() > MOST { format!("{shown}, …") } else { shown }
}
