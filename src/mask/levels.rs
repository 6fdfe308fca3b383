//! A window of a text, read through up to three levels of escapes and then in other ways ([`super::reading`]), each level mapped back
//! to the bytes as they came.

use std::ops::Range;

use memchr::memchr;

use super::detectors::set::Set;
use super::detectors::{AHEAD, BEHIND};
use super::reading::{fold, unwrap};
use crate::wire::escape::Unescaped;

/// JSON in JSON in JSON.
pub(crate) const LEVELS: usize = 3;

/// The deepest level of escapes: what is between two of its characters can be cut.
pub(crate) const DEEPEST: usize = LEVELS - 1;

/// The last level: URL and HTML escapes resolved, and then what looks alike made alike.
pub(crate) const LAST: usize = DEEPEST + unwrap::TIMES + 1;

/// All levels.
pub(crate) const READINGS: usize = LAST + 1;

/// How the text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Writing {
    /// As it is: the first level is the bytes themselves.
    #[default]
    Plain,
    /// As the content of a JSON string: the first level has its escapes resolved.
    Escaped,
}

/// Memory for the levels, used again for every window.
#[derive(Default)]
pub(crate) struct LevelStore {
    resolved: [Unescaped; READINGS],
}

/// The levels of one window.
pub(crate) struct Levels<'a> {
    raw: &'a [u8],
    /// `None`: the level reads like the one above it.
    resolved: [Option<&'a Unescaped>; READINGS],
    /// All of them read as it is written.
    is_plain: bool,
}

/// What reads as it is written, however it is read.
const PLAIN: Set = Set::new(b" !\"#$'()*,-./[]^_`{|}~", &[(0, 31), (b'0', b'Z'), (b'a', b'z'), (127, 127)]);

impl LevelStore {
    /// Nothing needs to be looked for that `is_read_as_written`, but for escapes.
    pub(crate) fn resolve<'a>(&'a mut self, raw: &'a [u8], writing: Writing, is_read_as_written: bool) -> Levels<'a> {
        let mut text = raw;
        let mut resolved = [None; READINGS];
        // Most texts have nothing of it in them, which one look tells as well as one for each level.
        if PLAIN.leading(raw) == raw.len() {
            return Levels { raw, resolved, is_plain: true };
        }
        let mut is_plain = writing == Writing::Plain;
        // What has no escapes but lone backslashes reads so at every level below, too.
        let mut is_resolved = false;
        for (at, (store, level)) in self.resolved.iter_mut().zip(&mut resolved).enumerate() {
            match at {
                0..LEVELS if std::mem::take(&mut is_plain) || is_resolved || memchr(b'\\', text).is_none() => continue,
                0..LEVELS => {
                    store.resolve(text);
                    is_resolved = store.changed().is_none();
                    if is_resolved {
                        continue;
                    }
                }
                LEVELS.. if is_read_as_written => break,
                LAST if fold::next(text, 0, None).is_some() => store.read(text, fold::next),
                LEVELS..LAST if unwrap::next(text, 0, None).is_some() => store.read(text, unwrap::next),
                _ => continue,
            }
            let store: &'a Unescaped = store;
            text = &store.text;
            *level = Some(store);
        }
        let is_plain = resolved.iter().all(Option::is_none);
        Levels { raw, resolved, is_plain }
    }
}

impl<'a> Levels<'a> {
    pub(crate) fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Whether a level reads like the one above it.
    pub(crate) fn is_same(&self, level: usize) -> bool {
        self.level(level).is_none()
    }

    /// The part of a level's text that reads otherwise than the level above it, as far as checks look from there; all of it where escapes
    /// are resolved. Anywhere else the two show the same.
    pub(crate) fn differs(&self, level: usize) -> Range<usize> {
        let text = self.text(level).len();
        match self.level(level).and_then(Unescaped::changed) {
            Some(changed) if level > DEEPEST => changed.start.saturating_sub(AHEAD)..(changed.end + BEHIND + 1).min(text),
            _ => 0..text,
        }
    }

