//! What was found in the strings of one call, while its rules are asked about them.

use std::rc::Rc;

use super::open::{behind, opening};
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

    /// Whether [`Self::opening`] finds nothing in it, or what was found in the whole of it and is `harmless`; asked where that is known already,
    /// for then nobody need tell how the text begins.
    pub(in crate::guard) fn is_known(&self, text: &str, seen: Seen, harmless: impl FnOnce(&Inspection) -> bool) -> bool {
        self.whole.known((Place::of(text), Dialect::Generic)).is_some_and(|found| harmless(&found)) && behind(text, seen).is_none()
    }
}
