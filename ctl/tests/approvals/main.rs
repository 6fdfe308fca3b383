//! The approval service from the outside: filters ask and consume, people decide, replicas race, receivers are told.
//!
//! Every answer is held to `docs/approvals.openapi.yaml`. What is about the store runs on SQLite, and on PostgreSQL where there is one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]

mod browser;
mod contract;
mod documents;
mod four_eyes;
mod hardening;
mod logins;
mod notices;
mod openapi;
mod page;
mod people;
mod postgres;
mod provider;
mod self_approval;
#[path = "../support/postgres.rs"]
mod server;
mod stand;
mod stores;
mod terminal;
mod upgrade;
