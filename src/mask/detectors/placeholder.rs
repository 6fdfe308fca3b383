//! What stands where a secret would: `changeme`, `${TOKEN}`, `<your key>`, `xxxxxxxx`, `null`.

use std::ops::Range;

use super::any_of::AnyOf;
use super::sliding::Sought;
use super::text::View;

/// Values that are no secrets, whole and in lower case.
const WHOLE: &[&str] = &[
    "null",
    "none",
    "nil",
    "undefined",
    "true",
    "false",
    "string",
    "str",
    "text",
    "required",
    "optional",
    "empty",
    "unset",
    "default",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "key",
    "apikey",
    "api_key",
    "api-key",
    "username",
    "user",
    "admin",
    "root",
    "basic",
    "bearer",
    "oauth",
    "oauth2",
    "bot",
    "value",
    "env",
    "file",
    "prompt",
    "hash",
    "hashed",
    "encrypted",
    "plaintext",
    "stdin",
    "pass",
    "credentials",
    "credential",
    "authorization",
    "n/a",
    "tbd",
    "todo",
];

/// What begins the place where a secret is kept: of an environment, a file, a store.
const REFERENCES: &[&[u8]] = &[
    b"op://",
    b"env:",
    b"file:",
    b"ssm:",
    b"awssm:",
    b"secretsmanager:",
    b"secretref:",
    b"keyvault:",
    b"gcpsm:",
    b"sm://",
    b"k8s:",
    b"ref+",
];

/// Bytes of the longest of them.
const LONGEST: usize = 13;

/// Parts that only what was written for a reader has, in lower case.
static PARTS: AnyOf = AnyOf::new(&[
    "changeme",
    "change_me",
    "change-me",
    "changethis",
    "placeholder",
    "redacted",
    "masked",
    "your_",
    "your-",
    "yourpass",
    "yourkey",
    "yourtoken",
    "yoursecret",
    "my_secret",
    "my-secret",
    "mysecret",
    "my_password",
    "my-password",
    "my_token",
    "my-token",
    "my_api",
    "my-api",
    "some_",
    "some-",
    "somepass",
    "insert_",
    "insert-",
    "enter_",
    "enter-",
    "replace_",
    "replace-",
    "replaceme",
    "example",
    "dummy",
    "_here",
    "-here",
    "goes_here",
    "notasecret",
    "not_a_secret",
    "not-a-secret",
    "fake_",
    "fake-",
    "sample",
    "xxxx",
    "****",
    "....",
    "process.env",
    "os.environ",
    "getenv",
    "secrets.",
    "vault:",
    "arn:aws:",
    "secretkeyref",
    "api_key",
    "apikey",
    "access_key",
    "secret_key",
    "client_secret",
]);

/// Whether `value` stands for a secret rather than being one.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    stands(&View::new(value, b""), 0..value.len())
}

/// Likewise, of a part of a text.
pub(super) fn stands(view: &View<'_>, part: Range<usize>) -> bool {
    let value = view.slice(part.start, part.end);
    let distinct = || view.tally(part.clone()).map_or_else(|| distinct(value), |tally| tally.distinct);
    expands(value)
        || REFERENCES.iter().any(|reference| value.starts_with(reference))
        || (value.len() <= LONGEST && WHOLE.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes())))
        || view.has(Sought::Expansion, part.clone(), expansion)
        || view.has(Sought::Placeholder, part.clone(), |text, at| PARTS.len_at(text, at))
        || distinct() <= 3
}

/// The length of what a variable begins with that is put in.
fn expansion(text: &[u8], at: usize) -> Option<usize> {
    let pair: &[u8; 2] = text.get(at..)?.first_chunk()?;
    matches!(pair, b"${" | b"{{" | b"}}" | b"%(" | b"$(").then_some(2)
}

fn expands(value: &[u8]) -> bool {
    let Some((first, rest)) = value.split_first() else { return true };
    match first {
        // `${X}`, `$X`, `$(x)`; a password that only begins with `$` goes on in something else.
        b'$' => rest.first().is_some_and(|next| next.is_ascii_uppercase() || matches!(next, b'{' | b'(' | b'_' | b'$')) || is_name(rest),
        b'%' => rest.last() == Some(&b'%') || matches!(rest, [b's' | b'd' | b'v' | b'r'] | [b'(', ..] | [b'{', ..]),
        b'<' | b'{' => true,
        b'[' => rest.last() == Some(&b']') || rest.starts_with(b"MASKED") || rest.starts_with(b"REDACTED"),
        b'#' => rest.first() == Some(&b'{'),
        b'@' => rest.first() == Some(&b'{') || rest.starts_with(b"Value"),
        b'!' => rest.starts_with(b"vault") || rest.starts_with(b"Ref") || rest.starts_with(b"Sub") || rest.starts_with(b"secret"),
        _ => false,
    }
}

/// A name of a variable, and nothing else.
fn is_name(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_')
}

/// How many different bytes there are.
pub(super) fn distinct(text: &[u8]) -> u32 {
    let mut seen = [0u64; 4];
    for byte in text {
        if let Some(word) = seen.get_mut(usize::from(*byte) / 64) {
            *word |= 1 << (byte % 64);
        }
    }
    seen.iter().map(|word| word.count_ones()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_written_for_readers() {
        for value in [
            "",
            "changeme",
            "ChangeMe123",
            "xxxxxxxxxxxx",
            "********",
            "${DB_PASSWORD}",
            "$DB_PASSWORD",
            "$password",
            "$(cat x)",
            "{{ secret }}",
            "<your-password>",
            "[REDACTED]",
            "[MASKED:jwt]",
            "%s",
            "%PASSWORD%",
            "null",
            "None",
            "YOUR_API_KEY",
            "insert_key_here",
            "process.env.TOKEN",
            "aaaaaaaa",
            "op://vault/item",
            "env:HUBSPOT_ACCESS_TOKEN",
            "file:/run/secrets/db2",
            "ssm:/prod/db_password1",
            "user-${name}",
            "#{token}",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn the_longest_word_is_known() {
        assert_eq!(WHOLE.iter().map(|word| word.len()).max(), Some(LONGEST));
    }

    #[test]
    fn leaves_what_may_be_one() {
        for value in ["hunter2", "p@ss$word1", "$ecr3t!pass", "Tr0ub4dor&3", "[x9!kQ", "s3cr3t", "50%off!Now"] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }
}
