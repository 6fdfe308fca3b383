//! Bounds of one expression. The steps were measured: see `docs/cel.md`.

/// Longest expression: a screen of text is more than anyone reads rightly.
pub(super) const SOURCE_BYTES: usize = 8 * 1024;

/// Deepest nesting of an expression. Parsing, checking and evaluation call themselves this often, on a stack of 1 MiB.
pub(super) const DEPTH: usize = 48;

/// Macros within each other: the time taken is a power of this.
pub(super) const MACROS: usize = 2;

/// Steps of one rule for one call; a step is one part of the expression evaluated once, or an equal amount of work.
pub(super) const STEPS: usize = 50_000;

/// Bytes of text that are compared, searched or copied in the time of a step.
pub(super) const BYTES_PER_STEP: usize = 64;

/// Bytes that a regular expression reads in the time of a step, when it is at its slowest.
pub(super) const PATTERN_BYTES_PER_STEP: usize = 2;

/// Pairs of characters that a glob compares in the time of a step.
pub(super) const GLOB_PAIRS_PER_STEP: usize = 16;

/// Size of one compiled pattern, as `regex-automata` counts it.
pub(super) const PATTERN_BYTES: usize = 64 * 1024;
