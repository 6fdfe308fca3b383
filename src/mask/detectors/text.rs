//! A text as checks look at it: by place, never out of bounds.

use std::ops::Range;

use memchr::{memchr_iter, memchr2};

use super::family::AHEAD_OF_DIGITS;
use super::set::Set;
use super::sliding::{Sliding, Sought, Tally};

/// Bytes before a value in which a word counts as its introduction.
pub(super) const CONTEXT: usize = 64;

/// A text, or a window of one, and the member name it stands under (empty when there is none, or when the window does
/// not begin where the text does).
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    text: &'a [u8],
    key: &'a [u8],
    sliding: Option<&'a Sliding>,
}

/// Shortest part that is worth remembering anything of.
const WORTH_SLIDING: usize = 32;

impl<'a> View<'a> {
    pub(crate) fn new(text: &'a [u8], key: &'a [u8]) -> Self {
        Self { text, key, sliding: None }
    }

    /// The same text, with what is known of its parts.
    pub(crate) fn with(self, sliding: Option<&'a Sliding>) -> Self {
        Self { sliding, ..self }
    }

    pub(crate) fn text(&self) -> &'a [u8] {
        self.text
    }

    pub(crate) fn key(&self) -> &'a [u8] {
        self.key
    }

    pub(crate) fn at(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    pub(crate) fn before(&self, at: usize) -> Option<u8> {
        self.at(at.checked_sub(1)?)
    }

    #[inline]
    pub(crate) fn is(&self, at: usize, class: impl Fn(u8) -> bool) -> bool {
        self.at(at).is_some_and(class)
    }

    #[inline]
    pub(crate) fn was(&self, at: usize, class: impl Fn(u8) -> bool) -> bool {
        self.before(at).is_some_and(class)
    }

    pub(crate) fn slice(&self, from: usize, to: usize) -> &'a [u8] {
        self.text.get(from..to).unwrap_or_default()
    }

    /// At most `most` bytes from `from` on.
    pub(crate) fn ahead(&self, from: usize, most: usize) -> &'a [u8] {
        self.slice(from, from.saturating_add(most).min(self.text.len()))
    }

    pub(crate) fn starts_with(&self, at: usize, literal: &[u8]) -> bool {
        self.slice(at, at.saturating_add(literal.len())) == literal
    }

    pub(crate) fn starts_with_ignoring_case(&self, at: usize, literal: &[u8]) -> bool {
        self.slice(at, at.saturating_add(literal.len())).eq_ignore_ascii_case(literal)
    }

    /// The end of the run of `class` from `from` on, at most `most` bytes further.
    #[inline]
    pub(crate) fn run(&self, from: usize, most: usize, class: impl Fn(u8) -> bool) -> usize {
        from + self.ahead(from, most).iter().take_while(|byte| class(**byte)).count()
    }

    /// The end of the run of members from `from` on, at most `most` bytes further; for long ones.
    #[inline]
    pub(crate) fn span(&self, from: usize, most: usize, members: &Set) -> usize {
        from + members.leading(self.ahead(from, most))
    }

    /// The first member from `from` on, or the end of the text, at most `most` bytes further.
    #[inline]
    pub(crate) fn until(&self, from: usize, most: usize, members: &Set) -> usize {
        from + members.position(self.ahead(from, most))
    }

    /// Like [`View::until`], for what is asked from one place and then from the next.
    #[inline]
    pub(super) fn until_known(&self, from: usize, most: usize, members: &Set, sought: Sought) -> usize {
        let to = from.saturating_add(most).min(self.text.len());
        self.first(sought, from..to, |part| self.position(part, members)).unwrap_or(to.max(from))
    }

    /// Whether all of a part is of `members`, of which `sought` is none.
    pub(super) fn is_all(&self, part: Range<usize>, members: &Set, sought: Sought) -> bool {
        let other = |part: Range<usize>| {
            let len = members.leading(self.slice(part.start, part.end));
            (len < part.len()).then_some(part.start + len)
        };
        self.first(sought, part, other).is_none()
    }

    /// The first place in a part at which what is sought begins; `search` finds it in a part, the same whatever part it is.
    #[inline]
    pub(super) fn first(&self, sought: Sought, part: Range<usize>, search: impl Fn(Range<usize>) -> Option<usize>) -> Option<usize> {
        match self.sliding {
            Some(sliding) if part.len() >= WORTH_SLIDING => sliding.first(sought, part, search),
            _ => search(part),
        }
    }

    /// Whether what is sought begins in a part and ends in it, too; `len_at` is its length at a place.
    pub(super) fn has(&self, sought: Sought, part: Range<usize>, len_at: impl Fn(&[u8], usize) -> Option<usize>) -> bool {
        let begins = |part: Range<usize>| part.into_iter().find(|at| len_at(self.text, *at).is_some());
        let ends = |at: usize| len_at(self.text, at).is_some_and(|len| at + len <= part.end);
        match self.first(sought, part.clone(), begins) {
            None => false,
            // Only at its end can what begins in the part go further.
            Some(at) => ends(at) || (at + 1..part.end).any(ends),
        }
    }

    /// What a part consists of; none where it is as well counted anew.
    pub(super) fn tally(&self, part: Range<usize>) -> Option<Tally> {
        let sliding = self.sliding.filter(|_| part.len() >= WORTH_SLIDING && part.end <= self.text.len())?;
        Some(sliding.tally(self.text, part))
    }

    /// Whether the Shannon entropy of a part is `least` bits a byte or more.
    pub(super) fn has_disorder(&self, part: Range<usize>, least: f64) -> bool {
        let text = self.slice(part.start, part.end);
        let is_dull = |sliding: &Sliding| part.len() >= WORTH_SLIDING && !sliding.may_have_disorder(self.text, part.clone(), least);
        if self.sliding.is_some_and(is_dull) {
            return false;
        }
        self.tally(part).map_or_else(|| entropy(text) >= least, |tally| tally.has_disorder(least))
    }

    fn position(&self, part: Range<usize>, members: &Set) -> Option<usize> {
        let len = members.position(self.slice(part.start, part.end));
        (len < part.len()).then_some(part.start + len)
    }

    /// The start of the run of `class` that ends before `end`, at most `most` bytes back.
    #[inline]
    pub(crate) fn run_back(&self, end: usize, most: usize, class: impl Fn(u8) -> bool) -> usize {
        let before = self.slice(end.saturating_sub(most), end);
        end - before.iter().rev().take_while(|byte| class(**byte)).count()
    }

    /// Whether one of `words` (in lower case) stands shortly before `at`, or in the member name where nothing else is between.
    pub(crate) fn introduced_by(&self, at: usize, words: &'static [&'static str]) -> bool {
        if !self.may_be_introduced(at, words) {
            return false;
        }
        let before = self.slice(at.saturating_sub(CONTEXT), at);
        let has = |text: &[u8]| {
            any_in(text, words, |at, word| text.get(at..at + word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word)))
        };
        has(before) || (at <= CONTEXT && has(self.key))
    }
}

