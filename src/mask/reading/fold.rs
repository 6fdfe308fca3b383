//! Characters that people and models read as ASCII, read as that: digits of other scripts, full-width and mathematical forms
//! (those that compatibility decomposition makes ASCII, Unicode Standard Annex 15), and within words and numbers dashes and spaces of any
//! kind. What is not seen (Default_Ignorable_Code_Point, Unicode Standard Annex 44) is left out.
//!
//! Only what can stand in a secret is here, and only onto ASCII: a whole normalization form would be a table of 100 KiB, and would make
//! of other text what nobody wrote. Letters of other scripts that look like Latin ones are not made alike.

use crate::wire::escape::Unit;

/// What a character is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Folded {
    To(u8),
    /// Within a word or number only; elsewhere it is what it is.
    Within(u8),
    /// Left out after ASCII; what stands alone separates, whether it is seen or not, and emoji need theirs.
    Unseen,
    /// Left out after a digit: a mark put on it.
    Mark,
}

/// The first character at or after `from` that is read as something else. `before` is what the text so far ends with.
pub(crate) fn next(source: &[u8], from: usize, before: Option<u8>) -> Option<Unit> {
    let mut at = from;
    loop {
        at += first_not_ascii(source.get(at..)?)?;
        let lead = *source.get(at)?;
        let second = source.get(at + 1).copied().unwrap_or_default();
        let Some((char, len)) = (may_fold(lead) && may_go_on(lead, second)).then(|| decoded(source, at)).flatten() else {
            at += 1;
            continue;
        };
        let last = if at > from { source.get(at - 1).copied() } else { before };
        let is_word = |byte: u8| byte.is_ascii_alphanumeric();
        let unit = match fold(char) {
            Some(Folded::To(byte)) => Some(Unit::byte(at, len, byte)),
            Some(Folded::Within(byte)) => {
                let goes_on = source.get(at + len).is_some_and(|next| is_word(*next) || *next >= 0x80);
                (last.is_some_and(is_word) && goes_on).then(|| Unit::byte(at, len, byte))
            }
            Some(Folded::Unseen) => last.is_some_and(|last| matches!(last, b' '..=b'~')).then(|| Unit::nothing(at, len)),
            Some(Folded::Mark) => last.is_some_and(|last| last.is_ascii_digit()).then(|| Unit::nothing(at, len)),
            None => None,
        };
        if unit.is_some() {
            return unit;
        }
        at += len;
    }
}

/// Whether the character that begins at `at` is read as something else, or may be where an escape stands behind it.
pub(crate) fn stands_at(source: &[u8], at: usize) -> bool {
    let Some(lead) = source.get(at) else { return false };
    if !may_fold(*lead) || !may_go_on(*lead, source.get(at + 1).copied().unwrap_or_default()) {
        return false;
    }
    let Some((char, len)) = decoded(source, at) else { return false };
    let was = |class: fn(&u8) -> bool| at.checked_sub(1).and_then(|last| source.get(last)).is_some_and(class);
    match fold(char) {
        Some(Folded::To(_)) => true,
        Some(Folded::Within(_)) => {
            let goes_on = |next: &u8| next.is_ascii_alphanumeric() || *next >= 0x80 || *next == b'\\';
            was(u8::is_ascii_alphanumeric) && source.get(at + len).is_some_and(goes_on)
        }
        Some(Folded::Unseen) => was(|last| matches!(last, b' '..=b'~')),
        Some(Folded::Mark) => was(u8::is_ascii_digit),
        None => false,
    }
}

/// Whether an escape of this code unit (RFC 8259, 7) may stand for a character that is read as something else, whatever stands around it.
pub(crate) fn is_of(unit: u32) -> bool {
    match unit {
        // Emoji.
        0xD83C..=0xD83D => false,
        0xD800..=0xDBFF => true,
        _ => fold(unit).is_some(),
    }
}

