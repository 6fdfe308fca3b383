//! The protocol: messages, methods, revisions, and the shapes of refusals.
//!
//! One HTTP request passes three gates here, each a pure function of what it is given:
//!
//! 1. [`http`], before the body: method, media type, coding.
//! 2. [`message::parse`], on the whole body: exactly one JSON-RPC 2.0 object that every server reads alike.
//! 3. [`mirror::check`], headers against body: what the `Mcp-*` headers say is what the body says.
//!
//! What a message names comes out typed ([`method::Target`], [`uri::Uri`]), so that rules need not check it again.
//!
//! Each gate has one error type, and each error says by itself how it is answered (`reply`).

pub mod elicitation;
pub mod endpoint;
pub mod handles;
pub mod http;
pub mod json;
pub mod message;
pub mod method;
pub mod mirror;
mod params;
pub mod problem;
pub mod reply;
pub mod uri;

#[cfg(test)]
mod tests;
