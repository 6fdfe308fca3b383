//! The approval service from the outside: filters ask and consume, people decide, replicas race, receivers are told.
//!
//! Every answer is held to `docs/approvals.openapi.yaml`. What is about the store runs on SQLite, and on PostgreSQL where there is one.

#![allow(clippy::string_slice, reason = "a test fails loudly, its helpers too")]

#[cfg(test)]
mod browser;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod four_eyes;
#[cfg(test)]
mod hardening;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod page;
#[cfg(test)]
mod people;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod self_approval;
#[cfg(test)]
mod stand;
#[cfg(test)]
mod stores;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod upgrade;
