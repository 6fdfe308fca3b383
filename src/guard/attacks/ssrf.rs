//! URLs that lead a server to itself, to its neighbours or to its credentials, wherever they stand in a text.
//!
//! A name that resolves to such an address cannot be told from one that does not: only names known for it are found.

use std::net::Ipv4Addr;

use super::{around, paths};
use crate::guard::normal::address::{self, Special};
use crate::guard::normal::decode;
use crate::guard::normal::url::lower;
use crate::guard::seen::Seen;

/// How much an argument's own name says about a string in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// `url`, `endpoint`, `webhook` and their like: the string is a URL even without a scheme.
    Url,
    Anything,
}

/// What arguments are called whose values are URLs.
const WORDS: [&str; 14] = [
    "url",
    "uri",
    "href",
    "link",
    "endpoint",
    "webhook",
    "callback",
    "redirect",
    "src",
    "source_url",
    "target_url",
    "site",
    "website",
    "page",
];

impl Named {
    /// `argument` is the last part of the pointer to a string.
    pub(super) fn of(argument: &str) -> Self {
        // How the words end: most arguments end otherwise.
        let end = argument.as_bytes().last_chunk::<2>().map(|end| end.map(|byte| byte.to_ascii_lowercase()));
        if !end.is_some_and(|end| matches!(&end, b"rl" | b"ri" | b"ef" | b"nk" | b"nt" | b"ok" | b"ck" | b"ct" | b"rc" | b"te" | b"ge")) {
            return Self::Anything;
        }
        let last = argument.rsplit(['_', '-']).next().unwrap_or_default();
        let is_word = |name: &str| WORDS.iter().any(|word| word.eq_ignore_ascii_case(name));
        let end = argument.len().checked_sub(3).and_then(|from| argument.get(from..)).unwrap_or_default();
        let is_url = is_word(argument) || is_word(last) || end.eq_ignore_ascii_case("url") || end.eq_ignore_ascii_case("uri");
        if is_url { Self::Url } else { Self::Anything }
    }
}

/// What is wrong with the first such URL.
///
/// Loopback and private addresses that are spelt plainly are common in documentation, code and options of commands. They count in a string that is one URL, and
/// in one line of text where no option stands before them; everything else counts everywhere.
pub(super) fn find(text: &str, seen: Seen, named: impl FnOnce() -> Named) -> Option<&'static str> {
    let without_url = seen.is_plain() && !seen.has_colon() && !seen.has_two_slashes();
    if without_url && seen.is_one_word() {
        let named = named();
        let is_none = seen.has_no_address() && named == Named::Anything;
        return if is_none { None } else { bare(text, named).map(|found| found.special.name()) };
    }
    let whole = text.trim();
    if without_url && whole.contains(' ') {
        return None;
    }
    let named = named();
    if seen.has_no_address() && named == Named::Anything {
        return None;
    }
    let around = if !whole.contains(char::is_whitespace) {
        Around::Nothing
    } else if !whole.contains(['\n', '\r']) {
        Around::Line
    } else {
        Around::Lines
    };
    decode::readings(text).iter().find_map(|reading| {
        let reading = reading.as_ref();
        in_text(reading, named, around).or_else(|| {
            // URL parsers remove these; in prose, they separate.
            let joined = reading.contains(['\t', '\r', '\n']) && !reading.trim().contains(' ');
            joined.then(|| reading.replace(['\t', '\r', '\n'], "")).and_then(|reading| in_text(&reading, named, Around::Nothing))
        })
    })
}

/// What is in the string besides the URL, as it was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    Line,
    Lines,
}

/// A host that a URL should not have.
#[derive(Clone, Copy)]
struct Found {
    special: Special,
    /// In a spelling that people do not use, but to hide it.
    disguised: bool,
}

impl Found {
    fn plain(special: Special) -> Self {
        Self { special, disguised: false }
    }

    fn disguised(special: Special) -> Self {
        Self { special, disguised: true }
    }

    /// `before` is the text in front of the URL.
    fn counts(&self, around: Around, before: &str) -> bool {
        self.disguised
            || self.special.is_never_meant()
            || match around {
                Around::Nothing => true,
                Around::Line => !is_option(before),
                Around::Lines => false,
            }
    }
}

/// `--proxy http://..`, `-x "http://..`, `HTTP_PROXY=http://..`: a setting of a command, which is not what it fetches.
fn is_option(before: &str) -> bool {
    let before = before.trim_end_matches(['"', '\'']);
    let word = before.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
    word.starts_with('-') || (before.ends_with('=') && word.to_ascii_lowercase().contains("proxy"))
}

