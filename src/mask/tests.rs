//! The masker as a whole: what it masks, and that neither cuts nor depth nor size change it.

use super::*;
use crate::policy::value::{Pattern, Secret};
use crate::policy::{Detector, FieldPath, MaskRule, Operator};

/// A rule of these families and nothing else.
pub(crate) fn rule(id: &str, detect: &[Detector], then: Operator) -> MaskRule {
    MaskRule {
        id: id.to_owned(),
        detect: detect.to_vec(),
        fields: Vec::new(),
        pattern: None,
        remote: None,
        then,
        scope: crate::policy::MaskScope::default(),
        alert: false,
    }
}

fn fields(id: &str, paths: &[&str], then: Operator) -> MaskRule {
    let fields = paths.iter().map(|path| FieldPath(path.split('.').map(str::to_owned).collect())).collect();
    MaskRule { fields, ..rule(id, &[], then) }
}

fn pattern(id: &str, regex: &str, then: Operator) -> MaskRule {
    MaskRule { pattern: Some(Pattern::parse(regex).unwrap()), ..rule(id, &[], then) }
}

fn key() -> Secret {
    Secret::new("0123456789abcdef0123456789abcdef")
}

fn profile(rules: &[MaskRule]) -> Profile {
    Masking::compile(rules).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).whole()
}

/// Every family, a pattern, and fields.
fn everything() -> Profile {
    profile(&[
        rule("pii", &[Detector::CreditCard, Detector::UsSsn, Detector::Iban, Detector::Email], Operator::Replace),
        rule("keys", &[Detector::Secrets], Operator::Replace),
        pattern("codes", r"\bACME-\d{4}\b", Operator::Replace),
        fields("fields", &["password", "user.pin"], Operator::Replace),
    ])
}

fn in_pieces<'a>(profile: &Profile, form: Form, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, MaskError> {
    let mut stream = Stream::new(profile.clone(), form);
    let mut out = Vec::new();
    for piece in pieces {
        stream.push(piece, &mut out)?;
        assert!(stream.held() < 64 * 1024, "{} bytes held", stream.held());
    }
    stream.finish(&mut out)?;
    Ok(out)
}

/// The result, the same for the whole body, for every cut in two, and byte by byte.
fn masked(profile: &Profile, form: Form, body: &[u8]) -> Result<String, MaskError> {
    let result = whole(profile, form, body).map(|(out, _)| out);
    for at in 0..=body.len() {
        let (head, tail) = body.split_at(at);
        assert_eq!(in_pieces(profile, form, [head, tail]).ok(), result.clone().ok(), "cut at {at}");
    }
    assert_eq!(in_pieces(profile, form, body.chunks(1)).ok(), result.clone().ok(), "byte by byte");
    result.map(|out| String::from_utf8(out).unwrap())
}

fn json(body: &str) -> String {
    json_under(&everything(), body)
}

fn json_under(profile: &Profile, body: &str) -> String {
    let out = masked(profile, Form::Json, body.as_bytes()).unwrap();
    let (before, after): (serde_json::Value, serde_json::Value) =
        (serde_json::from_str(body).unwrap(), serde_json::from_str(&out).unwrap());
    assert!(same_types(&before, &after), "{out}");
    out
}

fn same_types(before: &serde_json::Value, after: &serde_json::Value) -> bool {
    use serde_json::Value::*;
    match (before, after) {
        (Array(a), Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_types(a, b)),
        (Object(a), Object(b)) => a.len() == b.len() && a.values().zip(b.values()).all(|(a, b)| same_types(a, b)),
        (String(_), String(_)) => true,
        (Number(a), Number(b)) => !a.is_i64() || b.is_i64() || b.is_u64(),
        (a, b) => a == b,
    }
}

fn aws() -> String {
    ["AKIA", "IOSFODNN7EXAMPLE"].concat()
}

fn pem() -> String {
    format!("{0}BEGIN RSA PRIVATE KEY{0}\n{1}\n{0}END RSA PRIVATE KEY{0}", "-".repeat(5), "MIIEvQIBADANBgkqhkiG9w0BAQEF".repeat(20))
}

/// `value` as the content of a JSON string, `depth` times over.
fn nested(value: &str, depth: usize) -> String {
    (0..depth).fold(value.to_owned(), |text, _| serde_json::to_string(&serde_json::json!({ "t": text, "n": 1 })).unwrap())
}

fn unnested(body: &str, depth: usize) -> String {
    (0..depth).fold(body.to_owned(), |text, _| serde_json::from_str::<serde_json::Value>(&text).unwrap()["t"].as_str().unwrap().to_owned())
}

