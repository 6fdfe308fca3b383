//! Secrets of no known format, by the name they are assigned to: `password: "..."`, `API_KEY=...`, `client_secret => '...'`,
//! `<token>...</token>`, `--password ...`, and the members of JSON objects.
//!
//! A name counts when a word for a secret ends it, but for a few words after it that tell no other thing
//! (`password_prod`; not `password_length`). A value counts when nobody would write it but to keep it: see [`value`].

mod command;
mod cookie;
mod ends;
mod far;
mod name;
mod other;
mod passphrases;
mod phrases;
mod places;
mod replies;
mod told;
mod validation;
mod value;
mod words;

use memchr::memmem;

pub(super) use ends::quoted;
use ends::{BLANKS_AND_CONTROLS, plain, tagged};
use name::{Kind, Name};
use value::Written;

use super::set;
use super::tail::{End, LONGEST, Tail};
use super::text::is_alnum;
use super::{About, BEHIND, Family, Found, Trigger, View, jwt};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::new(
        Detector::GenericSecret,
        "generic_secret",
        &[Trigger::Heads(name::HEADS, assigned), Trigger::Named(member)],
        About {
            matches: "what is assigned to a name that ends with `password`, `pwd`, `secret`, `token`, `api_key`, `private_key` or the like, also in German, French, Spanish, Dutch and Portuguese",
            validator: "length, entropy, mixed characters; no placeholder, path, name or call",
            context: "the name, with `=`, `:`, `=>`, `:=`, a tag, as an option of a command, in a sentence (`... is ...`), in brackets, guillemets or behind an arrow, some members or lines before it (`name`, ..., `value`), right behind it, in the cell before it, or in the head of its column: with signs or blanks between columns, in HTML, in `columns` and `rows` of JSON",
            source: "names and exceptions as gitleaks (MIT) and detect-secrets (Apache-2.0) have them",
        },
    ),
    command::FAMILY,
    cookie::FAMILY,
];

/// Whether a value may stand apart from its name, in text that may have its escapes in it.
pub(super) use far::{may_be as may_be_far, may_be_before};
/// The length of a name of several words.
pub(super) use phrases::phrase;
/// Whether a sentence may go on at `at`, in text that may have its escapes in it, that tells the value of the name before.
pub(super) use told::may_be as may_be_told;

/// Blanks on each side of the sign.
const BLANKS: usize = 12;

/// Longest type between a name and its sign.
const TYPE: usize = 12;

/// From the beginning of a name to a value's: the name, what closes it, a type, the sign, what opens the value.
const _: () = assert!(name::BEFORE + 1 + name::AFTER + 1 + 3 + BLANKS + TYPE + 2 + 4 + BLANKS + 1 + 3 + 3 <= BEHIND);

/// At a word for a secret.
fn assigned(view: &View<'_>, at: usize) -> Option<Found> {
    let name = name::around(view, at)?;
    // `arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db` is a name.
    let resource = view.before(name.start) == Some(b':') && view.was(name.start - 1, |byte| byte.is_ascii_digit());
    if resource {
        return None;
    }
    let Some((start, written)) = assignment(view, &name) else { return far::before(view, &name) };
    // What comes before a value must be in view where it begins.
    if start > name.start + BEHIND - 4 {
        return None;
    }
    let written = if written == Written::Plain && name.is_of_others(view) { Written::Told } else { written };
    let (end, tail) = match written {
        Written::Quoted(quote) => quoted(view, start, quote)?,
        Written::Tag => tagged(view, start)?,
        Written::Cell(separator) => {
            let end = view.run(start, LONGEST, |byte| byte > b' ' && byte != separator && !matches!(byte, b'"' | b'`'));
            (end, Tail::behind(view, start, end, End::Cell(separator)))
        }
        Written::Plain | Written::Told | Written::Argument => {
            plain(view, start, view.before(name.start).is_some_and(|byte| matches!(byte, b'?' | b'&')))
        }
    };
    // Of hashes and fingerprints one says so, too.
    let hash =
        || view.slice(name.start, name.end).eq_ignore_ascii_case(b"the key") && view.slice(start, end).iter().all(u8::is_ascii_hexdigit);
    (!hash()).then(|| checked(view, Found { start, end, tail }, name.kind, written)).flatten()
}

