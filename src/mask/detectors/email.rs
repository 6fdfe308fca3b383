//! E-mail addresses (RFC 5321 lengths; the characters of RFC 5322 that are in use and do not also end a word).

use super::text::{is_alnum, is_word};
use super::{About, Family, Found, Trigger, View};
use super::{database, domains};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[Family::new(
    Detector::Email,
    "email",
    &[Trigger::AtSign(check)],
    About {
        matches: "an address with a host of two labels or more; what stands before the `@` may be in quotes",
        validator: "lengths, a top-level domain that there is, or a word for mail before it or `<>` around it",
        context: "",
        source: "RFC 5321; RFC 1035",
    },
)];

/// RFC 5321, section 4.5.3.1.1.
const LOCAL: usize = 64;

/// RFC 1035, section 2.3.4.
const DOMAIN: usize = 253;
const LABEL: usize = 63;

/// Ends of file names, not of domains: `icon@2x.png`.
const NOT_TLDS: &[&[u8]] = &[
    b"png",
    b"jpg",
    b"jpeg",
    b"gif",
    b"svg",
    b"webp",
    b"ico",
    b"bmp",
    b"avif",
    b"css",
    b"scss",
    b"less",
    b"js",
    b"jsx",
    b"mjs",
    b"cjs",
    b"tsx",
    b"json",
    b"html",
    b"htm",
    b"xml",
    b"yml",
    b"yaml",
    b"toml",
    b"lock",
    b"txt",
    b"log",
    b"pdf",
    b"csv",
    b"map",
    b"woff",
    b"ttf",
    b"wasm",
    b"exe",
    b"dll",
    b"java",
    // Units of systemd: `getty@tty1.service`.
    b"service",
    b"socket",
    b"timer",
    b"mount",
    b"automount",
    b"slice",
    b"scope",
    b"target",
    b"device",
    b"swap",
];

/// At an `@`.
pub(super) fn check(view: &View<'_>, at: usize) -> Option<Found> {
    if view.at(at) != Some(b'@') || !view.was(at, is_last) {
        return None;
    }
    let start = if view.before(at) == Some(b'"') {
        quoted(view, at)?
    } else {
        let from = view.run_back(at, LOCAL, is_local);
        // Of `..jo@x.com` or `-jo@x.com` the address is `jo@x.com`.
        view.run(from, at - from, |byte| !is_local_start(byte))
    };
    // `Jo <jo@intra.acmecorp>`.
    let told = |end: &usize| (view.before(start) == Some(b'<') && view.at(*end) == Some(b'>')) || view.introduced_by(start, MAIL);
    let end = domain_end(view, at + 1, is_tld)
        .or_else(|| international(view, at + 1))
        .or_else(|| domain_end(view, at + 1, may_be_tld).filter(told))?;
    // `git@github.com:owner/repository`: a place, and nobody's address.
    let user = view.slice(start, at);
    // Behind an escape that is read at another level, `\tgit`.
    let escaped = view.before(start) == Some(b'\\') && user.get(1..) == Some(b"git");
    let remote = (user == b"git" || escaped)
        && view.at(end) == Some(b':')
        && view.is(end + 1, |byte| is_alnum(byte) || matches!(byte, b'~' | b'/' | b'_'));
    // Of `C@libc.so` the host is a library.
    let library = view.starts_with(at + 1, b"lib") && view.slice(at, end).ends_with(b".so");
    (start < at && !remote && !library && !database::is_password(view, start)).then_some(())?;
    Found::new(start, end)
}

/// What says that a host may be one of a network that has names of its own.
const MAIL: &[&str] = &["mail", "courriel", "correo"];

/// Where the part in quotes begins that ends before the `@` (RFC 5321, section 4.1.2): `"jo doe"@example.com`, its quotes escaped or not.
fn quoted(view: &View<'_>, at: usize) -> Option<usize> {
    let closed = at - 1;
    let escapes = closed - view.run_back(closed, ESCAPES, |byte| byte == b'\\');
    let from =
        view.run_back(closed - escapes, LOCAL, |byte| (b' '..0x7F).contains(&byte) && !matches!(byte, b'"' | b'\\') || !byte.is_ascii());
    let inside = view.slice(from, closed - escapes);
    let worded = inside.first().zip(inside.last()).is_some_and(|(first, last)| *first > b' ' && is_alnum(*first) && *last > b' ');
    let opened = view.run_back(from.checked_sub(1)?, ESCAPES, |byte| byte == b'\\');
    let same = from - 1 - opened == escapes;
    (worded && same && view.before(from) == Some(b'"') && !view.was(opened, is_word)).then_some(opened)
}

