//! The host glue on a fake host: the corpus again, and what only the glue does (configuration, key fetches, releases, metrics).
//!
//! Needs `--features host`, which compiles the glue natively.

#![cfg(feature = "host")]

#[cfg(test)]
mod begin;
#[cfg(test)]
mod calls;
#[cfg(test)]
#[path = "../fake_host/mod.rs"]
mod fake_host;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod stand;
#[cfg(test)]
mod streams;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
