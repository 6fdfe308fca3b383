//! Values that nobody would write but to keep them.

use std::cell::OnceCell;
use std::ops::Range;

use super::super::placeholder::{self, distinct};
use super::super::set::{self, Set};
use super::super::sliding::{Sought, Tally};
use super::super::tail::{KEY, LONGEST};
use super::super::text::{View, entropy, is_alnum};
use super::name::Kind;
use super::passphrases::{is_chosen, is_passphrase};
use super::validation::is_validation;

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
    /// Up to a blank, where no program's types stand: in an argument of a command, in its environment.
    Argument,
    /// Up to this sign, in a line of two columns.
    Cell(u8),
}

/// Ends of names of files and hosts.
const ENDS: &[&[u8]] = &[
    b".pem", b".key", b".json", b".yaml", b".yml", b".txt", b".crt", b".cer", b".p12", b".pfx", b".jks", b".js", b".ts", b".py", b".go",
    b".java", b".html", b".php", b".com", b".net", b".org", b".io", b".xml", b".conf", b".ini", b".toml", b".env", b".sh",
];

/// Whether `value` is one that nobody would write but to keep it.
pub(super) fn is_secret(value: &[u8], kind: Kind, written: Written) -> bool {
    stands(&View::new(value, b""), 0..value.len(), kind, written)
}

/// Likewise, of a part of a text. What is cheap to tell is told first, here and below, and what takes a look at all of a value is asked of
/// the text: a long value is looked at from each of the names in it.
pub(super) fn stands(view: &View<'_>, at: Range<usize>, kind: Kind, written: Written) -> bool {
    let value = Value { view, at: at.clone(), text: view.slice(at.start, at.end), tally: OnceCell::new() };
    let may_be = match kind {
        Kind::Password => value.text.len() >= 5,
        Kind::Key => value.text.len() >= LEAST_KEY,
        Kind::EnvKey => value.text.len() >= 24,
        // Of the longest the end is not seen.
        Kind::LongKey => value.text.len() >= 40 && (value.text.ends_with(b"=") || value.text.len() >= LONGEST),
    };
    if !may_be || !view.is_all(at.clone(), &set::GRAPHIC, Sought::NotGraphic) {
        return false;
    }
    let looks = match kind {
        Kind::Password if value.text.len() <= LONGEST_PASSWORD => is_password(&value, written),
        Kind::Password => is_key(&value, written) && !is_validation(value.text),
        Kind::Key => is_key(&value, written),
        Kind::EnvKey => !value.text.contains(&b'/') && is_key(&value, Written::Told),
        Kind::LongKey => is_key(&value, written),
    };
    looks && !is_path(&value) && !placeholder::stands(view, at)
}

/// A value, and where it stands.
struct Value<'v, 'a> {
    view: &'v View<'a>,
    at: Range<usize>,
    text: &'a [u8],
    /// What it consists of, counted when first asked.
    tally: OnceCell<Option<Tally>>,
}

impl Value<'_, '_> {
    fn tally(&self) -> Option<Tally> {
        *self.tally.get_or_init(|| self.view.tally(self.at.clone()))
    }

    fn counts(&self) -> Counts {
        match self.tally() {
            Some(tally) => Counts { letters: tally.letters(), digits: tally.digits, upper: tally.upper, lower: tally.lower },
            None => Counts::of(self.text),
        }
    }

    fn distinct(&self) -> u32 {
        self.tally().map_or_else(|| distinct(self.text), |tally| tally.distinct)
    }

    fn has_disorder(&self, least: f64) -> bool {
        // So much of it takes as many different bytes.
        let bytes = match least {
            3.8.. => 13,
            3.6.. => 12,
            3.0.. => 8,
            _ => 6,
        };
        self.distinct() >= bytes && self.tally().map_or_else(|| entropy(self.text) >= least, |tally| tally.has_disorder(least))
    }