impl View<'_> {
    /// Whether one of these may stand where [`View::introduced_by`] looks, asked at a place or up to [`AHEAD_OF_DIGITS`] before it: what is
    /// known of the text near it is asked first, and answers most.
    #[inline]
    pub(crate) fn may_be_introduced(&self, at: usize, words: &'static [&'static str]) -> bool {
        let Some(sliding) = self.sliding else { return true };
        let by_name = || at <= CONTEXT + AHEAD_OF_DIGITS && !self.key.is_empty() && sliding.may_name(self.key, words);
        sliding.may_stand_near(self.text, at, words) || by_name()
    }
}

impl View<'_> {
    /// Like [`View::introduced_by`], but by whole words: `sin` is no part of `using`, though it is of `customerSin`.
    pub(crate) fn introduced_by_word(&self, at: usize, words: &'static [&'static str]) -> bool {
        if !self.may_be_introduced(at, words) {
            return false;
        }
        let before = self.slice(at.saturating_sub(CONTEXT), at);
        let has = |text: &[u8]| any_in(text, words, |at, word| has_word_at(text, at, word));
        has(before) || (at <= CONTEXT && has(self.key))
    }
}

/// Whether one of `words` stands anywhere in `text`; `stands` tells it at a place.
fn any_in(text: &[u8], words: &[&str], stands: impl Fn(usize, &[u8]) -> bool) -> bool {
    !text.is_empty() && begun(text, words).any(|(at, word)| stands(at, word))
}

