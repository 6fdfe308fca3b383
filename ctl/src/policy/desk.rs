//! The engine on a desk: messages decided in memory, for whoever the claims say, at any time.
//!
//! Nothing is decided here: a key made on the spot takes the place of the issuers' keys, tokens are signed with it, and every exchange
//! runs as in Envoy.

mod shared;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use jwt_simple::prelude::ES256KeyPair;
use portcullis::audit::{Decision, Disposition};
use portcullis::exchange::{Answer, Call, Closing, Connection, Effect, Engine, Event, Exchange, Headers, SharedData, StreamId};
use portcullis::guard::RuleTrace;
use portcullis::mcp::message::{self, Era, Message};
use portcullis::mcp::reply::Reply;
use portcullis::policy::value::Duration;
use portcullis::policy::{Algorithm, ClaimPath, Issuer, KeySource, Loaded, TlsMode, TokenFrom};
use portcullis::time::Time;
use serde_json::{Map, Value, json};

use super::check::identification;
use crate::exit::Failure;
use crate::issuer::{Mint, TokenRequest};
use shared::Shared;

/// Workers of one desk have nothing to tell each other.
struct Nowhere;

impl SharedData for Nowhere {
    fn read(&self, _key: &str) -> Option<(Vec<u8>, u32)> {
        None
    }

    fn write(&mut self, _key: &str, _value: &[u8], _version: Option<u32>) -> bool {
        false
    }
}

/// Who calls when no claims say it.
const NOBODY: &str = "nobody";

/// The engine with a key of ours in it.
pub(super) struct Desk {
    engine: Engine,
    issuers: Vec<Issuer>,
    key: Arc<ES256KeyPair>,
    shared: Rc<Shared>,
    /// By their claims.
    tokens: HashMap<String, String>,
}

/// One call.
pub(super) struct Ask<'a> {
    /// From [`Desk::token`].
    pub(super) authorization: &'a str,
    /// `POST`, `GET` or `DELETE`.
    pub(super) verb: &'a str,
    pub(super) body: &'a [u8],
    pub(super) session: Option<&'a str>,
    pub(super) now: Time,
    /// What every rule says to it is wanted, too.
    pub(super) traced: bool,
    /// What the server answers, with its media type, if the call comes so far.
    pub(super) answer: Option<(&'a str, &'a [u8])>,
}

/// What became of it.
pub(super) struct Told {
    pub(super) decision: Decision,
    /// The call is refused with this.
    pub(super) reply: Option<Reply>,
    /// It waits for people to approve it.
    pub(super) asks: bool,
    pub(super) traces: Vec<RuleTrace>,
    pub(super) got: Got,
}

/// What the caller gets of the server's answer.
#[derive(Default)]
pub(super) struct Got {
    pub(super) body: Vec<u8>,
    /// It was refused, or cut before its end.
    pub(super) withheld: bool,
    /// Masking rules that found something, once each.
    pub(super) masked: Vec<String>,
}

impl Told {
    /// `allow`, `refuse` or `ask`.
    pub(super) fn verdict(&self) -> &'static str {
        match (&self.reply, self.asks) {
            (Some(_), _) => "refuse",
            (None, true) => "ask",
            (None, false) => "allow",
        }
    }
}

impl Desk {
    /// What is asked is what the rules say: how callers prove who they are, how they reach the endpoint and how handles are sealed are other questions.
    pub(super) fn new(mut loaded: Loaded) -> Result<Self, Failure> {
        let key = ES256KeyPair::generate();
        let jwk: Value = serde_json::from_str(&key.public_key().to_jwk()).map_err(|err| unable(&err))?;
        let policy = &mut loaded.policy;
        policy.identity.from = TokenFrom::Bearer;
        policy.identity.dpop.required = false;
        policy.identity.revocation = None;
        policy.sessions = None;
        if policy.transport.tls == TlsMode::Forwarded {
            policy.transport.tls = TlsMode::Required;
        }
        for issuer in &mut policy.identity.issuers {
            issuer.keys = KeySource::Inline(vec![jwk.clone()]);
            issuer.algorithms = vec![Algorithm::Es256];
            issuer.max_lifetime = Duration::from_secs(EXPIRES);
        }
        if policy.identity.issuers.is_empty() {
            return Err(Failure::wrong("the policy has no issuer"));
        }
        let mut engine = Engine::new(&loaded, identification()).map_err(|report| Failure::wrong(report.to_string()))?;
        let shared = Rc::new(Shared::default());
        engine.equip(Rc::clone(&shared) as Rc<dyn portcullis::exchange::Host>);
        Ok(Self { engine, issuers: loaded.policy.identity.issuers, key: Arc::new(key), shared, tokens: HashMap::new() })
    }

