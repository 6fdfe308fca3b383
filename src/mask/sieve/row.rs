//! Sixty-four bytes of a text looked at together: of which class each is, as one bit of a number.

use super::tables::{LEADING, Tables, matching};
use super::{ESCAPE, RUN};
use crate::mask::wrapped::is_run;
use crate::wire::block::{self, BLOCK, Block};

/// Bytes that are looked at in one go: one bit of [`Bits`] for each.
pub(super) const ROW: usize = BLOCKS * BLOCK;
const BLOCKS: usize = 4;

/// One bit for each byte of a row, the first byte's the lowest.
pub(super) type Bits = u64;

/// Bytes of a row and those behind it that what begins in it is told by.
pub(super) const SEEN: usize = ROW + 3;

/// What stands before a row: the bits of the one before it.
#[derive(Clone, Copy)]
pub(super) struct Before {
    pub(super) word: Bits,
    pub(super) digit: Bits,
    /// Letters and `_`.
    pub(super) letter: Bits,
    pub(super) underscore: Bits,
    /// Where a word may begin.
    pub(super) starts: Bits,
    pub(super) backslash: Bits,
    /// How many characters of base64, as far as it matters.
    pub(super) run: u32,
}

/// What the bytes of a row are.
#[derive(Default)]
pub(super) struct Row {
    pub(super) heads: Bits,
    /// Heads, where a word begins.
    pub(super) begins: Bits,
    pub(super) base64: Bits,
    /// `+`, `-` and `/`.
    pub(super) sign: Bits,
    pub(super) digit: Bits,
    pub(super) backslash: Bits,
    /// Some byte is an `@`, or, of text as it was written, one that another way of writing may begin with.
    pub(super) is_rare: bool,
}

/// Characters of base64 by their half bytes: digits, `@` to `O` and their lower case but for the first, `P` to `Z` likewise, `_`, and the
/// other signs.
pub(super) const CLASS_LOWER: [u8; BLOCK] = [132, 134, 134, 134, 134, 134, 134, 134, 134, 134, 6, 18, 2, 18, 2, 26];
pub(super) const CLASS_UPPER: [u8; BLOCK] = [0, 0, SIGN, DIGIT, 2, 12, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0];

/// `+`, `-`, `/`.
pub(super) const SIGN: u8 = 16;
/// The upper bit, which no other class has.
pub(super) const DIGIT: u8 = 128;

/// Likewise what another way of writing may begin with: `%`, `&`, `+`, and the lead bytes that [`super::reading::fold::may_fold`] tells; a
/// backslash, which has the upper bit.
pub(super) const OTHER_LOWER: [u8; BLOCK] = [12, 12, 13, 12, 0, 16, 16, 0, 2, 2, 6, 18, 129, 1, 0, 6];
pub(super) const OTHER_UPPER: [u8; BLOCK] = [0, 0, 16, 0, 0, 128, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8];

pub(super) const OTHERWISE: u8 = 31;

/// The tables, as they are looked things up in.
pub(super) struct Look {
    anywhere: [[(Block, Block); LEADING]; 2],
    at_word: [(Block, Block); LEADING],
    class: [Block; 2],
    other: [Block; 2],
}

impl Look {
    #[inline(always)]
    pub(super) fn of(anywhere: &[Tables; 2], at_word: &Tables) -> Self {
        Self {
            anywhere: anywhere.each_ref().map(Tables::blocks),
            at_word: at_word.blocks(),
            class: [&CLASS_LOWER, &CLASS_UPPER].map(Block::of),
            other: [&OTHER_LOWER, &OTHER_UPPER].map(Block::of),
        }
    }

    /// What `seen` begins with, as far as the block in which `len` bytes end.
    #[inline(always)]
    pub(super) fn at<const AS_WRITTEN: bool>(&self, seen: &[u8; SEEN], len: usize) -> Row {
        let (mut row, mut rare, mut left) = (Row::default(), Block::all(0), Bits::BITS);
        // Not one behind the other in a row of code: compilers would mix them, and have more at hand than there are registers.
        for seen in seen.windows(BLOCK + LEADING - 1).step_by(BLOCK).take(len.div_ceil(BLOCK)) {
            let block = |at: usize| seen.get(at..).and_then(|rest| rest.first_chunk()).map_or(Block::all(0), Block::of);
            let halves = |block: Block| (block.and(Block::all(15)), block.upper());
            let bytes = block(0);
            let halves = [halves(bytes), halves(block(1)), halves(block(2))];
            let [(lower, upper), ..] = halves;
            let [class_lower, class_upper] = self.class;
            let class = lower.of_table(class_lower).and(upper.of_table(class_upper));
            let [other_lower, other_upper] = self.other;
            let other = lower.of_table(other_lower).and(upper.of_table(other_upper));
            rare = rare.or(bytes.is(b'@'));
            if AS_WRITTEN {
                rare = rare.or(other.and(Block::all(OTHERWISE)));
            }
            let [some, others] = &self.anywhere;
            let add = |bits: &mut Bits, more: block::Bits| *bits = *bits >> BLOCK | Bits::from(more) << (ROW - BLOCK);
            // Of these three where nothing is.
            add(&mut row.heads, matching(some, &halves).or(matching(others, &halves)).is(0).bits());
            add(&mut row.begins, matching(&self.at_word, &halves).is(0).bits());
            add(&mut row.base64, class.is(0).bits());
            add(&mut row.sign, class.is(SIGN).bits());
            add(&mut row.digit, class.bits());
            add(&mut row.backslash, other.bits());
            left = left.saturating_sub(16);
        }
        let down = |bits: Bits| bits.checked_shr(left).unwrap_or(0);
        Row {
            heads: down(!row.heads),
            begins: down(!row.begins),
            base64: down(!row.base64),
            sign: down(row.sign),
            digit: down(row.digit),
            backslash: down(row.backslash),
            is_rare: rare.is_any(),
        }
    }
}

