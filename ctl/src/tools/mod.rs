//! `portcullisctl tools`: what a server offers, and whether it is what somebody has looked at.

mod fetch;
mod pin;
mod read;

use std::process::ExitCode;

use clap::Subcommand;

use crate::exit;

/// Tools: pin their definitions.
#[derive(Debug, clap::Args)]
#[command(after_help = exit::HELP)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print fingerprints of a server's tool definitions for the policy, or compare them with those in one
    Pin(pin::Args),
}

/// The subcommand.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Pin(args) => pin::run(&args),
    }
}
