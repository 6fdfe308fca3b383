//! Tokens that begin with a literal and go on in fixed characters and lengths: most of what vendors give out. A shape is
//! read from left to right, each piece as long as it can be, and never goes back; so it looks at no byte twice.

use super::any_of::AnyOf;
use super::set::Set;
use super::sliding::Sought;
use super::text::{entropy, is_word};
use super::{Found, Tail, View};

/// Characters a piece is made of, and how the catalogue calls them.
pub(crate) struct Class {
    pub(crate) name: &'static str,
    set: Set,
}

#[cfg(test)]
impl Class {
    pub(crate) fn has(&self, byte: u8) -> bool {
        self.set.has(byte)
    }
}

impl Class {
    const fn new(name: &'static str, members: &[u8], ranges: &[(u8, u8)]) -> Self {
        Self { name, set: Set::new(members, ranges) }
    }
}

const DIGITS: (u8, u8) = (b'0', b'9');
const SMALL: (u8, u8) = (b'a', b'z');
const CAPITAL: (u8, u8) = (b'A', b'Z');
const ALL: &[(u8, u8)] = &[DIGITS, SMALL, CAPITAL];

pub(super) const DIGIT: Class = Class::new("digits", b"", &[DIGITS]);
/// Lower-case hexadecimal.
pub(super) const HEX: Class = Class::new("hex digits", b"", &[DIGITS, (b'a', b'f')]);
pub(super) const ANY_HEX: Class = Class::new("hex digits in any case", b"", &[DIGITS, (b'a', b'f'), (b'A', b'F')]);
pub(super) const LETTER: Class = Class::new("letters", b"", &[SMALL, CAPITAL]);
pub(super) const ALNUM: Class = Class::new("letters and digits", b"", ALL);
pub(super) const LOWER: Class = Class::new("lower-case letters and digits", b"", &[DIGITS, SMALL]);
pub(super) const UPPER: Class = Class::new("upper-case letters and digits", b"", &[DIGITS, CAPITAL]);
pub(super) const WORD: Class = Class::new("letters, digits and `_`", b"_", ALL);
pub(super) const URL64: Class = Class::new("letters, digits, `-` and `_`", b"-_", ALL);
pub(super) const BASE64: Class = Class::new("base64", b"+/", ALL);
pub(super) const PADDED: Class = Class::new("base64 with padding", b"+/=", ALL);
/// base64url with padding, or signs put in place of it.
pub(super) const SIGNED: Class = Class::new("letters, digits, `-`, `_` and `=`", b"-_=", ALL);
pub(super) const DOTTED: Class = Class::new("letters, digits, `-`, `_` and `.`", b"-_.", ALL);
pub(super) const EXTENDED: Class = Class::new("letters, digits, `-`, `_`, `=` and `.`", b"-_=.", ALL);
/// Base64 as `crypt` writes it.
pub(super) const CRYPT: Class = Class::new("letters, digits, `.` and `/`", b"./", ALL);
/// Settings of a hash: `m=65536,t=3,p=4`.
pub(super) const SETTINGS: Class = Class::new("settings", b"=,", &[DIGITS, SMALL]);
pub(super) const COLONS: Class = Class::new("letters, digits, `:`, `.` and `-`", b":.-", ALL);
/// Base64 in parts that signs join.
pub(super) const CHAINED: Class = Class::new("base64 and `:`, `$`, `^`, `#`, `_`, `-` and `.`", b":$^#_-.+/=", ALL);
/// Base64 in a URL.
pub(super) const PERCENT: Class = Class::new("percent-encoded base64", b"+/%-_=", ALL);

