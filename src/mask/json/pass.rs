//! What leaves as it came, token by token, none of which needs more than a look: most of most answers.

use super::{JsonMasker, NUMBER_BYTES, Place, Text, Value, is_content, name_read};
use crate::mask::findings::Findings;
use crate::mask::number::is_integer;
use crate::mask::profile::Profile;
use crate::mask::scan::Signs;
use crate::wire::json::{Event, plain_string, whole_literal, whole_number};
use crate::wire::path::Step;

impl JsonMasker {
    /// Up to where the chunk leaves as it came, from `from` on; the tokens that are whole and pass are read.
    pub(super) fn pass(&mut self, signs: &mut Signs<'_>, chunk: &[u8], from: usize, findings: &Findings) -> usize {
        let mut at = from;
        if self.text_open || !self.lexer.is_between() {
            return at;
        }
        let profile = signs.profile();
        while self.region.is_none()
            && self.described.is_none()
            && let Some(rest) = chunk.get(at..)
            && let Some(first) = rest.first()
        {
            let len = match first {
                b'"' => self.string(signs, rest, at, findings),
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
                None => return at,
            }
        }
        at
    }

    /// The length of the string that `rest` begins with, if it passes.
    #[inline]
    fn string(&mut self, signs: &mut Signs<'_>, rest: &[u8], at: usize, findings: &Findings) -> Option<usize> {
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
            let has_signs = || signs.any(part) && !profile.is_harmless_name(content);
            (!content.contains(&b'\\') && Text::name_passes(profile, content, has_signs)).then_some(())?;
            self.found_before = findings.total();
            self.path.member(content, false);
            self.plain_name = profile.is_plain_name(content);
        } else if self.is_plain(profile) && !profile.looks_under_any_name(content) {
            self.value = Value::Look;
            let is_quiet = profile.is_empty() || self.text.is_quiet(&Place::Value, profile, &[], content, || signs.any(part));
            is_quiet.then_some(())?;
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
                    let name = name_read(&self.path);
                    self.text.is_quiet(&Place::Value, profile, &name, content, || signs.any(part)).then_some(())?;
                }
                // Nothing is left as it is.
                Value::Mask(_) if content.is_empty() => {}
                Value::Seal | Value::Blob | Value::Mask(_) => return None,
            }
        }
        self.lexer.string_read(is_name);
        Some(len + 2)
    }

    /// Whether where the value stands says nothing of it.
    fn is_plain(&self, profile: &Profile) -> bool {
        match self.path.last() {
            Some(Step::Element(_)) => self.sealer.is_none() && profile.are_elements_plain(),
            Some(Step::Member(_)) => self.plain_name,
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
            Value::Look if plain && is_integer(number) && Text::name_passes(profile, number, || signs.any_near(at..at + len)) => {}
            Value::Look => {
                Text::number_passes(profile, &name_read(&self.path), number, || signs.any_near(at..at + len)).then_some(())?;
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
                self.path.open(array);
            }
            _ => {
                self.path.close();
                self.kinds.closed(self.path.depth());
                self.region = self.region.filter(|(depth, _)| self.path.depth() > *depth);
                self.described = self.described.filter(|(depth, _)| self.path.depth() > *depth);
            }
        }
    }
}
