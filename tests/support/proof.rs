//! The client's key, and proofs made with it (RFC 9449) that are good or wrong in one way each.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jwt_simple::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::case::{Caller, Request};
use super::token::{self, RESOURCE, p256_signature};

static KEY: LazyLock<ES256KeyPair> = LazyLock::new(ES256KeyPair::generate);
static STRANGER: LazyLock<ES256KeyPair> = LazyLock::new(ES256KeyPair::generate);

fn jwk(pair: &ES256KeyPair) -> Value {
    let point = pair.public_key().public_key().to_bytes_uncompressed();
    let (x, y) = point[1..].split_at(32);
    json!({ "crv": "P-256", "kty": "EC", "x": BASE64.encode(x), "y": BASE64.encode(y) })
}

/// RFC 7638: the members in the order of their names.
pub fn thumbprint() -> String {
    let jwk = jwk(&KEY);
    BASE64.encode(Sha256::digest(format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"])))
}

/// The `DPoP` header a caller sends with this request, made anew each time.
pub fn header(caller: &Caller, request: &Request, authorization: Option<&str>) -> Option<String> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let kind = caller.proof.as_deref()?;
    let token = authorization.and_then(|value| value.split_once(' ')).map_or("", |(_, token)| token);
    let ath = |text: &str| json!(BASE64.encode(Sha256::digest(text)));
    let mut head = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(&KEY) });
    let id = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut claims = json!({ "jti": format!("p-{id}"), "htm": request.method, "htu": RESOURCE, "iat": token::now(), "ath": ath(token) });
    let mut key = &*KEY;
    match kind {
        "good" => {}
        "other-method" => claims["htm"] = json!("DELETE"),
        "other-url" => claims["htu"] = json!("https://mcp.example.com/other"),
        "other-host" => claims["htu"] = json!("https://evil.example/mcp"),
        "plain-http" => claims["htu"] = json!("http://mcp.example.com/mcp"),
        "spelt-url" => claims["htu"] = json!("HTTPS://MCP.EXAMPLE.COM:443/%6dcp?query#fragment"),
        "old" => claims["iat"] = json!(token::now() - 301),
        "future" => claims["iat"] = json!(token::now() + 302),
        "other-token" => claims["ath"] = ath("another"),
        "without-token" => drop(claims.as_object_mut().unwrap().remove("ath")),
        "without-id" => drop(claims.as_object_mut().unwrap().remove("jti")),
        "other-key" => {
            key = &STRANGER;
            head["jwk"] = jwk(key);
        }
        "forged" => key = &STRANGER,
        "private-key" => head["jwk"]["d"] = json!(BASE64.encode([1; 32])),
        "secret-key" => head["jwk"] = json!({ "kty": "oct", "k": "AAAA" }),
        "no-key" => drop(head.as_object_mut().unwrap().remove("jwk")),
        "alg-none" => head["alg"] = json!("none"),
        "hs256" => head["alg"] = json!("HS256"),
        "as-token" => head["typ"] = json!("at+jwt"),
        "empty" => return Some(String::new()),
        "garbage" => return Some("a.b.c".to_owned()),
        other => panic!("the corpus knows no proof `{other}`"),
    }
    let signed = format!("{}.{}", BASE64.encode(head.to_string()), BASE64.encode(claims.to_string()));
    let signature = p256_signature::sign(key, signed.as_bytes());
    Some(format!("{signed}.{}", BASE64.encode(signature)))
}
