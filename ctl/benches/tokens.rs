//! What tokens cost inside Envoy: `cargo bench --profile dev --package portcullisctl --bench tokens [-- REQUESTS]`.
//!
//! The filter is always the release build; it is only this client that is not, because a program that unwinds and one that aborts cannot be built of
//! the library beside each other (rust-lang/cargo#6313).
//!
//! One worker, plaintext, one connection. No call reaches a server (no rule allows it), so lines differ by what is done about the token only. Each line: CPU
//! time of the whole Envoy per request, and the median time a client waits. The kernel counts CPU time in steps of 10 ms, so fewer than some
//! hundred requests say little.
//!
//! ES256 and RS256 are verified by Envoy, PS256 and EdDSA by the module itself.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::string_slice, reason = "a bench that cannot go on stops")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jwt_simple::prelude::{
    Claims, ECDSAP256KeyPairLike, ES256KeyPair, Ed25519KeyPair, EdDSAKeyPairLike, JWTClaims, PS256KeyPair, RS256KeyPair, RSAKeyPairLike,
};
use p256::ecdsa::signature::Signer as _;
use portcullisctl::up::{Gateway, Options, Tls};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

const RESOURCE: &str = "https://mcp.example.com/mcp";
const REQUESTS: usize = 300;

/// Authorization and proof.
type Sent = (Option<String>, Option<String>);

fn main() {
    let wanted = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(REQUESTS);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(run(wanted));
}

async fn run(requests: usize) {
    let es256 = ES256KeyPair::generate();
    let rs256 = RS256KeyPair::generate(2048).expect("an RSA key");
    let ps256 = PS256KeyPair::from_der(&rs256.to_der().expect("its DER")).expect("the same key");
    let ed25519 = Ed25519KeyPair::generate();
    let keys = [
        ("es256", es256.public_key().to_jwk()),
        ("rs256", rs256.public_key().to_jwk()),
        ("ps256", ps256.public_key().to_jwk()),
        ("ed25519", ed25519.public_key().to_jwk()),
    ];
    let issuers: Vec<Value> = keys.into_iter().map(|(name, jwk)| issuer(name, &jwk)).collect();
    let policy = json!({ "version": 1, "resource": RESOURCE, "transport": { "tls": "off" }, "identity": { "issuers": issuers } });

    let sign = |issuer: &str, id: usize, bound: Option<&str>| -> String {
        let claims = claims(issuer, id, bound);
        let signed = match issuer {
            "rs256" => rs256.sign(claims),
            "ps256" => ps256.sign(claims),
            "ed25519" => ed25519.sign(claims),
            _ => es256.sign(claims),
        };
        signed.expect("a token")
    };
    let bearer = |token: String| (Some(format!("Bearer {token}")), None);
    let fresh = |issuer: &str| (0..requests).map(|id| bearer(sign(issuer, id, None))).collect::<Vec<Sent>>();
    let forged = |issuer: &str| (0..requests).map(|id| bearer(spoilt(&sign(issuer, 1_000_000 + id, None), id))).collect::<Vec<Sent>>();
    let one = bearer(sign("es256", 9_999_999, None));
    let holder = p256::ecdsa::SigningKey::from_slice(&Sha256::digest(b"a key for this bench")).expect("a key");
    let bound = sign("es256", 9_999_998, Some(&thumbprint(&holder)));
    let lines: Vec<(&str, Vec<Sent>)> = vec![
        ("no token", vec![(None, None); requests]),
        ("not a token", (0..requests).map(|id| bearer(format!("{id}.x.y"))).collect()),
        ("forged, of an issuer nobody knows", forged("elsewhere")),
        ("remembered (ES256)", vec![one; requests]),
        ("fresh and good (ES256, Envoy)", fresh("es256")),
        ("forged (ES256, Envoy)", forged("es256")),
        ("fresh and good (RS256, Envoy)", fresh("rs256")),
        ("forged (RS256, Envoy)", forged("rs256")),
        ("fresh and good (PS256, module)", fresh("ps256")),
        ("forged (PS256, module)", forged("ps256")),
        ("fresh and good (EdDSA, module)", fresh("ed25519")),
        ("forged (EdDSA, module)", forged("ed25519")),
        (
            "remembered, with a proof (ES256, Envoy)",
            (0..requests).map(|id| (Some(format!("DPoP {bound}")), Some(proof(&holder, &bound, id)))).collect(),
        ),
    ];

    let folder = tempfile::tempdir().expect("a folder");
    let options = Options {
        tls: Tls::Off,
        concurrency: Some(1),
        // Nothing listens there, and nothing is sent there.
        ..Options::new("http://127.0.0.1:9/mcp", policy.to_string(), folder.path().join("audit.ndjson"))
    };
    let gateway = Gateway::start(options).await.expect("a gateway");
    // The demo's client chooses the cryptography for this process; this one keeps its connection.
    portcullisctl::demo::client::http(None).expect("cryptography");
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    println!("{:<42} {:>10} {:>10}  status", format!("{requests} requests"), "CPU us", "median us");
    for (name, sent) in lines {
        let (before, mut waits, mut status) = (cpu(gateway.pid()), Vec::new(), BTreeMap::new());
        for (authorization, proof) in &sent {
            let begun = Instant::now();
            let code = call(&client, &gateway.url, authorization.as_deref(), proof.as_deref()).await;
            waits.push(begun.elapsed());
            *status.entry(code).or_insert(0) += 1;
        }
        waits.sort();
        let spent = (cpu(gateway.pid()) - before).as_micros() as f64 / sent.len() as f64;
        println!("{name:<42} {spent:>10.0} {:>10}  {status:?}", waits[waits.len() / 2].as_micros());
    }
}

