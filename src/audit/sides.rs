//! What an exchange left on record beside its own record.

use std::collections::VecDeque;

use super::chain::Pointer;
use super::text::LIST;

/// Records beside the chain, of one exchange. The newest are kept: each of an exchange names the one before it.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    newest: VecDeque<Pointer>,
    omitted: u64,
    /// Alerts among the facts of which there are findings.
    pub(super) told: usize,
}

impl Sides {
    pub(super) fn add(&mut self, side: Pointer) {
        if self.newest.len() >= LIST {
            self.newest.pop_front();
            self.omitted = self.omitted.saturating_add(1);
        }
        self.newest.push_back(side);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Pointer> {
        self.newest.iter()
    }

    pub(super) fn newest(&self) -> Option<&Pointer> {
        self.newest.back()
    }

    /// How many there were that are not kept.
    pub(super) fn omitted(&self) -> u64 {
        self.omitted
    }

    pub(super) fn is_empty(&self) -> bool {
        self.newest.is_empty()
    }
}
