//! Tables of HTML: a row of `<th>` names the cells of the rows below it.
//!
//! Tags are read one by one as they go by. Of a table nothing but the names in its head is remembered, and in which column a row is.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::long::{is_long, look};
use super::{COLUMNS, Part, ROW, is_name, trimmed};
use crate::mask::detectors::{Found, View};
use crate::mask::profile::Profile;
use crate::mask::rules::Label;
use crate::mask::scan::Scan;

/// The table that a text is in, if it is.
#[derive(Default)]
pub(super) struct Html {
    /// By column: the name, where it asks for a look at the values.
    names: Vec<(usize, Vec<u8>)>,
    /// Those of the row that is read.
    fresh: Vec<(usize, Vec<u8>)>,
    column: usize,
    /// The row that is read has cells that are no heads.
    has_values: bool,
    /// Bytes before what is decided in which a tag stands that was not read, for its cell goes on further.
    unread: usize,
}

/// Tags within a cell, before its text.
const INNER: usize = 4;

impl Html {
    pub(super) fn is_open(&self) -> bool {
        !self.names.is_empty() || self.column > 0 || self.unread > 0
    }

    pub(super) fn held(&self) -> usize {
        self.names.iter().chain(&self.fresh).map(|(_, name)| name.capacity()).sum()
    }

    pub(super) fn read(&mut self, profile: &Profile, part: &Part<'_>, found: &mut impl FnMut(Label, Found)) {
        let Part { text, from, limit, .. } = *part;
        let mut at = from.saturating_sub(std::mem::take(&mut self.unread));
        let ahead = text.get(at..limit).unwrap_or_default();
        if !self.is_open() && memmem::find(ahead, b"<th").or_else(|| memmem::find(ahead, b"<TH")).is_none() {
            return;
        }
        while let Some(next) = memchr(b'<', text.get(at..limit).unwrap_or_default()) {
            let tag = at + next;
            at = tag + 1;
            let near = text.get(tag..text.len().min(tag + ROW)).unwrap_or_default();
            let name: Vec<u8> = near
                .iter()
                .skip(1)
                .take(8)
                .take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'/')
                .map(u8::to_ascii_lowercase)
                .collect();
            match name.as_slice() {
                b"th" | b"td" => {
                    let cell = cell(near);
                    let blanks = near.iter().skip(cell.start).take_while(|byte| byte.is_ascii_whitespace()).count();
                    let at = tag + cell.start + blanks;
                    let is_long = cell.is_empty() && cell.start < near.len() && is_long(text, at, b'<');
                    let cell = if is_long { at - tag..at - tag + 1 } else { cell };
                    if name == b"td" && is_long {
                        self.long(profile, text, at, &mut |label, hit: Found| {
                            if (from..limit).contains(&hit.start) {
                                found(label, hit);
                            }
                        });
                    } else if name == b"td" {
                        self.value(profile, near.get(cell.clone()).unwrap_or_default(), &mut |label, hit: Found| {
                            let hit = Found { start: hit.start + tag + cell.start, end: hit.end + tag + cell.start, ..hit };
                            if (from..limit).contains(&hit.start) {
                                found(label, hit);
                            }
                        });
                    }
                    if tag + cell.end > limit && !part.last {
                        self.unread = limit - tag;
                        return;
                    }
                    self.passed(profile, name == b"th", near, cell);
                }
                b"tr" | b"/tr" => self.row_ends(),
                b"/table" | b"table" => *self = Self::default(),
                _ => {}
            }
        }
    }

    /// What is in a cell that is no head.
    fn value(&self, profile: &Profile, written: &[u8], found: &mut impl FnMut(Label, Found)) {
        let Some((_, name)) = self.names.iter().find(|(column, _)| *column == self.column) else { return };
        let start = written.len() - written.trim_ascii_start().len();
        let text = written.trim_ascii();
        let scan = Scan { view: View::new(text, name), text, from: 0, limit: text.len() };
        scan.candidates(profile, &mut |label, hit| found(label, Found { start: hit.start + start, end: hit.end + start, ..hit }));
    }

    /// What is in one that is longer than cells are looked at.
    fn long(&self, profile: &Profile, text: &[u8], at: usize, found: &mut impl FnMut(Label, Found)) {
        if let Some((_, name)) = self.names.iter().find(|(column, _)| *column == self.column) {
            look(profile, text, at, name, b'<', found);
        }
    }

    /// A cell was read.
    fn passed(&mut self, profile: &Profile, is_head: bool, near: &[u8], cell: Range<usize>) {
        self.has_values |= !is_head;
        let columns = span(near.get(..cell.start).unwrap_or_default());
        let name = trimmed(near.get(cell).unwrap_or_default());
        if is_head && self.fresh.len() < COLUMNS && is_name(name) && profile.names_something(name) {
            self.fresh.push((self.column, name.to_vec()));
        }
        self.column = self.column.saturating_add(columns);
    }

    /// A row of nothing but heads is the head of what follows.
    fn row_ends(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        if self.column > 0 && !self.has_values {
            self.names = fresh;
        }
        self.column = 0;
        self.has_values = false;
    }
}

/// Where the text of a cell stands in what begins with its tag, tags before it aside.
fn cell(near: &[u8]) -> Range<usize> {
    let mut at = 0;
    for _ in 0..INNER {
        let rest = near.get(at..).unwrap_or_default();
        let Some(end) = memchr(b'>', rest) else { return near.len()..near.len() };
        let behind = rest.get(end + 1..).unwrap_or_default();
        let blanks = behind.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        at += end + 1;
        // A cell that is empty ends here.
        let inner = behind.get(blanks) == Some(&b'<') && behind.get(blanks + 1) != Some(&b'/');
        if !inner {
            break;
        }
        at += blanks;
    }
    let text = near.get(at..).unwrap_or_default();
    let end = memchr(b'<', text).unwrap_or(text.len());
    // What has no end within reach is not looked at.
    if at + end < near.len() { at..at + end } else { at..at }
}

/// Columns that a cell takes.
fn span(tag: &[u8]) -> usize {
    let Some(at) = memmem::find(tag, b"colspan=") else { return 1 };
    let digits = tag.iter().skip(at + 8).skip_while(|byte| matches!(byte, b'"' | b'\'')).take_while(|byte| byte.is_ascii_digit());
    digits.take(2).fold(0, |number, digit| number * 10 + usize::from(digit - b'0')).clamp(1, COLUMNS)
}
