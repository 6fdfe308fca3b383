//! What an approval is bound to: who calls what, in which session, by which rule of which policy.

use serde_json::json;

use super::Approvals;
use super::canonical::{Numbers, canonical};
use crate::mcp::json::{Member, members};

/// What goes with every call and says nothing of it, so it may differ when the call comes again. Clients put ids of their own there.
const META: &str = "_meta";

/// Who calls: from a verified token.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
    pub user: &'a str,
    pub email: Option<&'a str>,
    pub groups: &'a [String],
    pub client: Option<&'a str>,
    /// Subject and client of who acts for the caller, the current actor first.
    pub actors: &'a [(Option<&'a str>, Option<&'a str>)],
}

impl Caller<'_> {
    /// The one stable name, as the service knows people.
    pub fn id(&self) -> String {
        format!("{}#{}", self.issuer, self.subject)
    }

    pub(super) fn acting(&self) -> Vec<serde_json::Value> {
        self.actors.iter().map(|(subject, client)| json!({ "subject": subject, "client": client })).collect()
    }
}

/// One call, all of it.
#[derive(Clone, Copy, Debug)]
pub struct Bound<'a> {
    pub caller: Caller<'a>,
    /// The method.
    pub action: &'a str,
    /// The name of what is called; the method's, where nothing is named.
    pub target: &'a str,
    /// `params` as written; empty when there are none.
    pub params: &'a str,
    /// The MCP session, as the server knows it.
    pub session: Option<&'a str>,
}

impl Approvals {
    /// 32 bytes in base64url. `rule` is empty for the call itself, whatever rules say of it. `None` for params that are no JSON object.
    ///
    /// All of `params` counts but `_meta`: name and arguments, and what answers an earlier question of the server (`inputResponses`, `requestState`).
    pub fn binding(&self, call: &Bound<'_>, rule: &str) -> Option<String> {
        let Bound { caller, action, target, params, session } = *call;
        let arguments = canonical(&without_meta(params)?, Numbers::AsWritten)?;
        // The members of the one object that RFC 8785 would make of them, its greatest at the end: it has its canonical form already.
        let known = json!({
            "action": action,
            "actors": caller.acting(),
            "client": caller.client,
            "endpoint": self.endpoint,
            "issuer": caller.issuer,
            "policy": self.policy,
            "rule": rule,
            "session": session,
            "subject": caller.subject,
            "tool": target,
        });
        let known = serde_json_canonicalizer::to_string(&known).ok()?;
        Some(self.tag("portcullis approval binding 1", &[known.as_bytes(), arguments.as_bytes()]))
    }
}

/// `params` without its `_meta`, as an object; an empty one when there are none.
pub(super) fn without_meta(params: &str) -> Option<String> {
    if params.is_empty() {
        return Some("{}".to_owned());
    }
    object(members(params).ok()?.iter().filter(|member| member.name != META))
}

/// An object of members as they were written.
pub(super) fn object<'m, 'a: 'm>(members: impl Iterator<Item = &'m Member<'a>>) -> Option<String> {
    let mut out = String::from("{");
    for Member { name, value } in members {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(name).ok()?);
        out.push(':');
        out.push_str(value);
    }
    out.push('}');
    Some(out)
}