    /// Words and short numbers joined by signs: `my-app-2`, `report_v2.final`, `1.2.3-rc4`.
    fn is_wordy(&self) -> bool {
        let Range { start, end } = self.at;
        let first = set::ALNUM.leading(self.text);
        if first == self.text.len() {
            return self.text.len() < 14 && is_word(self.text);
        }
        let part = |from: usize| {
            let rest = self.view.slice(from, end);
            rest.get(..set::ALNUM.leading(rest)).unwrap_or_default()
        };
        // The first part begins where the value does and the last ends where it does; what is between them does not depend on it.
        let last = end - self.text.iter().rev().take_while(|byte| is_alnum(**byte)).count();
        let other = |range: Range<usize>| range.into_iter().find(|at| self.view.was(*at, |byte| !is_alnum(byte)) && !is_word(part(*at)));
        is_word(self.text.get(..first).unwrap_or_default())
            && self.view.first(Sought::NoWord, start + first + 1..last.max(start + first + 1), other).is_none()
            && is_word(self.view.slice(last, end))
    }
}

fn is_password(value: &Value<'_, '_>, written: Written) -> bool {
    let text = value.text;
    let Counts { letters, digits, .. } = value.counts();
    let signs = text.len() - letters - digits;
    // Of dates, sums and words there are many in sentences.
    if written == Written::Told
        && (letters == 0 || (digits == 0 && is_joined(text) && !is_passphrase(text) && !(signs == 0 && is_mingled(text))))
    {
        return false;
    }
    let bare = matches!(written, Written::Plain | Written::Told | Written::Argument | Written::Cell(_));
    let looks = match (letters, digits, signs) {
        (0, _, 0) => text.len() >= 6,
        (_, 0, 0) => text.len() >= 16 && value.has_disorder(3.3) && !reads_as_words(text) || is_mingled(text) || is_usual(text),
        // `user_name`, `secret-name`: names.
        (_, 0, _) => !is_joined(text) || is_passphrase(text) || is_jumbled(value),
        (_, _, 0) => value.distinct() >= 5,
        (..) => {
            let named = text.len() > 12 && is_joined(text) && value.is_wordy();
            value.distinct() >= 5 && (!named || is_passphrase(text) || is_chosen(text))
        }
    };
    looks && !(bare && is_code(value, written)) && !is_validation(text)
}

/// What nobody takes for a word of a sentence, even with nothing but a name before it: `Falcon12!`, `winter#76x`.
pub(super) fn is_strong(word: &[u8]) -> bool {
    const TERMS: &[&[u8]] =
        &[b"argon", b"base", b"bcrypt", b"http", b"ipv", b"oauth", b"pbkdf", b"rfc", b"sha", b"utf", b"version", b"win"];
    let word = word.trim_ascii_end();
    let stray = word.iter().rev().take_while(|byte| matches!(byte, b',' | b'.' | b';' | b':' | b')' | b'"' | b'\'')).count();
    let word = word.get(..word.len() - stray).unwrap_or_default();
    let has = |class: fn(&u8) -> bool| word.iter().any(class);
    let signs = has(|byte| matches!(byte, b'!' | b'#' | b'$' | b'%' | b'^' | b'?' | b'~' | b'@'));
    let cased = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let begins = word.first().is_some_and(|byte| is_alnum(*byte) || matches!(byte, b'!' | b'^' | b'~'));
    let term = || TERMS.iter().any(|term| word.get(..term.len()).is_some_and(|head| head.eq_ignore_ascii_case(term)));
    let code = || has(|byte| matches!(byte, b'(' | b'[' | b'{' | b'<' | b'/' | b'\\' | b'"' | b'\'' | b'`'));
    let address = || word.iter().position(|byte| *byte == b'@').is_some_and(|at| word.iter().skip(at).any(|byte| *byte == b'.'));
    // `fwzv4ga7vk1w66mh`: numbers at many places.
    let numbers = || {
        let groups = word.split(|byte| !byte.is_ascii_digit()).filter(|group| !group.is_empty()).count();
        // Of hashes there are many in lists.
        let hash = word.len() >= 16 && word.iter().all(u8::is_ascii_hexdigit);
        word.len() >= 10 && groups > 2 && word.iter().all(|byte| is_alnum(*byte)) && !hash
    };
    (8..=64).contains(&word.len())
        && begins
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && (signs || cased || numbers() || is_passphrase(word))
        && !term()
        && !code()
        && !address()
}

