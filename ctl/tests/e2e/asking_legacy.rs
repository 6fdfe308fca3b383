//! `then: ask` for clients of 2025-11-25 that can send a person to a page: error -32042, through real Envoys.

use portcullisctl::demo::stand::Setup;
use serde_json::{Value, json};

use super::{
    asking::{People, stand_with},
    support::{Rig, within},
};

/// One message by hand; the answer, and the session it names.
async fn post(rig: &Rig, token: &str, session: Option<&str>, message: Value) -> (Option<String>, Value) {
    let request = rig.request(reqwest::Method::POST, Some(token)).header("mcp-protocol-version", "2025-11-25").json(&message);
    let request = match session {
        Some(session) => request.header("mcp-session-id", session),
        None => request,
    };
    let answer = within(request.send()).await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    let session = answer.headers().get("mcp-session-id").map(|session| session.to_str().unwrap().to_owned());
    let text = within(answer.text()).await.unwrap();
    // An event without data primes the stream.
    let data = text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim).find(|data| !data.is_empty());
    (session, serde_json::from_str(data.unwrap_or(&text)).unwrap_or(Value::Null))
}

async fn introduced(rig: &Rig, token: &str, capabilities: Value) -> String {
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": { "name": "c", "version": "1" } });
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
    let (session, answer) = post(rig, token, None, hello).await;
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25", "{answer}");
    let session = session.expect("a session");
    post(rig, token, Some(&session), json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    session
}

fn call(id: i64) -> Value {
    json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "lookup_customer", "arguments": { "id": id } } })
}

async fn told_and_made(sealed: bool) {
    let people = People::start().await;
    let change = |policy: String| {
        let sessions = format!("\nidentity:\n  sessions: {{ seal_key: {:?} }}\n", "seal-key-of-a-test".repeat(2));
        policy.replace("\nidentity:\n", &sessions)
    };
    let rig = stand_with(Setup::default(), &people, "2s", |policy| if sealed { change(policy) } else { policy }).await;
    let token = rig.token("ana", "engineering");
    let session = introduced(&rig, &token, json!({ "elicitation": { "form": {}, "url": {} } })).await;
    assert_eq!(session.starts_with("pc1."), sealed);
    // Whichever worker has the call.
    for turn in 0..3 {
        let (_, answer) = post(&rig, &token, Some(&session), call(1)).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(7), &json!(-32042)), "{turn}: {answer}");
        let elicitation = &answer["error"]["data"]["elicitations"][0];
        assert_eq!(elicitation["mode"], "url");
        let (id, page) = (elicitation["elicitationId"].as_str().unwrap(), elicitation["url"].as_str().unwrap());
        assert!(page.ends_with(id), "{page}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(page));
    }
    assert_eq!(rig.stand.reached("lookup_customer"), 0);
    let id = people.waiting().await;
    people.decide(&id, "approve").await;
    let (_, answer) = post(&rig, &token, Some(&session), call(1)).await;
    assert!(answer["result"]["content"].is_array() && answer["result"]["isError"] != true, "{answer}");
    assert_eq!(rig.stand.reached("lookup_customer"), 1);

    let plain = introduced(&rig, &token, json!({ "elicitation": {} })).await;
    let (_, answer) = post(&rig, &token, Some(&plain), call(2)).await;
    assert_eq!(answer["result"]["isError"], true, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_client_takes_pages_is_remembered_by_all_workers() {
    told_and_made(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_session_says_that_its_client_takes_pages() {
    told_and_made(true).await;
}
