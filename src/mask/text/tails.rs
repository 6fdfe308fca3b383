//! Where the tail of a value ends, whose head a check has found.

use memchr::{memchr2, memmem};

use super::Window;
use crate::mask::detectors::Tail;
use crate::mask::detectors::text::{is_base64, is_base64url};

/// Where the tail of a value whose head ends at `at` ends, and whether it does in this window. Places of the level's text.
pub(super) fn tail_end(view: &Window<'_>, level: usize, at: usize, tail: Tail) -> (usize, bool) {
    let Window { levels, limit, last } = view;
    let (text, last) = (levels.text(level), *last);
    let limit = levels.at_or_after(level, *limit).max(at);
    match tail {
        Tail::None => (at, true),
        Tail::Token => token_end(text, at, limit, last),
        Tail::Base64 => base64_end(text, at, limit, last),
        Tail::Armor => armor_end(text, at, limit, last),
    }
}

fn token_end(text: &[u8], at: usize, limit: usize, last: bool) -> (usize, bool) {
    let mut end = at;
    while end < limit {
        let next = text.get(end + 1).copied();
        let goes_on = match text.get(end) {
            // A dot belongs to the token when more of it follows; not at the end of a sentence.
            Some(b'.') => next.is_some_and(|next| is_base64url(next) || next == b'.'),
            Some(byte) => is_base64url(*byte) || *byte == b'=',
            None => false,
        };
        if !goes_on {
            return (end, true);
        }
        end += 1;
    }
    (end, last)
}

fn base64_end(text: &[u8], at: usize, limit: usize, last: bool) -> (usize, bool) {
    let rest = text.get(at..limit).unwrap_or_default();
    match rest.iter().position(|byte| !is_base64(*byte) && !matches!(byte, b'-' | b'_' | b'=')) {
        Some(end) => (at + end, true),
        None => (limit, last),
    }
}

/// Through the `END` line; a key that was cut ends where the quoted text does that it stands in.
fn armor_end(text: &[u8], at: usize, limit: usize, last: bool) -> (usize, bool) {
    const END: &[u8] = b"-----END ";
    const LINE: usize = 80;
    // What begins after the limit belongs to the next window.
    let quote = memchr2(b'"', b'<', text.get(at..limit).unwrap_or_default());
    let seen = limit.saturating_add(END.len() - 1).min(text.len());
    let marker = memmem::find(text.get(at..seen).unwrap_or_default(), END);
    match (quote, marker) {
        (Some(quote), marker) if marker.is_none_or(|marker| quote < marker) => (at + quote, true),
        (_, Some(marker)) => {
            let label = at + marker + END.len();
            let line = text.get(label..).unwrap_or_default();
            let line = line.get(..LINE).unwrap_or(line);
            let closing = memmem::find(line, b"-----").map_or(0, |dashes| dashes + 5);
            (label + closing, true)
        }
        _ => (limit, last),
    }
}
