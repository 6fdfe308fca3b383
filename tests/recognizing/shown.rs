//! What is shown to a recognizer, and what leaves in which order, at every split and pace.

use serde_json::Value;

use super::stand::{Host, Pace, engine, honest, message, run_in, splits};
use super::support::secrets;

#[test]
fn an_answer_is_looked_through_at_every_split() {
    let body = message(r"\ud83d\ude00 Jos\u00e9 Garc\u00eda &lt;jose@example.org&gt; \u2014 Ana 👩🏽‍💻, Köln");
    let expected = message(r"\ud83d\ude00 [MASKED:names] &lt;[MASKED:email]&gt; \u2014 [MASKED:names], K***");
    let mut engine = engine("");
    for chunks in splits(&body) {
        for pace in [Pace::Quick, Pace::Slow, Pace::Trailers] {
            let (left, record, cut) = run_in(&mut engine, "get_customer", "application/json", &chunks, pace, &mut honest());
            assert_eq!((left.as_str(), cut), (expected.as_str(), false), "{pace:?} {}", chunks.len());
            assert_eq!(record["status"], "Success", "{record}");
        }
    }
    // The server's strings are not shown before they were masked.
    let mut host = Host::begin(&mut engine, 1, "engineering", Some("get_customer"), "application/json");
    host.chunk(body.as_bytes(), true);
    let headers = host.calls[0].headers.clone();
    for pair in [
        (":method", "POST"),
        (":path", "/analyze"),
        (":authority", "presidio.internal"),
        ("content-type", "application/json"),
        ("x-key", "k"),
    ] {
        assert!(headers.contains(&(pair.0.to_owned(), pair.1.to_owned())), "{headers:?}");
    }
    host.rest(&mut honest());
    assert_eq!(host.shown, ["😀 José García &lt;[MASKED:email]&gt; — Ana 👩🏽‍💻, Köln"]);
    let (_, record) = host.close();
    let findings = record["unmapped"]["masking"]["findings"].to_string();
    for part in [r#"{"count":1,"detector":"email","rule":"mail"}"#, r#"{"count":2,"detector":"recognizer","rule":"names"}"#] {
        assert!(findings.contains(part), "{record}");
    }
    let text = record.to_string();
    assert!(
        !text.contains("Ana 👩") && !text.contains("Garc") && text.contains("[MASKED:names]") && text.contains("value_masked"),
        "{text}"
    );
}

#[test]
fn events_leave_in_order_at_every_split_and_pace() {
    let progress = r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}"#;
    let log = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"Zoé is in Köln"}}"#
        .replace("Zoé", "Zoe\u{301}");
    let body = format!(
        ": hello\n\nid: 1\nevent: message\ndata: {progress}\n\nid: 2\r\ndata: {log}\r\n\r\n: ping\n\ndata: {}\n\n",
        message("to José García")
    );
    let expected = body.replace("Zoe\u{301}", "[MASKED:names]").replace("Köln", "K***").replace("José García", "[MASKED:names]");
    let mut engine = engine("");
    for chunks in splits(&body) {
        for pace in [Pace::Quick, Pace::Slow, Pace::Uneven, Pace::Trailers] {
            let (left, record, cut) = run_in(&mut engine, "get_customer", "text/event-stream", &chunks, pace, &mut honest());
            assert_eq!((left.as_str(), cut), (expected.as_str(), false), "{pace:?} {}", chunks.len());
            assert_eq!(record["status"], "Success", "{record}");
        }
    }
}

#[test]
fn what_has_no_text_does_not_wait() {
    let mut engine = engine("");
    let mut host = Host::begin(&mut engine, 1, "engineering", None, "text/event-stream");
    host.chunk(b": ping\n\n", false);
    assert_eq!(host.left, b": ping\n\n");
    host.chunk(b"data: {\"method\":\"notifications/message\",\"params\":{\"data\":\"Ko\xcc\x88ln?\"}}\n\n", false);
    host.chunk(b": ping\n\n", false);
    // Behind what waits, everything does.
    assert_eq!(host.left, b": ping\n\n");
    assert!(host.answer(&mut honest()));
    assert!(host.left.ends_with(b"?\"}}\n\n: ping\n\n"));
    // After a stream was let go from outside, what comes by itself leaves on the tick, or with the next.
    let before = host.left.len();
    host.chunk(b": ping\n\n", false);
    assert_eq!(host.left.len(), before);
    host.tick();
    assert_eq!(host.left.len(), before + 8);
    host.chunk(b": ping\n\n", false);
    host.chunk(b": ping\n\n", false);
    assert_eq!(host.left.len(), before + 24);
    host.close();
}

#[test]
fn events_that_come_meanwhile_are_shown_together() {
    let mut engine = engine("");
    let mut host = Host::begin(&mut engine, 1, "engineering", None, "text/event-stream");
    let event = |n: u32| format!("data: {{\"method\":\"notifications/message\",\"params\":{{\"data\":\"Zoe\u{301} {n}\"}}}}\n\n");
    host.chunk(event(0).as_bytes(), false);
    for n in 1..5 {
        host.chunk(event(n).as_bytes(), false);
    }
    assert!(host.answer(&mut honest()));
    let second: Value = serde_json::from_slice(&host.calls[0].body).unwrap();
    assert_eq!(second["text"].as_array().unwrap().len(), 4);
    host.rest(&mut honest());
    let all: String = (0..5).map(event).collect();
    assert_eq!(String::from_utf8(host.left.clone()).unwrap(), all.replace("Zoe\u{301}", "[MASKED:names]"));
    host.close();
}

#[test]
fn nobody_is_asked_whom_no_rule_names() {
    let body = message("to José García");
    let mut engine = engine("");
    let mut host = Host::begin(&mut engine, 1, "engineering", Some("list_orders"), "application/json");
    host.chunk(body.as_bytes(), true);
    assert!(host.calls.is_empty() && host.over);
    let (left, record) = host.close();
    assert_eq!(left, body);
    assert!(record.to_string().contains("Garc"), "the rules are about other tools");
    // Who may see names is not asked for; the record must not have what nobody has looked through.
    let mut host = Host::begin(&mut engine, 2, "privacy", Some("get_customer"), "application/json");
    host.chunk(body.as_bytes(), true);
    assert!(host.calls.is_empty() && host.over);
    let (left, record) = host.close();
    assert_eq!(left, body);
    assert!(!record.to_string().contains("Garc"), "{record}");
}

#[test]
fn what_budgets_and_secrets_say_holds_too() {
    let secret = secrets::fill("${stripe}");
    let mut engine = engine("");
    let mut host = Host::begin(&mut engine, 1, "engineering", Some("get_customer"), "text/plain");
    host.chunk(format!("write to zoe@example.org, not {secret}").as_bytes(), true);
    assert_eq!(host.shown.len(), 1);
    assert!(host.shown[0].contains("[MASKED:email]"), "what is masked is shown to nobody: {:?}", host.shown);
    host.rest(&mut honest());
    host.close();
}
