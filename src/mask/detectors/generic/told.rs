//! Values that a sentence tells: `the password for staging is ...`, `das Passwort lautet ...`, `la clé API_TOKEN est : ...`.

use super::super::View;

/// Bytes between the name and the verb.
pub(super) const FILLER: usize = 44;

/// Verbs that lead to a value, in the languages the names are in.
const VERBS: &[&[u8]] = &[
    b" is ",
    b" ist ",
    b" lautet ",
    b" est ",
    b" es ",
    b" \xC3\xA8 ",
    b" \xC3\xA9 ",
    b" are ",
    b" was ",
    b" is:",
    b" ist:",
    b" lautet:",
    b" est:",
    b" es:",
];

/// What stands between a verb and its value, at most.
pub(super) const COLON: usize = 3;

/// What may lead on from the name to whose it is: `length is`, `policy is` tell of another thing.
const OF_WHOM: &[&[u8]] = &[
    b"for",
    b"of",
    b"on",
    b"to",
    b"at",
    b"in",
    "für".as_bytes(),
    b"fuer",
    b"zum",
    b"zur",
    b"vom",
    b"von",
    b"am",
    b"im",
    b"des",
    b"der",
    b"du",
    b"de",
    b"del",
    b"della",
    b"pour",
    b"para",
    b"en",
    b"do",
    b"da",
    b"per",
    b"voor",
    b"van",
];

/// What a password, key or code is called behind it.
const WHICH: &[&[u8]] = &[
    b"provvisoria",
    b"temporanea",
    b"provisoire",
    b"temporaire",
    b"temporal",
    b"provisional",
    "provisória".as_bytes(),
    "temporária".as_bytes(),
    b"inicial",
    b"wifi",
    b"wi-fi",
];

/// Behind the verb of the sentence that goes on at `at`, right after the name.
pub(super) fn verb(view: &View<'_>, at: usize) -> Option<usize> {
    let filler = view.ahead(at, FILLER);
    let mut place = 0;
    while filler.get(place).is_some_and(|byte| goes_on(*byte)) {
        let verb = VERBS.iter().find(|verb| filler.get(place..).is_some_and(|rest| rest.starts_with(verb)));
        if let Some(verb) = verb {
            let first = filler.get(..place)?.split(|byte| *byte == b' ').nth(1);
            first.is_none_or(|word| OF_WHOM.iter().chain(WHICH).any(|of| word.eq_ignore_ascii_case(of))).then_some(())?;
            let after = at + place + verb.len();
            return Some(view.run(after, COLON, |byte| matches!(byte, b' ' | b':')));
        }
        place += 1;
    }
    // `passphrase for the deploy key: ...`.
    (filler.get(place) == Some(&b':') && is_led(filler.get(..place)?)).then(|| view.run(at + place + 1, COLON, |byte| byte == b' '))
}

/// Whether this goes on from a name to whose it is.
fn is_led(filler: &[u8]) -> bool {
    let mut words = filler.split(|byte| *byte == b' ').skip(1);
    words.next().is_some_and(|word| OF_WHOM.iter().any(|of| word.eq_ignore_ascii_case(of))) && words.next().is_some()
}

/// What a sentence consists of between the name and the verb.
fn goes_on(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || matches!(byte, b' ' | b'-' | b'_' | b'/')
}

/// Like [`verb`], of text that may have its escapes in it: whether there may be one.
pub(in super::super) fn may_be(view: &View<'_>, at: usize) -> bool {
    let filler = view.ahead(at, FILLER * 6);
    let end = filler.iter().position(|byte| !goes_on(*byte)).unwrap_or(filler.len());
    let escape = || {
        let behind = filler.get(end..).unwrap_or_default();
        let escapes = behind.iter().take_while(|byte| **byte == b'\\').count();
        escapes > 0 && behind.get(escapes) == Some(&b'u')
    };
    let near = filler.get(..(end + 1).min(filler.len())).unwrap_or_default();
    let told = near.first() == Some(&b' ') && near.last() == Some(&b':') && is_led(near);
    told || near.first() == Some(&b' ') && VERBS.iter().any(|verb| near.windows(verb.len()).any(|text| text == *verb)) || escape()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_verb_of_the_sentence() {
        let behind = |text: &str| verb(&View::new(text.as_bytes(), b""), 0).map(|at| text.get(at..).unwrap().to_owned());
        assert_eq!(behind(" is x1"), Some("x1".to_owned()));
        assert_eq!(behind(" für den VPN-Zugang lautet x1"), Some("x1".to_owned()));
        assert_eq!(behind(" est : x1"), Some("x1".to_owned()));
        assert_eq!(behind(" es: x1"), Some("x1".to_owned()));
        assert_eq!(behind(" for the deploy key: x1"), Some("x1".to_owned()));
        assert_eq!(behind(" provvisoria è x1"), Some("x1".to_owned()));
        for other in [
            " was refreshed",
            " of the user. It is x1",
            " length is x1",
            " rules: x1",
            " for: x1",
            " policy for staff is x1",
            "\nis x1",
            ": x1",
            "",
        ] {
            assert!(behind(other).is_none_or(|rest| rest == "refreshed"), "{other}");
        }
    }
}
