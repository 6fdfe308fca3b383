//! Signs that somebody's text was put into a statement, where it became part of it: the statement reads, and what it reads is not what its author meant.
//!
//! Each sign is something that tools and lists of injections write and people do not: an `OR` that always holds, a `UNION` of fillers, a comment that
//! cuts off the rest of a line, functions that are called for the error they give. From the payloads of sqlmap's documentation and OWASP's
//! Web Security Testing Guide (4.7.5). A statement without any of them may be injected all the same.

use super::Class;
use super::survey::{Named, Survey};
use super::token::Kind;
use super::truth::Truth;
use super::words::{Key, key_of};

/// What the signs are called.
const SIGNS: [&str; 11] = [
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
];

/// Whether a note is of one.
pub(super) fn is_sign(words: &str) -> bool {
    SIGNS.contains(&words)
}

/// Tokens of a `UNION`'s other half that are looked at.
const LIST: usize = 96;

/// Tokens back to where the first half began.
const BACK: usize = 256;

/// Halves that are looked at; a text with more of them is not understood.
const UNIONS: usize = 256;

const SECRETS: [&str; 18] = [
    "pass",
    "passwd",
    "password",
    "passwords",
    "pwd",
    "userpassword",
    "user_password",
    "user_pass",
    "passwordhash",
    "password_hash",
    "passwd_hash",
    "pw_hash",
    "authentication_string",
    "credit_card",
    "creditcard",
    "card_number",
    "ssn",
    "api_key",
];

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

    fn ends_condition(&self, at: usize) -> bool {
        use Key::*;
        self.ends_statement(at)
            || matches!(self.key(at), And | Or | Xor | Limit | Order | Group | Union | Having | Procedure | Into | For | Offset | Fetch)
    }

    /// `AND '1'='1'`, `AND 8532=8532`; `1=1` alone is what programs write that put conditions together.
    fn texts_are_equal(&self, at: usize) -> bool {
        let at = at + usize::from(self.kind(at) == Some(Kind::Open));
        let long = |at: usize| self.tokens.get(at).is_some_and(|token| token.end - token.start >= 2);
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

    /// `UNION SELECT NULL, NULL`, `UNION SELECT 1, version(), 3`, `UNION SELECT name, password FROM users`.
    fn unites_fillers(&mut self, at: usize) -> bool {
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
    fn asks_beside_the_matter(&mut self, at: usize) -> bool {
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
            name.starts_with("@@version")
                || self.kind(at - 1) == Some(Kind::Open) && name == "version" && self.kind(at + 1) == Some(Kind::Open)
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

    /// `id = -1 UNION`, `1=2 UNION`, `name = '' UNION`: the first half is to find nothing.
    fn ends_in_nothing(&self, at: usize) -> bool {
        let back = |steps: usize| at.checked_sub(steps);
        let operator = |at: Option<usize>, byte| at.is_some_and(|at| self.kind(at) == Some(Kind::Operator(byte)));
        let number = |at: Option<usize>| at.is_some_and(|at| self.kind(at) == Some(Kind::Number));
        let empty = back(1).and_then(|at| self.tokens.get(at)).is_some_and(|token| matches!(self.text_of(token), "''" | "\"\""));
        number(back(1)) && operator(back(2), b'-') && operator(back(3), b'=')
            || number(back(1)) && operator(back(2), b'=') && number(back(3)) && !self.same_tokens(at.wrapping_sub(1), at.wrapping_sub(3))
            || empty && operator(back(2), b'=')
    }

    fn same_tokens(&self, one: usize, other: usize) -> bool {
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

    /// Functions whose error tells what they were given, and letters of what was asked.
    fn is_probe(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else { return false };
        let name = self.name_of(token);
        if name.len() > 24 {
            return false;
        }
        let (first, second) = (at + 2, at + 3);
        let asks = |at: usize| {
            let at = at + usize::from(self.kind(at) == Some(Kind::Open));
            let name = self.tokens.get(at).map(|token| self.name_of(token).to_ascii_lowercase()).unwrap_or_default();
            self.key(at) == Key::Select || is_server_question(&name, self.kind(at + 1) == Some(Kind::Open))
        };
        let called = |at: usize, names: &[&str]| self.kind(at + 1) == Some(Kind::Open) && names.iter().any(|name| self.word(at, name));
        let secret =
            |at: usize| self.tokens.get(at).is_some_and(|token| SECRETS.contains(&self.name_of(token).to_ascii_lowercase().as_str()));
        let in_condition =
            || (at.saturating_sub(10)..at).any(|at| matches!(self.key(at), Key::And | Key::Or | Key::Where | Key::If | Key::When));
        const CUTS: [&str; 6] = ["substring", "substr", "mid", "left", "right", "substrb"];
        match name.to_ascii_lowercase().as_str() {
            "extractvalue" | "updatexml" => {
                self.kind(first) == Some(Kind::Number)
                    || called(first, &["rand", "xmltype"])
                    || (second..second + 4).any(|at| called(at, &["concat", "concat_ws"]))
            }
            "length" | "len" | "char_length" => {
                self.kind(first) == Some(Kind::Word) && self.key(first) != Key::Select && asks(first) && in_condition()
            }
            "floor" => {
                called(first, &["rand"]) && self.kind(first + 4) == Some(Kind::Operator(b'*')) && self.kind(first + 2) == Some(Kind::Number)
            }
            "exp" => self.kind(first) == Some(Kind::Operator(b'~')),
            "ascii" | "ord" | "unicode" | "bin" | "hex" => {
                CUTS.iter().any(|cut| called(first, &[cut])) && (asks(first + 2) || called(first + 2, &["concat", "cast", "ifnull"]))
                    || asks(first) && self.key(first + 1) == Key::Select && name.eq_ignore_ascii_case("ascii")
            }
            "substring" | "substr" | "mid" | "left" | "right" | "substrb" => asks(first) && in_condition() || secret(first),
            "convert" => {
                self.word(first, "int") && self.kind(second) == Some(Kind::Comma) && (asks(second + 1) || called(second + 1, &["char"]))
            }
            "json_keys"
            | "gtid_subset"
            | "gtid_subtract"
            | "name_const"
            | "st_latfromgeohash"
            | "st_longfromgeohash"
            | "st_pointfromgeohash" => asks(first) || called(first, &["concat"]),
            "polygon" | "multipoint" | "linestring" | "multilinestring" | "geometrycollection" | "multipolygon" => {
                self.kind(first) == Some(Kind::Open) && self.key(second) == Key::Select
            }
            "elt" | "make_set" => self.kind(first) == Some(Kind::Number) && self.kind(second) == Some(Kind::Operator(b'=')),
            "cast" => asks(first) && self.key(first) != Key::Select && self.kind(first) != Some(Kind::Open) && self.casts_to_number(at),
            "char" | "chr" | "nchar" => self.spells(at),
            _ => false,
        }
    }

    fn casts_to_number(&self, at: usize) -> bool {
        let end = self.behind(at + 1);
        end.checked_sub(2).is_some_and(|last| ["int", "integer", "numeric", "signed"].iter().any(|kind| self.word(last, kind)))
    }

    /// `CHAR(113)+CHAR(112)+CHAR(107)`, `CHAR(113,112,107)`: a word that is not to be seen. Two make the end of a line.
    fn spells(&self, at: usize) -> bool {
        let letter = |at: usize| {
            self.kind(at) == Some(Kind::Number)
                && self.tokens.get(at).and_then(|token| self.text_of(token).parse::<u8>().ok()).is_some_and(|code| code.is_ascii_graphic())
        };
        if (0..3).all(|nth| letter(at + 2 + 2 * nth)) && self.kind(at + 3) == Some(Kind::Comma) && self.kind(at + 5) == Some(Kind::Comma) {
            return true;
        }
        let mut here = at;
        for nth in 0..3 {
            if self.kind(here + 1) != Some(Kind::Open)
                || !letter(here + 2)
                || self.kind(here + 3) != Some(Kind::Close)
                || !self.same_tokens(here, at)
            {
                return false;
            }
            here += 4;
            if nth < 2 {
                match self.kind(here) {
                    Some(Kind::Operator(b'+')) => here += 1,
                    Some(Kind::Operator(b'|')) => here += 2,
                    _ => return false,
                }
            }
        }
        true
    }

    /// `SELECT *`, or a column that holds passwords, of the table at `at`.
    pub(super) fn shows_passwords(&self, at: usize) -> bool {
        (at.saturating_sub(LIST)..at).any(|at| {
            let all = self.kind(at) == Some(Kind::Operator(b'*')) && self.kind(at.wrapping_sub(1)) != Some(Kind::Open);
            all || self.tokens.get(at).is_some_and(|token| SECRETS.contains(&self.name_of(token).to_ascii_lowercase().as_str()))
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

fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name)
}

/// Where servers keep what they know about themselves.
fn is_catalogue(name: &str) -> bool {
    matches!(
        name,
        "information_schema"
            | "sqlite_master"
            | "sqlite_schema"
            | "sqlite_temp_master"
            | "pg_catalog"
            | "pg_shadow"
            | "pg_authid"
            | "pg_user"
            | "pg_tables"
            | "pg_class"
            | "pg_database"
            | "performance_schema"
            | "sysobjects"
            | "syscolumns"
            | "sysdatabases"
            | "sysusers"
            | "sysxlogins"
            | "syslogins"
            | "sql_logins"
            | "all_tables"
            | "all_tab_columns"
            | "all_users"
            | "dba_users"
            | "user_tables"
            | "user_tab_columns"
            | "msysobjects"
            | "v$version"
    )
}

/// What an attacker asks first. `user` and `version` are columns as well, so only where they are called.
fn is_server_question(name: &str, called: bool) -> bool {
    name.starts_with("@@")
        || called
            && matches!(
                name,
                "version"
                    | "database"
                    | "user"
                    | "system_user"
                    | "session_user"
                    | "schema"
                    | "sqlite_version"
                    | "current_database"
                    | "db_name"
                    | "user_name"
                    | "suser_name"
                    | "suser_sname"
                    | "load_file"
            )
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
