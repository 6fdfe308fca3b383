//! One text of any length, masked in windows of fixed size.
//!
//! Bytes are collected until the text ends or the window is full, never until a chunk ends: what is decided, and on what
//! grounds, follows from the text alone. In a full window findings may begin where all that a check could look at is
//! there ([`Levels::limit`]); the rest, with a little of what came before, is where the next window begins.

mod quiet;
mod replace;
mod spans;
mod survey;
mod tails;

pub(crate) use survey::Piece;

use memchr::memchr;

use super::detectors::BEHIND;
use super::findings::Findings;
use super::levels::{LAST, LevelStore, Levels, Writing};
use super::nest::{Nests, Structure};
use super::operator::Sink;
use super::profile::Profile;
use super::rules::Label;
use super::scan::{Heard, Tells, Told, listen};
use super::table::{self, Table};
use super::wrapped;
use crate::limits::MASK_WINDOW_BYTES;
use crate::wire::path::Path;
use quiet::Quiet;
use replace::{Open, Until};
use spans::Span;

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
    /// The table it is in.
    table: Table,
    /// Member names masked in all texts so far, which may not become alike.
    names_masked: u32,
    /// How often it was decoded out of another text.
    wraps: u8,
    /// What is masked in it may depend on where it stands: it was looked through for JSON, or goes on over windows.
    placed: bool,
}

/// What a text is and where it stands.
pub(crate) struct Env<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) findings: &'a mut Findings,
    pub(crate) place: Place,
    pub(crate) path: &'a Path,
    /// The member name it stands under; empty when there is none.
    pub(crate) name: &'a [u8],
    /// What is known of a text that is whole and comes at once.
    pub(crate) tells: Option<Tells<'a>>,
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

impl Place {
    /// Of each place where the same text is read alike.
    pub(crate) fn number(&self) -> Option<u8> {
        match self {
            Self::Plain => Some(0),
            Self::Value => Some(1),
            Self::Name => Some(2),
            Self::Whole(_) => None,
        }
    }
}

/// A full window, or the last one, and up to where it is decided now.
struct Window<'a> {
    levels: Levels<'a>,
    limit: usize,
    last: bool,
}

/// Working memory of one window.
#[derive(Default)]
pub(crate) struct Scratch {
    told: Vec<Told>,
    levels: LevelStore,
    spans: Vec<Span>,
    structure: Structure,
}

impl Text {
    /// Takes more of the text, or with `last` the rest of it; appends to `out` what is decided.
    pub(crate) fn feed(&mut self, env: &mut Env<'_>, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        if last && self.window.is_empty() && bytes.len() <= WINDOW {
            if bytes.is_empty() && self.is_fresh() {
                return;
            }
            // Whole and at hand: no need to collect it. Of a string the lexer's reader has told already that it is not quiet.
            let loud = !matches!(env.place, Place::Plain);
            // The shortest are told at a glance, but for what their names say.
            let is_kept = bytes.len() >= env.profile.shortest() || !env.name.is_empty();
            if is_kept && self.is_fresh() && env.profile.is_harmless(&env.place, env.name, bytes) {
                return out.extend_from_slice(bytes);
            }
            let before = env.findings.total();
            self.placed = self.cut || self.open.is_some();
            self.decide(env, bytes, true, loud, out);
            if is_kept && !self.placed && env.findings.total() == before {
                env.profile.remember_harmless(&env.place, env.name, bytes);
            }
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
            env.tells = None;
            self.decide(env, &window, true, false, out);
            self.reset();
        }
    }

    /// Nothing of a text has come.
    fn is_fresh(&self) -> bool {
        self.window.is_empty() && self.open.is_none() && self.overlap.is_none() && !self.cut
    }

    pub(crate) fn held(&self) -> usize {
        self.window.capacity() + self.nests.held() + self.table.held() + self.open.as_ref().map_or(0, |open| open.sink.held())
    }

    fn reset(&mut self) {
        self.window = Vec::new();
        self.decided = 0;
        self.walked = 0;
        self.cut = false;
        self.open = None;
        self.overlap = None;
        self.nests.reset();
        if self.table.is_open() {
            self.table = Table::default();
        }
    }

    /// Decides a full window, and begins the next with what is left of it.
    fn turn(&mut self, env: &mut Env<'_>, out: &mut Vec<u8>) {
        let mut window = std::mem::take(&mut self.window);
        env.tells = None;
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
        let mut scratch = env.profile.take_scratch();
        let keep = self.decide_with(&mut scratch, env, window, last, loud, out);
        env.profile.put_scratch(scratch);
        keep
    }

    fn decide_with(&mut self, scratch: &mut Scratch, env: &mut Env<'_>, window: &[u8], last: bool, loud: bool, out: &mut Vec<u8>) -> usize {
        let Scratch { told, levels, spans, structure } = scratch;
        let mut heard = Heard::Something;
        let from = told_from(window, self.walked);
        let quiet =
            if loud { Quiet::No } else { self.quiet_part(env, window, last, &mut || listen(env.profile, window, from, told), &mut heard) };
        if let Quiet::Passes { limit, keep } = quiet {
            out.extend_from_slice(window.get(self.decided..limit).unwrap_or_default());
            self.decided = limit;
            self.walked = limit;
            return keep;
        }
        let tells = if matches!(heard, Heard::All) { Some(Tells { signs: told, base: 0 }) } else { env.tells };
        let writing = if matches!(env.place, Place::Plain) { Writing::Plain } else { Writing::Escaped };
        let levels = levels.resolve(window, writing, tells.is_some());
        let limit = if last { window.len() } else { wrapped::limit(&levels, levels.limit().max(self.decided), self.decided) };
        let view = Window { levels, limit, last };
        spans.clear();
        if let Place::Whole(label) = env.place {
            if self.open.is_none() && !window.is_empty() {
                let sink = env.profile.rule(label).map_or(Sink::Replace, |rule| Sink::begin(rule, label, None, out));
                self.open = Some(Open { sink, label, level: 0, until: Until::TextEnd, len: 0 });
            }
        } else {
            self.find(env, &view, tells, quiet == Quiet::ButForFields, spans, structure);
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
        if last { limit } else { needed(&view.levels, limit) }
    }
}

/// Bytes before what is undecided that it is read with, at any level.
const READ_WITH: usize = if BEHIND > table::BACK { BEHIND } else { table::BACK };

/// Where the signs begin that tell of what is found in a window from `at` on: those before were told with what was read before. As far as no
/// escapes are there, whose bytes are fewer where they are resolved.
fn told_from(window: &[u8], at: usize) -> usize {
    let near = at.saturating_sub(READ_WITH);
    let has_escapes = window.get(near..at).is_none_or(|near| memchr(b'\\', near).is_some());
    if has_escapes { 0 } else { near }
}

/// From where on a window is needed again that is decided up to `limit`.
fn needed(levels: &Levels<'_>, limit: usize) -> usize {
    let behind = levels.at_or_before(LAST, limit).saturating_sub(READ_WITH);
    levels.floor(levels.raw_start(LAST, behind)).max(levels.ceil(limit.saturating_sub(KEPT))).min(limit)
}
