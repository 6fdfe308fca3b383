//! The corpus through the engine: whole, cut in two at every byte, and byte by byte. All must end the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]

mod support;

use portcullis::exchange::{Answer, Call, Closing, Connection, Effect, Engine, Event, Exchange, Flow, Metric, Step, StreamId};
use portcullis::time::Time;
use support::approver::{Approver, Word};
use support::case::{self, Case};
use support::check::{self, Seen};
use support::process::{self, Shared, now, over_tls};
use support::{proof, token};

fn engine(name: &str) -> Engine {
    process::engine(&case::policy(name))
}

/// Ticks until the list of revocations is asked for, and answers.
fn fetch(engine: &mut Engine, store: &mut Shared, list: &case::List, now: Time) {
    let call = (0..2).find_map(|_| engine.tick(store, now).calls.pop()).expect("the list is asked for");
    let (status, body) = token::list(list);
    let answer = Answer::Response { headers: vec![(":status".into(), status.to_string())], body: body.into_bytes() };
    engine.answered(call.ticket, answer, store, now);
}

/// What Envoy is to an exchange: buffers what is paused, forwards what continues, asks the server once the request is whole.
struct Fake<'a> {
    case: &'a Case,
    exchange: Exchange,
    engine: &'a mut Engine,
    seen: Seen,
    request_headers: Vec<(String, String)>,
    buffered: Vec<u8>,
    forwarded: Vec<u8>,
    headers_forwarded: bool,
    answered: bool,
    /// Milliseconds that went by while people were asked.
    ahead: u64,
    people: Option<Approver>,
    calls: Vec<Call>,
    shared: Shared,
}

impl<'a> Fake<'a> {
    fn run(case: &'a Case, engine: &'a mut Engine, request: &[&[u8]], response: &[&[u8]]) -> Seen {
        let exchange = Exchange::new(StreamId(1), now());
        let fake = Fake {
            case,
            exchange,
            engine,
            seen: Seen::default(),
            request_headers: Vec::new(),
            buffered: Vec::new(),
            forwarded: Vec::new(),
            headers_forwarded: false,
            answered: false,
            ahead: 0,
            people: case.people.as_ref().map(|people| Approver::of(people, now().secs())),
            calls: Vec::new(),
            shared: Shared::default(),
        };
        fake.go(request, response)
    }

    fn go(mut self, request: &[&[u8]], response: &[&[u8]]) -> Seen {
        self.request(request);
        self.ask_people();
        if !self.answered {
            assert!(self.headers_forwarded, "{}: neither answered nor forwarded", self.case.name);
            self.seen.upstream = Some((self.request_headers.clone(), self.forwarded.clone()));
            self.response(response);
        }
        let step = self.on(Event::Closed(Closing::default()));
        self.apply(step, None);
        self.seen.alerts.get_or_insert_default();
        self.exchange.release(self.engine);
        assert_eq!(self.engine.held(), 0, "{}: memory is not given back", self.case.name);
        if let Some(people) = self.people {
            self.seen.asks = people.calls.len();
            self.seen.asked = people.asked;
        }
        self.seen
    }

    fn on(&mut self, event: Event) -> Step {
        self.exchange.on(self.engine, event, now().plus_millis(self.ahead))
    }

