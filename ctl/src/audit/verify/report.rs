//! What came of it, for people and for programs.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::judge::{Judged, several};
use super::keys::Fit;
use super::ledger::Ledger;
use super::problem::{Problem, Problems};
use super::vouched::Vouched;
use crate::audit::clean;
use crate::audit::when::{Zone, rfc3339};

pub(super) struct Report {
    /// With how many problems are told of each.
    chains: Vec<(Judged, Vouched, usize)>,
    pub(super) problems: Problems,
    notes: Vec<String>,
    files: usize,
    records: u64,
    other_lines: u64,
}

/// Notes shown; more are counted.
const NOTES: usize = 100;

impl Report {
    pub(super) fn new(chains: Vec<Judged>, mut vouched: HashMap<String, Vouched>, ledger: Ledger, files: usize) -> Self {
        let Ledger { problems, mut notes, records, other_lines, .. } = ledger;
        let repeated: u64 = chains.iter().map(|chain| chain.repeated).sum();
        if repeated > 0 {
            notes.push(format!(
                "{repeated} records are there more than once, word for word: they were shipped again, or a file is given twice"
            ));
        }
        let mut told: HashMap<&str, usize> = HashMap::new();
        for chain in problems.told.iter().filter_map(|problem| problem.chain.as_deref()) {
            *told.entry(chain).or_default() += 1;
        }
        let chains = chains.into_iter().map(|chain| {
            let vouched = vouched.remove(&chain.id).unwrap_or_default();
            let told = told.get(chain.id.as_str()).copied().unwrap_or_default();
            (chain, vouched, told)
        });
        let chains: Vec<_> = chains.collect();
        Self { chains, problems, notes, files, records, other_lines }
    }

    /// Nothing was found, but nothing could be, either.
    pub(super) fn is_unchecked(&self) -> bool {
        self.chains.iter().any(|(chain, ..)| chain.unchecked)
    }

