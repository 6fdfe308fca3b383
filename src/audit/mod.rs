//! The audit record: one exchange, one line.
//!
//! A record is an OCSF API Activity event (class 6003), which a SIEM reads without a parser of its own, written as
//! RFC 8785 (JCS) on one line: one value has one text, so the text can be hashed and survives every carrier that passes
//! strings on unchanged. It is made from [`Facts`] alone; whatever is not known is left out, so an exchange that was
//! refused, failed or was cut short is on record like any other.
//!
//! * Nothing here can fail: every value a record can hold can be written, so there is no error path that could lose one.
//! * Its size is bounded: texts and lists that others wrote are capped (`text.rs`), payloads by the policy. JSON escapes
//!   take up to six bytes for one control character; [`largest`] gives the bound.
//! * Payloads come masked already; [`Facts::each_free_text`] is how the caller masks the rest. Queries and session ids
//!   never go on record.
//!
//! Fields: `who` is in `actor` (and `unmapped.ai_agent`), `what` in `api` and `resources`, the decision in `action_id`,
//! `disposition_id`, `firewall_rule` and `unmapped.rules`, why in `status_code` and `status_detail`.

mod approval;
mod call;
mod facts;
mod json;
mod masked;
pub mod otlp;
mod outcome;
mod party;
mod record;
mod session;
mod text;
mod trace;

#[cfg(test)]
mod tests;

pub use facts::{
    Actor, Alert, Approval, ApprovalDecision, ApprovalState, Client, Connection, Decision, Disposition, Era, Facts, Failure, Finding, Http,
    Intent, Masking, Mcp, Payload, Principal, RpcError, RuleHit, Stage, Target, Times, Tls, Upstream,
};

pub use session::session_name;

use crate::policy;
use crate::time::Time;

/// What does not change from record to record.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program's version: `0.1.0`.
    pub version: String,
    /// The commit it was built from.
    pub git: String,
    /// SHA-256 of the policy, in hexadecimal digits.
    pub policy_digest: String,
    /// The guarded endpoint's URL.
    pub resource: String,
    /// The Envoy node's id: which replica.
    pub node: String,
    /// Made anew whenever a VM starts, and no two alike: which worker, since when.
    pub vm: String,
    /// Records of connections below this version are alerts.
    pub alert_below: Option<policy::TlsVersion>,
    pub audit: policy::Audit,
}

/// Writes the records of one VM, in sequence.
#[derive(Clone, Debug)]
pub struct Recorder {
    settings: Settings,
    sequence: u64,
    intents: u64,
}

impl Recorder {
    pub fn new(settings: Settings) -> Self {
        Self { settings, sequence: 0, intents: 0 }
    }

    /// The record of one exchange as far as it is known: one JCS text without a line break at its end.
    ///
    /// `now` is the record's own time, and stands in for a start or an end that is not known.
    pub fn record(&mut self, facts: &Facts, now: Time) -> String {
        self.sequence = self.sequence.saturating_add(1);
        let uid = format!("{}-{}", self.settings.vm, self.sequence);
        // Between building and sealing is where a chain links a record to the one before.
        record::build(facts, &self.settings, &uid, self.sequence, now).seal(expected(facts))
    }

    /// The record of a call that has not gone on yet, and its name. It goes another way than the records of exchanges, so it has no place in their sequence.
    pub fn intent(&mut self, facts: &Facts, now: Time) -> (String, String) {
        self.intents = self.intents.saturating_add(1);
        let uid = format!("{}-b{}", self.settings.vm, self.intents);
        (record::build(facts, &self.settings, &uid, self.sequence, now).seal(expected(facts)), uid)
    }
}

/// Room for a usual record, so that sealing does not copy it over and over.
fn expected(facts: &Facts) -> usize {
    const AROUND: usize = 3 * 1024;
    let payloads = [&facts.request, &facts.response].into_iter().flatten().map(|payload| payload.text.len());
    // Half as much again for the quotes of JSON in a string.
    payloads.fold(AROUND, |sum, len| sum.saturating_add(len.saturating_add(len / 2).min(256 * 1024)))
}

/// No record is longer, in bytes, whatever the facts are.
pub const fn largest(audit: &policy::Audit) -> usize {
    // All the capped texts and lists around the payloads, before escaping: five lists of 64, one of 16, eight lines for each of 64 rules, what ten people said to eight
    // questions, some thirty single texts.
    const AROUND: usize = 660 * 1024;
    // `\u0000` for one byte.
    const ESCAPED: usize = 6;
    audit.max_payload.0.saturating_mul(2).saturating_add(AROUND).saturating_mul(ESCAPED)
}
