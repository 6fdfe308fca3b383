//! What clients of databases run themselves: `\\!`, `.shell`, `:!!`, `GO`, `DELIMITER`.

use super::super::words::Key;
use super::Kind;
use super::lexer::Lexer;

impl Lexer<'_> {
    /// A command's name, `skip` bytes after here.
    pub(super) fn meta(&mut self, skip: usize) {
        let start = self.at;
        self.at += skip;
        self.at += self.rest().iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        self.push(Kind::Meta, start);
    }

    pub(super) fn backslash(&mut self) {
        match self.peek(1) {
            // T-SQL goes on in the next line.
            b'\r' | b'\n' => {
                self.odd("backslash at the end of a line");
                self.at += 1;
            }
            // `\G` ends a statement for MySQL's client; `\g file` is for another.
            b'g' | b'G'
                if self
                    .rest()
                    .iter()
                    .skip(2)
                    .find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b';'))
                    .is_none_or(|&byte| byte == b'\n') =>
            {
                self.at += 1;
                self.single(Kind::Batch);
            }
            b'!' | b'.' | b'?' => self.meta(2),
            _ => self.meta(1),
        }
    }

    pub(super) fn set_delimiter(&mut self, start: usize) {
        self.push_key(Kind::Word, Key::Delimiter, start);
        let rest = self.text.get(self.at..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        self.at += line.len();
        self.delimiter = line.split_whitespace().next().filter(|&delimiter| delimiter != ";");
        self.push(Kind::Batch, start);
    }

    pub(super) fn command_may_begin(&self) -> bool {
        self.follows_nothing() && self.begins_line()
    }

    /// `GO` and `GO 5` make a batch, which is a matter of the client and so of every dialect that a client may take for T-SQL.
    pub(super) fn alone_in_line(&self, start: usize) -> bool {
        if !self.lexis.tsql {
            return false;
        }
        let before = self.bytes.get(..start).unwrap_or_default();
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'0'..=b'9');
        let first = before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).is_none_or(|&byte| byte == b'\n');
        let last = self.rest().iter().find(|byte| !blank(byte)).is_none_or(|&byte| matches!(byte, b'\n' | b';' | b'-' | b'/'));
        first && last
    }
}
