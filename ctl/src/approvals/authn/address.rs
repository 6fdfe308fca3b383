//! Where a request comes from, as far as it is counted.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::request::Parts;

/// Whoever holds the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The name under which a request is counted. Behind a proxy it is what the proxy says last; what came before it, anybody can write.
pub fn name(parts: &Parts, behind_proxy: bool) -> String {
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
    let said = if behind_proxy { forwarded(&parts.headers) } else { None };
    said.or(peer).map_or_else(|| "unknown".to_owned(), |address| prefix(address).to_string())
}

fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim();
    last.parse().ok().or_else(|| last.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Whoever has one IPv6 address has 64 bits of them.
pub fn prefix(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(peer: &str, forwarded: &[&str]) -> Parts {
        let mut request = Request::builder().extension(Peer(peer.parse().unwrap()));
        for said in forwarded {
            request = request.header("x-forwarded-for", *said);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_what_the_proxy_itself_says_counts() {
        for (peer, said, behind, expected) in [
            ("192.0.2.1:1", &[][..], false, "192.0.2.1"),
            ("192.0.2.1:1", &["198.51.100.7"], false, "192.0.2.1"),
            ("192.0.2.1:1", &["198.51.100.7"], true, "198.51.100.7"),
            ("192.0.2.1:1", &["203.0.113.9, 198.51.100.7"], true, "198.51.100.7"),
            ("192.0.2.1:1", &["198.51.100.7", "203.0.113.9"], true, "203.0.113.9"),
            ("192.0.2.1:1", &["198.51.100.7:4711"], true, "198.51.100.7"),
            ("192.0.2.1:1", &["[2001:db8:1:2:3::4]:4711"], true, "2001:db8:1:2::"),
            ("192.0.2.1:1", &["nonsense"], true, "192.0.2.1"),
            ("192.0.2.1:1", &[], true, "192.0.2.1"),
            ("[::ffff:192.0.2.1]:1", &[], false, "192.0.2.1"),
            ("[2001:db8:1:2:ffff::1]:1", &[], false, "2001:db8:1:2::"),
        ] {
            assert_eq!(name(&parts(peer, said), behind), expected, "{peer} {said:?} {behind}");
        }
    }
}
