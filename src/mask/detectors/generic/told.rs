//! Values that a sentence tells: `the password for staging is ...`, `das Passwort lautet ...`, `la clé API_TOKEN est : ...`.

use super::super::View;
use super::value;

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

/// What leads to a value where no word of the sentence can be meant.
const TO: &[&[u8]] = &[b" to ", b" auf "];

/// What may stand between a verb and the value.
const ADVERBS: &[&[u8]] = &[
    b"now ",
    b"currently ",
    b"still ",
    b"set to ",
    b"reset to ",
    b"changed to ",
    b"updated to ",
    b"rotated to ",
    b"jetzt ",
    b"nun ",
    b"maintenant ",
    b"ahora ",
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
    b"al",
    b"dello",
    b"dell",
    b"pour",
    b"para",
    b"en",
    b"do",
    b"da",
    b"a",
    "à".as_bytes(),
    b"per",
    b"voor",
    b"van",
    b"you",
    b"we",
    b"i",
    b"they",
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
    b"header",
    b"has",
    b"set",
    b"reset",
    b"changed",
    b"updated",
    b"rotated",
    b"wurde",
    b"client",
    "geändert".as_bytes(),
    b"geaendert",
];

/// What errors say of it, `Incorrect API key provided: ...`, and what somebody is to do with it: `API-Schlüssel verwenden: ...`.
const PROVIDED: &[&[u8]] = &[
    b"provided",
    b"given",
    b"supplied",
    b"received",
    b"used",
    b"below",
    b"verwenden",
    b"benutzen",
    b"nutzen",
    b"eintragen",
    b"utiliser",
    b"usar",
    b"utilizar",
    b"usare",
    b"gebruiken",
];

/// Behind the verb of the sentence that goes on at `at`, right after the name.
pub(super) fn verb(view: &View<'_>, at: usize) -> Option<usize> {
    match read(view.ahead(at, FILLER)) {
        Sentence::Tells(behind) => {
            let filler = view.ahead(at, FILLER);
            let adverb = |from: usize| ADVERBS.iter().find(|adverb| filler.get(from..).is_some_and(|rest| rest.starts_with(adverb)));
            let behind = behind + adverb(behind).map_or(0, |adverb| adverb.len());
            Some(view.run(at + behind, COLON, |byte| matches!(byte, b' ' | b':')))
        }
        Sentence::Ends(_) | Sentence::TellsOther => None,
    }
}

/// What follows a name.
enum Sentence {
    /// A verb or a colon, up to here.
    Tells(usize),
    /// No verb before something that is of no sentence, or before the end of what is looked at.
    Ends(usize),
    /// Another thing than the name, whatever verb comes.
    TellsOther,
}

/// A sentence is read once, blank by blank: names stand close together in what somebody sends who wants the filter to be slow.
fn read(filler: &[u8]) -> Sentence {
    let (mut blanks, mut word, mut which) = (0, 0, false);
    loop {
        let rest = filler.get(word..).unwrap_or_default();
        let blank = word + rest.iter().position(|byte| *byte == b' ' || !goes_on(*byte)).unwrap_or(rest.len());
        if filler.get(blank) != Some(&b' ') {
            // `passphrase for the deploy key: ...`.
            let own = filler.get(word..blank).is_some_and(|last| PROVIDED.contains(&last));
            // French has a blank before its colon.
            let sign = matches!(filler.get(blank), Some(b':' | b'='));
            let led = sign && if blanks == 1 { own } else { blanks >= 2 && (blank > word || blanks > 2 || which) };
            return if led { Sentence::Tells(blank + 1) } else { Sentence::Ends(blank) };
        }
        if blanks == 1 {
            which = filler.get(word..blank).is_some_and(|word| WHICH.iter().any(|which| word.eq_ignore_ascii_case(which)));
        }
        if blanks == 1 && !OF_WHOM.iter().chain(WHICH).any(|of| filler.get(word..blank).is_some_and(|word| word.eq_ignore_ascii_case(of))) {
            return Sentence::TellsOther;
        }
        let rest = filler.get(blank..).unwrap_or_default();
        if rest.get(1).is_some_and(|letter| matches!(letter, b'i' | b'l' | b'e' | b'a' | b'w' | b't' | 0xC3))
            && let Some(len) = leads(rest)
        {
            return Sentence::Tells(blank + len);
        }
        blanks += 1;
        word = blank + 1;
    }
}

/// The length of the verb that a text begins with.
fn leads(text: &[u8]) -> Option<usize> {
    let to = || {
        let to = TO.iter().find(|to| text.starts_with(to))?;
        let word = text.get(to.len()..)?.split(|byte| *byte == b' ').next()?;
        (value::is_strong(word) || value::is_long(word)).then_some(to.len())
    };
    VERBS.iter().find(|verb| text.starts_with(verb)).map(|verb| verb.len()).or_else(to)
}

