//! An event stream: framing passes as it came, the data of each event is masked as JSON or as text, and so is every other line.

use super::MaskError;
use super::findings::Findings;
use super::json::JsonMasker;
use super::profile::Profile;
use super::sealing::Sealer;
use super::text::{Env, Place, Text};
use crate::limits::ENDPOINT_BYTES;
use crate::wire::sse::{Framer, Line, Piece};

#[derive(Default)]
pub(crate) struct SseMasker {
    framer: Framer,
    data: Data,
    json: JsonMasker,
    /// The line being read, where it is not JSON: a line of text never waits for the next.
    line: Text,
    /// The beginning of a line that may name the event, where that matters.
    field: Vec<u8>,
    /// In an event named `endpoint`, whose data is the URL to post to (2024-11-05): the line of data being read.
    endpoint: Option<Vec<u8>>,
}

/// How the line that names an event begins at most: enough to tell `event: endpoint` from all others.
const FIELD_BYTES: usize = 16;

/// What the data of an event is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Data {
    /// Nothing but white space so far.
    #[default]
    Unknown,
    Json,
    Text,
}

impl SseMasker {
    pub(crate) fn sealing(sealer: Option<Sealer>) -> Self {
        Self { json: JsonMasker::sealing(sealer), ..Self::default() }
    }

    pub(crate) fn push(&mut self, profile: &Profile, findings: &mut Findings, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), MaskError> {
        let mut rest = chunk;
        loop {
            if let Some(line) = self.framer.whole_line(rest) {
                // All of it is at hand, so nothing of it is collected.
                self.other(profile, findings, line, true, out);
                self.named();
                rest = rest.get(line.len()..).unwrap_or_default();
            }
            let Some(step) = self.framer.step(rest) else { break };
            let (bytes, after) = rest.split_at_checked(step.len).unwrap_or((rest, &[]));
            rest = after;
            match step.piece {
                Piece::Frame(held) => out.extend_from_slice(held),
                Piece::Break => out.extend_from_slice(bytes),
                Piece::OtherBegan(held) => self.other(profile, findings, held, false, out),
                Piece::Other => self.other(profile, findings, bytes, false, out),
                Piece::Data => self.data(profile, findings, bytes, matches!(rest.first(), Some(b'\r' | b'\n')), out)?,
                Piece::LineEnd(line) => self.line_end(line, profile, findings, out)?,
            }
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self, profile: &Profile, findings: &mut Findings, out: &mut Vec<u8>) -> Result<(), MaskError> {
        let (held, line) = self.framer.finish();
        match held {
            Piece::OtherBegan(held) => self.other(profile, findings, held, false, out),
            Piece::Frame(held) => out.extend_from_slice(held),
            _ => {}
        }
        if let Some(line) = line {
            self.line_end(line, profile, findings, out)?;
        }
        self.line_end(Line::Blank, profile, findings, out)
    }

    pub(crate) fn held(&self) -> usize {
        size_of::<Self>() + self.json.held() + self.line.held() + self.field.capacity() + self.endpoint.as_ref().map_or(0, Vec::capacity)
    }

    /// More of a line of data, or with `last` the rest of it.
    fn data(&mut self, profile: &Profile, findings: &mut Findings, bytes: &[u8], last: bool, out: &mut Vec<u8>) -> Result<(), MaskError> {
        let mut bytes = bytes;
        if self.data == Data::Unknown {
            let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let (space, more) = bytes.split_at_checked(blank).unwrap_or((bytes, &[]));
            out.extend_from_slice(space);
            bytes = more;
            self.data = match more.first() {
                None => return Ok(()),
                Some(b'{' | b'[') => Data::Json,
                Some(_) => Data::Text,
            };
        }
        match self.data {
            Data::Json => self.json.push(profile, findings, bytes, out)?,
            Data::Unknown | Data::Text if self.endpoint.is_some() => {
                let url = self.endpoint.get_or_insert_default();
                url.extend_from_slice(bytes);
                if url.len() > ENDPOINT_BYTES {
                    return Err(MaskError::SealTooLong);
                }
            }
            Data::Unknown | Data::Text => self.text(profile, findings, bytes, last, out),
        }
        Ok(())
    }

    fn line_end(&mut self, line: Line, profile: &Profile, findings: &mut Findings, out: &mut Vec<u8>) -> Result<(), MaskError> {
        match line {
            Line::Other => {
                self.text(profile, findings, &[], true, out);
                self.named();
            }
            // For JSON the break is white space, or the end; either way no string goes on, and nothing is held.
            Line::Data if self.data == Data::Json => self.json.line_break(profile, findings, out)?,
            Line::Data => {
                let url = self.endpoint.as_mut().map(std::mem::take);
                let sealed = url.zip(self.json.sealer()).map(|(url, sealer)| sealer.endpoint(&url)).unwrap_or_default();
                self.text(profile, findings, &sealed, true, out);
            }
            Line::Blank => {
                if self.data == Data::Json {
                    self.json.finish(profile, findings, out)?;
                    self.json.reset();
                }
                self.data = Data::Unknown;
                self.endpoint = None;
            }
        }
        Ok(())
    }

    /// A line that is not data has ended, which may have named the event.
    fn named(&mut self) {
        if self.field.is_empty() {
            return;
        }
        let field = std::mem::take(&mut self.field);
        if let Some(name) = field.strip_prefix(b"event:") {
            let is_endpoint = name.strip_prefix(b" ").unwrap_or(name) == b"endpoint";
            self.endpoint = is_endpoint.then(Vec::new);
        }
    }

    /// More of a line that is not data, or with `last` the rest of it.
    fn other(&mut self, profile: &Profile, findings: &mut Findings, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        if self.json.sealer().is_some() {
            let room = FIELD_BYTES.saturating_sub(self.field.len());
            self.field.extend(bytes.iter().take(room));
        }
        // Most say what the last did.
        if last && self.line.is_quiet(&Place::Plain, profile, &[], bytes, || profile.has_signs_alone(bytes)) {
            return out.extend_from_slice(bytes);
        }
        self.text(profile, findings, bytes, last, out);
    }

    fn text(&mut self, profile: &Profile, findings: &mut Findings, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        let mut env = Env::of_text(profile, findings);
        self.line.feed(&mut env, bytes, last, out);
    }
}