fn in_text(text: &str, named: Named, around: Around) -> Option<&'static str> {
    let whole = text.trim();
    let is_one = !whole.contains(char::is_whitespace);
    if is_one {
        if let Some(found) = bare(whole, named) {
            return Some(found.special.name());
        }
        if let Some(found) = whole.strip_prefix("//").or_else(|| whole.strip_prefix("\\\\")).and_then(|rest| authority(rest, Trust::All)) {
            return Some(found.special.name());
        }
    }
    if let Some(found) = with_scheme(text, around) {
        return Some(found);
    }
    if let Some(found) = without_scheme(text, around) {
        return Some(found);
    }
    // The readings of `http://1.1.1.1 &@2.2.2.2# @3.3.3.3/` are as many as there are parsers: in what begins as a URL, any address after `@` counts.
    let is_url = ["http://", "https://", "ftp://"].iter().any(|scheme| starts_with_ignoring_case(whole, scheme));
    if !is_url {
        return None;
    }
    let after = |at: usize| whole.get(at.saturating_add(1)..).and_then(|rest| host(rest, Trust::Literals));
    memchr::memchr_iter(b'@', whole.as_bytes()).find_map(after).map(|found| found.special.name())
}

/// Which hosts count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Any spelling: it cannot be anything but a host.
    All,
    /// Names, and addresses of four parts: fewer can be a number in a text.
    FourParts,
    /// Addresses of four parts and IPv6 in brackets.
    Literals,
}

/// `http://..`, `gopher:..`, `jar:http://..`: what follows each colon that ends the name of a scheme.
fn with_scheme(text: &str, around: Around) -> Option<&'static str> {
    // A file's path is looked at once, colons in it included.
    let mut looked_at = 0;
    memchr::memchr_iter(b':', text.as_bytes()).find_map(|colon| {
        let (before, rest) = text.split_at_checked(colon)?;
        let rest = rest.strip_prefix(':')?;
        let scheme = scheme_at_end(before)?;
        let slashes = rest.bytes().take_while(|b| matches!(b, b'/' | b'\\')).count();
        let after = rest.get(slashes..)?;
        let is = |other: &str| scheme.eq_ignore_ascii_case(other);
        let is_web = ["http", "https", "ws", "wss", "ftp"].into_iter().any(is);
        let is_file = is("file") || is("local_file");
        if slashes > 0 && (is_file || is("netdoc")) {
            if colon < looked_at {
                return None;
            }
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '`')).unwrap_or(rest.len());
            looked_at = colon.saturating_add(end);
            if paths::sensitive(rest.get(..end)?).is_some() {
                return Some("file URL of a sensitive file");
            }
            let local = starts_with_ignoring_case(after, "localhost/");
            return if local || slashes != 2 {
                None
            } else {
                authority(after, Trust::All).filter(|found| found.counts(around, "")).map(|found| found.special.name())
            };
        }
        if slashes > 1 && ["gopher", "dict", "expect", "phar"].into_iter().any(is) {
            return Some("URL of a scheme that only attacks use");
        }
        let found = match slashes {
            // `http:80` is a port in a list of them. As the slashes do not part one from the next, so much must do.
            0 if is_web => authority(after.get(..after.floor_char_boundary(64))?, Trust::FourParts),
            0 => None,
            1 if !is_web => None,
            _ => authority(after, Trust::All),
        };
        let before = before.get(..before.len().saturating_sub(scheme.len())).unwrap_or_default();
        found.filter(|found| found.counts(around, before)).map(|found| found.special.name())
    })
}

/// The name of a scheme (RFC 3986, 3.1) that `before` ends with. One letter is a drive of Windows.
fn scheme_at_end(before: &str) -> Option<&str> {
    let taken = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_');
    let len = before.as_bytes().iter().rev().take(32).take_while(taken).count();
    let scheme = before.get(before.len().checked_sub(len)?..)?;
    (len > 1 && scheme.contains(|c: char| c.is_ascii_alphabetic())).then_some(scheme)
}

/// `//169.254.169.254/` inside a text: in quotes, after `=` or a space, and complete; `//` opens a comment in many languages.
fn without_scheme(text: &str, around: Around) -> Option<&'static str> {
    memchr::memchr_iter(b'/', text.as_bytes()).find_map(|at| {
        let (before, rest) = text.split_at_checked(at).filter(|(_, rest)| rest.starts_with("//"))?;
        if !before.ends_with(['"', '\'', '=', '(', ' ', '\t', '\n', '`', '<']) {
            return None;
        }
        let rest = rest.trim_start_matches('/');
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '[' | ']')))?;
        let (name, after) = rest.split_at_checked(end)?;
        let found = if after.starts_with(['/', '"', '\'', ')', '`', '>']) { host(name, Trust::Literals) } else { None };
        found.filter(|found| found.counts(around, before)).map(|found| found.special.name())
    })
}

/// A whole string that is a host, with or without port and path, and no scheme.
fn bare(whole: &str, named: Named) -> Option<Found> {
    // A number alone, or a word, is a number or a word.
    if !whole.contains(['.', ':']) && !whole.starts_with("0x") && named == Named::Anything || around(whole, "://").is_some() {
        return None;
    }
    let found = match address::lenient_v6(whole) {
        Some(ip) => address::special(ip.into()).map(Found::plain),
        None => host(whole, Trust::All),
    };
    found.filter(|found| named == Named::Url || found.special.is_never_meant())
}

