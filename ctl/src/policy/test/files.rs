//! Which tests are meant.

use std::path::{Path, PathBuf};

use crate::exit::Failure;

const ENDING: &str = ".test.yaml";

/// Files of tests, in their order; each once.
pub(super) fn find(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    if named.is_empty() {
        found.extend(inside(Path::new("."))?);
        if Path::new("policies").is_dir() {
            found.extend(inside(Path::new("policies"))?);
        }
    }
    for path in named {
        if path.is_dir() {
            found.extend(inside(path)?);
        } else if is_tests(path) {
            found.push(path.clone());
        } else {
            found.push(beside(path)?);
        }
    }
    if found.is_empty() {
        return Err(Failure::usage("there are no files of tests (`*.test.yaml`) here; name a policy, a file of tests or a folder"));
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

fn is_tests(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ENDING))
}

fn inside(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |err: std::io::Error| Failure::environment(format!("cannot read `{}`: {err}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        // `policies/x.test.yaml`, not `./x.test.yaml`.
        let path = if folder == Path::new(".") { PathBuf::from(entry.file_name()) } else { entry.path() };
        if is_tests(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `orders.test.yaml` for `orders.yaml`.
fn beside(policy: &Path) -> Result<PathBuf, Failure> {
    let stem = policy.file_stem().unwrap_or_default().to_string_lossy();
    let tests = policy.with_file_name(format!("{stem}{ENDING}"));
    if !policy.is_file() {
        return Err(Failure::environment(format!("there is no `{}`", policy.display())));
    }
    if tests.is_file() {
        Ok(tests)
    } else {
        Err(Failure::wrong(format!("`{}` has no tests: write `{}`", policy.display(), tests.display())))
    }
}

/// The policy a file of tests is about: what it says, from its own folder; else the file beside it.
pub(super) fn policy(tests: &Path, said: Option<&str>) -> PathBuf {
    match said {
        Some(said) => tests.parent().unwrap_or(Path::new("")).join(said),
        None => {
            let name = tests.file_name().unwrap_or_default().to_string_lossy();
            tests.with_file_name(format!("{}.yaml", name.strip_suffix(ENDING).unwrap_or(&name)))
        }
    }
}
