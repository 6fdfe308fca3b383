//! Decimal numbers as written, compared without rounding: a double cannot tell 9007199254740993 from 9007199254740992.

use std::cmp::Ordering;
use std::fmt;

/// A number of any size and precision. `1`, `1.0` and `10e-1` are equal.
#[derive(Clone)]
pub struct Decimal {
    negative: bool,
    /// Digits without zeros at either end; none for zero.
    digits: Vec<u8>,
    /// The number is 0.DIGITS times ten to the power of this.
    exponent: i64,
    /// The same, where it fits and is written as one.
    integer: Option<i64>,
    written: String,
}

impl Decimal {
    /// A number as JSON writes it (RFC 8259, section 6).
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, exponent(power)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let mut digits = Vec::with_capacity(whole.len().saturating_add(fraction.len()));
        digits.extend(whole.bytes().chain(fraction.bytes()));
        let leading = digits.iter().take_while(|&&digit| digit == b'0').count();
        digits.drain(..leading);
        let kept = digits.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last.saturating_add(1));
        digits.truncate(kept);
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let exponent = if digits.is_empty() { 0 } else { power.saturating_add(count(whole.len())).saturating_sub(count(leading)) };
        Some(Self { negative: negative && !digits.is_empty(), digits, exponent, integer: text.parse().ok(), written: text.to_owned() })
    }

    /// A 64-bit integer that was written as such.
    pub fn integer(&self) -> Option<i64> {
        self.integer
    }

    /// Digits that tell it from its neighbours.
    pub(super) fn precision(&self) -> usize {
        self.digits.len()
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

/// Powers beyond sense end at a limit that no other number reaches.
fn exponent(text: &str) -> Option<i64> {
    const MOST: i64 = 1 << 60;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let power = digits.parse::<i64>().unwrap_or(MOST).min(MOST);
    Some(if negative { power.saturating_neg() } else { power })
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
        }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As it was written.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn numbers_compare_by_value() {
        let rising = [
            "-1e400",
            "-10",
            "-9.99",
            "-1e-400",
            "0",
            "1e-9999999999999999999",
            "1e-400",
            "0.1",
            "0.10000000000000000001",
            "1",
            "1.5",
            "9",
            "10",
            "9007199254740992",
            "9007199254740993",
            "18446744073709551616",
            "18446744073709551617",
            "1e308",
            "1e309",
            "1e99999999999999999999",
        ];
        for pair in rising.windows(2) {
            assert!(decimal(pair[0]) < decimal(pair[1]), "{pair:?}");
        }
        for (a, b) in [("1", "1.0"), ("1", "10e-1"), ("100", "1E+2"), ("0", "-0"), ("0.0e5", "0"), ("0.050", "5e-2")] {
            assert_eq!(decimal(a).cmp(&decimal(b)), Ordering::Equal, "{a} {b}");
        }
        for text in ["", "-", "01", "1.", ".5", "+1", "1e", "1e+", "0x1", "1_000", "NaN", " 1", "1,5"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn integers_are_those_that_are_written_so() {
        for (text, integer) in [
            ("0", Some(0)),
            ("-7", Some(-7)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("1.0", None),
            ("1e2", None),
        ] {
            assert_eq!(decimal(text).integer(), integer, "{text}");
        }
    }

    proptest! {
        #[test]
        fn integers_compare_as_integers(a in any::<i128>(), b in any::<i128>()) {
            prop_assert_eq!(decimal(&a.to_string()).cmp(&decimal(&b.to_string())), a.cmp(&b));
        }

        #[test]
        fn shifting_the_point_keeps_the_value(whole in 0_u64.., places in 0_usize..12) {
            let shifted = format!("{whole}{}e-{places}", "0".repeat(places));
            prop_assert_eq!(decimal(&shifted).cmp(&decimal(&whole.to_string())), Ordering::Equal);
        }
    }
}
