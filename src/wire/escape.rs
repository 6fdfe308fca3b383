//! JSON string escapes (RFC 8259 section 7) resolved, with a map from the text back to where it was written; other ways of
//! writing are resolved with the same map, by whoever knows them ([`Unescaped::read`]).

use std::cell::Cell;

use memchr::memchr;

use super::block::{BLOCK, Block};

/// One resolved text and where each part of it stands in its source.
///
/// Lengths are under 64 KiB: a window of a stream, never a whole body.
#[derive(Debug, Default)]
pub struct Unescaped {
    pub text: Vec<u8>,
    marks: Vec<Mark>,
    source_len: usize,
    /// Marks before the place asked for last: the next is not far from it.
    last: Cell<usize>,
}

/// From `text` on, text and source run side by side, until the next mark; an escape is one unit.
#[derive(Clone, Copy, Debug)]
struct Mark {
    text: u16,
    source: u16,
    escape: bool,
}

/// A part of a source that stands for something else: at most one character, or for nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Where it begins in the source, and how many bytes it takes there.
    pub at: usize,
    pub len: usize,
    bytes: [u8; 4],
    count: usize,
}

impl Unit {
    pub fn byte(at: usize, len: usize, byte: u8) -> Self {
        Self { at, len, bytes: [byte, 0, 0, 0], count: 1 }
    }

    pub fn char(at: usize, len: usize, char: char) -> Self {
        let mut bytes = [0; 4];
        let count = char.encode_utf8(&mut bytes).len();
        Self { at, len, bytes, count }
    }

    /// Nothing is to be seen of it.
    pub fn nothing(at: usize, len: usize) -> Self {
        Self { at, len, bytes: [0; 4], count: 0 }
    }
}

impl Unescaped {
    /// Reads `source` in another way, dropping what was here before: `next` gives the first unit at or after a place of the source,
    /// and is told the byte that the text ends with there. Units must not be empty.
    pub fn read(&mut self, source: &[u8], next: impl Fn(&[u8], usize, Option<u8>) -> Option<Unit>) {
        self.text.clear();
        self.marks.clear();
        self.source_len = source.len();
        let mut at = 0;
        while let Some(unit) = next(source, at, self.text.last().copied()).filter(|unit| unit.at >= at && unit.len > 0) {
            self.text.extend_from_slice(source.get(at..unit.at).unwrap_or_default());
            self.mark(unit.at, true);
            self.text.extend_from_slice(unit.bytes.get(..unit.count).unwrap_or_default());
            at = unit.at + unit.len;
            self.mark(at, false);
        }
        self.text.extend_from_slice(source.get(at..).unwrap_or_default());
    }

    /// From the first to the last place of the text that is written otherwise in the source; none when all reads as it is written.
    pub fn changed(&self) -> Option<std::ops::Range<usize>> {
        Some(usize::from(self.marks.first()?.text)..usize::from(self.marks.last()?.text))
    }

