//! Budgets and history over several calls: what is refused, cut, recorded and forgotten.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]

mod support;

use portcullis::exchange::{Closing, Effect, Engine, Event, Exchange, Metric, Step, StreamId};
use portcullis::time::Time;
use serde_json::{Value, json};
use support::case::Caller;
use support::process::{self, JSON_OR_EVENTS, now, request_headers};
use support::secrets;

const POLICY: &str = r#"
version: 1
resource: https://mcp.example.com/mcp
identity:
  issuers: [{ issuer: https://id.example.com, keys: [__JWK__], claims: { user: name } }]
rules:
  - { id: staff, groups: [engineering], tools: ["*"], then: allow }
  - { id: after-a-secret, tools: ["send_*"], after: { findings: [secrets], within: 10m }, then: deny, message: Not after a secret. }
  - { id: third-delete, tools: ["delete_*"], after: { tools: ["delete_*"], times: 2, within: 10m }, then: deny }
masking:
  - { id: keys, detect: [secrets], then: replace, unless_groups: [privacy] }
"#;

fn engine(limits: &str) -> Engine {
    process::engine(&format!("{POLICY}\nlimits: {limits}\n"))
}

/// What came of one call.
#[derive(Debug, Default)]
struct Came {
    forwarded: bool,
    reply: Option<(u16, Value, String)>,
    body: Vec<u8>,
    cut: bool,
    counted: Vec<Metric>,
    record: Value,
}

impl Came {
    fn code(&self) -> &str {
        self.record["status_code"].as_str().unwrap_or_default()
    }
}

struct Running {
    exchange: Exchange,
    came: Came,
}

impl Running {
    fn take(&mut self, step: Step) {
        for effect in step.effects {
            match effect {
                Effect::Reply(reply) => {
                    let retry = reply.headers.iter().find(|(name, _)| name == "retry-after").map(|(_, value)| value.clone());
                    self.came.reply = Some((reply.status, serde_json::from_slice(&reply.body).unwrap(), retry.unwrap_or_default()));
                }
                Effect::Cut => self.came.cut = true,
                Effect::Count(metric, _) => self.came.counted.push(metric),
                Effect::Record(line) => self.came.record = serde_json::from_str(&line).unwrap(),
                Effect::Body(bytes) => self.came.body.extend(bytes),
                _ => {}
            }
        }
    }
}

struct Ask<'a> {
    user: &'a str,
    groups: &'a [&'a str],
    session: Option<&'a str>,
    method: &'a str,
    tool: &'a str,
}

const ANA: Ask<'_> = Ask { user: "ana", groups: &["engineering"], session: Some("s-1"), method: "tools/call", tool: "get_order" };

fn begin(engine: &mut Engine, ask: &Ask<'_>, now: Time) -> Running {
    let groups = ask.groups.iter().map(|group| (*group).to_owned()).collect();
    let caller = Caller { user: ask.user.to_owned(), groups, ..Caller::default() };
    let session: Vec<_> = ask.session.iter().map(|session| ("mcp-session-id", *session)).collect();
    let mut running = Running { exchange: Exchange::new(StreamId(1), now), came: Came::default() };
    let step = running.exchange.on(engine, request_headers(&caller, "POST", JSON_OR_EVENTS, &session), now);
    running.take(step);
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": ask.method, "params": { "name": ask.tool, "uri": "x://y" } });
    let step = running.exchange.on(engine, Event::RequestBody { chunk: body.to_string().into_bytes(), end: true }, now);
    running.take(step);
    running.came.forwarded = running.came.reply.is_none();
    running.came.body.clear();
    if running.came.forwarded {
        let headers = vec![(":status".into(), "200".into()), ("content-type".into(), "text/event-stream".into())];
        let step = running.exchange.on(engine, Event::ResponseHeaders { headers, end: false }, now);
        running.take(step);
    }
    running
}

fn answer(engine: &mut Engine, running: &mut Running, text: &str, end: bool, now: Time) {
    let event = format!("data: {{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"text\":\"{text}\"}}}}\n\n");
    let step = running.exchange.on(engine, Event::ResponseBody { chunk: event.into_bytes(), end }, now);
    running.take(step);
}

fn close(engine: &mut Engine, mut running: Running, now: Time) -> Came {
    let step = running.exchange.on(engine, Event::Closed(Closing::default()), now);
    running.take(step);
    running.exchange.release(engine);
    running.came
}

