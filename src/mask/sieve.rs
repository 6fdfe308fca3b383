//! Places in a text where something could stand, sixteen bytes at a time: the literal heads of families, `@`, digits.
//!
//! Teddy, in effect: for each of the first three bytes of the heads two tables say by half bytes which of eight groups of heads
//! could go on here. Most heads can only begin a word, which leaves a fraction of all places to them. What the tables let through
//! is looked up by its three bytes, so a place that is told has a head that begins as the text does.
//!
//! A place counts as the beginning of a word also behind what may be an escape, for texts in which escapes are not resolved:
//! of `\nAKIA` the word is `AKIA`. In such texts (`AS_WRITTEN`) the same pass tells what has to be read before anything can be said
//! of it: escapes, bytes that other ways of writing begin with, runs of base64, numbers that are written as fractions.

use super::wrapped::is_run;
use crate::wire::block::{BLOCK, Block};

/// Bytes of a head that are looked at.
const LEADING: usize = 3;

/// Bytes of the longest escape, which a place may stand behind.
const ESCAPE: usize = 6;

/// Characters of the shortest run of base64 that is told.
pub(crate) const RUN: u32 = 18;

/// Bytes that are looked at in one go: one bit of [`Bits`] for each.
const ROW: usize = 4 * BLOCK;

/// One bit for each byte of a row, the first byte's the lowest.
type Bits = u64;

/// Bytes of a row and those behind it that what begins in it is told by.
const SEEN: usize = ROW + 3;

/// Five bits of each leading byte: letters of either case are alike.
const TRIPLES: usize = 1 << (5 * LEADING);

/// What is looked for.
pub(crate) struct Head<'a> {
    pub(crate) text: &'a [u8],
    /// Never in the middle of a word.
    pub(crate) begins_word: bool,
    /// Written as it is here; else in any case.
    pub(crate) exact: bool,
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
    /// A digit, and behind it a point or an `e`.
    Fraction,
}

/// Which signs are wanted besides heads.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) at: bool,
    pub(crate) digits: Runs,
}

/// Which runs of digits are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Runs {
    #[default]
    None,
    /// Of three digits and more with no letter or digit before them, and of two and more behind two letters that begin a word.
    Apart,
    /// Of three digits and more, and pairs behind two letters.
    Long,
    /// Of two digits and more.
    Pairs,
    All,
}