/// Whether a text under this member name may be a secret.
pub(super) fn names_a_secret(key: &[u8]) -> bool {
    name::of(key).is_some()
}

/// Under a member name: the whole text.
fn member(view: &View<'_>, at: usize) -> Option<Found> {
    let kind = name::of(view.key())?;
    let end = view.until(at, LONGEST, &BLANKS_AND_CONTROLS);
    let tail = Tail::behind(view, at, end, End::Text);
    let whole = view.at(end).is_none() || tail != Tail::None;
    whole.then(|| checked(view, Found { start: at, end, tail }, kind, Written::Quoted(b'"'))).flatten()
}

/// What is found, where its value is a secret's, or begins as one.
fn checked(view: &View<'_>, found: Found, kind: Kind, written: Written) -> Option<Found> {
    let Found { start, end, tail } = found;
    value::stands(view, start..end, kind, written).then_some(())?;
    // Where a token stands that is known as such, its own end counts, and its name is told.
    // The header of a token by itself is none.
    let value = view.slice(start, end);
    if value.starts_with(b"eyJhbGciOi") && !value.contains(&b'.') && tail == Tail::None {
        return None;
    }
    let token = jwt::by_header(view, start).or_else(|| jwt::by_shape_from(view, start));
    token.or(Some(found))
}

/// Where the value that is assigned to a name begins, and how it is written.
fn assignment(view: &View<'_>, name: &Name) -> Option<(usize, Written)> {
    let closed = view.run(name.end, 3, |byte| matches!(byte, b'"' | b'\'' | b'`' | b']' | b'\\'));
    let closed = if closed == name.end { qualified(view, closed) } else { closed };
    let mut at = view.run(closed, BLANKS, is_blank);
    // `<add key="apiKey" value="..."/>`, `{"name":"API_KEY","value":"..."}`, `- name: API_KEY` and `value: ...` below it.
    let opened = || {
        attribute(view, closed)
            .or_else(|| cell(view, closed))
            .or_else(|| default(view, closed))
            .or_else(|| named_before(view, name))
            .or_else(|| row(view, name, closed))
            .or_else(|| far::value(view, name, closed))
            .or_else(|| {
                command::row(view, name.start, closed).map(|(start, _)| (start, view.before(start).map_or(Written::Plain, Written::Quoted)))
            })
    };
    if let Some(written) = opened() {
        return Some(written);
    }
    let gap = view.run(closed, BLANKS + 2, |byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b'"' | b'\'' | b'\\'));
    if (gap > closed || closed > name.end) && view.starts_with_ignoring_case(gap, b"value") {
        let quoted = view.run(gap + 5, 2, |byte| matches!(byte, b'"' | b'\'' | b'\\'));
        at = view.run(quoted, 2, is_blank);
    }
    // `var token string = ...`, `token: str = ...`: a type stands between.
    if closed == name.end && at > closed {
        let kind = view.run(at, TYPE, |byte| is_alnum(byte) || byte == b'*');
        let sign = view.run(kind, 2, is_blank);
        if kind > at && sign > kind && view.at(sign) == Some(b'=') {
            at = sign;
        }
    }
    if closed > name.end && view.starts_with(at, b"value") {
        at = view.run(at + 5, 2, is_blank);
    }
    let sign = view.run(at, 4, |byte| matches!(byte, b'=' | b':' | b'>' | b'?' | b'|' | b'+' | b'~' | b'-' | b'.'));
    let signs = view.slice(at, sign);
    if signs == b":"
        && closed == name.end
        && let Some(value) = typed(view, sign)
    {
        return Some(value);
    }
    if let Some(value) = instead(view, sign, signs).or_else(|| in_brackets(view, name, closed)) {
        return Some(value);
    }
    // R's own.
    let (sign, signs) = if view.starts_with(at, b"<-") { (at + 2, &b"="[..]) } else { (sign, signs) };
    if signs == b">" && (closed > name.end || view.before(name.start) == Some(b'<')) {
        return Some((view.run(sign, BLANKS, |byte| byte.is_ascii_whitespace()), Written::Tag));
    }
    let arrow = signs == b"->" && at > closed;
    let assigns =
        arrow || signs.iter().any(|byte| matches!(byte, b'=' | b':')) && signs.first() != Some(&b'-') && signs.last() != Some(&b'.');
    let listed = closed > name.end && view.at(at) == Some(b',');
    let called = closed == name.end && at == closed && view.at(at) == Some(b'(');
    let strong =
        at == closed + 1 && closed == name.end && name.kind == Kind::Password && may_be_strong(view, at) && !name.is_verb(view, at);
    let told = if at > closed { told::verb(view, closed) } else { None };
    let after = match () {
        () if assigns => sign,
        () if listed || called => at + 1,
        // `--password x`, `IDENTIFIED BY`-like `PASSWORD 'x'`, `the password is x`.
        () if told.is_some() => told?,
        // `use token ... to log in`.
        () if at == closed + 1 && closed == name.end && may_be_bare(view, at) && name.is_key() => at,
        () if strong => at,
        () if at == closed + 1 && closed == name.end && (name.is_option(view) || matches!(view.at(at), Some(b'\'' | b'`' | b'"'))) => at,
        // `set "ApiKey" "..."`.
        () if at == closed + 1 && closed == name.end + 1 && view.at(at) == view.at(name.end) => at,
        () => return None,
    };
    let from = view.run(after, BLANKS, is_blank);
    // `process.env.DB_PASSWORD ?? "..."`.
    if view.starts_with(from, b"process.env.") {
        let variable = view.run(from + 12, BLANKS * 2, |byte| is_alnum(byte) || byte == b'_');
        let sign = view.run(variable, 2, is_blank);
        return instead(view, sign + 2, view.slice(sign, sign + 2));
    }
    // `... is <b>...</b>`.
    if let Some(start) = told.and_then(|_| far::in_tag(view, from)) {
        return Some((start, Written::Tag));
    }
    // `b"..."`, `r'...'`, `@"..."`, `N'...'`.
    let prefixed = view.is(from, |byte| matches!(byte, b'b' | b'r' | b'u' | b'f' | b'@' | b'N' | b'$'))
        && view.is(from + 1, |byte| matches!(byte, b'"' | b'\''));
    let from = from + usize::from(prefixed);
    let escaped = view.run(from, 3, |byte| byte == b'\\');
    match view.at(escaped) {
        Some(quote @ (b'"' | b'\'' | b'`')) => Some((view.run(escaped, 3, only(quote)), Written::Quoted(quote))),
        _ if listed || called || escaped > from => None,
        _ if !assigns && (told.is_some() || !name.is_option(view) && (strong || may_be_bare(view, from))) => Some((from, Written::Told)),
        _ if signs == b"=" && closed == name.end && from == closed + 1 && name.is_of_commands(view) => Some((from, Written::Argument)),
        _ if !assigns && name.is_option(view) => Some((from, Written::Argument)),
        _ => Some((from, Written::Plain)),
    }
}

