//! What dialects read differently.

/// What a dialect reads differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lexis {
    /// Backslashes escape in `'..'`.
    pub(super) backslash: bool,
    /// `".."` is a string.
    pub(super) double_is_text: bool,
    pub(super) brackets: bool,
    pub(super) backticks: bool,
    /// `#` begins a comment.
    pub(super) hash: bool,
    /// `$tag$..$tag$`
    pub(super) dollar: bool,
    /// `/* /* */ */`
    pub(super) nested: bool,
    /// `/*!50000 .. */` is no comment.
    pub(super) versioned: bool,
    /// `--` begins a comment only before a blank.
    pub(super) dashes_need_blank: bool,
    /// Statements need no `;` between them, `1eSELECT` is a number and a word, names may have `#`.
    pub(super) tsql: bool,
    /// A common table expression may name itself without `RECURSIVE`.
    pub(super) self_reference: bool,
    /// `||` is `OR`.
    pub(super) pipes_or: bool,
}

impl Lexis {
    pub(super) const POSTGRESQL: Self = Self {
        backslash: false,
        double_is_text: false,
        brackets: false,
        backticks: false,
        hash: false,
        dollar: true,
        nested: true,
        versioned: false,
        dashes_need_blank: false,
        tsql: false,
        self_reference: false,
        pipes_or: false,
    };
    pub(super) const MYSQL: Self = Self {
        backslash: true,
        double_is_text: true,
        backticks: true,
        hash: true,
        dollar: false,
        nested: false,
        versioned: true,
        dashes_need_blank: true,
        pipes_or: true,
        ..Self::POSTGRESQL
    };
    /// As a server reads it that is older than the version in a versioned comment.
    pub(super) const MYSQL_OLD: Self = Self { versioned: false, ..Self::MYSQL };
    pub(super) const SQLITE: Self = Self { brackets: true, backticks: true, dollar: false, nested: false, ..Self::POSTGRESQL };
    pub(super) const TSQL: Self = Self { brackets: true, dollar: false, tsql: true, self_reference: true, ..Self::POSTGRESQL };
}
