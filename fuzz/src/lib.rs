//! What is fuzzed: plain functions from bytes, which panic when something that must hold does not.
//!
//! The fuzzer calls them through `fuzz_targets/`; `tests/fuzz/` of the main package calls them with a corpus and its mutations, on the stable
//! compiler and on a stack as small as that of the Wasm module.

mod exchange;
mod mask;
mod message;
mod policy;
mod rules;
mod shell;
mod sql;

/// One target.
pub struct Target {
    /// Also the folder of its corpus, `tests/corpus/fuzz/NAME`.
    pub name: &'static str,
    pub body: fn(&[u8]),
}

pub const TARGETS: &[Target] = &[
    Target { name: "arguments", body: rules::arguments },
    Target { name: "cel", body: rules::cel },
    Target { name: "exchange", body: exchange::body },
    Target { name: "mask", body: mask::body },
    Target { name: "message", body: message::body },
    Target { name: "policy", body: policy::body },
    Target { name: "policy_tests", body: policy::tests },
    Target { name: "shell", body: shell::body },
    Target { name: "sql", body: sql::body },
];

/// Runs one target by its name; for `fuzz_targets/`.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("no target is called {name}")).body)(data);
}
