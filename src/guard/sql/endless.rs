//! Recursion that nothing ends: `WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT sum(n) FROM r`. It is there for the time it takes.

use super::Class;
use super::survey::Survey;
use super::token::Kind;
use super::words::Key;

/// Tokens of a recursive part that are looked at.
const PART: usize = 64;

impl Survey<'_> {
    /// A part of a union that reads nothing but the query it is part of, all of it, and no `LIMIT` behind. Joined to a table it would end with that table.
    pub(super) fn endless(&mut self) {
        let tokens = self.tokens;
        let last_limit = tokens.iter().rposition(|token| matches!(token.key, Key::Limit | Key::Fetch | Key::Top));
        for at in tokens.iter().enumerate().filter(|(_, token)| token.key == Key::From).map(|(at, _)| at) {
            if self.kind(at + 2) != Some(Kind::Close) || !self.names(at + 1) {
                continue;
            }
            let name = tokens.get(at + 1).map(|token| self.name_of(token)).unwrap_or_default();
            let mut union = false;
            let mut bounded = false;
            let mut here = at;
            // Back to where the parenthesis opens.
            for _ in 0..PART {
                let Some(before) = here.checked_sub(1) else { break };
                here = before;
                match self.kind(here) {
                    Some(Kind::Open) if self.behind(here) > at => break,
                    _ => {}
                }
                union |= self.key(here) == Key::Union;
                bounded |= matches!(self.key(here), Key::Limit | Key::Fetch | Key::Top | Key::When);
            }
            // `r AS (`, `r (n) AS (`
            let named = (here.saturating_sub(12)..here)
                .any(|at| tokens.get(at).is_some_and(|token| self.name_of(token).eq_ignore_ascii_case(name)) && self.key(at) != Key::From);
            if union && named && !bounded && last_limit.is_none_or(|limit| limit < at) && self.kind(here) == Some(Kind::Open) {
                self.add(Class::Administrative, at, "recursion that nothing ends");
                return;
            }
        }
    }
}
