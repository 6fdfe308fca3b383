//! What was found in the commands of one call, while its rules are asked about them.

use std::rc::Rc;

use super::{Flavour, Inspection, inspect, inspect_argv};
use crate::guard::memo::{Memo, Place};

#[derive(Debug, Default)]
pub(in crate::guard) struct Inspected {
    /// By the words, and what reads them; no shell reads a list.
    all: Memo<(Vec<Place>, Option<Flavour>), Rc<Inspection>>,
}

impl Inspected {
    /// [`inspect`] for strings of the arguments, as one line.
    pub(super) fn line(&self, words: &[&str], flavour: Flavour) -> Rc<Inspection> {
        let inspected = || match words {
            [text] => inspect(text, flavour),
            words => inspect(&words.join(" "), flavour),
        };
        self.all.get((places(words), Some(flavour)), || Rc::new(inspected()))
    }

    /// [`inspect_argv`] for strings of the arguments.
    pub(super) fn argv(&self, words: &[&str]) -> Rc<Inspection> {
        self.all.get((places(words), None), || Rc::new(inspect_argv(words)))
    }
}

fn places(words: &[&str]) -> Vec<Place> {
    words.iter().map(|word| Place::of(word)).collect()
}
