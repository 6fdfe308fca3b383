//! `portcullisctl audit verify`: is this the log that the filter wrote, all of it?
//!
//! 1. `record.rs` reads a line's place, links and fingerprint, and `keys.rs` tells whether the fingerprint fits.
//! 2. `ledger.rs` keeps some hundred bytes of each record, by chain.
//! 3. `judge.rs` holds the records of a chain against each other, `vouched.rs` against checkpoints.
//! 4. `report.rs` tells what came of it.

mod judge;
mod keys;
mod ledger;
mod order;
mod problem;
pub(crate) mod record;
mod report;
#[cfg(test)]
pub(super) mod tests;
mod vouched;

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::checkpoint::PublicKeys;
use super::input;
use super::notary::file;
use super::when::{self, Millis, Zone};
use crate::exit::{self, Exit, Failure};
use keys::Keys;
use ledger::{Ledger, Place};
use problem::{Kind, Problem};
use report::Report;
use vouched::Window;

/// Tell whether anything in logs is missing, altered, out of order, cut off or forged, and what exactly.
///
/// Takes any number of files in any order: of several workers and replicas, rotated, compressed, shipped twice. Each worker of an Envoy
/// writes a chain of its own, in which each record holds the fingerprint of the one before. Without keys, a log is checked for what
/// somebody changed who did not take the trouble to make the chain fit again; --key shows that nobody without the key wrote any of it,
/// --public-key and --notary that nothing was cut off its end and no writer is gone.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Args {
    /// Logs; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The policy's `audit.chain.key`: a file whose text is the key, or `env:NAME`; repeat for several
    #[arg(long, value_name = "FILE|env:NAME")]
    key: Vec<String>,
    /// Ed25519 public key of the policy's `audit.chain.sign`, PEM; repeat for several
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
    /// What `audit notary` has kept; repeat for several
    #[arg(long, value_name = "FILE")]
    notary: Vec<PathBuf>,
    /// These files are the log from this time on: what was written before need not be in them
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    since: Option<Millis>,
    /// These files are the log up to this time
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    until: Option<Millis>,
    /// The policy's `audit.chain.sign.interval`: a time three times as long without a checkpoint is a problem
    #[arg(long, value_name = "TIME", value_parser = span, requires = "public_key")]
    interval: Option<Millis>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// The time zone that times are shown in
    #[arg(long, value_enum, default_value_t)]
    zone: Zone,
}

fn span(text: &str) -> Result<Millis, String> {
    portcullis::policy::value::Duration::parse(text).map(|span| span.millis()).map_err(|expected| format!("expected {expected}"))
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let report = verify(args)?;
    exit::print(&if args.json { report.json() } else { report.text(args.zone) })?;
    if report.problems.count() > 0 {
        return Ok(Exit::Wrong);
    }
    if report.is_unchecked() {
        return Err(Failure::usage(
            "the records have keyed fingerprints, and without --key nobody can tell whether their texts are what was written",
        ));
    }
    Ok(Exit::Fine)
}

fn verify(args: &Args) -> Result<Report, Failure> {
    let mut ledger = Ledger::new(Keys::open(&args.key)?, PublicKeys::open(&args.public_key)?);
    for path in &args.files {
        ledger.file(named(path));
        input::each(path, |line| {
            ledger.line(line);
            Ok(())
        })?;
    }
    let files = ledger.files.len();
    for path in &args.notary {
        notary(path, &mut ledger)?;
    }
    Ok(judged(ledger, files, Window { since: args.since, until: args.until, interval: args.interval }, !args.notary.is_empty()))
}

fn named(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

fn notary(path: &Path, ledger: &mut Ledger) -> Result<(), Failure> {
    let unreadable = |err: std::io::Error| Failure::environment(format!("cannot read `{}`: {err}", path.display()));
    ledger.file(named(path));
    let file = u32::try_from(ledger.files.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let log = File::open(path).map_err(unreadable)?;
    file::read(log, |line, found| match found {
        Ok(jws) => ledger.claim(jws, None, Place { file, line }),
        Err(what) => {
            let problem = Problem::new(Kind::BadNotary, what).at(ledger.place(Place { file, line }));
            ledger.problems.add(problem);
        }
    })
    .map_err(unreadable)?;
    Ok(())
}

fn judged(mut ledger: Ledger, files: usize, window: Window, has_notary: bool) -> Report {
    if ledger.records == 0 && ledger.problems.count() == 0 {
        ledger.problems.add(Problem::new(Kind::Empty, "there is no record in these files"));
    }
    let chains = std::mem::take(&mut ledger.chains);
    let claims = std::mem::take(&mut ledger.claims);
    let mut judged: Vec<_> = chains.into_iter().map(|chain| judge::chain(chain, &mut ledger)).collect();
    judged.sort_by(|a, b| (a.first().map(|link| link.time), &a.id).cmp(&(b.first().map(|link| link.time), &b.id)));
    if ledger.public.is_empty() && !claims.is_empty() {
        ledger.notes.push("the signatures of checkpoints were not checked: --public-key".to_owned());
    }
    if has_notary {
        let kept: HashSet<&str> =
            claims.iter().filter(|claim| claim.carrier.is_none()).map(|claim| claim.checkpoint.chain.as_str()).collect();
        for chain in judged.iter().filter(|chain| !kept.contains(chain.id.as_str())) {
            ledger.notes.push(format!("chain {}: the notary has nothing of it", chain.id));
        }
    }
    let vouched = vouched::judge(&judged, claims, window, &mut ledger);
    Report::new(judged, vouched, ledger, files)
}