/// The places of a text at which words may begin, and which; most texts have few of them.
fn begun<'a>(text: &'a [u8], words: &'a [&'a str]) -> impl Iterator<Item = (usize, &'a [u8])> {
    let words = || words.iter().map(|word| word.as_bytes());
    let first = Set::of(words().filter_map(|word| word.first().copied()));
    let mut from = 0;
    let places = std::iter::from_fn(move || {
        let at = from + first.position(text.get(from..)?);
        from = at + 1;
        Some((at, text.get(at)?.to_ascii_lowercase()))
    });
    let alike = places.flat_map(move |(at, begins)| {
        words().filter(move |word| word.first().is_some_and(|first| first.to_ascii_lowercase() == begins)).map(move |word| (at, word))
    });
    // What is not ASCII is in no set.
    let others = words().filter(|word| word.first().is_some_and(|first| !first.is_ascii()));
    alike.chain(others.flat_map(move |word| memchr_iter(*word.first().unwrap_or(&0), text).map(move |at| (at, word))))
}

pub(crate) fn has_word(text: &[u8], word: &[u8]) -> bool {
    (0..=text.len().saturating_sub(word.len())).any(|at| has_word_at(text, at, word))
}

/// Whether the whole word stands at this place.
pub(crate) fn has_word_at(text: &[u8], at: usize, word: &[u8]) -> bool {
    text.get(at..at + word.len()).is_some_and(|window| {
        // A class of HTML, in most tables.
        let is_class = || {
            let before = text.get(..at).unwrap_or_default();
            let quotes = before.iter().rev().take_while(|byte| matches!(byte, b'"' | b'\'' | b'\\')).count();
            word == b"cell" && quotes > 0 && before.get(..before.len() - quotes).is_some_and(|before| before.ends_with(b"class="))
        };
        let begins = || match (at.checked_sub(1).and_then(|before| text.get(before)), window.first()) {
            (Some(before), Some(first)) => !before.is_ascii_alphabetic() || (before.is_ascii_lowercase() && first.is_ascii_uppercase()),
            _ => true,
        };
        let ends = || text.get(at + word.len()).is_none_or(|after| !after.is_ascii_lowercase() || *after == b's');
        same_words(window, word) && begins() && ends() && !is_class()
    })
}

/// Where the last of these whole words that stands in a text ends.
pub(super) fn last_word(text: &[u8], words: &[&str]) -> Option<usize> {
    begun(text, words).filter(|(at, word)| has_word_at(text, *at, word)).map(|(at, word)| at + word.len()).max()
}

/// Words of families, found in a short text by their first two letters.
#[derive(Default)]
pub(crate) struct Words {
    /// In order, in lower case.
    words: Vec<&'static [u8]>,
    /// By the first letter, and bit by the second, case aside: some word begins so.
    pairs: [u32; 32],
}

impl Words {
    pub(crate) fn add(&mut self, words: &[&'static str]) {
        for word in words.iter().map(|word| word.as_bytes()) {
            if let [first, second, ..] = word
                && let Some(slot) = self.pairs.get_mut(usize::from(first & 31))
            {
                *slot |= 1 << (second & 31);
                self.words.push(word);
            }
        }
        self.words.sort_unstable();
        self.words.dedup();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether one of them stands in the text as a whole word.
    pub(crate) fn stand_in(&self, text: &[u8]) -> bool {
        let pairs = text.iter().zip(text.iter().skip(1)).enumerate();
        pairs
            .filter(|(_, (first, second))| self.pairs.get(usize::from(**first & 31)).is_some_and(|slot| slot >> (**second & 31) & 1 == 1))
            .any(|(at, (first, _))| {
                let first = first.to_ascii_lowercase();
                let from = self.words.partition_point(|word| word.first().is_some_and(|begins| *begins < first));
                let alike = self.words.iter().skip(from).take_while(|word| word.first() == Some(&first));
                alike.into_iter().any(|word| has_word_at(text, at, word))
            })
    }
}

/// Case aside, and whatever joins the words: `citizen_id` is `citizen id`.
fn same_words(text: &[u8], words: &[u8]) -> bool {
    let same = |(byte, word): (&u8, &u8)| byte.eq_ignore_ascii_case(word) || (*word == b' ' && matches!(byte, b'_' | b'-'));
    text.len() == words.len() && text.iter().zip(words).all(same)
}

pub(crate) fn contains_ignoring_case(text: &[u8], word: &[u8]) -> bool {
    let Some(first) = word.first() else { return !text.is_empty() };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| memchr2(lower, upper, rest)).map(|at| from + at) {
        if text.get(at..at + word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word)) {
            return true;
        }
        from = at + 1;
    }
    false
}

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

