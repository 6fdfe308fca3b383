//! Dates of birth, known by the word before them, and vehicles (ISO 3779).

use super::any_of::AnyOf;
use super::national::checks::is_day;
use super::text::{is_alnum, is_digit, is_word};
use super::{About, Family, Found, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::new(
        Detector::DateOfBirth,
        "date_of_birth",
        &[Trigger::Heads(HEADS, around_word), Trigger::Heads(&["pid|"], segment), Trigger::Named(member)],
        About {
            matches: "`1980-12-31`, `19801231`, `31.12.1980`, `12/31/1980`, `31 December 1980`, `Dec 31, 1980`, `1980年12月31日`",
            validator: "a day, a month and a year from 1900 to 2029",
            context: "`birth`, `dob`, `born`, `bday` or the like in any of 20 languages, at most 24 bytes before or as the member; field 7 of a `PID` segment",
            source: "RFC 3339; CLDR date formats; RFC 6350, 6.2.5; HL7 v2.9, 3.4.2.7",
        },
    ),
    Family::new(
        Detector::Vin,
        "vin",
        &[Trigger::Digits(!1, vin)],
        About {
            matches: "17 capital letters and digits, without I, O and Q",
            validator: "check digit at the ninth place",
            context: "`vin`, `vehicle` or `chassis` before it or as the member",
            source: "ISO 3779; 49 CFR 565.15",
        },
    ),
];

const HEADS: &[&str] = &[
    "birth",
    "dob",
    "born",
    "geboren",
    "geb.",
    "geburts",
    "naissance",
    "nacimiento",
    "nascita",
    "nascimento",
    "geboorte",
    "d.o.b",
    "nac",
    "nasc",
    "nato il",
    "nata il",
    "nato a ",
    "nata a ",
    "bday",
    "urodz",
    "data ur",
    "narozen",
    "syntym",
    "lahir",
    "um tarihi",
    "dselsdato",
    "delsedatum",
    "ngày sinh",
    "рожд",
    "родил",
    "生年月日",
    "出生",
    "생년월일",
    "né le ",
    "e le ",
    "født",
    "född",
    "geb_",
    "ne_le",
    "(b. ",
];

/// Bytes between the word and the date.
const NEAR: usize = 24;

/// What stands between such a word and the date of something else.
static OTHERWISE: AnyOf = AnyOf::new(&["verif", "updat", "chang", "creat", "expir", "check", "issued", "certif", " out of "]);

/// At the word, with the date behind it or, in German, before it: `am 31.12.1980 geboren`.
fn around_word(view: &View<'_>, at: usize) -> Option<Found> {
    after_word(view, at).or_else(|| {
        let verb = view.starts_with_ignoring_case(at, b"geboren") && view.before(at) == Some(b' ');
        verb.then_some(())?;
        let near = at.saturating_sub(NEAR)..at;
        near.into_iter().find_map(|start| date(view, start).filter(|end| end + 1 == at).and_then(|end| Found::new(start, end)))
    })
}

/// At a segment of HL7 that tells of a patient: the seventh field is the date, which may go on in a time.
fn segment(view: &View<'_>, at: usize) -> Option<Found> {
    (view.starts_with(at, b"PID|") && !view.was(at, is_digit)).then_some(())?;
    let mut start = at + 4;
    for _ in 0..6 {
        start += view.ahead(start, SEGMENT).iter().position(|byte| matches!(byte, b'|' | b'\r' | b'\n' | b'"'))? + 1;
        view.was(start, |byte| byte == b'|').then_some(())?;
    }
    let end = view.run(start, 15, is_digit);
    let day = compact(view.slice(start, start + 8));
    (start < at + super::BEHIND && matches!(end - start, 8 | 12 | 14) && day && !view.is(end, is_alnum)).then_some(())?;
    Found::new(start, end)
}

/// Bytes of a field.
const SEGMENT: usize = 80;

