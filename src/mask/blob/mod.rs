//! Content in base64 (`blob` of resources, `data` of images and audio): decoded, masked as text where it is text, and encoded again as it
//! was, in stream. What is text is told by its bytes, whatever type is named beside it, before or after; other content is what the
//! policy makes of it (`responses.binary`).
//!
//! Held are the first bytes until it is clear what they are, and a window of text. Where nothing is found the blob leaves as it came, but
//! for line breaks in places where no encoder puts them.

mod base64;
mod kinds;

use std::rc::Rc;

use super::MaskError;
use super::text::{Env, Text};
use crate::policy::Binary;
use base64::{Decoder, Encoder};
pub(crate) use kinds::Kinds;

/// Bytes that tell text from other content.
const SNIFFED: usize = 512;

/// Most bytes held for that, as written.
const HELD: usize = 4096;

/// What a blob leaves as instead, where the policy says so.
const REPLACED: &[u8] = b"[MASKED:binary]";

#[derive(Default)]
pub(crate) struct Blob {
    decoder: Decoder,
    is: Is,
    /// As written, while it is not clear what it is.
    held: Vec<u8>,
    decoded: Vec<u8>,
    encoder: Encoder,
    /// Its type was named before it, and is one of text.
    told_text: bool,
}

#[derive(Default)]
enum Is {
    #[default]
    Unclear,
    Text(Box<Text>),
    /// No base64: a string like any other.
    Plain(Box<Text>),
    /// Other content, on its way as it came.
    Binary,
    /// Other content, replaced.
    Replaced,
}

impl Blob {
    pub(crate) fn new(told_text: bool) -> Self {
        Self { told_text, ..Self::default() }
    }

    /// More of it, as written; `env` is that of the string it stands in.
    pub(crate) fn feed(&mut self, env: &mut Env<'_>, written: &[u8], out: &mut Vec<u8>) -> Result<(), MaskError> {
        match &mut self.is {
            Is::Unclear => {
                let mut rest = written;
                while !rest.is_empty() && matches!(self.is, Is::Unclear) {
                    // What is decided on may not depend on how the bytes came.
                    let (byte, after) = rest.split_at_checked(1).unwrap_or((rest, &[]));
                    rest = after;
                    self.held.extend_from_slice(byte);
                    let is_base64 = self.decoder.feed(byte, &mut self.decoded);
                    if !is_base64 || self.decoded.len() >= SNIFFED || self.held.len() >= HELD {
                        self.decide(env, is_base64, out)?;
                    }
                }
                if rest.is_empty() { Ok(()) } else { self.feed(env, rest, out) }
            }
            Is::Plain(text) => {
                text.feed(env, written, false, out);
                Ok(())
            }
            Is::Binary => {
                out.extend_from_slice(written);
                Ok(())
            }
            Is::Replaced => Ok(()),
            Is::Text(_) => {
                self.decoded.clear();
                if !self.decoder.feed(written, &mut self.decoded) {
                    return Err(MaskError::NotBase64);
                }
                self.text(env, false, out)
            }
        }
    }

    /// The end of the string.
    pub(crate) fn end(&mut self, env: &mut Env<'_>, out: &mut Vec<u8>) -> Result<(), MaskError> {
        if matches!(self.is, Is::Unclear) {
            let is_whole = self.decoder.is_whole();
            self.decide(env, is_whole, out)?;
        }
        match &mut self.is {
            Is::Text(_) => {
                if !self.decoder.is_whole() {
                    return Err(MaskError::NotBase64);
                }
                self.decoded.clear();
                self.text(env, true, out)
            }
            Is::Plain(text) => {
                text.feed(env, &[], true, out);
                Ok(())
            }
            Is::Unclear | Is::Binary | Is::Replaced => Ok(()),
        }
    }

    /// Whether it left without having been read as text.
    pub(crate) fn was_binary(&self) -> bool {
        matches!(self.is, Is::Binary)
    }

    pub(crate) fn held(&self) -> usize {
        let text = match &self.is {
            Is::Text(text) | Is::Plain(text) => text.held(),
            Is::Unclear | Is::Binary | Is::Replaced => 0,
        };
        size_of::<Self>() + self.held.capacity() + self.decoded.capacity() + text
    }

    fn decide(&mut self, env: &mut Env<'_>, is_base64: bool, out: &mut Vec<u8>) -> Result<(), MaskError> {
        let held = std::mem::take(&mut self.held);
        if !is_base64 {
            let mut text = Box::<Text>::default();
            text.feed(env, &held, false, out);
            self.is = Is::Plain(text);
            return Ok(());
        }
        if self.told_text || is_text(&self.decoded) {
            self.is = Is::Text(Box::default());
            return self.text(env, false, out);
        }
        self.decoded = Vec::new();
        match env.profile.binary() {
            Binary::Pass => {
                out.extend_from_slice(&held);
                self.is = Is::Binary;
            }
            Binary::Refuse => return Err(MaskError::Binary),
            Binary::Replace => {
                self.encoder.write(REPLACED, true, &self.decoder.style, out);
                let path = env.path;
                env.findings.note(&Rc::from("responses"), "binary", || path.show(super::findings::PATH_BYTES), held.len());
                self.is = Is::Replaced;
            }
        }
        Ok(())
    }

    /// What was decoded goes through the masker for text.
    fn text(&mut self, env: &mut Env<'_>, last: bool, out: &mut Vec<u8>) -> Result<(), MaskError> {
        let Is::Text(text) = &mut self.is else { return Ok(()) };
        // UTF-16 that says nothing of it, or content that only began as text.
        let is_strict = self.told_text || env.profile.binary() != Binary::Pass;
        if is_strict && memchr::memchr(0, &self.decoded).is_some() {
            return Err(MaskError::ZeroByte);
        }
        let mut masked = Vec::with_capacity(self.decoded.len());
        if env.profile.is_empty() {
            masked.extend_from_slice(&self.decoded);
        } else {
            let mut env = Env::of_text_at(env.profile, env.findings, env.path);
            text.feed(&mut env, &self.decoded, last, &mut masked);
        }
        self.encoder.write(&masked, last, &self.decoder.style, out);
        Ok(())
    }
}

/// No byte that text never has ("binary data byte", WHATWG MIME Sniffing, 3), and not the beginning of a format that begins as text does.
fn is_text(bytes: &[u8]) -> bool {
    let is_binary = |byte: &u8| matches!(byte, 0..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F);
    !bytes.starts_with(b"%PDF-") && !bytes.iter().any(is_binary)
}
