//! Telephone numbers: international (ITU-T E.164), by country code and length; national, by the forms people write.

mod international;
#[cfg(test)]
mod tests;
mod told;

use international::international;
use told::told;

use super::national::Id;
use super::national::checks::part;
use super::text::{is_digit, is_word};
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
    "tél",
    "telemóvel",
    "telemovel",
    "tlm",
    "mobiltelefon",
    "手机",
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