/// Bytes of what tells which key or password it is.
const WHICH: usize = 16;

/// Behind what tells which one it is, where a sign follows: `API key (production): ...`, `Unseal Key 1: ...`.
pub(super) fn qualified(view: &View<'_>, at: usize) -> usize {
    let from = at + 1;
    let end = match view.at(from).filter(|_| view.at(at) == Some(b' ')) {
        Some(b'(') => view.run(from + 1, WHICH, |byte| is_alnum(byte) || matches!(byte, b' ' | b'-' | b'_' | b'.')) + 1,
        Some(b'0'..=b'9') => view.run(from, 2, |byte| byte.is_ascii_digit()),
        _ => return at,
    };
    let closes = view.at(from) != Some(b'(') || view.at(end - 1) == Some(b')');
    let sign = view.run(end, 2, is_blank);
    if closes && view.is(sign, |byte| matches!(byte, b':' | b'=')) { end } else { at }
}

/// What stands behind a type and a sign: `token: &str = "..."`.
fn typed(view: &View<'_>, at: usize) -> Option<(usize, Written)> {
    let from = view.run(at, 2, is_blank);
    let end = view.run(from, TYPE + 8, |byte| is_alnum(byte) || matches!(byte, b'&' | b'\'' | b' ' | b'?' | b'[' | b']' | b'<'));
    let named = end > from && view.slice(from, end).iter().any(u8::is_ascii_alphabetic);
    (named && view.at(end) == Some(b'=') && view.was(end, |byte| byte == b' ')).then_some(())?;
    in_quotes(view, view.run(end + 1, 2, is_blank))
}

