//! A string that is no statement, and changes the one it is put into as a value: `' OR 1=1 --`, `x'--`, `5 UNION SELECT 1,2`.
//!
//! It is put into one, as a program that is not careful would, and what came of it is looked at: signs of injection, or worse. Only strings that
//! go on in SQL right behind the quote that they break are tried, and only short ones of one line: a sentence has a quote in it soon enough.

use super::payloads::uncommented;
use super::words::{Key, key_of};
use super::{Class, Classes, Dialect, Inspection, inspect, signs};
use crate::guard::seen::Seen;

/// Longer ones are prose, or a document.
const LONGEST: usize = 1024;

/// What stands for a `Class::Unknown` that was found so.
pub const SMUGGLED: &str = "a value, and a condition behind it";

/// What `text` does to a statement that has it for a value; none if it is a value like any other.
pub(super) fn smuggled(text: &str, seen: Seen) -> Option<Inspection> {
    if text.len() > LONGEST {
        return None;
    }
    let begun = text.trim_start();
    let is_number = begun.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    if !(seen.has_quote() || is_number) || text.contains('\n') {
        return None;
    }
    let text = begun;
    for mark in ['\'', '"'] {
        if let Some((before, rest)) = text.split_once(mark)
            && !before.contains([' ', '(', '[', '{', '<', '=', ':'])
        {
            let found = tried(before, rest, Some(mark));
            if found.is_some() {
                return found;
            }
        }
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = digits.len() - rest.len();
    // `-1 or 1` is a sentence, too.
    let states =
        || rest.contains(['=', '<', '>', '(', '#', ',']) || uncommented(rest).1 || rest.contains("SELECT") || rest.contains("select");
    if (1..=10).contains(&number) && rest.starts_with([' ', ')', '\t', '/', '+']) && states() {
        let (before, rest) = text.split_at_checked(text.len() - rest.len())?;
        return tried(before, rest, None);
    }
    None
}

/// `before`, the quote `mark` if there is one, and `rest`, in a statement.
fn tried(before: &str, rest: &str, mark: Option<char>) -> Option<Inspection> {
    let behind = rest.trim_start_matches([' ', ')', '\t', '+']);
    let (goes_on, operator) = continues(behind, mark.is_some())?;
    let closed = rest.len() - behind.len();
    let parentheses = rest.get(..closed)?.matches(')').count().min(4);
    let quote = mark.map(String::from).unwrap_or_default();
    let end = if goes_on { quote.as_str() } else { "" };
    let behind = match operator {
        Some(word) => format!("{word} {}", behind.get(2..)?),
        None => behind.to_owned(),
    };
    let open = "(".repeat(parentheses);
    let close = ")".repeat(parentheses);
    let pattern = if before.starts_with('%') { ("LIKE", "%") } else { ("=", "") };
    let (compared, any) = pattern;
    for balanced in [&close, ""] {
        let statement = format!("SELECT a FROM b WHERE {open}c {compared} {quote}{any}{before}{quote}{close} {behind}{any}{end}{balanced}");
        let found = inspect(&statement, Dialect::Generic);
        if is_attack(&found) {
            let mut told = Inspection { tables_complete: false, ..Inspection::default() };
            for class in found.classes.iter().filter(|&class| class != Class::Read && class != Class::MultiStatement) {
                told.add(class, before.len(), SMUGGLED);
            }
            told.add(Class::Unknown, before.len(), SMUGGLED);
            return Some(told);
        }
        if parentheses == 0 {
            break;
        }
    }
    None
}

fn is_attack(found: &Inspection) -> bool {
    use Class::*;
    let harm: Classes = [FileAccess, ProgramExecution, Administrative].into_iter().collect();
    found.classes.intersects(harm) || found.notes.iter().any(|note| note.class == Unknown && signs::is_sign(&note.words))
}

/// Whether SQL goes on here, with the quote of the statement behind it; and the word for `||` and `&&`.
fn continues(behind: &str, quoted: bool) -> Option<(bool, Option<&'static str>)> {
    if quoted && (behind.starts_with("--") || behind.starts_with('#')) {
        // Nothing but the comment.
        let says = behind.trim_matches(['-', '#', ' ', '+', '\'', '"', ';']);
        return says.is_empty().then_some((true, None));
    }
    if quoted && behind.starts_with("/*") && behind.len() <= 4 {
        return Some((true, None)).filter(|_| !behind.contains(' '));
    }
    let compares = |rest: &str| rest.trim_start().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '\'' | '"' | '(' | 't' | 'T'));
    if let Some(rest) = behind.strip_prefix("||") {
        return compares(rest).then_some((true, (!rest.trim_start().starts_with('(')).then_some("OR")));
    }
    if let Some(rest) = behind.strip_prefix("&&") {
        return compares(rest).then_some((true, Some("AND")));
    }
    let end = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
    let (word, rest) = behind.split_at_checked(end)?;
    let goes_on = rest.starts_with([' ', '\t', '/', '(', '\'', '"', '+', '@', '-', '!', '~']);
    let next = rest.trim_start();
    let by = next.get(..2).is_some_and(|by| by.eq_ignore_ascii_case("by"));
    // `'union select'` in quotes.
    let mention = ["select'", "select\""].iter().any(|end| next.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(end)));
    let begins = match key_of(word) {
        Key::Union => goes_on && !mention,
        Key::Or | Key::And | Key::Xor | Key::Having | Key::Waitfor | Key::Rlike | Key::Procedure => goes_on,
        Key::Order | Key::Group => goes_on && by,
        Key::Into => next.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("outf") || word.eq_ignore_ascii_case("dump")),
        _ => false,
    };
    begins.then_some((true, None))
}
