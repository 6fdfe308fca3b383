//! What leaves as it came, token by token, none of which needs more than a look: most of most answers. And strings that are read, where all
//! of one is here.

use std::borrow::Cow;
use std::ops::Range;

use super::{Env, JsonMasker, NAME_WRITTEN, NUMBER_BYTES, Place, Role, Text, Unescaped, Value, is_content, name_read};
use crate::mask::cells::WRITTEN;
use crate::mask::findings::Findings;
use crate::mask::number::is_integer;
use crate::mask::profile::Profile;
use crate::mask::scan::Signs;
use crate::wire::json::{Event, plain_string, whole_literal, whole_number};
use crate::wire::path::Step;

/// What a string is that is here as a whole, by the length of its content.
enum Whole {
    Passes(usize),
    /// It has to be read.
    Loud(usize),
}

/// A string that has to be read: where its content stands.
pub(super) struct Loud {
    is_name: bool,
    content: Range<usize>,
}

impl JsonMasker {
    /// A string that is read in parts may tell a name.
    pub(super) fn hear(&mut self, profile: &Profile, event: Event, bytes: &[u8]) {
        match event {
            Event::Quote { name: false } => self.heard.clear(),
            Event::Content if !self.lexer.in_name() => {
                let room = (WRITTEN + 1).saturating_sub(self.heard.len());
                self.heard.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            }
            Event::Unquote { name: false } if self.cells.listens(&self.path, self.role, self.heard.first()) => {
                self.cells.hears(profile, &self.path, self.role, &self.heard);
            }
            _ => {}
        }
    }

    /// Up to where the chunk leaves as it came, from `from` on; the tokens that are whole and pass are read. And the string there, if all of
    /// it is here and it does not pass.
    pub(super) fn pass(&mut self, signs: &mut Signs<'_>, chunk: &[u8], from: usize, findings: &Findings) -> (usize, Option<Loud>) {
        let mut at = from;
        if self.text_open || !self.lexer.is_between() {
            return (at, None);
        }
        let profile = signs.profile();
        while let Some(rest) = chunk.get(at..)
            && let Some(first) = rest.first()
        {
            let len = match first {
                b'"' => match self.string(signs, rest, at, findings) {
                    Some((is_name, Whole::Loud(len))) => return (at, Some(Loud { is_name, content: at + 1..at + 1 + len })),
                    Some((is_name, Whole::Passes(len))) => {
                        self.lexer.string_read(is_name);
                        Some(len + 2)
                    }
                    None => None,
                },
                b':' | b',' => self.lexer.whole_sign(rest).map(|(len, comma)| {
                    if comma {
                        self.path.next();
                    }
                    len
                }),
                b'{' | b'[' | b'}' | b']' => self.lexer.whole_bracket(*first).map(|event| {
                    self.bracket(event, profile);
                    1
                }),
                b'-' | b'0'..=b'9' => self.number(signs, rest, at),
                b' ' | b'\n' | b'\r' | b'\t' => Some(rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count()),
                b't' | b'f' | b'n' if self.lexer.string_comes() == Some(false) => {
                    let len = whole_literal(rest);
                    if len.is_some() {
                        self.lexer.value_read();
                    }
                    len
                }
                _ => None,
            };
            match len {
                Some(len) => at += len,
                None => return (at, None),
            }
        }
        (at, None)
    }

    /// Reads a string that does not pass, and writes what leaves of it, without its quotes; where the second of them stands.
    pub(super) fn loud(&mut self, signs: &mut Signs<'_>, chunk: &[u8], loud: &Loud, findings: &mut Findings, out: &mut Vec<u8>) -> usize {
        let profile = signs.profile();
        let content = chunk.get(loud.content.clone()).unwrap_or_default();
        let (place, name) = match self.value {
            _ if loud.is_name => (Place::Name, Cow::default()),
            Value::Mask(label) => (Place::Whole(label), Cow::default()),
            _ => (Place::Value, name_read(profile, &self.cells, &self.path, self.role)),
        };
        let tells = if matches!(place, Place::Whole(_)) { None } else { signs.tells(loud.content.clone()) };
        let mut env = Env { profile, findings, place, path: &self.path, name: &name, tells };
        self.text.feed(&mut env, content, true, out);
        if loud.is_name {
            self.name.clear();
            self.keep_name(content);
            self.take_name(findings);
        }
        if !loud.is_name && self.cells.listens(&self.path, self.role, content.first()) {
            self.cells.hears(profile, &self.path, self.role, content);
        }
        self.lexer.string_read(loud.is_name);
        loud.content.end
    }