/// What is taken where a variable has none: `process.env.API_KEY || "..."`.
fn instead(view: &View<'_>, at: usize, signs: &[u8]) -> Option<(usize, Written)> {
    matches!(signs, b"||" | b"??" | b"?:").then_some(())?;
    in_quotes(view, view.run(at, 2, is_blank))
}

/// `the default password (...)`.
fn in_brackets(view: &View<'_>, name: &Name, closed: usize) -> Option<(usize, Written)> {
    let from = closed + 2;
    let opened = closed == name.end && view.slice(closed, from) == b" (" && name.kind == Kind::Password;
    let end = view.run(from, LONGEST_STRONG, |byte| byte > b' ' && byte != b')');
    (opened && view.at(end) == Some(b')') && value::is_strong(view.slice(from, end))).then_some((from, Written::Told))
}

fn in_quotes(view: &View<'_>, at: usize) -> Option<(usize, Written)> {
    let escaped = view.run(at, 3, |byte| byte == b'\\');
    let quote = view.at(escaped).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    Some((escaped + 1, Written::Quoted(quote)))
}

/// Longest word that is looked at for being no word.
const LONGEST_STRONG: usize = 66;

/// Whether the name that ends at `at` may be that of a column in a statement; of text that may have its escapes in it.
pub(super) fn may_be_column(view: &View<'_>, at: usize) -> bool {
    command::values(view, at).is_some()
}

/// Whether a word stands here that is one of no sentence; of text that may have its escapes in it.
pub(super) fn may_be_strong(view: &View<'_>, at: usize) -> bool {
    value::is_strong(strong_word(view, at))
}

fn strong_word<'a>(view: &View<'a>, at: usize) -> &'a [u8] {
    let end = view.run(at, LONGEST_STRONG, |byte| byte > b' ' && !matches!(byte, b'"' | b'\\'));
    view.slice(at, end)
}

/// Whether a word stands here that is long enough for a key that nothing but the name before it tells.
pub(super) fn may_be_bare(view: &View<'_>, at: usize) -> bool {
    const BARE: usize = 24;
    let end = view.run(at, BARE, |byte| is_alnum(byte) || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'='));
    end - at == BARE && view.slice(at, end).iter().any(u8::is_ascii_digit)
}

/// Bytes between a name in quotes and the attribute or the line that has its value.
const APART: usize = 48;

/// `<input type="password" name="pw" value="...">`.
fn attribute(view: &View<'_>, closed: usize) -> Option<(usize, Written)> {
    view.was(closed, |byte| matches!(byte, b'"' | b'\'')).then_some(())?;
    let rest = view.ahead(closed, APART);
    let end = rest.iter().position(|byte| matches!(byte, b'<' | b'>' | b'\n')).unwrap_or(rest.len());
    let at = rest.get(..end)?.windows(7).position(|text| text == b" value=")? + closed + 7;
    let quoted = view.run(at, 2, |byte| byte == b'\\');
    let quote = view.at(quoted).filter(|byte| matches!(byte, b'"' | b'\''))?;
    Some((quoted + 1, Written::Quoted(quote)))
}

/// `<th>password</th><td class="x">...</td>`.
fn cell(view: &View<'_>, closed: usize) -> Option<(usize, Written)> {
    let name = view.run(closed, 2, |byte| matches!(byte, b':' | b' '));
    view.starts_with(name, b"</").then_some(())?;
    let rest = view.ahead(name, APART);
    let mut tags = rest.split_inclusive(|byte| *byte == b'>');
    let mut at = name;
    for _ in 0..3 {
        let tag = tags.next().filter(|tag| tag.ends_with(b">"))?;
        let blank = tag.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        (tag.get(blank) == Some(&b'<')).then_some(())?;
        at += tag.len();
        if tag.get(blank + 1) != Some(&b'/') {
            return Some((view.run(at, BLANKS, |byte| byte.is_ascii_whitespace()), Written::Tag));
        }
    }
    None
}

