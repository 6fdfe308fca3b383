//! Valid and invalid numbers. Those of DataDog's sensitive data scanner (Apache-2.0) and of Presidio (MIT) are test
//! vectors of their checks; the rest are examples of the authorities named in the families.

use super::super::tests::under;
use super::*;
use crate::mask::detectors::Check;

fn check(label: &str) -> Check {
    let family = GROUPS.iter().copied().flatten().find(|family| family.label == label).unwrap_or_else(|| panic!("{label}"));
    match family.triggers {
        [Trigger::Digits(_, check)] => *check,
        _ => panic!("{label}"),
    }
}

/// Label, the member name, numbers that are found.
const VALID: &[(&str, &str, &[&str])] = &[
    ("us_itin", "", &["911-70-1234", "912-91-3457"]),
    ("us_npi", "npi", &["1234567893", "1245319599"]),
    ("us_dea", "dea", &["BB1388568"]),
    ("us_mbi", "", &["1EG4-TE5-MK73", "1EG4TE5MK73"]),
    ("us_bank_routing", "routing", &["121000358", "3222-7162-7", "121042882"]),
    ("ca_sin", "", &["130 692 544", "130-692-544"]),
    ("br_cpf", "", &["012.345.678-90", "083.358.948-25"]),
    ("br_cnpj", "", &["00.623.904/0001-73"]),
    ("ar_cuit", "", &["20-05536168-2"]),
    ("cl_rut", "", &["30.686.957-4", "12.345.678-5"]),
    ("mx_curp", "", &["BOXW310820HNERXN09"]),
    ("uk_nhs", "", &["907 784 4449", "943 476 5919"]),
    ("uk_nino", "", &["AB123456C", "AB 12 34 56 C"]),
    ("de_tax_id", "", &["86 095 742 719", "47 036 892 816"]),
    ("de_social_security", "", &["15 070649 C103", "15070649C103"]),
    ("fr_nir", "", &["2-89-04-78342-163-49", "151024610204325"]),
    ("es_nif", "", &["12345678Z", "00000000T"]),
    ("es_nie", "", &["X1234567L", "Y-2345678-Z"]),
    ("it_fiscal_code", "", &["RSSMRA85T10A562S"]),
    ("it_vat_code", "partita iva", &["01333550323"]),
    ("nl_bsn", "bsn", &["111222333", "123456782"]),
    ("be_nrn", "", &["85.07.30-033.28", "85 07 30 033 28"]),
    ("pt_nif", "nif", &["581348915", "123456789"]),
    ("ch_ahv", "", &["756.9217.0769.85"]),
    ("at_svnr", "", &["1237 010180"]),
    ("ie_pps", "", &["1234567FA", "1234567T"]),
    ("gr_afm", "afm", &["090000045"]),
    ("se_personnummer", "", &["670919-9530", "811228-9874", "19811228-9874"]),
    ("no_fodselsnummer", "", &["15108695088", "21030550231"]),
    ("dk_cpr", "", &["211062-5629"]),
    ("dk_cpr_2007", "cpr", &["010107-4321"]),
    ("fi_hetu", "", &["010101-0101", "131052-308T"]),
    ("is_kennitala", "", &["120174-3399"]),
    ("ee_personal_code", "isikukood", &["38507300337", "49305050799"]),
    ("lt_personal_code", "asmens kodas", &["33309240064"]),
    ("lv_personal_code", "", &["161175-19997"]),
    ("pl_pesel", "pesel", &["44051401359"]),
    ("cz_birth_number", "", &["710319/2745", "991231/1035"]),
    ("ro_cnp", "cnp", &["1800101221144", "1860524161520"]),
    ("bg_egn", "egn", &["7523169263", "8032056031"]),
    ("hr_oib", "oib", &["33392005961"]),
    ("si_emso", "emso", &["0101006500006"]),
    ("hu_taj", "TAJ", &["111 111 110"]),
    ("ru_snils", "", &["112-233-445 95"]),
    ("ua_rnokpp", "rnokpp", &["1759013776"]),
    ("tr_national_id", "", &["10000000146"]),
    ("in_aadhaar", "", &["3123 4567 8909"]),
    ("in_pan", "", &["AAAPA1234A"]),
    ("cn_resident_id", "", &["513231200012121657", "11010519491231002X"]),
    ("jp_my_number", "my number", &["123456789018"]),
    ("kr_rrn", "", &["960121-1234561"]),
    ("tw_id", "", &["A123456789"]),
    ("sg_nric", "", &["S6859080I", "T1680536F", "S1234567D"]),
    ("th_id", "", &["1-1017-00203-45-0"]),
    ("my_nric", "", &["770305-02-1234"]),
    ("hk_id", "", &["A123456(3)"]),
    ("il_id", "teudat zehut", &["123456782"]),
    ("au_tfn", "", &["876 543 210"]),
    ("au_abn", "", &["51 824 753 556"]),
    ("au_medicare", "", &["2123 45670 1"]),
    ("nz_ird", "", &["49-091-850", "136-410-132"]),
    ("za_id", "id number", &["8001015009087"]),
];

