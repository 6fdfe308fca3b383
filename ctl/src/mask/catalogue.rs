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

- By its beginning, where it is long: what goes on behind the first 400 bytes of a value that is told by its name or its place is masked to its end, at its quote, a tag, a
  blank, the next parameter or column; under a member's name all of the text. So is what goes on behind a format that has no longest length (\"or more\" below).

The name of a value may stand apart from it in JSON, but before it: at the head of its column (`\"columns\": [...]` with `\"rows\": [[...]]`, and as other drivers and services write them; a first row of names),
beside it (`\"name\": \"...\", \"value\": \"...\"`), around it (`\"password\": {\"value\": \"...\"}`, `\"X-Api-Key\": [\"...\"]`) or in the element before it (`[\"--password\", \"...\"]`).

No value is part of a longer word or number: `x` before it or a digit after it makes it something else.

Where it is looked for: in every string, member name and number of every message to the client, whatever the message is; in every line of an event stream (comments, ids
and event names included); in the parameters of requests that go on record; and in the response headers that `responses.headers` names. Only what JSON-RPC and MCP
live on (`id`, `method`, `nextCursor`, `progressToken`, `taskId`, types of content, ...) passes as it came, at the places where the protocol puts it.

How it may be written:
- With escapes of JSON, in JSON in JSON three deep.
- With URL escapes (`%40`, and `+` within a number) and character references of HTML (`&#52;`, `&commat;`), each of them twice over.
- In full-width letters and digits, digits of any script, mathematical and circled ones, super- and subscripts; with dashes and spaces of any kind within a word or
  number; with anything in it that is not seen: zero-width characters, soft hyphens, variation selectors, tags, marks on digits.
- In base64 of either alphabet, twice over, in lines as MIME breaks them: a run of 20 characters or more, padding included, that decodes to text in UTF-8. All of the run is masked. Of a run longer
  than 4096 characters that much of its beginning decides.
- As a number with an exponent or a fraction of zeros (`4.111111111111111e15`).

What is found is masked where and as it was written; all other bytes stay as they are. A hash is of the value as it reads, so that every spelling has the same one.
A number that is masked stays a number (`0`, its last digits, or a number made of its hash) and text stays text, so that results keep the types that clients check. What else an
`outputSchema` asks of a text (`format`, `pattern`, `enum`, a length) a masked one may not have: clients that check it refuse that result.

Content in base64 (`blob` of resources, `data` of images and audio) is decoded, masked as text where its first 512 bytes are text, whatever `mimeType` says before or after it,
and encoded again as it was. Other content is passed (by default), refused or replaced: `responses.binary`. A type of text on what is none cuts the answer.

`responses.join_text: 256B` finds what is split over neighbouring text blocks of one message, so many bytes on either side of where they meet. What stands for it is put into the
first of them, and the others are left without their part. The end of a block waits for the next one then, and in an event stream both must be in one line of data.

What is not looked for: names and addresses of people, which need a language model; keys of no format and no name; codes of a few digits (PINs, one-time
codes); national identifiers and telephone numbers that the policy does not ask for. Digits in threes, and a date with four digits behind it, are how orders and batches are numbered,
too: without their word a Hungarian TAJ is none, and a Danish number is one only by its check digit, which those since 2007 lack; a Swedish one has a date and a check digit. What is not read: letters of other scripts that look like Latin ones; encodings other than
those above (hexadecimal, base32, quoted-printable, encryption); compressed or binary content; what is split over several messages, results or calls, or is spelt out in words.
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
