//! Where a value ends: at its quote, at a tag, at a blank or what closes a statement. One that has no end as far as checks look goes on
//! in its tail.

use super::super::View;
use super::super::set::Set;
use super::super::sliding::Sought;
use super::super::tail::{End, LONGEST, Tail};
use super::super::text::is_alnum;
use super::BLANKS;

/// Ends of a word.
pub(super) const BLANKS_AND_CONTROLS: Set = Set::new(b"", &[BLANK]);

/// Blanks and controls.
const BLANK: (u8, u8) = (0, b' ');

/// Up to the quote it began with.
pub(in super::super) fn quoted(view: &View<'_>, start: usize, quote: u8) -> Option<(usize, Tail)> {
    const DOUBLE: Set = Set::new(b"\"", &[BLANK]);
    const SINGLE: Set = Set::new(b"'", &[BLANK]);
    const BACK: Set = Set::new(b"`", &[BLANK]);
    let ends = match quote {
        b'"' => &DOUBLE,
        b'\'' => &SINGLE,
        _ => &BACK,
    };
    let text = view.ahead(start, LONGEST);
    let len = ends.position(text);
    // A quote that is escaped ends with its backslash, in text whose escapes are not resolved.
    let escapes = text.get(..len).unwrap_or_default().iter().rev().take_while(|byte| **byte == b'\\').count();
    let tail = Tail::behind(view, start, start + len, End::Quote(quote));
    (text.get(len) == Some(&quote) || tail != Tail::None).then_some((start + len - escapes, tail))
}

/// Up to the next tag, blanks aside.
pub(super) fn tagged(view: &View<'_>, start: usize) -> Option<(usize, Tail)> {
    const ENDS: Set = Set::new(b"<", &[BLANK]);
    let end = view.until(start, LONGEST, &ENDS);
    let tail = Tail::behind(view, start, end, End::Tag);
    (view.at(view.run(end, BLANKS, |byte| byte.is_ascii_whitespace())) == Some(b'<') || tail != Tail::None).then_some((end, tail))
}

/// Bytes of the name behind a value.
const NAME: usize = 32;

/// Up to a blank or what closes a statement.
pub(super) fn plain(view: &View<'_>, start: usize, in_query: bool) -> (usize, Tail) {
    const ENDS_IN_QUERY: Set = Set::new(b"\"'`<>&#\\", &[BLANK]);
    const ENDS: Set = Set::new(b"\"'`<>\\;", &[BLANK]);
    const NEXT: Set = Set::new(b",&", &[]);
    let (ends, sought) = if in_query { (&ENDS_IN_QUERY, Sought::EndInQuery) } else { (&ENDS, Sought::End) };
    let end = view.until_known(start, LONGEST, ends, sought);
    let tail = Tail::behind(view, start, end, if in_query { End::Query } else { End::Bare });
    let closing = |byte: &&u8| matches!(**byte, b',' | b'.' | b')' | b']' | b'}' | b':');
    let text = view.slice(start, end);
    let stray = text.iter().rev().take_while(closing).count();
    let end = end - stray;
    // `a=1,b=2`, `a=1&b=2`: another assignment follows.
    let text = view.slice(start, end);
    let next = view.until_known(start, text.len(), &NEXT, Sought::Next) - start;
    let rest = text.get(next + 1..).unwrap_or_default();
    let name = rest.iter().take_while(|byte| is_alnum(**byte) || **byte == b'_').count();
    if name > 0 && rest.get(name) == Some(&b'=') {
        return (start + next, Tail::None);
    }
    // Of one that is cut, the tail tells.
    let cut = || text.iter().rev().take(NAME).position(|byte| matches!(byte, b',' | b'&'));
    if tail == Tail::None { (end, tail) } else { (cut().map_or(end, |cut| end - cut - 1), tail) }
}
