//! What bytes a string has, seen in one pass: most strings lack those without which there is no attack, so few questions are asked of them.
//!
//! Kinds of bytes, and signs of a few bytes each, are looked for together, one bit for each of their places (the shift-and method of Baeza-Yates and
//! Gonnet): a bit is set when its byte is there and the bit before it was. A sign is a piece of a longer text that is looked for; there may be signs without that text.

/// A set of kinds of bytes, and of signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen(u64);

/// No byte of a name, a number, a date, an address or a plain path.
const SEPARATOR: u64 = 1;
const SLASH: u64 = 1 << 1;
const DOT: u64 = 1 << 2;
const BACKSLASH: u64 = 1 << 3;
const PERCENT: u64 = 1 << 4;
const COLON: u64 = 1 << 5;
const BEYOND_ASCII: u64 = 1 << 6;
/// But for white space.
const CONTROL: u64 = 1 << 7;
/// `'` and `"`
const QUOTE: u64 = 1 << 8;
/// `;`, `|`, `&`, `<`
const BREAK: u64 = 1 << 9;
const DOLLAR: u64 = 1 << 10;
const CLOSE: u64 = 1 << 11;
const BACKTICK: u64 = 1 << 12;

const KINDS: u32 = 13;

/// Bytes one after the other, each one of these; letters in either case.
type Sign = &'static [&'static [u8]];

const TWO_SLASHES: u64 = last(PAIRS, 0);
const TWO_DOTS: u64 = last(PAIRS, 1);
const DIGIT_AND_EQUALS: u64 = last(PAIRS, 2);

const PAIRS: &[Sign] = &[&[b"/", b"/"], &[b".", b"."], &[b"0123456789", b"="]];

/// Of what keeps a database waiting (`guard/sql/payloads.rs`): `sleep(`, `benchmark(`, `receive_message(`, `waitfor delay`.
const WAITS: &[Sign] = &[&[b"e", b"e", b"p", b"("], &[b"r", b"k", b"("], &[b"g", b"e", b"("], &[b"i", b"t", b"f"]];

/// Of the words that every reverse shell has one of (`guard/shell/idiom.rs`): `/dev/tcp/`, `nc `, `cat `, `mkfifo `, `mknod `, `socket`, `socat `,
/// `sockopen(`, `child_process`, `/inet/tcp/`, `connect(`, `net.dial(`.
const SHELLS: &[Sign] = &[
    &[b"d", b"e", b"v", b"/"],
    &[b"n", b"c", b" +.\t\r\x0b\x0c"],
    &[b"c", b"a", b"t", b" +\t\r\x0b\x0c"],
    &[b"m", b"k", b"fn"],
    &[b"s", b"o", b"c", b"ka"],
    &[b"l", b"d", b"_", b"p"],
    &[b"e", b"t", b"/", b"t"],
    &[b"c", b"t", b"("],
    &[b"a", b"l", b"("],
];

const WAITS_BEGIN: u32 = KINDS + places(PAIRS);
const SHELLS_BEGIN: u32 = WAITS_BEGIN + places(WAITS);
const END: u32 = SHELLS_BEGIN + places(SHELLS);

/// The places of signs of shells, through which quotes pass.
const QUOTED: u64 = below(END) & !below(SHELLS_BEGIN);
const WAIT: u64 = ends(WAITS, WAITS_BEGIN);
const SHELL: u64 = ends(SHELLS, SHELLS_BEGIN);
/// Where a sign may begin, and every kind.
const BEGINS: u64 = below(KINDS) | begins(PAIRS, KINDS) | begins(WAITS, WAITS_BEGIN) | begins(SHELLS, SHELLS_BEGIN);

/// Of which kinds a byte is, and in which places of signs it may stand.
static PLACES: [u64; 256] = table();

const fn below(bit: u32) -> u64 {
    if bit >= 64 { u64::MAX } else { (1 << bit) - 1 }
}

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn places(signs: &[Sign]) -> u32 {
    let (mut sum, mut at) = (0, 0);
    while at < signs.len() {
        sum += signs[at].len() as u32;
        at += 1;
    }
    sum
}

/// The last place of the pair with this number.
const fn last(signs: &[Sign], number: usize) -> u64 {
    let (before, _) = signs.split_at(number + 1);
    1 << (KINDS + places(before) - 1)
}

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn begins(signs: &[Sign], from: u32) -> u64 {
    let (mut bits, mut at, mut number) = (0, from, 0);
    while number < signs.len() {
        bits |= 1 << at;
        at += signs[number].len() as u32;
        number += 1;
    }
    bits
}

