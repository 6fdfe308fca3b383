//! Real rmcp clients and a real server with Envoy and the filter between them.
//!
//! One program, so that Envoy and the module are found or built once. Each test has an Envoy of its own: about two seconds.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod asked_held;
#[cfg(test)]
mod asking;
#[cfg(test)]
mod asking_legacy;
#[cfg(test)]
mod budgets;
#[cfg(test)]
mod chained;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod door;
#[cfg(test)]
mod endings;
#[cfg(test)]
mod grafana;
#[cfg(test)]
mod handles;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod origin;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod recognizing;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod sessions;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod shared;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod tools;
