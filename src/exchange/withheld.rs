//! What is withheld for a value in it (`then: refuse`): calls on their way to the server, answers on their way back.

use super::gate::Reason;
use super::{Engine, Exchange};
use crate::audit::{self, Alert, Disposition};
use crate::guard::{Action, Basis, Verdict};
use crate::identity::Principal;
use crate::limits::ALERTS;
use crate::mask::{self, Form, Recipient};

/// Who gets what, in the masker's words.
pub(super) fn recipient<'a>(principal: &'a Principal, target: &'a audit::Target, is_request: bool) -> Recipient<'a> {
    let tool = match target {
        audit::Target::Tool(name) => Some(name.as_str()),
        audit::Target::None | audit::Target::Resource(_) | audit::Target::Prompt(_) => None,
    };
    Recipient { groups: &principal.groups, audiences: &principal.audiences, tool, is_request }
}

/// For somebody to look at; never the value.
pub(super) fn alert(code: &'static str, detector: &str, rule: &str) -> Alert {
    Alert { code: code.into(), kind: detector.to_owned().into(), name: Some(rule.to_owned()), place: None }
}

impl Exchange {
    /// The rule of masking that keeps this message from the server, if one does. What else is found there is for somebody to look at.
    pub(super) fn keeps_back(&mut self, engine: &Engine, principal: &Principal) -> Option<Reason> {
        if !engine.masking.looks_at_requests() || self.body.is_empty() {
            return None;
        }
        let profile = engine.masking.profile(recipient(principal, &self.facts.mcp.target, true)).of_requests();
        if profile.is_empty() {
            return None;
        }
        // A body that the masker cannot read was no message, so this is for form's sake.
        let Ok((_, findings)) = mask::whole(&profile, Form::Json, &self.body) else {
            return Some(Reason { rule: "unreadable".to_owned(), detector: "unreadable".to_owned() });
        };
        for count in findings.counts().iter().filter(|count| profile.alerts(&count.rule)) {
            self.add_alert(alert("value_in_request", count.detector, &count.rule));
        }
        profile.refusing(findings.counts()).map(|count| Reason { rule: count.rule.to_string(), detector: count.detector.to_owned() })
    }

    /// Makes a refusal of a verdict that allows.
    pub(super) fn keep_back(&mut self, reason: &Reason, verdict: &mut Verdict) {
        let Reason { rule, detector } = reason;
        let told = format!("The call holds a value that must not be sent to this server ({detector}, rule `{rule}`). Leave it out.");
        self.add_alert(alert("value_in_request", detector, rule));
        *verdict = Verdict {
            action: Action::Refuse,
            basis: Basis::Default,
            deciding: None,
            matched: std::mem::take(&mut verdict.matched),
            message: Some(told.as_str().into()),
            needed_scopes: Vec::new(),
        };
        if let Some(decision) = &mut self.facts.decision {
            decision.disposition = Disposition::Blocked;
            decision.rule = Some(rule.clone());
            decision.code = "value_in_request".into();
            decision.message = Some(told);
        }
    }

    /// Messages of the answer that did not leave.
    pub(super) fn note_withheld(&mut self, reasons: Vec<Reason>) {
        for Reason { rule, detector } in reasons {
            self.add_alert(alert("answer_withheld", &detector, &rule));
            if let Some(decision) = &mut self.facts.decision {
                decision.disposition = Disposition::Blocked;
                decision.rule = Some(rule);
                decision.code = "answer_withheld".into();
            }
        }
    }

    pub(super) fn add_alert(&mut self, alert: Alert) {
        if self.facts.alerts.len() < ALERTS && !self.facts.alerts.contains(&alert) {
            self.facts.alerts.push(alert);
        }
    }
}
