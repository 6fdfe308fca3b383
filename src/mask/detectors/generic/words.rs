//! The words of a command and the arguments of a call, with their quotes and without.

use super::super::View;
use super::super::tail::LONGEST;
use super::super::text::is_alnum;
use super::command::{LONG, NEAR};

/// Without the quotes around it.
pub(super) fn unquoted(view: &View<'_>, start: usize, end: usize) -> (usize, usize) {
    let quote = view.at(start).filter(|byte| matches!(byte, b'\'' | b'"'));
    match quote {
        Some(quote) if end > start + 1 && view.before(end) == Some(quote) => (start + 1, end - 1),
        Some(_) if end > start + LONG => (start + 1, end),
        _ => (start, end),
    }
}

/// The text in quotes that begins at `at`; up to `to` where it has neither an end nor a blank before.
pub(super) fn in_quotes(view: &View<'_>, at: usize, to: usize) -> Option<(usize, usize)> {
    let quote = view.at(at).filter(|byte| matches!(byte, b'\'' | b'"'))?;
    let text = view.slice(at + 1, to.max(at + 1).min(view.text().len()));
    match text.iter().position(|byte| *byte == quote || *byte == b'\n') {
        Some(len) => (view.at(at + 1 + len) == Some(quote)).then_some((at + 1, at + 1 + len)),
        None => (at + 1 + text.len() == to && text.iter().all(|byte| *byte > b' ')).then_some((at + 1, to)),
    }
}

/// The argument at `place` of a call whose arguments begin at `from`, where it is in quotes.
pub(super) fn nth_argument(view: &View<'_>, from: usize, place: usize) -> Option<(usize, usize)> {
    let mut at = from;
    let mut depth = 0;
    for _ in 0..place {
        loop {
            match view.at(at).filter(|_| at < from + NEAR)? {
                b',' if depth == 0 => break,
                b';' | b'\n' => return None,
                b'(' | b'{' | b'[' => (depth, at) = (depth + 1, at + 1),
                b')' | b'}' | b']' if depth == 0 => return None,
                b')' | b'}' | b']' => (depth, at) = (depth - 1, at + 1),
                b'\'' | b'"' => at = in_quotes(view, at, at + LONGEST)?.1 + 1,
                _ => at += 1,
            }
        }
        at += 1;
    }
    let start = view.run(at, 4, |byte| byte == b' ');
    // `Some("...")`, `b"..."`.
    let start = start + if view.starts_with(start, b"Some(") { 5 } else { 0 };
    let prefixed = view.is(start, |byte| matches!(byte, b'b' | b'r' | b'u')) && view.is(start + 1, |byte| matches!(byte, b'"' | b'\''));
    let quote = start + usize::from(prefixed);
    in_quotes(view, quote, quote + LONGEST)
}

/// The words of a command, as a shell would take them apart; up to its end.
pub(super) struct Words<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) at: usize,
    pub(super) end: usize,
}

pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        let start = self.view.run(self.at, 8, |byte| matches!(byte, b' ' | b'\t'));
        let mut at = start;
        while let Some(byte) = self.view.at(at).filter(|_| at < start + LONGEST) {
            match byte {
                // The end of a string in JSON.
                b'"' if self.view.was(at, is_alnum) && self.view.is(at + 1, |byte| matches!(byte, b'}' | b']' | b',')) => break,
                b'\'' | b'"' => match in_quotes(self.view, at, start + LONGEST) {
                    Some((_, end)) => at = end,
                    None => break,
                },
                b';' | b'|' | b'&' | b'<' | b'>' | b'`' if at == start => return None,
                0..=b' ' | b'`' => break,
                _ => {}
            }
            at += 1;
        }
        self.at = at;
        (at > start && start < self.end).then_some(Word { start, end: at })
    }
}