async fn call(client: &reqwest::Client, url: &str, authorization: Option<&str>, proof: Option<&str>) -> u16 {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_order"}}"#;
    let mut request = client.post(url).header("content-type", "application/json").header("accept", "application/json, text/event-stream");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    let answer = request.body(body).send().await.expect("an answer");
    let status = answer.status().as_u16();
    let _ = answer.bytes().await;
    status
}

fn issuer(name: &str, jwk: &str) -> Value {
    let jwk: Value = serde_json::from_str(jwk).expect("a JWK");
    let algorithm = match name {
        "es256" => "ES256",
        "rs256" => "RS256",
        "ps256" => "PS256",
        _ => "EdDSA",
    };
    json!({ "issuer": format!("https://{name}.example.com"), "keys": [jwk], "algorithms": [algorithm] })
}

fn claims(issuer: &str, id: usize, bound: Option<&str>) -> JWTClaims<Map<String, Value>> {
    let mut custom = json!({ "groups": ["engineering"], "email": "ada@example.com", "client_id": "bench" });
    if let Some(bound) = bound {
        custom["cnf"] = json!({ "jkt": bound });
    }
    let custom = custom.as_object().cloned().unwrap_or_default();
    Claims::with_custom_claims(custom, jwt_simple::prelude::Duration::from_hours(1))
        .with_issuer(format!("https://{issuer}.example.com"))
        .with_audience(RESOURCE)
        .with_subject("ada")
        .with_jwt_id(id.to_string())
}

/// One bit of the signature flipped, another each time.
fn spoilt(token: &str, id: usize) -> String {
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let mut signature = BASE64.decode(signature).expect("base64url");
    let at = 1 + id % (signature.len() - 2);
    signature[at] ^= 1;
    format!("{signed}.{}", BASE64.encode(signature))
}

fn members(key: &p256::ecdsa::SigningKey) -> String {
    let point = key.verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, BASE64.encode(x), BASE64.encode(y))
}

fn thumbprint(key: &p256::ecdsa::SigningKey) -> String {
    BASE64.encode(Sha256::digest(members(key)))
}

fn proof(key: &p256::ecdsa::SigningKey, token: &str, id: usize) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let header = format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{}}}"#, members(key));
    let claims = json!({ "jti": id.to_string(), "htm": "POST", "htu": RESOURCE, "iat": now, "ath": BASE64.encode(Sha256::digest(token)) });
    let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims.to_string()));
    let signature: p256::ecdsa::Signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(signature.to_bytes()))
}

/// User and system time of a process (Linux).
fn cpu(pid: u32) -> Duration {
    const TICK: Duration = Duration::from_millis(10);
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("Linux");
    let fields: Vec<&str> = stat[stat.rfind(')').map_or(0, |at| at + 2)..].split(' ').collect();
    let ticks: u32 = fields[11..13].iter().map(|field| field.parse::<u32>().unwrap_or(0)).sum();
    TICK * ticks
}
