//! `portcullisctl policy` from the outside: its tests, its reasons, its differences.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]

mod diff;
mod explain;
mod shipped;
mod suites;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How a run ended.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// `portcullisctl policy ...` in a folder, with something on its standard input.
fn policy(folder: &Path, args: &[&str], input: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_portcullisctl"))
        .arg("policy")
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who does not read has its answer already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// A policy with these rules (YAML, a list) and what follows them.
fn with_rules(rules: &str) -> String {
    format!(
        "version: 1\nresource: https://mcp.example.com/mcp\nidentity:\n  issuers:\n    - issuer: https://id.example.com\n      jwks: {{ cluster: idp, path: /jwks.json }}\n      algorithms: [ES256]\nrules:\n{rules}"
    )
}