/// What a sentence consists of between the name and the verb.
fn goes_on(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || matches!(byte, b' ' | b'-' | b'_' | b'/')
}

/// Like [`verb`], of text that may have its escapes in it: whether there may be one.
pub(in super::super) fn may_be(view: &View<'_>, at: usize) -> bool {
    match read(view.ahead(at, FILLER)) {
        Sentence::Tells(_) => true,
        Sentence::TellsOther => false,
        // An escape is a letter of the sentence, or a sign in it.
        Sentence::Ends(end) => {
            let escapes = view.run(at + end, 2 * FILLER, |byte| byte == b'\\');
            escapes > at + end && view.at(escapes) == Some(b'u')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read once tells what a search at each place does.
    #[test]
    fn a_sentence_read_once_is_one_searched() {
        let of_whom = |word: &[u8]| OF_WHOM.iter().chain(WHICH).any(|of| word.eq_ignore_ascii_case(of));
        let searched = |filler: &[u8]| {
            let mut place = 0;
            while filler.get(place).is_some_and(|byte| goes_on(*byte)) {
                let behind = &filler[place..];
                if let Some(len) = leads(behind) {
                    let first = filler[..place].split(|byte| *byte == b' ').nth(1);
                    return first.is_none_or(of_whom).then_some(place + len);
                }
                place += 1;
            }
            let words: Vec<&[u8]> = filler[..place].split(|byte| *byte == b' ').skip(1).collect();
            let led = match words[..] {
                [] => false,
                [word] => PROVIDED.contains(&word),
                [first, .., last] => {
                    let which = WHICH.iter().any(|which| first.eq_ignore_ascii_case(which));
                    of_whom(first) && (!last.is_empty() || words.len() > 2 || which)
                }
            };
            (matches!(filler.get(place), Some(b':' | b'=')) && led).then_some(place + 1)
        };
        let mut random = 1u64;
        let mut pick = |count: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).unwrap() % count
        };
        let parts = [
            " ",
            "is",
            "is:",
            " is ",
            "of",
            " de",
            "x",
            "è",
            " ist:",
            ":",
            "\t",
            "lautet ",
            "token",
            " for ",
            " es",
            " to ",
            "Falcon12!",
            "changed",
            "à",
            "usar",
        ];
        for _ in 0..50_000 {
            let text: String = (0..pick(9)).map(|_| parts[pick(parts.len())]).collect();
            let filler = text.get(..FILLER).unwrap_or(&text).as_bytes();
            let told = if let Sentence::Tells(at) = read(filler) { Some(at) } else { None };
            assert_eq!(told, searched(filler), "{text}");
        }
    }

    #[test]
    fn finds_the_verb_of_the_sentence() {
        let behind = |text: &str| verb(&View::new(text.as_bytes(), b""), 0).map(|at| text.get(at..).unwrap().to_owned());
        assert_eq!(behind(" is x1"), Some("x1".to_owned()));
        assert_eq!(behind(" für den VPN-Zugang lautet x1"), Some("x1".to_owned()));
        assert_eq!(behind(" est : x1"), Some("x1".to_owned()));
        assert_eq!(behind(" es: x1"), Some("x1".to_owned()));
        assert_eq!(behind(" for the deploy key: x1"), Some("x1".to_owned()));
        assert_eq!(behind(" provided: x1"), Some("x1".to_owned()));
        assert_eq!(behind(" verwenden: x1"), Some("x1".to_owned()));
        assert_eq!(behind(" à utiliser : x1"), Some("x1".to_owned()));
        assert_eq!(behind(" du serveur : x1"), Some("x1".to_owned()));
        assert_eq!(behind(" provvisoria è x1"), Some("x1".to_owned()));
        assert_eq!(behind(" provisoire : x1"), Some("x1".to_owned()));
        assert_eq!(behind(" client pour la boutique : x1"), Some("x1".to_owned()));
        assert_eq!(behind(" del usuario jo es x1"), Some("x1".to_owned()));
        for led in
            [" is now ", " ist jetzt ", " has been set to ", " changed to ", " was changed to ", " to ", " wurde auf ", " you need is "]
        {
            assert_eq!(behind(&format!("{led}Falcon12!")), Some("Falcon12!".to_owned()), "{led}");
        }
        assert_eq!(behind(" on backup-02 = x1"), Some("x1".to_owned()));
        assert_eq!(behind(" to server2 is x1"), Some("x1".to_owned()));
        for other in [
            " was refreshed",
            " of the user. It is x1",
            " length is x1",
            " rules: x1",
            " for: x1",
            " for : x1",
            " policy for staff is x1",
            "\nis x1",
            ": x1",
            "",
        ] {
            assert!(behind(other).is_none_or(|rest| rest == "refreshed"), "{other}");
        }
    }
}
