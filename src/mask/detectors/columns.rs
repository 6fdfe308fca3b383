//! Whether a name may be the head of a column that nothing but blanks, or the signs of a list, keep apart from the next: of text that may
//! have its escapes in it.

use memchr::{memchr2, memchr3};

use super::text::is_alnum;
use super::{View, glance};

/// Bytes of a line that are looked at.
const LINE: usize = 400;

/// Bytes of a name.
const NAME: usize = 48;

const _: () = assert!(LINE + NAME <= glance::BACK && 2 * LINE + NAME + 4 <= glance::AHEAD);

/// Whether the word at `at` may be in such a head.
pub(super) fn may_be_head(view: &View<'_>, at: usize) -> bool {
    let end = view.run(at + 1, NAME, is_of_name);
    match view.at(end) {
        // `"password"`, the last in its list, with a line break behind it.
        Some(b'"') => matches!(view.at(end + 1), Some(b'\n' | b'\r' | b'\\')),
        Some(b'\\') if view.at(view.run(end, 4, |byte| byte == b'\\')) == Some(b'"') => {
            view.at(view.run(end, 4, |byte| byte == b'\\') + 1) == Some(b'\\')
        }
        Some(b' ' | b'\n' | b'\r' | b'\\') => is_in_head(view, at, end),
        _ => false,
    }
}

/// A line of names, two blanks before the word or behind it, or dashes in the next line.
fn is_in_head(view: &View<'_>, at: usize, end: usize) -> bool {
    let rest = view.ahead(end, LINE);
    // `password    ...`, a row of names and values.
    if rest.starts_with(b"  ") {
        let start = view.run_back(at, NAME, is_of_head);
        if view.was(start, |byte| matches!(byte, b'\n' | b'\\')) {
            return true;
        }
    }
    // An escape is a line's end, or a letter of a name. Most words have no end of a line near, which one search tells.
    let Some(len) = memchr3(b'\n', b'\r', b'\\', rest) else { return false };
    if !rest.iter().take(len).all(|byte| is_of_head(*byte)) {
        return false;
    }
    let apart = |text: &[u8]| text.windows(2).any(|pair| pair == b"  ");
    if rest.get(..len).is_some_and(apart) {
        return true;
    }
    let start = view.run_back(at, LINE, is_of_head);
    view.was(start, |byte| byte == b'\\') || apart(view.slice(start, at)) || is_underlined(view.ahead(end + len, LINE))
}

/// Whether a line of dashes follows the end of one; a letter that is written as an escape may be before that.
fn is_underlined(text: &[u8]) -> bool {
    let Some(next) = memchr2(b'-', b'=', text) else { return false };
    let between = text.get(..next).unwrap_or_default();
    between.iter().all(|byte| byte.is_ascii_whitespace() || matches!(byte, b'\\' | b'n' | b'r'))
        || between.windows(2).any(|pair| pair == b"\\u")
}

fn is_of_name(byte: u8) -> bool {
    is_alnum(byte) || !byte.is_ascii() || matches!(byte, b'_' | b'.' | b'-')
}

/// What heads and the blanks between them consist of.
fn is_of_head(byte: u8) -> bool {
    is_of_name(byte) || matches!(byte, b' ' | b'/' | b'#' | b'(' | b')' | b'\'')
}
