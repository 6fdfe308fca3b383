//! Bodies that somebody might send who wants the filter to be slow: whatever begins something that is looked for, over and over, with
//! little between, in every place of an answer where text can stand.

use std::collections::BTreeSet;

use portcullis::mask::{Form, catalogue};

/// What stands behind each: nothing, what ends a word, what assigns, what goes on with a value.
const FILLERS: &[&str] = &["", " ", "\n", "\"", "\\", "/", ".", "-", "_", "@", ":", "=", "x", "1", ", ", ": ", "=\"", " 1", "4242", " is "];

/// What the catalogue does not show in backticks: words, numbers and signs.
const MORE: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apiKey",
    "private_key",
    "key",
    "credential",
    "auth",
    "--password",
    "value",
    "curl -u ",
    "Bearer ",
    "ssn",
    "social security",
    "tax",
    "sin",
    "nhs",
    "bsn",
    "cpf",
    "dob",
    "born",
    "phone",
    "tel",
    "wallet",
    "bitcoin",
    "vin",
    "passport",
    "account",
    "0",
    "1",
    "12",
    "123",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "12345678901",
    "123456789012",
    "4242424242424242",
    "4242 4242 4242 4242",
    "4242-4242-4242-",
    "1-2",
    "1.5",
    "1e7",
    "1E+7",
    "-1",
    "0.0",
    "1,",
    "1.2.3.4",
    "::1",
    "fe80::",
    "00:1b:44:11:3a:b7",
    "1980-12-31",
    "DE89 3704 0044 0532 0130 00",
    "GB82WEST12345698765432",
    "AB12CD",
    "078-05-1123",
    "+1 415 555 0132",
    "(415) 555-2671",
    "030 123456",
    "{",
    "[",
    "}",
    "]",
    "{\"",
    "[\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":{",
    "[1",
    "[[",
    "[{",
    "{}",
    "[]",
    "\"",
    "\"a\"",
    "\"a\":1,",
    "\\",
    "\\\\",
    "\\n",
    "\\\"",
    "\\/",
    "\\u",
    "\\u0041",
    "\\u00e9",
    "\\u000a",
    "\\u0031",
    "\\ud83d",
    "\\ud83d\\ude00",
    "\n",
    "\t",
    "\u{1}",
    "%",
    "%4",
    "%41",
    "%2541",
    "&",
    "&#",
    "&#65;",
    "&#x41;",
    "&amp;",
    "&amp;amp;",
    "+",
    "1+1",
    "é",
    "４",
    "\u{200b}",
    "4\u{200b}",
    "\u{a0}",
    "1\u{a0}1",
    "–",
    "1–1",
    "😀",
    "日本",
    "𝟒",
    "a@b.c",
    "a@",
    "@",
    "a.b@c.d-e.f",
    "http://a:b@c/",
    "://",
    "a://b:",
    "postgres://a:b@c/d",
    "mongodb+srv://",
    "eyJhbGciOiJIUzI1NiJ9",
    "eyJhbGciOiJIUzI1NiJ9.eyJ",
    ".eyJ",
    "-----",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----",
    "-----END ",
    "AAAA",
    "YWJjZGVmZ2hpamtsbW5v",
    "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4",
    "////",
    "++++",
    "====",
    "____",
    "----",
    "....",
    "    ",
    "0x",
    "0x52908400098527886E0F8617830D85C7c6b7",
    "bc1",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "a",
    "ab",
    "abcdefghijklmnopqrstuvwxyz",
    "a1b2c3d4e5f6a7b8c9d0",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "ACME-",
    "ACME-ABC-12345",
    "true",
    "null",
    "data",
    "text",
    "blob",
    "type",
    "id",
];

/// What is repeated.
pub fn units() -> Vec<String> {
    let mut units: BTreeSet<String> = MORE.iter().map(|unit| (*unit).to_owned()).collect();
    for entry in catalogue() {
        for told in [entry.matches.as_str(), entry.validator, entry.context] {
            units.extend(told.split('`').skip(1).step_by(2).filter(|part| !part.is_empty()).map(str::to_owned));
        }
    }
    units.into_iter().collect()
}

/// A body of some `len` bytes for each way to send the unit: what it is, and the body.
pub fn bodies(unit: &str, len: usize) -> Vec<(String, Form, Vec<u8>)> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut bodies = Vec::new();
    for filler in FILLERS {
        let one = format!("{unit}{filler}");
        let many = one.repeat(len / one.len() + 1);
        let told = |place: &str| format!("{} {place}", quoted(&one));
        let strings: Vec<String> = vec![quoted(&one); len / (one.len() + 3) + 1];
        let string = quoted(&many);
        let list = format!("[{}]", strings.join(","));
        let array = format!("[{}1]", format!("{one},").repeat(len / (one.len() + 1)));
        bodies.extend([
            (told("in a string"), Form::Json, format!("{{\"a\":{string}}}").into_bytes()),
            (
                told("in a string of a JSON string"),
                Form::Json,
                format!("{{\"a\":{}}}", quoted(&format!("{{\"b\":{string}}}"))).into_bytes(),
            ),
            (told("in a list"), Form::Json, quoted(&array).into_bytes()),
            (told("in strings"), Form::Json, list.clone().into_bytes()),
            (told("in strings of a JSON string"), Form::Json, quoted(&list).into_bytes()),
            (told("in strings of a JSON string of one"), Form::Json, quoted(&quoted(&list)).into_bytes()),
            (told("in text"), Form::Text, many.replace('\0', " ").into_bytes()),
        ]);
        let name = quoted(&one);
        for value in ["1", "\"\"", "[]", "{}"] {
            let members = format!("{name}:{value},").repeat(len / (name.len() + value.len() + 2));
            bodies.push((format!("{name}:{value}, in an object"), Form::Json, format!("{{{members}\"x\":0}}").into_bytes()));
            let inner = format!("[{}0]", format!("{{{name}:{value}}},").repeat(len / (name.len() + value.len() + 4)));
            bodies.push((format!("{{{name}:{value}}}, in JSON"), Form::Json, quoted(&inner).into_bytes()));
            bodies.push((format!("{{{name}:{value}}}, in an array"), Form::Json, inner.into_bytes()));
        }
        let line: String = one.chars().filter(|char| !matches!(char, '\r' | '\n')).collect();
        if filler.is_empty() {
            for (begins, ends) in
                [("data: ", "\n"), ("data: ", "\n\n"), ("data: [\"", "\"]\n\n"), (": ", "\n"), ("id: ", "\n\n"), ("", "\n"), ("", "\r\n")]
            {
                let event = format!("{begins}{}{ends}", if begins.contains('"') { name.trim_matches('"') } else { &line });
                bodies.push((format!("{} as events", quoted(&event)), Form::Sse, event.repeat(len / event.len() + 1).into_bytes()));
            }
        }
    }
    bodies
}
