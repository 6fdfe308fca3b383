//! `rules[].after`: what the caller has done before.

use serde_json::Value as Json;

use super::super::form::{Fields, Form, Placed, Reading, described, section};
use super::super::report::{Place, Report};
use super::super::tree::Node;
use crate::policy::Then;

#[derive(Clone, Debug)]
pub struct After {}

section! {
    /// What must have happened before.
    AfterWritten {
        optional todo: String,
    }
}

pub(in crate::policy) fn of(written: Placed<AfterWritten>, _then: Option<Then>, report: &mut Report) -> Option<After> {
    report.add(&written.at, "not enforced by this version of Portcullis; remove it, or it would promise what does not happen");
    None
}
