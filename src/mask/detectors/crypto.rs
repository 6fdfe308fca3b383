//! Addresses of wallets: Bitcoin (base58check; BIP 173 and 350) and Ethereum (EIP-55).

use sha2::{Digest as _, Sha256};

use super::text::{is_alnum, is_word};
use super::{About, Family, Found, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::new(
        Detector::CryptoAddress,
        "bitcoin_address",
        &[Trigger::Digits(!1, base58), Trigger::Heads(BECH32, bech32)],
        About {
            matches: "`1...` and `3...`, `bc1...`, `tb1...`, `ltc1...`",
            validator: "base58check, bech32 and bech32m checksums",
            context: "",
            source: "Bitcoin wiki, base58check; BIP 173; BIP 350",
        },
    ),
    Family::new(
        Detector::CryptoAddress,
        "ethereum_address",
        &[Trigger::Heads(&["0x"], ethereum)],
        About {
            matches: "`0x` and 40 hex digits",
            validator: "EIP-55 where upper and lower case are mixed",
            context: "a word for wallets, where all letters are in upper case or there are none",
            source: "EIP-55",
        },
    ),
];

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[&str] = &["bc1", "tb1", "ltc1"];

/// At the first digit of an address, which its first character always is.
fn base58(view: &View<'_>, at: usize) -> Option<Found> {
    let led = view.is(at, |byte| matches!(byte, b'1' | b'3')) && !view.was(at, is_word);
    if !led {
        return None;
    }
    let end = view.run(at, 36, is_alnum);
    let text = view.slice(at, end);
    // Ordinary numbers and words are no longer looked at.
    let mixed = text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase);
    ((26..=35).contains(&text.len()) && mixed && !view.is(end, is_word) && checked(text)).then_some(())?;
    Found::new(at, end)
}

/// 21 bytes and the first four of their double SHA-256.
fn checked(text: &[u8]) -> bool {
    let mut bytes = [0u8; 25];
    for char in text {
        let Some(mut carry) = BASE58.iter().position(|known| known == char).and_then(|place| u32::try_from(place).ok()) else {
            return false;
        };
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = u8::try_from(carry & 0xFF).unwrap_or(0);
            carry >>= 8;
        }
        if carry != 0 {
            return false;
        }
    }
    let Some((head, sum)) = bytes.split_at_checked(21) else { return false };
    let digest = Sha256::digest(Sha256::digest(head));
    matches!(head.first(), Some(0 | 5)) && digest.get(..4) == Some(sum)
}

/// At the part before the separator.
fn bech32(view: &View<'_>, at: usize) -> Option<Found> {
    let end = view.run(at, 91, is_alnum);
    let text = view.slice(at, end).to_ascii_lowercase();
    let one_case = view.slice(at, end).iter().all(|byte| !byte.is_ascii_uppercase())
        || view.slice(at, end).iter().all(|byte| !byte.is_ascii_lowercase());
    let known = BECH32.iter().any(|head| text.starts_with(head.as_bytes()));
    let apart = !view.was(at, is_word) && !view.is(end, is_word);
    (known && apart && one_case && (14..=90).contains(&text.len()) && polymod(&text)).then_some(())?;
    Found::new(at, end)
}

/// BIP 173's checksum, with the constant of BIP 173 or of BIP 350.
fn polymod(text: &[u8]) -> bool {
    const CHARS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let Some(separator) = text.iter().rposition(|byte| *byte == b'1') else { return false };
    let (human, data) = (text.get(..separator).unwrap_or_default(), text.get(separator + 1..).unwrap_or_default());
    let expanded = human.iter().map(|byte| u32::from(byte >> 5)).chain([0]).chain(human.iter().map(|byte| u32::from(byte & 31)));
    let mut sum = 1u32;
    let mut add = |value: u32| {
        let top = sum >> 25;
        sum = (sum & 0x01FF_FFFF) << 5 ^ value;
        for (bit, factor) in GENERATOR.iter().enumerate() {
            sum ^= if top >> bit & 1 == 1 { *factor } else { 0 };
        }
    };
    expanded.for_each(&mut add);
    for char in data {
        let Some(value) = CHARS.iter().position(|known| known == char).and_then(|place| u32::try_from(place).ok()) else { return false };
        add(value);
    }
    matches!(sum, 1 | 0x2bc8_30a3)
}

/// What introduces an address whose letters are all in one case, and so tell nothing.
const WORDS: &[&str] = &["wallet", "ethereum", "eth", "address", "erc20", "account", "recipient", "payee"];

