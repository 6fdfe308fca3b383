//! Telephone numbers: international (ITU-T E.164), by country code and length; national, by the forms people write.

use super::national::Id;
use super::national::checks::part;
use super::text::{has_word, is_alnum, is_digit, is_word, last_word};
use super::{About, Family, Found, Trigger, View};

/// What introduces a number written in digits only.
const WORDS: &[&str] = &[
    "phone",
    "telephone",
    "tel",
    "mobile",
    "cell",
    "cellphone",
    "call",
    "fax",
    "contact number",
    "contact no",
    "whatsapp",
    "sms",
    "handy",
    "mobil",
    "telefon",
    "telefono",
    "teléfono",
    "móvil",
    "movil",
    "téléphone",
    "portable",
    "telefone",
    "celular",
    "cellulare",
    "gsm",
    "電話",
    "携帯",
    "telefoon",
    "phonenumber",
    "handynummer",
    "telefonnummer",
    "mobilnummer",
    "rufnummer",
    "rufen",
    "llámame",
    "llamar",
    "llámanos",
    "appelez",
    "appeler",
    "teléf",
    "mobiel",
    "mobilnr",
    "telefonnr",
    "puhelin",
    "телефон",
];

/// What introduces a number of any country, in whatever groups it is written.
const TELLING: &[&str] = &[
    "phone",
    "telephone",
    "tel",
    "mobile",
    "cell",
    "cellphone",
    "call",
    "called",
    "fax",
    "voicemail",
    "whatsapp",
    "sms",
    "handy",
    "mobil",
    "telefon",
    "telefono",
    "teléfono",
    "móvil",
    "movil",
    "téléphone",
    "telefone",
    "celular",
    "cellulare",
    "gsm",
    "電話",
    "携帯",
    "telefoon",
    "phonenumber",
    "handynummer",
    "telefonnummer",
    "mobilnummer",
    "rufnummer",
    "rufen",
    "llámame",
    "llamar",
    "llámanos",
    "appelez",
    "appeler",
    "teléf",
    "mobiel",
    "mobilnr",
    "telefonnr",
    "puhelin",
    "телефон",
    "reach me at",
    "reach us at",
    "dial",
];

/// Between such a word and the number: what is numbered otherwise.
const OTHERWISE: &[&str] = &[
    "id", "code", "ticket", "order", "ref", "build", "case", "invoice", "port", "version", "size", "sid", "count", "model", "serial",
    "uuid", "duration", "timeout", "ms",
];

const INTERNATIONAL: About = About {
    matches: "`+`, a country code and the digits of a number, with blanks, dashes, dots and brackets; `00` in place of `+`, and 7 to 15 digits in the groups of any country, after a word for telephones",
    validator: "country code, length; no date, time or IP address",
    context: "a word for telephones, for what has no `+`",
    source: "ITU-T E.164 and its list of country codes; lengths as in the national numbering plans",
};

/// A country's national forms.
macro_rules! phone {
    ($detector:ident, $label:literal, [$($layout:literal),+], $valid:expr, $matches:literal, $validator:literal) => {{
        const ID: Id = Id { layouts: &[$($layout),+], words: WORDS, valid: $valid };
        Family::new(
            crate::policy::Detector::$detector,
            $label,
            &[Trigger::Digits(super::national::lengths(ID.layouts), |view, at| ID.find(view, at))],
            About { matches: $matches, validator: $validator, context: "a word for telephones, unless written with the separators shown", source: "the national numbering plan" },
        )
        .under(WORDS)
    }};
}

