//! Bytes, not meaning: SSE framing, a resumable JSON lexer, member paths, escapes. Knows nothing of MCP.

pub(crate) mod block;
pub mod escape;
pub mod json;
pub mod path;
pub mod sse;
pub(crate) mod utf8;
