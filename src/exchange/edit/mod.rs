//! The stage before the masker: messages of the server that must be edited as a whole are collected, judged and edited; everything
//! else passes as it comes.
//!
//! **What is collected.** A message's first bytes tell ([`watch`]): requests of the server, results with a list (`tools`, `prompts`,
//! `resources`, `resourceTemplates`), with `inputRequests`, or that introduce the server (`serverInfo`, `capabilities`, `instructions`),
//! errors, and notifications of a task. It is told by shape alone, for a server may send the answer to one request in the stream of
//! another (it was seen to on a replay), and clients go by ids.
//!
//! **What waits, and for how long.** A notification goes on as soon as its method is read, a result as soon as it begins with what a
//! result of a call begins with (`content`, `contents`, `messages`, `structuredContent`, `completion`). SDKs write members in any order:
//! what comes before waits, up to [`UNDECIDED_BYTES`](crate::limits::UNDECIDED_BYTES). A longer message goes on undecided; should it
//! turn out later to need an edit (or one that passes to be two things at once), the stream is cut.
//! Comments, fields and events between do not wait.
//!
//! **Edits are splices**: bytes that stay are what they were; order, numbers, escapes and white space included. The result does not
//! depend on how the bytes came.

mod collected;
mod introduction;
mod judge;
mod lists;
mod requests;
mod splice;
mod sse;
mod watch;

#[cfg(test)]
mod tests;

use crate::audit::Alert;
use crate::guard::tools::{Detector, Pins};
use crate::guard::{Guard, Who};
use crate::limits::{ALERTS, SERVER_ANSWERS};
use crate::mask::Form;
use crate::policy::{Server, Tools};
use crate::wire::json::JsonError;

use collected::Collected;
use judge::Judged;
use sse::SseEditor;
use watch::Watch;

/// Why nothing more of an answer may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum EditError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error("a message that must be checked as a whole is too long")]
    TooLong,
    /// What has passed already was something else.
    #[error("a message turns out to be another than it began as")]
    Ambiguous,
    #[error("a message that must be checked cannot be read for sure")]
    Unreadable,
    /// There is nothing that could stand in its place.
    #[error("the server asks its client for something in place of an answer")]
    NotAnAnswer,
}

/// What the exchange asked, as far as the answer is to be put in its terms.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// The JSON-RPC method; none for a stream that only listens.
    pub(super) method: Option<String>,
    /// The request's id, as JSON text.
    pub(super) id: Option<String>,
    pub(super) is_modern: bool,
    /// It asked for another page than the first.
    pub(super) has_cursor: bool,
    /// Names the record.
    pub(super) reference: String,
}

/// By what messages are judged.
pub(super) struct Court<'a> {
    pub(super) guard: &'a Guard,
    pub(super) who: Who<'a>,
    pub(super) tools: &'a Tools,
    pub(super) server: &'a Server,
    pub(super) pins: &'a mut Pins,
    pub(super) detector: &'a Detector,
    pub(super) asked: &'a Asked,
}

/// What came of judging, besides the bytes.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) alerts: Vec<Alert>,
    /// Answers to requests of the server that do not reach the client.
    pub(super) answers: Vec<Answer>,
    /// Entries taken off lists.
    pub(super) hidden: u64,
}

impl Noted {
    /// The same thing is told once.
    fn alert(&mut self, alert: Alert) {
        if self.alerts.len() < ALERTS && !self.alerts.contains(&alert) {
            self.alerts.push(alert);
        }
    }

    fn answer(&mut self, answer: Answer) {
        if self.answers.len() < SERVER_ANSWERS {
            self.answers.push(answer);
        }
    }
}

/// What the server is told in place of the client's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// A JSON-RPC error with the server's own id.
    pub(super) body: Vec<u8>,
    /// Where to, by the `endpoint` event of a 2024-11-05 stream.
    pub(super) endpoint: Option<String>,
}

/// The bytes of one answer on their way to the masker.
pub(super) enum Editor {
    Json(Box<JsonEditor>),
    Sse(Box<SseEditor>),
}

impl Editor {
    /// Text may be an event stream to a client that does not look at the type.
    pub(super) fn new(form: Form) -> Self {
        match form {
            Form::Json => Self::Json(Box::default()),
            Form::Sse | Form::Text => Self::Sse(Box::default()),
        }
    }

    pub(super) fn push(&mut self, court: &mut Court<'_>, noted: &mut Noted, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), EditError> {
        match self {
            Self::Json(json) => json.push(court, noted, chunk, out),
            Self::Sse(sse) => sse.push(court, noted, chunk, out),
        }
    }

    /// The end of the body.
    pub(super) fn finish(&mut self, court: &mut Court<'_>, noted: &mut Noted, out: &mut Vec<u8>) -> Result<(), EditError> {
        match self {
            Self::Json(json) => json.finish(out),
            Self::Sse(sse) => sse.finish(court, noted, out),
        }
    }

    /// Bytes that wait.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Json(json) => json.collected.held(),
            Self::Sse(sse) => sse.held(),
        }
    }
}

/// A body that is one message.
#[derive(Default)]
pub(super) struct JsonEditor {
    watch: Watch,
    collected: Collected,
    done: bool,
}

impl JsonEditor {
    fn push(&mut self, court: &mut Court<'_>, noted: &mut Noted, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), EditError> {
        // After the end only white space can follow; the lexer sees to it.
        self.watch.feed(chunk, &mut self.collected)?;
        if self.watch.is_complete() && !self.done {
            self.done = true;
            if self.watch.is_collected() {
                match judge::message(court, noted, &self.collected.text(), None)? {
                    Judged::Keep => {}
                    Judged::Edit(edits) => self.collected.edit(&edits),
                    Judged::Remove => return Err(EditError::NotAnAnswer),
                }
            }
            self.watch.release();
        }
        if self.watch.passes() {
            self.collected.drain(out);
        }
        Ok(())
    }

    /// What was not complete is let go: the masker tells that it is not JSON.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), EditError> {
        if !self.done && self.watch.is_collected() {
            return Err(EditError::Json(JsonError::Unfinished));
        }
        self.collected.drain(out);
        Ok(())
    }
}
