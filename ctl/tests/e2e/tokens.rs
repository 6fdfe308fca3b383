//! Tokens at the real door: bound ones, those that Envoy's own filter verifies, and who verifies signatures.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use p256::ecdsa::signature::Signer as _;
use portcullisctl::issuer::{DevIssuer, TokenRequest};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::door::{Door, PING, RESOURCE};
use super::support::within;

fn policy(issuer: &DevIssuer) -> Value {
    json!({
        "version": 1,
        "resource": RESOURCE,
        // The listener has a port of its own, the client names it.
        "transport": { "hosts": "mcp.example.com:*" },
        "identity": { "issuers": [{ "issuer": issuer.issuer, "jwks": { "cluster": "idp", "path": "/jwks.json" } }] },
        "rules": [{ "id": "read", "tools": ["get_*"], "scopes": ["orders:read"], "then": "allow" }],
    })
}

fn token(issuer: &DevIssuer, extra: Value) -> String {
    let extra = extra.as_object().cloned().unwrap_or_default();
    issuer.token(&TokenRequest { user: "ada".to_owned(), extra, ..TokenRequest::default() }).unwrap()
}

/// Its signature with one bit changed, to another canonical text.
fn forged(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut signature = BASE64.decode(signature).unwrap();
    *signature.last_mut().unwrap() ^= 1;
    format!("{signed}.{}", BASE64.encode(signature))
}

/// A client's key for proofs.
struct Holder(p256::ecdsa::SigningKey);

impl Holder {
    fn new() -> Self {
        Self(p256::ecdsa::SigningKey::from_slice(&Sha256::digest(b"a key for this test, and for nothing else")).unwrap())
    }

