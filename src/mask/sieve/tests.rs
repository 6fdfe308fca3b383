//! What the sieve tells is held against a search byte by byte.

use std::sync::LazyLock;

use super::row::{CLASS_LOWER, CLASS_UPPER, DIGIT, OTHER_LOWER, OTHER_UPPER, OTHERWISE, SIGN};
use super::*;
use crate::mask::reading::fold;
use crate::mask::wrapped::is_run;

const HEADS: &[(&str, bool, bool)] = &[
    ("AKIA", true, true),
    ("pass", false, false),
    ("0x", false, false),
    ("://", false, true),
    ("sk-", true, true),
    ("_key", false, false),
];

static SIEVE: LazyLock<Sieve> = LazyLock::new(|| {
    let heads: Vec<Head<'_>> = HEADS
        .iter()
        .map(|(text, begins_word, exact)| Head { text: text.as_bytes(), begins_word: *begins_word, exact: *exact, then: None })
        .collect();
    Sieve::new(&heads)
});

fn signs(text: &[u8], from: usize, to: usize) -> Vec<(usize, Sign)> {
    let mut signs = Vec::new();
    let wanted = Wanted { at: true, digits: Runs::All, short_fractions: true };
    SIEVE.each::<true>(text, from, to, wanted, &mut |at, sign| {
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
                    let others = told.iter().filter(|(_, sign)| !matches!(sign, Sign::Head(_) | Sign::Base64)).copied().collect::<Vec<_>>();
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

/// What cards, social security numbers and account numbers begin with is told wherever it stands, at the end of a row and of the text, too.
#[test]
fn digits_apart_are_told_by_the_groups_behind_them() {
    let told = |text: &str, sign: fn(&Sign) -> bool| {
        let mut places = Vec::new();
        let wanted = Wanted { at: false, digits: Runs::Apart, short_fractions: false };
        SIEVE.each::<true>(text.as_bytes(), 0, text.len(), wanted, &mut |at, told| {
            places.extend(sign(&told).then_some(at));
            true
        });
        places
    };
    let is_run = |sign: &Sign| matches!(sign, Sign::Digits(_));
    let is_fraction = |sign: &Sign| matches!(sign, Sign::Fraction);
    for before in 0..150 {
        for fill in [" ", "x ", "\\n"] {
            let fill = format!("{}{}", " ".repeat(before % 2), fill.repeat(before / 2));
            for digits in [
                "4242 4242 4242 4242",
                "4242-4242",
                "3782 822463 10005",
                "123456",
                "424242424242",
                "078-05-1123",
                "078.05.1123",
                "078051123",
            ] {
                for behind in ["", ".", " and so on, for as long as it takes to fill another row of the text"] {
                    let text = format!("{fill}{digits}{behind}");
                    assert!(told(&text, is_run).contains(&fill.len()), "{text}");
                }
            }
            let text = format!("{fill}GB82 WEST 1234");
            assert!(told(&text, is_run).contains(&(fill.len() + 2)), "{text}");
            for other in ["2026-03-01T12:30", "12:30:00.123Z 200 9999", "10.0.255.17"] {
                assert_eq!(told(&format!("{fill}{other}"), is_run), [0usize; 0], "{other}");
            }
            for (number, mark) in [("123456.0", 5), ("4.242e15", 4), ("42E+7", 1), ("4242424242424242.0", 15), ("1e7", 0)] {
                let text = format!("{fill}{number}");
                assert!(told(&text, is_fraction).contains(&(fill.len() + mark)), "{text}");
            }
            for other in ["12.50", "1.2.3", "10.0.255.17", "12345.0", "3east"] {
                assert_eq!(told(&format!("{fill}{other}"), is_fraction), [0usize; 0], "{other}");
            }
            // Digits that go on from the row before may stand behind anything.
            for hash in ["cabe8a1e7", "0123facade12e5186", "facade123456.0", "of_word1e7"] {
                let places = told(&format!("{fill}{hash}"), is_fraction);
                assert!(places.iter().all(|at| at % ROW < 6), "{fill}{hash}: {places:?}");
            }
        }
    }
}

/// However many heads share a group.
#[test]
fn every_one_of_many_heads_is_told() {
    let letters = b"abcdefghijklmnopqrstuvwxyz0123456789_-ABCDEF";
    let word = |number: usize| -> String {
        let at = |place: usize| char::from(letters[(number * (7 + 4 * place) + place * number / 3) % letters.len()]);
        (0..2 + number % 5).map(at).collect()
    };
    let words: Vec<String> = (0..600).map(word).collect();
    let digits = Set::new(b"", &[(b'0', b'9')]);
    let then = |number: usize| number.is_multiple_of(3).then_some(digits);
    let heads: Vec<Head<'_>> = words
        .iter()
        .enumerate()
        .map(|(number, text)| Head {
            text: text.as_bytes(),
            begins_word: number.is_multiple_of(2),
            exact: number % 4 < 2,
            then: then(number),
        })
        .collect();
    let sieve = Sieve::new(&heads);
    let told = |sieve: &Sieve, text: &str, at: usize, head: usize| {
        let mut told = false;
        sieve.each::<true>(text.as_bytes(), 0, text.len(), Wanted::default(), &mut |place, sign| {
            told |= (place, sign) == (at, Sign::Head(head));
            true
        });
        told
    };
    for (number, word) in words.iter().enumerate() {
        let before = " ".repeat(number % 70);
        let told = |text: &str| told(&sieve, &format!("{before}{text}"), before.len(), number);
        assert!(told(&format!("{word}1")), "{word}");
        assert!(then(number).is_some() || told(word), "{word}");
        assert!(number % 4 < 2 || told(&format!("{}7", word.to_ascii_uppercase())), "{word}");
    }
    let short = Sieve::new(&[Head { text: b"AC", begins_word: true, exact: true, then: Some(digits) }]);
    assert_eq!(["AC1", "ACx", "AC", "ac1"].map(|text| told(&short, text, 0, 0)), [true, false, false, false]);
}

#[test]
fn words_are_told_by_half_bytes() {
    for byte in 0..=u8::MAX {
        let told = CLASS_LOWER[usize::from(byte & 15)] & CLASS_UPPER[usize::from(byte >> 4)];
        assert_eq!((told == DIGIT, told & DIGIT != 0), (byte.is_ascii_digit(), byte.is_ascii_digit()), "{byte:#x}");
        assert_eq!(told != 0 && told != SIGN, byte.is_ascii_alphanumeric() || byte == b'_', "{byte:#x}");
        assert_eq!(told != 0, is_run(byte), "{byte:#x}");
        let told = OTHER_LOWER[usize::from(byte & 15)] & OTHER_UPPER[usize::from(byte >> 4)];
        assert_eq!(told & OTHERWISE != 0, fold::may_fold(byte) || matches!(byte, b'%' | b'&' | b'+'), "{byte:#x}");
        assert_eq!(told & 0x80 != 0, byte == b'\\', "{byte:#x}");
    }
}
