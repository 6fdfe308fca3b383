//! What a rule asks of a call beyond its name, and the one way all conditions answer.

use std::fmt;
use std::sync::Arc;

use super::history::Remembered;
use super::shell::Commands;
use super::sql::condition::Statements;
use super::{Mistake, Subject, cel};
use crate::policy;

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    Yes,
    No,
    /// It cannot be told: a rule that denies or asks counts it as yes, one that allows as no.
    Unsure,
}

impl Met {
    pub fn from_bool(met: bool) -> Self {
        if met { Self::Yes } else { Self::No }
    }

    /// Whether a rule with this condition goes on matching.
    pub(super) fn counts(self, then: policy::Then) -> bool {
        match self {
            Self::Yes => true,
            Self::No => false,
            Self::Unsure => then != policy::Then::Allow,
        }
    }

    /// Both.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Unsure,
        }
    }

    /// One of them.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            _ => Self::Unsure,
        }
    }
}

impl std::ops::Not for Met {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unsure => Self::Unsure,
        }
    }
}

/// An answer and what it rests on, for the record and for `policy explain`.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) met: Met,
    /// One short line that names the argument and the place in it: "`sql`: drop at byte 12 (DROP TABLE)". It must not quote values that may be secret.
    pub(super) because: Option<String>,
}

impl From<Met> for Answer {
    fn from(met: Met) -> Self {
        Self { met, because: None }
    }
}

pub(super) trait Condition: fmt::Debug + Send + Sync {
    /// The section of the rule it comes from: `sql`, `when`.
    fn name(&self) -> &'static str;

    fn answer(&self, subject: &Subject<'_>) -> Answer;

    /// Whether it looks at the token's claims, which are kept only then.
    fn reads_claims(&self) -> bool {
        false
    }
}

/// The conditions of a rule, the cheap before the dear.
pub(super) fn compile(index: usize, rule: &policy::Rule, mistakes: &mut Vec<Mistake>) -> Vec<Arc<dyn Condition>> {
    let mut conditions: Vec<Arc<dyn Condition>> = Vec::new();
    if let Some(arguments) = &rule.arguments {
        conditions.push(super::arguments::compile(arguments, rule.then));
    }
    if let Some(when) = &rule.when {
        match cel::When::compile(&when.source) {
            Ok(when) => conditions.push(Arc::new(when)),
            Err(messages) => mistakes.extend(messages.into_iter().map(|message| Mistake { path: format!("[{index}].when"), message })),
        }
    }
    if let Some(sql) = &rule.sql {
        conditions.push(Arc::new(Statements::new(sql, rule.then)));
    }
    if let Some(shell) = &rule.shell {
        conditions.push(Arc::new(Commands::new(shell, rule.then)));
    }
    if let Some(attacks) = &rule.attacks {
        conditions.push(super::attacks::compile(attacks, rule.then));
    }
    conditions.extend(rule.after.iter().map(|after| Arc::new(Remembered::new(after)) as Arc<dyn Condition>));
    conditions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_told_counts_against_the_call() {
        assert!(Met::Unsure.counts(policy::Then::Deny) && Met::Unsure.counts(policy::Then::Ask));
        assert!(!Met::Unsure.counts(policy::Then::Allow));
        assert_eq!(Met::Unsure.and(Met::No), Met::No);
        assert_eq!(Met::Unsure.or(Met::Yes), Met::Yes);
        assert_eq!(!Met::Unsure, Met::Unsure);
    }
}
