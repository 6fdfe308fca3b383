//! `policy check`: the filter's own reader, and its rooms' compilers.

use std::path::PathBuf;

use portcullis::exchange::{Engine, Identification};
use portcullis::policy::{self, Env, Loaded, Report};

use super::{looked_at, read, told};
use crate::exit::{Exit, Failure, print};

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
    let (mut exit, mut unreadable) = (Exit::Fine, false);
    for path in files {
        let (loaded, asked) = match read(path) {
            Ok(written) => looked_at(&written),
            // The others are still worth a look.
            Err(failure) => {
                tell_user!("{failure}");
                unreadable = true;
                continue;
            }
        };
        match loaded {
            Ok(loaded) => {
                let (rules, masks) = (loaded.policy.rules.len(), loaded.policy.masking.len());
                print(&format!("{}: fine: {rules} rules, {masks} masking rules, sha256 {}", path.display(), loaded.digest))?;
                if !asked.is_empty() {
                    let names: Vec<String> = asked.into_iter().collect();
                    print(&format!("{}: needs the environment variables {}", path.display(), names.join(", ")))?;
                }
            }
            Err(report) => {
                tell_user!("{}", told(path, &report));
                exit = Exit::Wrong;
            }
        }
    }
    Ok(if unreadable { Exit::Environment } else { exit })
}
