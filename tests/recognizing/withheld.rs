//! What does not leave: by a rule, and behind recognizers that fail, are slow, or lie.

use portcullis::exchange::{Answer, Event, Metric};
use serde_json::{Value, json};

use super::stand::{Host, Pace, Speak, engine, honest, look, message, run, says};
use super::support::process::{Nowhere, now};

#[test]
fn a_rule_withholds_the_message() {
    let (left, record, _) = run("", "get_customer", "application/json", &[message("A Druid").as_bytes()], Pace::Quick, &mut honest());
    let told: Value = serde_json::from_str(&left).unwrap();
    assert_eq!((&told["id"], &told["result"]["isError"]), (&json!(7), &json!(true)));
    assert!(left.contains("withheld") && left.contains("`faith`") && !left.contains("Druid"), "{left}");
    assert_eq!((&record["status_code"], &record["disposition"]), (&json!("answer_withheld"), &json!("Blocked")), "{record}");
    let events =
        format!("id: 3\ndata: {}\n\ndata: {}\n\n", r#"{"method":"notifications/message","params":{"data":"a Druid"}}"#, message("fine"));
    let (left, ..) = run("", "get_customer", "text/event-stream", &[events.as_bytes()], Pace::Quick, &mut honest());
    assert_eq!(left, format!("id: 3\n\ndata: {}\n\n", message("fine")));
}

/// Recognizers that do not do what they should, by what the record says of them.
fn liars() -> Vec<(&'static str, Box<Speak>)> {
    let with = |status: &'static str, body: &'static str| -> Box<Speak> { Box::new(move |_| says(status, body)) };
    let changed = |pointer: &'static str, value: Value| -> Box<Speak> {
        Box::new(move |call| {
            let mut found = look(call);
            *found.pointer_mut(pointer).unwrap() = value.clone();
            says("200", &found.to_string())
        })
    };
    vec![
        ("no_answer", Box::new(|_| Answer::Failed)),
        ("no_answer", with("504", "upstream request timeout")),
        ("status", with("500", r#"{"error":"No matching recognizers were found to serve the request."}"#)),
        ("status", with("307", "")),
        ("not_the_contract", with("200", "<html>")),
        ("not_the_contract", with("200", "[]")),
        ("not_the_contract", with("200", "[[],[]]")),
        ("not_the_contract", changed("/0/0/score", json!("high"))),
        ("not_the_contract", changed("/0/0/end", json!(-1))),
        ("out_of_range", changed("/0/0/end", json!(15))),
        ("out_of_range", changed("/0/0/start", json!(15))),
        ("out_of_range", changed("/0/0/end", json!(u64::from(u32::MAX)))),
    ]
}

#[test]
fn a_recognizer_that_fails_withholds_or_lets_pass_as_the_policy_says() {
    let body = message("to José García");
    for (kind, mut speak) in liars() {
        for media in ["application/json", "text/event-stream"] {
            let sent = if media == "application/json" { body.clone() } else { format!("id: 9\ndata: {body}\n\n") };
            let (left, record, cut) = run("", "get_customer", media, &[sent.as_bytes()], Pace::Quick, &mut *speak);
            assert!(!cut && !left.contains("Garc") && left.contains("withheld") && left.contains("\"id\":7"), "{kind}: {left}");
            assert_eq!((&record["status_code"], &record["disposition"]), (&json!("recognizer_unavailable"), &json!("Error")), "{record}");
            let text = record.to_string();
            assert!(!text.contains("Garc") && text.contains(kind) && text.contains("\"presidio\""), "{kind}: {text}");
            let (left, record, _) = run("unavailable: pass", "get_customer", media, &[sent.as_bytes()], Pace::Quick, &mut *speak);
            assert_eq!(left, sent, "{kind}");
            assert_eq!(record["disposition"], "Allowed", "{record}");
            assert!(record.to_string().contains("recognizer_unavailable"), "{record}");
        }
    }
}

#[test]
fn too_long_is_withheld_or_passes_as_the_policy_says() {
    let long = "José García ".repeat(500);
    for media in ["application/json", "text/event-stream", "text/plain"] {
        let sent = match media {
            "application/json" => message(&long),
            "text/plain" => long.clone(),
            _ => format!("data: {}\n\ndata: {}\n\n", message(&long), message("to José García")),
        };
        for size in [100, 1 << 20] {
            let chunks: Vec<&[u8]> = sent.as_bytes().chunks(size).collect();
            let (left, record, cut) = run("", "get_customer", media, &chunks, Pace::Quick, &mut honest());
            assert!(!cut && !left.contains("Garc") && left.contains("withheld"), "{left}");
            assert_eq!(left.contains("[MASKED:names]"), media == "text/event-stream", "{left}");
            assert_eq!(record["status_code"], "message_not_recognized", "{record}");
            let (left, record, _) = run("too_long: pass", "get_customer", media, &chunks, Pace::Quick, &mut honest());
            let expected = if media == "text/event-stream" {
                let at = sent.rfind("José").unwrap();
                [&sent[..at], "[MASKED:names]", &sent[at + "José García".len()..]].concat()
            } else {
                sent.clone()
            };
            assert_eq!(left, expected, "{media} {size}");
            assert!(record.to_string().contains("too_long"), "{record}");
        }
    }
}

#[test]
fn calls_under_way_are_bounded() {
    let mut engine = engine("");
    let body = message("to José García");
    let mut first = Vec::new();
    for id in 1..=3 {
        let mut host = Host::begin(&mut engine, id, "engineering", Some("get_customer"), "application/json");
        host.chunk(body.as_bytes(), true);
        let (asks, missed, left) = (host.calls.len(), host.counted(Metric::Unrecognized), String::from_utf8(host.left.clone()).unwrap());
        let Host { exchange, calls, .. } = host;
        first.push((exchange, calls));
        if id < 3 {
            assert_eq!((asks, missed, left.as_str()), (1, 0, ""));
        } else {
            assert_eq!((asks, missed), (0, 1));
            assert!(left.contains("withheld") && left.contains("too many"), "{left}");
        }
    }
    // One that goes away makes room.
    first[0].0.release(&mut engine);
    let mut host = Host::begin(&mut engine, 4, "engineering", Some("get_customer"), "application/json");
    host.chunk(body.as_bytes(), true);
    assert_eq!(host.calls.len(), 1);
    host.rest(&mut honest());
    assert!(host.over);
    // Its late answer is nobody's.
    let answered = host.engine.answered(first[0].1[0].ticket, Answer::Failed, &mut Nowhere, now());
    assert!(answered.asker.is_none());
    first.iter_mut().skip(1).for_each(|(exchange, _)| exchange.release(host.engine));
    host.close();
}

#[test]
fn a_flood_behind_a_slow_recognizer_is_cut() {
    let mut engine = engine("");
    let mut host = Host::begin(&mut engine, 1, "engineering", None, "text/event-stream");
    let event = format!("data: {{\"method\":\"notifications/message\",\"params\":{{\"data\":\"{}\"}}}}\n\n", "Zoe\u{301} ".repeat(300));
    let mut sent = 0;
    while !host.cut {
        host.chunk(event.as_bytes(), false);
        sent += event.len();
        assert!(sent < 2 << 20, "it is never cut");
    }
    assert!(host.left.is_empty());
    // The call that was under way ends in vain.
    host.answer(&mut honest());
    let (left, record) = host.close();
    assert!(left.is_empty() && record.to_string().contains("may wait for a recognizer"), "{record}");
}

#[test]
fn access_that_ends_meanwhile_ends_the_answer() {
    let mut engine = engine("");
    let mut host = Host::begin(&mut engine, 1, "engineering", None, "text/event-stream");
    host.chunk(b"data: {\"method\":\"notifications/message\",\"params\":{\"data\":\"Zoe\"}}\n\n", false);
    let call = host.calls.remove(0);
    let later = now().plus_millis(1000 * 60 * 60 * 24 * 30);
    let answered = host.engine.answered(call.ticket, says("200", "[[]]"), &mut Nowhere, later);
    let (_, answer) = answered.asker.unwrap();
    let step = host.exchange.on(host.engine, Event::Answered { ticket: call.ticket, answer }, later);
    host.apply(step, None);
    assert!(host.cut && host.left.is_empty());
    host.close();
}
