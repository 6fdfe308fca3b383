//! `rules[].attacks`: what has no business in an argument that nobody declared to be SQL, a command, a path or a URL.
//!
//! Precision comes first: a rule with this condition stands before every string of every call. What is found, and what is left alone on
//! purpose, is listed in `docs/attacks.md`.

mod borrowed;
mod paths;
mod ssrf;

use std::sync::Arc;

use serde_json::Value;

use super::arguments::shown;
use super::condition::{Answer, Condition, Met};
use super::subject::{Subject, each_string};
use crate::policy::{ArgumentRef, Attack, AttackCondition, Then};

#[derive(Debug)]
struct Attacks {
    then: Then,
    arguments: Vec<ArgumentRef>,
    attacks: Vec<Attack>,
}

pub(super) fn compile(condition: &AttackCondition, then: Then) -> Arc<dyn Condition> {
    let AttackCondition { arguments, deny } = condition;
    Arc::new(Attacks { then, arguments: arguments.clone(), attacks: deny.clone() })
}

impl Condition for Attacks {
    fn name(&self) -> &'static str {
        "attacks"
    }

    /// A rule that denies matches a call with an attack in it, one that allows a call without.
    fn answer(&self, subject: &Subject<'_>) -> Answer {
        let found = self.arguments.iter().find_map(|argument| self.find(subject, argument));
        match (self.then, found) {
            (Then::Deny | Then::Ask, Some(because)) => Answer { met: Met::Yes, because: Some(because) },
            (Then::Deny | Then::Ask, None) | (Then::Allow, Some(_)) => Met::No.into(),
            (Then::Allow, None) => Met::Yes.into(),
        }
    }
}

impl Attacks {
    fn find(&self, subject: &Subject<'_>, argument: &ArgumentRef) -> Option<String> {
        match argument {
            ArgumentRef::Every => self.find_in("", subject.arguments(), true),
            ArgumentRef::At(_) => subject.pointed_at(argument).into_iter().find_map(|(place, value)| self.find_in(&place, value, false)),
        }
    }

    fn find_in(&self, place: &str, value: &Value, names: bool) -> Option<String> {
        let mut found = None;
        each_string(place, value, names, &mut |place, text| {
            if found.is_none() {
                let name = place.rsplit('/').find(|name| !name.bytes().all(|b| b.is_ascii_digit())).unwrap_or_default();
                found = self.attacks.iter().find_map(|attack| look(*attack, text, name)).map(|what| format!("`{}`: {what}", shown(place)));
            }
        });
        found
    }
}

/// What `attack` finds in a string of an argument called `name`.
fn look(attack: Attack, text: &str, name: &str) -> Option<&'static str> {
    match attack {
        // A statement or a command is more than one word, and most strings of most calls are none.
        Attack::Sql | Attack::Shell if is_one_word(text) => None,
        Attack::Sql => borrowed::sql(text),
        Attack::Shell => borrowed::shell(text),
        Attack::PathTraversal => paths::find(text),
        Attack::Ssrf => ssrf::find(text, ssrf::Named::of(name)),
    }
}

/// A name, a number, a date, an address or a plain path: nothing in it separates words, whatever reads it.
fn is_one_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b',' | b'@' | b'/'))
}

#[cfg(test)]
mod tests;
