//! What all exchanges of a VM share: the policy's rooms, keys being fetched, memory, and who waits for what.

use std::collections::HashMap;
use std::rc::Rc;

use super::cancelled::Cancellations;
use super::clean::Clean;
use super::event::{Answer, Call, StreamId, Ticket};
use super::in_force::InForce;
use super::memory::Memory;
use super::recognizing::UnderWay;
use super::revoked::Waiting;
use crate::approval::Approvals;
use crate::audit::{self, Recorder};
use crate::guard::budget::Budgets;
use crate::guard::clients::Clients;
use crate::guard::history::History;
use crate::guard::tools::{Detector, Pins};
use crate::guard::{Guard, RuleRef};
use crate::identity::{self, Equipment, Fetched, Freshness, Host, Identity, ListFetch, Revocations, SharedData, SourceId};
use crate::limits;
use crate::mask::{Masking, Profile};
use crate::mcp::http;
use crate::policy::{self, Loaded, Place, Policy, Report};
use crate::seal;
use crate::shared::{SharedValue, Store, Written};
use crate::time::Time;

/// What names this build and this Envoy on record.
#[derive(Clone, Debug)]
pub struct Identification {
    /// Envoy's node id.
    pub node: String,
    /// Made anew whenever a VM starts, and no two alike.
    pub vm: String,
    pub version: &'static str,
    pub git_hash: &'static str,
}

/// One policy at work in one VM.
pub struct Engine {
    pub(super) policy: Policy,
    pub(super) identity: Identity,
    pub(super) revocations: Option<Revocations>,
    pub(super) revocation_waiters: Waiting,
    pub(super) guard: Guard,
    pub(super) budgets: Budgets,
    pub(super) history: History,
    /// Sessions whose clients take pages, where no seal tells.
    pub(super) clients: Clients,
    remembers: bool,
    pub(super) pins: Pins,
    pub(super) detector: Detector,
    /// None: no rule asks.
    pub(super) approvals: Option<Approvals>,
    pub(super) in_force: InForce,
    /// Calls that wait for people, and those of them that their callers have cancelled.
    pub(super) cancellations: Cancellations,
    /// Requests to people that are to be taken back. Not the stream's own calls, which would end with it.
    withdrawn: Vec<Call>,
    pub(super) masking: Masking,
    /// Every masking rule, for what goes on record.
    pub(super) record_profile: Profile,
    /// Under that profile.
    pub(super) clean: Clean,
    pub(super) recorder: Recorder,
    /// None: handles pass as they are.
    pub(super) seal_keys: Option<seal::Keys>,
    pub(super) memory: Memory,
    /// Where workers tell each other of tools that have changed. Other pins are another state.
    pins_key: String,
    waiting: HashMap<SourceId, Vec<StreamId>>,
    calls: HashMap<Ticket, SourceId>,
    /// Calls that an exchange waits for.
    asked: HashMap<Ticket, StreamId>,
    pub(super) under_recognition: UnderWay,
    /// Exchanges that have something to let out on the next tick.
    awake: Vec<StreamId>,
    revocation_call: Option<Ticket>,
    /// A checkpoint on its way to the notary.
    notary_call: Option<Ticket>,
    next_ticket: u64,
    /// When all exchanges were last told of a tick, and under which generation of the revocations.
    swept: Option<(Time, u64)>,
}

/// What an exchange asks somebody outside.
pub(super) struct Question<'a> {
    pub(super) cluster: &'a str,
    pub(super) method: &'static str,
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) timeout_millis: u64,
}

/// What is to be done on a tick.
#[derive(Debug, Default)]
pub struct Ticked {
    /// HTTP calls that are due now. The host makes each and tells the answer to [`Engine::answered`].
    pub calls: Vec<Call>,
    /// Exchanges to be told [`Event::Recheck`](super::Event::Recheck).
    pub recheck: Vec<StreamId>,
    /// All exchanges are to be told [`Event::Tick`](super::Event::Tick).
    pub sweep: bool,
    /// Lines for the operator.
    pub notices: Vec<String>,
}

/// Between two ticks that all exchanges are told of, when nothing has changed: a few comparisons for each.
const SWEEP_MS: u64 = 1_000;

