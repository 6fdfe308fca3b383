//! `portcullisctl audit`: what the filter left on record, verified, read, shown and handed on.

mod checkpoint;
mod clean;
mod entry;
mod export;
pub(crate) mod input;
mod keys;
mod notary;
mod paint;
mod payload;
mod replay;
mod select;
mod show;
mod timeline;
mod verify;
mod when;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::exit;

/// Audit logs: verify, show, replay, export; keep their checkpoints, make their keys.
///
/// Logs are files as Envoy's access logger writes them, one record a line, other lines between them left aside; also compressed (gzip,
/// Zstandard), as container runtimes keep them, or within the JSON of a collector (OTLP, a log shipper). `-` is standard input.
#[derive(Debug, clap::Args)]
#[command(after_help = exit::HELP)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tell whether anything in logs is missing, altered, out of order, cut off or forged, and what exactly
    Verify(verify::Args),
    /// Show records as a table, filtered
    Show(show::Args),
    /// Play a session in the terminal: calls, arguments, decisions, masked answers, at the pace they had
    Replay(replay::Args),
    /// Write records as an asciicast, a HAR file, CSV, or one HTML page
    Export(export::Args),
    /// Keep checkpoints that the filter sends in a file out of the log's reach
    Notary(notary::Args),
    /// Make the keys for `audit.chain` of the policy
    Keys(keys::Args),
}

pub fn run(args: Args) -> Result<ExitCode> {
    let exit = match args.command {
        Command::Verify(args) => verify::run(&args)?,
        Command::Show(args) => show::run(&args)?,
        Command::Replay(args) => replay::run(&args)?,
        Command::Export(args) => export::run(&args)?,
        Command::Notary(args) => notary::run(args)?,
        Command::Keys(args) => keys::run(&args)?,
    };
    Ok(exit.into())
}
