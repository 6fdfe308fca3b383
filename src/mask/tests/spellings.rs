//! One value in every spelling that somebody may read: what leaves has none of it, and all around stays as it was.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::*;

/// Digits only, from the zero of another script.
fn script(text: &str, zero: u32) -> String {
    text.chars().map(|char| char.to_digit(10).and_then(|digit| char::from_u32(zero + digit)).unwrap_or(char)).collect()
}

fn each(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

fn wide(text: &str) -> String {
    each(text, |char| char::from_u32(u32::from(char) + 0xFEE0).filter(|_| char > ' ').unwrap_or(char).to_string())
}

fn between(text: &str, what: &str) -> String {
    each(text, |char| format!("{char}{what}")).trim_end_matches(what).to_owned()
}

fn spellings(text: &str) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("plain", text.to_owned()),
        ("full-width", wide(text)),
        ("zero-width space", between(text, "\u{200b}")),
        ("zero-width joiner", between(text, "\u{200d}")),
        ("word joiner", between(text, "\u{2060}")),
        ("byte order mark", between(text, "\u{feff}")),
        ("soft hyphen", between(text, "\u{ad}")),
        ("variation selector", between(text, "\u{fe0f}")),
        ("tag", between(text, "\u{e0041}")),
        ("direction", between(text, "\u{200f}")),
        ("no-break space", text.replace(' ', "\u{a0}")),
        ("figure space", text.replace(' ', "\u{2007}")),
        ("no-break hyphen", text.replace('-', "\u{2011}")),
        ("en dash", text.replace('-', "\u{2013}")),
        ("Arabic-Indic", script(text, 0x660)),
        ("Devanagari", script(text, 0x966)),
        ("mathematical", script(text, 0x1D7CE)),
        ("percent", each(text, |char| format!("%{:02x}", u32::from(char)))),
        ("percent twice", each(text, |char| format!("%25{:02X}", u32::from(char)))),
        ("percent of full-width", wide(text).bytes().map(|byte| format!("%{byte:02X}")).collect()),
        ("decimal reference", each(text, |char| format!("&#{};", u32::from(char)))),
        ("hexadecimal reference", each(text, |char| format!("&#x{:x};", u32::from(char)))),
        ("reference twice", each(text, |char| format!("&amp;#{};", u32::from(char)))),
        ("full-width references", each(&wide(text), |char| format!("&#{};", u32::from(char)))),
        ("zero-width references", between(text, "&#8203;")),
    ];
    let card = format!("number {text} of 2026");
    for (name, inner) in
        [("base64", card.clone()), ("base64 twice", STANDARD.encode(&card)), ("base64 of JSON", format!("{{\"a\":\"{card}\"}}"))]
    {
        all.push((name, STANDARD.encode(&inner)));
    }
    all.push(("base64url", URL_SAFE_NO_PAD.encode(&card)));
    all.push(("base64, percent", STANDARD.encode(&card).replace('=', "%3D")));
    all.push(("base64 in lines", {
        let long = STANDARD.encode(format!("{} {card}", "some words before it ".repeat(6)));
        long.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>().join("\r\n")
    }));
    all
}

