//! A whole answer of the filter's own, in place of the upstream's.

/// Status, headers and body, ready for the host's local reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Lower-case names; no pseudo headers, no `content-length`.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}
