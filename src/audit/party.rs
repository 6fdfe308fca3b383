//! Who called, with what, from where, to where.

use std::net::SocketAddr;

use super::facts::{Actor, Client, Connection, Facts, Principal, Tls, Upstream};
use super::json::{Node, Object};
use super::text::{ID, LINE, LIST, NAME, URI};

/// What stands for a caller of whom nothing is verified. The brackets keep it apart from a user of that name.
pub(super) const UNVERIFIED: &str = "(unverified)";

/// OCSF `actor`: the person, and the program with a verified client id.
pub(super) fn actor(principal: Option<&Principal>) -> Object<'_> {
    let Some(principal) = principal else {
        // `actor` is required and wants someone in it.
        return Object::new().with("user", Object::new().with("name", UNVERIFIED).with("type_id", 0_i64));
    };
    // Taken apart without `..`: a new field does not compile until it is decided here.
    let Principal { user, subject, issuer, email, groups, client, token_id, session, expires, actors: _ } = principal;
    let groups: Vec<Node<'_>> = groups.iter().take(LIST).map(|group| Object::new().with("name", NAME.cut(group)).into()).collect();
    let person = Object::new()
        .with("name", NAME.cut(user))
        .with("uid", ID.cut(subject))
        .with_some("email_addr", email.as_deref().filter(|email| fits_email(email)))
        .with_some("groups", (!groups.is_empty()).then_some(groups));
    let session = Object::new()
        .with("issuer", URI.cut(issuer))
        .with_some("uid", session.as_deref().map(|sid| ID.cut(sid)))
        .with_some("credential_uid", token_id.as_deref().map(|jti| ID.cut(jti)))
        .with_some("expiration_time", expires.map(|time| time.millis()));
    Object::new().with("user", person).with("session", session).with_some("app_uid", client.as_deref().map(|id| ID.cut(id)))
}

/// Parties of an `act` chain on record. Tokens with more are refused.
const ACTORS: usize = 16;

/// The `act` chain, which OCSF 1.8 has no home for; the current actor first.
pub(super) fn act(principal: &Principal) -> Option<Vec<Node<'_>>> {
    fn one(Actor { subject, client, issuer }: &Actor) -> Node<'_> {
        Object::new()
            .with_some("sub", subject.as_deref().map(|subject| ID.cut(subject)))
            .with_some("client_id", client.as_deref().map(|client| ID.cut(client)))
            .with_some("iss", issuer.as_deref().map(|issuer| ID.cut(issuer)))
            .into()
    }
    let chain: Vec<Node<'_>> = principal.actors.iter().take(ACTORS).map(one).collect();
    (!chain.is_empty()).then_some(chain)
}

/// The address, where OCSF's pattern for `email_t` refuses it: it is no less true for that.
pub(super) fn odd_email(principal: &Principal) -> Option<&str> {
    principal.email.as_deref().filter(|email| !fits_email(email))
}

