//! Calls that wait for people while something else happens: access is taken back, the policy changes, keys come late, headers have gone ahead.

use std::time::Duration;

use portcullisctl::demo::gateway_seam::Gateway;
use portcullisctl::demo::stand::Setup;
use portcullisctl::issuer::Fault;
use portcullisctl::revoke::Entry;
use serde_json::json;

use super::asking::{People, call, is_made, said, sent, stand_with};
use super::support::within;

async fn is_taken_back(people: &People, id: &str) {
    for turn in 0.. {
        if people.told(id).await["task"]["status"] == "cancelled" {
            break;
        }
        assert!(turn < 200, "people are still asked");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whose_access_is_taken_back_needs_nobodys_approval() {
    let people = People::start().await;
    let rig = stand_with(Setup::default(), &people, "25s", |policy| policy).await;
    let held = sent(&rig, &rig.token("ana", "engineering"), 1, json!({}));
    let id = people.waiting().await;
    let entry = Entry::Subject { iss: rig.stand.issuer.issuer.clone(), sub: "ana".to_owned(), before: None, note: None };
    rig.stand.revoke(entry).unwrap();
    let (status, told) = within(held).await.unwrap();
    assert_eq!(status, 401, "{told}");
    is_taken_back(&people, &id).await;
    assert_eq!(rig.stand.reached("lookup_customer"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_waits_does_not_outlive_its_policy() {
    let people = People::start().await;
    let mut policy = String::new();
    let keep = |text: String| {
        policy.clone_from(&text);
        text
    };
    let mut rig = stand_with(Setup::default(), &people, "25s", keep).await;
    let token = rig.token("ana", "engineering");
    let held = call(&rig, &token, 1, json!({}));
    let id = people.waiting().await;
    let frozen = "\nrules:\n  - { id: frozen, tools: [lookup_customer], then: deny, message: Nobody looks anybody up today. }\n";
    rig.stand.gateway.replace_policy(&policy.replace("\nrules:\n", frozen)).await.unwrap();
    let answer = held.await.unwrap();
    assert!(said(&answer).contains("has changed while this call waited"), "{answer}");
    is_taken_back(&people, &id).await;
    let answer = call(&rig, &token, 1, json!({})).await.unwrap();
    assert!(said(&answer).contains("Nobody looks anybody up today"), "{answer}");
    // What comes under the new policy waits as ever.
    rig.stand.gateway.replace_policy(&policy).await.unwrap();
    let held = call(&rig, &token, 1, json!({}));
    let id = people.waiting().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    people.decide(&id, "approve").await;
    assert!(is_made(&held.await.unwrap()));
    assert_eq!(rig.stand.reached("lookup_customer"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_headers_have_gone_ahead() {
    let people = People::start().await;
    let ahead = |policy: String| policy.replace("\n  tls: required", "\n  hold_request_headers: false\n  tls: required");
    let rig = stand_with(Setup::default(), &people, "25s", ahead).await;
    let token = rig.token("ana", "engineering");
    for (number, decision) in [(1, "deny"), (2, "approve")] {
        let held = call(&rig, &token, number, json!({}));
        let id = people.waiting().await;
        assert_eq!(rig.stand.reached("lookup_customer"), 0, "no byte of the call is there");
        people.decide(&id, decision).await;
        let answer = held.await.unwrap();
        match decision {
            "deny" => assert!(said(&answer).contains("looked at it"), "{answer}"),
            _ => assert!(is_made(&answer), "{answer}"),
        }
    }
    assert_eq!(rig.stand.reached("lookup_customer"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_keys_come_late() {
    let people = People::start().await;
    let slow = Fault::Slow(Duration::from_millis(1_500));
    let rig = stand_with(Setup { fault: slow, ..Setup::default() }, &people, "1s", |policy| policy).await;
    // Envoy has the whole call before it is known who calls, and asks people then.
    let answer = call(&rig, &rig.token("ana", "engineering"), 1, json!({})).await.unwrap();
    assert_eq!(answer["result"]["resultType"], "input_required", "{answer}");
    let back = json!({ "requestState": answer["result"]["requestState"], "inputResponses": { "approval": { "action": "accept" } } });
    let id = people.waiting().await;
    people.decide(&id, "approve").await;
    // And again when it comes back, with a token of a key that nobody has seen.
    rig.stand.issuer.rotate().unwrap();
    let token = rig.token("ana", "engineering");
    let stolen = call(&rig, &rig.token("eve", "engineering"), 1, back.clone());
    let made = call(&rig, &token, 1, back).await.unwrap();
    assert!(is_made(&made), "{made}");
    assert_eq!(stolen.await.unwrap()["error"]["code"], -32602);
    assert_eq!(rig.stand.reached("lookup_customer"), 1);
}
