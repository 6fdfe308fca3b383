//! Text to tokens, as one dialect has it: quotes, comments, names, numbers.

use std::cell::RefCell;

use super::super::lexis::Lexis;
use super::super::limits;
use super::super::signs::{cuts_off, hides_a_word, stands_for_a_blank};
use super::super::words::{Key, key_in};
use super::names::{NAME, NAME_OF_TSQL, NAMES, begins_name, is_disguise};
use super::{Kind, Quote, Token, Tokens};

pub(in super::super) fn tokens(text: &str, lexis: Lexis) -> Tokens {
    let mut lexer = Lexer::new(text, lexis, (text.len() / 3 + 8).min(limits::TOKENS));
    lexer.run();
    lexer.found
}

/// A text whose tokens are read when they are asked for: how a text begins is mostly told by a few.
#[derive(Debug)]
pub(in super::super) struct Beginning<'a>(RefCell<Lexer<'a>>);

impl<'a> Beginning<'a> {
    pub(in super::super) fn of(text: &'a str, lexis: Lexis) -> Self {
        Self(RefCell::new(Lexer::new(text, lexis, 64)))
    }

    pub(in super::super) fn get(&self, at: usize) -> Option<Token> {
        let mut lexer = self.0.try_borrow_mut().ok()?;
        if lexer.found.list.len() <= at {
            lexer.run_until(at.saturating_add(1));
        }
        lexer.found.list.get(at).copied()
    }
}

