//! Response bytes in, the same bytes out with what must not leave replaced: in constant memory, the same for every way the
//! bytes are cut, and untouched outside what was found.
//!
//! The way of a byte: the SSE framer ([`crate::wire::sse`]) finds the data of an event, the JSON lexer
//! ([`crate::wire::json`]) the names, strings and numbers in it. The content of a string is collected in windows of fixed
//! size ([`text`]) and resolved through up to three levels of escapes ([`levels`]), for JSON in JSON; a lexer per level
//! ([`nest`]) finds members and numbers there. A sieve ([`sieve`], [`scan`]) looks for places worth a check, in text as it was
//! written first: where there are none, the text leaves as it came. The families of
//! [`detectors`] check them, and an operator ([`operator`]) writes what leaves instead.
//!
//! On the same way handles that the server gives out are sealed for the caller ([`sealing`]), where the policy has a key.
//!
//! Windows depend on the stream and not on its chunks, and every check looks a bounded way ahead and back. So the output
//! cannot depend on how the bytes came, nor can a finding be lost where two windows meet.
//!
//! What is stated, and where it ends:
//! - An operator's pattern finds every match of up to 512 bytes of resolved text; a longer one is found and masked as far
//!   as the window shows it, which depends on where in its string it stands, but never on chunks. `^` and `$` are the ends
//!   of the whole string.
//! - JSON in a string is resolved three deep. A value of a field in the third is hashed as it is written there.
//! - Numbers of more than 64 bytes are masked as fields, and otherwise pass.
//! - In an event stream, text data (not JSON) is masked line by line.

mod blob;
mod cells;
mod detectors;
mod fields;
mod findings;
mod join;
mod json;
mod levels;
mod literals;
mod names;
mod nest;
mod number;
mod operator;
mod profile;
mod protocol;
mod reading;
pub mod remote;
mod rules;
mod scan;
mod sealing;
mod sieve;
mod sse;
mod table;
mod text;
mod wrapped;

pub use detectors::catalogue::{Entry, catalogue};
pub use detectors::word;
pub use findings::{Count, Finding, Findings};
pub use profile::Profile;
pub use rules::{Masking, Mistake, Recipient};

use crate::seal::Seals;
use crate::wire::json::JsonError;
use crate::wire::path::Path;
use json::JsonMasker;
use sealing::Sealer;
use sse::SseMasker;
use text::{Env, Place, Text};

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON text, or nothing.
    Json,
    /// An event stream whose data is JSON, or text.
    Sse,
    /// Any other text, in a charset that has ASCII in it.
    Text,
}

/// Why a stream cannot be masked; nothing of it may leave from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MaskError {
    #[error(transparent)]
    Json(#[from] JsonError),
    /// UTF-16 says a zero byte with every ASCII character: read as UTF-8, nothing would ever be found in it.
    #[error("the text has a zero byte in it, so it is no UTF-8 text")]
    ZeroByte,
    #[error("content in base64 turns out to be none")]
    NotBase64,
    #[error("content is not text, and the policy lets no other pass or its type says that it is")]
    Binary,
    #[error("a task id, a request state or an endpoint is longer than what is sealed")]
    SealTooLong,
}

/// One body on its way out.
pub struct Stream {
    profile: Profile,
    findings: Findings,
    form: Machine,
    /// After an error nothing passes.
    failed: Option<MaskError>,
}

enum Machine {
    /// Nothing applies to this caller.
    Pass,
    Json(Box<JsonMasker>),
    Sse(Box<SseMasker>),
    Text(Box<Text>),
}

impl Stream {
    pub fn new(profile: Profile, form: Form) -> Self {
        Self::sealing(profile, form, None)
    }

    /// With `seals`, handles that the server hands out leave sealed ([`sealing`]), also when nothing is masked.
    pub fn sealing(profile: Profile, form: Form, seals: Option<Seals>) -> Self {
        let sealer = seals.map(Sealer::new);
        let form = match form {
            _ if profile.is_idle() && sealer.is_none() => Machine::Pass,
            Form::Json => Machine::Json(Box::new(JsonMasker::sealing(sealer))),
            Form::Sse => Machine::Sse(Box::new(SseMasker::sealing(sealer))),
            Form::Text if profile.is_empty() => Machine::Pass,
            Form::Text => Machine::Text(Box::default()),
        };
        Self { profile, findings: Findings::default(), form, failed: None }
    }

