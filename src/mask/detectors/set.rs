//! Sets of ASCII characters, by half bytes: of sixteen characters at once it is told which are members.

use crate::wire::block::{BLOCK, Block};

/// By the lower half of a character: bit n says that the one with the upper half n is a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Set([u8; BLOCK]);

/// The bit of each upper half; none of what is not ASCII.
const UPPER: [u8; BLOCK] = [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0];

impl Set {
    /// These, and all from the first to the last of each range.
    #[expect(clippy::indexing_slicing, reason = "halves of a byte are under 16, and a mistake is one of compiling")]
    pub(crate) const fn new(members: &[u8], ranges: &[(u8, u8)]) -> Self {
        let mut set = [0; BLOCK];
        let mut byte = 0u8;
        while byte < 128 {
            let mut is_member = false;
            let (mut one, mut range) = (0, 0);
            while one < members.len() {
                is_member |= members[one] == byte;
                one += 1;
            }
            while range < ranges.len() {
                is_member |= ranges[range].0 <= byte && byte <= ranges[range].1;
                range += 1;
            }
            if is_member {
                set[(byte & 15) as usize] |= 1 << (byte >> 4);
            }
            byte += 1;
        }
        Self(set)
    }

    /// These, in either case of a letter; what is not ASCII is left out.
    pub(crate) fn of(members: impl Iterator<Item = u8>) -> Self {
        let mut set = [0; BLOCK];
        for member in members.filter(u8::is_ascii).flat_map(|member| [member.to_ascii_lowercase(), member.to_ascii_uppercase()]) {
            if let Some(slot) = set.get_mut(usize::from(member & 15)) {
                *slot |= 1 << (member >> 4);
            }
        }
        Self(set)
    }

    #[inline]
    pub(crate) fn has(&self, byte: u8) -> bool {
        let members = self.0.get(usize::from(byte & 15)).copied().unwrap_or_default();
        byte < 128 && (members >> (byte >> 4)) & 1 == 1
    }

    /// How many members `text` begins with.
    #[inline]
    pub(crate) fn leading(&self, text: &[u8]) -> usize {
        self.first(text, |members| !members, |byte| !self.has(byte))
    }

    /// Where the first member stands in `text`, or its length.
    #[inline]
    pub(crate) fn position(&self, text: &[u8]) -> usize {
        self.first(text, |members| members, |byte| self.has(byte))
    }

    /// How many members there are in `text`.
    pub(crate) fn count(&self, text: &[u8]) -> usize {
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        let (table, upper) = (Block::of(&self.0), Block::of(&UPPER));
        let in_blocks: u32 = blocks.iter().map(|block| members(block, table, upper).count_ones()).sum();
        usize::try_from(in_blocks).unwrap_or_default() + rest.iter().filter(|byte| self.has(**byte)).count()
    }

    #[inline]
    fn first(&self, text: &[u8], sought: impl Fn(u16) -> u16, is_sought: impl Fn(u8) -> bool) -> usize {
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        let (table, upper) = (Block::of(&self.0), Block::of(&UPPER));
        for (number, block) in blocks.iter().enumerate() {
            let places = sought(members(block, table, upper));
            if places != 0 {
                return number * BLOCK + usize::try_from(places.trailing_zeros()).unwrap_or_default();
            }
        }
        blocks.len() * BLOCK + rest.iter().position(|byte| is_sought(*byte)).unwrap_or(rest.len())
    }
}

/// One bit for each byte that is a member.
#[inline(always)]
fn members(block: &[u8; BLOCK], table: Block, upper: Block) -> u16 {
    let block = Block::of(block);
    let of_lower = block.and(Block::all(15)).of_table(table);
    u16::try_from(of_lower.and(block.upper().of_table(upper)).any_bits()).unwrap_or_default()
}

pub(crate) const DIGIT: Set = Set::new(b"", &[(b'0', b'9')]);
pub(crate) const LOWER: Set = Set::new(b"", &[(b'a', b'z')]);
pub(crate) const UPPERCASE: Set = Set::new(b"", &[(b'A', b'Z')]);
pub(crate) const ALNUM: Set = Set::new(b"", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]);
pub(crate) const BASE64URL: Set = Set::new(b"-_", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]);
/// Letters, digits and the signs that are seen.
pub(crate) const GRAPHIC: Set = Set::new(b"", &[(b'!', b'~')]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_at_every_place() {
        let signs = Set::new(b"%\"", &[(0, b' '), (b'x', 127)]);
        for byte in 0..=u8::MAX {
            let is = matches!(byte, b'%' | b'"' | 0..=b' ' | b'x'..=127);
            assert_eq!(signs.has(byte), is, "{byte:#x}");
            for len in 0..40 {
                let text = [b"a".repeat(len), vec![byte], b"abc".repeat(9)].concat();
                assert_eq!(signs.position(&text), if is { len } else { text.len() }, "{byte:#x} {len}");
                assert_eq!(signs.count(&text), usize::from(is), "{byte:#x} {len}");
                let text = [b"x".repeat(len), vec![byte], b"x".repeat(20)].concat();
                assert_eq!(signs.leading(&text), if is { text.len() } else { len }, "{byte:#x} {len}");
            }
        }
    }
}
