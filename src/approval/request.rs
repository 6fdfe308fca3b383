//! The request as the service reads it: OpenID AuthZEN, Access Request and Approval Profile (draft).

use serde_json::{Value, json};

use super::Approvals;
use super::binding::Bound;
use super::shown::Shown;
use crate::policy::{Ask, Reason};

/// Longest of each text the service takes, in bytes.
const TEXT: usize = 4_096;

/// Groups of a caller that the service takes.
const GROUPS: usize = 1_000;

/// What people are asked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub call: &'a Bound<'a>,
    /// `mcp.tool`, `mcp.prompt`, `mcp.resource`, `mcp.method`.
    pub kind: &'a str,
    /// The name of what is called, masked.
    pub name: &'a str,
    pub shown: &'a Shown,
    pub binding: &'a str,
    pub rule: &'a str,
    pub ask: &'a Ask,
    /// Why, from the policy.
    pub message: Option<&'a str>,
    /// Names the session; it is not the session's id, with which anybody could speak in it.
    pub session: Option<&'a str>,
    pub request_id: Option<&'a str>,
    pub traceparent: Option<&'a str>,
}

impl Approvals {
    /// The body of `POST /access/v1/requests`. `None` when a text is longer than the service takes: what cannot be shown whole is not asked.
    pub fn body(&self, request: &Request<'_>) -> Option<Vec<u8>> {
        let Request { call, kind, name, shown, binding, rule, ask, message, session, request_id, traceparent } = *request;
        let caller = &call.caller;
        let texts = [caller.issuer, caller.subject, caller.user, name, call.action];
        if texts.into_iter().chain(caller.email).chain(caller.client).any(|text| text.len() > TEXT) {
            return None;
        }
        let short = |text: &&str| text.len() <= TEXT;
        let body = json!({
            "subject": {
                "type": "user",
                "id": caller.id(),
                "properties": {
                    "issuer": caller.issuer,
                    "subject": caller.subject,
                    "user": caller.user,
                    "email": caller.email,
                    "groups": caller.groups.iter().take(GROUPS).collect::<Vec<_>>(),
                    "client": caller.client,
                    "actors": caller.acting(),
                },
            },
            "resource": { "type": kind, "id": name, "properties": { "endpoint": self.endpoint } },
            "action": { "name": call.action },
            "context": {
                "binding": binding,
                "shown": shown.arguments,
                "shown_digest": shown.digest,
                "rule": rule,
                "message": message.map(|message| message.get(..message.floor_char_boundary(TEXT)).unwrap_or_default()),
                "policy": self.policy,
                "session": session,
                "request_id": request_id.filter(short),
                "traceparent": traceparent.filter(short),
                "approvers": {
                    "groups": ask.approvers,
                    "quorum": ask.quorum,
                    "distinct_groups": ask.distinct_groups,
                    "reason": match ask.reason {
                        Reason::Required => "required",
                        Reason::Optional => "optional",
                    },
                },
                "grant": { "uses": ask.uses, "valid_seconds": ask.valid.secs() },
                "wait_seconds": ask.wait.secs(),
            },
        });
        serde_json::to_vec(&without_nulls(body)).ok()
    }
}

/// What is not known is not said.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            // What is shown is the caller's: a null in it says something.
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            kept.map(|(name, value)| if name == "shown" { (name, value) } else { (name, without_nulls(value)) }).collect()
        }
        other => other,
    }
}
