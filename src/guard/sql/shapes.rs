//! What stands where, and what is made of it.

use super::survey::{NO_PAIR, Nested, Origin, Survey};
use super::token::{Kind, Token};
use super::words::Key;
use super::{Class, limits};

impl<'a> Survey<'a> {
    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    pub(super) fn key(&self, at: usize) -> Key {
        self.tokens.get(at).map_or(Key::Other, |token| token.key)
    }

    pub(super) fn previous(&self, at: usize) -> Option<&'a Token> {
        self.tokens.get(at.checked_sub(1)?)
    }

    pub(super) fn text_of(&self, token: &Token) -> &'a str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// A name without its quotes.
    pub(super) fn name_of(&self, token: &Token) -> &'a str {
        let text = self.text_of(token);
        let quotes = matches!(token.kind, Kind::Quoted | Kind::Text(_));
        if quotes { text.get(1..text.len().saturating_sub(1)).unwrap_or_default() } else { text }
    }

    pub(super) fn word(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Word && self.text_of(token).eq_ignore_ascii_case(word))
    }

    /// The token behind the parenthesis that opens at `at`; the end if it is never closed.
    pub(super) fn behind(&self, at: usize) -> usize {
        match self.pairs.get(at) {
            Some(&close) if close != NO_PAIR => close as usize + 1,
            _ => self.tokens.len(),
        }
    }

    /// The place of a token in the text that was given.
    pub(super) fn place(&self, at: usize) -> usize {
        match self.origin {
            Origin::Text => self.tokens.get(at).map_or(self.text.len(), |token| token.start as usize),
            Origin::Within { at, .. } => at,
        }
    }

    pub(super) fn add(&mut self, class: Class, at: usize, words: impl Into<String>) {
        let place = self.place(at);
        self.found.add(class, place, words);
    }

    pub(super) fn unknown(&mut self, at: usize, why: &str) {
        self.add(Class::Unknown, at, why);
        self.found.tables_complete = false;
    }

    pub(super) fn unknown_at(&mut self, place: usize, why: &str) {
        let place = match self.origin {
            Origin::Text => place,
            Origin::Within { at, .. } => at,
        };
        self.found.add(Class::Unknown, place, why);
        self.found.tables_complete = false;
    }

    pub(super) fn reads(&mut self, at: usize) {
        if !self.proof.reads {
            self.proof.reads = true;
            self.proof.at = self.place(at);
        }
    }

    pub(super) fn doubts(&mut self) {
        self.proof.doubts = true;
    }

    pub(super) fn within_text(&mut self, text: String, at: usize) {
        let depth = match self.origin {
            Origin::Text => 1,
            Origin::Within { depth, .. } => depth.saturating_add(1),
        };
        self.inner.texts.push(Nested { text, at: self.place(at), depth });
    }

    pub(super) fn depth(&self) -> usize {
        self.levels.len()
    }

    pub(super) fn in_block(&self) -> bool {
        self.blocks > 0 || self.statement.routine
    }

    pub(super) fn both(&mut self, first: Class, second: Class, at: usize) {
        self.add(first, at, self.words(at));
        self.add(second, at, self.words(at));
    }

    /// A name may stand here.
    pub(super) fn names(&self, at: usize) -> bool {
        match self.kind(at) {
            Some(Kind::Quoted) => true,
            Some(Kind::Word) => !self.key(at).is_reserved(),
            _ => false,
        }
    }

    pub(super) fn ends_statement(&self, at: usize) -> bool {
        matches!(self.kind(at), None | Some(Kind::Semicolon | Kind::Batch | Kind::Close | Kind::Meta))
    }

    /// What is before `at` may be the end of a statement.
    pub(super) fn ends_operand(&self, at: usize) -> bool {
        use Key::*;
        self.previous(at).is_some_and(|before| match before.kind {
            Kind::Quoted | Kind::Text(_) | Kind::Number | Kind::Variable | Kind::Close => true,
            Kind::Operator(byte) => byte == b'*',
            Kind::Word => !before.key.is_reserved() && before.key != Begin || matches!(before.key, End | Null | Desc | Asc | Default),
            _ => false,
        })
    }

    /// `key` comes at this depth before the statement ends, within a few words.
    pub(super) fn is_ahead(&mut self, from: usize, key: Key) -> bool {
        let mut here = from;
        let mut steps = 0;
        while steps < limits::AHEAD {
            match self.kind(here) {
                None | Some(Kind::Semicolon | Kind::Batch | Kind::Close) => return false,
                Some(Kind::Open) => here = self.behind(here),
                _ if self.key(here) == key => return true,
                _ => here += 1,
            }
            steps += 1;
        }
        false
    }

    pub(super) fn has_from(&mut self, at: usize) -> bool {
        self.is_ahead(at + 1, Key::From) || self.is_ahead(at + 1, Key::Table)
    }

    /// The keywords from `at` on, three at most.
    pub(super) fn words(&self, at: usize) -> String {
        let mut words = String::new();
        for here in at..at + 3 {
            let Some(token) = self.tokens.get(here).filter(|token| token.key != Key::Other) else { break };
            if here > at {
                words.push(' ');
            }
            words.push_str(&self.text_of(token).to_ascii_uppercase());
        }
        words
    }
}
