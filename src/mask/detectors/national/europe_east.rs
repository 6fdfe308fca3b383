//! Central and eastern Europe, and Turkey.

use super::checks::{at, begins_dmy, is_day, mod_11_10, number, part, varies, weighted};
use super::{About, Family, Id, Trigger, context, id, lengths};

pub(super) const FAMILIES: &[Family] = &[
    id!(PlPesel, "pl_pesel", ["!99999999999"], ["pesel"], pesel, "eleven digits", "date, weights 1, 3, 7, 9", "gov.pl, PESEL"),
    id!(
        CzBirthNumber,
        "cz_birth_number",
        ["999999/9999", "!9999999999"],
        ["rodne cislo", "rodné číslo", "rodné číslo", "birth number", "rc", "rč"],
        birth_number,
        "`999999/9999`, of Czechia and Slovakia",
        "date, MOD 11",
        "zakon 133/2000 Sb."
    ),
    id!(
        RoCnp,
        "ro_cnp",
        ["!9999999999999"],
        ["cnp", "cod numeric", "personal code"],
        cnp,
        "13 digits",
        "date, county, check digit",
        "depabd.mai.gov.ro"
    ),
    id!(BgEgn, "bg_egn", ["!9999999999"], ["egn", "егн", "ЕГН", "edinen"], egn, "ten digits", "date, MOD 11", "grao.bg"),
    id!(
        HrOib,
        "hr_oib",
        ["!99999999999"],
        ["oib"],
        |chars| mod_11_10(chars) && varies(chars),
        "eleven digits",
        "MOD 11,10",
        "porezna-uprava.hr"
    ),
    id!(
        SiEmso,
        "si_emso",
        ["!9999999999999"],
        ["emso", "emšo", "jmbg", "unique master citizen"],
        emso,
        "13 digits, of Slovenia and its neighbours",
        "date, MOD 11",
        "gov.si, EMŠO"
    ),
    id!(
        HuTaj,
        "hu_taj",
        ["!999 999 999", "!999-999-999", "!999999999"],
        ["taj", "társadalombiztosítás"],
        taj,
        "nine digits in threes",
        "weights 3, 7",
        "neak.gov.hu"
    ),
    id!(
        RuSnils,
        "ru_snils",
        ["999-999-999 99", "999-999-999-99", "!99999999999"],
        ["snils", "снилс", "СНИЛС"],
        snils,
        "`999-999-999 99`",
        "MOD 101",
        "sfr.gov.ru"
    ),
    id!(
        UaRnokpp,
        "ua_rnokpp",
        ["!9999999999"],
        ["rnokpp", "ipn", "рнокпп", "РНОКПП", "іпн", "ІПН"],
        rnokpp,
        "ten digits",
        "check digit",
        "tax.gov.ua"
    ),
    id!(TrNationalId, "tr_national_id", ["99999999999"], [], turkish, "eleven digits", "two check digits", "nvi.gov.tr"),
];

fn pesel(chars: &[u8]) -> bool {
    let sum = weighted(chars, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    let month = part(chars, 2, 2).map(|month| month % 20);
    sum.is_some_and(|sum| sum % 10 == 0) && matches!((month, part(chars, 4, 2)), (Some(month), Some(day)) if is_day(month, day))
}

fn birth_number(chars: &[u8]) -> bool {
    // Months of women are counted from 51; 20 more where the numbers of a day were used up.
    let month = part(chars, 2, 2).map(|month| month % 50).map(|month| if month > 20 { month - 20 } else { month });
    let date = matches!((month, part(chars, 4, 2)), (Some(month), Some(day)) if is_day(month, day));
    let head = chars.get(..9).and_then(number).map(|head| head % 11 % 10);
    date && (number(chars).is_some_and(|number| number % 11 == 0) || (head.is_some() && head == at(chars, 9).map(u64::from)))
}

fn cnp(chars: &[u8]) -> bool {
    let rest = weighted(chars, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]).map(|sum| sum % 11).map(|rest| if rest == 10 { 1 } else { rest });
    let date = matches!((part(chars, 3, 2), part(chars, 5, 2)), (Some(month), Some(day)) if is_day(month, day));
    let county = matches!(part(chars, 7, 2), Some(1..=48 | 51 | 52 | 70 | 80..=83));
    matches!(chars.first(), Some(b'1'..=b'9')) && date && county && rest.is_some() && rest == at(chars, 12)
}

fn egn(chars: &[u8]) -> bool {
    let check = weighted(chars, &[2, 4, 8, 5, 10, 9, 7, 3, 6]).map(|sum| sum % 11 % 10);
    let month = part(chars, 2, 2).map(|month| month % 20);
    matches!((month, part(chars, 4, 2)), (Some(month), Some(day)) if is_day(month, day)) && check.is_some() && check == at(chars, 9)
}

fn emso(chars: &[u8]) -> bool {
    let check = weighted(chars, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]).map(|sum| (11 - sum % 11) % 11);
    begins_dmy(chars) && check.is_some() && check == at(chars, 12)
}

fn taj(chars: &[u8]) -> bool {
    let check = weighted(chars, &[3, 7, 3, 7, 3, 7, 3, 7]).map(|sum| sum % 10);
    check.is_some() && check == at(chars, 8) && varies(chars)
}

fn snils(chars: &[u8]) -> bool {
    let check = weighted(chars, &[9, 8, 7, 6, 5, 4, 3, 2, 1]).map(|sum| sum % 101 % 100);
    check.is_some() && check == part(chars, 9, 2) && varies(chars)
}

fn rnokpp(chars: &[u8]) -> bool {
    // -1, 5, 7, 9, 4, 6, 10, 5, 7, the first as 10, which is the same modulo 11.
    let check = weighted(chars, &[10, 5, 7, 9, 4, 6, 10, 5, 7]).map(|sum| sum % 11 % 10);
    check.is_some() && check == at(chars, 9) && varies(chars)
}

fn turkish(chars: &[u8]) -> bool {
    let odd = weighted(chars, &[7, 0, 7, 0, 7, 0, 7, 0, 7]);
    let even = weighted(chars, &[0, 1, 0, 1, 0, 1, 0, 1]);
    let tenth = odd.zip(even).map(|(odd, even)| (odd + 100 - even) % 10);
    let eleventh = weighted(chars, &[1; 10]).map(|sum| sum % 10);
    chars.first() != Some(&b'0') && tenth.is_some() && tenth == at(chars, 9) && eleventh == at(chars, 10)
}
