//! What the files hold, chain by chain: some hundred bytes for each record, whatever its length.

use std::collections::HashMap;

use super::keys::{Fit, Keys};
use super::problem::{Kind, Problem, Problems};
use super::record::{Algorithm, Fingerprint, Record, Uid, Unfit};
use crate::audit::checkpoint::{Bad, Checkpoint, PublicKeys, Signed};
use crate::audit::input::{Found, Line, look};

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: u32,
    pub(super) line: u64,
}

/// A record of a chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) sequence: u64,
    pub(super) fingerprint: Fingerprint,
    pub(super) previous: Option<Fingerprint>,
    pub(super) time: u64,
    pub(super) at: Place,
    pub(super) fit: Fit,
    /// Carried by a collector, which may repeat and reorder what it ships.
    pub(super) carried: bool,
}

/// A record beside a chain.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) name: String,
    pub(super) fingerprint: Fingerprint,
    /// The chain's head when it was written: its sequence and its fingerprint.
    pub(super) head: Option<(u64, Fingerprint)>,
    pub(super) at: Place,
    pub(super) fit: Fit,
}

/// A side record as the final record of its exchange names it; of many, that one names the newest, and each the one before it.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    pub(super) name: String,
    pub(super) fingerprint: Fingerprint,
    pub(super) at: Place,
}

#[derive(Debug, Default)]
pub(super) struct Chain {
    pub(super) id: String,
    pub(super) node: String,
    pub(super) links: Vec<Link>,
    pub(super) sides: Vec<Side>,
    pub(super) named: Vec<Naming>,
    /// Keys by their ids; `none` where there is none.
    pub(super) authorities: Vec<(Algorithm, String)>,
}

/// A checkpoint and where it is from.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) checkpoint: Checkpoint,
    pub(super) signed: Signed,
    /// The record that carries it: its chain and sequence. None: the notary has it.
    pub(super) carrier: Option<(String, u64)>,
    pub(super) at: Place,
}

pub(super) struct Ledger {
    pub(super) keys: Keys,
    pub(super) public: PublicKeys,
    pub(super) chains: Vec<Chain>,
    by_id: HashMap<String, usize>,
    pub(super) claims: Vec<Claim>,
    pub(super) files: Vec<String>,
    pub(super) problems: Problems,
    pub(super) notes: Vec<String>,
    pub(super) records: u64,
    pub(super) other_lines: u64,
}

impl Ledger {
    pub(super) fn new(keys: Keys, public: PublicKeys) -> Self {
        Self {
            keys,
            public,
            chains: Vec::new(),
            by_id: HashMap::new(),
            claims: Vec::new(),
            files: Vec::new(),
            problems: Problems::default(),
            notes: Vec::new(),
            records: 0,
            other_lines: 0,
        }
    }

    /// From now on, lines are of this file.
    pub(super) fn file(&mut self, name: String) {
        self.files.push(name);
    }

    pub(super) fn place(&self, at: Place) -> String {
        let name = usize::try_from(at.file).ok().and_then(|file| self.files.get(file));
        format!("{}:{}", name.map_or("?", String::as_str), at.line)
    }

