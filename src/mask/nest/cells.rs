//! Values in a text that have a name which stands apart from them: looked at one by one, as those of a message are.

use super::{Nest, Structure, Walk};
use crate::mask::cells::WRITTEN;
use crate::mask::detectors::{AHEAD, End, Found, Tail, View};
use crate::mask::levels::READINGS;
use crate::mask::rules::Label;
use crate::mask::scan::Scan;

/// What was found in such a value.
pub(crate) struct Cell {
    pub(crate) level: usize,
    pub(crate) label: Label,
    pub(crate) found: Found,
}

impl Nest {
    /// A string begins; what is known of the one before is forgotten.
    pub(super) fn string_begins(&mut self) {
        self.heard.clear();
        self.cell = None;
    }

    /// More of a string that is read in parts.
    pub(super) fn string_goes_on(&mut self, written: &[u8]) {
        let room = (WRITTEN + 1).saturating_sub(self.heard.len());
        self.heard.extend_from_slice(written.get(..room).unwrap_or(written));
        self.cell = self.cell.map(|len| len.saturating_add(written.len()));
    }
}

impl Walk<'_> {
    /// A whole string has been read, as it is written.
    pub(super) fn hear(&self, nest: &mut Nest, written: &[u8]) {
        if nest.cells.listens(&nest.path, nest.role, written.first()) {
            nest.cells.hears(self.profile, &nest.path, nest.role, written);
        }
    }

    /// The content of a string begins at `at`: whether it has such a name, and what is found in it of what is now being read.
    pub(super) fn cell(&self, level: usize, nest: &Nest, at: usize, seen: &mut Structure) -> bool {
        let Some(name) = nest.cells.name(self.profile, &nest.path, nest.role) else { return false };
        let levels = self.levels;
        let rest = levels.text(level).get(at..).unwrap_or_default();
        let len = content(rest.get(..AHEAD).unwrap_or(rest));
        let (start, end) = (levels.raw_start(level, at), levels.raw_end(level, at + len));
        for inner in (level + 1..READINGS).filter(|inner| *inner == level + 1 || !levels.is_same(*inner)) {
            let (from, to) = (levels.at_or_after(inner, start), levels.at_or_after(inner, end));
            let text = levels.text(inner).get(from..to).unwrap_or_default();
            let scan = Scan { view: View::new(text, name), text, from: 0, limit: text.len() };
            scan.candidates(self.profile, &mut |label, found| {
                // What goes to the end of a text ends with the string here.
                let tail = if found.tail == Tail::Value(End::Text) { Tail::Value(End::Quote(b'"')) } else { found.tail };
                let found = Found { start: found.start + from, end: found.end + from, tail };
                if seen.part.contains(&levels.raw_start(inner, found.start)) {
                    seen.cells.push(Cell { level: inner, label, found });
                }
            });
        }
        true
    }
}

/// The length of a string's content up to its quote, as far as it is there.
fn content(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(sign) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        if text.get(at + sign) == Some(&b'"') {
            return at + sign;
        }
        at += sign + 2;
    }
    text.len()
}