/// What is too long for a word, and has digits in it.
pub(super) fn is_long(word: &[u8]) -> bool {
    let keyed = word.iter().all(|byte| is_alnum(*byte) || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'='));
    word.len() >= 20 && keyed && word.iter().filter(|byte| byte.is_ascii_digit()).count() >= 2
}

/// `ysAfwsFYQeJ`: capitals within, as neither words nor the names of types have them.
fn is_mingled(value: &[u8]) -> bool {
    let turns =
        value.windows(2).filter(|pair| matches!(pair, [one, next] if one.is_ascii_lowercase() && next.is_ascii_uppercase())).count();
    let mut unspoken = false;
    for run in value.split(|byte| is_vowel(*byte)) {
        unspoken |= run.len() > 5 && set::LOWER.count(run) > 3;
    }
    // A capital and what follows it is a word in names; capitals side by side are at most one name's.
    let words = value.chunk_by(|_, next| !next.is_ascii_uppercase()).filter(|word| word.first().is_some_and(u8::is_ascii_uppercase));
    let unvoiced = words.filter(|word| !word.iter().any(|byte| is_vowel(*byte))).count();
    let crowded = value.split(|byte| !byte.is_ascii_uppercase()).filter(|run| run.len() > 1).count();
    let many = turns > 2 && turns * 3 >= value.len() || turns > 1 && (turns * 5 >= value.len() && unvoiced + crowded > 1 || crowded > 1);
    value.len() >= 10 && (many || turns > 0 && unspoken)
}

/// `XAbZlkWoaS-G_LYVdrB`: letters of either case as no words have them.
fn is_jumbled(value: &Value<'_, '_>) -> bool {
    let text = value.text;
    let turns = text.windows(2).filter(|pair| matches!(pair, [one, next] if one.is_ascii_lowercase() && next.is_ascii_uppercase())).count();
    text.len() >= 14 && turns * 7 > text.len() && value.has_disorder(3.6)
}

/// Letters that many people's passwords are (NCSC's list of those in breaches), and that name nothing else where one is assigned.
fn is_usual(value: &[u8]) -> bool {
    const USUAL: &[&[u8]] = &[
        b"letmein",
        b"iloveyou",
        b"sunshine",
        b"qwerty",
        b"qwertyuiop",
        b"asdfgh",
        b"asdfghjkl",
        b"zxcvbn",
        b"zxcvbnm",
        b"qazwsx",
        b"princess",
        b"football",
        b"baseball",
        b"monkey",
        b"dragon",
        b"superman",
        b"batman",
        b"starwars",
        b"trustno",
        b"chocolate",
        b"butterfly",
        b"liverpool",
        b"basketball",
        b"passwort",
        b"hallo",
        b"azerty",
        b"azertyuiop",
        b"hunter",
        b"whatever",
        b"pokemon",
        b"babygirl",
        b"lovely",
        b"freedom",
    ];
    USUAL.iter().any(|usual| value.eq_ignore_ascii_case(usual))
}

/// Of letters and digits, and signs that names are joined with.
fn is_joined(value: &[u8]) -> bool {
    value.iter().all(|byte| is_alnum(*byte) || matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b','))
}

/// What is in keys that are written closed, besides [`KEY`].
const CLOSED_KEY: Set = Set::new(b"_.+/=~:@$!%*^&?|#-()[]{};,<>", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]);

/// What is longer, no person has chosen.
const LONGEST_PASSWORD: usize = 128;

/// Length of the shortest key.
const LEAST_KEY: usize = 10;

