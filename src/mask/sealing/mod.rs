//! Handles in an answer, sealed as they go by: the mark after the opening quote, the value as it came, the tag before the
//! closing quote. The seal is made over the value with its escapes resolved, so it does not matter how a client writes it.
//!
//! Nothing is held back but an escape that a chunk has cut.

use super::MaskError;
use crate::limits::SEALED_BYTES;
use crate::mcp::endpoint;
use crate::seal::{MARK, Running, Seals, What};
use crate::wire::escape::{self, Unescaped};
use crate::wire::path::{Path, Step};

/// Longest method name worth knowing: those of tasks are shorter.
const METHOD_BYTES: usize = 32;

pub(crate) struct Sealer {
    seals: Seals,
    running: Option<Running>,
    /// An escape that is not complete yet, or a high surrogate whose other half may follow.
    escape: Vec<u8>,
    len: usize,
    /// `method` of the message, as written, if it was told before what it decides.
    method: Vec<u8>,
    /// Which message of a batch that was.
    message: Option<u32>,
}

impl Sealer {
    pub(crate) fn new(seals: Seals) -> Self {
        Self { seals, running: None, escape: Vec::new(), len: 0, method: Vec::new(), message: None }
    }

    /// Whether the string that begins now is a handle; then it is one until its [`end`](Self::end).
    pub(crate) fn begins(&mut self, path: &Path) -> bool {
        let message = match path.steps().next() {
            Some(Step::Element(index)) => Some(index),
            _ => None,
        };
        if is_method(path) || self.message != message {
            self.method.clear();
            self.message = message;
        }
        self.running =
            super::protocol::handle(path).filter(|what| !self.may_be_clients(path, *what)).and_then(|what| self.seals.begin(what));
        self.escape.clear();
        self.len = 0;
        self.running.is_some()
    }

    /// More of a string of the protocol's that is no handle.
    pub(crate) fn passes(&mut self, path: &Path, bytes: &[u8]) {
        if is_method(path) {
            let room = METHOD_BYTES.saturating_sub(self.method.len());
            self.method.extend(bytes.iter().take(room));
        }
    }

    /// More of the handle, as written.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(&byte) = rest.first() {
            if self.escape.is_empty() && byte != b'\\' {
                let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
                let (run, after) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
                self.take(run);
                rest = after;
            } else {
                self.escape.push(byte);
                rest = rest.get(1..).unwrap_or_default();
                self.resolve(false);
            }
        }
    }

    /// Before the closing quote.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) -> Result<(), MaskError> {
        self.resolve(true);
        if self.len > SEALED_BYTES {
            return Err(MaskError::SealTooLong);
        }
        if let Some(running) = self.running.take() {
            out.extend_from_slice(running.tail().as_bytes());
        }
        Ok(())
    }

    /// After the opening quote.
    pub(crate) fn mark(&self, out: &mut Vec<u8>) {
        if self.running.is_some() {
            out.extend_from_slice(MARK.as_bytes());
        }
    }

    /// A new text.
    pub(crate) fn reset(&mut self) {
        self.method.clear();
        self.message = None;
    }

    /// The URL of an `endpoint` event, with its session sealed.
    pub(crate) fn endpoint(&self, url: &[u8]) -> Vec<u8> {
        let sealed = || {
            let url = std::str::from_utf8(url).ok()?;
            let at = endpoint::session(url).ok()??;
            let sealed = self.seals.seal(What::StreamSession, url.get(at.clone())?)?;
            Some([url.get(..at.start)?, &sealed, url.get(at.end..)?].concat().into_bytes())
        };
        // Without a seal the session cannot be used: what was no session, or could not be found, goes as it came.
        sealed().unwrap_or_else(|| url.to_vec())
    }

    pub(crate) fn held(&self) -> usize {
        size_of::<Self>() + self.escape.capacity() + self.method.capacity()
    }

    /// A server may ask its client about a task that the client runs (2025-11-25): the client chose that id, and knows no
    /// other. It must not be sealed either: a client could choose another caller's id, and have it back as its own. So in what a server
    /// says by itself an id is sealed only where it is known to be the server's; every server seen writes `method` before
    /// `params`. What is not sealed gives nothing away, for it is of no use here.
    fn may_be_clients(&self, path: &Path, what: What) -> bool {
        let mut names = path.steps().filter_map(Step::name);
        if what != What::Task || names.next() != Some(b"params") {
            return false;
        }
        let mut method = Unescaped::default();
        method.resolve(&self.method);
        if names.next() == Some(b"taskId") {
            !method.text.starts_with(b"notifications/")
        } else {
            method.text.is_empty() || method.text.starts_with(b"tasks/")
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.len = self.len.saturating_add(bytes.len());
        if let Some(running) = &mut self.running {
            running.update(bytes);
        }
    }

    /// Takes from `escape` what is complete; with `last` all of it.
    fn resolve(&mut self, last: bool) {
        while !self.escape.is_empty() {
            if self.escape.first() == Some(&b'\\') {
                if !last && !is_complete(&self.escape) {
                    return;
                }
                // The lexer has let only whole escapes through.
                let (char, len) = escape::unit(&self.escape).unwrap_or((char::REPLACEMENT_CHARACTER, self.escape.len()));
                let mut utf8 = [0; 4];
                self.escape.drain(..len.min(self.escape.len()));
                self.take(char.encode_utf8(&mut utf8).as_bytes());
            } else {
                let plain = memchr::memchr(b'\\', &self.escape).unwrap_or(self.escape.len());
                let run: Vec<u8> = self.escape.drain(..plain).collect();
                self.take(&run);
            }
        }
    }
}

/// Whether it is clear what the escape at the beginning means.
fn is_complete(escape: &[u8]) -> bool {
    match (escape.get(1), escape.get(2..6)) {
        (None, _) => false,
        (Some(b'u'), None) => false,
        (Some(b'u'), Some(hex)) if is_high_surrogate(hex) => match (escape.get(6), escape.get(7)) {
            (None, _) | (Some(b'\\'), None) => false,
            (Some(b'\\'), Some(b'u')) => escape.len() >= 12,
            _ => true,
        },
        _ => true,
    }
}

fn is_high_surrogate(hex: &[u8]) -> bool {
    matches!(hex, [b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', _, _])
}

/// Of this message, or of one in a batch.
fn is_method(path: &Path) -> bool {
    let mut steps = path.steps().filter(|step| !matches!(step, Step::Element(_)));
    path.depth() <= 2 && steps.next().and_then(Step::name) == Some(b"method") && steps.next().is_none()
}

#[cfg(test)]
mod tests;