/// HMAC-SHA-256, to 16 digits, as the hash operator shows it.
fn mac(value: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key().expose()).unwrap();
    mac.update(value.as_bytes());
    mac.finalize().into_bytes()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn strings_names_and_numbers() {
    assert_eq!(
        json(r#"{ "card":"4242 4242 4242 4242" , "n":4242424242424242,"jo@example.com":1,"x":[378282246310005, 12.50, -0]}"#),
        r#"{ "card":"[MASKED:credit_card]" , "n":0,"[MASKED:email]":1,"x":[0, 12.50, -0]}"#
    );
}

#[test]
fn what_is_not_found_stays_as_it_was() {
    for body in
        [r#" {"b":1,"a":[2,1.10,1e2,-0,12345678901234567890123456789],"":"\u00e9\/\"\\ \ud800","é":null,"b":true}"#, "", "[]", "\t\n", "0"]
    {
        let out = masked(&everything(), Form::Json, body.as_bytes());
        assert_eq!(out.unwrap_or_default(), if body == "\t\n" { "" } else { body });
    }
}

#[test]
fn an_address_may_be_short() {
    let addresses = profile(&[rule("ip", &[Detector::IpAddress], Operator::Replace)]);
    assert_eq!(json_under(&addresses, r#"["1::2","::2","1:2"]"#), r#"["[MASKED:ip_address]","[MASKED:ip_address]","1:2"]"#);
}

#[test]
fn masked_names_do_not_become_alike() {
    assert_eq!(
        json(r#"{"a@b.io":1,"c@d.io":2,"é":{"e@f.io":3}}"#),
        r#"{"[MASKED:email]":1,"[MASKED:email:2]":2,"é":{"[MASKED:email:3]":3}}"#
    );
}

#[test]
fn escapes_hide_nothing() {
    let aws = aws();
    let written: String = aws.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    assert_eq!(
        json(&format!(r#"{{"a":"x\n{aws}\ty","b":"{written}"}}"#)),
        r#"{"a":"x\n[MASKED:aws_access_key]\ty","b":"[MASKED:aws_access_key]"}"#
    );
}

#[test]
fn fields_are_masked_whole() {
    assert_eq!(
        json(
            r#"{"Password":"hunter2","password":{"a":["x",1,true,null,""],"b":-1.5e3},"user":{"pin":1234,"pins":1},"pin":5,"users":[],"p\u0061ssword":"x","password":null}"#
        ),
        r#"{"Password":"[MASKED:fields]","password":{"a":["[MASKED:fields]",0,true,null,""],"b":0},"user":{"pin":0,"pins":1},"pin":5,"users":[],"p\u0061ssword":"[MASKED:fields]","password":null}"#
    );
}

#[test]
fn the_protocol_keeps_its_members() {
    let mail = "jo@example.com";
    let message = format!(
        r#"{{"jsonrpc":"2.0","id":"{mail}","result":{{"nextCursor":"{mail}","_meta":{{"io.modelcontextprotocol/subscriptionId":"{mail}","other":"{mail}"}},"content":[{{"type":"text","text":"{mail}","id":"{mail}"}}]}}}}"#
    );
    let want = message
        .replace(&format!(r#""other":"{mail}""#), r#""other":"[MASKED:email]""#)
        .replace(&format!(r#""text":"{mail}","id":"{mail}""#), r#""text":"[MASKED:email]","id":"[MASKED:email]""#);
    assert_eq!(json(&message), want);
    assert_eq!(
        json(r#"{"id":4242424242424242,"params":{"progressToken":4242424242424242,"id":4242424242424242}}"#),
        r#"{"id":4242424242424242,"params":{"progressToken":4242424242424242,"id":0}}"#
    );
}

#[test]
fn a_user_may_have_a_name_in_any_script() {
    let url = |user: &str| ["https://", user, ":s3cret-", "word@db.example.com/x"].concat();
    for user in ["jo", "é", "\\u00e9", "Jos\\u00e9", "\\u0438\\u0432\\u0430\\u043d", "\\ud83d\\ude00o", "\\ud83dp"] {
        for depth in 0..3 {
            let body = format!(r#"{{"t":"{}"}}"#, url(user));
            let body = (0..depth).fold(body, |body, _| serde_json::json!({ "t": body }).to_string());
            let out = masked(&everything(), Form::Json, body.as_bytes()).unwrap();
            // Further in, the text around it may have told an e-mail address first.
            assert!(depth > 0 || out.contains(":[MASKED:url_password]@db.example.com/x"), "{user}: {out}");
            assert!(!out.contains("s3cret-word"), "{user}, {depth}: {out}");
        }
    }
}

#[test]
fn a_database_url_keeps_its_host() {
    let url = ["postgres://app:", "s3cret", "@db.example.com/x"].concat();
    assert_eq!(json(&format!(r#"["{url}"]"#)), r#"["postgres://app:[MASKED:database_url]@db.example.com/x"]"#);
}

#[test]
fn findings_tell_what_and_where_and_never_the_value() {
    let body = r#"{"result":{"content":[{"text":"x"},{"text":"jo@example.com and al@example.com"}],"password":"hunter2","jo@example.com":{"c":4242424242424242}}}"#;
    let (_, findings) = whole(&everything(), Form::Json, body.as_bytes()).unwrap();
    let told: Vec<_> = findings.details().iter().map(|one| (&*one.rule, one.detector, one.path.as_str(), one.len)).collect();
    assert_eq!(
        told,
        [
            ("pii", "email", "result.content[1].text", 14),
            ("pii", "email", "result.content[1].text", 14),
            ("fields", "field", "result.password", 7),
            ("pii", "email", "result.password", 14),
            ("pii", "credit_card", "result.*.c", 16),
        ]
    );
    assert_eq!(findings.total(), 5);
    let many = format!("[{}1]", "\"jo@example.com\",".repeat(1000));
    let (_, findings) = whole(&everything(), Form::Json, many.as_bytes()).unwrap();
    assert_eq!(findings.counts()[0].count, 1000);
    assert_eq!(findings.details().len(), 32);
}

#[test]
fn a_profile_without_rules_reads_nothing() {
    let profile = Masking::compile(&[]).unwrap().whole();
    assert_eq!(whole(&profile, Form::Json, b"not json").unwrap().0, b"not json");
}

mod blobs;
mod blocks;
mod cells;
mod long;
mod nested;
mod operators;
mod overlaps;
mod places;
mod spellings;
mod streams;
mod windows;
