//! Base64 in text (RFC 4648, sections 4 and 5; lines as MIME breaks them): a run that decodes to text is looked at as text, and where
//! anything is found in it all of the run is masked.
//!
//! Most of what looks like base64 is none: words, paths, hashes. They are told by the first bytes they decode to.

use std::ops::Range;

use super::levels::{LAST, Levels};
use super::profile::Profile;
use super::rules::Label;
use super::sieve::{self, RUN};
use super::text::Text;
use crate::wire::block::{BLOCK, Block};
use crate::wire::utf8::Utf8;

/// With its padding: thirteen to fifteen bytes, the shortest identifier in its usual writing.
const SHORTEST: usize = 20;

/// Without it.
const UNPADDED: usize = SHORTEST - 2;

const _: () = assert!(UNPADDED == RUN as usize);

/// Longest run looked into as a whole: a private key of 2048 bits, or a service account, in base64. Of a longer one this much of its
/// beginning decides for all of it.
pub(crate) const LONGEST: usize = 4096;

/// Base64 in base64.
pub(crate) const TIMES: u8 = 2;

/// Shortest line that goes on in the next: PEM breaks lines at 64 characters, MIME at 76.
const LINE: usize = 60;

/// Runs that begin in `from..limit` of a text, or of a window of one that begins earlier.
pub(crate) fn runs(text: &[u8], from: usize, limit: usize, each: &mut impl FnMut(Range<usize>)) {
    let mut at = from;
    // A run that began before is not one that begins here.
    if at > 0 && text.get(at - 1).is_some_and(|byte| is_run(*byte)) {
        at = end_of(text, at);
    }
    // A run of the length sought covers one of any so many places in a row; most places tell that there is none.
    while at < limit {
        let Some(slice) = text.get(at..).and_then(|rest| rest.first_chunk::<UNPADDED>()) else { return };
        if let Some(gap) = slice.iter().rposition(|byte| !is_run(*byte)) {
            at += gap + 1;
            continue;
        }
        let run = padded(text, at, end_of(text, at));
        let end = run.end;
        if run.len() >= SHORTEST {
            each(run);
        }
        at = end;
    }
}

/// The run from `at` to `end`, with its padding.
fn padded(text: &[u8], at: usize, end: usize) -> Range<usize> {
    let padding = text.get(end..).map_or(0, |rest| rest.iter().take(2).take_while(|byte| **byte == b'=').count());
    at..end + padding
}

/// Whether the run that goes through `at`, not long after it has begun, may decode to text, at whatever level of escapes; they need not be
/// resolved.
pub(crate) fn may_stand_at(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let start = at - before.iter().rev().take(UNPADDED).take_while(|byte| is_run(**byte)).count();
    may_decode(text, padded(text, start, end_of(text, start)))
}

fn may_decode(text: &[u8], at: Range<usize>) -> bool {
    let run = text.get(at.clone()).unwrap_or_default();
    let is_escape = |at: Option<usize>| at.and_then(|at| text.get(at)) == Some(&b'\\');
    // What breaks the line may be an escape.
    if run.len() >= LINE && is_escape(Some(at.end)) {
        return true;
    }
    // The letters of an escape before it are not of it.
    let skipped: &[usize] = if is_escape(at.start.checked_sub(1)) { &[0, 1, 5] } else { &[0] };
    skipped.iter().filter_map(|skipped| run.get(*skipped..)).any(may_be_text)
}

/// Whether a run goes on behind the window of a text, escapes and all, that begins before `limit` and where the next window would see
/// more of it: see [`limit`].
pub(crate) fn goes_on(window: &[u8], limit: usize) -> bool {
    let is_part = |byte: u8| is_run(byte) || is_break(byte) || byte == b'\\';
    let len = window.iter().rev().take_while(|byte| is_part(**byte)).count();
    let start = window.len() - len;
    let run = window.get(start..).unwrap_or_default();
    start < limit && (start >= window.len() / 4 || run.contains(&b'\\'))
}