pub(crate) struct Sieve {
    anywhere: Tables,
    /// Most heads: two times eight groups.
    at_word: [Tables; 2],
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

/// By leading byte, and by its lower or upper half: bit n says that a head of group n has it there.
#[derive(Clone, Copy)]
struct Tables {
    lower: [[u8; BLOCK]; LEADING],
    upper: [[u8; BLOCK]; LEADING],
}

/// What stands before a row: the bits of the one before it.
#[derive(Clone, Copy)]
struct Before {
    word: Bits,
    digit: Bits,
    /// Letters and `_`.
    letter: Bits,
    underscore: Bits,
    /// Where a word may begin.
    starts: Bits,
    backslash: Bits,
    /// How many characters of base64, as far as it matters.
    run: u32,
}

/// What the bytes of a row are.
#[derive(Default)]
struct Row {
    heads: Bits,
    /// Heads, where a word begins.
    begins: Bits,
    base64: Bits,
    /// `+`, `-` and `/`.
    sign: Bits,
    digit: Bits,
    underscore: Bits,
    backslash: Bits,
    at_sign: Bits,
    /// What another way of writing may begin with; only of text as it was written, like all below.
    other: Bits,
    /// A point or an `e`.
    dot: Bits,
    /// A `u` or a slash.
    letter_u: Bits,
}

/// Characters of base64 by their half bytes: digits, `@` to `O` and their lower case but for the first, `P` to `Z` likewise, `_`, and the
/// other signs.
const CLASS_LOWER: [u8; BLOCK] = [5, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 18, 2, 18, 2, 26];
const CLASS_UPPER: [u8; BLOCK] = [0, 0, SIGN, 1, 2, 12, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0];

/// `+`, `-`, `/`.
const SIGN: u8 = 16;
const DIGIT: u8 = 1;
const UNDERSCORE: u8 = 8;

/// Likewise what another way of writing may begin with: `%`, `&`, `+`, and the lead bytes that [`super::reading::fold::may_fold`] tells; a
/// point and an `e`; a backslash.
const OTHER_LOWER: [u8; BLOCK] = [12, 12, 13, 12, 0, 80, 16, 0, 2, 2, 6, 18, 129, 1, 32, 6];
const OTHER_UPPER: [u8; BLOCK] = [0, 0, 48, 0, 64, 128, 64, 0, 0, 0, 0, 0, 1, 2, 4, 8];

const OTHERWISE: u8 = 31;
const DOT: u8 = 96;

/// The tables, as they are looked things up in.
struct Look {
    anywhere: [(Block, Block); LEADING],
    at_word: [[(Block, Block); LEADING]; 2],
    class: [Block; 2],
    other: [Block; 2],
}

impl Look {
    #[inline(always)]
    fn at<const AS_WRITTEN: bool>(&self, seen: &[u8; SEEN]) -> Row {
        let mut row = Row::default();
        for number in 0..ROW / BLOCK {
            let shift = number * BLOCK;
            let block = |at: usize| seen.get(shift + at..).and_then(|rest| rest.first_chunk()).map_or(Block::all(0), Block::of);
            let first = block(0);
            let halves = [first, block(1), block(2)].map(|block| (block.and(Block::all(15)), block.upper()));
            let [(lower, upper), ..] = halves;
            let add = |bits: &mut Bits, of_block: u32| *bits |= Bits::from(of_block) << shift;
            let [class_lower, class_upper] = self.class;
            let class = lower.of_table(class_lower).and(upper.of_table(class_upper));
            add(&mut row.base64, class.any_bits());
            add(&mut row.sign, class.is(SIGN).bits());
            add(&mut row.digit, class.is(DIGIT).bits());
            add(&mut row.underscore, class.is(UNDERSCORE).bits());
            add(&mut row.at_sign, first.is(b'@').bits());
            let [other_lower, other_upper] = self.other;
            let other = lower.of_table(other_lower).and(upper.of_table(other_upper));
            // Its class has the upper bit, and no other has.
            add(&mut row.backslash, other.bits());
            if AS_WRITTEN {
                add(&mut row.other, other.and(Block::all(OTHERWISE)).any_bits());
                add(&mut row.dot, other.and(Block::all(DOT)).any_bits());
                add(&mut row.letter_u, first.is(b'u').or(first.is(b'/')).bits());
            }
            let [some, others] = &self.at_word;
            add(&mut row.begins, matching(some, &halves).or(matching(others, &halves)).any_bits());
            add(&mut row.heads, matching(&self.anywhere, &halves).any_bits());
        }
        row
    }
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
        let anywhere = Tables::of(&Group::together(&anywhere, 8));
        let at_word = Group::together(&at_word, 16);
        let (some, others) = at_word.split_at_checked(8).unwrap_or((&at_word, &[]));
        Self { anywhere, at_word: [some, others].map(Tables::of), triples, starts, heads: known }
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
        let wants_at = if wanted.at { Bits::MAX } else { 0 };
        let look = Look {
            anywhere: self.anywhere.blocks(),
            at_word: self.at_word.each_ref().map(Tables::blocks),
            class: [&CLASS_LOWER, &CLASS_UPPER].map(Block::of),
            other: [&OTHER_LOWER, &OTHER_UPPER].map(Block::of),
        };
        while at < to {
            let mut room = [0; SEEN];
            let seen: &[u8; SEEN] = match text.get(at..).and_then(|rest| rest.first_chunk()) {
                Some(seen) => seen,
                None => {
                    room.iter_mut().zip(text.get(at..).unwrap_or_default()).for_each(|(slot, byte)| *slot = *byte);
                    &room
                }
            };
            let row = look.at::<AS_WRITTEN>(seen);
            let Row { heads, begins, base64, sign, digit, underscore, backslash, at_sign, other, dot, letter_u } = row;
            let valid = if to - at < ROW { (1 << (to - at)) - 1 } else { Bits::MAX };
            let next = |place: usize, is: fn(&u8) -> bool| Bits::from(seen.get(place).is_some_and(is));

            let word = base64 & !sign;
            let behind_escape = behind(backslash, before.backslash, 2) | behind(backslash, before.backslash, ESCAPE);
            let starts = word & (!behind(word, before.word, 1) | behind_escape);
            let heads = heads | (begins & starts);
            let letter = word & !digit;
            let (mut runs, mut fractions, mut escapes, mut long_run) = (0, 0, 0, 0);
            if digit != 0 {
                let second = (digit >> 1) | (next(ROW, u8::is_ascii_digit) << (ROW - 1));
                let third = (second >> 1) | (next(ROW + 1, u8::is_ascii_digit) << (ROW - 1));
                let begins = digit & !behind(digit, before.digit, 1);
                let behind_two = behind(letter, before.letter, 1) & behind(letter, before.letter, 2);
                runs = begins
                    & match wanted.digits {
                        Runs::None => 0,
                        Runs::All => Bits::MAX,
                        Runs::Pairs => second,
                        Runs::Long => second & (third | behind_two),
                        Runs::Apart => {
                            let apart = !behind(letter & !underscore, before.letter & !before.underscore, 1) | behind_escape;
                            second & ((third & apart) | (behind_two & behind(starts, before.starts, 2)))
                        }
                    };
                if AS_WRITTEN {
                    fractions = digit & ((dot >> 1) | (next(ROW, |byte| matches!(byte, b'.' | b'e' | b'E')) << (ROW - 1)));
                }
            }
            if AS_WRITTEN {
                escapes = backslash & ((letter_u >> 1) | (next(ROW, |byte| matches!(byte, b'u' | b'/')) << (ROW - 1)));
                long_run = self::long_run(base64, before.run);
            }
            before.run = if base64 == Bits::MAX { RUN } else { base64.leading_ones() };
            before = Before { word, digit, letter, underscore, starts, backslash, ..before };
            let signs = at_sign & wants_at;
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

impl Tables {
    fn of(groups: &[Group]) -> Self {
        let mut tables = Self { lower: [[0; BLOCK]; LEADING], upper: [[0; BLOCK]; LEADING] };
        for (place, group) in groups.iter().enumerate() {
            let bit = 1u8.checked_shl(u32::try_from(place).unwrap_or_default()).unwrap_or_default();
            let halves = tables.lower.iter_mut().zip(&mut tables.upper).zip(&group.halves);
            for ((lower, upper), (in_lower, in_upper)) in halves {
                let set = |table: &mut [u8; BLOCK], members: u16| {
                    table.iter_mut().enumerate().filter(|(half, _)| (members >> half) & 1 == 1).for_each(|(_, slot)| *slot |= bit);
                };
                set(lower, *in_lower);
                set(upper, *in_upper);
            }
        }
        tables
    }

    #[inline(always)]
    fn blocks(&self) -> [(Block, Block); LEADING] {
        let [lower_1, lower_2, lower_3] = &self.lower;
        let [upper_1, upper_2, upper_3] = &self.upper;
        [(lower_1, upper_1), (lower_2, upper_2), (lower_3, upper_3)].map(|(lower, upper)| (Block::of(lower), Block::of(upper)))
    }
}

/// Heads that share a bit of the tables: at each leading byte, which lower and which upper halves they have there.
#[derive(Clone, Copy)]
struct Group {
    halves: [(u16, u16); LEADING],
}

impl Group {
    fn of(head: &Head<'_>) -> Self {
        let mut halves = [(0, 0); LEADING];
        for (at, (lower, upper)) in halves.iter_mut().enumerate() {
            let mut add = |byte: u8| {
                *lower |= 1u16 << (byte & 15);
                *upper |= 1u16 << (byte >> 4);
            };
            match head.text.get(at) {
                Some(byte) if head.exact => add(*byte),
                Some(byte) => [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()].into_iter().for_each(add),
                None => (0..=u8::MAX).for_each(add),
            }
        }
        Self { halves }
    }

    fn and(&self, other: &Self) -> Self {
        let mut halves = self.halves;
        halves.iter_mut().zip(&other.halves).for_each(|((lower, upper), (more_lower, more_upper))| {
            *lower |= more_lower;
            *upper |= more_upper;
        });
        Self { halves }
    }

    /// How many texts it lets through.
    fn share(&self) -> u32 {
        // Of the upper halves those of letters count: text is made of them.
        self.halves.iter().map(|(lower, upper)| lower.count_ones() * (1 + 4 * (upper & 0xF0).count_ones())).product()
    }

    /// At most `most` groups for these heads: what adds least to what is let through is put together.
    fn together(heads: &[&Head<'_>], most: usize) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for group in heads.iter().map(|head| Self::of(head)) {
            if !groups.iter().any(|known| known.halves == group.halves) {
                groups.push(group);
            }
        }
        // Neighbours in the alphabet first: comparing all pairs of many takes long.
        groups.sort_by_key(|group| group.halves);
        while groups.len() > most {
            let reach = if groups.len() > 40 { 1 } else { groups.len() };
            let growth = |one: &Self, other: &Self| one.and(other).share().saturating_sub(one.share() + other.share());
            let pairs = (0..groups.len()).flat_map(|one| (one + 1..groups.len().min(one + 1 + reach)).map(move |other| (one, other)));
            let least = pairs.min_by_key(|(one, other)| groups.get(*one).zip(groups.get(*other)).map(|(one, other)| growth(one, other)));
            let Some((one, other)) = least else { break };
            let gone = groups.remove(other);
            groups.iter_mut().skip(one).take(1).for_each(|group| *group = group.and(&gone));
        }
        groups
    }
}

impl Before {
    fn of(text: &[u8], at: usize) -> Self {
        let before = text.get(..at).unwrap_or_default();
        let bits = |class: fn(u8) -> bool| {
            let last = before.iter().rev().take(ESCAPE).enumerate();
            last.fold(0, |bits, (back, byte)| bits | (Bits::from(class(*byte)) << (ROW - 1 - back)))
        };
        let run = before.iter().rev().zip(0..RUN).take_while(|(byte, _)| is_run(**byte)).last().map_or(0, |(_, before)| before + 1);
        Self {
            word: bits(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
            digit: bits(|byte| byte.is_ascii_digit()),
            letter: bits(|byte| byte.is_ascii_alphabetic() || byte == b'_'),
            underscore: bits(|byte| byte == b'_'),
            // It is not known what stands before these; where one turns out to begin no word, a glance tells.
            starts: Bits::MAX,
            backslash: bits(|byte| byte == b'\\'),
            run,
        }
    }
}

/// Of each place whether the bit `back` places before it is set, in a row or in the one before it.
#[inline(always)]
fn behind(bits: Bits, before: Bits, back: usize) -> Bits {
    (bits << back) | (before >> (ROW - back))
}

/// Where runs of base64 have gone on for long enough, of which `before` characters stand before the row: at their first place in the row.
#[inline(always)]
fn long_run(base64: Bits, before: u32) -> Bits {
    let goes_on = before < RUN && before + base64.trailing_ones() >= RUN;
    // Of those that begin in the row: places that so many set bits follow.
    let two = base64 & (base64 >> 1);
    let four = two & (two >> 2);
    let eight = four & (four >> 4);
    let sixteen = eight & (eight >> 8);
    let long = sixteen & (two >> 16);
    let begins = long & !(base64 << 1) & !Bits::from(before > 0);
    Bits::from(goes_on) | begins
}

/// The groups some head of which may go on at every leading byte.
#[inline(always)]
fn matching(tables: &[(Block, Block); LEADING], halves: &[(Block, Block); LEADING]) -> Block {
    let [(lower_1, upper_1), (lower_2, upper_2), (lower_3, upper_3)] = tables;
    let [(low_1, up_1), (low_2, up_2), (low_3, up_3)] = halves;
    let first = low_1.of_table(*lower_1).and(up_1.of_table(*upper_1));
    let second = low_2.of_table(*lower_2).and(up_2.of_table(*upper_2));
    let third = low_3.of_table(*lower_3).and(up_3.of_table(*upper_3));
    first.and(second).and(third)
}

/// The length of the run of digits that begins at `at`.
#[inline]
fn run_length(text: &[u8], at: usize) -> usize {
    text.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Of the first bytes of `leading`, which is little-endian.
#[inline(always)]
fn triple(leading: u32) -> u16 {
    u16::try_from((leading & 31) | ((leading >> 3) & (31 << 5)) | ((leading >> 6) & (31 << 10))).unwrap_or_default()
}

/// The triples a head may begin with: of a shorter one, with anything behind it.
fn triples_of(head: &[u8]) -> Vec<u16> {
    let mut triples = vec![0u16];
    for at in (0..LEADING).rev() {
        let next: Vec<u16> = head.get(at).map_or_else(|| (0..32).collect(), |byte| vec![u16::from(byte & 31)]);
        triples = triples.iter().flat_map(|triple| next.iter().map(move |byte| (triple << 5) | byte)).collect();
    }
    triples
}

#[cfg(test)]
mod tests {
    use super::super::reading::fold;
    use super::*;

    const HEADS: &[(&str, bool, bool)] = &[
        ("AKIA", true, true),
        ("pass", false, false),
        ("0x", false, false),
        ("://", false, true),
        ("sk-", true, true),
        ("_key", false, false),
    ];

    fn sieve() -> Sieve {
        let heads: Vec<Head<'_>> = HEADS
            .iter()
            .map(|(text, begins_word, exact)| Head { text: text.as_bytes(), begins_word: *begins_word, exact: *exact })
            .collect();
        Sieve::new(&heads)
    }

    fn signs(text: &[u8], from: usize, to: usize) -> Vec<(usize, Sign)> {
        let mut signs = Vec::new();
        let wanted = Wanted { at: true, digits: Runs::All };
        sieve().each::<true>(text, from, to, wanted, &mut |at, sign| {
            signs.push((at, sign));
            true
        });
        signs
    }

    /// What [`Sieve::each`] must tell at least, byte by byte.
    fn plainly(text: &[u8], from: usize, to: usize) -> Vec<(usize, Sign)> {
        let is_word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let mut signs = Vec::new();
        for at in from..to.min(text.len()) {
            for (index, (head, begins_word, exact)) in HEADS.iter().enumerate() {
                let there = text.get(at..at + head.len()).unwrap_or_default();
                let same = if *exact { there == head.as_bytes() } else { there.eq_ignore_ascii_case(head.as_bytes()) };
                let behind = |back: usize| at.checked_sub(back).and_then(|at| text.get(at)) == Some(&b'\\');
                if same && (!begins_word || !is_word(at.checked_sub(1)) || behind(2) || behind(6)) {
                    signs.push((at, Sign::Head(index)));
                }
            }
            let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
            match text[at] {
                b'@' => signs.push((at, Sign::At)),
                b'\\' if matches!(text.get(at + 1), Some(b'u' | b'/')) => signs.push((at, Sign::Escape)),
                b'0'..=b'9' if at == 0 || !is_digit(at - 1) => {
                    signs.push((at, Sign::Digits((at..).take_while(|at| is_digit(*at)).count())));
                }
                b'%' | b'&' | b'+' => signs.push((at, Sign::Otherwise)),
                byte if fold::may_fold(byte) => signs.push((at, Sign::Otherwise)),
                _ => {}
            }
            if is_digit(at) && matches!(text.get(at + 1), Some(b'.' | b'e' | b'E')) {
                signs.push((at, Sign::Fraction));
            }
        }
        signs
    }

    /// Where runs of base64 begin that are to be told.
    fn runs(text: &[u8]) -> Vec<std::ops::Range<usize>> {
        let begins = |at: &usize| is_run(text[*at]) && (*at == 0 || !is_run(text[at - 1]));
        let run = |at: usize| at..at + text[at..].iter().take_while(|byte| is_run(**byte)).count();
        (0..text.len()).filter(begins).map(run).filter(|run| run.len() >= RUN as usize).collect()
    }

    #[test]
    fn tells_every_run_of_base64_once() {
        for before in 0..40 {
            for len in 10..60 {
                let text = format!("{}{} {}", " ".repeat(before), "aZ0/+-_".repeat(9).get(..len).unwrap(), "x".repeat(len / 2));
                for step in [1, 7, 16, 32, 1024] {
                    let mut told = Vec::new();
                    for from in (0..text.len()).step_by(step) {
                        told.extend(signs(text.as_bytes(), from, from + step).into_iter().filter(|(_, sign)| *sign == Sign::Base64));
                    }
                    let runs = runs(text.as_bytes());
                    assert!(told.iter().all(|(at, _)| runs.iter().any(|run| run.contains(at))), "{text} {step}: {told:?}");
                    assert!(runs.iter().all(|run| told.iter().any(|(at, _)| run.contains(at))), "{text} {step}: {told:?}");
                    assert!(step < 1024 || told.len() == runs.len(), "{text}: {told:?}");
                }
            }
        }
    }

    #[test]
    fn tells_every_sign_at_every_place() {
        let parts = ["AKIA", "xAKIA", "\\nAKIA", "\\u00e9AKIA", "Pass", "0x1f", "://", "sk-", "mask-", "a_KEY", "12", "3", "@", "é", " "];
        for part in parts {
            for len in 0..40 {
                for fill in ["a", " ", "7", "\\"] {
                    let text = format!("{}{part}{}", fill.repeat(len), "b1 ".repeat(len % 7));
                    for (from, to) in [(0, text.len()), (len.min(3), text.len()), (0, len + 2)] {
                        let told = signs(text.as_bytes(), from, to);
                        assert!(told.is_sorted_by_key(|(at, _)| *at), "{text}");
                        // Whatever is told begins as a head does; what must be told is.
                        for want in plainly(text.as_bytes(), from, to) {
                            assert!(told.contains(&want), "{text} {from}..{to}: {want:?} not in {told:?}");
                        }
                        let others =
                            told.iter().filter(|(_, sign)| !matches!(sign, Sign::Head(_) | Sign::Base64)).copied().collect::<Vec<_>>();
                        let plain = plainly(text.as_bytes(), from, to);
                        assert_eq!(
                            others,
                            plain.into_iter().filter(|(_, sign)| !matches!(sign, Sign::Head(_))).collect::<Vec<_>>(),
                            "{text} {from}..{to}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn words_are_told_by_half_bytes() {
        for byte in 0..=u8::MAX {
            let told = CLASS_LOWER[usize::from(byte & 15)] & CLASS_UPPER[usize::from(byte >> 4)];
            assert_eq!((told == DIGIT, told == UNDERSCORE), (byte.is_ascii_digit(), byte == b'_'), "{byte:#x}");
            assert_eq!(told != 0 && told != SIGN, byte.is_ascii_alphanumeric() || byte == b'_', "{byte:#x}");
            assert_eq!(told != 0, is_run(byte), "{byte:#x}");
            let told = OTHER_LOWER[usize::from(byte & 15)] & OTHER_UPPER[usize::from(byte >> 4)];
            assert_eq!(told & OTHERWISE != 0, fold::may_fold(byte) || matches!(byte, b'%' | b'&' | b'+'), "{byte:#x}");
            assert_eq!(told & DOT != 0, matches!(byte, b'.' | b'e' | b'E'), "{byte:#x}");
            assert_eq!(told & 0x80 != 0, byte == b'\\', "{byte:#x}");
        }
    }
}
