//! Chains against checkpoints: what was cut off at an end, and what is gone altogether, shows only against what was said before.

use std::collections::{BTreeMap, HashMap};

use super::judge::{Judged, missing};
use super::keys::Fit;
use super::ledger::{Claim, Ledger};
use super::problem::{Kind, Problem};
use crate::audit::checkpoint::{Checkpoint, Signed};
use crate::audit::when::Millis;

/// What the files are said to hold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    pub(super) since: Option<Millis>,
    pub(super) until: Option<Millis>,
    /// How often a writer signs a checkpoint.
    pub(super) interval: Option<Millis>,
}

/// How far a chain is signed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Vouched {
    pub(super) checkpoints: u64,
    /// The last record with a checkpoint after it.
    pub(super) to: Option<u64>,
    pub(super) ended: bool,
    /// There was a key to check signatures with.
    pub(super) checked: bool,
}

pub(super) fn judge(chains: &[Judged], claims: Vec<Claim>, window: Window, ledger: &mut Ledger) -> HashMap<String, Vouched> {
    let mut by_chain: BTreeMap<String, Vec<Claim>> = BTreeMap::new();
    for claim in claims {
        by_chain.entry(claim.checkpoint.chain.clone()).or_default().push(claim);
    }
    let mut vouched = HashMap::new();
    for chain in chains {
        let claims = by_chain.remove(&chain.id).unwrap_or_default();
        let mut desk = Desk { chain, claims, window, ledger: &mut *ledger };
        vouched.insert(chain.id.clone(), desk.judge());
    }
    for (id, claims) in by_chain {
        removed(&id, &claims, window, ledger);
    }
    vouched
}

/// A chain of which there is nothing in the files.
fn removed(id: &str, claims: &[Claim], window: Window, ledger: &mut Ledger) {
    let Some((least, last)) = required(claims, window) else { return };
    if least > last.sequence {
        return;
    }
    let message = format!(
        "nothing of this writer (on `{}`) is in these files, and checkpoint {} vouches for {} of its records",
        last.node,
        last.number,
        last.sequence.saturating_sub(least).saturating_add(1)
    );
    let times = claims.iter().map(|claim| claim.checkpoint.time);
    let problem = Problem::new(Kind::Removed, message).of(id).records(least, last.sequence);
    ledger.problems.add(problem.between(times.min(), Some(last.time)));
}

/// The records that have to be there: the first, and the checkpoint that names the last. What was written before the first checkpoint
/// within the window may have been written before the window.
fn required(claims: &[Claim], window: Window) -> Option<(u64, &Checkpoint)> {
    let since = window.since.unwrap_or(0);
    let until = window.until.unwrap_or(u64::MAX);
    let within = || claims.iter().map(|claim| &claim.checkpoint).filter(move |checkpoint| (since..=until).contains(&checkpoint.time));
    let last = within().max_by_key(|checkpoint| checkpoint.sequence)?;
    let least = match window.since {
        None => 1,
        Some(_) => within().map(|checkpoint| checkpoint.sequence).min()?.saturating_add(1),
    };
    Some((least, last))
}

struct Desk<'a> {
    chain: &'a Judged,
    claims: Vec<Claim>,
    window: Window,
    ledger: &'a mut Ledger,
}

