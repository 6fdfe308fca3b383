//! A resource URI as a server that turns it into a path would read it.
//!
//! URIs of resources are names; which spellings are the same name is the server's business. But the common careless
//! server cuts off the scheme, decodes, and opens what is left. Rules must hold for that one too.

use std::borrow::Cow;

/// The URI with percent-encoding undone (again and again, for servers that decode twice), the scheme in lower case,
/// `\` as `/`, repeated slashes as one, and `.` and `..` resolved, never above the root. `file:/x` and `file://localhost/x`
/// become `file:///x`. Query and fragment are taken as part of the path: a careless server does so.
///
/// Borrowed when nothing changes, which is nearly always.
pub fn resolve(uri: &str) -> Cow<'_, str> {
    let decoded = decode(uri.trim());
    let unix: Cow<'_, str> = if decoded.contains('\\') { Cow::Owned(decoded.replace('\\', "/")) } else { decoded };
    let resolved = rebuild(&unix);
    if resolved == uri { Cow::Borrowed(uri) } else { Cow::Owned(resolved) }
}

/// Decoding ends when it changes nothing, or after so many rounds; nobody decodes as often by mistake.
const ROUNDS: usize = 4;

fn decode(uri: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(uri);
    for _ in 0..ROUNDS {
        match decode_once(&text) {
            Some(decoded) => text = Cow::Owned(decoded),
            None => break,
        }
    }
    text
}

/// `None` when there is nothing to decode. Bytes that are not UTF-8 become the replacement character.
fn decode_once(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    let mut changed = false;
    while let Some((&first, after)) = rest.split_first() {
        let coded = after.first_chunk::<2>().filter(|_| first == b'%').and_then(|&[high, low]| Some((nibble(high)? << 4) | nibble(low)?));
        match coded {
            Some(byte) => {
                changed = true;
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(first);
                rest = after;
            }
        }
    }
    changed.then(|| String::from_utf8_lossy(&out).into_owned())
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn rebuild(uri: &str) -> String {
    let (scheme, rest) = split_scheme(uri);
    let mut out = String::with_capacity(uri.len());
    if let Some(scheme) = scheme {
        out.extend(scheme.chars().map(|c| c.to_ascii_lowercase()));
        out.push(':');
    }
    let is_file = out == "file:";
    let path = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
            out.push_str("//");
            if !(is_file && authority.eq_ignore_ascii_case("localhost")) {
                out.push_str(authority);
            }
            path
        }
        None => {
            if is_file {
                out.push_str("//");
            }
            rest
        }
    };
    push_path(&mut out, path);
    out
}

/// RFC 3986, section 3.1: a letter, then letters, digits, `+`, `-` and `.`.
fn split_scheme(uri: &str) -> (Option<&str>, &str) {
    match uri.split_once(':') {
        Some((scheme, rest))
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')) =>
        {
            (Some(scheme), rest)
        }
        _ => (None, uri),
    }
}

fn push_path(out: &mut String, path: &str) {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            name => kept.push(name),
        }
    }
    let folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    if path.starts_with('/') {
        out.push('/');
    }
    out.push_str(&kept.join("/"));
    if folder && !kept.is_empty() {
        out.push('/');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_place() {
        for (written, read) in [
            ("file:///srv/a.txt", "file:///srv/a.txt"),
            ("file:///srv/../etc/passwd", "file:///etc/passwd"),
            ("file:///srv/./a", "file:///srv/a"),
            ("file:///../../etc", "file:///etc"),
            ("FILE:///etc/passwd", "file:///etc/passwd"),
            ("file:/etc/passwd", "file:///etc/passwd"),
            ("file://localhost/etc/passwd", "file:///etc/passwd"),
            ("file:////etc//passwd", "file:///etc/passwd"),
            ("file:///%65tc/passwd", "file:///etc/passwd"),
            ("file:///srv/%2e%2E/etc/passwd", "file:///etc/passwd"),
            ("file:///srv/..%2fetc%2Fpasswd", "file:///etc/passwd"),
            ("file:///srv/%252e%252e/etc", "file:///etc"),
            ("file:///srv/..\\..\\etc", "file:///etc"),
            ("file:///srv/..%5cetc", "file:///etc"),
            (" file:///etc/passwd", "file:///etc/passwd"),
            ("file:///srv/a?x/../../../etc/passwd", "file:///etc/passwd"),
            ("file:///srv/", "file:///srv/"),
            ("file:///srv/x/..", "file:///srv/"),
            ("demo://resource/dynamic/text/1", "demo://resource/dynamic/text/1"),
            ("repo://owner%2Fname", "repo://owner/name"),
            ("note://a/100%", "note://a/100%"),
            ("note://a/%zz", "note://a/%zz"),
            ("urn:isbn:0451450523", "urn:isbn:0451450523"),
            ("config", "config"),
            ("../../etc/passwd", "etc/passwd"),
            ("", ""),
        ] {
            assert_eq!(resolve(written), read, "{written}");
        }
    }

    proptest! {
        #[test]
        fn settles(uri in "(file|demo)?:?/{0,3}[a%2eEfF./\\\\é?#]{0,20}") {
            let once = resolve(&uri).into_owned();
            prop_assert!(once.split('/').all(|segment| segment != ".."), "{}", once);
        }

        #[test]
        fn bears_anything(uri in any::<String>()) {
            let _ = resolve(&uri);
        }
    }
}
