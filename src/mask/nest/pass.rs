//! JSON in a text that is neither a rule's nor has JSON in its strings, token by token, each in one step.

use super::{Chain, Nest, Structure, Walk, may_hold_json, reset};
use crate::mask::cells::role;
use crate::wire::json::{Event, whole_literal, whole_number, whole_string};

impl Walk<'_> {
    /// Up to where nothing needs a closer look, from `at` on.
    pub(super) fn pass(
        &self,
        level: usize,
        (nest, inner): (&mut Nest, &mut [Nest]),
        outer: &Chain<'_>,
        part: std::ops::Range<usize>,
        seen: &mut Structure,
    ) -> usize {
        let text = self.levels.text(level).get(..part.end).unwrap_or_default();
        let mut at = part.start;
        while nest.active
            && nest.region.is_none()
            && nest.lexer.is_between()
            && let Some(rest) = text.get(at..)
            && let Some(first) = rest.first()
        {
            let len = match first {
                b'"' => self.string(level, (nest, inner), outer, rest, at, seen),
                b':' | b',' => nest.lexer.whole_sign(rest).map(|(len, comma)| {
                    if comma {
                        nest.path.next();
                    }
                    len
                }),
                b'{' | b'[' | b'}' | b']' => nest.lexer.whole_bracket(*first).map(|event| {
                    self.bracket(nest, outer, event);
                    1
                }),
                b'-' | b'0'..=b'9' if nest.lexer.string_comes() == Some(false) => whole_number(rest).inspect(|_| {
                    self.number(level, nest, outer, at, seen);
                    nest.lexer.value_read();
                }),
                b' ' | b'\n' | b'\r' | b'\t' => Some(rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count()),
                b't' | b'f' | b'n' if nest.lexer.string_comes() == Some(false) => whole_literal(rest).inspect(|_| nest.lexer.value_read()),
                _ => None,
            };
            let Some(len) = len else { break };
            at += len;
            if nest.lexer.is_complete() {
                nest.leave();
            }
        }
        at
    }

    /// The length of the string that `rest` begins with, if nothing in it matters.
    #[inline]
    fn string(
        &self,
        level: usize,
        (nest, inner): (&mut Nest, &mut [Nest]),
        outer: &Chain<'_>,
        rest: &[u8],
        at: usize,
        seen: &mut Structure,
    ) -> Option<usize> {
        let is_name = nest.lexer.string_comes()?;
        let len = whole_string(rest)?;
        let content = rest.get(1..=len)?;
        if is_name {
            (!content.contains(&b'\\')).then_some(())?;
            nest.path.member(content, false);
            nest.role = role(self.profile, content);
            if seen.wants_places && !content.is_empty() {
                seen.names.push(self.levels.raw_start(level, at + 1)..self.levels.raw_end(level, at + 1 + len));
            }
        } else {
            if nest.rule_for_value(self.profile, outer).is_some() {
                return None;
            }
            reset(inner);
            if !content.is_empty() && may_hold_json(inner, content) {
                return None;
            }
            reset(inner);
            self.cell(level, nest, at + 1, seen);
            self.hear(nest, content);
        }
        nest.lexer.string_read(is_name);
        Some(len + 2)
    }

    pub(super) fn bracket(&self, nest: &mut Nest, outer: &Chain<'_>, event: Event) {
        if let Event::Open { array } = event {
            if nest.region.is_none() {
                nest.region = nest.rule_for_value(self.profile, outer).map(|rule| (nest.path.depth(), rule));
            }
            if array {
                nest.cells.opens(self.profile, &nest.path, nest.role);
            }
            nest.path.open(array);
        } else {
            nest.cells.closes(&nest.path);
            nest.path.close();
            nest.region = nest.region.filter(|(depth, _)| nest.path.depth() > *depth);
        }
    }
}
