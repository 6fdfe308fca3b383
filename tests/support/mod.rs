//! What tests share: the cases of the corpus, tokens, secrets put together from parts, the comparison, and a process without an Envoy.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::string_slice, reason = "a test fails loudly, its helpers too")]

pub mod approver;
pub mod case;
pub mod check;
pub mod process;
pub mod proof;
pub mod seal;
pub mod secrets;
pub mod token;
