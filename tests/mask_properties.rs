//! What must hold for every body and every way of cutting it, tried on bodies made at random: typical, dense with
//! findings, and adversarial.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

#[path = "support/planted.rs"]
mod planted;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis::mask::{Form, MaskError, Masking, Profile, Stream, whole};
use portcullis::policy::value::{Bytes, Pattern, Secret};
use portcullis::policy::{Binary, Detector, FieldPath, MaskRule, Operator, Responses};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

const MOST_HELD: usize = 64 * 1024;

fn rule(id: &str, detect: &[Detector], then: Operator) -> MaskRule {
    MaskRule {
        id: id.to_owned(),
        detect: detect.to_vec(),
        fields: Vec::new(),
        pattern: None,
        remote: None,
        then,
        scope: portcullis::policy::MaskScope::default(),
        alert: false,
    }
}

fn fields(id: &str, paths: &[&str], then: Operator) -> MaskRule {
    let fields = paths.iter().map(|path| FieldPath(path.split('.').map(str::to_owned).collect())).collect();
    MaskRule { fields, ..rule(id, &[], then) }
}

/// Every family, with one of three operators.
fn profile(operator: &Operator) -> Profile {
    let pii = [Detector::CreditCard, Detector::UsSsn, Detector::Iban, Detector::Email];
    let rules = [
        rule("pii", &pii, operator.clone()),
        rule("keys", &[Detector::Secrets], operator.clone()),
        MaskRule { pattern: Pattern::parse(r"\bACME-\d+\b|(?m)^top.*$").ok(), ..rule("codes", &[], operator.clone()) },
        fields("fields", &["password", "user.*.pin"], operator.clone()),
    ];
    Masking::compile(&rules).map(|masking| masking.whole()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// Families and fields, but no pattern that looks at the ends of its text.
fn seamless() -> Profile {
    let all = [Detector::CreditCard, Detector::UsSsn, Detector::Iban, Detector::Email, Detector::Secrets];
    let rules = [rule("all", &all, Operator::Replace), fields("fields", &["password"], Operator::Keep { first: 0, last: 2 })];
    Masking::compile(&rules).map(|masking| masking.whole()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// Every family, with one of three operators, blocks of text joined.
fn joining(operator: &Operator, binary: Binary) -> Profile {
    let all = [Detector::CreditCard, Detector::UsSsn, Detector::Iban, Detector::Email, Detector::Secrets];
    let rules = [rule("all", &all, operator.clone()), fields("fields", &["password"], operator.clone())];
    let responses = Responses { binary, join_text: Bytes(48), ..Responses::default() };
    let masking = Masking::compile(&rules).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    masking.of_responses(&responses).whole()
}

fn operator() -> impl Strategy<Value = Operator> {
    let key = Secret::new("0123456789abcdef");
    prop_oneof![
        Just(Operator::Replace),
        (0usize..6, 0usize..6).prop_map(|(first, last)| Operator::Keep { first, last }),
        Just(Operator::Drop),
        Just(Operator::Fixed("***".to_owned())),
        Just(Operator::Hash(key))
    ]
}

/// Words and parts of words that detectors look for, whole, torn and stuck together.
fn part() -> impl Strategy<Value = String> {
    let mut secrets = planted::values();
    secrets.extend([
        planted::private_key("\n"),
        "ACME-1234".to_owned(),
        "top secret".to_owned(),
        "４２４２４２４２４２４２４２４２".to_owned(),
        "4\u{200b}242\u{a0}4242\u{a0}4242\u{feff}\u{a0}4242".to_owned(),
        "jo%40example%2Ecom".to_owned(),
        "&#52;242&#x34;24242&amp;#52;2424242".to_owned(),
        // `my card is 4242424242424242, ok?`
        ["bXkgY2FyZCBpcyA0MjQyNDI0", "MjQyNDI0MjQyLCBvaz8="].concat(),
    ]);
    let torn =
        proptest::sample::select(secrets.clone()).prop_flat_map(|secret| (0..=secret.len(), Just(secret))).prop_map(|(at, secret)| {
            let (head, tail) = secret.split_at(secret.floor_char_boundary(at));
            format!("{tail} {head}")
        });
    let glue = [
        "\n", "\t", " ", "\"", "\\", "\\n", "é", "😀", "\u{1}", "{", "}", "[", "]", ":", ",", "{\"a\":", "://", "@", "-", ".", "x", "1",
        "[12,", "é@", "%", "&#", "&amp;", "\u{200b}", "\u{a0}", "４", "+", "=",
    ];
    prop_oneof![
        4 => proptest::sample::select(secrets),
        2 => torn,
        6 => proptest::sample::select(glue.to_vec()).prop_map(str::to_owned),
        3 => "[a-z ]{1,30}",
        1 => (proptest::sample::select(vec!["x", "4", "a@b.c ", "eyJ", "\\", "\n", "{ ", "=", "-----BEGIN "]), 1usize..4000).prop_map(|(unit, count)| unit.repeat(count)),
    ]
}

fn text() -> impl Strategy<Value = String> {
    vec(part(), 0..12).prop_map(|parts| parts.concat())
}

/// A JSON value with such texts in it, also as names and as JSON in JSON.
fn value() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        3 => proptest::sample::select(vec!["password", "user", "pin", "id", "result", "text", "SecretAccessKey", "ssn", "columns", "rows", "name", "value"]).prop_map(str::to_owned),
        1 => part().prop_map(|part| part.chars().take(80).collect()),
    ];
    let leaf = prop_oneof![
        6 => text().prop_map(Value::String),
        1 => proptest::sample::select(vec![4242424242424242u64, 78051123, 7, 0]).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<f64>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((name.clone(), inner.clone()), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
            inner.prop_map(|value| Value::String(value.to_string())),
        ]
    })
}

/// Rows and their columns, names and their values, as databases and settings are told.
fn table() -> impl Strategy<Value = Value> {
    let column = proptest::sample::select(vec!["user", "password", "db_token", "note", "key", "value", "old password"]);
    let cell = prop_oneof![
        4 => proptest::sample::select(vec!["jo", "hunter2x", "x7#k\"q!Z", "6fe4476ee5a1832882e326b506d14126", "a b", ""]).prop_map(Value::from),
        1 => proptest::sample::select(vec![84739261u64, 7]).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(serde_json::json!({ "name": "password", "value": "hunter2x" })),
        1 => Just(serde_json::json!([["user", "password"], ["jo", "hunter2x"]])),
    ];
    (vec(column, 1..5), vec(vec(cell, 0..6), 0..5), 0usize..7).prop_map(|(columns, rows, shape)| {
        let named: Vec<Value> = columns.iter().map(|name| serde_json::json!({ "name": name, "type": "text" })).collect();
        match shape {
            0 => serde_json::json!({ "columns": columns, "rows": rows }),
            1 => serde_json::json!({ "fields": named, "rows": rows, "total": rows.len() }),
            2 => {
                let rows: Vec<Value> = rows
                    .iter()
                    .map(|row| serde_json::json!({ "f": row.iter().map(|cell| serde_json::json!({ "v": cell })).collect::<Vec<_>>() }))
                    .collect();
                serde_json::json!({ "data": { "schema": { "fields": named }, "rows": rows } })
            }
            3 => serde_json::json!({ "sheet": std::iter::once(serde_json::json!(columns)).chain(rows.iter().map(|row| serde_json::json!(row))).collect::<Vec<_>>() }),
            4 => serde_json::json!(columns.iter().zip(rows.iter().flatten()).map(|(name, value)| serde_json::json!({ "key": name, "value": value })).collect::<Vec<_>>()),
            5 => serde_json::json!({ "args": columns.iter().zip(rows.iter().flatten()).flat_map(|(name, value)| [serde_json::json!(format!("--{name}")), value.clone()]).collect::<Vec<_>>() }),
            _ => Value::Object(columns.iter().zip(&rows).map(|(name, row)| ((*name).to_owned(), serde_json::json!(row))).collect()),
        }
    })
}

fn in_pieces(profile: &Profile, form: Form, body: &[u8], sizes: &[usize]) -> Result<Vec<u8>, MaskError> {
    let mut stream = Stream::new(profile.clone(), form);
    let (mut out, mut rest) = (Vec::new(), body);
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        stream.push(piece, &mut out)?;
        assert!(stream.held() < MOST_HELD, "{} bytes held", stream.held());
        rest = after;
    }
    stream.finish(&mut out)?;
    Ok(out)
}