pub(crate) enum Piece {
    Text(&'static str),
    /// From..=to characters of a class.
    Run(&'static Class, usize, usize),
    /// Hexadecimal in groups of 8, 4, 4, 4 and 12, joined by dashes, in any case.
    Uuid,
}

/// A token with a head.
pub(crate) struct Shape {
    pub(crate) head: &'static str,
    pub(crate) pieces: &'static [Piece],
    /// Least entropy of what follows the head, in bits a byte: placeholders have less.
    disorder: f64,
    proof: Option<fn(&[u8]) -> bool>,
    /// The head stays readable.
    bare: bool,
    tail: Tail,
}

/// What is taken for random unless a shape says otherwise: `xxxx-xxxx` and `123412341234` are not.
const DISORDER: f64 = 2.3;

impl Shape {
    pub(super) const fn new(head: &'static str, pieces: &'static [Piece]) -> Self {
        Self { head, pieces, disorder: DISORDER, proof: None, bare: false, tail: Tail::None }
    }

    pub(super) const fn disorder(self, disorder: f64) -> Self {
        Self { disorder, ..self }
    }

    /// Counts only where the whole token passes.
    pub(super) const fn proof(self, proof: fn(&[u8]) -> bool) -> Self {
        Self { proof: Some(proof), ..self }
    }

    /// Masks what follows the head alone.
    pub(super) const fn bare(self) -> Self {
        Self { bare: true, ..self }
    }

    /// Goes on, however long.
    pub(super) const fn endless(self, tail: Tail) -> Self {
        Self { tail, ..self }
    }

    pub(crate) fn is_endless(&self) -> bool {
        self.tail != Tail::None
    }

    /// Takes what is not random, too.
    #[cfg(test)]
    pub(crate) fn is_orderly(&self) -> bool {
        self.disorder == 0.0
    }

    pub(crate) fn has_proof(&self) -> bool {
        self.proof.is_some()
    }

    /// What the byte behind the head is one of, where that is known.
    pub(crate) fn then(&self) -> Option<Set> {
        match self.pieces.first()? {
            Piece::Text(text) => Some(Set::new(&[*text.as_bytes().first()?], &[])),
            Piece::Run(_, 0, _) => None,
            Piece::Run(class, ..) => Some(class.set),
            Piece::Uuid => Some(ANY_HEX.set),
        }
    }

    /// The token at `at`, where its head may stand.
    pub(crate) fn at(&self, view: &View<'_>, at: usize) -> Option<Found> {
        let joined = view.is(at, is_word) && is_joined(view, at);
        if joined { None } else { self.is_whole(view, at) }
    }

    /// The token at `at`, whatever stands before it.
    pub(super) fn is_whole(&self, view: &View<'_>, at: usize) -> Option<Found> {
        let start = at + self.head.len();
        view.starts_with(at, self.head.as_bytes()).then_some(())?;
        let endless = self.tail != Tail::None;
        let mut end = start;
        for (place, piece) in self.pieces.iter().enumerate() {
            let last = place + 1 == self.pieces.len();
            end = piece.end(view, end, last, endless)?;
        }
        (endless || !view.is(end, is_word)).then_some(())?;
        let told = || view.has(Sought::Told, start..end, |text, at| TOLD.len_at_exactly(text, at));
        let random = view.has_disorder(start..end, self.disorder) && (self.disorder == 0.0 || !told());
        let proven = self.proof.is_none_or(|proof| proof(view.slice(at, end)));
        (random && proven).then_some(())?;
        Some(Found { start: if self.bare { start } else { at }, end, tail: self.tail })
    }
}

/// Part of a word before it, or the end of a file's name: `box.ico-1f...`.
fn is_joined(view: &View<'_>, at: usize) -> bool {
    view.was(at, is_word) || (view.before(at) == Some(b'.') && at.checked_sub(1).is_some_and(|dot| view.was(dot, is_word)))
}

/// Capitals, small letters and digits, as random characters have them and names do not; for [`Shape::proof`].
pub(super) fn is_mixed(token: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool, least: usize| token.iter().filter(|byte| class(byte)).nth(least - 1).is_some();
    has(u8::is_ascii_uppercase, 3) && has(u8::is_ascii_lowercase, 3) && has(u8::is_ascii_digit, 3)
}

/// What is written for a reader.
static TOLD: AnyOf = AnyOf::new(&["xxxxxx", "XXXXXX", "your_", "YOUR_", "your-", "YOUR-", "_here", "_HERE"]);

impl Piece {
    /// Where it ends; what comes last must not go on, unless it is the beginning of what is `endless`.
    fn end(&self, view: &View<'_>, from: usize, last: bool, endless: bool) -> Option<usize> {
        match self {
            Piece::Text(text) => view.starts_with(from, text.as_bytes()).then_some(from + text.len()),
            Piece::Run(class, least, most) => {
                let fixed = least == most && !last;
                let end = view.span(from, most + usize::from(!fixed), &class.set);
                // A dot at the end is the sentence's.
                let stray = if fixed { 0 } else { view.slice(from, end).iter().rev().take_while(|byte| **byte == b'.').count() };
                let len = if last && endless { (end - stray - from).min(*most) } else { end - stray - from };
                (*least..=*most).contains(&len).then_some(from + len)
            }
            Piece::Uuid => uuid(view, from).then_some(from + UUID),
        }
    }
}

/// A token with a mark in its middle: `before` and `after` characters of a class around it, no more and no fewer.
pub(super) fn embedded(view: &View<'_>, at: usize, mark: &str, before: usize, after: usize, class: fn(u8) -> bool) -> Option<Found> {
    let from = at + mark.len();
    if !view.starts_with(at, mark.as_bytes()) || view.run(from, after + 1, class) - from != after {
        return None;
    }
    let start = view.run_back(at, before + 1, class);
    (at - start == before && entropy(view.slice(start, from + after)) >= 3.0).then_some(())?;
    Found::new(start, from + after)
}

/// Characters of a UUID in text (RFC 9562, section 4).
pub(super) const UUID: usize = 36;

/// Whether a UUID stands at `at`.
pub(super) fn uuid(view: &View<'_>, at: usize) -> bool {
    let text = view.slice(at, at + UUID);
    text.len() == UUID
        && text.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::super::tests::found_by;
    use super::*;

    const SHAPE: Shape = Shape::new("tok_", &[Piece::Run(&HEX, 8, 12), Piece::Text("."), Piece::Run(&DOTTED, 4, 6)]);

    fn all(text: &str) -> Vec<String> {
        found_by(|view, at| SHAPE.at(view, at), "", text)
    }

    #[test]
    fn pieces_have_lengths_and_ends() {
        let found = "tok_0123abcd.x-Z9";
        assert_eq!(all(&format!("is {found}.")), [found]);
        assert_eq!(all(&format!("\"{found}\"")), [found]);
        for other in ["tok_0123abc.x-Z9", "tok_0123abcd0123a.x-Z9", "tok_0123ABCD.x-Z9", "tok_0123abcd-x-Z9", "atok_0123abcd.x-Z9"] {
            assert!(all(other).is_empty(), "{other}");
        }
        assert!(all("tok_0123abcd.x-Z9abc").is_empty());
        assert!(all("tok_11111111.1111").is_empty());
    }

    #[test]
    fn what_is_endless_may_be_longer() {
        const SHAPE: Shape = Shape::new("tok_", &[Piece::Run(&HEX, 8, 12)]).endless(Tail::Token);
        let text = "tok_0123abcd0123abcd";
        let found = SHAPE.at(&View::new(text.as_bytes(), b""), 0).unwrap();
        assert_eq!((found.end, found.tail), (16, Tail::Token));
    }

    #[test]
    fn knows_a_uuid() {
        let is = |text: &str| uuid(&View::new(text.as_bytes(), b""), 0);
        assert!(is("12345678-ABCD-abcd-1234-1234567890ab"));
        assert!(!is("12345678-ABCD-abcd-1234-1234567890a"));
        assert!(!is("12345678-ABCD-abcd-12344-234567890ab"));
        assert!(!is("1234567g-ABCD-abcd-1234-1234567890ab"));
    }
}
