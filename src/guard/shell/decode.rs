//! Decoders that commands pipe text through.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

pub(super) fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(&text).or_else(|_| URL.decode(&text)).ok()
}

/// Text out of base64, blanks and missing padding forgiven (RFC 4648).
pub(super) fn base64(text: &str) -> Option<String> {
    base64_bytes(text).map(text_of)
}

pub(super) fn to_base64(text: &str) -> String {
    STANDARD.encode(text)
}

pub(super) fn base32(text: &str) -> String {
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut bytes = Vec::new();
    for c in text.chars() {
        let value = match c.to_ascii_uppercase() {
            c @ 'A'..='Z' => u32::from(c) - 65,
            c @ '2'..='7' => u32::from(c) - 24,
            _ => continue,
        };
        bits = (bits << 5 | value) & 0xffff;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.extend(u8::try_from(bits >> held & 0xff));
        }
    }
    text_of(bytes)
}

/// Text out of pairs of hexadecimal digits; whatever is none is left out, and so are the offsets of `xxd`.
pub(super) fn hex(text: &str) -> String {
    let mut bytes = Vec::new();
    for line in text.lines() {
        let line = match line.split_once(": ") {
            Some((_, data)) => data.split("  ").next().unwrap_or_default(),
            None => line,
        };
        let mut digits = line.replace("\\x", "").replace("0x", "").chars().filter_map(|c| c.to_digit(16)).collect::<Vec<_>>().into_iter();
        while let (Some(high), Some(low)) = (digits.next(), digits.next()) {
            bytes.extend(u8::try_from(high * 16 + low));
        }
    }
    text_of(bytes)
}

/// `%2fetc`: what stands behind a percent sign, decoded.
pub(super) fn hex_after_percent(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let digit = |at: usize| tail.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high * 16 + low));
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => bytes.push(*first),
        }
    }
    text_of(bytes)
}

pub(super) fn to_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Text out of UTF-16, little end first: what PowerShell's `-EncodedCommand` holds.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    String::from_utf16_lossy(&units)
}

pub(super) fn rot13(text: &str) -> String {
    let turn = |c: char, base: u8| u8::try_from(c).map_or(c, |c| char::from((c - base + 13) % 26 + base));
    text.chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a'),
            'A'..='Z' => turn(c, b'A'),
            _ => c,
        })
        .collect()
}

/// `tr`: the sets with ranges, classes and escapes spread.
pub(super) fn translate(text: &str, from: &str, to: &str) -> String {
    let (from, to) = (set(from), set(to));
    let Some(last) = to.last().copied() else { return text.to_owned() };
    text.chars().map(|c| from.iter().rposition(|d| *d == c).map_or(c, |at| to.get(at).copied().unwrap_or(last))).collect()
}

pub(super) fn without(text: &str, characters: &str, complement: bool) -> String {
    let characters = set(characters);
    text.chars().filter(|c| characters.contains(c) == complement).collect()
}

fn set(text: &str) -> Vec<char> {
    let text = text
        .replace("[:lower:]", "a-z")
        .replace("[:upper:]", "A-Z")
        .replace("[:digit:]", "0-9")
        .replace("[:space:]", " \t\n\r")
        .replace("[:alpha:]", "a-zA-Z")
        .replace("[:alnum:]", "0-9a-zA-Z");
    let text = super::expand::unescape(&text, false);
    let chars: Vec<char> = text.chars().collect();
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(low) = chars.get(at) {
        match (chars.get(at + 1), chars.get(at + 2)) {
            (Some('-'), Some(high)) if low <= high && all.len() < 1024 => {
                all.extend((*low..=*high).take(256));
                at += 3;
            }
            _ => {
                all.push(*low);
                at += 1;
            }
        }
    }
    all
}

/// UTF-8 if it is; otherwise byte for byte, so that nothing is lost.
pub(super) fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|text| text.into_bytes().iter().map(|byte| char::from(*byte)).collect())
}