const fn ends(signs: &[Sign], from: u32) -> u64 {
    (begins(signs, from) >> 1 | 1 << (from + places(signs) - 1)) & !below(from)
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn standing(mut table: [u64; 256], signs: &[Sign], from: u32) -> [u64; 256] {
    let (mut bit, mut number) = (from, 0);
    while number < signs.len() {
        let mut place = 0;
        while place < signs[number].len() {
            let bytes = signs[number][place];
            let mut at = 0;
            while at < bytes.len() {
                table[bytes[at] as usize] |= 1 << bit;
                table[bytes[at].to_ascii_uppercase() as usize] |= 1 << bit;
                at += 1;
            }
            bit += 1;
            place += 1;
        }
        number += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn table() -> [u64; 256] {
    const { assert!(END <= 64, "more places than bits") };
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b',' | b'@' => 0,
            b'/' => SLASH,
            b'.' => DOT,
            b':' => COLON,
            b'\\' => SEPARATOR | BACKSLASH,
            b'`' => SEPARATOR | BACKTICK,
            b'%' => SEPARATOR | PERCENT,
            b'\'' | b'"' => SEPARATOR | QUOTE,
            b';' | b'|' | b'&' | b'<' => SEPARATOR | BREAK,
            b'$' => SEPARATOR | DOLLAR,
            b')' => SEPARATOR | CLOSE,
            b'\t' | b'\r' | b'\n' => SEPARATOR,
            0..0x20 | 0x7f => SEPARATOR | CONTROL,
            0x80.. => SEPARATOR | BEYOND_ASCII,
            _ => SEPARATOR,
        };
        byte += 1;
    }
    standing(standing(standing(kinds, PAIRS, KINDS), WAITS, WAITS_BEGIN), SHELLS, SHELLS_BEGIN)
}

impl Seen {
    pub(super) const ANYTHING: Self = Self(u64::MAX);

    pub(super) fn of(text: &str) -> Self {
        let mut all = Self(0);
        let mut state = 0;
        // Eight at a time, because a turn of a loop costs as much as a byte.
        let (eights, rest) = text.as_bytes().as_chunks::<8>();
        for eight in eights {
            for byte in eight {
                state = all.step(state, *byte);
            }
        }
        for byte in rest {
            state = all.step(state, *byte);
        }
        all
    }

    #[inline(always)]
    fn step(&mut self, state: u64, byte: u8) -> u64 {
        let places = PLACES.get(usize::from(byte)).copied().unwrap_or(u64::MAX);
        let is_quote = places >> QUOTE.trailing_zeros() & 1;
        let kept = state & QUOTED & 0_u64.wrapping_sub(is_quote);
        let state = (state << 1 | BEGINS) & places | kept;
        self.0 |= state;
        state
    }

    const fn any(self, kinds: u64) -> bool {
        self.0 & kinds != 0
    }

    /// A name, a number, a date, an address or a plain path: nothing in it separates words, whatever reads it.
    pub(super) const fn is_one_word(self) -> bool {
        !self.any(SEPARATOR)
    }

    /// Letters, digits, `_`, `-`, `,` and `@`: one word, and neither a path nor an address with more than one part.
    pub(super) const fn is_a_name(self) -> bool {
        !self.any(SEPARATOR | SLASH | DOT | COLON)
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

    pub(super) const fn has_percent(self) -> bool {
        self.any(PERCENT)
    }

    /// `'` or `"`
    pub(super) const fn has_quote(self) -> bool {
        self.any(QUOTE)
    }

    /// `)`
    pub(super) const fn has_close(self) -> bool {
        self.any(CLOSE)
    }

    /// What ends a command or redirects one: `;`, `|`, `&`, `<`, `$`.
    pub(super) const fn may_end_a_command(self) -> bool {
        self.any(BREAK | DOLLAR)
    }

    /// A digit before `=`.
    pub(super) const fn may_compare_a_number(self) -> bool {
        self.any(DIGIT_AND_EQUALS)
    }

    /// What keeps a database waiting.
    pub(super) const fn may_wait(self) -> bool {
        self.any(WAIT)
    }

    /// A word that every reverse shell has one of, or bytes that become letters or nothing once a shell has read them.
    pub(super) const fn may_be_a_shell(self) -> bool {
        self.any(SHELL | BACKSLASH | BACKTICK | PERCENT | DOLLAR | BEYOND_ASCII)
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

    #[test]
    fn signs() {
        for (text, number, waits, shell) in [
            ("7=7", true, false, false),
            ("7 = 7", false, false, false),
            ("=7", false, false, false),
            ("SELECT SLEEP(5)", false, true, false),
            ("Benchmark(1", false, true, false),
            ("dbms_pipe.receive_message('x'", false, true, false),
            ("WAITFOR DELAY", false, true, false),
            ("bash -i >& /dev/tcp/h/1", false, false, true),
            ("/d\"e''v\"/udp", false, false, true),
            ("n''c -e", false, false, true),
            ("nca t", false, false, false),
            ("NC.exe", false, false, true),
            ("ncat h", false, false, true),
            ("mkfifo", false, false, true),
            ("mknod", false, false, true),
            ("use Socket", false, false, true),
            ("socat", false, false, true),
            ("child_process", false, false, true),
            ("/inet/tcp/", false, false, true),
            ("connect(", false, false, true),
            ("net.Dial(", false, false, true),
            ("\u{212a}", false, false, true),
            ("the ticket for the details; x", false, false, false),
            ("", false, false, false),
        ] {
            let seen = Seen::of(text);
            assert_eq!((seen.may_compare_a_number(), seen.may_wait(), seen.may_be_a_shell()), (number, waits, shell), "{text:?}");
        }
    }
}
