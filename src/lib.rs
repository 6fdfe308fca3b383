//! Portcullis, a Proxy-Wasm filter that guards MCP servers behind Envoy.
//!
//! # The rooms, and who may use whom
//!
//! ```text
//! host -> exchange -> { identity, guard, approval, mask, audit } -> { policy, mcp, seal } -> wire -> limits
//! ```
//!
//! Left may use right, never back. Nothing below `host` names the Proxy-Wasm SDK, reads a clock, opens anything or logs: time, randomness
//! and the answers of HTTP calls are arguments. `tests/borders.rs` fails when a `use` crosses a border.
//!
//! The way of one exchange is told in [`exchange`].

// Tests cut texts of their own making; the build without them is what the lint is for.
#![cfg_attr(test, allow(clippy::string_slice, reason = "test texts are ASCII"))]

pub mod approval;
pub mod audit;
pub mod exchange;
pub mod guard;
#[cfg(any(target_arch = "wasm32", feature = "host"))]
mod host;
pub mod identity;
pub mod limits;
pub mod mask;
pub mod mcp;
pub mod policy;
pub mod seal;
pub mod shared;
pub mod time;
pub mod wire;

/// Version of this package.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The commit this was built from; `unknown` outside a checkout.
pub const GIT_HASH: &str = env!("PORTCULLIS_GIT_HASH");
