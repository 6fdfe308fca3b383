//! The request's half: who calls, what is asked, and whether it goes on.

use super::budget;
use super::cors::Cors;
use super::event::{Connection, Effect, Flow, Headers, Metric, Step};
use super::head::Head;
use super::history::{self, Asked, Judged};
use super::recognizing::At;
use super::refusal::Refusal;
use super::revoked::Standing;
use super::unapproved::Unapproved;
use super::{Engine, Exchange, Phase, transport};
use crate::approval;
use crate::audit::{self, Stage};
use crate::guard::budget::{Account, Limited};
use crate::guard::{self, Action, Call, Circumstances, RuleTrace, Verdict, Who};
use crate::identity::{Document, Outcome, Presented, Principal, challenge};
use crate::mcp::http::{TransportProblem, Verb};
use crate::mcp::message::{self, Era, Kind, Message};
use crate::mcp::method::{Class, Target};
use crate::mcp::mirror;
use crate::policy::{self, value};
use crate::time::Time;

impl Exchange {
    pub(super) fn request_headers(&mut self, engine: &mut Engine, headers: Headers, end: bool, connection: &Connection, now: Time) -> Step {
        self.head = Head::new(headers);
        self.complete = end;
        self.certificate = connection.client_certificate.clone();
        self.metadata = connection.metadata.clone();
        self.note_head(engine, connection);
        self.cors = Cors::of(&engine.policy.transport, &self.head);
        if let Err(refusal) = transport::check(&engine.policy, &self.head, connection) {
            return self.refuse(engine, &refusal, now);
        }
        if let Some(reply) = self.cors.preflight(&self.head) {
            return self.serve(engine, "cors_preflight", reply, now);
        }
        if let Some(document) = Document::at(&self.head.path, &engine.policy.resource) {
            return self.serve_document(engine, document, now);
        }
        self.identify(engine, now)
    }

    fn identify(&mut self, engine: &mut Engine, now: Time) -> Step {
        let values = |name: &str| crate::mcp::http::values(&self.head.headers, name).map(str::as_bytes).collect::<Vec<_>>();
        let presented = Presented {
            authorization: &values("authorization"),
            proofs: &values("dpop"),
            method: &self.head.method,
            path: self.head.bare_path(),
            certificate: self.certificate.as_deref(),
            metadata: self.metadata.as_deref(),
        };
        match engine.identity.check(&presented, now) {
            Outcome::Refused(problem) => self.refuse(engine, &Refusal::Token(problem), now),
            Outcome::Wait(source) => {
                if !engine.wait(source, self.id) {
                    return self.refuse(engine, &Refusal::Waiters, now);
                }
                self.phase = Phase::AwaitingKeys;
                self.facts.stage = Stage::Held;
                Step::pause()
            }
            Outcome::Verified(principal) => {
                self.note_principal(&principal);
                self.facts.times.identified.get_or_insert(now);
                self.principal = Some(principal);
                match self.standing(engine, now) {
                    Standing::Good => self.admit(engine, now),
                    Standing::Bad(problem) => self.refuse(engine, &Refusal::Token(problem), now),
                    Standing::Awaited if !engine.revocation_waiters.add(self.id) => self.refuse(engine, &Refusal::Waiters, now),
                    Standing::Awaited => {
                        self.phase = Phase::AwaitingKeys;
                        self.facts.stage = Stage::Held;
                        Step::pause()
                    }
                }
            }
        }
    }

