//! "Did you mean": the known word nearest to a mistyped one.

/// The nearest of `known`, if it is near enough that a slip of the hand explains it.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = 1 + word.chars().count() / 4;
    known.into_iter().map(|candidate| (distance(word, candidate), candidate)).filter(|(d, _)| *d <= allowed).min().map(|(_, name)| name)
}

/// Levenshtein distance, ASCII case and `-`/`_` taken as equal.
fn distance(a: &str, b: &str) -> usize {
    let fold = |c: char| if c == '-' { '_' } else { c.to_ascii_lowercase() };
    let b: Vec<char> = b.chars().take(64).map(fold).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).map(fold).enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        let mut left = i + 1;
        for ((cb, above_left), above) in b.iter().zip(row.iter()).zip(row.iter().skip(1)) {
            left = (above_left + usize::from(ca != *cb)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let known = ["groups", "tools", "methods", "mode"];
        assert_eq!(nearest("group", known), Some("groups"));
        assert_eq!(nearest("Tools", known), Some("tools"));
        assert_eq!(nearest("metods", known), Some("methods"));
        assert_eq!(nearest("quorum", known), None);
    }
}
