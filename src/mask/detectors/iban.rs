//! International bank account numbers (ISO 13616-1): a country's length, and the remainder 1 of a division by 97
//! (ISO/IEC 7064), in either case, plain or in groups of four.

use super::text::is_alnum;
use super::{About, Family, Found, Trigger, View};
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

/// Country and length, from the SWIFT IBAN registry, release 99.
const COUNTRIES: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
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
    let (_, length) = COUNTRIES.iter().find(|(code, _)| **code == country)?;
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
            rest = add(rest, byte)?
        }
        end += 1;
        taken += 1;
    }
    // Two letters and two digits: six decimal places.
    let remainder = (rest * (1_000_000 % 97) + head) % 97;
    (remainder == 1 && !view.is(end, super::text::is_word)).then_some(())?;
    Found::new(start, end)
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