    /// Forgets what callers did before.
    pub(super) fn forget(&self) {
        self.shared.clear();
    }

    /// A credential with these claims: issuer, audience, subject and times are filled in where they are missing. Times and bindings are ours in
    /// any case: what is asked is not whether a captured token has expired.
    pub(super) fn token(&mut self, claims: &Map<String, Value>) -> Result<String, Failure> {
        let name = Value::Object(claims.clone()).to_string();
        if let Some(known) = self.tokens.get(&name) {
            return Ok(known.clone());
        }
        let said = claims.get("iss").and_then(Value::as_str);
        let issuer = self.issuers.iter().find(|issuer| said == Some(&issuer.issuer)).or(self.issuers.first());
        let Some(issuer) = issuer else { return Err(Failure::wrong("the policy has no issuer")) };
        let audience = issuer.audiences.first().cloned().unwrap_or_default();
        let mint = Mint::new(issuer.issuer.clone(), audience, Arc::clone(&self.key));
        let extra = filled(claims.clone(), &issuer.claims.user);
        let request = TokenRequest { user: NOBODY.to_owned(), extra, ..TokenRequest::default() };
        let token = mint.token(&request).map_err(|err| unable(&err))?;
        let authorization = format!("Bearer {token}");
        self.tokens.insert(name, authorization.clone());
        Ok(authorization)
    }

    /// The issuer whose tokens these claims would be of.
    pub(super) fn issuer(&self, name: Option<&str>) -> Option<&Issuer> {
        self.issuers.iter().find(|issuer| name == Some(&issuer.issuer)).or(self.issuers.first())
    }

    pub(super) fn ask(&mut self, ask: &Ask<'_>) -> Result<Told, Failure> {
        let message = message::parse(ask.body).ok();
        let mut exchange = Exchange::new(StreamId(0), ask.now);
        let connection = Connection { tls_version: Some("TLSv1.3".to_owned()), ..Connection::default() };
        let headers = self.headers(ask, message.as_ref());
        let end = ask.verb != "POST";
        let mut reply = replied(exchange.on(&mut self.engine, Event::RequestHeaders { headers, end, connection }, ask.now).effects);
        let mut traces = Vec::new();
        if reply.is_none() && !end {
            if ask.traced {
                traces = exchange.explain(&self.engine, ask.body, ask.now);
            }
            let event = Event::RequestBody { chunk: ask.body.to_vec(), end: true };
            reply = replied(exchange.on(&mut self.engine, event, ask.now).effects);
        }
        let asks = reply.is_none() && exchange.decision().is_some_and(|decision| decision.disposition == Disposition::Delayed);
        let mut got = Got::default();
        if let (None, Some((media, body))) = (&reply, ask.answer.filter(|_| !asks)) {
            got = self.respond(&mut exchange, media, body, ask.now);
        }
        let decision = exchange.decision().cloned().ok_or_else(|| Failure::environment("the engine came to no decision"))?;
        // Budgets and histories are told that it is over; a record is nobody's here.
        if ask.answer.is_some() {
            let _ = exchange.on(&mut self.engine, Event::Closed(Closing::default()), ask.now);
            got.masked = exchange.facts().masking.findings.iter().map(|finding| finding.rule.clone()).collect();
            got.masked.dedup();
        }
        exchange.release(&mut self.engine);
        Ok(Told { decision, reply, asks, traces, got })
    }

