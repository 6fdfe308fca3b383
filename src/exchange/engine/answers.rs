//! What follows from an answer: keys and lists are put to use, and those who waited for them are told.

use super::Engine;
use crate::exchange::event::{Answer, StreamId, Ticket};
use crate::identity::{self, Fetched, SharedData};
use crate::mcp::http;
use crate::time::Time;

/// What follows from an answer.
#[derive(Debug, Default)]
pub struct Answered {
    /// Exchanges to be told [`Event::Recheck`](crate::exchange::Event::Recheck).
    pub streams: Vec<StreamId>,
    /// The exchange that made the call, to be told [`Event::Answered`](crate::exchange::Event::Answered).
    pub asker: Option<(StreamId, Answer)>,
    /// Lines for the operator.
    pub notices: Vec<String>,
}

impl Engine {
    /// The answer to a call. Everyone who waits for it is to look again, also when it failed: they are refused then.
    pub fn answered(&mut self, ticket: Ticket, answer: Answer, shared: &mut dyn SharedData, now: Time) -> Answered {
        if self.revocation_call == Some(ticket) {
            return self.list_answered(&answer, shared, now);
        }
        if self.notary_call == Some(ticket) {
            self.notary_call = None;
            let mut notices = Vec::new();
            self.recorder.noted(status(&answer), now, &mut notices);
            return Answered { notices, ..Answered::default() };
        }
        if let Some(stream) = self.asked.remove(&ticket) {
            self.under_recognition.ended(ticket);
            return Answered { asker: Some((stream, answer)), ..Answered::default() };
        }
        let Some(source) = self.calls.remove(&ticket) else { return Answered::default() };
        let changed = self.identity.answered(source, read(&answer), now);
        let notice = match changed.fetched {
            Fetched::Failed(problem) => {
                Some(format!("fetching keys: {problem}; the old ones, if any, stay for as long as the policy keeps them"))
            }
            Fetched::NoMetadata(problem) => {
                Some(format!("fetching the issuer's metadata: {problem}; clients of 2025-03-26 get 503 without"))
            }
            Fetched::Keys(_) | Fetched::Metadata | Fetched::Unchanged | Fetched::Unasked => None,
        };
        let streams = if changed.recheck { self.waiting.remove(&source).unwrap_or_default() } else { Vec::new() };
        Answered { streams, asker: None, notices: notice.into_iter().collect() }
    }

    fn list_answered(&mut self, answer: &Answer, shared: &mut dyn SharedData, now: Time) -> Answered {
        self.revocation_call = None;
        let mut notices = Vec::new();
        if let Some(revocations) = &mut self.revocations {
            revocations.answered(read(answer), shared, now, &mut notices);
        }
        Answered { streams: self.no_longer_awaited(now), asker: None, notices }
    }
}

/// None when there was no answer.
fn status(answer: &Answer) -> Option<u16> {
    match answer {
        Answer::Failed => None,
        Answer::Response { headers, body: _ } => Some(http::values(headers, ":status").next()?.parse().unwrap_or(0)),
    }
}

fn read(answer: &Answer) -> identity::Answer<'_> {
    match answer {
        Answer::Failed => identity::Answer::Failed,
        Answer::Response { headers, body } => {
            let value = |name: &str| http::values(headers, name).next();
            let status = value(":status").and_then(|status| status.parse().ok()).unwrap_or(0);
            identity::Answer::Http { status, body, etag: value("etag") }
        }
    }
}
