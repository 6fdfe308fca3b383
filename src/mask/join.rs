//! What is split over neighbouring text blocks of one message (`content: [{"type":"text","text":"4111 1111"}, ...]`), where the policy
//! asks for it (`responses.join_text`): the end of a block waits for the beginning of the next, both are looked at as one text, and what
//! lies across the border is masked in each of them. The masker reads what comes out of here.
//!
//! Held are the last bytes of a block, what stands between two, and the first bytes of the next, all bounded. In an event stream a block that
//! ends with its line of data has no neighbour.

use std::ops::Range;

use super::MaskError;
use super::detectors::BEHIND;
use super::findings::{Findings, PATH_BYTES};
use super::operator::Sink;
use super::profile::Profile;
use super::text::{Piece, Text};
use crate::wire::escape::Unescaped;
use crate::wire::json::{Event, Lexer};
use crate::wire::path::{NAME_BYTES, Path, Step};

/// Most bytes between two blocks that are neighbours: the end of one, annotations, the beginning of the other.
const GAP: usize = 1024;

/// Blocks that are one text at most.
const BLOCKS: usize = 16;

/// Bytes a block may grow by before what is not needed of it any more goes on.
const SLACK: usize = 4096;

/// Bytes that the longest escape takes for one of text.
const ESCAPE: usize = 6;

/// Bytes at the end of what has come so far that may turn out to be something else: a pair of escapes, or a part of one.
const UNSURE: usize = 16;

#[derive(Default)]
pub(crate) struct Joiner {
    lexer: Lexer,
    path: Path,
    name: Vec<u8>,
    /// Bytes that wait.
    held: Vec<u8>,
    /// The contents of blocks in `held`, as written, in order.
    parts: Vec<Range<usize>>,
    /// The last of them goes on.
    open: bool,
    /// Bytes since the last of them ended.
    gap: usize,
    /// The depth of the array they are in.
    depth: usize,
}

impl Joiner {
    pub(crate) fn push(&mut self, profile: &Profile, findings: &mut Findings, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), MaskError> {
        let mut rest = chunk;
        while let Some(step) = self.lexer.step(rest)? {
            let (bytes, after) = rest.split_at_checked(step.len).unwrap_or((rest, &[]));
            rest = after;
            self.event(profile, findings, step.event, bytes, out);
        }
        Ok(())
    }

    /// Nothing waits any more: the text ends, or a line of it.
    pub(crate) fn flush(&mut self, profile: &Profile, findings: &mut Findings, out: &mut Vec<u8>) {
        self.decide(profile, findings, out);
        out.append(&mut self.held);
        self.parts.clear();
    }

    /// A line break between two events.
    pub(crate) fn line_break(&mut self) -> Result<(), MaskError> {
        self.lexer.line_break()?;
        Ok(())
    }

    pub(crate) fn held(&self) -> usize {
        size_of::<Self>()
            + self.path.held()
            + self.name.capacity()
            + self.held.capacity()
            + self.parts.capacity() * size_of::<Range<usize>>()
    }

    fn event(&mut self, profile: &Profile, findings: &mut Findings, event: Event, bytes: &[u8], out: &mut Vec<u8>) {
        match event {
            Event::Comma => self.path.next(),
            Event::Open { array } => self.path.open(array),
            Event::Quote { name: true } => self.name.clear(),
            Event::Content if self.lexer.in_name() => {
                let room = (ESCAPE * (NAME_BYTES + 1)).saturating_sub(self.name.len());
                self.name.extend(bytes.iter().take(room));
            }
            Event::Unquote { name: true } => {
                let mut name = Unescaped::default();
                name.resolve(&self.name);
                self.path.member(&name.text, false);
            }
            Event::Quote { name: false } if is_text_block(&self.path) => {
                self.pass(profile, findings, bytes, out);
                self.parts.push(self.held.len()..self.held.len());
                self.open = true;
                self.depth = self.path.depth().saturating_sub(1);
                return;
            }
            Event::Content if self.open => {
                for piece in bytes.chunks(SLACK) {
                    self.grow(profile, findings, piece, out);
                }
                return;
            }
            Event::Unquote { name: false } if self.open => {
                self.open = false;
                self.gap = 0;
                self.held.extend_from_slice(bytes);
                if self.parts.len() >= BLOCKS {
                    self.decide(profile, findings, out);
                }
                return;
            }
            Event::Close => {
                self.path.close();
                self.pass(profile, findings, bytes, out);
                if self.path.depth() < self.depth {
                    self.flush(profile, findings, out);
                }
                return;
            }
            _ => {}
        }
        self.pass(profile, findings, bytes, out);
    }

