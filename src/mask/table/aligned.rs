//! Columns that blanks alone keep apart, as clients of databases, of clusters and of clouds print them.
//!
//! Where heads begin, values begin; in characters, not bytes. What is below a line of dashes is a table without doubt, and so is what
//! begins with names in capitals; of other lines of words only those count that have the name of something behind the first column, or
//! three columns: lists of options have two. Below `Key` and `Value` each row has its own name.

use memchr::memmem;

use super::long::{self, is_long};
use super::{COLUMNS, ROW, is_name, trimmed};
use crate::mask::detectors::Found;
use crate::mask::profile::Profile;
use crate::mask::rules::Label;

/// Where columns begin, and what they are named where that asks for a look.
pub(super) struct Aligned {
    starts: Vec<usize>,
    names: Vec<(usize, Vec<u8>)>,
    /// By dashes below the head.
    underlined: bool,
    /// The first column has the names of the values in this one.
    values: Option<usize>,
}

/// Heads of a column of names.
const NAMES: &[&[u8]] = &[b"key", b"name", b"field", b"setting", b"property", b"variable", b"parameter", b"option"];

impl Aligned {
    pub(super) fn held(&self) -> usize {
        self.starts.capacity() * size_of::<usize>() + self.names.iter().map(|(_, name)| name.capacity()).sum::<usize>()
    }

    /// A line of names with two blanks or more between them.
    pub(super) fn of(profile: &Profile, line: &[u8]) -> Option<Self> {
        let line = line.trim_ascii_end();
        let indented = line.iter().take_while(|byte| matches!(byte, b' ' | b'>' | b'#')).count();
        memmem::find(line.get(indented..)?, b"  ")?;
        let mut own = Self { starts: Vec::new(), names: Vec::new(), underlined: false, values: None };
        let mut first: &[u8] = &[];
        let mut at = indented;
        while at < line.len() {
            let rest = line.get(at..)?;
            let len = memmem::find(rest, b"  ").unwrap_or(rest.len());
            let name = rest.get(..len)?;
            first = if own.starts.is_empty() { name } else { first };
            own.add(profile, line, at, first, name)?;
            at += len + rest.get(len..)?.iter().take_while(|byte| **byte == b' ').count();
        }
        let shouted = !line.iter().any(u8::is_ascii_lowercase);
        let stands = |(column, _): &(usize, Vec<u8>)| shouted || *column > 0 || own.starts.len() > 2;
        (own.values.is_some() || (own.starts.len() > 1 && own.names.iter().any(stands))).then_some(own)
    }

    /// Whether a line is one of dashes below the heads of several columns.
    pub(super) fn is_underline(line: &[u8]) -> bool {
        let line = line.trim_ascii_end();
        let dashes = |byte: &u8| matches!(byte, b'-' | b'=' | b' ');
        line.iter().all(dashes) && line.windows(2).any(|pair| matches!(pair, b"--" | b"==")) && line.trim_ascii_start().contains(&b' ')
    }

    /// The columns that a line of dashes tells, by the line before it.
    pub(super) fn under(profile: &Profile, head: &[u8], dashes: &[u8]) -> Option<Self> {
        let mut own = Self { starts: Vec::new(), names: Vec::new(), underlined: true, values: None };
        let mut first: &[u8] = &[];
        let begins = |at: &usize| {
            dashes.get(*at).is_some_and(|byte| *byte != b' ') && at.checked_sub(1).is_none_or(|at| dashes.get(at) == Some(&b' '))
        };
        let starts: Vec<usize> = (0..dashes.trim_ascii_end().len()).filter(begins).take(COLUMNS + 1).collect();
        for (column, start) in starts.iter().enumerate() {
            let from = byte_of(head, *start);
            let to = starts.get(column + 1).map_or(head.len(), |next| byte_of(head, *next));
            let name = trimmed(head.get(from..to)?);
            first = if column == 0 { name } else { first };
            own.add(profile, dashes, *start, first, name)?;
        }
        (own.values.is_some() || (own.starts.len() > 1 && !own.names.is_empty())).then_some(own)
    }

    /// A column that begins at a byte of the line, and what the first is named.
    fn add(&mut self, profile: &Profile, line: &[u8], at: usize, first: &[u8], name: &[u8]) -> Option<()> {
        (is_name(name) && self.starts.len() < COLUMNS).then_some(())?;
        if profile.names_something(name) {
            self.names.push((self.starts.len(), name.to_vec()));
        }
        let is = |own: &[u8], other: &[u8]| own.eq_ignore_ascii_case(other);
        if !self.starts.is_empty() && is(name, b"value") && NAMES.iter().any(|key| is(first, key)) {
            self.values = Some(self.starts.len());
        }
        self.starts.push(char_of(line, at));
        Some(())
    }

    /// Where the values of a row stand, and what they are named; `None` where it is none of this table.
    pub(super) fn row<'a>(&'a self, line: &'a [u8]) -> Option<impl Iterator<Item = (usize, usize, &'a [u8])>> {
        let line = line.trim_ascii_end();
        (!line.is_empty()).then_some(())?;
        let apart = |start: &usize| {
            let at = byte_of(line, *start);
            at == 0 || at >= line.len() || line.get(at - 1) == Some(&b' ')
        };
        (self.underlined || self.starts.iter().all(apart)).then_some(())?;
        let named = self.names.iter().map(|(column, name)| (*column, name.as_slice()));
        let paired = self.values.and_then(|column| Some((column, self.cell(line, 0)?)));
        let paired = paired.and_then(|(column, (start, end))| Some((column, line.get(start..end)?)));
        Some(named.chain(paired).filter_map(|(column, name)| {
            let (start, end) = self.cell(line, column)?;
            Some((start, end, name))
        }))
    }

    /// What is found in a row that is longer than one is looked at: a value that goes on.
    pub(super) fn long(&self, profile: &Profile, text: &[u8], row: usize, found: &mut impl FnMut(Label, Found)) {
        let Some(line) = text.get(row..text.len().min(row + ROW)) else { return };
        let Some(cells) = self.row(line) else { return };
        for (start, _, name) in cells.filter(|(_, end, _)| *end == line.len()) {
            if is_long(text, row + start, b' ') {
                long::look(profile, text, row + start, name, b' ', found);
            }
        }
    }

    /// Where the cell of a column stands.
    fn cell(&self, line: &[u8], column: usize) -> Option<(usize, usize)> {
        let from = byte_of(line, *self.starts.get(column)?);
        (from == 0 || line.get(from - 1) == Some(&b' ')).then_some(())?;
        let to = self.starts.get(column + 1).map_or(line.len(), |next| byte_of(line, *next));
        let cell = line.get(from..to)?;
        // Numbers stand at the right.
        let blanks = cell.iter().take_while(|byte| **byte == b' ').count();
        (blanks == 0 || self.underlined).then_some(())?;
        let cell = cell.get(blanks..)?;
        let cell = cell.get(..memmem::find(cell, b"  ").unwrap_or(cell.len()))?.trim_ascii_end();
        (!cell.is_empty()).then_some((from + blanks, from + blanks + cell.len()))
    }
}

fn begins_char(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// The number of characters before a byte.
fn char_of(line: &[u8], at: usize) -> usize {
    line.iter().take(at).filter(|byte| begins_char(**byte)).count()
}

/// Where the character at `place` begins; the end of the line where there is none.
fn byte_of(line: &[u8], place: usize) -> usize {
    line.iter().enumerate().filter(|(_, byte)| begins_char(**byte)).nth(place).map_or(line.len(), |(at, _)| at)
}