/// `variable "api_token" { default = "..." }`.
fn default(view: &View<'_>, closed: usize) -> Option<(usize, Written)> {
    let brace = view.run(closed, 2, is_blank);
    (view.at(brace) == Some(b'{') && view.was(closed, |byte| byte == b'"')).then_some(())?;
    let rest = view.ahead(brace, APART);
    let end = rest.iter().position(|byte| *byte == b'}').unwrap_or(rest.len());
    let at = rest.get(..end)?.windows(7).position(|text| text == b"default")? + brace + 7;
    let sign = view.run(at, BLANKS, is_blank);
    let quoted = view.run(sign + 1, BLANKS, is_blank);
    (view.at(sign) == Some(b'=')).then_some(())?;
    let escaped = view.run(quoted, 3, |byte| byte == b'\\');
    (view.at(escaped) == Some(b'"')).then_some((escaped + 1, Written::Quoted(b'"')))
}

/// What says that behind the name and a blank its value stands: `ENV API_TOKEN ...`, `login ci password ...`.
const LEADERS: &[&[u8]] = &[b"ENV ", b"ARG ", b"setenv ", b"setx ", b"SETX ", b"set -x ", b"set -gx ", b"set -Ux "];

/// Whether what stands before the name around `at` may lead to a value behind it; of text that may have its escapes in it.
pub(super) fn may_be_led(view: &View<'_>, at: usize, end: usize) -> bool {
    if !view.is(end, is_blank) || !view.is(end + 1, |byte| byte > b' ') {
        return false;
    }
    if view.is(end + 1, |byte| byte.is_ascii_digit()) && view.at(end + 2) == Some(b' ') {
        return true;
    }
    let at = at + usize::from(view.is(at, |byte| !is_alnum(byte)));
    let start = view.run_back(at, name::BEFORE, name::is_name);
    if is_directive(view.slice(start, end)) {
        return true;
    }
    let before = view.slice(start.saturating_sub(LEADER * 6), start);
    LEADERS.iter().any(|leader| before.ends_with(leader)) || memmem::find(before, b"login ").is_some()
}

fn named_before(view: &View<'_>, name: &Name) -> Option<(usize, Written)> {
    let from = view.run(name.end, 2, is_blank);
    (from == name.end + 1 && view.is(from, |byte| byte > b' ')).then_some(())?;
    let before = view.slice(name.start.saturating_sub(LEADER), name.start);
    // The lines of a .netrc: `machine ... login ... password ...`.
    let netrc = || {
        (name.end - name.start == 8).then_some(())?;
        let user = memmem::rfind(before, b"login ")?;
        let (line, user) = before.split_at_checked(user)?;
        // The user may stand in a line of its own.
        let apart = line.rsplit(|byte| *byte == b'\n').next()?.iter().all(u8::is_ascii_whitespace);
        let words = user.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
        let whole = words == 2 && user.ends_with(b" ") && (apart || !user.contains(&b'\n'));
        whole.then_some(())
    };
    // Routers: `password 7 ...`, `secret 0 ...`, by how it is written.
    let kind = view.is(from, |byte| matches!(byte, b'0' | b'5' | b'7' | b'8' | b'9')) && view.at(from + 1) == Some(b' ');
    if kind && view.was(name.start, is_blank) {
        return Some((from + 2, Written::Plain));
    }
    // A line of a configuration: `auth_pass ...`, `bindpw ...`.
    let line = || {
        let begins = before.iter().rev().find(|byte| !is_blank(**byte)).is_none_or(|byte| *byte == b'\n');
        let end = view.run(from, LONGEST, |byte| byte > b' ');
        begins && is_directive(view.slice(name.start, name.end)) && view.is(end, |byte| byte != b' ') | view.at(end).is_none()
    };
    let leads = LEADERS.iter().any(|leader| before.ends_with(leader)) || netrc().is_some() || line();
    leads.then(|| in_quotes(view, from).unwrap_or((from, Written::Plain)))
}

/// Names that are of configurations and of no sentence.
fn is_directive(name: &[u8]) -> bool {
    let ends =
        |end: &[u8]| name.len().checked_sub(end.len()).and_then(|at| name.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end));
    ends(b"_pass") || ends(b"bindpw") || ends(b"rootpw")
}

