//! Requests that wait until their record is kept: what lets them go, and what does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]

mod support;

use portcullis::exchange::{Answer, Call, Closing, Effect, Engine, Event, Exchange, Flow, Step, StreamId};
use serde_json::{Value, json};
use support::case::Caller;
use support::process::{self, JSON_OR_EVENTS, Nowhere, now, request_headers};
use support::secrets;

const POLICY: &str = r#"
version: 1
resource: https://mcp.example.com/mcp
identity:
  issuers: [{ issuer: https://id.example.com, keys: [__JWK__], claims: { user: name } }]
rules:
  - { id: staff, groups: [engineering], tools: ["*"], then: allow }
  - { id: first, tools: ["delete_*"], then: allow, record: before }
masking:
  - { id: keys, detect: [secrets], then: replace }
limits:
  calls: { per: principal, rate: 60/h, burst: 2 }
audit:
  collector: { cluster: collector, host: logs.example.com, timeout: 3s, credential: { header: x-key, value: "k" } }
"#;

fn engine() -> Engine {
    process::engine(POLICY)
}

fn body(tool: &str, argument: &str) -> Vec<u8> {
    let params = json!({ "name": tool, "arguments": { "what": argument } });
    json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params }).to_string().into_bytes()
}

fn begin(engine: &mut Engine, id: u32, body: Vec<u8>) -> (Exchange, Step) {
    let caller = Caller { user: "ana".to_owned(), groups: vec!["engineering".to_owned()], ..Caller::default() };
    let mut exchange = Exchange::new(StreamId(id), now());
    let step = exchange.on(engine, request_headers(&caller, "POST", JSON_OR_EVENTS, &[]), now());
    assert_eq!(step.flow, Flow::Pause);
    let step = exchange.on(engine, Event::RequestBody { chunk: body, end: true }, now());
    (exchange, step)
}

fn call(step: &Step) -> Option<&Call> {
    step.effects.iter().find_map(|effect| if let Effect::Call(call) = effect { Some(call) } else { None })
}

fn reply(step: &Step) -> Option<u16> {
    step.effects.iter().find_map(|effect| if let Effect::Reply(reply) = effect { Some(reply.status) } else { None })
}

/// The way an answer takes through the host.
fn answer(engine: &mut Engine, exchange: &mut Exchange, call: &Call, answer: Answer) -> Step {
    let answered = engine.answered(call.ticket, answer, &mut Nowhere, now());
    let (_, answer) = answered.asker.expect("somebody waits for it");
    exchange.on(engine, Event::Answered { ticket: call.ticket, answer }, now())
}

fn says(status: &str, body: &str) -> Answer {
    Answer::Response { headers: vec![(":status".to_owned(), status.to_owned())], body: body.as_bytes().to_vec() }
}

fn record(engine: &mut Engine, exchange: &mut Exchange) -> Value {
    let step = exchange.on(engine, Event::Closed(Closing::default()), now());
    exchange.release(engine);
    step.effects
        .iter()
        .find_map(|effect| if let Effect::Record(line) = effect { serde_json::from_str(line).ok() } else { None })
        .expect("a record")
}

