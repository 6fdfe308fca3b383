//! IP addresses: every way to write one, and what kind of place it is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A place that a server should not be talked into visiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Special {
    /// Credentials of a machine in a cloud.
    Metadata,
    Loopback,
    LinkLocal,
    Private,
    /// Carrier-grade NAT (RFC 6598), where clouds put services of their own.
    Shared,
    /// `0.0.0.0/8`: this host.
    Unspecified,
    Multicast,
    Broadcast,
}

impl Special {
    pub(in crate::guard) const fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata service",
            Self::Loopback => "loopback address",
            Self::LinkLocal => "link-local address",
            Self::Private => "private address",
            Self::Shared => "shared address",
            Self::Unspecified => "unspecified address",
            Self::Multicast => "multicast address",
            Self::Broadcast => "broadcast address",
        }
    }

    /// Whether no call that means well has it as its target.
    pub(in crate::guard) const fn is_never_meant(self) -> bool {
        matches!(self, Self::Metadata | Self::LinkLocal)
    }
}

/// Kinds as the IANA registries of special-purpose addresses have them; metadata services as their vendors document them.
pub(in crate::guard) fn special(ip: IpAddr) -> Option<Special> {
    match ip {
        IpAddr::V4(ip) => special_v4(ip),
        IpAddr::V6(ip) => special_v6(ip).or_else(|| embedded(ip).into_iter().find_map(special_v4)),
    }
}

fn special_v4(ip: Ipv4Addr) -> Option<Special> {
    Some(match ip.octets() {
        // AWS, Google, Azure and many more; Alibaba; Azure's platform; Oracle.
        [169, 254, 169, 254] | [100, 100, 100, 200] | [168, 63, 129, 16] | [192, 0, 0, 192] => Special::Metadata,
        [127, ..] => Special::Loopback,
        [169, 254, ..] => Special::LinkLocal,
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] => Special::Private,
        [100, 64..=127, ..] => Special::Shared,
        [0, ..] => Special::Unspecified,
        [224..=239, ..] => Special::Multicast,
        [255, 255, 255, 255] => Special::Broadcast,
        _ => return None,
    })
}

fn special_v6(ip: Ipv6Addr) -> Option<Special> {
    Some(match ip.segments() {
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x254] => Special::Metadata,
        [0, 0, 0, 0, 0, 0, 0, 1] => Special::Loopback,
        [0, 0, 0, 0, 0, 0, 0, 0] => Special::Unspecified,
        [0xfe80..=0xfebf, ..] => Special::LinkLocal,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Special::Private,
        [0xff00..=0xffff, ..] => Special::Multicast,
        _ => return None,
    })
}

/// IPv4 addresses that an IPv6 address stands for: mapped, compatible, translated (RFC 2765), NAT64 (RFC 6052, 8215), 6to4 (RFC 3056), ISATAP (RFC
/// 5214), Teredo (RFC 4380).
pub(in crate::guard) fn embedded(ip: Ipv6Addr) -> Vec<Ipv4Addr> {
    let pair = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    let mut found = Vec::new();
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, a, b] | [0, 0, 0, 0, 0xffff, 0, a, b] | [0x64, 0xff9b, 0, 0, 0, 0, a, b] => found.push(pair(a, b)),
        [0x64, 0xff9b, 1, .., a, b] => found.push(pair(a, b)),
        [0, 0, 0, 0, 0, 0, a, b] if a != 0 => found.push(pair(a, b)),
        [0x2002, a, b, ..] => found.push(pair(a, b)),
        [0x2001, 0, _, _, _, _, a, b] => found.push(pair(!a, !b)),
        _ => {}
    }
    if let [_, _, _, _, 0 | 0x200, 0x5efe, a, b] = ip.segments() {
        found.push(pair(a, b));
    }
    found
}

/// An address as all parsers read it: four decimal numbers without leading zeros, or IPv6 without a zone.
pub(in crate::guard) fn strict(text: &str) -> Option<IpAddr> {
    // Most hosts are names, and the parser would try them three ways.
    let may_be = text.bytes().next().is_some_and(|first| first.is_ascii_digit()) || text.bytes().any(|byte| byte == b':');
    if may_be { text.parse().ok() } else { None }
}

/// Whether some parser takes the host for an IPv4 address: its last label begins like a number.
pub(in crate::guard) fn looks_numeric(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    let hexadecimal =
        last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    hexadecimal || (!last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()))
}