    /// What is not of a block.
    fn pass(&mut self, profile: &Profile, findings: &mut Findings, bytes: &[u8], out: &mut Vec<u8>) {
        if self.parts.is_empty() {
            return out.extend_from_slice(bytes);
        }
        self.gap = self.gap.saturating_add(bytes.len());
        if self.gap > GAP {
            self.flush(profile, findings, out);
            return out.extend_from_slice(bytes);
        }
        self.held.extend_from_slice(bytes);
    }

    /// More of the block that goes on.
    fn grow(&mut self, profile: &Profile, findings: &mut Findings, bytes: &[u8], out: &mut Vec<u8>) {
        self.held.extend_from_slice(bytes);
        let (len, join) = (self.held.len(), profile.join());
        let Some(part) = self.parts.last_mut() else { return };
        part.end = len;
        let part = part.clone();
        if self.parts.len() > 1 {
            let mut text = Unescaped::default();
            text.resolve(self.held.get(part.clone()).unwrap_or_default());
            if text.text.len() >= join + UNSURE {
                self.decide(profile, findings, out);
            }
        } else if part.len() > ESCAPE * join + SLACK {
            let cut = boundary(self.held.get(part.clone()).unwrap_or_default(), part.len() - ESCAPE * join);
            self.release(part.start + cut, out);
        }
    }

    fn release(&mut self, to: usize, out: &mut Vec<u8>) {
        let to = to.min(self.held.len());
        out.extend(self.held.drain(..to));
        for part in &mut self.parts {
            *part = part.start.saturating_sub(to)..part.end.saturating_sub(to);
        }
    }

    /// Masks what lies across a border in what is held, and lets go of all but the last block, which may have another neighbour.
    fn decide(&mut self, profile: &Profile, findings: &mut Findings, out: &mut Vec<u8>) {
        let Some(last) = self.parts.last().cloned().filter(|_| self.parts.len() > 1) else { return };
        let joined = Joined::of(&self.held, &self.parts, self.open, profile.join());
        let mut done = 0;
        for piece in joined.across(profile) {
            let Some(rule) = profile.rule(piece.label) else { continue };
            let mut is_told = false;
            // All that stands for the value stands in the first block; the others are without their part of it.
            for written in joined.written(&piece.at) {
                out.extend_from_slice(self.held.get(done..written.start).unwrap_or_default());
                done = written.end;
                if std::mem::replace(&mut is_told, true) {
                    continue;
                }
                let mut begun = Sink::begin(rule, piece.label, None, out);
                begun.text(joined.text.get(piece.at.clone()).unwrap_or_default());
                if begun.wants_characters() {
                    joined.characters(&self.held, &piece.at).for_each(|character| begun.character(character, out));
                }
                begun.end(rule, out);
            }
            findings.add(&rule.id, piece.label, || self.path.show(PATH_BYTES), piece.at.len());
        }
        let kept = last.start.max(done);
        out.extend_from_slice(self.held.get(done..kept).unwrap_or_default());
        self.held.drain(..kept.min(self.held.len()));
        self.parts.clear();
        self.parts.push(last.start.saturating_sub(kept)..last.end.saturating_sub(kept));
    }
}

/// Blocks read as one text.
struct Joined {
    text: Vec<u8>,
    parts: Vec<Part>,
}

struct Part {
    /// Where it stands in the text.
    at: Range<usize>,
    /// Where its content begins in what is held, and of that, resolved, where the text begins with it.
    start: usize,
    from: usize,
    content: Unescaped,
}