/// Backslashes before a quote, in text whose escapes are not resolved.
const ESCAPES: usize = 7;

/// Whether an address may stand around the `@`, whatever its first part begins with.
pub(super) fn may_stand(view: &View<'_>, at: usize) -> bool {
    view.was(at, is_last) && (domain_end(view, at + 1, may_be_tld).is_some() || may_be_international(view, at + 1))
}

/// The end of a host name with letters beyond ASCII (RFC 6531): any label may have them.
fn international(view: &View<'_>, from: usize) -> Option<usize> {
    let end = view.run(from, DOMAIN, |byte| is_alnum(byte) || matches!(byte, b'-' | b'.') || !byte.is_ascii());
    let name = std::str::from_utf8(view.slice(from, end)).ok()?;
    let name = name.trim_end_matches(['.', '-']);
    (!name.is_ascii() && end - from < DOMAIN).then_some(())?;
    let (head, tld) = name.rsplit_once('.')?;
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL
            && !label.starts_with('-')
            && label.chars().all(|char| char.is_alphanumeric() || char == '-' || is_mark(char))
    };
    let abroad = || !tld.is_ascii() && tld.chars().count() >= 2 && tld.len() <= LABEL && tld.chars().all(char::is_alphabetic);
    (head.split('.').all(label) && (is_tld(tld.as_bytes()) || abroad())).then_some(from + name.len())
}

/// Signs over and under letters, which many scripts cannot be written without.
fn is_mark(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36F}' | '\u{900}'..='\u{DFF}' | '\u{E30}'..='\u{E4E}')
}

/// Like [`international`], of text that may have its escapes in it.
fn may_be_international(view: &View<'_>, from: usize) -> bool {
    let end = view.run(from, LABEL, |byte| is_alnum(byte) || matches!(byte, b'-' | b'.'));
    let escapes = view.run(end, 8, |byte| byte == b'\\');
    view.is(end, |byte| !byte.is_ascii()) || (escapes > end && view.at(escapes) == Some(b'u'))
}

/// The end of the longest host name from `from` on that ends with a top-level domain.
fn domain_end(view: &View<'_>, from: usize, is_tld: fn(&[u8]) -> bool) -> Option<usize> {
    let most = from + DOMAIN;
    let (mut at, mut labels, mut best) = (from, 0, None);
    loop {
        let end = view.run(at, LABEL + 1, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
        // A dash at the end is not of the name: `jo@example.com--`.
        let label = trim_dashes(view.slice(at, end));
        if label.is_empty() || label.len() > LABEL || view.at(at) == Some(b'-') || at + label.len() > most {
            return best;
        }
        labels += 1;
        if labels > 1 && is_tld(label) {
            best = Some(at + label.len());
        }
        let dot = label.len() == end - at && view.at(end) == Some(b'.');
        if !dot {
            // What goes on in letters that are no host name's is not the end of one: `jo@example.cöm`.
            return best;
        }
        at = end + 1;
    }
}

fn trim_dashes(label: &[u8]) -> &[u8] {
    let dashes = label.iter().rev().take_while(|byte| **byte == b'-').count();
    label.get(..label.len() - dashes).unwrap_or_default()
}

fn is_tld(label: &[u8]) -> bool {
    may_be_tld(label) && (label.starts_with(b"xn--") || domains::is_known(label))
}

/// IANA's list holds letters, 2 to 24 of them, and `xn--` names.
fn may_be_tld(label: &[u8]) -> bool {
    if let Some(encoded) = label.strip_prefix(b"xn--") {
        return !encoded.is_empty();
    }
    (2..=24).contains(&label.len())
        && label.iter().all(u8::is_ascii_alphabetic)
        && !NOT_TLDS.iter().any(|name| name.eq_ignore_ascii_case(label))
}

fn is_local(byte: u8) -> bool {
    is_alnum(byte) || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'')
}

fn is_local_start(byte: u8) -> bool {
    is_alnum(byte) || byte == b'_'
}

/// What may stand before the `@`.
fn is_last(byte: u8) -> bool {
    is_local_end(byte) || byte == b'"'
}