/// At the word.
fn after_word(view: &View<'_>, at: usize) -> Option<Found> {
    let head = HEADS.iter().find(|head| view.starts_with_ignoring_case(at, head.as_bytes()))?;
    // `dob` and `born` are parts of other words.
    let joined =
        view.was(at, is_alnum) && !(view.is(at, |byte| byte.is_ascii_uppercase()) && view.was(at, |byte| byte.is_ascii_lowercase()));
    let from = at + head.len();
    let meant = match *head {
        "dob" | "born" | "geb." | "geb_" | "ne_le" | "nato il" | "nata il" | "bday" | "data ur" | "lahir" => !joined,
        // `nato a Bari il`.
        "nato a " | "nata a " => !joined && view.ahead(from, NEAR).windows(4).any(|text| text == b" il "),
        // `nació`, `nacido`, `nacida`, `F. nac.`; not `nacional`.
        "nac" => {
            let verb = || ["ió", "ido", "ida", "io "].iter().any(|end| view.starts_with_ignoring_case(from, end.as_bytes()));
            !joined && (verb() || (view.is(from, |byte| matches!(byte, b'.' | b':')) && is_of_a_day(view, at)))
        }
        "nasc" => !joined && [&b"."[..], b":", b"id"].iter().any(|end| view.starts_with_ignoring_case(from, end)),
        // Not `signé le`.
        "né le " => !joined,
        // `née le`, whose first letters may be an escape.
        "e le " => at >= 3 && view.starts_with_ignoring_case(at - 3, "née le ".as_bytes()) && !view.was(at - 3, is_alnum),
        _ => true,
    };
    meant.then_some(())?;
    // Of `BDAY;VALUE=date:1985-04-12` the sign is part of the word.
    let from = from + usize::from(*head == "bday" && view.at(from) == Some(b';'));
    let near = (from..from + NEAR).find_map(|start| date(view, start).and_then(|end| Found::new(start, end)));
    let is_its = |found: &Found| {
        let between = view.slice(from, found.start);
        !OTHERWISE.is_in(between) && (*head == "bday" || !between.contains(&b';'))
    };
    near.filter(is_its).or_else(|| {
        // `<th>Birthday</th><td class="x">`: tags between.
        let start = past_tags(view, view.run(from, NEAR, |byte| byte != b'<'))?;
        date(view, start).and_then(|end| Found::new(start, end))
    })
}

/// `F. `, `Fec. `, `fecha `: of what day the word behind it tells.
fn is_of_a_day(view: &View<'_>, at: usize) -> bool {
    let before = view.slice(view.run_back(at, 7, |byte| is_alnum(byte) || matches!(byte, b'.' | b' ' | b'_')), at);
    let letters = before.iter().position(u8::is_ascii_alphabetic).and_then(|first| before.get(first..)).unwrap_or_default();
    letters.first().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'f'))
}

/// Behind the tags at `at`.
fn past_tags(view: &View<'_>, at: usize) -> Option<usize> {
    let tags = view.ahead(at, TAGS);
    let end = tags.iter().enumerate().find(|(place, byte)| **byte == b'>' && !matches!(tags.get(place + 1), Some(b'<' | b' ' | b'\n')))?.0;
    tags.first().is_some_and(|byte| *byte == b'<').then_some(at + end + 1)
}

/// Bytes of tags between the word and the date.
const TAGS: usize = 56;

/// Whether a text under this member name may be such a date.
pub(super) fn names_a_birth(key: &[u8]) -> bool {
    let named =
        |head: &&str| !matches!(*head, "dob" | "nac" | "nasc" | "e le ") && super::text::contains_ignoring_case(key, head.as_bytes());
    [&b"dob"[..], b"nac", b"nasc"].iter().any(|word| super::text::has_word(key, word)) || HEADS.iter().any(named)
}

fn member(view: &View<'_>, at: usize) -> Option<Found> {
    names_a_birth(view.key()).then(|| date(view, at).and_then(|end| Found::new(at, end))).flatten()
}

/// The end of the date at `at`.
fn date(view: &View<'_>, at: usize) -> Option<usize> {
    if view.was(at, is_alnum) || !view.is(at, is_alnum) {
        return None;
    }
    let at_once = || (view.run(at, 9, is_digit) == at + 8 && compact(view.slice(at, at + 8))).then_some(at + 8);
    numeric(view, at).or_else(|| with_month(view, at)).or_else(at_once).or_else(|| marked(view, at)).filter(|end| !view.is(*end, is_digit))
}

/// `19801231`.
fn compact(digits: &[u8]) -> bool {
    let part = |from: usize, to: usize| {
        let digits = digits.get(from..to)?;
        digits.iter().try_fold(0u32, |number, byte| Some(number * 10 + char::from(*byte).to_digit(10)?))
    };
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    year.is_some_and(is_year) && month.zip(day).is_some_and(|(month, day)| is_day(month, day))
}

/// `1980年12月31日`.
fn marked(view: &View<'_>, at: usize) -> Option<usize> {
    let behind = |end: usize, mark: &str| view.starts_with(end, mark.as_bytes()).then_some(end + mark.len());
    let (year, end) = number(view, at)?;
    let (month, end) = number(view, behind(end, "年")?)?;
    let (day, end) = number(view, behind(end, "月")?)?;
    (is_year(year) && is_day(month, day)).then(|| behind(end, "日")).flatten()
}

