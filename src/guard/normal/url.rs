//! URLs as every parser reads them; what two parsers could read differently is not read.

use std::borrow::Cow;
use std::net::IpAddr;

use super::address;
use super::decode;

/// A URL whose parts nobody disputes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::guard) struct Url<'a> {
    /// In lower case.
    pub(in crate::guard) scheme: Cow<'a, str>,
    pub(in crate::guard) has_credentials: bool,
    pub(in crate::guard) host: Option<Host<'a>>,
    /// As written, or the scheme's own.
    pub(in crate::guard) port: Option<u16>,
    path: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Host<'a> {
    /// In lower case, without a dot at its end.
    Name(Cow<'a, str>),
    Address(IpAddr),
}

impl<'a> Url<'a> {
    /// `None` for what is no absolute URL, and for what has several readings: blanks and control characters, backslashes, a percent sign or a letter
    /// beyond ASCII in the host, IPv4 in another form than four decimal numbers, two `@`, an `@` after a `#` or `?` that ended the authority, a web
    /// scheme without its two slashes.
    pub(in crate::guard) fn read(text: &'a str) -> Option<Self> {
        if !text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}')) {
            return None;
        }
        let (scheme, rest) = text.split_once(':')?;
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        if !is_scheme || scheme.len() < 2 {
            return None;
        }
        let scheme = lower(scheme);
        let usual_port = usual_port(&scheme);
        let Some(rest) = rest.strip_prefix("//") else {
            let is_opaque = usual_port.is_none() && !rest.starts_with('/') && scheme != "file";
            let path = rest.split(['?', '#']).next().unwrap_or_default();
            return is_opaque.then_some(Self { scheme, has_credentials: false, host: None, port: None, path });
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, after) = rest.split_at_checked(end)?;
        if after.starts_with(['?', '#']) && after.contains('@') {
            return None;
        }
        let (has_credentials, place) = match authority.rsplit_once('@') {
            Some((user, _)) if user.contains(['@', '[', ']']) => return None,
            Some((_, place)) => (true, place),
            None => (false, authority),
        };
        let (host, port) = split_port(place)?;
        let port = match port {
            None | Some("") => usual_port,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => Some(digits.parse().ok()?),
            Some(_) => return None,
        };
        let host = match host {
            "" if usual_port.is_some() => return None,
            "" => None,
            host => Some(read_host(host)?),
        };
        let path = after.split(['?', '#']).next().unwrap_or_default();
        Some(Self { scheme, has_credentials, host, port, path })
    }

    /// The path with its escapes undone once; `/` for none. `None` when servers could differ about it: dot segments, empty segments, encoded slashes,
    /// backslashes, dots, percent signs or control characters, parameters after a semicolon.
    pub(in crate::guard) fn path(&self) -> Option<Cow<'a, str>> {
        let path = match decode::decode(self.path) {
            Some(decoded) => {
                let coded = ["%2e", "%2f", "%5c", "%25", "%3b"];
                let lower = self.path.to_ascii_lowercase();
                if coded.into_iter().any(|code| lower.contains(code)) || decoded.contains('\u{fffd}') {
                    return None;
                }
                Cow::Owned(decoded)
            }
            None => Cow::Borrowed(self.path),
        };
        let middle = path.strip_prefix('/').unwrap_or(&path);
        let inner = middle.strip_suffix('/').unwrap_or(middle);
        let odd = path.contains("//") || path.contains(|c: char| c.is_control() || matches!(c, '%' | ';' | '\\'));
        if odd || inner.split('/').any(|segment| matches!(segment, "." | "..")) {
            return None;
        }
        Some(if path.is_empty() { Cow::Borrowed("/") } else { path })
    }
}

/// A host, alone or with a port: `[::1]:80`, `example.com:80`, `192.0.2.7`.
pub(in crate::guard) fn split_port(place: &str) -> Option<(&str, Option<&str>)> {
    if place.starts_with('[') {
        let (host, after) = place.split_at_checked(place.find(']')?.checked_add(1)?)?;
        return match after.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None => after.is_empty().then_some((host, None)),
        };
    }
    match place.split_once(':') {
        Some((_, port)) if port.contains(':') => None,
        Some((host, port)) => Some((host, Some(port))),
        None => Some((place, None)),
    }
}

