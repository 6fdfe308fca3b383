//! What filters rely on.

use std::time::{Duration, Instant};

use jwt_simple::prelude::{Ed25519PublicKey, EdDSAPublicKeyLike, VerificationOptions};
use reqwest::Method;
use serde_json::{Value, json};

use super::stand::{OTHER_SECRET, Plan, SECRET, Stand, URL, payload, use_name};

#[tokio::test(flavor = "multi_thread")]
async fn from_the_question_to_the_use() {
    let stand = Stand::new().await;
    let request = stand.request("one");
    let binding = request["context"]["binding"].as_str().unwrap();
    let id = stand.asked(&request).await;
    let waiting = stand.status(&id).await;
    assert_eq!(waiting["task"]["status"], "pending");
    assert_eq!(waiting["task"]["page"], format!("{URL}/r/{id}"));
    assert!(waiting.get("approval").is_none());

    let decided = stand.approve(&id, &stand.token("bob", &["leads"])).await;
    assert_eq!((decided.status, decided.body["task"]["status"].as_str()), (200, Some("approved")));
    let approved = stand.status(&id).await;
    assert_eq!((&approved["task"]["status"], &approved["approval"]["remaining"]), (&json!("approved"), &json!(1)));
    let said = verified(&stand, &approved["approval"]["state"]).await;
    assert_eq!((&said["iss"], &said["task"], &said["binding"]), (&json!(URL), &json!(id), &json!(binding)));
    assert_eq!((&said["status"], &said["shown_digest"]), (&json!("approved"), &request["context"]["shown_digest"]));
    assert_eq!(said["decisions"][0]["by"], format!("{}#bob", stand.issuer.issuer));

    let given = stand.consume(&id, binding, &use_name(1)).await;
    assert_eq!((given.status, &given.body["remaining"]), (200, &json!(0)));
    let used = verified(&stand, &given.body["state"]).await;
    assert_eq!((&used["status"], &used["use"], &used["binding"]), (&json!("consumed"), &json!(use_name(1)), &json!(binding)));
    assert_eq!(used["exp"].as_u64().unwrap() - used["iat"].as_u64().unwrap(), 60);

    // An answer that was lost is given again, and says the same; another use is not given.
    stand.clock.advance(30_000);
    let again = stand.consume(&id, binding, &use_name(1)).await;
    assert_eq!((payload(&again.body["state"]), &again.body["remaining"]), (payload(&given.body["state"]), &given.body["remaining"]));
    let another = stand.consume(&id, binding, &use_name(2)).await;
    assert_eq!((another.status, another.body["error"].as_str()), (409, Some("consumed")));
    stand.clock.advance(31_000);
    assert_eq!(stand.consume(&id, binding, &use_name(1)).await.status, 409);
    let spent = stand.status(&id).await;
    assert_eq!((&spent["task"]["status"], &spent["approval"]["remaining"]), (&json!("approved"), &json!(0)));
    assert!(spent["approval"].get("state").is_none());
}