    /// Resolves `source`, dropping what was here before. What is no escape (`\d`, a `\` at the end) stands for itself.
    pub fn resolve(&mut self, source: &[u8]) {
        self.text.clear();
        self.marks.clear();
        self.source_len = source.len();
        let mut at = 0;
        // Escapes come in rows: only behind the last of one do text and source run side by side again.
        let mut behind_escape = false;
        while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
            let len = match rest {
                [b'\\', letter, ..] if let Some(byte) = simple(*letter) => {
                    self.mark(at, true);
                    self.text.push(byte);
                    2
                }
                [b'\\', ..] => match unit(rest) {
                    Some((char, len)) => {
                        self.mark(at, true);
                        self.text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                        len
                    }
                    None => 0,
                },
                _ => 0,
            };
            at += len;
            if len > 0 {
                behind_escape = true;
                continue;
            }
            if std::mem::take(&mut behind_escape) {
                self.mark(at, false);
            }
            // What is no escape stands for itself.
            let lone = usize::from(rest.first() == Some(&b'\\'));
            self.text.extend(rest.iter().take(lone));
            at += lone + self.plain(rest.get(lone..).unwrap_or_default());
        }
        if behind_escape {
            self.mark(at, false);
        }
    }

    /// Takes what `rest` has before the first backslash: how many bytes.
    #[inline]
    fn plain(&mut self, rest: &[u8]) -> usize {
        // There may be one every few bytes: a whole block is written sooner than a search or a copy is called.
        if let Some(block) = rest.first_chunk() {
            let backslashes = Block::of(block).is(b'\\').bits();
            if backslashes != 0 {
                let len = usize::try_from(backslashes.trailing_zeros()).unwrap_or_default();
                self.text.extend_from_slice(block);
                self.text.truncate(self.text.len() - (BLOCK - len));
                return len;
            }
        }
        let len = memchr(b'\\', rest).unwrap_or(rest.len());
        self.text.extend_from_slice(rest.get(..len).unwrap_or_default());
        len
    }

    /// Where the text's byte `at` begins in the source: inside an escape, where the escape does.
    pub fn source_start(&self, at: usize) -> usize {
        match self.mark_at(at) {
            (None, _) => at,
            (Some(mark), _) if mark.escape => usize::from(mark.source),
            (Some(mark), _) => usize::from(mark.source) + (at - usize::from(mark.text)),
        }
        .min(self.source_len)
    }

    /// Where the text before byte `at` ends in the source: inside an escape, where the escape does.
    pub fn source_end(&self, at: usize) -> usize {
        match self.mark_at(at) {
            (None, _) => at,
            (Some(mark), next) if mark.escape && at > usize::from(mark.text) => {
                next.map_or(self.source_len, |next| usize::from(next.source))
            }
            (Some(mark), _) if mark.escape => usize::from(mark.source),
            (Some(mark), _) => usize::from(mark.source) + (at - usize::from(mark.text)),
        }
        .min(self.source_len)
    }

    /// The first byte of the text that begins at `source` or after.
    pub fn text_at_or_after(&self, source: usize) -> usize {
        self.text_at(source, true)
    }

    /// The last byte of the text that begins at `source` or before.
    pub fn text_at_or_before(&self, source: usize) -> usize {
        self.text_at(source, false)
    }

    /// Bytes of memory held.
    pub fn held(&self) -> usize {
        self.text.capacity() + self.marks.capacity() * size_of::<Mark>()
    }

    fn text_at(&self, source: usize, after: bool) -> usize {
        let next = self.marks_up_to(source, |mark| usize::from(mark.source));
        // What is written for nothing has no bytes in the text: places in it are where the text goes on.
        let most = self.marks.get(next).map_or(self.text.len(), |next| usize::from(next.text));
        let Some(mark) = next.checked_sub(1).and_then(|last| self.marks.get(last)) else { return source.min(most) };
        let (text, start) = (usize::from(mark.text), usize::from(mark.source));
        if !mark.escape {
            return (text + (source - start)).min(most);
        }
        if source == start || !after { text } else { most }
    }

    /// How many marks stand at or before a place; looked for from where the last was.
    fn marks_up_to(&self, at: usize, place: impl Fn(&Mark) -> usize) -> usize {
        let is_before = |index: usize| self.marks.get(index).is_some_and(|mark| place(mark) <= at);
        let (mut low, mut high) = (0, self.marks.len());
        let last = self.last.get().min(high);
        let mut step = 1;
        if last > 0 && !is_before(last - 1) {
            high = last - 1;
            while high > 0 {
                let probe = high.saturating_sub(step);
                if is_before(probe) {
                    low = probe + 1;
                    break;
                }
                high = probe;
                step *= 2;
            }
        } else {
            low = last;
            while low < high {
                let probe = (low + step).min(high) - 1;
                if !is_before(probe) {
                    high = probe;
                    break;
                }
                low = probe + 1;
                step *= 2;
            }
        }
        let between = self.marks.get(low..high).unwrap_or_default();
        let found = low + between.partition_point(|mark| place(mark) <= at);
        self.last.set(found);
        found
    }

    fn mark_at(&self, text: usize) -> (Option<Mark>, Option<Mark>) {
        let next = self.marks_up_to(text, |mark| usize::from(mark.text));
        (next.checked_sub(1).and_then(|last| self.marks.get(last)).copied(), self.marks.get(next).copied())
    }

    #[inline]
    fn mark(&mut self, source: usize, escape: bool) {
        let narrow = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        self.marks.push(Mark { text: narrow(self.text.len()), source: narrow(source), escape });
    }
}