    fn verdict(&self) -> &'static str {
        match (self.problems.count(), self.is_unchecked()) {
            (1.., _) => "problems",
            (0, true) => "unchecked",
            (0, false) => "whole",
        }
    }

    pub(super) fn json(&self) -> String {
        let chains = self.chains.iter().map(|(chain, vouched, told)| {
            let time = |link: Option<&super::ledger::Link>| link.map(|link| rfc3339(link.time));
            json!({
                "chain": chain.id,
                "node": chain.node,
                "records": { "count": chain.records.len(), "first": chain.first().map(|link| link.sequence), "last": chain.last().map(|link| link.sequence) },
                "from": time(chain.first()),
                "to": time(chain.last()),
                "side_records": chain.sides,
                "repeated": chain.repeated,
                "key": chain.authority,
                "checkpoints": vouched.checkpoints,
                "signed_to": vouched.to,
                "ended": vouched.ended,
                "problems": told,
            })
        });
        let problem = |problem: &Problem| {
            let mut told = serde_json::to_value(problem).unwrap_or_default();
            if let (Some(members), Some((from, to))) = (told.as_object_mut(), problem.between) {
                members.insert("between".to_owned(), json!([from.map(rfc3339), to.map(rfc3339)]));
            }
            told
        };
        let counts: Vec<(&str, u64)> = self.problems.counts.iter().map(|(kind, count)| (kind.word(), *count)).collect();
        let document = json!({
            "verdict": self.verdict(),
            "files": self.files,
            "records": self.records,
            "other_lines": self.other_lines,
            "chains": chains.collect::<Vec<Value>>(),
            "problem_counts": counts.into_iter().map(|(kind, count)| (kind.replace(' ', "_"), json!(count))).collect::<serde_json::Map<_, _>>(),
            "problems": self.problems.told.iter().map(problem).collect::<Vec<_>>(),
            "notes": self.notes,
        });
        serde_json::to_string_pretty(&document).unwrap_or_default()
    }

    pub(super) fn text(&self, zone: Zone) -> String {
        let mut out = String::new();
        // Writing into a string has no way of failing.
        let _ = self.write(&mut out, zone);
        out.truncate(out.trim_end().len());
        out
    }

    fn write(&self, out: &mut String, zone: Zone) -> std::fmt::Result {
        write!(
            out,
            "{}, {} in {}",
            several(self.files, "file", "files"),
            several(self.records, "record", "records"),
            several(self.chains.len(), "chain", "chains")
        )?;
        match self.other_lines {
            0 => writeln!(out)?,
            other => writeln!(out, "; {} of other kinds", several(other, "line", "lines"))?,
        }
        for (chain, vouched, told) in &self.chains {
            write_chain(out, chain, *vouched, *told, zone)?;
        }
        if !self.problems.told.is_empty() {
            writeln!(out, "\nProblems")?;
        }
        for Problem { kind, chain, records: _, between, place, message } in &self.problems.told {
            write!(out, "  {:<18}", kind.word())?;
            if let Some(chain) = chain {
                write!(out, "chain {}: ", clean::line(chain))?;
            }
            write!(out, "{}", clean::line(message))?;
            match between {
                Some((Some(from), Some(to))) if from == to => write!(out, ", {}", zone.show(*from))?,
                Some((Some(from), Some(to))) => write!(out, ", {} to {}", zone.show(*from), zone.show(*to))?,
                Some((Some(from), None)) => write!(out, ", after {}", zone.show(*from))?,
                Some((None, Some(to))) => write!(out, ", before {}", zone.show(*to))?,
                _ => {}
            }
            match place {
                Some(place) => writeln!(out, " ({})", clean::line(place))?,
                None => writeln!(out)?,
            }
        }
        let told = u64::try_from(self.problems.told.len()).unwrap_or_default();
        if self.problems.count() > told {
            let counts: Vec<String> = self.problems.counts.iter().map(|(kind, count)| format!("{count} {}", kind.word())).collect();
            writeln!(out, "  … in all: {}", counts.join(", "))?;
        }
        if !self.notes.is_empty() {
            writeln!(out, "\nNotes")?;
        }
        for note in self.notes.iter().take(NOTES) {
            writeln!(out, "  {}", clean::line(note))?;
        }
        if self.notes.len() > NOTES {
            writeln!(out, "  … and {} more", self.notes.len() - NOTES)?;
        }
        writeln!(out)?;
        match self.verdict() {
            "whole" => writeln!(out, "whole: {}", self.whole()),
            "unchecked" => writeln!(out, "not verified: the texts were not checked, for want of --key"),
            _ => {
                let unchecked = if self.is_unchecked() { "; and texts were not checked, for want of their --key" } else { "" };
                writeln!(out, "NOT WHOLE: {}{unchecked}", several(self.problems.count(), "problem", "problems"))
            }
        }
    }

    /// What a good verdict rests on: nobody should read more into it.
    fn whole(&self) -> &'static str {
        let keyed = self.chains.iter().all(|(chain, ..)| chain.keyed);
        let signed = self.chains.iter().all(|(_, vouched, _)| vouched.to.is_some());
        match (keyed, signed) {
            (true, true) => "nothing is missing, altered or out of order; every chain is signed for as far as shown",
            (true, false) => "nothing is missing, altered or out of order; what was cut off an end without a checkpoint cannot be seen",
            (false, true) => {
                "nothing is missing, altered or out of order; without a key, what is behind the last checkpoint could have been written anew"
            }
            (false, false) => {
                "nothing is missing, altered or out of order; without key and checkpoints, all of it could have been written anew"
            }
        }
    }
}

fn write_chain(out: &mut String, chain: &Judged, vouched: Vouched, told: usize, zone: Zone) -> std::fmt::Result {
    let node = if chain.node.is_empty() { String::new() } else { format!(" on {}", clean::line(&chain.node)) };
    write!(out, "\n  chain {}{node}: ", clean::line(&chain.id))?;
    match (chain.first(), chain.last()) {
        (Some(first), Some(last)) => {
            writeln!(out, "records {} to {}, {} to {}", first.sequence, last.sequence, zone.show(first.time), zone.show(last.time))?
        }
        _ => writeln!(out, "no records of exchanges")?,
    }
    let key = if chain.keyed { format!("key {}", clean::line(&chain.authority)) } else { "no key".to_owned() };
    let signed = match vouched {
        Vouched { to: Some(to), checkpoints, .. } => format!("{}, signed to {to}", several(checkpoints, "checkpoint", "checkpoints")),
        Vouched { checkpoints: 0, .. } => "no checkpoint".to_owned(),
        Vouched { checkpoints, checked: false, .. } => {
            format!("{}, signatures not checked", several(checkpoints, "checkpoint", "checkpoints"))
        }
        Vouched { checkpoints, .. } => {
            format!("{}, none of which vouches for a record", several(checkpoints, "checkpoint", "checkpoints"))
        }
    };
    let sides = if chain.sides > 0 { format!(", {}", several(chain.sides, "side record", "side records")) } else { String::new() };
    let ended = if vouched.ended { ", ended" } else { "" };
    let state = match told {
        0 if chain.unchecked => "texts not checked".to_owned(),
        0 if chain.records.iter().any(|link| link.fit == Fit::Bad) => "altered".to_owned(),
        0 => "whole".to_owned(),
        count => several(count, "problem", "problems"),
    };
    writeln!(out, "    {key}, {signed}{sides}{ended}: {state}")
}
