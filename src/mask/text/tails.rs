//! Where the tail of a value ends, whose head a check has found.

use memchr::{memchr2, memmem};

use super::Window;
use crate::mask::detectors::database::is_userinfo;
use crate::mask::detectors::text::{is_base64, is_base64url, is_word};
use crate::mask::detectors::{End, KEY, Tail};
use crate::mask::levels::Levels;

/// Where the tail of a value whose head ends at `at` ends, and whether it does in this window. Places of the level's text.
pub(super) fn tail_end(view: &Window<'_>, level: usize, at: usize, tail: Tail) -> (usize, bool) {
    let Window { levels, limit, last } = view;
    let (text, last) = (levels.text(level), *last);
    let limit = levels.at_or_after(level, *limit).max(at);
    match tail {
        Tail::None => (at, true),
        Tail::Token => token_end(text, at, limit, last),
        Tail::Base64 => base64_end(text, at, limit, last, |at| is_plus(levels, level, at)),
        Tail::Armor => armor_end(text, at, limit, last),
        Tail::Value(end) => value_end(text, at, limit, end).map_or((limit, last), |end| (end, true)),
    }
}

/// Where a value ends that goes on at `at`, if it does before the limit. What is behind the limit tells nothing but what the signs before
/// it are of.
fn value_end(text: &[u8], at: usize, limit: usize, end: End) -> Option<usize> {
    let first = |is_end: &dyn Fn(u8) -> bool| text.get(at..limit)?.iter().position(|byte| is_end(*byte)).map(|len| at + len);
    match end {
        End::Bare => key_end(text, at, limit, false),
        End::Query => key_end(text, at, limit, true),
        End::Quote(quote) => quote_end(text, at, limit, quote),
        End::Tag => first(&|byte| byte <= b' ' || byte == b'<'),
        End::Cell(separator) => first(&|byte| byte <= b' ' || byte == separator || matches!(byte, b'"' | b'`')),
        End::Host => first(&|byte| !is_userinfo(byte)),
        End::Text => None,
    }
}

/// Signs before an end, and bytes of a name behind one, that are looked at.
const NEAR: usize = 32;

/// Before what no key has in it, the signs of a sentence there, and the next assignment.
fn key_end(text: &[u8], at: usize, limit: usize, in_query: bool) -> Option<usize> {
    let mut end = at;
    while end < limit {
        let rest = text.get(end..limit)?;
        end += rest.iter().take_while(|byte| KEY.has(**byte) && !matches!(byte, b'.' | b':' | b'&' | b'#')).count();
        let behind = text.get(end..)?;
        let signs = behind.iter().take(NEAR).take_while(|byte| matches!(byte, b'.' | b':')).count();
        let goes_on = match behind.first() {
            _ if end >= limit => return None,
            Some(b'&' | b'#') if in_query => false,
            Some(b'&') => !assigns(behind),
            Some(b'#') => true,
            Some(b'.' | b':') => behind.get(signs).is_some_and(|byte| KEY.has(*byte)),
            _ => false,
        };
        if !goes_on {
            return Some(end);
        }
        end += signs.max(1);
    }
    None
}

/// Whether `&name=` stands here.
fn assigns(text: &[u8]) -> bool {
    let name = text.iter().skip(1).take(NEAR).take_while(|byte| is_word(**byte)).count();
    name > 0 && text.get(name + 1) == Some(&b'=')
}

/// Before the quote and the backslashes that escape it, or a blank.
fn quote_end(text: &[u8], at: usize, limit: usize, quote: u8) -> Option<usize> {
    let mut end = at;
    loop {
        let len = text.get(end..limit)?.iter().position(|byte| *byte <= b' ' || *byte == quote || *byte == b'\\')?;
        end += len;
        let escapes = text.get(end..)?.iter().take(NEAR).take_while(|byte| **byte == b'\\').count();
        if escapes == 0 || text.get(end + escapes) == Some(&quote) {
            return Some(end);
        }
        end += escapes;
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

fn base64_end(text: &[u8], at: usize, limit: usize, last: bool, is_plus: impl Fn(usize) -> bool) -> (usize, bool) {
    let rest = text.get(at..limit).unwrap_or_default();
    let goes_on = |at: usize, byte: u8| is_base64(byte) || matches!(byte, b'-' | b'_' | b'=') || (byte == b' ' && is_plus(at));
    match (at..).zip(rest).find(|(at, byte)| !goes_on(*at, **byte)) {
        Some((end, _)) => (end, true),
        None => (limit, last),
    }
}

/// Whether the blank at `at` is how a `+` between two digits reads.
fn is_plus(levels: &Levels<'_>, level: usize, at: usize) -> bool {
    let written = levels.raw().get(levels.raw_start(level, at)..).unwrap_or_default();
    [&b"+"[..], b"%2B", b"%2b", b"%252B"].iter().any(|plus| written.starts_with(plus))
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