/// Whether a run, or a part of it between slashes or between signs, may be of text: told by what its first characters decode to.
fn may_be_text(run: &[u8]) -> bool {
    // A hash: text whose base64 has nothing but these digits is made, not written.
    if is_hexadecimal(run) {
        return false;
    }
    if begins_as_text(run) {
        // A run of one part is text from its beginning to its end, or none.
        return run.len() > LONGEST || run.iter().any(|byte| is_sign(*byte)) || is_text(run);
    }
    if !has_parts(run) {
        return false;
    }
    // The first part of all begins as the run does.
    let (mut slash, mut sign) = (None, None);
    let part =
        |from: Option<usize>, to: usize| from.is_some_and(|from| to - from >= SHORTEST && run.get(from..to).is_some_and(begins_as_text));
    let mut ends_text = |at: usize| {
        let is_slash = run.get(at) == Some(&b'/');
        let found = part(sign, at) || (is_slash && part(slash, at));
        sign = Some(at + 1);
        slash = if is_slash { sign } else { slash };
        found
    };
    let (blocks, rest) = run.as_chunks::<BLOCK>();
    for (number, block) in blocks.iter().enumerate() {
        let mut signs = signs(block).bits();
        while signs != 0 {
            if ends_text(number * BLOCK + usize::try_from(signs.trailing_zeros()).unwrap_or_default()) {
                return true;
            }
            signs &= signs - 1;
        }
    }
    let behind = blocks.len() * BLOCK;
    if rest.iter().enumerate().any(|(at, byte)| is_sign(*byte) && ends_text(behind + at)) {
        return true;
    }
    part(sign, run.len()) || part(slash, run.len())
}

/// Whether a part of a run may be long enough to be looked at; of a long run it is taken for granted. Most words, hashes, paths and UUIDs have none.
fn has_parts(run: &[u8]) -> bool {
    const MOST: usize = 64;
    let Some(last) = run.last_chunk().filter(|_| run.len() <= MOST) else { return true };
    let places = |of: fn(&[u8; BLOCK]) -> Block| {
        let at = |block, from: usize| u64::from(of(block).bits()) << from;
        let blocks = run.as_chunks().0.iter().zip((0..).step_by(BLOCK));
        blocks.fold(at(last, run.len() - BLOCK), |places, (block, from)| places | at(block, from))
    };
    let is_long = |ends: u64| {
        let part = !ends & (u64::MAX >> (MOST - run.len()));
        let two = part & (part >> 1);
        let four = two & (two >> 2);
        let eight = four & (four >> 4);
        eight & (eight >> 8) & (four >> 16) != 0
    };
    const { assert!(SHORTEST == 20) };
    let (signs, slashes) = (places(signs), places(|block| Block::of(block).is(b'/')));
    signs != 0 && (is_long(signs) || (slashes != 0 && is_long(slashes)))
}

