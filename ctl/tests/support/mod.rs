//! What tests of the approval service share.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::string_slice, reason = "a test fails loudly, its helpers too")]

pub mod browser;
pub mod postgres;
pub mod receivers;

use sha2::{Digest, Sha256};

/// A number from the environment.
pub fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    portcullisctl::demo::ports::free().unwrap()
}

/// A filter's secret as a configuration of the service names it.
pub fn secret_sha256(secret: &str) -> String {
    Sha256::digest(secret).iter().map(|byte| format!("{byte:02x}")).collect()
}
