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
    assert!(all(told, "call records 1967-2002").is_empty());
    assert_eq!(all(told, "phone 2012-1967"), ["2012-1967"]);
    assert_eq!(super::super::tests::under("handy", told, "21 254 8219"), ["21 254 8219"]);
    for text in [
        "called 4773410 times",
        "phone_calls_total 7226502",
        "call took 7.341292225 s",
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
    for (label, text) in [("us_phone", "4155550132"), ("it_phone", "347 1234567"), ("de_phone", "030 23125001"), ("jp_phone", "0312345678")]
    {
        assert!(labelled(FAMILIES, &format!("Phone: {text}")).contains(&(label, text.to_owned())), "{label} {text}");
        assert!(labelled(FAMILIES, &format!("order {text}")).iter().all(|(other, _)| *other != label), "{label} {text}");
    }
    for other in ["115-555-0132", "415-155-0132", "415-555-01321", "1415-555-0132", "415-555.0132"] {
        assert!(labelled(FAMILIES, other).iter().all(|(label, _)| *label != "us_phone"), "{other}");
    }
}
