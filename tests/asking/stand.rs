//! One process with its people: a policy, an engine, a service that can be made to lie.

use portcullis::exchange::{Answer, Call, Closing, Effect, Engine, Event, Exchange, Flow, Step, StreamId};
use portcullis::policy;
use portcullis::time::Time;
use serde_json::{Value, json};

use super::support::approver::{self, Approver, Word};
use super::support::case::Caller;
use super::support::process::{JSON_OR_EVENTS, Shared, identification, now, request_headers};
use super::support::token;

pub const POLICY: &str = r#"
version: 1
resource: https://mcp.example.com/mcp
identity:
  issuers: [{ issuer: https://id.example.com, keys: [__JWK__], claims: { user: name } }]
approvals: { cluster: people, host: approvals.example.com, path_prefix: /ask, credential: "${env:APPROVALS_TOKEN}", key: "${env:APPROVALS_KEY}", keys: [__KEY__], timeout: 3s }
rules:
  - { id: staff, groups: [engineering], tools: ["*"], then: allow }
  - { id: drops, tools: ["drop_*"], message: Drops are for good., then: { ask: { approvers: [leads], hold: 45s } } }
  - { id: never, tools: ["drop_all"], then: deny }
  - { id: second, tools: ["drop_two"], then: { ask: { approvers: [chiefs], hold: 45s } } }
  - { id: recorded, tools: ["drop_kept"], then: allow, record: before }
  - { id: watched, tools: ["watch_*"], mode: observe, then: { ask: { approvers: [leads] } } }
  - { id: prompts, prompts: ["danger"], then: { ask: { approvers: [leads], hold: 45s } } }
  - { id: night, tools: ["drop_later"], when: "now > timestamp('__LATER__')", then: deny }
masking:
  - { id: keys, detect: [secrets], then: replace }
limits:
  calls: { per: principal, rate: 60/h, burst: 5 }
audit:
  collector: { cluster: collector, timeout: 3s }
"#;

/// One process with its people.
pub struct Stand {
    pub engine: Engine,
    pub shared: Shared,
    pub approver: Approver,
    pub now: Time,
    pub streams: u32,
}

impl Stand {
    pub fn new() -> Self {
        Self::under(str::to_owned)
    }

    /// Under a policy that is a little different.
    pub fn under(change: fn(&str) -> String) -> Self {
        let now = now();
        let approver = Approver::new(now.secs());
        let engine = engine_under(&change(POLICY), &approver, "0");
        Self { engine, shared: Shared::default(), approver, now, streams: 0 }
    }

    pub fn wait(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
        self.approver.now = self.now.secs();
    }

    pub fn begin(&mut self, request: &Request) -> (Exchange, Step) {
        self.streams += 1;
        let caller = Caller { user: request.user.to_owned(), groups: vec!["engineering".to_owned()], ..Caller::default() };
        let mut more = Vec::new();
        if request.modern {
            more.extend([("mcp-protocol-version", "2026-07-28"), ("mcp-method", request.method), ("mcp-name", request.name)]);
        }
        more.extend(request.version.map(|version| ("mcp-protocol-version", version)));
        more.extend(request.session.iter().map(|session| ("mcp-session-id", session.as_str())));
        let mut exchange = Exchange::new(StreamId(self.streams), self.now);
        let event = request_headers(&caller, "POST", JSON_OR_EVENTS, &more);
        let step = exchange.on(&mut self.engine, event, self.now);
        assert_eq!(step.flow, Flow::Pause);
        if reply(&step).is_some() {
            return (exchange, step);
        }
        let event = Event::RequestBody { chunk: request.body(), end: true };
        let step = exchange.on(&mut self.engine, event, self.now);
        (exchange, step)
    }

    /// A client of 2025-11-25 introduces itself; the name of the session it gets.
    pub fn introduce(&mut self, user: &'static str, capabilities: &Value, session: &str) -> String {
        let params =
            json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": { "name": "c", "version": "1" } });
        let hello = Request { user, method: "initialize", whole: Some(params), ..Request::tool("") };
        let (mut exchange, step) = self.begin(&hello);
        assert_eq!(step.flow, Flow::Continue, "{step:?}");
        let headers = [(":status", "200"), ("content-type", "application/json"), ("mcp-session-id", session)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let step = exchange.on(&mut self.engine, Event::ResponseHeaders { headers, end: false }, self.now);
        let sealed = step.effects.iter().find_map(|effect| match effect {
            Effect::SetResponseHeader(name, value) if name == "mcp-session-id" => Some(String::from_utf8(value.clone()).unwrap()),
            _ => None,
        });
        let body = br#"{"jsonrpc":"2.0","id":7,"result":{"protocolVersion":"2025-11-25","capabilities":{}}}"#.to_vec();
        let _ = exchange.on(&mut self.engine, Event::ResponseBody { chunk: body, end: true }, self.now);
        self.end(&mut exchange);
        sealed.unwrap_or_else(|| session.to_owned())
    }

    /// What the client is told when nobody has decided until the hold is over.
    pub fn pending(&mut self, request: &Request) -> (u16, Value) {
        let (mut exchange, step) = self.begin(request);
        let _ = self.serve(&mut exchange, step);
        self.wait(46_000);
        let step = exchange.on(&mut self.engine, Event::Tick, self.now);
        let answer = reply(&step).unwrap_or_else(|| panic!("no answer: {step:?}"));
        self.end(&mut exchange);
        answer
    }

    /// The way an answer takes through the host.
    pub fn tell(&mut self, exchange: &mut Exchange, call: &Call, answer: Answer) -> Step {
        let answered = self.engine.answered(call.ticket, answer, &mut self.shared, self.now);
        let (_, answer) = answered.asker.expect("somebody waits for it");
        exchange.on(&mut self.engine, Event::Answered { ticket: call.ticket, answer }, self.now)
    }

    /// The service's own answer to a call.
    pub fn ask(&mut self, call: &Call) -> Answer {
        let header = |name: &str| call.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str()).unwrap_or_default();
        assert_eq!((call.cluster.as_str(), header(":authority")), ("people", "approvals.example.com"));
        assert_eq!(header("authorization"), format!("Bearer {}", approver::env("APPROVALS_TOKEN").unwrap()));
        let path = header(":path").strip_prefix("/ask").unwrap().to_owned();
        if path == "/access/v1/requests" {
            let body: Value = serde_json::from_slice(&call.body).unwrap();
            assert_eq!(body["context"]["binding"], header("idempotency-key"));
        }
        let (status, body) = self.approver.answer(header(":method"), &path, &call.body);
        says(status, &body)
    }

    /// Answers one call after the other, until nothing is asked any more or the polls begin.
    pub fn serve(&mut self, exchange: &mut Exchange, mut step: Step) -> Step {
        while let Some(call) = call(&step).cloned() {
            if method(&call) == "GET" && self.approver.word == Word::Nothing {
                return step;
            }
            let answer = self.ask(&call);
            step = self.tell(exchange, &call, answer);
        }
        step
    }

    pub fn end(&mut self, exchange: &mut Exchange) -> Value {
        let step = exchange.on(&mut self.engine, Event::Closed(Closing::default()), self.now);
        exchange.release(&mut self.engine);
        let line = step.effects.iter().find_map(|effect| if let Effect::Record(line) = effect { Some(line.clone()) } else { None });
        assert_eq!(self.engine.held(), 0);
        serde_json::from_str(&line.expect("a record")).unwrap()
    }

    /// Calls that are nobody's own, made on the tick.
    pub fn detached(&mut self) -> Vec<String> {
        let calls = self.engine.tick(&mut self.shared, self.now).calls;
        calls.iter().map(|call| call.headers.iter().find(|(name, _)| name == ":path").unwrap().1.clone()).collect()
    }
}

pub fn engine(approver: &Approver, vm: &str) -> Engine {
    engine_under(POLICY, approver, vm)
}

/// Another worker or replica under the same policy.
pub fn engine_under(policy: &str, approver: &Approver, vm: &str) -> Engine {
    let mut engine = begun(policy, approver, vm);
    let _ = engine.tick(&mut Shared::default(), Time::from_millis(0));
    engine
}

/// One that has not had its first tick.
pub fn begun(policy: &str, approver: &Approver, vm: &str) -> Engine {
    let text = policy.replace("__JWK__", &token::jwk().to_string()).replace("__KEY__", &approver.jwk().to_string());
    let text = text.replace("__LATER__", "2100-01-01T00:00:00Z");
    let loaded = policy::from_yaml(&text, &approver::env).unwrap_or_else(|report| panic!("{report}"));
    let engine = Engine::new(&loaded, identification(vm)).unwrap_or_else(|report| panic!("{report}"));
    assert!(engine.remembers());
    engine
}

#[derive(Clone)]
pub struct Request {
    pub user: &'static str,
    pub session: Option<String>,
    /// The header, of a client before 2026-07-28.
    pub version: Option<&'static str>,
    pub method: &'static str,
    pub name: &'static str,
    pub arguments: Value,
    pub modern: bool,
    pub capabilities: Value,
    pub more: Value,
    /// Instead of a call's `params`.
    pub whole: Option<Value>,
}

impl Request {
    pub fn tool(name: &'static str) -> Self {
        Self {
            user: "ana",
            session: None,
            version: None,
            method: "tools/call",
            name,
            arguments: json!({ "what": "x" }),
            modern: false,
            capabilities: json!({}),
            more: json!({}),
            whole: None,
        }
    }

    pub fn modern(self) -> Self {
        Self { modern: true, capabilities: json!({ "elicitation": { "url": {} } }), ..self }
    }

    pub fn body(&self) -> Vec<u8> {
        let call = || json!({ "name": self.name, "arguments": self.arguments });
        let mut params = self.whole.clone().unwrap_or_else(call);
        if self.modern {
            params["_meta"] = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": self.capabilities });
        }
        for (name, value) in self.more.as_object().unwrap() {
            params[name] = value.clone();
        }
        json!({ "jsonrpc": "2.0", "id": 7, "method": self.method, "params": params }).to_string().into_bytes()
    }
}

pub fn call(step: &Step) -> Option<&Call> {
    step.effects.iter().find_map(|effect| if let Effect::Call(call) = effect { Some(call) } else { None })
}

pub fn method(call: &Call) -> &str {
    &call.headers[0].1
}

pub fn path(call: &Call) -> &str {
    &call.headers[1].1
}

/// Status and body of the answer to the client.
pub fn reply(step: &Step) -> Option<(u16, Value)> {
    step.effects.iter().find_map(|effect| match effect {
        Effect::Reply(reply) => Some((reply.status, serde_json::from_slice(&reply.body).unwrap())),
        _ => None,
    })
}

pub fn text(step: &Step) -> String {
    let (status, body) = reply(step).unwrap_or_else(|| panic!("no answer: {step:?}"));
    assert_eq!(status, 200);
    assert_eq!(body["id"], 7);
    assert_eq!(body["result"]["isError"], true, "{body}");
    body["result"]["content"][0]["text"].as_str().unwrap().to_owned()
}

pub fn goes(step: &Step) -> bool {
    let resumed = step.effects.contains(&Effect::Resume);
    assert_eq!(resumed, step.flow == Flow::Continue, "{step:?}");
    assert!(!(resumed && reply(step).is_some()));
    resumed
}

pub fn says(status: u16, body: &Value) -> Answer {
    Answer::Response { headers: vec![(":status".to_owned(), status.to_string())], body: body.to_string().into_bytes() }
}
