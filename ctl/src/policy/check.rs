//! `policy check`: the filter's own reader, and its rooms' compilers.

use std::path::PathBuf;

use portcullis::exchange::{Engine, Identification};
use portcullis::policy::{self, Env, Loaded, Report};

use super::{placeholder, read, told};
use crate::exit::{Exit, Failure};

/// Everything that would keep the filter from starting with this text, YAML or JSON.
pub fn text(text: &str, env: Env<'_>) -> Result<Loaded, Report> {
    let loaded = policy::from_yaml(text, env)?;
    Engine::new(&loaded, identification())?;
    Ok(loaded)
}

pub(super) fn identification() -> Identification {
    Identification { node: String::new(), vm: String::new(), version: portcullis::VERSION, git_hash: portcullis::GIT_HASH }
}

pub(super) fn run(files: &[PathBuf]) -> Result<Exit, Failure> {
    let mut exit = Exit::Fine;
    for path in files {
        let written = read(path)?;
        match text(&written, &placeholder) {
            Ok(loaded) => {
                let (rules, masks) = (loaded.policy.rules.len(), loaded.policy.masking.len());
                println!("{}: fine: {rules} rules, {masks} masking rules, sha256 {}", path.display(), loaded.digest);
                let variables = policy::variables(&written);
                if !variables.is_empty() {
                    println!("{}: needs the environment variables {}", path.display(), variables.join(", "));
                }
            }
            Err(report) => {
                eprintln!("{}", told(path, &report));
                exit = Exit::Wrong;
            }
        }
    }
    Ok(exit)
}