    /// Answers what people are asked, until nothing is asked any more. While they say nothing, the hold goes by.
    fn ask_people(&mut self) {
        while let Some(call) = self.calls.pop() {
            let people = self.people.as_mut().unwrap_or_else(|| panic!("{}: nobody answers {call:?}", self.case.name));
            let header = |name: &str| call.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone()).unwrap();
            let (method, path) = (header(":method"), header(":path"));
            if method == "GET" && people.word == Word::Nothing {
                self.ahead += 46_000;
                let step = self.on(Event::Tick);
                self.apply(step, None);
                continue;
            }
            let answer = match people.word {
                Word::Is("silent") => Answer::Failed,
                _ => {
                    let (status, body) = people.answer(&method, &path, &call.body);
                    Answer::Response { headers: vec![(":status".into(), status.to_string())], body: body.to_string().into_bytes() }
                }
            };
            let answered = self.engine.answered(call.ticket, answer, &mut self.shared, now());
            let (_, answer) = answered.asker.expect("the exchange waits for it");
            let step = self.on(Event::Answered { ticket: call.ticket, answer });
            self.apply(step, None);
        }
    }

    fn request(&mut self, chunks: &[&[u8]]) {
        let request = &self.case.request;
        let mut headers = vec![
            (":method".to_owned(), request.method.clone()),
            (":path".to_owned(), request.path.clone()),
            (":authority".to_owned(), request.host.clone()),
            (":scheme".to_owned(), "https".to_owned()),
            ("accept-encoding".to_owned(), "gzip, deflate".to_owned()),
            ("x-request-id".to_owned(), "request-1".to_owned()),
        ];
        headers.extend(request.all_headers());
        let authorization = token::authorization(&self.case.caller);
        let proof = proof::header(&self.case.caller, request, authorization.as_deref());
        headers.extend(authorization.map(|value| ("authorization".to_owned(), value)));
        headers.extend(proof.map(|value| ("dpop".to_owned(), value)));
        self.request_headers = headers.clone();
        let connection = Connection {
            source: Some("192.0.2.7:50000".into()),
            tls_version: self.case.caller.tls.clone().filter(|version| !version.is_empty()),
            client_certificate: token::certificate(&self.case.caller),
            metadata: token::metadata(&self.case.caller),
            ..Connection::default()
        };
        let end = chunks.is_empty();
        let step = self.on(Event::RequestHeaders { headers, end, connection });
        self.headers_forwarded = step.flow == Flow::Continue;
        self.apply(step, None);
        for (index, chunk) in chunks.iter().enumerate() {
            if self.answered {
                return;
            }
            let step = self.on(Event::RequestBody { chunk: chunk.to_vec(), end: index + 1 == chunks.len() });
            let flow = step.flow;
            let mut data = chunk.to_vec();
            self.apply(step, Some(&mut data));
            self.buffered.extend(data);
            if flow == Flow::Continue && !self.answered {
                self.headers_forwarded = true;
                self.forwarded.append(&mut self.buffered);
            }
        }
    }

    fn response(&mut self, chunks: &[&[u8]]) {
        let answer = &self.case.answer;
        let mut headers =
            vec![(":status".to_owned(), answer.status.to_string()), ("content-length".to_owned(), answer.bytes().len().to_string())];
        if !answer.r#type.is_empty() {
            headers.push(("content-type".to_owned(), answer.r#type.clone()));
        }
        headers.extend(answer.headers.clone());
        self.seen.status = answer.status;
        self.seen.headers = headers.clone();
        let end = chunks.is_empty();
        let step = self.on(Event::ResponseHeaders { headers, end });
        self.apply(step, None);
        for (index, chunk) in chunks.iter().enumerate() {
            if self.answered || self.seen.cut {
                return;
            }
            let step = self.on(Event::ResponseBody { chunk: chunk.to_vec(), end: index + 1 == chunks.len() });
            let mut data = chunk.to_vec();
            self.apply(step, Some(&mut data));
            self.seen.body.extend(data);
        }
        let length = support::check::header(&self.seen.headers, "content-length");
        if !self.answered && !self.seen.cut && !length.is_empty() {
            assert_eq!(length, self.seen.body.len().to_string(), "{}: a stale content-length", self.case.name);
        }
    }

    fn apply(&mut self, step: Step, mut data: Option<&mut Vec<u8>>) {
        for effect in step.effects {
            match effect {
                Effect::SetRequestHeader(name, value) => {
                    self.request_headers.retain(|(have, _)| *have != name);
                    self.request_headers.push((name, String::from_utf8(value).unwrap()));
                }
                Effect::RemoveRequestHeader(name) => self.request_headers.retain(|(have, _)| have != name),
                Effect::SetResponseHeader(name, value) => {
                    self.seen.headers.retain(|(have, _)| *have != name);
                    self.seen.headers.push((name, String::from_utf8(value).unwrap()));
                }
                Effect::RemoveResponseHeader(name) => self.seen.headers.retain(|(have, _)| have != name),
                Effect::Body(bytes) => **data.as_mut().expect("a body is replaced only while one passes") = bytes,
                Effect::Reply(reply) => {
                    self.answered = true;
                    self.seen.status = reply.status;
                    self.seen.headers = reply.headers;
                    self.seen.body = reply.body;
                }
                Effect::Resume => {
                    self.headers_forwarded = true;
                    self.forwarded.append(&mut self.buffered);
                }
                Effect::Cut => self.seen.cut = true,
                Effect::Record(line) => self.seen.record = Some(serde_json::from_str(&line).unwrap()),
                Effect::RecordBehind(line) => panic!("{}: nothing is on record while it runs: {line}", self.case.name),
                Effect::Tell(message) => self.seen.told.push(String::from_utf8(message.body).unwrap()),
                Effect::Findings(lines) => {
                    self.seen.findings = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
                }
                Effect::Attribute(name, value) => self.seen.attributes.push((name.to_owned(), value)),
                Effect::NoRecord => self.seen.unrecorded = true,
                Effect::Call(call) => self.calls.push(call),
                Effect::Count(Metric::Alert(kind), count) => {
                    assert_eq!(count, 1);
                    self.seen.alerts.get_or_insert_default().push(kind.to_owned());
                }
                // `recognizing.rs` is about those that are.
                Effect::Release(_) => panic!("{}: nothing was held", self.case.name),
                Effect::Count(..) => {}
            }
        }
    }
}

