//! What all exchanges of a VM share: the policy's rooms, keys being fetched, memory, and who waits for what.

mod answers;
mod begin;
mod calls;
mod ticks;

use std::collections::HashMap;

use super::cancelled::Cancellations;
use super::clean::Clean;
use super::event::{Call, StreamId, Ticket};
use super::in_force::InForce;
use super::memory::Memory;
use super::recognizing::UnderWay;
use super::revoked::Waiting;
use crate::approval::Approvals;
use crate::audit::Recorder;
use crate::guard::budget::Budgets;
use crate::guard::clients::Clients;
use crate::guard::history::History;
use crate::guard::tools::{Detector, Pins};
use crate::guard::{Guard, RuleRef};
use crate::identity::{Identity, Revocations, SourceId};
use crate::limits;
use crate::mask::{Masking, Profile};
use crate::policy::{self, Policy};
use crate::seal;
use crate::time::Time;

pub use answers::Answered;
pub(super) use calls::Question;
pub use ticks::Ticked;

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

impl Engine {
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