/// What follows from an answer.
#[derive(Debug, Default)]
pub struct Answered {
    /// Exchanges to be told [`Event::Recheck`](super::Event::Recheck).
    pub streams: Vec<StreamId>,
    /// The exchange that made the call, to be told [`Event::Answered`](super::Event::Answered).
    pub asker: Option<(StreamId, Answer)>,
    /// Lines for the operator.
    pub notices: Vec<String>,
}

impl Engine {
    /// Compiles every section of the policy; all mistakes at once.
    pub fn new(loaded: &Loaded, identification: Identification) -> Result<Self, Report> {
        let policy = &loaded.policy;
        let identity = Identity::compile(&policy.identity, &policy.resource);
        let revocations = policy.identity.revocation.as_ref().map(Revocations::compile).transpose();
        let masking = Masking::compile(&policy.masking).map(|masking| masking.of_responses(&policy.responses));
        let approvals = policy.approvals.as_ref();
        let approvals = approvals.map(|section| Approvals::compile(section, &loaded.digest, policy.resource.as_str(), &identification.vm));
        let approvals = approvals.transpose();
        let mut report = Report::default();
        let mut add = |section: &str, path: &str, message: &str| {
            let joint = if path.starts_with('[') || path.is_empty() { "" } else { "." };
            report.add(&Place { path: format!("{section}{joint}{path}"), line: None }, message);
        };
        if let Err(mistakes) = &identity {
            mistakes.iter().for_each(|mistake| add("identity", &mistake.path, &mistake.message));
        }
        if let Err(mistakes) = &revocations {
            mistakes.iter().for_each(|mistake| add("identity", &mistake.path, &mistake.message));
        }
        let guard = Guard::compile(policy.default, &policy.rules);
        if let Err(mistakes) = &guard {
            mistakes.iter().for_each(|mistake| add("rules", &mistake.path, &mistake.message));
        }
        if let Err(mistakes) = &approvals {
            mistakes.iter().for_each(|mistake| add("approvals", &mistake.path, &mistake.message));
        }
        if let Err(mistakes) = &masking {
            mistakes.iter().for_each(|mistake| add("masking", &mistake.path, &mistake.message));
        }
        let (Ok(mut identity), Ok(revocations), Ok(guard), Ok(masking), Ok(approvals)) = (identity, revocations, guard, masking, approvals)
        else {
            return Err(report);
        };
        let mut scopes: Vec<String> = policy.rules.iter().flat_map(|rule| rule.scopes.clone()).collect();
        scopes.sort();
        scopes.dedup();
        identity.advertise(scopes);
        if guard.reads_claims() {
            identity.keep_claims();
        }
        let asks_by_error = policy.approvals.as_ref().is_some_and(|section| section.url_elicitation_errors);
        let budgets = Budgets::new(&policy.limits.budgets, policy.resource.as_str(), &identification.vm);
        let recorder = Recorder::new(audit::Settings {
            version: identification.version.to_owned(),
            git: identification.git_hash.to_owned(),
            policy_digest: loaded.digest.clone(),
            resource: policy.resource.as_str().to_owned(),
            node: identification.node,
            vm: identification.vm,
            alert_below: policy.transport.alert_unless.as_ref().map(|expected| expected.min_version),
            audit: policy.audit.clone(),
        });
        Ok(Self {
            guard,
            budgets,
            history: History::new(&policy.rules),
            clients: Clients::new(policy.sessions.is_none() && asks_by_error),
            remembers: true,
            pins: Pins::new(&policy.tools),
            detector: Detector::default(),
            pins_key: format!("portcullis.tools.{}", loaded.digest),
            record_profile: masking.whole(),
            clean: Clean::default(),
            memory: Memory::new(policy.limits.held_bodies.0),
            seal_keys: policy.sessions.as_ref().map(|sessions| seal::Keys::new(&sessions.seal_keys)),
            policy: policy.clone(),
            identity,
            revocations,
            revocation_waiters: Waiting::default(),
            approvals,
            in_force: InForce::new(&policy.resource, &loaded.digest),
            cancellations: Cancellations::default(),
            withdrawn: Vec::new(),
            masking,
            recorder,
            waiting: HashMap::new(),
            calls: HashMap::new(),
            asked: HashMap::new(),
            under_recognition: UnderWay::default(),
            awake: Vec::new(),
            revocation_call: None,
            notary_call: None,
            next_ticket: 0,
            swept: None,
        })
    }

