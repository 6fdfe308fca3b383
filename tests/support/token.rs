//! The test issuer: one key a process, and tokens that are good or wrong in one way each.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jwt_simple::prelude::*;
use serde_json::{Value, json};

use super::case::{Caller, List};
use super::proof;

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

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn claims(caller: &Caller) -> Value {
    let now = now();
    let mut claims = json!({
        "iss": ISSUER, "aud": RESOURCE, "sub": format!("id-{}", caller.user), "iat": now - 5, "nbf": now - 5, "exp": now + 600,
        "jti": "t-1", "sid": "s-1", "email": format!("{}@corp.test", caller.user), "groups": caller.groups, "client_id": caller.client, "name": caller.user,
    });
    if let Some(scope) = &caller.scope {
        claims["scope"] = json!(scope);
    }
    let act = caller.actors.iter().rev().fold(Value::Null, |act, name| match act {
        Value::Null => json!({ "sub": name }),
        act => json!({ "sub": name, "act": act }),
    });
    if !act.is_null() {
        claims["act"] = act;
    }
    for bound in &caller.bound {
        match bound.as_str() {
            "key" => claims["cnf"]["jkt"] = json!(proof::thumbprint()),
            "certificate" => claims["cnf"]["x5t#S256"] = json!(BASE64.encode([0xab; 32])),
            // RFC 7800 has it, and nobody can check it.
            "kid" => claims["cnf"]["kid"] = json!("x"),
            other => panic!("the corpus knows no binding `{other}`"),
        }
    }
    claims
}

/// SHA-256 of the client's certificate, as Envoy tells it.
pub fn certificate(caller: &Caller) -> Option<String> {
    match caller.certificate.as_deref()? {
        "own" => Some("ab".repeat(32)),
        "other" => Some("cd".repeat(32)),
        other => panic!("the corpus knows no certificate `{other}`"),
    }
}

/// Envoy's dynamic metadata.
pub fn metadata(caller: &Caller) -> Option<Vec<u8>> {
    match caller.jwt_authn.as_deref()? {
        "good" => Some(metadata::of("envoy.filters.http.jwt_authn", "jwt_payload", &claims(caller))),
        "expired" => Some(metadata::of("envoy.filters.http.jwt_authn", "failed", &json!({ "code": 3, "message": "Jwt is expired" }))),
        "failed" => {
            Some(metadata::of("envoy.filters.http.jwt_authn", "failed", &json!({ "code": 26, "message": "Jwt verification fails" })))
        }
        "elsewhere" => Some(metadata::of("envoy.filters.http.lua", "jwt_payload", &claims(caller))),
        other => panic!("the corpus knows no word of jwt_authn `{other}`"),
    }
}

/// `envoy.config.core.v3.Metadata` in protobuf.
mod metadata {
    use prost::Message as _;
    use prost::encoding::{WireType, encode_key, encode_varint};
    use prost_types::value::Kind;
    use serde_json::Value;

    pub fn of(filter: &str, key: &str, value: &Value) -> Vec<u8> {
        let field = |number: u32, bytes: &[u8]| {
            let mut out = Vec::new();
            encode_key(number, WireType::LengthDelimited, &mut out);
            encode_varint(bytes.len() as u64, &mut out);
            out.extend_from_slice(bytes);
            out
        };
        let fields = prost_types::Struct { fields: [(key.to_owned(), proto(value))].into_iter().collect() };
        field(1, &[field(1, filter.as_bytes()), field(2, &fields.encode_to_vec())].concat())
    }

    fn proto(value: &Value) -> prost_types::Value {
        let kind = match value {
            Value::Null => Kind::NullValue(0),
            Value::Bool(value) => Kind::BoolValue(*value),
            Value::Number(value) => Kind::NumberValue(value.as_f64().unwrap()),
            Value::String(value) => Kind::StringValue(value.clone()),
            Value::Array(values) => Kind::ListValue(prost_types::ListValue { values: values.iter().map(proto).collect() }),
            Value::Object(members) => {
                let fields = members.iter().map(|(name, value)| (name.clone(), proto(value))).collect();
                Kind::StructValue(prost_types::Struct { fields })
            }
        };
        prost_types::Value { kind: Some(kind) }
    }
}

fn signed(key: &ES256KeyPair, header: &Value, claims: &Value) -> String {
    let head = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    let signature: p256_signature::Raw = p256_signature::sign(key, head.as_bytes());
    format!("{head}.{}", BASE64.encode(signature))
}

/// The `authorization` header a caller sends; none for `none`. The same caller has the same token, as in life.
pub fn authorization(caller: &Caller) -> Option<String> {
    static MADE: LazyLock<Mutex<HashMap<String, Option<String>>>> = LazyLock::new(Mutex::default);
    if caller.jwt_authn.is_some() {
        return None;
    }
    // The same token, whatever else differs.
    let who = Caller { proof: None, certificate: None, ..caller.clone() };
    MADE.lock().unwrap().entry(format!("{who:?}")).or_insert_with(|| fresh(caller)).clone()
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
    Some(format!("{} {token}", caller.scheme))
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
pub mod p256_signature {
    use jwt_simple::prelude::*;

    pub type Raw = Vec<u8>;

    pub fn sign(key: &ES256KeyPair, message: &[u8]) -> Raw {
        let signing = p256::ecdsa::SigningKey::from_slice(&key.to_bytes()).unwrap();
        let signature: p256::ecdsa::Signature = p256::ecdsa::signature::Signer::sign(&signing, message);
        signature.to_bytes().to_vec()
    }
}