/// What is asked of few rows only.
#[inline(always)]
fn each(seen: &[u8; SEEN], is: impl Fn(Block) -> block::Bits) -> Bits {
    let blocks = seen.as_chunks().0.iter().rev();
    blocks.fold(0, |bits, block| bits << BLOCK | Bits::from(is(Block::of(block))))
}

#[inline(always)]
pub(super) fn underscore(seen: &[u8; SEEN]) -> Bits {
    each(seen, |bytes| bytes.is(b'_').bits())
}

#[inline(always)]
pub(super) fn at_sign(seen: &[u8; SEEN]) -> Bits {
    each(seen, |bytes| bytes.is(b'@').bits())
}

/// What another way of writing may begin with.
#[inline(always)]
pub(super) fn other(seen: &[u8; SEEN]) -> Bits {
    let [lower, upper] = [&OTHER_LOWER, &OTHER_UPPER].map(Block::of);
    let class = |bytes: Block| bytes.and(Block::all(15)).of_table(lower).and(bytes.upper().of_table(upper));
    each(seen, |bytes| class(bytes).and(Block::all(OTHERWISE)).any_bits())
}

/// A point, or an `e` in either case.
#[inline(always)]
pub(super) fn point_or_exponent(seen: &[u8; SEEN]) -> Bits {
    each(seen, |bytes| bytes.is(b'.').or(bytes.or(Block::all(0x20)).is(b'e')).bits())
}

#[inline(always)]
pub(super) fn point(seen: &[u8; SEEN]) -> Bits {
    each(seen, |bytes| bytes.is(b'.').bits())
}

/// A `u` or a slash.
#[inline(always)]
pub(super) fn letter_u(seen: &[u8; SEEN]) -> Bits {
    each(seen, |bytes| bytes.is(b'u').or(bytes.is(b'/')).bits())
}

impl Before {
    pub(super) fn of(text: &[u8], at: usize) -> Self {
        let before = text.get(..at).unwrap_or_default();
        let bits = |class: fn(u8) -> bool| {
            let last = before.iter().rev().take(ESCAPE).enumerate();
            last.fold(0, |bits, (back, byte)| bits | (Bits::from(class(*byte)) << (ROW - 1 - back)))
        };
        let run = before.iter().rev().zip(0..RUN).take_while(|(byte, _)| is_run(**byte)).last().map_or(0, |(_, before)| before + 1);
        Self {
            word: bits(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
            digit: bits(|byte| byte.is_ascii_digit()),
            letter: bits(|byte| byte.is_ascii_alphabetic() || byte == b'_'),
            underscore: bits(|byte| byte == b'_'),
            // It is not known what stands before these; where one turns out to begin no word, a glance tells.
            starts: Bits::MAX,
            backslash: bits(|byte| byte == b'\\'),
            run,
        }
    }
}

/// The end of a text, and nothing behind it.
#[inline(never)]
pub(super) fn last(text: &[u8]) -> [u8; SEEN] {
    let mut seen = [0; SEEN];
    seen.iter_mut().zip(text).for_each(|(slot, byte)| *slot = *byte);
    seen
}

/// How many characters of base64 `text` begins with.
pub(crate) fn run(text: &[u8]) -> usize {
    let tables = [&CLASS_LOWER, &CLASS_UPPER].map(Block::of);
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    for (number, bytes) in blocks.iter().enumerate() {
        let [lower, upper] = tables;
        let bytes = Block::of(bytes);
        let class = bytes.and(Block::all(15)).of_table(lower).and(bytes.upper().of_table(upper)).any_bits();
        if class != 0xFFFF {
            return number * BLOCK + usize::try_from(class.trailing_ones()).unwrap_or_default();
        }
    }
    blocks.len() * BLOCK + rest.iter().take_while(|byte| is_run(**byte)).count()
}

/// Bytes behind the first digit of a run that tell whether it is one of those apart.
pub(super) const GROUPS: usize = 8;

/// Which of the bytes from `at` on are digits.
#[inline(never)]
pub(super) fn digits(text: &[u8], at: usize) -> Bits {
    let behind = text.get(at..).unwrap_or_default().iter().take(GROUPS).zip(0..);
    behind.fold(0, |bits, (byte, place)| bits | Bits::from(byte.is_ascii_digit()) << place)
}

/// Of each place whether the bit `back` places before it is set, in a row or in the one before it.
#[inline(always)]
pub(super) fn behind(bits: Bits, before: Bits, back: usize) -> Bits {
    (bits << back) | (before >> (ROW - back))
}

/// Likewise `ahead` places behind it, where `next` has the bits of what stands behind the row.
#[inline(always)]
pub(super) fn ahead(bits: Bits, next: Bits, ahead: usize) -> Bits {
    (bits >> ahead) | (next << (ROW - ahead))
}

/// Where runs of base64 have gone on for long enough, of which `before` characters stand before the row: at their first place in the row.
#[inline(always)]
pub(super) fn long_run(base64: Bits, before: u32) -> Bits {
    let goes_on = before < RUN && before + base64.trailing_ones() >= RUN;
    // Of those that begin in the row: places that so many set bits follow.
    let two = base64 & (base64 >> 1);
    let four = two & (two >> 2);
    let eight = four & (four >> 4);
    let sixteen = eight & (eight >> 8);
    let long = sixteen & (two >> 16);
    let begins = long & !(base64 << 1) & !Bits::from(before > 0);
    Bits::from(goes_on) | begins
}
