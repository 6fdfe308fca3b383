//! Streams that stay open: the GET stream of a session, progress of a running call.

use std::time::Duration;

use portcullisctl::demo::{client::Era, stand::Setup};
use reqwest::Method;
use serde_json::json;

use super::support::{Rig, eventually, within};

#[tokio::test(flavor = "multi_thread")]
async fn the_get_stream_is_masked_and_each_event_comes_at_once() {
    let rig = Rig::start(Setup::default()).await;
    let client = rig.connect("ada", "engineering", Era::Legacy).await;
    eventually("the GET stream", || rig.stand.server.seen().iter().any(|seen| seen.method == "(GET)")).await;
    for round in 1..=4 {
        let mail = json!({ "to": "hannah.abbott@example.com", "subject": "Your portcullis", "body": "It is ready." });
        within(client.call("send_email", &mail)).await.unwrap();
        let late = eventually("the log message", || client.heard().logs().len() == round).await;
        assert!(late < Duration::from_secs(1), "event {round} was held back for {late:?}");
        // Longer than the server's pause between keep-alives, so that those pass, too.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    for log in client.heard().logs() {
        let log = log.to_string();
        assert!(log.contains("@example.com left the outbox") && !log.contains("hannah"), "{log}");
    }
    within(client.close()).await;
    let record = rig.records.wait_for(|record| record.operation() == "http/get").await.expect("a record of the GET stream");
    assert_eq!((record.user(), record.masked()), ("ada", vec![("email".to_owned(), 4)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn get_and_delete_need_a_token_like_post() {
    let rig = Rig::start(Setup::default()).await;
    for method in [Method::GET, Method::DELETE, Method::POST] {
        let body = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
        let request = rig.request(method.clone(), None).header("mcp-session-id", "guessed").header("content-type", "application/json");
        let response = within(request.body(body).send()).await.unwrap();
        assert_eq!(response.status(), 401, "{method}");
        assert!(response.headers().contains_key("www-authenticate"), "{method}");
    }
    assert_eq!(rig.stand.server.seen(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_arrives_while_the_call_runs() {
    let rig = Rig::start(Setup::default()).await;
    for era in [Era::Legacy, Era::Modern] {
        let client = rig.connect("ada", "engineering", era).await;
        let running = within(client.begin("export_orders", &json!({ "steps": 8, "step_ms": 400 }))).await.unwrap();
        // The export takes 3.2 s: were progress held back, all of it would come at once.
        eventually("first progress", || !client.heard().progress().is_empty()).await;
        assert!(client.heard().progress().len() < 6, "{era:?}: progress came late");
        within(running.result()).await.unwrap();
        eventually("all progress", || client.heard().progress().len() == 8).await;
        let notes: Vec<String> = client.heard().progress().into_iter().filter_map(|note| note.message).collect();
        assert!(notes.iter().all(|note| note.contains("***") && note.contains("@example.")), "{era:?}: {notes:?}");
        within(client.close()).await;
    }
}
