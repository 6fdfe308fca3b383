//! Values that nobody would write but to keep them.

use super::super::placeholder::{distinct, is_placeholder};
use super::super::text::{entropy, is_alnum};
use super::name::Kind;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Between quotes, or as a member of a JSON object.
    Quoted(u8),
    /// Up to a blank.
    Plain,
    /// Between tags.
    Tag,
    /// Up to a blank, in a sentence.
    Told,
    /// Up to this sign, in a line of two columns.
    Cell(u8),
}

/// Ends of names of files and hosts.
const ENDS: &[&[u8]] = &[
    b".pem", b".key", b".json", b".yaml", b".yml", b".txt", b".crt", b".cer", b".p12", b".pfx", b".jks", b".js", b".ts", b".py", b".go",
    b".java", b".html", b".php", b".com", b".net", b".org", b".io", b".xml", b".conf", b".ini", b".toml", b".env", b".sh",
];

pub(super) fn is_secret(value: &[u8], kind: Kind, written: Written) -> bool {
    if value.iter().any(|byte| !byte.is_ascii_graphic()) {
        return false;
    }
    let looks = match kind {
        Kind::Password => is_password(value, written),
        Kind::Key => is_key(value, written),
    };
    // The lists are long, so they come last.
    looks && !is_path(value) && !is_placeholder(value)
}

fn is_password(value: &[u8], written: Written) -> bool {
    let Counts { letters, digits, .. } = Counts::of(value);
    let signs = value.len() - letters - digits;
    let bare = matches!(written, Written::Plain | Written::Told | Written::Cell(_));
    if !(5..=128).contains(&value.len()) || (bare && is_code(value)) {
        return false;
    }
    // Of dates, sums and words there are many in sentences.
    if written == Written::Told && (letters == 0 || (digits == 0 && is_joined(value) && !is_passphrase(value))) {
        return false;
    }
    match (letters, digits, signs) {
        (0, _, 0) => value.len() >= 6,
        (_, 0, 0) => value.len() >= 16 && entropy(value) >= 3.3 && !reads_as_words(value),
        // `user_name`, `secret-name`: names.
        (_, 0, _) => !is_joined(value) || is_passphrase(value),
        (_, _, 0) => distinct(value) >= 5,
        (..) => distinct(value) >= 5 && (!(value.len() > 12 && is_joined(value) && is_wordy(value)) || is_passphrase(value)),
    }
}

/// Of letters and digits, and signs that names are joined with.
fn is_joined(value: &[u8]) -> bool {
    value.iter().all(|byte| is_alnum(*byte) || matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b','))
}

/// What names of things and messages about passwords are made of, and passphrases are not.
const NAMING: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"secret",
    b"token",
    b"key",
    b"reset",
    b"must",
    b"your",
    b"required",
    b"invalid",
    b"change",
    b"changed",
    b"enter",
    b"user",
    b"name",
    b"login",
    b"email",
    b"sent",
    b"from",
    b"with",
    b"the",
    b"and",
    b"not",
    b"for",
    b"value",
    b"default",
    b"auth",
    b"credentials",
    b"postgresql",
    b"mysql",
    b"redis",
    b"admin",
    b"database",
    b"release",
    b"vault",
    b"config",
    b"update",
    b"expired",
    b"policy",
    b"service",
    b"cluster",
    b"production",
    b"staging",
    b"external",
    b"manager",
    b"text",
    b"input",
    b"field",
    b"form",
    b"page",
    b"file",
];

/// `correct-horse-battery-staple`, `tractor-saturn-harbor-68`: four words or more, numbers among them, that are no name of something.
fn is_passphrase(value: &[u8]) -> bool {
    let (mut parts, mut words) = (0, 0);
    value.split(|byte| *byte == b'-').all(|word| {
        parts += 1;
        if (2..=4).contains(&word.len()) && word.iter().all(u8::is_ascii_digit) {
            return true;
        }
        words += 1;
        (4..=12).contains(&word.len()) && word.iter().all(u8::is_ascii_lowercase) && reads_as_words(word) && !NAMING.contains(&word)
    }) && parts >= 4
        && words >= 3
}

fn is_key(value: &[u8], written: Written) -> bool {
    const LEAST: usize = 10;
    let Counts { letters, digits, upper, lower } = Counts::of(value);
    let bare = matches!(written, Written::Plain | Written::Told);
    let closed = !bare && value.len() >= 32;
    let class =
        value.iter().all(|byte| is_alnum(*byte) || b"_.+/=~:@$!%*^&?|#-".contains(byte) || (closed && b"()[]{};,<>".contains(byte)));
    let signs = value.len() - letters - digits;
    if value.len() < LEAST || !class || (bare && is_code(value)) || signs * 3 > value.len() {
        return false;
    }
    let random = entropy(value) >= if value.len() >= 20 { 3.0 } else { 2.8 };
    match digits {
        0 => value.len() >= 20 && upper > 2 && lower > 2 && entropy(value) >= 3.8 && !reads_as_words(value),
        // An id, more often than not, unless it is as long as ids are not.
        _ if letters == 0 => signs == 0 && !bare && value.len() >= 16 && distinct(value) >= 6,
        _ => random && !is_wordy(value),
    }
}

struct Counts {
    letters: usize,
    digits: usize,
    upper: usize,
    lower: usize,
}

