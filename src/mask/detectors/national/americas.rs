//! North and South America; the US social security number is in `ssn`.

use super::checks::{all_digits, at, begins_ymd, luhn, part, varies, weighted};
use super::{About, Family, Id, Trigger, context, id, lengths};

pub(super) const FAMILIES: &[Family] = &[
    id!(
        UsItin,
        "us_itin",
        ["999_99_9999", "!999999999"],
        ["itin", "taxpayer", "tax id", "tax number"],
        itin,
        "`9xx-xx-xxxx`",
        "first digit, group 50 to 65, 70 to 88, 90 to 92, 94 to 99",
        "irs.gov, IRM 3.21.263"
    ),
    id!(
        UsNpi,
        "us_npi",
        ["!9999999999", "!9999_999_999"],
        ["npi", "national provider", "provider id", "provider"],
        npi,
        "ten digits, the first 1 or 2",
        "Luhn with the prefix 80840",
        "cms.gov, NPI check digit"
    ),
    id!(
        UsDea,
        "us_dea",
        ["!AA9999999"],
        ["dea", "license", "licence", "prescriber", "registrant", "certificate", "provider", "provider id", "controlled substance"],
        dea,
        "two letters and seven digits",
        "letter of the registrant, check digit",
        "DEA diversion control, practitioner's manual"
    ),
    id!(
        UsMbi,
        "us_mbi",
        ["9AN9AN9AA99", "9AN9-AN9-AA99"],
        [],
        mbi,
        "11 characters, as on Medicare cards",
        "classes by place, no S, L, O, I, B, Z",
        "cms.gov, MBI format"
    ),
    id!(
        UsBankRouting,
        "us_bank_routing",
        ["!999999999", "9999-9999-9"],
        ["aba", "routing", "rtn", "bank transit"],
        aba,
        "nine digits",
        "range of the first two, weights 3, 7, 1",
        "ABA, routing number policy"
    ),
    id!(
        CaSin,
        "ca_sin",
        ["999_999_999", "!999999999"],
        ["sin", "social insurance", "nas", "assurance sociale"],
        |chars| luhn(chars) && !matches!(chars.first(), Some(b'0' | b'8')) && varies(chars),
        "nine digits in threes",
        "Luhn, first digit",
        "canada.ca, SIN code of practice"
    ),
    id!(
        BrCpf,
        "br_cpf",
        ["999.999.999-99", "!99999999999"],
        ["cpf", "cadastro"],
        cpf,
        "`999.999.999-99`",
        "two check digits",
        "receita.fazenda.gov.br"
    ),
    id!(
        BrCnpj,
        "br_cnpj",
        ["99.999.999/9999-99", "!99999999999999"],
        ["cnpj"],
        cnpj,
        "`99.999.999/9999-99`",
        "two check digits",
        "receita.fazenda.gov.br"
    ),
    id!(
        ArCuit,
        "ar_cuit",
        ["99-99999999-9", "!99999999999"],
        ["cuit", "cuil"],
        cuit,
        "`99-99999999-9`",
        "kind, check digit",
        "afip.gob.ar"
    ),
    id!(
        ClRut,
        "cl_rut",
        ["99.999.999-N", "99999999-N", "!9999999-N"],
        ["rut", "run"],
        rut,
        "`99.999.999-9`, the last a digit or `K`",
        "check digit",
        "sii.cl"
    ),
    id!(
        MxCurp,
        "mx_curp",
        ["AAAA999999AAAAAAN9"],
        [],
        curp,
        "18 characters",
        "date, sex, state, check digit",
        "gob.mx, Instructivo normativo CURP"
    ),
];

fn itin(chars: &[u8]) -> bool {
    let group = part(chars, 3, 2);
    chars.first() == Some(&b'9') && matches!(group, Some(50..=65 | 70..=88 | 90..=92 | 94..=99))
}

fn npi(chars: &[u8]) -> bool {
    let mut whole = b"80840".to_vec();
    whole.extend_from_slice(chars);
    matches!(chars.first(), Some(b'1' | b'2')) && luhn(&whole)
}

fn dea(chars: &[u8]) -> bool {
    let Some((letters, digits)) = chars.split_at_checked(2) else { return false };
    let sum = weighted(digits, &[1, 2, 1, 2, 1, 2]);
    letters.first().is_some_and(|letter| b"ABCDEFGHJKLMPRSTUX".contains(letter))
        && sum.is_some()
        && sum.map(|sum| sum % 10) == at(digits, 6)
}

fn mbi(chars: &[u8]) -> bool {
    let known = |byte: &u8| !b"SLOIBZ".contains(byte);
    chars.first() != Some(&b'0') && chars.iter().all(known)
}

fn aba(chars: &[u8]) -> bool {
    let sum = weighted(chars, &[3, 7, 1, 3, 7, 1, 3, 7, 1]);
    let district = part(chars, 0, 2);
    matches!(district, Some(0..=12 | 21..=32 | 61..=72 | 80)) && sum.is_some_and(|sum| sum % 10 == 0) && varies(chars)
}

/// Two digits, each of all before it, with weights from 2 up to `most` and round again.
fn two_checks(chars: &[u8], most: u32) -> bool {
    let check = |len: usize| {
        let head = chars.get(..len)?;
        let weights: Vec<u32> = (0..len).map(|place| 2 + u32::try_from(len - 1 - place).unwrap_or(0) % (most - 1)).collect();
        let rest = weighted(head, &weights)? % 11;
        Some(if rest < 2 { 0 } else { 11 - rest })
    };
    let len = chars.len();
    varies(chars) && len > 2 && check(len - 2) == at(chars, len - 2) && check(len - 1) == at(chars, len - 1) && check(len - 1).is_some()
}

fn cpf(chars: &[u8]) -> bool {
    two_checks(chars, 12)
}

fn cnpj(chars: &[u8]) -> bool {
    two_checks(chars, 9)
}

fn cuit(chars: &[u8]) -> bool {
    let rest = weighted(chars, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]).map(|sum| (11 - sum % 11) % 11);
    matches!(part(chars, 0, 2), Some(20 | 23..=27 | 30 | 33 | 34)) && rest.is_some() && rest == at(chars, 10)
}

fn rut(chars: &[u8]) -> bool {
    let Some((check, number)) = chars.split_last() else { return false };
    let sum = number.iter().rev().zip((2..=7).cycle()).try_fold(0, |sum, (byte, weight)| Some(sum + super::checks::digit(*byte)? * weight));
    let want = match sum.map(|sum| 11 - sum % 11) {
        Some(11) => b'0',
        Some(10) => b'K',
        Some(digit) => b'0' + u8::try_from(digit).unwrap_or(0),
        None => return false,
    };
    *check == want && varies(number)
}

fn curp(chars: &[u8]) -> bool {
    // The alphabet has Ñ between N and O, which no CURP is written with.
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'N' => Some(u32::from(byte - b'A') + 10),
        b'O'..=b'Z' => Some(u32::from(byte - b'A') + 11),
        _ => None,
    };
    let sum = chars.iter().take(17).zip((2..=18).rev()).try_fold(0, |sum, (byte, weight)| Some(sum + value(*byte)? * weight));
    let date = chars.get(4..10).is_some_and(|date| begins_ymd(date) && all_digits(date));
    date && matches!(chars.get(10), Some(b'H' | b'M' | b'X')) && sum.map(|sum| (10 - sum % 10) % 10) == at(chars, 17)
}
