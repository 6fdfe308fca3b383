//! One exchange from its first header to its record: events in, effects out.
//!
//! The only place where the rooms meet. No socket, no clock, no log: the host tells what happened and does what is asked, so the
//! whole way of an exchange runs in a test at every split of its bytes.
//!
//! # The way of one exchange
//!
//! 1. **Request headers**: TLS, Host and Origin ([`transport`]), a browser's question ([`cors`]), metadata ([`well_known`]), then the token ([`crate::identity`]); the exchange may have to wait for
//!    the issuer's keys. Headers are held unless the policy says otherwise.
//! 2. **Request body**: every chunk is taken out of Envoy's buffer into ours, under the policy's limit and the VM's budget
//!    ([`memory`]). At its end it must be one message ([`crate::mcp`]), and the guard decides.
//! 3. **Holding**, where a rule says so, until people have approved the call ([`asking`]), and until its record is kept ([`hold`]).
//! 4. **Forwarding**: the client's token comes off, the upstream's credential goes on, the body goes on byte for byte.
//! 5. **Response**: JSON, event streams and text pass through the masker as they come; what cannot be masked is refused before
//!    its headers go, or cut. Where a rule says so, messages wait until a recognizer outside has looked at them ([`recognizing`]).
//! 6. **Closing**: one record, whatever happened.
//!
//! In all of it, access that is taken back ends the exchange ([`revoked`]).

mod asking;
mod budget;
mod cancelled;
mod capture;
mod clean;
mod client;
mod closing;
mod cors;
mod edit;
mod editing;
mod engine;
mod event;
mod gate;
mod handles;
mod head;
mod head_masked;
mod history;
mod hold;
mod in_force;
mod masking;
mod memory;
mod messages;
mod noted;
mod outcome;
mod peek;
mod recognizing;
mod refusal;
mod request;
mod response;
mod returned;
mod revoked;
mod running;
mod transport;
mod unapproved;
mod well_known;
mod withheld;

pub use crate::audit::ALERTS;
pub use crate::identity::SharedData;
pub use engine::{Answered, Engine, Identification, Ticked};
pub use event::{Answer, Call, Closing, Connection, Effect, Event, Flow, Headers, Message, Metric, Step, StreamId, Ticket};
pub use memory::Memory;

pub use crate::identity::{Equipment, Host, SharedValue, SignatureCheck, Written};

use std::rc::Rc;

use crate::approval::Returned;
use crate::audit::{Facts, Sides};
use crate::guard::budget::Account;
use crate::identity::Principal;
use crate::seal::Seals;
use crate::time::Time;

use asking::Asking;
use cors::Cors;
use head::Head;
use history::Asked;
use hold::Hold;
use memory::Share;
use refusal::Refusal;
use response::Responding;

/// One HTTP stream.
pub struct Exchange {
    id: StreamId,
    phase: Phase,
    head: Head,
    cors: Cors,
    /// SHA-256 of the client's certificate, in hex.
    certificate: Option<String>,
    /// Envoy's dynamic metadata, where the policy takes claims from there.
    metadata: Option<Vec<u8>>,
    principal: Option<Rc<Principal>>,
    /// Generation of the revocations under which the principal was last looked for in vain.
    vetted: Option<u64>,
    body: Vec<u8>,
    share: Share,
    /// What of the answer waits.
    waiting: Share,
    /// The request's last byte is here.
    complete: bool,
    /// The request's headers went on before its body was decided (`hold_request_headers: false`).
    headers_gone: bool,
    /// The JSON-RPC id as JSON text, to find the answer by.
    call_id: Option<String>,
    /// The path is the endpoint's: what is answered there is MCP.
    on_endpoint: bool,
    /// What was asked, in the terms the answer is edited in.
    question: edit::Asked,
    /// The answer to it went through.
    has_answer: bool,
    /// Seals for this caller, in this call. None when the policy has no key, or before the caller is known.
    seals: Option<Seals>,
    /// What opening handles changes in the head.
    opened: Vec<Effect>,
    /// Its client can send a person to a page: it says so in this handshake, or the seal of its session does. (Up to 2025-11-25.)
    takes_pages: bool,
    /// What was asked, as far as it is counted and remembered. None before the decision.
    asked: Option<Asked>,
    /// What people are asked, while they are.
    asking: Option<Box<Asking>>,
    /// What a client has handed back of an earlier answer to the same call.
    returned: Option<Returned>,
    /// A held call has to be on record before it is forwarded.
    recorded_first: bool,
    /// What it has of the budgets.
    account: Account,
    /// Bytes that left and were not charged yet.
    unspent: u64,
    /// What the editor found and did since it was last asked.
    noted: edit::Noted,
    facts: Facts,
    /// What it left on record beside its record.
    sides: Sides,
    /// Findings it left, as lines of JSON.
    findings: Vec<String>,
    /// When it is next on record while it runs; none before the first time.
    interim_at: Option<Time>,
    has_interim: bool,
    recorded: bool,
}