fn is_key(value: &Value<'_, '_>, written: Written) -> bool {
    let text = value.text;
    let bare = matches!(written, Written::Plain | Written::Told | Written::Argument);
    let (class, sought) = if !bare && text.len() >= 32 { (&CLOSED_KEY, Sought::NotOfClosedKey) } else { (&KEY, Sought::NotOfKey) };
    if !value.view.is_all(value.at.clone(), class, sought) {
        return false;
    }
    let Counts { letters, digits, upper, lower } = value.counts();
    let signs = text.len() - letters - digits;
    if signs * 3 > text.len() {
        return false;
    }
    let looks = match digits {
        0 => text.len() >= 20 && upper > 2 && lower > 2 && !reads_as_words(text) && value.has_disorder(3.8),
        // An id, more often than not, unless it is as long as ids are not.
        _ if letters == 0 => signs == 0 && !bare && text.len() >= 16 && value.distinct() >= 6,
        // What a person has chosen.
        _ if text.iter().any(|byte| matches!(byte, b'!' | b'#' | b'$' | b'%' | b'^' | b'~')) && is_strong(text) => true,
        _ if text.last().is_some_and(u8::is_ascii_digit) && is_passphrase(text) => true,
        _ => !value.is_wordy() && value.has_disorder(if text.len() >= 20 { 3.0 } else { 2.8 }),
    };
    looks && !(bare && is_code(value, written))
}

struct Counts {
    letters: usize,
    digits: usize,
    upper: usize,
    lower: usize,
}

impl Counts {
    fn of(value: &[u8]) -> Self {
        let (upper, lower) = (set::UPPERCASE.count(value), set::LOWER.count(value));
        Self { letters: upper + lower, digits: set::DIGIT.count(value), upper, lower }
    }
}

/// A path, a URL, a file, a host.
fn is_path(value: &Value<'_, '_>) -> bool {
    let Value { view, at, text, .. } = value;
    let led = text.starts_with(b"./") || text.starts_with(b"~/") || text.starts_with(b"../") || text.get(1..3) == Some(b":\\");
    let absolute = || text.first() == Some(&b'/') && value.is_wordy() && text.iter().skip(1).any(|byte| *byte == b'/');
    let ends = || text.iter().rev().take(6).any(|byte| *byte == b'.') && ENDS.iter().any(|end| text.ends_with(end));
    let scheme = |text: &[u8], at: usize| text.get(at..).is_some_and(|rest| rest.starts_with(b"://")).then_some(3);
    led || ends() || view.has(Sought::Scheme, at.clone(), scheme) || absolute()
}

/// Bytes of a module or type before `::`.
const LONGEST_NAME: usize = 33;

