//! Signs that somebody's text was put into a statement, where it became part of it: the statement reads, and what it reads is not what its author meant.
//!
//! Each sign is something that tools and lists of injections write and people do not: an `OR` that always holds, a `UNION` of fillers, a comment that
//! cuts off the rest of a line, functions that are called for the error they give. From the payloads of sqlmap's documentation and OWASP's
//! Web Security Testing Guide (4.7.5). A statement without any of them may be injected all the same.

use super::asked::{is_catalogue, is_secret};
use super::survey::{Named, Survey};
use super::token::Kind;
use super::truth::Truth;
use super::words::{Key, key_of};
use super::{Class, limits};

/// What the signs are called.
const SIGNS: [&str; 13] = [
    "a question beside the matter",
    "an OR that always holds",
    "a comparison of a text with itself",
    "UNION with what is not the query's own",
    "PROCEDURE ANALYSE",
    "a function that is called for its error, or letter by letter",
    "CASE of two numbers",
    "IF of two numbers",
    "a comment that cuts off the rest",
    "comment in place of a blank",
    "keyword in a versioned comment",
    "a number that equals itself",
    "a number that is asked for",
];

/// Whether a note is of one.
pub(super) fn is_sign(words: &str) -> bool {
    SIGNS.contains(&words)
}

