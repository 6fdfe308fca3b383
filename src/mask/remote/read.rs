//! The texts of a message, each with the place in the message that each of its bytes is written at.

use std::collections::HashMap;
use std::ops::Range;

use super::super::findings::PATH_BYTES;
use super::places;
use crate::limits::RECOGNIZED_TEXTS;
use crate::mask::Form;
use crate::wire::escape::{self, Unescaped};
use crate::wire::json::{Event, JsonError, Lexer};
use crate::wire::path::{NAME_BYTES, Path};
use crate::wire::sse::{Framer, Line, Piece};

/// JSON in strings of JSON is read this deep, as the masker does.
const NESTED: usize = 3;

/// A member name is kept as written; six bytes for each of its own is the most an escape takes.
const NAME_WRITTEN: usize = 6 * (NAME_BYTES + 1);

/// Why a message cannot be shown to anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error("a message has more than {RECOGNIZED_TEXTS} texts in it")]
    TooMany,
}

/// One text, and where it is written.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) text: String,
    /// For each byte of the text, and for its end, the byte of the message that it begins at.
    pub(super) at: Vec<u32>,
    /// To the string it was in.
    pub(super) path: String,
}

/// The texts of one message, in its order.
#[derive(Debug, Default)]
pub struct Texts {
    pub(super) reads: Vec<Read>,
    /// For each of them, which of the texts that are shown it is: the same text is shown once.
    pub(super) shown: Vec<usize>,
    /// The first of each.
    firsts: Vec<usize>,
}

/// Bytes, and where in the message each of them is written.
struct Source<'a> {
    bytes: &'a [u8],
    /// With one more for the end. None: they are the message.
    at: Option<&'a [u32]>,
}

impl Texts {
    /// Of a whole body, or of one event of a stream with its framing.
    pub fn of(form: Form, message: &[u8]) -> Result<Self, Unread> {
        let mut reads = Vec::new();
        match form {
            Form::Json => json(&Source { bytes: message, at: None }, 0, "", &mut reads)?,
            Form::Text => plain(&Source { bytes: message, at: None }, &mut reads),
            Form::Sse => event(message, &mut reads)?,
        }
        Ok(Self::new(reads))
    }

    fn new(reads: Vec<Read>) -> Self {
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut firsts = Vec::new();
        let mut shown = Vec::with_capacity(reads.len());
        for (index, read) in reads.iter().enumerate() {
            let next = firsts.len();
            let number = *known.entry(&read.text).or_insert(next);
            if number == next {
                firsts.push(index);
            }
            shown.push(number);
        }
        drop(known);
        Self { reads, shown, firsts }
    }

    /// What is to be shown, each text once.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &str> {
        self.firsts.iter().map(|first| self.reads.get(*first).map_or("", |read| read.text.as_str()))
    }

    pub fn is_empty(&self) -> bool {
        self.firsts.is_empty()
    }
}

impl Source<'_> {
    fn place(&self, index: usize) -> u32 {
        match self.at {
            Some(at) => at.get(index).or(at.last()).copied().unwrap_or_default(),
            // A message is far shorter than that.
            None => u32::try_from(index).unwrap_or(u32::MAX),
        }
    }
}

/// The strings of a JSON text. At depth 0 it is a message of the protocol, or a batch of them.
fn json(source: &Source<'_>, depth: usize, outer: &str, reads: &mut Vec<Read>) -> Result<(), Unread> {
    let (mut lexer, mut path, mut name) = (Lexer::default(), Path::default(), Vec::new());
    let (mut at, mut begin) = (0, 0);
    while let Some(rest) = source.bytes.get(at..)
        && let Some(step) = lexer.step(rest)?
    {
        let next = at + step.len;
        match step.event {
            Event::Open { array } => path.open(array),
            Event::Close => path.close(),
            Event::Comma => path.next(),
            Event::Quote { name: true } => name.clear(),
            Event::Quote { name: false } => begin = next,
            Event::Content if lexer.in_name() => {
                let room = NAME_WRITTEN.saturating_sub(name.len());
                name.extend(rest.iter().take(step.len.min(room)));
            }
            Event::Unquote { name: true } => {
                let mut resolved = Unescaped::default();
                resolved.resolve(&name);
                path.member(&resolved.text, false);
            }
            Event::Unquote { name: false } if depth > 0 || places::is_text(&path) => {
                let shown = if depth == 0 { path.show(PATH_BYTES) } else { outer.to_owned() };
                string(source, begin..at, depth, shown, reads)?;
            }
            Event::Unquote { name: false } | Event::Content | Event::Plain | Event::Literal | Event::Number | Event::NumberEnd => {}
        }
        at = next;
    }
    lexer.finish()?;
    Ok(())
}

