//! Places in a text where something could stand, sixteen bytes at a time: the literal heads of families, `@`, digits.
//!
//! Teddy, in effect: for each of the first three bytes of the heads two tables say by half bytes which of eight groups of heads
//! could go on here. Most heads can only begin a word, which leaves a fraction of all places to them. What the tables let through
//! is looked up by its first bytes, so a place that is told has a head that begins as the text does.
//!
//! A place counts as the beginning of a word also behind what may be an escape, for texts in which escapes are not resolved:
//! of `\nAKIA` the word is `AKIA`. In such texts (`AS_WRITTEN`) the same pass tells what has to be read before anything can be said
//! of it: escapes, bytes that other ways of writing begin with, runs of base64, numbers that are written as fractions.

mod groups;
mod row;
mod tables;
#[cfg(test)]
mod tests;

use groups::Group;
pub(crate) use row::run;
use row::{Before, Bits, GROUPS, Look, ROW, SEEN, ahead, behind};
use tables::{Gate, TRIPLES, Tables, triple, triples_of};

use super::detectors::set::Set;

/// Bytes of the longest escape, which a place may stand behind.
const ESCAPE: usize = 6;

/// Characters of the shortest run of base64 that is told.
pub(crate) const RUN: u32 = 18;

/// What is looked for.
pub(crate) struct Head<'a> {
    pub(crate) text: &'a [u8],
    /// Never in the middle of a word.
    pub(crate) begins_word: bool,
    /// Written as it is here; else in any case.
    pub(crate) exact: bool,
    /// What the byte behind it is one of, where that is known.
    pub(crate) then: Option<Set>,
}

impl Head<'_> {
    /// The bytes it may have at `at`, or that may stand behind it.
    fn bytes(&self, at: usize) -> impl Iterator<Item = u8> {
        let (own, exact, then) = (self.text.get(at).copied(), self.exact, self.then.filter(|_| at == self.text.len()));
        let (first, last) = own.map_or((0, u8::MAX), |own| (own & !0x20, own | 0x20));
        (first..=last).filter(move |byte| match own {
            Some(own) if exact => own == *byte,
            Some(own) => own.eq_ignore_ascii_case(byte),
            None => then.is_none_or(|then| then.has(*byte)),
        })
    }
}

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// The leading bytes of a head, case aside; by its place in the list.
    Head(usize),
    At,
    /// A run of digits begins, of this length.
    Digits(usize),
    /// `\/` or `\u`; only of text as it was written, like all below.
    Escape,
    /// `%`, `&`, `+`, or the beginning of a character that may be read as ASCII.
    Otherwise,
    /// In a run of base64 of [`RUN`] characters or more.
    Base64,
    /// A digit and behind it a point or an exponent, where that may be an integer of six digits or more.
    Fraction,
}

/// Which signs are wanted besides heads.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) at: bool,
    pub(crate) digits: Runs,
    /// Of numbers that are written as fractions also those of a few digits.
    pub(crate) short_fractions: bool,
}

/// Which runs of digits are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Runs {
    #[default]
    None,
    /// With no letter or digit before them: six and more, or four and behind one character four more, or three and behind one character two
    /// and behind one more others. And two and more behind two letters that begin a word.
    Apart,
    /// Of three digits and more, and pairs behind two letters.
    Long,
    /// Of two digits and more.
    Pairs,
    All,
}

pub(crate) struct Sieve {
    /// Two times eight groups, for these are looked up wherever they seem to stand.
    anywhere: [Tables; 2],
    at_word: Tables,
    gate: Gate,
    /// Which triples some head begins with.
    triples: Box<[Triples; TRIPLES / 64]>,
    /// By the number of those triples in order: where in `heads` those begin that begin so.
    starts: Vec<u16>,
    /// By their triples in order.
    heads: Vec<u16>,
}

/// Sixty-four of them.
#[derive(Clone, Copy, Default)]
struct Triples {
    /// Bit n: some head begins with the nth.
    known: u64,
    /// How many known ones come before.
    before: u16,
}

