//! Western and southern Europe.

use super::checks::{all_digits, at, digit, is_day, mod_11_10, number, part, varies, weighted};
use super::{About, Family, Id, Trigger, context, id, lengths};

pub(super) const FAMILIES: &[Family] = &[
    id!(
        UkNhs,
        "uk_nhs",
        ["999 999 9999", "!999-999-9999", "!9999999999"],
        ["nhs", "national health", "health services"],
        nhs,
        "ten digits, 3-3-4",
        "MOD 11",
        "datadictionary.nhs.uk, NHS number"
    ),
    id!(
        UkNino,
        "uk_nino",
        ["AA999999A", "AA_99_99_99_A", "AA 999999A", "AA 999999 A"],
        [],
        nino,
        "two letters, six digits, A to D",
        "prefixes in use",
        "gov.uk, NIM39110"
    ),
    id!(
        DeTaxId,
        "de_tax_id",
        ["99 999 999 999", "99_999_999_999", "!99999999999"],
        [
            "steuer-id",
            "steuerid",
            "steuer id",
            "idnr",
            "id-nr",
            "steueridentifikationsnummer",
            "identifikationsnummer",
            "tax id",
            "tax identification",
            "tax identification number",
            "tin",
            "steuernummer"
        ],
        de_tax_id,
        "eleven digits, 2-3-3-3",
        "MOD 11,10, one digit twice or three times",
        "bzst.de, IdNr"
    ),
    id!(
        DeSocialSecurity,
        "de_social_security",
        ["99999999A999", "99 999999 A 999", "99 999999 A999"],
        [],
        de_social_security,
        "two, six digits, a letter, three digits",
        "date, check digit",
        "VKVV, section 2"
    ),
    id!(
        FrNir,
        "fr_nir",
        ["9_99_99_9N_999_999_99", "9_99_99_9N999_999_99", "99999N999999999"],
        [],
        nir,
        "15 digits",
        "sex, month, MOD 97",
        "insee.fr, NIR"
    ),
    id!(
        EsNif,
        "es_nif",
        ["99999999A", "99999999-A", "99.999.999-A"],
        [],
        |chars| es_letter(chars.get(..8).and_then(number), chars.get(8)),
        "eight digits and a letter",
        "letter by MOD 23",
        "interior.gob.es, DNI"
    ),
    id!(
        EsNie,
        "es_nie",
        ["A9999999A", "A-9999999-A", "A-9999999A", "A9999999-A"],
        [],
        nie,
        "X, Y or Z, seven digits and a letter",
        "letter by MOD 23",
        "interior.gob.es, NIE"
    ),
    id!(
        ItFiscalCode,
        "it_fiscal_code",
        ["AAAAAA99A99A999A", "AAA AAA 99A99 A999A"],
        [],
        fiscal_code,
        "16 characters",
        "month, day, check letter",
        "DM 23/12/1976"
    ),
    id!(
        ItVatCode,
        "it_vat_code",
        ["!99999999999", "!99 99999 9999"],
        ["partita iva", "p.iva", "p. iva", "piva", "iva", "vat"],
        |chars| super::checks::luhn(chars) && chars.len() == 11 && varies(chars),
        "eleven digits",
        "Luhn",
        "agenziaentrate.gov.it"
    ),
    id!(
        NlBsn,
        "nl_bsn",
        ["9999.99.999", "!999999999", "!999 999 999"],
        ["bsn", "burgerservicenummer", "citizen service number", "sofinummer", "sofi"],
        bsn,
        "nine digits",
        "weights 9 to 2 and -1, MOD 11",
        "rvig.nl, BSN"
    ),
    id!(
        BeNrn,
        "be_nrn",
        ["99.99.99-999.99", "99 99 99 999 99", "99 99 99-999-99", "!99999999999"],
        [
            "rijksregister",
            "rijksregisternummer",
            "registre national",
            "numéro national",
            "numero national",
            "nationaal nummer",
            "national register",
            "national number",
            "nrn",
            "niss",
            "insz",
            "rrn"
        ],
        be_nrn,
        "`99.99.99-999.99`",
        "date, MOD 97",
        "ibz.rrn.fgov.be"
    ),
    id!(
        PtNif,
        "pt_nif",
        ["!999999999", "!999_999_999"],
        ["nif", "contribuinte", "nipc", "tax id"],
        pt_nif,
        "nine digits",
        "first digit, MOD 11",
        "portaldasfinancas.gov.pt"
    ),
    id!(ChAhv, "ch_ahv", ["999.9999.9999.99", "9999999999999"], [], ahv, "`756.9999.9999.99`", "prefix, EAN-13", "zas.admin.ch, AHVN13"),
    id!(
        AtSvnr,
        "at_svnr",
        ["9999 999999", "9999-999999", "!9999999999"],
        ["svnr", "sv-nr", "sozialversicherungsnummer", "versicherungsnummer", "social security"],
        svnr,
        "four digits and a date",
        "date, MOD 11",
        "sozialversicherung.at"
    ),
    id!(IePps, "ie_pps", ["9999999U", "9999999UU"], [], pps, "seven digits and one or two letters", "letter by MOD 23", "gov.ie, PPSN"),
    id!(GrAfm, "gr_afm", ["!999999999"], ["afm", "ΑΦΜ", "tax id", "vat"], afm, "nine digits", "powers of two, MOD 11", "aade.gr"),
];

