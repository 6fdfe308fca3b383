//! The filter's module: named, beside this program, or built from the checkout this program comes from.

use std::env;
use std::path::{Path, PathBuf};

use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::exit::Failure;
use crate::progress;

/// Names the module to use.
pub const VARIABLE: &str = "PORTCULLIS_WASM";

const FILE: &str = "portcullis.wasm";
const TARGET: &str = "wasm32-wasip1";

/// In this order: the one named on the command line, the one in `PORTCULLIS_WASM`, one beside this program, one built in the checkout.
pub async fn locate(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(module) = named {
        return existing(module, "--wasm");
    }
    if let Some(module) = env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        return existing(Path::new(&module), VARIABLE);
    }
    let program = env::current_exe().ok();
    if let Some(module) = program.as_deref().and_then(Path::parent).map(|folder| folder.join(FILE)).filter(|module| module.is_file()) {
        return Ok(module);
    }
    let checkout = program.iter().flat_map(|program| program.ancestors()).chain(built_in().parent()).find(|folder| is_checkout(folder));
    match checkout {
        Some(checkout) => build(checkout).await,
        None => Err(Failure::environment(format!(
            "there is no {FILE} beside this program; name one with --wasm or {VARIABLE}, or build it in a checkout with `cargo wasm`"
        ))),
    }
}

fn existing(module: &Path, origin: &str) -> Result<PathBuf, Failure> {
    std::path::absolute(module)
        .ok()
        .filter(|module| module.is_file())
        .ok_or_else(|| Failure::environment(format!("{origin} names `{}`, which is no file", module.display())))
}

/// The package this program was compiled from.
fn built_in() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_checkout(folder: &Path) -> bool {
    folder.join("ctl/Cargo.toml").is_file()
        && std::fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.contains("name = \"portcullis\""))
}

/// Always built, once for each run of this program: cheap when nothing changed, and never stale.
async fn build(checkout: &Path) -> Result<PathBuf, Failure> {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT.get_or_try_init(|| build_now(checkout)).await.cloned()
}

async fn build_now(checkout: &Path) -> Result<PathBuf, Failure> {
    let module = checkout.join("target").join(TARGET).join("release").join(FILE);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    if let Err(err) = Command::new(&cargo).arg("--version").current_dir(checkout).output().await {
        if module.is_file() {
            tell_user!("cannot run cargo ({err}): using {} as it is, which may be older than its source", module.display());
            return Ok(module);
        }
        return Err(Failure::environment(format!(
            "cannot run cargo to build the filter: {err}. Install Rust, or name a module with --wasm"
        )));
    }
    add_target(checkout).await?;
    let mut command = Command::new(&cargo);
    command.args(["wasm", "--target-dir", "target"]).current_dir(checkout);
    run(command, &format!("building the filter in {} (cargo wasm)", checkout.display())).await?;
    Ok(module)
}

/// Adds the standard library for the filter's target when the toolchain has none.
async fn add_target(checkout: &Path) -> Result<(), Failure> {
    let asked = Command::new("rustc").args(["--print", "sysroot"]).current_dir(checkout).output().await;
    let sysroot = asked.map(|answer| String::from_utf8_lossy(&answer.stdout).trim().to_owned()).unwrap_or_default();
    if sysroot.is_empty() || Path::new(&sysroot).join("lib/rustlib").join(TARGET).is_dir() {
        return Ok(());
    }
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]).current_dir(checkout);
    tell_user!("the Rust toolchain lacks the target {TARGET}: adding it (rustup target add {TARGET})");
    run(command, "adding the target").await
}

async fn run(mut command: Command, what: &str) -> Result<(), Failure> {
    command.kill_on_drop(true);
    let done = progress::telling(what, command.output()).await;
    match done {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => Err(Failure::environment(format!("{what} failed:\n{}", String::from_utf8_lossy(&done.stderr).trim_end()))),
        Err(err) => Err(Failure::environment(format!("{what} failed: {err}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_very_checkout_is_one() {
        assert!(built_in().parent().is_some_and(is_checkout));
        assert!(!is_checkout(built_in()));
    }

    #[tokio::test]
    async fn a_named_module_must_be_there() {
        let err = locate(Some(Path::new("no-such.wasm"))).await.unwrap_err();
        assert!(err.to_string().contains("--wasm names `no-such.wasm`"), "{err}");
    }
}
