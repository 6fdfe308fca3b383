//! JSON inside a text: a lenient lexer per level, so that fields are masked and numbers stay numbers in there too.
//!
//! It looks for JSON anywhere in the text (a whole value, lines of values, an object in a log line). What turns out to be
//! none is left, and looking goes on; nothing depends on it but fields and the writing of numbers.

mod cells;
mod pass;

use std::ops::Range;

use memchr::{memchr, memchr2, memchr3, memmem};

use super::cells::{Cells, Role};
use super::detectors::AHEAD;
use super::fields::Chain;
use super::levels::{DEEPEST, LEVELS, Levels};
use super::number::{self, NUMBER_BYTES};
use super::profile::Profile;
use super::rules::{Label, Source};
use super::text::Text;
use crate::wire::escape::Unescaped;
use crate::wire::json::{Event, Lexer};
use crate::wire::path::{NAME_BYTES, Path, Step};
pub(crate) use cells::Cell;

/// A member name is captured as written; six bytes for each of its own is the most an escape takes.
const NAME_WRITTEN: usize = 6 * (NAME_BYTES + 1);

/// The lexers of all levels, kept from window to window.
#[derive(Default)]
pub(crate) struct Nests {
    nests: [Nest; LEVELS],
}

#[derive(Default)]
struct Nest {
    lexer: Lexer,
    path: Path,
    /// In a JSON value, as far as is known.
    active: bool,
    /// Something other than white space has been seen since the text began.
    begun: bool,
    in_number: bool,
    name: Vec<u8>,
    /// In a container that is masked whole: the depth it stands at, and for which rule.
    region: Option<(usize, u16)>,
    /// In a string that is masked whole.
    masking: Option<u16>,
    /// What the last member name says.
    role: Role,
    /// Names that stand apart from their values.
    cells: Cells,
    /// The string being read, as written at this level, where it is not read whole.
    heard: Vec<u8>,
    /// It has such a name; bytes of it that were read.
    cell: Option<usize>,
}

/// What was found in a window, by raw bytes.
#[derive(Default)]
pub(crate) struct Structure {
    pub(crate) fields: Vec<Field>,
    /// Numbers that are values, in order; all of them only when `wants_places`, as are names.
    pub(crate) numbers: Vec<Range<usize>>,
    /// The contents of member names, in order.
    pub(crate) names: Vec<Range<usize>>,
    /// Values found by names that stand apart from them.
    pub(crate) cells: Vec<Cell>,
    pub(crate) wants_places: bool,
    /// What is being read, in raw bytes.
    part: Range<usize>,
}

pub(crate) struct Field {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) level: usize,
    pub(crate) label: Label,
    /// A number; else the content of a string.
    pub(crate) number: bool,
    /// It goes on after the window.
    pub(crate) open: bool,
}

/// What a walk needs and does not change.
pub(crate) struct Walk<'a> {
    pub(crate) levels: &'a Levels<'a>,
    pub(crate) profile: &'a Profile,
}

impl Structure {
    pub(crate) fn clear(&mut self, wants_places: bool) {
        let Self { fields, numbers, names, cells, wants_places: wants, part } = self;
        *part = 0..0;
        cells.clear();
        fields.clear();
        numbers.clear();
        names.clear();
        *wants = wants_places;
    }
}

/// The one of `ranges`, which are in order, that `start..end` lies in.
pub(crate) fn around(ranges: &[Range<usize>], start: usize, end: usize) -> Option<&Range<usize>> {
    let next = ranges.partition_point(|range| range.start <= start);
    ranges.get(next.checked_sub(1)?).filter(|range| end <= range.end)
}

impl Nests {
    /// Reads on through a part of the raw bytes; `last` when the text ends there.
    pub(crate) fn walk(&mut self, walk: &Walk<'_>, path: &Path, part: Range<usize>, last: bool, seen: &mut Structure) {
        let (chain, to) = (Chain { path, name: None, outer: None }, part.end);
        seen.part = part.clone();
        walk.level(0, &mut self.nests, &chain, part, seen);
        let open = !last && self.nests.iter().any(|nest| nest.masking.is_some());
        if let Some(field) = seen.fields.iter_mut().rev().find(|field| !field.number && field.end == to) {
            field.open = open;
        }
    }

    /// Whether text without a brace goes by and leaves things as they are, but for having begun.
    pub(crate) fn reads_past(&self, text: &[u8]) -> bool {
        let begun = self.nests.first().is_some_and(|nest| nest.begun);
        let begins = || text.first().is_some_and(|first| first.is_ascii_graphic() && !matches!(first, b'[' | b'\\'));
        self.nests.iter().all(|nest| !nest.active) && (begun || begins())
    }

    /// Something other than white space has gone by.
    pub(crate) fn begin(&mut self) {
        self.nests.iter_mut().take(1).for_each(|nest| nest.begun = true);
    }