#[derive(Debug)]
pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) lexis: Lexis,
    pub(super) found: Tokens,
    /// Open `/*!`.
    pub(super) versioned: u32,
    /// What `DELIMITER` set.
    pub(super) delimiter: Option<&'a str>,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, lexis: Lexis, expected: usize) -> Self {
        let found = Tokens { list: Vec::with_capacity(expected), ..Tokens::default() };
        Self { text, bytes: text.as_bytes(), at: 0, lexis, found, versioned: 0, delimiter: None }
    }

    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn char(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn push(&mut self, kind: Kind, start: usize) {
        self.push_key(kind, Key::Other, start);
    }

    pub(super) fn push_key(&mut self, kind: Kind, key: Key, start: usize) {
        if self.found.list.len() >= limits::TOKENS {
            self.found.too_many = true;
            self.at = self.bytes.len();
            return;
        }
        // Texts are at most limits::BYTES long, so places fit.
        let (start, end) = (u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(self.at).unwrap_or(u32::MAX));
        self.found.list.push(Token { kind, key, start, end });
    }

    pub(super) fn single(&mut self, kind: Kind) {
        self.at += 1;
        self.push(kind, self.at - 1);
    }

    pub(super) fn odd(&mut self, what: &'static str) {
        self.found.odd.get_or_insert((self.at, what));
    }

    fn run(&mut self) {
        self.run_until(usize::MAX);
        if self.versioned > 0 {
            self.found.unclosed.get_or_insert((self.at, "comment that never ends"));
        }
    }

    /// Until there are so many tokens, or the text ends.
    fn run_until(&mut self, count: usize) {
        while self.found.list.len() < count && self.at < self.bytes.len() {
            if let Some(delimiter) = self.delimiter
                && self.rest().starts_with(delimiter.as_bytes())
            {
                let start = self.at;
                self.at += delimiter.len();
                self.push(Kind::Batch, start);
                continue;
            }
            let byte = self.peek(0);
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c => self.at += 1,
                b'-' if self.peek(1) == b'-' && self.dashes_comment() => self.line_comment(),
                b'#' if self.lexis.hash => self.line_comment(),
                b'/' if self.peek(1) == b'*' => self.block_comment(),
                b'*' if self.versioned > 0 && self.peek(1) == b'/' => {
                    self.versioned -= 1;
                    self.at += 2;
                }
                b'\'' => self.string(if self.lexis.backslash { Quote::Escaped } else { Quote::Single }, self.at),
                b'"' if self.lexis.double_is_text => self.string(Quote::Double, self.at),
                b'"' => self.quoted(b'"', true),
                b'`' if self.lexis.backticks => self.quoted(b'`', true),
                b'[' if self.lexis.brackets => self.quoted(b']', self.lexis.tsql),
                b'$' => self.dollar(),
                b'0'..=b'9' => self.number(),
                b'.' if self.peek(1).is_ascii_digit() && !self.follows_name() => self.number(),
                b'.' if self.command_may_begin() && self.peek(1).is_ascii_alphabetic() => self.meta(1),
                b'@' => self.variable(),
                b':' if self.peek(1) != b':' && !self.follows_colon() && (self.peek(1).is_ascii_alphabetic() || self.peek(1) == b'_') => {
                    self.colon()
                }
                b':' if self.peek(1) == b'!' && self.peek(2) == b'!' => self.meta(3),
                b'!' if self.peek(1) == b'!' && self.begins_line() => self.meta(2),
                b'?' => self.single(Kind::Variable),
                b'\\' => self.backslash(),
                b'(' => self.single(Kind::Open),
                b')' => self.single(Kind::Close),
                b',' => self.single(Kind::Comma),
                b'.' => self.single(Kind::Dot),
                b';' => self.single(Kind::Semicolon),
                b'#' if self.lexis.tsql && (begins_name(char::from(self.peek(1))) || self.peek(1) == b'#') => self.word(),
                b'`' | b'!'..=b'/' | b':'..=b'@' | b'['..=b'^' | b'{'..=b'~' => self.single(Kind::Operator(byte)),
                _ => self.other(),
            }
        }
    }

    fn dashes_comment(&self) -> bool {
        !self.lexis.dashes_need_blank || self.peek(2) <= b' '
    }

    fn line_comment(&mut self) {
        let start = self.at;
        self.at += self.rest().iter().position(|&byte| byte == b'\n').unwrap_or(self.rest().len());
        if cuts_off(self.text, start, self.at) {
            self.found.cut = Some(start);
        }
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let marked = self.peek(2) == b'!' || (self.peek(2) == b'M' && self.peek(3) == b'!');
        if self.lexis.versioned && marked {
            self.at += if self.peek(2) == b'!' { 3 } else { 4 };
            let digits = self.rest().iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
            // Five digits, or six; a server takes the sixth for its own only when it begins no number, so both are blanks here.
            self.at += if digits >= 5 { digits } else { 0 };
            self.versioned = self.versioned.saturating_add(1);
            if hides_a_word(self.text.get(self.at..).unwrap_or_default()) {
                self.odd("keyword in a versioned comment");
            }
            return;
        }
        self.at += 2;
        let mut depth = 1_usize;
        while depth > 0 {
            match self.rest().iter().position(|&byte| byte == b'*' || byte == b'/') {
                None => {
                    self.at = self.bytes.len();
                    self.found.unclosed.get_or_insert((start, "comment that never ends"));
                    return;
                }
                Some(ahead) => self.at += ahead,
            }
            match (self.peek(0), self.peek(1)) {
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 && stands_for_a_blank(self.bytes, start, self.at) {
                        self.odd("comment in place of a blank");
                    }
                }
                (b'/', b'*') if self.lexis.nested => {
                    depth += 1;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
    }

    /// A string from its quote on; `start` is where its prefix began.
    fn string(&mut self, quote: Quote, start: usize) {
        let mark = self.peek(0);
        let escapes = matches!(quote, Quote::Escaped | Quote::Double) || (quote == Quote::Opaque && self.lexis.backslash);
        self.at += 1;
        loop {
            match self.rest().iter().position(|&byte| byte == mark || (escapes && byte == b'\\')) {
                None => {
                    self.at = self.bytes.len();
                    self.found.unclosed.get_or_insert((start, "quote that never ends"));
                    break;
                }
                Some(ahead) => self.at += ahead,
            }
            if self.peek(0) == mark && self.peek(1) != mark {
                self.at += 1;
                break;
            }
            self.at = (self.at + 2).min(self.bytes.len());
        }
        self.push(Kind::Text(quote), start);
    }

    fn quoted(&mut self, mark: u8, doubles: bool) {
        let start = self.at;
        self.at += 1;
        loop {
            match self.rest().iter().position(|&byte| byte == mark) {
                None => {
                    self.at = self.bytes.len();
                    self.found.unclosed.get_or_insert((start, "quote that never ends"));
                    break;
                }
                Some(ahead) => self.at += ahead + 1,
            }
            if !(doubles && self.peek(0) == mark) {
                break;
            }
            self.at += 1;
        }
        self.push(Kind::Quoted, start);
    }

    fn dollar(&mut self) {
        let start = self.at;
        let digits = self.rest().iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 {
            self.at += 1 + digits;
            return self.push(Kind::Variable, start);
        }
        let tag = self.rest().iter().skip(1).take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80).count();
        if self.lexis.dollar && self.peek(tag + 1) == b'$' && tag < 128 {
            let mark = self.bytes.get(start..start + tag + 2).unwrap_or_default();
            self.at += tag + 2;
            let body = self.bytes.get(self.at..).unwrap_or_default();
            match memchr::memmem::find(body, mark) {
                Some(ahead) => self.at += ahead + tag + 2,
                None => {
                    self.at = self.bytes.len();
                    self.found.unclosed.get_or_insert((start, "quote that never ends"));
                }
            }
            return self.push(Kind::Text(Quote::Dollar(u8::try_from(tag + 2).unwrap_or(u8::MAX))), start);
        }
        self.at += 1;
        if tag > 0 {
            // SQLite has parameters like this; elsewhere it is part of a name.
            self.at += tag;
            return self.push(Kind::Variable, start);
        }
        self.push(Kind::Operator(b'$'), start);
    }

    fn number(&mut self) {
        let start = self.at;
        let skip = |lexer: &mut Self, wanted: fn(u8) -> bool| {
            lexer.at += lexer.rest().iter().take_while(|&&byte| wanted(byte) || byte == b'_').count();
        };
        if self.peek(0) == b'0' && matches!(self.peek(1), b'x' | b'X') && self.peek(2).is_ascii_hexdigit() {
            self.at += 2;
            skip(self, |byte| byte.is_ascii_hexdigit());
            return self.push(Kind::Number, start);
        }
        skip(self, |byte| byte.is_ascii_digit());
        let mut fraction = false;
        if self.peek(0) == b'.' {
            fraction = true;
            self.at += 1;
            skip(self, |byte| byte.is_ascii_digit());
        }
        if matches!(self.peek(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + sign).is_ascii_digit() {
                self.at += 1 + sign;
                skip(self, |byte| byte.is_ascii_digit());
            } else if self.lexis.tsql || fraction {
                self.at += 1;
            }
        }
        self.push(Kind::Number, start);
    }

    fn variable(&mut self) {
        let start = self.at;
        self.at += self.rest().iter().take_while(|&&byte| byte == b'@').count();
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '@'))).unwrap_or(rest.len());
        self.push(Kind::Variable, start);
    }

    fn colon(&mut self) {
        if self.begins_line() && self.follows_nothing() {
            return self.meta(1);
        }
        let start = self.at;
        self.at += 1 + self.rest().iter().skip(1).take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'_').count();
        self.push(Kind::Variable, start);
    }

    fn follows_colon(&self) -> bool {
        self.last().is_some_and(|last| last.kind == Kind::Operator(b':') && last.end as usize == self.at)
    }

    fn last(&self) -> Option<&Token> {
        self.found.list.last()
    }

    /// The dot of `t.1` is no fraction.
    fn follows_name(&self) -> bool {
        self.last().is_some_and(|last| matches!(last.kind, Kind::Word | Kind::Quoted) && last.end as usize == self.at)
    }

    pub(super) fn follows_nothing(&self) -> bool {
        self.last().is_none_or(|last| matches!(last.kind, Kind::Semicolon | Kind::Batch | Kind::Meta))
    }

    pub(super) fn begins_line(&self) -> bool {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        before.iter().rev().find(|&&byte| !matches!(byte, b' ' | b'\t' | b'\r')).is_none_or(|&byte| byte == b'\n')
    }

    fn word(&mut self) {
        let start = self.at;
        let tsql = self.lexis.tsql;
        let goes_on = |c: char| {
            c.is_ascii_alphanumeric() || c == '_' || c == '$' || (tsql && matches!(c, '#' | '@')) || (!c.is_ascii() && begins_name(c))
        };
        let rest = self.text.get(start..).unwrap_or_default();
        let skip = usize::from(rest.starts_with('#'));
        self.at += skip;
        let kinds = if tsql { NAME | NAME_OF_TSQL } else { NAME };
        let ascii = |byte: &&u8| NAMES.get(usize::from(**byte)).is_some_and(|kind| kind & kinds != 0);
        self.at += self.rest().iter().take_while(ascii).count();
        if !self.peek(0).is_ascii() {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at += rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
        }
        let word = self.text.get(start..self.at).unwrap_or_default();
        match (self.peek(0), word) {
            (b'\'', "e" | "E") => return self.string(Quote::Escaped, start),
            (b'\'', "n" | "N") => return self.string(if self.lexis.backslash { Quote::Escaped } else { Quote::Single }, start),
            (b'\'', "x" | "X") => return self.string(Quote::Hex, start),
            (b'\'', "b" | "B") => return self.string(Quote::Opaque, start),
            (b'&', "u" | "U") if self.peek(1) == b'\'' => {
                self.at += 1;
                return self.string(Quote::Opaque, start);
            }
            (b'&', "u" | "U") if self.peek(1) == b'"' && !self.lexis.double_is_text => {
                self.odd("name with escapes");
                self.at += 1;
                return self.quoted(b'"', true);
            }
            _ => {}
        }
        let key = key_in(self.bytes, start, self.at);
        match key {
            Key::Go if self.alone_in_line(start) => self.push(Kind::Batch, start),
            Key::Delimiter if self.follows_nothing() => self.set_delimiter(start),
            _ => self.push_key(Kind::Word, key, start),
        }
    }

    fn other(&mut self) {
        let Some(c) = self.char() else {
            self.at += 1;
            return;
        };
        if begins_name(c) {
            return self.word();
        }
        self.odd(match c {
            '\0' => "NUL",
            c if c.is_whitespace() => "blank that only looks like one",
            c if is_disguise(c) => "character that hides or disguises",
            _ => "control character",
        });
        self.at += c.len_utf8();
    }
}