fn numeric(view: &View<'_>, at: usize) -> Option<usize> {
    let (first, end) = number(view, at)?;
    let separator = view.at(end).filter(|byte| matches!(byte, b'-' | b'/' | b'.' | b' '))?;
    let blank = usize::from(separator == b'.' && view.at(end + 1) == Some(b' '));
    let (second, end) = number(view, end + 1 + blank)?;
    (view.at(end) == Some(separator)).then_some(())?;
    let blank = usize::from(separator == b'.' && view.at(end + 1) == Some(b' '));
    let (third, end) = number(view, end + 1 + blank)?;
    let day = if is_year(first) {
        is_day(second, third)
    } else {
        (is_year(third) || third < 100 && end - at >= 6) && (is_day(second, first) || is_day(first, second))
    };
    day.then_some(end)
}

const MONTHS: &[&[u8]] = &[
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec", b"mai", b"okt", b"dez", b"ene", b"abr",
    b"ago", b"dic", b"mei", b"mrt", b"gen", b"mag", b"giu", b"lug", b"set", b"ott", b"jui", b"avr", b"aou", b"fev", b"out",
];

/// The letters a month begins with, without what stands over them: `févr.`, `août`, `März`.
fn plain_letters(month: &[u8]) -> [u8; 3] {
    let mut letters = [0; 3];
    let plain = month.iter().filter(|byte| **byte != 0xC3).map(|byte| match byte {
        0xA9 | 0xA8 => b'e',
        0xBB => b'u',
        0xA4 => b'a',
        other => other.to_ascii_lowercase(),
    });
    letters.iter_mut().zip(plain).for_each(|(slot, byte)| *slot = byte);
    letters
}

