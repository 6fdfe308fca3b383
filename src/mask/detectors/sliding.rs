//! What is asked of one part of a text and then of the next, a few bytes further on: told from what is known of the part before. A name
//! within a value begins a value again, so that somebody can write values of hundreds of bytes every few bytes; what is counted here and
//! looked for once costs such a text what its bytes cost.
//!
//! Nothing but speed depends on it: a [`View`](super::View) without it counts and looks for all anew.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::LazyLock;

use super::family::AHEAD_OF_DIGITS;
use super::text::CONTEXT;

/// Longest part that is counted here: all that a check may look at.
const LONGEST: usize = super::AHEAD;

/// Entropy is summed in steps of 2^-32 bits, so that it does not depend on the order.
const STEPS: f64 = 4_294_967_296.0;

/// What rounding may take away: a ten-millionth of a bit.
const ROUNDING: u64 = 512;

/// n log2 n, in steps.
static TERMS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "512 * 9 * 2^32, and no less than 0")]
    let term = |count: usize| {
        let count = f64::from(u32::try_from(count).unwrap_or_default());
        if count > 0.0 { (count * count.log2() * STEPS).round() as u64 } else { 0 }
    };
    (0..=LONGEST).map(term).collect()
});

fn term(count: usize) -> u64 {
    TERMS.get(count).copied().unwrap_or_default()
}

/// What a part of a text consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) len: usize,
    pub(super) upper: usize,
    pub(super) lower: usize,
    pub(super) digits: usize,
    /// Different bytes.
    pub(super) distinct: u32,
    /// The terms of all bytes' counts.
    sum: u64,
}

impl Tally {
    /// Of a part of [`LONGEST`] bytes at most.
    pub(super) fn of(part: &[u8]) -> Self {
        let mut counted = Counted::default();
        part.iter().for_each(|byte| counted.add(*byte));
        counted.tally
    }

    pub(super) fn letters(&self) -> usize {
        self.upper + self.lower
    }

    /// Whether the Shannon entropy is `least` bits a byte or more.
    pub(super) fn has_disorder(&self, least: f64) -> bool {
        if self.len == 0 {
            return least <= 0.0;
        }
        let total = f64::from(u32::try_from(self.len).unwrap_or(u32::MAX)) * least * STEPS;
        #[expect(clippy::cast_precision_loss, reason = "under 2^53")]
        let entropy = (term(self.len).saturating_sub(self.sum) + ROUNDING) as f64;
        entropy >= total
    }

    fn class(&mut self, byte: u8) -> Option<&mut usize> {
        match byte {
            b'a'..=b'z' => Some(&mut self.lower),
            b'A'..=b'Z' => Some(&mut self.upper),
            b'0'..=b'9' => Some(&mut self.digits),
            _ => None,
        }
    }
}

#[derive(Debug)]
struct Counted {
    counts: [u16; 256],
    tally: Tally,
}

impl Default for Counted {
    fn default() -> Self {
        Self { counts: [0; 256], tally: Tally::default() }
    }
}

impl Counted {
    fn add(&mut self, byte: u8) {
        let Some(count) = self.counts.get_mut(usize::from(byte)) else { return };
        let before = usize::from(*count);
        *count = count.saturating_add(1);
        let tally = &mut self.tally;
        tally.len += 1;
        tally.distinct += u32::from(before == 0);
        tally.sum = tally.sum.saturating_add(term(before + 1)).saturating_sub(term(before));
        if let Some(class) = tally.class(byte) {
            *class += 1;
        }
    }

    fn remove(&mut self, byte: u8) {
        let Some(count) = self.counts.get_mut(usize::from(byte)).filter(|count| **count > 0) else { return };
        let before = usize::from(*count);
        *count -= 1;
        let tally = &mut self.tally;
        tally.len = tally.len.saturating_sub(1);
        tally.distinct = tally.distinct.saturating_sub(u32::from(before == 1));
        tally.sum = tally.sum.saturating_add(term(before - 1)).saturating_sub(term(before));
        if let Some(class) = tally.class(byte) {
            *class = class.saturating_sub(1);
        }
    }
}

/// What is looked for, each in the whole of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sought {
    /// The ends of values, of those in queries, and of one among several.
    End,
    EndInQuery,
    Next,
    NotGraphic,
    NotOfKey,
    NotOfClosedKey,
    Placeholder,
    Expansion,
    Scheme,
    Operator,
    NoWord,
    Told,
}

const SOUGHT: usize = Sought::Told as usize + 1;