    /// The caller is known. Continues with headers, or with as much of the body as has come meanwhile.
    fn admit(&mut self, engine: &mut Engine, now: Time) -> Step {
        self.phase = Phase::Reading;
        self.facts.stage = Stage::Received;
        let verb = match Verb::parse(&self.head.method).and_then(|verb| verb.check(&self.head.headers).map(|()| verb)) {
            Ok(Verb::Options) => return self.refuse(engine, &Refusal::Transport(TransportProblem::Verb("OPTIONS".to_owned())), now),
            Ok(verb) => verb,
            Err(problem) => return self.refuse(engine, &Refusal::Transport(problem), now),
        };
        let limit = engine.policy.limits.request_body.0;
        if self.head.first("content-length").and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > limit as u64) {
            // Before a byte of it is held, and before the client has sent it all in vain.
            return self.refuse(engine, &Refusal::TooLarge { limit }, now);
        }
        let ahead = verb == Verb::Post && !self.complete && !engine.policy.transport.hold_request_headers;
        if let Some(principal) = self.principal.clone()
            && let Err(refusal) = self.open_head(engine, &principal, ahead)
        {
            return self.refuse(engine, &refusal, now);
        }
        match verb {
            Verb::Post if self.complete => self.decide(engine, now),
            Verb::Post if engine.policy.transport.hold_request_headers => Step::pause(),
            Verb::Post => {
                self.headers_gone = true;
                Step { flow: Flow::Continue, effects: self.head_edits(&engine.policy.transport) }
            }
            // Without a length the body shows only in its first byte: `request_body` refuses it there.
            Verb::Get | Verb::Delete | Verb::Options if self.complete => self.decide(engine, now),
            Verb::Get | Verb::Delete | Verb::Options => Step::pause(),
        }
    }

    pub(super) fn recheck(&mut self, engine: &mut Engine, now: Time) -> Step {
        if self.recognizing().is_some() {
            return self.look(engine, At::Outside, now);
        }
        if !matches!(self.phase, Phase::AwaitingKeys) {
            return Step::pause();
        }
        let step = self.identify(engine, now);
        match (&self.phase, step.flow) {
            // Paused callbacks stay paused until they are released; the buffered body goes along.
            (Phase::Forwarded | Phase::Reading, Flow::Continue) | (Phase::Held(_), _) => step.released(),
            _ => step,
        }
    }

    pub(super) fn request_body(&mut self, engine: &mut Engine, chunk: &[u8], end: bool, now: Time) -> Step {
        match self.phase {
            Phase::AwaitingKeys | Phase::Reading => {}
            // A server may answer before it has read everything; then the rest of the request is nobody's.
            Phase::Held(_) | Phase::Forwarded | Phase::Responding(_) | Phase::Answered | Phase::New => {
                return Step { flow: Flow::Pause, effects: vec![Effect::Body(Vec::new())] };
            }
        }
        self.complete |= end;
        if !chunk.is_empty()
            && let Err(refusal) = self.gather(engine, chunk)
        {
            return self.refuse(engine, &refusal, now);
        }
        match self.phase {
            Phase::Reading if self.complete => self.decide(engine, now),
            // Whatever waits for keys with its whole body goes on from Envoy's buffer when it is released.
            Phase::AwaitingKeys if self.complete => Step { flow: Flow::Pause, effects: vec![Effect::Body(self.unsealed_body(engine))] },
            _ => Step { flow: Flow::Pause, effects: vec![Effect::Body(Vec::new())] },
        }
    }

    fn gather(&mut self, engine: &mut Engine, chunk: &[u8]) -> Result<(), Refusal> {
        if self.head.method != "POST" && !matches!(self.phase, Phase::AwaitingKeys) {
            let verb = Verb::parse(&self.head.method).map_or("this", Verb::as_str);
            return Err(Refusal::Transport(TransportProblem::UnexpectedBody(verb)));
        }
        let limit = engine.policy.limits.request_body.0;
        if self.body.len().saturating_add(chunk.len()) > limit {
            return Err(Refusal::TooLarge { limit });
        }
        if !engine.memory.take(&mut self.share, chunk.len()) {
            return Err(Refusal::Memory);
        }
        self.body.extend_from_slice(chunk);
        Ok(())
    }

    /// No MCP client sends them, and what they would change cannot be judged.
    pub(super) fn request_trailers(&mut self, engine: &mut Engine, now: Time) -> Step {
        match self.phase {
            Phase::AwaitingKeys | Phase::Reading => self.refuse(engine, &Refusal::Trailers, now),
            _ => Step::pause(),
        }
    }

    /// The whole request is here and its caller known.
    fn decide(&mut self, engine: &mut Engine, now: Time) -> Step {
        self.facts.times.request_complete.get_or_insert(now);
        let Some(principal) = self.principal.clone() else {
            return self.refuse(engine, &Refusal::Internal("a decision was asked for without a principal"), now);
        };
        let message = match self.head.method.as_str() {
            "POST" => match self.message(engine) {
                Ok(message) => Some(message),
                Err(refusal) => return self.refuse(engine, &refusal, now),
            },
            _ if !self.body.is_empty() => {
                let verb = Verb::parse(&self.head.method).map_or("this", Verb::as_str);
                return self.refuse(engine, &Refusal::Transport(TransportProblem::UnexpectedBody(verb)), now);
            }
            _ => None,
        };
        let (verdict, limits) = self.judge(engine, &principal, message.as_ref(), &[], now);
        if let Some(message) = &message {
            self.note_params(engine, message);
        }
        self.on_endpoint = on_endpoint(&engine.policy, self.head.bare_path());
        self.note_asked(message.as_ref());
        self.note_handshake(message.as_ref());
        match verdict.action {
            Action::Refuse => self.refuse_by_rule(engine, &verdict, message.as_ref(), now),
            Action::Ask => self.ask_people(engine, &verdict, message.as_ref(), now),
            Action::Allow => {
                self.account = match limits {
                    Ok(account) => account,
                    Err(limited) => return self.limit(engine, &limited, message.as_ref(), now),
                };
                self.note_cancellation(engine, &principal, message.as_ref(), now);
                match message.as_ref().map_or(Ok(()), |message| self.open_body(message)) {
                    Ok(()) => self.go_on(engine, verdict.is_recorded_first(), now),
                    Err(refusal) => self.give_up(engine, &refusal, now),
                }
            }
        }
    }

    /// Asks the rules, the budgets, the history and the pins. `approved`: rules whose question people have answered.
    fn judge(
        &mut self,
        engine: &mut Engine,
        principal: &Principal,
        message: Option<&Message>,
        approved: &[usize],
        now: Time,
    ) -> (Verdict, Result<Account, Limited>) {
        let kept_back = self.keeps_back(engine, principal);
        let mut call = match message {
            Some(message) => Call::of(message, &self.body),
            None if self.head.method == "DELETE" => Call::DELETE,
            None => Call::GET,
        };
        self.govern(engine, &mut call);
        let method = call.method.to_owned();
        let circumstances = self.circumstances(now);
        let asked = Asked::new(engine, principal, circumstances.session, &call, message);
        let Judged { mut verdict, limits } =
            history::judge(engine, principal, &call, &asked, &circumstances, approved, kept_back.is_some());
        if message.is_none() {
            self.facts.mcp.method = Some(method);
        }
        self.asked = Some(asked);
        self.facts.times.decided = Some(now);
        self.note_verdict(engine, &verdict);
        if let (true, Some(reason)) = (verdict.action != Action::Refuse, &kept_back) {
            self.keep_back(reason, &mut verdict);
        }
        if verdict.action != Action::Refuse {
            self.look_at_pin(engine, message.map_or(&Target::None, |message| &message.target), &mut verdict);
        }
        (verdict, limits)
    }

    /// People have approved what these rules ask for: decides on the held call once more, as if it came now. On success it has what it needs of
    /// the budgets.
    pub(super) fn judge_again(&mut self, engine: &mut Engine, approved: &[usize], now: Time) -> Result<(), Step> {
        let Some(principal) = self.principal.clone() else {
            return Err(self.refuse(engine, &Refusal::Internal("a decision was asked for without a principal"), now));
        };
        let message = if self.head.method == "POST" { message::parse(&self.body).ok() } else { None };
        if message.is_none() && self.head.method == "POST" {
            return Err(self.refuse(engine, &Refusal::Internal("a held message cannot be read again"), now));
        }
        let alerts = self.facts.alerts.len();
        let (verdict, limits) = self.judge(engine, &principal, message.as_ref(), approved, now);
        if verdict.action == Action::Allow {
            // What was said of the pin is said already.
            self.facts.alerts.truncate(alerts);
        }
        match verdict.action {
            Action::Refuse => Err(self.refuse_by_rule(engine, &verdict, message.as_ref(), now)),
            // Time has passed, and another rule wants people asked: the next call asks them.
            Action::Ask => Err(self.turn_away(engine, &Unapproved::Expired, now)),
            Action::Allow => {
                self.account = limits.map_err(|limited| self.limit(engine, &limited, message.as_ref(), now))?;
                self.recorded_first = verdict.is_recorded_first();
                Ok(())
            }
        }
    }

    fn refuse_by_rule(&mut self, engine: &mut Engine, verdict: &Verdict, message: Option<&Message>, now: Time) -> Step {
        let reference = self.facts.http.request_id.clone().unwrap_or_else(|| "none".to_owned());
        let mut reply = guard::refuse(verdict, message, &reference);
        if !verdict.needed_scopes.is_empty() {
            let scopes: Vec<&str> = verdict.needed_scopes.iter().map(AsRef::as_ref).collect();
            let told = "the token lacks scopes that this call needs";
            reply = reply.with("www-authenticate", challenge::insufficient_scope(&engine.policy.resource, &scopes, told));
        }
        self.answer(engine, reply, Metric::Refused, now)
    }

    /// A client of up to 2025-11-25 cancels a call of its session, which may be held here or by another worker.
    fn note_cancellation(&self, engine: &mut Engine, principal: &Principal, message: Option<&Message>, now: Time) {
        let (Some(message), Some(session), Some(_)) = (message, &self.facts.mcp.session_id, &engine.approvals) else { return };
        if !matches!(message.kind, Kind::Notification { .. }) || message.method() != "notifications/cancelled" || message.era != Era::Legacy
        {
            return;
        }
        let params = message.params.clone().and_then(|range| self.body.get(range)).unwrap_or_default();
        if let Some(id) = message::cancelled(params) {
            engine.cancellations.note(super::cancelled::name(principal, session, &id), now);
        }
    }

    fn circumstances(&self, now: Time) -> Circumstances<'_> {
        let tls = match &self.facts.connection {
            audit::Connection::Tls(tls) => Some(tls),
            audit::Connection::Forwarded | audit::Connection::Plaintext | audit::Connection::Unknown => None,
        };
        let tls_version = tls.map(|tls| tls.version.as_str());
        let client_certificate = tls.and_then(|tls| tls.client_cert_subject.as_deref());
        Circumstances { now, session: self.facts.mcp.session_id.as_deref(), tls_version, client_certificate, past: None }
    }

    /// What every rule would say to this message, from this exchange's caller; nothing while the caller is unknown or when it is no message.
    ///
    /// To be asked before the message is given to the exchange, which changes what is remembered of the caller.
    pub fn explain(&self, engine: &Engine, body: &[u8], now: Time) -> Vec<RuleTrace> {
        let (Some(principal), Ok(message)) = (&self.principal, message::parse(body)) else { return Vec::new() };
        let mut call = Call::of(&message, body);
        self.govern(engine, &mut call);
        let circumstances = self.circumstances(now);
        let party = guard::Party::new(engine.policy.resource.as_str(), &principal.issuer, &principal.subject);
        let past = engine.history.past(party, circumstances.session, now);
        with_who(principal, |who| engine.guard.explain(who, &call, &Circumstances { past: Some(&past), ..circumstances }))
    }

    /// Elsewhere on the server nothing is known to be MCP: `DELETE /users/5` ends no session, and a `ping` to `/restart` is none.
    fn govern(&self, engine: &Engine, call: &mut Call<'_>) {
        if !call.class.is_governed() && !on_endpoint(&engine.policy, self.head.bare_path()) {
            call.class = Class::Unknown;
        }
    }

    /// Reads the body as one message and takes from it what the record wants.
    fn message(&mut self, engine: &Engine) -> Result<Message, Refusal> {
        let mut message = message::parse(&self.body).map_err(|problem| {
            self.facts.mcp.id = problem.id.as_ref().map(ToString::to_string);
            Refusal::Parse(problem)
        })?;
        if let Some(own) = self.own_state(engine, &message)? {
            message = own;
        }
        self.note_message(&message);
        if let Err(problem) = mirror::check(&self.head.headers, &message) {
            self.note_params(engine, &message);
            return Err(Refusal::Mirror(problem));
        }
        Ok(message)
    }

    /// The body goes on as it came; the client's token does not.
    pub(super) fn forward(&mut self, engine: &mut Engine) -> Step {
        let body = std::mem::take(&mut self.body);
        engine.memory.give_back(&mut self.share);
        let mut effects = if self.headers_gone { Vec::new() } else { self.head_edits(&engine.policy.transport) };
        if !self.headers_gone {
            effects.extend(self.telling_headers(engine));
        }
        if !body.is_empty() {
            effects.push(Effect::Body(body));
        }
        effects.push(Effect::Count(Metric::Allowed, 1));
        self.phase = Phase::Forwarded;
        self.facts.stage = Stage::Forwarded;
        Step { flow: Flow::Continue, effects }
    }

    fn head_edits(&self, transport: &policy::Transport) -> Vec<Effect> {
        // `accept-encoding`: a compressed answer cannot be masked. `range`: a part of one neither.
        // The next five let a server take another method or path than was judged, and the last are ours to say.
        const REMOVED: [&str; 12] = [
            "authorization",
            "dpop",
            "accept-encoding",
            "range",
            "x-http-method-override",
            "x-http-method",
            "x-method-override",
            "x-original-url",
            "x-rewrite-url",
            budget::PRINCIPAL,
            budget::TOOL,
            budget::RULE,
        ];
        let mut effects: Vec<Effect> = REMOVED.into_iter().filter(|name| self.head.has(name)).map(Effect::RemoveRequestHeader).collect();
        if let Some(credential) = &transport.upstream_credential {
            effects.push(Effect::SetRequestHeader(credential.header.clone(), credential.value.expose().to_vec()));
        }
        effects.extend(self.opened.iter().cloned());
        effects
    }
}

