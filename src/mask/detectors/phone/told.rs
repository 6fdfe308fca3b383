//! Numbers of any country, in whatever groups they are written, behind a word for telephones.

use super::super::text::{has_word, is_alnum, is_digit, is_word, last_word};
use super::super::{Found, View, national, placeholder};
use super::WORDS;
use super::international::MOST;

/// What introduces a number of any country, beside the words for telephones.
const TELLING: &[&str] = &["called", "dial", "reach me at", "reach us at", "voicemail"];

/// Between such a word and the number: what is numbered otherwise.
const OTHERWISE: &[&str] = &[
    "id", "code", "ticket", "order", "ref", "build", "case", "invoice", "port", "version", "size", "sid", "count", "model", "serial",
    "uuid", "duration", "timeout", "ms", "total", "calls",
];

/// What follows a number that counts: `called 4773410 times`.
const COUNTED: &[&[u8]] =
    &[b" times", b" rows", b" records", b" items", b" users", b" calls", b" requests", b" bytes", b" ms", b" seconds", b" minutes"];

/// Digits of a number that nothing but a word tells.
const LEAST_TOLD: usize = 7;

/// At the first digit of a number of any country, behind a word for telephones.
pub(super) fn told(view: &View<'_>, at: usize) -> Option<Found> {
    let bracket = view.before(at) == Some(b'(');
    let start = at - usize::from(bracket);
    let in_row = view.was(start, |byte| byte == b' ') && start.checked_sub(1).is_some_and(|blank| view.was(blank, is_digit));
    (view.is(at, is_digit)
        && !in_row
        && !view.was(start, |byte| is_word(byte) || matches!(byte, b'+' | b'-' | b'.' | b'/' | b',' | b'#' | b'$' | b'&' | b'%')))
    .then_some(())?;
    let groups = Groups::of(view, at, bracket)?;
    let counted = COUNTED.iter().any(|word| view.starts_with(groups.end, word));
    (groups.is_number(view, at) && !counted && is_telling(view, start)).then_some(())?;
    Found::new(start, groups.end)
}

/// Digits in groups, as numbers are written: one sign between all, but behind brackets.
struct Groups {
    sizes: [usize; 7],
    count: usize,
    separator: Option<u8>,
    end: usize,
}

impl Groups {
    fn of(view: &View<'_>, at: usize, bracket: bool) -> Option<Self> {
        let mut groups = Self { sizes: [0; 7], count: 0, separator: None, end: at };
        let (mut from, mut open) = (at, bracket);
        loop {
            let end = view.run(from, MOST + 1, is_digit);
            *groups.sizes.get_mut(groups.count)? = end - from;
            groups.count += 1;
            groups.end = end;
            let next = match view.at(end) {
                Some(b')') if std::mem::take(&mut open) => view.run(end + 1, 1, |byte| matches!(byte, b' ' | b'-' | b'/')),
                Some(byte @ (b' ' | b'-' | b'.' | b'/')) if !open => {
                    // `0171/12 34 56`, `(0) 171-123`: behind the first group another sign may follow.
                    if groups.count <= 2 {
                        groups.separator = Some(byte);
                    }
                    if groups.separator == Some(byte) { end + 1 } else { end }
                }
                _ => end,
            };
            if next == end || !view.is(next, is_digit) {
                return (!open).then_some(groups);
            }
            from = next;
        }
    }

    fn is_number(&self, view: &View<'_>, at: usize) -> bool {
        let sizes = self.sizes.get(..self.count).unwrap_or_default();
        let digits: usize = sizes.iter().sum();
        let text = view.slice(at, self.end);
        let goes_on = view.is(self.end, |byte| matches!(byte, b':' | b'.' | b'-' | b'/' | b',')) && view.is(self.end + 1, is_alnum);
        let ends = !goes_on && !view.is(self.end, |byte| is_word(byte) || byte == b'%');
        let grouped = sizes.len() == 1 || sizes.iter().skip(1).all(|size| (2..=9).contains(size));
        let most = if sizes.len() == 1 { 12 } else { MOST };
        // Years, days and months; addresses of hosts, which have no leading zeros.
        let date = match sizes {
            [4, 2, 2] | [4, 2, 2, ..] => matches!(text.get(..2), Some(b"19" | b"20")),
            [1 | 2, 1 | 2, 4] => matches!(text.get(text.len() - 4..text.len() - 2), Some(b"19" | b"20")),
            [8 | 14] => matches!(text.get(..2), Some(b"19" | b"20")) && national::checks::begins_ymd(text.get(2..).unwrap_or_default()),
            // From one year to another.
            [4, 4] => {
                let year = |at: usize| matches!(text.get(at..at + 2), Some(b"19" | b"20"));
                self.separator == Some(b'-') && year(0) && year(5) && text.get(..4) < text.get(5..)
            }
            // Seconds and milliseconds since 1970, of our time.
            [10] => matches!(text.get(..2), Some(b"16" | b"17" | b"18")),
            _ => false,
        };
        let host = self.separator == Some(b'.')
            && sizes.len() == 4
            && !text.split(|byte| *byte == b'.').any(|part| part.len() > 1 && part.starts_with(b"0"));
        // `7.341292225`; a number in two such groups begins with a zero that is not alone.
        let fraction = matches!(sizes, [whole, _] if text.get(*whole) == Some(&b'.') && !(text.starts_with(b"0") && *whole > 1));
        (LEAST_TOLD..=most).contains(&digits) && ends && grouped && !date && !host && !fraction && placeholder::distinct(text) > 2
    }
}

/// Bytes between the word and the number.
const NEAR: usize = 44;

/// Whether a word for telephones leads to `start`.
fn is_telling(view: &View<'_>, start: usize) -> bool {
    let clear =
        |between: &[u8]| !between.iter().any(u8::is_ascii_digit) && !OTHERWISE.iter().any(|word| has_word(between, word.as_bytes()));
    if !view.may_be_introduced(start, WORDS) && !view.may_be_introduced(start, TELLING) {
        return false;
    }
    let before = view.slice(start.saturating_sub(NEAR + 16), start);
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let by_text = last_telling(line).is_some_and(|end| {
        let between = line.get(end..).unwrap_or_default();
        between.len() <= NEAR && clear(between)
    });
    // Of names, `call` is one of many things.
    let by_name = || {
        start <= 1
            && !view.key().eq_ignore_ascii_case(b"call")
            && last_telling(view.key()).is_some_and(|end| clear(view.key().get(end..).unwrap_or_default()))
    };
    by_text || by_name()
}

/// Where the last of the words ends.
fn last_telling(text: &[u8]) -> Option<usize> {
    last_word(text, WORDS).max(last_word(text, TELLING))
}
