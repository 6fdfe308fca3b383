//! An approval lets a call go as often as it says and no more, whoever asks, wherever, and whatever dies meanwhile: two Envoys of two workers each, two
//! replicas of the service on one PostgreSQL, a server that counts what reaches it.
//!
//! `PORTCULLIS_APPROVED_RETRIES` (1,000) and `PORTCULLIS_APPROVED_TURNS` are for longer runs, `PORTCULLIS_APPROVED_SEED` for other ones. What is about PostgreSQL
//! runs where it is installed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]

mod door;
mod kills;
#[path = "../support/postgres.rs"]
mod postgres;
mod races;
mod replica;
mod site;
mod upstream;

/// A number from the environment.
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}
