//! A text in tokens: names, strings, numbers, marks.

mod client;
mod lexer;
mod names;

use super::words::Key;
pub(super) use lexer::{Beginning, tokens};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare name or keyword; of a name with a number in front also its rest.
    Word,
    /// A quoted name.
    Quoted,
    /// A string.
    Text(Quote),
    Number,
    /// `@x`, `@@x`, `:x`, `?`, `$1`
    Variable,
    Open,
    Close,
    Comma,
    Dot,
    Semicolon,
    /// What separates statements for a client and not for the server: `GO`, the delimiter that `DELIMITER` set.
    Batch,
    /// A command for the client: `\! id`, `.shell`, `:!!`. The token is its name.
    Meta,
    /// One character of an operator.
    Operator(u8),
}

/// How the inside of a string is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// `''` is `'`.
    Single,
    /// The same, and backslashes escape.
    Escaped,
    /// `".."` where that is a string, backslashes escape.
    Double,
    /// `$tag$..$tag$`, the tag's length with its dollars.
    Dollar(u8),
    Hex,
    /// `U&'..'`, `B'..'`: not read.
    Opaque,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) key: Key,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A text in tokens.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) list: Vec<Token>,
    /// Quotes or comments that never end: where, and what.
    pub(super) unclosed: Option<(usize, &'static str)>,
    /// What no server takes for what it looks like.
    pub(super) odd: Option<(usize, &'static str)>,
    /// A comment that ends the text, and is there to cut off what was behind.
    pub(super) cut: Option<usize>,
    /// More than [`limits::TOKENS`].
    pub(super) too_many: bool,
}
