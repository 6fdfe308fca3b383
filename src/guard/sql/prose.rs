//! Statement or sentence: whether the whole beginning of a statement is there.

use super::functions::{function, only_computes};
use super::limits;
use super::token::{Beginning, Kind, Token};
use super::words::Key;

/// The beginning of a text in tokens.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a Beginning<'a>,
    /// The token that is number 0 here, and how many are looked at.
    pub(super) from: usize,
    pub(super) most: usize,
}

impl Shape<'_> {
    fn token(&self, at: usize) -> Option<Token> {
        if at < self.most { self.tokens.get(self.from.saturating_add(at)) } else { None }
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.token(at).map(|token| token.kind)
    }

    pub(super) fn key(&self, at: usize) -> Key {
        self.token(at).map_or(Key::Other, |token| token.key)
    }

    pub(super) fn text_at(&self, at: usize) -> &str {
        self.token(at).and_then(|token| self.text.get(token.start as usize..token.end as usize)).unwrap_or_default()
    }

    pub(super) fn begins(self) -> Option<bool> {
        use Key::*;
        // `Drop`, as a sentence begins: then something must be there that no sentence has.
        let verb = self.text_at(0);
        let sentence = verb.starts_with(|c: char| c.is_ascii_uppercase()) && verb.get(1..)?.bytes().all(|byte| byte.is_ascii_lowercase());
        let sure = !sentence || self.has_punctuation();
        Some(match self.key(0) {
            Drop => {
                let object = matches!(
                    self.key(1),
                    Table
                        | Database
                        | Schema
                        | View
                        | Index
                        | User
                        | Role
                        | Login
                        | Function
                        | Procedure
                        | Trigger
                        | Sequence
                        | Materialized
                        | Extension
                        | Owned
                        | Tablespace
                );
                let mut at = 2 + usize::from(matches!(self.key(1), Materialized | Owned));
                if self.key(at) == If {
                    at += 2;
                }
                object && sure && self.name(at).is_some_and(|end| self.ends(end) || matches!(self.key(end), Cascade | Restrict | On))
            }
            Truncate => {
                let at = 1 + usize::from(self.key(1) == Table);
                sure && self
                    .name(at)
                    .is_some_and(|end| (self.ends(end) && (at == 2 || self.shouts(0))) || matches!(self.key(end), Cascade | Restrict))
            }
            Delete => {
                let at = 1 + usize::from(matches!(self.key(1), LowPriority | Quick | Ignore));
                let end = self.name(at + 1).filter(|_| self.key(at) == From)?;
                let alias = end + usize::from(self.key(end) == As) + usize::from(self.key(end) == As);
                let filtered = |at: usize| matches!(self.key(at), Where) && self.compares(at + 1);
                sure && (self.ends(end)
                    || filtered(end)
                    || filtered(alias)
                    || filtered(end + 1)
                    || matches!(self.key(end), Using | Returning)
                    || self.key(end) == Limit && self.kind(end + 1) == Some(Kind::Number))
            }
            Update => {
                let end = self.name(1)?;
                let set = if self.key(end) == Set { end } else { (end + 1..end + 3).find(|&at| self.key(at) == Set)? };
                let column = self.name(set + 1)?;
                self.kind(column) == Some(Kind::Operator(b'='))
            }
            Insert | Replace => {
                let at = 1 + usize::from(matches!(self.key(1), Ignore | LowPriority | Delayed));
                let end = self.name(at + 1).filter(|_| self.key(at) == Into)?;
                self.kind(end) == Some(Kind::Open)
                    || self.key(end) == Values && self.kind(end + 1) == Some(Kind::Open)
                    || self.key(end) == Select
                    || self.key(end) == Default && self.key(end + 1) == Values
                    || self.key(end) == Set
            }
            Select => sure && self.selects(),
            With => self.name(1 + usize::from(self.key(1) == Recursive)).is_some_and(|end| {
                self.key(end) == As
                    && self.kind(end + 1) == Some(Kind::Open)
                    && matches!(self.key(end + 2), Select | Delete | Update | Insert)
            }),
            Union => self.unites(0),
            Alter => {
                let object = matches!(self.key(1), Table | User | Role | Login | Database | System | Schema);
                let end = if self.key(1) == System { 2 } else { self.name(2)? };
                object
                    && sure
                    && matches!(
                        self.key(end),
                        Add | Drop
                            | Rename
                            | Alter
                            | Modify
                            | Change
                            | Set
                            | Owner
                            | With
                            | Identified
                            | Password
                            | Disable
                            | Enable
                            | Reset
                    )
            }
            Create => {
                let at = 1 + 2 * usize::from(self.key(1) == Or) + usize::from(matches!(self.key(1), Temp | Temporary | Unique));
                match self.key(at) {
                    Table => {
                        let name = if self.key(at + 1) == If { at + 4 } else { at + 1 };
                        self.name(name)
                            .is_some_and(|end| self.kind(end) == Some(Kind::Open) || self.key(end) == As && self.key(end + 1) == Select)
                    }
                    View | Materialized => (at..at + 6).any(|at| self.key(at) == As && self.key(at + 1) == Select),
                    Function | Procedure => self.name(at + 1).is_some_and(|end| self.kind(end) == Some(Kind::Open)),
                    User | Role | Login => {
                        self.name(at + 1).is_some_and(|end| matches!(self.key(end), Identified | Password | With)) && sure
                    }
                    Database | Schema => self.shouts(0) && self.name(at + 1).is_some_and(|end| self.ends(end)),
                    Extension => sure && self.name(at + 1).is_some_and(|end| self.ends(end)),
                    _ => false,
                }
            }
            Grant | Revoke => {
                let privilege = matches!(self.key(1), All | Select | Insert | Update | Delete | Execute);
                let on = (2..14).find(|&at| self.key(at) == On)?;
                let way = (on + 1..on + 8).find(|&at| matches!(self.key(at), To | From))?;
                privilege
                    && sure
                    && self.name(on + 1 + usize::from(matches!(self.key(on + 1), Table | Database))).is_some()
                    && self.name(way + 1).is_some()
                    || self.text.contains("*.*") && privilege
            }
            Exec | Execute => {
                let name = self.text_at(1).to_ascii_lowercase();
                let last = self.text_at(self.dotted(1).saturating_sub(1)).to_ascii_lowercase();
                [name, last].iter().any(|name| name.starts_with("xp_") || name.starts_with("sp_"))
                    || self.key(1) == Immediate && matches!(self.kind(2), Some(Kind::Text(_)))
                    || self.kind(1) == Some(Kind::Open) && matches!(self.kind(2), Some(Kind::Text(_)))
            }
            Load => self.key(1) == Data && (2..6).any(|at| self.key(at) == Infile),
            Copy => {
                let end = if self.kind(1) == Some(Kind::Open) { 2 } else { self.name(1)? };
                (end..end + 24).any(|at| {
                    matches!(self.key(at), From | To)
                        && (self.key(at + 1) == Program && matches!(self.kind(at + 2), Some(Kind::Text(_)))
                            || matches!(self.kind(at + 1), Some(Kind::Text(_))))
                        && self.text_at(at + 1) != "'"
                })
            }
            Attach => self.key(1) == Database && matches!(self.kind(2), Some(Kind::Text(_))) && self.key(3) == As,
            Pragma => {
                self.shouts(0)
                    && self.name(1).is_some_and(|end| self.ends(end) || matches!(self.kind(end), Some(Kind::Operator(b'=') | Kind::Open)))
            }
            Merge => self.key(1) == Into && self.name(2).is_some_and(|end| (end..end + 3).any(|at| self.key(at) == Using)) && sure,
            Do => matches!(self.kind(1), Some(Kind::Operator(b'$'))) && self.text.get(2..)?.contains("$$"),
            Set => self.key(1) == Global && self.kind(3) == Some(Kind::Operator(b'=')) && !sentence && self.ends(5),
            Shutdown => {
                self.shouts(0)
                    && (self.token(0).is_some() && self.token(1).is_none() && (self.text.contains(';') || self.text.contains("--"))
                        || self.key(1) == With && self.key(2) == Nowait)
            }
            Backup | Restore => self.key(1) == Database && (3..6).any(|at| matches!(self.key(at), To | From)) && self.text.contains('='),
            Waitfor => matches!(self.kind(2), Some(Kind::Text(_))),
            _ => false,
        })
    }

    /// `UNION SELECT` and a list.
    pub(super) fn unites(self, at: usize) -> bool {
        let select = at + 1 + usize::from(matches!(self.key(at + 1), Key::All | Key::Distinct));
        let list = |at| {
            // A quote that is never closed begins no list.
            let closed = self.text_at(at).len() > 1 && self.text_at(at).ends_with(['\'', '"']);
            matches!(self.kind(at), Some(Kind::Text(_))) && closed
                || matches!(self.kind(at), Some(Kind::Comma | Kind::Number | Kind::Open | Kind::Operator(_) | Kind::Variable))
                || matches!(self.key(at), Key::From | Key::Null)
        };
        self.key(select) == Key::Select && (select + 1..select + 3).any(list)
    }

    /// `*`, columns or values, `FROM`, a table, and what may follow it; or a function alone that is known for what it does.
    fn selects(self) -> bool {
        use Key::*;
        let mut at = 1 + usize::from(matches!(self.key(1), Distinct | All));
        let mut plain = true;
        let mut depth = 0_usize;
        let mut words = 0;
        let mut dangerous = false;
        loop {
            let token = self.token(at);
            match (token.map(|token| token.kind), token.map_or(Other, |token| token.key)) {
                (None | Some(Kind::Semicolon), _) => return dangerous,
                (_, From | Into) if depth == 0 => break,
                (Some(Kind::Open), _) => {
                    let name = self.text_at(at - 1).trim_matches(['"', '`', '[', ']']);
                    dangerous |= !only_computes(name) && function(&name.to_ascii_lowercase()).is_some();
                    depth += 1;
                    plain = false;
                    words = 0;
                }
                (Some(Kind::Close), _) => depth = depth.saturating_sub(1),
                (Some(Kind::Comma), _) => {
                    plain = false;
                    words = 0;
                }
                (Some(Kind::Operator(_) | Kind::Dot), _) => {
                    plain = false;
                    words = 0;
                }
                (Some(Kind::Word), As) => words = 0,
                (
                    Some(Kind::Word),
                    Case | When | Then | Else | End | And | Or | Not | Is | Null | Distinct | Over | Partition | By | Order | Interval
                    | Between | In | Like | Desc | Asc,
                ) if !plain => words = 0,
                (Some(Kind::Word | Kind::Quoted | Kind::Text(_) | Kind::Number | Kind::Variable), _) => {
                    words += 1;
                    // `a b` is a column and its name; three words are a sentence.
                    if words > 2 || (words == 2 && plain) {
                        return dangerous;
                    }
                }
                _ => return dangerous,
            }
            at += 1;
            if at > 200 {
                return dangerous;
            }
        }
        if self.key(at) == Into {
            return matches!(self.key(at + 1), Outfile | Dumpfile);
        }
        if self.kind(at + 1) == Some(Kind::Open) {
            return !plain || self.key(at + 2) == Select;
        }
        let Some(end) = self.name(at + 1) else { return dangerous };
        let alias = end
            + usize::from(self.key(end) == As)
            + usize::from(self.key(end) == Other && self.kind(end) == Some(Kind::Word) || self.key(end) == As);
        let clause = |at: usize| match self.key(at) {
            Where | Having | On => self.compares(at + 1),
            Order | Group => self.key(at + 1) == By,
            Limit | Offset => matches!(self.kind(at + 1), Some(Kind::Number | Kind::Variable)),
            Join | StraightJoin => true,
            Left | Right | Inner | Outer | Full | Cross | Natural => matches!(self.key(at + 1), Join | Outer | Inner | Left),
            Union | Except | Intersect => matches!(self.key(at + 1), Select | All),
            Into => matches!(self.key(at + 1), Outfile | Dumpfile),
            For => self.key(at + 1) == Update,
            _ => false,
        };
        let listed = |at: usize| self.kind(at) == Some(Kind::Comma) && !plain;
        (self.ends(end) && !plain) || clause(end) || clause(alias) || listed(end) || self.kind(end) == Some(Kind::Semicolon)
    }

    /// A comparison, somewhere in the next few tokens.
    fn compares(self, at: usize) -> bool {
        (at..at + 8).any(|at| {
            matches!(self.kind(at), Some(Kind::Operator(b'=' | b'<' | b'>' | b'!')))
                || matches!(self.key(at), Key::Like | Key::Between | Key::Ilike)
                    && matches!(self.kind(at + 1), Some(Kind::Text(_) | Kind::Number))
                || self.key(at) == Key::In && self.kind(at + 1) == Some(Kind::Open)
                || self.key(at) == Key::Is && matches!(self.key(at + 1), Key::Null | Key::Not)
        }) || matches!(self.kind(at), Some(Kind::Number)) && self.ends(at + 1)
            || self.key(at) == Key::True && self.ends(at + 1)
    }

    /// The token behind a table's name that begins at `at`, if there is one that is no word of a sentence.
    fn name(self, at: usize) -> Option<usize> {
        const SENTENCE: [&str; 40] = [
            "the", "a", "an", "my", "your", "our", "their", "his", "her", "its", "this", "that", "these", "those", "it", "them", "all",
            "any", "each", "every", "some", "me", "us", "you", "here", "there", "and", "or", "of", "for", "to", "in", "by", "with", "at",
            "as", "if", "when", "what", "where",
        ];
        let named = match self.kind(at)? {
            Kind::Quoted => true,
            Kind::Text(_) => self.text_at(at).starts_with('"'),
            Kind::Word => {
                let text = self.text_at(at);
                !self.key(at).is_reserved() && !SENTENCE.iter().any(|word| text.eq_ignore_ascii_case(word))
            }
            _ => false,
        };
        named.then(|| self.dotted(at))
    }

    fn dotted(self, at: usize) -> usize {
        let mut end = at + 1;
        while self.kind(end) == Some(Kind::Dot) && end < at + 8 {
            match (self.kind(end + 1), self.kind(end + 2)) {
                (Some(Kind::Word | Kind::Quoted | Kind::Operator(b'*')), _) => end += 2,
                // `master..xp_cmdshell`
                (Some(Kind::Dot), Some(Kind::Word | Kind::Quoted)) => end += 3,
                _ => break,
            }
        }
        end
    }

    fn ends(self, at: usize) -> bool {
        matches!(self.kind(at), None | Some(Kind::Semicolon | Kind::Close))
    }

    /// A word in capitals.
    fn shouts(self, at: usize) -> bool {
        self.text_at(at).bytes().all(|byte| !byte.is_ascii_lowercase())
    }

    /// Something that statements have and sentences lack.
    fn has_punctuation(self) -> bool {
        (0..limits::AHEAD * 2)
            .map_while(|at| self.token(at))
            .any(|token| matches!(token.kind, Kind::Operator(b'=' | b'*' | b'<' | b'>') | Kind::Semicolon | Kind::Quoted))
    }
}
