//! Rows and cells that are longer than rows are looked at, tokens in them foremost: read cell by cell as they go by, for what a row is told
//! by, its number of columns, is at its end.

use super::is_around;
use crate::mask::detectors::{End, Found, LONGEST, Tail, View};
use crate::mask::profile::Profile;
use crate::mask::rules::Label;
use crate::mask::scan::Scan;

/// A row that goes on.
#[derive(Clone, Copy)]
pub(super) struct Long {
    pub(super) column: usize,
    /// Between quotes, where a separator is none.
    is_quoted: bool,
    /// Nothing but blanks and quotes of the cell has come.
    is_fresh: bool,
}

/// How cells are written.
#[derive(Clone, Copy)]
pub(super) struct Signs {
    pub(super) separator: u8,
    /// What ends the row.
    pub(super) end: u8,
    /// A separator in quotes is part of a cell.
    pub(super) quotes: bool,
}

impl Long {
    pub(super) fn new() -> Self {
        Self { column: 0, is_quoted: false, is_fresh: true }
    }

    /// Reads on from `at`; `cell` gets the column and the place of each cell that begins before the limit. Returns where the row ends, if
    /// it does before that, or where it has more columns than `most`.
    pub(super) fn read(
        &mut self,
        text: &[u8],
        at: usize,
        limit: usize,
        signs: Signs,
        most: usize,
        cell: &mut impl FnMut(usize, usize),
    ) -> Option<usize> {
        for (at, byte) in text.iter().enumerate().take(limit).skip(at) {
            self.is_quoted ^= signs.quotes && *byte == b'"';
            if *byte == signs.end && !(self.is_quoted && signs.end != b'\n') {
                return Some(at);
            }
            if *byte == signs.separator && !self.is_quoted {
                *self = Self { column: self.column + 1, ..Self::new() };
                if self.column >= most {
                    return Some(at);
                }
            } else if self.is_fresh && !is_around(*byte) {
                self.is_fresh = false;
                cell(self.column, at);
            }
        }
        None
    }
}

/// What is found under its name in the cell that begins at `at`, with what separates it from the next, or the quote before it. A value
/// that is longer than checks look at goes on up to that.
pub(super) fn look(profile: &Profile, text: &[u8], at: usize, name: &[u8], separator: u8, found: &mut impl FnMut(Label, Found)) {
    let near = text.get(at..text.len().min(at + LONGEST + 1)).unwrap_or_default();
    let quote = at.checked_sub(1).and_then(|before| text.get(before)).copied().filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let ended = near.iter().position(|byte| *byte == b'\n' || *byte == quote.unwrap_or(separator));
    let len = ended.unwrap_or(near.len());
    let cell = near.get(..len).unwrap_or_default().trim_ascii_end();
    let ends = quote.map_or(End::Cell(separator), End::Quote);
    let scan = Scan { view: View::new(cell, name), text: cell, from: 0, limit: cell.len() };
    scan.candidates(profile, &mut |label, hit| {
        let tail = if hit.tail == Tail::Value(End::Text) { Tail::Value(ends) } else { hit.tail };
        found(label, Found { start: hit.start + at, end: hit.end + at, tail });
    });
}

/// Whether what begins at `at`, and goes on further than cells are looked at, is a value.
pub(super) fn is_long(text: &[u8], at: usize, end: u8) -> bool {
    let near = text.get(at..text.len().min(at + LONGEST)).unwrap_or_default();
    near.iter().take_while(|byte| **byte > b' ' && **byte != end).count() >= LONG
}

/// Bytes of one without a blank.
const LONG: usize = 256;
