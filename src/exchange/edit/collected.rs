//! Bytes of one message that wait, with the framing between them.

use std::ops::Range;

use super::splice::Splice;

/// What a run of bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text of the message.
    Data,
    /// What makes a line one of data, its line break included.
    Frame,
    /// Lines that are not data.
    Other,
}

/// Raw bytes, as runs of one kind.
#[derive(Debug, Default)]
pub(super) struct Collected {
    raw: Vec<u8>,
    /// Each with its end in `raw`.
    runs: Vec<(Kind, usize)>,
}

impl Collected {
    pub(super) fn push(&mut self, kind: Kind, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.close(kind);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    pub(super) fn held(&self) -> usize {
        self.raw.len()
    }

    /// The message as its reader has it: the lines of data with a line break before each.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.raw.len());
        for (kind, range) in self.runs() {
            match kind {
                Kind::Data => text.extend_from_slice(self.raw.get(range).unwrap_or_default()),
                Kind::Frame if begins_line(self.raw.get(range.clone()).unwrap_or_default()) => text.push(b'\n'),
                Kind::Frame | Kind::Other => {}
            }
        }
        text
    }

    /// Applies edits, whose ranges are in [`Collected::text`], in order and apart.
    pub(super) fn edit(&mut self, edits: &[Splice]) {
        let old = std::mem::take(self);
        let mut at = 0_usize;
        let mut edits = edits.iter().peekable();
        let mut skip_to = 0_usize;
        for (kind, range) in old.runs() {
            let bytes = old.raw.get(range).unwrap_or_default();
            if kind != Kind::Data {
                at = at.saturating_add(usize::from(kind == Kind::Frame && begins_line(bytes)));
                self.push(kind, bytes);
                continue;
            }
            let end = at.saturating_add(bytes.len());
            let part = |from: usize, to: usize| bytes.get(from.saturating_sub(at)..to.saturating_sub(at)).unwrap_or_default();
            let mut from = at.max(skip_to).min(end);
            while let Some(edit) = edits.peek().filter(|edit| edit.at.start < end) {
                let start = edit.at.start.max(from);
                self.push(Kind::Data, part(from, start));
                self.push(Kind::Data, &edit.new);
                skip_to = edit.at.end;
                from = skip_to.clamp(start, end);
                edits.next();
            }
            self.push(Kind::Data, part(from, end));
            at = end;
        }
    }

    /// Takes the message out and leaves the lines around it: an event without data is none, and its id stays the last one.
    pub(super) fn remove(&mut self) {
        let old = std::mem::take(self);
        for (kind, range) in old.runs().filter(|(kind, _)| *kind == Kind::Other) {
            self.push(kind, old.raw.get(range).unwrap_or_default());
        }
    }

    /// Lets everything go.
    pub(super) fn drain(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.raw);
        self.runs.clear();
    }

    fn runs(&self) -> impl Iterator<Item = (Kind, Range<usize>)> {
        let starts = std::iter::once(0).chain(self.runs.iter().map(|(_, end)| *end));
        starts.zip(&self.runs).map(|(start, (kind, end))| (*kind, start..*end))
    }

    fn close(&mut self, kind: Kind) {
        let end = self.raw.len();
        match self.runs.last_mut() {
            // Each frame of its own, so that the line breaks in them can be counted.
            Some((last, at)) if *last == kind && kind != Kind::Frame => *at = end,
            _ => self.runs.push((kind, end)),
        }
    }
}

/// Its reader has one line break between two lines of data, whatever bytes it is made of. Here one stands before the first, too.
fn begins_line(frame: &[u8]) -> bool {
    frame.ends_with(b"data:")
}