pub(super) const FAMILIES: &[Family] = &[
    Family::new(crate::policy::Detector::Phone, "phone", &[Trigger::Digits(!1, international), Trigger::Digits(!1, told)], INTERNATIONAL)
        .under(WORDS),
    phone!(
        UsPhone,
        "us_phone",
        [
            "(999) 999-9999",
            "(999)999-9999",
            "(999) 999 9999",
            "999-999-9999",
            "999.999.9999",
            "9-999-999-9999",
            "9 (999) 999-9999",
            "!999 999 9999",
            "!9999999999",
            "!99999999999"
        ],
        nanp,
        "NANP: `(415) 555-2671`, `415-555-2671`",
        "area and exchange"
    ),
    phone!(
        UkPhone,
        "uk_phone",
        [
            "999 9999 9999",
            "(999) 9999 9999",
            "9999 999 9999",
            "(9999) 999 9999",
            "99999 999999",
            "(99999) 999999",
            "99999 999 999",
            "!99999999999",
            "!9999999999"
        ],
        |chars| chars.first() == Some(&b'0') && matches!(chars.get(1), Some(b'1'..=b'3' | b'7' | b'8')),
        "`020 7946 0018`, `07911 123456`",
        "leading digits"
    ),
    Family::new(
        crate::policy::Detector::DePhone,
        "de_phone",
        &[Trigger::Digits(0b111_1111_1111_1100, german)],
        About {
            matches: "`030 123456`, `0171/1234567`, `(030) 12 34 56`",
            validator: "leading zero, 9 to 12 digits",
            context: "a word for telephones, unless with brackets or a slash",
            source: "Bundesnetzagentur, Nummernplan",
        },
    ),
    phone!(
        FrPhone,
        "fr_phone",
        ["99_99_99_99_99", "!9999999999"],
        |chars| chars.first() == Some(&b'0') && matches!(chars.get(1), Some(b'1'..=b'9')),
        "`01 23 45 67 89`",
        "leading digits"
    ),
    phone!(
        EsPhone,
        "es_phone",
        ["999 99 99 99", "!999 999 999", "!999-999-999", "!999999999"],
        |chars| matches!(chars.first(), Some(b'6'..=b'9')),
        "`612 34 56 78`",
        "leading digit"
    ),
    phone!(
        ItPhone,
        "it_phone",
        ["!999 9999999", "!999 999 9999", "!99 99999999", "!99 9999 9999", "!999/9999999", "!9999999999"],
        |chars| matches!(chars.first(), Some(b'3' | b'0')),
        "`347 1234567`, `06 12345678`",
        "leading digit"
    ),
    phone!(
        NlPhone,
        "nl_phone",
        ["99-99999999", "99 99999999", "999-9999999", "999 9999999", "999 999 9999", "9999-999999", "!9999999999"],
        |chars| chars.first() == Some(&b'0') && matches!(chars.get(1), Some(b'1'..=b'9')),
        "`06-12345678`, `020 123 4567`",
        "leading digits"
    ),
    phone!(
        InPhone,
        "in_phone",
        ["99999 99999", "99999-99999", "999-99999999", "!9999999999", "!99999999999"],
        |chars| matches!((chars.len(), chars.first()), (10, Some(b'6'..=b'9')) | (11, Some(b'0'))),
        "`98765 43210`",
        "leading digit"
    ),
    phone!(
        AuPhone,
        "au_phone",
        ["9999 999 999", "(99) 9999 9999", "99 9999 9999", "!9999999999"],
        |chars| chars.first() == Some(&b'0') && matches!(chars.get(1), Some(b'2'..=b'4' | b'7' | b'8')),
        "`0412 345 678`, `(02) 9876 5432`",
        "leading digits"
    ),
    phone!(
        BrPhone,
        "br_phone",
        [
            "(99) 99999-9999",
            "(99)99999-9999",
            "(99) 9999-9999",
            "(99)9999-9999",
            "99 99999-9999",
            "99 9999-9999",
            "!99999999999",
            "!9999999999"
        ],
        |chars| part(chars, 0, 2).is_some_and(|area| area >= 11 && area % 10 != 0) && (chars.len() == 10 || chars.get(2) == Some(&b'9')),
        "`(11) 91234-5678`",
        "area, leading nine"
    ),
    phone!(
        JpPhone,
        "jp_phone",
        ["99-9999-9999", "999-9999-9999", "999-999-9999", "9999-99-9999", "9999-999-999", "!99999999999", "!9999999999"],
        |chars| chars.first() == Some(&b'0') && matches!(chars.get(1), Some(b'1'..=b'9')),
        "`03-1234-5678`, `090-1234-5678`",
        "leading zero"
    ),
];