    /// Takes the next bytes, and appends to `out` what may leave now.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), MaskError> {
        self.unless_failed(|machine, profile, findings| {
            match machine {
                Machine::Pass => out.extend_from_slice(chunk),
                Machine::Json(json) => json.push(profile, findings, chunk, out)?,
                Machine::Sse(_) | Machine::Text(_) if memchr::memchr(0, chunk).is_some() => return Err(MaskError::ZeroByte),
                Machine::Sse(sse) => sse.push(profile, findings, chunk, out)?,
                Machine::Text(text) => text.feed(&mut Env::of_text(profile, findings), chunk, false, out),
            }
            Ok(())
        })
    }

    /// Takes the end, and appends to `out` what was held; an error when the JSON is unfinished.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), MaskError> {
        self.unless_failed(|machine, profile, findings| {
            match machine {
                Machine::Pass => {}
                Machine::Json(json) => json.finish(profile, findings, out)?,
                Machine::Sse(sse) => sse.finish(profile, findings, out)?,
                Machine::Text(text) => text.feed(&mut Env::of_text(profile, findings), &[], true, out),
            }
            Ok(())
        })
    }

    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Keeps every finding's details from here on, for a caller that takes them away as they come.
    pub fn tell_all(&mut self) {
        self.findings.tell_all();
    }

    /// What was found beside the body counts with it.
    pub fn add_findings(&mut self, findings: &Findings) {
        self.findings.merge(findings);
    }

    /// The details kept since the last call.
    pub fn take_details(&mut self) -> Vec<Finding> {
        self.findings.take_details()
    }

    /// Bytes of memory this stream holds now, but for what all streams of a policy share.
    pub fn held(&self) -> usize {
        let machine = match &self.form {
            Machine::Pass => 0,
            Machine::Json(json) => json.held(),
            Machine::Sse(sse) => sse.held(),
            Machine::Text(text) => text.held(),
        };
        machine + self.findings.held()
    }

    fn unless_failed(
        &mut self,
        work: impl FnOnce(&mut Machine, &Profile, &mut Findings) -> Result<(), MaskError>,
    ) -> Result<(), MaskError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        work(&mut self.form, &self.profile, &mut self.findings).inspect_err(|error| self.failed = Some(*error))
    }
}

/// A whole body at once, for the request side of the record. JSON is taken for JSON-RPC messages: the members the
/// protocol lives on (`id`, `method`, ...) are read past, so a part of a message must not be given alone.
pub fn whole(profile: &Profile, form: Form, body: &[u8]) -> Result<(Vec<u8>, Findings), MaskError> {
    let mut stream = Stream::new(profile.clone(), form);
    let mut out = Vec::with_capacity(body.len());
    stream.push(body, &mut out)?;
    stream.finish(&mut out)?;
    Ok((out, stream.findings))
}

/// The value of a response header, masked as text that stands under its name; and what was found.
pub fn header(profile: &Profile, name: &str, value: &[u8]) -> (Vec<u8>, Findings) {
    let mut path = Path::default();
    path.open(false);
    path.member(b"headers", false);
    path.open(false);
    path.member(name.as_bytes(), false);
    let (mut findings, mut out) = (Findings::default(), Vec::with_capacity(value.len()));
    let mut env = Env { name: name.as_bytes(), ..Env::of_text_at(profile, &mut findings, &path) };
    Text::default().feed(&mut env, value, true, &mut out);
    (out, findings)
}

impl<'a> Env<'a> {
    fn of_text(profile: &'a Profile, findings: &'a mut Findings) -> Self {
        Self::of_text_at(profile, findings, &rules::NO_PATH)
    }

    fn of_text_at(profile: &'a Profile, findings: &'a mut Findings, path: &'a Path) -> Self {
        Env { profile, findings, place: Place::Plain, path, name: &[], tells: None }
    }
}

#[cfg(test)]
mod quick_tests;
#[cfg(test)]
mod tests;
