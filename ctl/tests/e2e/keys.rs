//! The issuer's keys: rotating, slow, down.

use std::time::{Duration, Instant};

use portcullisctl::{
    demo::{client::Era, gateway_seam::Gateway, stand::Setup},
    issuer::{DevIssuer, Fault, TokenRequest},
};
use reqwest::Method;
use serde_json::json;

use super::support::{Rig, eventually, within};

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

/// Each of the two workers and the main thread has a key set of its own, fetched at the start.
async fn everyone_has_keys(rig: &Rig) {
    eventually("the keys were fetched", || rig.stand.issuer.jwks_requests() >= 3).await;
}

/// The HTTP status of a call with this token.
async fn status(rig: &Rig, token: &str) -> u16 {
    let request = rig.request(Method::POST, Some(token)).header("content-type", "application/json").body(PING);
    within(request.send()).await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_new_key_is_accepted_at_its_first_use() {
    let rig = Rig::start(Setup::default()).await;
    let old = rig.connect("ada", "engineering", Era::Modern).await;
    everyone_has_keys(&rig).await;
    let asked = rig.stand.issuer.jwks_requests();
    rig.stand.issuer.rotate().unwrap();
    // Several at once: all wait for the same fetch.
    let new = tokio::join!(
        rig.connect("mina", "privacy", Era::Modern),
        rig.connect("grace", "dba", Era::Modern),
        rig.connect("grace", "dba", Era::Legacy),
    );
    assert_eq!(within(new.0.tools()).await.unwrap().len(), 5);
    assert_eq!(within(old.tools()).await.unwrap().len(), 5, "the old key is still published, its tokens still count");
    let fetched = rig.stand.issuer.jwks_requests() - asked;
    // One for each worker that met the new key.
    assert!((1..=2).contains(&fetched), "{fetched} fetches for one new key");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_unknown_keys_cannot_make_the_filter_hammer_the_issuer() {
    let rig = Rig::start(Setup::default()).await;
    let forger = DevIssuer::start(Default::default()).await.unwrap();
    everyone_has_keys(&rig).await;
    let asked = rig.stand.issuer.jwks_requests();
    for _ in 0..20 {
        forger.rotate().unwrap();
        let claims = TokenRequest {
            user: "mallory".to_owned(),
            extra: json!({ "iss": rig.stand.issuer.issuer, "aud": rig.stand.gateway.url() }).as_object().cloned().unwrap(),
            ..TokenRequest::default()
        };
        assert_eq!(status(&rig, &forger.token(&claims).unwrap()).await, 401);
    }
    let fetched = rig.stand.issuer.jwks_requests() - asked;
    // One for each worker, until ten seconds have passed.
    assert!((1..=4).contains(&fetched), "{fetched} fetches for 20 forged tokens");
    assert_eq!(rig.stand.server.seen(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_key_endpoint_holds_calls_until_it_answers() {
    let rig = Rig::start(Setup { fault: Fault::Slow(Duration::from_millis(1500)), ..Setup::default() }).await;
    let (ada, grace) = tokio::join!(rig.connect("ada", "engineering", Era::Modern), rig.connect("grace", "dba", Era::Legacy));
    assert_eq!(within(ada.tools()).await.unwrap().len(), 5);
    assert_eq!(within(grace.tools()).await.unwrap().len(), 6);
}

/// With a body, with a large one, with none: whatever waits goes on whole, and together.
#[tokio::test(flavor = "multi_thread")]
async fn many_calls_wait_for_one_fetch() {
    let rig = Rig::start(Setup { fault: Fault::Slow(Duration::from_secs(3)), sessions: false, ..Setup::default() }).await;
    let token = rig.token("ada", "engineering");
    let large = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"_meta":{{"pad":"{}"}}}}}}"#, "x".repeat(300_000));
    let begin = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..60 {
        let request = match number % 3 {
            0 => rig.request(Method::GET, Some(&token)),
            1 => rig.request(Method::POST, Some(&token)).header("content-type", "application/json").body(PING),
            _ => rig.request(Method::POST, Some(&token)).header("content-type", "application/json").body(large.clone()),
        };
        calls.spawn(async move { (number % 3, within(request.send()).await.unwrap().status().as_u16()) });
    }
    while let Some(done) = calls.join_next().await {
        let (kind, status) = done.unwrap();
        // Without sessions the server has no GET stream.
        assert_eq!(status, if kind == 0 { 405 } else { 200 });
    }
    assert!(begin.elapsed() > Duration::from_millis(500), "nothing had to wait");
    assert_eq!(rig.stand.issuer.jwks_requests(), 3, "one for each worker, one for the main thread");
    assert_eq!(rig.stand.server.seen().len(), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_keys_nothing_passes_and_when_they_come_it_does() {
    for fault in [Fault::Down, Fault::Garbage] {
        let rig = Rig::start(Setup { fault, ..Setup::default() }).await;
        let token = rig.token("ada", "engineering");
        assert_eq!(status(&rig, &token).await, 503, "{fault:?}");
        assert_eq!(rig.stand.server.seen(), [], "{fault:?}");
        rig.stand.issuer.set_fault(Fault::None);
        let mut last = 503;
        for _ in 0..300 {
            last = status(&rig, &token).await;
            if last != 503 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_ne!(last, 503, "{fault:?}: the keys are fetched again within 30 s");
        assert!(!rig.stand.server.seen().is_empty(), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn known_keys_are_used_while_the_endpoint_is_down() {
    let rig = Rig::start(Setup::default()).await;
    let client = rig.connect("ada", "engineering", Era::Modern).await;
    everyone_has_keys(&rig).await;
    rig.stand.issuer.set_fault(Fault::Down);
    for user in ["mina", "grace", "alan"] {
        let other = rig.connect(user, "engineering", Era::Modern).await;
        assert_eq!(within(other.tools()).await.unwrap().len(), 5, "{user}");
    }
    assert_eq!(within(client.tools()).await.unwrap().len(), 5);
}
