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

pub(super) use numbers::Numbers;
pub(super) use point::{shown, single, written};

use super::condition::{Answer, Condition, Met};
use super::subject::{Subject, each_string};
use super::value::Value;
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
        // Places are made to text only for what is told, for most rules do not match.
        let mut told: Vec<(&One, Met, usize)> = Vec::new();
        for one in &self.each {
            let (found, decisive) = one.ask(subject, self.then);
            met = met.and(found);
            if !met.counts(self.then) {
                return met.into();
            }
            told.push((one, found, decisive));
        }
        let because = told.into_iter().map(|(one, found, decisive)| {
            let doubt = if found == Met::Unsure { " (cannot be told)" } else { "" };
            format!("`{}`: {}{doubt}", one.place(subject, decisive).unwrap_or_else(|| "/".to_owned()), one.label)
        });
        Answer { met, because: Some(because.collect::<Vec<_>>().join("; ")) }
    }
}

impl One {
    /// The answer, and which of the values it rests on, from 0.
    fn ask(&self, subject: &Subject<'_>, then: Then) -> (Met, usize) {
        if let ArgumentRef::At(steps) = &self.argument
            && let Some(value) = single(subject.arguments(), steps)
        {
            return (test::all(&self.tests, value, subject), 0);
        }
        let mut asked = Asked { then, so_far: None, decisive: 0, values: 0 };
        match &self.argument {
            ArgumentRef::Every => each_string("", subject.arguments(), true, &mut |_, text| {
                // A name is a string like the others; it is given as one.
                asked.note(|| test::text_meets(&self.tests, text));
            }),
            ArgumentRef::At(steps) => point::each(subject.arguments(), steps, &mut |_, value: Option<&Value<'_>>| {
                asked.note(|| test::all(&self.tests, value, subject));
            }),
        }
        (asked.so_far.unwrap_or(Met::No), asked.decisive)
    }

    /// The place of the value with this number.
    fn place(&self, subject: &Subject<'_>, number: usize) -> Option<String> {
        let (mut value, mut found) = (0_usize, None);
        let mut look = |place: &dyn Fn() -> String| {
            if value == number {
                found = Some(place());
            }
            value = value.saturating_add(1);
        };
        match &self.argument {
            ArgumentRef::Every => each_string("", subject.arguments(), true, &mut |place, _| look(&|| shown(place))),
            ArgumentRef::At(steps) => point::each(subject.arguments(), steps, &mut |place, _| look(&|| place.to_string())),
        }
        found
    }
}

/// The answers for several values as they come in.
struct Asked {
    then: Then,
    so_far: Option<Met>,
    /// The value that the answer rests on.
    decisive: usize,
    /// Those that were looked at.
    values: usize,
}

impl Asked {
    fn note(&mut self, met: impl FnOnce() -> Met) {
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
            self.decisive = self.values;
        }
        self.so_far = Some(joined);
        self.values = self.values.saturating_add(1);
    }
}

#[cfg(test)]
mod tests;