    /// Uses the host for what it can do; says what that is.
    pub fn equip(&mut self, host: Rc<dyn Host>) -> Equipment {
        self.remember_in(&(Rc::new(Through(Rc::clone(&host))) as Rc<dyn Store>));
        self.identity.equip(host)
    }

    fn remember_in(&mut self, store: &Rc<dyn Store>) {
        self.clients.equip(store);
        self.remembers = self.budgets.equip(store) & self.history.equip(store);
    }

    /// Whether budgets and `after` work here, if the policy has any. Where they do not, what they are about is refused.
    pub fn remembers(&self) -> bool {
        self.remembers
    }

    /// Whether what masking finds is counted or remembered.
    pub(super) fn counts_findings(&self) -> bool {
        self.budgets.count_findings() || self.history.notes_findings()
    }

    /// Whether [`Connection::metadata`](super::Connection::metadata) is needed.
    pub fn reads_metadata(&self) -> bool {
        self.policy.identity.from == policy::TokenFrom::EnvoyJwtAuthn
    }

    /// To be called every now and then: what is due, and what has changed.
    pub fn tick(&mut self, shared: &mut dyn SharedData, now: Time) -> Ticked {
        self.budgets.tick(now);
        let due = self.identity.due(now);
        let mut ticked = Ticked { calls: due.into_iter().map(|fetch| self.call(fetch)).collect(), ..Ticked::default() };
        let list = self.revocations.as_mut().and_then(|revocations| revocations.tick(shared, now, &mut ticked.notices));
        ticked.calls.extend(list.map(|fetch| self.list_call(fetch)));
        let posting = self.recorder.tick(now, &mut ticked.notices);
        ticked.calls.extend(posting.map(|posting| self.checkpoint_call(posting)));
        ticked.calls.append(&mut self.withdrawn);
        ticked.recheck = self.no_longer_awaited(now);
        ticked.recheck.extend(self.cancellations.sync(shared, now));
        ticked.recheck.append(&mut self.awake);
        ticked.sweep = self.is_to_sweep(now);
        self.share_pins(shared);
        self.in_force.sync(shared, now);
        ticked
    }

    /// To be called when this policy's work in this VM is over: the calls that are still to be made, whose answers may never come. `is_idle`: no exchange is
    /// under way.
    pub fn end(&mut self, is_idle: bool, now: Time) -> Vec<Call> {
        let mut calls = std::mem::take(&mut self.withdrawn);
        let posting = self.recorder.end(is_idle, now);
        calls.extend(posting.map(|posting| self.checkpoint_call(posting)));
        calls
    }

    /// A write that loses against another worker's is made again on the next tick.
    fn share_pins(&mut self, shared: &mut dyn SharedData) {
        if !self.pins.are_shared() {
            return;
        }
        let known = shared.read(&self.pins_key);
        let version = known.as_ref().map(|(_, version)| *version);
        if let Some(news) = self.pins.sync(known.as_ref().map(|(text, version)| (text.as_slice(), *version)))
            && shared.write(&self.pins_key, &news, version)
        {
            self.pins.told();
        }
    }

    fn call(&mut self, fetch: identity::Fetch) -> Call {
        let ticket = self.ticket();
        self.calls.insert(ticket, fetch.source);
        let headers = get(fetch.path, fetch.host, "application/jwk-set+json, application/json", fetch.etag);
        Call { ticket, cluster: fetch.cluster, headers, body: Vec::new(), timeout_millis: fetch.timeout_ms }
    }

    /// A call for an exchange; none when too many are under way.
    pub(super) fn ask(&mut self, stream: StreamId, question: Question<'_>) -> Option<Call> {
        if self.asked.len() >= limits::CALLS_UNDER_WAY {
            return None;
        }
        let call = self.outward(question);
        self.asked.insert(call.ticket, stream);
        Some(call)
    }