/// What the escape of one letter stands for.
#[inline]
fn simple(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\\' | b'/' => letter,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}

/// The character written by the escape at the start of `text`, and its length in bytes.
///
/// A surrogate pair is one unit; a lone surrogate is read as U+FFFD, as JSON readers that accept it do.
#[inline]
pub fn unit(text: &[u8]) -> Option<(char, usize)> {
    let char = match text.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((char, 2))
}

fn unicode(text: &[u8]) -> Option<(char, usize)> {
    let first = code_unit(text)?;
    if let 0xD800..=0xDBFF = first {
        let second = text.get(6..).and_then(code_unit).filter(|second| (0xDC00..=0xDFFF).contains(second));
        let pair = second.and_then(|second| char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)));
        if let Some(pair) = pair {
            return Some((pair, 12));
        }
    }
    Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6))
}

fn code_unit(text: &[u8]) -> Option<u32> {
    let hex = text.strip_prefix(b"\\u")?.get(..4)?;
    hex.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(source: &str) -> Unescaped {
        let mut unescaped = Unescaped::default();
        unescaped.resolve(source.as_bytes());
        unescaped
    }

    #[test]
    fn resolves_what_json_resolves() {
        let written = r#"a\n\"\\\/\u0041\u00e9\ud83d\ude00\t"#;
        let read: String = serde_json::from_str(&format!("\"{written}\"")).unwrap();
        assert_eq!(resolve(written).text, read.as_bytes());
    }

    #[test]
    fn leaves_what_is_no_escape() {
        for text in [r"C:\dir\q", r"\u12", r"end\", r"\uD8"] {
            assert_eq!(resolve(text).text, text.as_bytes());
        }
        assert_eq!(resolve(r"\ud800x").text, "\u{fffd}x".as_bytes());
    }

    #[test]
    fn what_stands_for_nothing_is_mapped_too() {
        let mut map = Unescaped::default();
        // Every `_` is left out, every `#` is an `n`.
        let next = |source: &[u8], from: usize, _| {
            let at = from + source.get(from..)?.iter().position(|byte| matches!(byte, b'_' | b'#'))?;
            Some(if source[at] == b'_' { Unit::nothing(at, 1) } else { Unit::byte(at, 1, b'n') })
        };
        map.read(b"_ab__c#_d_", next);
        assert_eq!(map.text, b"abcnd");
        let starts: Vec<_> = (0..=map.text.len()).map(|at| map.source_start(at)).collect();
        assert_eq!(starts, [1, 2, 5, 6, 8, 10]);
        let after: Vec<_> = (0..=10).map(|at| map.text_at_or_after(at)).collect();
        assert_eq!(after, [0, 0, 1, 2, 2, 2, 3, 4, 4, 5, 5]);
        for at in 0..map.text.len() {
            assert_eq!(map.text_at_or_after(map.source_start(at)), at);
        }
        assert_eq!(map.changed(), Some(0..5));
        map.read(b"abc", next);
        assert_eq!((map.text.as_slice(), map.changed()), (&b"abc"[..], None));
    }

    #[test]
    fn maps_both_ways() {
        // source: a \n b c é(6 bytes) d ; text: a, LF, b, c, 2 bytes, d
        let map = resolve(r"a\nbc\u00e9d");
        let starts: Vec<_> = (0..=map.text.len()).map(|at| map.source_start(at)).collect();
        assert_eq!(starts, [0, 1, 3, 4, 5, 5, 11, 12]);
        let ends: Vec<_> = (0..=map.text.len()).map(|at| map.source_end(at)).collect();
        assert_eq!(ends, [0, 1, 3, 4, 5, 11, 11, 12]);
        let after: Vec<_> = (0..=12).map(|at| map.text_at_or_after(at)).collect();
        assert_eq!(after, [0, 1, 2, 2, 3, 4, 6, 6, 6, 6, 6, 6, 7]);
        let before: Vec<_> = (0..=12).map(|at| map.text_at_or_before(at)).collect();
        assert_eq!(before, [0, 1, 1, 2, 3, 4, 4, 4, 4, 4, 4, 6, 7]);
    }
}
