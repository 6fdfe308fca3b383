//! All that is known of one exchange, as plain data.
//!
//! `exchange` fills it step by step; whatever is still unknown when the exchange ends stays `None`. A record can be
//! made of it at any moment, so refusals, failed tokens and streams cut short are on record like everything else.

use std::borrow::Cow;

use crate::policy;
use crate::time::Time;

#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Names the exchange within its VM, for records beside the chain to say what they are of.
    pub exchange: u32,
    /// How much goes on record; the policy's word where no rule says.
    pub level: Option<policy::Level>,
    pub times: Times,
    pub stage: Stage,
    /// The client's address with its port, as Envoy writes it: `10.0.0.7:51234`, `[2001:db8::1]:443`.
    pub source: Option<String>,
    pub connection: Connection,
    pub http: Http,
    /// Only from a verified token: what a refused token claims is not known.
    pub principal: Option<Principal>,
    /// The stable code of what is wrong with the token: `token_expired`.
    pub token_problem: Option<Cow<'static, str>>,
    /// It was let through although nobody could say whether the access had been taken back.
    pub revocations_stale: bool,
    /// What the client says it is. Nobody has checked it.
    pub client: Option<Client>,
    pub mcp: Mcp,
    pub decision: Option<Decision>,
    /// The record that had to be kept before the call was forwarded.
    pub intent: Option<Intent>,
    /// What people were asked, one for each rule that asks.
    pub approvals: Vec<Approval>,
    pub masking: Masking,
    pub request: Option<Payload>,
    pub response: Option<Payload>,
    /// Which messages of an event stream this record is about.
    pub messages: Option<Messages>,
    pub upstream: Upstream,
    /// W3C Trace Context `traceparent`, from `params._meta` or the header.
    pub trace: Option<String>,
    pub error: Option<Failure>,
    /// What somebody should look at, in the order found; each once.
    pub alerts: Vec<Alert>,
}

/// One thing that somebody should look at. Never the text that gave rise to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alert {
    /// Stable: `tool_changed`, `hidden_instructions`, `server_request_refused`.
    pub code: Cow<'static, str>,
    /// What exactly: `invisible_characters`, `sampling`.
    pub kind: Cow<'static, str>,
    /// Of the tool, prompt or resource.
    pub name: Option<String>,
    /// JSON pointer to the text, within what has the name.
    pub place: Option<String>,
}

/// When each step was reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    pub start: Option<Time>,
    /// Its caller was known.
    pub identified: Option<Time>,
    pub request_complete: Option<Time>,
    pub decided: Option<Time>,
    pub response_headers: Option<Time>,
    pub end: Option<Time>,
}

/// How far an exchange came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Its headers are here; its body may still be coming.
    #[default]
    Received,
    /// The whole request is here and waits: for keys, for a person.
    Held,
    /// The upstream has it.
    Forwarded,
    /// The client has its whole answer, be it the upstream's or a refusal.
    Completed,
    /// It ended before its answer did.
    Aborted,
}

/// What the client's connection is made of.
#[derive(Clone, Debug, Default)]
pub enum Connection {
    #[default]
    Unknown,
    Plaintext,
    /// TLS ended at a trusted hop before us; its version is not known here.
    Forwarded,
    Tls(Tls),
}

#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// As Envoy writes it: `TLSv1.3`.
    pub version: String,
    pub cipher: Option<String>,
    /// Server name asked for.
    pub sni: Option<String>,
    /// SHA-256 of the client's certificate, in hexadecimal digits.
    pub client_cert_digest: Option<String>,
    pub client_cert_subject: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Http {
    pub method: Option<String>,
    /// `:path` as received. The query is never put on record: credentials travel in it.
    pub path: Option<String>,
    pub host: Option<String>,
    pub user_agent: Option<String>,
    /// `x-request-id`
    pub request_id: Option<String>,
    /// What the client was answered.
    pub status: Option<u16>,
}

