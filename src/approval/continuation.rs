//! The request state (2026-07-28) that a client gets with the address of a page, and hands back with its call.
//!
//! `pcq1.EXPIRES.TASKS.CALL.TAG`: seconds since the epoch, ids of the requests with `,` between, the binding of the call without a rule, and an
//! HMAC over all of it and the caller. It only tells that this call was answered before, and which requests it waits for. It is no approval, and neither
//! is anything that comes with it: who asks cannot approve.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac as _;
use serde_json::Value;

use super::Approvals;
use super::binding::{Caller, object};
use crate::mcp::json::{self, Member, members};
use crate::time::Time;

const MARK: &str = "pcq1.";
const LABEL: &str = "portcullis approval continuation 1";

/// How the names of our questions in `inputRequests` begin.
const QUESTION: &str = "approval";

/// The name of the first, the second, ... question.
pub fn question(index: usize) -> String {
    match index {
        0 => QUESTION.to_owned(),
        index => format!("{QUESTION}-{}", index.saturating_add(1)),
    }
}

/// What a client handed back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// `params` without what is ours.
    pub params: String,
    pub continuation: Continuation,
    /// The person at the client did not want to go on.
    pub declined: bool,
}

/// A state that looks like ours and is not, or not this caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continuation {
    /// Ids of the requests.
    pub tasks: Vec<String>,
    /// The binding of the call without a rule.
    pub call: String,
    expires: u64,
}

impl Continuation {
    pub fn is_over(&self, now: Time) -> bool {
        now.secs() >= self.expires
    }
}

impl Approvals {
    pub fn continuation(&self, caller: &Caller<'_>, tasks: &[&str], call: &str, expires: Time) -> String {
        let said = format!("{}.{}.{call}", expires.secs(), tasks.join(","));
        let tag = self.tag(LABEL, &[caller.id().as_bytes(), caller.client.unwrap_or_default().as_bytes(), said.as_bytes()]);
        format!("{MARK}{said}.{tag}")
    }

    /// What of `params` is ours. `Ok(None)` when nothing is; `Err` when it looks so and was made by somebody else, or for somebody else.
    pub fn returned(&self, caller: &Caller<'_>, params: &str) -> Result<Option<Returned>, Foreign> {
        let Ok(all) = members(params) else { return Ok(None) };
        let Some(state) = state(&all) else { return Ok(None) };
        let (said, tag) = state.rsplit_once('.').ok_or(Foreign)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| Foreign)?;
        let parts = [caller.id(), caller.client.unwrap_or_default().to_owned(), said.to_owned()];
        let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
        self.mac(LABEL, &parts).verify_slice(&tag).map_err(|_| Foreign)?;
        let mut parts = said.splitn(3, '.');
        let (Some(expires), Some(tasks), Some(call)) = (parts.next(), parts.next(), parts.next()) else { return Err(Foreign) };
        let expires = expires.parse().map_err(|_| Foreign)?;
        let tasks = tasks.split(',').filter(|task| !task.is_empty()).map(str::to_owned).collect();
        let continuation = Continuation { tasks, call: call.to_owned(), expires };
        let kept = object(all.iter().filter(|member| !is_ours(&member.name))).ok_or(Foreign)?;
        Ok(Some(Returned { params: kept, continuation, declined: declined(&all) }))
    }
}

/// `params` without a state that looks like ours and what came with it, whoever made it. `None` when there is none.
pub fn without_own(params: &str) -> Option<String> {
    let all = members(params).ok()?;
    state(&all)?;
    object(all.iter().filter(|member| !is_ours(&member.name)))
}

fn is_ours(name: &str) -> bool {
    matches!(name, "requestState" | "inputResponses")
}

/// Our state, without its mark.
fn state(all: &[Member<'_>]) -> Option<String> {
    let member = all.iter().find(|member| member.name == "requestState")?;
    json::text(member.value)?.strip_prefix(MARK).map(str::to_owned)
}

/// Whether the call answers a question of the server, so that no question of ours can be put in between: a client hands back one state.
pub fn has_foreign(params: &str) -> bool {
    members(params)
        .is_ok_and(|all| all.iter().any(|member| is_ours(&member.name) && json::Kind::of(member.value) != Some(json::Kind::Null)))
}

fn declined(all: &[Member<'_>]) -> bool {
    let responses = all.iter().find(|member| member.name == "inputResponses");
    let responses: Option<Value> = responses.and_then(|member| serde_json::from_str(member.value).ok());
    let actions = responses.as_ref().and_then(Value::as_object).into_iter().flatten();
    let mut ours = actions.filter(|(name, _)| name.starts_with(QUESTION)).filter_map(|(_, one)| one.get("action")?.as_str());
    ours.any(|action| matches!(action, "decline" | "cancel"))
}
