//! The test issuer: one key a process, and tokens that are good or wrong in one way each.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jwt_simple::prelude::*;
use serde_json::{Value, json};

use super::case::{Caller, List};

pub const ISSUER: &str = "https://id.example.com";
pub const RESOURCE: &str = "https://mcp.example.com/mcp";
const KEY_ID: &str = "corpus-1";

static KEY: LazyLock<ES256KeyPair> = LazyLock::new(|| ES256KeyPair::generate().with_key_id(KEY_ID));
static STRANGER: LazyLock<ES256KeyPair> = LazyLock::new(|| ES256KeyPair::generate().with_key_id(KEY_ID));

pub fn jwk() -> Value {
    let point = KEY.public_key().public_key().to_bytes_uncompressed();
    let (x, y) = point[1..].split_at(32);
    json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": KEY_ID, "x": BASE64.encode(x), "y": BASE64.encode(y) })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn claims(caller: &Caller) -> Value {
    let now = now();
    json!({
        "iss": ISSUER, "aud": RESOURCE, "sub": format!("id-{}", caller.user), "iat": now - 5, "nbf": now - 5, "exp": now + 600,
        "jti": "t-1", "sid": "s-1", "email": format!("{}@corp.test", caller.user), "groups": caller.groups, "client_id": caller.client, "name": caller.user,
    })
}

fn signed(key: &ES256KeyPair, header: &Value, claims: &Value) -> String {
    let head = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    let signature: p256_signature::Raw = p256_signature::sign(key, head.as_bytes());
    format!("{head}.{}", BASE64.encode(signature))
}

/// The `authorization` header a caller sends; none for `none`. The same caller has the same token, as in life.
pub fn authorization(caller: &Caller) -> Option<String> {
    static MADE: LazyLock<Mutex<HashMap<String, Option<String>>>> = LazyLock::new(Mutex::default);
    MADE.lock().unwrap().entry(format!("{caller:?}")).or_insert_with(|| fresh(caller)).clone()
}

fn fresh(caller: &Caller) -> Option<String> {
    if let Some(header) = &caller.authorization {
        return Some(header.clone());
    }
    let header = json!({ "alg": "ES256", "typ": "JWT", "kid": KEY_ID });
    let mut claims = claims(caller);
    let mut set = |name: &str, value: Value| {
        claims[name] = value;
    };
    let token = match caller.token.as_str() {
        "none" => return None,
        "good" => signed(&KEY, &header, &claims),
        "expired" => {
            set("exp", json!(now() - 3600));
            set("iat", json!(now() - 7200));
            signed(&KEY, &header, &claims)
        }
        "other-audience" => {
            set("aud", json!(["https://other.example.com/"]));
            signed(&KEY, &header, &claims)
        }
        "other-issuer" => {
            set("iss", json!("https://evil.example.com"));
            signed(&KEY, &header, &claims)
        }
        "forged" => signed(&STRANGER, &header, &claims),
        "alg-none" => format!("{}.{}.", BASE64.encode(r#"{"alg":"none","typ":"JWT"}"#), BASE64.encode(claims.to_string())),
        "hs256" => {
            let head =
                format!("{}.{}", BASE64.encode(r#"{"alg":"HS256","typ":"JWT","kid":"corpus-1"}"#), BASE64.encode(claims.to_string()));
            let mac = hmac(KEY.public_key().public_key().to_bytes_uncompressed().as_slice(), head.as_bytes());
            format!("{head}.{}", BASE64.encode(mac))
        }
        other => panic!("the corpus knows no token `{other}`"),
    };
    Some(format!("Bearer {token}"))
}

/// The answer of the endpoint of revocations: status and body.
pub fn list(list: &List) -> (u16, String) {
    let mut payload = json!({ "version": 1, "iat": now() - 5, "sequence": 1 });
    for (name, value) in &list.members {
        payload[name] = serde_json::to_value(value).unwrap();
    }
    let with = |key: &ES256KeyPair, kind: &str| signed(key, &json!({ "alg": "ES256", "typ": kind, "kid": KEY_ID }), &payload);
    const TYPE: &str = "portcullis-revocations+jwt";
    let body = match list.signed.as_str() {
        "" => with(&KEY, TYPE),
        "by-a-stranger" => with(&STRANGER, TYPE),
        "as-a-token" => with(&KEY, "JWT"),
        "not-at-all" => payload.to_string(),
        "with-alg-none" => {
            format!("{}.{}.", BASE64.encode(r#"{"alg":"none","typ":"portcullis-revocations+jwt"}"#), BASE64.encode(payload.to_string()))
        }
        "cut-off" => with(&KEY, TYPE).chars().take(40).collect(),
        "missing" => return (404, String::new()),
        other => panic!("the corpus knows no list `{other}`"),
    };
    (200, body)
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    use ::hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

/// jwt-simple signs only claims of its own making; a corpus wants wrong ones too.
mod p256_signature {
    use jwt_simple::prelude::*;

    pub type Raw = Vec<u8>;

    pub fn sign(key: &ES256KeyPair, message: &[u8]) -> Raw {
        let signing = p256::ecdsa::SigningKey::from_slice(&key.to_bytes()).unwrap();
        let signature: p256::ecdsa::Signature = p256::ecdsa::signature::Signer::sign(&signing, message);
        signature.to_bytes().to_vec()
    }
}