#[derive(Clone, Debug, Default)]
pub struct Principal {
    pub user: String,
    pub subject: String,
    pub issuer: String,
    pub email: Option<String>,
    pub groups: Vec<String>,
    /// OAuth client id.
    pub client: Option<String>,
    /// `jti`
    pub token_id: Option<String>,
    /// `sid`
    pub session: Option<String>,
    pub expires: Option<Time>,
    /// Who acts for this person (`act`, RFC 8693), the current actor first.
    pub actors: Vec<Actor>,
}

/// One party of an `act` chain.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    pub subject: Option<String>,
    pub client: Option<String>,
    pub issuer: Option<String>,
}

/// From `_meta["io.modelcontextprotocol/clientInfo"]`, or from `initialize`.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub name: Option<String>,
    pub version: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Mcp {
    /// `tools/call`; `http/get` and `http/delete` for what carries no message.
    pub method: Option<String>,
    /// The JSON-RPC id as text; `None` for a notification.
    pub id: Option<String>,
    pub target: Target,
    pub protocol_version: Option<String>,
    pub era: Option<Era>,
    /// `Mcp-Session-Id` as received. Only a hash of it goes on record: who holds one can speak in its session.
    pub session_id: Option<String>,
    pub progress_token: Option<String>,
    /// The error the answer carries.
    pub rpc_error: Option<RpcError>,
    /// The tool ran and its result says `isError`.
    pub tool_error: bool,
}

/// What a call is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Target {
    #[default]
    None,
    Tool(String),
    Resource(String),
    Prompt(String),
}

/// Revisions with a handshake, or those with `_meta` on every request (2026-07-28 and later).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    Legacy,
    Modern,
}

#[derive(Clone, Debug, Default)]
pub struct RpcError {
    pub code: i64,
    pub message: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Decision {
    pub disposition: Disposition,
    /// The rule that decided; `None` when none matched and the default did, or when no rule was asked.
    pub rule: Option<String>,
    /// Every rule that matched, those that only observe included.
    pub rules: Vec<RuleHit>,
    /// Stable reason: `rule`, `default_deny`, `tls_required`, `request_too_large`.
    pub code: Cow<'static, str>,
    /// What the caller was told.
    pub message: Option<String>,
}

#[derive(Clone, Debug)]
pub struct RuleHit {
    pub id: String,
    pub then: policy::Then,
    pub mode: policy::Mode,
    /// What its conditions found, one line for each, without values.
    pub because: Vec<String>,
}

/// A record made before its call.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Its `metadata.uid`.
    pub uid: String,
    /// The collector has said that it keeps it.
    pub kept: bool,
}

/// One question to people, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approval {
    /// Of the rule that asks.
    pub rule: String,
    /// Of the request at the service that asks people. None while it was not taken.
    pub id: Option<String>,
    /// What the approval is bound to: a keyed hash of the call.
    pub binding: String,
    pub state: ApprovalState,
    pub decisions: Vec<ApprovalDecision>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApprovalState {
    /// Not asked yet.
    #[default]
    New,
    Pending,
    /// Approved, and not used for this call.
    Approved,
    /// Used for this call.
    Used,
    Denied,
    Expired,
    /// By the caller.
    Cancelled,
    Failed,
}

/// What one person said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovalDecision {
    /// `ISSUER#SUBJECT`
    pub by: String,
    /// RFC 3339, as it was told.
    pub at: Option<String>,
    pub reason: Option<String>,
    /// In an emergency, alone.
    pub break_glass: bool,
}

/// What was decided, in OCSF's words; each stands for one action (see `outcome`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Let through.
    Allowed,
    /// Let through although a rule in `mode: observe` would have refused it.
    Observed,
    /// Let through because a person said so.
    Approved,
    /// Not let through yet: a person has to say so.
    Delayed,
    /// Refused by the policy.
    Blocked,
    /// Refused for its form: not a message, too large, plaintext.
    Rejected,
    /// Refused for its token, or for want of one.
    Unauthorized,
    /// Refused because the access was taken back.
    AccessRevoked,
    /// Refused because something failed.
    Error,
}

