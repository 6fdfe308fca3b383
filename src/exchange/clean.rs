//! Texts that masking leaves as they are.
//!
//! Most texts of a record come again and again: methods, paths, hosts, names of tools and clients. What the masker says of a text under one profile is always
//! the same, so of those that it left alone it is not asked a second time.

use std::collections::HashSet;

/// Texts remembered at most. When there are more all are forgotten, and each is looked at once more.
const TEXTS: usize = 512;

/// Bytes of a text that is worth remembering.
const LONGEST: usize = 128;

#[derive(Debug, Default)]
pub(super) struct Clean(HashSet<Box<str>>);

impl Clean {
    pub(super) fn has(&self, text: &str) -> bool {
        text.len() <= LONGEST && self.0.contains(text)
    }

    pub(super) fn note(&mut self, text: &str) {
        if text.len() > LONGEST {
            return;
        }
        if self.0.len() >= TEXTS {
            self.0.clear();
        }
        self.0.insert(text.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut clean = Clean::default();
        clean.note(&"x".repeat(LONGEST + 1));
        assert!(clean.0.is_empty());
        for n in 0..3 * TEXTS {
            clean.note(&n.to_string());
            assert!(clean.has(&n.to_string()) && clean.0.len() <= TEXTS);
        }
        assert!(!clean.has("0"));
    }
}
