//! Percent-encoding, once or several times, and characters that become others on the way to a resolver or a file system.

use std::borrow::Cow;

/// Decoding ends when it changes nothing, or after so many rounds. Real bypasses use two; nobody decodes as often by mistake.
pub(in crate::guard) const ROUNDS: usize = 4;

/// The text as it is, and after each round of decoding that changes it; all folded.
pub(in crate::guard) fn readings(text: &str) -> Vec<Cow<'_, str>> {
    let mut readings = vec![fold(text)];
    for _ in 0..ROUNDS {
        let next = readings.last().and_then(|last| decode(last)).map(|decoded| fold(&decoded).into_owned());
        match next {
            Some(next) => readings.push(Cow::Owned(next)),
            None => break,
        }
    }
    readings
}

/// One round of percent-decoding: `%2e`, IIS's `%u002e`, and the overlong UTF-8 that old decoders took (`%c0%ae`, `%e0%80%ae`).
/// `None` when there is nothing to decode. Bytes that are no UTF-8 become the replacement character.
pub(in crate::guard) fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    let mut changed = false;
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%'
            && let Some((unit, after)) = unit(after)
        {
            changed = true;
            let (c, after) = match unit {
                Unit::Character(c) => (c, after),
                Unit::Byte(byte) => match overlong(byte, after) {
                    Some(found) => found,
                    None => {
                        out.push(byte);
                        rest = after;
                        continue;
                    }
                },
            };
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            rest = after;
        } else {
            out.push(first);
            rest = after;
        }
    }
    changed.then(|| String::from_utf8_lossy(&out).into_owned())
}

enum Unit {
    Byte(u8),
    Character(char),
}

/// What follows a percent sign.
fn unit(after: &[u8]) -> Option<(Unit, &[u8])> {
    if let Some((b'u' | b'U', digits)) = after.split_first() {
        let (code, rest) = digits.split_at_checked(4)?;
        return Some((Unit::Character(char::from_u32(hex(code)?)?), rest));
    }
    let (code, rest) = after.split_at_checked(2)?;
    Some((Unit::Byte(u8::try_from(hex(code)?).ok()?), rest))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |value, &digit| Some(value.wrapping_shl(4) | char::from(digit).to_digit(16)?))
}

fn encoded_byte(rest: &[u8]) -> Option<(u8, &[u8])> {
    match unit(rest.strip_prefix(b"%")?)? {
        (Unit::Byte(byte), rest) => Some((byte, rest)),
        (Unit::Character(_), _) => None,
    }
}

/// ASCII in more bytes than it needs. The second byte of `%c0` may be anything: decoders that take this do not look.
fn overlong(lead: u8, rest: &[u8]) -> Option<(char, &[u8])> {
    let zeros = match lead {
        0xc0 | 0xc1 => 0,
        0xe0 => 1,
        0xf0 => 2,
        _ => return None,
    };
    let mut rest = rest;
    for _ in 0..zeros {
        let (byte, after) = encoded_byte(rest).filter(|(byte, _)| *byte == 0x80 || (zeros == 1 && *byte == 0x81))?;
        if byte == 0x81 {
            let (last, after) = encoded_byte(after)?;
            return Some((char::from(0x40 | (last & 0x3f)), after));
        }
        rest = after;
    }
    let (last, after) = encoded_byte(rest)?;
    let high = if lead == 0xc1 { 0x40 } else { 0 };
    Some((char::from(high | (last & 0x3f)), after))
}

/// What compatibility normalisation (UTS 46, NFKC) makes of characters that matter in hosts and paths, with what cannot be seen removed:
/// full-width and mathematical letters and digits, enclosed ones, the dots and slashes of other scripts.
pub(in crate::guard) fn fold(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii() && (byte >= 0x20 || matches!(byte, b'\t' | b'\r' | b'\n')) && byte != 0x7f;
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2025}' | '\u{fe30}' => out.push_str(".."),
            c if is_invisible(c) => {}
            c => out.push(folded(c)),
        }
    }
    Cow::Owned(out)
}

fn is_invisible(c: char) -> bool {
    match c {
        '\t' | '\r' | '\n' => false,
        '\u{ad}' | '\u{34f}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => true,
        '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}' => true,
        c => c.is_control(),
    }
}

fn folded(c: char) -> char {
    let shifted = |from: u32, to: char| {
        let distance = u32::from(c).saturating_sub(from);
        char::from_u32(u32::from(to).saturating_add(distance)).unwrap_or(c)
    };
    match c {
        '\u{3002}' | '\u{ff61}' | '\u{2024}' | '\u{fe52}' => '.',
        '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{2571}' => '/',
        '\u{2216}' | '\u{29f5}' | '\u{29f9}' | '\u{fe68}' => '\\',
        '\u{fe55}' => ':',
        '\u{ff01}'..='\u{ff5e}' => shifted(0xff01, '!'),
        '\u{2460}'..='\u{2468}' => shifted(0x2460, '1'),
        '\u{24ea}' => '0',
        '\u{24b6}'..='\u{24cf}' => shifted(0x24b6, 'a'),
        '\u{24d0}'..='\u{24e9}' => shifted(0x24d0, 'a'),
        '\u{2070}' | '\u{2080}' => '0',
        '\u{b9}' => '1',
        '\u{b2}' => '2',
        '\u{b3}' => '3',
        '\u{2074}'..='\u{2079}' => shifted(0x2074, '4'),
        '\u{2081}'..='\u{2089}' => shifted(0x2081, '1'),
        '\u{aa}' => 'a',
        '\u{ba}' => 'o',
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        '\u{2113}' => 'l',
        '\u{2139}' | '\u{2170}' => 'i',
        '\u{1d400}'..='\u{1d6a3}' => {
            // Thirteen alphabets of 26 capitals and 26 small letters.
            let letter = u32::from(c).saturating_sub(0x1d400).checked_rem(26).unwrap_or(0);
            char::from_u32(u32::from('a').saturating_add(letter)).unwrap_or(c)
        }
        '\u{1d7ce}'..='\u{1d7ff}' => {
            let digit = u32::from(c).saturating_sub(0x1d7ce).checked_rem(10).unwrap_or(0);
            char::from_digit(digit, 10).unwrap_or(c)
        }
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn encodings_of_dots_and_slashes() {
        for (written, read) in [
            ("%2e%2E%2f", "../"),
            ("%u002e%u002E%u2215", "..\u{2215}"),
            ("%c0%ae%c0%af", "./"),
            ("%c0%2e%c1%9c", ".\\"),
            ("%e0%80%ae%f0%80%80%af", "./"),
            ("%e0%81%9c", "\\"),
            ("%c3%a9", "é"),
            ("%252e", "%2e"),
        ] {
            assert_eq!(decode(written).as_deref(), Some(read), "{written}");
        }
        for written in ["100%", "%zz", "a%2", "%u00", "plain"] {
            assert_eq!(decode(written), None, "{written}");
        }
        assert_eq!(fold("１２７。０．０｡①"), "127.0.0.1");
        assert_eq!(fold("𝐥oc\u{200b}alⓗost\0"), "localhost");
        assert_eq!(readings("%252e%252e").last().map(AsRef::as_ref), Some(".."));
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in "\\PC{0,30}") {
            let once = fold(&text).into_owned();
            prop_assert_eq!(fold(&once).into_owned(), once);
        }

        #[test]
        fn bears_anything(text in any::<String>(), bytes in "[%u0-9a-fA-F]{0,40}") {
            prop_assert!(readings(&text).len() <= ROUNDS + 1);
            prop_assert!(readings(&bytes).len() <= ROUNDS + 1);
        }
    }
}