impl Survey<'_> {
    /// Called for every word.
    pub(super) fn signs(&mut self, at: usize, key: Key) {
        let why = match key {
            Key::Or | Key::And if self.asks_beside_the_matter(at + 1) => "a question beside the matter",
            Key::Or | Key::Xor if self.holds_by_itself(at + 1) => "an OR that always holds",
            Key::When
                if self.key(at.wrapping_sub(1)) == Key::Case
                    && self.numbers_are_compared(at + 1)
                    && self.key(at + 4 + self.group(at + 1)) == Key::Then =>
            {
                "CASE of two numbers"
            }
            Key::When
                if self.key(at.wrapping_sub(2)) == Key::Case
                    && self.kind(at.wrapping_sub(1)) == Some(Kind::Number)
                    && self.same_tokens(at.wrapping_sub(1), at + 1) =>
            {
                "CASE of two numbers"
            }
            Key::Other | Key::Replace
                if self.kind(at + 1) == Some(Kind::Open)
                    && ["repeat", "randomblob", "replicate", "rpad", "lpad", "zeroblob"].iter().any(|name| self.word(at, name))
                    && (at + 2..at + 16).any(|at| {
                        self.kind(at) == Some(Kind::Number) && self.tokens.get(at).is_some_and(|token| token.end - token.start >= 9)
                    }) =>
            {
                "a function that is called for its error, or letter by letter"
            }
            Key::If if self.numbers_are_compared(at + 2) && self.kind(at + 5) == Some(Kind::Comma) => "IF of two numbers",
            Key::And if self.texts_are_equal(at + 1) => "a comparison of a text with itself",
            Key::Union if self.unites_fillers(at) => "UNION with what is not the query's own",
            Key::Procedure if self.statement.verb == Key::Select && self.word(at + 1, "analyse") => "PROCEDURE ANALYSE",
            Key::Other | Key::Left | Key::Right if self.kind(at + 1) == Some(Kind::Open) && self.is_probe(at) => {
                "a function that is called for its error, or letter by letter"
            }
            _ => return,
        };
        self.add(Class::Unknown, at, why);
    }

    /// Called for every `=`: `8312=8312`, `8312=(SELECT ..`. One or two digits are what programs write that put conditions together.
    pub(super) fn equals(&mut self, at: usize) {
        let Some(left) = at.checked_sub(1).filter(|&left| self.kind(left) == Some(Kind::Number)) else { return };
        let digits = |at: usize| self.tokens.get(at).map_or(0, |token| token.end.saturating_sub(token.start));
        // `a.1=1` and `x-12=12` are no whole number.
        let whole = left.checked_sub(1).is_none_or(|before| !matches!(self.kind(before), Some(Kind::Operator(_) | Kind::Dot)));
        let joined = left.checked_sub(1).is_some_and(|before| self.kind(before) == Some(Kind::Operator(b'|')));
        let why = if joined && self.kind(at + 1) == Some(Kind::Number) && self.same_tokens(left, at + 1) {
            "an OR that always holds"
        } else if whole && digits(left) >= 3 && self.kind(at + 1) == Some(Kind::Number) && self.same_tokens(left, at + 1) {
            "a number that equals itself"
        } else if whole && digits(left) >= 3 && self.kind(at + 1) == Some(Kind::Open) && self.key(at + 2) == Key::Select {
            "a number that is asked for"
        } else {
            return;
        };
        self.add(Class::Unknown, left, why);
    }

    fn is_literal(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(Kind::Number | Kind::Text(_))) || matches!(self.key(at), Key::True | Key::False)
    }

    /// `1=1`, `'a' LIKE 'a'`, `NOT false`, `(2>1`, `name = name`: whatever follows ends it.
    fn holds_by_itself(&mut self, at: usize) -> bool {
        let mut from = at;
        let mut negated = false;
        while from < at + 6 && (self.kind(from) == Some(Kind::Open) || self.key(from) == Key::Not) {
            negated ^= self.key(from) == Key::Not;
            from += 1;
        }
        // `OR name IS NOT NULL OR name = 'x'`: the second is none without the quote that was broken.
        if self.names(from)
            && (self.key(from + 1), self.key(from + 2), self.key(from + 3), self.key(from + 4)) == (Key::Is, Key::Not, Key::Null, Key::Or)
            && self.same_tokens(from, from + 5)
        {
            return true;
        }
        let mut to = from;
        while to < from + 10 && !self.ends_condition(to) {
            to += 1;
        }
        if !self.ends_condition(to) || from == to {
            return false;
        }
        let values = (from..to).all(|at| {
            self.is_literal(at)
                || matches!(self.kind(at), Some(Kind::Operator(_) | Kind::Open | Kind::Comma))
                || matches!(self.key(at), Key::Like | Key::In | Key::Is | Key::Not | Key::Null | Key::Regexp | Key::Rlike | Key::Between)
        });
        if values {
            let truth = self.truth_of_operand(from, to);
            let truth = if negated { truth.not() } else { truth };
            return self.is_literal(from) && matches!(truth, Truth::Always | Truth::Constant);
        }
        // `name = name`
        let middle = (from..to).find(|&at| self.kind(at) == Some(Kind::Operator(b'=')) || self.key(at) == Key::Like);
        middle.is_some_and(|middle| {
            let anything = self.key(middle) == Key::Like && self.tokens.get(middle + 1).is_some_and(|token| self.text_of(token) == "'%'");
            middle > from && middle + 1 < to && self.names(from) && anything && middle + 2 == to
                || middle > from
                    && middle + 1 < to
                    && self.names(from)
                    && !negated
                    && self.spelled(from, middle) == self.spelled(middle + 1, to)
        })
    }

    fn group(&self, at: usize) -> usize {
        if self.kind(at) == Some(Kind::Open) { 2 } else { 0 }
    }

    fn numbers_are_compared(&self, at: usize) -> bool {
        let at = at + self.group(at) / 2;
        self.kind(at) == Some(Kind::Number)
            && matches!(self.kind(at + 1), Some(Kind::Operator(b'=')))
            && self.kind(at + 2) == Some(Kind::Number)
    }

    pub(super) fn ends_condition(&self, at: usize) -> bool {
        use Key::*;
        self.ends_statement(at)
            || matches!(self.key(at), And | Or | Xor | Limit | Order | Group | Union | Having | Procedure | Into | For | Offset | Fetch)
    }

    /// `AND '1'='1'`, `AND 8532=8532`; `1=1` alone is what programs write that put conditions together.
    fn texts_are_equal(&self, at: usize) -> bool {
        let at = at + usize::from(self.kind(at) == Some(Kind::Open));
        let long = |at: usize| self.tokens.get(at).is_some_and(|token| token.end - token.start >= 3);
        let sides = match (self.kind(at), self.kind(at + 2)) {
            (Some(Kind::Text(_)), Some(Kind::Text(_))) => true,
            (Some(Kind::Number), Some(Kind::Number)) => long(at),
            _ => false,
        };
        // `2*3*8=6*8`
        let mut end = at;
        while end < at + 9 && matches!(self.kind(end), Some(Kind::Number | Kind::Operator(b'*' | b'='))) {
            end += 1;
        }
        if end >= at + 5 && (at..end).any(|at| self.kind(at) == Some(Kind::Operator(b'='))) && self.ends_condition(end) {
            return true;
        }
        let same = || self.tokens.get(at).map(|token| self.name_of(token)) == self.tokens.get(at + 2).map(|token| self.name_of(token));
        let operator = self.kind(at + 1) == Some(Kind::Operator(b'=')) || self.key(at + 1) == Key::Like;
        sides && operator && same() && self.ends_condition(at + 3)
    }

    /// `SELECT *`, or a column that holds passwords, of the table at `at`.
    pub(super) fn shows_passwords(&self, at: usize) -> bool {
        (at.saturating_sub(4 * limits::AHEAD)..at).any(|at| {
            let all = self.kind(at) == Some(Kind::Operator(b'*')) && self.kind(at.wrapping_sub(1)) != Some(Kind::Open);
            all || self.tokens.get(at).is_some_and(|token| is_secret(&self.name_of(token).to_ascii_lowercase()))
        })
    }

    /// `FROM information_schema.columns a, information_schema.columns b, ..`: a product of catalogues takes time, and is there for nothing else.
    pub(super) fn multiplies(&mut self, named: &[Named]) {
        let system = |named: &Named| named.parts.iter().any(|part| is_catalogue(part));
        for pair in named.windows(2) {
            if let [one, other] = pair
                && one.parts == other.parts
                && system(one)
                && (one.at..other.at).any(|at| self.kind(at) == Some(Kind::Comma))
                && other.at.saturating_sub(one.at) < 8
            {
                self.add(Class::Administrative, other.at, "catalogues multiplied");
                return;
            }
        }
    }
}