/// What masking did to the response on its way to the client. Findings in the request are replaced on record only,
/// and do not count here.
#[derive(Clone, Debug, Default)]
pub struct Masking {
    pub findings: Vec<Finding>,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

#[derive(Clone, Debug)]
pub struct Finding {
    /// Id of the masking rule.
    pub rule: String,
    /// `credit_card`, `field`, `pattern`, ...
    pub detector: Cow<'static, str>,
    /// The policy's detector it belongs to; none for what an operator describes.
    pub kind: Option<crate::policy::Detector>,
    pub count: u64,
}

/// One side's body as it may be shown.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    /// Already masked. Should be UTF-8; what is not is replaced and flagged.
    pub text: Vec<u8>,
    /// `text` is not the whole body.
    pub truncated: bool,
    /// Bytes of the whole body as it came.
    pub size: u64,
}

/// Messages of an event stream, counted from 1 as they leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// Before the first that this record is about.
    pub before: u64,
    /// With the last.
    pub upto: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Upstream {
    pub cluster: Option<String>,
    /// With its port.
    pub address: Option<String>,
    pub status: Option<u16>,
}

/// Something that went wrong on the way.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// Stable: `mask_failed`, `client_gone`, `upstream_reset`.
    pub code: Cow<'static, str>,
    pub message: String,
}

impl Facts {
    /// Visits every text that a client or a server chose freely and that goes on record outside the payloads, so that
    /// the caller can mask it: a secret in a tool's name must not be on record any more than one in its arguments.
    ///
    /// Who the principal is stays readable (that is what the record is for), and so does what the policy or Envoy wrote.
    pub fn each_free_text(&mut self, edit: &mut dyn FnMut(&mut String)) {
        // Taken apart without `..`: a new field does not compile until it is decided here.
        let Self {
            exchange: _,
            level: _,
            times: _,
            stage: _,
            source: _,
            connection,
            http: Http { method, path, host, user_agent, request_id, status: _ },
            principal: _,
            token_problem: _,
            revocations_stale: _,
            client,
            mcp: Mcp { method: operation, id, target, protocol_version, era: _, session_id: _, progress_token, rpc_error, tool_error: _ },
            decision,
            intent: _,
            approvals,
            masking: _,
            request: _,
            response: _,
            messages: _,
            upstream: _,
            trace: _,
            error,
            alerts,
        } = self;
        let mut texts = vec![method, path, host, user_agent, request_id, operation, id, protocol_version, progress_token];
        if let Some(Client { name, version }) = client {
            texts.extend([name, version]);
        }
        if let Connection::Tls(Tls { version: _, cipher: _, sni, client_cert_digest: _, client_cert_subject: _ }) = connection {
            texts.push(sni);
        }
        if let Some(RpcError { code: _, message }) = rpc_error {
            texts.push(message);
        }
        texts.into_iter().flatten().for_each(&mut *edit);
        match target {
            Target::None => {}
            Target::Tool(text) | Target::Resource(text) | Target::Prompt(text) => edit(text),
        }
        if let Some(Failure { code: _, message }) = error {
            edit(message);
        }
        // They name arguments, and those are the caller's.
        if let Some(Decision { disposition: _, rule: _, rules, code: _, message: _ }) = decision {
            rules.iter_mut().flat_map(|RuleHit { id: _, then: _, mode: _, because }| because).for_each(&mut *edit);
        }
        for Approval { rule: _, id: _, binding: _, state: _, decisions } in approvals {
            for ApprovalDecision { by: _, at: _, reason, break_glass: _ } in decisions {
                reason.iter_mut().for_each(&mut *edit);
            }
        }
        for Alert { code: _, kind: _, name, place } in alerts {
            [name, place].into_iter().flatten().for_each(&mut *edit);
        }
    }
}
