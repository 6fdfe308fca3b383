//! What stands beside a word for a secret and makes the name one of another thing, and what does not.

use super::super::any_of::AnyOf;
use super::name::Kind;

/// What may follow the word without telling of another thing.
const AFTER_WORD: &[&[u8]] = &[
    b"",
    b"value",
    b"val",
    b"key",
    b"string",
    b"str",
    b"text",
    b"plain",
    b"plaintext",
    b"raw",
    b"b64",
    b"base64",
    b"encoded",
    b"prod",
    b"production",
    b"dev",
    b"development",
    b"staging",
    b"stage",
    b"test",
    b"live",
    b"sandbox",
    b"new",
    b"old",
    b"current",
    b"confirm",
    b"confirmation",
    b"primary",
    b"secondary",
    b"token",
    b"env",
    b"var",
    b"data",
    b"local",
    b"secret",
    b"password",
    b"auth",
    b"code",
    b"keybase",
    b"clear",
    b"backup",
    b"admin",
    b"user",
    b"db",
];

pub(super) fn is_plain(after: &[u8]) -> bool {
    let mut letters = [0u8; 14];
    let mut count = 0;
    for byte in after.iter().filter(|byte| byte.is_ascii_alphabetic()) {
        let Some(slot) = letters.get_mut(count) else { return false };
        *slot = byte.to_ascii_lowercase();
        count += 1;
    }
    let digits = after.iter().filter(|byte| byte.is_ascii_digit()).count();
    letters.get(..count).is_some_and(|word| AFTER_WORD.contains(&word)) && digits <= 3
}

/// Words before it that make it another thing: a place in a list, a protection of forms, a part of speech.
static OTHER_THINGS: AnyOf = AnyOf::new(&[
    "page",
    "next",
    "cursor",
    "continu",
    "progress",
    "sync",
    "csrf",
    "xsrf",
    "public",
    "publish",
    "foreign",
    "cache",
    "sort",
    "partition",
    "idempot",
    "special",
    "max_",
    "num_",
    "total",
    "eos",
    "bos",
    "pad_",
    "unk",
    "registration",
    "resume",
    "placeholder",
    "pagination",
    "nonce",
    "verification",
    "site",
    "client_token",
    "keyboard",
]);

/// Of variables, besides.
static OTHER_KEYS: AnyOf = AnyOf::new(&["object", "host", "routing", "lookup", "group", "issue", "build", "lock", "dedup"]);

/// Of these, passwords are not had.
static OTHER_WORDS: AnyOf = AnyOf::new(&["special", "max_", "num_", "total", "placeholder", "bypass"]);

/// Products and vendors in whose names such words are parts of others.
static PRODUCTS: AnyOf = AnyOf::new(&["pagerduty", "splunk", "nextauth", "nextcloud", "memcache", "rsync", "async", "website", "opsite"]);

pub(super) fn tells_another(before: &[u8], kind: Kind) -> bool {
    match kind {
        Kind::Password => OTHER_WORDS.is_in(before),
        Kind::EnvKey if OTHER_KEYS.is_in(before) => true,
        Kind::Key | Kind::LongKey | Kind::EnvKey => OTHER_THINGS.is_in(before) && !PRODUCTS.is_in(before),
    }
}
