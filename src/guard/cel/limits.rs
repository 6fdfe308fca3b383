//! Bounds of one expression. The steps were measured: see `docs/cel.md`.

/// Longest expression: a screen of text is more than anyone reads rightly.
pub(super) const SOURCE_BYTES: usize = 8 * 1024;

/// Deepest nesting of an expression. Parsing, checking and evaluation call themselves this often, on a stack of 1 MiB.
pub(super) const DEPTH: usize = 48;

/// Macros within each other: the time taken is a power of this.
pub(super) const MACROS: usize = 2;

/// Steps of one rule for one call; a step is one part of the expression evaluated once, or an equal amount of work.
pub(super) const STEPS: usize = 100_000;

/// Bytes of text that are compared, searched or copied in the time of a step.
pub(super) const BYTES_PER_STEP: usize = 256;

/// Bytes that a pattern reads in the time of a step, as long as it is quick.
pub(super) const PATTERN_BYTES_PER_STEP: usize = 16;

/// Memory of a pattern that is quick. Filling it takes less than a millisecond.
pub(super) const PATTERN_MEMORY_BYTES: usize = 128 * 1024;

/// States of a slow pattern that are followed by a byte in the time of a step.
pub(super) const PATTERN_PAIRS_PER_STEP: usize = 4;

/// Pairs of characters that a glob compares in the time of a step.
pub(super) const GLOB_PAIRS_PER_STEP: usize = 16;

/// Steps that reading an IP address takes beyond its own.
pub(super) const STEPS_PER_ADDRESS: usize = 4;

/// Bytes of text that are read as a number in the time of a step.
pub(super) const NUMBER_BYTES_PER_STEP: usize = 64;

/// Steps that reading a time or a duration, or telling a part of one, takes beyond its own.
pub(super) const STEPS_PER_TIME: usize = 4;

/// Steps that finding a member takes beyond its own.
pub(super) const STEPS_PER_NAME: usize = 2;
