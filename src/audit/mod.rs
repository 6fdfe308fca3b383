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
//! * Records of a VM are chained (`chain.rs`), and how far the chain has come is signed and told elsewhere (`checkpoint.rs`, `notary.rs`).
//! * Beside the record of an exchange there may be others: interim ones while it runs, and a Detection Finding (class 2004) for
//!   each alert (`finding.rs`).
//!
//! Fields: `who` is in `actor` (and `unmapped.ai_agent`), `what` in `api` and `resources`, the decision in `action_id`,
//! `disposition_id`, `firewall_rule` and `unmapped.rules`, why in `status_code` and `status_detail`. `docs/audit.md` has them all.

mod approval;
mod attributes;
mod call;
mod chain;
mod checkpoint;
mod facts;
mod finding;
mod fixed;
mod json;
mod masked;
mod notary;
pub mod otlp;
mod outcome;
mod party;
mod record;
mod recorder;
mod session;
mod settings;
mod sides;
mod text;
mod trace;

#[cfg(test)]
mod tests;

pub use chain::Pointer;
pub use facts::{
    Actor, Alert, Approval, ApprovalDecision, ApprovalState, Client, Connection, Decision, Disposition, Era, Facts, Failure, Finding, Http,
    Intent, Masking, Mcp, Messages, Payload, Principal, RpcError, RuleHit, Stage, Target, Times, Tls, Upstream,
};
pub use finding::{ALERTS, wakes};
pub use notary::Posting;
pub use recorder::{Recorder, Written};
pub use settings::Settings;
pub use sides::Sides;

pub use session::session_name;

use crate::policy;

/// No record is longer, in bytes, whatever the facts are.
pub const fn largest(audit: &policy::Audit) -> usize {
    // All the capped texts and lists around the payloads, before escaping: five lists of 64, one of 16, eight lines for each of 64 rules, what ten people said to eight
    // questions, a checkpoint, some thirty single texts.
    const AROUND: usize = 692 * 1024;
    // `\u0000` for one byte.
    const ESCAPED: usize = 6;
    audit.max_payload.0.saturating_mul(2).saturating_add(AROUND).saturating_mul(ESCAPED)
}