/// Whether a path is the endpoint's.
fn on_endpoint(policy: &policy::Policy, path: &str) -> bool {
    policy.resource.covers(path) || policy.transport.paths.iter().any(|own| value::covers(own, path))
}

/// The caller in the words of approvals. `actors` from [`super::asking::actors`]; none where only the caller's name is asked for.
pub(super) fn caller_of<'a>(principal: &'a Principal, actors: &'a [(Option<&'a str>, Option<&'a str>)]) -> approval::Caller<'a> {
    approval::Caller {
        issuer: &principal.issuer,
        subject: &principal.subject,
        user: &principal.user,
        email: principal.email.as_deref(),
        groups: &principal.groups,
        client: principal.client.as_deref(),
        actors,
    }
}

/// The caller in the guard's words.
pub(super) fn with_who<T>(principal: &Principal, use_it: impl FnOnce(Who<'_>) -> T) -> T {
    let actors = principal.actors.iter();
    let actors: Vec<guard::Actor<'_>> =
        actors.map(|actor| guard::Actor { subject: actor.subject.as_deref(), client: actor.client.as_deref() }).collect();
    use_it(Who {
        user: &principal.user,
        subject: &principal.subject,
        issuer: &principal.issuer,
        email: principal.email.as_deref(),
        groups: &principal.groups,
        client: principal.client.as_deref(),
        scopes: &principal.scopes,
        actors: &actors,
        claims: principal.claims.as_deref(),
    })
}