fn nhs(chars: &[u8]) -> bool {
    let check = weighted(chars, &[10, 9, 8, 7, 6, 5, 4, 3, 2]).map(|sum| (11 - sum % 11) % 11);
    check.is_some() && check == at(chars, 9) && varies(chars)
}

fn nino(chars: &[u8]) -> bool {
    const UNUSED: &[&[u8]] = &[b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    let [first, second, digits @ .., suffix] = chars else { return false };
    !b"DFIQUV".contains(first)
        && !b"DFIOQUV".contains(second)
        && !UNUSED.contains(&&[*first, *second][..])
        && all_digits(digits)
        && matches!(suffix, b'A'..=b'D')
}

fn de_tax_id(chars: &[u8]) -> bool {
    let Some(head) = chars.get(..10) else { return false };
    let count = |digit: u8| head.iter().filter(|byte| **byte == digit).count();
    let most = (b'0'..=b'9').map(count).max().unwrap_or(0);
    let twice = (b'0'..=b'9').filter(|digit| count(*digit) > 1).count();
    chars.first() != Some(&b'0') && (2..=3).contains(&most) && twice == 1 && mod_11_10(chars)
}

fn de_social_security(chars: &[u8]) -> bool {
    const WEIGHTS: [u32; 12] = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let [head @ .., _] = chars else { return false };
    let Some(letter) = chars.get(8).filter(|letter| letter.is_ascii_uppercase()) else { return false };
    let value = u32::from(letter - b'A') + 1;
    let mut digits: Vec<u32> = head.iter().take(8).filter_map(|byte| digit(*byte)).collect();
    digits.extend([value / 10, value % 10]);
    digits.extend(head.iter().skip(9).filter_map(|byte| digit(*byte)));
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).map(|product| product / 10 + product % 10).sum();
    // Days of those whose date was taken are counted from 51.
    let day = part(chars, 2, 2).map(|day| if day > 50 { day - 50 } else { day });
    let date = matches!((part(chars, 4, 2), day), (Some(month), Some(day)) if is_day(month.max(1), day.max(1)));
    digits.len() == 12 && date && matches!(part(chars, 0, 2), Some(2..=99)) && Some(sum % 10) == at(chars, 11)
}

fn nir(chars: &[u8]) -> bool {
    let mut digits = chars.to_vec();
    // Corsica: 2A counts as 19, 2B as 18.
    if let Some(place) = digits.get_mut(5..7) {
        match *place {
            [b'2', b'A'] => place.copy_from_slice(b"19"),
            [b'2', b'B'] => place.copy_from_slice(b"18"),
            _ => {}
        }
    }
    let key = digits.get(13..).and_then(number);
    let rest = digits.get(..13).and_then(number).map(|number| 97 - number % 97);
    let month = matches!(part(chars, 3, 2), Some(1..=12 | 20 | 30..=42 | 50..=99));
    matches!(chars.first(), Some(b'1'..=b'4' | b'7' | b'8')) && month && rest.is_some() && rest == key
}

