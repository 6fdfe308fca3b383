//! The command line: one variant a subcommand, one file a subcommand.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{self, Exit};
use crate::up;

/// Runs Portcullis, the guard for MCP servers, on this machine.
#[derive(Debug, Parser)]
#[command(name = "portcullisctl", version, after_help = exit::HELP, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Envoy with the filter in front of a real MCP server, the policy reloaded on save
    Up(up::Args),
}

/// Parses the arguments, runs the subcommand and tells what went wrong on stderr.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(err) => {
            // Nothing can be done about a closed terminal.
            let _ = err.print();
            return if err.use_stderr() { Exit::Usage.into() } else { Exit::Fine.into() };
        }
    };
    let done = match cli.command {
        Command::Up(args) => up::run(args),
    };
    done.unwrap_or_else(|err| {
        eprintln!("portcullisctl: {err:#}");
        exit::code_of(&err).into()
    })
}