/// What any digits may be, for want of a check: of these the check alone is not tested.
const UNCHECKED: &[&str] = &["us_itin", "us_mbi", "uk_nino", "dk_cpr_2007", "dk_cpr_2007", "in_pan", "kr_rrn", "my_nric"];

#[test]
fn every_family_is_found() {
    let mut missed = Vec::new();
    for family in GROUPS.iter().copied().flatten() {
        let (_, key, numbers) = VALID.iter().find(|(label, ..)| *label == family.label).unwrap_or_else(|| panic!("{}", family.label));
        for number in *numbers {
            let alone = under(key, check(family.label), number);
            let introduced = under("", check(family.label), &format!("{key}: {number}, and"));
            if alone != [*number] || introduced != [*number] {
                missed.push((family.label, *number));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn one_digit_off_is_none() {
    let mut loose = Vec::new();
    for (label, key, numbers) in VALID.iter().filter(|(label, ..)| !UNCHECKED.contains(label)) {
        for number in *numbers {
            let (mut tried, mut taken) = (0, 0);
            for at in (0..number.len()).filter(|at| number.as_bytes()[*at].is_ascii_digit()) {
                for more in 1..10 {
                    let mut other = number.as_bytes().to_vec();
                    other[at] = b'0' + (other[at] - b'0' + more) % 10;
                    let other = String::from_utf8(other).unwrap();
                    tried += 1;
                    taken += usize::from(!under(key, check(label), &other).is_empty());
                }
            }
            // Some checks miss a few of the changes; none misses many.
            if taken * 10 > tried {
                loose.push((label, number, taken, tried));
            }
        }
    }
    assert!(loose.is_empty(), "{loose:?}");
}

#[test]
fn is_no_part_of_something_longer() {
    for (label, key, numbers) in VALID {
        for number in *numbers {
            for other in [
                format!("1{number}"),
                format!("{number}1"),
                format!("x{number}"),
                format!("{number}x"),
                format!("1-{number}"),
                format!("1.{number}"),
            ] {
                let found = under(key, check(label), &other);
                assert!(found.iter().all(|found| found != number), "{label} {other}: {found:?}");
            }
        }
    }
}

#[test]
fn digits_alone_need_a_word() {
    for family in
        GROUPS.iter().copied().flatten().filter(|family| !family.about.context.is_empty() && !family.about.context.contains("unless"))
    {
        let (_, _, numbers) = VALID.iter().find(|(label, ..)| *label == family.label).unwrap();
        for number in numbers.iter().filter(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
            assert!(under("", check(family.label), &format!("order {number}")).is_empty(), "{}", family.label);
        }
    }
}

#[test]
fn danish_numbers_without_a_check_digit_need_a_word() {
    let found = |text: &str| {
        super::super::tests::labelled(super::europe_north::FAMILIES, text).into_iter().any(|(label, _)| label.starts_with("dk_cpr"))
    };
    assert!(found("CPR: 010107-4321") && found("batch 211062-5629"));
    assert!(!found("batch 010107-4321") && !found("CPR: 320107-4321"));
}

#[test]
fn finds_where_the_digits_begin() {
    assert_eq!(first_group(b"AA999999A"), (2, 6));
    assert_eq!(first_group(b"9_99_99"), (2, 2));
    assert_eq!(first_group(b"999"), (0, 3));
    assert_eq!(lengths(&["!999999999", "99-9"]), 1 << 9 | 1 << 2);
    assert_eq!(lengths(&["99999999N"]), 1 << 8 | 1 << 9);
    assert_eq!(lengths(&["99999N999999999"]), 1 << 5 | 1 << 15);
}