impl Counts {
    fn of(value: &[u8]) -> Self {
        let count = |class: fn(&u8) -> bool| value.iter().filter(|byte| class(byte)).count();
        let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
        Self { letters: upper + lower, digits: count(u8::is_ascii_digit), upper, lower }
    }
}

/// A path, a URL, a file, a host.
fn is_path(value: &[u8]) -> bool {
    let led = value.starts_with(b"./") || value.starts_with(b"~/") || value.starts_with(b"../") || value.get(1..3) == Some(b":\\");
    let absolute = value.first() == Some(&b'/') && value.iter().filter(|byte| **byte == b'/').count() > 1 && is_wordy(value);
    let ends = ENDS.iter().any(|end| value.ends_with(end));
    led || absolute || ends || value.windows(3).any(|part| part == b"://")
}

/// A call, an index, a member, a type: what programs assign.
fn is_code(value: &[u8]) -> bool {
    // Base64 ends with what also compares.
    let padding = value.iter().rev().take_while(|byte| **byte == b'=').count();
    let value = value.get(..value.len() - padding.min(2)).unwrap_or_default();
    let called = value.iter().any(|byte| matches!(byte, b'(' | b'[' | b'{'));
    let joined = value.windows(2).any(|pair| matches!(pair, b"::" | b"->" | b"||" | b"&&" | b"=="));
    let first = value.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    let mut parts = value.split(|byte| *byte == b'.');
    let members = value.contains(&b'.')
        && first
        && parts
            .all(|part| !part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_') || reads_as_words(part));
    // `*const T`, `&str`, `MAX_TOKENS_2`.
    let pointer = matches!(value, [b'*' | b'&', next, ..] if next.is_ascii_alphabetic());
    let constant =
        first && value.contains(&b'_') && value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    called || joined || members || pointer || constant || is_type(value)
}

/// `X509HardwareKeyUsageFlags`.
fn is_type(value: &[u8]) -> bool {
    let letters: Vec<u8> = value.iter().copied().filter(u8::is_ascii_alphabetic).collect();
    let named = value.first().is_some_and(u8::is_ascii_uppercase) && value.iter().all(|byte| is_alnum(*byte));
    let turns =
        letters.windows(2).filter(|pair| matches!(pair, [one, next] if one.is_ascii_lowercase() && next.is_ascii_uppercase())).count();
    named && value.len() - letters.len() <= 3 && turns * 5 <= letters.len() && reads_as_words(&letters)
}

/// Words and short numbers joined by signs: `my-app-2`, `report_v2.final`, `1.2.3-rc4`.
fn is_wordy(value: &[u8]) -> bool {
    let mut joined = false;
    let mut wordy = true;
    for part in value.split(|byte| !is_alnum(*byte)) {
        let head = part.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let tail = part.len() - head;
        let number = part.iter().skip(head).all(u8::is_ascii_digit);
        wordy &= part.is_empty()
            || (number && (tail <= 4 || head == 0 && tail <= 8) && (head <= 2 || reads_as_words(part.get(..head).unwrap_or_default())));
        joined |= part.len() < value.len();
    }
    wordy && (joined || value.len() < 14)
}

/// Letters with vowels as languages have them, in one case or as names of programs are written.
fn reads_as_words(text: &[u8]) -> bool {
    let mut gap = 0;
    let mut longest = 0;
    let mut turns = 0;
    let mut before = 0u8;
    for byte in text {
        let vowel = matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
        gap = if vowel { 0 } else { gap + 1 };
        longest = longest.max(gap);
        turns += usize::from(before.is_ascii_lowercase() && byte.is_ascii_uppercase());
        before = *byte;
    }
    text.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_') && longest <= 4 && turns * 4 <= text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_keys_from_names() {
        for key in [
            "6fe4476ee5a1832882e326b506d14126",
            "iy8o69wezc1b3eu1z0shzbuk3xf1gp1z",
            "jspketv82dib4d",
            "rA1wk0Y45YCufyfq",
            "f0c63013:8b5af476",
        ] {
            assert!(is_secret(key.as_bytes(), Kind::Key, Written::Plain), "{key}");
        }
        for other in [
            "my-app-token-1",
            "report_v2.final",
            "String",
            "user.accessToken",
            "getToken(x1)",
            "/run/secrets/db1",
            "config.v2.json",
            "1234567890123456",
        ] {
            assert!(!is_secret(other.as_bytes(), Kind::Key, Written::Plain), "{other}");
        }
    }

    #[test]
    fn tells_passwords_from_code() {
        for password in [
            "hunter2",
            "p@ssw0rd!",
            "Tr0ub4dor&3",
            "correct!horse",
            "123456",
            "abc123xyz",
            "Tiger2019!",
            "marble816$vkg",
            "orbit-lantern-velvet-comet",
        ] {
            assert!(is_secret(password.as_bytes(), Kind::Password, Written::Quoted(b'"')), "{password}");
        }
        for other in [
            "user_name",
            "args.password",
            "getPassword()",
            "string",
            "****",
            "input",
            "true",
            "os.environ[1]",
            "*const",
            "&str",
            "MAX_LEN_2",
            "password-reset-email-sent",
            "my-release-postgresql",
            "must-be-at-least-eight",
        ] {
            assert!(!is_secret(other.as_bytes(), Kind::Password, Written::Plain), "{other}");
        }
    }
}
