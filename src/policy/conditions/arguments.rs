//! `rules[].arguments`: conditions on the values of arguments.

use serde_json::Value as Json;

use super::super::form::{Fields, Form, Placed, Reading, described, section};
use super::super::report::{Place, Report};
use super::super::tree::Node;
use crate::policy::Then;

/// All must hold.
#[derive(Clone, Debug)]
pub struct Arguments {}

section! {
    /// Conditions on the values of arguments.
    ArgumentsWritten {
        optional todo: String,
    }
}

pub(in crate::policy) fn of(written: Placed<ArgumentsWritten>, _then: Option<Then>, report: &mut Report) -> Option<Arguments> {
    report.add(&written.at, "not enforced by this version of Portcullis; remove it, or it would promise what does not happen");
    None
}
