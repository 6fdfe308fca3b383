//! Values that do not stand right behind their names: other members, words, signs or a question are between, or the value comes first.

use memchr::{memchr, memmem};

use super::super::text::{is_alnum, is_digit, is_word};
use super::super::{Found, View};
use super::name::{self, Kind, Name};
use super::passphrases::is_passphrase;
use super::value::{self, Written};
use super::{BLANKS, in_quotes, is_blank, may_be_bare};

/// Members or lines between a name and its value.
const BETWEEN: usize = 4;

/// Bytes of a name or a value between them, and of blanks that lines begin with.
const OTHER: usize = 48;
const INDENT: usize = 24;

/// Bytes of a value that is told by what it looks like.
const LONGEST: usize = 128;

/// Bytes of a question.
const QUESTION: usize = 72;

/// Where the value of a name begins that is closed at `closed`, and how it is written.
pub(super) fn value(view: &View<'_>, name: &Name, closed: usize) -> Option<(usize, Written)> {
    if closed > name.end {
        return in_object(view, closed);
    }
    in_lines(view, name)
        .or_else(|| property(view, closed))
        .or_else(|| marked(view, closed))
        .or_else(|| in_brackets(view, name, closed))
        .or_else(|| answered(view, closed))
        .or_else(|| in_row(view, name, closed))
}

/// Whether one may stand behind the name that ends at `at`, where no sign tells it; of text that may have its escapes in it.
pub(in super::super) fn may_be(view: &View<'_>, at: usize) -> bool {
    let signs = || matches!(view.at(view.run(at, 2, is_blank)), Some(0xC2 | 0xE2)) || view.starts_with(at, b" !!");
    HERE.iter().any(|word| view.starts_with(at, word)) || signs() || view.at(question(view, at)) == Some(b'?')
}

/// Whether the value may stand before the name around `at`; of text that may have its escapes in it.
pub(in super::super) fn may_be_before(view: &View<'_>, at: usize) -> bool {
    middle(view, view.run_back(at, name::BEFORE, name::is_name)).is_some()
}

/// `"Name": "/prod/db_password", "Type": "SecureString", "Value": "..."`.
fn in_object(view: &View<'_>, closed: usize) -> Option<(usize, Written)> {
    view.was(closed, |byte| byte == b'"').then_some(())?;
    let mut at = closed;
    for _ in 0..BETWEEN {
        (view.at(at) == Some(b',')).then_some(())?;
        let (key, behind) = quoted(view, view.run(at + 1, INDENT, |byte| byte.is_ascii_whitespace()))?;
        let sign = view.run(behind, 2, is_blank);
        (view.at(sign) == Some(b':')).then_some(())?;
        let from = view.run(sign + 1, 2, is_blank);
        if key.eq_ignore_ascii_case(b"value") {
            return in_quotes(view, from);
        }
        let scalar = || view.run(from, OTHER, |byte| is_alnum(byte) || matches!(byte, b'-' | b'.'));
        at = quoted(view, from).map_or_else(scalar, |(_, behind)| behind);
    }
    None
}

/// The text in quotes at `at`, which may be escaped, and where it ends.
fn quoted<'a>(view: &View<'a>, at: usize) -> Option<(&'a [u8], usize)> {
    let open = view.run(at, 3, |byte| byte == b'\\');
    (view.at(open) == Some(b'"')).then_some(())?;
    let end = view.run(open + 1, OTHER, |byte| !matches!(byte, b'"' | b'\\' | b'\n'));
    let close = view.run(end, 3, |byte| byte == b'\\');
    (view.at(close) == Some(b'"')).then(|| (view.slice(open + 1, end), close + 1))
}

