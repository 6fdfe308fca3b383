//! How far a string goes on without anything that needs a closer look, sixteen bytes at a time.

use crate::wire::block::{BLOCK, Block};

/// How many bytes of ASCII characters and whole escapes stand before the first that ends a run, must not stand in a string, or is part of
/// an escape that is not here whole.
#[inline]
pub(super) fn plain(text: &[u8]) -> usize {
    let mut at = 0usize;
    let blocks = text.as_chunks::<BLOCK>().0;
    for (number, block) in blocks.iter().enumerate() {
        let from = number * BLOCK;
        let block = Block::of(block);
        let escapes = block.is(b'\\');
        // What is not ASCII has the upper bit set as it is.
        let mut left = block.is_under(0x20).or(block.is(b'"')).or(block.or(escapes)).bits();
        if left == 0 {
            continue;
        }
        let escapes = escapes.bits();
        while left != 0 {
            // An escape may reach over the end of its block.
            let behind = u32::try_from(at.saturating_sub(from)).unwrap_or_default();
            left &= u32::MAX.checked_shl(behind).unwrap_or(0);
            let place = left.trailing_zeros();
            if place >= u32::BITS {
                break;
            }
            let here = from + usize::try_from(place).unwrap_or_default();
            let Some(len) = (escapes >> place & 1 == 1).then(|| text.get(here..).and_then(escape_length)).flatten() else { return here };
            at = here + len;
        }
    }
    at = at.max(blocks.len() * BLOCK);
    while let Some(byte) = text.get(at) {
        at += match byte {
            b'\\' => match text.get(at..).and_then(escape_length) {
                Some(len) => len,
                None => break,
            },
            b'"' | 0..0x20 | 0x80.. => break,
            _ => 1,
        };
    }
    at
}

/// The length of the escape that `text` begins with.
#[inline]
fn escape_length(text: &[u8]) -> Option<usize> {
    match text {
        [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(2),
        [b'\\', b'u', a, b, c, d, ..] if [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit) => Some(6),
        _ => None,
    }
}
