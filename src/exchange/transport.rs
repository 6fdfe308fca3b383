//! What is asked of the connection before anyone looks at the caller: TLS, the name it is addressed to, and where a web page comes from.

use std::net::{IpAddr, SocketAddr};

use super::cors;
use super::event::Connection;
use super::head::Head;
use super::refusal::Refusal;
use crate::mcp::http;
use crate::policy::host::Hosts;
use crate::policy::value::Resource;
use crate::policy::{Policy, TlsMode, Transport};

pub(super) fn check(policy: &Policy, head: &Head, connection: &Connection) -> Result<(), Refusal> {
    let Policy { transport, resource, .. } = policy;
    secure(transport, head, connection)?;
    addressed(transport, resource, head)?;
    cors::check(transport, head).map_err(|cors::Unlisted| Refusal::Origin)
}

fn secure(policy: &Transport, head: &Head, connection: &Connection) -> Result<(), Refusal> {
    let secure = match policy.tls {
        TlsMode::Off => true,
        TlsMode::Required => connection.tls_version.is_some(),
        TlsMode::Forwarded => connection.tls_version.is_some() || forwarded(policy, head, connection),
    };
    if secure { Ok(()) } else { Err(Refusal::Plaintext) }
}

/// A page whose own name was made to lead here (DNS rebinding) still sends that name. Of several names all must be ours: nobody
/// knows which one the server goes by.
fn addressed(policy: &Transport, resource: &Resource, head: &Head) -> Result<(), Refusal> {
    if policy.hosts == Hosts::Any {
        return Ok(());
    }
    let names: Vec<&str> = [":authority", "host"].into_iter().flat_map(|name| http::values(&head.headers, name)).collect();
    let foreign = names.iter().find(|name| !policy.hosts.serve(name, resource)).copied();
    match foreign.or(if names.is_empty() { Some("") } else { None }) {
        Some(asked) => Err(Refusal::Host(asked.to_owned())),
        None => Ok(()),
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
    use crate::policy::host::Host;

    fn policy(tls: TlsMode) -> Transport {
        Transport {
            tls,
            forwarded_from: vec!["10.1.0.0/16".parse().unwrap()],
            alert_unless: None,
            origins: Vec::new(),
            paths: Vec::new(),
            hosts: Hosts::Any,
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
        assert!(matches!(secure(&policy(TlsMode::Required), &head(&[]), &plain), Err(Refusal::Plaintext)));
        assert!(secure(&policy(TlsMode::Required), &head(&[]), &tls).is_ok());
        assert!(secure(&policy(TlsMode::Off), &head(&[]), &plain).is_ok());
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
            assert_eq!(secure(&forwarded, &head(headers), &from(source)).is_ok(), passes, "{source} {headers:?}");
        }
    }

    #[test]
    fn every_name_a_request_is_addressed_to_must_be_ours() {
        let resource = Resource::parse("https://mcp.example.com/mcp").unwrap();
        let listed = Transport { hosts: Hosts::Listed(vec![Host::of(&resource).unwrap()]), ..policy(TlsMode::Off) };
        for (names, passes) in [
            (&[(":authority", "mcp.example.com")][..], true),
            (&[("host", "mcp.example.com:443")][..], true),
            (&[(":authority", "mcp.example.com"), ("host", "MCP.example.com")][..], true),
            (&[(":authority", "mcp.example.com"), ("host", "evil.example")][..], false),
            (&[(":authority", "evil.example"), ("host", "mcp.example.com")][..], false),
            (&[("host", "mcp.example.com"), ("host", "evil.example")][..], false),
            (&[(":authority", "")][..], false),
            (&[][..], false),
        ] {
            assert_eq!(addressed(&listed, &resource, &head(names)).is_ok(), passes, "{names:?}");
            assert!(addressed(&policy(TlsMode::Off), &resource, &head(names)).is_ok(), "{names:?}");
        }
    }
}
