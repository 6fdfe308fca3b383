//! Portcullis, a Proxy-Wasm filter that guards MCP servers behind Envoy.

pub mod audit;
pub mod guard;
pub mod identity;
pub mod limits;
pub mod mask;
pub mod mcp;
pub mod policy;
pub mod time;
pub mod wire;
