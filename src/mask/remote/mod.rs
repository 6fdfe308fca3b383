//! What somebody else finds: the texts of a message as they read, to be shown to a recognizer, and its findings masked where they are written.
//!
//! A message is read once to collect its texts and once more, the same way, to mask what was found in them. Each text knows for each of its bytes
//! where in the message that is written: through escapes, through JSON in a string (up to three deep), and over the lines of an event. A finding is
//! told in characters (Unicode code points), so a place is never within a character, nor within an escape.
//!
//! What is no text: names of members, numbers, what belongs to the protocol, names and addresses that a client hands back ([`places`]), content in base64.

mod places;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use read::{Texts, Unread};
pub use write::{Found, Masked, OutOfRange};

use std::rc::Rc;

use super::profile::Profile;

/// A recognizer that somebody's messages are shown to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Its id in the policy.
    pub recognizer: Rc<str>,
    /// What it is to look for.
    pub entities: Vec<String>,
}

impl Profile {
    /// The recognizers that rules for this caller name, in the order of the rules.
    pub fn askings(&self) -> Vec<Asking> {
        let mut askings: Vec<Asking> = Vec::new();
        for remote in self.rules().filter_map(|rule| rule.remote.as_ref()) {
            let at = askings.iter().position(|asking| asking.recognizer == remote.recognizer);
            let at = at.unwrap_or_else(|| {
                askings.push(Asking { recognizer: remote.recognizer.clone(), entities: Vec::new() });
                askings.len().saturating_sub(1)
            });
            let Some(asking) = askings.get_mut(at) else { continue };
            for entity in &remote.entities {
                if !asking.entities.contains(entity) {
                    asking.entities.push(entity.clone());
                }
            }
        }
        askings
    }
}