/// `- name: DB_PASSWORD`, and some lines below it `value: ...`.
fn in_lines(view: &View<'_>, name: &Name) -> Option<(usize, Written)> {
    matches!(view.at(name.end), Some(b'\n' | b'\r')).then_some(())?;
    let before = view.slice(name.start.saturating_sub(OTHER), name.start);
    let line = before.rsplit(|byte| *byte == b'\n').next()?.trim_ascii_start();
    let line = line.strip_prefix(b"- ").unwrap_or(line);
    (line.starts_with(b"name: ") || line.starts_with(b"key: ")).then_some(())?;
    let mut at = name.end;
    for _ in 0..BETWEEN {
        let line = view.run(at, 2, |byte| matches!(byte, b'\r' | b'\n'));
        let key = view.run(line, INDENT, |byte| byte == b' ');
        let end = view.run(key, INDENT, |byte| is_word(byte) || byte == b'-');
        (line > at && view.at(end) == Some(b':')).then_some(())?;
        let from = view.run(end + 1, 2, is_blank);
        if view.slice(key, end) == b"value" {
            return in_quotes(view, from).or(Some((from, Written::Plain)));
        }
        at = view.run(from, OTHER, |byte| !matches!(byte, b'\r' | b'\n'));
    }
    None
}

/// `public string DbPassword { get; set; } = "..."`.
fn property(view: &View<'_>, closed: usize) -> Option<(usize, Written)> {
    let brace = view.run(closed, 2, is_blank);
    (view.starts_with(brace, b"{ get;")).then_some(())?;
    let end = view.run(brace, INDENT, |byte| byte != b'}');
    let sign = view.run(end + 1, 2, is_blank);
    (view.at(end) == Some(b'}') && view.at(sign) == Some(b'=')).then(|| in_quotes(view, view.run(sign + 1, 2, is_blank)))?
}

/// `password → ...`, `mot de passe « ... »`, and in monospaced letters: `password: {{...}}`.
fn marked(view: &View<'_>, closed: usize) -> Option<(usize, Written)> {
    let at = view.run(closed, 2, is_blank);
    if let Some(arrow) = ["→", "⇒", "➜"].iter().find(|arrow| view.starts_with(at, arrow.as_bytes())) {
        let from = view.run(at + arrow.len(), 2, is_blank);
        return in_quotes(view, from).or(Some((from, Written::Told)));
    }
    let behind = view.run(at, 3, |byte| matches!(byte, b':' | b'=' | b' '));
    if view.starts_with(behind, "«".as_bytes()) {
        // No blank that lines are broken at.
        let from = behind + "«".len();
        let hard = ["\u{a0}", "\u{202f}"].iter().find(|blank| view.starts_with(from, blank.as_bytes())).map_or(0, |blank| blank.len());
        return Some((view.run(from + hard, 2, is_blank), Written::Cell(0xC2)));
    }
    (behind > at && view.starts_with(behind, b"{{")).then_some(())?;
    // A name in such braces is put in.
    let end = view.run(behind + 2, LONGEST, |byte| byte > b' ' && !matches!(byte, b'}' | b'.'));
    (view.starts_with(end, b"}}") && is_clear(view.slice(behind + 2, end))).then_some((behind + 2, Written::Cell(b'}')))
}

/// What may stand between a name and the brackets that have its value.
const HERE: &[&[u8]] = &[b" here (", b" now (", b" below (", b" above ("];

/// `the oracle pwd here (`...`)`, `the password (currently "...")`, `the client-secret (...)`.
fn in_brackets(view: &View<'_>, name: &Name, closed: usize) -> Option<(usize, Written)> {
    let len = HERE.iter().find(|word| view.starts_with(closed, word)).map_or(2, |word| word.len());
    let opened = closed + len;
    (len > 2 || view.starts_with(closed, b" (")).then_some(())?;
    let adverb = [&b"currently "[..], b"now ", b"still "].into_iter().find(|adverb| view.starts_with(opened, adverb));
    let from = opened + adverb.map_or(0, <[u8]>::len);
    let quote = view.at(from).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let start = from + usize::from(quote.is_some());
    let close = quote.unwrap_or(b')');
    let end = view.run(start, LONGEST, |byte| byte > b' ' && byte != close);
    (view.at(end) == Some(close) && (quote.is_none() || view.at(end + 1) == Some(b')'))).then_some(())?;
    let text = view.slice(start, end);
    let stands = match name.kind {
        Kind::Password => quote.is_some() && is_clear(text),
        _ => value::is_long(text),
    };
    stands.then_some((start, quote.map_or(Written::Cell(b')'), Written::Quoted)))
}

