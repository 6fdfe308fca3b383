//! An event stream: framing passes as it came, the data of each event is masked as JSON or as text, and so is every other line.

use super::MaskError;
use super::findings::Findings;
use super::json::JsonMasker;
use super::rules::Profile;
use super::text::{Env, Text};
use crate::wire::sse::{Framer, Line, Piece};

#[derive(Default)]
pub(crate) struct SseMasker {
    framer: Framer,
    data: Data,
    json: JsonMasker,
    /// The line being read, where it is not JSON: a line of text never waits for the next.
    line: Text,
}

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
    pub(crate) fn push(&mut self, profile: &Profile, findings: &mut Findings, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), MaskError> {
        let mut rest = chunk;
        while let Some(step) = self.framer.step(rest) {
            let (bytes, after) = rest.split_at_checked(step.len).unwrap_or((rest, &[]));
            rest = after;
            match step.piece {
                Piece::Frame(held) => out.extend_from_slice(held),
                Piece::Break => out.extend_from_slice(bytes),
                Piece::OtherBegan(held) => self.text(profile, findings, held, false, out),
                Piece::Other => self.text(profile, findings, bytes, false, out),
                Piece::Data => self.data(profile, findings, bytes, out)?,
                Piece::LineEnd(line) => self.line_end(line, profile, findings, out)?,
            }
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self, profile: &Profile, findings: &mut Findings, out: &mut Vec<u8>) -> Result<(), MaskError> {
        let (held, line) = self.framer.finish();
        match held {
            Piece::OtherBegan(held) => self.text(profile, findings, held, false, out),
            Piece::Frame(held) => out.extend_from_slice(held),
            _ => {}
        }
        if let Some(line) = line {
            self.line_end(line, profile, findings, out)?;
        }
        self.line_end(Line::Blank, profile, findings, out)
    }

    pub(crate) fn held(&self) -> usize {
        size_of::<Self>() + self.json.held() + self.line.held()
    }

    fn data(&mut self, profile: &Profile, findings: &mut Findings, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), MaskError> {
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
            Data::Unknown | Data::Text => self.text(profile, findings, bytes, false, out),
        }
        Ok(())
    }

    fn line_end(&mut self, line: Line, profile: &Profile, findings: &mut Findings, out: &mut Vec<u8>) -> Result<(), MaskError> {
        match line {
            Line::Other => self.text(profile, findings, &[], true, out),
            // For JSON the break is white space, or the end; either way no string goes on, and nothing is held.
            Line::Data if self.data == Data::Json => self.json.line_break(profile, findings, out)?,
            Line::Data => self.text(profile, findings, &[], true, out),
            Line::Blank => {
                if self.data == Data::Json {
                    self.json.finish(profile, findings, out)?;
                    self.json.reset();
                }
                self.data = Data::Unknown;
            }
        }
        Ok(())
    }

    fn text(&mut self, profile: &Profile, findings: &mut Findings, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        let mut env = Env::of_text(profile, findings);
        self.line.feed(&mut env, bytes, last, out);
    }
}
