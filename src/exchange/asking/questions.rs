//! What people are asked about a call: for each rule that asks, the request to the service, worked out while the call is as the client sent it.

use std::sync::Arc;

use super::super::request::caller_of;
use super::super::unapproved::Unapproved;
use super::super::{Engine, Exchange};
use super::{Asking, Awaited, Demand, Progress};
use crate::approval::{self, Bound, Request, Shown};
use crate::audit::Approval;
use crate::guard::Verdict;
use crate::identity::Principal;
use crate::limits::QUESTIONS;
use crate::mask::{self, Form};
use crate::mcp::elicitation;
use crate::mcp::message::{Era, Message};
use crate::mcp::method::Target;
use crate::policy::{self, Ask};
use crate::time::Time;

impl Exchange {
    /// What each rule asks, worked out while the call is as the client sent it.
    pub(super) fn questions(
        &mut self,
        engine: &Engine,
        principal: &Principal,
        verdict: &Verdict,
        message: Option<&Message>,
        now: Time,
    ) -> Result<Asking, Unapproved> {
        let approvals = engine.approvals.as_ref().ok_or(Unapproved::Unavailable("not_configured"))?;
        let mut rules: Vec<(usize, &policy::Rule, &Ask)> = Vec::new();
        for reference in verdict.asking() {
            let rule = engine.policy.rules.get(reference.index).ok_or(Unapproved::Unavailable("not_configured"))?;
            let ask = rule.ask.as_ref().ok_or(Unapproved::Unavailable("not_configured"))?;
            if !rules.iter().any(|(index, ..)| *index == reference.index) {
                rules.push((reference.index, rule, ask));
            }
        }
        if rules.is_empty() || rules.len() > QUESTIONS {
            return Err(Unapproved::TooMany);
        }
        let params = message.and_then(|message| message.params.clone()).and_then(|range| self.body.get(range));
        let params = params.and_then(|params| std::str::from_utf8(params).ok()).unwrap_or_default();
        let method = self.facts.mcp.method.as_deref().unwrap_or_default();
        let (kind, target) = target(message.map_or(&Target::None, |message| &message.target), method);
        let masked = masked_params(engine, params).ok_or(Unapproved::TooLarge)?;
        let shown = Shown::of(&masked).ok_or(Unapproved::TooLarge)?;
        let name = match mask::whole(&engine.record_profile, Form::Text, target.as_bytes()) {
            Ok((masked, _)) => String::from_utf8_lossy(&masked).into_owned(),
            Err(_) => "[unreadable]".to_owned(),
        };
        let actors = actors(principal);
        let session = self.facts.mcp.session_id.as_deref();
        let session_name = session.map(crate::audit::session_name);
        let call = Bound { caller: caller_of(principal, &actors), action: method, target: &target, params, session };
        let mut demands = Vec::with_capacity(rules.len());
        for (index, rule, ask) in &rules {
            let binding = approvals.binding(&call, &rule.id).ok_or(Unapproved::TooLarge)?;
            let request = Request {
                call: &call,
                kind,
                name: &name,
                shown: &shown,
                binding: &binding,
                rule: &rule.id,
                ask,
                message: rule.message.as_deref(),
                session: session_name.as_deref(),
                request_id: self.facts.http.request_id.as_deref(),
                traceparent: self.facts.trace.as_deref(),
            };
            let body = approvals.body(&request).ok_or(Unapproved::TooLarge)?;
            let progress = Progress::New(body);
            demands.push(Demand { rule: *index, ask: (*ask).clone(), binding, shown_digest: shown.digest.clone(), progress });
        }
        let held = rules.iter().map(|(_, _, ask)| ask.hold.millis()).max().unwrap_or_default();
        let takes_pages = message.is_some_and(|message| match message.era {
            Era::Legacy => self.takes_url_errors(engine, principal, now),
            // A client hands back one state, so none of ours can go before that of the server's own question.
            Era::Modern { .. } => {
                matches!(method, "tools/call" | "prompts/get" | "resources/read")
                    && elicitation::takes_pages(params)
                    && !approval::has_foreign(params)
            }
        });
        let call = approvals.binding(&call, "").ok_or(Unapproved::TooLarge)?;
        let why = rules.first().and_then(|(_, rule, _)| rule.message.as_deref()).map(Arc::from);
        self.facts.approvals = demands
            .iter()
            .zip(&rules)
            .map(|(demand, (_, rule, _))| Approval { rule: rule.id.clone(), binding: demand.binding.clone(), ..Approval::default() })
            .collect();
        let until = now.plus_millis(held);
        Ok(Asking { demands, call, until, awaited: Awaited::Nothing, missed: 0, taken_back: false, released: false, takes_pages, why })
    }
}

/// `params` as they may be shown: masked in their place, because what is the protocol's own is so by its place.
fn masked_params(engine: &Engine, params: &str) -> Option<String> {
    const BEFORE: &str = "{\"params\":";
    if params.is_empty() {
        return Some(String::new());
    }
    // What is this much longer than what can be shown need not be masked first.
    if params.len() > approval::SHOWN_BYTES.saturating_mul(4) {
        return None;
    }
    let (masked, _) = mask::whole(&engine.record_profile, Form::Json, format!("{BEFORE}{params}}}").as_bytes()).ok()?;
    let masked = String::from_utf8(masked).ok()?;
    Some(masked.strip_prefix(BEFORE)?.strip_suffix('}')?.to_owned())
}

/// What kind of thing is called, and its name.
fn target(target: &Target, method: &str) -> (&'static str, String) {
    match target {
        Target::Tool(name) => ("mcp.tool", name.clone()),
        Target::Prompt(name) => ("mcp.prompt", name.clone()),
        Target::Resource(uri) => ("mcp.resource", uri.written().to_owned()),
        Target::Resources(uris) => ("mcp.resource", uris.iter().map(|uri| uri.written()).collect::<Vec<_>>().join(" ")),
        Target::None => ("mcp.method", method.to_owned()),
    }
}

pub(in crate::exchange) fn actors(principal: &Principal) -> Vec<(Option<&str>, Option<&str>)> {
    principal.actors.iter().map(|actor| (actor.subject.as_deref(), actor.client.as_deref())).collect()
}
