//! What records have in common.

use crate::policy;

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
    /// Made anew whenever a VM starts, and no two alike: which worker, since when. Also the name of its chain.
    pub vm: String,
    /// Records of connections below this version are alerts.
    pub alert_below: Option<policy::TlsVersion>,
    pub audit: policy::Audit,
}

impl Settings {
    /// Where no rule says how much goes on record.
    pub(super) fn level(&self) -> policy::Level {
        match self.audit.payload {
            policy::Payload::None => policy::Level::Metadata,
            policy::Payload::Masked => policy::Level::All,
        }
    }
}
