//! Puts the commit into the module, so that a running filter can say what it was built from.

use std::path::Path;
use std::process::Command;

fn main() {
    // Named even where there is no commit to ask for: without any line like it, every build would begin anew.
    println!("cargo:rerun-if-changed=build.rs");
    // Asked for, because a worktree has them elsewhere; a file that does not exist would make every build begin anew, too.
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]).filter(|path| Path::new(path).exists()) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    let hash = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=PORTCULLIS_GIT_HASH={hash}");
}

fn git(arguments: &[&str]) -> Option<String> {
    let out = Command::new("git").args(arguments).output().ok().filter(|out| out.status.success())?;
    Some(String::from_utf8(out.stdout).ok()?.trim().to_owned())
}