impl Sieve {
    pub(crate) fn new(heads: &[Head<'_>]) -> Self {
        let mut triples = Box::new([Triples::default(); TRIPLES / 64]);
        let mut by_triple: Vec<(u16, u16)> =
            (0u16..).zip(heads).flat_map(|(index, head)| triples_of(head.text).into_iter().map(move |triple| (triple, index))).collect();
        by_triple.sort_unstable();
        let mut starts = Vec::new();
        for (at, same) in (0u16..).zip(&by_triple) {
            let is_first = usize::from(at).checked_sub(1).and_then(|last| by_triple.get(last)).is_none_or(|(last, _)| *last != same.0);
            if is_first && let Some(word) = triples.get_mut(usize::from(same.0) / 64) {
                word.known |= 1 << (same.0 % 64);
                starts.push(at);
            }
        }
        let mut before = 0;
        for word in triples.iter_mut() {
            word.before = before;
            before += u16::try_from(word.known.count_ones()).unwrap_or_default();
        }
        let known = by_triple.into_iter().map(|(_, head)| head).collect();
        let (at_word, anywhere): (Vec<&Head<'_>>, Vec<&Head<'_>>) = heads.iter().partition(|head| head.begins_word);
        let at_word = Tables::of(&Group::together(&at_word, 8));
        let anywhere = Group::together(&anywhere, 16);
        let (some, others) = anywhere.split_at_checked(8).unwrap_or((&anywhere, &[]));
        Self { anywhere: [some, others].map(Tables::of), at_word, gate: Gate::of(heads), triples, starts, heads: known }
    }

    /// Tells every sign that begins in `text[from..to]`, in the order of the text, until `visit` answers that it has enough (false).
    #[inline]
    pub(crate) fn each<const AS_WRITTEN: bool>(
        &self,
        text: &[u8],
        from: usize,
        to: usize,
        wanted: Wanted,
        visit: &mut impl FnMut(usize, Sign) -> bool,
    ) {
        let to = to.min(text.len());
        let mut before = Before::of(text, from);
        let mut at = from;
        let look = Look::of(&self.anywhere, &self.at_word);
        let mut room;
        while at < to {
            let seen: &[u8; SEEN] = match text.get(at..).and_then(|rest| rest.first_chunk()) {
                Some(seen) => seen,
                None => {
                    room = row::last(text.get(at..).unwrap_or_default());
                    &room
                }
            };
            let row = look.at::<AS_WRITTEN>(seen, to - at);
            let (base64, digit, backslash) = (row.base64, row.digit, row.backslash);
            let valid = if to - at < ROW { (1 << (to - at)) - 1 } else { Bits::MAX };
            let next = |place: usize, is: fn(&u8) -> bool| Bits::from(seen.get(place).is_some_and(is));

            let word = base64 & !row.sign;
            let behind_escape = behind(backslash, before.backslash, 2) | behind(backslash, before.backslash, ESCAPE);
            let starts = word & (!behind(word, before.word, 1) | behind_escape);
            let heads = self.gate.open(seen, (row.heads | (row.begins & starts)) & valid);
            let letter = word & !digit;
            let (mut runs, mut fractions, mut escapes, mut long_run) = (0, 0, 0, 0);
            if digit != 0 {
                let second = ahead(digit, next(ROW, u8::is_ascii_digit), 1);
                let third = ahead(second, next(ROW + 1, u8::is_ascii_digit), 1);
                let begins = digit & !behind(digit, before.digit, 1);
                let behind_two = behind(letter, before.letter, 1) & behind(letter, before.letter, 2);
                runs = begins
                    & match wanted.digits {
                        Runs::None => 0,
                        Runs::All => Bits::MAX,
                        Runs::Pairs => second,
                        Runs::Long => second & (third | behind_two),
                        Runs::Apart => {
                            let mut long = begins & second & third;
                            if long != 0 {
                                // Rarely does one begin so near to the end.
                                let rest = if long >> (ROW - GROUPS) == 0 { 0 } else { row::digits(text, at + ROW) };
                                let is_digit = |places| ahead(digit, rest, places);
                                let six = is_digit(3) & is_digit(4) & is_digit(5);
                                let fours = is_digit(3) & is_digit(5) & is_digit(6) & is_digit(7) & is_digit(8);
                                let threes = is_digit(4) & is_digit(5) & is_digit(7) & is_digit(8);
                                long &= six | fours | threes;
                            }
                            if long != 0 {
                                let underscore = row::underscore(seen);
                                long &= !behind(letter & !underscore, before.letter & !before.underscore, 1) | behind_escape;
                            }
                            long | (second & behind_two & behind(starts, before.starts, 2))
                        }
                    };
                if AS_WRITTEN {
                    let marks = row::point_or_exponent(seen);
                    fractions = digit & ahead(marks, next(ROW, |byte| matches!(byte, b'.' | b'e' | b'E')), 1);
                    if fractions != 0 && !wanted.short_fractions {
                        let points = fractions & ahead(row::point(seen), next(ROW, |byte| *byte == b'.'), 1);
                        let six = (1..6).fold(Bits::MAX, |all, places| all & behind(digit, before.digit, places));
                        // Of an exponent.
                        let sign = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'/');
                        let power = ahead(digit | row.sign, next(ROW, sign) | next(ROW + 1, sign) << 1, 2);
                        fractions = (points & six) | (fractions & !points & power);
                        // Of a word or a hash is what begins behind a letter, but for the end of an escape: the sum clears those runs.
                        let escape = (1..=ESCAPE).fold(0, |near, back| near | behind(backslash, before.backslash, back));
                        let tied = begins & behind(letter, before.letter, 1) & !escape;
                        fractions &= !(digit & !digit.wrapping_add(tied));
                    }
                }
            }
            let (mut signs, mut other) = (0, 0);
            if row.is_rare {
                signs = if wanted.at { row::at_sign(seen) } else { 0 };
                other = if AS_WRITTEN { row::other(seen) } else { 0 };
            }
            if AS_WRITTEN {
                if backslash != 0 {
                    escapes = backslash & ahead(row::letter_u(seen), next(ROW, |byte| matches!(byte, b'u' | b'/')), 1);
                }
                long_run = row::long_run(base64, before.run);
            }
            before.run = if base64 == Bits::MAX { RUN } else { base64.leading_ones() };
            let underscore = Bits::from(seen.get(ROW - 1) == Some(&b'_')) << (ROW - 1);
            before = Before { word, digit, letter, underscore, starts, backslash, ..before };
            let mut all = (heads | runs | signs | escapes | other | fractions | long_run) & valid;
            while all != 0 {
                let bit = all & all.wrapping_neg();
                let place = usize::try_from(all.trailing_zeros()).unwrap_or_default();
                all ^= bit;
                let here = at + place;
                let mut goes_on = true;
                if heads & bit != 0 {
                    self.look_up(seen, place, &mut |head| goes_on &= visit(here, Sign::Head(head)));
                }
                if runs & bit != 0 {
                    goes_on &= visit(here, Sign::Digits(run_length(text, here)));
                } else if signs & bit != 0 {
                    goes_on &= visit(here, Sign::At);
                } else if escapes & bit != 0 {
                    goes_on &= visit(here, Sign::Escape);
                } else if other & bit != 0 {
                    goes_on &= visit(here, Sign::Otherwise);
                }
                if fractions & bit != 0 {
                    goes_on &= visit(here, Sign::Fraction);
                }
                if long_run & bit != 0 {
                    goes_on &= visit(here, Sign::Base64);
                }
                if !goes_on {
                    return;
                }
            }
            at += ROW;
        }
    }

    #[inline]
    fn look_up(&self, seen: &[u8; SEEN], place: usize, found: &mut impl FnMut(usize)) {
        let Some(Some(leading)) = seen.get(place..).map(|rest| rest.first_chunk::<4>()) else { return };
        let triple = triple(u32::from_le_bytes(*leading));
        let Some(Triples { known, before }) = self.triples.get(usize::from(triple) / 64) else { return };
        let bit = 1u64 << (triple % 64);
        if known & bit == 0 {
            return;
        }
        let number = usize::from(*before) + usize::try_from((known & (bit - 1)).count_ones()).unwrap_or_default();
        let from = self.starts.get(number).map_or(0, |from| usize::from(*from));
        let to = self.starts.get(number + 1).map_or(self.heads.len(), |to| usize::from(*to));
        self.heads.get(from..to).unwrap_or_default().iter().for_each(|head| found(usize::from(*head)));
    }
}

/// The length of the run of digits that begins at `at`.
#[inline]
fn run_length(text: &[u8], at: usize) -> usize {
    text.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
}