/// The payload of a state that one of the published keys has signed, as a filter would look at it.
async fn verified(stand: &Stand, state: &Value) -> Value {
    let keys = stand.call(Method::GET, "/.well-known/portcullis-approvals.json", "", &[], None).await;
    let key = Ed25519PublicKey::from_jwk(&keys.body["jwks"]["keys"][0].to_string()).unwrap();
    let options =
        VerificationOptions { required_signature_type: Some("portcullis-approval+jwt".to_owned()), ..VerificationOptions::default() };
    key.verify_token::<Value>(state.as_str().unwrap(), Some(options)).unwrap();
    payload(state)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_call_finds_its_request() {
    let stand = Stand::new().await;
    let request = stand.request("same");
    let id = stand.asked(&request).await;
    let again = stand.ask(&request).await;
    assert_eq!((again.status, again.body["task"]["id"].as_str()), (200, Some(id.as_str())));

    let mut other = request.clone();
    other["subject"]["id"] = json!(format!("{}#eve", stand.issuer.issuer));
    other["subject"]["properties"]["subject"] = json!("eve");
    let conflict = stand.ask(&other).await;
    assert_eq!((conflict.status, conflict.body["error"].as_str()), (409, Some("idempotency_conflict")));

    stand.approve(&id, &stand.token("bob", &["leads"])).await;
    assert_eq!(stand.ask(&request).await.body["approval"]["remaining"], 1);
    stand.consume(&id, request["context"]["binding"].as_str().unwrap(), &use_name(1)).await;
    assert_ne!(stand.asked(&request).await, id, "what is spent is asked about anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_stands_for_a_while() {
    let stand = Stand::new().await;
    let request = stand.request("no");
    let id = stand.asked(&request).await;
    stand.decide(&id, &stand.token("bob", &["leads"]), json!({ "decision": "deny", "reason": "never" })).await;
    let again = stand.ask(&request).await;
    assert_eq!((again.status, &again.body["task"]["status"]), (200, &json!("denied")));
    assert_eq!(again.body["denial"]["decisions"][0]["reason"], "never");
    let consumed = stand.consume(&id, request["context"]["binding"].as_str().unwrap(), &use_name(1)).await;
    assert_eq!((consumed.status, consumed.body["error"].as_str()), (409, Some("not_approved")));
    stand.clock.advance(600_000);
    assert_eq!(stand.ask(&request).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_ends_what_nobody_decides_and_what_nobody_uses() {
    let stand = Stand::new().await;
    let (waits, granted) = (stand.request("waits"), stand.request("granted"));
    let (waiting, approved) = (stand.asked(&waits).await, stand.asked(&granted).await);
    stand.clock.advance(599_000);
    let bob = stand.token("bob", &["leads"]);
    stand.approve(&approved, &bob).await;
    stand.clock.advance(1_000);
    assert_eq!(stand.status(&waiting).await["task"]["status"], "expired");
    let late = stand.approve(&waiting, &bob).await;
    assert_eq!((late.status, late.body["error"].as_str()), (409, Some("already_decided")));
    assert_eq!(stand.status(&approved).await["task"]["status"], "approved");
    stand.clock.advance(899_000);
    let gone = stand.consume(&approved, granted["context"]["binding"].as_str().unwrap(), &use_name(1)).await;
    assert_eq!((gone.status, gone.body["error"].as_str()), (410, Some("expired")));
    assert_eq!(stand.status(&approved).await["task"]["status"], "expired");
    assert_eq!(stand.ask(&granted).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_is_told_at_once() {
    let stand = Stand::new().await;
    let id = stand.asked(&stand.request("wait")).await;
    let path = format!("/access/v1/requests/{id}");
    let begin = Instant::now();
    let short = stand.call(Method::GET, &path, SECRET, &[("prefer", "wait=1")], None).await;
    assert_eq!(short.body["task"]["status"], "pending");
    assert!(begin.elapsed() >= Duration::from_millis(900));
    let token = stand.token("bob", &["leads"]);
    let (told, ()) = tokio::join!(stand.call(Method::GET, &path, SECRET, &[("prefer", "respond-async, wait=30")], None), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stand.approve(&id, &token).await;
    });
    assert_eq!(told.body["task"]["status"], "approved");
    // A replica that did not hear of it looks for itself.
    let id = stand.asked(&stand.request("elsewhere")).await;
    let replica = stand.replica().await;
    let url = format!("http://{}/access/v1/requests/{id}", replica.address);
    let waiting = stand.client.get(url).bearer_auth(SECRET).header("prefer", "wait=30").send();
    let (told, ()) = tokio::join!(waiting, async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stand.approve(&id, &token).await;
    });
    assert_eq!(told.unwrap().json::<Value>().await.unwrap()["task"]["status"], "approved");
    assert!(begin.elapsed() < Duration::from_secs(25), "it waited to the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_its_filters_own() {
    let stand = Stand::new().await;
    let request = stand.request("own");
    let id = stand.asked(&request).await;
    let path = format!("/access/v1/requests/{id}");
    let body = json!({ "binding": request["context"]["binding"], "use": use_name(1) });
    assert_eq!(stand.call(Method::GET, &path, OTHER_SECRET, &[], None).await.status, 404);
    assert_eq!(stand.call(Method::POST, &format!("{path}/cancel"), OTHER_SECRET, &[], None).await.status, 404);
    assert_eq!(stand.call(Method::POST, &format!("{path}/consume"), OTHER_SECRET, &[], Some(&body)).await.status, 404);
    for wrong in ["", "nonsense", &format!("{SECRET}x"), "orders"] {
        assert_eq!(stand.call(Method::GET, &path, wrong, &[], None).await.status, 401, "{wrong}");
    }
    // An approver's token is no filter's secret, nor the other way round.
    assert_eq!(stand.call(Method::GET, &path, &stand.token("bob", &["leads"]), &[], None).await.status, 401);
    assert_eq!(stand.decide(&id, SECRET, json!({ "decision": "approve" })).await.status, 401);
    // The fifth answered of five in a minute; then it is too often.
    let statuses =
        [stand.call(Method::GET, &path, OTHER_SECRET, &[], None).await, stand.call(Method::GET, &path, OTHER_SECRET, &[], None).await];
    assert_eq!(statuses.map(|told| told.status), [404, 404]);
    assert_eq!(stand.call(Method::GET, &path, OTHER_SECRET, &[], None).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_waits_is_taken_back() {
    let stand = Stand::new().await;
    let (first, second) = (stand.asked(&stand.request("a")).await, stand.asked(&stand.request("b")).await);
    stand.approve(&second, &stand.token("bob", &["leads"])).await;
    for (id, status) in [(&first, "cancelled"), (&first, "cancelled"), (&second, "approved")] {
        let told = stand.call(Method::POST, &format!("/access/v1/requests/{id}/cancel"), SECRET, &[], None).await;
        assert_eq!((told.status, told.body["task"]["status"].as_str()), (200, Some(status)));
    }
    assert_eq!(stand.approve(&first, &stand.token("bob", &["leads"])).await.status, 409);
    assert_eq!(stand.ask(&stand.request("a")).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_as_agreed_is_refused() {
    let stand = Stand::new().await;
    let spoilt: [(&str, Value); 14] = [
        ("/context/binding", json!("short")),
        ("/context/shown", json!({ "sql": "SELECT 1" })),
        ("/context/shown_digest", json!("x")),
        ("/context/approvers/groups", json!([])),
        ("/context/approvers/groups", json!([" "])),
        ("/context/approvers/quorum", json!(0)),
        ("/context/approvers/quorum", json!(11)),
        ("/context/grant/uses", json!(0)),
        ("/context/grant/valid_seconds", json!(604_801)),
        ("/context/wait_seconds", json!(-1)),
        ("/subject/id", json!("somebody#else")),
        ("/subject/properties/email", json!(7)),
        ("/resource/id", json!("x".repeat(5000))),
        ("/action", json!("tools/call")),
    ];
    for (pointer, value) in spoilt {
        let mut request = stand.request("spoilt");
        *request.pointer_mut(pointer).unwrap() = value;
        let told = stand.ask(&request).await;
        assert_eq!((told.status, told.body["error"].as_str()), (400, Some("invalid_request")), "{pointer}");
    }
    let request = stand.request("key");
    for headers in [&[][..], &[("idempotency-key", "another")][..]] {
        assert_eq!(stand.call(Method::POST, "/access/v1/requests", SECRET, headers, Some(&request)).await.status, 400);
    }
    let mut large = request.clone();
    large["context"]["shown"] = json!("x".repeat(300 * 1024));
    assert_eq!(stand.ask(&large).await.status, 413);
    let key = request["context"]["binding"].as_str().unwrap();
    let told = stand.call(Method::POST, "/access/v1/requests", OTHER_SECRET, &[("idempotency-key", key)], Some(&request)).await;
    assert!(told.body["message"].as_str().unwrap().contains("may not ask the group `leads`"), "{told:?}");
    let id = stand.asked(&request).await;
    assert_eq!(stand.consume(&id, "another", &use_name(1)).await.body["error"], "binding_mismatch");
    assert_eq!(stand.consume(&id, key, "short").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_wears_approvers_out() {
    let stand = Stand::with(Plan::default()).await;
    for number in 0..50 {
        stand.asked(&stand.request(&format!("call {number}"))).await;
    }
    let told = stand.ask(&stand.request("one more")).await;
    assert_eq!((told.status, told.body["error"].as_str()), (429, Some("too_many_waiting")));
    stand.clock.advance(600_000);
    assert_eq!(stand.ask(&stand.request("one more")).await.status, 201);
}