/// Where a question ends that goes on at `at`, or what is none.
fn question(view: &View<'_>, at: usize) -> usize {
    view.run(at, QUESTION, |byte| is_alnum(byte) || matches!(byte, b' ' | b'-' | b'_' | b'/' | b'.'))
}

/// `Which password does the worker use?`, and behind it `A: It is ...`.
fn answered(view: &View<'_>, closed: usize) -> Option<(usize, Written)> {
    const IT_IS: [&[u8]; 3] = [b"It is ", b"it is ", b"It's "];
    let end = question(view, closed);
    (end > closed && view.at(end) == Some(b'?')).then_some(())?;
    let from = view.run(end + 1, 8, |byte| byte.is_ascii_whitespace() || matches!(byte, b'A' | b':' | b'>' | b'-' | b'*'));
    let told = IT_IS.into_iter().find(|told| view.starts_with(from, told))?;
    let start = from + told.len();
    value::is_strong(word(view, start)).then_some((start, Written::Told))
}

fn word<'a>(view: &View<'a>, at: usize) -> &'a [u8] {
    view.slice(at, view.run(at, LONGEST, |byte| byte > b' ' && !matches!(byte, b'"' | b'`')))
}

/// `7321  access_token  303e53db...`: a row of a number, a name and a value that blanks keep apart.
fn in_row(view: &View<'_>, name: &Name, closed: usize) -> Option<(usize, Written)> {
    let at = view.run(closed, BLANKS, |byte| byte == b' ');
    (at > closed + 1 && name.kind == Kind::Key && may_be_bare(view, at)).then_some(())?;
    let line = view.run_back(name.start, INDENT, |byte| is_digit(byte) || byte == b' ');
    view.before(line).is_none_or(|byte| matches!(byte, b'\n' | b'"')).then_some((at, Written::Plain))
}

/// What leads from a value in quotes to its name.
const MIDDLES: &[&[u8]] =
    &[b", that is the ", b", which is the ", b" is the ", b" is the new ", b" is the current ", b" is my ", b" is our ", b" is now the "];

/// Where the quote stands behind which one of them leads to the name at `start`, or to one word before it.
fn middle(view: &View<'_>, start: usize) -> Option<usize> {
    view.was(start, |byte| byte == b' ').then_some(())?;
    let at = |start: usize| {
        let led =
            MIDDLES.iter().filter(|middle| view.slice(start.saturating_sub(middle.len()), start) == **middle).max_by_key(|led| led.len());
        led.map(|led| start - led.len())
    };
    let word = || view.was(start, is_blank).then(|| view.run_back(start - 1, INDENT, |byte| is_alnum(byte) || byte == b'-'));
    let place = at(start).or_else(|| at(word()?))?;
    view.was(place, |byte| matches!(byte, b'"' | b'\'' | b'`')).then(|| place - 1)
}

/// `"...", that is the password the scanner expects`.
pub(super) fn before(view: &View<'_>, name: &Name) -> Option<Found> {
    let quote = middle(view, name.start)?;
    let close = view.run_back(quote, 3, |byte| byte == b'\\');
    let mark = view.at(quote)?;
    let start = view.run_back(close, 66, |byte| byte > b' ' && byte != mark && byte != b'\\');
    let text = view.slice(start, close);
    let opened = view.was(start, |byte| byte == mark);
    (opened && name.kind == Kind::Password && is_clear(text) && value::stands(view, start..close, name.kind, Written::Quoted(mark)))
        .then(|| Found::new(start, close))?
}

