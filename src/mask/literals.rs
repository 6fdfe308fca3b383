//! How every match of an operator's pattern begins, where that is a few literals: then the search need not be made, nor escapes
//! resolved, in texts in which none of them stands.

use regex_automata::util::syntax;
use regex_syntax::hir::literal::{ExtractKind, Extractor};

/// More literals than this say little.
const MOST: usize = 64;

/// Bytes of a literal that are looked for, and the fewest worth it.
const LONGEST: usize = 16;
const SHORTEST: usize = 3;

/// In lower case; none when matches begin in too many ways, too shortly, or with what JSON may write as an escape.
pub(crate) fn leading(pattern: &str) -> Option<Vec<Vec<u8>>> {
    let hir = syntax::parse(pattern).ok()?;
    let found = Extractor::new().kind(ExtractKind::Prefix).extract(&hir);
    let mut literals: Vec<Vec<u8>> = Vec::new();
    for literal in found.literals().filter(|literals| literals.len() <= MOST)? {
        let literal: Vec<u8> =
            literal.as_bytes().iter().take_while(|byte| is_plain(**byte)).take(LONGEST).map(u8::to_ascii_lowercase).collect();
        (literal.len() >= SHORTEST).then_some(())?;
        if !literals.contains(&literal) {
            literals.push(literal);
        }
    }
    (!literals.is_empty()).then_some(literals)
}

/// Bytes of the shortest match; 0 when that is not known.
pub(crate) fn shortest(pattern: &str) -> usize {
    syntax::parse(pattern).ok().and_then(|hir| hir.properties().minimum_len()).unwrap_or_default()
}

/// Whether a character stands for itself in every JSON string, or is written as `\/` or `\u00XX`.
pub(crate) fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && !matches!(byte, b'"' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_shortest_match() {
        for (pattern, want) in [(r"ACME-[A-Z]{3}-\d{6}", 15), (r"^\d{6}$", 6), ("a|bcd", 1), ("^$", 0), ("ü", 2), (".*key", 3)] {
            assert_eq!(shortest(pattern), want, "{pattern}");
        }
    }

    #[test]
    fn knows_how_matches_begin() {
        for (pattern, want) in [
            (r"ACME-[A-Z]{3}-\d{6}", Some(vec!["acme-"])),
            (r"\bACME-\d+\b|(?m)^top.*$", Some(vec!["acme-", "top"])),
            ("(?i)acme", Some(vec!["acme"])),
            (r"\d{6}", None),
            (r#"say "x""#, Some(vec!["say "])),
            (r#"a"b"#, None),
            ("ü[a-z]+", None),
            (".*key", None),
        ] {
            let have = leading(pattern).map(|found| found.into_iter().map(|one| String::from_utf8(one).unwrap()).collect::<Vec<_>>());
            assert_eq!(have, want.map(|want| want.into_iter().map(str::to_owned).collect()), "{pattern}");
        }
    }
}
