//! Values that are split over neighbouring text blocks.

use super::*;
use crate::policy::Responses;
use crate::policy::value::Bytes;

fn joining(then: Operator) -> Profile {
    let all = [Detector::CreditCard, Detector::Email, Detector::Secrets];
    let responses = Responses { join_text: Bytes(64), ..Responses::default() };
    Masking::compile(&[rule("all", &all, then)]).unwrap().of_responses(&responses).whole()
}

fn message(texts: &[&str]) -> String {
    let blocks: Vec<String> = texts.iter().map(|text| format!(r#"{{"type":"text","text":{}}}"#, serde_json::json!(text))).collect();
    format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{}],"isError":false}}}}"#, blocks.join(","))
}

fn check(profile: &Profile, texts: &[&str], want: &[&str]) {
    assert_eq!(masked(profile, Form::Json, message(texts).as_bytes()).unwrap(), message(want), "{texts:?}");
}

#[test]
fn both_blocks_lose_their_part_of_it() {
    let profile = joining(Operator::Replace);
    check(&profile, &["card 4242 4242", " 4242 4242, thanks"], &["card [MASKED:credit_card]", ", thanks"]);
    check(&profile, &["é 4242", "4242", "4242", "4242 ü"], &["é [MASKED:credit_card]", "", "", " ü"]);
    check(&profile, &["\n\"jo@exam", "ple.com\" \\"], &["\n\"[MASKED:email]", "\" \\"]);
    let aws = aws();
    let (head, tail) = aws.split_at(7);
    check(&profile, &[head, tail], &["[MASKED:aws_access_key]", ""]);
    // What tells a value may be in the block before.
    check(&profile, &["the password: ", "hunter2-B4ttery!x9 is it"], &["the password: ", "[MASKED:generic_secret] is it"]);
    // What stands in one block is the masker's.
    check(&profile, &["jo@example.com", "al@example.com"], &["[MASKED:email]", ""]);
    check(&profile, &["jo@example.com ", " al@example.com"], &["[MASKED:email] ", " [MASKED:email]"]);
}

#[test]
fn long_blocks_and_many() {
    let profile = joining(Operator::Replace);
    for (before, after) in [(10, 4000), (5000, 10), (9000, 9000)] {
        let (one, two) = (format!("{}\n4242 4242 42", "é x\n".repeat(before)), format!("42 4242\n{}", "y é\n".repeat(after)));
        let want = message(&[&one.replace("4242 4242 42", "[MASKED:credit_card]"), &two.replace("42 4242", "")]);
        let body = message(&[&one, &two]);
        for size in [1, 13, 1000, 4096, 100_000] {
            let out = in_pieces(&profile, Form::Json, body.as_bytes().chunks(size)).unwrap();
            assert!(out == want.as_bytes(), "{before} {after} {size}");
        }
    }
    let blocks = vec!["12 "; 60];
    check(&profile, &blocks, &blocks);
    let mut cut = vec![" x "; 40];
    cut.extend(["4242", "4242", "4242", "4242"]);
    let mut want = vec![" x "; 40];
    want.extend(["[MASKED:credit_card]", "", "", ""]);
    assert_eq!(in_pieces(&profile, Form::Json, [message(&cut).as_bytes()]).unwrap(), message(&want).as_bytes());
}

#[test]
fn only_neighbours_are_joined() {
    let profile = joining(Operator::Replace);
    for body in [
        message(&["4242 4242 ", "and", " 4242 4242"]),
        r#"{"result":{"content":[{"text":"4242 4242"}],"other":[{"text":" 4242 4242"}]}}"#.to_owned(),
        format!(r#"{{"result":{{"content":[{{"text":"4242 4242"}},{{"data":"{}"}},{{"text":" 4242 4242"}}]}}}}"#, "A".repeat(2000)),
    ] {
        assert_eq!(masked(&profile, Form::Json, body.as_bytes()).unwrap(), body);
    }
    let apart = "data: {\"result\":{\"content\":[{\"text\":\"4242 4242\"},\ndata: {\"text\":\" 4242 4242\"}]}}\n\n";
    assert_eq!(masked(&profile, Form::Sse, apart.as_bytes()).unwrap(), apart);
    let event = format!("data: {}\n\n", message(&["4242 4242", " 4242 4242"]));
    assert_eq!(masked(&profile, Form::Sse, event.as_bytes()).unwrap(), format!("data: {}\n\n", message(&["[MASKED:credit_card]", ""])));
    // Only where the policy asks for it.
    let split = message(&["4242 4242", " 4242 4242"]);
    assert_eq!(json(&split), split);
}

#[test]
fn with_every_operator() {
    check(
        &joining(Operator::Keep { first: 0, last: 4 }),
        &["4242 4242 é", "x 4242 4242", " 4242 4242"],
        &["4242 4242 é", "x ***************4242", ""],
    );
    let mask = format!("[MASKED:email:{}]", mac("jo@example.com"));
    check(&joining(Operator::Hash(key())), &["to jo@exa", "mple.com"], &[&format!("to {mask}"), ""]);
}

#[test]
fn findings_are_counted_once() {
    let (_, findings) = whole(&joining(Operator::Replace), Form::Json, message(&["4242 4242", " 4242 4242"]).as_bytes()).unwrap();
    assert_eq!(findings.total(), 1);
    assert_eq!((findings.details()[0].detector, findings.details()[0].len), ("credit_card", 19));
}