/// Where an exchange is.
enum Phase {
    /// Nothing has come yet.
    New,
    /// The token's key is being fetched, or the first list of revocations.
    AwaitingKeys,
    /// The caller is known; the body is being gathered.
    Reading,
    /// It is decided, and waits for more than the decision.
    Held(Hold),
    /// The upstream has the request.
    Forwarded,
    /// The upstream's answer is on its way through.
    Responding(Responding),
    /// The answer is ours; whatever else comes is dropped.
    Answered,
}

impl Exchange {
    pub fn new(id: StreamId, now: Time) -> Self {
        let mut facts = Facts { exchange: id.0, ..Facts::default() };
        facts.times.start = Some(now);
        Self {
            id,
            phase: Phase::New,
            head: Head::default(),
            cors: Cors::default(),
            certificate: None,
            metadata: None,
            principal: None,
            vetted: None,
            body: Vec::new(),
            share: Share::default(),
            waiting: Share::default(),
            complete: false,
            headers_gone: false,
            call_id: None,
            on_endpoint: false,
            question: edit::Asked::default(),
            has_answer: false,
            seals: None,
            opened: Vec::new(),
            takes_pages: false,
            asked: None,
            asking: None,
            returned: None,
            recorded_first: false,
            account: Account::default(),
            unspent: 0,
            noted: edit::Noted::default(),
            facts,
            sides: Sides::default(),
            findings: Vec::new(),
            interim_at: None,
            has_interim: false,
            recorded: false,
        }
    }

    /// What follows from an event.
    pub fn on(&mut self, engine: &mut Engine, event: Event, now: Time) -> Step {
        if let Some(step) = self.cut_short(engine, &event, now) {
            return step;
        }
        match event {
            Event::RequestHeaders { headers, end, connection } => self.request_headers(engine, headers, end, &connection, now),
            Event::RequestBody { chunk, end } => self.request_body(engine, &chunk, end, now),
            Event::RequestTrailers => self.request_trailers(engine, now),
            Event::ResponseHeaders { headers, end } => self.response_headers(engine, &headers, end, now),
            Event::ResponseBody { chunk, end } => self.response_body(engine, &chunk, end, now),
            Event::ResponseTrailers => self.response_trailers(engine, now),
            Event::Recheck if matches!(self.phase, Phase::Held(Hold::Approval)) => self.look_for_cancellation(engine, now),
            Event::Recheck => self.recheck(engine, now),
            Event::Answered { ticket, answer } => self.answered(engine, ticket, &answer, now),
            Event::Tick if matches!(self.phase, Phase::Held(Hold::Approval)) => self.look_at_people(engine, now),
            Event::Tick => self.ticked(engine, now),
            Event::Closed(closing) => self.closed(engine, closing, now),
        }
    }

    /// All that is known of the exchange by now.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What was decided, once it was.
    pub fn decision(&self) -> Option<&crate::audit::Decision> {
        self.facts.decision.as_ref()
    }

    /// Gives back what the exchange holds of the engine. Called once more when its stream goes away, whatever came before.
    pub fn release(&mut self, engine: &mut Engine) {
        self.body = Vec::new();
        engine.memory.give_back(&mut self.share);
        engine.budgets.close(&mut self.account);
        engine.memory.give_back(&mut self.waiting);
        self.stop_asking(engine);
        if matches!(self.phase, Phase::AwaitingKeys | Phase::Held(_)) || !engine.policy.recognizers.is_empty() {
            engine.forget(self.id);
        }
    }

    /// The one way to turn a request or a response away.
    fn refuse(&mut self, engine: &mut Engine, refusal: &Refusal, now: Time) -> Step {
        use crate::audit::{Decision, Failure};
        let with_dpop =
            self.head.first("authorization").is_some_and(|value| value.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("dpop ")));
        let reply = match refusal {
            Refusal::Token(problem) => refusal::token(problem, &engine.identity.challenge(problem, with_dpop)),
            other => other.reply(&engine.policy.resource),
        };
        if let Refusal::Token(problem) = refusal {
            self.facts.token_problem = Some(problem.code().into());
        }
        if let Refusal::Approval(why, _) = refusal {
            self.facts.alerts.extend(why.alert());
        }
        if let Refusal::Internal(what) = refusal {
            self.facts.error = Some(Failure { code: "internal".into(), message: (*what).to_owned() });
        }
        self.facts.decision = Some(Decision {
            disposition: refusal.disposition(),
            rule: None,
            rules: self.facts.decision.take().map(|earlier| earlier.rules).unwrap_or_default(),
            code: refusal.code(),
            message: None,
        });
        self.answer(engine, reply, refusal.metric(), now)
    }

    /// Ends the exchange with an answer of our own.
    fn answer(&mut self, engine: &mut Engine, mut reply: crate::mcp::reply::Reply, metric: Metric, now: Time) -> Step {
        self.cors.decorate(&mut reply);
        self.release(engine);
        self.phase = Phase::Answered;
        self.facts.times.decided.get_or_insert(now);
        self.facts.http.status = Some(reply.status);
        Step { flow: Flow::Pause, effects: vec![Effect::Count(metric, 1), Effect::Reply(reply)] }
    }
}
