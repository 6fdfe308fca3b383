//! `rules[].attacks`: what has no business in an argument that nobody declared to be SQL, a command, a path or a URL.
//!
//! Precision comes first: a rule with this condition stands before every string of every call. What is found, and what is left alone on
//! purpose, is listed in `docs/attacks.md`.

mod borrowed;
mod paths;
mod ssrf;

use std::sync::Arc;

use super::arguments::shown;
use super::condition::{Answer, Condition, Met};
use super::seen::Seen;
use super::subject::{Subject, each_string};
use super::value::Value;
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
            ArgumentRef::Every => self.find_in(subject, "", subject.arguments(), true),
            ArgumentRef::At(_) => {
                subject.pointed_at(argument).into_iter().find_map(|(place, value)| self.find_in(subject, &place, value, false))
            }
        }
    }

    fn find_in(&self, subject: &Subject<'_>, place: &str, value: &Value<'_>, names: bool) -> Option<String> {
        let mut found = None;
        each_string(place, value, names, &mut |place, text| {
            if found.is_none() {
                let seen = Seen::of(text);
                let what = if seen.is_a_name() {
                    // All that it can be is a host.
                    if self.attacks.contains(&Attack::Ssrf) { ssrf::find(text, seen, || ssrf::Named::of(last_name(place))) } else { None }
                } else {
                    self.attacks.iter().find_map(|attack| look(subject, *attack, text, seen, place))
                };
                found = what.map(|what| format!("`{}`: {what}", shown(place)));
            }
        });
        found
    }
}

/// What `attack` finds in a string at `place`.
fn look(subject: &Subject<'_>, attack: Attack, text: &str, seen: Seen, place: &str) -> Option<&'static str> {
    match attack {
        // A statement or a command is more than one word, and most strings of most calls are none.
        Attack::Sql | Attack::Shell if seen.is_one_word() => None,
        Attack::Sql if subject.statements.is_known(text, seen, |found| borrowed::sql(found).is_none()) => None,
        Attack::Sql => borrowed::sql(subject.statements.opening(text, seen).as_deref()?),
        Attack::Shell => borrowed::shell(text, seen),
        Attack::PathTraversal => paths::find(text, seen),
        Attack::Ssrf => ssrf::find(text, seen, || ssrf::Named::of(last_name(place))),
    }
}

/// What an argument is called: elements of a list are called as the list is.
fn last_name(place: &str) -> &str {
    let mut rest = place;
    while let Some((before, name)) = memchr::memrchr(b'/', rest.as_bytes()).and_then(|slash| rest.split_at_checked(slash)) {
        if let Some(name) = name.strip_prefix('/').filter(|name| !name.bytes().all(|b| b.is_ascii_digit())) {
            return name;
        }
        rest = before;
    }
    if rest.bytes().all(|b| b.is_ascii_digit()) { "" } else { rest }
}

/// What stands before the first `mark`, which begins with a colon, and what behind it. A search for one byte needs no preparation.
fn around<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    memchr::memchr_iter(b':', text.as_bytes()).find_map(|colon| {
        let (before, rest) = text.split_at_checked(colon)?;
        Some((before, rest.strip_prefix(mark)?))
    })
}

#[cfg(test)]
mod tests;
