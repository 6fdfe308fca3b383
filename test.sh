#!/usr/bin/env bash
# Everything that must hold before a change lands: form, lints, the engine, the host glue, real Envoy, the demo.
# Needs rustup, python3 and a C compiler; installs the wasm target itself, and Envoy into a cache folder on first use.
set -euo pipefail
cd "$(dirname "$0")"

# Whether a change may land depends on the change alone: properties draw the same cases each time here. CONTRIBUTING says how to draw others, and more.
export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED:-1}"

step() { printf '\n== %s\n' "$*"; }

step "toolchain"
rustup target list --installed | grep -qx wasm32-wasip1 || rustup target add wasm32-wasip1
rustup component list --installed | grep -q '^rustfmt' || rustup component add rustfmt
rustup component list --installed | grep -q '^clippy' || rustup component add clippy

step "form and lints"
cargo fmt --all --check
cargo clippy --locked --workspace --all-targets -- -D warnings
cargo clippy --locked --package portcullis --all-targets --features host -- -D warnings

step "the filter: rooms, engine, host glue on a fake host"
cargo test --locked --package portcullis --features host

step "the module"
cargo wasm

step "the companion and real Envoy"
cargo test --locked --package portcullisctl

step "the demo"
cargo demo

step "all of it passed"
