//! Credentials in HTTP headers as they are quoted in logs, documents and commands: `Authorization: Bearer ...` (RFC 9110
//! section 11.6.2), `Bearer ...` alone (RFC 6750), `curl -u user:password`.

use super::generic::quoted;
use super::placeholder::is_placeholder;
use super::set::{self, Set};
use super::tail::{End, LONGEST, Tail};
use super::text::{contains_ignoring_case, entropy, is_alnum, is_word};
use super::{About, Family, Found, Trigger, View, jwt};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[Family::new(
    Detector::AuthorizationHeader,
    "authorization_header",
    &[
        Trigger::Heads(&["authorization"], header),
        Trigger::Heads(&["bearer "], bearer),
        Trigger::Heads(&[" -u", "--user"], curl),
        Trigger::Named(named),
    ],
    About {
        matches: "what follows `Authorization:` and its scheme, `Bearer`, or `-u user:` of a `curl` command",
        validator: "length, entropy, no placeholder",
        context: "the header, the scheme, or the command",
        source: "RFC 9110, 11.6.2; RFC 6750; curl(1)",
    },
)];

const SCHEMES: &[&[u8]] =
    &[b"bearer", b"basic", b"token", b"apikey", b"api-key", b"bot", b"key", b"digest", b"negotiate", b"splunk", b"ssws", b"sso-key"];

/// Characters of credentials.
const CREDENTIAL: Set = Set::new(b"-_.~+/=:%|", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]);

/// At the name of the header.
fn header(view: &View<'_>, at: usize) -> Option<Found> {
    view.starts_with_ignoring_case(at, b"authorization").then_some(())?;
    let name = at + 13;
    let start = view.run(name, 12, |byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'\\' | b':' | b'=' | b'>' | b'`' | b',' | b']'));
    let between = view.slice(name, start);
    // `proxy_set_header Authorization "Basic ..."`.
    let quoted = matches!(between, b" \"" | b" '" | b" \\\"")
        && SCHEMES.iter().any(|scheme| view.starts_with_ignoring_case(start, scheme) && view.at(start + scheme.len()) == Some(b' '));
    let operator = quoted || between.iter().any(|byte| matches!(byte, b':' | b'=' | b',' | b'>'));
    operator.then(|| credential(view, start, false)).flatten()
}

/// Under a member name such as `Authorization`.
fn named(view: &View<'_>, at: usize) -> Option<Found> {
    contains_ignoring_case(view.key(), b"authorization").then(|| credential(view, at, false)).flatten()
}

/// At the scheme alone.
fn bearer(view: &View<'_>, at: usize) -> Option<Found> {
    (view.starts_with_ignoring_case(at, b"bearer ") && !view.was(at, is_word)).then_some(())?;
    credential(view, at, true).or_else(|| value(view, joined(view, at + 7)?, true, true))
}

/// Where the next string begins that is joined to the one that ends at `at`: `"Bearer " + "..."`, `'Bearer ' . '...'`.
fn joined(view: &View<'_>, at: usize) -> Option<usize> {
    let quote = |at: usize| view.run(at, 4, |byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\'));
    let blanks = |at: usize| view.run(at, 2, |byte| byte == b' ');
    let sign = blanks(quote(at));
    let open = blanks(sign + 1);
    (sign > at && matches!(view.at(sign), Some(b'+' | b'.')) && quote(open) > open).then(|| quote(open))
}

/// The value of the header; `alone` where nothing but the scheme says what it is.
fn credential(view: &View<'_>, at: usize, alone: bool) -> Option<Found> {
    let word = view.run(at, 12, |byte| is_alnum(byte) || byte == b'-');
    let scheme = view.slice(at, word);
    let known = SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)) || (!alone && is_scheme(view, scheme, word));
    let start = if known { view.run(word, 4, |byte| byte == b' ') } else { at };
    (!known || start > word).then_some(())?;
    value(view, start, alone, known)
}

/// What stands behind the scheme, where one does that is `known`.
fn value(view: &View<'_>, start: usize, alone: bool, known: bool) -> Option<Found> {
    let end = view.span(start, LONGEST, &CREDENTIAL);
    let tail = Tail::behind(view, start, end, End::Bare);
    let stray = view.slice(start, end).iter().rev().take_while(|byte| matches!(byte, b'.' | b':')).count();
    let end = end - stray;
    let value = view.slice(start, end);
    let digits = set::DIGIT.count(value);
    let padded = value.ends_with(b"=");
    let telling = match (alone, known) {
        (true, _) => value.len() >= 16 && digits >= 2 && entropy(value) >= 3.0,
        (false, true) => value.len() >= 8 && (digits >= 1 || padded || value.len() >= 20) && entropy(value) >= 2.5,
        (false, false) => value.len() >= 16 && digits >= 2 && entropy(value) >= 3.0,
    };
    // `Bearer $TOKEN`, `Basic {...}`: what goes on in other signs is put together elsewhere.
    let goes_on = view.is(end, |byte| matches!(byte, b'$' | b'{' | b'(' | b'<' | b'*'));
    let link = || value.windows(3).any(|part| part == b"://");
    (telling && !goes_on && !link() && !is_placeholder(value)).then_some(())?;
    if let Some(token) = jwt::by_header(view, start).or_else(|| jwt::by_shape_from(view, start)) {
        return Some(token);
    }
    Some(Found { start, end, tail })
}