    /// A new text.
    pub(crate) fn reset(&mut self) {
        reset(&mut self.nests);
    }

    pub(crate) fn held(&self) -> usize {
        self.nests.iter().map(|nest| nest.path.held() + nest.name.capacity() + nest.cells.held() + nest.heard.capacity()).sum()
    }
}

/// Whether there may be JSON in a piece of a string, or some has begun before it. A brace can be written as an escape.
fn may_hold_json(inner: &mut [Nest], content: &[u8]) -> bool {
    let Some(next) = inner.first_mut() else { return false };
    // Most strings have none of the three, which one search tells.
    let may_begin = |sign: usize| {
        let rest = content.get(sign..).unwrap_or_default();
        memchr2(b'{', b'[', rest).is_some() || memmem::find(rest, b"\\u").is_some()
    };
    let may = next.active || memchr3(b'{', b'[', b'\\', content).is_some_and(may_begin);
    next.begun |= !may && !content.is_empty();
    may
}

fn reset(nests: &mut [Nest]) {
    for nest in nests {
        if nest.active {
            nest.leave();
        }
        nest.begun = false;
    }
}

impl Nest {
    fn enter(&mut self) {
        self.lexer = Lexer::default();
        self.path.clear();
        self.cells.reset();
        self.cell = None;
        self.region = None;
        self.masking = None;
        self.in_number = false;
        self.active = true;
    }

    fn leave(&mut self) {
        self.active = false;
        self.masking = None;
        self.region = None;
        self.cell = None;
        self.cells.reset();
        self.path.clear();
    }

    /// Where JSON may begin in `text[from..to]`.
    fn look(&mut self, text: &[u8], from: usize, to: usize) -> Option<usize> {
        let part = text.get(from..to)?;
        let mut skip = 0;
        if !self.begun {
            skip = part.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let first = part.get(skip)?;
            self.begun = true;
            // An array only where the text begins with it: brackets in prose are prose.
            let next = text.get(from + skip + 1).copied().unwrap_or_default();
            let element = next.is_ascii_whitespace() || next.is_ascii_digit() || b"\"{[]-tfn".contains(&next);
            if *first == b'[' && element {
                return Some(from + skip);
            }
        }
        loop {
            let at = skip + memchr(b'{', part.get(skip..)?)?;
            let next = text.get(from + at + 1).copied().unwrap_or_default();
            if next.is_ascii_whitespace() || matches!(next, b'"' | b'}') {
                return Some(from + at);
            }
            skip = at + 1;
        }
    }

    /// The rule that masks the value coming next.
    fn rule_for_value(&self, profile: &Profile, outer: &Chain<'_>) -> Option<u16> {
        if let Some((_, rule)) = self.region {
            return Some(rule);
        }
        if !profile.has_fields() {
            return None;
        }
        let name = self.cells.field(profile, &self.path, self.role);
        if !profile.may_be_field(name.or(self.path.last()?.name())) {
            return None;
        }
        let chain = Chain { path: &self.path, name, outer: Some(outer) };
        profile.fields().iter().find(|(_, field)| field.matches(&chain)).map(|(rule, _)| *rule)
    }

    fn take_name(&mut self) {
        let mut name = Unescaped::default();
        name.resolve(&self.name);
        self.path.member(&name.text, false);
        self.role = Role::of(&name.text, false);
        self.name.clear();
    }
}

