//! JSON in JSON: found, masked and written as it stands at its depth.

use super::*;

#[test]
fn masked_names_in_json_in_json_do_not_become_alike() {
    let inner = r#"{"a@b.io":"c@d.io","c@d.io":{"e@f.io":3}}"#;
    let want = r#"{"[MASKED:email]":"[MASKED:email]","[MASKED:email:2]":{"[MASKED:email:3]":3}}"#;
    for depth in 1..=3 {
        assert_eq!(unnested(&json(&nested(inner, depth)), depth), want);
    }
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
