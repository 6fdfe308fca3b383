//! Sixteen bytes looked at together: vector instructions of Wasm in the module, and those of the machine natively, so that tests on any
//! machine run the same logic.

/// Bytes in a block.
pub(crate) const BLOCK: usize = 16;

pub(crate) use lanes::Block;

/// One bit for each byte of a block, the first byte's the lowest.
pub(crate) type Bits = u32;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    #[cfg(target_feature = "relaxed-simd")]
    use core::arch::wasm32::i8x16_relaxed_swizzle as swizzle;
    #[cfg(not(target_feature = "relaxed-simd"))]
    use core::arch::wasm32::i8x16_swizzle as swizzle;
    use core::arch::wasm32::{
        i8x16_lt, i8x16_splat, u8x16_bitmask, u8x16_eq, u8x16_splat, u8x16_sub, u16x8_shr, u64x2, v128, v128_and, v128_any_true, v128_or,
    };

    use super::{BLOCK, Bits};

    #[derive(Clone, Copy)]
    pub(crate) struct Block(v128);

    impl Block {
        #[inline(always)]
        pub(crate) fn of(bytes: &[u8; BLOCK]) -> Self {
            // By halves: byte by byte the compiler would see blocks that overlap, and put them together from one another.
            let [low, high] = *bytes.as_chunks::<8>().0 else { return Self::all(0) };
            Self(u64x2(u64::from_le_bytes(low), u64::from_le_bytes(high)))
        }

        #[inline(always)]
        pub(crate) fn all(byte: u8) -> Self {
            Self(u8x16_splat(byte))
        }

        #[inline(always)]
        pub(crate) fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn or(self, other: Self) -> Self {
            Self(v128_or(self.0, other.0))
        }

        /// The upper four bits of each byte.
        #[inline(always)]
        pub(crate) fn upper(self) -> Self {
            // By pairs of bytes, and masked: there is no instruction for single ones, and what stands for it makes its mask anew each time.
            Self(v128_and(u16x8_shr(self.0, 4), u8x16_splat(15)))
        }

        /// Each byte, which must be under 16, replaced by what `table` has for it.
        #[inline(always)]
        pub(crate) fn of_table(self, table: Self) -> Self {
            // Of indices under 16 the relaxed instruction, one of the processor's where the other takes two, promises the same.
            Self(swizzle(table.0, self.0))
        }

        #[inline(always)]
        pub(crate) fn is(self, byte: u8) -> Self {
            Self(u8x16_eq(self.0, u8x16_splat(byte)))
        }

        #[inline(always)]
        pub(crate) fn is_under(self, byte: u8) -> Self {
            // Signed, which is one instruction where unsigned is four.
            let signed = u8x16_sub(self.0, u8x16_splat(0x80));
            Self(i8x16_lt(signed, i8x16_splat(byte.wrapping_sub(0x80).cast_signed())))
        }

        /// Of each byte that is not zero.
        #[inline(always)]
        pub(crate) fn any_bits(self) -> Bits {
            // Comparing for inequality takes three instructions.
            0xFFFF ^ self.is(0).bits()
        }

        /// Of the upper bit of each byte.
        #[inline(always)]
        pub(crate) fn bits(self) -> Bits {
            Bits::from(u8x16_bitmask(self.0))
        }

        /// Whether any byte is not zero.
        #[inline(always)]
        pub(crate) fn is_any(self) -> bool {
            v128_any_true(self.0)
        }
    }
}

/// `wide` has the instructions of x86-64 and of aarch64, and loops where there are none. `.cargo/config.toml` asks for those that look a
/// table up, which the smallest x86-64 has not.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes {
    use wide::u8x16;

    use super::{BLOCK, Bits};

    #[derive(Clone, Copy)]
    pub(crate) struct Block(u8x16);

    impl Block {
        #[inline(always)]
        pub(crate) fn of(bytes: &[u8; BLOCK]) -> Self {
            Self(u8x16::new(*bytes))
        }

        #[inline(always)]
        pub(crate) fn all(byte: u8) -> Self {
            Self(u8x16::splat(byte))
        }

        #[inline(always)]
        pub(crate) fn and(self, other: Self) -> Self {
            Self(self.0 & other.0)
        }

        #[inline(always)]
        pub(crate) fn or(self, other: Self) -> Self {
            Self(self.0 | other.0)
        }

        /// The upper four bits of each byte.
        #[inline(always)]
        pub(crate) fn upper(self) -> Self {
            Self(self.0.unbounded_shr_scalar(4))
        }

        /// Each byte, which must be under 16, replaced by what `table` has for it.
        #[inline(always)]
        pub(crate) fn of_table(self, table: Self) -> Self {
            Self(table.0.shuffle(self.0))
        }

        #[inline(always)]
        pub(crate) fn is(self, byte: u8) -> Self {
            Self(self.0.simd_eq(u8x16::splat(byte)))
        }

        #[inline(always)]
        pub(crate) fn is_under(self, byte: u8) -> Self {
            Self(self.0.simd_lt(u8x16::splat(byte)))
        }

        /// Of each byte that is not zero.
        #[inline(always)]
        pub(crate) fn any_bits(self) -> Bits {
            0xFFFF ^ self.is(0).bits()
        }

        /// Of the upper bit of each byte.
        #[inline(always)]
        pub(crate) fn bits(self) -> Bits {
            self.0.to_bitmask()
        }

        /// Whether any byte is not zero.
        #[inline(always)]
        pub(crate) fn is_any(self) -> bool {
            self.any_bits() != 0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_bit() {
        for at in 0..BLOCK {
            for byte in [0u8, 1, b'0', b'9', 0x7F, 0x80, 0xFF] {
                let mut bytes = [b'x'; BLOCK];
                bytes[at] = byte;
                let block = Block::of(&bytes);
                assert_eq!(block.is(byte).bits(), 1 << at, "{at} {byte}");
                assert_eq!(block.is_under(0x20).bits() != 0, byte < 0x20, "{at} {byte}");
                assert_eq!(block.is(byte).and(Block::all(byte)).is_any(), byte != 0, "{at} {byte}");
                assert_eq!(block.any_bits(), if byte == 0 { 0xFFFF ^ 1 << at } else { 0xFFFF }, "{at} {byte}");
            }
        }
    }

    #[test]
    fn bounds_are_unsigned() {
        for bound in [0u8, 1, 0x20, 0x7F, 0x80, 0x81, 0xFF] {
            for byte in 0..=u8::MAX {
                let bits = Block::all(byte).is_under(bound).bits();
                assert_eq!(bits, if byte < bound { 0xFFFF } else { 0 }, "{byte} under {bound}");
            }
        }
    }

    #[test]
    fn tables_are_looked_up_by_half_bytes() {
        let table: [u8; BLOCK] = std::array::from_fn(|at| u8::try_from(at * 7).unwrap());
        let bytes: [u8; BLOCK] = std::array::from_fn(|at| u8::try_from(at * 17).unwrap());
        let upper = Block::of(&bytes).upper();
        let lower = Block::of(&bytes).and(Block::all(15));
        for at in 0..BLOCK {
            let want = table[at];
            assert!(upper.of_table(Block::of(&table)).is(want).bits() & 1 << at != 0);
            assert!(lower.of_table(Block::of(&table)).is(want).bits() & 1 << at != 0);
        }
        assert_eq!(upper.or(lower).bits(), 0);
    }
}
