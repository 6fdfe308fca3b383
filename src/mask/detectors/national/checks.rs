//! Check digits and dates that several countries have in common. Digits are ASCII; what is no digit makes a check fail.

/// The digit's value.
pub(in super::super) fn digit(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(10)
}

pub(in super::super) fn all_digits(chars: &[u8]) -> bool {
    chars.iter().all(u8::is_ascii_digit)
}

/// A run of digits as a number; none when there is something else.
pub(in super::super) fn number(chars: &[u8]) -> Option<u64> {
    chars.iter().try_fold(0u64, |number, byte| number.checked_mul(10)?.checked_add(u64::from(digit(*byte)?)))
}

/// Part of the characters as a number.
pub(in super::super) fn part(chars: &[u8], from: usize, len: usize) -> Option<u32> {
    number(chars.get(from..from + len)?).and_then(|number| u32::try_from(number).ok())
}

/// The sum of digits times weights.
pub(in super::super) fn weighted(chars: &[u8], weights: &[u32]) -> Option<u32> {
    chars.iter().zip(weights).try_fold(0, |sum, (byte, weight)| Some(sum + digit(*byte)? * weight))
}

/// The digit at `place` counted from the start.
pub(in super::super) fn at(chars: &[u8], place: usize) -> Option<u32> {
    digit(*chars.get(place)?)
}

/// ISO/IEC 7812-1, annex B.
pub(in super::super) fn luhn(chars: &[u8]) -> bool {
    let sum = chars.iter().rev().enumerate().try_fold(0, |sum, (place, byte)| {
        let digit = digit(*byte)?;
        let doubled = digit * 2;
        Some(sum + if place % 2 == 0 { digit } else { doubled / 10 + doubled % 10 })
    });
    sum.is_some_and(|sum| sum % 10 == 0)
}

/// ISO/IEC 7064, MOD 11,10.
pub(in super::super) fn mod_11_10(chars: &[u8]) -> bool {
    let Some((check, rest)) = chars.split_last() else { return false };
    let product = rest.iter().try_fold(10, |product, byte| {
        let sum = (product + digit(*byte)?) % 10;
        Some(if sum == 0 { 10 } else { sum } * 2 % 11)
    });
    product.and_then(|product| Some((11 - product) % 10 == digit(*check)?)) == Some(true)
}

/// J. Verhoeff, Error Detecting Decimal Codes, 1969: the dihedral group of order ten.
pub(in super::super) fn verhoeff(chars: &[u8]) -> bool {
    let times = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    const PERMUTED: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permuted = |digit: u32, count: usize| {
        (0..count % 8).fold(digit, |digit, _| usize::try_from(digit).ok().and_then(|at| PERMUTED.get(at)).copied().unwrap_or(digit))
    };
    let sum = chars.iter().rev().enumerate().try_fold(0, |sum, (place, byte)| Some(times(sum, permuted(digit(*byte)?, place))));
    sum == Some(0)
}

/// Whether such a day can be.
pub(in super::super) fn is_day(month: u32, day: u32) -> bool {
    let most = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 29,
        _ => return false,
    };
    (1..=most).contains(&day)
}

/// Whether the first six digits are a day: year, month, day.
pub(in super::super) fn begins_ymd(chars: &[u8]) -> bool {
    matches!((part(chars, 2, 2), part(chars, 4, 2)), (Some(month), Some(day)) if is_day(month, day))
        && all_digits(chars.get(..2).unwrap_or_default())
}

/// Whether the first six digits are a day: day, month, year.
pub(in super::super) fn begins_dmy(chars: &[u8]) -> bool {
    matches!((part(chars, 2, 2), part(chars, 0, 2)), (Some(month), Some(day)) if is_day(month, day)) && part(chars, 4, 2).is_some()
}

/// Not one digit throughout.
pub(in super::super) fn varies(chars: &[u8]) -> bool {
    chars.iter().any(|byte| Some(byte) != chars.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_pass_and_their_neighbours_do_not() {
        // Verhoeff: 2363, the example of its inventor. MOD 11,10: 0794, ISO/IEC 7064.
        for (check, number) in [(verhoeff as fn(&[u8]) -> bool, "2363"), (mod_11_10, "07945"), (luhn, "79927398713")] {
            assert!(check(number.as_bytes()), "{number}");
            for at in 0..number.len() {
                let mut other = number.as_bytes().to_vec();
                other[at] = b'0' + (other[at] - b'0' + 1) % 10;
                assert!(!check(&other), "{other:?}");
            }
        }
    }

    #[test]
    fn days() {
        assert!(is_day(2, 29) && is_day(12, 31));
        assert!(!is_day(2, 30) && !is_day(13, 1) && !is_day(4, 31) && !is_day(0, 1) && !is_day(1, 0));
    }
}
