//! What begins as some head does, in tables: by the half bytes of its leading bytes, for a look at many places at once, and by these bytes
//! together, for a look at one.

use super::Head;
use super::groups::Group;
use super::row::{Bits, SEEN};
use crate::wire::block::{BLOCK, Block};

/// Bytes of a head that are looked at.
pub(super) const LEADING: usize = 3;

/// Five bits of each leading byte: letters of either case are alike.
pub(super) const TRIPLES: usize = 1 << (5 * LEADING);

/// By leading byte, and by its lower or upper half: bit n says that a head of group n has it there.
#[derive(Clone, Copy)]
pub(super) struct Tables {
    lower: [[u8; BLOCK]; LEADING],
    upper: [[u8; BLOCK]; LEADING],
}

impl Tables {
    pub(super) fn of(groups: &[Group]) -> Self {
        let mut tables = Self { lower: [[0; BLOCK]; LEADING], upper: [[0; BLOCK]; LEADING] };
        for (place, group) in groups.iter().enumerate() {
            let bit = 1u8.checked_shl(u32::try_from(place).unwrap_or_default()).unwrap_or_default();
            let halves = tables.lower.iter_mut().zip(&mut tables.upper).zip(group.halves());
            for ((lower, upper), (in_lower, in_upper)) in halves {
                let set = |table: &mut [u8; BLOCK], members: u16| {
                    table.iter_mut().enumerate().filter(|(half, _)| (members >> half) & 1 == 1).for_each(|(_, slot)| *slot |= bit);
                };
                set(lower, *in_lower);
                set(upper, *in_upper);
            }
        }
        tables
    }

    #[inline(always)]
    pub(super) fn blocks(&self) -> [(Block, Block); LEADING] {
        let [lower_1, lower_2, lower_3] = &self.lower;
        let [upper_1, upper_2, upper_3] = &self.upper;
        [(lower_1, upper_1), (lower_2, upper_2), (lower_3, upper_3)].map(|(lower, upper)| (Block::of(lower), Block::of(upper)))
    }
}

/// What the groups let through is a tenth heads at best. Four bytes looked up together, case aside, leave almost nothing else.
pub(super) struct Gate {
    /// Of the first four bytes of heads.
    long: Box<[u64; 1 << (GATE_BITS - 6)]>,
    /// Of the first three, of heads that have no fourth; by their case, too, for these are the ones that many words begin with.
    short: Box<[u64; 1 << (GATE_BITS - 6)]>,
}

const GATE_BITS: u32 = 15;

impl Gate {
    pub(super) fn of(heads: &[Head<'_>]) -> Self {
        let mut gate = Self { long: Box::new([0; 1 << (GATE_BITS - 6)]), short: Box::new([0; 1 << (GATE_BITS - 6)]) };
        for head in heads {
            if let [a, b, c, d, ..] = *head.text {
                set(&mut gate.long, u32::from_le_bytes([a, b, c, d]) | LOWER);
                continue;
            }
            let cases = |at: usize| (0..=u8::MAX).filter(move |byte| head.may_have(at, *byte));
            for (a, b) in cases(0).flat_map(|a| cases(1).map(move |b| (a, b))) {
                cases(2).for_each(|c| set(&mut gate.short, u32::from_le_bytes([a, b, c, 0])));
            }
        }
        gate
    }

    /// Those of the places in `of` at which a head may begin.
    #[inline(always)]
    pub(super) fn open(&self, seen: &[u8; SEEN], of: Bits) -> Bits {
        let (mut open, mut left) = (0, of);
        while left != 0 {
            let bit = left & left.wrapping_neg();
            let place = usize::try_from(left.trailing_zeros()).unwrap_or_default();
            left ^= bit;
            let four = seen.get(place..).and_then(|rest| rest.first_chunk()).map_or(0, |four| u32::from_le_bytes(*four));
            let is_open = has(&self.long, four | LOWER) | has(&self.short, four & 0xFF_FFFF);
            open |= if is_open { bit } else { 0 };
        }
        open
    }
}

/// What makes letters lower case; other bytes are no more alike than they need to be.
const LOWER: u32 = 0x2020_2020;

/// The word and the bit of it that stand for these bytes.
#[inline(always)]
fn place(bytes: u32) -> (usize, u32) {
    // Knuth, The Art of Computer Programming 6.4: the golden ratio.
    let hash = bytes.wrapping_mul(0x9E37_79B1) >> (32 - GATE_BITS);
    (usize::try_from(hash >> 6).unwrap_or_default(), hash & 63)
}

#[inline(always)]
fn has(words: &[u64; 1 << (GATE_BITS - 6)], bytes: u32) -> bool {
    let (word, bit) = place(bytes);
    words.get(word).is_some_and(|word| (word >> bit) & 1 == 1)
}

fn set(words: &mut [u64; 1 << (GATE_BITS - 6)], bytes: u32) {
    let (word, bit) = place(bytes);
    if let Some(word) = words.get_mut(word) {
        *word |= 1 << bit;
    }
}

/// The groups some head of which may go on at every leading byte.
#[inline(always)]
pub(super) fn matching(tables: &[(Block, Block); LEADING], halves: &[(Block, Block); LEADING]) -> Block {
    let [(lower_1, upper_1), (lower_2, upper_2), (lower_3, upper_3)] = tables;
    let [(low_1, up_1), (low_2, up_2), (low_3, up_3)] = halves;
    let first = low_1.of_table(*lower_1).and(up_1.of_table(*upper_1));
    let second = low_2.of_table(*lower_2).and(up_2.of_table(*upper_2));
    let third = low_3.of_table(*lower_3).and(up_3.of_table(*upper_3));
    first.and(second).and(third)
}

/// Of the first bytes of `leading`, which is little-endian.
#[inline(always)]
pub(super) fn triple(leading: u32) -> u16 {
    u16::try_from((leading & 31) | ((leading >> 3) & (31 << 5)) | ((leading >> 6) & (31 << 10))).unwrap_or_default()
}

/// The triples a head may begin with: of a shorter one, with anything behind it.
pub(super) fn triples_of(head: &[u8]) -> Vec<u16> {
    let mut triples = vec![0u16];
    for at in (0..LEADING).rev() {
        let next: Vec<u16> = head.get(at).map_or_else(|| (0..32).collect(), |byte| vec![u16::from(byte & 31)]);
        triples = triples.iter().flat_map(|triple| next.iter().map(move |byte| (triple << 5) | byte)).collect();
    }
    triples
}
