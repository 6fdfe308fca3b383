//! How the program ends: four codes, the same for every subcommand.

use std::io::{self, Write};
use std::process::ExitCode;

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, and nothing is wrong.
    Fine = 0,
    /// What was asked about is wrong: a policy with mistakes, a record that does not verify.
    Wrong = 1,
    /// The command line cannot be carried out as written.
    Usage = 2,
    /// This machine lacks something: Envoy, a port, a file.
    Environment = 3,
}

/// Shown below `--help`.
pub const HELP: &str = "Exit codes:
  0  fine
  1  the thing asked about is wrong (a policy with mistakes, for example)
  2  usage: the command line cannot be carried out as written
  3  environment: something this machine lacks (Envoy, a free port, a readable file)";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error that knows its exit code. Any other error counts as [`Exit::Environment`].
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub exit: Exit,
    message: String,
}

impl Failure {
    pub fn wrong(message: impl Into<String>) -> Self {
        Self { exit: Exit::Wrong, message: message.into() }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    pub fn environment(message: impl Into<String>) -> Self {
        Self { exit: Exit::Environment, message: message.into() }
    }
}

/// Writes to standard output. A reader that has gone (`... | head`) has what it wanted.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    or_gone(writeln!(out, "{text}").and_then(|()| out.flush()))
}

/// What writing to standard output came to; that nobody reads on is no failure.
pub fn or_gone(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(err) if err.kind() != io::ErrorKind::BrokenPipe => Err(Failure::environment(format!("standard input or output broke: {err}"))),
        _ => Ok(()),
    }
}

/// The code an error ends the program with.
pub fn code_of(err: &anyhow::Error) -> Exit {
    err.chain().find_map(|cause| cause.downcast_ref::<Failure>()).map_or(Exit::Environment, |failure| failure.exit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_reader_that_has_gone_is_no_failure() {
        assert!(or_gone(Err(io::ErrorKind::BrokenPipe.into())).is_ok());
        assert_eq!(or_gone(Err(io::ErrorKind::StorageFull.into())).unwrap_err().exit, Exit::Environment);
    }

    #[test]
    fn the_code_survives_context() {
        let failed: Result<(), Failure> = Err(Failure::usage("no such flag"));
        assert_eq!(code_of(&failed.context("while starting").unwrap_err()), Exit::Usage);
        assert_eq!(code_of(&anyhow::anyhow!("a full disk")), Exit::Environment);
    }
}
