//! Answers that a recognizer looks through before they leave, at every split, on a host that buffers as Envoy does; and recognizers that fail, are slow, or lie.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]

mod support;

use std::time::{SystemTime, UNIX_EPOCH};

use portcullis::exchange::{
    Answer, Call, Closing, Connection, Effect, Engine, Event, Exchange, Flow, Identification, Metric, SharedData, Step, StreamId,
};
use portcullis::policy;
use portcullis::time::Time;
use serde_json::{Value, json};
use support::case::{self, Caller};
use support::{secrets, token};

const POLICY: &str = r#"
version: 1
resource: https://mcp.example.com/mcp
identity:
  issuers: [{ issuer: https://id.example.com, keys: [__JWK__], claims: { user: name } }]
rules:
  - { id: staff, groups: [engineering, privacy], tools: ["*"], then: allow }
  - { id: listen, groups: [engineering], methods: [http/get], then: allow }
recognizers:
  - { id: presidio, cluster: presidio, host: presidio.internal, path: /analyze, credential: { header: x-key, value: "k" }, max_message: 4KiB, in_flight: 2, __MORE__ }
masking:
  - { id: mail, detect: [email], then: replace }
  - { id: names, recognizer: presidio, entities: [PERSON], then: replace, tools: ["get_*"], unless_groups: [privacy], alert: true }
  - { id: places, recognizer: presidio, entities: [LOCATION], then: { keep_first: 1 }, tools: ["get_*"], unless_groups: [privacy] }
  - { id: faith, recognizer: presidio, entities: [NRP], then: refuse, tools: ["get_*"], unless_groups: [privacy] }
"#;

const WORDS: &[(&str, &str)] =
    &[("José García", "PERSON"), ("Ana 👩🏽‍💻", "PERSON"), ("Zoe\u{301}", "PERSON"), ("Köln", "LOCATION"), ("Druid", "NRP")];

/// Nothing is shared here.
struct Nowhere;

impl SharedData for Nowhere {
    fn read(&self, _key: &str) -> Option<(Vec<u8>, u32)> {
        None
    }

    fn write(&mut self, _key: &str, _value: &[u8], _version: Option<u32>) -> bool {
        false
    }
}

fn now() -> Time {
    Time::from_millis(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap())
}

fn engine(more: &str) -> Engine {
    let text = POLICY.replace("__JWK__", &token::jwk().to_string()).replace("__MORE__", more);
    let loaded = policy::from_yaml(&text, &case::env).unwrap_or_else(|report| panic!("{report}"));
    Engine::new(&loaded, Identification { node: "test".into(), vm: "0".into(), version: "0", git_hash: "0" }).unwrap()
}

/// What a recognizer that counts as Python does finds in the texts of a call.
fn look(call: &Call) -> Value {
    let asked: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!((&asked["language"], &asked["score_threshold"]), (&json!("en"), &json!(0.5)));
    assert_eq!(asked["entities"], json!(["PERSON", "LOCATION", "NRP"]));
    let texts = asked["text"].as_array().unwrap();
    let found = texts.iter().map(|text| {
        let text = text.as_str().unwrap();
        let found = WORDS.iter().flat_map(|(word, entity)| {
            text.match_indices(word).map(move |(at, _)| {
                let start = text[..at].chars().count();
                json!({ "entity_type": entity, "start": start, "end": start + word.chars().count(), "score": 0.85, "analysis_explanation": null })
            })
        });
        found.collect::<Vec<_>>()
    });
    found.collect()
}

fn says(status: &str, body: &str) -> Answer {
    Answer::Response { headers: vec![(":status".to_owned(), status.to_owned())], body: body.as_bytes().to_vec() }
}

type Speak = dyn FnMut(&Call) -> Answer;

fn honest() -> Box<Speak> {
    Box::new(|call| says("200", &look(call).to_string()))
}

/// A stream of a host that buffers as Envoy does, and is as easily confused: after a response was let go from outside, the next chunk comes in
/// the buffer, and a callback that continues leaves it there.
struct Host<'e> {
    engine: &'e mut Engine,
    exchange: Exchange,
    /// Envoy has the filter's last word.
    stopped: bool,
    buffering: bool,
    buffer: Vec<u8>,
    /// Envoy has seen the end.
    complete: bool,
    trailers: bool,
    over: bool,
    cut: bool,
    left: Vec<u8>,
    calls: Vec<Call>,
    effects: Vec<Effect>,
    /// Texts that were shown.
    shown: Vec<String>,
}

impl<'e> Host<'e> {
    fn begin(engine: &'e mut Engine, id: u32, group: &str, tool: Option<&str>, media: &str) -> Self {
        let caller = Caller { user: "ana".to_owned(), groups: vec![group.to_owned()], ..Caller::default() };
        let method = if tool.is_some() { "POST" } else { "GET" };
        let fixed = [(":method", method), (":path", "/mcp"), (":authority", "mcp.example.com"), ("content-type", "application/json")];
        let accept = if tool.is_some() { "application/json, text/event-stream" } else { "text/event-stream" };
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let mut headers: Vec<(String, String)> = fixed.into_iter().chain([("accept", accept)]).map(owned).collect();
        headers.push(("authorization".to_owned(), token::authorization(&caller).unwrap()));
        let connection = Connection { tls_version: Some("TLSv1.3".into()), ..Connection::default() };
        let mut exchange = Exchange::new(StreamId(id), now());
        let mut step = exchange.on(engine, Event::RequestHeaders { headers, end: tool.is_none(), connection }, now());
        if let Some(tool) = tool {
            let params = json!({ "name": tool, "arguments": {} });
            let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params }).to_string().into_bytes();
            step = exchange.on(engine, Event::RequestBody { chunk: body, end: true }, now());
        }
        assert_eq!(step.flow, Flow::Continue, "{:?}", step.effects);
        let mut host = Self {
            engine,
            exchange,
            stopped: false,
            buffering: false,
            buffer: Vec::new(),
            complete: false,
            trailers: false,
            over: false,
            cut: false,
            left: Vec::new(),
            calls: Vec::new(),
            effects: Vec::new(),
            shown: Vec::new(),
        };
        let headers = vec![(":status".to_owned(), "200".to_owned()), ("content-type".to_owned(), media.to_owned())];
        let step = host.exchange.on(host.engine, Event::ResponseHeaders { headers, end: false }, now());
        assert_eq!(step.flow, Flow::Continue);
        host
    }

    fn chunk(&mut self, chunk: &[u8], end: bool) {
        assert!(!self.complete && !self.over);
        self.complete |= end;
        let mut data = if self.buffering {
            self.buffer.extend_from_slice(chunk);
            std::mem::take(&mut self.buffer)
        } else {
            chunk.to_vec()
        };
        let was_buffering = self.buffering;
        let step = self.exchange.on(self.engine, Event::ResponseBody { chunk: data.clone(), end }, now());
        let flow = step.flow;
        self.apply(step, Some(&mut data));
        if self.cut {
            return;
        }
        if flow == Flow::Pause {
            self.buffering = true;
            self.stopped = true;
            self.buffer = data;
            return;
        }
        self.buffering = false;
        if was_buffering && !self.stopped {
            assert!(data.is_empty(), "bytes stay in the buffer for ever: {:?}", String::from_utf8_lossy(&data));
        }
        self.stopped = false;
        self.go(data);
    }

    fn end_with_trailers(&mut self) {
        self.complete = true;
        self.trailers = true;
        let step = self.exchange.on(self.engine, Event::ResponseTrailers, now());
        let flow = step.flow;
        let mut data = std::mem::take(&mut self.buffer);
        let can_be_set = self.buffering;
        self.apply(step, can_be_set.then_some(&mut data));
        match flow {
            _ if self.cut => {}
            Flow::Continue => self.go(data),
            Flow::Pause => {
                self.stopped = true;
                self.buffer = data;
            }
        }
    }

    fn go(&mut self, data: Vec<u8>) {
        assert!(!self.over, "an answer ends once");
        self.left.extend(data);
        self.over = self.complete;
    }

    fn apply(&mut self, step: Step, data: Option<&mut Vec<u8>>) {
        let mut data = data;
        for effect in step.effects {
            match effect {
                Effect::Body(bytes) => **data.as_mut().expect("there is something to replace") = bytes,
                Effect::Release(bytes) => {
                    assert!(data.is_none() && self.buffering, "a buffer that is not there cannot be filled");
                    self.stopped = false;
                    self.buffer.clear();
                    self.go(bytes);
                }
                Effect::Cut => self.cut = true,
                Effect::Call(call) => {
                    let asked: Value = serde_json::from_slice(&call.body).unwrap();
                    self.shown.extend(asked["text"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()));
                    self.calls.push(call);
                }
                other => self.effects.push(other),
            }
        }
    }

    /// Answers the oldest call.
    fn answer(&mut self, speak: &mut Speak) -> bool {
        if self.calls.is_empty() {
            return false;
        }
        let call = self.calls.remove(0);
        let answered = self.engine.answered(call.ticket, speak(&call), &mut Nowhere, now());
        let (_, answer) = answered.asker.expect("somebody waits for it");
        let step = self.exchange.on(self.engine, Event::Answered { ticket: call.ticket, answer }, now());
        self.apply(step, None);
        true
    }

    fn tick(&mut self) {
        let ticked = self.engine.tick(&mut Nowhere, now());
        for _ in ticked.recheck {
            let step = self.exchange.on(self.engine, Event::Recheck, now());
            self.apply(step, None);
        }
    }

    /// All that is still to come from outside.
    fn rest(&mut self, speak: &mut Speak) {
        while self.answer(speak) {}
        self.tick();
    }

    fn close(mut self) -> (String, Value) {
        let step = self.exchange.on(self.engine, Event::Closed(Closing::default()), now());
        self.apply(step, None);
        self.exchange.release(self.engine);
        assert_eq!(self.engine.held(), 0, "memory is not given back");
        let record =
            self.effects.iter().find_map(|effect| if let Effect::Record(line) = effect { serde_json::from_str(line).ok() } else { None });
        (String::from_utf8(self.left).unwrap(), record.expect("a record"))
    }

    fn counted(&self, metric: Metric) -> u64 {
        let count =
            |effect: &Effect| if let Effect::Count(counted, count) = effect { (*counted == metric).then_some(*count) } else { None };
        self.effects.iter().filter_map(count).sum()
    }
}

