//! Identifiers that states give to people, each where its policy asks for it: how they are written, what their check
//! digits and dates must be, and which word must introduce them where they are digits like any others.

mod africa_and_pacific;
mod americas;
mod asia;
pub(super) mod checks;
mod europe_east;
mod europe_north;
mod europe_west;

use super::family::AHEAD_OF_DIGITS;
use super::text::{is_alnum, is_digit, is_word};
use super::{About, Family, Found, Trigger, View};

pub(super) const GROUPS: &[&[Family]] = &[
    americas::FAMILIES,
    europe_west::FAMILIES,
    europe_north::FAMILIES,
    europe_east::FAMILIES,
    asia::FAMILIES,
    africa_and_pacific::FAMILIES,
];

/// A kind of identifier.
pub(super) struct Id {
    /// Ways of writing it. `9` is a digit, `A` a letter, `U` one in upper case, `N` a letter or digit, `_` a separator that is the same throughout,
    /// `?` any sign; all others are themselves. `!` at the beginning: only after one of the words.
    pub(super) layouts: &'static [&'static str],
    /// In lower case; whole words.
    pub(super) words: &'static [&'static str],
    /// Of its letters (in upper case), digits and `?` signs.
    pub(super) valid: fn(&[u8]) -> bool,
}

/// Longest identifier, without its separators.
const LONGEST: usize = 20;

impl Id {
    /// At the first digit of a run.
    pub(super) fn find(&self, view: &View<'_>, at: usize) -> Option<Found> {
        let may_be_introduced = view.may_be_introduced(at, self.words);
        self.layouts.iter().find_map(|layout| {
            let bytes = layout.as_bytes();
            let (needs_word, bytes) = bytes.strip_prefix(b"!").map_or((false, bytes), |rest| (true, rest));
            (!needs_word || may_be_introduced).then_some(())?;
            let start = at.checked_sub(first_group(bytes).0)?;
            let end = self.written(view, start, bytes)?;
            (!needs_word || view.introduced_by_word(start, self.words)).then_some(())?;
            Found::new(start, end)
        })
    }

    fn written(&self, view: &View<'_>, start: usize, layout: &[u8]) -> Option<usize> {
        let mut chars = [0u8; LONGEST];
        let mut count = 0;
        let mut separator = None;
        for (place, kind) in layout.iter().enumerate() {
            let byte = view.at(start + place)?;
            let fits = match kind {
                b'9' => byte.is_ascii_digit(),
                b'A' => byte.is_ascii_alphabetic(),
                b'U' => byte.is_ascii_uppercase(),
                b'N' => byte.is_ascii_alphanumeric(),
                b'_' => matches!(byte, b' ' | b'-' | b'.' | b'/') && *separator.get_or_insert(byte) == byte,
                b'?' => true,
                other => byte == *other,
            };
            fits.then_some(())?;
            if matches!(kind, b'9' | b'A' | b'U' | b'N' | b'?') {
                *chars.get_mut(count)? = byte.to_ascii_uppercase();
                count += 1;
            }
        }
        let end = start + layout.len();
        // `01 02 03 04 05` among more such pairs.
        let in_row = layout.iter().any(|kind| matches!(kind, b'_' | b' '))
            && view.slice(start, end).contains(&b' ')
            && ((view.before(start) == Some(b' ') && start.checked_sub(1).is_some_and(|at| view.was(at, is_digit)))
                || (view.at(end) == Some(b' ') && view.is(end + 1, is_digit)));
        let apart = !in_row && !view.was(start, is_word) && !view.is(end, is_word) && !joined(view, start, end);
        (apart && (self.valid)(chars.get(..count)?)).then_some(end)
    }
}

/// Part of a longer number: `12-078-05-1120`, `1.078051120`, `078051120-4`.
fn joined(view: &View<'_>, start: usize, end: usize) -> bool {
    let joint = |byte: u8| matches!(byte, b'-' | b'.' | b'/');
    let before = start.checked_sub(1).is_some_and(|at| view.is(at, joint) && view.was(at, is_digit));
    before || (view.is(end, joint) && view.is(end + 1, is_alnum) && (view.at(end) != Some(b'.') || view.is(end + 1, is_digit)))
}

/// The place and the length of the first two digits or more that stand together, which the search for digits reports.
const fn first_group(layout: &[u8]) -> (usize, u32) {
    let mut rest = layout;
    let (mut place, mut run) = (0, 0);
    while let Some((kind, after)) = rest.split_first() {
        if *kind == b'9' {
            run += 1;
        } else if run >= 2 {
            return (place - run as usize, run);
        } else {
            run = 0;
        }
        place += 1;
        rest = after;
    }
    (place - run as usize, run)
}

/// The lengths of runs that layouts begin with.
pub(super) const fn lengths(layouts: &[&str]) -> u32 {
    let mut bits = 0;
    let mut rest = layouts;
    while let Some((layout, after)) = rest.split_first() {
        let layout = layout.as_bytes();
        let layout = match layout.split_first() {
            Some((b'!', plain)) => plain,
            _ => layout,
        };
        let (place, run) = first_group(layout);
        bits |= 1 << run;
        // What may be a letter may be a digit too, and make the run longer, with the digits after it.
        let mut more = run;
        let mut tail = layout.split_at(place + run as usize).1;
        while let Some((b'N', after)) = tail.split_first() {
            more += 1;
            tail = after;
            while let Some((b'9', after)) = tail.split_first() {
                more += 1;
                tail = after;
            }
            bits |= 1 << more;
        }
        rest = after;
    }
    bits
}

/// One family: its word, its label, its ways of writing, the words that introduce it, its check, and what the catalogue says.
macro_rules! id {
    ($detector:ident, $label:literal, [$($layout:literal),+], [$($word:literal),*], $valid:expr, $matches:literal, $validator:literal, $source:literal) => {{
        const ID: Id = Id { layouts: &[$($layout),+], words: &[$($word),*], valid: $valid };
        const CONTEXT: &str = context(&[$($layout),+]);
        Family::new(
            crate::policy::Detector::$detector,
            $label,
            &[Trigger::Digits(lengths(ID.layouts), |view, at| ID.find(view, at))],
            About { matches: $matches, validator: $validator, context: CONTEXT, source: $source },
        )
        .under(ID.words)
        .after(crate::mask::detectors::national::introduced(&ID))
    }};
}
use id;

/// The words without which nothing is found.
pub(super) const fn introduced(id: &Id) -> &'static [&'static str] {
    let mut rest = id.layouts;
    while let Some((layout, after)) = rest.split_first() {
        let bytes = layout.as_bytes();
        let needs_word = matches!(bytes.first(), Some(b'!'));
        let Some((_, bytes)) = bytes.split_first() else { return &[] };
        if !needs_word || first_group(bytes).0 > AHEAD_OF_DIGITS {
            return &[];
        }
        rest = after;
    }
    id.words
}

/// What the catalogue says of the need for a word.
const fn context(layouts: &[&str]) -> &'static str {
    let (mut with, mut without) = (false, false);
    let mut rest = layouts;
    while let Some((layout, after)) = rest.split_first() {
        match layout.as_bytes().first() {
            Some(b'!') => with = true,
            _ => without = true,
        }
        rest = after;
    }
    match (with, without) {
        (true, true) => "its name within 64 bytes before, as the member or in the head of the column, unless written with separators",
        (true, false) => "its name within 64 bytes before, as the member or in the head of the column",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
