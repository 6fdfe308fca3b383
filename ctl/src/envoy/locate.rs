//! Finds an Envoy that is new enough: named, on the PATH, or installed for this program.

use std::env;
use std::path::{Path, PathBuf};

use super::{install, version};
use crate::exit::Failure;

/// Names the Envoy to use.
pub const VARIABLE: &str = "PORTCULLIS_ENVOY";

/// In this order: the one named on the command line, the one in `PORTCULLIS_ENVOY`, one on the PATH, one installed into the cache.
/// A named one must do; a search passes by what is too old, and says so.
pub async fn locate(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(envoy) = named {
        return demand(envoy, "--envoy").await;
    }
    if let Some(envoy) = env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        return demand(Path::new(&envoy), VARIABLE).await;
    }
    for envoy in on_path() {
        match check(&envoy).await {
            Ok(()) => return Ok(envoy),
            Err(why) => tell_user!("passing by the Envoy on the PATH: {why}"),
        }
    }
    install::installed().await
}

async fn demand(envoy: &Path, origin: &str) -> Result<PathBuf, Failure> {
    match check(envoy).await {
        Ok(()) => Ok(envoy.to_owned()),
        Err(why) => Err(Failure::environment(format!(
            "the Envoy named by {origin} cannot be used: {why}. Name another, or none: Envoy {} is then installed for you",
            install::VERSION
        ))),
    }
}

/// Whether this is an Envoy and new enough.
pub(super) async fn check(envoy: &Path) -> Result<(), String> {
    let found = version::of(envoy).await?;
    if found < version::OLDEST {
        return Err(format!("`{}` is version {found}; Portcullis needs {} or newer", envoy.display(), version::OLDEST));
    }
    Ok(())
}

fn on_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join("envoy")).filter(|file| file.is_file()).collect()
}