/// A member name as it is read, for rules that go by names; none where that is as it is written.
pub(crate) fn name(written: &[u8]) -> Option<Vec<u8>> {
    if written.is_ascii() {
        return None;
    }
    let mut read = crate::wire::escape::Unescaped::default();
    read.read(written, next);
    read.changed().map(|_| read.text)
}

fn first_not_ascii(text: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let skipped = blocks.iter().take_while(|block| block.is_ascii()).count() * BLOCK;
    Some(skipped + text.get(skipped..)?.iter().position(|byte| !byte.is_ascii())?)
}

/// Whether a character of UTF-8 that begins so can be one of those below: most letters of the world cannot.
pub(crate) fn may_fold(lead: u8) -> bool {
    matches!(lead, 0xC2 | 0xCC | 0xCD | 0xD8..=0xDB | 0xDF..=0xE3 | 0xEA | 0xEF..=0xF3)
}

/// Likewise by the second byte, for the leads that most typographic signs, letters of Japan and symbols have.
fn may_go_on(lead: u8, second: u8) -> bool {
    match lead {
        0xE2 => matches!(second, 0x80..=0x83 | 0x88 | 0x91..=0x93),
        0xE3 => matches!(second, 0x80 | 0x85),
        _ => true,
    }
}

/// The character at `at`, and its length.
fn decoded(source: &[u8], at: usize) -> Option<(u32, usize)> {
    let len = match *source.get(at)? {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let char = std::str::from_utf8(source.get(at..at + len)?).ok()?.chars().next()?;
    Some((u32::from(char), len))
}

/// The zeros of all scripts' decimal digits (General_Category Nd, Unicode 16.0), each followed by its nine; those of mathematics are
/// five such rows one after the other.
const ZEROS: &[u32] = &[
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040,
    0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50,
    0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0,
    0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0,
    0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

fn fold(char: u32) -> Option<Folded> {
    let digit = |value: u32| u8::try_from(value).ok().filter(|value| *value < 10).map(|value| Folded::To(b'0' + value));
    let letter = |first: u8, value: u32| u8::try_from(value).ok().map(|value| Folded::To(first.saturating_add(value)));
    match char {
        // Full-width forms.
        0xFF01..=0xFF5E => letter(b'!', char - 0xFF01),
        // No-break, typographic and ideographic spaces.
        0xA0 | 0x1680 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => Some(Folded::Within(b' ')),
        // Hyphens, dashes, the minus sign and its small form.
        0x2010..=0x2015 | 0x2043 | 0x2212 | 0xFE58 | 0xFE63 => Some(Folded::Within(b'-')),
        0xAD
        | 0x34F
        | 0x61C
        | 0x115F..=0x1160
        | 0x17B4..=0x17B5
        | 0x180B..=0x180F
        | 0x200B..=0x200F
        | 0x202A..=0x202E
        | 0x2060..=0x206F
        | 0x3164
        | 0xFE00..=0xFE0F
        | 0xFEFF
        | 0xFFA0
        | 0xFFF0..=0xFFF8
        | 0x1BCA0..=0x1BCA3
        | 0x1D173..=0x1D17A
        | 0xE0000..=0xE0FFF => Some(Folded::Unseen),
        0x300..=0x36F | 0x20D0..=0x20FF => Some(Folded::Mark),
        // Superscripts and subscripts.
        0xB2 | 0xB3 => digit(char - 0xB0),
        0xB9 => digit(1),
        0x2070 | 0x2074..=0x2079 => digit(char - 0x2070),
        0x2080..=0x2089 => digit(char - 0x2080),
        // In circles.
        0x2460..=0x2468 => digit(char - 0x2460 + 1),
        0x24EA => digit(0),
        0x24B6..=0x24CF => letter(b'A', char - 0x24B6),
        0x24D0..=0x24E9 => letter(b'a', char - 0x24D0),
        // Mathematical alphabets, one after the other, capitals first.
        0x1D400..=0x1D6A3 => match (char - 0x1D400) % 52 {
            value @ 0..26 => letter(b'A', value),
            value => letter(b'a', value - 26),
        },
        // Small forms of signs that stand in addresses and tokens.
        0xFE52 => Some(Folded::To(b'.')),
        0xFE55 => Some(Folded::To(b':')),
        0xFE6B => Some(Folded::To(b'@')),
        _ => {
            let next = ZEROS.partition_point(|zero| *zero <= char);
            digit(char - ZEROS.get(next.checked_sub(1)?)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    fn folded(text: &str) -> String {
        read(text, next)
    }

    #[test]
    fn digits_and_letters_of_other_forms() {
        for text in ["４２４２", "٤٢٤٢", "۴۲۴۲", "४२४२", "๔๒๔๒", "𝟒𝟐𝟒𝟐", "𝟺𝟸𝟺𝟸", "⁴²⁴²", "₄₂₄₂", "④②④②", "𞥔𞥒𞥔𞥒"]
        {
            assert_eq!(folded(text), "4242", "{text}");
        }
        for text in ["ｊｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", "𝐣𝐨@𝑒𝘹𝖆𝓶𝚙𝔩𝕖﹒𝒸𝗈𝗺", "ⓙⓞ﹫ⓔⓧⓐⓜⓟⓛⓔ.ⓒⓞⓜ"]
        {
            assert_eq!(folded(text), "jo@example.com", "{text}");
        }
    }

    #[test]
    fn the_unseen_is_left_out_within_text() {
        let unseen = "\u{200b}\u{200c}\u{200d}\u{200e}\u{2060}\u{feff}\u{ad}\u{fe0f}\u{180e}\u{34f}\u{202e}\u{e0041}\u{e0101}\u{61c}";
        assert_eq!(folded(&format!("42{unseen}42 {unseen}42")), "4242 42");
        assert_eq!(folded("4\u{332}2\u{20e3}4\u{fe0f}\u{20e3}2"), "4242");
        // An accent makes a letter another one.
        assert_eq!(folded("jose\u{301}"), "jose\u{301}");
        for text in ["\u{feff}42", "❤\u{fe0f} 👩\u{200d}💻", "é\u{200b}42"] {
            assert_eq!(folded(text), text);
        }
    }

    #[test]
    fn dashes_and_spaces_within_numbers() {
        for between in ["\u{a0}", "\u{2007}", "\u{2009}", "\u{202f}", "\u{3000}"] {
            assert_eq!(folded(&format!("4242{between}4242")), "4242 4242");
        }
        for between in ["\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2212}", "\u{fe63}", "\u{ff0d}"] {
            assert_eq!(folded(&format!("４2{between}４2")), "42-42");
        }
        for text in ["well – no", "10\u{a0}: x", "– 5"] {
            assert_eq!(folded(text), text);
        }
    }

    #[test]
    fn names_as_they_are_read() {
        assert_eq!(name("ｐａｓｓ\u{200b}word".as_bytes()).as_deref(), Some(&b"password"[..]));
        assert_eq!((name(b"password"), name("größe".as_bytes())), (None, None));
    }

    #[test]
    fn every_folded_character_is_looked_at() {
        for char in (0x80..=0x10FFFF).filter_map(char::from_u32).filter(|char| fold(u32::from(*char)).is_some()) {
            let mut utf8 = [0; 4];
            char.encode_utf8(&mut utf8);
            assert!(may_fold(utf8[0]) && may_go_on(utf8[0], utf8[1]), "{char:?}");
            let mut utf16 = [0; 2];
            char.encode_utf16(&mut utf16);
            assert!(is_of(u32::from(utf16[0])), "{char:?}");
        }
        // What is not of UTF-8 is passed by.
        assert_eq!(next(b"\xff\xc2\xef\xbc\x80\xef", 0, None), None);
        assert_eq!(next("日本語 Привет größe".as_bytes(), 0, None), None);
    }
}