/// The content of one string: the strings in it where it is JSON, else itself.
fn string(source: &Source<'_>, content: Range<usize>, depth: usize, path: String, reads: &mut Vec<Read>) -> Result<(), Unread> {
    let written = source.bytes.get(content.clone()).unwrap_or_default();
    let (mut text, mut at) = (Vec::with_capacity(written.len()), Vec::with_capacity(written.len() + 1));
    let mut index = 0;
    while let Some(byte) = written.get(index) {
        let place = source.place(content.start + index);
        let rest = written.get(index..).unwrap_or_default();
        match if *byte == b'\\' { escape::unit(rest) } else { None } {
            Some((char, len)) => {
                text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                at.resize(text.len(), place);
                index += len;
            }
            None => {
                text.push(*byte);
                at.push(place);
                index += 1;
            }
        }
    }
    at.push(source.place(content.end));
    if depth < NESTED && matches!(text.trim_ascii_start().first(), Some(b'{' | b'[')) {
        let before = reads.len();
        match json(&Source { bytes: &text, at: Some(&at) }, depth + 1, &path, reads) {
            Err(Unread::Json(_)) => reads.truncate(before),
            done => return done,
        }
    }
    // The lexer has seen to it that this is UTF-8.
    match String::from_utf8(text) {
        Ok(text) => keep(Read { text, at, path }, reads),
        Err(_) => Err(Unread::Json(JsonError::Utf8)),
    }
}

/// Text that is not JSON; bytes that are no UTF-8 are read as one U+FFFD for each sequence of them.
fn plain(source: &Source<'_>, reads: &mut Vec<Read>) {
    let (mut text, mut at) = (String::with_capacity(source.bytes.len()), Vec::with_capacity(source.bytes.len() + 1));
    let mut index = 0;
    for chunk in source.bytes.utf8_chunks() {
        for byte in 0..chunk.valid().len() {
            at.push(source.place(index + byte));
        }
        text.push_str(chunk.valid());
        index += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            at.resize(text.len(), source.place(index));
            index += chunk.invalid().len();
        }
    }
    at.push(source.place(index));
    // One text is never too many.
    let _ = keep(Read { text, at, path: String::new() }, reads);
}

/// The data of one event; that of an `endpoint` event (2024-11-05) is an address.
fn event(bytes: &[u8], reads: &mut Vec<Read>) -> Result<(), Unread> {
    let (mut framer, mut index) = (Framer::default(), 0);
    let (mut data, mut at, mut field) = (Vec::new(), Vec::new(), Vec::new());
    let mut is_endpoint = false;
    let place = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    while let Some(step) = framer.step(bytes.get(index..).unwrap_or_default()) {
        let part = bytes.get(index..index + step.len).unwrap_or_default();
        match step.piece {
            Piece::Data => {
                data.extend_from_slice(part);
                at.extend((0..part.len()).map(|byte| place(index + byte)));
            }
            Piece::OtherBegan(held) => field = held.to_vec(),
            Piece::Other => field.extend_from_slice(part),
            // Data of several lines is one text with line ends (WHATWG HTML, 9.2.6).
            Piece::LineEnd(Line::Data) => {
                data.push(b'\n');
                at.push(place(index));
            }
            Piece::LineEnd(Line::Other) => {
                let field = std::mem::take(&mut field);
                if let Some(name) = field.strip_prefix(b"event:") {
                    is_endpoint = name.strip_prefix(b" ").unwrap_or(name) == b"endpoint";
                }
            }
            Piece::LineEnd(Line::Blank) | Piece::Frame(_) | Piece::Break => {}
        }
        index += step.len;
    }
    // The last line end is none of the text.
    if data.last() == Some(&b'\n') {
        data.pop();
    } else {
        at.push(place(index));
    }
    if is_endpoint {
        return Ok(());
    }
    let source = Source { bytes: &data, at: Some(&at) };
    if matches!(data.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return json(&source, 0, "", reads);
    }
    plain(&source, reads);
    Ok(())
}

/// Nothing is found where there is no letter and no digit.
fn keep(read: Read, reads: &mut Vec<Read>) -> Result<(), Unread> {
    if !read.text.chars().any(char::is_alphanumeric) {
        return Ok(());
    }
    if reads.len() >= RECOGNIZED_TEXTS {
        return Err(Unread::TooMany);
    }
    reads.push(read);
    Ok(())
}