/// A comment from `start` to `end` that ends the text and says nothing (`--`, `-- -`), or begins with the quote that was to close (`--' AND ..`).
pub(super) fn cuts_off(text: &str, start: usize, end: usize) -> bool {
    let (before, behind) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
    // Alone in its line it cuts off nothing.
    let alone = before.bytes().rev().take_while(|&byte| byte != b'\n').all(|byte| byte.is_ascii_whitespace());
    if alone || !behind.bytes().all(|byte| byte.is_ascii_whitespace()) {
        return false;
    }
    let comment = text.get(start..end).unwrap_or_default();
    let said = comment.trim_start_matches(['-', '#', ' ', '+', '\t']);
    let unpaired = |mark: char| said.starts_with(mark) && said.matches(mark).count() % 2 == 1;
    let closes = said.starts_with(')') && said.matches('(').count() < said.matches(')').count();
    if said.trim_matches(['-', '+', '/', '*', ' ', '\t', '\r', '#']).is_empty() {
        comment.trim_end().len() <= 6
    } else {
        unpaired('\'') || unpaired('"') || closes
    }
}

/// `UNION/**/SELECT`: nobody writes that but to get past a filter. The comment is from `start` to `end`.
pub(super) fn stands_for_a_blank(bytes: &[u8], start: usize, end: usize) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'\'' | b'_' | b'`');
    let byte = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    let before = byte(start.checked_sub(1));
    let said = bytes.get(start + 2..end.saturating_sub(2)).unwrap_or_default();
    (word(before) || before == b')') && word(byte(Some(end))) && said.len() <= 24 && said.iter().all(u8::is_ascii_alphanumeric)
}

/// `/*!50000UNION*/`, `/*!SELECT*/`: `rest` is what follows the version. Dumps put other words there.
pub(super) fn hides_a_word(rest: &str) -> bool {
    let word = rest.trim_ascii_start();
    let end = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
    matches!(
        key_of(word.get(..end).unwrap_or_default()),
        Key::Union | Key::Select | Key::From | Key::Where | Key::Or | Key::And | Key::Into
    )
}
