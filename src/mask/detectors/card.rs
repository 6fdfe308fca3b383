//! Payment card numbers: an issuer's range and length (ISO/IEC 7812-1), the Luhn check, the groupings cards are written in.

use super::text::{Digits, is_alnum, is_digit};
use super::{About, Family, Found, Trigger, View};
use crate::policy::Detector;

/// First six digits from..=to, and the lengths issued (bit n: n digits).
struct Range(u32, u32, u32);

const fn of(lengths: &[u32]) -> u32 {
    let mut bits = 0;
    let mut rest = lengths;
    while let Some((length, after)) = rest.split_first() {
        bits |= 1 << *length;
        rest = after;
    }
    bits
}

const L15: u32 = of(&[15]);
const L16: u32 = of(&[16]);
const L16_19: u32 = of(&[16, 17, 18, 19]);
const MAESTRO: u32 = of(&[12, 13, 14, 15, 16, 17, 18, 19]);

/// Digits a card number, or its first group, has.
pub(super) const RUNS: u32 = of(&[4, 6, 8, 12, 13, 14, 15, 16, 17, 18, 19]);

pub(super) const FAMILIES: &[Family] = &[Family::new(
    Detector::CreditCard,
    "credit_card",
    &[Trigger::Digits(RUNS, check)],
    About {
        matches: "12 to 19 digits of a known network, plain or in the groups cards are printed in",
        validator: "issuer range, length, Luhn",
        context: "",
        source: "ISO/IEC 7812-1; the networks' BIN ranges",
    },
)];

/// From the networks' published BIN ranges; of the lengths ISO allows, those that networks issue.
const RANGES: &[Range] = &[
    Range(100_000, 199_999, L15),               // UATP
    Range(220_000, 220_499, L16_19),            // Mir
    Range(222_100, 272_099, L16),               // Mastercard, 2-series
    Range(300_000, 305_999, of(&[14, 16, 19])), // Diners Club
    Range(309_500, 309_599, of(&[14, 16, 19])), // Diners Club
    Range(340_000, 349_999, L15),               // American Express
    Range(352_800, 358_999, L16_19),            // JCB
    Range(360_000, 369_999, of(&[14, 16, 19])), // Diners Club International
    Range(370_000, 379_999, L15),               // American Express
    Range(380_000, 399_999, of(&[14, 16, 19])), // Diners Club
    Range(400_000, 499_999, of(&[13, 16, 19])), // Visa
    Range(501_800, 501_899, MAESTRO),
    Range(501_900, 501_999, L16), // Dankort
    Range(502_000, 502_099, MAESTRO),
    Range(503_800, 503_899, MAESTRO),
    Range(504_175, 504_175, L16),    // Elo
    Range(506_099, 506_198, L16_19), // Verve
    Range(506_699, 506_778, L16),    // Elo
    Range(507_865, 507_964, L16_19), // Verve
    Range(508_000, 508_999, L16),    // RuPay
    Range(509_000, 509_999, L16),    // Elo
    Range(510_000, 559_999, L16),    // Mastercard
    Range(560_221, 560_225, L16),    // Bankcard
    Range(561_000, 561_099, L16),    // Bankcard
    Range(561_200, 561_299, MAESTRO),
    Range(589_300, 589_399, MAESTRO),
    Range(601_100, 601_199, L16_19), // Discover
    Range(606_282, 606_282, L16),    // Hipercard
    Range(606_900, 608_999, L16),    // RuPay
    Range(620_000, 629_999, L16_19), // UnionPay
    Range(630_400, 630_499, MAESTRO),
    Range(633_110, 633_110, MAESTRO), // Switch
    Range(633_300, 633_499, MAESTRO), // Switch, Solo
    Range(636_297, 636_297, L16),     // Elo
    Range(636_368, 636_368, L16),     // Elo
    Range(637_095, 637_095, L16),     // Hipercard
    Range(639_000, 639_099, MAESTRO),
    Range(644_000, 659_999, L16_19), // Discover; RuPay 6521, 6522
    Range(675_900, 675_999, MAESTRO),
    Range(676_100, 676_399, MAESTRO),
    Range(676_700, 676_799, MAESTRO), // Solo
    Range(810_000, 829_999, L16_19),  // UnionPay, RuPay
    Range(979_200, 979_299, L16),     // Troy
];

/// Sizes of groups between single spaces or dashes.
const GROUPINGS: &[&[usize]] = &[
    &[4, 4, 4, 4],
    &[4, 4, 4],
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 4, 2],
    &[4, 4, 4, 4, 1],
    &[4, 6, 5],
    &[4, 6, 4],
    &[4, 4, 5],
    &[4, 4, 4, 1],
    &[4, 4, 4, 2],
    &[4, 4, 4, 3],
    &[6, 13],
    &[8, 8],
];

/// At the first digit of a run.
pub(super) fn check(view: &View<'_>, at: usize) -> Option<Found> {
    if view.was(at, is_alnum) { None } else { whole(view, at) }
}

/// The number that begins at `at`, whatever letter stands before it.
#[inline]
pub(super) fn whole(view: &View<'_>, at: usize) -> Option<Found> {
    let first = view.run(at, 20, is_digit) - at;
    if first < 4 || continues_back(view, at) {
        return None;
    }
    let end = if first >= 12 { plain(view, at, first) } else { grouped(view, at, first) };
    Found::new(at, end?)
}

