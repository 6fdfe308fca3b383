//! International bank account numbers (ISO 13616-1): a country's length, and the remainder 1 of a division by 97
//! (ISO/IEC 7064), in either case, plain or in groups of four.

use std::ops::Range;

use super::text::is_alnum;
use super::{About, Family, Found, Trigger, View, shape};
use crate::policy::Detector;

/// Two check digits, and maybe more after them.
pub(super) const RUNS: u32 = !0b11;

pub(super) const FAMILIES: &[Family] = &[Family::new(
    Detector::Iban,
    "iban",
    &[Trigger::Digits(RUNS, check)],
    About {
        matches: "an account number of 89 countries, in either case, plain or in groups",
        validator: "length of the country, MOD 97-10",
        context: "",
        source: "ISO 13616-1; SWIFT IBAN registry, release 99",
    },
)];

/// Country and length, from the SWIFT IBAN registry, release 99, and which places of the account (behind the check digits) it says hold
/// digits: those of the bank and mostly more. Letters are not insisted on, which made-up numbers often lack.
const COUNTRIES: &[(&[u8; 2], usize, Range<usize>)] = &[
    (b"AD", 24, 0..8),
    (b"AE", 23, 0..19),
    (b"AL", 28, 0..8),
    (b"AT", 20, 0..16),
    (b"AZ", 28, 4..4),
    (b"BA", 20, 0..16),
    (b"BE", 16, 0..12),
    (b"BG", 22, 4..10),
    (b"BH", 22, 4..4),
    (b"BI", 27, 0..23),
    (b"BR", 29, 0..23),
    (b"BY", 28, 4..8),
    (b"CH", 21, 0..5),
    (b"CR", 22, 0..18),
    (b"CY", 28, 0..8),
    (b"CZ", 24, 0..20),
    (b"DE", 22, 0..18),
    (b"DJ", 27, 0..23),
    (b"DK", 18, 0..14),
    (b"DO", 28, 4..24),
    (b"EE", 20, 0..16),
    (b"EG", 29, 0..25),
    (b"ES", 24, 0..20),
    (b"FI", 18, 0..14),
    (b"FK", 18, 2..14),
    (b"FO", 18, 0..14),
    (b"FR", 27, 0..10),
    (b"GB", 22, 4..18),
    (b"GE", 22, 2..18),
    (b"GI", 23, 4..4),
    (b"GL", 18, 0..14),
    (b"GR", 27, 0..7),
    (b"GT", 28, 0..0),
    (b"HN", 28, 4..24),
    (b"HR", 21, 0..17),
    (b"HU", 28, 0..24),
    (b"IE", 22, 4..18),
    (b"IL", 23, 0..19),
    (b"IQ", 23, 4..19),
    (b"IS", 26, 0..22),
    (b"IT", 27, 1..11),
    (b"JO", 30, 4..8),
    (b"KW", 30, 4..4),
    (b"KZ", 20, 0..3),
    (b"LB", 28, 0..4),
    (b"LC", 32, 4..4),
    (b"LI", 21, 0..5),
    (b"LT", 20, 0..16),
    (b"LU", 20, 0..3),
    (b"LV", 21, 4..4),
    (b"LY", 25, 0..21),
    (b"MC", 27, 0..10),
    (b"MD", 24, 0..0),
    (b"ME", 22, 0..18),
    (b"MK", 19, 0..3),
    (b"MN", 20, 0..16),
    (b"MR", 27, 0..23),
    (b"MT", 31, 4..9),
    (b"MU", 30, 4..23),
    (b"NI", 28, 4..24),
    (b"NL", 18, 4..14),
    (b"NO", 15, 0..11),
    (b"OM", 23, 0..3),
    (b"PK", 24, 4..4),
    (b"PL", 28, 0..24),
    (b"PS", 29, 4..4),
    (b"PT", 25, 0..21),
    (b"QA", 29, 4..4),
    (b"RO", 24, 4..4),
    (b"RS", 22, 0..18),
    (b"RU", 33, 0..14),
    (b"SA", 24, 0..2),
    (b"SC", 31, 4..24),
    (b"SD", 18, 0..14),
    (b"SE", 24, 0..20),
    (b"SI", 19, 0..15),
    (b"SK", 24, 0..20),
    (b"SM", 27, 1..11),
    (b"SO", 23, 0..19),
    (b"ST", 25, 0..21),
    (b"SV", 28, 4..24),
    (b"TL", 23, 0..19),
    (b"TN", 24, 0..20),
    (b"TR", 26, 0..5),
    (b"UA", 29, 0..6),
    (b"VA", 22, 0..18),
    (b"VG", 24, 4..20),
    (b"XK", 20, 0..16),
    (b"YE", 30, 4..8),
];

/// At the first digit of a run: the check digits, after the country.
pub(super) fn check(view: &View<'_>, at: usize) -> Option<Found> {
    let apart = !view.was(at.checked_sub(2)?, super::text::is_word);
    if apart { whole(view, at) } else { None }
}

