//! `portcullisctl policy`: what can be known of a policy without running it.

pub mod check;
mod desk;
mod diff;
mod explain;
mod test;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use portcullis::policy::{Loaded, Report};

use crate::exit::{self, Exit, Failure};

/// Policies: check, explain, test, diff, schema.
#[derive(Debug, clap::Args)]
#[command(after_help = exit::HELP)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read policies exactly as the filter does and print every mistake with its place and its cure
    Check {
        /// Policies, YAML or JSON
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Decide on JSON-RPC messages from standard input exactly as the filter does; one JSON verdict a line
    Explain(explain::Args),
    /// Run the tests of policies: `FILE.test.yaml` beside each `FILE.yaml`
    Test(test::Args),
    /// What two policies say differently, and which calls of an audit log they would decide differently
    Diff(diff::Args),
    /// Print the JSON schema of a policy, for editors
    Schema,
}

/// The subcommand.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Check { files } => Ok(check::run(&files)?.into()),
        Command::Explain(args) => Ok(explain::run(&args)?.into()),
        Command::Test(args) => Ok(test::run(&args)?.into()),
        Command::Diff(args) => Ok(diff::run(&args)?.into()),
        Command::Schema => {
            let schema = serde_json::to_string_pretty(&portcullis::policy::schema())?;
            exit::print(&schema)?;
            Ok(Exit::Fine.into())
        }
    }
}

/// A policy for looking at, not for running: an environment variable that is not set here is told and stands for itself.
pub(crate) fn for_looking(path: &Path) -> Result<Loaded, Failure> {
    let text = read(path)?;
    let (loaded, asked) = looked_at(&text);
    for name in asked.iter().filter(|name| std::env::var_os(name).is_none()) {
        tell_user!("note: the environment variable `{name}` is not set here; the filter will need it");
    }
    loaded.map_err(|report| Failure::wrong(told(path, &report)))
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|err| Failure::environment(format!("cannot read `{}`: {err}", path.display())))
}

/// The policy, and the environment variables it asks for: those in its comments are none.
fn looked_at(text: &str) -> (Result<Loaded, Report>, BTreeSet<String>) {
    let asked = RefCell::new(BTreeSet::new());
    let env = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        placeholder(name)
    };
    let loaded = check::text(text, &env);
    (loaded, asked.into_inner())
}

fn placeholder(name: &str) -> Option<String> {
    Some(std::env::var(name).unwrap_or_else(|_| format!("not set here, only for looking: {name}")))
}

/// `FILE:LINE: PLACE: MESSAGE`, a line each, as editors and CI systems link it.
pub(crate) fn told(path: &Path, report: &Report) -> String {
    let shown = path.display();
    let line = |problem: &portcullis::policy::Problem| {
        let mut text = shown.to_string();
        if let Some(line) = problem.place.line {
            text.push_str(&format!(":{line}"));
        }
        if !problem.place.path.is_empty() {
            text.push_str(&format!(": {}", problem.place.path));
        }
        format!("{text}: {}", problem.message)
    };
    report.problems().iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_ask_for_no_variable() {
        let (_, asked) =
            looked_at("version: 1\n# note: ${env:A}\ntransport: { upstream_credential: { header: authorization, value: '${env:B}' } }\n");
        assert_eq!(asked.into_iter().collect::<Vec<_>>(), ["B"]);
    }
}
