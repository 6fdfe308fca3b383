//! What the room promises, seen from outside: tokens in, principals and refusals out.

mod attacks;
mod bound;
mod envoy;
mod fetches;
mod host;
mod policies;
mod remembered;
mod revocations;
mod revoked_lists;
mod rsa;
mod tokens;
mod vectors;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_simple::prelude::{Ed25519KeyPair, EdDSAKeyPairLike};
use serde_json::{Value, json};

use super::*;
use crate::policy::value::Duration;
use crate::policy::{Algorithm, ClaimPath, Claims, Jwks, JwtAuthn, KeySource, TokenFrom};

const NOW: Time = Time::from_secs(1_800_000_000);
const ISSUER: &str = "https://id.example.com";
const AUDIENCE: &str = "https://mcp.example.com/mcp";
const SKEW_S: u64 = 30;
const MAX_LIFETIME_S: u64 = 3600;

const EVERY_ALGORITHM: [Algorithm; 9] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::EdDsa,
];

fn resource() -> Resource {
    Resource::parse(AUDIENCE).unwrap()
}

/// An Ed25519 key that signs whatever it is given.
struct Signer {
    id: Option<&'static str>,
    pair: Ed25519KeyPair,
}

impl Signer {
    fn new(id: &'static str) -> Self {
        Self { id: Some(id), pair: Ed25519KeyPair::generate() }
    }

    fn unnamed() -> Self {
        Self { id: None, pair: Ed25519KeyPair::generate() }
    }

    fn jwk(&self) -> Value {
        let mut jwk: Value = serde_json::from_str(&self.pair.public_key().to_jwk()).unwrap();
        if let Some(id) = self.id {
            jwk["kid"] = id.into();
        }
        jwk
    }

    fn token(&self, claims: &Value) -> String {
        let mut header = json!({"alg": "EdDSA", "typ": "at+jwt"});
        if let Some(id) = self.id {
            header["kid"] = id.into();
        }
        self.sign(&header.to_string(), &claims.to_string())
    }

    fn sign(&self, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = self.pair.key_pair().as_ref().sk.sign(&signed, None);
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature[..]))
    }
}

fn good_claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "00u1", "aud": AUDIENCE, "iat": NOW.secs(), "exp": NOW.secs() + 600,
        "email": "ada@example.com", "groups": ["engineering", "on call"], "client_id": "cli",
    })
}

/// The good claims with one of them set, or taken away with null.
fn with(name: &str, value: Value) -> Value {
    let mut claims = good_claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

fn path(names: &[&str]) -> ClaimPath {
    ClaimPath(names.iter().map(ToString::to_string).collect())
}

fn issuer(keys: KeySource) -> policy::Issuer {
    policy::Issuer {
        issuer: ISSUER.to_owned(),
        keys,
        algorithms: EVERY_ALGORITHM.to_vec(),
        audiences: vec![AUDIENCE.to_owned()],
        claims: Claims { user: path(&["sub"]), email: path(&["email"]), groups: path(&["groups"]), client: path(&["client_id"]) },
        max_lifetime: Duration::from_secs(MAX_LIFETIME_S),
        clock_skew: Duration::from_secs(SKEW_S),
        metadata: None,
    }
}

fn jwks() -> KeySource {
    KeySource::Jwks(Jwks {
        cluster: "idp".to_owned(),
        path: "/jwks.json".to_owned(),
        host: "id.example.com".to_owned(),
        refresh: Duration::from_secs(300),
        timeout: Duration::from_secs(5),
        keep: Duration::from_secs(3600),
    })
}

fn compile(issuers: Vec<policy::Issuer>) -> Identity {
    Identity::compile(&section(issuers), &resource()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn section(issuers: Vec<policy::Issuer>) -> policy::Identity {
    policy::Identity {
        issuers,
        from: TokenFrom::Bearer,
        jwt_authn: JwtAuthn { payload_in_metadata: "jwt_payload".to_owned(), failed_status_in_metadata: None },
        dpop: policy::Dpop {
            required: false,
            algorithms: vec![Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256],
            window: Duration::from_secs(300),
        },
        revocation: None,
        expired_streams: policy::ExpiredStreams::FinishCalls,
    }
}

fn identity(keys: &[&Signer]) -> Identity {
    compile(vec![issuer(KeySource::Inline(keys.iter().map(|key| key.jwk()).collect()))])
}

fn check(identity: &mut Identity, token: &str, now: Time) -> Outcome {
    shown(identity, &[format!("Bearer {token}").as_bytes()], now)
}

fn shown(identity: &mut Identity, authorization: &[&[u8]], now: Time) -> Outcome {
    identity.check(&Presented { authorization, method: "POST", path: "/mcp", ..Presented::default() }, now)
}

#[track_caller]
fn verified(outcome: Outcome) -> Rc<Principal> {
    match outcome {
        Outcome::Verified(principal) => principal,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(outcome: Outcome) -> TokenProblem {
    match outcome {
        Outcome::Refused(problem) => problem,
        other => panic!("{other:?}"),
    }
}

fn key_set(keys: &[&Signer]) -> Vec<u8> {
    json!({"keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>()}).to_string().into_bytes()
}

fn ok(body: &[u8]) -> Answer<'_> {
    Answer::Http { status: 200, body, etag: None }
}
