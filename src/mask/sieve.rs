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
use crate::wire::block::{BLOCK, Bits, Block};

/// Bytes of a head that are looked at.
const LEADING: usize = 3;

/// Bytes of the longest escape, which a place may stand behind.
const ESCAPE: usize = 6;

/// Characters of the shortest run of base64 that is told.
pub(crate) const RUN: u32 = 18;

/// Bytes of a block and those behind it that what begins in it is told by.
const SEEN: usize = BLOCK + 3;

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
    /// Bit n: some head begins with triple n.
    triples: Box<[u64; TRIPLES / 64]>,
    /// Triple and head, in order.
    heads: Vec<(u16, u16)>,
}

/// By leading byte, and by its lower or upper half: bit n says that a head of group n has it there.
#[derive(Clone, Copy)]
struct Tables {
    lower: [[u8; BLOCK]; LEADING],
    upper: [[u8; BLOCK]; LEADING],
}

/// What stands before a block.
#[derive(Clone, Copy)]
struct Before {
    word: Bits,
    digit: Bits,
    /// Letters: the last byte's bit is the lowest, then that of the one before it.
    letters: Bits,
    /// Backslashes of the last [`ESCAPE`] bytes, the farthest the lowest bit.
    backslashes: Bits,
    /// How many characters of base64, as far as it matters.
    run: Bits,
}

/// Letters, digits and `_`, told by half bytes: digits, `@` to `O` and their lower case but for the first, `P` to `Z` likewise, `_`; and
/// as [`SIGN`] the other characters of base64.
const WORD_LOWER: [u8; BLOCK] = [5, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 18, 2, 18, 2, 26];
const WORD_UPPER: [u8; BLOCK] = [0, 0, SIGN, 1, 2, 12, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0];

/// `+`, `-`, `/`.
const SIGN: u8 = 16;

/// Likewise what another way of writing may begin with: `%`, `&`, `+`, and the lead bytes that [`fold::may_fold`] tells.
const OTHERWISE_LOWER: [u8; BLOCK] = [12, 12, 13, 12, 0, 16, 16, 0, 2, 2, 6, 18, 1, 1, 0, 6];
const OTHERWISE_UPPER: [u8; BLOCK] = [0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8];

