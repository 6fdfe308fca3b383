//! Envoy as this program uses it: found or installed, configured, started, asked, and stopped.

pub mod admin;
pub mod config;
pub mod endpoint;
pub mod install;
pub mod locate;
pub mod log;
pub mod process;
pub mod version;
