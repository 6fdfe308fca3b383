//! Response headers that the policy names: their values go through the masker before the head leaves.

use super::event::{Effect, Headers};
use super::withheld::recipient;
use super::{Engine, Exchange};
use crate::mask::{self, Findings, Profile};
use crate::policy::Level;

/// What is to be done to the head of an answer, and what was found in it.
#[derive(Default)]
pub(super) struct MaskedHead {
    pub(super) effects: Vec<Effect>,
    pub(super) findings: Findings,
    /// By every rule, whoever the caller is.
    pub(super) for_record: Findings,
}

impl Exchange {
    /// What the caller may see.
    pub(super) fn caller_profile(&self, engine: &Engine) -> Profile {
        match &self.principal {
            Some(principal) => engine.masking.profile(recipient(principal, &self.facts.mcp.target, false)),
            None => engine.record_profile.clone(),
        }
    }

    /// Where this caller may see what a recognizer would find, nobody is asked, and the answer stays off the record.
    pub(super) fn keep_names_off_record(&mut self, engine: &Engine) {
        let sees_more = |principal| engine.masking.sees_names(recipient(principal, &self.facts.mcp.target, false));
        if self.principal.as_deref().is_some_and(sees_more) {
            self.facts.level = Some(self.level(engine).min(Level::Request));
        }
    }

    pub(super) fn mask_head(&self, engine: &Engine, headers: &Headers) -> MaskedHead {
        let mut masked = MaskedHead::default();
        let responses = &engine.policy.responses;
        if responses.headers.is_empty() {
            return masked;
        }
        let caller = self.caller_profile(engine);
        let mut done: Vec<&str> = Vec::new();
        for (name, _) in headers.iter().filter(|(name, _)| responses.masks_header(name)) {
            if done.contains(&name.as_str()) {
                continue;
            }
            done.push(name);
            let mut values = Vec::new();
            let mut changed = false;
            for (_, value) in headers.iter().filter(|(other, _)| other == name) {
                let (out, findings) = mask::header(&caller, name, value.as_bytes());
                changed |= out != value.as_bytes();
                masked.findings.merge(&findings);
                masked.for_record.merge(&mask::header(&engine.record_profile, name, value.as_bytes()).1);
                values.push(out);
            }
            if !changed {
                continue;
            }
            masked.effects.push(match name.as_str() {
                // The one header whose values cannot be joined (RFC 9110, 5.3).
                "set-cookie" if values.len() > 1 => Effect::RemoveResponseHeader("set-cookie"),
                _ => Effect::SetResponseHeader(name.clone(), values.join(&b", "[..])),
            });
        }
        masked
    }
}
