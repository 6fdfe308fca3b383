//! What goes on record of a request: its head, its caller, its message, and what was decided on it.

use super::capture::Capture;
use super::event::Connection;
use super::peek::Peek;
use super::{Engine, Exchange};
use crate::audit::{self, Decision, Disposition, RuleHit};
use crate::guard::{Action, Basis, Verdict};
use crate::identity::{self, Principal};
use crate::mcp::message::{Era, Message};
use crate::mcp::method::Target;
use crate::mcp::uri::Uri;
use crate::policy::{self, Level};

impl Exchange {
    pub(super) fn note_head(&mut self, engine: &Engine, connection: &Connection) {
        let http = &mut self.facts.http;
        http.method = Some(self.head.method.clone());
        http.path = Some(self.head.path.clone());
        http.host = self.head.owned(":authority").or_else(|| self.head.owned("host"));
        http.user_agent = self.head.owned("user-agent");
        http.request_id = self.head.owned("x-request-id");
        self.facts.trace = self.head.owned("traceparent");
        self.facts.mcp.session_id = self.head.owned("mcp-session-id");
        self.facts.mcp.protocol_version = self.head.owned("mcp-protocol-version");
        self.facts.source = connection.source.clone();
        self.facts.connection = match &connection.tls_version {
            Some(version) => audit::Connection::Tls(audit::Tls {
                version: version.clone(),
                cipher: connection.tls_cipher.clone(),
                sni: connection.server_name.clone(),
                client_cert_digest: connection.client_certificate.clone(),
                client_cert_subject: connection.client_subject.clone(),
            }),
            None if engine.policy.transport.tls == policy::TlsMode::Forwarded => audit::Connection::Forwarded,
            None => audit::Connection::Plaintext,
        };
    }

    pub(super) fn note_principal(&mut self, principal: &Principal) {
        self.facts.principal = Some(audit::Principal {
            user: principal.user.clone(),
            subject: principal.subject.clone(),
            issuer: principal.issuer.clone(),
            email: principal.email.clone(),
            groups: principal.groups.clone(),
            client: principal.client.clone(),
            token_id: principal.token_id.clone(),
            session: principal.session.clone(),
            expires: Some(principal.expires_at),
            actors: principal.actors.iter().map(actor).collect(),
        });
    }

    pub(super) fn note_message(&mut self, message: &Message) {
        let params = message.params.clone().and_then(|range| self.body.get(range)).unwrap_or_default();
        let peek = if params.is_empty() { Peek::default() } else { Peek::at(params) };
        if let Some((name, version)) = peek.client() {
            self.facts.client = Some(audit::Client { name, version });
        }
        if let Some(traceparent) = peek.traceparent() {
            self.facts.trace = Some(traceparent);
        }
        let mcp = &mut self.facts.mcp;
        mcp.progress_token = peek.progress_token();
        mcp.method = Some(message.method().to_owned());
        mcp.id = message.reply_id().map(ToString::to_string);
        mcp.target = match &message.target {
            Target::None => audit::Target::None,
            Target::Tool(name) => audit::Target::Tool(name.clone()),
            Target::Prompt(name) => audit::Target::Prompt(name.clone()),
            Target::Resource(uri) => audit::Target::Resource(uri.written().to_owned()),
            Target::Resources(uris) => audit::Target::Resource(uris.iter().map(Uri::written).collect::<Vec<_>>().join(" ")),
        };
        mcp.era = Some(match &message.era {
            Era::Legacy => audit::Era::Legacy,
            Era::Modern { .. } => audit::Era::Modern,
        });
        match &message.era {
            Era::Modern { version } => mcp.protocol_version = Some(version.clone()),
            Era::Legacy if mcp.protocol_version.is_none() => mcp.protocol_version = peek.version(),
            Era::Legacy => {}
        }
        self.call_id = message.reply_id().and_then(|id| serde_json::to_string(id).ok());
    }

    /// What was asked, as much of it as the rules that matched want on record.
    pub(super) fn note_params(&mut self, engine: &Engine, message: &Message) {
        let params = message.params.clone().and_then(|range| self.body.get(range)).unwrap_or_default();
        let most = engine.policy.audit.max_payload.0;
        if most > 0 && !params.is_empty() && self.level(engine) >= Level::Request {
            self.facts.request = Some(Capture::params(engine.record_profile.clone(), params, most));
        }
    }

    pub(super) fn note_verdict(&mut self, engine: &Engine, verdict: &Verdict) {
        self.facts.level = engine.level_of(&verdict.matched);
        self.note_blocked_command(engine, verdict);
        let would_refuse = verdict.matched.iter().any(|rule| rule.observed && rule.then != policy::Then::Allow);
        let approved = verdict.deciding.as_ref().is_some_and(|rule| rule.then == policy::Then::Ask);
        let (disposition, code) = match (verdict.action, verdict.basis) {
            (Action::Refuse, _) if !verdict.needed_scopes.is_empty() => (Disposition::Unauthorized, "insufficient_scope"),
            (Action::Refuse, Basis::Rule) => (Disposition::Blocked, "rule"),
            (Action::Refuse, Basis::Default | Basis::Open) => (Disposition::Blocked, "default_deny"),
            (Action::Ask, _) => (Disposition::Delayed, "approval_pending"),
            (Action::Allow, _) if approved => (Disposition::Approved, "approved"),
            (Action::Allow, _) if would_refuse => (Disposition::Observed, "observed"),
            (Action::Allow, Basis::Rule) => (Disposition::Allowed, "rule"),
            (Action::Allow, Basis::Default) => (Disposition::Allowed, "default_allow"),
            (Action::Allow, Basis::Open) => (Disposition::Allowed, "open"),
        };
        let mode = |observed| if observed { policy::Mode::Observe } else { policy::Mode::Enforce };
        self.facts.decision = Some(Decision {
            disposition,
            rule: verdict.deciding.as_ref().map(|rule| rule.id.to_string()),
            rules: verdict
                .matched
                .iter()
                .map(|rule| RuleHit { id: rule.id.to_string(), then: rule.then, mode: mode(rule.observed), because: rule.because.clone() })
                .collect(),
            code: code.into(),
            message: verdict.message.as_ref().map(ToString::to_string),
        });
    }

    /// A rule that asks what a command would do has refused one.
    fn note_blocked_command(&mut self, engine: &Engine, verdict: &Verdict) {
        let deciding = verdict.deciding.as_ref().filter(|rule| rule.then == policy::Then::Deny && verdict.action == Action::Refuse);
        let Some(rule) = deciding.and_then(|rule| engine.policy.rules.get(rule.index)) else { return };
        let kind = match (&rule.shell, &rule.sql, &rule.attacks) {
            (Some(_), _, _) => "shell",
            (None, Some(_), _) => "sql",
            (None, None, Some(_)) => "attacks",
            (None, None, None) => return,
        };
        let name = match &self.facts.mcp.target {
            audit::Target::Tool(name) | audit::Target::Prompt(name) | audit::Target::Resource(name) => Some(name.clone()),
            audit::Target::None => None,
        };
        self.facts.alerts.push(audit::Alert { code: "blocked_command".into(), kind: kind.into(), name, place: None });
    }
}

fn actor(actor: &identity::Actor) -> audit::Actor {
    let identity::Actor { subject, client, issuer } = actor.clone();
    audit::Actor { subject, client, issuer }
}