fn plain(view: &View<'_>, at: usize, len: usize) -> Option<usize> {
    let mut digits = Digits::default();
    let all = view.slice(at, at + len).iter().all(|digit| digits.push(*digit));
    (all && is_card(&digits) && ends(view, at + len)).then_some(at + len)
}

fn grouped(view: &View<'_>, at: usize, first: usize) -> Option<usize> {
    let separator = view.at(at + first).filter(|byte| matches!(byte, b' ' | b'-'))?;
    let mut digits = Digits::default();
    let mut groups: [usize; 5] = [0; 5];
    let (mut from, mut best) = (at, None);
    for count in 1..=groups.len() {
        let end = view.run(from, 14, is_digit);
        let size = end - from;
        if size == 0 || !view.slice(from, end).iter().all(|digit| digits.push(*digit)) {
            break;
        }
        if let Some(group) = groups.get_mut(count - 1) {
            *group = size;
        }
        let fits = groups.get(..count).is_some_and(|groups| GROUPINGS.contains(&groups));
        // Diners' own way to write a number goes for all that begin with 30.
        let diners = || groups.get(..count) == Some(&[4, 6, 4][..]) && digits.prefix(2) == 30 && luhn(digits.as_slice());
        if fits && (is_card(&digits) || diners()) && ends(view, end) {
            best = Some(end);
        }
        if view.at(end) != Some(separator) {
            break;
        }
        from = end + 1;
    }
    best
}

/// Part of a longer number: a fraction (`0.4111...`), or a group before it (`12-4111-...`).
fn continues_back(view: &View<'_>, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| view.is(before, |byte| matches!(byte, b'.' | b'-')) && view.was(before, is_digit))
}

fn ends(view: &View<'_>, end: usize) -> bool {
    let fraction = view.at(end) == Some(b'.') && view.is(end + 1, is_digit);
    !view.is(end, is_alnum) && !fraction
}

fn is_card(digits: &Digits) -> bool {
    let bit = u32::try_from(digits.as_slice().len()).map_or(0, |len| 1u32.checked_shl(len).unwrap_or(0));
    let prefix = digits.prefix(6);
    bit != 0
        && RANGES.iter().any(|Range(from, to, lengths)| (*from..=*to).contains(&prefix) && lengths & bit != 0)
        && luhn(digits.as_slice())
}

/// ISO/IEC 7812-1, annex B.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, *digit) {
            (1, digit @ 5..) => u32::from(digit) * 2 - 9,
            (1, digit) => u32::from(digit) * 2,
            (_, digit) => u32::from(digit),
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;
    use super::*;

    // Test numbers published by Stripe (docs.stripe.com/testing) and by PayPal's and Adyen's test card pages.
    const CARDS: &[&str] = &[
        "4242424242424242",
        "4111111111111111",
        "4222222222222",
        "5555555555554444",
        "2223003122003222",
        "5105105105105100",
        "378282246310005",
        "371449635398431",
        "6011111111111117",
        "6011000990139424",
        "3056930009020004",
        "30569309025904",
        "38520000023237",
        "3566002020360505",
        "6200000000000005",
        "6759649826438453",
        "5610591081018250",
        "6331101999990016",
    ];

    #[test]
    fn finds_every_network() {
        for card in CARDS {
            assert_eq!(all(check, card), [*card]);
            assert_eq!(all(check, &format!("card:{card}, paid")), [*card]);
            assert_eq!(all(check, &format!("<{card}>.")), [*card]);
        }
    }

    #[test]
    fn one_digit_off_is_no_card() {
        for card in CARDS {
            for at in 0..card.len() {
                let mut other = card.as_bytes().to_vec();
                other[at] = b'0' + (other[at] - b'0' + 1) % 10;
                let other = String::from_utf8(other).unwrap();
                assert!(all(check, &other).is_empty(), "{other}");
            }
        }
    }

    #[test]
    fn finds_groups_as_cards_are_printed() {
        for card in ["4242 4242 4242 4242", "4242-4242-4242-4242", "3782 822463 10005", "3056 930902 5904", "42424242 42424242"] {
            assert_eq!(all(check, &format!("no {card} x")), [card]);
        }
        assert_eq!(all(check, "4242 4242 4242 4242 12/29"), ["4242 4242 4242 4242"]);
        assert_eq!(all(check, "no 3071 728445 4538 x"), ["3071 728445 4538"]);
        assert_eq!(all(check, "no 3070-607816-5079."), ["3070-607816-5079"]);
        for other in [
            "3071 728445 4539",
            "3071 7284 454538",
            "30717284454538",
            "4242 4242-4242 4242",
            "4242  4242 4242 4242",
            "42 4242 4242 424242",
            "4242.4242.4242.4242",
        ] {
            assert!(all(check, other).is_empty(), "{other}");
        }
    }

    #[test]
    fn is_not_part_of_something_longer() {
        for other in [
            "14242424242424242",
            "42424242424242424",
            "x4242424242424242",
            "4242424242424242a",
            "0.4242424242424242",
            "4242424242424242.5",
            "4242-4242-4242-42421",
        ] {
            assert!(all(check, other).is_empty(), "{other}");
        }
    }

    #[test]
    fn luhn_alone_is_not_enough() {
        // Luhn-valid, but of no issuer or of a length that issuer does not use.
        for other in ["9999999999999995", "424242424242428", "0000000000000000", "3782822463100050"] {
            assert!(all(check, other).is_empty(), "{other}");
        }
    }
}