pub(in crate::guard) fn read_host(host: &str) -> Option<Host<'_>> {
    if let Some(literal) = host.strip_prefix('[') {
        return literal.strip_suffix(']').and_then(|literal| literal.parse().ok()).map(|ip| Host::Address(IpAddr::V6(ip)));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    if let Some(ip) = address::strict(name) {
        return Some(Host::Address(ip));
    }
    let plain =
        |label: &str| !label.is_empty() && label.len() < 64 && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if address::looks_numeric(name) || name.len() > 253 || !name.split('.').all(plain) {
        return None;
    }
    Some(Host::Name(lower(name)))
}

/// What is in lower case already stays where it is.
pub(in crate::guard) fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) }
}

/// The web schemes, whose URLs always have a host (WHATWG URL, "special"), and their ports.
fn usual_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_urls_are_read() {
        for (text, scheme, host, port, credentials, path) in [
            ("https://Example.COM/a/b?x=@y#z", "https", "example.com", Some(443), false, Some("/a/b")),
            ("HTTP://example.com.:8080", "http", "example.com", Some(8080), false, Some("/")),
            ("http://u:p@example.com/%41%20b", "http", "example.com", Some(80), true, Some("/A b")),
            ("https://xn--bcher-kva.example/x%2fy", "https", "xn--bcher-kva.example", Some(443), false, None),
            ("https://h.example/a/../b", "https", "h.example", Some(443), false, None),
            ("https://h.example//b", "https", "h.example", Some(443), false, None),
            ("https://registry.example/@scope/name", "https", "registry.example", Some(443), false, Some("/@scope/name")),
            ("redis://h.example:6379/0", "redis", "h.example", Some(6379), false, Some("/0")),
        ] {
            let url = Url::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((&*url.scheme, url.host.clone(), url.port), (scheme, Some(Host::Name(host.into())), port), "{text}");
            assert_eq!((url.has_credentials, url.path().as_deref()), (credentials, path), "{text}");
        }
        for (text, host) in
            [("http://192.0.2.7/", "192.0.2.7"), ("http://[::1]:80/", "::1"), ("http://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1")]
        {
            assert_eq!(Url::read(text).and_then(|url| url.host), Some(Host::Address(host.parse().unwrap())), "{text}");
        }
        assert_eq!(Url::read("mailto:a@b.example").map(|url| (url.scheme, url.host)), Some(("mailto".into(), None)));
        assert_eq!(
            Url::read("file:///a").map(|url| (url.scheme.clone(), url.host.clone(), url.path())),
            Some(("file".into(), None, Some("/a".into())))
        );
    }

    #[test]
    fn what_has_two_readings_is_not_read() {
        for text in [
            "",
            "example.com",
            "//example.com",
            "http:example.com",
            "http:/example.com",
            "http:///example.com",
            "http://",
            "http://a@b@c/",
            "http://good.example\\@evil.example/",
            "http://good.example#@evil.example/",
            "http://good.example?@evil.example",
            " http://a.example",
            "http://a.example\n",
            "ht\ttp://a.example",
            "http://ex%61mple.com/",
            "http://b\u{fc}cher.example/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://127.1/",
            "http://0177.0.0.1/",
            "http://127.0.0.1.1/",
            "http://[::1/",
            "http://[fe80::1%25eth0]/",
            "http://a.example:99999/",
            "http://a.example:8o/",
            "http://a..example/",
            "http://a.example:80:80/",
            "http://-/../",
            "C:\\x",
            "c:/x",
            "file:/etc/passwd",
            "http://１２７.0.0.1/",
            "http://a,b.example/",
            "http://1.2.3.0x4/",
        ] {
            let url = Url::read(text);
            assert!(url.as_ref().is_none_or(|url| url.path().is_none()), "{text}: {url:?}");
        }
    }

    proptest! {
        /// What hides characters of the host is never taken for another host.
        #[test]
        fn hidden_hosts_are_not_read(host in "[a-z]{3,8}\\.example", hide in proptest::collection::vec(any::<bool>(), 16)) {
            let hidden: String = host.bytes().zip(hide.iter().cycle()).map(|(b, &hide)| if hide { format!("%{b:02x}") } else { char::from(b).to_string() }).collect();
            let text = format!("http://{hidden}/");
            let read = Url::read(&text).and_then(|url| url.host);
            prop_assert!(read.is_none() || read == Some(Host::Name(host.into())));
        }

        #[test]
        fn bears_anything(text in any::<String>(), url in "(http|file|x):/{0,3}[a-z0-9.@:#?%\\[\\]\\\\]{0,20}") {
            let _ = Url::read(&text).map(|url| url.path());
            let _ = Url::read(&url).map(|url| url.path());
        }
    }
}