fn is_local_end(byte: u8) -> bool {
    is_local(byte) && byte != b'.'
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "the texts are ASCII")]
mod tests {
    use super::super::tests::all;
    use super::*;

    #[test]
    fn hosts_have_letters_of_every_script() {
        for address in ["beth@bücher-billing.de", "jo@пример.рф", "jo@例え.jp", "jo@xn--bcher-kva.example"] {
            assert_eq!(all(check, &format!("to <{address}>, ok")), [address]);
        }
        assert_eq!(all(check, "メールはjo@example.comです"), ["jo@example.com"]);
    }

    #[test]
    fn leaves_remotes_and_units() {
        for other in ["git@github.com:owner/repository.git", "getty@tty1.service", "wg-quick@wg0.service", "x@bücher,de"] {
            assert!(all(check, other).is_empty(), "{other}");
        }
        assert_eq!(all(check, "jo@example.com: hello"), ["jo@example.com"]);
        assert_eq!(all(check, "git@example.com is asked"), ["git@example.com"]);
    }

    #[test]
    fn finds_addresses() {
        for address in [
            "jo@example.com",
            "jo.o'neil+tag@mail.example.co.uk",
            "a@b.io",
            "JO_99@EXAMPLE.COM",
            "user@xn--80ak6aa92e.com",
            "a@xn--d1acufc.xn--p1ai",
            "x@a-b.example",
        ] {
            assert_eq!(all(check, address), [address]);
            assert_eq!(all(check, &format!("<{address}>, mailto:{address}?x (\"{address}\").")), [address; 3]);
        }
        assert_eq!(all(check, "write to -jo@example.com."), ["jo@example.com"]);
        assert_eq!(all(check, "jo@example.com.png"), ["jo@example.com"]);
        assert_eq!(all(check, "jo@example.com--"), ["jo@example.com"]);
    }

    #[test]
    fn leaves_what_only_looks_like_one() {
        for other in [
            "icon@2x.png",
            "pkg@1.2.3",
            "jo@localhost",
            "@example.com",
            "jo@",
            "jo@.com",
            "jo@example.",
            "jo@-a.com",
            "a @b.com",
            "jo.@example.com",
            "jo@example.c",
            "jo@example..com",
            "@types/node",
            "jo@example.123",
        ] {
            assert!(all(check, other).is_empty(), "{other}");
        }
    }

    #[test]
    fn parts_in_quotes_are_whole() {
        for address in ["\"john doe\"@example.com", "\"a@b, c\"@example.co.uk", "\"Ann.B\"@example.org"] {
            assert_eq!(all(check, &format!("to {address}.")), [address]);
            let escaped = address.replace('"', "\\\"");
            assert_eq!(all(check, &format!("{{\"to\":\"{escaped}\"}}")), [escaped.as_str()]);
        }
        for other in ["\"a\",\"b\"@x", "\", \"@example.com", "\"@example.com", "say\"x y\"@example.com", "\"x \\\"@example.com"] {
            assert!(all(check, other).is_empty(), "{other}");
        }
    }

    #[test]
    fn hosts_end_as_hosts_do() {
        for other in ["q@k.transpose(1)", "rpool/home@auto.daily.1", "strlen@got.plt", "arch@x86.baseline", "C@libc.so"] {
            assert!(all(check, other).is_empty(), "{other}");
        }
        for (text, address) in [
            ("mail jo@intra.acmecorp now", "jo@intra.acmecorp"),
            ("Jo <jo@intra.acmecorp>", "jo@intra.acmecorp"),
            ("jo@corp.local", "jo@corp.local"),
        ] {
            assert_eq!(all(check, text), [address]);
        }
    }

    #[test]
    fn lengths_are_bounded() {
        let long = "l".repeat(63);
        assert_eq!(all(check, &format!("jo@{long}.com")).len(), 1);
        assert!(all(check, &format!("jo@{long}l.com")).is_empty());
        // Too long to be one, so it is read as an address with something stuck to its front.
        let local = format!("{}@example.com", "a".repeat(80));
        assert_eq!(all(check, &local), [&local[16..]]);
        let many = |labels: usize| format!("jo@{}com", "abcdefg.".repeat(labels));
        assert_eq!(all(check, &many(31)), [many(31)]);
        assert!(all(check, &many(100)).is_empty());
    }
}