pub(crate) fn is_alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

pub(crate) fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

pub(crate) fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

pub(crate) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Shannon entropy in bits a byte.
pub(crate) fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0u16; 256];
    for byte in text {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count = count.saturating_add(1);
        }
    }
    let total = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    // Most counts are among the first few; a logarithm takes longer than all else.
    let mut known = [0.0; 16];
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            match known.get_mut(usize::from(*count)) {
                Some(term) if *term != 0.0 => *term,
                Some(term) => {
                    *term = -share * share.log2();
                    *term
                }
                None => -share * share.log2(),
            }
        })
        .sum()
}

/// The digits of a text without its separators; none when there are more than 19.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Digits {
    values: [u8; 19],
    len: usize,
}

impl Digits {
    /// False when there is no room.
    pub(crate) fn push(&mut self, digit: u8) -> bool {
        let Some(slot) = self.values.get_mut(self.len) else { return false };
        *slot = digit.wrapping_sub(b'0');
        self.len += 1;
        true
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.values.get(..self.len).unwrap_or_default()
    }

    /// The first `count` as a number.
    pub(crate) fn prefix(&self, count: usize) -> u32 {
        self.as_slice().iter().take(count).fold(0, |number, digit| number * 10 + u32::from(*digit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_of_known_texts() {
        assert_eq!(entropy(b"aaaa"), 0.0);
        assert_eq!(entropy(b"abab"), 1.0);
        assert_eq!(entropy(b"0123456789abcdef"), 4.0);
    }

    #[test]
    fn words_are_whole() {
        for (text, word) in [
            ("SIN: 1", "sin"),
            ("customerSin", "sin"),
            ("his_bsn=", "bsn"),
            ("tax id no ", "tax id"),
            ("citizen_id", "citizen id"),
            ("(abn)", "abn"),
        ] {
            assert!(has_word(text.as_bytes(), word.as_bytes()), "{text}");
        }
        for (text, word) in [("using 1", "sin"), ("single", "sin"), ("business", "sin"), ("", "sin"), ("si", "sin")] {
            assert!(!has_word(text.as_bytes(), word.as_bytes()), "{text}");
        }
    }

    #[test]
    fn one_of_many_words_is_found_as_by_itself() {
        let words = ["ssn", "Téléphone", "ß", "ss #", "#1", "mobil"];
        for text in ["my SSN", "xTÉLÉPHONE", "Téléphone", "Maß", "ss #", "sss", "ss", "#1", "a mobi", "MOBILE", "", "ésn ssN"] {
            let text = text.as_bytes();
            let stands = |at: usize, word: &[u8]| text.get(at..at + word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word));
            assert_eq!(any_in(text, &words, stands), words.iter().any(|word| contains_ignoring_case(text, word.as_bytes())));
            assert_eq!(
                any_in(text, &words, |at, word| has_word_at(text, at, word)),
                words.iter().any(|word| has_word(text, word.as_bytes()))
            );
        }
    }

    #[test]
    fn words_are_found_in_names() {
        let mut words = Words::default();
        words.add(&["tel", "sin", "tax id", "téléphone"]);
        for text in ["TEL", "Tax_ID", "home tel", "Téléphone", "customerSin"] {
            assert!(words.stand_in(text.as_bytes()), "{text}");
        }
        for text in ["using", "hotel", "t", "", "tax"] {
            assert!(!words.stand_in(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn runs_stay_in_bounds() {
        let view = View::new(b"ab12", b"");
        assert_eq!(view.run(2, 99, is_digit), 4);
        assert_eq!(view.run(9, 99, is_digit), 9);
        assert_eq!(view.run_back(4, 99, is_digit), 2);
        assert_eq!(view.run_back(4, 1, is_digit), 3);
    }
}
