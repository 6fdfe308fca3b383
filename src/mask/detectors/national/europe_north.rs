//! Northern and Baltic Europe.

use super::checks::{at, begins_dmy, begins_ymd, is_day, luhn, number, part, weighted};
use super::{About, Family, Id, Trigger, context, id, lengths};

pub(super) const FAMILIES: &[Family] = &[
    id!(
        SePersonnummer,
        "se_personnummer",
        ["999999-9999", "999999+9999", "99999999-9999", "!9999999999", "!999999999999"],
        ["personnummer", "samordningsnummer", "personal number", "personal identity number", "personnr"],
        personnummer,
        "six or eight digits of a date and four",
        "date, Luhn",
        "skatteverket.se"
    ),
    id!(
        NoFodselsnummer,
        "no_fodselsnummer",
        ["99999999999", "999999 99999"],
        [],
        fodselsnummer,
        "a date and five digits",
        "date, two check digits MOD 11",
        "skatteetaten.no"
    ),
    id!(DkCpr, "dk_cpr", ["999999-9999"], [], cpr, "a date and four digits", "date, MOD 11, as given out before 2007", "cpr.dk"),
    // Numbers given out since 2007 have no check digit: batches and orders that begin with a day are written like them.
    id!(
        DkCpr,
        "dk_cpr_2007",
        ["!999999-9999", "!9999999999"],
        ["cpr", "personnummer", "civil registration"],
        begins_dmy,
        "a date and four digits",
        "date",
        "cpr.dk"
    ),
    id!(
        FiHetu,
        "fi_hetu",
        ["999999?999N"],
        [],
        hetu,
        "a date, the sign of the century, three digits and a check character",
        "date, MOD 31",
        "dvv.fi"
    ),
    id!(
        IsKennitala,
        "is_kennitala",
        ["999999-9999", "!9999999999"],
        ["kennitala", "kt"],
        kennitala,
        "a date and four digits",
        "date, MOD 11",
        "skra.is"
    ),
    id!(
        EePersonalCode,
        "ee_personal_code",
        ["!99999999999"],
        ["isikukood", "personal code", "personal id"],
        baltic,
        "eleven digits",
        "century, date, MOD 11 in two rounds",
        "EVS 585"
    ),
    id!(
        LtPersonalCode,
        "lt_personal_code",
        ["!99999999999", "!999_999_999_99"],
        ["asmens kodas", "personal code", "ak"],
        baltic,
        "eleven digits",
        "century, date, MOD 11 in two rounds",
        "registrucentras.lt"
    ),
    id!(
        LvPersonalCode,
        "lv_personal_code",
        ["999999-99999", "!99999999999"],
        ["personas kods", "personal code"],
        latvian,
        "a date or 32, and five digits",
        "date, check digit",
        "pmlp.gov.lv"
    ),
];

fn personnummer(chars: &[u8]) -> bool {
    let short = chars.get(chars.len().saturating_sub(10)..).unwrap_or_default();
    // Days of coordination numbers are counted from 61.
    let day = part(short, 4, 2).map(|day| if day > 60 { day - 60 } else { day });
    let century = chars.len() == 10 || matches!(part(chars, 0, 2), Some(18..=20));
    century && matches!((part(short, 2, 2), day), (Some(month), Some(day)) if is_day(month, day)) && luhn(short)
}

fn fodselsnummer(chars: &[u8]) -> bool {
    const FIRST: [u32; 10] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
    const SECOND: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    let fits = |weights: &[u32]| weighted(chars, weights).is_some_and(|sum| sum % 11 == 0);
    // D-numbers add 40 to the day, H-numbers to the month; synthetic ones 65 or 80.
    let day = part(chars, 0, 2).map(|day| if day > 40 { day - 40 } else { day });
    let month = part(chars, 2, 2).map(|month| match month {
        41..=52 => month - 40,
        66..=77 => month - 65,
        81..=92 => month - 80,
        month => month,
    });
    matches!((month, day), (Some(month), Some(day)) if is_day(month, day)) && fits(&FIRST) && fits(&SECOND)
}

fn cpr(chars: &[u8]) -> bool {
    let sum = weighted(chars, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    begins_dmy(chars) && sum.is_some_and(|sum| sum % 11 == 0)
}

fn hetu(chars: &[u8]) -> bool {
    const CHECK: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let Some((head, tail)) = chars.split_at_checked(6) else { return false };
    let [century, rest @ .., check] = tail else { return false };
    let value = number(head).zip(number(rest)).map(|(head, rest)| head * 1000 + rest);
    let want = value.and_then(|value| CHECK.get(usize::try_from(value % 31).ok()?));
    b"-+ABCDEFUVWXY".contains(century) && begins_dmy(head) && part(rest, 0, 3) > Some(1) && want == Some(check)
}

fn kennitala(chars: &[u8]) -> bool {
    let sum = weighted(chars, &[3, 2, 7, 6, 5, 4, 3, 2, 1]);
    begins_dmy(chars) && matches!(chars.last(), Some(b'0' | b'8' | b'9')) && sum.is_some_and(|sum| sum % 11 == 0)
}

fn baltic(chars: &[u8]) -> bool {
    const FIRST: [u32; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1];
    const SECOND: [u32; 10] = [3, 4, 5, 6, 7, 8, 9, 1, 2, 3];
    let rest = |weights: &[u32]| weighted(chars, weights).map(|sum| sum % 11);
    let check = match (rest(&FIRST), rest(&SECOND)) {
        (Some(10), Some(10)) => Some(0),
        (Some(10), second) => second,
        (first, _) => first,
    };
    let date = chars.get(1..7).is_some_and(begins_ymd);
    matches!(chars.first(), Some(b'1'..=b'8')) && date && check.is_some() && check == at(chars, 10)
}

fn latvian(chars: &[u8]) -> bool {
    // Since 2017 numbers begin with 32 and tell nothing.
    if chars.starts_with(b"32") {
        return true;
    }
    let sum = weighted(chars, &[1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    let check = sum.map(|sum| (1101 - sum) % 11 % 10);
    begins_dmy(chars) && matches!(chars.get(6), Some(b'0'..=b'2')) && check.is_some() && check == at(chars, 10)
}
