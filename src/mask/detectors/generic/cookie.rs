//! Sessions in cookies: who has the value is logged in (RFC 6265, section 8.4).

use super::super::tail::{End, LONGEST, Tail};
use super::super::text::{contains_ignoring_case, entropy, is_alnum, is_word};
use super::super::{About, Family, Found, Trigger, View};
use super::Detector;

pub(super) const FAMILY: Family = Family::new(
    Detector::GenericSecret,
    "session_cookie",
    &[Trigger::Heads(HEADS, session)],
    About {
        matches: "the value of a session's cookie, `sessionid=...`, `connect.sid=...`, `JSESSIONID=...`",
        validator: "length, entropy",
        context: "`Cookie:` or `Set-Cookie:` at most 96 bytes before it",
        source: "RFC 6265",
    },
);

const HEADS: &[&str] = &[
    "sessionid=",
    "session_id=",
    "session-id=",
    "session=",
    "sessid=",
    "connect.sid=",
    "sid=",
    "auth_token=",
    "remember_token=",
    "aspnet.cookies=",
    "aspnetcore.cookies=",
    "applicationcookie=",
    ".aspxauth=",
];

/// Bytes before a name in which the header's stands.
const HEADER: usize = 96;

/// At the name.
fn session(view: &View<'_>, at: usize) -> Option<Found> {
    let head = HEADS.iter().find(|head| view.starts_with_ignoring_case(at, head.as_bytes()))?;
    // `PHPSESSID`, `laravel_session`, `__Host-sid`; not `inside=`.
    let name = view.run_back(at, 24, |byte| is_alnum(byte) || matches!(byte, b'_' | b'-' | b'.'));
    let whole = !head.starts_with("sid") || !view.was(at, is_alnum);
    let before = view.slice(name.saturating_sub(HEADER), name);
    (whole && (contains_ignoring_case(before, b"cookie") || contains_ignoring_case(view.key(), b"cookie"))).then_some(())?;
    let start = at + head.len();
    let end = view.run(start, LONGEST, |byte| is_word(byte) || matches!(byte, b'-' | b'.' | b'%' | b'+' | b'/' | b'=' | b':' | b'~'));
    let value = view.slice(start, end);
    (value.len() >= 16 && value.iter().any(u8::is_ascii_digit) && entropy(value) >= 3.2).then_some(())?;
    Some(Found { start, end, tail: Tail::behind(view, start, end, End::Bare) })
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::all;
    use super::*;

    #[test]
    fn finds_sessions_in_cookies() {
        let value = ["AJdyQiYCMoqj-rfow", "PEENFRMJ2OCobOYguVhVUM8tJm"].concat();
        for text in [
            format!("Cookie: sessionid={value}; theme=dark"),
            format!("Set-Cookie: session_id={value}; Path=/; HttpOnly"),
            format!("-H 'cookie: lang=en; connect.sid={value}'"),
            format!("Cookie: PHPSESSID={value}"),
        ] {
            assert_eq!(all(session, &text), [value.as_str()], "{text}");
        }
        for text in [format!("session={value}"), "Cookie: session=none".to_owned(), format!("Cookie: inside={value}")] {
            assert!(all(session, &text).is_empty(), "{text}");
        }
    }
}
