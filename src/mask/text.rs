//! One text of any length, masked in windows of fixed size.
//!
//! Bytes are collected until the text ends or the window is full, never until a chunk ends: what is decided, and on what
//! grounds, follows from the text alone. In a full window findings may begin where all that a check could look at is
//! there ([`Levels::limit`]); the rest, with a little of what came before, is where the next window begins.

use std::cmp::Reverse;
use std::ops::Range;

use memchr::{memchr, memchr2, memmem};

use super::detectors::text::{is_base64, is_base64url};
use super::detectors::{AHEAD, BEHIND, Found, Tail, View};
use super::findings::{Findings, PATH_BYTES};
use super::levels::{DEEPEST, LAST, LEVELS, LevelStore, Levels, READINGS, Writing};
use super::nest::{Nests, Structure, Walk, around};
use super::number;
use super::operator::Sink;
use super::profile::Profile;
use super::rules::Label;
use super::scan::{Scan, has_signs};
use super::wrapped;
use crate::limits::MASK_WINDOW_BYTES;
use crate::wire::path::Path;

/// A window, in raw bytes.
const WINDOW: usize = MASK_WINDOW_BYTES;

/// Most raw bytes kept before what is undecided, for checks to look back on.
const KEPT: usize = 1024;

#[derive(Default)]
pub(crate) struct Text {
    window: Vec<u8>,
    /// The window's bytes before this are decided.
    decided: usize,
    /// The window's bytes before this were read by `nests`.
    walked: usize,
    /// The window does not begin where the text does.
    cut: bool,
    /// A value that is being masked and goes on.
    open: Option<Open>,
    /// A match that began within `open` and goes further than this window decides.
    overlap: Option<Span>,
    nests: Nests,
    /// Member names masked in all texts so far, which may not become alike.
    names_masked: u32,
    /// How often it was decoded out of another text.
    wraps: u8,
}

/// What a text is and where it stands.
pub(crate) struct Env<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) findings: &'a mut Findings,
    pub(crate) place: Place,
    pub(crate) path: &'a Path,
    /// The member name it stands under; empty when there is none.
    pub(crate) name: &'a [u8],
}

pub(crate) enum Place {
    /// Not in JSON.
    Plain,
    /// The content of a JSON string.
    Value,
    /// The content of a member name.
    Name,
    /// The content of a JSON string that is masked whole.
    Whole(Label),
}

struct Open {
    sink: Sink,
    label: Label,
    level: usize,
    until: Until,
    /// Bytes of the value so far, escapes resolved.
    len: usize,
}

/// How far a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    Tail(Tail),
    /// A field's end, which [`Nests`] tells.
    Field,
    /// The text's end.
    TextEnd,
}

/// A full window, or the last one, and up to where it is decided now.
struct Window<'a> {
    levels: Levels<'a>,
    limit: usize,
    last: bool,
}

/// What a look at a window as it was written tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quiet {
    /// It has to be read.
    No,
    /// It may hold JSON with members that a rule names, or go on with some; nothing else is found in it.
    ButForFields,
    /// Up to `limit` it leaves as it came, and up to `keep` it is needed no more.
    Passes { limit: usize, keep: usize },
}

/// A part of the window to be masked.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    level: usize,
    label: Label,
    /// In a member name, of this text or of JSON in it.
    in_name: bool,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
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

/// What would be masked in a whole text.
pub(crate) struct Piece {
    pub(crate) at: Range<usize>,
    pub(crate) label: Label,
}

/// Working memory of one window.
#[derive(Default)]
pub(crate) struct Scratch {
    levels: LevelStore,
    spans: Vec<Span>,
    structure: Structure,
}