#[test]
fn a_call_goes_on_when_its_record_is_kept() {
    let mut engine = engine();
    let secret = secrets::fill("${stripe}");
    let sent = body("delete_order", &secret);
    let (mut exchange, step) = begin(&mut engine, 1, sent.clone());
    assert_eq!(step.flow, Flow::Pause);
    // Envoy has the whole body for when it is released.
    assert!(step.effects.contains(&Effect::Body(sent)));
    let call = call(&step).unwrap().clone();
    assert_eq!((call.cluster.as_str(), call.timeout_millis), ("collector", 3_000));
    for (name, value) in [
        (":method", "POST"),
        (":path", "/v1/logs"),
        (":authority", "logs.example.com"),
        ("content-type", "application/json"),
        ("x-key", "k"),
    ] {
        assert!(call.headers.iter().any(|(have, is)| have == name && is == value), "{name}: {:?}", call.headers);
    }
    let text = String::from_utf8(call.body.clone()).unwrap();
    assert!(!text.contains(&secret), "{text}");
    let request: Value = serde_json::from_str(&text).unwrap();
    let log = &request["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
    let intent: Value = serde_json::from_str(log["body"]["stringValue"].as_str().unwrap()).unwrap();
    assert_eq!(intent["unmapped"]["stage"], "held");
    assert_eq!(intent["resources"][0]["name"], "delete_order");
    assert_eq!(intent["actor"]["user"]["name"], "ana");

    let step = answer(&mut engine, &mut exchange, &call, says("200", "{}"));
    assert_eq!(step.flow, Flow::Continue);
    assert_eq!(step.effects.last(), Some(&Effect::Resume));
    assert!(!step.effects.iter().any(|effect| matches!(effect, Effect::Body(_) | Effect::Reply(_))));
    assert!(step.effects.contains(&Effect::RemoveRequestHeader("authorization")));
    let record = record(&mut engine, &mut exchange);
    assert_eq!(record["unmapped"]["intent"], json!({ "kept": true, "uid": intent["metadata"]["uid"] }));
    assert_eq!(engine.held(), 0);
}

#[test]
fn nothing_else_lets_it_go() {
    let refusals =
        [Answer::Failed, says("500", ""), says("200", r#"{"partialSuccess":{"rejectedLogRecords":"1"}}"#), says("200", "<html>")];
    for no in refusals {
        let mut engine = engine();
        let (mut exchange, step) = begin(&mut engine, 1, body("delete_order", "x"));
        let call = call(&step).unwrap().clone();
        let step = answer(&mut engine, &mut exchange, &call, no.clone());
        assert_eq!((step.flow, reply(&step)), (Flow::Pause, Some(503)), "{no:?}");
        assert!(!step.effects.contains(&Effect::Resume));
        let record = record(&mut engine, &mut exchange);
        assert_eq!(record["status_code"], "record_not_kept");
        assert_eq!(record["unmapped"]["intent"]["kept"], false);
        assert_eq!(engine.held(), 0);
    }
}

#[test]
fn a_call_that_is_not_made_costs_nothing() {
    let mut engine = engine();
    for id in 0..5 {
        let (mut exchange, step) = begin(&mut engine, id, body("delete_order", "x"));
        let call = call(&step).expect("within its budget").clone();
        let _ = answer(&mut engine, &mut exchange, &call, Answer::Failed);
        record(&mut engine, &mut exchange);
    }
}

#[test]
fn a_client_that_leaves_leaves_nothing_behind() {
    let mut engine = engine();
    let (mut exchange, step) = begin(&mut engine, 1, body("delete_order", "x"));
    let call = call(&step).unwrap().clone();
    let record = record(&mut engine, &mut exchange);
    assert_eq!(record["unmapped"]["stage"], "aborted");
    assert_eq!(engine.held(), 0);
    let answered = engine.answered(call.ticket, says("200", "{}"), &mut Nowhere, now());
    assert!(answered.asker.is_none(), "nobody is told any more");
}

#[test]
fn other_calls_do_not_wait() {
    let mut engine = engine();
    let (mut exchange, step) = begin(&mut engine, 1, body("get_order", "x"));
    assert_eq!((step.flow, call(&step)), (Flow::Continue, None));
    assert!(record(&mut engine, &mut exchange)["unmapped"]["intent"].is_null());
}

#[test]
fn the_answer_to_another_call_is_none() {
    let mut engine = engine();
    let (mut first, step) = begin(&mut engine, 1, body("delete_order", "x"));
    let one = call(&step).unwrap().clone();
    let (mut second, step) = begin(&mut engine, 2, body("delete_order", "x"));
    let two = call(&step).unwrap().clone();
    let step = first.on(&mut engine, Event::Answered { ticket: two.ticket, answer: says("200", "{}") }, now());
    assert_eq!((step.flow, step.effects.len()), (Flow::Pause, 0));
    assert_eq!(answer(&mut engine, &mut second, &two, says("200", "{}")).flow, Flow::Continue);
    assert_eq!(answer(&mut engine, &mut first, &one, Answer::Failed).flow, Flow::Pause);
}