fn es_letter(number: Option<u64>, letter: Option<&u8>) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let want = number.and_then(|number| LETTERS.get(usize::try_from(number % 23).ok()?));
    want.is_some() && want == letter
}

fn nie(chars: &[u8]) -> bool {
    let Some(first) = chars.first().and_then(|letter| b"XYZ".iter().position(|known| known == letter)) else { return false };
    let rest = chars.get(1..8).and_then(number);
    es_letter(rest.and_then(|rest| Some(u64::try_from(first).ok()? * 10_000_000 + rest)), chars.get(8))
}

fn fiscal_code(chars: &[u8]) -> bool {
    const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let value = |byte: u8| if byte.is_ascii_digit() { usize::from(byte - b'0') } else { usize::from(byte.wrapping_sub(b'A')) };
    let sum = chars.iter().take(15).enumerate().try_fold(0, |sum, (place, byte)| {
        let value = value(*byte);
        Some(sum + if place % 2 == 0 { *ODD.get(value)? } else { u32::try_from(value).ok()? })
    });
    let check = sum.and_then(|sum| u8::try_from(sum % 26).ok()).map(|letter| b'A' + letter);
    let month = chars.get(8).is_some_and(|month| b"ABCDEHLMPRST".contains(month));
    month && matches!(part(chars, 9, 2), Some(1..=31 | 41..=71)) && check.as_ref() == chars.get(15)
}

fn bsn(chars: &[u8]) -> bool {
    let sum = weighted(chars, &[9, 8, 7, 6, 5, 4, 3, 2]).zip(at(chars, 8)).map(|(sum, last)| sum + 110 - last);
    sum.is_some_and(|sum| sum % 11 == 0) && varies(chars)
}

fn be_nrn(chars: &[u8]) -> bool {
    let check = chars.get(9..).and_then(number);
    let head = chars.get(..9).and_then(number);
    let rest = |head: u64| 97 - head % 97;
    let fits = head.zip(check).is_some_and(|(head, check)| rest(head) == check || rest(head + 2_000_000_000) == check);
    // Months of numbers given provisionally are counted from 20 or 40; of an unknown day both are zero.
    let month = part(chars, 2, 2).map(|month| month % 20);
    fits && matches!((month, part(chars, 4, 2)), (Some(0..=12), Some(0..=31)))
}

fn pt_nif(chars: &[u8]) -> bool {
    let check = weighted(chars, &[9, 8, 7, 6, 5, 4, 3, 2]).map(|sum| 11 - sum % 11).map(|check| if check >= 10 { 0 } else { check });
    matches!(chars.first(), Some(b'1' | b'2' | b'3' | b'5' | b'6' | b'8' | b'9'))
        && check.is_some()
        && check == at(chars, 8)
        && varies(chars)
}

fn ahv(chars: &[u8]) -> bool {
    let sum = weighted(chars, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]);
    chars.starts_with(b"756") && sum.is_some_and(|sum| sum % 10 == 0)
}

fn svnr(chars: &[u8]) -> bool {
    let sum = weighted(chars, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
    let date = matches!((part(chars, 6, 2), part(chars, 4, 2)), (Some(month), Some(day)) if is_day(month.min(12), day));
    chars.first() != Some(&b'0') && date && sum.map(|sum| sum % 11) == at(chars, 3) && sum.is_some()
}

fn pps(chars: &[u8]) -> bool {
    let sum = weighted(chars.get(..7).unwrap_or_default(), &[8, 7, 6, 5, 4, 3, 2]);
    let second = match chars.get(8) {
        None => 0,
        Some(b'W') => 0,
        Some(letter @ b'A'..=b'I') => u32::from(letter - b'A') + 1,
        Some(_) => return false,
    };
    let want = sum.map(|sum| (sum + second * 9) % 23).and_then(|rest| b"WABCDEFGHIJKLMNOPQRSTUV".get(usize::try_from(rest).ok()?));
    want.is_some() && want == chars.get(7)
}

fn afm(chars: &[u8]) -> bool {
    let check = weighted(chars, &[256, 128, 64, 32, 16, 8, 4, 2]).map(|sum| sum % 11 % 10);
    check.is_some() && check == at(chars, 8) && varies(chars)
}
