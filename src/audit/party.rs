//! Who called, with what, from where, to where.

use std::net::SocketAddr;

use super::facts::{Actor, Connection, Facts, Principal, Tls, Upstream};
use super::json::Object;
use super::text::{ID, LINE, LIST, NAME, URI};

/// What stands for a caller of whom nothing is verified. The brackets keep it apart from a user of that name.
pub(super) const UNVERIFIED: &str = "(unverified)";

/// OCSF `actor`: the person, and the program with a verified client id.
pub(super) fn actor(actor: &mut Object<'_>, principal: Option<&Principal>) {
    let Some(principal) = principal else {
        // `actor` is required and wants someone in it.
        return actor.object("user", |user| {
            user.put("name", UNVERIFIED);
            user.put("type_id", 0_i64);
        });
    };
    // Taken apart without `..`: a new field does not compile until it is decided here.
    let Principal { user, subject, issuer, email, groups, client, token_id, session: sid, expires, actors: _ } = principal;
    actor.some("app_uid", client.as_deref().map(|id| ID.cut(id)));
    actor.object("session", |session| {
        session.some("credential_uid", token_id.as_deref().map(|jti| ID.cut(jti)));
        session.some("expiration_time", expires.map(|time| time.millis()));
        session.put("issuer", URI.cut(issuer));
        session.some("uid", sid.as_deref().map(|sid| ID.cut(sid)));
    });
    actor.object("user", |person| {
        person.some("email_addr", email.as_deref().filter(|email| fits_email(email)));
        person.objects("groups", groups.iter().take(LIST), |one, group| one.put("name", NAME.cut(group)));
        person.put("name", NAME.cut(user));
        person.put("uid", ID.cut(subject));
    });
}

/// Parties of an `act` chain on record. Tokens with more are refused.
const ACTORS: usize = 16;

/// The `act` chain, which OCSF 1.8 has no home for; the current actor first.
pub(super) fn act(unmapped: &mut Object<'_>, principal: Option<&Principal>) {
    let chain = principal.map_or(&[][..], |principal| &principal.actors);
    unmapped.objects("act", chain.iter().take(ACTORS), |one, Actor { subject, client, issuer }| {
        one.some("client_id", client.as_deref().map(|client| ID.cut(client)));
        one.some("iss", issuer.as_deref().map(|issuer| ID.cut(issuer)));
        one.some("sub", subject.as_deref().map(|subject| ID.cut(subject)));
    });
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
pub(super) fn agent(agent: &mut Object<'_>, facts: &Facts) {
    let said = facts.client.as_ref();
    let uid = facts.principal.as_ref().and_then(|principal| principal.client.as_deref());
    agent.some("name", said.and_then(|client| client.name.as_deref()).map(|name| NAME.cut(name)));
    agent.some("uid", uid.map(|id| ID.cut(id)));
    agent.some("version", said.and_then(|client| client.version.as_deref()).map(|version| NAME.cut(version)));
}

/// OCSF `network_endpoint` from `address:port`, as Envoy writes it.
pub(super) fn endpoint(endpoint: &mut Object<'_>, address: &str) {
    match address.parse::<SocketAddr>() {
        // An IPv4 client of a dual-stack socket is the same client.
        Ok(read) => {
            match address.rsplit_once(':') {
                // There is one way only to write an IPv4 address that is read.
                Some((ip, _)) if read.is_ipv4() => endpoint.put("ip", ip),
                _ => endpoint.put("ip", &*read.ip().to_canonical().to_string()),
            }
            endpoint.put("port", read.port());
        }
        // A Unix socket, or an address that Envoy made up (`EnvoyInternal`).
        Err(_) => endpoint.put("name", NAME.cut(address)),
    }
}

pub(super) fn source(source: &mut Object<'_>, facts: &Facts) {
    match facts.source.as_deref() {
        Some(address) => endpoint(source, address),
        // `src_endpoint` is required and wants something in it.
        None => source.put("name", "unknown"),
    }
}

pub(super) fn destination(destination: &mut Object<'_>, upstream: &Upstream) {
    let Upstream { cluster, address, status: _ } = upstream;
    if let Some(address) = address.as_deref() {
        endpoint(destination, address);
    }
    destination.some("svc_name", cluster.as_deref().map(|cluster| NAME.cut(cluster)));
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
pub(super) fn agreed(agreed: &mut Object<'_>, tls: &Tls) {
    let Tls { version, cipher, sni, client_cert_digest: _, client_cert_subject: _ } = tls;
    agreed.some("cipher", cipher.as_deref().map(|cipher| NAME.cut(cipher)));
    agreed.some("sni", sni.as_deref().map(|sni| NAME.cut(sni)));
    agreed.put("version", NAME.cut(version));
}

/// In the shape of OCSF `tls`, which API Activity has no place for.
pub(super) fn tls(full: &mut Object<'_>, tls: &Tls) {
    let Tls { version: _, cipher: _, sni: _, client_cert_digest, client_cert_subject } = tls;
    full.some_object("certificate", |certificate| {
        certificate.objects("fingerprints", client_cert_digest.as_deref(), |fingerprint, digest| {
            // SHA-256 is 3 in OCSF's `fingerprint`.
            fingerprint.put("algorithm_id", 3_i64);
            fingerprint.put("value", ID.cut(digest));
        });
        certificate.some("subject", client_cert_subject.as_deref().map(|subject| LINE.cut(subject)));
    });
    agreed(full, tls);
}

#[cfg(test)]
mod tests {
    use super::super::json::Sealed;
    use super::*;

    #[test]
    fn addresses_are_read_as_envoy_writes_them() {
        for (address, expected) in [
            ("10.0.0.7:51234", r#"{"ip":"10.0.0.7","port":51234}"#),
            ("[2001:db8::1]:443", r#"{"ip":"2001:db8::1","port":443}"#),
            ("[::ffff:10.0.0.7]:443", r#"{"ip":"10.0.0.7","port":443}"#),
            ("/run/mcp.sock", r#"{"name":"/run/mcp.sock"}"#),
            ("10.0.0.7", r#"{"name":"10.0.0.7"}"#),
            ("10.0.0.07:80", r#"{"name":"10.0.0.07:80"}"#),
            ("10.0.0.7:080", r#"{"ip":"10.0.0.7","port":80}"#),
        ] {
            assert_eq!(Sealed::object(0, |object| endpoint(object, address)).text, expected);
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