/// The body as chunks, with an empty one at the end now and then: Envoy does that.
fn split(bytes: &[u8], at: usize) -> Vec<&[u8]> {
    let (a, b) = bytes.split_at(at);
    vec![a, b]
}

fn bytewise(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.chunks(1).chain([&[][..]]).collect()
}

fn whole(bytes: &[u8]) -> Vec<&[u8]> {
    if bytes.is_empty() { Vec::new() } else { vec![bytes] }
}

#[test]
fn every_case_at_every_split() {
    let mut failures = Vec::new();
    let mut ran = 0;
    for case in case::chosen() {
        if case.skip.contains_key("engine") {
            continue;
        }
        ran += 1;
        let mut engine = engine(&case.policy);
        if let Some(list) = &case.list {
            fetch(&mut engine, &mut Shared::default(), list, now());
        }
        let (request, response) = (case.request.bytes(), case.answer.bytes());
        let reference = Fake::run(&case, &mut engine, &whole(&request), &whole(&response));
        let mut wrong = check::differences(&case, &reference);
        if reference.told != case.expect.told {
            wrong.push(format!("told the server {:?}, expected {:?}", reference.told, case.expect.told));
        }
        let mut same = |what: String, seen: &Seen| {
            wrong.extend(check::leaks(&case, seen).into_iter().map(|leak| format!("{what}: {leak}")));
            let differs = seen.status != reference.status
                || (seen.body != reference.body && !reference.cut)
                || seen.cut != reference.cut
                || seen.told != reference.told
                || seen.asks != reference.asks
                || seen.upstream.is_some() != reference.upstream.is_some();
            if differs {
                wrong.push(format!("{what}: {} {:?}", seen.status, String::from_utf8_lossy(&seen.body)));
            }
        };
        same("byte by byte".into(), &Fake::run(&case, &mut engine, &bytewise(&request), &bytewise(&response)));
        // Each run with a proof verifies one, which takes a debug build some milliseconds.
        let step = if case.caller.proof.is_some() { 32 } else { 1 };
        for at in (0..=response.len()).step_by(step) {
            same(format!("answer cut at {at}"), &Fake::run(&case, &mut engine, &whole(&request), &split(&response, at)));
        }
        for at in (0..=request.len()).step_by(step + request.len() / 512) {
            same(format!("request cut at {at}"), &Fake::run(&case, &mut engine, &split(&request, at), &whole(&response)));
        }
        if !wrong.is_empty() {
            wrong.truncate(5);
            failures.push((format!("{}: {}", case.file, case.name), wrong));
        }
    }
    check::report(&failures, ran);
}

