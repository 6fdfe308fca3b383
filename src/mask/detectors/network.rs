//! Addresses of the Internet (RFC 791, RFC 4291) and of network cards (IEEE 802).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::text::{contains_ignoring_case, is_alnum, is_digit, is_word};
use super::{About, Family, Found, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::new(
        Detector::IpAddress,
        "ip_address",
        &[Trigger::Digits(!1, v4), Trigger::Digits(!1, v6), Trigger::Heads(&["::"], v6)],
        About {
            matches: "IPv4 in four parts, IPv6 in all its forms; an IPv4 address of `0.0.0.0` or of the loopback is no one's",
            validator: "ranges, structure; no part of a longer version number",
            context: "",
            source: "RFC 791; RFC 4291; RFC 5952",
        },
    ),
    Family::new(
        Detector::MacAddress,
        "mac_address",
        &[Trigger::Digits(!1, mac)],
        About {
            matches: "six bytes with colons or dashes, or three groups of four digits with dots",
            validator: "structure; not all zero, not the broadcast",
            context: "",
            source: "IEEE 802-2014, 8.1",
        },
    ),
];

/// At the first digit of its first part.
fn v4(view: &View<'_>, at: usize) -> Option<Found> {
    // A range of addresses (`10.0.0.1-10.0.0.9`) is a range; `-1.2.3.4` after a word is its version.
    if view.was(at, |byte| is_word(byte) || byte == b'.')
        || (view.before(at) == Some(b'-') && view.was(at - 1, |byte| byte.is_ascii_alphabetic()))
    {
        return None;
    }
    let end = view.run(at, 16, |byte| is_digit(byte) || byte == b'.');
    // A dot at the end is the sentence's.
    let end = end - usize::from(view.before(end) == Some(b'.'));
    let text = view.slice(at, end);
    let address: Ipv4Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
    let goes_on = view.is(end, is_word) || (view.at(end) == Some(b'.') && view.is(end + 1, is_alnum));
    // `Section 4.1.1.2`, `version 1.2.3.4`.
    let before = view.slice(at.saturating_sub(12), at);
    let numbered = [&b"section"[..], b"version", b"chapter"].iter().any(|word| contains_ignoring_case(before, word)) || is_part(before);
    // `9.18.1.2-r0`, `1.1.1.1-alpine`.
    let built = view.at(end) == Some(b'-') && view.is(end + 1, |byte| byte.is_ascii_lowercase());
    (!goes_on && !numbered && !built && !address.is_unspecified() && !address.is_loopback()).then_some(())?;
    Found::new(at, end)
}

/// Whether the word before it is one of what has parts, or versions of four numbers.
fn is_part(before: &[u8]) -> bool {
    const WHOLES: &[&[u8]] = &[
        b"sec",
        b"oid",
        b"ec",
        b"ipc",
        b"rule",
        b"clause",
        b"article",
        b"abschnitt",
        b"kapitel",
        b"chapitre",
        b"cap",
        b"seccion",
        b"firefox",
        b"chrome",
        b"chromium",
        b"edge",
        b"build",
        b"release",
        b"ver",
        b"firmware",
        b"control",
        b"table",
        b"figure",
    ];
    let word = before.split(|byte| !is_alnum(*byte)).rfind(|word| !word.is_empty()).unwrap_or_default();
    let gap = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'.' | b':' | b'#')).count();
    let whole = before.get(..before.len() - gap).is_some_and(|text| text.ends_with(word));
    gap > 0 && whole && WHOLES.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Longest form: an address with an IPv4 one at its end.
const V6: usize = 45;

