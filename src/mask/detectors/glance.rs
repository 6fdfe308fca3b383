//! A first look at a place in text that may still have its escapes in it: what it turns away, the check would find nothing at,
//! at any level of escapes. So most texts need not be resolved at all.
//!
//! What holds of such text: a character that no escape is needed for stands there as it is, unless it was written as `\/` or
//! `\u00XX`, which are signs of their own ([`super::super::scan`]). So a run of a class without quotes, backslashes and control
//! characters is as long here as it is when resolved; what stands *before* a place may be the end of an escape.

use super::super::sieve::Runs;
use super::shape::Shape;
use super::text::{contains_ignoring_case, is_alnum, is_base64, is_base64url, is_digit, is_word};
use super::{Seek, View, card, cloud, columns, database, email, iban};

/// Bytes before a place and behind it that a first look may look at.
pub(crate) const BACK: usize = 448;
pub(crate) const AHEAD: usize = 896;

/// False where nothing can be found.
pub(crate) type Glance = fn(&View<'_>, usize) -> bool;

/// By the label of a family, for where its literals stand.
pub(crate) fn at_head(label: &str) -> Option<Glance> {
    match label {
        "generic_secret" => Some(assigned),
        "database_url" | "url_password" => Some(userinfo),
        "authorization_header" => Some(credential),
        "aws_secret_access_key" | "aws_paired_secret" => Some(secret),
        "jwt" => Some(token),
        "azure_key" => Some(cloud::may_be_signed),
        "aws_access_key" => Some(|view, at| long(view, at, 20)),
        "github_token" | "github_fine_grained_token" => Some(|view, at| long(view, at, 36)),
        "slack_token" => Some(|view, at| long(view, at, 13)),
        "google_api_key" => Some(|view, at| long(view, at, 4)),
        "stripe_key" => Some(|view, at| long(view, at, 16)),
        _ => None,
    }
}

/// By the label of a family, for where digits stand.
pub(crate) fn at_digits(label: &str) -> Option<Glance> {
    match label {
        "credit_card" => Some(|view, at| may_begin(view, at, is_alnum) && card::whole(view, at).is_some()),
        "us_ssn" => Some(ssn),
        "iban" => Some(|view, at| {
            let begins = |start| may_begin(view, start, is_word);
            at.checked_sub(2).is_some_and(begins) && iban::whole(view, at).is_some()
        }),
        _ => None,
    }
}

/// By the label of a family: the runs of digits it looks at, of all that have one of its lengths.
pub(crate) fn runs(label: &str, lengths: u32) -> Runs {
    match lengths {
        _ if matches!(label, "iban" | "credit_card" | "us_ssn") => Runs::Apart,
        lengths if lengths & 0b10 != 0 => Runs::All,
        lengths if lengths & 0b100 != 0 => Runs::Pairs,
        _ => Runs::Long,
    }
}

/// By the label of a family: the lengths (bit n: n digits) of what is nothing but digits and may be found, of those it looks at.
pub(crate) fn alone(label: &str, lengths: u32) -> u32 {
    match label {
        "credit_card" => lengths & !0xFFF,
        "us_ssn" => lengths & (1 << 9),
        // It begins with letters.
        "iban" => 0,
        _ => lengths,
    }
}

/// By the label of a family, for where an `@` stands.
pub(crate) fn at_sign(label: &str) -> Option<Glance> {
    (label == "email").then_some(email::may_stand as Glance)
}

/// What a family that looks at the beginning of a text with a member name makes of it.
#[derive(Clone, Copy)]
pub(crate) enum Naming {
    /// Finds nothing under other names than these.
    Under(fn(&[u8]) -> bool),
    /// Looks at the text, and reads the same whether escapes are resolved or not; finds nothing in one of fewer than `least` bytes.
    Any { least: usize },
    /// Neither is known.
    Unknown,
}

/// By the label of a family that is [`Trigger::Named`](super::Trigger).
pub(crate) fn naming(label: &str) -> Naming {
    match label {
        "generic_secret" => Naming::Under(super::generic::names_a_secret),
        "aws_secret_access_key" => Naming::Under(|key| contains_ignoring_case(key, b"secret")),
        "jwk_private_key" => Naming::Under(super::jwk::names_a_part),
        "date_of_birth" => Naming::Under(super::person::names_a_birth),
        "authorization_header" => Naming::Under(|key| contains_ignoring_case(key, b"authorization")),
        "discord_token" | "twilio_key" => Naming::Any { least: 34 },
        _ => Naming::Unknown,
    }
}

/// Whether what a literal leads to may stand here.
pub(crate) fn may_stand(seek: &Seek, glance: Option<Glance>, view: &View<'_>, at: usize) -> bool {
    match seek {
        Seek::Shape(shape) => fits(shape, view, at),
        Seek::Check(_) => glance.is_none_or(|glance| glance(view, at)),
    }
}

/// The shape, whatever stands before it.
fn fits(shape: &Shape, view: &View<'_>, at: usize) -> bool {
    shape.is_whole(view, at).is_some()
}

/// Letters that many texts have, and what stands behind them in words that tell something: `né le`, `født`, `född`, `ngày sinh`.
const BEFORE: &[(u32, &[u8])] = &[(0xE9, b" le "), (0xF8, b"dt"), (0xF6, b"dd"), (0xE0, b"y sinh")];

/// Whether the character that is written as an escape at `at`, and that no other writing is needed for, may be of a word that tells
/// something: the word is no sign in the text as it was written.
pub(crate) fn may_tell(view: &View<'_>, at: usize, unit: u32) -> bool {
    // `hasło`, `şifre`, `пароль`, `рождения`, `родился`, 密, 生, 비, 생.
    let rare = matches!(unit, 0x142 | 0x15F | 0x44C | 0x436 | 0x434 | 0x5BC6 | 0x751F | 0xBE44 | 0xC0DD);
    // `clé API «`.
    let opens = || unit == 0xAB && view.starts_with_ignoring_case(view.run_back(at, 24, |byte| byte == b'\\').saturating_sub(4), b"api ");
    rare || opens() || BEFORE.iter().any(|(letter, behind)| *letter == unit && view.starts_with_ignoring_case(at + 6, behind))
}

/// Whether `at` may begin a word: nothing of one, or the end of an escape, stands before it.
pub(crate) fn may_begin(view: &View<'_>, at: usize, class: fn(u8) -> bool) -> bool {
    !view.was(at, class) || [2, 6].into_iter().any(|back| at.checked_sub(back).is_some_and(|at| view.at(at) == Some(b'\\')))
}

/// A token of `least` characters, its head included.
fn long(view: &View<'_>, at: usize, least: usize) -> bool {
    let end = view.run(at, least, |byte| is_base64url(byte) || matches!(byte, b'.' | b'%' | b'+'));
    end - at == least
}

/// Bytes of a name, from the word for a secret on.
const NAME: usize = 48;

/// An assignment to the name that goes on here, a word that introduces a value, or the head of a column.
fn assigned(view: &View<'_>, at: usize) -> bool {
    may_be_assigned(view, at) || columns::may_be_head(view, at)
}

/// Bytes behind a name in which the line of its value begins.
const LINES: usize = 120;

fn may_be_assigned(view: &View<'_>, at: usize) -> bool {
    // A separator before the word belongs to the literal, and some literals have blanks in them.
    let phrase = super::generic::phrase(view, at);
    let from = phrase.map_or(at + 1, |len| at + len);
    let name = view.run(from, NAME, |byte| is_word(byte) || !byte.is_ascii() || matches!(byte, b'.' | b'-'));
    // Nothing is assigned to what is too long for a name.
    if phrase.is_none() && name == from + NAME {
        return false;
    }
    let name = super::generic::qualified(view, name);
    let closed = view.run(name, 12, |byte| matches!(byte, b'"' | b'\'' | b'`' | b']' | b'\\'));
    if view.slice(name, closed).contains(&b'\\') {
        if in_column(view, at, name) {
            return true;
        }
        // A quote or a blank, but for the end of a line: below it only a `value` counts.
        return !view.is(closed, |byte| matches!(byte, b'n' | b'r')) || contains_ignoring_case(view.ahead(closed, LINES), b"value");
    }
    let sign = view.run(closed, 13, |byte| matches!(byte, b' ' | b'\t'));
    // In the head of a table, or of a line of one.
    if view.slice(closed, sign).contains(&b'\t') || in_column(view, at, sign) {
        return true;
    }
    if super::generic::may_be_far(view, closed) || super::generic::may_be_before(view, at) {
        return true;
    }
    let apart = sign > closed;
    if apart && (super::generic::may_be_told(view, closed) || super::generic::may_be_led(view, at, closed)) {
        return true;
    }
    match view.at(sign) {
        None => false,
        Some(b')') => super::generic::may_be_column(view, closed),
        // The last of an object, which may name a column.
        Some(b'}') => view.was(closed, |byte| byte == b'"'),
        // In bold, in a cell.
        Some(b'*') => view.starts_with(sign, b"**"),
        Some(
            b'=' | b':' | b'>' | b'<' | b'{' | b'-' | b'?' | b'|' | b'+' | b'~' | b'.' | b'(' | b',' | b';' | b'\\' | b'"' | b'\'' | b'`',
        ) => true,
        Some(byte) if byte.is_ascii_whitespace() => contains_ignoring_case(view.ahead(sign, LINES), b"value"),
        Some(_) => {
            // `--password x`.
            let stands = || {
                view.starts_with(sign, b"is ")
                    || typed(view, sign)
                    || super::generic::may_be_bare(view, sign)
                    || super::generic::may_be_strong(view, sign)
                    || view.slice(at.saturating_sub(36), at).contains(&b'-')
            };
            view.starts_with_ignoring_case(sign, b"value") || (apart && stands())
        }
    }
}

/// Behind a sign between columns, at the end of a line.
fn in_column(view: &View<'_>, at: usize, end: usize) -> bool {
    if view.at(end).is_some_and(|byte| !matches!(byte, b'\n' | b'\r' | b'\\' | b'"')) {
        return false;
    }
    let name = view.run_back(at, 48, |byte| is_word(byte) || !byte.is_ascii() || matches!(byte, b'.' | b'-' | b' ' | b'"' | b'\''));
    view.was(name, |byte| matches!(byte, b',' | b';' | b'|' | b'!' | b'\t' | b'\\'))
}

/// `string = ...`.
fn typed(view: &View<'_>, at: usize) -> bool {
    let kind = view.run(at, 13, |byte| is_alnum(byte) || byte == b'*');
    let sign = view.run(kind, 2, |byte| matches!(byte, b' ' | b'\t'));
    kind > at && view.is(sign, |byte| matches!(byte, b'=' | b'\\'))
}

/// Something before an `@`, or more than is looked at before one.
fn userinfo(view: &View<'_>, at: usize) -> bool {
    // Of data sources that are no URLs the literal is at the end.
    if !view.starts_with(at, b"://") {
        return true;
    }
    let rest = view.ahead(at + 3, 360);
    let len = rest.iter().position(|byte| !database::is_password_or_at(*byte)).unwrap_or(rest.len());
    let (run, behind) = rest.split_at_checked(len).unwrap_or_default();
    // A user's name may have letters that are written as escapes: `\u00e9`.
    let is_letter = || behind.iter().find(|byte| **byte != b'\\') == Some(&b'u') && behind.first() == Some(&b'\\');
    run.contains(&b'@') || is_letter() || run.len() >= database::PASSWORD
}

/// A value behind the word.
fn credential(view: &View<'_>, at: usize) -> bool {
    match view.at(at).map(|byte| byte.to_ascii_lowercase()) {
        // `authorization` and what assigns.
        Some(b'a') => view.ahead(at + 13, 14).iter().any(|byte| matches!(byte, b':' | b'=' | b',' | b'>' | b'"' | b'\'')),
        // `bearer ` and sixteen characters with two digits in them.
        Some(b'b') => {
            let value = view.ahead(at + 7, 420);
            let end = value.iter().position(|byte| *byte <= b' ' || *byte == b'"').unwrap_or(value.len());
            // `"Bearer " + "..."`.
            let joined = || value.iter().take(12).any(|byte| matches!(byte, b'+' | b'.'));
            end >= 16 || value.get(end) == Some(&b' ') || joined()
        }
        // ` -u`, `--user`, in a command.
        _ => contains_ignoring_case(view.slice(at.saturating_sub(128), at), b"curl"),
    }
}

/// Forty characters of base64 near the word.
fn secret(view: &View<'_>, at: usize) -> bool {
    const LEN: usize = 40;
    let near = view.ahead(at, 24 + LEN + LEN);
    let mut run = 0;
    // It covers one of any so many places in a row.
    near.iter().skip(LEN - 1).step_by(LEN).any(|byte| is_base64(*byte))
        && near.iter().any(|byte| {
            run = if is_base64(*byte) { run + 1 } else { 0 };
            run == LEN
        })
}

/// A header, or a payload behind one.
fn token(view: &View<'_>, at: usize) -> bool {
    let from = if view.at(at) == Some(b'.') { at + 1 } else { at };
    let goes_on = view.run(from, 16, is_base64url) - from == 16;
    goes_on && (from == at || view.run_back(at, 16, is_base64url) + 16 == at)
}

/// `078-05-1120`, or nine digits.
fn ssn(view: &View<'_>, at: usize) -> bool {
    let first = view.run(at, 10, is_digit) - at;
    let separated = || {
        let separator = view.at(at + 3);
        separator.is_some_and(|byte| matches!(byte, b'-' | b' ' | b'.')) && view.at(at + 6) == separator && view.is(at + 7, is_digit)
    };
    ((first == 9 && !view.is(at + 9, is_word)) || (first == 3 && separated())) && may_begin(view, at, is_word)
}