impl Joined {
    /// The end of the first block, the ones between, and of the last, where it goes on, the beginning.
    fn of(held: &[u8], parts: &[Range<usize>], open: bool, join: usize) -> Self {
        let mut joined = Self { text: Vec::new(), parts: Vec::with_capacity(parts.len()) };
        for (index, part) in parts.iter().enumerate() {
            let mut content = Unescaped::default();
            content.resolve(held.get(part.clone()).unwrap_or_default());
            let len = content.text.len();
            let from = if index == 0 { floor(&content.text, len.saturating_sub(join)) } else { 0 };
            let to = if open && index + 1 == parts.len() { floor(&content.text, join) } else { len };
            let start = joined.text.len();
            joined.text.extend_from_slice(content.text.get(from..to).unwrap_or_default());
            joined.parts.push(Part { at: start..joined.text.len(), start: part.start, from, content });
        }
        joined
    }

    /// What no block shows by itself: what begins in one and ends in another, or is told by what another ends with. Where that cuts
    /// something which a block does show, it takes the rest with it.
    fn across(&self, profile: &Profile) -> Vec<Piece> {
        let mut across = Text::pieces(profile, &self.text);
        if across.is_empty() {
            return across;
        }
        let alone: Vec<Range<usize>> = self
            .parts
            .iter()
            .flat_map(|part| {
                let pieces = Text::pieces(profile, self.text.get(part.at.clone()).unwrap_or_default());
                pieces.into_iter().map(|piece| piece.at.start + part.at.start..piece.at.end + part.at.start)
            })
            .collect();
        across.retain(|piece| {
            let Some(part) = self.parts.iter().find(|part| part.at.contains(&piece.at.start)) else { return false };
            let is_near = part.at.start > 0 && piece.at.start - part.at.start < BEHIND;
            piece.at.end > part.at.end || (is_near && !alone.iter().any(|one| one.start <= piece.at.start && piece.at.end <= one.end))
        });
        let mut done = 0;
        for piece in &mut across {
            for one in &alone {
                if one.start < piece.at.end && piece.at.start < one.end {
                    piece.at = piece.at.start.min(one.start)..piece.at.end.max(one.end);
                }
            }
            piece.at.start = piece.at.start.max(done);
            done = done.max(piece.at.end);
        }
        across.retain(|piece| piece.at.start < piece.at.end);
        across
    }

    /// The parts of what is held that a part of the text is written in.
    fn written(&self, at: &Range<usize>) -> Vec<Range<usize>> {
        let touched = self.parts.iter().filter(|part| part.at.start < at.end && at.start < part.at.end);
        touched
            .map(|part| {
                let place = |at: usize| at.clamp(part.at.start, part.at.end) - part.at.start + part.from;
                part.start + part.content.source_start(place(at.start))..part.start + part.content.source_end(place(at.end))
            })
            .collect()
    }

    /// The characters of a part of the text, as they are written.
    fn characters<'h>(&self, held: &'h [u8], at: &Range<usize>) -> impl Iterator<Item = &'h [u8]> {
        let starts = at.clone().filter(|at| self.text.get(*at).is_some_and(|byte| byte & 0xC0 != 0x80));
        let ends =
            |start: usize| (start + 1..at.end).find(|at| self.text.get(*at).is_some_and(|byte| byte & 0xC0 != 0x80)).unwrap_or(at.end);
        starts.flat_map(move |start| self.written(&(start..ends(start)))).filter_map(|written| held.get(written))
    }
}

/// The last place between two characters that is not after `at`.
fn floor(text: &[u8], at: usize) -> usize {
    let mut place = at.min(text.len());
    while place > 0 && text.get(place).is_some_and(|byte| byte & 0xC0 == 0x80) {
        place -= 1;
    }
    place
}

/// `text` of an element of `content` or `contents`.
fn is_text_block(path: &Path) -> bool {
    let mut steps = path.steps().rev();
    steps.next().and_then(Step::name) == Some(b"text")
        && matches!(steps.next(), Some(Step::Element(_)))
        && matches!(steps.next().and_then(Step::name), Some(b"content" | b"contents"))
}

/// The last place between two characters of a string's content that is not after `at`.
fn boundary(content: &[u8], at: usize) -> usize {
    let mut text = Unescaped::default();
    text.resolve(content);
    text.source_start(floor(&text.text, text.text_at_or_before(at)))
}