fn call(engine: &mut Engine, ask: &Ask<'_>, text: &str, now: Time) -> Came {
    let mut running = begin(engine, ask, now);
    if running.came.forwarded {
        answer(engine, &mut running, text, true, now);
    }
    close(engine, running, now)
}

#[test]
fn a_refusal_for_too_many_calls_is_one_a_model_can_act_on() {
    let mut engine = engine("{ calls: { per: principal, rate: 60/m, burst: 3 } }");
    let now = now();
    for _ in 0..3 {
        assert!(call(&mut engine, &ANA, "", now).forwarded);
    }
    let came = call(&mut engine, &ANA, "", now);
    let (status, body, retry) = came.reply.clone().unwrap();
    assert_eq!((status, retry.as_str(), &body["result"]["isError"]), (200, "1", &json!(true)));
    let told = "Too many calls: at most 60 a minute for each caller. Try again in 1 second. (limit `calls`, reference none)";
    assert_eq!(body["result"]["content"][0]["text"], told);
    assert_eq!((came.code(), &came.record["disposition"]), ("budget_calls", &json!("Blocked")));
    assert!(came.record.to_string().contains("\"calls\""), "{}", came.record);
    assert_eq!(came.counted, [Metric::Limited, Metric::Alert("budget_exceeded"), Metric::Alerts]);
    let read = call(&mut engine, &Ask { method: "resources/subscribe", ..ANA }, "", now);
    assert!(!read.forwarded && read.code() == "default_deny", "the rules come first");
    assert!(call(&mut engine, &Ask { user: "ben", ..ANA }, "", now).forwarded);
    assert!(call(&mut engine, &ANA, "", now.plus_millis(1_000)).forwarded);
}

#[test]
fn other_methods_get_an_error_of_json_rpc() {
    let mut engine = engine("{ calls: { per: session, rate: 1/h, methods: ['tools/list'] } }");
    let now = now();
    let list = Ask { method: "tools/list", ..ANA };
    assert!(call(&mut engine, &list, "", now).forwarded);
    let came = call(&mut engine, &list, "", now);
    let (status, body, retry) = came.reply.unwrap();
    assert_eq!((status, retry.as_str()), (200, "3600"));
    assert_eq!((&body["error"]["code"], &body["error"]["data"]["retryAfter"], &body["id"]), (&json!(4029), &json!(3600), &json!(1)));
    assert!(call(&mut engine, &Ask { session: Some("s-2"), ..list }, "", now).forwarded);
}

#[test]
fn an_observed_budget_is_on_record_and_lets_pass() {
    let mut engine = engine("{ calls: { id: soft, per: all, rate: 1/h, mode: observe } }");
    let now = now();
    assert_eq!(call(&mut engine, &ANA, "", now).record["disposition"], "Allowed");
    let came = call(&mut engine, &ANA, "", now);
    assert!(came.forwarded && came.record["disposition"] == "Detected" && came.record.to_string().contains("soft"), "{}", came.record);
}

#[test]
fn an_answer_that_passes_the_limit_of_bytes_is_cut_and_the_next_call_refused() {
    let mut engine = engine("{ bytes_out: { per: principal, at_most: 256KiB, within: 5m } }");
    let now = now();
    let mut running = begin(&mut engine, &ANA, now);
    let text = "x".repeat(10_000);
    let mut left = 0;
    while !running.came.cut {
        running.came.body.clear();
        answer(&mut engine, &mut running, &text, false, now);
        left += 1;
        assert!(left < 100, "never cut");
    }
    // 26 events are 256 KiB. What left before it was charged is a batch of 64 KiB at most.
    assert!((20..=32).contains(&left), "{left}");
    assert!(running.came.body.is_empty(), "the chunk that was too much does not leave");
    let came = close(&mut engine, running, now);
    assert_eq!((came.code(), &came.record["unmapped"]["stage"]), ("budget_bytes", &json!("aborted")));
    assert!(came.counted.contains(&Metric::Limited));
    let refused = call(&mut engine, &ANA, &text, now);
    assert_eq!((refused.forwarded, refused.code()), (false, "budget_bytes"));
    assert!(call(&mut engine, &Ask { user: "ben", ..ANA }, &text, now).forwarded);
    let later = call(&mut engine, &ANA, &text, now.plus_millis(60_000));
    assert!(later.forwarded && !later.cut, "a part of it has come back");
}