/// `rest` follows the slashes of a URL.
fn authority(rest: &str, trust: Trust) -> Option<Found> {
    let end = rest.find(|c: char| matches!(c, '/' | '?' | '#' | '\\' | '"' | '<' | '>' | '`') || c.is_whitespace()).unwrap_or(rest.len());
    let (authority, after) = rest.split_at_checked(end)?;
    // Parsers differ about where an authority ends.
    let behind = after.strip_prefix(['#', '?', '\\']).and_then(|after| after.strip_prefix('@')).and_then(|after| host(after, trust));
    // They differ about which `@` ends the user, too. A user's name is rarely an address.
    let mut parts = authority.rsplit('@');
    let last = parts.next().and_then(|last| host(last, trust));
    // `http://example.com@10.0.0.1/` is made to be misread.
    let misleads = parts.clone().any(|user| user.contains('.'));
    let last = last.map(|last| Found { disguised: last.disguised || misleads, ..last });
    let odd = behind.or_else(|| parts.find_map(|part| host(part, Trust::Literals)));
    last.filter(|last| last.disguised || odd.is_none()).or(odd.map(|odd| Found::disguised(odd.special)))
}

/// The host that `text` begins with.
fn host(text: &str, trust: Trust) -> Option<Found> {
    if let Some(literal) = text.strip_prefix('[') {
        let ip = address::lenient_v6(literal.split(']').next()?)?;
        let special = address::special(ip.into())?;
        return Some(Found { special, disguised: !address::embedded(ip).is_empty() });
    }
    let end = text.find(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | '_')).unwrap_or(text.len());
    let name = text.get(..end)?.trim_end_matches('.');
    if let Some(v4) = address::every_v4(name) {
        let special = v4.special().filter(|_| v4.parts == 4 || trust == Trust::All)?;
        // `dvd://1` is a title, and `0.0.0.1` is nowhere.
        let is_small = v4.parts == 1 && special == Special::Unspecified && name.contains(|c: char| c != '0');
        if is_small {
            return None;
        }
        return Some(Found { special, disguised: address::strict(name).is_none() });
    }
    if trust == Trust::Literals { None } else { known(&lower(name)) }
}

/// Names that are documented to lead there.
fn known(name: &str) -> Option<Found> {
    const METADATA: [&str; 10] = [
        "metadata.google.internal",
        "metadata.goog",
        "metadata.internal",
        "instance-data",
        "instance-data.ec2.internal",
        "metadata.azure.internal",
        "metadata.azure.com",
        "metadata.tencentyun.com",
        "metadata.platformequinix.com",
        "rancher-metadata",
    ];
    const LOOPBACK: [&str; 12] = [
        "localhost",
        "localhost.localdomain",
        "localhost6",
        "localhost6.localdomain6",
        "ip6-localhost",
        "ip6-loopback",
        "localtest.me",
        "lvh.me",
        "vcap.me",
        "lacolhost.com",
        "yoogle.com.localhost",
        "fbi.com.localhost",
    ];
    const PRIVATE: [&str; 7] = [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "host.docker.internal",
        "gateway.docker.internal",
        "host.containers.internal",
        "cluster.local",
    ];
    let under = |suffix: &str| name.strip_suffix(suffix).is_some_and(|head| head.ends_with('.'));
    if METADATA.contains(&name) {
        return Some(Found::plain(Special::Metadata));
    }
    if LOOPBACK.contains(&name) || ["localhost", "localtest.me", "lvh.me", "vcap.me"].into_iter().any(under) {
        return Some(Found::plain(Special::Loopback));
    }
    if PRIVATE.contains(&name) || ["cluster.local", "kubernetes.default.svc"].into_iter().any(under) {
        return Some(Found::plain(Special::Private));
    }
    ["nip.io", "sslip.io", "xip.io", "rbndr.us", "1u.ms"]
        .into_iter()
        .find(|suffix| under(suffix))
        .and_then(|suffix| in_name(name.strip_suffix(suffix)?))
        .map(Found::disguised)
}

/// Services that answer with the address in the name: `10.0.0.1.nip.io`, `app-10-0-0-1.nip.io`, `0a000001.nip.io`, `--1.sslip.io`.
fn in_name(labels: &str) -> Option<Special> {
    let pieces: Vec<&str> = labels.split(['.', '-']).collect();
    let dotted = pieces.windows(4).find_map(|window| {
        let mut octets = [0_u8; 4];
        for (octet, piece) in octets.iter_mut().zip(window) {
            *octet = piece.parse().ok()?;
        }
        address::special(Ipv4Addr::from(octets).into())
    });
    let hexadecimal = || {
        let eight = pieces.iter().filter(|piece| piece.len() == 8);
        eight.filter_map(|piece| u32::from_str_radix(piece, 16).ok()).find_map(|number| address::special(Ipv4Addr::from(number).into()))
    };
    let v6 =
        || labels.split('.').filter_map(|label| address::lenient_v6(&label.replace('-', ":"))).find_map(|ip| address::special(ip.into()));
    dotted.or_else(hexadecimal).or_else(v6)
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}