fn same_types(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(a, b)| same_types(a, b))
        }
        (Value::Object(before), Value::Object(after)) => {
            before.len() == after.len() && before.values().zip(after.values()).all(|(a, b)| same_types(a, b))
        }
        (Value::String(_), Value::String(_)) => true,
        (Value::Number(before), Value::Number(after)) => before.is_f64() || !after.is_f64(),
        (before, after) => before == after,
    }
}

/// For any bytes: no panic, the same result however they are cut, and JSON stays JSON. The first bytes choose the form and the cuts.
pub fn fuzz_stream(data: &[u8]) {
    let Some(([form, size, more], body)) = data.split_first_chunk::<3>() else { return };
    let form = [Form::Json, Form::Sse, Form::Text][usize::from(form % 3)];
    let profile = if more % 2 == 0 { profile(&Operator::Replace) } else { joining(&Operator::Replace, Binary::Pass) };
    let at_once = whole(&profile, form, body).map(|(out, _)| out);
    let sizes = [usize::from(*size) + 1, usize::from(*more) * 16 + 1];
    assert_eq!(in_pieces(&profile, form, body, &sizes).ok(), at_once.clone().ok());
    assert_eq!(in_pieces(&profile, form, body, &[1]).ok(), at_once.clone().ok());
    if let (Form::Json, Ok(out)) = (form, at_once) {
        let is_json = |text: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
        assert!(out.is_empty() || is_json(&out) || !is_json(body));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn json_is_masked_the_same_however_it_comes(value in value(), operator in operator(), sizes in vec(1usize..6000, 1..6), pretty: bool) {
        let profile = profile(&operator);
        let body = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) }.unwrap();
        let (out, _) = whole(&profile, Form::Json, &body).unwrap();
        prop_assert_eq!(&in_pieces(&profile, Form::Json, &body, &sizes).unwrap(), &out);
        prop_assert_eq!(&in_pieces(&profile, Form::Json, &body, &[1]).unwrap(), &out);
        let after: Value = serde_json::from_slice(&out).unwrap();
        prop_assert!(same_types(&value, &after));
    }

    /// A message's own JSON, its copy in a string, and one in a string of that.
    #[test]
    fn rows_are_masked_alike_however_deep(table in table(), sizes in vec(1usize..200, 1..6)) {
        let rules = [rule("all", &[Detector::Secrets], Operator::Fixed("***".to_owned()))];
        let profile = Masking::compile(&rules).map(|masking| masking.whole()).unwrap();
        let body = serde_json::to_vec(&table).unwrap();
        let (out, _) = whole(&profile, Form::Json, &body).unwrap();
        prop_assert_eq!(&in_pieces(&profile, Form::Json, &body, &sizes).unwrap(), &out);
        prop_assert_eq!(&in_pieces(&profile, Form::Json, &body, &[1]).unwrap(), &out);
        let mut body = String::from_utf8(body).unwrap();
        let mut masked: Value = serde_json::from_slice(&out).unwrap();
        for depth in 1..=3 {
            body = serde_json::json!({ "t": body }).to_string();
            let (out, _) = whole(&profile, Form::Json, body.as_bytes()).unwrap();
            prop_assert_eq!(&in_pieces(&profile, Form::Json, body.as_bytes(), &sizes).unwrap(), &out);
            masked = serde_json::json!({ "t": masked.to_string() });
            let unnest = |value: &Value| (0..depth).fold(value.clone(), |value, _| serde_json::from_str(value["t"].as_str().unwrap()).unwrap());
            prop_assert_eq!(unnest(&serde_json::from_slice(&out).unwrap()), unnest(&masked));
        }
    }

    #[test]
    fn event_streams_are_masked_the_same_however_they_come(values in vec(value(), 1..4), lines in vec(part(), 0..4), sizes in vec(1usize..6000, 1..6), ends in 0usize..3) {
        let profile = profile(&Operator::Replace);
        let end = ["\n", "\r\n", "\r"][ends];
        let mut stream = String::new();
        for (at, value) in values.iter().enumerate() {
            if let Some(line) = lines.get(at) {
                stream.push_str(&format!(": {}{end}id: {line}{end}", line.replace(['\r', '\n'], "")).replace(['\n'], end));
            }
            let data = serde_json::to_string_pretty(&serde_json::json!({ "result": value })).unwrap();
            data.lines().for_each(|line| stream.push_str(&format!("data: {line}{end}")));
            stream.push_str(end);
        }
        let at_once = whole(&profile, Form::Sse, stream.as_bytes()).map(|(out, _)| out);
        prop_assert_eq!(in_pieces(&profile, Form::Sse, stream.as_bytes(), &sizes).ok(), at_once.clone().ok());
        prop_assert_eq!(in_pieces(&profile, Form::Sse, stream.as_bytes(), &[1]).ok(), at_once.ok());
    }

    #[test]
    fn text_is_masked_the_same_however_it_comes(text in text(), operator in operator(), sizes in vec(1usize..6000, 1..6)) {
        let profile = profile(&operator);
        let (out, _) = whole(&profile, Form::Text, text.as_bytes()).unwrap();
        prop_assert_eq!(&in_pieces(&profile, Form::Text, text.as_bytes(), &sizes).unwrap(), &out);
        prop_assert!(String::from_utf8(out).is_ok());
    }

    /// Windows begin and end at other places of the text when something stands before it; nothing else may change.
    #[test]
    fn windows_have_no_seams(text in text(), pad in 0usize..9000, depth in 0usize..3) {
        let profile = seamless();
        let deep = (0..depth).fold(format!("x {text}"), |text, _| format!("x {}", serde_json::json!({ "t": text, "password": text })));
        let mask = |text: &str| {
            let (out, _) = whole(&profile, Form::Json, &serde_json::to_vec(&[text]).unwrap()).unwrap();
            serde_json::from_slice::<Vec<String>>(&out).unwrap().remove(0)
        };
        let pad = format!("{}\n", "x".repeat(pad));
        let (alone, after) = (mask(&deep), mask(&format!("{pad}{deep}")));
        prop_assert_eq!(after.strip_prefix(&pad), Some(alone.as_str()));
    }

    #[test]
    fn what_holds_nothing_is_not_touched(words in vec("[a-zA-Z é\n\"\\\\{}\\[\\]0-9]{0,60}", 0..200), sizes in vec(1usize..6000, 1..6)) {
        // Digits are cut into ones, which no detector takes.
        let text: String = words.concat().chars().map(|char| if char.is_ascii_digit() { ' ' } else { char }).collect();
        let profile = profile(&Operator::Replace);
        for (form, body) in [(Form::Text, text.clone()), (Form::Json, serde_json::json!({ "a": text, "b": [1, 2.50] }).to_string())] {
            prop_assume!(!text.contains("top"));
            prop_assert_eq!(in_pieces(&profile, form, body.as_bytes(), &sizes).unwrap(), body.into_bytes());
        }
    }

    /// Blocks of text, joined, and content in base64: the same however they come, and JSON stays JSON.
    #[test]
    fn blocks_and_blobs_are_masked_the_same_however_they_come(
        texts in vec((text(), 0usize..4, any::<bool>()), 1..6),
        operator in operator(),
        sizes in vec(1usize..6000, 1..6),
        replaces: bool,
    ) {
        let profile = joining(&operator, if replaces { Binary::Replace } else { Binary::Pass });
        let blocks: Vec<Value> = texts.iter().map(|(text, kind, last)| {
            let blob = STANDARD.encode(text);
            match (kind, last) {
                (0 | 1, _) => serde_json::json!({ "type": "text", "text": text }),
                (2, false) => serde_json::json!({ "type": "resource", "resource": { "mimeType": "text/plain", "blob": blob } }),
                (2, true) => serde_json::json!({ "type": "resource", "resource": { "blob": blob, "mimeType": "text/plain" } }),
                _ => serde_json::json!({ "type": "image", "data": STANDARD.encode([&[0xFF, 0xD8, 0], text.as_bytes()].concat()) }),
            }
        }).collect();
        let body = serde_json::to_vec(&serde_json::json!({ "result": { "content": blocks } })).unwrap();
        let at_once = whole(&profile, Form::Json, &body).map(|(out, _)| out);
        prop_assert_eq!(in_pieces(&profile, Form::Json, &body, &sizes).ok(), at_once.clone().ok());
        prop_assert_eq!(in_pieces(&profile, Form::Json, &body, &[1]).ok(), at_once.clone().ok());
        if let Ok(out) = at_once {
            let after: Value = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(after["result"]["content"].as_array().map(Vec::len), Some(texts.len()));
        }
    }

    #[test]
    fn blobs_that_hold_nothing_are_not_touched(text in "[a-z >?~é\n]{0,3000}", lines: bool, slashes: bool) {
        let blob = STANDARD.encode(&text);
        let blob = if lines { blob.as_bytes().chunks(76).map(|line| format!("{}\\n", String::from_utf8_lossy(line))).collect() } else { blob };
        let blob = if slashes { blob.replace('/', "\\/") } else { blob };
        let body = format!("{{\"result\":{{\"contents\":[{{\"blob\":\"{blob}\"}}]}}}}");
        let (out, _) = whole(&joining(&Operator::Replace, Binary::Refuse), Form::Json, body.as_bytes()).unwrap();
        prop_assert_eq!(String::from_utf8(out).unwrap(), body);
    }

    #[test]
    fn no_bytes_make_it_fail(data in vec(any::<u8>(), 0..2000)) {
        fuzz_stream(&data);
    }

    #[test]
    fn no_bytes_near_json_make_it_fail(form in 0u8..3, sizes: [u8; 2], parts in vec(proptest::sample::select(vec!["{", "}", "[", "]", "\"", "\\", "\\u00", "\\ud83d", "4242424242424242", ":", ",", "data: ", "\n", "\r", "true", "-1.5e3", "jo@example.com", "é", "password", " "]), 0..80)) {
        let mut data = vec![form];
        data.extend(sizes);
        data.extend(parts.concat().bytes());
        fuzz_stream(&data);
    }
}

/// The deepest text with the longest names, and the same in a string of it.
#[test]
fn memory_is_bounded_however_deep() {
    let deep = |depth: usize| -> String {
        let names: Vec<String> = (0..depth).map(|level| format!("{{\"{level:0>80}\":")).collect();
        format!("{}null{}", names.concat(), "}".repeat(depth))
    };
    let inner = serde_json::json!({ "t": serde_json::json!({ "t": deep(90) }).to_string() }).to_string();
    let depth = 90;
    let open = deep(depth);
    let (head, tail) = open.split_once("null").unwrap();
    let mut body = format!("{head}{}{tail}", serde_json::json!(inner));
    body.push(' ');
    for sizes in [[1usize, 1], [4096, 100], [16 * 1024, 1]] {
        assert!(in_pieces(&profile(&Operator::Keep { first: 0, last: 32 }), Form::Json, body.as_bytes(), &sizes).is_ok());
    }
}