/// `31 December 1980`, `31. Dez. 1980`, `December 31st, 1980`.
fn with_month(view: &View<'_>, at: usize) -> Option<usize> {
    let day_first = view.is(at, is_digit);
    let (day, end) = if day_first { number(view, at)? } else { (1, at) };
    // `31st of`.
    let at = if day_first {
        let suffix = [&b"st"[..], b"nd", b"rd", b"th"].into_iter().find(|suffix| view.starts_with(end, suffix)).map_or(0, <[u8]>::len);
        let blank = view.run(end + suffix, 2, |byte| matches!(byte, b' ' | b'.' | b'-'));
        blank + of(view, blank)
    } else {
        end
    };
    let month_end = view.run(at, 12, |byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
    let month = plain_letters(view.slice(at, month_end));
    MONTHS.contains(&&month[..]).then_some(())?;
    let next = view.run(month_end, 3, |byte| matches!(byte, b' ' | b'.' | b',' | b'-'));
    let next = next + of(view, next);
    let (day, year_at) = if day_first {
        (day, next)
    } else {
        let (day, end) = number(view, next)?;
        (day, view.run(end, 4, |byte| byte.is_ascii_lowercase() || matches!(byte, b' ' | b',')))
    };
    let (year, end) = number(view, year_at)?;
    ((1..=31).contains(&day) && is_year(year)).then_some(end)
}

/// The length of `of ` and the like.
fn of(view: &View<'_>, at: usize) -> usize {
    [&b"of "[..], b"de ", b"del ", b"di "].into_iter().find(|word| view.starts_with(at, word)).map_or(0, <[u8]>::len)
}

fn is_year(number: u32) -> bool {
    (1900..=2029).contains(&number)
}

/// One to four digits.
fn number(view: &View<'_>, at: usize) -> Option<(u32, usize)> {
    let end = view.run(at, 5, is_digit);
    let value = view.slice(at, end).iter().try_fold(0u32, |number, byte| Some(number * 10 + char::from(*byte).to_digit(10)?));
    (end > at && end - at <= 4).then_some((value?, end))
}

/// At a digit within.
fn vin(view: &View<'_>, at: usize) -> Option<Found> {
    let start = view.run_back(at, 17, is_vin);
    let end = view.run(start, 18, is_vin);
    let apart = !view.was(start, is_word) && !view.is(end, is_word);
    (end - start == 17
        && apart
        && has_check(view.slice(start, end))
        && view.introduced_by_word(start, &["vin", "vehicle", "chassis", "fahrgestellnummer"]))
    .then_some(())?;
    Found::new(start, end)
}

fn is_vin(byte: u8) -> bool {
    (byte.is_ascii_uppercase() || byte.is_ascii_digit()) && !matches!(byte, b'I' | b'O' | b'Q')
}

fn has_check(vin: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    // A to H, J to R, S to Z, each from where its column begins.
    const VALUES: &[u8; 26] = b"12345678.12345.7.923456789";
    let value = |byte: &u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        letter => VALUES.get(usize::from(letter.wrapping_sub(b'A'))).map_or(0, |digit| u32::from(digit.wrapping_sub(b'0'))),
    };
    let sum: u32 = vin.iter().zip(WEIGHTS).map(|(byte, weight)| value(byte) * weight).sum();
    let want = match sum % 11 {
        10 => b'X',
        rest => b'0' + u8::try_from(rest).unwrap_or(0),
    };
    vin.get(8) == Some(&want)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, under};
    use super::*;

    #[test]
    fn finds_dates_after_a_word() {
        for date in [
            "1980-12-31",
            "31.12.1980",
            "31. 12. 1980",
            "12/31/1980",
            "31 December 1980",
            "31st of December 1980",
            "Dec 31, 1980",
            "December 31st, 1980",
            "31-Dec-1980",
            "31 de marzo de 1999",
            "20 juillet 2007",
            "3 août 1990",
            "10. März 1978",
        ] {
            for text in [
                format!("Date of birth: {date}."),
                format!("DOB {date}"),
                format!("born on {date},"),
                format!("geb. {date}"),
                format!("\"birthDate\":\"{date}\""),
            ] {
                assert_eq!(all(after_word, &text), [date], "{text}");
            }
            assert_eq!(under("dateOfBirth", member, date), [date]);
        }
    }

    #[test]
    fn finds_dates_after_verbs_and_tags() {
        for text in [
            "nació el 15/07/1988 en",
            "Ana, née le 15/07/1988,",
            "Paul, né le 15/07/1988,",
            "wurde am 15/07/1988 geboren",
            "nato a Bari il 15/07/1988",
            "nascida em 15/07/1988",
            "Nasc.: 15/07/1988 CPF",
            "F. nac.: 15/07/1988, NIF",
            "BDAY:15/07/1988\nFN:Jo",
            "Дата рождения: 15/07/1988",
            "Data urodzenia: 15/07/1988",
            "<th>Geburtstag</th><td class=\"cell\">15/07/1988</td>",
        ] {
            assert_eq!(all(around_word, text), ["15/07/1988"], "{text}");
        }
        for (text, date) in [
            ("BDAY;VALUE=date:19850412", "19850412"),
            ("DOB 19850412,", "19850412"),
            ("生年月日：1985年4月12日", "1985年4月12日"),
            ("geboren am 12.4.1985", "12.4.1985"),
        ] {
            assert_eq!(all(around_word, text), [date], "{text}");
        }
        assert_eq!(all(segment, "PID|1||88231||MOORE^ANN||19740312|F"), ["19740312"]);
        assert!(all(segment, "PID|1||88231||MOORE^ANN|19740312||F").is_empty());
        assert_eq!(under("data_nasc", member, "15/07/1988"), ["15/07/1988"]);
        for text in [
            "born out of the 2019-03-04 outage",
            "dob_verified_at: 2021-08-09",
            "a feature was born; shipping 2021-06-18",
            "DOB 19851412",
            "monac. 15/07/1988",
            "am 15/07/1988 wiedergeboren",
        ] {
            assert!(all(around_word, text).is_empty(), "{text}");
        }
        for text in ["un banco nacional 15/07/1988", "comme le 15/07/1988", "signé le 15/07/1988"] {
            assert!(all(after_word, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn leaves_other_dates_and_numbers() {
        for other in [
            "due 1980-12-31",
            "birthplace: Rome",
            "born 1980-13-31",
            "DOB 31.12.19801",
            "adobe 1980-12-31",
            "reborn 1980-12-31",
            "birth rate 12.3",
        ] {
            assert!(all(after_word, other).is_empty(), "{other}");
        }
    }

    #[test]
    fn finds_vehicles() {
        // The example of 49 CFR 565 as it is told everywhere, and one of ones.
        for number in ["1M8GDM9AXKP042788", "11111111111111111"] {
            assert_eq!(all(vin, &format!("VIN: {number}.")), [number]);
            assert!(all(vin, &format!("part {number}")).is_empty());
            assert!(all(vin, &format!("VIN: {}2", &number[..16].replace("11", "27").replace('8', "7"))).is_empty());
        }
    }
}
