//! What was worked out about parts of one call, for the next rule that asks the same.

use std::cell::RefCell;

/// Answers that are kept of one kind; more is worked out anew. It is searched from its beginning.
const KEPT: usize = 64;

#[derive(Debug)]
pub(super) struct Memo<K, V> {
    kept: RefCell<Vec<(K, V)>>,
}

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self { kept: RefCell::default() }
    }
}

impl<K: PartialEq, V: Clone> Memo<K, V> {
    pub(super) fn known(&self, key: K) -> Option<V> {
        self.kept.borrow().iter().find(|(known, _)| *known == key).map(|(_, known)| known.clone())
    }

    pub(super) fn get(&self, key: K, make: impl FnOnce() -> V) -> V {
        if let Some((_, known)) = self.kept.borrow().iter().find(|(known, _)| *known == key) {
            return known.clone();
        }
        let made = make();
        let mut kept = self.kept.borrow_mut();
        if kept.len() < KEPT {
            // Most calls have a few.
            if kept.is_empty() {
                kept.reserve(8);
            }
            kept.push((key, made.clone()));
        }
        made
    }
}

/// A string of the arguments, by where it is: they do not move while the rules are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(usize, usize);

impl Place {
    pub(super) fn of(text: &str) -> Self {
        Self(text.as_ptr().addr(), text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_once_for_each_key_and_not_kept_for_ever() {
        let memo: Memo<usize, usize> = Memo::default();
        let mut made = 0;
        for key in (0..KEPT).chain(0..KEPT) {
            assert_eq!(
                memo.get(key, || {
                    made += 1;
                    key + 1
                }),
                key + 1
            );
        }
        assert_eq!(made, KEPT);
        assert_eq!(memo.get(KEPT, || 1), 1);
        assert_eq!(memo.get(KEPT, || 2), 2, "not kept");
        assert_eq!(memo.get(0, || 7), 1);
    }
}
