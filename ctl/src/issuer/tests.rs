use std::time::{Instant, SystemTime};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jwt_simple::prelude::{ECDSAP256PublicKeyLike, ES256PublicKey, NoCustomClaims, VerificationOptions};
use serde_json::{Value, json};

use super::*;

const AUDIENCE: &str = "https://mcp.example.com/mcp";

fn in_memory() -> Settings {
    Settings { audience: AUDIENCE.to_owned(), ..Settings::default() }
}

fn ada() -> TokenRequest {
    TokenRequest {
        user: "ada".to_owned(),
        email: Some("ada@example.com".to_owned()),
        groups: vec!["engineering".to_owned()],
        client: Some("laptop".to_owned()),
        ..TokenRequest::default()
    }
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

async fn keys(issuer: &DevIssuer) -> Vec<Value> {
    crate::demo::tls::install_provider();
    let document: Value = reqwest::get(&issuer.jwks_url).await.unwrap().json().await.unwrap();
    document["keys"].as_array().unwrap().clone()
}

/// Does one of the published keys verify this token?
async fn verifies(issuer: &DevIssuer, token: &str) -> bool {
    keys(issuer).await.iter().any(|key| {
        let bare = json!({ "kty": key["kty"], "crv": key["crv"], "x": key["x"], "y": key["y"], "kid": key["kid"] });
        let public = ES256PublicKey::from_jwk(&bare.to_string()).unwrap();
        public.verify_token::<NoCustomClaims>(token, Some(VerificationOptions::default())).is_ok()
    })
}

#[tokio::test]
async fn a_token_says_what_was_asked_for_and_the_published_key_verifies_it() {
    let issuer = DevIssuer::start(in_memory()).await.unwrap();
    let token = issuer.token(&ada()).unwrap();
    let claims = claims(&token);
    assert_eq!(claims["iss"], json!(issuer.issuer));
    assert_eq!(claims["aud"], json!(AUDIENCE));
    assert_eq!((&claims["sub"], &claims["email"], &claims["client_id"]), (&json!("ada"), &json!("ada@example.com"), &json!("laptop")));
    assert_eq!(claims["groups"], json!(["engineering"]));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3600);
    assert_eq!(claims["nbf"], claims["iat"]);
    assert_ne!(claims["jti"], self::claims(&issuer.token(&ada()).unwrap())["jti"]);
    assert!(verifies(&issuer, &token).await);
    let published = keys(&issuer).await;
    assert!(published.iter().all(|key| key.get("d").is_none()), "the private part is never published");
    assert_eq!((&published[0]["use"], &published[0]["alg"]), (&json!("sig"), &json!("ES256")));
}

#[tokio::test]
async fn an_old_enough_token_has_expired() {
    let issuer = DevIssuer::start(in_memory()).await.unwrap();
    let token = issuer.token(&TokenRequest { age: Duration::from_secs(7200), ..ada() }).unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    assert!(claims(&token)["exp"].as_u64().unwrap() <= now - 3599);
}

#[tokio::test]
async fn extra_claims_replace_the_usual_ones() {
    let issuer = DevIssuer::start(in_memory()).await.unwrap();
    let extra = json!({ "iss": "https://id.example.com", "aud": ["a", "b"], "exp": 1, "groups": "one", "jti": "x", "mfa": true });
    let token = issuer.token(&TokenRequest { extra: extra.as_object().cloned().unwrap(), ..ada() }).unwrap();
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
    for (claim, value) in extra.as_object().unwrap() {
        assert_eq!(payload.matches(&format!("\"{claim}\":")).count(), 1, "{payload}");
        assert_eq!(&claims(&token)[claim], value);
    }
}

#[tokio::test]
async fn rotation_keeps_the_old_key_published_until_it_is_forgotten() {
    let issuer = DevIssuer::start(in_memory()).await.unwrap();
    let before = issuer.token(&ada()).unwrap();
    issuer.rotate().unwrap();
    let after = issuer.token(&ada()).unwrap();
    assert!(verifies(&issuer, &before).await && verifies(&issuer, &after).await);
    issuer.forget_old_keys();
    assert!(!verifies(&issuer, &before).await && verifies(&issuer, &after).await);
}

#[tokio::test]
async fn faults_show_at_the_key_endpoint_and_are_counted() {
    crate::demo::tls::install_provider();
    let issuer = DevIssuer::start(in_memory()).await.unwrap();
    issuer.set_fault(Fault::Down);
    assert_eq!(reqwest::get(&issuer.jwks_url).await.unwrap().status(), 503);
    issuer.set_fault(Fault::Garbage);
    assert!(reqwest::get(&issuer.jwks_url).await.unwrap().json::<Value>().await.is_err());
    issuer.set_fault(Fault::Slow(Duration::from_millis(120)));
    let begin = Instant::now();
    assert_eq!(reqwest::get(&issuer.jwks_url).await.unwrap().status(), 200);
    assert!(begin.elapsed() >= Duration::from_millis(120));
    issuer.set_fault(Fault::None);
    assert_eq!(keys(&issuer).await.len(), 1);
    assert_eq!(issuer.jwks_requests(), 4);
}

#[tokio::test]
async fn another_process_mints_from_the_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/dev-issuer.json");
    let settings = Settings { state: Some(path.clone()), ..in_memory() };
    let issuer = DevIssuer::start(settings.clone()).await.unwrap();
    let token = State::load(&path).unwrap().unwrap().mint().unwrap().token(&ada()).unwrap();
    assert!(verifies(&issuer, &token).await);
    assert_eq!(claims(&token)["iss"], json!(issuer.issuer));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    issuer.rotate().unwrap();
    let rotated = State::load(&path).unwrap().unwrap().mint().unwrap().token(&ada()).unwrap();
    issuer.forget_old_keys();
    assert!(verifies(&issuer, &rotated).await, "the state file follows the rotation");

    drop(issuer);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let again = DevIssuer::start(settings).await.unwrap();
    assert!(verifies(&again, &rotated).await, "the key outlives the process");
}

#[tokio::test]
async fn a_spoilt_state_file_is_reported_with_its_cure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dev-issuer.json");
    std::fs::write(&path, "{}").unwrap();
    let Err(err) = DevIssuer::start(Settings { state: Some(path), ..in_memory() }).await else { panic!("it started") };
    assert!(format!("{err:#}").contains("delete it to start afresh"), "{err:#}");
}
