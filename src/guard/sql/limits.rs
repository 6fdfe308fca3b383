//! Bounds of one inspection. What is larger is [`Unknown`](super::Class::Unknown).

/// Longest text looked at. Statements that people and programs write stay far below; bulk loads belong into files.
pub const BYTES: usize = 256 * 1024;

/// Tokens of one text, as one dialect reads it: 16 bytes of memory each.
pub const TOKENS: usize = 64 * 1024;

/// Texts within texts: `EXEC('EXEC(''..'')')`. Nobody writes three by hand.
pub const DEPTH: u8 = 4;

/// Tables named to the policy; a statement that touches more is told to touch others too.
pub const TABLES: usize = 64;

/// Common table expressions of one statement that are told from tables.
pub const CTES: usize = 64;

/// Tokens looked ahead to tell a statement from a name.
pub(super) const AHEAD: usize = 32;

/// Comparisons kept to find `x IS NULL OR x IS NOT NULL`.
pub(super) const ALTERNATIVES: usize = 16;

/// Parentheses of a condition that are gone into; a condition with more is not understood.
pub(super) const NESTING: usize = 64;
