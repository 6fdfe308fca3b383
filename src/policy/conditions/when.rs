//! `rules[].when`: a CEL expression, for what the other conditions cannot say.

use super::super::form::Placed;
use super::super::report::Report;
use crate::policy::Then;

/// An expression; the guard parses and checks it.
#[derive(Clone, Debug)]
pub struct When {
    pub source: String,
}

pub(in crate::policy) fn of(written: Placed<String>, _then: Option<Then>, report: &mut Report) -> Option<When> {
    if written.value.trim().is_empty() {
        report.add(&written.at, "says nothing; write a CEL expression such as `args.sql.size() < 20000`");
        return None;
    }
    Some(When { source: written.value })
}
