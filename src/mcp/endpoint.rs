//! Sessions of the HTTP+SSE transport of 2024-11-05: `sessionId` in the query of the URL that the `endpoint` event names.
//!
//! The specification leaves the URL to the server; the SDKs write `sessionId` (TypeScript, Java, C#), `session_id` (Python) and
//! `sessionid` (Go). A session that is part of the path is not seen here.

use std::ops::Range;

/// The query says more than one session, or says one in a way that only some readers understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the query names its session in more than one way")]
pub struct Ambiguous;

/// Where the session stands in a URL or a request's `:path`.
pub fn session(url: &str) -> Result<Option<Range<usize>>, Ambiguous> {
    let Some((before, query)) = url.split_once('?') else { return Ok(None) };
    let mut at = before.len().saturating_add(1);
    let mut found = None;
    // Some readers part a query at semicolons, too; a fragment has no place in a request, and must not hide anything.
    for part in query.split(['&', ';', '#']) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        if names_session(name) {
            let start = at.saturating_add(name.len()).saturating_add(1).min(url.len());
            let is_plain = name.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'));
            if !is_plain || found.replace(start..start.saturating_add(value.len()).min(url.len())).is_some() {
                return Err(Ambiguous);
            }
        }
        at = at.saturating_add(part.len()).saturating_add(1);
    }
    Ok(found)
}

/// Also as frameworks read it: escaped, in brackets (`sessionId[]`), in any case.
fn names_session(name: &str) -> bool {
    let decoded = decoded(name);
    let mut parts = decoded.split(['[', ']', '.']);
    parts.any(|part| {
        let mut letters = part.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase());
        let mut wanted = "sessionid".chars();
        wanted.by_ref().all(|c| letters.next() == Some(c)) && letters.next().is_none()
    })
}

fn decoded(name: &str) -> String {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (byte, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_found_as_the_sdks_write_them() {
        for (url, expected) in [
            ("/messages?sessionId=abc", Some("abc")),
            ("/messages/?session_id=abc", Some("abc")),
            ("https://h/m?x=1&sessionid=a%20b&y=2#z", Some("a%20b")),
            ("/m?session-id=", Some("")),
            ("/m?a=1;sessionId=abc", Some("abc")),
            ("/m?a=1#sessionId=abc", Some("abc")),
            ("/m?sessionId", Some("")),
            ("/m", None),
            ("/m?", None),
            ("/m?sessionIdx=1&xsessionId=2&session=3", None),
            ("/sessionId=abc", None),
            ("/m?a=sessionId=abc", None),
        ] {
            let found = session(url).unwrap().map(|at| &url[at]);
            assert_eq!(found, expected, "{url}");
        }
    }

    #[test]
    fn what_readers_understand_differently_is_ambiguous() {
        for url in [
            "/m?sessionId=a&sessionId=b",
            "/m?sessionId=a;session_id=b",
            "/m?sessionId[]=a",
            "/m?sessionId%5B%5D=a",
            "/m?sessionId[0]=a",
            "/m?[sessionId]=a",
            "/m?x[sessionId]=a",
            "/m?session%49d=a",
            "/m?%73essionId=a",
            "/m?sessionId%00=a",
            "/m?session+Id=a",
            "/m?sessionId%20=a",
        ] {
            assert_eq!(session(url), Err(Ambiguous), "{url}");
        }
    }
}