impl Sieve {
    pub(crate) fn new(heads: &[Head<'_>]) -> Self {
        let mut triples = Box::new([0u64; TRIPLES / 64]);
        let mut known = Vec::new();
        for (index, head) in (0u16..).zip(heads) {
            for triple in triples_of(head.text) {
                if let Some(word) = triples.get_mut(usize::from(triple) / 64) {
                    *word |= 1 << (triple % 64);
                }
                known.push((triple, index));
            }
        }
        known.sort_unstable();
        let (at_word, anywhere): (Vec<&Head<'_>>, Vec<&Head<'_>>) = heads.iter().partition(|head| head.begins_word);
        let anywhere = Tables::of(&Group::together(&anywhere, 8));
        let at_word = Group::together(&at_word, 16);
        let (some, others) = at_word.split_at_checked(8).unwrap_or((&at_word, &[]));
        Self { anywhere, at_word: [some, others].map(Tables::of), triples, heads: known }
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
        let anywhere = self.anywhere.blocks();
        let [at_word, at_word_too] = &self.at_word;
        let (at_word, at_word_too) = (at_word.blocks(), at_word_too.blocks());
        let (word_lower, word_upper) = (Block::of(&WORD_LOWER), Block::of(&WORD_UPPER));
        let (otherwise_lower, otherwise_upper) = (Block::of(&OTHERWISE_LOWER), Block::of(&OTHERWISE_UPPER));
        let wants_at = if wanted.at { Bits::MAX } else { 0 };
        while at < to {
            let mut room = [0; SEEN];
            let seen: &[u8; SEEN] = match text.get(at..).and_then(|rest| rest.first_chunk()) {
                Some(seen) => seen,
                None => {
                    room.iter_mut().zip(text.get(at..).unwrap_or_default()).for_each(|(slot, byte)| *slot = *byte);
                    &room
                }
            };
            let Some(blocks) = leading(seen) else { return };
            let [first, second, third] = blocks;
            let halves = blocks.map(|block| (block.and(Block::all(15)), block.upper()));
            let valid: Bits = if to - at < BLOCK { (1 << (to - at)) - 1 } else { 0xFFFF };
            let [(lower, upper), ..] = halves;
            let of_base64 = lower.of_table(word_lower).and(upper.of_table(word_upper));
            let base64 = of_base64.is_any().bits();
            let word = base64 & !of_base64.is(SIGN).bits();
            let is_digit = |block: Block| block.minus(b'0').is_under(10);
            let digit = is_digit(first).bits();
            let backslash = first.is(b'\\').bits();
            let backslashes = (backslash << ESCAPE) | before.backslashes;
            let starts = word & (!((word << 1) | before.word) | (backslashes >> (ESCAPE - 2)) | backslashes);
            let begins = matching(&at_word, &halves).or(matching(&at_word_too, &halves)).is_any().bits();
            let heads = matching(&anywhere, &halves).is_any().bits() | (begins & starts);
            let letter = word & !digit;
            let behind_two = ((letter << 1) | (before.letters & 1)) & ((letter << 2) | ((before.letters & 1) << 1) | (before.letters >> 1));
            let runs = digit
                & !((digit << 1) | before.digit)
                & match wanted.digits {
                    Runs::None => 0,
                    Runs::All => Bits::MAX,
                    Runs::Pairs => is_digit(second).bits(),
                    Runs::Long => is_digit(second).bits() & (is_digit(third).bits() | behind_two),
                };
            let signs = first.is(b'@').bits() & wants_at;
            let (mut escapes, mut otherwise, mut fractions, mut run) = (0, 0, 0, 0);
            if AS_WRITTEN {
                escapes = backslash & second.is(b'u').or(second.is(b'/')).bits();
                otherwise = lower.of_table(otherwise_lower).and(upper.of_table(otherwise_upper)).is_any().bits();
                fractions = digit & second.is(b'.').or(second.or(Block::all(0x20)).is(b'e')).bits();
                let goes_on = (!base64).trailing_zeros();
                // Told once, at a place of it that is before all others of the block.
                run = Bits::from(before.run < RUN && before.run + goes_on >= RUN);
            }
            let mut all = (heads | runs | signs | escapes | otherwise | fractions | run) & valid;
            let last = |bits: Bits| (bits >> (BLOCK - 1)) & 1;
            let letters = last(letter) | (((letter >> (BLOCK - 2)) & 1) << 1);
            let behind = (!(base64 << BLOCK)).leading_zeros();
            let run_so_far = if base64 == 0xFFFF { (before.run + 16).min(RUN) } else { behind };
            before =
                Before { word: last(word), digit: last(digit), letters, backslashes: (backslashes >> BLOCK) & 0x3F, run: run_so_far };
            while all != 0 {
                let place = all.trailing_zeros();
                let bit = all & all.wrapping_neg();
                all ^= bit;
                let here = at + usize::try_from(place).unwrap_or_default();
                let mut goes_on = true;
                if heads & bit != 0 {
                    self.look_up(seen, place, &mut |head| goes_on &= visit(here, Sign::Head(head)));
                }
                if runs & bit != 0 {
                    goes_on &= visit(here, Sign::Digits(run_length(text, at, digit >> place, place)));
                } else if signs & bit != 0 {
                    goes_on &= visit(here, Sign::At);
                } else if escapes & bit != 0 {
                    goes_on &= visit(here, Sign::Escape);
                } else if otherwise & bit != 0 {
                    goes_on &= visit(here, Sign::Otherwise);
                }
                if fractions & bit != 0 {
                    goes_on &= visit(here, Sign::Fraction);
                }
                if run & bit != 0 {
                    goes_on &= visit(here, Sign::Base64);
                }
                if !goes_on {
                    return;
                }
            }
            at += BLOCK;
        }
    }

    #[inline]
    fn look_up(&self, seen: &[u8; SEEN], place: u32, found: &mut impl FnMut(usize)) {
        let place = usize::try_from(place).unwrap_or_default();
        let Some(Some(leading)) = seen.get(place..).map(|rest| rest.first_chunk::<4>()) else { return };
        let triple = triple(u32::from_le_bytes(*leading));
        let word = self.triples.get(usize::from(triple) / 64).copied().unwrap_or_default();
        if (word >> (triple % 64)) & 1 == 0 {
            return;
        }
        let first = self.heads.partition_point(|(other, _)| *other < triple);
        let same = self.heads.get(first..).unwrap_or_default().iter().take_while(|(other, _)| *other == triple);
        same.for_each(|(_, head)| found(usize::from(*head)));
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
        let before = text.get(at.saturating_sub(ESCAPE)..at).unwrap_or_default();
        let is = |class: fn(&u8) -> bool| Bits::from(before.last().is_some_and(class));
        let backslashes = before.iter().fold(0, |bits, byte| (bits >> 1) | (Bits::from(*byte == b'\\') << (ESCAPE - 1)));
        let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
        let letters = before.iter().rev().take(2).enumerate().fold(0, |bits, (at, byte)| bits | (Bits::from(is_letter(byte)) << at));
        let word = is(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let all = text.get(..at).unwrap_or_default().iter().rev().zip(0..RUN);
        let run = all.take_while(|(byte, _)| is_run(**byte)).map(|(_, before)| before + 1).last().unwrap_or_default();
        Self { word, digit: is(u8::is_ascii_digit), letters, backslashes, run }
    }
}

/// The block at each of the leading bytes.
#[inline(always)]
fn leading(seen: &[u8; SEEN]) -> Option<[Block; LEADING]> {
    let block = |at: usize| seen.get(at..)?.first_chunk::<BLOCK>().map(Block::of);
    Some([block(0)?, block(1)?, block(2)?])
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

/// The length of the run of digits that begins at `place` of a block, whose digits from there on are `digits`.
#[inline]
fn run_length(text: &[u8], block: usize, digits: Bits, place: u32) -> usize {
    let len = usize::try_from((!digits).trailing_zeros()).unwrap_or_default();
    let end = usize::try_from(place).unwrap_or_default() + len;
    if end < BLOCK {
        return len;
    }
    len + text.get(block + BLOCK..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
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
            let told = WORD_LOWER[usize::from(byte & 15)] & WORD_UPPER[usize::from(byte >> 4)];
            assert_eq!(told != 0 && told != SIGN, byte.is_ascii_alphanumeric() || byte == b'_', "{byte:#x}");
            assert_eq!(told != 0, is_run(byte), "{byte:#x}");
            let told = OTHERWISE_LOWER[usize::from(byte & 15)] & OTHERWISE_UPPER[usize::from(byte >> 4)] != 0;
            assert_eq!(told, fold::may_fold(byte) || matches!(byte, b'%' | b'&' | b'+'), "{byte:#x}");
        }
    }
}