impl Walk<'_> {
    fn level(&self, level: usize, nests: &mut [Nest], outer: &Chain<'_>, part: Range<usize>, seen: &mut Structure) {
        let Some((nest, inner)) = nests.split_first_mut() else { return };
        let text = self.levels.text(level);
        let raw = |at: usize| self.levels.raw_start(level, at);
        let (mut at, end) = (self.levels.at_or_after(level, part.start), self.levels.at_or_after(level, part.end));
        // A string being masked whole goes on from the last window.
        let mut masked_from = at;
        // So does one that is looked at for the name it has.
        if let Some(start) = nest.cell.filter(|read| *read < AHEAD).and_then(|read| at.checked_sub(read)) {
            self.cell(level, nest, start, seen);
        }
        while at < end {
            if !nest.active {
                let start = nest.look(text, at, end);
                let gap = start.unwrap_or(end);
                self.gap(level, inner, outer, at..gap, seen);
                at = gap;
                if start.is_some() {
                    nest.enter();
                    reset(inner);
                }
                continue;
            }
            at = self.pass(level, (&mut *nest, &mut *inner), outer, at..end, seen);
            if at >= end || !nest.active {
                continue;
            }
            let Some(rest) = text.get(at..end) else { return };
            let Ok(Some(step)) = nest.lexer.step(rest) else {
                self.string_field(level, nest, masked_from, at, seen);
                nest.leave();
                reset(inner);
                continue;
            };
            let next = at + step.len;
            match step.event {
                Event::Plain | Event::Literal => {}
                Event::Comma => nest.path.next(),
                Event::Open { .. } | Event::Close => self.bracket(nest, outer, step.event),
                Event::Quote { name: true } => nest.name.clear(),
                Event::Quote { name: false } => {
                    reset(inner);
                    nest.string_begins();
                    nest.masking = nest.rule_for_value(self.profile, outer);
                    masked_from = next;
                    nest.cell = (nest.masking.is_none() && self.cell(level, nest, next, seen)).then_some(0);
                }
                Event::Content if nest.lexer.in_name() => {
                    let room = NAME_WRITTEN.saturating_sub(nest.name.len());
                    nest.name.extend(rest.iter().take(step.len.min(room)));
                    if seen.wants_places {
                        seen.names.push(raw(at)..self.levels.raw_end(level, next));
                    }
                }
                Event::Content if nest.masking.is_none() => {
                    nest.string_goes_on(rest.get(..step.len).unwrap_or_default());
                    if !may_hold_json(inner, rest.get(..step.len).unwrap_or_default()) {
                        at = next;
                        continue;
                    }
                    let chain = Chain { path: &nest.path, name: None, outer: Some(outer) };
                    self.level(level + 1, inner, &chain, raw(at)..self.levels.raw_end(level, next), seen);
                }
                Event::Content => {}
                Event::Unquote { name: true } => nest.take_name(),
                Event::Unquote { name: false } => {
                    let heard = std::mem::take(&mut nest.heard);
                    self.hear(nest, &heard);
                    nest.heard = heard;
                    nest.cell = None;
                    self.string_field(level, nest, masked_from, at, seen);
                    nest.masking = None;
                    reset(inner);
                }
                Event::Number => {
                    if !std::mem::replace(&mut nest.in_number, true) {
                        self.number(level, nest, outer, at, seen);
                    }
                }
                Event::NumberEnd => nest.in_number = false,
            }
            at = next;
            if nest.lexer.is_complete() {
                nest.leave();
            }
        }
        if nest.active {
            self.string_field(level, nest, masked_from, at, seen);
        }
    }

    /// Text that is not JSON at this level may hold some at the next: `log: {\"a\":1}`.
    fn gap(&self, level: usize, inner: &mut [Nest], outer: &Chain<'_>, part: Range<usize>, seen: &mut Structure) {
        let goes_on = inner.first().is_some_and(|nest| nest.active);
        if !part.is_empty() && (goes_on || !self.levels.is_same(level + 1)) {
            let part = self.levels.raw_start(level, part.start)..self.levels.raw_start(level, part.end);
            self.level(level + 1, inner, outer, part, seen);
        }
    }

    fn string_field(&self, level: usize, nest: &Nest, from: usize, to: usize, seen: &mut Structure) {
        let Some(rule) = nest.masking.filter(|_| from < to) else { return };
        let (start, end) = (self.levels.raw_start(level, from), self.levels.raw_end(level, to));
        // The value is the content with its escapes resolved, as far down as there are levels.
        let level = DEEPEST.min(level + 1);
        seen.fields.push(Field { start, end, level, label: Label { rule, source: Source::Field }, number: false, open: false });
    }

    fn number(&self, level: usize, nest: &Nest, outer: &Chain<'_>, at: usize, seen: &mut Structure) {
        let ahead = self.levels.text(level).get(at..).unwrap_or_default();
        let is_number = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let len = ahead.iter().take(NUMBER_BYTES).take_while(is_number).count();
        let rule = nest.rule_for_value(self.profile, outer);
        let integer = if rule.is_none() { number::integer(ahead.get(..len).unwrap_or_default()) } else { None };
        let integer = integer.filter(|integer| self.profile.may_find_digits(integer.digits(), true));
        let cell = nest.cells.name(self.profile, &nest.path, nest.role);
        if !seen.wants_places && rule.is_none() && integer.is_none() && cell.is_none() {
            return;
        }
        let (start, end) = (self.levels.raw_start(level, at), self.levels.raw_end(level, at + len));
        // `[2024-01-31` and the like turn out to be no JSON; they may not be written as if they were.
        let whole = ahead.get(len).is_none_or(|next| next.is_ascii_whitespace() || matches!(next, b',' | b'}' | b']'));
        if !whole {
            return;
        }
        let label = match rule {
            Some(rule) => Some(Label { rule, source: Source::Field }),
            None => match cell {
                Some(name) => number::look_at(self.profile, name, ahead.get(..len).unwrap_or_default()),
                None => {
                    let name = nest.path.last().and_then(Step::name).unwrap_or_default();
                    integer.and_then(|integer| Text::look_at_digits(self.profile, name, integer.digits()))
                }
            },
        };
        seen.numbers.push(start..end);
        if let Some(label) = label {
            seen.fields.push(Field { start, end, level, label, number: true, open: false });
        }
    }
}
