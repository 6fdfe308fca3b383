//! The masker as a whole: what it masks, and that neither cuts nor depth nor size change it.

use super::*;
use crate::policy::value::{Pattern, Secret};
use crate::policy::{Detector, FieldPath, MaskRule, Operator};

fn rule(id: &str, detect: &[Detector], then: Operator) -> MaskRule {
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
fn masked_names_do_not_become_alike() {
    assert_eq!(
        json(r#"{"a@b.io":1,"c@d.io":2,"é":{"e@f.io":3}}"#),
        r#"{"[MASKED:email]":1,"[MASKED:email:2]":2,"é":{"[MASKED:email:3]":3}}"#
    );
}

#[test]
fn masked_names_in_json_in_json_do_not_become_alike() {
    let inner = r#"{"a@b.io":"c@d.io","c@d.io":{"e@f.io":3}}"#;
    let want = r#"{"[MASKED:email]":"[MASKED:email]","[MASKED:email:2]":{"[MASKED:email:3]":3}}"#;
    for depth in 1..=3 {
        assert_eq!(unnested(&json(&nested(inner, depth)), depth), want);
    }
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

/// `value` as the content of a JSON string, `depth` times over.
fn nested(value: &str, depth: usize) -> String {
    (0..depth).fold(value.to_owned(), |text, _| serde_json::to_string(&serde_json::json!({ "t": text, "n": 1 })).unwrap())
}

fn unnested(body: &str, depth: usize) -> String {
    (0..depth).fold(body.to_owned(), |text, _| serde_json::from_str::<serde_json::Value>(&text).unwrap()["t"].as_str().unwrap().to_owned())
}

#[test]
fn three_levels_of_json_in_json() {
    let aws = aws();
    let value = format!("x\n{aws}\n\"jo@example.com\"\té");
    let inner = serde_json::json!({ "password": "hunter\"2", "card": 4242424242424242u64, "z": { "list": ["a", 1.5] } }).to_string();
    for depth in 1..=3 {
        let out = json(&nested(&value, depth));
        assert_eq!(unnested(&out, depth), "x\n[MASKED:aws_access_key]\n\"[MASKED:email]\"\té", "{depth}");
    }
    for depth in 1..=2 {
        let out = json(&nested(&inner, depth));
        assert_eq!(unnested(&out, depth), r#"{"password":"[MASKED:fields]","card":0,"z":{"list":["a",1.5]}}"#, "{depth}");
    }
    let deepest = json(&nested(&inner, 3));
    assert_eq!(unnested(&deepest, 3), r#"{"password":"[MASKED:fields]","card":0,"z":{"list":["a",1.5]}}"#);
}

#[test]
fn json_in_a_line_of_text() {
    let line = r#"2026-01-01 INFO got {"user":{"pin":1234,"name":"x\njo@example.com"}} from [10.0.0.1] ${x}"#;
    let out = json(&serde_json::json!({ "log": line }).to_string());
    let out: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(out["log"], r#"2026-01-01 INFO got {"user":{"pin":0,"name":"x\n[MASKED:email]"}} from [10.0.0.1] ${x}"#);
}

#[test]
fn a_path_with_backslashes_is_no_escape() {
    let out = json(&serde_json::json!({ "p": r"C:\new@example.com, C:\dir\jo@example.com" }).to_string());
    let out: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(out["p"], r"C:\n[MASKED:email], C:\dir\[MASKED:email]");
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
fn keep_last() {
    let keep = profile(&[
        rule("all", &[Detector::CreditCard, Detector::Email, Detector::PrivateKey], Operator::Keep { first: 0, last: 4 }),
        fields("f", &["name"], Operator::Keep { first: 0, last: 2 }),
    ]);
    assert_eq!(
        json_under(&keep, r#"{"a":"4242-4242-4242-4242!","n":4242424242424242,"name":"é\u00e9ü😀\n","b":{"name":"xy"}}"#),
        r#"{"a":"***************4242!","n":4242,"name":"***😀\n","b":{"name":"**"}}"#
    );
    let out = json_under(&keep, &serde_json::json!({ "k": pem() }).to_string());
    let stars = serde_json::from_str::<serde_json::Value>(&out).unwrap()["k"].as_str().unwrap().to_owned();
    assert_eq!((stars.len(), stars.trim_start_matches('*')), (pem().len(), "----"));
    // A name must not become like another.
    assert_eq!(json_under(&keep, r#"{"jo@example.com":1,"al@example.com":2}"#), r#"{"[MASKED:email]":1,"[MASKED:email:2]":2}"#);
}

#[test]
fn the_ends_stay_a_fixed_text_or_nothing() {
    let all = [Detector::CreditCard, Detector::Email];
    let keep =
        profile(&[rule("all", &all, Operator::Keep { first: 6, last: 4 }), fields("f", &["name"], Operator::Keep { first: 2, last: 0 })]);
    assert_eq!(
        json_under(&keep, r#"{"a":"4242-4242-4242-4242!","n":4242424242424242,"name":"\u00e9l😀x","b":"a@b.co jo@example.com"}"#),
        r#"{"a":"4242-4*********4242!","n":4242420000004242,"name":"\u00e9l**","b":"****** jo@exa****.com"}"#
    );
    let fixed = profile(&[rule("all", &all, Operator::Fixed("<x>".to_owned()))]);
    assert_eq!(
        json_under(&fixed, r#"{"a":"to jo@example.com","n":4242424242424242,"jo@example.com":1,"al@example.com":2}"#),
        r#"{"a":"to <x>","n":0,"[MASKED:email]":1,"[MASKED:email:2]":2}"#
    );
    let drop = profile(&[rule("all", &all, Operator::Drop)]);
    assert_eq!(json_under(&drop, r#"{"a":"to jo@example.com.","n":4242424242424242}"#), r#"{"a":"to .","n":0}"#);
    let refuse = profile(&[rule("all", &all, Operator::Refuse)]);
    assert_eq!(json_under(&refuse, r#"{"a":"jo@example.com"}"#), r#"{"a":"[MASKED:email]"}"#);
    assert!(refuse.refuses() && !drop.refuses());
}

#[test]
fn a_keyed_hash_is_the_same_for_the_same_value() {
    let hash = profile(&[
        rule("h", &[Detector::Email, Detector::CreditCard], Operator::Hash(key())),
        fields("f", &["name"], Operator::Hash(key())),
    ]);
    let out = json_under(
        &hash,
        r#"{"a":"jo@example.com","b":"\u006ao@example.com","name":"jo@example.com","c":4242424242424242,"jo@example.com":1}"#,
    );
    let out: serde_json::Value = serde_json::from_str(&out).unwrap();
    // HMAC-SHA-256 of `jo@example.com` under the key, by Python's hmac module.
    let mac = "6dd2947535d86d27";
    assert_eq!(out["a"], format!("[MASKED:email:{mac}]"));
    assert_eq!(out["b"], out["a"]);
    assert_eq!(out["name"], format!("[MASKED:f:{mac}]"));
    assert!(out["c"].as_u64().is_some_and(|number| number != 4242424242424242));
    assert_eq!(out[format!("[MASKED:email:{mac}]")], 1);
}

#[test]
fn patterns_see_text_and_borders() {
    let profile = profile(&[
        pattern("codes", r"\bACME-\d{4}\b", Operator::Replace),
        pattern("start", "^top secret$", Operator::Replace),
        pattern("pin", r"^\d{6}$", Operator::Replace),
    ]);
    assert_eq!(
        json_under(&profile, r#"{"a":"\nACME-1234\n xACME-1234 ACME-12345","b":"top secret","c":"a top secret","pin":123456,"n":1234567}"#),
        r#"{"a":"\n[MASKED:codes]\n xACME-1234 ACME-12345","b":"[MASKED:start]","c":"a top secret","pin":0,"n":1234567}"#
    );
}

#[test]
fn overlaps_go_to_the_leftmost_then_the_longest_then_the_first_rule() {
    let profile = profile(&[
        pattern("short", "b+", Operator::Replace),
        pattern("left", "ab", Operator::Replace),
        pattern("long", "bbb", Operator::Replace),
        pattern("late", "b{3}", Operator::Replace),
    ]);
    assert_eq!(json_under(&profile, r#"["abbb","xbbb"]"#), r#"["[MASKED:left][MASKED:short]","x[MASKED:short]"]"#);
}

#[test]
fn a_database_url_keeps_its_host() {
    let url = ["postgres://app:", "s3cret", "@db.example.com/x"].concat();
    assert_eq!(json(&format!(r#"["{url}"]"#)), r#"["postgres://app:[MASKED:database_url]@db.example.com/x"]"#);
}

#[test]
fn unbounded_tokens_are_swallowed_to_their_end() {
    let head = ["eyJ0eXAiOiJKV1QiLA0KICJhbGci", "OiJIUzI1NiJ9"].concat();
    for len in [10, 400, 6000, 9000, 30_000] {
        let token = format!("{head}.{}.{}", "aB3_".repeat(len / 4), "x-".repeat(20));
        let body = format!(r#"{{"a":"Bearer {token}. Then","k":{}}}"#, serde_json::json!(pem().repeat(len / 4000 + 1) + " after"));
        let (out, findings) = whole(&everything(), Form::Json, body.as_bytes()).unwrap();
        let keys = "[MASKED:private_key]".repeat(len / 4000 + 1);
        assert_eq!(String::from_utf8(out.clone()).unwrap(), format!(r#"{{"a":"Bearer [MASKED:jwt]. Then","k":"{keys} after"}}"#));
        assert_eq!(findings.details()[0].len, token.len());
        for size in [1, 7, 1000, 4096] {
            assert_eq!(in_pieces(&everything(), Form::Json, body.as_bytes().chunks(size)).unwrap(), out);
        }
    }
}

/// HMAC-SHA-256, to 16 digits, as the hash operator shows it.
fn mac(value: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key().expose()).unwrap();
    mac.update(value.as_bytes());
    mac.finalize().into_bytes()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn values_over_many_windows_are_hashed_and_kept_in_part() {
    let long: String = "é\n\"\\😀 a".repeat(2000);
    let token = format!("{}.{}", ["eyJ0eXAiOiJKV1QiLA0KICJhbGci", "OiJIUzI1NiJ9"].concat(), "aB3_".repeat(5000));
    let inner = serde_json::json!({ "secret": long, "n": 1 }).to_string();
    let body = serde_json::json!({ "secret": long, "jwt": format!("x {token}. y"), "inner": inner, "deep": nested(&inner, 1) }).to_string();
    let rules = |then: Operator| profile(&[fields("f", &["secret"], then.clone()), rule("t", &[Detector::Jwt], then)]);
    let read = |out: &[u8]| {
        let out: serde_json::Value = serde_json::from_slice(out).unwrap();
        let inner = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["secret"].as_str().unwrap().to_owned();
        let text = |name: &str| out[name].as_str().unwrap().to_owned();
        [text("secret"), text("jwt"), inner(&text("inner")), inner(&unnested(&text("deep"), 1))]
    };
    let stars = format!("{}{}", "*".repeat(long.chars().count() - 3), "😀 a");
    let want_kept = [stars.clone(), format!("x {}B3_. y", "*".repeat(token.len() - 3)), stars.clone(), stars];
    let field = format!("[MASKED:f:{}]", mac(&long));
    let want_hash = [field.clone(), format!("x [MASKED:jwt:{}]. y", mac(&token)), field.clone(), field];
    for (then, want) in [(Operator::Keep { first: 0, last: 3 }, want_kept), (Operator::Hash(key()), want_hash)] {
        let profile = rules(then);
        for size in [1, 1000, 4096, usize::MAX] {
            let out = in_pieces(&profile, Form::Json, body.as_bytes().chunks(size)).unwrap();
            for (have, want) in read(&out).iter().zip(&want) {
                let differ = have.char_indices().zip(want.chars()).find(|((_, have), want)| have != want);
                assert!(
                    have == want,
                    "chunks of {size}: {} and {} bytes, {differ:?}, {}",
                    have.len(),
                    want.len(),
                    have.chars().take(60).collect::<String>()
                );
            }
        }
    }
}

#[test]
fn what_a_match_leaves_of_another_is_masked_too() {
    assert_eq!(json(r#"["SSN 078-05-1123@example.com"]"#), r#"["SSN [MASKED:email]"]"#);
    assert_eq!(json(r#"["ACME-1234 4242424242424242@example.com"]"#), r#"["[MASKED:codes] [MASKED:email]"]"#);
    // Also where the first goes on over windows.
    let token = format!("{}.{}", ["eyJ0eXAiOiJKV1QiLA0KICJhbGci", "OiJIUzI1NiJ9"].concat(), "aB3_");
    let profile = everything();
    for len in (1850..2100).step_by(3).chain([20, 500, 5000]) {
        let body = format!(r#"["{token}{}_{}@example.com"]"#, "aB3_".repeat(len), "x".repeat(60));
        let (out, _) = whole(&profile, Form::Json, body.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), r#"["[MASKED:jwt][MASKED:email]"]"#, "{len}");
    }
}

#[test]
fn a_key_without_end_goes_to_the_end_of_its_string() {
    let cut: String = pem().chars().take(300).collect();
    let inner = serde_json::json!({ "k": cut, "password": "x", "z": "visible" }).to_string();
    let out = json(&nested(&inner, 1));
    assert_eq!(unnested(&out, 1), r#"{"k":"[MASKED:private_key]","password":"[MASKED:fields]","z":"visible"}"#);
}

/// No finding is lost or changed where two windows meet: the same text further on in the string is masked the same.
#[test]
fn windows_leave_no_seam() {
    let aws = aws();
    let inner =
        serde_json::json!({ "t": format!("a\n{aws}\n4242 4242 4242 4242"), "password": "hunter\\2", "n": 4242424242424242u64 }).to_string();
    let token = ["eyJ0eXAiOiJKV1QiLA0KICJhbGci", "OiJIUzI1NiJ9.", &"aB3_".repeat(300)].concat();
    let texts = [
        format!(" {aws} jo.very.long.address@mail.example.com 078-05-1123 DE89 3704 0044 0532 0130 00 ACME-1234 {} end", pem()),
        format!(" {inner} SSN: 078051123 {token} x"),
        format!(
            " postgresql+psycopg2://{}:{}@db.example.com/x https://hooks.slack.com/services/{}",
            "u".repeat(90),
            "s3cret",
            ["T0DCUJB1Q", "/B0DD08H5G/", "bJtrpFi1fO1JMCcwLx8uZyAg"].concat()
        ),
        format!(" {}", serde_json::to_string(&inner).unwrap()),
        format!(" {}", serde_json::to_string(&nested(&inner, 1)).unwrap()),
    ];
    let profile = everything();
    let mask = |text: &str| {
        let body = serde_json::to_vec(&[text]).unwrap();
        let (out, _) = whole(&profile, Form::Json, &body).unwrap();
        serde_json::from_slice::<Vec<String>>(&out).unwrap().remove(0)
    };
    for text in texts {
        let alone = mask(&text);
        for fill in ["x", "é", "\n", "} "] {
            let most = 9000 / fill.len();
            // Around every window border, and a coarse grid elsewhere.
            for len in (0..most).filter(|len| len % 97 == 0 || *len * fill.len() > 6400).step_by(29) {
                let filled = fill.repeat(len);
                let out = mask(&format!("{filled}{text}"));
                assert_eq!(out.strip_prefix(&filled), Some(alone.as_str()), "{len} of {fill:?}");
            }
        }
    }
}

#[test]
fn invalid_json_is_an_error_and_stays_one() {
    for body in ["{", r#"{"a":1}}"#, r#"{"a":1} x"#, "{}{}", "nope", r#"{"a":"b"#, "[1,]", "\u{feff}{}"] {
        assert!(masked(&everything(), Form::Json, body.as_bytes()).is_err(), "{body}");
    }
    assert!(whole(&everything(), Form::Json, b"[\"\xff\"]").is_err());
    let mut stream = Stream::new(everything(), Form::Json);
    let mut out = Vec::new();
    assert!(stream.push(b"[x", &mut out).is_err());
    assert!(stream.push(b"1]", &mut out).is_err());
    assert!(stream.finish(&mut out).is_err());
}

#[test]
fn event_streams() {
    let stream = concat!(
        "\u{feff}event: message\r\nid: 1_2\r\ndata: {\"result\":{\"a\":\"jo@example.com\"},\r\ndata:  \"n\":4242424242424242\r\ndata: }\r\n\r\n",
        ": keepalive jo@example.com\n\n",
        "id: x\ndata: \nretry: 5\n\n",
        "data: {}\n\n",
        "event: endpoint\rdata: /messages?sessionId=ab&u=jo@example.com\r\r",
        "data\ndata: plain jo@example.com\n\n",
        "data: [\"jo@example.com\"]",
    );
    let want = stream.replace("jo@example.com", "[MASKED:email]").replace("4242424242424242", "0");
    assert_eq!(masked(&everything(), Form::Sse, stream.as_bytes()).unwrap(), want);
}

#[test]
fn an_event_that_is_cut_or_torn_is_an_error() {
    for stream in ["data: {\"a\":\n\n", "data: {\"a\ndata: b\":1}\n\n", "data: {\"a\":1", "data: {} x\n\n", "data: {\"a\":12\ndata: 3}\n\n"]
    {
        assert!(masked(&everything(), Form::Sse, stream.as_bytes()).is_err(), "{stream:?}");
    }
}

#[test]
fn nothing_waits_that_need_not() {
    let mut stream = Stream::new(everything(), Form::Sse);
    let mut sent = Vec::new();
    for piece in
        [": keepalive\n", "\n", "event: message\n", "data: {\"a\":\"x\",", "\"b\":[1,\"y\"", "]}\n", "\n", "data: text line\n", "\n"]
    {
        let mut out = Vec::new();
        stream.push(piece.as_bytes(), &mut out).unwrap();
        assert_eq!(out, piece.as_bytes());
        sent.extend(out);
    }
}

#[test]
fn plain_text() {
    let aws = aws();
    let text = format!("key {aws}\n{{\"password\":\"x\",\"card\":4242424242424242}}\n{{\"a\":\"b\\njo@example.com\"}} \u{ff}");
    assert_eq!(
        masked(&everything(), Form::Text, text.as_bytes()).unwrap(),
        "key [MASKED:aws_access_key]\n{\"password\":\"[MASKED:fields]\",\"card\":0}\n{\"a\":\"b\\n[MASKED:email]\"} \u{ff}"
    );
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
mod places;
mod spellings;
