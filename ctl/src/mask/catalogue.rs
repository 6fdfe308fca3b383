//! What masking looks for, as a page for people and as JSON for programs.

use portcullis::mask::{Entry, catalogue};
use serde_json::json;

const HEAD: &str = "# What masking looks for

This page is printed by `portcullisctl mask --catalogue`; a test keeps it so. `--json` prints the same for programs.

A rule of a policy names what it looks for by words: `detect: [credit_card, secrets]`. Each row below is one kind of value. The first word is the narrowest
that stands for it, the words after it stand for more. The label is what placeholders (`[MASKED:openai_key]`) and records say.

How a value is told from what only looks like it:
- A checksum, where its maker documents one. Tokens of GitHub are masked with a wrong checksum too: most of a mistyped token is still the token.
- Its length, its characters and their disorder (Shannon entropy). What reads like a placeholder (`changeme`, `${TOKEN}`, `<your key>`, `xxxx`) is none.
- A word before it. Identifiers that are digits like any others count only where their name stands within 64 bytes before them or is the member's name,
  unless they are written with their usual separators. A column below says so for each.

No value is part of a longer word or number: `x` before it or a digit after it makes it something else.

What is not looked for: names and addresses of people, which need a language model; keys of no format and no name; a Discord token in plain text with no word
before it; national identifiers and telephone numbers that the policy does not ask for.
";

pub(super) fn markdown() -> String {
    let mut page = HEAD.to_owned();
    page.push_str(
        "\n| words | label | what is matched | how it is checked | what must stand before it | source |\n|---|---|---|---|---|---|\n",
    );
    for entry in catalogue() {
        let Entry { words, label, matches, validator, context, source } = entry;
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let cells = [words.join(", "), format!("`{label}`"), matches, validator.to_owned(), context.to_owned(), source.to_owned()];
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        page.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    // Whoever prints it ends the last line.
    page.truncate(page.trim_end().len());
    page
}

pub(super) fn json() -> String {
    let entries = catalogue().into_iter().map(|entry| {
        let Entry { words, label, matches, validator, context, source } = entry;
        json!({ "words": words, "label": label, "matches": matches, "validator": validator, "context": context, "source": source })
    });
    format!("{:#}", serde_json::Value::from_iter(entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_fresh() {
        let kept = include_str!("../../../docs/masking.md");
        assert!(kept.trim_end() == markdown(), "docs/masking.md is stale: `portcullisctl mask --catalogue > docs/masking.md`");
    }

    #[test]
    fn every_row_tells_everything() {
        for entry in catalogue() {
            assert!(
                !entry.words.is_empty() && !entry.matches.is_empty() && !entry.validator.is_empty() && !entry.source.is_empty(),
                "{entry:?}"
            );
        }
        assert!(serde_json::from_str::<serde_json::Value>(&json()).is_ok());
    }
}
