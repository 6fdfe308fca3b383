//! Every policy that is shipped loads, in every form the filter takes, and its rooms compile.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly, its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

use portcullis::exchange::{Engine, Identification};
use portcullis::policy;

fn shipped() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<PathBuf> = fs::read_dir(root.join("policies")).unwrap().map(|entry| entry.unwrap().path()).collect();
    for example in fs::read_dir(root.join("examples")).unwrap() {
        // Some show something else than a policy.
        found.extend(Some(example.unwrap().path().join("policy.yaml")).filter(|policy| policy.is_file()));
    }
    let is_policy = |name: &str| name.ends_with(".yaml") && !name.ends_with(".test.yaml");
    found.retain(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_policy));
    found
}

/// Stands for whatever an operator has set.
fn env(name: &str) -> Option<String> {
    Some(format!("a value for {name}, long enough for a key"))
}

#[test]
fn every_shipped_policy_runs() {
    let policies = shipped();
    assert!(policies.len() >= 2, "{policies:?}");
    for path in policies {
        let text = fs::read_to_string(&path).unwrap();
        let loaded = policy::from_yaml(&text, &env).unwrap_or_else(|report| panic!("{}:\n{report}", path.display()));
        let identification = Identification { node: String::new(), vm: String::new(), version: "0", git_hash: "0" };
        if let Err(report) = Engine::new(&loaded, identification) {
            panic!("{}:\n{report}", path.display());
        }
        let again = policy::from_configuration(loaded.json.to_string().as_bytes(), &env).unwrap();
        assert_eq!(loaded.digest, again.digest, "{}", path.display());
    }
}