/// Many small answers, none of which fills a batch, are charged at their end, also when the client hangs up.
#[test]
fn what_left_is_charged_when_the_stream_breaks() {
    let mut engine = engine("{ bytes_out: { per: principal, at_most: 30KiB, within: 1h } }");
    let now = now();
    for _ in 0..3 {
        let mut running = begin(&mut engine, &ANA, now);
        assert!(running.came.forwarded);
        answer(&mut engine, &mut running, &"x".repeat(11_000), false, now);
        close(&mut engine, running, now);
    }
    let came = call(&mut engine, &ANA, "", now);
    assert_eq!((came.forwarded, came.code()), (false, "budget_bytes"));
}

#[test]
fn findings_are_an_exfiltration_limit_whoever_may_see_them() {
    for groups in [&["engineering"][..], &["engineering", "privacy"]] {
        let mut engine = engine("{ findings: { per: principal, at_most: 3, within: 1h, detect: secrets } }");
        let now = now();
        let ask = Ask { groups, ..ANA };
        let secret = secrets::fill("${slack}");
        let mut running = begin(&mut engine, &ask, now);
        for _ in 0..3 {
            answer(&mut engine, &mut running, &secret, false, now);
            assert!(!running.came.cut);
        }
        let seen = String::from_utf8_lossy(&running.came.body).into_owned();
        assert_eq!(seen.contains("MASKED"), groups.len() == 1, "{seen}");
        answer(&mut engine, &mut running, &secret, false, now);
        assert!(running.came.cut);
        assert_eq!(close(&mut engine, running, now).code(), "budget_findings");
        let came = call(&mut engine, &ask, "harmless", now);
        assert_eq!((came.forwarded, came.code()), (false, "budget_findings"));
        let told = came.reply.unwrap().1["result"]["content"][0]["text"].as_str().unwrap().to_owned();
        assert!(told.starts_with("Too many sensitive values: at most 3 within 1 hour for each caller. Try again in "), "{told}");
    }
}

#[test]
fn streams_open_at_the_same_time_are_counted_until_they_end() {
    let mut engine = engine("{ streams: { per: principal, at_most: 2 } }");
    let now = now();
    let (one, two) = (begin(&mut engine, &ANA, now), begin(&mut engine, &ANA, now));
    assert!(one.came.forwarded && two.came.forwarded);
    let came = call(&mut engine, &ANA, "", now);
    assert_eq!((came.forwarded, came.code()), (false, "budget_streams"));
    assert!(call(&mut engine, &Ask { user: "ben", ..ANA }, "", now).forwarded);
    close(&mut engine, one, now);
    assert!(call(&mut engine, &ANA, "", now).forwarded);
    assert!(call(&mut engine, &ANA, "", now).forwarded, "each is over before the next");
    close(&mut engine, two, now);
}

#[test]
fn nothing_is_sent_after_a_secret_was_read() {
    for groups in [&["engineering"][..], &["engineering", "privacy"]] {
        let mut engine = engine("{}");
        let now = now();
        let send = Ask { tool: "send_mail", groups, ..ANA };
        assert!(call(&mut engine, &send, "", now).forwarded);
        assert!(call(&mut engine, &Ask { groups, ..ANA }, "harmless", now).forwarded);
        assert!(call(&mut engine, &send, "", now).forwarded);
        // At once, while the answer still runs.
        let mut running = begin(&mut engine, &Ask { groups, ..ANA }, now);
        answer(&mut engine, &mut running, &secrets::fill("${slack}"), false, now);
        let came = call(&mut engine, &send, "", now);
        assert!(!came.forwarded && came.record.to_string().contains("after-a-secret"), "{}", came.record);
        assert!(came.reply.unwrap().1.to_string().contains("Not after a secret."));
        close(&mut engine, running, now);
        assert!(call(&mut engine, &Ask { session: Some("s-2"), ..send }, "", now).forwarded, "another session");
        assert!(!call(&mut engine, &Ask { session: None, ..send }, "", now).forwarded, "leaving the session out does not help");
        assert!(call(&mut engine, &send, "", now.plus_millis(600_001)).forwarded);
    }
}

#[test]
fn the_third_delete_is_refused_and_does_not_count() {
    let mut engine = engine("{}");
    let begin = now();
    let delete = Ask { tool: "delete_order", ..ANA };
    let at = |secs: u64| begin.plus_millis(secs * 1_000);
    let allowed: Vec<bool> = [0, 120, 180, 240, 540, 605, 610].map(|secs| call(&mut engine, &delete, "", at(secs)).forwarded).to_vec();
    assert_eq!(allowed, [true, true, false, false, false, true, false]);
}