/// A word before another one: services have schemes of their own.
fn is_scheme(view: &View<'_>, word: &[u8], end: usize) -> bool {
    let letters = !word.is_empty() && word.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
    letters && view.at(end) == Some(b' ') && view.run(end + 1, 20, |byte| is_alnum(byte) || matches!(byte, b'-' | b'_' | b'.')) == end + 21
}

/// Bytes before `-u` in which `curl` must stand.
const COMMAND: usize = 56;

/// Bytes of a password that may have blanks in it.
const CHOSEN: usize = 128;

/// At `-u` or `--user`: the password after the colon.
fn curl(view: &View<'_>, at: usize) -> Option<Found> {
    let option = [&b" -u"[..], b"--user"].into_iter().find(|option| view.starts_with(at, option))?;
    let near = view.slice(at.saturating_sub(COMMAND), at);
    contains_ignoring_case(near, b"curl").then_some(())?;
    let start = view.run(at + option.len(), 3, |byte| matches!(byte, b' ' | b'=' | b'\\'));
    let quote = view.at(start).filter(|byte| matches!(byte, b'"' | b'\''));
    let start = start + usize::from(quote.is_some());
    let user = view.run(start, LONGEST, |byte| byte > b' ' && !matches!(byte, b':' | b'"' | b'\'' | b'$' | b'{' | b'<' | b'%' | b'\\'));
    let goes_on = Tail::behind(view, start, user, End::Bare);
    (view.at(user) == Some(b':') || goes_on != Tail::None).then_some(())?;
    let from = user + 1;
    let (end, tail) = match quote {
        // With blanks, as somebody has chosen it.
        Some(quote) => match view.ahead(from, CHOSEN).iter().position(|byte| *byte == quote) {
            Some(len) => (from + len, Tail::None),
            None => quoted(view, from, quote)?,
        },
        None => {
            let end = view.run(from, LONGEST, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'\\'));
            (end, Tail::behind(view, from, end, End::Bare))
        }
    };
    let value = view.slice(from, end);
    // `-u key:`.
    if value.is_empty() || value == b"'" || goes_on != Tail::None {
        let key = view.slice(start, user);
        let random = key.len() >= 20 && key.iter().filter(|byte| byte.is_ascii_digit()).count() >= 4 && entropy(key) >= 3.0;
        return if random && !key.contains(&b'@') && !is_placeholder(key) { Some(Found { start, end: user, tail: goes_on }) } else { None };
    }
    let expands = value
        .windows(2)
        .any(|pair| pair.first() == Some(&b'$') && pair.last().is_some_and(|next| is_alnum(*next) && !next.is_ascii_digit()));
    (value.len() >= 6 && !is_placeholder(value) && !expands).then_some(())?;
    Some(Found { start: from, end, tail })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, under};
    use super::*;

    fn token() -> String {
        ["mF_9.B5f-4.1JqM", "Kd8sQ2x7"].concat()
    }

    #[test]
    fn finds_the_credential_alone() {
        let token = token();
        for text in [
            format!("Authorization: Bearer {token}\r\n"),
            format!("{{\"authorization\": \"Bearer {token}\"}}"),
            format!("-H 'authorization: token {token}'"),
            format!("headers[\"Authorization\"] = '{token}'"),
            format!("proxy_set_header Authorization \"Bearer {token}\";"),
        ] {
            assert_eq!(all(header, &text), [token.as_str()], "{text}");
        }
        assert_eq!(all(header, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ["QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]);
        assert_eq!(all(bearer, &format!("sent bearer {token}.")), [token.as_str()]);
        assert_eq!(under("Authorization", named, &format!("Bearer {token}")), [token.as_str()]);
    }

    #[test]
    fn finds_the_password_of_a_command() {
        assert_eq!(all(curl, "curl -k -u elastic:P@ssw0rd1 https://localhost:9200"), ["P@ssw0rd1"]);
        assert_eq!(all(curl, "curl --user 'jo:pass word9' https://x"), ["pass word9"]);
        let key = token();
        assert_eq!(all(curl, &format!("curl https://x -u {key}:")), [key.as_str()]);
        assert!(all(curl, "curl -u administrator-of-the-site-12: https://x").is_empty());
        assert!(all(curl, "tar -u elastic:P@ssw0rd1").is_empty());
    }

    #[test]
    fn leaves_placeholders_and_talk() {
        for text in [
            "Authorization: Bearer <token>",
            "Authorization: Bearer $TOKEN",
            "Authorization: Bearer ${TOKEN}",
            "Authorization: Bearer XXXXXXXXXXXX",
            "Authorization: Basic ...",
            "Authorization: required for administrators",
            "the authorization endpoint: https://example.com/oauth2/authorize1",
            "Authorization: Bearer YOUR_API_TOKEN_1",
            "Authorization: Bearer https://example.com/rfc6750/section-2.1",
        ] {
            assert!(all(header, text).is_empty(), "{text}");
        }
        for text in ["bearer tokens are presented in headers", "the bearer of this letter", "forbearer mF_9.B5f-4.1JqMKd8s"] {
            assert!(all(bearer, text).is_empty(), "{text}");
        }
        for text in ["curl -u <user:password> https://x", "curl -u user:$PASSWORD x", "curl -u 'test:test' x", "curl -u name x"] {
            assert!(all(curl, text).is_empty(), "{text}");
        }
    }
}
