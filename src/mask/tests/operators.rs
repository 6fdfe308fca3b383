//! What leaves in place of a value.

use super::*;

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
