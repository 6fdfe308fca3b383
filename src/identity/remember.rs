//! Tokens verified before, in bounded memory.

use std::collections::HashMap;
use std::rc::Rc;

use super::principal::{Principal, TokenHash};

/// What is kept of a verified token.
pub(super) struct Remembered {
    pub principal: Rc<Principal>,
    /// Index of its issuer.
    pub issuer: usize,
    /// The key set's generation when its key was last seen there.
    pub generation: u64,
}

/// Two generations of tokens: a full young one becomes the old one, whose tokens are forgotten unless they are asked for in time. So a
/// token in use stays, eviction costs nothing per token, and there are never more than the limit.
pub(super) struct Tokens {
    young: HashMap<TokenHash, Remembered>,
    old: HashMap<TokenHash, Remembered>,
    /// How many fit into one generation; at least one.
    half: usize,
}

impl Tokens {
    pub(super) fn new(limit: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), half: (limit / 2).max(1) }
    }

    pub(super) fn find(&mut self, hash: &TokenHash) -> Option<&mut Remembered> {
        if let Some(known) = self.old.remove(hash) {
            self.insert(hash.clone(), known);
        }
        self.young.get_mut(hash)
    }

    pub(super) fn insert(&mut self, hash: TokenHash, token: Remembered) {
        if self.young.len() >= self.half && !self.young.contains_key(&hash) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, token);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}
