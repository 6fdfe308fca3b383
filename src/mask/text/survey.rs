//! Texts that are looked at and not written: what would be masked in them.

use std::cmp::Reverse;
use std::ops::Range;

use super::quiet::passes;
use super::spans::{Kind, Span};
use super::tails::tail_end;
use super::{Env, Scratch, Text, Window};
use crate::mask::detectors::View;
use crate::mask::findings::Findings;
use crate::mask::levels::{LAST, Writing};
use crate::mask::profile::Profile;
use crate::mask::rules::Label;
use crate::mask::scan::{Scan, has_signs};

/// What would be masked in a whole text.
pub(crate) struct Piece {
    pub(crate) at: Range<usize>,
    pub(crate) label: Label,
}

impl Text {
    /// Whether something is found in a short text that cannot be replaced in part: a number.
    pub(crate) fn look_at(profile: &Profile, name: &[u8], text: &[u8]) -> Option<Label> {
        let scan = Scan { view: View::new(text, name), text, from: 0, limit: text.len() };
        let mut first: Option<(usize, Reverse<usize>, u16, Label)> = None;
        scan.candidates(profile, &mut |label, found| {
            let candidate = (found.start, Reverse(found.end), label.rule, label);
            let earlier = first.is_none_or(|(start, end, rule, _)| (candidate.0, candidate.1, candidate.2) < (start, end, rule));
            if earlier {
                first = Some(candidate);
            }
        });
        first.map(|(_, _, _, label)| label)
    }

    /// For what the digits of a number are masked that is written otherwise, if they are.
    pub(crate) fn look_at_digits(profile: &Profile, name: &[u8], digits: &[u8]) -> Option<Label> {
        let may_be = profile.may_find_by_name(name, digits) || profile.may_find_digits(digits, false);
        if may_be { Self::look_at(profile, name, digits) } else { None }
    }

    /// For what a whole text would be masked first, if it would; `wraps` is how often it was decoded out of another.
    pub(crate) fn first_in(profile: &Profile, bytes: &[u8], wraps: u8) -> Option<Label> {
        if passes(profile, &[], bytes, || has_signs(profile, bytes)) {
            return None;
        }
        Self::survey(profile, bytes, wraps, |_, spans| spans.first().map(|span| span.label))
    }

    /// What would be masked in a whole text, in order and apart, but for fields.
    pub(crate) fn pieces(profile: &Profile, bytes: &[u8]) -> Vec<Piece> {
        Self::survey(profile, bytes, 0, |view, spans| {
            let mut pieces: Vec<Piece> = Vec::new();
            for span in spans {
                let (Kind::Match(tail) | Kind::Widened(tail) | Kind::Wrapped(tail)) = span.kind else { continue };
                let (end, _) = tail_end(view, LAST, view.levels.at_or_after(LAST, span.end), tail);
                let end = span.end.max(view.levels.ceil(view.levels.raw_end(LAST, end)));
                // Of what begins in the one before, the rest.
                let start = pieces.last().map_or(0, |last| last.at.end).max(span.start);
                if start < end {
                    pieces.push(Piece { at: start..end, label: span.label });
                }
            }
            pieces
        })
    }

    /// Looks at a text that is all there; it must not be longer than what levels are made for.
    fn survey<T>(profile: &Profile, bytes: &[u8], wraps: u8, told: impl FnOnce(&Window<'_>, &[Span]) -> T) -> T {
        let mut text = Self { wraps, ..Self::default() };
        let mut scratch = profile.take_scratch();
        let Scratch { levels, spans, structure, .. } = &mut *scratch;
        spans.clear();
        let view = Window { levels: levels.resolve(bytes, Writing::Plain, false), limit: bytes.len(), last: true };
        text.find(&Env::of_text(profile, &mut Findings::default()), &view, None, false, spans, structure);
        let told = told(&view, spans);
        profile.put_scratch(scratch);
        told
    }
}
