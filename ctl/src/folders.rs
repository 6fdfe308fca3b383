//! Where things are kept between runs: the folders of the XDG base directory specification, on every Unix.

use std::env;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// What can be made again: the installed Envoy.
pub fn cache() -> PathBuf {
    base("XDG_CACHE_HOME", ".cache")
}

/// What should stay: the local certificate authority, audit records.
pub fn state() -> PathBuf {
    base("XDG_STATE_HOME", ".local/state")
}

fn base(variable: &str, below_home: &str) -> PathBuf {
    // The specification asks to ignore relative paths.
    let set = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    set.unwrap_or_else(|| env::home_dir().unwrap_or_else(env::temp_dir).join(below_home)).join("portcullis")
}

/// Makes a folder that only its owner can look into, and all above it.
pub fn create_private(folder: &Path) -> io::Result<()> {
    if let Some(above) = folder.parent() {
        fs::create_dir_all(above)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        done => done,
    }
}
