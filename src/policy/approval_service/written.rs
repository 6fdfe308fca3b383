//! The configuration of the approval service as it is written.

use std::net::SocketAddr;

use serde_json::Value as Json;

use super::super::form::{Fields, Form, Placed, Reading, described, parsed, section, shown, text, word, words, wrong_word};
use super::super::model::{Algorithm, WhenStale};
use super::super::report::Place;
use super::super::tree::Node;
use super::super::value::{Duration, Glob, Resource, Secret};
use super::super::words::{Count, Jwk, Name, Rate, Version};
use super::super::written::Claims;
use super::Happening;

section! {
    /// The Portcullis approval service: who may approve calls that a policy asks a person about. See `docs/approvals.md`.
    Document {
        required version: Version,
        /// Where it listens. Default `127.0.0.1:8181`.
        optional listen: Listen,
        /// Its certificate. Without it the service speaks plain HTTP, on a loopback address only unless `behind_proxy` is true.
        optional tls: Tls,
        /// Something in front of it ends TLS: it may listen on any address without `tls`.
        optional behind_proxy: bool,
        /// Its address as people and filters know it: the `iss` of what it signs, the beginning of links, the audience of approvers' tokens.
        required public_url: Resource,
        required store: Store,
        /// Files with private keys (OKP JWK, Ed25519): the first signs, all are published. With SQLite the first is made when it is not there.
        required signing_keys: Vec<String>,
        /// The filters that may ask.
        required filters: Vec<Placed<Filter>>,
        required approvers: Approvers,
        /// The page where approvers log in and decide. Without it, links lead to the terminal's commands.
        optional login: Login,
        /// Who is told.
        optional notices: Vec<Placed<Notice>>,
        optional limits: Limits,
        /// How long requests that ended are kept; the journal stays. Default: for ever. At least 1d.
        optional keep: Duration,
    }
}

section! {
    /// PEM files.
    Tls {
        required certificate: String,
        required key: String,
    }
}

section! {
    /// One of `sqlite` and `postgres`.
    Store {
        /// A file, made when it is not there. For one machine.
        optional sqlite: String,
        /// A URL, such as `${env:DATABASE_URL}` with `postgresql://user:password@host/database?sslmode=require`. For several replicas.
        optional postgres: Secret,
    }
}

section! {
    /// A filter, or all filters of a tenant.
    Filter {
        required id: Name,
        /// SHA-256 (64 hex digits) of its bearer secret: `portcullisctl approvals secret` makes both. Up to four, for a change.
        required secret_sha256: Vec<Placed<Digest>>,
        /// Requests it may send. Default 600/m.
        optional rate: Rate,
        /// Of its requests, so many may wait at the same time; more are refused. Default 1000.
        optional max_waiting: Count,
        /// Of one person's requests, so many may wait at the same time: nobody wears approvers out. Default 20.
        optional max_waiting_of_one: Count,
        /// Groups a request may name as its approvers. Default: any.
        optional approver_groups: Vec<Glob>,
    }
}

section! {
    /// Who approvers are. A request's own policy says which groups may decide on it.
    Approvers {
        required issuers: Vec<Placed<Issuer>>,
        /// Client ids (`client_id`, else `azp`) an approver's token may be issued to. Default: any. List the console's, so that an agent's token decides nothing.
        optional clients: Vec<Glob>,
        /// Logins that are the same person: they never decide on each other's requests, and count once.
        optional people: Vec<Placed<Person>>,
        /// Whose agents are whose: an owner never decides on what the agent asked for.
        optional agents: Vec<Placed<Agent>>,
        /// Groups that may read every request and decide on none by that.
        optional auditors: Vec<String>,
        optional break_glass: BreakGlass,
        /// A list of what was taken back, the filter's or one like it: tokens and logins end before they expire.
        optional revocation: Revocation,
    }
}

section! {
    /// A signed list of revoked tokens, sessions, subjects, clients and issuers. See `docs/revocation.md`.
    Revocation {
        /// Where it is fetched.
        required url: Resource,
        /// Time between two looks at the list. Default 10s, from 1s to 5m.
        optional interval: Duration,
        /// How long the last list that was seen counts. Default 60s, or three intervals if that is longer.
        optional stale_after: Duration,
        /// `refuse` (default): with a stale list, or none, approvers are answered 503. `warn`: they pass, and stderr says so.
        optional when_stale: WhenStale,
        /// Public keys (RFC 7517) that sign the list: `portcullisctl revoke --public-key` prints one.
        optional keys: Vec<Jwk>,
        /// Take a list that nobody signed: whoever can answer for the URL can lift every revocation.
        optional unsigned: bool,
    }
}

section! {
    /// An OpenID Connect issuer of approvers' tokens.
    Issuer {
        /// The exact `iss` claim.
        required issuer: String,
        /// Where its keys are fetched: a URL.
        optional jwks_url: Resource,
        /// Its public keys themselves (RFC 7517).
        optional keys: Vec<Jwk>,
        /// Accepted signature algorithms. Default ES256, RS256, EdDSA.
        optional algorithms: Vec<Algorithm>,
        /// Accepted `aud` values. Default: `public_url`. Never the audience of a guarded endpoint: an agent holds such tokens.
        optional audiences: Vec<String>,
        optional claims: Claims,
        /// Longest accepted time from `iat` to `exp`. Default 24h.
        optional max_lifetime: Duration,
        /// Accepted difference between clocks. Default 30s, at most 5m.
        optional clock_skew: Duration,
    }
}