    /// To be told [`Event::Recheck`](super::Event::Recheck) on the next tick.
    pub(super) fn wake(&mut self, stream: StreamId) {
        if !self.awake.contains(&stream) {
            self.awake.push(stream);
        }
    }

    /// A call whose answer is of no interest, made on the next tick; with too many already, it is not made.
    pub(super) fn withdraw(&mut self, question: Question<'_>) {
        if self.withdrawn.len() < limits::WITHDRAWALS {
            let call = self.outward(question);
            self.withdrawn.push(call);
        }
    }

    /// Nobody waits for the answer any more.
    pub(super) fn no_longer_asked(&mut self, ticket: Ticket) {
        self.asked.remove(&ticket);
    }

    fn outward(&mut self, question: Question<'_>) -> Call {
        let ticket = self.ticket();
        let Question { cluster, method, host, path, headers, body, timeout_millis } = question;
        let pseudo = [(":method", method), (":path", path), (":authority", host), (":scheme", "https")];
        let agent = format!("portcullis/{}", crate::VERSION);
        let headers = pseudo
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain(headers)
            .chain([("user-agent".to_owned(), agent)])
            .collect();
        Call { ticket, cluster: cluster.to_owned(), headers, body, timeout_millis }
    }

    fn list_call(&mut self, fetch: ListFetch) -> Call {
        let ticket = self.ticket();
        self.revocation_call = Some(ticket);
        let headers = get(fetch.path, fetch.host, "application/jwt, application/json", fetch.etag);
        Call { ticket, cluster: fetch.cluster, headers, body: Vec::new(), timeout_millis: fetch.timeout_ms }
    }

    fn checkpoint_call(&mut self, posting: audit::Posting) -> Call {
        let ticket = self.ticket();
        self.notary_call = Some(ticket);
        let audit::Posting { cluster, path, host, timeout_millis, body } = posting;
        let headers = post(path, host, "application/jose");
        Call { ticket, cluster, headers, body: body.into_bytes(), timeout_millis }
    }

    fn ticket(&mut self) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket = self.next_ticket.wrapping_add(1);
        ticket
    }

    /// Those who wait for the first list of revocations, once it is there or will not be.
    fn no_longer_awaited(&mut self, now: Time) -> Vec<StreamId> {
        match &self.revocations {
            Some(revocations) if revocations.freshness(now) != Freshness::Awaited => self.revocation_waiters.release(),
            _ => Vec::new(),
        }
    }

    /// At once when the revocations have changed; else every now and then, for tokens that expire and lists that go stale.
    fn is_to_sweep(&mut self, now: Time) -> bool {
        let generation = self.revocations.as_ref().map_or(0, Revocations::generation);
        let is_due = |(last, seen): (Time, u64)| seen != generation || now < last || now.since(last) >= SWEEP_MS;
        let sweep = self.swept.is_none_or(is_due);
        if sweep {
            self.swept = Some((now, generation));
        }
        sweep
    }

    /// The answer to a call. Everyone who waits for it is to look again, also when it failed: they are refused then.
    pub fn answered(&mut self, ticket: Ticket, answer: Answer, shared: &mut dyn SharedData, now: Time) -> Answered {
        if self.revocation_call == Some(ticket) {
            return self.list_answered(&answer, shared, now);
        }
        if self.notary_call == Some(ticket) {
            self.notary_call = None;
            let mut notices = Vec::new();
            self.recorder.noted(status(&answer), now, &mut notices);
            return Answered { notices, ..Answered::default() };
        }
        if let Some(stream) = self.asked.remove(&ticket) {
            self.under_recognition.ended(ticket);
            return Answered { asker: Some((stream, answer)), ..Answered::default() };
        }
        let Some(source) = self.calls.remove(&ticket) else { return Answered::default() };
        let changed = self.identity.answered(source, read(&answer), now);
        let notice = match changed.fetched {
            Fetched::Failed(problem) => {
                Some(format!("fetching keys: {problem}; the old ones, if any, stay for as long as the policy keeps them"))
            }
            Fetched::NoMetadata(problem) => {
                Some(format!("fetching the issuer's metadata: {problem}; clients of 2025-03-26 get 503 without"))
            }
            Fetched::Keys(_) | Fetched::Metadata | Fetched::Unchanged | Fetched::Unasked => None,
        };
        let streams = if changed.recheck { self.waiting.remove(&source).unwrap_or_default() } else { Vec::new() };
        Answered { streams, asker: None, notices: notice.into_iter().collect() }
    }

    fn list_answered(&mut self, answer: &Answer, shared: &mut dyn SharedData, now: Time) -> Answered {
        self.revocation_call = None;
        let mut notices = Vec::new();
        if let Some(revocations) = &mut self.revocations {
            revocations.answered(read(answer), shared, now, &mut notices);
        }
        Answered { streams: self.no_longer_awaited(now), asker: None, notices }
    }

    /// Puts an exchange on the list of those to be told; false when too many wait already.
    pub(super) fn wait(&mut self, source: SourceId, stream: StreamId) -> bool {
        let waiting: usize = self.waiting.values().map(Vec::len).sum();
        if waiting >= limits::KEY_WAITERS {
            return false;
        }
        self.waiting.entry(source).or_default().push(stream);
        true
    }

    pub(super) fn forget(&mut self, stream: StreamId) {
        self.revocation_waiters.forget(stream);
        self.cancellations.forget(stream);
        self.asked.retain(|_, asker| *asker != stream);
        self.under_recognition.forget(stream);
        self.awake.retain(|awake| *awake != stream);
        for streams in self.waiting.values_mut() {
            streams.retain(|waiting| *waiting != stream);
        }
    }

    /// The guarded endpoint.
    pub fn resource(&self) -> &policy::value::Resource {
        &self.policy.resource
    }

    /// Bytes of request bodies held right now.
    pub fn held(&self) -> usize {
        self.memory.held()
    }

    /// How much of an exchange goes on record where no rule says.
    pub(super) fn usual_level(&self) -> policy::Level {
        match self.policy.audit.payload {
            policy::Payload::None => policy::Level::Metadata,
            policy::Payload::Masked => policy::Level::All,
        }
    }

    /// The most detailed that the rules which matched ask for.
    pub(super) fn level_of(&self, matched: &[RuleRef]) -> Option<policy::Level> {
        matched.iter().filter_map(|rule| self.policy.rules.get(rule.index)?.record.level).max()
    }
}