/// At `0x`.
fn ethereum(view: &View<'_>, at: usize) -> Option<Found> {
    if !view.starts_with(at, b"0x") || view.was(at, is_word) {
        return None;
    }
    let end = view.run(at + 2, 41, |byte| byte.is_ascii_hexdigit());
    let address = view.slice(at + 2, end);
    (address.len() == 40 && !view.is(end, is_word) && super::placeholder::distinct(address) > 3).then_some(())?;
    let mixed = address.iter().any(u8::is_ascii_lowercase) && address.iter().any(u8::is_ascii_uppercase);
    // Of hashes and words of memory none has this length behind `0x`.
    let lower = !mixed && address.iter().filter(|byte| byte.is_ascii_lowercase()).count() >= 4 && super::text::entropy(address) >= 3.0;
    (if mixed { eip55(address) } else { lower || view.introduced_by_word(at, WORDS) }).then_some(())?;
    Found::new(at, end)
}

/// A letter is in upper case where the Keccak-256 hash of the address has a high bit at its place.
fn eip55(address: &[u8]) -> bool {
    let hash = keccak256(&address.to_ascii_lowercase());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    address.iter().zip(nibbles).all(|(byte, nibble)| !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() == (nibble >= 8))
}

/// Keccak as it was before it became SHA-3 (keccak.team, reference 3.0), of less than one block.
fn keccak256(text: &[u8]) -> [u8; 32] {
    const RATE: usize = 136;
    let mut block = [0u8; RATE];
    block.iter_mut().zip(text.iter().chain([1].iter())).for_each(|(slot, byte)| *slot = *byte);
    if let Some(last) = block.last_mut() {
        *last |= 0x80;
    }
    let mut state = [0u64; 25];
    let (words, _) = block.as_chunks::<8>();
    state.iter_mut().zip(words).for_each(|(lane, word)| *lane = u64::from_le_bytes(*word));
    permute(&mut state);
    let mut hash = [0u8; 32];
    let (slots, _) = hash.as_chunks_mut::<8>();
    slots.iter_mut().zip(state).for_each(|(slot, lane)| *slot = lane.to_le_bytes());
    hash
}

#[expect(clippy::indexing_slicing, reason = "the places are constants below 25, the whole permutation over")]
fn permute(state: &mut [u64; 25]) {
    const ROTATIONS: [u32; 24] = [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
    const LANES: [usize; 24] = [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];
    let mut register = 1u8;
    for _ in 0..24 {
        let column: [u64; 5] = std::array::from_fn(|x| state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]);
        for (place, lane) in state.iter_mut().enumerate() {
            *lane ^= column[(place + 4) % 5] ^ column[(place + 1) % 5].rotate_left(1);
        }
        let mut moved = state[1];
        for (lane, rotation) in LANES.into_iter().zip(ROTATIONS) {
            moved = std::mem::replace(&mut state[lane], moved.rotate_left(rotation));
        }
        let (rows, _) = state.as_chunks_mut::<5>();
        for row in rows {
            let before = *row;
            for x in 0..5 {
                row[x] = before[x] ^ (!before[(x + 1) % 5] & before[(x + 2) % 5]);
            }
        }
        // The round constant, bit by bit from a shift register.
        for bit in [0, 1, 3, 7, 15, 31, 63] {
            state[0] ^= u64::from(register & 1) << bit;
            register = (register << 1) ^ (if register & 0x80 != 0 { 0x71 } else { 0 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;
    use super::*;

    #[test]
    fn hashes_as_keccak_does() {
        // Of the empty text (keccak.team).
        assert_eq!(keccak256(b"")[..4], [0xc5, 0xd2, 0x46, 0x01]);
    }

    #[test]
    fn finds_addresses() {
        // The first block's, BIP 173's, BIP 350's and EIP-55's examples.
        for address in ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"] {
            assert_eq!(all(base58, &format!("to {address}.")), [address]);
            assert!(all(base58, &address.replacen('P', "Q", 1).replacen("98", "97", 1)).is_empty());
            assert!(all(base58, &format!("x{address}")).is_empty());
        }
        for address in ["BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"] {
            assert_eq!(all(bech32, &format!("to {address}.")), [address]);
            assert!(all(bech32, &address.replace('4', "5")).is_empty());
        }
        for address in ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"] {
            assert_eq!(all(ethereum, &format!("to {address}.")), [address]);
            assert!(all(ethereum, &address.replace('9', "8")).is_empty());
            let lower = address.to_lowercase();
            assert_eq!(all(ethereum, &format!("wallet: {lower}")), [lower.as_str()]);
            assert_eq!(all(ethereum, &format!("at {lower}.")), [lower.as_str()]);
            let upper = address[2..].to_uppercase();
            assert!(all(ethereum, &format!("hash: 0x{upper}")).is_empty());
            assert!(all(ethereum, &format!("at {lower}0")).is_empty());
        }
    }
}