/// OCSF 1.8 `email_t`, which is ASCII only; and short enough to be one (RFC 5321, section 4.5.3.1).
fn fits_email(email: &str) -> bool {
    let local = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+,-./=?^_`{|}~".contains(&byte);
    let label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let domain = |byte: u8| label(byte) || byte == b'.';
    let some = |text: &str, of: &dyn Fn(u8) -> bool| !text.is_empty() && text.bytes().all(of);
    let Some((user, host)) = email.split_once('@') else { return false };
    let Some((first, rest)) = host.split_once('.') else { return false };
    email.len() <= 320 && some(user, &local) && some(first, &label) && some(rest, &domain)
}

/// OCSF 1.9 `ai_agent`: the client program. Its id is verified, its name and version are what it says of itself.
pub(super) fn agent(facts: &Facts) -> Option<Object<'_>> {
    let uid = facts.principal.as_ref().and_then(|principal| principal.client.as_deref());
    let agent = said(facts.client.as_ref()).with_some("uid", uid.map(|id| ID.cut(id)));
    agent.non_empty()
}

/// What a client says of itself, named as OCSF names it everywhere.
pub(super) fn said(client: Option<&Client>) -> Object<'_> {
    let Some(Client { name, version }) = client else { return Object::new() };
    Object::new()
        .with_some("name", name.as_deref().map(|name| NAME.cut(name)))
        .with_some("version", version.as_deref().map(|version| NAME.cut(version)))
}

/// OCSF `network_endpoint` from `address:port`, as Envoy writes it.
pub(super) fn endpoint(address: &str) -> Object<'_> {
    match address.parse::<SocketAddr>() {
        // An IPv4 client of a dual-stack socket is the same client.
        Ok(address) => Object::new().with("ip", address.ip().to_canonical().to_string()).with("port", address.port()),
        // A Unix socket, or an address that Envoy made up (`EnvoyInternal`).
        Err(_) => Object::new().with("name", NAME.cut(address)),
    }
}

pub(super) fn source(facts: &Facts) -> Object<'_> {
    // `src_endpoint` is required and wants something in it.
    facts.source.as_deref().map_or_else(|| Object::new().with("name", "unknown"), endpoint)
}

pub(super) fn destination(upstream: &Upstream) -> Option<Object<'_>> {
    let Upstream { cluster, address, status: _ } = upstream;
    let endpoint = address.as_deref().map(endpoint).unwrap_or_default();
    endpoint.with_some("svc_name", cluster.as_deref().map(|cluster| NAME.cut(cluster))).non_empty()
}

pub(super) fn connection_kind(connection: &Connection) -> &'static str {
    match connection {
        Connection::Unknown => "unknown",
        Connection::Plaintext => "plaintext",
        Connection::Forwarded => "forwarded",
        Connection::Tls(_) => "tls",
    }
}

/// What OCSF `tls` has a place for: without the certificate, of which it wants more than is known.
pub(super) fn agreed(connection: &Connection) -> Option<Object<'_>> {
    let Connection::Tls(Tls { version, cipher, sni, client_cert_digest: _, client_cert_subject: _ }) = connection else { return None };
    let agreed = Object::new()
        .with("version", NAME.cut(version))
        .with_some("cipher", cipher.as_deref().map(|cipher| NAME.cut(cipher)))
        .with_some("sni", sni.as_deref().map(|sni| NAME.cut(sni)));
    Some(agreed)
}

/// In the shape of OCSF `tls`, which API Activity has no place for.
pub(super) fn tls(connection: &Connection) -> Option<Object<'_>> {
    let Connection::Tls(tls) = connection else { return None };
    let Tls { version: _, cipher: _, sni: _, client_cert_digest, client_cert_subject } = tls;
    // SHA-256 is 3 in OCSF's `fingerprint`.
    let digest =
        client_cert_digest.as_deref().map(|digest| vec![Object::new().with("algorithm_id", 3_i64).with("value", ID.cut(digest)).into()]);
    let certificate = Object::new()
        .with_some("subject", client_cert_subject.as_deref().map(|subject| LINE.cut(subject)))
        .with_some("fingerprints", digest);
    agreed(connection).map(|agreed| agreed.with_some("certificate", certificate.non_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_envoy_writes_them() {
        for (address, expected) in [
            ("10.0.0.7:51234", r#"{"ip":"10.0.0.7","port":51234}"#),
            ("[2001:db8::1]:443", r#"{"ip":"2001:db8::1","port":443}"#),
            ("[::ffff:10.0.0.7]:443", r#"{"ip":"10.0.0.7","port":443}"#),
            ("/run/mcp.sock", r#"{"name":"/run/mcp.sock"}"#),
            ("10.0.0.7", r#"{"name":"10.0.0.7"}"#),
        ] {
            assert_eq!(endpoint(address).seal(0).text, expected);
        }
    }

    #[test]
    fn only_what_ocsf_takes_for_an_email_is_given_as_one() {
        for good in ["a@b.c", "alice.o'neil+mcp@mail.example.com", "a,b@x-1.org"] {
            assert!(fits_email(good), "{good}");
        }
        for bad in [
            "",
            "alice",
            "@example.com",
            "alice@",
            "alice@localhost",
            "a@b@c.d",
            "ålice@example.com",
            "a@.com",
            "a@b.",
            "a b@c.d",
            "a@b.c\n",
        ] {
            assert!(!fits_email(bad), "{bad}");
        }
    }
}