/// At a digit or at the colons within.
fn v6(view: &View<'_>, at: usize) -> Option<Found> {
    let near = view.ahead(at, 6).contains(&b':') || view.slice(at.saturating_sub(5), at).contains(&b':');
    near.then_some(())?;
    let class = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
    let start = view.run_back(at, V6, class);
    let end = view.run(at, V6, |byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    let text = view.slice(start, end);
    let stray = text.iter().rev().take_while(|byte| matches!(byte, b'.')).count();
    let mut end = end - stray;
    // `2001:db8::1:` ends a sentence or a key.
    if view.before(end) == Some(b':') && !view.slice(start, end).ends_with(b"::") {
        end -= 1;
    }
    (end - start >= 3 && !view.was(start, |byte| is_word(byte) || matches!(byte, b'.' | b'-')) && !view.is(end, is_word)).then_some(())?;
    let address: Ipv6Addr = std::str::from_utf8(view.slice(start, end)).ok()?.parse().ok()?;
    // `a::b` is a path of a program.
    let numeric = view.slice(start, end).iter().any(u8::is_ascii_digit);
    // `8:30::9:15` are times, `list[1::2]` takes every second of a list.
    let parts = text.split(|byte| *byte == b':').filter(|part| !part.is_empty());
    let times = parts.clone().count() > 2 && parts.clone().all(|part| part.len() <= 2 && part.iter().all(u8::is_ascii_digit));
    let sliced = view.before(start) == Some(b'[') && view.was(start - 1, |byte| is_word(byte) || matches!(byte, b')' | b']'));
    let other = sliced || (times && text.windows(2).any(|pair| pair == b"::"));
    (numeric && !other && !address.is_unspecified() && !address.is_loopback()).then_some(())?;
    Found::new(start, end)
}

/// At a digit within.
fn mac(view: &View<'_>, at: usize) -> Option<Found> {
    let start = view.run_back(at, 17, |byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.'));
    let separator = *view.slice(start, start + 5).iter().find(|byte| matches!(byte, b':' | b'-' | b'.'))?;
    let (group, groups) = if separator == b'.' { (4, 3) } else { (2, 6) };
    let len = (group + 1) * groups - 1;
    let text = view.slice(start, start + len);
    let fits = text.len() == len
        && text
            .iter()
            .enumerate()
            .all(|(place, byte)| if place % (group + 1) == group { *byte == separator } else { byte.is_ascii_hexdigit() });
    let end = start + len;
    let goes_on = view.at(end) == Some(separator) && (separator != b'.' || view.is(end + 1, is_alnum));
    let apart = !view.was(start, is_word) && view.before(start) != Some(separator) && !view.is(end, is_word) && !goes_on;
    let digits = || text.iter().filter(|byte| byte.is_ascii_hexdigit());
    let empty = digits().all(|byte| *byte == b'0') || digits().all(|byte| byte.eq_ignore_ascii_case(&b'f'));
    (fits && apart && !empty).then_some(())?;
    Found::new(start, end)
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;
    use super::*;

    // Addresses kept for documents: RFC 5737, RFC 3849, RFC 7042.
    #[test]
    fn finds_addresses() {
        for address in ["192.0.2.7", "203.0.113.255", "1.2.3.4"] {
            assert_eq!(all(v4, &format!("from {address}:8080")), [address]);
            assert_eq!(all(v4, &format!("at {address}.")), [address]);
        }
        assert_eq!(all(v6, "fe80::1"), ["fe80::1"]);
        for address in ["2001:db8::1", "2001:db8:85a3:8d3:1319:8a2e:370:7348", "fe80::1ff:fe23:4567:890a", "::ffff:192.0.2.7", "2001:DB8::"]
        {
            assert_eq!(all(v6, &format!("from {address} ")), [address]);
            assert_eq!(all(v6, &format!("http://[{address}]:80/")), [address]);
        }
        for address in ["00:00:5E:00:53:01", "00-00-5e-00-53-01", "0000.5e00.5301"] {
            assert_eq!(all(mac, &format!("mac {address}, up")), [address]);
        }
    }

    #[test]
    fn leaves_versions_times_and_paths() {
        for other in [
            "1.2.3",
            "1.2.3.4.5",
            "256.1.1.1",
            "v1.2.3.4",
            "01.2.3.4",
            "1.2.3.4a",
            "127.0.0.1",
            "0.0.0.0",
            "Section 4.1.1.2",
            "per Sec. 4.1.2.3",
            "(EC 3.4.21.4)",
            "OID: 2.5.29.17",
            "bind=9.18.1.2-r0",
            "00 00 5e 00 53 01",
        ] {
            assert!(all(v4, other).is_empty(), "{other}");
        }
        for other in ["12:34:56", "std::vec::Vec", "a::b", "::1", "1:2:3:4:5:6:7", "12345::1", "8:30::9:15", "list[1::2]"] {
            assert!(all(v6, other).is_empty(), "{other}: {:?}", all(v6, other));
        }
        for other in
            ["00:00:5E:00:53", "00:00:5E:00:53:01:02", "00:00:5E-00:53:01", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "0:0:5E:0:53:1"]
        {
            assert!(all(mac, other).is_empty(), "{other}");
        }
    }
}
