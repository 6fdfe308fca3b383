//! Puts the commit into the module, so that a running filter can say what it was built from.

use std::process::Command;

fn main() {
    // Git says where they are: in a linked worktree not below `.git`, and a file that is missing would build everything anew each time.
    for name in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", name]).filter(|path| std::path::Path::new(path).exists());
        println!("cargo:rerun-if-changed={}", path.as_deref().unwrap_or("build.rs"));
    }
    let hash = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=PORTCULLIS_GIT_HASH={hash}");
}

fn git(args: &[&str]) -> Option<String> {
    let out = Command::new("git").args(args).output().ok().filter(|out| out.status.success())?;
    String::from_utf8(out.stdout).ok().map(|text| text.trim().to_owned())
}