/// Of each byte whether it is a sign.
fn is_hexadecimal(run: &[u8]) -> bool {
    // Half bytes of digits, and of letters in either case.
    const LOWER: [u8; BLOCK] = [1, 3, 3, 3, 3, 3, 3, 1, 1, 1, 0, 0, 0, 0, 0, 0];
    const UPPER: [u8; BLOCK] = [0, 0, 0, 1, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let Some(last) = run.last_chunk::<BLOCK>() else { return false };
    let [lower, upper] = [&LOWER, &UPPER].map(Block::of);
    let is_whole = |block: &[u8; BLOCK]| {
        let bytes = Block::of(block);
        bytes.and(Block::all(15)).of_table(lower).and(bytes.upper().of_table(upper)).any_bits() == 0xFFFF
    };
    is_whole(last) && run.as_chunks().0.iter().all(is_whole)
}

fn signs(block: &[u8; BLOCK]) -> Block {
    let block = Block::of(block);
    block.is(b'/').or(block.is(b'+')).or(block.is(b'-').or(block.is(b'_')))
}

#[inline]
fn begins_as_text(part: &[u8]) -> bool {
    part.len() >= SHORTEST && part.first_chunk().is_some_and(may_begin) && is_text_so_far(part)
}

/// Whether text may be written with these first: what they decode to is no control, and begins a character.
#[inline]
fn may_begin(quantum: &[u8; 4]) -> bool {
    let [first, second, ..] = quantum.map(|byte| VALUES.get(usize::from(byte)).copied().unwrap_or_default());
    let byte = first << 2 | second >> 4;
    (!is_control(&byte) && !matches!(byte, 0x80..0xC2 | 0xF5..)) || quantum.iter().any(|byte| is_break(*byte))
}

/// Likewise of as many as the shortest run has.
fn is_text_so_far(part: &[u8]) -> bool {
    let Some(head) = part.first_chunk::<UNPADDED>() else { return false };
    let mut utf8 = Utf8::default();
    for quantum in head.as_chunks::<4>().0 {
        if quantum.iter().any(|byte| is_break(*byte)) {
            return true;
        }
        let bits = quantum.iter().fold(0, |bits, byte| bits << 6 | u32::from(VALUES.get(usize::from(*byte)).copied().unwrap_or_default()));
        let [_, bytes @ ..] = bits.to_be_bytes();
        // Most is none from its first characters on.
        if bytes.iter().any(|byte| is_control(byte) || !utf8.step(*byte)) {
            return false;
        }
    }
    true
}

/// Whether a run decodes to text, as [`decoded`] does it; of one in lines the first line tells.
fn is_text(run: &[u8]) -> bool {
    let line = run.iter().position(|byte| is_break(*byte) || *byte == b'=').and_then(|end| run.get(..end)).unwrap_or(run);
    let mut utf8 = Utf8::default();
    line.as_chunks::<4>().0.iter().all(|quantum| {
        let bits = quantum.iter().fold(0, |bits, byte| bits << 6 | u32::from(VALUES.get(usize::from(*byte)).copied().unwrap_or_default()));
        let [_, bytes @ ..] = bits.to_be_bytes();
        !bytes.iter().any(is_control) && utf8.feed(&bytes)
    })
}

fn is_control(byte: &u8) -> bool {
    *byte < b' ' && !matches!(byte, b'\t' | b'\r' | b'\n') || *byte == 0x7F
}

/// For what a run is to be masked, if it is.
pub(crate) fn look(profile: &Profile, run: &[u8], times: u8) -> Option<Label> {
    if times >= TIMES || !may_be_text(run) {
        return None;
    }
    let head = run.get(..LONGEST).unwrap_or(run);
    let found = |part: &[u8]| decoded(part).and_then(|text| Text::first_in(profile, &text, times + 1));
    // A run may be part of a path or of several words: `/v1/` before it, `-` between.
    found(head).or_else(|| pieces(head, |byte| byte == b'/').find_map(found)).or_else(|| pieces(head, is_sign).find_map(found))
}

/// Where a window's limit has to be for a run that the window cuts to be seen whole in the next.
pub(crate) fn limit(levels: &Levels<'_>, limit: usize, decided: usize) -> usize {
    let text = levels.text(LAST);
    let most = text.len().min(LONGEST + LONGEST / LINE * 2);
    let len = text.iter().rev().take(most).take_while(|byte| is_run(**byte) || is_break(**byte)).count();
    let start = levels.floor(levels.raw_start(LAST, text.len() - len));
    // Of a run written so that it takes more than most of a window, what the window shows decides.
    if len < SHORTEST || len == most || start <= decided || start < levels.raw().len() / 4 { limit } else { limit.min(start) }
}

fn pieces(run: &[u8], ends: impl Fn(u8) -> bool) -> impl Iterator<Item = &[u8]> {
    let whole = run.len();
    run.split(move |byte| ends(*byte)).filter(move |piece| piece.len() >= SHORTEST && piece.len() < whole)
}

/// The end of the run that goes through `at`: the first byte that is not of it, line breaks between whole lines included.
fn end_of(text: &[u8], at: usize) -> usize {
    let mut end = at;
    loop {
        let line = text.get(end..).map_or(0, sieve::run);
        end += line;
        let next = match (text.get(end), text.get(end + 1)) {
            (Some(b'\r'), Some(b'\n')) => end + 2,
            (Some(b'\n'), _) => end + 1,
            _ => return end,
        };
        if line < LINE || !text.get(next).is_some_and(|byte| is_run(*byte)) {
            return end;
        }
        end = next;
    }
}

/// Looked up, not compared: it is asked of a good part of all text.
#[inline]
pub(crate) fn is_run(byte: u8) -> bool {
    IS_RUN.get(usize::from(byte)).copied().unwrap_or_default()
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b'/' | b'+' | b'-' | b'_')
}

static IS_RUN: [bool; 256] = {
    let mut run = [false; 256];
    let mut all: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
    while let Some((byte, rest)) = all.split_first() {
        let (_, from) = run.split_at_mut(*byte as usize);
        if let Some(slot) = from.first_mut() {
            *slot = true;
        }
        all = rest;
    }
    run
};

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// What a run decodes to, where that is text in UTF-8: without controls but for tabs and line breaks.
fn decoded(run: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(run.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in run.iter().filter(|byte| !is_break(**byte)).take_while(|byte| **byte != b'=') {
        bits = (bits << 6 | u32::from(value(*byte)?)) & 0xFF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            let byte = u8::try_from(bits >> count & 0xFF).unwrap_or_default();
            if is_control(&byte) {
                return None;
            }
            text.push(byte);
        }
    }
    // Of a run that was cut, the last character may be, too.
    match std::str::from_utf8(&text) {
        Ok(_) => Some(text),
        Err(err) if err.error_len().is_none() && err.valid_up_to() > 0 => Some(text),
        Err(_) => None,
    }
}

