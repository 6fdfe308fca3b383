//! Numbers stay numbers: clients check results against a schema.

use memchr::memchr2;

use super::operator::{Operation, hash_number};
use super::profile::Profile;
use super::rules::{Label, Rule};
use super::text::Text;

/// Longest number read; a longer one is no card and no identifier.
pub(crate) const NUMBER_BYTES: usize = 64;

/// Longest integer looked for in a number that is written as a fraction or with an exponent, in digits.
const INTEGER_DIGITS: usize = 24;

/// For what a number is to be masked, if it is; under the member `name`.
pub(crate) fn look_at(profile: &Profile, name: &[u8], token: &[u8]) -> Option<Label> {
    Text::look_at(profile, name, token).or_else(|| Text::look_at(profile, name, integer(token)?.digits()))
}

/// The digits of an integer, without leading zeros.
pub(crate) struct Integer {
    digits: [u8; INTEGER_DIGITS],
    from: usize,
    to: usize,
}

impl Integer {
    pub(crate) fn digits(&self) -> &[u8] {
        self.digits.get(self.from..self.to).unwrap_or_default()
    }
}

/// Whether a number is written as an integer.
pub(crate) fn is_integer(token: &[u8]) -> bool {
    token.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'-'))
}

/// The digits of `4.111111111111111e15` and `4111111111111111.0`: how encoders that know floating point only write an integer, RFC 8259, 6.
/// None for what is written as an integer, or is none.
pub(crate) fn integer(token: &[u8]) -> Option<Integer> {
    let mut digits = [b'0'; INTEGER_DIGITS];
    // Of those read: all, those before the point, and those up to the last that is no zero.
    let (mut count, mut point, mut last) = (0, None, 0);
    let mut rest = token.strip_prefix(b"-").unwrap_or(token).iter();
    let mut exponent = None;
    for byte in rest.by_ref() {
        match byte {
            b'0'..=b'9' => {
                if let Some(slot) = digits.get_mut(count) {
                    *slot = *byte;
                }
                count += 1;
                last = if *byte == b'0' { last } else { count };
            }
            b'.' if point.is_none() && count > 0 => point = Some(count),
            b'e' | b'E' if count > 0 => {
                exponent = Some(self::exponent(rest.as_slice())?);
                break;
            }
            _ => return None,
        }
    }
    // What is written as an integer is looked at as it is.
    (point.is_some() || exponent.is_some()).then_some(())?;
    let to = point.unwrap_or(count).checked_add_signed(exponent.unwrap_or_default())?;
    ((1..=INTEGER_DIGITS).contains(&to) && last <= to).then_some(())?;
    let zeros = digits.iter().take(to).take_while(|digit| **digit == b'0').count();
    Some(Integer { digits, from: zeros.min(to - 1), to })
}

/// What stands behind the `e`.
fn exponent(written: &[u8]) -> Option<isize> {
    let (is_negative, digits) = match written.split_first()? {
        (b'-', digits) => (true, digits),
        (b'+', digits) => (false, digits),
        _ => (false, written),
    };
    let add = |sum: isize, digit: &u8| digit.is_ascii_digit().then(|| sum.saturating_mul(10).saturating_add((digit - b'0').into()));
    let size = digits.iter().try_fold(0, add).filter(|_| !digits.is_empty())?;
    Some(if is_negative { -size } else { size })
}

/// Whether a text may have JSON in it, with a number in which [`integer`] tells one that is looked at.
pub(crate) fn may_stand(profile: &Profile, text: &[u8]) -> bool {
    if memchr2(b'{', b'[', text).is_none() {
        return false;
    }
    let mut from = 0;
    while let Some(mark) = text.get(from..).and_then(mark).map(|mark| from + mark) {
        if may_stand_at(profile, text, mark - 1) {
            return true;
        }
        from = mark;
    }
    false
}

