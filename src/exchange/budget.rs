//! Budgets on the way of an exchange: what a call takes, what its answer costs as it leaves, and what is told to whoever comes too often.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::event::{Effect, Flow, Metric, Step};
use super::response::Responding;
use super::{Engine, Exchange, Phase};
use crate::audit::{Alert, Decision, Disposition, Failure, RuleHit};
use crate::guard::budget::{self, Found, Limited};
use crate::identity::Principal;
use crate::limits::ALERTS;
use crate::mcp::message::Message;
use crate::policy;
use crate::time::Time;

/// Bytes of an answer that may leave before they are charged: a look into shared data for each of many small events would cost more than
/// it is worth.
const BATCH: u64 = 64 * 1024;

pub(super) const PRINCIPAL: &str = "x-portcullis-principal";
pub(super) const TOOL: &str = "x-portcullis-tool";
pub(super) const RULE: &str = "x-portcullis-rule";

impl Exchange {
    /// Turns a call away for want of room.
    pub(super) fn limit(&mut self, engine: &mut Engine, limited: &Limited, message: Option<&Message>, now: Time) -> Step {
        let reference = self.facts.http.request_id.clone().unwrap_or_else(|| "none".to_owned());
        self.note_limit(limited);
        self.answer(engine, budget::refuse(limited, message, &reference), Metric::Limited, now)
    }

    fn note_limit(&mut self, limited: &Limited) {
        let disposition = if limited.broken { Disposition::Error } else { Disposition::Blocked };
        if !limited.broken && self.facts.alerts.len() < ALERTS {
            let name = Some(limited.id.to_string());
            self.facts.alerts.push(Alert { code: "budget_exceeded".into(), kind: limited.code.into(), name, place: None });
        }
        self.facts.decision = Some(Decision {
            disposition,
            rule: Some(limited.id.to_string()).filter(|_| !limited.broken),
            rules: self.facts.decision.take().map(|earlier| earlier.rules).unwrap_or_default(),
            code: limited.code.into(),
            message: Some(limited.text.clone()),
        });
    }

    /// So many bytes are about to leave, with these findings in them. What it says must not be exceeded is not.
    pub(super) fn charge(&mut self, engine: &Engine, bytes: usize, found: &[Found], end: bool, now: Time) -> Result<(), Limited> {
        if !found.is_empty() {
            self.remember_findings(engine, found, now)?;
        }
        if !self.account.is_charged() {
            return Ok(());
        }
        if !found.is_empty() {
            engine.budgets.spend_findings(&mut self.account, found, now)?;
        }
        let bytes = bytes as u64;
        if !end && self.unspent.saturating_add(bytes) < BATCH {
            self.unspent = self.unspent.saturating_add(bytes);
            return Ok(());
        }
        engine.budgets.spend_bytes(&mut self.account, std::mem::take(&mut self.unspent), bytes, now)
    }

    /// The answer has begun, so that it breaks is all that its caller can be told.
    pub(super) fn cut_for(&mut self, limited: &Limited) -> Step {
        self.note_masking();
        self.note_limit(limited);
        self.facts.error = Some(Failure { code: limited.code.into(), message: limited.text.clone() });
        self.phase = Phase::Responding(Responding::Cut);
        Step { flow: Flow::Pause, effects: vec![Effect::Count(Metric::Limited, 1), Effect::Cut] }
    }

    /// The end: what left and was not charged yet, and what budgets in `mode: observe` have seen.
    pub(super) fn settle(&mut self, engine: &mut Engine, now: Time) {
        let left = std::mem::take(&mut self.unspent);
        if left > 0 {
            // It has left; that the budget is exceeded is for the next call.
            let _ = engine.budgets.spend_bytes(&mut self.account, left, 0, now);
        }
        let observed: Vec<Arc<str>> = std::mem::take(&mut self.account.observed);
        if let (Some(decision), false) = (&mut self.facts.decision, observed.is_empty()) {
            if decision.disposition == Disposition::Allowed {
                decision.disposition = Disposition::Observed;
                decision.code = "observed".into();
            }
            let hit =
                |id: Arc<str>| RuleHit { id: id.to_string(), then: policy::Then::Deny, mode: policy::Mode::Observe, because: Vec::new() };
            decision.rules.extend(observed.into_iter().map(hit));
        }
    }

    /// Who calls what by which rule, for Envoy's filters after this one.
    pub(super) fn telling_headers(&self, engine: &Engine) -> Vec<Effect> {
        if !engine.policy.limits.headers {
            return Vec::new();
        }
        let named = |name: &str, value: String| Effect::SetRequestHeader(name.to_owned(), value.into_bytes());
        let several = engine.policy.identity.issuers.len() > 1;
        let principal = self.principal.as_ref().map(|principal| named(PRINCIPAL, principal_value(principal, several)));
        let tool = self.asked.as_ref().and_then(|asked| asked.tool.as_deref()).map(|tool| named(TOOL, header_value(tool)));
        let rule = self.facts.decision.as_ref().and_then(|decision| decision.rule.clone()).map(|rule| named(RULE, rule));
        [principal, tool, rule].into_iter().flatten().collect()
    }
}

/// The user; with several issuers the issuer before it, because each may have a user of that name.
fn principal_value(principal: &Principal, several: bool) -> String {
    let user = header_value(&principal.user);
    if several { format!("{}/{user}", header_value(&principal.issuer)) } else { user }
}

/// Percent-encoded (RFC 3986, 2.1) but for unreserved characters, `@` and `:`. What is longer than 200 characters is its SHA-256.
fn header_value(text: &str) -> String {
    const MOST: usize = 200;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' | b':' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    if out.len() > MOST {
        let digest = Sha256::digest(text.as_bytes());
        return digest.iter().fold("sha256:".to_owned(), |hex, byte| format!("{hex}{byte:02x}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_plain_and_tell_users_apart() {
        assert_eq!(header_value("ana@example.com"), "ana@example.com");
        assert_eq!(header_value("a b/é\r\n%"), "a%20b%2F%C3%A9%0D%0A%25");
        assert_eq!(header_value(""), "");
        let long = header_value(&"x".repeat(500));
        assert!(long.starts_with("sha256:") && long.len() == 71 && long != header_value(&"x".repeat(501)));
    }
}
