//! Rows in JSON within a text: `{"columns":["user","password"],"rows":[["jo","..."]]}`.
//!
//! A list of names under one of the usual words names the elements of the lists that stand in a list behind it and have as many. Nothing
//! but the names is remembered, and in which column a list of more than [`ROW`] bytes is that goes on.

use memchr::{memchr, memchr2};

use super::long::{Long, Signs, look};
use super::{COLUMNS, Part, ROW, is_name};
use crate::mask::detectors::{Found, View};
use crate::mask::profile::Profile;
use crate::mask::rules::Label;
use crate::mask::scan::Scan;

/// Members that hold the names of columns.
const HEADS: &[&[u8]] = &[
    b"columns",
    b"column_names",
    b"columnNames",
    b"cols",
    b"fields",
    b"field_names",
    b"fieldNames",
    b"header",
    b"headers",
    b"keys",
    b"names",
];

/// Bytes before a list in which what it stands under is written.
const BEFORE: usize = 64;

/// The names that a text has told, if it has.
#[derive(Default)]
pub(super) struct Lists {
    columns: usize,
    names: Vec<(usize, Vec<u8>)>,
    /// The list that goes on where windows meet.
    long: Option<Long>,
}

/// How the elements of a list are written.
const ELEMENTS: Signs = Signs { separator: b',', end: b']', quotes: true };

impl Lists {
    pub(super) fn is_open(&self) -> bool {
        self.columns > 0
    }

    pub(super) fn held(&self) -> usize {
        self.names.iter().map(|(_, name)| name.capacity()).sum()
    }

    /// Reads the lists of a part; those near its begin are read again, which changes nothing but tells what stands in it.
    pub(super) fn read(&mut self, profile: &Profile, part: &Part<'_>, found: &mut impl FnMut(Label, Found)) {
        let Part { text, from, limit, .. } = *part;
        if let Some(open) = self.long.take() {
            self.long(profile, part, from, open, found);
        }
        let mut at = from.saturating_sub(ROW);
        while let Some(next) = memchr(b'[', text.get(at..limit).unwrap_or_default()) {
            let list = at + next;
            at = list + 1;
            let before = text.get(list.saturating_sub(BEFORE)..list).unwrap_or_default().trim_ascii_end();
            let near = text.get(list..text.len().min(list + ROW)).unwrap_or_default();
            if is_under_head(before) {
                *self = Self::of(profile, near).unwrap_or_default();
            } else if self.is_open() && is_in_list(before) {
                let cells = || elements(near).take(COLUMNS + 1);
                if memchr2(b'[', b']', near.get(1..).unwrap_or_default()).is_none() {
                    self.long(profile, part, list + 1, Long::new(), found);
                    continue;
                }
                if cells().count() != self.columns || cells().any(|cell| cell.is_none()) {
                    continue;
                }
                for (column, (start, end)) in cells().flatten().enumerate() {
                    let Some((_, name)) = self.names.iter().find(|(known, _)| *known == column) else { continue };
                    let text = near.get(start..end).unwrap_or_default();
                    let scan = Scan { view: View::new(text, name), text, from: 0, limit: text.len() };
                    scan.candidates(profile, &mut |label, hit| {
                        let hit = Found { start: hit.start + start + list, end: hit.end + start + list, ..hit };
                        if (from..limit).contains(&hit.start) {
                            found(label, hit);
                        }
                    });
                }
            }
        }
    }

    /// Reads on in a list that is longer than one is looked at.
    fn long(&mut self, profile: &Profile, part: &Part<'_>, at: usize, mut long: Long, found: &mut impl FnMut(Label, Found)) {
        let Part { text, from, limit, .. } = *part;
        let ended = long.read(text, at, limit, ELEMENTS, self.columns, &mut |column, at| {
            let Some((_, name)) = self.names.iter().find(|(known, _)| *known == column) else { return };
            look(profile, text, at, name, b',', &mut |label, hit: Found| {
                if (from..limit).contains(&hit.start) {
                    found(label, hit);
                }
            });
        });
        self.long = if ended.is_none() { Some(long) } else { None };
    }

    fn of(profile: &Profile, near: &[u8]) -> Option<Self> {
        let mut own = Self::default();
        for element in elements(near) {
            let (start, end) = element?;
            let name = near.get(start..end)?;
            (is_name(name) && own.columns < COLUMNS).then_some(())?;
            if profile.names_something(name) {
                own.names.push((own.columns, name.to_vec()));
            }
            own.columns += 1;
        }
        (own.columns > 1 && !own.names.is_empty()).then_some(own)
    }
}

/// Whether a list stands under a member that holds names of columns.
fn is_under_head(before: &[u8]) -> bool {
    let name = || before.strip_suffix(b":")?.trim_ascii_end().strip_suffix(b"\"");
    name().is_some_and(|name| HEADS.iter().any(|head| name.strip_suffix(*head).is_some_and(|rest| rest.ends_with(b"\""))))
}

/// Whether a list stands in another.
fn is_in_list(before: &[u8]) -> bool {
    before.ends_with(b"[") || before.strip_suffix(b",").is_some_and(|before| before.trim_ascii_end().ends_with(b"]"))
}

/// Where the strings and numbers of a list stand in what begins with it; one `None` where it has others, or no end.
fn elements(near: &[u8]) -> impl Iterator<Item = Option<(usize, usize)>> {
    let mut next = Some(1);
    std::iter::from_fn(move || {
        let at = next.take()?;
        let rest = near.get(at..).unwrap_or_default();
        let start = at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let element = element(near, start);
        if let Some((_, _, behind)) = element {
            let rest = near.get(behind..).unwrap_or_default();
            let sign = behind + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            match near.get(sign) {
                Some(b',') => next = Some(sign + 1),
                Some(b']') => {}
                _ => return Some(None),
            }
        }
        Some(element.map(|(start, end, _)| (start, end)))
    })
}

/// A string's content or a number, and what is behind it.
fn element(near: &[u8], start: usize) -> Option<(usize, usize, usize)> {
    let rest = near.get(start..)?;
    if rest.first() == Some(&b'"') {
        let len = memchr(b'"', rest.get(1..)?)?;
        return Some((start + 1, start + 1 + len, start + len + 2));
    }
    let len = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'+')).count();
    (len > 0).then_some((start, start + len, start + len))
}