/// Whether the digit at `at`, which has a point or an `e` behind it, may be of such a number, if there is JSON in the text. Its escapes need
/// not be resolved.
pub(crate) fn may_stand_at(profile: &Profile, text: &[u8], at: usize) -> bool {
    let digits_before = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        at - before.iter().rev().take(NUMBER_BYTES).take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut start = digits_before(at + 1);
    // An exponent is told by itself; what stands before the point belongs to it.
    if text.get(at + 1) != Some(&b'.')
        && let Some(point) = start.checked_sub(1).filter(|point| text.get(*point) == Some(&b'.'))
    {
        start = digits_before(point);
    }
    let is_escape = |back: usize| start.checked_sub(back).and_then(|at| text.get(at)) == Some(&b'\\');
    // Part of a word, a hash, another number; of an escape are the letter of `\n` and the digits of `\u000a`, which may run into those sought.
    let apart = !start.checked_sub(1).and_then(|at| text.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
    if !apart && !(1..=6).any(is_escape) {
        return false;
    }
    let token = text.get(start..).unwrap_or_default();
    let is_number = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let len = token.iter().take(NUMBER_BYTES).take_while(is_number).count();
    let ends = token.get(len).is_none_or(|next| next.is_ascii_whitespace() || matches!(next, b',' | b'}' | b']' | b'\\'));
    ends && integer(token.get(..len).unwrap_or_default()).is_some_and(|integer| profile.may_find_digits(integer.digits(), true))
}

/// Where the first digit with a point or an exponent behind it has that.
fn mark(text: &[u8]) -> Option<usize> {
    const BLOCK: usize = 16;
    let is = |digit: u8, mark: u8| digit.is_ascii_digit() & ((mark == b'.') | (mark | 0x20 == b'e'));
    let behind = text.get(1..)?;
    let (digits, _) = text.as_chunks::<BLOCK>();
    let (marks, _) = behind.as_chunks::<BLOCK>();
    let none =
        |(digits, marks): &(&[u8; BLOCK], &[u8; BLOCK])| !digits.iter().zip(*marks).fold(false, |any, (one, next)| any | is(*one, *next));
    let skipped = digits.iter().zip(marks).take_while(none).count() * BLOCK;
    let rest = text.get(skipped..)?.iter().zip(behind.get(skipped..)?);
    rest.clone().position(|(one, next)| is(*one, *next)).map(|at| skipped + at + 1)
}

/// Writes what leaves instead of the number `token`: `0`; the digits at the ends of an integer; or a number made of its keyed hash.
pub(crate) fn write(rule: &Rule, token: &[u8], out: &mut Vec<u8>) {
    match &rule.operation {
        Operation::Replace | Operation::Fixed(_) | Operation::Drop | Operation::Refuse => out.push(b'0'),
        Operation::Keep { first, last } => keep(*first, *last, token, out),
        Operation::Hash(mac) => out.extend_from_slice(hash_number(mac, token).to_string().as_bytes()),
    }
}

/// Of an integer with more digits than may stay, those at its ends, with zeros between; of any other number nothing.
fn keep(first: usize, last: usize, token: &[u8], out: &mut Vec<u8>) {
    let integer = token.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    let digits: Vec<u8> = token.iter().copied().filter(u8::is_ascii_digit).collect();
    if !integer || digits.len() <= first.saturating_add(last) {
        return out.push(b'0');
    }
    let end = digits.len().saturating_sub(last);
    let kept = digits.iter().enumerate().map(|(at, digit)| if at < first || at >= end { *digit } else { b'0' });
    let before = out.len();
    out.extend(kept.skip_while(|digit| *digit == b'0'));
    if out.len() == before {
        out.push(b'0');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_at_every_place() {
        for at in 0..60 {
            for mark_of in ["4.0", "4e1", "4E1"] {
                let text = format!("{}{mark_of}{}", "x.e".repeat(20).get(..at).unwrap(), " 17, e.".repeat(3));
                assert_eq!(mark(text.as_bytes()), Some(at + 1), "{text}");
            }
        }
        assert_eq!(mark(&b"12 34,e.5 x".repeat(9)), None);
    }

    /// A number is told by its point, and by its exponent, whichever the sieve shows.
    #[test]
    fn a_number_is_found_from_its_exponent() {
        let rule = crate::mask::tests::rule("r", &[crate::policy::Detector::CreditCard], crate::policy::Operator::Replace);
        let profile = crate::mask::Masking::compile(&[rule]).unwrap().whole();
        for (text, mark) in [
            ("[4.242424242424242e15]", 17),
            ("[4.242424242424242e15]", 1),
            ("[4242424242424242.0]", 16),
            ("[42424242424242420e-1]", 17),
            ("[-4.242424242424242E15]", 18),
        ] {
            assert!(may_stand_at(&profile, text.as_bytes(), mark), "{text} {mark}");
        }
        for (text, mark) in [("[4.242424242424241e15]", 17), ("[x4.242424242424242e15]", 18), ("[1.4.242424242424242e15]", 19)] {
            assert!(!may_stand_at(&profile, text.as_bytes(), mark), "{text} {mark}");
        }
    }

    #[test]
    fn integers_however_they_are_written() {
        for (token, digits) in [
            ("4.111111111111111e15", "4111111111111111"),
            ("4.111111111111111E+15", "4111111111111111"),
            ("4111111111111111.0", "4111111111111111"),
            ("4111111111111111.00e0", "4111111111111111"),
            ("41111111111111110e-1", "4111111111111111"),
            ("-0.4111111111111111e16", "4111111111111111"),
            ("41e3", "41000"),
            ("0.0", "0"),
            ("-10.0", "10"),
            ("0.00041e5", "41"),
            ("123456789012345678901234.0", "123456789012345678901234"),
        ] {
            assert_eq!(
                integer(token.as_bytes()).map(|integer| String::from_utf8(integer.digits().to_vec()).unwrap()).as_deref(),
                Some(digits),
                "{token}"
            );
        }
        for other in [
            "4111111111111111",
            "4111111111111111.5",
            "1e-1",
            "1e99",
            "1e99999",
            "0.5",
            "4.1e-3",
            "1234567890123456789012345.0",
            "1.5e",
            ".5e1",
            "-.5e1x",
        ] {
            assert!(integer(other.as_bytes()).is_none(), "{other}");
        }
    }
}
