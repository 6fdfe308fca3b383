//! US social security numbers, by the Social Security Administration's rules: no area 000, 666 or 900 and above, no group
//! 00, no serial 0000; two numbers that were published are no one's.

use super::text::{is_alnum, is_digit};
use super::{About, Family, Found, Trigger, View};
use crate::policy::Detector;

/// Digits of the first group, or of all of it.
pub(super) const RUNS: u32 = 1 << 3 | 1 << 9;

pub(super) const FAMILIES: &[Family] = &[Family::new(
    Detector::UsSsn,
    "us_ssn",
    &[Trigger::Digits(RUNS, check), Trigger::Heads(WORDS, column)],
    About {
        matches: "`123-45-6789` with dashes or spaces; with dots, or nine digits",
        validator: "areas, groups and serials that are never issued",
        context: "for nine digits in a row and for dots, which builds are numbered with",
        source: "ssa.gov/employer/randomization.html",
    },
)
.under(WORDS)];

/// Needed before nine digits in a row and groups with dots, which are too many other things.
const WORDS: &[&str] = &[
    "ssn",
    "social security",
    "social_security",
    "socialsecurity",
    "social-security",
    "soc sec",
    "soc. sec",
    "taxpayer",
    "ss#",
    "ss #",
    "ss_num",
    "ss_no",
    "ss no",
    "ss num",
    "social:",
    "social #",
    "social is",
    "w-2 box a",
    "seguro social",
];

/// Printed on a sample card in 1938 and in an SSA pamphlet in 1940.
const PUBLISHED: &[&[u8]] = &[b"078051120", b"219099999"];

/// At a word: what it introduces is told by its digits, but in a column whose head is the word they may be far away.
fn column(_: &View<'_>, _: usize) -> Option<Found> {
    None
}

/// At the first digit of a run.
pub(super) fn check(view: &View<'_>, at: usize) -> Option<Found> {
    let leads = !view.was(at, super::text::is_word) && !joins_back(view, at);
    if !leads {
        return None;
    }
    let (end, digits) = match view.run(at, 10, is_digit) - at {
        3 => separated(view, at)?,
        9 => (at + 9, view.slice(at, at + 9).try_into().ok()?),
        _ => return None,
    };
    let plain = end == at + 9 || view.at(at + 3) == Some(b'.');
    let ends = !view.is(end, super::text::is_word) && !joins_on(view, end);
    (ends && is_ssn(&digits) && (!plain || view.introduced_by(at, WORDS))).then_some(())?;
    Found::new(at, end)
}

/// `078-05-1120`, with dashes, spaces or dots, but one of them.
fn separated(view: &View<'_>, at: usize) -> Option<(usize, [u8; 9])> {
    let separator = view.at(at + 3).filter(|byte| matches!(byte, b'-' | b' ' | b'.'))?;
    let group = view.run(at + 4, 3, is_digit) == at + 6 && view.at(at + 6) == Some(separator);
    let serial = view.run(at + 7, 5, is_digit) == at + 11;
    if !group || !serial {
        return None;
    }
    let mut digits = [0; 9];
    let written = view.slice(at, at + 11).iter().filter(|byte| is_digit(**byte));
    digits.iter_mut().zip(written).for_each(|(slot, digit)| *slot = *digit);
    Some((at + 11, digits))
}

fn is_ssn(digits: &[u8; 9]) -> bool {
    let [area @ .., _, _, _, _, _, _] = digits;
    let [_, _, _, group @ .., _, _, _, _] = digits;
    let [_, _, _, _, _, serial @ ..] = digits;
    let area_used = area != b"000" && area != b"666" && area.first() != Some(&b'9');
    area_used && group != b"00" && serial != b"0000" && !PUBLISHED.contains(&digits.as_slice())
}

fn joins_back(view: &View<'_>, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| view.is(before, is_joint) && view.was(before, is_alnum))
}

fn joins_on(view: &View<'_>, end: usize) -> bool {
    view.is(end, is_joint) && view.is(end + 1, is_digit)
}

fn is_joint(byte: u8) -> bool {
    matches!(byte, b'-' | b'.')
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, under};
    use super::*;

    // The shape rules: ssa.gov/employer/randomization.html and POMS RM 10201.035.
    #[test]
    fn finds_separated_numbers() {
        for ssn in ["078-05-1123", "078 05 1123", "899-99-9999", "001-01-0001"] {
            assert_eq!(all(check, &format!("is {ssn}, ok")), [ssn]);
        }
    }

    #[test]
    fn refuses_what_is_never_issued() {
        for other in
            ["000-12-3456", "666-12-3456", "900-12-3456", "987-65-4320", "123-00-4567", "123-45-0000", "078-05-1120", "219-09-9999"]
        {
            assert!(all(check, other).is_empty(), "{other}");
        }
    }

    #[test]
    fn is_not_part_of_something_longer() {
        for other in
            ["1078-05-1123", "078-05-11234", "1-078-05-1123", "078-05-1123-4", "078-05.1123", "a078-05-1123", "078-05-1123x", "078-051123"]
        {
            assert!(all(check, other).is_empty(), "{other}");
        }
    }

    #[test]
    fn plain_digits_need_a_word() {
        assert!(all(check, "078051123").is_empty());
        assert!(all(check, "build 078.05.1123").is_empty());
        assert_eq!(all(check, "SSN: 078051123."), ["078051123"]);
        assert_eq!(all(check, "SSN: 078.05.1123."), ["078.05.1123"]);
        assert_eq!(all(check, "{\"social_security\": 078051123}"), ["078051123"]);
        assert_eq!(under("customerSsn", check, "078051123"), ["078051123"]);
        for text in ["SS#: 078051123", "ss_num=078051123", "W-2 box a: 078051123", "my social: 078051123", "Soc. Sec. #: 078051123"] {
            assert_eq!(all(check, text), ["078051123"], "{text}");
        }
        assert!(all(check, "SSN: 666051123").is_empty());
    }
}
