//! What the editor of answers needs of an exchange, and what follows from its findings.

use super::edit::{Answer, Asked};
use super::event::{Effect, Message, Metric};
use super::{Engine, Exchange};
use crate::audit::{Alert, Disposition};
use crate::guard::tools::Standing;
use crate::guard::{Action, Basis, Verdict};
use crate::limits::ALERTS;
use crate::mask::Form;
use crate::mcp::message::{self, Era};
use crate::mcp::method::Target;
use crate::policy::Unpinned;

impl Exchange {
    /// The request was decided: what its answer is judged by.
    pub(super) fn note_asked(&mut self, message: Option<&message::Message>) {
        let params = message.and_then(|message| message.params.clone()).and_then(|range| self.body.get(range));
        self.question = Asked {
            method: message.and_then(message::Message::reply_id).and(self.facts.mcp.method.clone()),
            id: self.call_id.clone(),
            is_modern: message.is_some_and(|message| matches!(message.era, Era::Modern { .. })),
            has_cursor: params.is_some_and(|params| memchr::memmem::find(params, b"\"cursor\"").is_some()),
            reference: self.facts.http.request_id.clone().unwrap_or_else(|| "none".to_owned()),
        };
    }

    /// Whether the answer may hold messages: not that to a GET of a JSON document beside the endpoint.
    pub(super) fn is_edited(&self, form: Option<Form>) -> bool {
        self.on_endpoint || self.head.method == "POST" || matches!(form, Some(Form::Sse | Form::Text))
    }

    /// Whether [`Self::look_at_pin`] will refuse a call that the rules allow.
    pub(super) fn is_unpinned(engine: &Engine, target: &Target) -> bool {
        let Target::Tool(name) = target else { return false };
        match engine.pins.call(name) {
            Standing::Known => false,
            Standing::Changed(then) | Standing::New(then) => then != Unpinned::Alert,
        }
    }

    /// A tool whose definition is not the pinned one is not called, whatever the rules say.
    pub(super) fn look_at_pin(&mut self, engine: &Engine, target: &Target, verdict: &mut Verdict) {
        let Target::Tool(name) = target else { return };
        let (code, kind, then, told) = match engine.pins.call(name) {
            Standing::Known => return,
            Standing::Changed(then) => {
                ("tool_changed", "definition_differs_from_pin", then, "The definition of this tool has changed since it was approved.")
            }
            Standing::New(then) => ("tool_not_pinned", "definition_not_pinned", then, "This tool has not been approved for this endpoint."),
        };
        self.facts.alerts.push(Alert { code: code.into(), kind: kind.into(), name: Some(name.clone()), place: None });
        if then == Unpinned::Alert {
            return;
        }
        *verdict = Verdict {
            action: Action::Refuse,
            basis: Basis::Default,
            deciding: None,
            matched: std::mem::take(&mut verdict.matched),
            message: Some(told.into()),
            needed_scopes: Vec::new(),
        };
        if let Some(decision) = &mut self.facts.decision {
            decision.disposition = Disposition::Blocked;
            decision.rule = None;
            decision.code = code.into();
            decision.message = Some(told.to_owned());
        }
    }

    /// What the editor noted goes on record, is counted, and told to the server where it waits.
    pub(super) fn tell(&mut self, engine: &Engine) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.noted.alerts.is_empty() && self.noted.answers.is_empty() && self.noted.hidden == 0 {
            return effects;
        }
        let noted = std::mem::take(&mut self.noted);
        for alert in noted.alerts {
            if self.facts.alerts.len() < ALERTS && !self.facts.alerts.contains(&alert) {
                self.facts.alerts.push(alert);
            }
        }
        if noted.hidden > 0 {
            effects.push(Effect::Count(Metric::Hidden, noted.hidden));
        }
        effects.extend(noted.answers.into_iter().map(|answer| self.answer_to_server(engine, answer)).map(Effect::Tell));
        effects
    }

    /// As the client would have sent it: to the same address, in the same session, with the credential for the server.
    fn answer_to_server(&self, engine: &Engine, Answer { body, endpoint }: Answer) -> Message {
        let path_is_servers = endpoint.is_some();
        let mut path = endpoint.map_or_else(|| self.head.path.clone(), |endpoint| path_of(&endpoint, self.head.bare_path()));
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("accept".to_owned(), "application/json, text/event-stream".to_owned()),
            ("user-agent".to_owned(), format!("portcullis/{}", crate::VERSION)),
        ];
        for name in ["mcp-session-id", "mcp-protocol-version", "x-request-id", "traceparent"] {
            headers.extend(self.head.owned(name).map(|value| (name.to_owned(), value)));
        }
        let credential = engine.policy.transport.upstream_credential.as_ref();
        let credential = credential.map(|credential| (credential.header.clone(), lossy(credential.value.expose())));
        // What was opened on the way in stands for what the client holds.
        let opened = self.opened.iter().filter_map(|effect| match effect {
            Effect::SetRequestHeader(name, value) => Some((name.clone(), lossy(value))),
            _ => None,
        });
        for (name, value) in opened.chain(credential) {
            match name.as_str() {
                ":path" if !path_is_servers => path = value,
                ":path" | "mcp-name" => {}
                _ => {
                    headers.retain(|(have, _)| *have != name);
                    headers.push((name, value));
                }
            }
        }
        let authority = self.head.owned(":authority").or_else(|| self.head.owned("host")).unwrap_or_default();
        Message { authority, path, path_is_servers, headers, body }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The path of an `endpoint` event: a path, or a whole URL, or (seldom) relative to the stream's own.
fn path_of(endpoint: &str, own: &str) -> String {
    let path = match endpoint.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => endpoint,
    };
    if path.starts_with('/') {
        return path.to_owned();
    }
    let folder = own.rfind('/').and_then(|at| own.get(..=at)).unwrap_or("/");
    [folder, path].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_lead_somewhere() {
        for (endpoint, path) in [
            ("/message?sessionId=1", "/message?sessionId=1"),
            ("https://x.example/message?s=1", "/message?s=1"),
            ("https://x.example", "/"),
            ("message?s=1", "/base/message?s=1"),
        ] {
            assert_eq!(path_of(endpoint, "/base/sse"), path);
        }
    }
}
