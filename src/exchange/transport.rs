//! What is asked of the connection before anyone looks at the caller: TLS, and where a web page comes from.

use std::net::{IpAddr, SocketAddr};

use super::event::Connection;
use super::head::Head;
use super::refusal::Refusal;
use crate::mcp::http;
use crate::policy::{TlsMode, Transport};

pub(super) fn check(policy: &Transport, head: &Head, connection: &Connection) -> Result<(), Refusal> {
    let secure = match policy.tls {
        TlsMode::Off => true,
        TlsMode::Required => connection.tls_version.is_some(),
        TlsMode::Forwarded => connection.tls_version.is_some() || forwarded(policy, head, connection),
    };
    if !secure {
        return Err(Refusal::Plaintext);
    }
    // A browser always sends it across origins, `null` included; repeated ones are nobody's.
    let mut origins = http::values(&head.headers, "origin");
    match (origins.next(), origins.next()) {
        (None, _) => Ok(()),
        (Some(origin), None) if policy.origins.iter().any(|listed| listed.as_str().eq_ignore_ascii_case(origin)) => Ok(()),
        _ => Err(Refusal::Origin),
    }
}

/// TLS ended at a hop before us. Its word counts only if the connection comes from a listed address.
fn forwarded(policy: &Transport, head: &Head, connection: &Connection) -> bool {
    let Some(source) = connection.source.as_deref().and_then(address) else { return false };
    let listed = policy.forwarded_from.iter().any(|network| network.contains(&source));
    let mut protocols = http::values(&head.headers, "x-forwarded-proto");
    listed && matches!((protocols.next(), protocols.next()), (Some(one), None) if one.eq_ignore_ascii_case("https"))
}

/// An IPv4 address that arrives over an IPv6 socket is still that IPv4 address.
fn address(source: &str) -> Option<IpAddr> {
    let ip = source.parse::<SocketAddr>().map(|socket| socket.ip()).or_else(|_| source.parse::<IpAddr>()).ok()?;
    Some(ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::value::Origin;

    fn policy(tls: TlsMode) -> Transport {
        Transport {
            tls,
            forwarded_from: vec!["10.1.0.0/16".parse().unwrap()],
            alert_unless: None,
            origins: vec![Origin::parse("https://console.example.com").unwrap()],
            paths: Vec::new(),
            upstream_credential: None,
            hold_request_headers: true,
        }
    }

    fn head(pairs: &[(&str, &str)]) -> Head {
        Head::new(pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect())
    }

    fn from(source: &str) -> Connection {
        Connection { source: Some(source.to_owned()), ..Connection::default() }
    }

    #[test]
    fn plaintext_is_refused_unless_the_policy_says_otherwise() {
        let plain = from("10.1.2.3:4000");
        let tls = Connection { tls_version: Some("TLSv1.3".into()), ..plain.clone() };
        assert!(matches!(check(&policy(TlsMode::Required), &head(&[]), &plain), Err(Refusal::Plaintext)));
        assert!(check(&policy(TlsMode::Required), &head(&[]), &tls).is_ok());
        assert!(check(&policy(TlsMode::Off), &head(&[]), &plain).is_ok());
    }

    #[test]
    fn a_forwarded_protocol_counts_from_listed_hops_only() {
        let forwarded = policy(TlsMode::Forwarded);
        let https = [("x-forwarded-proto", "https")];
        for (source, headers, passes) in [
            ("10.1.2.3:4000", &https[..], true),
            ("[::ffff:10.1.2.3]:4000", &https[..], true),
            ("10.2.2.3:4000", &https[..], false),
            ("nonsense", &https[..], false),
            ("10.1.2.3:4000", &[("x-forwarded-proto", "http")][..], false),
            ("10.1.2.3:4000", &[("x-forwarded-proto", "https"), ("x-forwarded-proto", "https")][..], false),
            ("10.1.2.3:4000", &[][..], false),
        ] {
            assert_eq!(check(&forwarded, &head(headers), &from(source)).is_ok(), passes, "{source} {headers:?}");
        }
    }

    #[test]
    fn origins() {
        let off = policy(TlsMode::Off);
        for (headers, passes) in [
            (&[][..], true),
            (&[("origin", "https://console.example.com")][..], true),
            (&[("origin", "https://evil.example")][..], false),
            (&[("origin", "https://console.example.com.evil.example")][..], false),
            (&[("origin", "http://console.example.com")][..], false),
            (&[("origin", "null")][..], false),
            (&[("origin", "")][..], false),
            (&[("origin", "https://console.example.com"), ("origin", "https://evil.example")][..], false),
        ] {
            assert_eq!(check(&off, &head(headers), &from("10.0.0.1:1")).is_ok(), passes, "{headers:?}");
        }
    }
}
