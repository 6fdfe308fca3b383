use serde_json::{Value, json};

use super::*;
use crate::demo::{
    client::{self, Client, Era, Target},
    tls::loopback_identity,
};

const CREDENTIAL: &str = "only-the-gateway-knows";

async fn start(tls: bool, json: bool, sessions: bool) -> (DemoServer, Target) {
    let tls = tls.then(|| loopback_identity("demo server").unwrap());
    let server = DemoServer::start(Settings { tls, credential: CREDENTIAL.to_owned(), json, sessions }).await.unwrap();
    let target = Target { url: server.url.clone(), ca_pem: server.ca_pem.clone(), token: Some(CREDENTIAL.to_owned()) };
    (server, target)
}

async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what).await.expect("it takes too long")
}

async fn eventually(what: &str, done: impl Fn() -> bool) {
    for _ in 0..200 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("never: {what}");
}

#[tokio::test]
async fn serves_both_eras_over_tls_with_every_kind_of_answer() {
    for (json, sessions) in [(true, true), (false, true), (true, false), (false, false)] {
        let (server, target) = start(true, json, sessions).await;
        for (era, revision) in [(Era::Legacy, "2025-11-25"), (Era::Modern, "2026-07-28")] {
            let client = within(Client::connect(&target, era)).await.unwrap();
            assert_eq!(client.revision(), revision);
            let mut tools: Vec<_> = within(client.tools()).await.unwrap().into_iter().map(|tool| tool.name.to_string()).collect();
            tools.sort();
            assert_eq!(tools, ["export_orders", "lookup_customer", "read_file", "run_sql", "search", "send_email"]);
            let found = within(client.call("lookup_customer", &json!({ "name": "abbott" }))).await.unwrap();
            assert_eq!(found.structured_content.unwrap()["email"], json!("hannah.abbott@example.com"));
            within(client.close()).await;
        }
        assert!(server.seen().iter().all(|seen| seen.admitted));
    }
}

#[tokio::test]
async fn nothing_is_answered_without_the_credential_but_all_is_noted() {
    let (server, target) = start(false, true, true).await;
    let wrong = Target { token: Some("a-client's-token".to_owned()), ..target.clone() };
    assert!(within(Client::connect(&wrong, Era::Legacy)).await.is_err());
    assert!(within(Client::connect(&Target { token: None, ..target }, Era::Legacy)).await.is_err());
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|seen| !seen.admitted && seen.method == "initialize"));
    assert_eq!(seen[0].authorization.as_deref(), Some("Bearer a-client's-token"));
    assert_eq!(seen[1].authorization, None);
}

#[tokio::test]
async fn sql_gives_rows_as_json_and_says_what_is_wrong() {
    let (server, target) = start(false, true, true).await;
    let client = within(Client::connect(&target, Era::Modern)).await.unwrap();
    let rows = within(client.call("run_sql", &json!({ "sql": "SELECT id, email FROM customers WHERE id < 3 ORDER BY id" }))).await.unwrap();
    let rows: Value = serde_json::from_str(&client::text(&rows)).unwrap();
    assert_eq!(rows, json!([{ "id": 1, "email": "hannah.abbott@example.com" }, { "id": 2, "email": "ravi.menon@example.org" }]));
    let wrong = within(client.call("run_sql", &json!({ "sql": "SELECT nothing FROM nowhere" }))).await.unwrap();
    assert_eq!(wrong.is_error, Some(true));
    assert!(client::text(&wrong).contains("nowhere"));
    let seen = server.seen();
    assert_eq!(seen.iter().filter(|seen| seen.tool.as_deref() == Some("run_sql")).count(), 2);
}

#[tokio::test]
async fn what_is_listed_as_raw_is_what_the_tools_give() {
    let (_server, target) = start(false, true, true).await;
    let client = within(Client::connect(&target, Era::Legacy)).await.unwrap();
    let everybody = client::text(&within(client.call("run_sql", &json!({ "sql": "SELECT * FROM customers" }))).await.unwrap());
    assert_eq!(personal().len(), 4 * 6);
    assert!(personal().iter().all(|raw| everybody.contains(&raw.value)));
    let env = client::text(&within(client.call("read_file", &json!({ "path": ".env" }))).await.unwrap());
    assert!(credentials().iter().all(|raw| env.contains(&raw.value)));
}

#[tokio::test]
async fn an_export_tells_its_progress_and_can_be_cancelled() {
    for era in [Era::Legacy, Era::Modern] {
        let (server, target) = start(false, true, true).await;
        let client = within(Client::connect(&target, era)).await.unwrap();
        let done = within(client.call("export_orders", &json!({ "steps": 5, "step_ms": 10 }))).await.unwrap();
        assert!(client::text(&done).contains("in 5 steps"));
        eventually("all progress", || client.heard().progress().len() == 5).await;

        let pending = within(client.begin("export_orders", &json!({ "steps": 200, "step_ms": 100 }))).await.unwrap();
        eventually("progress", || client.heard().progress().len() > 5).await;
        within(pending.cancel()).await.unwrap();
        eventually("cancelled", || server.cancelled_exports() == 1).await;
    }
}

#[tokio::test]
async fn mail_is_recorded_and_told_on_the_get_stream() {
    let (server, target) = start(false, false, true).await;
    let client = within(Client::connect(&target, Era::Legacy)).await.unwrap();
    eventually("the GET stream", || server.seen().iter().any(|seen| seen.method == "(GET)")).await;
    within(client.call("send_email", &json!({ "to": "ravi.menon@example.org", "subject": "Your chain", "body": "It is ready." })))
        .await
        .unwrap();
    assert_eq!(server.outbox(), [("ravi.menon@example.org".to_owned(), "Your chain".to_owned())]);
    eventually("the log message", || client.heard().logs().iter().any(|log| log.to_string().contains("ravi.menon@example.org"))).await;
}
