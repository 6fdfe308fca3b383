//! The bodies of the fuzz targets on the stable compiler: with everything that was ever found, and with mutations of it, always the same ones.
//!
//! On a stack of 1 MiB, like that of the Wasm module: what nests too deep shows here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]

#[path = "../../fuzz/src/lib.rs"]
mod bodies;
mod mutate;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use bodies::Target;
use mutate::Mutations;

/// Mutations of each target in one run: some seconds in a debug build.
const ROUNDS: usize = 700;

const STACK_BYTES: usize = 1 << 20;

fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/fuzz").join(target.name);
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap_or_else(|err| panic!("{}: {err}", folder.display())).map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Calls the body on a small stack; an overflow of it ends the process, so the input is told first.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn each(target: &'static Target) {
    on_a_small_stack(move || {
        let corpus = corpus(target);
        assert!(!corpus.is_empty(), "tests/corpus/fuzz/{} is empty", target.name);
        for (path, data) in &corpus {
            if catch_unwind(AssertUnwindSafe(|| (target.body)(data))).is_err() {
                panic!("{} fails", path.display());
            }
        }
        let seeds: Vec<&[u8]> = corpus.iter().map(|(_, data)| data.as_slice()).collect();
        let mut mutations = Mutations::of(&seeds, target.name);
        for round in 0..ROUNDS {
            let data = mutations.next();
            if catch_unwind(AssertUnwindSafe(|| (target.body)(&data))).is_err() {
                let kept = std::env::temp_dir().join(format!("portcullis-fuzz-{}-{round}", target.name));
                fs::write(&kept, &data).unwrap();
                panic!("round {round} fails; mend it and keep `{}` in tests/corpus/fuzz/{}", kept.display(), target.name);
            }
        }
    });
}

fn target(name: &str) -> &'static Target {
    bodies::TARGETS.iter().find(|target| target.name == name).unwrap()
}

macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            each(target(stringify!($name)));
        })*

        #[test]
        fn every_target_is_tested() {
            let tested = [$(stringify!($name)),*];
            for target in bodies::TARGETS {
                assert!(tested.contains(&target.name), "{} is not", target.name);
                let bin = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/fuzz_targets/{}.rs", target.name));
                assert!(fs::read_to_string(bin).unwrap().contains(&format!("run(\"{}\"", target.name)));
            }
        }
    };
}

targets!(arguments, cel, exchange, mask, message, policy, policy_tests, shell, sql);

/// The name is for whoever runs a target by hand.
#[test]
fn targets_are_run_by_name() {
    bodies::run("message", b"{}");
    assert!(catch_unwind(|| bodies::run("nothing", b"")).is_err());
}