/// `| API_TOKEN | ... |`, `api_token,...`, `|| API secret || ... ||`: a line of two columns.
fn row(view: &View<'_>, name: &Name, closed: usize) -> Option<(usize, Written)> {
    let blanks = view.run(closed, BLANKS, |byte| matches!(byte, b' ' | b'*'));
    let separator = view.at(blanks).filter(|byte| matches!(byte, b'|' | b',' | b'\t' | b';'))?;
    // With commas a sentence may stand before the word.
    let words = if matches!(separator, b'|' | b'\t') { name.words_before(view) } else { name.start };
    let before = view.run_back(words, BLANKS, |byte| matches!(byte, b' ' | b'|' | b'"' | b'`' | b'*'));
    // At the begin of a string in JSON, too.
    let opened = view.slice(before, words).contains(&b'"');
    view.before(before).is_none_or(|byte| byte == b'\n' || (opened && matches!(byte, b':' | b'['))).then_some(())?;
    let doubled = separator == b'|' && view.at(blanks + 1) == Some(b'|');
    // `password || ...`, in a program.
    (!doubled || view.slice(before, words).contains(&b'|')).then_some(())?;
    let start = view.run(blanks + 1 + usize::from(doubled), BLANKS, |byte| matches!(byte, b' ' | b'`'));
    let end = view.run(start, LONGEST, |byte| byte > b' ' && byte != separator && !matches!(byte, b'"' | b'`'));
    let rest = view.run(end, BLANKS * 4, |byte| matches!(byte, b' ' | b'|' | b'`' | b'\r'));
    let ends = end == start + LONGEST || view.at(rest).is_none_or(|byte| matches!(byte, b'\n' | b'"'));
    (end > start && ends).then_some((start, Written::Cell(separator)))
}

/// Bytes before a name in which what leads to it stands.
const LEADER: usize = 48;

/// The class of one quote.
fn only(quote: u8) -> fn(u8) -> bool {
    match quote {
        b'"' => |byte| byte == b'"',
        b'\'' => |byte| byte == b'\'',
        _ => |byte| byte == b'`',
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

impl Name {
    fn is_key(&self) -> bool {
        matches!(self.kind, Kind::Key | Kind::EnvKey)
    }

    /// `pass Uint8Array to it`.
    fn is_verb(&self, view: &View<'_>, at: usize) -> bool {
        let word = strong_word(view, at);
        view.slice(self.start, self.end).eq_ignore_ascii_case(b"pass") && set::ALNUM.leading(word) == word.len()
    }

    /// `clave: ...`: a key in a list, too, and a code.
    fn is_of_others(&self, view: &View<'_>) -> bool {
        view.slice(self.start, self.end).eq_ignore_ascii_case(b"clave")
    }

    /// Where the words begin that stand before the last one of a name in a table: `API secret`. Those of other things are none.
    fn words_before(&self, view: &View<'_>) -> usize {
        let start = view.run_back(self.start, name::BEFORE, |byte| name::is_name(byte) || byte == b' ');
        let start = start + view.slice(start, self.start).iter().take_while(|byte| **byte == b' ').count();
        if self.tells_another(view.slice(start, self.start)) { self.start } else { start }
    }

    /// `DB_PASSWORD=...`, `--set db.password=...`, `--from-literal=password=...`, `-Ddb.password=...`.
    fn is_of_commands(&self, view: &View<'_>) -> bool {
        if self.kind != Kind::Password {
            return false;
        }
        let name = view.slice(self.start, self.end);
        let variable = name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
        if variable || name.starts_with(b"-") {
            return true;
        }
        let word = view.run_back(self.start, LEADER, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'\\'));
        if view.starts_with(word, b"--") {
            return true;
        }
        let quote = word - usize::from(view.was(word, |byte| matches!(byte, b'"' | b'\'')));
        // `-e x=...`, `-var="x=..."`.
        let apart = usize::from(view.was(quote, |byte| is_blank(byte) || byte == b'='));
        let option = view.run_back(quote - apart, LEADER, |byte| is_alnum(byte) || byte == b'-');
        option < quote && view.at(option) == Some(b'-') && view.was(option, is_blank)
    }

    /// `--db-password`, `-storepass`.
    fn is_option(&self, view: &View<'_>) -> bool {
        let long = view.starts_with(self.start, b"--") && view.is(self.start + 2, is_alnum);
        let short = view.starts_with(self.start, b"-") && self.end - self.start > 6 && view.was(self.start, is_blank);
        long || (short && view.is(self.start + 1, is_alnum))
    }
}

#[cfg(test)]
mod tests;