/// How a stream of chunks and answers goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// Each call is answered before the next chunk.
    Quick,
    /// Nothing is answered before the end.
    Slow,
    /// After every other chunk.
    Uneven,
    /// As `Quick`, and the answer ends with trailers.
    Trailers,
}

fn run(more: &str, tool: &str, media: &str, chunks: &[&[u8]], pace: Pace, speak: &mut Speak) -> (String, Value, bool) {
    run_in(&mut engine(more), tool, media, chunks, pace, speak)
}

fn run_in(engine: &mut Engine, tool: &str, media: &str, chunks: &[&[u8]], pace: Pace, speak: &mut Speak) -> (String, Value, bool) {
    let mut host = Host::begin(engine, 1, "engineering", Some(tool), media);
    for (index, chunk) in chunks.iter().enumerate() {
        let end = index + 1 == chunks.len() && pace != Pace::Trailers;
        host.chunk(chunk, end);
        if host.cut {
            break;
        }
        let answers = match pace {
            Pace::Quick | Pace::Trailers => true,
            Pace::Slow => false,
            Pace::Uneven => index % 2 == 1,
        };
        if answers {
            while host.answer(speak) {}
        }
    }
    if pace == Pace::Trailers && !host.cut {
        host.end_with_trailers();
    }
    host.rest(speak);
    let cut = host.cut;
    assert!(cut || host.over, "{pace:?}: the answer does not end");
    let (left, record) = host.close();
    (left, record, cut)
}

fn splits(body: &str) -> Vec<Vec<&[u8]>> {
    let bytes = body.as_bytes();
    let mut all: Vec<Vec<&[u8]>> = (1..bytes.len()).map(|at| vec![&bytes[..at], &bytes[at..]]).collect();
    all.push(vec![bytes]);
    all.push(bytes.chunks(1).collect());
    all.push(bytes.chunks(7).chain([&b""[..]]).collect());
    all
}

fn message(text: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":7,"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#)
}

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