impl Desk<'_> {
    fn problem(&mut self, problem: Problem) {
        self.ledger.problems.add(problem.of(&self.chain.id));
    }

    fn judge(&mut self) -> Vouched {
        self.claims.sort_by_key(|claim| (claim.checkpoint.number, claim.checkpoint.sequence, claim.checkpoint.time));
        self.agree();
        if self.chain.is_spoilt() {
            return Vouched::default();
        }
        self.heads();
        self.ends();
        self.steady();
        let known = |claim: &&Claim| claim.signed == Signed::Good;
        let mut numbers: Vec<u64> = self.claims.iter().map(|claim| claim.checkpoint.number).collect();
        numbers.dedup();
        Vouched {
            checkpoints: u64::try_from(numbers.len()).unwrap_or_default(),
            to: self.claims.iter().filter(known).map(|claim| claim.checkpoint.sequence).filter(|to| *to > 0).max(),
            ended: self.claims.iter().any(|claim| claim.checkpoint.end),
            checked: !self.ledger.public.is_empty(),
        }
    }

    /// Checkpoints among themselves: each number once, and never back.
    fn agree(&mut self) {
        let mut problems = Vec::new();
        for pair in self.claims.windows(2) {
            let [before, claim] = pair else { continue };
            let (a, b) = (&before.checkpoint, &claim.checkpoint);
            let places = || format!("{} and {}", self.ledger.place(before.at), self.ledger.place(claim.at));
            if a.number == b.number && a != b {
                problems.push(format!("there are two checkpoints {}: {}", a.number, places()));
            } else if b.sequence < a.sequence {
                problems.push(format!("checkpoint {} goes back from record {} to {}: {}", b.number, a.sequence, b.sequence, places()));
            } else if a.end && b.number > a.number {
                problems.push(format!("checkpoint {} comes after the chain's end: {}", b.number, places()));
            }
        }
        for message in problems {
            self.problem(Problem::new(Kind::Forged, message));
        }
    }

    /// The records that checkpoints vouch for are the ones that are here.
    fn heads(&mut self) {
        let mut problems = Vec::new();
        let mut told = None;
        for claim in &self.claims {
            let Checkpoint { sequence, head, number, end, time, .. } = &claim.checkpoint;
            let Some(link) = self.chain.at(*sequence).filter(|link| link.fit != Fit::Bad) else { continue };
            if Some(link.fingerprint) != *head && told != Some(*sequence) {
                told = Some(*sequence);
                let message = format!("record {sequence} is not the one that checkpoint {number} vouches for: the chain was written anew");
                let problem = Problem::new(Kind::Forged, message).records(*sequence, *sequence).between(Some(link.time), Some(*time));
                problems.push(problem.at(self.ledger.place(link.at)));
            }
            if let Some(beyond) = self.chain.last().filter(|last| *end && last.sequence > *sequence) {
                let message = format!("the chain ended with record {sequence}, and there is a record {}", beyond.sequence);
                let problem = Problem::new(Kind::Forged, message).records(sequence.saturating_add(1), beyond.sequence);
                problems.push(problem.at(self.ledger.place(beyond.at)));
            }
        }
        problems.into_iter().for_each(|problem| self.problem(problem));
    }

    /// What is missing before the first record and after the last.
    fn ends(&mut self) {
        let (Some(first), Some(last)) = (self.chain.first().copied(), self.chain.last().copied()) else {
            return self.nothing_chained();
        };
        let required = required(&self.claims, self.window).map(|(least, last)| (least, last.clone()));
        if first.sequence > 1 {
            let gone = first.sequence - 1;
            let not_here = if gone == 1 { "1 is not in these files".to_owned() } else { format!("1 to {gone} are not in these files") };
            let begins = format!("begins at {}; {not_here}", first.sequence);
            let place = self.ledger.place(first.at);
            let within = required.as_ref().map(|(least, _)| *least).filter(|least| *least <= gone);
            match (self.window.since, within) {
                (None, _) => {
                    let message = format!("{begins}; give the older files as well, or say from when on these are the log (--since)");
                    self.problem(Problem::new(Kind::BeginningMissing, message).records(1, gone).between(None, Some(first.time)).at(place));
                }
                (Some(_), Some(least)) => {
                    let message = format!("{begins}; those from {least} on were written after --since, checkpoints say");
                    self.problem(
                        Problem::new(Kind::BeginningMissing, message).records(least, gone).between(None, Some(first.time)).at(place),
                    );
                }
                (Some(_), None) => self.ledger.notes.push(format!("chain {}: {begins}", self.chain.id)),
            }
        }
        if let Some((_, checkpoint)) = required.filter(|(_, checkpoint)| checkpoint.sequence > last.sequence) {
            let gone = missing(last.sequence.saturating_add(1), checkpoint.sequence);
            let message = format!("{gone} after {}: checkpoint {} vouches for them", self.ledger.place(last.at), checkpoint.number);
            let problem = Problem::new(Kind::Cut, message).records(last.sequence.saturating_add(1), checkpoint.sequence);
            self.problem(problem.between(Some(last.time), Some(checkpoint.time)));
        }
    }

    /// Only side records of this chain are here.
    fn nothing_chained(&mut self) {
        removed(&self.chain.id, &self.claims, self.window, self.ledger);
    }

    /// A writer signs at an interval, and the next record carries what it signed: long times without a checkpoint mean that
    /// somebody without the signing key wrote the chain anew.
    fn steady(&mut self) {
        let (Some(interval), Some(first)) = (self.window.interval, self.chain.first()) else { return };
        // Signing is a matter of the filter's own clock and ticks, writing of when the exchange ends.
        let allowed = interval.saturating_mul(3);
        let mut carried =
            self.claims.iter().filter_map(|claim| Some((claim.carrier.as_ref()?.1, claim.checkpoint.time))).collect::<Vec<_>>();
        carried.sort_unstable();
        let mut carried = carried.into_iter().peekable();
        let mut last = if first.sequence == 1 { Some(first.time) } else { None };
        let mut problem = None;
        for link in &self.chain.records {
            while let Some((_, time)) = carried.next_if(|(by, _)| *by <= link.sequence) {
                last = Some(last.map_or(time, |last| last.max(time)));
            }
            // The first record of a part of a log starts the clock.
            let since = *last.get_or_insert(link.time);
            if link.time.saturating_sub(since) > allowed {
                let message = format!(
                    "record {} was written {} after the last checkpoint, and there is one every {}",
                    link.sequence,
                    crate::audit::when::span(link.time.saturating_sub(since)),
                    crate::audit::when::span(interval)
                );
                problem = Some(
                    Problem::new(Kind::NoCheckpoint, message).records(link.sequence, link.sequence).between(Some(since), Some(link.time)),
                );
                break;
            }
        }
        if let Some(problem) = problem {
            self.problem(problem);
        }
    }
}
