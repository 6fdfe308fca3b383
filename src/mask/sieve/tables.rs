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

/// What the groups let through is a tenth heads at best. Four bytes looked up together leave almost nothing else.
pub(super) struct Gate {
    /// By the first three bytes: bit n for fourth ones that end with these five bits.
    fourths: Box<[u32; 1 << GATE_BITS]>,
}

const GATE_BITS: u32 = 12;

impl Gate {
    pub(super) fn of(heads: &[Head<'_>]) -> Self {
        let mut fourths = Box::new([0; 1 << GATE_BITS]);
        for head in heads {
            let last = head.bytes(LEADING).fold(0, |bits, byte| bits | 1 << (byte & 31));
            for (a, b) in head.bytes(0).flat_map(|a| head.bytes(1).map(move |b| (a, b))) {
                for c in head.bytes(2) {
                    fourths.iter_mut().skip(place(u32::from_le_bytes([a, b, c, 0]))).take(1).for_each(|bits| *bits |= last);
                }
            }
        }
        Self { fourths }
    }

    /// Those of the places in `of` at which a head may begin.
    #[inline(always)]
    pub(super) fn open(&self, seen: &[u8; SEEN], of: Bits) -> Bits {
        let (mut open, mut left) = (0, of);
        while left != 0 {
            let at = usize::try_from(left.trailing_zeros()).unwrap_or_default();
            let four = seen.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |four| u32::from_le_bytes(*four));
            let fourths = self.fourths.get(place(four)).copied().unwrap_or_default();
            let is_open = fourths.wrapping_shr(four >> 24) & 1 == 1;
            open |= if is_open { left & left.wrapping_neg() } else { 0 };
            left &= left - 1;
        }
        open
    }
}

/// Where the fourth bytes of what begins with these three are: by the case of the first, so that `OT` is not every `other`, and not by that of
/// the others.
#[inline(always)]
fn place(four: u32) -> usize {
    // Knuth, The Art of Computer Programming 6.4: the golden ratio.
    let hash = ((four | 0x20_2000) & 0xFF_FFFF).wrapping_mul(0x9E37_79B1) >> (u32::BITS - GATE_BITS);
    usize::try_from(hash).unwrap_or_default()
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
