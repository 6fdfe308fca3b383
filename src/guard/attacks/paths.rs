//! Paths that leave where they begin, and files that no tool is meant to be asked for.
//!
//! A whole string that is a path is held to more than a path inside a text: `../README.md` alone asks for a file, in a sentence it is a word.

use super::around;
use crate::guard::normal::decode;
use crate::guard::seen::Seen;

/// What is wrong with the first such path.
pub(super) fn find(text: &str, seen: Seen) -> Option<&'static str> {
    if seen.has_no_path() {
        return None;
    }
    if seen.is_plain() && !seen.has_two_dots() {
        // Nothing goes up: what is left is a place that is named outright.
        let whole = text.trim();
        let is_one = seen.is_one_word() || !whole.contains(char::is_whitespace);
        let found = if is_one { outright(whole) } else { None };
        return found
            .or_else(|| if seen.has_colon() && seen.has_two_slashes() && names_a_file(text) { in_words(text, text) } else { None });
    }
    let readings = decode::readings(text);
    let plain = readings.first().map(AsRef::as_ref).unwrap_or_default();
    readings.iter().find_map(|reading| in_text(reading, plain))
}

/// `plain` is the text before anything was decoded.
fn in_text(text: &str, plain: &str) -> Option<&'static str> {
    let whole = text.trim();
    if !whole.contains(char::is_whitespace) {
        // Dots and what ends them need no encoding; who encodes them has a reason.
        if ups(text) > ups(plain) {
            return Some("path that goes up in an encoding");
        }
        if let Some(found) = one(whole) {
            return Some(found);
        }
    } else if is_path_with_blanks(whole)
        && let Some(found) = one(whole)
    {
        return Some(found);
    }
    in_words(text, plain)
}

/// Whether a URL of a file stands in the text: no other is looked into where nothing goes up.
fn names_a_file(text: &str) -> bool {
    memchr::memchr_iter(b':', text.as_bytes()).any(|colon| {
        let scheme = colon.checked_sub(4).and_then(|from| text.get(from..colon));
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("file")) && text.get(colon..).is_some_and(|rest| rest.starts_with("://"))
    })
}

fn in_words(text: &str, plain: &str) -> Option<&'static str> {
    let hidden = text.matches("..").count() > plain.matches("..").count();
    let breaks = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | '=' | '&' | '?' | '|')
    };
    text.split(breaks).filter(|token| token.contains("..") || token.contains("://")).find_map(|token| inside(token, hidden))
}

/// A string that is one path or URL without `..`: only the file it names can be wrong with it.
fn outright(whole: &str) -> Option<&'static str> {
    let (path, _) = whole.split_once(['?', '#']).unwrap_or((whole, ""));
    if let Some((scheme, path)) = behind_scheme(path) {
        return if scheme.eq_ignore_ascii_case("file") { sensitive(path) } else { None };
    }
    if is_unc(whole) {
        return Some("UNC path");
    }
    if is_absolute(path) && path.contains(['/', '\\']) { sensitive(path) } else { None }
}

fn ups(text: &str) -> usize {
    text.split(['/', '\\']).filter(|segment| is_up(segment)).count()
}

/// `../../My Documents/x`, `C:\Users\..\..`: one line that begins as a path, climbs twice or more and has blanks only within its names.
fn is_path_with_blanks(whole: &str) -> bool {
    let climbs = whole.starts_with("../../") || whole.starts_with("..\\..\\");
    climbs && whole.len() < 1024 && !whole.contains(['\n', '\r']) && whole.rsplit(' ').next().is_some_and(|last| last.contains(['/', '\\']))
}

/// A string that is one path or URL and nothing else.
fn one(whole: &str) -> Option<&'static str> {
    if let Some(found) = naive(whole) {
        return Some(found);
    }
    let (path, query) = whole.split_once(['?', '#']).unwrap_or((whole, ""));
    let query = query.split(['&', '=', '#']).filter(|value| value.contains("..")).find_map(|value| climbs(value, 1));
    if let Some(found) = query {
        return Some(found);
    }
    if let Some((scheme, path)) = behind_scheme(path) {
        let local = scheme.eq_ignore_ascii_case("file");
        return climbs(path, 1).or_else(|| if local { sensitive(path) } else { None });
    }
    if is_unc(whole) {
        return Some("UNC path");
    }
    if !path.contains(['/', '\\']) && path != ".." {
        return None;
    }
    climbs(path, 1).or_else(|| if is_absolute(path) { sensitive(path) } else { None })
}

/// The scheme of a URL, and what a careless server takes for the path: all after the authority.
fn behind_scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = around(url, "://").or_else(|| around(url, ":/")).filter(|(scheme, _)| is_scheme(scheme))?;
    Some((scheme, rest.split_once(['/', '\\']).map_or("", |(_, path)| path)))
}

