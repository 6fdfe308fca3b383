//! Asia.

use super::checks::{all_digits, at, begins_ymd, luhn, part, varies, verhoeff, weighted};
use super::{About, Family, Id, Trigger, context, id, lengths};

pub(super) const FAMILIES: &[Family] = &[
    id!(
        InAadhaar,
        "in_aadhaar",
        ["9999_9999_9999", "!999999999999"],
        ["aadhaar", "aadhar", "uidai", "uid", "vid", "आधार"],
        |chars| verhoeff(chars) && !matches!(chars.first(), Some(b'0' | b'1')) && varies(chars),
        "twelve digits in fours",
        "Verhoeff",
        "uidai.gov.in"
    ),
    id!(
        InPan,
        "in_pan",
        ["AAAAA9999A"],
        [],
        |chars| chars.get(3).is_some_and(|kind| b"ABCFGHJLPT".contains(kind)),
        "five letters, four digits, a letter",
        "kind of holder",
        "incometax.gov.in"
    ),
    id!(
        CnResidentId,
        "cn_resident_id",
        ["99999999999999999N"],
        [],
        resident,
        "17 digits and a digit or X",
        "date, MOD 11-2",
        "GB 11643-1999"
    ),
    id!(
        JpMyNumber,
        "jp_my_number",
        ["!999999999999", "!9999_9999_9999"],
        ["my number", "mynumber", "マイナンバー", "個人番号", "individual number"],
        my_number,
        "twelve digits",
        "MOD 11",
        "soumu.go.jp"
    ),
    id!(
        KrRrn,
        "kr_rrn",
        ["999999-9999999", "!9999999999999"],
        ["rrn", "resident registration", "주민등록번호", "주민번호", "korean rrn"],
        rrn,
        "a date and seven digits",
        "date, century and sex; check digit of those born before October 2020",
        "mois.go.kr"
    ),
    id!(TwId, "tw_id", ["A999999999"], [], taiwan, "a letter and nine digits", "sex, check digit", "ris.gov.tw"),
    id!(SgNric, "sg_nric", ["A9999999A"], [], nric, "S, T, F, G or M, seven digits, a letter", "check letter", "ica.gov.sg"),
    id!(
        ThId,
        "th_id",
        ["9-9999-99999-99-9", "9 9999 99999 99 9", "!9999999999999"],
        ["thai", "national id", "citizen id", "identification number", "บัตรประชาชน", "ประจำตัวประชาชน"],
        thai,
        "13 digits",
        "MOD 11",
        "bora.dopa.go.th"
    ),
    id!(
        MyNric,
        "my_nric",
        ["999999-99-9999", "!999999999999"],
        ["nric", "mykad", "kad pengenalan", "ic no"],
        |chars| begins_ymd(chars) && !matches!(part(chars, 6, 2), None | Some(0 | 17..=20 | 69 | 70 | 73 | 80 | 81 | 94..=97)),
        "a date, a place, four digits",
        "date, place",
        "jpn.gov.my"
    ),
    id!(
        HkId,
        "hk_id",
        ["A999999(N)", "AA999999(N)"],
        [],
        hong_kong,
        "one or two letters, six digits, a character in brackets",
        "MOD 11",
        "immd.gov.hk"
    ),
    id!(
        IlId,
        "il_id",
        ["!999999999", "!99999999-9"],
        ["teudat zehut", "tehudat zehut", "israeli id", "israeli identity", "zehut", "tz", "id number", "תעודת זהות", "ת.ז", "ת\"ז"],
        |chars| luhn(chars) && varies(chars),
        "nine digits",
        "Luhn",
        "gov.il"
    ),
];

fn resident(chars: &[u8]) -> bool {
    let sum = weighted(chars, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]).map(|sum| sum % 11);
    let want = sum.and_then(|rest| b"10X98765432".get(usize::try_from(rest).ok()?));
    let century = matches!(part(chars, 6, 2), Some(18..=20));
    century
        && chars.get(8..14).is_some_and(begins_ymd)
        && matches!(chars.first(), Some(b'1'..=b'9'))
        && want.is_some()
        && want == chars.get(17)
}

fn my_number(chars: &[u8]) -> bool {
    let rest = weighted(chars, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]).map(|sum| sum % 11).map(|rest| if rest <= 1 { 0 } else { 11 - rest });
    rest.is_some() && rest == at(chars, 11) && varies(chars)
}

/// Numbers given since October 2020 have no check digit; most of those who were born before have theirs from before.
fn rrn(chars: &[u8]) -> bool {
    let sum = weighted(chars, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]).map(|sum| sum % 11);
    let checks = |base: u32| sum.map(|sum| (base - sum) % 10) == at(chars, 12);
    let foreign = matches!(chars.get(6), Some(b'5'..=b'8'));
    let born_since = matches!(chars.get(6), Some(b'3' | b'4' | b'7' | b'8')) && part(chars, 0, 4).is_some_and(|month| month >= 2010);
    begins_ymd(chars) && all_digits(chars) && (born_since || checks(11) || (foreign && checks(13)))
}

fn taiwan(chars: &[u8]) -> bool {
    const LETTERS: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let Some((letter, digits)) = chars.split_first() else { return false };
    let Some(code) = LETTERS.iter().position(|known| known == letter).and_then(|place| u32::try_from(place + 10).ok()) else {
        return false;
    };
    let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2, 1, 1]).map(|sum| sum + code / 10 + code % 10 * 9);
    matches!(digits.first(), Some(b'1' | b'2' | b'8' | b'9')) && sum.is_some_and(|sum| sum % 10 == 0)
}

fn nric(chars: &[u8]) -> bool {
    let [kind, digits @ .., check] = chars else { return false };
    let (more, letters): (u32, &[u8; 11]) = match kind {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    let rest = weighted(digits, &[2, 7, 6, 5, 4, 3, 2]).map(|sum| (sum + more) % 11);
    rest.and_then(|rest| letters.get(usize::try_from(rest).ok()?)) == Some(check)
}

fn thai(chars: &[u8]) -> bool {
    let check = weighted(chars, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]).map(|sum| (11 - sum % 11) % 10);
    matches!(chars.first(), Some(b'1'..=b'8')) && check.is_some() && check == at(chars, 12) && varies(chars)
}

fn hong_kong(chars: &[u8]) -> bool {
    let value = |byte: &u8| if byte.is_ascii_digit() { u32::from(byte - b'0') } else { u32::from(byte.wrapping_sub(b'A')) + 10 };
    let Some((check, head)) = chars.split_last() else { return false };
    // With one letter, a blank stands before it, which counts as 36.
    let blank = if head.len() == 7 { 36 * 9 } else { 0 };
    let sum: u32 = head.iter().rev().zip(2..).map(|(byte, weight): (&u8, u32)| value(byte) * weight).sum();
    let want = (11 - (sum + blank) % 11) % 11;
    value(check) == want
}
