//! The parts of a window that are to be masked, in the order of the text.

use std::cmp::Reverse;

use memchr::{memchr, memchr2};

use super::{Env, Place, Text, Window};
use crate::mask::cells::may_have_rows;
use crate::mask::detectors::{Found, Tail, View};
use crate::mask::levels::{DEEPEST, LEVELS, Levels, READINGS};
use crate::mask::nest::{Structure, Walk, around};
use crate::mask::rules::Label;
use crate::mask::scan::{Scan, Tells};
use crate::mask::table::Part;
use crate::mask::{number, wrapped};

/// A part of the window to be masked.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) level: usize,
    pub(super) label: Label,
    /// In a member name, of this text or of JSON in it.
    pub(super) in_name: bool,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Match(Tail),
    /// A match that begins within an escape of a deeper level, and was made to begin before it.
    Widened(Tail),
    /// What is decoded out of another writing, so that no part of what is written stands for a part of the value.
    Wrapped(Tail),
    Number,
    Field {
        open: bool,
    },
}

impl Text {
    /// Collects what is to be masked, in the order of the text; `only_fields` where nothing else can be found.
    pub(super) fn find(
        &mut self,
        env: &Env<'_>,
        view: &Window<'_>,
        tells: Option<Tells<'_>>,
        only_fields: bool,
        spans: &mut Vec<Span>,
        structure: &mut Structure,
    ) {
        let Self { nests, table, walked, cut, wraps, placed, .. } = self;
        let Window { levels, limit, last } = view;
        let (mut fields, mut integers, mut cells) = (false, false, false);
        // Without a bracket there is no structure, at any level.
        let has_brackets = memchr2(b'{', b'[', levels.text(DEEPEST)).is_some();
        for level in (0..READINGS).filter(|level| !only_fields && (*level == 0 || !levels.is_same(*level))) {
            let text = levels.text(level);
            let name = if *cut { &[] } else { env.name };
            let differs = levels.differs(level);
            let scan = Scan {
                view: View::new(text, name),
                text,
                from: levels.at_or_after(level, *walked).max(differs.start),
                limit: levels.at_or_after(level, *limit).min(differs.end),
            };
            let mut covered = 0..0;
            let mut take = |label, found: Found| {
                // What begins and ends in a match is masked with it.
                if found.tail == Tail::None && covered.start < found.start && found.end <= covered.end {
                    return;
                }
                let span = Span::new(levels, level, label, found);
                if matches!(span.kind, Kind::Match(_)) && found.end > covered.end {
                    covered = found.start..found.end;
                }
                spans.push(span);
            };
            let seen = match tells {
                Some(tells) => scan.candidates_at(env.profile, tells, |at| levels.at_or_before(level, at), &mut take),
                None => scan.candidates(env.profile, &mut take),
            };
            fields |= seen.field;
            cells |= seen.name;
            // A fraction that stands for an integer is looked at where JSON is read.
            integers |= has_brackets && level < LEVELS && number::may_stand(env.profile, text);
            // Base64 has no escapes in it but for slashes and line breaks, which the deepest level has resolved.
            if (level + 1..=DEEPEST).any(|deeper| !levels.is_same(deeper)) || tells.is_some_and(|tells| !tells.have_base64()) {
                continue;
            }
            wrapped::runs(text, scan.from, scan.limit, &mut |run| {
                let Some(label) = wrapped::look(env.profile, text.get(run.clone()).unwrap_or_default(), *wraps) else { return };
                let tail = if run.len() > wrapped::LONGEST { Tail::Base64 } else { Tail::None };
                let span = Span::new(levels, level, label, Found { start: run.start, end: run.end, tail });
                spans.push(Span { kind: Kind::Wrapped(tail), ..span });
            });
        }
        if !only_fields && !matches!(env.place, Place::Name) && env.profile.reads_tables() {
            let part = Part {
                text: levels.text(DEEPEST),
                from: levels.at_or_after(DEEPEST, *walked),
                limit: levels.at_or_after(DEEPEST, *limit),
                last: *last,
                cut: *cut,
            };
            table.read(env.profile, &part, &mut |label, found| spans.push(Span::new(levels, DEEPEST, label, found)));
        }
        structure.clear(!spans.is_empty());
        // In a text that ends here, structure is good for nothing but fields, names apart from values, such integers and what was found.
        let alone = *last && !*cut;
        // Names apart from their values are told by lists, or are those of secrets.
        cells = has_brackets && env.profile.reads_tables() && (cells || (alone && may_have_rows(env.profile, levels.text(DEEPEST))));
        fields &= env.profile.has_fields();
        #[cfg(test)]
        let alone = alone && !crate::mask::quick_tests::is_careful();
        fields |= env.profile.has_fields() && has_brackets && memchr(b'\\', levels.text(DEEPEST)).is_some();
        if !matches!(env.place, Place::Name) && (!alone || ((fields || integers || cells || !spans.is_empty()) && has_brackets)) {
            *placed = true;
            let walk = Walk { levels, profile: env.profile };
            nests.walk(&walk, env.path, *walked..*limit, *last, structure);
        }
        spans.extend(structure.cells.iter().map(|cell| Span::new(levels, cell.level, cell.label, cell.found)));
        for span in spans.iter_mut() {
            if let Some(number) = around(&structure.numbers, span.start, span.end) {
                *span = Span { start: number.start, end: number.end, kind: Kind::Number, ..*span };
            }
            // A name that the window cuts has its end further on.
            span.in_name |= around(&structure.names, span.start, span.start.saturating_add(1)).is_some();
        }
        spans.extend(structure.fields.iter().map(|field| Span {
            start: field.start,
            end: field.end,
            level: field.level,
            label: field.label,
            in_name: false,
            kind: if field.number { Kind::Number } else { Kind::Field { open: field.open } },
        }));
        // How far a tail goes is not known yet; no further than the field that it stands in.
        let reach = |span: &Span| (matches!(span.kind, Kind::Field { .. }), if span.kind.has_tail() { usize::MAX } else { span.end });
        spans.sort_unstable_by_key(|span| (span.start, Reverse(reach(span)), span.label.rule, span.label.is_vague(), span.level));
        drop_widened(spans);
    }
}

impl Kind {
    fn has_tail(self) -> bool {
        matches!(self, Self::Match(tail) | Self::Widened(tail) | Self::Wrapped(tail) if tail != Tail::None)
    }
}

impl Span {
    fn new(levels: &Levels<'_>, level: usize, label: Label, found: Found) -> Self {
        let written = levels.raw_start(level, found.start);
        let start = levels.floor(written);
        let end = levels.ceil(levels.raw_end(level, found.end));
        let kind = if start < written { Kind::Widened(found.tail) } else { Kind::Match(found.tail) };
        Self { start, end, level, label, in_name: false, kind }
    }
}

/// `x\nfoo@example.com`: the level that has the escape unresolved reads an address `nfoo@...`. Where a deeper level reads
/// the same value from after the escape on, that one is right.
fn drop_widened(spans: &mut Vec<Span>) {
    if !spans.iter().any(|span| matches!(span.kind, Kind::Widened(_))) {
        return;
    }
    let right = |at: usize, span: &Span| {
        let better = |other: &Span| other.level > span.level && other.end == span.end && other.label == span.label;
        let mut near = spans.iter().skip(at + 1).take_while(|other| other.start < span.end);
        near.any(better)
    };
    let mut dropped: Vec<bool> =
        spans.iter().enumerate().map(|(at, span)| matches!(span.kind, Kind::Widened(_)) && right(at, span)).rev().collect();
    spans.retain(|_| !dropped.pop().unwrap_or_default());
}
