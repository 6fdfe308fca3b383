//! Sides of a comparison, token by token, that leave no row out.

use super::limits;
use super::survey::Survey;
use super::token::Kind;
use super::truth::is_key_column;
use super::values::{is_above_keys, is_below_keys, same_name};
use super::words::Key;

impl Survey<'_> {
    /// `id + 1 - 1`: nothing but the column itself and numbers. Whatever that is compared with, it is no choice of rows.
    pub(super) fn is_of_itself(&self, from: usize, to: usize, column: &str) -> bool {
        let mut names = 0;
        let plain = (from..to.min(from + limits::AHEAD)).all(|at| match self.kind(at) {
            Some(Kind::Number | Kind::Open | Kind::Close | Kind::Dot) => true,
            Some(Kind::Operator(byte)) => matches!(byte, b'+' | b'-' | b'*' | b'/'),
            Some(Kind::Word | Kind::Quoted) => {
                names += 1;
                self.kind(at + 1) != Some(Kind::Open) && same_name(&self.spelled(at, at + 1), column)
            }
            _ => false,
        });
        plain && names > 0 && to - from > 1 && to - from <= limits::AHEAD
    }

    /// `0 AND 999999999`
    pub(super) fn is_every_key(&self, from: usize, to: usize) -> bool {
        let Some(and) = (from..to.min(from + limits::AHEAD)).find(|&at| self.key(at) == Key::And) else { return false };
        let low = self.spelled(from, and);
        (is_below_keys(&low) || low == "1") && is_above_keys(&self.spelled(and + 1, to))
    }

    /// `(SELECT min(id) FROM t)`: nothing is below it.
    pub(super) fn is_extreme(&self, from: usize, to: usize, operator: &str, target: &str) -> bool {
        let extreme = if operator == ">=" { "min" } else { "max" };
        self.word(from + 2, extreme) && self.is_whole_table(from, to, target)
    }

    /// `(SELECT id FROM t WHERE 1=0)`
    pub(super) fn is_empty_query(&self, from: usize, to: usize) -> bool {
        self.key(from + 1) == Key::Select && (from..to).any(|at| self.key(at) == Key::Where) && !self.filters(from, to)
    }

    /// `WHERE id IS NOT NULL` and nothing else.
    pub(super) fn wants_any_key(&self, from: usize, to: usize) -> bool {
        let Some(at) = (from..to).find(|&at| self.key(at) == Key::Where) else { return false };
        self.tokens.get(at + 1).is_some_and(|token| is_key_column(&self.name_of(token).to_lowercase()))
            && (self.key(at + 2), self.key(at + 3), self.key(at + 4)) == (Key::Is, Key::Not, Key::Null)
            && self.kind(at + 5).is_none_or(|kind| kind == Kind::Close)
    }
}