/// Every address that some reader makes of `host`: one to four numbers, decimal, octal or hexadecimal, the last filling what is left (`inet_aton`);
/// numbers with leading zeros as octal and as decimal; numbers too large cut down. `parts` is how many numbers there are.
pub(in crate::guard) fn every_v4(host: &str) -> Option<V4> {
    let host = host.trim_end_matches('.');
    if !host.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut as_octal = Vec::with_capacity(4);
    let mut as_decimal = Vec::with_capacity(4);
    for part in host.split('.') {
        if as_octal.len() == 4 {
            return None;
        }
        let (octal, decimal) = number(part)?;
        as_octal.push(octal);
        as_decimal.push(decimal);
    }
    Some(V4 { parts: as_octal.len(), readings: [join(&as_octal), join(&as_decimal)] })
}

/// What [`every_v4`] made of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) struct V4 {
    pub(in crate::guard) parts: usize,
    pub(in crate::guard) readings: [Ipv4Addr; 2],
}

impl V4 {
    pub(in crate::guard) fn special(&self) -> Option<Special> {
        self.readings.into_iter().find_map(special_v4)
    }
}

/// A number with leading zeros taken for octal, and for decimal.
fn number(part: &str) -> Option<(u64, u64)> {
    let of = |digits: &str, radix: u32| {
        digits.chars().try_fold(0_u64, |value, digit| {
            let digit = digit.to_digit(radix)?;
            Some(value.wrapping_mul(u64::from(radix)).wrapping_add(u64::from(digit)))
        })
    };
    if part.is_empty() {
        return None;
    }
    if let Some(digits) = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
        return of(digits, 16).map(|value| (value, value));
    }
    let decimal = of(part, 10)?;
    let octal = if part.len() > 1 && part.starts_with('0') { of(part, 8).unwrap_or(decimal) } else { decimal };
    Some((octal, decimal))
}

fn join(parts: &[u64]) -> Ipv4Addr {
    let Some((last, leading)) = parts.split_last() else { return Ipv4Addr::UNSPECIFIED };
    let high = leading.iter().zip([24_u32, 16, 8]).fold(0_u64, |sum, (part, shift)| sum | ((part & 0xff) << shift));
    let room = match leading.len() {
        0 => 0xffff_ffff,
        1 => 0xff_ffff,
        2 => 0xffff,
        _ => 0xff,
    };
    Ipv4Addr::from(u32::try_from((high | (last & room)) & 0xffff_ffff).unwrap_or(0))
}

/// An IPv6 literal without its brackets and its zone.
pub(in crate::guard) fn lenient_v6(text: &str) -> Option<Ipv6Addr> {
    text.split('%').next().unwrap_or_default().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0X7F.0x0.0.1",
            "017700000001",
            "0177.0.0.1",
            "0177.0x0.1",
            "127.0.0.1.",
            "127.000.000.001",
            "4294967296000000000000",
            "00000000000000000177.1",
            "383.0.0.1",
            "6425673729",
        ] {
            let found = every_v4(host).and_then(|v4| v4.special());
            assert!(matches!(found, Some(Special::Loopback | Special::Unspecified)), "{host}: {found:?}");
        }
        // Octal for one parser, decimal for another.
        assert_eq!(every_v4("010.8.8.8").and_then(|v4| v4.special()), Some(Special::Private));
        assert_eq!(every_v4("0251.0376.0251.0376").and_then(|v4| v4.special()), Some(Special::Metadata));
        for host in ["8.8.8.8", "1.2.3", "93.184.216.34"] {
            assert_eq!(every_v4(host).and_then(|v4| v4.special()), None, "{host}");
        }
        for host in ["", "a.b", "1.2.3.4.5", "1..2", "12ab", "1.2.x"] {
            assert_eq!(every_v4(host), None, "{host}");
        }
    }

    #[test]
    fn ipv6_carries_ipv4() {
        for text in [
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::127.0.0.1",
            "2002:7f00:1::",
            "fe80::5efe:127.0.0.1",
            "2001:db8::5efe:127.0.0.1",
            "2001:0:1:2:3:4:80ff:fffe",
            "::1",
            "fe80::1%eth0",
            "fd00:ec2::254",
            "ff02::1",
            "::",
            "fd12::1",
        ] {
            assert!(lenient_v6(text).is_some_and(|ip| special(ip.into()).is_some()), "{text}");
        }
        for text in ["2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::"] {
            assert!(lenient_v6(text).is_some_and(|ip| special(ip.into()).is_none()), "{text}");
        }
    }
}
