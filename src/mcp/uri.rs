//! A resource's URI, as written and as a server that turns it into a path would read it.
//!
//! URIs of resources are names; which spellings are the same name is the server's business. But the common careless
//! server cuts off the scheme, decodes, and opens what is left. Rules must hold for that one too.

use std::borrow::Cow;

/// A URI that both a careful and a careless reader can only take to lie below its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    written: String,
    /// Where it differs.
    resolved: Option<String>,
}

impl Uri {
    /// Longest URI taken. Browsers and proxies agree on about this much.
    pub const BYTES: usize = 8 * 1024;

    /// `None` for an empty or overlong text, for control characters, and for a path that climbs above its root: whether
    /// `docs://guide/../x` is `x` in `guide` or beside it, each server decides for itself.
    pub fn parse(written: impl Into<String>) -> Option<Self> {
        let written = written.into();
        if !(1..=Self::BYTES).contains(&written.len()) || written.chars().any(char::is_control) {
            return None;
        }
        let resolved = resolve(&written)?;
        let resolved = (resolved != written).then_some(resolved);
        Some(Self { written, resolved })
    }

    /// As the client sent it.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// With percent-encoding undone (again and again, for servers that decode twice), the scheme in lower case, `\\` as
    /// `/`, repeated slashes as one, and `.` and `..` resolved. `file:/x` and `file://localhost/x` become `file:///x`.
    /// Query and fragment are taken as part of the path: a careless server does so.
    pub fn resolved(&self) -> &str {
        self.resolved.as_deref().unwrap_or(&self.written)
    }
}

/// `None` when the path climbs above its root.
fn resolve(uri: &str) -> Option<String> {
    let decoded = decode(uri.trim());
    if decoded.contains('\\') { rebuild(&decoded.replace('\\', "/")) } else { rebuild(&decoded) }
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

fn rebuild(uri: &str) -> Option<String> {
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
            // To who takes it for the first segment of a path, this climbs too.
            if matches!(authority, "." | "..") {
                return None;
            }
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
    push_path(&mut out, path)?;
    Some(out)
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

fn push_path(out: &mut String, path: &str) -> Option<()> {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop()?;
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
    Some(())
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
            ("docs://guide/a/../b", "docs://guide/b"),
            ("file:///srv/./a", "file:///srv/a"),
            ("FILE:///etc/passwd", "file:///etc/passwd"),
            ("file:/etc/passwd", "file:///etc/passwd"),
            ("file://localhost/etc/passwd", "file:///etc/passwd"),
            ("file:////etc//passwd", "file:///etc/passwd"),
            ("file:///%65tc/passwd", "file:///etc/passwd"),
            ("file:///srv/%2e%2E/etc/passwd", "file:///etc/passwd"),
            ("file:///srv/..%2fetc%2Fpasswd", "file:///etc/passwd"),
            ("file:///srv/%252e%252e/etc", "file:///etc"),
            ("file:///srv/..\\etc", "file:///etc"),
            ("file:///srv/..%5cetc", "file:///etc"),
            (" file:///etc/passwd", "file:///etc/passwd"),
            ("file:///srv/a?x/../../etc/passwd", "file:///etc/passwd"),
            ("file:///srv/", "file:///srv/"),
            ("file:///srv/x/..", "file:///srv/"),
            ("demo://resource/dynamic/text/1", "demo://resource/dynamic/text/1"),
            ("repo://owner%2Fname", "repo://owner/name"),
            ("note://a/100%", "note://a/100%"),
            ("note://a/%zz", "note://a/%zz"),
            ("urn:isbn:0451450523", "urn:isbn:0451450523"),
            ("config", "config"),
        ] {
            assert_eq!(Uri::parse(written).unwrap().resolved(), read, "{written}");
        }
    }

    #[test]
    fn what_climbs_is_no_uri() {
        for written in [
            "",
            "a\nb",
            "file:///..",
            "file:///../etc/passwd",
            "file:///srv/../../etc/passwd",
            "file:///srv/%2e%2e/%2e%2e/etc",
            "docs://guide/../x",
            "docs://guide/a/../../x",
            "docs://../x",
            "docs://./x",
            "docs://%2e%2e/x",
            "docs:\\\\..\\x",
            "docs:../x",
            "../../etc/passwd",
            "..",
        ] {
            assert_eq!(Uri::parse(written), None, "{written}");
        }
        assert_eq!(Uri::parse("a".repeat(Uri::BYTES + 1)), None);
        assert!(Uri::parse("a".repeat(Uri::BYTES)).is_some());
    }

    proptest! {
        #[test]
        fn resolved_has_no_dots_left(uri in "(file|demo)?:?/{0,3}[a%2eEfF./\\\\é?#]{0,20}") {
            if let Some(uri) = Uri::parse(uri) {
                prop_assert!(uri.resolved().split('/').all(|segment| segment != ".."), "{}", uri.resolved());
            }
        }

        #[test]
        fn bears_anything(uri in any::<String>()) {
            if let Some(uri) = Uri::parse(uri.as_str()) {
                prop_assert!(!uri.written().is_empty());
            }
        }
    }
}
