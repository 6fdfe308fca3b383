//! The command line: one variant a subcommand, one file a subcommand.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{self, Exit};
use crate::{approvals, audit, demo, mask, policy, revoke, token, tools, up};

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
    /// The whole story on this machine: issuer, server, TLS, a real client; told call by call
    Demo(demo::Args),
    /// A token of the development issuer of `up --dev-issuer`
    Token(token::Args),
    /// Check a policy, explain its decisions, print its schema
    Policy(policy::Args),
    /// Pin the definitions of a server's tools
    Tools(tools::Args),
    /// Take access back before its tokens expire
    Revoke(revoke::Args),
    /// Audit logs: verify, show, replay, export; keep their checkpoints, make their keys
    Audit(audit::Args),
    /// The service where people decide on calls, and deciding from a terminal
    Approvals(approvals::Args),
    /// Mask standard input as the filter masks answers
    Mask(mask::Args),
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
        Command::Demo(args) => demo::run(args),
        Command::Token(args) => token::run(args),
        Command::Policy(args) => policy::run(args),
        Command::Tools(args) => tools::run(args),
        Command::Revoke(args) => revoke::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Approvals(args) => approvals::run(args),
        Command::Mask(args) => mask::run(&args),
    };
    done.unwrap_or_else(|err| {
        tell_user!("portcullisctl: {err:#}");
        exit::code_of(&err).into()
    })
}