    pub(crate) fn text(&self, level: usize) -> &'a [u8] {
        if self.is_plain {
            return self.raw;
        }
        let resolved = self.resolved.get(..=level).unwrap_or(&self.resolved);
        resolved.iter().rev().find_map(|level| *level).map_or(self.raw, |level| &level.text)
    }

    /// Where byte `at` of a level's text begins in the raw bytes.
    pub(crate) fn raw_start(&self, level: usize, at: usize) -> usize {
        if self.is_plain { at } else { self.upwards(level).fold(at, |at, level| level.source_start(at)) }
    }

    /// Where the text before byte `at` of a level ends in the raw bytes.
    pub(crate) fn raw_end(&self, level: usize, at: usize) -> usize {
        if self.is_plain { at } else { self.upwards(level).fold(at, |at, level| level.source_end(at)) }
    }

    /// The first byte of a level's text that begins at `raw` or after.
    pub(crate) fn at_or_after(&self, level: usize, raw: usize) -> usize {
        if self.is_plain { raw } else { self.downwards(level).fold(raw, |at, level| level.text_at_or_after(at)) }
    }

    /// The last byte of a level's text that begins at `raw` or before.
    pub(crate) fn at_or_before(&self, level: usize, raw: usize) -> usize {
        if self.is_plain { raw } else { self.downwards(level).fold(raw, |at, level| level.text_at_or_before(at)) }
    }

    /// The last place not after `raw` that is between two characters at every level.
    pub(crate) fn floor(&self, raw: usize) -> usize {
        self.raw_start(DEEPEST, self.character_floor(self.at_or_before(DEEPEST, raw)))
    }

    /// The first place not before `raw` that is between two characters at every level.
    pub(crate) fn ceil(&self, raw: usize) -> usize {
        let text = self.text(DEEPEST);
        let mut at = self.at_or_after(DEEPEST, raw);
        while text.get(at).is_some_and(is_continuation) {
            at += 1;
        }
        if at < text.len() { self.raw_start(DEEPEST, at) } else { self.raw.len() }
    }

    /// Up to where findings may begin in a window that goes on: whatever a check wants to see is there at every level.
    ///
    /// Text escaped so that it takes more than a half window for that (each character nine times and more) is decided
    /// with what half a window shows.
    pub(crate) fn limit(&self) -> usize {
        let seen = self.text(LAST).len().checked_sub(AHEAD).map_or(0, |at| self.floor(self.raw_start(LAST, at)));
        seen.max(self.floor(self.raw.len() / 2))
    }

    /// The raw bytes of each character between two places that [`Levels::floor`] or [`Levels::ceil`] gave, as a level at or below
    /// [`DEEPEST`] reads them.
    pub(crate) fn characters(&self, level: usize, from: usize, to: usize) -> impl Iterator<Item = &'a [u8]> {
        let level = level.max(DEEPEST);
        let text = self.text(level);
        let mut start = from;
        let mut at = self.at_or_after(level, from);
        std::iter::from_fn(move || {
            if start >= to {
                return None;
            }
            at += 1;
            while text.get(at).is_some_and(is_continuation) {
                at += 1;
            }
            let end = if at < text.len() { self.raw_start(level, at).clamp(start, to) } else { to };
            let character = self.raw.get(start..end);
            start = end.max(start + 1);
            character
        })
    }

    fn character_floor(&self, at: usize) -> usize {
        let text = self.text(DEEPEST);
        let mut at = at;
        // Three continuation bytes at most: what is no UTF-8 has no characters to keep whole.
        for _ in 0..3 {
            if text.get(at).is_some_and(is_continuation) {
                at = at.saturating_sub(1);
            }
        }
        at
    }

    fn level(&self, level: usize) -> Option<&'a Unescaped> {
        self.resolved.get(level).copied().flatten()
    }

    fn upwards(&self, level: usize) -> impl Iterator<Item = &'a Unescaped> {
        self.resolved.into_iter().take(level + 1).rev().flatten()
    }

    fn downwards(&self, level: usize) -> impl Iterator<Item = &'a Unescaped> {
        self.resolved.into_iter().take(level + 1).flatten()
    }
}

fn is_continuation(byte: &u8) -> bool {
    byte & 0xC0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_levels_down_and_up() {
        let inner = serde_json::to_string("a\nb").unwrap();
        let middle = serde_json::to_string(&inner).unwrap();
        let outer = serde_json::to_string(&middle).unwrap();
        let raw = outer.strip_prefix('"').and_then(|outer| outer.strip_suffix('"')).unwrap().as_bytes();
        let mut store = LevelStore::default();
        let levels = store.resolve(raw, Writing::Escaped, false);
        assert_eq!(levels.text(0), middle.as_bytes());
        // Resolved without regard to quotes, which stay.
        assert!(levels.text(DEEPEST).windows(3).any(|part| part == b"a\nb"));
        let text = levels.text(DEEPEST);
        for at in 0..=text.len() {
            let start = levels.raw_start(DEEPEST, at);
            assert_eq!(levels.at_or_after(DEEPEST, start), at);
            assert_eq!(levels.floor(start), start);
            assert_eq!(levels.ceil(start), start);
        }
        let joined: Vec<u8> = levels.characters(DEEPEST, 0, raw.len()).flatten().copied().collect();
        assert_eq!(joined, raw);
    }

    #[test]
    fn what_is_plain_reads_so_everywhere() {
        for byte in 0..=u8::MAX {
            let text = [b'4', byte, b'1', b'1', b';'];
            for writing in [Writing::Plain, Writing::Escaped] {
                let mut store = LevelStore::default();
                let levels = store.resolve(&text, writing, false);
                let may_differ = matches!(byte, b'\\' | b'%' | b'&' | b'+') || !byte.is_ascii();
                assert!(levels.is_plain || may_differ, "{byte:#x}");
                assert_eq!(PLAIN.has(byte), !may_differ, "{byte:#x}");
            }
        }
    }

    #[test]
    fn a_limit_leaves_what_checks_look_at() {
        let mut store = LevelStore::default();
        let raw = r"\\\\n".repeat(1600);
        let levels = store.resolve(raw.as_bytes(), Writing::Escaped, false);
        let limit = levels.limit();
        assert!(levels.text(DEEPEST).len() - levels.at_or_after(DEEPEST, limit) >= AHEAD);
        assert!(limit >= raw.len() / 2 - 16);
    }
}