section! {
    /// How approvers log in to the page: OpenID Connect, authorization code with PKCE, back to `PUBLIC_URL/login/callback`.
    Login {
        /// One of `approvers.issuers`; its discovery document says where people log in. Its ID tokens must carry the claims that its access tokens do.
        required issuer: String,
        /// The page's client id there.
        required client_id: String,
        /// Its secret. Left out: a public client.
        optional client_secret: Secret,
        /// Default `openid email profile`. Some issuers want one more for groups.
        optional scopes: Vec<String>,
        /// How long a login lasts. Default 8h, at most 24h.
        optional session: Duration,
    }
}

section! {
    /// One person.
    Person {
        /// At least two of `ISSUER#SUBJECT` and e-mail addresses.
        required logins: Vec<Placed<String>>,
    }
}

section! {
    /// An agent and whose it is.
    Agent {
        /// Client id or subject of the agent.
        required client: Glob,
        /// `ISSUER#SUBJECT` or e-mail addresses.
        required owners: Vec<String>,
    }
}

section! {
    /// Emergencies: someone outside of a request's groups approves it alone, and somebody else has to look at that later.
    BreakGlass {
        /// Who may.
        required groups: Vec<String>,
        /// Who looks at it later.
        required reviewers: Vec<String>,
    }
}

section! {
    /// A channel. One of `slack`, `teams`, `webhook` and `email`.
    Notice {
        required id: Name,
        /// Only requests that one of these groups may decide on. Default: all.
        optional groups: Vec<String>,
        /// Default `requested`, `break_glass`.
        optional on: Vec<Happening>,
        optional slack: Hook,
        optional teams: Hook,
        optional webhook: Signed,
        optional email: Email,
    }
}

section! {
    /// An incoming webhook.
    Hook {
        /// A secret, such as `${env:SLACK_WEBHOOK}`: whoever has it can post.
        required url: Secret,
    }
}

section! {
    /// A POST of JSON, signed (Standard Webhooks 1.0, HMAC-SHA-256).
    Signed {
        required url: Secret,
        /// At least 24 bytes; `whsec_` and base64, or the text itself.
        required secret: Secret,
    }
}

section! {
    /// Mail by SMTP.
    Email {
        /// `host` or `host:port`.
        required server: String,
        /// `starttls` (default, port 587), `implicit` (port 465), or `none` (port 25; only for a loopback address).
        optional tls: MailTls,
        optional username: String,
        optional password: Secret,
        /// A PEM file: the server's authority, when the system does not know it.
        optional authority: String,
        required from: String,
        required to: Vec<String>,
    }
}

section! {
    /// Bounds on what approvers' programs may send.
    Limits {
        /// Of one approver. Default 120/m.
        optional approver: Rate,
        /// From one address, before anybody's token or login is looked at: an IPv4 address, or the first 64 bits of an IPv6 one. Default 600/m.
        optional address: Rate,
        /// Callers who have not shown who they are, together. Default 6000/m.
        optional strangers: Rate,
        /// Connections open at the same time; the next wait. Default 2000.
        optional connections: Count,
        /// Of them from one address; more are closed at once. Not behind a proxy, which is one address. Default 500.
        optional connections_of_address: Count,
        /// Event streams open at the same time. Default 200.
        optional streams: Count,
    }
}

/// How mail goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    Starttls,
    Implicit,
    None,
}

words!(MailTls { "starttls" => MailTls::Starttls, "implicit" => MailTls::Implicit, "none" => MailTls::None });
words!(Happening {
    "requested" => Happening::Requested, "decided" => Happening::Decided, "expired" => Happening::Expired,
    "break_glass" => Happening::BreakGlass,
});

/// An address and a port.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Listen(pub(in crate::policy) SocketAddr);

parsed!(Listen, listen, { "type": "string", "examples": ["127.0.0.1:8181"] });

fn listen(text: &str) -> Result<Listen, &'static str> {
    text.parse().map(Listen).map_err(|_| "an address and a port such as `127.0.0.1:8181`")
}

/// SHA-256 of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::policy) struct Digest(pub(in crate::policy) [u8; 32]);

parsed!(Digest, digest, { "type": "string", "pattern": "^[0-9a-f]{64}$" });

fn digest(text: &str) -> Result<Digest, &'static str> {
    const EXPECTED: &str =
        "64 lower-case hex digits, the SHA-256 of the secret and not the secret; `portcullisctl approvals secret` makes both";
    let mut bytes = [0_u8; 32];
    if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(EXPECTED);
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        let pair = text.get(index * 2..index * 2 + 2).ok_or(EXPECTED)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| EXPECTED)?;
    }
    Ok(Digest(bytes))
}
