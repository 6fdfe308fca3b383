//! What must hold on every store: one wins, nothing is lost, nothing is forgotten.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::stand::{Plan, SECRET, Stand, use_name};

#[tokio::test(flavor = "multi_thread")]
async fn one_of_a_thousand_wins_on_sqlite() {
    one_of_a_thousand_wins(&Stand::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_by_an_end_without_a_word_on_sqlite() {
    nothing_is_lost(&mut Stand::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_at_once_is_one_request_on_sqlite() {
    the_same_question_is_one_request(&Stand::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_long_ago_is_forgotten_on_sqlite() {
    what_ended_long_ago_is_forgotten(None).await;
}

/// Two replicas, a thousand uses at once: as many are given as there are.
pub async fn one_of_a_thousand_wins(stand: &Stand) {
    let replica = stand.replica().await;
    let urls = [stand.url.clone(), format!("http://{}", replica.address)];
    for uses in [1, 3] {
        let mut request = stand.request(&format!("race {uses}"));
        request["context"]["grant"]["uses"] = json!(uses);
        let binding = request["context"]["binding"].as_str().unwrap().to_owned();
        let id = stand.asked(&request).await;
        stand.approve(&id, &stand.token("bob", &["leads"])).await;
        let (given, next) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let mut runners = tokio::task::JoinSet::new();
        for runner in 0..32_usize {
            let (client, given, next) = (stand.client.clone(), Arc::clone(&given), Arc::clone(&next));
            let url = format!("{}/access/v1/requests/{id}/consume", urls[runner % 2]);
            let binding = binding.clone();
            runners.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= 1000 {
                        return;
                    }
                    let body = json!({ "binding": binding, "use": use_name(number) });
                    let response = client.post(&url).bearer_auth(SECRET).json(&body).send().await.unwrap();
                    match response.status().as_u16() {
                        200 => drop(given.fetch_add(1, Ordering::Relaxed)),
                        409 => assert_eq!(response.json::<Value>().await.unwrap()["error"], "consumed"),
                        other => panic!("{other}: {:?}", response.text().await),
                    }
                }
            });
        }
        runners.join_all().await;
        assert_eq!(given.load(Ordering::Relaxed), uses);
    }
}

/// A request in every state; then the service is gone, and there again.
pub async fn nothing_is_lost(stand: &mut Stand) {
    let bob = stand.token("bob", &["leads"]);
    let mut ids = HashMap::new();
    for name in ["pending", "half", "approved", "consumed", "denied", "cancelled", "expired", "glass"] {
        let mut request = stand.request(name);
        match name {
            "half" => request["context"]["approvers"]["quorum"] = json!(2),
            "expired" => request["context"]["wait_seconds"] = json!(1),
            "approved" => request["context"]["grant"]["uses"] = json!(5),
            _ => {}
        }
        let id = stand.asked(&request).await;
        let binding = request["context"]["binding"].as_str().unwrap();
        match name {
            "half" | "approved" | "consumed" => assert_eq!(stand.approve(&id, &bob).await.status, 200),
            "denied" => assert_eq!(stand.decide(&id, &bob, json!({ "decision": "deny" })).await.status, 200),
            "glass" => {
                let body = json!({ "decision": "approve", "break_glass": true, "reason": "down" });
                assert_eq!(stand.decide(&id, &stand.token("oscar", &["on-call"]), body).await.status, 200);
            }
            "cancelled" => {
                stand.call(reqwest::Method::POST, &format!("/access/v1/requests/{id}/cancel"), SECRET, &[], None).await;
            }
            _ => {}
        }
        if matches!(name, "approved" | "consumed") {
            assert_eq!(stand.consume(&id, binding, &use_name(1)).await.status, 200);
        }
        ids.insert(name, id);
    }
    stand.clock.advance(1_000);
    stand.status(&ids["expired"]).await;
    let ida = stand.token("ida", &["audit"]);
    let whole = async |stand: &Stand| {
        let mut all = Vec::new();
        for id in ids.values() {
            let mut told = stand.get(&format!("/approver/v1/requests/{id}"), &ida).await.body;
            told.as_object_mut().unwrap().remove("notices");
            all.push(told);
        }
        all
    };
    let before = whole(stand).await;
    stand.restart().await;
    assert_eq!(whole(stand).await, before);
    let status =
        async |stand: &Stand, name: &str| stand.get(&format!("/approver/v1/requests/{}", ids[name]), &ida).await.body["status"].clone();
    for name in ["pending", "approved", "consumed", "denied", "cancelled", "expired"] {
        assert_eq!(status(stand, name).await, name);
    }
    // And each goes on from where it was.
    assert_eq!(stand.approve(&ids["half"], &bob).await.body["error"], "already_said");
    assert_eq!(stand.approve(&ids["half"], &stand.token("eve", &["leads"])).await.body["task"]["status"], "approved");
    let binding = |name: &str| stand.request(name)["context"]["binding"].as_str().unwrap().to_owned();
    assert_eq!(stand.consume(&ids["consumed"], &binding("consumed"), &use_name(2)).await.status, 409);
    assert_eq!(stand.consume(&ids["approved"], &binding("approved"), &use_name(2)).await.body["remaining"], 3);
    assert_eq!(stand.ask(&stand.request("pending")).await.body["task"]["id"], ids["pending"].as_str());
    stand.clock.advance(599_000);
    assert_eq!(status(stand, "pending").await, "expired");
}

pub async fn the_same_question_is_one_request(stand: &Stand) {
    let replica = stand.replica().await;
    let urls = [stand.url.clone(), format!("http://{}", replica.address)];
    let request = stand.request("at once");
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..60_usize {
        let (client, request, url) = (stand.client.clone(), request.clone(), urls[number % 2].clone());
        asking.spawn(async move {
            let key = request["context"]["binding"].as_str().unwrap().to_owned();
            let sent = client.post(format!("{url}/access/v1/requests")).bearer_auth(SECRET).header("idempotency-key", key);
            let response = sent.json(&request).send().await.unwrap();
            let status = response.status().as_u16();
            (status, response.json::<Value>().await.unwrap()["task"]["id"].as_str().unwrap_or_default().to_owned())
        });
    }
    let told = asking.join_all().await;
    assert_eq!(told.iter().filter(|(status, _)| *status == 201).count(), 1, "{told:?}");
    assert!(told.iter().all(|(status, id)| [200, 201].contains(status) && *id == told[0].1), "{told:?}");
}

pub async fn what_ended_long_ago_is_forgotten(store: Option<String>) {
    let stand = Stand::with(Plan { store, more: "keep: 30d\n".to_owned(), ..Plan::default() }).await;
    let (old, open) = (stand.asked(&stand.request("old")).await, stand.asked(&stand.request("glass")).await);
    stand.decide(&old, &stand.token("bob", &["leads"]), json!({ "decision": "deny" })).await;
    let glass = json!({ "decision": "approve", "break_glass": true, "reason": "down" });
    stand.decide(&open, &stand.token("oscar", &["on-call"]), glass).await;
    stand.clock.advance(31 * 86_400_000);
    let ida =
        stand.token_with("ida", &["audit"], json!({ "iat": stand.clock.now().secs(), "nbf": 0, "exp": stand.clock.now().secs() + 3600 }));
    let seen = async |id: &str| stand.get(&format!("/approver/v1/requests/{id}"), &ida).await.status;
    assert_eq!(seen(&old).await, 200);
    let mut swept = false;
    for _ in 0..100 {
        swept = seen(&old).await == 404;
        if swept {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert!(swept, "it is still there");
    assert_eq!(seen(&open).await, 200, "nobody has looked at the emergency");
    let journal = stand.get("/approver/v1/journal", &ida).await.body;
    let events: Vec<&str> = journal["entries"].as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events.iter().filter(|event| **event == "requested").count(), 2, "the journal stays");
    assert!(events.contains(&"forgotten"), "{events:?}");
}
