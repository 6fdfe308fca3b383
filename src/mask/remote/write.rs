//! Findings of a recognizer, masked where they are written. What it says is not trusted: a place outside of its text makes all of it worth nothing.

use std::cmp::Reverse;
use std::ops::Range;

use super::super::findings::Findings;
use super::super::operator::{Operation, Sink};
use super::super::profile::Profile;
use super::super::rules::{Label, Source};
use super::read::{Read, Texts};

/// One finding in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// In characters (Unicode code points) of the text.
    pub start: usize,
    pub end: usize,
    /// As the recognizer calls it.
    pub entity: String,
}

/// A message as it may leave.
#[derive(Debug)]
pub struct Masked {
    pub bytes: Vec<u8>,
    pub findings: Findings,
    /// The rule that withholds the whole message, if one that found something does.
    pub refused: Option<String>,
}

/// A finding is not in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a finding lies outside of its text")]
pub struct OutOfRange;

/// A part of a text, in bytes.
struct Span {
    at: Range<usize>,
    rule: u16,
}

impl Texts {
    /// The message with what was found in it masked. `found` has one list for each text that was shown.
    pub fn mask(&self, profile: &Profile, recognizer: &str, found: &[Vec<Found>], message: &[u8]) -> Result<Masked, OutOfRange> {
        if found.len() != self.shown().len() {
            return Err(OutOfRange);
        }
        let mut masked = Masked { bytes: Vec::with_capacity(message.len()), findings: Findings::default(), refused: None };
        let mut done = 0;
        for (read, shown) in self.reads.iter().zip(&self.shown) {
            let found = found.get(*shown).map(Vec::as_slice).unwrap_or_default();
            if found.is_empty() {
                continue;
            }
            for span in spans(profile, recognizer, found, &read.text)? {
                done = masked.replace(profile, read, &span, message, done);
            }
        }
        masked.bytes.extend_from_slice(message.get(done..).unwrap_or_default());
        Ok(masked)
    }
}

impl Masked {
    /// Writes the message up to the end of the span; returns where that is.
    fn replace(&mut self, profile: &Profile, read: &Read, span: &Span, message: &[u8], done: usize) -> usize {
        let label = Label { rule: span.rule, source: Source::Remote };
        let Some(rule) = profile.rule(label) else { return done };
        let place = |byte: usize| read.at.get(byte).map_or(message.len(), |at| usize::try_from(*at).unwrap_or(message.len()));
        let (start, end) = (place(span.at.start).max(done), place(span.at.end).max(done));
        let Self { bytes, findings, refused } = self;
        bytes.extend_from_slice(message.get(done..start).unwrap_or_default());
        let text = read.text.get(span.at.clone()).unwrap_or_default();
        let mut sink = Sink::begin(rule, label, None, bytes);
        if sink.wants_text() {
            sink.text(text.as_bytes());
        }
        if sink.wants_characters() {
            for (offset, char) in text.char_indices() {
                let from = span.at.start + offset;
                let written = message.get(place(from)..place(from + char.len_utf8())).unwrap_or_default();
                sink.character(written, bytes);
            }
        }
        sink.end(rule, bytes);
        findings.add(&rule.id, label, || read.path.clone(), text.len());
        if matches!(rule.operation, Operation::Refuse) {
            refused.get_or_insert_with(|| rule.id.to_string());
        }
        end
    }
}

/// What is to be masked of a text: in order, apart, and nothing of what was masked before.
fn spans(profile: &Profile, recognizer: &str, found: &[Found], text: &str) -> Result<Vec<Span>, OutOfRange> {
    let places: Vec<usize> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
    let masked = placeholders(text);
    let mut spans: Vec<Span> = Vec::new();
    for Found { start, end, entity } in found {
        let (Some(from), Some(to)) = (places.get(*start), places.get(*end)) else { return Err(OutOfRange) };
        if from > to {
            return Err(OutOfRange);
        }
        // What was not asked for is no finding.
        let Some(rule) = profile.remote_rule(recognizer, entity) else { continue };
        spans.extend(around(&masked, *from..*to).map(|at| Span { at, rule }));
    }
    spans.sort_unstable_by_key(|span| (span.at.start, Reverse(span.at.end), span.rule));
    let refuses = |rule: u16| {
        let label = Label { rule, source: Source::Remote };
        profile.rule(label).is_some_and(|rule| matches!(rule.operation, Operation::Refuse))
    };
    let mut apart: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match apart.last_mut().filter(|last| span.at.start < last.at.end) {
            // Of findings that overlap all is masked, as one.
            Some(last) => {
                last.at.end = last.at.end.max(span.at.end);
                if refuses(span.rule) && !refuses(last.rule) {
                    last.rule = span.rule;
                }
            }
            None => apart.push(span),
        }
    }
    Ok(apart)
}

/// The parts of a range that are outside of `holes`, which are in order.
fn around(holes: &[Range<usize>], range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let first = holes.partition_point(|hole| hole.end <= range.start);
    let inside = holes.get(first..).unwrap_or_default().iter().take_while(move |hole| hole.start < range.end);
    let ends = inside.clone().map(|hole| hole.start).chain([range.end]);
    let starts = std::iter::once(range.start).chain(inside.map(|hole| hole.end));
    starts.zip(ends).map(|(start, end)| start..end).filter(|part| part.start < part.end)
}

/// What stands where something was masked: `[MASKED:email]`, `[MASKED:email:3f2a..]`. To a model of language it may look like a name.
fn placeholders(text: &str) -> Vec<Range<usize>> {
    const HEAD: &[u8] = b"[MASKED:";
    const LONGEST: usize = 96;
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, HEAD)
        .filter_map(|start| {
            let name = bytes.get(start + HEAD.len()..).unwrap_or_default();
            let len = name.iter().take(LONGEST).position(|byte| *byte == b']')?;
            let is_plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b':');
            name.get(..len)?.iter().all(is_plain).then_some(start..start + HEAD.len() + len + 1)
        })
        .collect()
}