fn values() -> Vec<(&'static str, String)> {
    vec![
        ("credit_card", "4242 4242 4242 4242".to_owned()),
        ("credit_card", "4242424242424242".to_owned()),
        ("us_ssn", "078-05-1123".to_owned()),
        ("email", "jo.smith@mail.example.com".to_owned()),
        ("aws_access_key", aws()),
        ("github_token", ["gh", "p_wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].concat()),
        ("iban", "GB29 NWBK 6016 1331 9268 19".to_owned()),
    ]
}

fn check(profile: &Profile, form: Form, before: &str, written: &str, after: &str, label: &str, told: &str) {
    let body = format!("{before}{written}{after}");
    let (out, findings) = whole(profile, form, body.as_bytes()).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out, format!("{before}[MASKED:{label}]{after}"), "{told}: {body}");
    assert_eq!(findings.total(), 1, "{told}");
    for size in [1, 7] {
        assert_eq!(in_pieces(profile, form, body.as_bytes().chunks(size)).unwrap(), out.as_bytes(), "{told} in pieces of {size}");
    }
}

#[test]
fn no_spelling_hides_a_value() {
    let profile = everything();
    for (label, value) in values() {
        for (name, spelt) in spellings(&value) {
            let told = format!("{label}, {name}");
            let quoted = serde_json::to_string(&spelt).unwrap();
            let inner = quoted.trim_matches('"');
            let ascii: String = inner
                .encode_utf16()
                .map(|unit| if unit < 0x80 { char::from(unit as u8).to_string() } else { format!("\\u{unit:04x}") })
                .collect();
            check(&profile, Form::Json, r#"{"n":[1,"é is "#, inner, r#" and more"]}"#, label, &told);
            check(&profile, Form::Json, r#"{"a":""#, &ascii, r#""}"#, label, &format!("{told}, escaped"));
            check(&profile, Form::Json, r#"{""#, inner, r#"":null}"#, label, &format!("{told}, name"));
            check(&profile, Form::Sse, ": ", &spelt.replace("\r\n", ""), "\n\n", label, &format!("{told}, comment"));
            check(&profile, Form::Text, "of ", &spelt, " to\n", label, &format!("{told}, text"));
            let nested = |depth: usize| nested(&serde_json::json!({ "t": format!("so {spelt} it") }).to_string(), depth);
            for depth in 1..=2 {
                let (out, _) = whole(&profile, Form::Json, nested(depth).as_bytes()).unwrap();
                let out = unnested(&String::from_utf8(out).unwrap(), depth);
                assert_eq!(out, serde_json::json!({ "t": format!("so [MASKED:{label}] it") }).to_string(), "{told}, {depth} deep");
            }
        }
    }
}

#[test]
fn a_hash_is_of_what_is_read() {
    let hash = profile(&[rule("h", &[Detector::Email, Detector::CreditCard], Operator::Hash(key()))]);
    let card = "4242424242424242";
    for (name, spelt) in spellings(card).into_iter().filter(|(name, _)| !name.starts_with("base64")) {
        let (out, _) = whole(&hash, Form::Text, spelt.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), format!("[MASKED:credit_card:{}]", mac(card)), "{name}");
    }
}

#[test]
fn what_is_kept_is_kept_as_it_was_written() {
    let keep = profile(&[rule("k", &[Detector::CreditCard], Operator::Keep { first: 0, last: 4 })]);
    let mask = |text: &str| String::from_utf8(whole(&keep, Form::Text, text.as_bytes()).unwrap().0).unwrap();
    assert_eq!(mask("４２４２４２４２４２４２４２４２!"), "************４２４２!");
    assert_eq!(mask("%34%32%34%3242424242%34%32%34%32!"), "************%34%32%34%32!");
    // Of what is encoded as a whole nothing can be kept.
    assert_eq!(mask(&STANDARD.encode("a card 4242424242424242")), "[MASKED:credit_card]");
}

#[test]
fn members_are_known_by_what_their_names_read() {
    assert_eq!(
        json(r#"{"ｐａｓｓｗｏｒｄ":"x","pass\u200bword":"y","a":"{\"PASSW\u00adORD\":\"z\"}","ｉｄ":"jo@example.com"}"#),
        r#"{"ｐａｓｓｗｏｒｄ":"[MASKED:fields]","pass\u200bword":"[MASKED:fields]","a":"{\"PASSW\u00adORD\":\"[MASKED:fields]\"}","ｉｄ":"[MASKED:email]"}"#
    );
}

#[test]
fn numbers_however_they_are_written() {
    assert_eq!(
        json(
            r#"{"a":4.242424242424242e15,"b":[4242424242424242.0,42424242424242420E-1],"c":1.5e3,"d":"{\"n\":4.242424242424242e+15,\"m\":2.0}"}"#
        ),
        r#"{"a":0,"b":[0,0],"c":1.5e3,"d":"{\"n\":0,\"m\":2.0}"}"#
    );
    assert_eq!(json(r#"{"ssn":78051123.0,"x":78051123.0}"#), r#"{"ssn":78051123.0,"x":78051123.0}"#);
    let ssn = ["{\"ssn\":", "219099998.0", "}"].concat();
    assert_eq!(json(&ssn), r#"{"ssn":0}"#);
}

#[test]
fn ordinary_text_is_not_touched() {
    for text in [
        "naïve – well, “quoted” — 日本語 Привет ❤️ 👩‍💻 10 000 €, 4242–4243",
        "https://example.com/a%20b?c=1+2&d=%C3%A9 &amp; &lt;b&gt; 100% R&D &nbsp;",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAA ThisIsAVeryLongIdentifierWithoutSpaces da39a3ee5e6b4b0d3255bfef95601890afd80709",
        &STANDARD.encode("nothing to be seen here, only a few words in base64"),
        &STANDARD.encode((0..=255u8).collect::<Vec<_>>()),
    ] {
        let body = serde_json::json!({ "t": text }).to_string();
        assert_eq!(json(&body), body);
        assert_eq!(masked(&everything(), Form::Text, text.as_bytes()).unwrap(), text);
    }
}

/// A token that goes on for long, with something unseen in it anywhere.
#[test]
fn what_is_unseen_does_not_end_a_token() {
    let token = format!("{}.{}", ["eyJ0eXAiOiJKV1QiLA0KICJhbGci", "OiJIUzI1NiJ9"].concat(), "aB3_".repeat(3000));
    let profile = everything();
    for at in [5, 60, 600, 5000, 9000, 12_000] {
        let (head, tail) = token.split_at(at);
        let body = serde_json::json!([format!("of {head}\u{200b}{tail} end")]).to_string();
        assert_eq!(
            String::from_utf8(whole(&profile, Form::Json, body.as_bytes()).unwrap().0).unwrap(),
            r#"["of [MASKED:jwt] end"]"#,
            "{at}"
        );
    }
}

#[test]
fn windows_leave_no_seam_in_any_spelling() {
    let profile = everything();
    let mask = |text: &str| {
        let body = serde_json::to_vec(&[text]).unwrap();
        let (out, _) = whole(&profile, Form::Json, &body).unwrap();
        serde_json::from_slice::<Vec<String>>(&out).unwrap().remove(0)
    };
    let long = STANDARD.encode(format!("{} 4242424242424242", "words that fill it ".repeat(120)));
    let texts = spellings("4242 4242 4242 4242").into_iter().step_by(3).map(|(_, text)| text).chain([long]);
    for text in texts.map(|text| format!(" {text} end")) {
        let alone = mask(&text);
        assert!(alone.contains("MASKED"));
        for fill in ["x ", "é "] {
            for len in (0..9000 / fill.len()).filter(|len| len % 331 == 0 || (*len * fill.len()) % 8192 > 7300).step_by(7) {
                let filled = fill.repeat(len);
                assert_eq!(mask(&format!("{filled}{text}")).strip_prefix(&filled), Some(alone.as_str()), "{len} of {fill:?}: {text}");
            }
        }
    }
}

/// A run longer than what is looked into: its beginning tells.
#[test]
fn long_base64_goes_by_its_beginning() {
    let text = |at: usize| format!("{}card 4242424242424242 {}", "words ".repeat(at), "and so on ".repeat(2000));
    let body = serde_json::json!([STANDARD.encode(text(10))]).to_string();
    let (out, _) = whole(&everything(), Form::Json, body.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), r#"["[MASKED:credit_card]"]"#);
}