    fn members(&self) -> String {
        let point = self.0.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, BASE64.encode(x), BASE64.encode(y))
    }

    fn thumbprint(&self) -> String {
        BASE64.encode(Sha256::digest(self.members()))
    }

    fn proof(&self, token: &str, id: &str, url: &str) -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let header = format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{}}}"#, self.members());
        let claims = json!({ "jti": id, "htm": "POST", "htu": url, "iat": now, "ath": BASE64.encode(Sha256::digest(token)) });
        let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims.to_string()));
        let signature: p256::ecdsa::Signature = self.0.sign(signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(signature.to_bytes()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn envoy_verifies_signatures_and_forged_ones_are_refused() {
    let door = Door::open(policy, |_| Vec::new()).await;
    let log = door.log();
    assert!(log.contains("the host verifies ES256, ES384, RS256, RS384, RS512 signatures"), "{log}");
    assert!(log.contains("proofs of possession are remembered by all workers"), "{log}");
    let good = token(&door.issuer, json!({}));
    let bearer = |token: &str| format!("Bearer {token}");
    let refused = within(door.call(&[("authorization", &bearer(&forged(&good)))], PING, None)).await;
    assert_eq!(refused.status, 401, "{refused:?}");
    assert!(refused.body.contains("token_signature_bad"), "{refused:?}");
    assert_eq!(door.reached(), 0);
    let passed = within(door.call(&[("authorization", &bearer(&good))], PING, None)).await;
    assert_eq!((passed.status, passed.body.contains("fine")), (200, true), "{passed:?}");
    // Rules and their scopes, as a client sees them.
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_order"}}"#;
    let lacking = within(door.call(&[("authorization", &bearer(&good))], call, None)).await;
    assert_eq!(lacking.status, 403);
    assert!(lacking.challenge.starts_with(r#"Bearer error="insufficient_scope", scope="orders:read", resource_metadata="#), "{lacking:?}");
    let scoped = token(&door.issuer, json!({ "scope": "orders:read" }));
    assert_eq!(within(door.call(&[("authorization", &bearer(&scoped))], call, None)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_opens_the_door_once_on_whichever_worker() {
    let door = Door::open(policy, |_| Vec::new()).await;
    let holder = Holder::new();
    let bound = token(&door.issuer, json!({ "cnf": { "jkt": holder.thumbprint() } }));
    let authorization = format!("DPoP {bound}");
    let proof = holder.proof(&bound, "once", RESOURCE);
    let headers = [("authorization", authorization.as_str()), ("dpop", proof.as_str())];
    let first = within(door.call(&headers, PING, None)).await;
    assert_eq!((first.status, first.body.contains("fine")), (200, true), "{first:?}");
    for _ in 0..10 {
        let again = within(door.call(&headers, PING, None)).await;
        assert_eq!(again.status, 401, "{again:?}");
        assert!(again.challenge.starts_with(r#"DPoP error="invalid_dpop_proof""#) && again.body.contains("proof_replayed"), "{again:?}");
    }
    let elsewhere = holder.proof(&bound, "elsewhere", "https://evil.example/mcp");
    let refused = within(door.call(&[("authorization", &authorization), ("dpop", &elsewhere)], PING, None)).await;
    assert_eq!((refused.status, refused.body.contains("proof_bad")), (401, true), "{refused:?}");
    let bearer = within(door.call(&[("authorization", &format!("Bearer {bound}"))], PING, None)).await;
    assert_eq!((bearer.status, bearer.body.contains("token_bound_to_key")), (401, true), "{bearer:?}");
    assert_eq!(door.reached(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_bound_to_a_certificate_is_of_no_use_on_another_connection() {
    let door = Door::open(policy, |_| Vec::new()).await;
    let [own, other] = door.certificates.as_slice() else { panic!() };
    let bound = token(&door.issuer, json!({ "cnf": { "x5t#S256": BASE64.encode(own.digest) } }));
    let authorization = format!("Bearer {bound}");
    let headers = [("authorization", authorization.as_str())];
    let without = within(door.call(&headers, PING, None)).await;
    assert_eq!((without.status, without.body.contains("token_certificate_missing")), (401, true), "{without:?}");
    let wrong = within(door.call(&headers, PING, Some(other))).await;
    assert_eq!((wrong.status, wrong.body.contains("token_certificate_mismatch")), (401, true), "{wrong:?}");
    assert_eq!(door.reached(), 0);
    assert_eq!(within(door.call(&headers, PING, Some(own))).await.status, 200);
}

/// Envoy's filter as `envoy/jwt-authn.yaml` has it.
fn jwt_authn(issuer: &DevIssuer) -> Vec<Value> {
    vec![json!({
        "name": "envoy.filters.http.jwt_authn",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
            "providers": { "idp": {
                "issuer": issuer.issuer,
                "audiences": [RESOURCE],
                "remote_jwks": { "http_uri": { "uri": issuer.jwks_url, "cluster": "idp", "timeout": "5s" } },
                "from_headers": [
                    { "name": "Authorization", "value_prefix": "Bearer " },
                    { "name": "Authorization", "value_prefix": "DPoP " },
                ],
                "forward": true,
                "payload_in_metadata": "jwt_payload",
                "failed_status_in_metadata": "jwt_status",
            } },
            "rules": [{ "match": { "prefix": "/" }, "requires": { "requires_any": { "requirements": [
                { "provider_name": "idp" },
                { "allow_missing_or_failed": {} },
            ] } } }],
        },
    })]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_envoys_own_filter_has_verified_is_taken_and_nothing_else() {
    let of_envoy = |issuer: &DevIssuer| {
        json!({
            "version": 1,
            "resource": RESOURCE,
            // The listener has a port of its own, the client names it.
            "transport": { "hosts": "mcp.example.com:*" },
            "identity": {
                "from": "envoy_jwt_authn",
                "jwt_authn": { "failed_status_in_metadata": "jwt_status" },
                "issuers": [{ "issuer": issuer.issuer }],
            },
            "rules": [{ "id": "staff", "groups": ["engineering"], "tools": ["get_*"], "then": "allow" }],
        })
    };
    let door = Door::open(of_envoy, jwt_authn).await;
    let bearer = |token: &str| format!("Bearer {token}");
    let good = token(&door.issuer, json!({ "groups": ["engineering"], "act": { "sub": "agent" }, "x": null, "y": {} }));
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_order"}}"#;
    let passed = within(door.call(&[("authorization", &bearer(&good))], call, None)).await;
    assert_eq!((passed.status, passed.body.contains("fine")), (200, true), "{passed:?}");
    assert_eq!(door.reached(), 1);

    let none = within(door.call(&[], PING, None)).await;
    assert_eq!((none.status, none.body.contains("token_missing")), (401, true), "{none:?}");
    assert!(none.challenge.starts_with("Bearer resource_metadata="), "{none:?}");
    for (what, token, code) in [
        ("forged", forged(&good), "token_not_verified_by_envoy"),
        ("garbage", "x.y.z".to_owned(), "token_not_verified_by_envoy"),
        ("for someone else", token(&door.issuer, json!({ "aud": "https://other.example.com" })), "token_not_verified_by_envoy"),
        ("of another issuer", token(&door.issuer, json!({ "iss": "https://evil.example" })), "token_not_verified_by_envoy"),
        ("expired", token(&door.issuer, json!({ "exp": 1_000, "iat": 900, "nbf": 900 })), "token_expired"),
        // Envoy is content with these; we are not.
        ("too long a life", token(&door.issuer, json!({ "exp": 4_000_000_000_u64 })), "token_lifetime_too_long"),
        ("bound to a key", token(&door.issuer, json!({ "cnf": { "jkt": Holder::new().thumbprint() } })), "token_bound_to_key"),
    ] {
        let refused = within(door.call(&[("authorization", &bearer(&token))], PING, None)).await;
        assert_eq!((refused.status, refused.body.contains(code)), (401, true), "{what}: {refused:?}");
    }
    let holder = Holder::new();
    let bound = token(&door.issuer, json!({ "cnf": { "jkt": holder.thumbprint() } }));
    let proof = holder.proof(&bound, "behind jwt_authn", RESOURCE);
    let proven = within(door.call(&[("authorization", &format!("DPoP {bound}")), ("dpop", &proof)], PING, None)).await;
    assert_eq!((proven.status, proven.body.contains("fine")), (200, true), "{proven:?}");
    assert_eq!(door.reached(), 2);
}

/// A mesh that was told to run `jwt_authn`, and does not on this route.
#[tokio::test(flavor = "multi_thread")]
async fn without_envoys_filter_nobody_comes_in() {
    let of_envoy = |issuer: &DevIssuer| {
        json!({
            "version": 1,
            "resource": RESOURCE,
            // The listener has a port of its own, the client names it.
            "transport": { "hosts": "mcp.example.com:*" },
            "identity": { "from": "envoy_jwt_authn", "issuers": [{ "issuer": issuer.issuer }] },
        })
    };
    let door = Door::open(of_envoy, |_| Vec::new()).await;
    let good = token(&door.issuer, json!({}));
    let refused = within(door.call(&[("authorization", &format!("Bearer {good}"))], PING, None)).await;
    assert_eq!((refused.status, refused.body.contains("token_not_verified_by_envoy")), (401, true), "{refused:?}");
    assert_eq!(door.reached(), 0);
}
