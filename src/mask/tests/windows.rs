//! Values and texts that are longer than a window.

use super::*;

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

/// Several things are told of the place where the number begins, of which the first tells that the text repeats itself.
#[test]
fn what_repeats_itself_is_masked_to_its_end() {
    let secrets = [["GB29 NWBK 6016 1331", " 9268 19"].concat(), ["4012 8888 8888", " 1881"].concat(), aws(), "jo@example.com".to_owned()];
    for secret in &secrets {
        for between in [" ", "\n", "{\"user\":{\"pin\":0}}jo:hunter2x@tcp(db:3306)", " no secret: "] {
            let text = format!("{between}{secret}").repeat(30_000 / (between.len() + secret.len()));
            for depth in 0..3 {
                let (out, findings) =
                    whole(&everything(), Form::Json, serde_json::json!(nested(&text, depth)).to_string().as_bytes()).unwrap();
                assert!(!String::from_utf8_lossy(&out).contains(secret.as_str()), "{secret} {depth} deep between {between:?}");
                assert!(findings.total() >= u64::try_from(text.len() / (between.len() + secret.len())).unwrap());
            }
        }
    }
}