/// What is neither a word nor a name, nor a name with a number.
fn is_clear(text: &[u8]) -> bool {
    let signs = text.iter().filter(|byte| b"!#$%^?~@&*+".contains(byte)).count();
    let has = |class: fn(&u8) -> bool| text.iter().any(class);
    let code = has(|byte| matches!(byte, b'(' | b'[' | b'{' | b'<' | b'\\' | b'/' | b';'));
    let mixed = signs > 1 && text.len() >= 8 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && !code;
    let letters: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_digit()).collect();
    is_passphrase(text) || mixed || value::is_strong(text) && (signs > 0 || !value::reads_as_words(&letters))
}

/// Whether a value stands in a tag behind the verb of a sentence, `... is <b>...</b>`: where it begins.
pub(super) fn in_tag(view: &View<'_>, at: usize) -> Option<usize> {
    const TAG: usize = 16;
    let tag = view.ahead(at, TAG);
    let end = memchr(b'>', tag).filter(|_| tag.first() == Some(&b'<') && memmem::find(tag, b"</").is_none_or(|close| close > 1))?;
    Some(at + end + 1)
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::all;
    use super::super::assigned;

    #[test]
    fn finds_values_apart_from_their_names() {
        let key = ["9f2c41d8e07b", "4a5f8c3d2e1b6a7f"].concat();
        for text in [
            "{\"Name\": \"/prod/x/db_password\",\n  \"Type\": \"String\",\n  \"Value\": \"Thunder2021x\"}",
            "{\"name\":\"DB_PASSWORD\",\"slotSetting\":false,\"value\":\"Thunder2021x\"}",
            "{\\\"name\\\":\\\"DB_PASSWORD\\\",\\\"slotSetting\\\":false,\\\"value\\\":\\\"Thunder2021x\\\"}",
            "- name: DB_PASSWORD\n  slotSetting: false\n  value: Thunder2021x\n",
            "public string DbPassword { get; set; } = \"Thunder2021x\";",
            "internal string Password { get; init; } = \"Thunder2021x\";",
            "New keystore password → Thunder2021x\nOld",
            "le mot de passe « Thunder2021x » est",
            "* db password: {{gzjThundbl8sihn2AI}}",
            "you left the real oracle pwd here (`Thunder#2021x%`), please",
            "keeps its keystore password (currently \"Thunder2021!x\") until",
            "Q: Which oracle pwd does the-worker use?\nA: It is Thunder2021x, set",
            "Please reset it to \"Thunder#2021x\", that is the password it expects",
            "'Thunder#2021x' is the new db password",
            "your db password for the sandbox is <b>Thunder2021x</b>.",
            "EXEC x @password = N'Thunder2021x'",
        ] {
            let found = all(assigned, text);
            assert!(found.len() == 1 && (found[0].contains("Thunder") || found[0].contains("gzjThund")), "{text}: {found:?}");
        }
        for text in [
            format!("das alte Client-Secret ({key}) nicht mehr"),
            format!("7321  access_token  {key}\n"),
            format!("la clé API « {key} » figurait"),
            format!("{{\"name\":\"API_TOKEN\",\"kind\":1,\"value\":\"{key}\"}}"),
        ] {
            assert_eq!(all(assigned, &text), [key.as_str()], "{text}");
        }
    }

    #[test]
    fn leaves_what_only_looks_so() {
        for text in [
            "{\"name\":\"DB_PASSWORD\",\"type\":\"x\"},{\"name\":\"y\",\"value\":\"Thunder2021x\"}",
            "{\"required\":[\"password\",\"name\"],\"value\":\"Thunder2021x\"}",
            "- name: DB_PASSWORD\n  valueFrom:\n    name: thunder2021x\n",
            "public string Password { get; set; }\npublic string Name = \"Thunder2021x\";",
            "password → see chapter",
            "the password here (`config.password2`) is",
            "the password (currently \"required\")",
            "the token (see section 12.3) is",
            "password: {{dbPassword2}}",
            "password: {{ vault_password }}",
            "Which password does it use?\nA: It is the one of 2021x",
            "\"newPassword2\" is the password field",
            "\"Thunder#2021x\" is the name of the password",
            "the password is <b>required</b>",
            "7321  access_token  none",
        ] {
            assert!(all(assigned, text).is_empty(), "{text}: {:?}", all(assigned, text));
        }
    }
}
