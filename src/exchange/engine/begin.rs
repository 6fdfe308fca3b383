//! An engine begins: every section of the policy compiled, all mistakes told at once, and the host used for what it can do.

use std::collections::HashMap;
use std::rc::Rc;

use super::{Engine, Identification};
use crate::approval::Approvals;
use crate::audit::{self, Recorder};
use crate::exchange::cancelled::Cancellations;
use crate::exchange::clean::Clean;
use crate::exchange::in_force::InForce;
use crate::exchange::memory::Memory;
use crate::exchange::recognizing::UnderWay;
use crate::exchange::revoked::Waiting;
use crate::guard::Guard;
use crate::guard::budget::Budgets;
use crate::guard::clients::Clients;
use crate::guard::history::History;
use crate::guard::tools::{Detector, Pins};
use crate::identity::{Equipment, Host, Identity, Revocations};
use crate::mask::Masking;
use crate::policy::{Loaded, Place, Report};
use crate::seal;
use crate::shared::{SharedValue, Store, Written};

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
