//! What was found in the strings of one call, while its rules are asked about them.

use std::rc::Rc;

use super::open::opening;
use super::{Dialect, Inspection, inspect};
use crate::guard::memo::{Memo, Place};
use crate::guard::seen::Seen;

#[derive(Debug, Default)]
pub(in crate::guard) struct Inspected {
    whole: Memo<(Place, Dialect), Rc<Inspection>>,
    openings: Memo<Place, Option<Rc<Inspection>>>,
}

impl Inspected {
    /// [`inspect`], for a string of the arguments.
    pub(in crate::guard) fn inspect(&self, text: &str, dialect: Dialect) -> Rc<Inspection> {
        self.whole.get((Place::of(text), dialect), || Rc::new(inspect(text, dialect)))
    }

    /// [`opens_like_statement`](super::opens_like_statement), for a string of the arguments.
    pub(in crate::guard) fn opening(&self, text: &str, seen: Seen) -> Option<Rc<Inspection>> {
        self.openings.get(Place::of(text), || opening(text, seen, || self.inspect(text, Dialect::Generic)))
    }
}
