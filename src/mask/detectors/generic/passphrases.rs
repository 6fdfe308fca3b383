//! Passwords that are made of words.

use super::value::reads_as_words;

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
    b"node",
    b"worker",
    b"queue",
    b"server",
    b"client",
    b"backend",
    b"frontend",
    b"data",
    b"store",
    b"image",
    b"build",
    b"cert",
    b"ingress",
    b"bucket",
    b"role",
    b"group",
    b"region",
    b"test",
    b"prod",
    b"pool",
    b"host",
    b"disk",
    b"job",
    b"task",
    b"version",
    b"example",
    b"account",
    b"table",
    b"backup",
    b"system",
    b"public",
    b"internal",
    b"network",
    b"central",
    b"east",
    b"west",
    b"north",
    b"south",
];

/// `correct-horse-battery-staple`, `tractor-saturn-harbor-68`, `granite-comet-quartz-otter71`: four words or more, numbers among them or at
/// the end, that are no name of something.
pub(super) fn is_passphrase(value: &[u8]) -> bool {
    let digits = value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    // A number joined to the last word.
    let joined = (1..=4).contains(&digits) && value.len() > digits && value.get(value.len() - digits - 1) != Some(&b'-');
    let value = if joined { value.get(..value.len() - digits).unwrap_or_default() } else { value };
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

/// `Debate-site139`, `sunny-Garden-1987`: a few words with a capital, and a number behind them; what is named so is in small letters.
/// `coffee_piano63`, `copper.Kastanie61`: two words, and the number joined to the second, as things that are numbered are not named.
pub(super) fn is_chosen(value: &[u8]) -> bool {
    let digits = value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let words = value.get(..value.len() - digits).unwrap_or_default();
    let words = words.strip_suffix(b"-").or_else(|| words.strip_suffix(b"_")).unwrap_or(words);
    let is_word = |part: &[u8]| part.iter().all(u8::is_ascii_alphabetic) && !NAMING.iter().any(|name| part.eq_ignore_ascii_case(name));
    if words.contains(&b'.') {
        return (2..=4).contains(&digits) && is_dotted(words);
    }
    let mut parts = words.split(|byte| matches!(byte, b'-' | b'_'));
    let few = (1..=4).contains(&parts.clone().count()) && parts.all(is_word);
    let mixed = words.iter().any(u8::is_ascii_uppercase) && words.iter().any(u8::is_ascii_lowercase);
    let joined = || value.get(words.len()).is_some_and(u8::is_ascii_digit) && words.split(|byte| matches!(byte, b'-' | b'_')).count() == 2;
    (2..=4).contains(&digits) && few && (mixed || joined())
}

/// Two words with a dot between them, neither of which is of a program, of a host or of an algorithm.
fn is_dotted(words: &[u8]) -> bool {
    const OF_PROGRAMS: &[&[u8]] = &[
        b"self",
        b"this",
        b"args",
        b"opts",
        b"state",
        b"props",
        b"params",
        b"param",
        b"event",
        b"request",
        b"body",
        b"item",
        b"values",
        b"object",
        b"class",
        b"base",
        b"crypt",
        b"bcrypt",
        b"rsa",
        b"utf",
        b"argon",
        b"blake",
        b"array",
        b"result",
        b"local",
        b"site",
        b"zone",
        b"settings",
        b"module",
        b"model",
        b"schema",
        b"storage",
        b"source",
        b"datasource",
        b"spring",
    ];
    let is_word = |part: &[u8]| {
        let is_of = |word: &&[u8]| part.eq_ignore_ascii_case(word);
        part.len() >= 4 && reads_as_words(part) && !NAMING.iter().any(is_of) && !OF_PROGRAMS.iter().any(is_of)
    };
    words.split(|byte| *byte == b'.').count() == 2 && words.split(|byte| *byte == b'.').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_is_chosen_from_names() {
        for chosen in ["copper.Kastanie61", "azul.walnut30", "coffee_piano63", "Debate-site139"] {
            assert!(is_chosen(chosen.as_bytes()), "{chosen}");
        }
        for name in [
            "server.node12",
            "self.walnut30",
            "config.walnut30",
            "crypt.sha256",
            "db.walnut30",
            "a.b.walnut30",
            "lib.walnut3",
            "release-v12",
        ] {
            assert!(!is_chosen(name.as_bytes()), "{name}");
        }
    }
}
