//! What more than one rule finds, and what one finding leaves of another.

use super::*;

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
