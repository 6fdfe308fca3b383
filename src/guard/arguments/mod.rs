//! `rules[].arguments`: whether the arguments are what a rule says of them.
//!
//! An argument that is not there meets nothing but `present: false`. Where a pointer with `*` leads to several values, a rule that allows needs
//! all of them to be so, and one at least; a rule that denies needs one. A value of a type that a test does not know, or a text that
//! has several readings, cannot be told.

mod label;
mod numbers;
mod point;
mod test;

use std::sync::Arc;

use serde_json::Value;

pub(super) use numbers::Numbers;
pub(super) use point::shown;

use super::condition::{Answer, Condition, Met};
use super::subject::{Subject, each_string};
use crate::policy::{self, ArgumentRef, ArgumentTest, Then};

#[derive(Debug)]
struct Arguments {
    then: Then,
    each: Vec<One>,
}

#[derive(Debug)]
struct One {
    argument: ArgumentRef,
    tests: Vec<ArgumentTest>,
    /// What is asked, in the policy's words.
    label: String,
}

pub(super) fn compile(arguments: &policy::Arguments, then: Then) -> Arc<dyn Condition> {
    let one = |condition: &policy::ArgumentCondition| One {
        argument: condition.argument.clone(),
        tests: condition.tests.clone(),
        label: label::of(&condition.tests),
    };
    Arc::new(Arguments { then, each: arguments.each.iter().map(one).collect() })
}

impl Condition for Arguments {
    fn name(&self) -> &'static str {
        "arguments"
    }

    fn answer(&self, subject: &Subject<'_>) -> Answer {
        let mut met = Met::Yes;
        let mut because = Vec::with_capacity(self.each.len());
        for one in &self.each {
            let (found, place) = one.ask(subject, self.then);
            met = met.and(found);
            if !met.counts(self.then) {
                return met.into();
            }
            let doubt = if found == Met::Unsure { " (cannot be told)" } else { "" };
            because.push(format!("`{}`: {}{doubt}", place.unwrap_or_else(|| "/".to_owned()), one.label));
        }
        Answer { met, because: Some(because.join("; ")) }
    }
}

impl One {
    /// The answer, and the place of the value that it rests on.
    fn ask(&self, subject: &Subject<'_>, then: Then) -> (Met, Option<String>) {
        let mut asked = Asked { then, so_far: None, place: None };
        match &self.argument {
            ArgumentRef::Every => each_string("", subject.arguments(), true, &mut |place, text| {
                // A name is a string like the others; it is given as one.
                asked.note(|| test::text_meets(&self.tests, text), || shown(place));
            }),
            ArgumentRef::At(steps) => point::each(subject.arguments(), steps, &mut |place, value: Option<&Value>| {
                asked.note(|| test::all(&self.tests, value, subject), || place.to_string());
            }),
        }
        (asked.so_far.unwrap_or(Met::No), asked.place)
    }
}

/// The answers for several values as they come in.
struct Asked {
    then: Then,
    so_far: Option<Met>,
    place: Option<String>,
}

impl Asked {
    fn note(&mut self, met: impl FnOnce() -> Met, place: impl FnOnce() -> String) {
        let decided = match self.then {
            Then::Allow => Met::No,
            Then::Deny | Then::Ask => Met::Yes,
        };
        if self.so_far == Some(decided) {
            return;
        }
        let met = met();
        let joined = match (self.so_far, self.then) {
            (None, _) => met,
            (Some(before), Then::Allow) => before.and(met),
            (Some(before), Then::Deny | Then::Ask) => before.or(met),
        };
        if self.so_far != Some(joined) {
            self.place = Some(place());
        }
        self.so_far = Some(joined);
    }
}

#[cfg(test)]
mod tests;