/// Of one text; it must not be asked of another.
#[derive(Debug, Default)]
pub(crate) struct Sliding {
    /// Made when first asked: of most texts nothing is.
    window: RefCell<Option<Box<Window>>>,
    /// Where nothing that is sought begins.
    without: RefCell<[Range<usize>; SOUGHT]>,
    /// Which words may stand near the places asked for last, and in the member name.
    near: RefCell<Option<Box<Near>>>,
    met: RefCell<Met>,
    named: RefCell<Option<Box<Near>>>,
}

/// Which bytes there are in a part of a text.
#[derive(Debug, Default)]
struct Met {
    at: Range<usize>,
    bytes: [u64; 4],
}

impl Met {
    fn add(&mut self, part: &[u8]) {
        for byte in part {
            if let Some(bytes) = self.bytes.get_mut(usize::from(*byte) / 64) {
                *bytes |= 1 << (byte % 64);
            }
        }
    }
}

/// Places whose words are told together.
const NEIGHBOURS: usize = 64;

/// Lists of words remembered; a power of two.
const LISTS: usize = 128;

/// Which letters stand side by side in a part of a text, and of which lists of words therefore none can stand there.
#[derive(Debug)]
struct Near {
    /// Whose places it is of, by their number.
    of: Option<usize>,
    /// Counts the parts.
    stamp: u32,
    /// By the last five bits of a byte, which are those of either case: bit n where one that ends with n stands behind it.
    pairs: [u32; 32],
    asked: [Asked; LISTS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    /// Where the list is, which is there for good, and how long.
    list: (usize, usize),
    stamp: u32,
    may: bool,
}

impl Default for Near {
    fn default() -> Self {
        Self { of: None, stamp: 0, pairs: [0; 32], asked: [Asked::default(); LISTS] }
    }
}

impl Near {
    fn read(&mut self, of: usize, part: &[u8]) {
        if self.of == Some(of) {
            return;
        }
        self.of = Some(of);
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.asked = [Asked::default(); LISTS];
            self.stamp = 1;
        }
        self.pairs = [0; 32];
        for (first, second) in part.iter().zip(part.iter().skip(1)) {
            if let Some(seconds) = self.pairs.get_mut(usize::from(first & 31)) {
                *seconds |= 1 << (second & 31);
            }
        }
    }

    /// Whether one of the words may stand in the part.
    fn may_have(&mut self, words: &'static [&'static str]) -> bool {
        let list = (words.as_ptr().addr(), words.len());
        let pairs = &self.pairs;
        let may_stand = |word: &&str| match word.as_bytes() {
            // What joins words is written in several ways.
            [first, second, ..] if *second != b' ' => {
                pairs.get(usize::from(first & 31)).is_some_and(|seconds| seconds >> (second & 31) & 1 == 1)
            }
            _ => true,
        };
        let Some(asked) = self.asked.get_mut((list.0 >> 3) % LISTS) else { return true };
        if asked.stamp != self.stamp || asked.list != list {
            *asked = Asked { list, stamp: self.stamp, may: words.iter().any(may_stand) };
        }
        asked.may
    }
}

#[derive(Debug, Default)]
struct Window {
    at: Range<usize>,
    counted: Counted,
}

/// Shortest text in which anything is asked often.
const WORTH: usize = 128;

impl Sliding {
    /// For a text of which `len` bytes are looked at.
    pub(crate) fn worth(len: usize) -> Option<Self> {
        (len >= WORTH).then(Self::default)
    }

    /// What `part` of the text consists of.
    pub(super) fn tally(&self, text: &[u8], part: Range<usize>) -> Tally {
        let fresh = || Tally::of(text.get(part.clone()).unwrap_or_default());
        let Ok(mut window) = self.window.try_borrow_mut() else { return fresh() };
        let Window { at, counted } = &mut **window.get_or_insert_default();
        if part.start.abs_diff(at.start) + part.end.abs_diff(at.end) >= part.len() {
            *counted = Counted::default();
            *at = part.start..part.start;
        }
        let each = |from: usize, to: usize| text.get(from..to).unwrap_or_default().iter().copied();
        // What comes is added before what goes is taken away, so that the one range never turns into nothing in between.
        each(part.start, at.start).for_each(|byte| counted.add(byte));
        each(at.end, part.end).for_each(|byte| counted.add(byte));
        each(at.start, part.start).for_each(|byte| counted.remove(byte));
        each(part.end, at.end).for_each(|byte| counted.remove(byte));
        *at = part;
        counted.tally
    }

