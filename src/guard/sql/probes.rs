//! Functions that are called for the error they give, for the time they take, or letter by letter.

use super::asked::{is_secret, is_server_question};
use super::functions::only_computes;
use super::survey::Survey;
use super::token::Kind;
use super::words::Key;

impl Survey<'_> {
    /// Functions whose error tells what they were given, and letters of what was asked.
    pub(super) fn is_probe(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else { return false };
        let name = self.name_of(token);
        if name.len() > 24 || only_computes(name) {
            return false;
        }
        let (first, second) = (at + 2, at + 3);
        let asks = |at: usize| {
            let at = at + usize::from(self.kind(at) == Some(Kind::Open));
            let name = self.tokens.get(at).map(|token| self.name_of(token).to_ascii_lowercase()).unwrap_or_default();
            self.key(at) == Key::Select || is_server_question(&name, self.kind(at + 1) == Some(Kind::Open))
        };
        let called = |at: usize, names: &[&str]| self.kind(at + 1) == Some(Kind::Open) && names.iter().any(|name| self.word(at, name));
        let secret = |at: usize| self.tokens.get(at).is_some_and(|token| is_secret(&self.name_of(token).to_ascii_lowercase()));
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
}