/// The host's shared values, for guards.
struct Through(Rc<dyn Host>);

impl Store for Through {
    fn shared(&self, key: &str) -> Option<SharedValue> {
        self.0.shared(key)
    }

    fn share(&self, key: &str, bytes: &[u8], version: u32) -> Written {
        self.0.share(key, bytes, version)
    }
}

fn get(path: String, host: String, accept: &str, etag: Option<String>) -> Vec<(String, String)> {
    let mut headers = vec![
        (":method".to_owned(), "GET".to_owned()),
        (":path".to_owned(), path),
        (":authority".to_owned(), host),
        (":scheme".to_owned(), "https".to_owned()),
        ("accept".to_owned(), accept.to_owned()),
        ("user-agent".to_owned(), format!("portcullis/{}", crate::VERSION)),
    ];
    headers.extend(etag.map(|etag| ("if-none-match".to_owned(), etag)));
    headers
}

fn post(path: String, host: String, content: &str) -> Vec<(String, String)> {
    vec![
        (":method".to_owned(), "POST".to_owned()),
        (":path".to_owned(), path),
        (":authority".to_owned(), host),
        (":scheme".to_owned(), "https".to_owned()),
        ("content-type".to_owned(), content.to_owned()),
        ("user-agent".to_owned(), format!("portcullis/{}", crate::VERSION)),
    ]
}

/// None when there was no answer.
fn status(answer: &Answer) -> Option<u16> {
    match answer {
        Answer::Failed => None,
        Answer::Response { headers, body: _ } => Some(http::values(headers, ":status").next()?.parse().unwrap_or(0)),
    }
}

fn read(answer: &Answer) -> identity::Answer<'_> {
    match answer {
        Answer::Failed => identity::Answer::Failed,
        Answer::Response { headers, body } => {
            let value = |name: &str| http::values(headers, name).next();
            let status = value(":status").and_then(|status| status.parse().ok()).unwrap_or(0);
            identity::Answer::Http { status, body, etag: value("etag") }
        }
    }
}
