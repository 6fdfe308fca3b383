//! What is written in place of a value, also of one that goes on over windows.

use super::spans::{Kind, Span};
use super::tails::tail_end;
use super::{Env, Place, Text, Window};
use crate::mask::detectors::Tail;
use crate::mask::findings::PATH_BYTES;
use crate::mask::levels::{DEEPEST, LAST, Levels};
use crate::mask::number;
use crate::mask::operator::Sink;
use crate::mask::rules::Label;

pub(super) struct Open {
    pub(super) sink: Sink,
    pub(super) label: Label,
    pub(super) level: usize,
    pub(super) until: Until,
    /// Bytes of the value so far, escapes resolved.
    pub(super) len: usize,
}

/// How far a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    Tail(Tail),
    /// A field's end, which [`Nests`] tells.
    Field,
    /// The text's end.
    TextEnd,
}

impl Text {
    /// Goes on with the value that was open when the window began; returns up to where the window is decided.
    pub(super) fn go_on(&mut self, env: &mut Env<'_>, view: &Window<'_>, spans: &[Span], out: &mut Vec<u8>) -> usize {
        let levels = &view.levels;
        let decided = self.decided;
        let Some(mut open) = self.open.take() else { return decided };
        let (end, ends) = match open.until {
            Until::TextEnd => (view.limit, view.last),
            Until::Tail(tail) => {
                let at = levels.at_or_after(open.level, decided);
                let (end, ends) = tail_end(view, open.level, at, tail);
                (levels.ceil(levels.raw_end(open.level, end)), ends)
            }
            Until::Field => {
                let on = spans.iter().find(|span| span.start == decided && matches!(span.kind, Kind::Field { .. }));
                on.map_or((decided, true), |span| (span.end, span.kind != Kind::Field { open: true }))
            }
        };
        feed(&mut open, levels, decided, end, out);
        self.settle(env, open, ends, out);
        end
    }

    /// Masks one part of the window; returns up to where the window is decided.
    pub(super) fn mask(&mut self, env: &mut Env<'_>, view: &Window<'_>, span: Span, decided: usize, out: &mut Vec<u8>) -> usize {
        let levels = &view.levels;
        let Span { start, mut end, mut level, label, in_name, kind } = span;
        if self.open.is_some() {
            let further = self.overlap.is_none_or(|overlap| overlap.end < end);
            self.overlap = if further { Some(span) } else { self.overlap };
            return decided;
        }
        // Of a match that begins in one before it, what is left is masked too; of a number nothing can be left.
        let start = if kind == Kind::Number { start } else { start.max(decided) };
        let Some(rule) = env.profile.rule(label).filter(|_| start >= decided && start < end) else { return decided };
        out.extend_from_slice(levels.raw().get(decided..start).unwrap_or_default());
        let from = levels.at_or_after(level, start);
        if kind == Kind::Number {
            let token = levels.text(level).get(from..levels.at_or_after(level, end)).unwrap_or_default();
            number::write(rule, token, out);
            env.findings.add(&rule.id, label, || env.path.show(PATH_BYTES), token.len());
            return end;
        }
        let again = if in_name || matches!(env.place, Place::Name) {
            self.names_masked = self.names_masked.saturating_add(1);
            Some(self.names_masked)
        } else {
            matches!(kind, Kind::Wrapped(_)).then_some(0)
        };
        let sink = Sink::begin(rule, label, again, out);
        let (until, ends) = match kind {
            Kind::Field { open } => (Until::Field, !open),
            Kind::Match(Tail::None) | Kind::Widened(Tail::None) | Kind::Wrapped(Tail::None) | Kind::Number => (Until::TextEnd, true),
            Kind::Match(tail) | Kind::Widened(tail) | Kind::Wrapped(tail) => {
                // However its characters are written further on.
                level = match tail {
                    Tail::Armor => level,
                    // What stands for the sign that ends it, in a URL say, is the value's own where its beginning is written as it is.
                    Tail::Value(_) => level.max(DEEPEST),
                    _ => LAST,
                };
                let (to, ends) = tail_end(view, level, levels.at_or_after(level, end), tail);
                end = end.max(levels.ceil(levels.raw_end(level, to)));
                (Until::Tail(tail), ends)
            }
        };
        let mut open = Open { sink, label, level, until, len: 0 };
        feed(&mut open, levels, start, end, out);
        self.settle(env, open, ends, out);
        end
    }

    /// A value has ended, or goes on in the next window.
    fn settle(&mut self, env: &mut Env<'_>, open: Open, ends: bool, out: &mut Vec<u8>) {
        if !ends {
            self.open = Some(open);
            return;
        }
        if let Some(rule) = env.profile.rule(open.label) {
            open.sink.end(rule, out);
            env.findings.add(&rule.id, open.label, || env.path.show(PATH_BYTES), open.len);
        }
    }
}

/// More of an open value.
fn feed(open: &mut Open, levels: &Levels<'_>, from: usize, to: usize, out: &mut Vec<u8>) {
    let (start, end) = (levels.at_or_after(open.level, from), levels.at_or_after(open.level, to));
    open.len = open.len.saturating_add(end.saturating_sub(start));
    if open.sink.wants_text() {
        open.sink.text(levels.text(open.level).get(start..end).unwrap_or_default());
    }
    if open.sink.wants_characters() {
        levels.characters(open.level, from, to).for_each(|character| open.sink.character(character, out));
    }
}
