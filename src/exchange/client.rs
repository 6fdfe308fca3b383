//! What a client can do, as far as it says so once only: up to 2025-11-25, in `initialize`.
//!
//! The seal of its session tells it from then on, on every worker and replica; without sealing, what workers share does.

use super::event::Headers;
use super::{Engine, Exchange};
use crate::guard::Party;
use crate::identity::Principal;
use crate::mcp::elicitation;
use crate::mcp::http;
use crate::mcp::message::{Era, Kind, Message};
use crate::time::Time;

/// The revision that has error -32042: no earlier and no later one.
const WITH_URL_ERRORS: &str = "2025-11-25";

const HANDSHAKE: &str = "initialize";

impl Exchange {
    /// The client introduces itself. What it said of an earlier session is over.
    pub(super) fn note_handshake(&mut self, message: Option<&Message>) {
        let Some(message) = message else { return };
        if message.era != Era::Legacy || message.method() != HANDSHAKE || !matches!(message.kind, Kind::Request { .. }) {
            return;
        }
        let params = message.params.clone().and_then(|range| self.body.get(range)).unwrap_or_default();
        self.takes_pages = std::str::from_utf8(params).is_ok_and(elicitation::will_take_pages);
    }

    /// The server has answered, and the session has a name.
    pub(super) fn remember_client(&self, engine: &Engine, headers: &Headers, now: Time) {
        if !self.takes_pages || self.facts.mcp.method.as_deref() != Some(HANDSHAKE) {
            return;
        }
        if let (Some(principal), Ok(Some(session))) = (&self.principal, http::single(headers, "mcp-session-id")) {
            engine.clients.note(&party(engine, principal), session, now);
        }
    }

    /// Whether the client understands that a person has to open a page first, by error -32042. The header says what was agreed upon with the server; clients
    /// that know the error send it with every request.
    pub(super) fn takes_url_errors(&self, engine: &Engine, principal: &Principal, now: Time) -> bool {
        let is_on = engine.policy.approvals.as_ref().is_some_and(|approvals| approvals.url_elicitation_errors);
        let version = http::single(&self.head.headers, "mcp-protocol-version").ok().flatten();
        if !is_on || version != Some(WITH_URL_ERRORS) {
            return false;
        }
        let remembered = |session: &String| engine.clients.take_pages(&party(engine, principal), session, now);
        self.takes_pages || self.facts.mcp.session_id.as_ref().is_some_and(remembered)
    }
}

fn party(engine: &Engine, principal: &Principal) -> Party {
    Party::new(engine.policy.resource.as_str(), &principal.issuer, &principal.subject)
}
