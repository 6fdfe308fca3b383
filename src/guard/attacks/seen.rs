//! What bytes a string has, seen in one pass: most strings lack those without which there is no attack, so few questions are asked of them.

/// A set of kinds of bytes, and of pairs of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen(u16);

/// No byte of a name, a number, a date, an address or a plain path.
const SEPARATOR: u16 = 1;
const SLASH: u16 = 1 << 1;
const DOT: u16 = 1 << 2;
const BACKSLASH: u16 = 1 << 3;
const PERCENT: u16 = 1 << 4;
const COLON: u16 = 1 << 5;
const BEYOND_ASCII: u16 = 1 << 6;
/// `//`
const TWO_SLASHES: u16 = SLASH << PAIR;
/// `..`
const TWO_DOTS: u16 = DOT << PAIR;
const PAIR: u32 = 8;
/// But for white space.
const CONTROL: u16 = 1 << 11;

static KINDS: [u16; 256] = kinds();

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
const fn kinds() -> [u16; 256] {
    let mut kinds = [SEPARATOR; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b',' | b'@' => 0,
            b'/' => SLASH,
            b'.' => DOT,
            b':' => COLON,
            b'\\' => SEPARATOR | BACKSLASH,
            b'%' => SEPARATOR | PERCENT,
            b'\t' | b'\r' | b'\n' => SEPARATOR,
            0..0x20 | 0x7f => SEPARATOR | CONTROL,
            0x80.. => SEPARATOR | BEYOND_ASCII,
            _ => SEPARATOR,
        };
        byte += 1;
    }
    kinds
}

impl Seen {
    #[cfg(test)]
    pub(super) const ANYTHING: Self = Self(u16::MAX);

    pub(super) fn of(text: &str) -> Self {
        let (mut seen, mut before) = (0, 0);
        for byte in text.bytes() {
            let kind = KINDS.get(usize::from(byte)).copied().unwrap_or(0);
            seen |= kind | (kind & before & (SLASH | DOT)) << PAIR;
            before = kind;
        }
        Self(seen)
    }

    const fn any(self, kinds: u16) -> bool {
        self.0 & kinds != 0
    }

    /// A name, a number, a date, an address or a plain path: nothing in it separates words, whatever reads it.
    pub(super) const fn is_one_word(self) -> bool {
        !self.any(SEPARATOR)
    }

    /// Neither percent-encoded nor in characters that become others: there is one reading.
    pub(super) const fn is_plain(self) -> bool {
        !self.any(BEYOND_ASCII | CONTROL | PERCENT)
    }

    pub(super) const fn has_two_dots(self) -> bool {
        self.any(TWO_DOTS)
    }

    pub(super) const fn has_colon(self) -> bool {
        self.any(COLON)
    }

    /// `//`, or a backslash, which some read as a slash.
    pub(super) const fn has_two_slashes(self) -> bool {
        self.any(TWO_SLASHES | BACKSLASH)
    }

    /// Nothing that parts the names of a path, nor what may stand for it.
    pub(super) const fn has_no_path(self) -> bool {
        !self.any(BEYOND_ASCII | SLASH | BACKSLASH | PERCENT | TWO_DOTS)
    }

    /// Nothing that a URL or an address has, nor what may stand for it. A host of one name, or of one number, is left.
    pub(super) const fn has_no_address(self) -> bool {
        !self.any(BEYOND_ASCII | COLON | SLASH | BACKSLASH | PERCENT | DOT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_pairs_of_them() {
        for (text, word, plain, dots, slashes) in [
            ("", true, true, false, false),
            ("2026-07-01T10:00/a.b,c@d_e", true, true, false, false),
            ("a b", false, true, false, false),
            ("a..b", true, true, true, false),
            ("a./.b", true, true, false, false),
            ("a//b", true, true, false, true),
            ("a/./b", true, true, false, false),
            ("\\a", false, true, false, true),
            ("a%2e", false, false, false, false),
            ("\u{e9}", false, false, false, false),
            ("a\u{0}", false, false, false, false),
            ("a\tb\nc\r", false, true, false, false),
        ] {
            let seen = Seen::of(text);
            assert_eq!(
                (seen.is_one_word(), seen.is_plain(), seen.has_two_dots(), seen.has_two_slashes()),
                (word, plain, dots, slashes),
                "{text:?}"
            );
        }
        assert!(Seen::of("a b").has_no_path() && Seen::of("a b\u{1}").has_no_address());
        assert!(!Seen::of("a:b").has_no_address() && Seen::of("a:b").has_colon() && Seen::of("a:b").has_no_path());
    }
}
