//! Sealed sessions through real Envoys: a real client keeps its own, nobody else can use it, and any replica opens it.

use std::sync::{Arc, Mutex};

use portcullisctl::demo::{
    client::{Client, Era, Target, text},
    gateway_seam::{Envoy, Gateway, Options},
    records::Records,
    stand::{Setup, Stand},
};
use portcullisctl::issuer::TokenRequest;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::support::{Rig, eventually, within};

const SEAL_KEY: &str = "E2E_SEAL_KEY";

/// A stand whose policy seals, and the options its gateway was started with.
async fn sealing(setup: Setup) -> (Rig, Options) {
    let kept = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&kept);
    let open = move |mut options: Options| async move {
        let sessions = format!("identity:\n  sessions: {{ seal_key: \"${{env:{SEAL_KEY}}}\" }}\n");
        assert!(options.policy.contains("identity:\n"));
        options.policy = options.policy.replace("identity:\n", &sessions);
        options.env.push((SEAL_KEY.to_owned(), "a key that two Envoys share for a test".to_owned()));
        *keep.lock().unwrap() = Some(options.clone());
        Envoy::start(options).await
    };
    let stand = Stand::set(setup, open).await.unwrap();
    let records = Records::new(&stand.audit_log);
    let options = kept.lock().unwrap().take().unwrap();
    (Rig { stand, records }, options)
}

/// A session begun by hand: its id as the client sees it.
async fn begin(rig: &Rig, token: &str) -> String {
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "by-hand", "version": "1" } } });
    let answer = within(rig.request(Method::POST, Some(token)).json(&hello).send()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let id = answer.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    let told = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let answer = within(rig.request(Method::POST, Some(token)).header("mcp-session-id", &id).json(&told).send()).await.unwrap();
    assert_eq!(answer.status(), 202);
    id
}