impl Text {
    /// Takes more of the text, or with `last` the rest of it; appends to `out` what is decided.
    pub(crate) fn feed(&mut self, env: &mut Env<'_>, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        if last && self.window.is_empty() && bytes.len() <= WINDOW {
            // Whole and at hand: no need to collect it. Of a string the lexer's reader has told already that it is not quiet.
            let loud = !matches!(env.place, Place::Plain);
            self.decide(env, bytes, true, loud, out);
            return self.reset();
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.window.len() >= WINDOW {
                self.turn(env, out);
            }
            let room = WINDOW.saturating_sub(self.window.len());
            let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.window.extend_from_slice(now);
            rest = later;
        }
        if last {
            let window = std::mem::take(&mut self.window);
            self.decide(env, &window, true, false, out);
            self.reset();
        }
    }

    /// Whether this, a whole text as it was written, passes as it is; `has_signs` tells whether it has signs of anything.
    #[inline]
    pub(crate) fn is_quiet(&self, place: &Place, profile: &Profile, name: &[u8], text: &[u8], has_signs: impl FnOnce() -> bool) -> bool {
        let is_fresh = self.window.is_empty() && self.open.is_none() && self.overlap.is_none() && !self.cut;
        is_fresh && text.len() <= WINDOW && !matches!(place, Place::Whole(_)) && passes(profile, name, text, has_signs)
    }

    /// Whether a member name passes as it is.
    #[inline]
    pub(crate) fn name_passes(profile: &Profile, name: &[u8], has_signs: impl FnOnce() -> bool) -> bool {
        profile.is_empty() || (name.len() <= WINDOW && passes(profile, &[], name, has_signs))
    }

    /// Whether a number passes, which nothing can be found in that `has_signs` does not tell of.
    pub(crate) fn number_passes(profile: &Profile, name: &[u8], text: &[u8], has_signs: impl FnOnce() -> bool) -> bool {
        let passes = passes(profile, name, text, has_signs) || Self::look_at(profile, name, text).is_none();
        passes && number::integer(text).is_none_or(|digits| Self::look_at_digits(profile, name, &digits).is_none())
    }

    /// For what the digits of a number are masked that is written otherwise, if they are.
    pub(crate) fn look_at_digits(profile: &Profile, name: &[u8], digits: &[u8]) -> Option<Label> {
        let passes = passes(profile, name, digits, || has_signs(profile, digits));
        if passes { None } else { Self::look_at(profile, name, digits) }
    }

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

    /// For what a whole text would be masked first, if it would; `wraps` is how often it was decoded out of another.
    pub(crate) fn first_in(profile: &Profile, bytes: &[u8], wraps: u8) -> Option<Label> {
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
        let Scratch { levels, spans, structure } = &mut *scratch;
        spans.clear();
        let view = Window { levels: levels.resolve(bytes, Writing::Plain), limit: bytes.len(), last: true };
        text.find(&Env::of_text(profile, &mut Findings::default()), &view, false, spans, structure);
        let told = told(&view, spans);
        profile.put_scratch(scratch);
        told
    }

    pub(crate) fn held(&self) -> usize {
        self.window.capacity() + self.nests.held() + self.open.as_ref().map_or(0, |open| open.sink.held())
    }

    fn reset(&mut self) {
        self.window = Vec::new();
        self.decided = 0;
        self.walked = 0;
        self.cut = false;
        self.open = None;
        self.overlap = None;
        self.nests.reset();
    }

    /// Decides a full window, and begins the next with what is left of it.
    fn turn(&mut self, env: &mut Env<'_>, out: &mut Vec<u8>) {
        let mut window = std::mem::take(&mut self.window);
        // Never nothing, or a full window would stay full.
        let keep = self.decide(env, &window, false, false, out).max(1);
        window.drain(..keep.min(window.len()));
        self.decided = self.decided.saturating_sub(keep);
        self.walked = self.walked.saturating_sub(keep);
        self.overlap = self.overlap.map(|span| Span { start: span.start.saturating_sub(keep), end: span.end.saturating_sub(keep), ..span });
        self.cut |= keep > 0;
        self.window = window;
    }

    /// Writes what can be decided of the window; returns how much of it is needed no more. A `loud` one is known not to pass as it is.
    fn decide(&mut self, env: &mut Env<'_>, window: &[u8], last: bool, loud: bool, out: &mut Vec<u8>) -> usize {
        let quiet = if loud { Quiet::No } else { self.quiet_part(env, window, last) };
        if let Quiet::Passes { limit, keep } = quiet {
            out.extend_from_slice(window.get(self.decided..limit).unwrap_or_default());
            self.decided = limit;
            self.walked = limit;
            return keep;
        }
        let mut scratch = env.profile.take_scratch();
        let Scratch { levels, spans, structure } = &mut *scratch;
        let writing = if matches!(env.place, Place::Plain) { Writing::Plain } else { Writing::Escaped };
        let levels = levels.resolve(window, writing);
        let limit = if last { window.len() } else { wrapped::limit(&levels, levels.limit().max(self.decided), self.decided) };
        let view = Window { levels, limit, last };
        spans.clear();
        if let Place::Whole(label) = env.place {
            if self.open.is_none() && !window.is_empty() {
                let sink = env.profile.rule(label).map_or(Sink::Replace, |rule| Sink::begin(rule, label, None, out));
                self.open = Some(Open { sink, label, level: 0, until: Until::TextEnd, len: 0 });
            }
        } else {
            self.find(env, &view, quiet == Quiet::ButForFields, spans, structure);
        }
        let mut decided = self.go_on(env, &view, spans, out);
        for span in self.overlap.take().iter().chain(spans.iter()) {
            decided = self.mask(env, &view, *span, decided, out);
        }
        if decided < limit {
            out.extend_from_slice(window.get(decided..limit).unwrap_or_default());
            decided = limit;
        }
        self.decided = decided;
        self.walked = limit;
        let levels = &view.levels;
        let behind = levels.at_or_before(LAST, limit).saturating_sub(BEHIND);
        let keep = levels.floor(levels.raw_start(LAST, behind)).max(levels.ceil(limit.saturating_sub(KEPT))).min(limit);
        env.profile.put_scratch(scratch);
        keep
    }

    /// What a look at a window as it was written tells. In a text of several windows one that passes must also be one that [`Nests`] would
    /// only read past.
    fn quiet_part(&mut self, env: &Env<'_>, window: &[u8], last: bool) -> Quiet {
        if self.open.is_some() || self.overlap.is_some() || matches!(env.place, Place::Whole(_)) {
            return Quiet::No;
        }
        let name = if self.cut { &[] } else { env.name };
        if !passes(env.profile, name, window, || has_signs(env.profile, window)) {
            return Quiet::No;
        }
        let alone = last && !self.cut;
        let part = window.get(self.walked..).unwrap_or_default();
        let walked_past = alone || (memchr(b'{', part).is_none() && self.nests.reads_past(part) && reads_alike(env, part));
        if !walked_past {
            return Quiet::ButForFields;
        }
        if last {
            return Quiet::Passes { limit: window.len(), keep: window.len() };
        }
        let limit = window.len().checked_sub(AHEAD).and_then(|at| seam(window, at)).filter(|limit| *limit > self.decided);
        let keep = limit.and_then(|limit| seam(window, limit.checked_sub(KEPT)?));
        match (limit, keep) {
            (Some(limit), Some(keep)) if !wrapped::goes_on(window, limit) => {
                self.nests.begin();
                Quiet::Passes { limit, keep }
            }
            _ => Quiet::No,
        }
    }

    /// Collects what is to be masked, in the order of the text; `only_fields` where nothing else can be found.
    fn find(&mut self, env: &Env<'_>, view: &Window<'_>, only_fields: bool, spans: &mut Vec<Span>, structure: &mut Structure) {
        let Self { nests, walked, cut, wraps, .. } = self;
        let Window { levels, limit, last } = view;
        let (mut fields, mut integers) = (false, false);
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
            let seen = scan.candidates(env.profile, &mut |label, found| spans.push(Span::new(levels, level, label, found)));
            fields |= seen.field;
            // A fraction that stands for an integer is looked at where JSON is read.
            integers |= level < LEVELS && number::may_stand(env.profile, text);
            // Base64 has no escapes in it but for slashes and line breaks, which the deepest level has resolved.
            if (level + 1..=DEEPEST).any(|deeper| !levels.is_same(deeper)) {
                continue;
            }
            wrapped::runs(text, scan.from, scan.limit, &mut |run| {
                let Some(label) = wrapped::look(env.profile, text.get(run.clone()).unwrap_or_default(), *wraps) else { return };
                let tail = if run.len() > wrapped::LONGEST { Tail::Base64 } else { Tail::None };
                let span = Span::new(levels, level, label, Found { start: run.start, end: run.end, tail });
                spans.push(Span { kind: Kind::Wrapped(tail), ..span });
            });
        }
        structure.clear(!spans.is_empty());
        // In a text that ends here, structure is good for nothing but fields, such integers and what was found.
        let alone = *last && !*cut;
        fields &= env.profile.has_fields();
        #[cfg(test)]
        let alone = alone && !super::quick_tests::is_careful();
        fields |= env.profile.has_fields() && memchr(b'\\', levels.text(DEEPEST)).is_some();
        if !matches!(env.place, Place::Name) && (!alone || fields || integers || !spans.is_empty()) {
            let walk = Walk { levels, profile: env.profile };
            nests.walk(&walk, env.path, *walked..*limit, *last, structure);
        }
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
        spans.sort_unstable_by_key(|span| (span.start, Reverse(span.end), span.label.rule, span.label.is_vague(), span.level));
        drop_widened(spans);
    }

    /// Goes on with the value that was open when the window began; returns up to where the window is decided.
    fn go_on(&mut self, env: &mut Env<'_>, view: &Window<'_>, spans: &[Span], out: &mut Vec<u8>) -> usize {
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
    fn mask(&mut self, env: &mut Env<'_>, view: &Window<'_>, span: Span, decided: usize, out: &mut Vec<u8>) -> usize {
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
                level = if tail == Tail::Armor { level } else { LAST };
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

/// Whether a text as it was written passes as it is, in which `has_signs` tells signs of anything that is found by itself.
fn passes(profile: &Profile, name: &[u8], text: &[u8], has_signs: impl FnOnce() -> bool) -> bool {
    #[cfg(test)]
    if super::quick_tests::is_careful() {
        return false;
    }
    let fields = profile.prefilter().has_open_fields() && memchr2(b'{', b'[', text).is_some();
    if fields || profile.may_find_by_name(name, text) {
        return false;
    }
    // A pattern that may begin in any way is searched for, which takes a text that reads the same at all levels.
    let mut searched = profile.patterns().filter(|(_, pattern)| !pattern.has_literals()).peekable();
    if searched.peek().is_some() && (memchr(b'\\', text).is_some() || searched.any(|(_, pattern)| pattern.regex().is_match(text))) {
        return false;
    }
    !has_signs()
}

/// Whether a text reads the same at all levels but the first.
fn reads_alike(env: &Env<'_>, text: &[u8]) -> bool {
    match env.place {
        Place::Plain => memchr(b'\\', text).is_none(),
        _ => memmem::find(text, b"\\\\").is_none(),
    }
}

/// Bytes of the longest escape, a pair of surrogates.
const ESCAPE: usize = 12;

/// A place not after `at`, and not far before it, that is between two characters however escapes are resolved.
fn seam(text: &[u8], at: usize) -> Option<usize> {
    (at.saturating_sub(64)..=at).rev().find(|at| {
        let before = text.get(at.saturating_sub(ESCAPE)..*at).unwrap_or_default();
        !before.contains(&b'\\') && text.get(*at).is_none_or(|byte| byte & 0xC0 != 0x80)
    })
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

/// Where the tail of a value whose head ends at `at` ends, and whether it does in this window. Places of the level's text.
fn tail_end(view: &Window<'_>, level: usize, at: usize, tail: Tail) -> (usize, bool) {
    let Window { levels, limit, last } = view;
    let (text, last) = (levels.text(level), *last);
    let limit = levels.at_or_after(level, *limit).max(at);
    match tail {
        Tail::None => (at, true),
        Tail::Token => token_end(text, at, limit, last),
        Tail::Base64 => base64_end(text, at, limit, last),
        Tail::Armor => armor_end(text, at, limit, last),
    }
}

fn token_end(text: &[u8], at: usize, limit: usize, last: bool) -> (usize, bool) {
    let mut end = at;
    while end < limit {
        let next = text.get(end + 1).copied();
        let goes_on = match text.get(end) {
            // A dot belongs to the token when more of it follows; not at the end of a sentence.
            Some(b'.') => next.is_some_and(|next| is_base64url(next) || next == b'.'),
            Some(byte) => is_base64url(*byte) || *byte == b'=',
            None => false,
        };
        if !goes_on {
            return (end, true);
        }
        end += 1;
    }
    (end, last)
}

fn base64_end(text: &[u8], at: usize, limit: usize, last: bool) -> (usize, bool) {
    let rest = text.get(at..limit).unwrap_or_default();
    match rest.iter().position(|byte| !is_base64(*byte) && !matches!(byte, b'-' | b'_' | b'=')) {
        Some(end) => (at + end, true),
        None => (limit, last),
    }
}

/// Through the `END` line; a key that was cut ends where the quoted text does that it stands in.
fn armor_end(text: &[u8], at: usize, limit: usize, last: bool) -> (usize, bool) {
    const END: &[u8] = b"-----END ";
    const LINE: usize = 80;
    // What begins after the limit belongs to the next window.
    let quote = memchr2(b'"', b'<', text.get(at..limit).unwrap_or_default());
    let seen = limit.saturating_add(END.len() - 1).min(text.len());
    let marker = memmem::find(text.get(at..seen).unwrap_or_default(), END);
    match (quote, marker) {
        (Some(quote), marker) if marker.is_none_or(|marker| quote < marker) => (at + quote, true),
        (_, Some(marker)) => {
            let label = at + marker + END.len();
            let line = text.get(label..).unwrap_or_default();
            let line = line.get(..LINE).unwrap_or(line);
            let closing = memmem::find(line, b"-----").map_or(0, |dashes| dashes + 5);
            (label + closing, true)
        }
        _ => (limit, last),
    }
}