/// Area and exchange begin with 2 to 9, and are no service (`N11`).
fn nanp(chars: &[u8]) -> bool {
    let chars = if chars.len() == 11 { chars.strip_prefix(b"1").unwrap_or_default() } else { chars };
    let code = |from: usize| {
        let first = chars.get(from).is_some_and(|digit| (b'2'..=b'9').contains(digit));
        first && chars.get(from + 1..from + 3) != Some(b"11")
    };
    chars.len() == 10 && code(0) && code(3)
}

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
const MOST: usize = 15;
const LEAST: usize = 8;

/// At a run of digits: the first or, after a country code of one digit, the second.
fn international(view: &View<'_>, at: usize) -> Option<Found> {
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

/// At the first run of digits: the area with its zero.
fn german(view: &View<'_>, at: usize) -> Option<Found> {
    (view.at(at) == Some(b'0') && view.is(at + 1, |byte| (b'1'..=b'9').contains(&byte))).then_some(())?;
    let bracket = view.before(at) == Some(b'(');
    let start = at - usize::from(bracket);
    (!view.was(start, |byte| is_word(byte) || matches!(byte, b'+' | b'-' | b'.' | b'/'))).then_some(())?;
    let area = view.run(at, 6, is_digit);
    // No area has one digit behind its zero: `08/01/2025` is a day.
    (area > at + 2 || view.at(area) != Some(b'/')).then_some(())?;
    let slash = view.at(area) == Some(b'/') || (bracket && view.at(area) == Some(b')'));
    let (mut count, mut end, mut best) = (0, at, None);
    for _ in 0..6 {
        let group = view.run(end, 13, is_digit);
        count += group - end;
        if group == end || count > 12 {
            break;
        }
        end = group;
        if count >= 9 && !view.is(end, is_word) {
            best = Some(end);
        }
        end = view.run(end, 3, |byte| matches!(byte, b' ' | b'-' | b'/' | b')'));
    }
    (slash || view.introduced_by_word(start, WORDS)).then_some(())?;
    Found::new(start, best?)
}

/// Digits of a number that nothing but a word tells.
const LEAST_TOLD: usize = 7;

/// At the first digit of a number of any country, behind a word for telephones.
fn told(view: &View<'_>, at: usize) -> Option<Found> {
    let bracket = view.before(at) == Some(b'(');
    let start = at - usize::from(bracket);
    let in_row = view.was(start, |byte| byte == b' ') && start.checked_sub(1).is_some_and(|blank| view.was(blank, is_digit));
    (view.is(at, is_digit)
        && !in_row
        && !view.was(start, |byte| is_word(byte) || matches!(byte, b'+' | b'-' | b'.' | b'/' | b',' | b'#' | b'$' | b'&' | b'%')))
    .then_some(())?;
    let groups = Groups::of(view, at, bracket)?;
    (groups.is_number(view, at) && is_telling(view, start)).then_some(())?;
    Found::new(start, groups.end)
}

/// Digits in groups, as numbers are written: one sign between all, but behind brackets.
struct Groups {
    sizes: [usize; 7],
    count: usize,
    separator: Option<u8>,
    end: usize,
}

impl Groups {
    fn of(view: &View<'_>, at: usize, bracket: bool) -> Option<Self> {
        let mut groups = Self { sizes: [0; 7], count: 0, separator: None, end: at };
        let (mut from, mut open) = (at, bracket);
        loop {
            let end = view.run(from, MOST + 1, is_digit);
            *groups.sizes.get_mut(groups.count)? = end - from;
            groups.count += 1;
            groups.end = end;
            let next = match view.at(end) {
                Some(b')') if std::mem::take(&mut open) => view.run(end + 1, 1, |byte| matches!(byte, b' ' | b'-' | b'/')),
                Some(byte @ (b' ' | b'-' | b'.' | b'/')) if !open => {
                    // `0171/12 34 56`, `(0) 171-123`: behind the first group another sign may follow.
                    if groups.count <= 2 {
                        groups.separator = Some(byte);
                    }
                    if groups.separator == Some(byte) { end + 1 } else { end }
                }
                _ => end,
            };
            if next == end || !view.is(next, is_digit) {
                return (!open).then_some(groups);
            }
            from = next;
        }
    }

    fn is_number(&self, view: &View<'_>, at: usize) -> bool {
        let sizes = self.sizes.get(..self.count).unwrap_or_default();
        let digits: usize = sizes.iter().sum();
        let text = view.slice(at, self.end);
        let goes_on = view.is(self.end, |byte| matches!(byte, b':' | b'.' | b'-' | b'/' | b',')) && view.is(self.end + 1, is_alnum);
        let ends = !goes_on && !view.is(self.end, |byte| is_word(byte) || byte == b'%');
        let grouped = sizes.len() == 1 || sizes.iter().skip(1).all(|size| (2..=9).contains(size));
        let most = if sizes.len() == 1 { 12 } else { MOST };
        // Years, days and months; addresses of hosts, which have no leading zeros.
        let date = match sizes {
            [4, 2, 2] | [4, 2, 2, ..] => matches!(text.get(..2), Some(b"19" | b"20")),
            [1 | 2, 1 | 2, 4] => matches!(text.get(text.len() - 4..text.len() - 2), Some(b"19" | b"20")),
            [8 | 14] => {
                matches!(text.get(..2), Some(b"19" | b"20")) && super::national::checks::begins_ymd(text.get(2..).unwrap_or_default())
            }
            // Seconds and milliseconds since 1970, of our time.
            [10] => matches!(text.get(..2), Some(b"16" | b"17" | b"18")),
            _ => false,
        };
        let host = self.separator == Some(b'.')
            && sizes.len() == 4
            && !text.split(|byte| *byte == b'.').any(|part| part.len() > 1 && part.starts_with(b"0"));
        (LEAST_TOLD..=most).contains(&digits) && ends && grouped && !date && !host && super::placeholder::distinct(text) > 2
    }
}

/// Bytes between the word and the number.
const NEAR: usize = 44;

/// Whether a word for telephones leads to `start`.
fn is_telling(view: &View<'_>, start: usize) -> bool {
    let clear =
        |between: &[u8]| !between.iter().any(u8::is_ascii_digit) && !OTHERWISE.iter().any(|word| has_word(between, word.as_bytes()));
    let before = view.slice(start.saturating_sub(NEAR + 16), start);
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let by_text = last_word(line, TELLING).is_some_and(|end| {
        let between = line.get(end..).unwrap_or_default();
        between.len() <= NEAR && clear(between)
    });
    // Of names, `call` is one of many things.
    let by_name = || {
        start <= 1
            && !view.key().eq_ignore_ascii_case(b"call")
            && last_word(view.key(), TELLING).is_some_and(|end| clear(view.key().get(end..).unwrap_or_default()))
    };
    by_text || by_name()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, labelled};
    use super::*;

    // Numbers kept for fiction: NANP 555-01xx, Ofcom's and the Bundesnetzagentur's ranges for drama.
    #[test]
    fn finds_international_numbers() {
        for number in [
            "+14155550132",
            "+1 415 555 0132",
            "+1 (415) 555-0132",
            "+1-415-555-0132",
            "+44 20 7946 0018",
            "+44 (0)20 7946 0018",
            "+49 30 23125 001",
            "+49-171-3920012",
            "+33 1 99 00 12 34",
            "+91 98765 43210",
            "+358 40 1234567",
            "+971 50 123 4567",
        ] {
            assert_eq!(all(international, &format!("call {number}.")), [number]);
            assert_eq!(all(international, &format!("({number})")), [number]);
        }
        assert_eq!(all(international, "phone 0049 30 23125001"), ["0049 30 23125001"]);
    }

    #[test]
    fn leaves_sums_and_other_lengths() {
        for other in [
            "1+14155550132",
            "+1 415 555 013",
            "+1 115 555 0132",
            "+141555501321",
            "+999",
            "+0 415 555 0132",
            "a+14155550132",
            "0049 30 23125001",
            "+4530123456789",
        ] {
            assert!(all(international, other).is_empty(), "{other}: {:?}", all(international, other));
        }
    }

    #[test]
    fn finds_numbers_of_any_country_behind_a_word() {
        for (text, number) in [
            ("Llámame al 21 23 03 46 cuando puedas", "21 23 03 46"),
            ("Tel: 34 54 82 61", "34 54 82 61"),
            ("Handynummer: (2) 2170 1494", "(2) 2170 1494"),
            ("You can phone Ana Dupré at 08125577.", "08125577"),
            ("contact_phone: 212008702", "212008702"),
            ("Rufen Sie mich bitte unter 691 234 2133 an.", "691 234 2133"),
            ("WhatsApp: 050.261.3680", "050.261.3680"),
            ("Fax/phone 08-32 44 75, ask", "08-32 44 75"),
            ("call 21.09.90.33", "21.09.90.33"),
            ("<th>Téléphone</th><td class=\"cell\">(2) 2100 5225</td>", "(2) 2100 5225"),
        ] {
            assert_eq!(all(told, text), [number], "{text}");
        }
        assert_eq!(super::super::tests::under("handy", told, "21 254 8219"), ["21 254 8219"]);
        for text in [
            "call_id=12345678",
            "Tel: 08/01/2025 13:51",
            "phone updated 2024-01-15",
            "mobile build 20240115",
            "call 10.20.30.40",
            "<td class=\"cell\">53169690</td>",
            "phone model 1234567",
            "tel 123456",
            "cell phone order 1234567",
            "call took 1234567ms",
        ] {
            assert!(all(told, text).is_empty(), "{text}: {:?}", all(told, text));
        }
        assert!(labelled(FAMILIES, "due 08/01/2025 13:51").is_empty());
    }

    #[test]
    fn finds_national_forms() {
        for (label, text) in [
            ("us_phone", "(415) 555-0132"),
            ("us_phone", "415-555-0132"),
            ("us_phone", "415.555.0132"),
            ("uk_phone", "020 7946 0018"),
            ("uk_phone", "07700 900123"),
            ("de_phone", "0171/3920012"),
            ("de_phone", "(030) 23125 001"),
            ("fr_phone", "01 99 00 12 34"),
            ("es_phone", "612 34 56 78"),
            ("nl_phone", "06-12345678"),
            ("in_phone", "98765 43210"),
            ("au_phone", "0491 570 156"),
            ("br_phone", "(11) 91234-5678"),
            ("jp_phone", "090-1234-5678"),
        ] {
            assert!(
                labelled(FAMILIES, &format!("at {text}, or")).contains(&(label, text.to_owned())),
                "{label} {text}: {:?}",
                labelled(FAMILIES, text)
            );
        }
        for (label, text) in
            [("us_phone", "4155550132"), ("it_phone", "347 1234567"), ("de_phone", "030 23125001"), ("jp_phone", "0312345678")]
        {
            assert!(labelled(FAMILIES, &format!("Phone: {text}")).contains(&(label, text.to_owned())), "{label} {text}");
            assert!(labelled(FAMILIES, &format!("order {text}")).iter().all(|(other, _)| *other != label), "{label} {text}");
        }
        for other in ["115-555-0132", "415-155-0132", "415-555-01321", "1415-555-0132", "415-555.0132"] {
            assert!(labelled(FAMILIES, other).iter().all(|(label, _)| *label != "us_phone"), "{other}");
        }
    }
}