async fn ask(rig: &Rig, method: &Method, token: &str, session: &str) -> Response {
    let mut request =
        rig.request(method.clone(), Some(token)).header("mcp-session-id", session).header("mcp-protocol-version", "2025-11-25");
    if *method == Method::POST {
        request = request.json(&json!({ "jsonrpc": "2.0", "id": 5, "method": "ping" }));
    }
    within(request.send()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_client_lives_in_a_sealed_session() {
    for json in [true, false] {
        let (rig, _) = sealing(Setup { json, ..Setup::default() }).await;
        let client = rig.connect("ada", "engineering", Era::Legacy).await;
        assert_eq!(within(client.tools()).await.unwrap().len(), 5);
        let found = within(client.call("search", &json!({ "query": "chain" }))).await.unwrap();
        assert!(text(&found).contains("Hannah"));
        eventually("the GET stream", || rig.stand.server.seen().iter().any(|seen| seen.method == "(GET)")).await;
        let mail = json!({ "to": "hannah.abbott@example.com", "subject": "Your portcullis", "body": "It is ready." });
        within(client.call("send_email", &mail)).await.unwrap();
        eventually("a message on the GET stream", || !client.heard().logs().is_empty()).await;
        within(client.close()).await;
        eventually("the end of the session", || rig.stand.server.seen().iter().any(|seen| seen.method == "(DELETE)")).await;
        // Without sessions, and in the other revision, nothing is different.
        let modern = rig.connect("ada", "engineering", Era::Modern).await;
        assert_eq!(within(modern.tools()).await.unwrap().len(), 5);
        within(modern.close()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_of_no_use_to_anybody_else() {
    let (rig, _) = sealing(Setup::default()).await;
    let (ada, mina) = (rig.token("ada", "engineering"), rig.token("mina", "privacy"));
    let session = begin(&rig, &ada).await;
    let own = session.strip_prefix("pc1.").and_then(|rest| rest.rsplit_once('.')).expect("a sealed id").0.to_owned();
    assert_eq!(ask(&rig, &Method::POST, &ada, &session).await.status(), 200);
    let before = rig.stand.server.seen().len();
    let forged = format!("pc1.{own}.{}", "A".repeat(43));
    for method in [Method::POST, Method::GET, Method::DELETE] {
        for (token, id) in [(&mina, &session), (&ada, &own), (&mina, &own), (&ada, &forged)] {
            let answer = ask(&rig, &method, token, id).await;
            assert_eq!(answer.status(), 404, "{method} {id}");
            let said: Value = within(answer.json()).await.unwrap();
            assert_eq!(said, json!({ "jsonrpc": "2.0", "error": { "code": -32001, "message": "Session not found" } }));
        }
    }
    let twice = rig.request(Method::POST, Some(&ada)).header("mcp-session-id", &session).header("mcp-session-id", &session);
    let twice = twice.json(&json!({ "jsonrpc": "2.0", "id": 5, "method": "ping" }));
    assert_eq!(within(twice.send()).await.unwrap().status(), 400);
    assert_eq!(rig.stand.server.seen().len(), before, "the server was not asked");
    // The session outlives all of this, until its owner ends it.
    assert_eq!(ask(&rig, &Method::POST, &ada, &session).await.status(), 200);
    assert!(ask(&rig, &Method::DELETE, &ada, &session).await.status().is_success());
    let gone = ask(&rig, &Method::POST, &ada, &session).await;
    assert_eq!(gone.status(), 404, "the server's own word");
    // A new token of the same person is the same person.
    let fresh = begin(&rig, &ada).await;
    let again = rig.stand.issuer.token(&TokenRequest { user: "ada".to_owned(), groups: vec!["dba".to_owned()], ..TokenRequest::default() });
    assert_eq!(ask(&rig, &Method::POST, &again.unwrap(), &fresh).await.status(), 200);
    eventually("all of it is on record", || {
        ["session_seal_mismatch", "session_unsealed", "session_repeated"].iter().all(|code| rig.records.text().contains(code))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_envoys_share_a_session() {
    let (rig, options) = sealing(Setup::default()).await;
    let listen = format!("127.0.0.1:{}", super::shared::free_port());
    let second = Envoy::start(Options { listen, ..options }).await.unwrap();
    let token = rig.token("ada", "engineering");
    let session = begin(&rig, &token).await;
    let there = |token: String| {
        let client = portcullisctl::demo::client::http(Some(&std::fs::read_to_string(second.ca_path()).unwrap())).unwrap();
        let request = client.post(second.url()).bearer_auth(token).header("accept", "application/json, text/event-stream");
        request.header("mcp-session-id", &session).json(&json!({ "jsonrpc": "2.0", "id": 5, "method": "tools/list" }))
    };
    let answer = within(there(token).send()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(within(answer.text()).await.unwrap().contains("lookup_customer"));
    assert_eq!(within(there(rig.token("mina", "privacy")).send()).await.unwrap().status(), 404);
    // A whole client at the second, in a session of its own.
    let target = Target {
        url: second.url().to_owned(),
        ca_pem: Some(std::fs::read_to_string(second.ca_path()).unwrap()),
        token: Some(rig.token("ada", "engineering")),
    };
    let client = within(Client::connect(&target, Era::Legacy)).await.unwrap();
    assert_eq!(within(client.tools()).await.unwrap().len(), 5);
    within(client.close()).await;
}

/// rmcp begins a new session when its own is not known any more: the 404 has the shape it needs.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_begins_anew_when_its_session_cannot_be_opened() {
    let (mut rig, _) = sealing(Setup::default()).await;
    let client = rig.connect("ada", "engineering", Era::Legacy).await;
    assert_eq!(within(client.tools()).await.unwrap().len(), 5);
    let sessions = || rig.stand.server.seen().iter().filter(|seen| seen.method == "initialize").count();
    assert_eq!(sessions(), 1);
    // The key is changed without keeping the old one.
    let other = format!("\"another key, so that nothing opens: ${{env:{SEAL_KEY}}}\"");
    let text = std::fs::read_to_string(&rig.stand.policy).unwrap();
    let text = text.replace("identity:\n", &format!("identity:\n  sessions: {{ seal_key: {other} }}\n"));
    rig.stand.gateway.replace_policy(&text).await.unwrap();
    assert_eq!(within(client.tools()).await.unwrap().len(), 5);
    let sessions = rig.stand.server.seen().iter().filter(|seen| seen.method == "initialize").count();
    assert_eq!(sessions, 2, "the client has begun a second session by itself");
}