    /// Whether the entropy of a part may be `least` bits a byte, by how many different bytes there are in it and a little around it: cheaper
    /// than counting them, for heads of tokens that are all alike.
    pub(super) fn may_have_disorder(&self, text: &[u8], part: Range<usize>, least: f64) -> bool {
        let Ok(mut met) = self.met.try_borrow_mut() else { return true };
        if !(met.at.start..=met.at.start.saturating_add(LONGEST)).contains(&part.start) || met.at.end < part.start {
            *met = Met { at: part.start..part.start, bytes: [0; 4] };
        }
        if met.at.end < part.end {
            let more = text.get(met.at.end..part.end).unwrap_or_default();
            met.add(more);
            met.at.end = part.end;
        }
        let distinct: u32 = met.bytes.iter().map(|bytes| bytes.count_ones()).sum();
        // So many bits take as many different bytes at least.
        (0..8u8).rev().find(|bits| f64::from(*bits) <= least).is_none_or(|bits| distinct >= 1 << bits)
    }

    /// Whether one of the words may stand in what is looked at for them from `at`, or from a little before it.
    pub(super) fn may_stand_near(&self, text: &[u8], at: usize, words: &'static [&'static str]) -> bool {
        let Ok(mut near) = self.near.try_borrow_mut() else { return true };
        let near = near.get_or_insert_default();
        let of = at / NEIGHBOURS;
        let from = (of * NEIGHBOURS).saturating_sub(CONTEXT + AHEAD_OF_DIGITS);
        near.read(of, text.get(from..text.len().min((of + 1) * NEIGHBOURS)).unwrap_or_default());
        near.may_have(words)
    }

    /// Whether one of the words may stand in the member name.
    pub(super) fn may_name(&self, name: &[u8], words: &'static [&'static str]) -> bool {
        let Ok(mut named) = self.named.try_borrow_mut() else { return true };
        let named = named.get_or_insert_default();
        named.read(0, name);
        named.may_have(words)
    }

    /// The first place in `part` at which what is sought begins; `search` finds it in a part, the same whatever part it is.
    pub(super) fn first(&self, sought: Sought, part: Range<usize>, search: impl Fn(Range<usize>) -> Option<usize>) -> Option<usize> {
        let Ok(mut without) = self.without.try_borrow_mut() else { return search(part) };
        let Some(none) = without.get_mut(sought as usize) else { return search(part) };
        if !(none.start..=none.end).contains(&part.start) {
            *none = part.start..part.start;
        }
        if none.end >= part.end {
            return None;
        }
        let found = search(none.end..part.end);
        none.end = found.unwrap_or(part.end);
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::text::entropy;
    use super::*;

    proptest! {
        #[test]
        fn what_slides_is_what_is_counted(text in "[a-dA-C0-3=: é]{0,300}", parts in vec((0usize..300, 0usize..300), 1..40), least in 0.5f64..4.0) {
            let text = text.as_bytes();
            let sliding = Sliding::default();
            for (one, other) in parts {
                let (from, to) = (one.min(other).min(text.len()), one.max(other).min(text.len()));
                let part = &text[from..to];
                let tally = sliding.tally(text, from..to);
                prop_assert_eq!(tally, Tally::of(part));
                let mut all = part.to_vec();
                all.sort_unstable();
                all.dedup();
                prop_assert_eq!(usize::try_from(tally.distinct).unwrap(), all.len());
                prop_assert_eq!(tally.letters(), part.iter().filter(|byte| byte.is_ascii_alphabetic()).count());
                prop_assert_eq!(tally.digits, part.iter().filter(|byte| byte.is_ascii_digit()).count());
                prop_assert_eq!(tally.has_disorder(least), entropy(part) >= least);
                prop_assert!(sliding.may_have_disorder(text, from..to, least) || entropy(part) < least);
                let search = |part: Range<usize>| part.into_iter().find(|at| text[*at] == b'=');
                prop_assert_eq!(sliding.first(Sought::End, from..to, search), search(from..to));
            }
        }
    }

    /// Where the entropy is what is asked for, to the last bit.
    #[test]
    fn equal_shares_reach_their_entropy() {
        for times in 1..60 {
            let text = b"token=ab".repeat(times);
            assert!(Tally::of(&text).has_disorder(3.0) && !Tally::of(&text).has_disorder(3.000_01), "{times}");
        }
        assert!(!Tally::default().has_disorder(0.1) && Tally::default().has_disorder(0.0));
    }
}
