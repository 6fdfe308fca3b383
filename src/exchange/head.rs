//! The parts of a request's head that decisions and records need.

use super::event::Headers;
use crate::mcp::http;

/// Headers as received, with the pseudo headers read once.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Headers,
}

impl Head {
    pub(super) fn new(headers: Headers) -> Self {
        let pseudo = |name: &str| headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone()).unwrap_or_default();
        Self { method: pseudo(":method"), path: pseudo(":path"), headers }
    }

    /// The path without its query.
    pub(super) fn bare_path(&self) -> &str {
        self.path.split_once('?').map_or(self.path.as_str(), |(path, _)| path)
    }

    pub(super) fn first(&self, name: &str) -> Option<&str> {
        http::values(&self.headers, name).next()
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.first(name).map(str::to_owned)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }
}
