//! Numbers with their country code (ITU-T E.164).

use super::super::text::{is_alnum, is_digit, is_word};
use super::super::{Found, View};
use super::{WORDS, nanp};

/// Country code, and the least and most digits after it.
const COUNTRIES: &[(&str, usize, usize)] = &[
    ("1", 10, 10),
    ("7", 10, 10),
    ("20", 8, 10),
    ("27", 9, 9),
    ("30", 10, 10),
    ("31", 9, 9),
    ("32", 8, 9),
    ("33", 9, 9),
    ("34", 9, 9),
    ("36", 8, 9),
    ("39", 6, 11),
    ("40", 9, 9),
    ("41", 9, 9),
    ("43", 7, 13),
    ("44", 9, 10),
    ("45", 8, 8),
    ("46", 7, 10),
    ("47", 8, 8),
    ("48", 9, 9),
    ("49", 7, 11),
    ("51", 8, 9),
    ("52", 10, 11),
    ("53", 8, 8),
    ("54", 10, 11),
    ("55", 10, 11),
    ("56", 9, 9),
    ("57", 8, 10),
    ("58", 10, 10),
    ("60", 8, 10),
    ("61", 9, 9),
    ("62", 8, 12),
    ("63", 8, 10),
    ("64", 8, 10),
    ("65", 8, 8),
    ("66", 8, 9),
    ("81", 9, 10),
    ("82", 8, 10),
    ("84", 9, 10),
    ("86", 9, 11),
    ("90", 10, 10),
    ("91", 10, 10),
    ("92", 9, 10),
    ("93", 9, 9),
    ("94", 9, 9),
    ("95", 7, 10),
    ("98", 10, 10),
    ("21", 8, 10),
    ("22", 7, 11),
    ("23", 6, 11),
    ("24", 6, 10),
    ("25", 6, 10),
    ("26", 6, 11),
    ("29", 4, 8),
    ("35", 7, 11),
    ("37", 6, 12),
    ("38", 7, 10),
    ("42", 8, 10),
    ("50", 5, 9),
    ("59", 7, 10),
    ("67", 5, 9),
    ("68", 4, 8),
    ("69", 5, 8),
    ("85", 7, 10),
    ("88", 7, 11),
    ("96", 7, 10),
    ("97", 7, 10),
    ("99", 7, 11),
];

/// Digits of a number at most (E.164), and of its least.
pub(super) const MOST: usize = 15;
const LEAST: usize = 8;

/// At a run of digits: the first or, after a country code of one digit, the second.
pub(super) fn international(view: &View<'_>, at: usize) -> Option<Found> {
    let before = view.slice(at.saturating_sub(4), at);
    let back = before.iter().rev().position(|byte| *byte == b'+');
    let start = match back {
        Some(back) => at - back - 1,
        None if view.starts_with(at, b"00") && !view.was(at, is_word) && view.introduced_by_word(at, WORDS) => at,
        None => return None,
    };
    let between = view.slice(start + 1, at);
    let led = back.is_none() || between.iter().all(|byte| is_digit(*byte) || matches!(byte, b' ' | b'(' | b')' | b'-' | b'.'));
    (led && !view.was(start, |byte| is_alnum(byte) || byte == b'+')).then_some(())?;
    let mut digits = [0u8; MOST];
    let (mut count, mut end, mut best) = (0, if back.is_none() { start + 2 } else { start + 1 }, None);
    loop {
        end = view.run(end, 3, |byte| matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/'));
        let group = view.run(end, MOST + 1, is_digit);
        if group == end || count + group - end > MOST {
            break;
        }
        for byte in view.slice(end, group) {
            *digits.get_mut(count)? = *byte;
            count += 1;
        }
        end = group;
        if count >= LEAST && !view.is(end, is_word) && is_number(digits.get(..count)?) {
            best = Some(end);
        }
    }
    Found::new(start, best?)
}

fn is_number(digits: &[u8]) -> bool {
    // The zero in `+44 (0)20` is not dialled.
    let fits = |digits: &[u8]| {
        COUNTRIES.iter().any(|(code, least, most)| {
            let rest = digits.strip_prefix(code.as_bytes());
            rest.is_some_and(|rest| (*least..=*most).contains(&rest.len()) && (*code != "1" || nanp(rest)))
        })
    };
    let without_zero = || {
        let at = digits.iter().skip(1).take(3).position(|digit| *digit == b'0')? + 1;
        let (head, tail) = digits.split_at_checked(at)?;
        Some([head, tail.get(1..)?].concat())
    };
    digits.first() != Some(&b'0') && (fits(digits) || without_zero().is_some_and(|digits| fits(&digits)))
}
