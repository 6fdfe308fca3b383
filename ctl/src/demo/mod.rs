//! The whole story on one machine: an MCP server with tools worth guarding, real clients, and the filter between them.

pub mod client;
pub mod server;
pub mod tls;
