//! What all exchanges of a VM share: the policy's rooms, keys being fetched, memory, and who waits for what.

use std::collections::HashMap;
use std::rc::Rc;

use super::event::{Answer, Call, StreamId, Ticket};
use super::memory::Memory;
use crate::audit::{self, Recorder};
use crate::guard::Guard;
use crate::identity::{self, Equipment, Fetched, Host, Identity, SourceId};
use crate::limits;
use crate::mask::{Masking, Profile};
use crate::mcp::http;
use crate::policy::{self, Loaded, Place, Policy, Report};
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
    pub(super) guard: Guard,
    pub(super) masking: Masking,
    /// Every masking rule, for what goes on record.
    pub(super) record_profile: Profile,
    pub(super) recorder: Recorder,
    pub(super) memory: Memory,
    waiting: HashMap<SourceId, Vec<StreamId>>,
    calls: HashMap<Ticket, SourceId>,
    next_ticket: u64,
}

/// What follows from an answer.
#[derive(Debug, Default)]
pub struct Answered {
    /// Exchanges to be told [`Event::Recheck`](super::Event::Recheck).
    pub streams: Vec<StreamId>,
    /// Lines for the operator.
    pub notices: Vec<String>,
}

impl Engine {
    /// Compiles every section of the policy; all mistakes at once.
    pub fn new(loaded: &Loaded, identification: Identification) -> Result<Self, Report> {
        let policy = &loaded.policy;
        let identity = Identity::compile(&policy.identity, &policy.resource);
        let masking = Masking::compile(&policy.masking);
        let mut report = Report::default();
        let mut add = |section: &str, path: &str, message: &str| {
            let joint = if path.starts_with('[') || path.is_empty() { "" } else { "." };
            report.add(&Place { path: format!("{section}{joint}{path}"), line: None }, message);
        };
        if let Err(mistakes) = &identity {
            mistakes.iter().for_each(|mistake| add("identity", &mistake.path, &mistake.message));
        }
        if let Err(mistakes) = &masking {
            mistakes.iter().for_each(|mistake| add("masking", &mistake.path, &mistake.message));
        }
        let (Ok(mut identity), Ok(masking)) = (identity, masking) else { return Err(report) };
        let mut scopes: Vec<String> = policy.rules.iter().flat_map(|rule| rule.scopes.clone()).collect();
        scopes.sort();
        scopes.dedup();
        identity.advertise(scopes);
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
            guard: Guard::compile(policy.default, &policy.rules),
            record_profile: masking.profile(&[]),
            memory: Memory::new(policy.limits.held_bodies.0),
            policy: policy.clone(),
            identity,
            masking,
            recorder,
            waiting: HashMap::new(),
            calls: HashMap::new(),
            next_ticket: 0,
        })
    }

    /// Uses the host for what it can do; says what that is.
    pub fn equip(&mut self, host: Rc<dyn Host>) -> Equipment {
        self.identity.equip(host)
    }

    /// Whether [`Connection::metadata`](super::Connection::metadata) is needed.
    pub fn reads_metadata(&self) -> bool {
        self.policy.identity.from == policy::TokenFrom::EnvoyJwtAuthn
    }

    /// HTTP calls that are due now. The host makes each and tells the answer to [`answered`](Self::answered).
    pub fn tick(&mut self, now: Time) -> Vec<Call> {
        let due = self.identity.due(now);
        due.into_iter().map(|fetch| self.call(fetch)).collect()
    }

    fn call(&mut self, fetch: identity::Fetch) -> Call {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket = self.next_ticket.wrapping_add(1);
        self.calls.insert(ticket, fetch.source);
        let mut headers = vec![
            (":method".to_owned(), "GET".to_owned()),
            (":path".to_owned(), fetch.path),
            (":authority".to_owned(), fetch.host),
            (":scheme".to_owned(), "https".to_owned()),
            ("accept".to_owned(), "application/jwk-set+json, application/json".to_owned()),
            ("user-agent".to_owned(), format!("portcullis/{}", crate::VERSION)),
        ];
        headers.extend(fetch.etag.map(|etag| ("if-none-match".to_owned(), etag)));
        Call { ticket, cluster: fetch.cluster, headers, timeout_millis: fetch.timeout_ms }
    }

    /// The answer to a call. Everyone who waits for it is to look again, also when it failed: they are refused then.
    pub fn answered(&mut self, ticket: Ticket, answer: Answer, now: Time) -> Answered {
        let Some(source) = self.calls.remove(&ticket) else { return Answered::default() };
        let changed = match &answer {
            Answer::Failed => self.identity.answered(source, identity::Answer::Failed, now),
            Answer::Response { headers, body } => {
                let value = |name: &str| http::values(headers, name).next();
                let status = value(":status").and_then(|status| status.parse().ok()).unwrap_or(0);
                self.identity.answered(source, identity::Answer::Http { status, body, etag: value("etag") }, now)
            }
        };
        let notice = match changed.fetched {
            Fetched::Failed(problem) => {
                Some(format!("fetching keys: {problem}; the old ones, if any, stay for as long as the policy keeps them"))
            }
            Fetched::Keys(_) | Fetched::Unchanged | Fetched::Unasked => None,
        };
        let streams = if changed.recheck { self.waiting.remove(&source).unwrap_or_default() } else { Vec::new() };
        Answered { streams, notices: notice.into_iter().collect() }
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

    pub(super) fn payload_limit(&self) -> usize {
        match self.policy.audit.payload {
            policy::Payload::None => 0,
            policy::Payload::Masked => self.policy.audit.max_payload.0,
        }
    }
}
