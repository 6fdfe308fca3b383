//! Strings that nobody declared as SQL, and that are SQL all the same.
//!
//! Here a mistake refuses somebody's prose, so the whole beginning of a statement must be there: verb, object, name, and then nothing that no
//! statement has in that place. `Drop table 5 from the plan`, `Select the best option from the list`, `update the docs, then delete from the branch`
//! are no statements; `DROP TABLE users` is one.

use super::lexis::Lexis;
use super::payloads::payload;
use super::prose::Shape;
use super::smuggled::{SMUGGLED, smuggled};
use super::token::{Beginning, Kind};
use super::words::{Key, key_of};
use super::{Class, Dialect, Inspection, inspect};
use crate::guard::seen::Seen;

/// Places where a statement may have been smuggled in; more are not looked at.
const PLACES: usize = 64;

/// Bytes of a place that are looked at.
const START: usize = 2048;

/// What `text` does if it begins as a statement, or has one behind a quote and a `;` (`'; DROP TABLE x --`), or changes the condition it stands
/// in (`' OR '1'='1`, `' UNION SELECT ..`); none for anything else.
///
/// High precision, for every dialect at once: ordinary words are never taken for a statement, and some statements are not seen.
pub fn opens_like_statement(text: &str) -> Option<Inspection> {
    opening(text, Seen::of(text), || inspect(text, Dialect::Generic))
}

/// The same of a text that was looked at; `whole` inspects all of it.
pub(super) fn opening<I: From<Inspection>>(text: &str, seen: Seen, whole: impl FnOnce() -> I) -> Option<I> {
    if begins(text) {
        return Some(match payload(text, seen) {
            None => whole(),
            Some(told) => with_payload(inspect(text, Dialect::Generic), told).into(),
        });
    }
    behind(text, seen).map(I::from)
}

/// What a text that begins no statement has behind a `;`, a quote or a value.
pub(super) fn behind(text: &str, seen: Seen) -> Option<Inspection> {
    let semicolons = if seen.may_end_a_command() { PLACES } else { 0 };
    for (at, _) in text.match_indices(';').take(semicolons) {
        let (before, rest) = text.split_at_checked(at).and_then(|(before, rest)| Some((before, rest.strip_prefix(';')?)))?;
        if begins(rest) && breaks_out(before, rest) {
            let mut found = inspect(rest, Dialect::Generic);
            for note in &mut found.notes {
                note.at += at + 1;
            }
            return Some(match payload(text, seen) {
                None => found,
                Some(told) => with_payload(found, told),
            });
        }
    }
    let ends = if seen.has_quote() || seen.has_close() { PLACES } else { 0 };
    for (at, _) in text.match_indices(['\'', '"', ')']).take(ends) {
        let (before, rest) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
        // A quotation in a sentence begins there; a value ends.
        let quotes = || before.ends_with(' ') && before.split_whitespace().count() > 1;
        if changes_condition(rest) && !quotes() {
            let mut found = Inspection { tables_complete: false, ..Inspection::default() };
            found.add(Class::Unknown, at, SMUGGLED);
            return Some(found);
        }
    }
    let encoded = || if seen.has_percent() { encoded(text) } else { None };
    smuggled(text, seen).or_else(|| payload(text, seen)).or_else(encoded)
}

/// A statement that is also the second half of somebody else's.
fn with_payload(mut found: Inspection, told: Inspection) -> Inspection {
    found.classes.insert(Class::Unknown);
    found.notes.extend(told.notes);
    found
}

/// `%27%20OR%201%3D1--`: the same as a form sends it.
fn encoded(text: &str) -> Option<Inspection> {
    let marks = ["%27", "%22", "%20", "%3d", "%3D", "%2527"];
    if text.len() > START || !marks.iter().any(|mark| text.contains(mark)) || text.contains(' ') {
        return None;
    }
    let readings = super::super::normal::decode::readings(text);
    readings.iter().skip(1).find_map(|plain| smuggled(plain, Seen::ANYTHING).or_else(|| payload(plain, Seen::ANYTHING)))
}

/// A statement behind a `;` ends something that was begun for it, or hides what follows, or is in capitals; a sentence does neither.
fn breaks_out(before: &str, rest: &str) -> bool {
    let ends = before.trim_end().ends_with(['\'', '"', ')', '`', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let hides = rest.contains("--") || rest.contains("/*") || rest.contains(';') || rest.trim_end().ends_with('#');
    let capitals = rest.trim_start().chars().take_while(char::is_ascii_alphabetic).all(|c| c.is_ascii_uppercase());
    ends || hides || capitals
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(START);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Whether a whole statement begins the text.
fn begins(text: &str) -> bool {
    let text = text.trim_start();
    let first = text.bytes().next().unwrap_or(0);
    if !(first.is_ascii_alphabetic() || matches!(first, b'(' | b'/' | b'-' | b'#' | b';')) {
        return false;
    }
    // A word that begins no statement: what follows need not be read.
    let word = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let follows = text.as_bytes().get(word).copied().unwrap_or(b' ');
    if word > 0 && !(follows == b'_' || follows == b'$' || follows.is_ascii_digit() || !follows.is_ascii()) {
        let word = text.get(..word).unwrap_or_default();
        if key_of(word) == Key::Other {
            return false;
        }
    }
    let head = head(text);
    // MySQL's reading sees into versioned comments.
    let tokens = Beginning::of(head, Lexis { hash: !head.starts_with("# "), ..Lexis::MYSQL });
    let opens = |at: &usize| tokens.get(*at).is_some_and(|token| matches!(token.kind, Kind::Open | Kind::Semicolon));
    let from = (0..).take_while(opens).count();
    Shape { text: head, tokens: &tokens, from, most: usize::MAX }.begins().unwrap_or(false)
}

/// `OR 1=1`, `OR 'a'='a`, `UNION SELECT` behind a quote.
fn changes_condition(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ')', '/', '*', '+']);
    let first = rest.bytes().next().unwrap_or(0).to_ascii_lowercase();
    if !matches!(first, b'o' | b'a' | b'u' | b'|' | b'&') {
        return false;
    }
    let tokens = Beginning::of(head(rest), Lexis { backslash: false, double_is_text: false, hash: true, ..Lexis::MYSQL });
    let shape = Shape { text: head(rest), tokens: &tokens, from: 0, most: 12 };
    let literal = |at: usize| match shape.kind(at) {
        Some(Kind::Number) => Some(shape.text_at(at)),
        Some(Kind::Text(_) | Kind::Quoted) => Some(shape.text_at(at).trim_matches(['\'', '"'])),
        _ => None,
    };
    match shape.key(0) {
        Key::Or | Key::And => {
            let at = 1 + usize::from(shape.key(1) == Key::Not) + usize::from(shape.kind(1) == Some(Kind::Open));
            let equal = shape.kind(at + 1) == Some(Kind::Operator(b'='))
                && literal(at).zip(literal(at + 2)).is_some_and(|(left, right)| left == right);
            let function = shape.kind(at) == Some(Kind::Word)
                && shape.kind(at + 1) == Some(Kind::Open)
                && ["sleep", "benchmark", "pg_sleep", "extractvalue", "updatexml"]
                    .contains(&shape.text_at(at).to_ascii_lowercase().as_str());
            // In a sentence it goes on.
            let ends = shape.kind(at + 3) != Some(Kind::Word)
                || matches!(shape.key(at + 3), Key::Or | Key::And | Key::Limit | Key::Order | Key::Union);
            equal && ends || function
        }
        Key::Union => shape.unites(0),
        _ => false,
    }
}
