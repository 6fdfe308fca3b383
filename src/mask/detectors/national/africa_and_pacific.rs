//! Africa, Australia and New Zealand.

use super::checks::{at, begins_ymd, luhn, varies, weighted};
use super::{About, Family, Id, Trigger, context, id, lengths};

pub(super) const FAMILIES: &[Family] = &[
    id!(
        AuTfn,
        "au_tfn",
        ["999 999 999", "999-999-999", "!999999999"],
        ["tfn", "tax file"],
        tfn,
        "nine digits in threes",
        "MOD 11",
        "ato.gov.au"
    ),
    id!(
        AuAbn,
        "au_abn",
        ["99 999 999 999", "!99999999999"],
        ["abn", "business number"],
        abn,
        "eleven digits, 2-3-3-3",
        "MOD 89",
        "abr.business.gov.au"
    ),
    id!(
        AuMedicare,
        "au_medicare",
        ["9999 99999 9", "9999-99999-9", "!9999999999"],
        ["medicare"],
        medicare,
        "ten digits, 4-5-1",
        "first digit, check digit",
        "servicesaustralia.gov.au"
    ),
    id!(
        NzIrd,
        "nz_ird",
        ["99-999-999", "999-999-999", "!999999999", "!99999999"],
        ["ird", "inland revenue", "tax number"],
        ird,
        "eight or nine digits",
        "range, MOD 11 in two rounds",
        "ird.govt.nz"
    ),
    id!(
        ZaId,
        "za_id",
        ["!9999999999999", "999999 9999 999"],
        ["id number", "identity number", "south african id", "sa id", "rsa id", "id no", "id nommer"],
        za,
        "13 digits",
        "date, citizenship, Luhn",
        "dha.gov.za"
    ),
];

fn tfn(chars: &[u8]) -> bool {
    weighted(chars, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_some_and(|sum| sum % 11 == 0) && varies(chars)
}

fn abn(chars: &[u8]) -> bool {
    let sum = weighted(chars, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    // One is taken from the first digit.
    matches!(chars.first(), Some(b'1'..=b'9')) && sum.is_some_and(|sum| (sum + 89 - 10) % 89 == 0)
}

fn medicare(chars: &[u8]) -> bool {
    let check = weighted(chars, &[1, 3, 7, 9, 1, 3, 7, 9]).map(|sum| sum % 10);
    matches!(chars.first(), Some(b'2'..=b'6')) && check.is_some() && check == at(chars, 8) && chars.get(9) != Some(&b'0')
}

fn ird(chars: &[u8]) -> bool {
    let mut digits = chars.to_vec();
    if digits.len() == 8 {
        digits.insert(0, b'0');
    }
    let round = |weights: &[u32]| weighted(&digits, weights).map(|sum| (11 - sum % 11) % 11);
    let check = match round(&[3, 2, 7, 6, 5, 4, 3, 2]) {
        Some(10) => round(&[7, 4, 3, 2, 5, 2, 7, 6]),
        check => check,
    };
    let range = super::checks::number(&digits).is_some_and(|number| (10_000_000..=150_000_000).contains(&number));
    range && check.is_some() && check == at(&digits, 8)
}

fn za(chars: &[u8]) -> bool {
    begins_ymd(chars) && matches!(chars.get(10), Some(b'0' | b'1' | b'2')) && luhn(chars)
}
