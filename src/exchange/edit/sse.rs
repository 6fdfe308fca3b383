//! An event stream: the data of each event is watched as one message; comments and other fields pass unless they stand within an
//! event that waits.

use super::collected::{Collected, Kind};
use super::judge::{self, Judged};
use super::watch::Watch;
use super::{Court, EditError, Noted};
use crate::limits::ENDPOINT_BYTES;
use crate::wire::sse::{Framer, Line, Piece};

/// How the line that names an event begins at most.
const FIELD_BYTES: usize = 16;

#[derive(Default)]
pub(in crate::exchange) struct SseEditor {
    framer: Framer,
    collected: Collected,
    data: Data,
    /// The line that ended last was one of data: its line break goes with it.
    after_data: bool,
    /// The beginning of a line that may name the event.
    field: Vec<u8>,
    /// In an event named `endpoint`: its data so far.
    endpoint: Option<Vec<u8>>,
    /// Where a 2024-11-05 server takes messages.
    announced: Option<String>,
}

/// What the data of the event is.
#[derive(Default)]
enum Data {
    /// Nothing but white space so far.
    #[default]
    Unknown,
    Message(Box<Watch>),
    Text,
}

impl SseEditor {
    pub(super) fn push(&mut self, court: &mut Court<'_>, noted: &mut Noted, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), EditError> {
        let mut rest = chunk;
        while let Some(step) = self.framer.step(rest) {
            let (bytes, after) = rest.split_at_checked(step.len).unwrap_or((rest, &[]));
            rest = after;
            match step.piece {
                // A byte order mark comes before everything.
                Piece::Frame(held) if held.first() == Some(&0xef) => out.extend_from_slice(held),
                Piece::Frame(held) => self.pass(Kind::Frame, held, out),
                Piece::Break if self.after_data => self.pass(Kind::Frame, bytes, out),
                Piece::Break => self.pass(Kind::Other, bytes, out),
                Piece::OtherBegan(held) => self.other(held, out),
                Piece::Other => self.other(bytes, out),
                Piece::Data => self.data(bytes, out)?,
                Piece::LineEnd(line) => self.line_end(line, court, noted, out)?,
            }
        }
        Ok(())
    }

    /// An event without the empty line at its end is none to a careful reader; there are others.
    pub(super) fn finish(&mut self, court: &mut Court<'_>, noted: &mut Noted, out: &mut Vec<u8>) -> Result<(), EditError> {
        let (held, line) = self.framer.finish();
        match held {
            Piece::OtherBegan(held) => self.other(held, out),
            Piece::Frame(held) => self.pass(Kind::Frame, held, out),
            _ => {}
        }
        if let Some(line) = line {
            self.line_end(line, court, noted, out)?;
        }
        self.event_end(court, noted, out)
    }

    pub(super) fn held(&self) -> usize {
        self.collected.held()
    }

    /// Whether what comes now waits.
    fn waits(&self) -> bool {
        match &self.data {
            Data::Unknown => !self.collected.is_empty(),
            Data::Message(watch) => !watch.passes(),
            Data::Text => false,
        }
    }

    fn pass(&mut self, kind: Kind, bytes: &[u8], out: &mut Vec<u8>) {
        // The beginning of a line of data waits for the first of the data.
        let begins = kind == Kind::Frame && matches!(self.data, Data::Unknown) && !bytes.is_empty() && !self.after_data;
        if self.waits() || begins {
            self.collected.push(kind, bytes);
        } else {
            out.extend_from_slice(bytes);
        }
    }

    fn other(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.after_data = false;
        let room = FIELD_BYTES.saturating_sub(self.field.len());
        self.field.extend(bytes.iter().take(room));
        self.pass(Kind::Other, bytes, out);
    }

    fn data(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), EditError> {
        if let Some(endpoint) = &mut self.endpoint {
            let room = ENDPOINT_BYTES.saturating_sub(endpoint.len());
            endpoint.extend(bytes.iter().take(room));
        }
        let mut bytes = bytes;
        if matches!(self.data, Data::Unknown) {
            let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let (space, more) = bytes.split_at_checked(blank).unwrap_or((bytes, &[]));
            self.collected.push(Kind::Data, space);
            bytes = more;
            match more.first() {
                None => return Ok(()),
                Some(b'{' | b'[') => self.data = Data::Message(Box::default()),
                Some(_) => {
                    self.data = Data::Text;
                    self.collected.drain(out);
                }
            }
        }
        match &mut self.data {
            Data::Message(watch) => {
                watch.feed(bytes, &mut self.collected)?;
                if watch.passes() {
                    self.collected.drain(out);
                }
            }
            Data::Unknown | Data::Text => out.extend_from_slice(bytes),
        }
        Ok(())
    }

    fn line_end(&mut self, line: Line, court: &mut Court<'_>, noted: &mut Noted, out: &mut Vec<u8>) -> Result<(), EditError> {
        self.after_data = line == Line::Data;
        match line {
            Line::Data => {
                if let Data::Message(watch) = &mut self.data {
                    watch.line_break()?;
                }
            }
            Line::Other => {
                let field = std::mem::take(&mut self.field);
                if let Some(name) = field.strip_prefix(b"event:") {
                    let is_endpoint = name.strip_prefix(b" ").unwrap_or(name) == b"endpoint";
                    self.endpoint = is_endpoint.then(Vec::new);
                }
            }
            Line::Blank => self.event_end(court, noted, out)?,
        }
        Ok(())
    }

    fn event_end(&mut self, court: &mut Court<'_>, noted: &mut Noted, out: &mut Vec<u8>) -> Result<(), EditError> {
        if let Some(endpoint) = self.endpoint.take() {
            self.announced = String::from_utf8(endpoint).ok();
        }
        if let Data::Message(watch) = std::mem::take(&mut self.data) {
            if !watch.is_complete() {
                // To the reader it is no JSON; to a careless one it might be something.
                return Err(EditError::Unreadable);
            }
            if watch.is_collected() {
                match judge::message(court, noted, &self.collected.text(), self.announced.as_deref())? {
                    Judged::Keep => {}
                    Judged::Edit(edits) => self.collected.edit(&edits),
                    Judged::Remove => self.collected.remove(),
                }
            }
        }
        self.collected.drain(out);
        Ok(())
    }
}