/// A call, an index, a member, a type: what programs assign.
fn is_code(value: &Value<'_, '_>, written: Written) -> bool {
    // Base64 ends with what also compares.
    let padding = value.text.iter().rev().take_while(|byte| **byte == b'=').count().min(2);
    let (view, at) = (value.view, value.at.start..value.at.end - padding);
    let value = view.slice(at.start, at.end);
    const CALLS: Set = Set::new(b"([{", &[]);
    let called = CALLS.position(value) < value.len();
    let operator = |text: &[u8], at: usize| {
        let pair: &[u8; 2] = text.get(at..)?.first_chunk()?;
        matches!(pair, b"->" | b"||" | b"&&" | b"==").then_some(2)
    };
    // Of a token's part, which is longer, no program has a name.
    let in_path = || view.slice(at.start, at.end.min(at.start + LONGEST_NAME)).windows(2).any(|pair| pair == b"::");
    let joined = || view.has(Sought::Operator, at.clone(), operator) || in_path();
    let first = value.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    let mut parts = value.split(|byte| *byte == b'.');
    let members = value.contains(&b'.')
        && first
        && parts
            .all(|part| !part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_') || reads_as_words(part));
    // `*const T`, `&str`, `MAX_TOKENS_2`.
    let pointer = matches!(value, [b'*' | b'&', next, rest @ ..] if next.is_ascii_alphabetic() && rest.iter().all(|byte| is_alnum(*byte) || b"_:<>.".contains(byte)));
    let constant =
        first && value.contains(&b'_') && value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    called || joined() || members || pointer || constant || (written != Written::Argument && is_type(value))
}

/// `X509HardwareKeyUsageFlags`.
fn is_type(value: &[u8]) -> bool {
    let named = value.first().is_some_and(u8::is_ascii_uppercase) && value.iter().all(|byte| is_alnum(*byte));
    // Digits stand together in such a name.
    let numbers = value.windows(2).filter(|pair| matches!(pair, [one, next] if !one.is_ascii_digit() && next.is_ascii_digit())).count();
    named && set::DIGIT.count(value) <= 3 && numbers <= 1 && !is_season(value) && {
        let letters: Vec<u8> = value.iter().copied().filter(u8::is_ascii_alphabetic).collect();
        let turns =
            letters.windows(2).filter(|pair| matches!(pair, [one, next] if one.is_ascii_lowercase() && next.is_ascii_uppercase())).count();
        turns * 5 <= letters.len() && reads_as_words(&letters)
    }
}

/// `Winter23`: one word and a number of two digits or three, but for those that types end with.
fn is_season(value: &[u8]) -> bool {
    let letters = value.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (word, number) = value.split_at_checked(letters).unwrap_or_default();
    let width = matches!(number, b"16" | b"32" | b"64" | b"128" | b"256" | b"512");
    letters >= 5 && word.iter().skip(1).all(u8::is_ascii_lowercase) && (2..=3).contains(&number.len()) && !width
}

/// A word and a short number, or one of them.
fn is_word(part: &[u8]) -> bool {
    let head = part.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let tail = part.len() - head;
    let number = part.iter().skip(head).all(u8::is_ascii_digit);
    part.is_empty()
        || (number && (tail <= 4 || head == 0 && tail <= 8) && (head <= 2 || reads_as_words(part.get(..head).unwrap_or_default())))
}

fn is_vowel(byte: u8) -> bool {
    matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// Letters with vowels as languages have them, in one case or as names of programs are written.
pub(super) fn reads_as_words(text: &[u8]) -> bool {
    let mut gap = 0;
    let mut turns = 0;
    let mut before = 0u8;
    for byte in text {
        gap = if is_vowel(*byte) { 0 } else { gap + 1 };
        if gap > 4 || !(byte.is_ascii_alphabetic() || *byte == b'_') {
            return false;
        }
        turns += usize::from(before.is_ascii_lowercase() && byte.is_ascii_uppercase());
        before = *byte;
    }
    turns * 4 <= text.len()
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
            "K104328e51f5a3ab381715ccb7e72a81d5daf5e95735414b467f6e474d72ef9dad7::server:54099744fcd7389ae509",
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
    fn an_argument_is_of_no_type() {
        for (value, written) in
            [("BT98AKAmbyaYN", Written::Argument), ("required|Falcon12!", Written::Plain), ("min:Falcon12", Written::Plain)]
        {
            assert!(is_secret(value.as_bytes(), Kind::Password, written), "{value}");
        }
        assert!(!is_secret(b"BT98AKAmbyaYN", Kind::Password, Written::Plain));
        assert!(!is_secret(b"getPassword(x1)", Kind::Password, Written::Argument));
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
            "XAbZlkWoaS-G_LYVdrB",
            "Debate-site139",
            "Heather_OSYG586",
            "letmein",
            "ysAfwsFYQeJ",
            "Winter23",
            "ofxoIChMOlrld",
            "granite-comet-quartz-otter71",
            "MhnldLGWzx",
            "tsCAnZevhkGi",
            "sQXIPeoKgQLi",
            "coffee_piano63",
            "LGLyzdOc9uoOc86k",
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
            "Section-Name-12",
            "password-Policy12",
            "backup-server-2024",
            "backup_server_24",
            "database_user12",
            "HTTPSConnPool",
            "Float32",
            "XMLHttpReqUrl",
            "orders-queue-worker-pool12",
            "userIdAndName",
            "sunflower",
            "UserName-FieldName",
            "required|min:8|confirmed",
            "required|string|min:8",
            "nullable|regex:/[0-9]{3}/",
            "required,min=8,max=72",
            "min:12",
            "between:8,64|same:repeat",
            "required|min_length[8]",
            "String!",
            "varchar(255)",
        ] {
            assert!(!is_secret(other.as_bytes(), Kind::Password, Written::Plain), "{other}");
        }
    }
}
