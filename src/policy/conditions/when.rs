//! `rules[].when`: a CEL expression, for what the other conditions cannot say.

use super::super::form::Placed;
use super::super::report::Report;
use crate::policy::Then;

#[derive(Clone, Debug)]
pub struct When {
    pub source: String,
}

pub(in crate::policy) fn of(written: Placed<String>, _then: Option<Then>, report: &mut Report) -> Option<When> {
    report.add(
        &written.at,
        "CEL conditions are not enforced by this version of Portcullis; remove it, or it would promise what does not happen",
    );
    None
}