    pub(super) fn line(&mut self, line: &Line<'_>) {
        let file = u32::try_from(self.files.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let at = Place { file, line: line.number };
        match look(line.text) {
            Found::Direct(text) => self.record(text, at, false),
            Found::Carried(texts) => texts.iter().for_each(|text| self.record(text, at, true)),
            Found::Behind(text) => {
                let place = self.place(at);
                self.notes.push(format!(
                    "{place}: a line that was never finished stands before this one: its writer was killed, or its disk was full"
                ));
                match text {
                    Some(text) => self.record(text, at, false),
                    None => self.other_lines = self.other_lines.saturating_add(1),
                }
            }
            Found::Broken if line.torn => {
                let place = self.place(at);
                self.notes.push(format!("{place}: the file ends within a record; it may still be being written"));
            }
            Found::Broken => {
                let problem = Problem::new(Kind::Unreadable, "this was a record and can no longer be read as one").at(self.place(at));
                self.problems.add(problem);
            }
            Found::Nothing if line.text.is_empty() => {}
            Found::Nothing => self.other_lines = self.other_lines.saturating_add(1),
        }
    }

    fn record(&mut self, text: &str, at: Place, carried: bool) {
        self.records = self.records.saturating_add(1);
        let record = match Record::read(text) {
            Ok(record) => record,
            Err(Unfit::Unchained) => {
                let message = "this record is in no chain: it was written with `audit.chain: off` or by an early version, or it was put in";
                return self.problems.add(Problem::new(Kind::Unchained, message).at(self.place(at)));
            }
            Err(Unfit::Malformed(why)) => {
                let message = format!("this record is not as the filter writes one: {why}");
                return self.problems.add(Problem::new(Kind::Unreadable, message).at(self.place(at)));
            }
        };
        let fit = self.keys.check(&record);
        let index = self.chain(record.chain);
        if fit != Fit::Bad {
            self.carried_checkpoint(&record, at);
        }
        let Some(chain) = self.chains.get_mut(index) else { return };
        if chain.node.is_empty() {
            chain.node.push_str(&record.node.0);
        }
        let authority = (record.algorithm, record.authority);
        let is_new = !chain.authorities.iter().any(|(algorithm, id)| (*algorithm, id.as_str()) == authority);
        if is_new && (fit != Fit::Bad || chain.authorities.is_empty()) {
            chain.authorities.push((record.algorithm, record.authority.to_owned()));
        }
        if fit != Fit::Bad {
            let naming = record.sides.iter().map(|named| Naming { name: named.side.to_owned(), fingerprint: named.fingerprint, at });
            chain.named.extend(naming);
        }
        match record.uid {
            Uid::Chained(sequence) => {
                let previous = record.previous.map(|link| link.fingerprint);
                chain.links.push(Link { sequence, fingerprint: record.fingerprint, previous, time: record.time, at, fit, carried });
            }
            Uid::Side(name) => {
                let head = record.previous.and_then(|link| Some((sequence_of(record.chain, link.uid)?, link.fingerprint)));
                chain.sides.push(Side { name: name.to_owned(), fingerprint: record.fingerprint, head, at, fit });
            }
        }
        if fit != Fit::Bad
            && let Some(message) = misplaced(&record)
        {
            let Uid::Chained(sequence) = record.uid else { return };
            let problem = Problem::new(Kind::Forged, message).of(record.chain).records(sequence, sequence);
            self.problems.add(problem.at(self.place(at)));
        }
    }

    fn carried_checkpoint(&mut self, record: &Record<'_>, at: Place) {
        let (Some(jws), Uid::Chained(sequence)) = (record.checkpoint, record.uid) else { return };
        self.claim(jws, Some((record.chain.to_owned(), sequence)), at);
    }

    /// Takes a checkpoint in; one that is not to be believed is a problem and nothing else.
    pub(super) fn claim(&mut self, jws: &str, carrier: Option<(String, u64)>, at: Place) {
        let problem = match self.public.read(jws) {
            Ok((checkpoint, signed)) => match &carrier {
                Some((chain, sequence)) if checkpoint.chain != *chain || checkpoint.sequence >= *sequence => {
                    Problem::new(Kind::Forged, "this record carries a checkpoint that cannot have been made before it").of(chain)
                }
                _ => return self.claims.push(Claim { checkpoint, signed, carrier, at }),
            },
            Err(bad @ Bad::OtherKey(_)) => Problem::new(
                Kind::BadCheckpoint,
                format!("a checkpoint is not to be believed: {bad}; --public-key can be given several times"),
            ),
            Err(bad) => Problem::new(Kind::BadCheckpoint, format!("a checkpoint is not to be believed: {bad}")),
        };
        let problem = match carrier {
            Some((chain, sequence)) => problem.of(&chain).records(sequence, sequence),
            None => problem,
        };
        self.problems.add(problem.at(self.place(at)));
    }

    fn chain(&mut self, id: &str) -> usize {
        if let Some(index) = self.by_id.get(id) {
            return *index;
        }
        let index = self.chains.len();
        self.by_id.insert(id.to_owned(), index);
        self.chains.push(Chain { id: id.to_owned(), ..Chain::default() });
        index
    }
}

/// `<chain>-<sequence>`
fn sequence_of(chain: &str, uid: &str) -> Option<u64> {
    uid.strip_prefix(chain)?.strip_prefix('-')?.parse().ok()
}

/// What a record says of its place, where that cannot be.
fn misplaced(record: &Record<'_>) -> Option<String> {
    let Uid::Chained(sequence) = record.uid else { return None };
    match (sequence, record.previous) {
        (1, None) if record.starts => None,
        (1, None) => Some("the first record of the chain does not say that a chain starts (`chain_start`)".to_owned()),
        (1, Some(_)) => Some("the first record of the chain follows another".to_owned()),
        (_, None) => Some(format!("record {sequence} follows none")),
        (_, Some(link)) if sequence_of(record.chain, link.uid) == sequence.checked_sub(1) => None,
        (_, Some(link)) => Some(format!("record {sequence} follows `{}`, which is not the one before it", link.uid)),
    }
}