/// A path among other text: it must be more than a relative link, which import statements and documentation are full of. `hidden` when somebody
/// took the trouble to encode dots.
fn inside(token: &str, hidden: bool) -> Option<&'static str> {
    let path = token.trim_end_matches(['.', ',', ';', ':', '!']);
    if let Some((scheme, rest)) = path.split_once("://")
        && is_scheme(scheme)
    {
        if scheme.eq_ignore_ascii_case("file") {
            return sensitive(rest);
        }
        let (_, path) = rest.split_once('/')?;
        return climbs(path, 1).filter(|_| hidden || sensitive(path).is_some());
    }
    let climbs = climbs(path, if hidden { 1 } else { 2 })?;
    (hidden || sensitive(path).is_some()).then_some(climbs)
}

/// Whether `path` goes up further than it went down, by at least so many levels; or, when absolute, back to its root.
fn climbs(path: &str, least: usize) -> Option<&'static str> {
    let mut depth = 0_usize;
    let mut above = 0_usize;
    let absolute = path.starts_with(['/', '\\']);
    for segment in path.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            segment if is_up(segment) => match depth.checked_sub(1) {
                Some(up) => {
                    depth = up;
                    above = above.saturating_add(usize::from(absolute && up == 0));
                }
                None => above = above.saturating_add(1),
            },
            _ => depth = depth.saturating_add(1),
        }
    }
    (above >= least).then_some("path that climbs out of its directory")
}

/// `..`, and what some server takes for it: parameters after a semicolon (Tomcat), a dot or blank at the end (Windows).
fn is_up(segment: &str) -> bool {
    match segment.strip_prefix("..") {
        Some("") => true,
        Some(rest) => rest.starts_with(';') || (rest.starts_with(' ') && rest.trim().is_empty()),
        None => false,
    }
}

/// What becomes `../` when a careless filter takes `../` out once: `....//`, `..././`.
fn naive(whole: &str) -> Option<&'static str> {
    let found = ["....//", "....\\\\", "....\\/", "..../\\", "..././", "...\\.\\"].into_iter().any(|trick| whole.contains(trick));
    found.then_some("path that climbs once a filter has had it")
}

fn is_scheme(scheme: &str) -> bool {
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\', '~']) || path.as_bytes().get(1) == Some(&b':')
}

/// `\\server\share`, `\\?\C:\`: opening it sends credentials to whoever runs the server.
fn is_unc(whole: &str) -> bool {
    let Some((server, share)) = whole.strip_prefix("\\\\").and_then(|rest| rest.split_once('\\')) else { return false };
    let named = server.len() > 1 && server.bytes().all(|b| b.is_ascii_alphanumeric() || b".-@_".contains(&b));
    (named || matches!(server, "?" | ".")) && share.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Files that hold credentials, or show that a server can be made to read anything. `path` may have `..` in it still.
pub(super) fn sensitive(path: &str) -> Option<&'static str> {
    const ENDS: [&str; 30] = [
        "etc/passwd",
        "etc/passwd-",
        "etc/shadow",
        "etc/shadow-",
        "etc/gshadow",
        "etc/sudoers",
        "etc/master.passwd",
        "etc/security/passwd",
        "etc/ssh/ssh_host_rsa_key",
        "etc/ssh/ssh_host_ed25519_key",
        "etc/krb5.keytab",
        "etc/kubernetes/admin.conf",
        "var/run/docker.sock",
        "run/docker.sock",
        "windows/win.ini",
        "winnt/win.ini",
        "windows/system.ini",
        "boot.ini",
        "system32/config/sam",
        "system32/config/system",
        "windows/repair/sam",
        "system32/drivers/etc/hosts",
        ".ssh/id_rsa",
        ".ssh/id_ed25519",
        ".ssh/id_ecdsa",
        ".ssh/id_dsa",
        ".ssh/authorized_keys",
        ".aws/credentials",
        ".kube/config",
        ".docker/config.json",
    ];
    const PARTS: [&str; 4] = ["/proc/self/", "/var/run/secrets/kubernetes.io/", "/run/secrets/kubernetes.io/", "/proc/1/"];
    let mut kept = String::with_capacity(path.len().saturating_add(1));
    for segment in path.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            segment if is_up(segment) => kept.truncate(kept.rfind('/').unwrap_or(0)),
            segment => {
                kept.push('/');
                kept.push_str(segment.trim_end_matches(['.', ' ']));
            }
        }
    }
    kept.make_ascii_lowercase();
    let path = if kept.is_empty() { "/" } else { kept.as_str() };
    let ends = ENDS.into_iter().any(|end| path.strip_suffix(end).is_some_and(|head| head.ends_with('/')));
    (ends || PARTS.into_iter().any(|part| path.contains(part))).then_some("path of a sensitive file")
}
