//! A stream on a host that buffers as Envoy does, and what a recognizer says to it.

use portcullis::exchange::{Answer, Call, Closing, Effect, Engine, Event, Exchange, Flow, Metric, Step, StreamId};
use serde_json::{Value, json};

use super::support::case::Caller;
use super::support::process::{self, JSON_OR_EVENTS, Nowhere, now, request_headers};

pub const POLICY: &str = r#"
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

pub const WORDS: &[(&str, &str)] =
    &[("José García", "PERSON"), ("Ana 👩🏽‍💻", "PERSON"), ("Zoe\u{301}", "PERSON"), ("Köln", "LOCATION"), ("Druid", "NRP")];

pub fn engine(more: &str) -> Engine {
    process::engine(&POLICY.replace("__MORE__", more))
}

/// What a recognizer that counts as Python does finds in the texts of a call.
pub fn look(call: &Call) -> Value {
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

pub fn says(status: &str, body: &str) -> Answer {
    Answer::Response { headers: vec![(":status".to_owned(), status.to_owned())], body: body.as_bytes().to_vec() }
}

pub type Speak = dyn FnMut(&Call) -> Answer;

pub fn honest() -> Box<Speak> {
    Box::new(|call| says("200", &look(call).to_string()))
}

/// A stream of a host that buffers as Envoy does, and is as easily confused: after a response was let go from outside, the next chunk comes in
/// the buffer, and a callback that continues leaves it there.
pub struct Host<'e> {
    pub engine: &'e mut Engine,
    pub exchange: Exchange,
    /// Envoy has the filter's last word.
    stopped: bool,
    buffering: bool,
    buffer: Vec<u8>,
    /// Envoy has seen the end.
    complete: bool,
    trailers: bool,
    pub over: bool,
    pub cut: bool,
    pub left: Vec<u8>,
    pub calls: Vec<Call>,
    effects: Vec<Effect>,
    /// Texts that were shown.
    pub shown: Vec<String>,
}

impl<'e> Host<'e> {
    pub fn begin(engine: &'e mut Engine, id: u32, group: &str, tool: Option<&str>, media: &str) -> Self {
        let caller = Caller { user: "ana".to_owned(), groups: vec![group.to_owned()], ..Caller::default() };
        let method = if tool.is_some() { "POST" } else { "GET" };
        let accept = if tool.is_some() { JSON_OR_EVENTS } else { "text/event-stream" };
        let mut exchange = Exchange::new(StreamId(id), now());
        let mut step = exchange.on(engine, request_headers(&caller, method, accept, &[]), now());
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

    pub fn chunk(&mut self, chunk: &[u8], end: bool) {
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

    pub fn apply(&mut self, step: Step, data: Option<&mut Vec<u8>>) {
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
    pub fn answer(&mut self, speak: &mut Speak) -> bool {
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

    pub fn tick(&mut self) {
        let ticked = self.engine.tick(&mut Nowhere, now());
        for _ in ticked.recheck {
            let step = self.exchange.on(self.engine, Event::Recheck, now());
            self.apply(step, None);
        }
    }

    /// All that is still to come from outside.
    pub fn rest(&mut self, speak: &mut Speak) {
        while self.answer(speak) {}
        self.tick();
    }

    pub fn close(mut self) -> (String, Value) {
        let step = self.exchange.on(self.engine, Event::Closed(Closing::default()), now());
        self.apply(step, None);
        self.exchange.release(self.engine);
        assert_eq!(self.engine.held(), 0, "memory is not given back");
        let record =
            self.effects.iter().find_map(|effect| if let Effect::Record(line) = effect { serde_json::from_str(line).ok() } else { None });
        (String::from_utf8(self.left).unwrap(), record.expect("a record"))
    }

    pub fn counted(&self, metric: Metric) -> u64 {
        let count =
            |effect: &Effect| if let Effect::Count(counted, count) = effect { (*counted == metric).then_some(*count) } else { None };
        self.effects.iter().filter_map(count).sum()
    }
}

/// How a stream of chunks and answers goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Each call is answered before the next chunk.
    Quick,
    /// Nothing is answered before the end.
    Slow,
    /// After every other chunk.
    Uneven,
    /// As `Quick`, and the answer ends with trailers.
    Trailers,
}

pub fn run(more: &str, tool: &str, media: &str, chunks: &[&[u8]], pace: Pace, speak: &mut Speak) -> (String, Value, bool) {
    run_in(&mut engine(more), tool, media, chunks, pace, speak)
}

pub fn run_in(engine: &mut Engine, tool: &str, media: &str, chunks: &[&[u8]], pace: Pace, speak: &mut Speak) -> (String, Value, bool) {
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

pub fn splits(body: &str) -> Vec<Vec<&[u8]>> {
    let bytes = body.as_bytes();
    let mut all: Vec<Vec<&[u8]>> = (1..bytes.len()).map(|at| vec![&bytes[..at], &bytes[at..]]).collect();
    all.push(vec![bytes]);
    all.push(bytes.chunks(1).collect());
    all.push(bytes.chunks(7).chain([&b""[..]]).collect());
    all
}

pub fn message(text: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":7,"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#)
}