    fn respond(&mut self, exchange: &mut Exchange, media: &str, body: &[u8], now: Time) -> Got {
        let headers = [(":status", "200"), ("content-type", media)].map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let mut got = Got::default();
        let mut effects = exchange.on(&mut self.engine, Event::ResponseHeaders { headers, end: false }, now).effects;
        let mut chunk = body.to_vec();
        if !effects.iter().any(|effect| matches!(effect, Effect::Reply(_))) {
            effects.extend(exchange.on(&mut self.engine, Event::ResponseBody { chunk: body.to_vec(), end: true }, now).effects);
        }
        while let Some(at) = effects.iter().position(|effect| matches!(effect, Effect::Call(_))) {
            if let Effect::Call(call) = effects.remove(at) {
                effects.extend(self.found_nothing(exchange, &call, now));
            }
        }
        for effect in effects {
            match effect {
                Effect::Body(bytes) | Effect::Release(bytes) => chunk = bytes,
                Effect::Reply(reply) => {
                    chunk = reply.body;
                    got.withheld = true;
                }
                Effect::Cut => got.withheld = true,
                _ => {}
            }
        }
        got.body = chunk;
        got
    }

    /// The answer waits for a recognizer, and here there is none.
    fn found_nothing(&mut self, exchange: &mut Exchange, call: &Call, now: Time) -> Vec<Effect> {
        let asked: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let none = vec![json!([]); asked.get("text").and_then(Value::as_array).map_or(0, Vec::len)];
        let headers = vec![(":status".to_owned(), "200".to_owned())];
        let answer = Answer::Response { headers, body: Value::from(none).to_string().into_bytes() };
        let answered = self.engine.answered(call.ticket, answer, &mut Nowhere, now);
        let Some((_, answer)) = answered.asker else { return Vec::new() };
        exchange.on(&mut self.engine, Event::Answered { ticket: call.ticket, answer }, now).effects
    }

    fn headers(&self, ask: &Ask<'_>, message: Option<&Message>) -> Headers {
        let accept = if ask.verb == "GET" { "text/event-stream" } else { "application/json, text/event-stream" };
        let mut headers: Headers = [
            (":method", ask.verb),
            (":path", self.engine.resource().path()),
            (":authority", self.engine.resource().host()),
            ("accept", accept),
            ("authorization", ask.authorization),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        if ask.verb == "POST" {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        headers.extend(ask.session.map(|session| ("mcp-session-id".to_owned(), session.to_owned())));
        // What a client of 2026-07-28 repeats in headers; a message alone has none to contradict.
        if let Some(message) = message
            && let Era::Modern { version } = &message.era
        {
            headers.push(("mcp-protocol-version".to_owned(), version.clone()));
            headers.push(("mcp-method".to_owned(), message.method().to_owned()));
            headers.extend(message.target.name().map(|name| ("mcp-name".to_owned(), encoded(name))));
        }
        headers
    }
}

fn unable(err: &dyn std::fmt::Display) -> Failure {
    Failure::environment(format!("no token could be made: {err}"))
}

fn replied(effects: Vec<Effect>) -> Option<Reply> {
    effects.into_iter().find_map(|effect| match effect {
        Effect::Reply(reply) => Some(reply),
        _ => None,
    })
}

/// What the caller or its model would read of a refusal.
pub(super) fn said(answer: &Value) -> Option<&str> {
    ["/result/content/0/text", "/error/message", "/message"].iter().find_map(|pointer| answer.pointer(pointer)).and_then(Value::as_str)
}

/// SEP-2243: visible ASCII as it is, anything else in base64 between marks.
fn encoded(name: &str) -> String {
    use base64::Engine as _;
    let plain = name.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) && !name.starts_with("=?");
    if plain { name.to_owned() } else { format!("=?base64?{}?=", base64::engine::general_purpose::STANDARD.encode(name)) }
}

/// From 1970 to 2100 (seconds): tokens are good at whatever time a test or a record says it is.
const EXPIRES: u64 = 4_102_444_800;

fn filled(mut claims: Map<String, Value>, user: &ClaimPath) -> Map<String, Value> {
    claims.remove("cnf");
    claims.insert("iat".to_owned(), json!(0));
    claims.insert("nbf".to_owned(), json!(0));
    claims.insert("exp".to_owned(), json!(EXPIRES));
    if let [claim] = user.0.as_slice()
        && claim != "sub"
    {
        let subject = claims.get("sub").cloned().unwrap_or_else(|| NOBODY.into());
        claims.entry(claim.clone()).or_insert(subject);
    }
    claims
}