/// What characters of either alphabet stand for; 0 for all others.
static VALUES: [u8; 256] = {
    let mut values = [0; 256];
    let mut all: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut next = 0;
    while let Some((byte, rest)) = all.split_first() {
        let (_, from) = values.split_at_mut(*byte as usize);
        if let Some(slot) = from.first_mut() {
            *slot = next;
        }
        next += 1;
        all = rest;
    }
    let (_, from) = values.split_at_mut(b'-' as usize);
    if let Some(slot) = from.first_mut() {
        *slot = 62;
    }
    let (_, from) = values.split_at_mut(b'_' as usize);
    if let Some(slot) = from.first_mut() {
        *slot = 63;
    }
    values
};

/// What a character of either alphabet stands for.
pub(crate) fn value(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

    use super::*;

    fn all(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        runs(text.as_bytes(), 0, text.len(), &mut |range| found.push(&text[range]));
        found
    }

    #[test]
    fn finds_every_run_of_some_length() {
        for before in 0..50 {
            for len in [UNPADDED - 1, UNPADDED, SHORTEST - 1, SHORTEST, 33, 100] {
                let run = "Ab1+".repeat(50)[..len].to_owned();
                let text = format!("{}{run}== and {run}", "x ".repeat(before));
                let mut want = vec![format!("{run}=="), run.clone()];
                want.retain(|run| run.len() >= SHORTEST && len >= UNPADDED);
                assert_eq!(all(&text), want, "{before} {len}");
            }
        }
        assert!(all("no words of twenty letters here, ever").is_empty());
        assert_eq!(all(&format!("{0}\r\n{0}\nabc= x", "A".repeat(76))), [format!("{0}\r\n{0}\nabc=", "A".repeat(76))]);
        assert_eq!(all(&format!("{0}\n{0}", "A".repeat(40))), ["A".repeat(40), "A".repeat(40)]);
    }

    #[test]
    fn hashes_are_told_at_every_length() {
        for len in 0..100 {
            let hash = "0123456789abcdefABCDEF".repeat(5)[..len].to_owned();
            assert_eq!(is_hexadecimal(hash.as_bytes()), len >= BLOCK, "{hash}");
            for at in 0..len {
                for other in [b'g', b'G', b'/', b':', b'@', b'`', b'z', b'-', b'_', 0xE1, b'\n'] {
                    let mut run = hash.clone().into_bytes();
                    run[at] = other;
                    assert!(!is_hexadecimal(&run), "{at} {other}");
                }
            }
        }
    }

    #[test]
    fn a_run_without_long_parts_has_none() {
        let mut told = [0, 0];
        for seed in 1..4000usize {
            let len = UNPADDED + seed % 50;
            let dense = 3 + seed % 29;
            let at = |place: usize| (seed * 31 + place * place * 7 + place * seed / 5) % (dense * 4);
            let run: Vec<u8> = (0..len).map(|place| b"/+-_".get(at(place)).copied().unwrap_or(b'x')).collect();
            let is_long = |part: &[u8]| part.len() >= SHORTEST;
            let parts = run.split(|byte| is_sign(*byte)).skip(1).any(is_long) || run.split(|byte| *byte == b'/').skip(1).any(is_long);
            assert!(!parts || has_parts(&run), "{}", String::from_utf8_lossy(&run));
            told[usize::from(has_parts(&run))] += 1;
        }
        assert!(told.iter().all(|times| *times > 500), "{told:?}");
        assert!(!has_parts(b"da39a3ee5e6b4b0d3255bfef95601890afd80709") && has_parts(&[b'/'; LONGEST]));
    }

    #[test]
    fn a_run_begins_where_it_does() {
        let text = "A".repeat(50) + " " + &"B".repeat(30);
        let mut found = Vec::new();
        runs(text.as_bytes(), 10, text.len(), &mut |range| found.push(range));
        assert_eq!(found.first(), Some(&(51..81)));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn decodes_text_and_nothing_else() {
        for text in ["card 4242 4242 4242 4242", "größe: é", "{\"a\":\n\t1}"] {
            for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                assert_eq!(decoded(engine.encode(text).as_bytes()).as_deref(), Some(text.as_bytes()));
            }
        }
        for other in ["some-long-kebab-case-name", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "InternationalizationOfNames"] {
            assert_eq!(decoded(other.as_bytes()), None, "{other}");
        }
    }
}