    /// What the string that `rest` begins with is, and whether it is a name.
    #[inline]
    fn string(&mut self, signs: &mut Signs<'_>, rest: &[u8], at: usize, findings: &Findings) -> Option<(bool, Whole)> {
        let is_name = self.lexer.string_comes()?;
        let (len, is_whole) = plain_string(rest)?;
        if !is_whole {
            self.lexer.string_begins(len);
            return None;
        }
        let content = rest.get(1..=len)?;
        let part = at + 1..at + 1 + len;
        let profile = signs.profile();
        if is_name {
            self.found_before = findings.total();
            let has_signs = || signs.any(part) && !profile.is_harmless(&Place::Name, &[], content);
            if !Text::name_passes(profile, content, has_signs) {
                return Some((true, Whole::Loud(len)));
            }
            if content.contains(&b'\\') {
                let mut name = Unescaped::default();
                name.resolve(content.get(..NAME_WRITTEN).unwrap_or(content));
                self.path.member(&name.text, false);
                self.role = Role::of(&name.text, false);
            } else {
                self.path.member(content, false);
                self.role = profile.role(content);
            }
        } else if self.is_plain(profile) && !profile.looks_under_any_name(content) {
            self.value = Value::Look;
            let has_signs =
                || signs.any(part) && !profile.is_harmless(&Place::Value, &name_read(profile, &self.cells, &self.path, self.role), content);
            let is_quiet = profile.is_empty() || self.text.is_quiet(&Place::Value, profile, &[], content, has_signs);
            if !is_quiet {
                return Some((false, Whole::Loud(len)));
            }
        } else {
            // What is content, and of which type, is not told here.
            if is_content(&self.path) || self.sealer.as_mut().is_some_and(|sealer| sealer.begins(&self.path)) {
                return None;
            }
            self.value = self.value_coming(profile);
            match self.value {
                Value::Pass => self.sealer.iter_mut().for_each(|sealer| sealer.passes(&self.path, content)),
                Value::Look if profile.is_empty() => {}
                Value::Look => {
                    let name = name_read(profile, &self.cells, &self.path, self.role);
                    let has_signs = || signs.any(part) && !profile.is_harmless(&Place::Value, &name, content);
                    if !self.text.is_quiet(&Place::Value, profile, &name, content, has_signs) {
                        return Some((false, Whole::Loud(len)));
                    }
                }
                // Nothing is left as it is.
                Value::Mask(_) if content.is_empty() => {}
                Value::Mask(_) => return Some((false, Whole::Loud(len))),
                Value::Seal | Value::Blob => return None,
            }
        }
        if !is_name && self.cells.may_listen(self.role, content.first()) && self.cells.listens(&self.path, self.role, content.first()) {
            self.cells.hears(profile, &self.path, self.role, content);
        }
        Some((is_name, Whole::Passes(len)))
    }

    /// Whether where the value stands says nothing of it.
    fn is_plain(&self, profile: &Profile) -> bool {
        match self.path.last() {
            _ if self.region.is_some() || self.described.is_some() => false,
            Some(Step::Element(_)) => self.sealer.is_none() && profile.are_elements_plain() && !self.cells.may_name_elements(),
            Some(Step::Member(_)) => self.role.is_plain(),
            _ => false,
        }
    }

    /// The length of the number that `rest` begins with, if it passes.
    #[inline]
    fn number(&mut self, signs: &mut Signs<'_>, rest: &[u8], at: usize) -> Option<usize> {
        (self.lexer.string_comes() == Some(false)).then_some(())?;
        let len = whole_number(rest)?;
        let number = rest.get(..len)?;
        let profile = signs.profile();
        let plain = self.is_plain(profile) && !profile.looks_under_any_name(number);
        self.value = if plain { Value::Look } else { self.value_coming(profile) };
        match self.value {
            Value::Pass => {}
            Value::Look if len > NUMBER_BYTES => {}
            // What has signs may be told by its name all the same.
            Value::Look if plain && is_integer(number) && Text::name_passes(profile, number, || signs.any(at..at + len)) => {}
            Value::Look => {
                Text::number_passes(profile, &name_read(profile, &self.cells, &self.path, self.role), number, || signs.any(at..at + len))
                    .then_some(())?;
            }
            Value::Seal | Value::Blob | Value::Mask(_) => return None,
        }
        self.lexer.value_read();
        Some(len)
    }

    /// A container begins or ends.
    pub(super) fn bracket(&mut self, event: Event, profile: &Profile) {
        match event {
            Event::Open { array } => {
                self.open(array, profile);
                if array {
                    self.cells.opens(profile, &self.path, self.role);
                }
                self.path.open(array);
            }
            _ => {
                self.cells.closes(&self.path);
                self.path.close();
                self.kinds.closed(self.path.depth());
                self.region = self.region.filter(|(depth, _)| self.path.depth() > *depth);
                self.described = self.described.filter(|(depth, _)| self.path.depth() > *depth);
            }
        }
    }
}