/// The number whose check digits begin at `at`, whatever stands before it.
#[inline]
pub(super) fn whole(view: &View<'_>, at: usize) -> Option<Found> {
    let start = at.checked_sub(2)?;
    let country: [u8; 2] = view.slice(start, at).try_into().ok()?;
    // Most digits are preceded by anything but two letters that stand alone.
    if !country.iter().all(u8::is_ascii_alphabetic) || !view.is(at + 1, super::text::is_digit) {
        return None;
    }
    let country = country.map(|letter| letter.to_ascii_uppercase());
    let (_, length, digits) = COUNTRIES.iter().find(|(code, ..)| **code == country)?;
    let mut taken = 0;
    let mut end = start;
    // The country and the check digits count last; both are kept apart until then.
    let (mut rest, mut head) = (0, 0);
    while taken < *length {
        let byte = view.at(end)?;
        let parts = byte == b'-' || (byte == b' ' && taken % 4 == 0);
        if taken >= 4 && parts && view.is(end + 1, is_alnum) {
            end += 1;
            continue;
        }
        if taken < 4 {
            head = add(head, byte)?
        } else {
            if digits.contains(&(taken - 4)) && !byte.is_ascii_digit() {
                return None;
            }
            rest = add(rest, byte)?
        }
        end += 1;
        taken += 1;
    }
    // Two letters and two digits: six decimal places.
    let remainder = (rest * (1_000_000 % 97) + head) % 97;
    (remainder == 1 && !view.is(end, super::text::is_word) && !of_uuid(view, start)).then_some(())?;
    Found::new(start, end)
}

/// Whether a group of a UUID begins at `start`: sixteen or twenty of its digits would pass for a number of Belgium or Andorra, once in
/// some ten thousand.
fn of_uuid(view: &View<'_>, start: usize) -> bool {
    [0, 9, 14, 19].into_iter().any(|before| start.checked_sub(before).is_some_and(|from| shape::uuid(view, from)))
}

/// The number so far, modulo 97, with one more letter or digit.
fn add(number: u32, byte: u8) -> Option<u32> {
    let value = char::from(byte).to_digit(36)?;
    let places = if value < 10 { 10 } else { 100 };
    Some((number * places + value) % 97)
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;
    use super::*;

    // Examples of the SWIFT IBAN registry.
    const IBANS: &[&str] = &[
        "DE89370400440532013000",
        "GB29NWBK60161331926819",
        "FR1420041010050500013M02606",
        "NL91ABNA0417164300",
        "CH9300762011623852957",
        "NO9386011117947",
        "MT84MALT011000012345MTLCAST001S",
        "BR1800360305000010009795493C1",
        "SA0380000000608010167519",
        "ES9121000418450200051332",
        "PL61109010140000071219812874",
        "AE070331234567890123456",
    ];

    #[test]
    fn finds_registry_examples() {
        for iban in IBANS {
            assert_eq!(all(check, &format!("to {iban}.")), [*iban]);
            let lower = iban.to_lowercase();
            assert_eq!(all(check, &lower), [lower.as_str()]);
            let spaced = iban.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect::<Vec<_>>().join(" ");
            assert_eq!(all(check, &format!("{spaced} please")), [spaced.as_str()]);
        }
    }

    #[test]
    fn one_character_off_is_none() {
        for iban in IBANS {
            for at in 2..iban.len() {
                let mut other = iban.as_bytes().to_vec();
                other[at] = match other[at] {
                    b'9' => b'0',
                    b'Z' => b'A',
                    byte => byte + 1,
                };
                let other = String::from_utf8(other).unwrap();
                assert!(all(check, &other).is_empty(), "{other}");
            }
        }
    }

    /// With the check digits that make it a number.
    fn with_check_digits(country: &str, account: &str) -> String {
        let value = |text: &str| text.bytes().fold(0, |number, byte| add(number, byte).unwrap());
        format!("{country}{:02}{account}", 98 - value(&format!("{account}{country}00")))
    }

    #[test]
    fn digits_stand_where_the_country_has_them() {
        for (country, account, found) in [
            ("DE", "370400440532013000", true),
            ("DE", "37040044053201300a", false),
            ("BE", "539007547034", true),
            ("BE", "5390075470ab", false),
            ("GB", "NWBK60161331926819", true),
            ("GB", "123460161331926819", true),
            ("GB", "NWBK6016133192681A", false),
            ("FR", "20041010050500013M02606", true),
            ("FR", "20041A10050500013M02606", false),
        ] {
            let text = with_check_digits(country, account);
            assert_eq!(!all(check, &text).is_empty(), found, "{text}");
        }
    }

    #[test]
    fn no_part_of_a_uuid_is_one() {
        // Digits of a UUID from its last, its fourth, its second and its first group on.
        for (before, country, account, after) in [
            ("89516ad2-0546-404b-", "be", "539007547034", ""),
            ("ddcc29ed-", "ad", "00012030200359100100", ""),
            ("", "ba", "3912790079401028", "-85236916d90e"),
        ] {
            let number = with_check_digits(country, account);
            assert!(!all(check, &number).is_empty(), "{number}");
            let digits: String = format!("{before}{number}{after}").chars().filter(|c| *c != '-').collect();
            let [a, b, c, d, e] = [0..8, 8..12, 12..16, 16..20, 20..32].map(|group| &digits[group]);
            let uuid = format!("{a}-{b}-{c}-{d}-{e}");
            assert!(all(check, &format!("id {uuid}.")).is_empty(), "{uuid}");
        }
    }

    #[test]
    fn length_and_borders_count() {
        for other in [
            "DE8937040044053201300",
            "DE893704004405320130001",
            "xDE89370400440532013000",
            "ZZ89370400440532013000",
            "DE89 3704 0044  0532 0130 00",
        ] {
            assert!(all(check, other).is_empty(), "{other}");
        }
    }
}
