//! The bytes of bodies held at once, over all streams of a VM.
//!
//! Envoy caps a VM's memory and a failed allocation is a trap that drops every stream of the worker: a request that
//! would go over the budget is refused instead.

/// A VM's budget and what of it is taken.
#[derive(Debug)]
pub struct Memory {
    budget: usize,
    held: usize,
}

impl Memory {
    pub fn new(budget: usize) -> Self {
        Self { budget, held: 0 }
    }

    pub fn held(&self) -> usize {
        self.held
    }

    /// Takes `bytes` more for a stream, or leaves everything as it is.
    pub(super) fn take(&mut self, share: &mut Share, bytes: usize) -> bool {
        match self.held.checked_add(bytes) {
            Some(held) if held <= self.budget => {
                self.held = held;
                share.0 = share.0.saturating_add(bytes);
                true
            }
            _ => false,
        }
    }

    /// Gives back all a stream has taken.
    pub(super) fn give_back(&mut self, share: &mut Share) {
        self.held = self.held.saturating_sub(share.0);
        share.0 = 0;
    }
}

/// What one stream has taken.
#[derive(Debug, Default)]
pub(super) struct Share(usize);

impl Share {
    pub(super) fn bytes(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_take_changes_nothing() {
        let mut memory = Memory::new(100);
        let (mut a, mut b) = (Share::default(), Share::default());
        assert!(memory.take(&mut a, 60));
        assert!(!memory.take(&mut b, 41));
        assert!(memory.take(&mut b, 40));
        memory.give_back(&mut a);
        memory.give_back(&mut a);
        assert_eq!(memory.held(), 40);
        assert!(!memory.take(&mut a, usize::MAX));
    }
}
