//! `UNION` and queries in a condition that have nothing to do with the statement they stand in.

use super::asked::{is_catalogue, is_secret, is_server_question};
use super::survey::Survey;
use super::token::Kind;
use super::words::Key;

/// Tokens of a `UNION`'s other half that are looked at.
const LIST: usize = 96;

/// Tokens back to where the first half began.
const BACK: usize = 256;

/// Halves that are looked at; a text with more of them is not understood.
const UNIONS: usize = 256;

impl Survey<'_> {
    /// `UNION SELECT NULL, NULL`, `UNION SELECT 1, version(), 3`, `UNION SELECT name, password FROM users`.
    pub(super) fn unites_fillers(&mut self, at: usize) -> bool {
        let mut select = at + 1 + usize::from(matches!(self.key(at + 1), Key::All | Key::Distinct));
        while self.kind(select) == Some(Kind::Open) && select < at + 5 {
            select += 1;
        }
        if self.key(select) != Key::Select {
            return false;
        }
        // The half before, as far as it belongs to this level or to one below.
        let first = at.saturating_sub(BACK).max(self.levels.last().and_then(|level| level.open).unwrap_or(0)).max(self.statement.at);
        if !(first..at).any(|at| self.key(at) == Key::From) {
            return false;
        }
        self.united += 1;
        if self.united > UNIONS {
            return true;
        }
        let end = self.end_of_half(select + 1);
        if self.says(is_secret, select..end) && !self.says(is_secret, first..at)
            || self.says(is_catalogue, select..end) && !self.says(is_catalogue, first..at)
        {
            return true;
        }
        if self.ends_in_nothing(at) {
            return true;
        }
        let list = (select + 1..end).find(|&at| self.key(at) == Key::From).unwrap_or(end);
        let numbered = (first..at).any(|at| self.key(at) == Key::Select && self.kind(at + 1) == Some(Kind::Number));
        !numbered && self.is_filler(select + 1, list, list < end && !self.word(list + 1, "dual"))
    }

    /// Whether one of the names there is `wanted`.
    fn says(&self, wanted: fn(&str) -> bool, range: std::ops::Range<usize>) -> bool {
        range.into_iter().any(|at| {
            self.tokens.get(at).is_some_and(|token| {
                matches!(token.kind, Kind::Word | Kind::Quoted | Kind::Variable)
                    && token.end - token.start <= 32
                    && wanted(self.name_of(token).to_ascii_lowercase().as_str())
            })
        })
    }

    /// `AND (SELECT count(*) FROM information_schema.tables) > 5`, `AND EXISTS (SELECT .. password ..)`: a query in a condition that compares no
    /// column of the statement's own, about what the statement is not about.
    pub(super) fn asks_beside_the_matter(&mut self, at: usize) -> bool {
        let mut select = at;
        // `7 = (SELECT`, `NOT EXISTS (SELECT`, `length((SELECT`
        while select < at + 8 {
            let skipped = matches!(self.kind(select), Some(Kind::Number | Kind::Operator(_) | Kind::Open | Kind::Text(_)))
                || matches!(self.key(select), Key::Not | Key::Exists | Key::In | Key::If)
                || self.kind(select) == Some(Kind::Word) && self.kind(select + 1) == Some(Kind::Open);
            if !skipped || self.key(select) == Key::Select {
                break;
            }
            select += 1;
        }
        if self.key(select) != Key::Select || self.kind(select.wrapping_sub(1)) != Some(Kind::Open) {
            return false;
        }
        self.united += 1;
        if self.united > UNIONS {
            return true;
        }
        let first = at.saturating_sub(BACK).max(self.statement.at);
        let end = self.behind(select - 1).min(select + LIST);
        let server = (select..end).any(|at| {
            let name = self.tokens.get(at).map(|token| self.name_of(token).to_ascii_lowercase()).unwrap_or_default();
            is_server_question(&name, self.kind(at + 1) == Some(Kind::Open))
        });
        server
            || self.says(is_secret, select..end) && !self.says(is_secret, first..at)
            || self.says(is_catalogue, select..end) && !self.says(is_catalogue, first..at)
    }

    /// The end of this half: another set operation, or the statement's.
    fn end_of_half(&self, from: usize) -> usize {
        let mut here = from;
        while here < from + LIST {
            match self.kind(here) {
                Some(Kind::Open) => here = self.behind(here).max(here + 1),
                None | Some(Kind::Close | Kind::Semicolon | Kind::Batch | Kind::Meta) => break,
                _ if matches!(self.key(here), Key::Union | Key::Except | Key::Intersect) => break,
                _ => here += 1,
            }
        }
        here.min(self.tokens.len()).min(from + LIST)
    }

    /// `id = -1 UNION`, `1=2 UNION`: the first half is to find nothing.
    fn ends_in_nothing(&self, at: usize) -> bool {
        let back = |steps: usize| at.checked_sub(steps);
        let operator = |at: Option<usize>, byte| at.is_some_and(|at| self.kind(at) == Some(Kind::Operator(byte)));
        let number = |at: Option<usize>| at.is_some_and(|at| self.kind(at) == Some(Kind::Number));
        number(back(1)) && operator(back(2), b'-') && operator(back(3), b'=')
            || number(back(1)) && operator(back(2), b'=') && number(back(3)) && !self.same_tokens(at.wrapping_sub(1), at.wrapping_sub(3))
    }

    pub(super) fn same_tokens(&self, one: usize, other: usize) -> bool {
        self.tokens.get(one).map(|token| self.text_of(token)) == self.tokens.get(other).map(|token| self.text_of(token))
    }

    /// Items that hold their place only (`NULL`, `1, 2, 3`), or one that asks what kind of server it is.
    fn is_filler(&self, from: usize, to: usize, has_table: bool) -> bool {
        let mut here = from;
        let (mut items, mut counted, mut nulls, mut probes) = (0_usize, 0_usize, 0_usize, 0_usize);
        while here < to {
            items += 1;
            let mut end = here;
            while end < to && self.kind(end) != Some(Kind::Comma) {
                let name = self.tokens.get(end).map(|token| self.name_of(token).to_ascii_lowercase()).unwrap_or_default();
                let called = self.kind(end + 1) == Some(Kind::Open);
                probes += usize::from(is_server_question(&name, called));
                end = if self.kind(end) == Some(Kind::Open) { self.behind(end).clamp(end + 1, to.max(end + 1)) } else { end + 1 };
            }
            if end == here + 1 {
                nulls += usize::from(self.key(here) == Key::Null);
                probes += usize::from(
                    !has_table && ["user", "current_user", "session_user", "system_user"].iter().any(|name| self.word(here, name)),
                );
                let number = self.tokens.get(here).filter(|token| token.kind == Kind::Number).map(|token| self.text_of(token));
                nulls += usize::from(number.is_some_and(|number| number.starts_with("0x")));
                counted += usize::from(number.and_then(|number| number.parse::<usize>().ok()) == Some(items));
            }
            here = end + 1;
        }
        let held = counted + nulls;
        probes > 0 || !has_table && held == items && items >= 2 || has_table && counted >= 2
    }
}
