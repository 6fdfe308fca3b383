//! `policy test`: calls that are written down, through the engine itself, against what is to become of them.

mod coverage;
mod files;
mod judge;
mod report;
mod suite;

use std::path::PathBuf;

use portcullis::policy;

use crate::exit::{Exit, Failure, print};
use report::Form;

/// Prints a line for each expectation that does not hold, with what happened and why, and a summary.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Policies, files of tests, or folders of them. Default: `*.test.yaml` here and in `policies/`
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Tell which rules were matched and which decided
    #[arg(long)]
    coverage: bool,
    /// A rule that no test matches, or a masking rule that finds nothing in any, is a mistake
    #[arg(long)]
    require_coverage: bool,
    /// Print one JSON document
    #[arg(long, conflicts_with = "junit")]
    json: bool,
    /// Print JUnit XML, as CI systems read it
    #[arg(long)]
    junit: bool,
    /// Print the JSON schema of files of tests, for editors
    #[arg(long, conflicts_with_all = ["files", "json", "junit"])]
    schema: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if args.schema {
        let schema = serde_json::to_string_pretty(&policy::suite::schema()).map_err(|err| Failure::environment(err.to_string()))?;
        print(&schema)?;
        return Ok(Exit::Fine);
    }
    let files = files::find(&args.files)?;
    let runs: Vec<suite::Run> = files.into_iter().map(suite::run).collect::<Result<_, _>>()?;
    let form = match (args.json, args.junit) {
        (true, _) => Form::Json,
        (_, true) => Form::Junit,
        _ => Form::Text { coverage: args.coverage || args.require_coverage },
    };
    print(&report::write(&runs, form, args.require_coverage))?;
    let good = |run: &suite::Run| run.is_good() && (!args.require_coverage || run.coverage.is_whole());
    Ok(if runs.iter().all(good) { Exit::Fine } else { Exit::Wrong })
}