/// A case would not do: its body would have to be as long as it says.
#[test]
fn a_body_announced_as_too_large_is_refused_before_it_comes() {
    let case = case::all().into_iter().find(|case| case.name == "a body over the limit").unwrap();
    for (length, refused) in [("4096", false), ("4097", true), ("18446744073709551615", true), ("nonsense", false)] {
        let mut engine = engine(&case.policy);
        let mut headers: Vec<(String, String)> =
            [(":method", "POST"), (":path", "/mcp"), (":authority", "mcp.example.com"), ("content-length", length)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec();
        headers.extend(case.request.all_headers());
        headers.extend(token::authorization(&case.caller).map(|value| ("authorization".to_owned(), value)));
        let step =
            Exchange::new(StreamId(1), now()).on(&mut engine, Event::RequestHeaders { headers, end: false, connection: over_tls() }, now());
        let reply = step.effects.iter().find_map(|effect| if let Effect::Reply(reply) = effect { Some(reply.status) } else { None });
        assert_eq!(reply, refused.then_some(413), "{length}");
    }
}
/// Access that ends in the middle: at every moment of an exchange, by what comes next and by a tick.
#[test]
fn revoked_in_the_middle() {
    let list = |members: &str| case::List { signed: String::new(), members: toml::from_str(members).unwrap() };
    let (nobody, ana) = (list("sequence = 1"), list("sequence = 2\nsessions = [{ sid = 's-1' }]"));
    let case = case::all().into_iter().find(|case| case.name.starts_with("an allowed call")).unwrap();
    let (body, answer) = (case.request.bytes(), case.answer.bytes());
    // How far it has come, whether a tick comes or the next part, and what the client has got by then.
    for (parts, by_tick) in [(1, true), (1, false), (2, true), (2, false), (3, true), (3, false), (4, true), (4, false)] {
        let place = format!("after {parts} parts, by tick: {by_tick}");
        let (mut engine, mut store) = (engine("revocation"), Shared::default());
        fetch(&mut engine, &mut store, &nobody, now());
        let mut exchange = Exchange::new(StreamId(1), now());
        let sse = ["text/event-stream", "application/json"][parts % 2];
        let all = [
            post(&case),
            Event::RequestBody { chunk: body.clone(), end: true },
            Event::ResponseHeaders { headers: vec![(":status".into(), "200".into()), ("content-type".into(), sse.into())], end: false },
            Event::ResponseBody { chunk: answer[..5].to_vec(), end: false },
            Event::ResponseBody { chunk: answer[5..].to_vec(), end: true },
        ];
        let mut coming = all.into_iter();
        for event in coming.by_ref().take(parts) {
            assert!(!ends(&exchange.on(&mut engine, event, now())), "{place}");
        }
        assert!(exchange.on(&mut engine, Event::Tick, now()).effects.is_empty(), "{place}: nothing has changed yet");
        let later = now().plus_millis(10_000);
        fetch(&mut engine, &mut store, &ana, later);
        assert!(engine.tick(&mut store, later).sweep, "{place}: a changed list is told at once");
        let event = if by_tick { Event::Tick } else { coming.next().unwrap() };
        let step = exchange.on(&mut engine, event, later);
        let cut = step.effects.contains(&Effect::Cut);
        let replied = step.effects.iter().any(|effect| matches!(effect, Effect::Reply(reply) if reply.status == 401));
        assert_eq!((replied, cut), (parts < 3, parts >= 3), "{place}: {:?}", step.effects);
        let bytes: Vec<&Effect> = step.effects.iter().filter(|effect| matches!(effect, Effect::Body(_))).collect();
        assert!(bytes.iter().all(|effect| **effect == Effect::Body(Vec::new())), "{place}: {bytes:?}");
        assert!(!by_tick || bytes.is_empty(), "{place}: there is no chunk to replace on a tick");
        assert!(exchange.on(&mut engine, Event::Tick, later).effects.is_empty(), "{place}: once is enough");
        let closed = exchange.on(&mut engine, Event::Closed(Closing::default()), later);
        let record = closed.effects.iter().find_map(|effect| match effect {
            Effect::Record(line) => Some(serde_json::from_str::<serde_json::Value>(line).unwrap()),
            _ => None,
        });
        let record = record.expect("a record");
        assert_eq!(
            (record["disposition"].as_str(), record["status_code"].as_str()),
            (Some("Access Revoked"), Some("revoked_session")),
            "{place}"
        );
        assert_eq!(record["unmapped"]["stage"], if parts < 3 { "completed" } else { "aborted" }, "{place}");
        exchange.release(&mut engine);
        assert_eq!(engine.held(), 0);
    }
}

/// The headers of a case over TLS, with a body to come.
fn post(case: &Case) -> Event {
    let mut headers: Vec<(String, String)> = [(":method", "POST"), (":path", "/mcp"), (":authority", "mcp.example.com")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    headers.extend(case.request.all_headers());
    headers.extend(token::authorization(&case.caller).map(|value| ("authorization".to_owned(), value)));
    Event::RequestHeaders { headers, end: false, connection: over_tls() }
}

fn ends(step: &Step) -> bool {
    step.effects.iter().any(|effect| matches!(effect, Effect::Reply(_) | Effect::Cut))
}

/// Callers of a VM that has just started wait for its first list, and are told when there is none.
#[test]
fn the_first_list_decides_on_those_who_came_before_it() {
    let case = case::all().into_iter().find(|case| case.name == "handshake needs no rule").unwrap();
    for (signed, members, status) in
        [("", "sequence = 1", None), ("", "sessions = [{ sid = 's-1' }]", Some(401)), ("by-a-stranger", "sequence = 1", Some(503))]
    {
        let (mut engine, mut store) = (engine("revocation"), Shared::default());
        let mut exchange = Exchange::new(StreamId(1), now());
        let step = exchange.on(&mut engine, post(&case), now());
        assert!(step.flow == Flow::Pause && step.effects.is_empty());
        let step = exchange.on(&mut engine, Event::RequestBody { chunk: case.request.bytes(), end: true }, now());
        assert!(step.flow == Flow::Pause && !ends(&step));
        let list = case::List { signed: signed.to_owned(), members: toml::from_str(members).unwrap() };
        let call = (0..2).find_map(|_| engine.tick(&mut store, now()).calls.pop()).unwrap();
        let (code, body) = token::list(&list);
        let answer = Answer::Response { headers: vec![(":status".into(), code.to_string())], body: body.into_bytes() };
        let answered = engine.answered(call.ticket, answer, &mut store, now());
        assert_eq!(answered.streams, [StreamId(1)]);
        let step = exchange.on(&mut engine, Event::Recheck, now());
        let reply = step.effects.iter().find_map(|effect| match effect {
            Effect::Reply(reply) => Some(reply.status),
            _ => None,
        });
        assert_eq!((reply, step.effects.contains(&Effect::Resume)), (status, status.is_none()));
        exchange.release(&mut engine);
    }
}

/// Nobody is held for ever: without any answer, the wait ends by itself.
#[test]
fn the_wait_for_the_first_list_is_bounded() {
    let case = case::all().into_iter().find(|case| case.name == "handshake needs no rule").unwrap();
    let (mut engine, mut store) = (engine("revocation"), Shared::default());
    let mut exchange = Exchange::new(StreamId(7), now());
    let begin = now();
    engine.tick(&mut store, begin);
    let step = exchange.on(&mut engine, post(&case), begin);
    assert!(step.flow == Flow::Pause && step.effects.is_empty());
    assert!(engine.tick(&mut store, begin.plus_millis(5_900)).recheck.is_empty());
    let late = begin.plus_millis(6_000);
    assert_eq!(engine.tick(&mut store, late).recheck, [StreamId(7)]);
    let step = exchange.on(&mut engine, Event::Recheck, late);
    assert!(step.effects.iter().any(|effect| matches!(effect, Effect::Reply(reply) if reply.status == 503)));
    exchange.release(&mut engine);
}

/// What one worker sees in a list, all act upon.
#[test]
fn a_changed_tool_is_refused_by_all_workers() {
    let cases = case::all();
    let case = |name: &str| cases.iter().find(|case| case.name == name).unwrap();
    let run = |engine: &mut Engine, case: &Case, body: &str| {
        let mut case = case.clone();
        case.request.body = body.to_owned();
        let (request, response) = (case.request.bytes(), case.answer.bytes());
        Fake::run(&case, engine, &whole(&request), &whole(&response))
    };
    let (list, same) = (case("a changed tool is listed, a new one is not"), case("tools as they were pinned"));
    let call = case("a pinned tool is called");
    let get_b = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_b"}}"#;
    let (mut here, mut there, mut store) = (engine("tools-pinned"), engine("tools-pinned"), Shared::default());
    let refused = |engine: &mut Engine| {
        let seen = run(engine, call, get_b);
        let record = seen.record.unwrap();
        assert_eq!(record["status_code"] == "tool_changed", seen.upstream.is_none(), "{record}");
        seen.upstream.is_none()
    };
    assert!(!refused(&mut here) && !refused(&mut there));
    run(&mut here, list, &list.request.body);
    assert!(refused(&mut here) && !refused(&mut there));
    here.tick(&mut store, now());
    there.tick(&mut store, now());
    assert!(refused(&mut here) && refused(&mut there));
    run(&mut there, same, &same.request.body);
    there.tick(&mut store, now());
    here.tick(&mut store, now());
    assert!(!refused(&mut here) && !refused(&mut there));
}
