//! Calls to the service that asks people.

use super::super::Engine;
use super::super::engine::Question;
use super::super::event::{Answer, Call, StreamId};
use crate::mcp::http;

/// One call, as far as it is not the same for all.
pub(super) struct Sent {
    method: &'static str,
    /// Behind that of all requests.
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// What it may take besides the time for an answer.
    seconds: u64,
}

impl Sent {
    pub(super) fn post(path: String, body: Vec<u8>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { method: "POST", path, headers, body, seconds: 0 }
    }

    /// Waits so many seconds for a decision (`Prefer: wait`, RFC 7240).
    pub(super) fn poll(task: &str, seconds: u64) -> Self {
        let headers = vec![("prefer".to_owned(), format!("wait={seconds}"))];
        Self { method: "GET", path: format!("/{task}"), headers, body: Vec::new(), seconds }
    }

    pub(super) fn with(mut self, name: &str, value: String) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }

    /// For a stream that waits for the answer. None when too many wait, or there is no service.
    pub(super) fn ask(self, engine: &mut Engine, stream: StreamId) -> Option<Call> {
        self.make(engine, |engine, question| engine.ask(stream, question)).flatten()
    }

    fn make<T>(self, engine: &mut Engine, then: impl FnOnce(&mut Engine, Question<'_>) -> T) -> Option<T> {
        let section = engine.policy.approvals.clone()?;
        let Self { method, path, mut headers, body, seconds } = self;
        headers.push(("authorization".to_owned(), format!("Bearer {}", String::from_utf8_lossy(section.credential.expose()))));
        headers.push(("accept".to_owned(), "application/json".to_owned()));
        let path = format!("{}/access/v1/requests{path}", section.path_prefix);
        let timeout_millis = section.timeout.millis().saturating_add(seconds.saturating_mul(1_000));
        let question = Question { cluster: &section.cluster, method, host: &section.host, path: &path, headers, body, timeout_millis };
        Some(then(engine, question))
    }
}

/// Takes a request back. Nobody waits for the answer, and it is made even if the stream is gone.
pub(super) fn withdraw(engine: &mut Engine, task: &str) {
    let sent = Sent::post(format!("/{task}/cancel"), b"{}".to_vec());
    let _ = sent.make(engine, |engine, question| engine.withdraw(question));
}

/// Status 0 for no answer.
pub(super) fn read(answer: &Answer) -> (u16, &[u8]) {
    match answer {
        Answer::Failed => (0, &[]),
        Answer::Response { headers, body } => {
            (http::values(headers, ":status").next().and_then(|status| status.parse().ok()).unwrap_or(0), body)
        }
    }
}
