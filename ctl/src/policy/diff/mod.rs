//! `policy diff`: what two policies say differently, and which past calls they would decide differently.

mod record;
mod replay;
mod report;
mod structure;

use std::path::PathBuf;

use super::for_looking;
use crate::exit::{Exit, Failure, print};

/// Prints what was added, removed and changed; with `--log`, the past calls that would be decided otherwise. Differences are no mistake:
/// the exit code is 0.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The policy as it is
    old: PathBuf,
    /// The policy as it would be
    new: PathBuf,
    /// Audit logs as `portcullisctl audit` takes them, oldest first
    #[arg(long, value_name = "FILE", num_args = 1..)]
    log: Vec<PathBuf>,
    /// Past calls shown of each kind
    #[arg(long, value_name = "N", default_value_t = 3)]
    examples: usize,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let (old, new) = (for_looking(&args.old)?, for_looking(&args.new)?);
    let changes = structure::changes(&old.json, &new.json);
    let text = if args.log.is_empty() {
        if args.json { report::structure_json(&changes) } else { report::structure(&changes) }
    } else {
        let replayed = replay::run(old, new, &args.log, args.examples)?;
        if args.json { report::replayed_json(&changes, &replayed) } else { report::replayed(&replayed) }
    };
    print(&text)?;
    Ok(Exit::Fine)
}
