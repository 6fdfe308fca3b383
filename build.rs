//! Puts the commit into the module, so that a running filter can say what it was built from.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=.git/HEAD");
    println!("cargo:rerun-if-changed=.git/logs/HEAD");
    let hash = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output().ok().filter(|out| out.status.success());
    let hash = hash.and_then(|out| String::from_utf8(out.stdout).ok()).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=PORTCULLIS_GIT_HASH={}", hash.trim());
}
