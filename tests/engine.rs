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

use std::time::{SystemTime, UNIX_EPOCH};

use portcullis::exchange::{Closing, Connection, Effect, Engine, Event, Exchange, Flow, Identification, Step, StreamId};
use portcullis::policy;
use portcullis::time::Time;
use support::case::{self, Case};
use support::check::{self, Seen};
use support::{proof, token};

fn now() -> Time {
    Time::from_millis(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap())
}

fn engine(name: &str) -> Engine {
    let loaded = policy::from_yaml(&case::policy(name), &case::env).unwrap_or_else(|report| panic!("{name}: {report}"));
    let identification = Identification { node: "test".into(), vm: "0".into(), version: "0", git_hash: "0" };
    Engine::new(&loaded, identification).unwrap_or_else(|report| panic!("{name}: {report}"))
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
        };
        fake.go(request, response)
    }

    fn go(mut self, request: &[&[u8]], response: &[&[u8]]) -> Seen {
        self.request(request);
        if !self.answered {
            assert!(self.headers_forwarded, "{}: neither answered nor forwarded", self.case.name);
            self.seen.upstream = Some((self.request_headers.clone(), self.forwarded.clone()));
            self.response(response);
        }
        let step = self.on(Event::Closed(Closing::default()));
        self.apply(step, None);
        self.exchange.release(self.engine);
        assert_eq!(self.engine.held(), 0, "{}: memory is not given back", self.case.name);
        self.seen
    }

    fn on(&mut self, event: Event) -> Step {
        self.exchange.on(self.engine, event, now())
    }

    fn request(&mut self, chunks: &[&[u8]]) {
        let request = &self.case.request;
        let mut headers = vec![
            (":method".to_owned(), request.method.clone()),
            (":path".to_owned(), request.path.clone()),
            (":authority".to_owned(), "mcp.example.com".to_owned()),
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
                Effect::SetResponseHeader(name, value) => self.seen.headers.push((name, String::from_utf8(value).unwrap())),
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
    for case in case::all() {
        if case.skip.contains_key("engine") {
            continue;
        }
        ran += 1;
        let mut engine = engine(&case.policy);
        let (request, response) = (case.request.bytes(), case.answer.bytes());
        let reference = Fake::run(&case, &mut engine, &whole(&request), &whole(&response));
        let mut wrong = check::differences(&case, &reference);
        let mut same = |what: String, seen: &Seen| {
            let differs = seen.status != reference.status
                || (seen.body != reference.body && !reference.cut)
                || seen.cut != reference.cut
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
