//! Budgets and history through real Envoys with two workers: one count for all of them, over connections and changes of the policy.

use portcullisctl::demo::{
    client::Era,
    gateway_seam::{Envoy, Gateway, Options},
    records::Records,
    stand::{Setup, Stand},
};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::support::{Rig, eventually, within};

/// A stand whose policy has more to it.
async fn stand(more: &str, rules: &str) -> Rig {
    let open = |mut options: Options| async move {
        options.policy = with(&options.policy, more, rules);
        Envoy::start(options).await
    };
    let stand = Stand::set(Setup::default(), open).await.unwrap();
    let records = Records::new(&stand.audit_log);
    Rig { stand, records }
}

fn with(policy: &str, more: &str, rules: &str) -> String {
    assert!(policy.contains("\nrules:\n"));
    format!("{}\n{more}\n", policy.replace("\nrules:\n", &format!("\nrules:\n{rules}\n")))
}

/// Somebody with a connection of their own.
#[derive(Clone)]
struct Somebody {
    url: String,
    token: String,
    client: Client,
}

impl Somebody {
    fn new(rig: &Rig, token: &str) -> Self {
        let client = portcullisctl::demo::client::http(Some(&rig.stand.ca_pem)).unwrap();
        Self { url: rig.stand.gateway.url().to_owned(), token: token.to_owned(), client }
    }

    /// Begins a session of the 2025-11-25 revision; its id.
    async fn session(&self) -> String {
        let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "by-hand", "version": "1" } } });
        let answer = within(self.post().json(&hello).send()).await.unwrap();
        let id = answer.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        let told = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let answer = within(self.post().header("mcp-session-id", &id).json(&told).send()).await.unwrap();
        assert_eq!(answer.status(), 202);
        id
    }

    fn post(&self) -> reqwest::RequestBuilder {
        self.client.post(&self.url).bearer_auth(&self.token).header("accept", "application/json, text/event-stream")
    }

    /// A call in a session.
    async fn call_in(self, session: &str, tool: &str, arguments: &Value) -> String {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments } });
        let request = self.post().header("mcp-session-id", session).header("mcp-protocol-version", "2025-11-25");
        let answer = within(request.json(&call).send()).await.unwrap();
        assert_eq!(answer.status(), 200);
        within(answer.text()).await.unwrap()
    }

    /// A call of the 2026-07-28 revision: what came, as text.
    async fn call(self, tool: &str, arguments: Value) -> String {
        let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} });
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        let request = self.post().header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/call").header("mcp-name", tool);
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let answer = within(request.json(&call).send()).await.unwrap();
        assert_eq!(answer.status(), 200);
        within(answer.text()).await.unwrap()
    }
}

/// So many at the same time, each a number of calls one after the other.
async fn at_once(rig: &Rig, token: &str, connections: usize, calls: usize) -> Vec<String> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..connections {
        let somebody = Somebody::new(rig, token);
        tasks.spawn(async move {
            let mut texts = Vec::new();
            for _ in 0..calls {
                texts.push(somebody.clone().call("search", json!({ "query": "chain" })).await);
            }
            texts
        });
    }
    tasks.join_all().await.concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_connections_share_one_budget() {
    let mut rig = stand("limits: { calls: { per: principal, rate: 60/h, burst: 20 } }", "").await;
    let (ada, mina) = (rig.token("ada", "engineering"), rig.token("mina", "engineering"));
    let search = json!({ "query": "chain" });
    let texts = at_once(&rig, &ada, 8, 25).await;
    let refused = texts.iter().filter(|text| text.contains("Too many calls: at most 60 an hour for each caller. Try again in")).count();
    assert_eq!((texts.len(), refused), (200, 180));
    assert_eq!(rig.stand.reached("search"), 20);
    assert!(!Somebody::new(&rig, &mina).call("search", search.clone()).await.contains("Too many"), "another caller");
    eventually("the refusals on record", || rig.records.text().matches("\"budget_calls\"").count() >= 180).await;
    // Another policy with the same budget: what was used is used.
    rig.stand.change_policy("default: deny", "default: deny # changed").await.unwrap();
    let text = std::fs::read_to_string(&rig.stand.policy).unwrap();
    let text = with(&text, "limits: { calls: { id: renamed, per: principal, rate: 60/h, burst: 20 } }", "");
    rig.stand.gateway.replace_policy(&text).await.unwrap();
    assert!(Somebody::new(&rig, &ada).call("search", search).await.contains("limit `renamed`"));
}

const AFTER: &str = "  - { id: quiet, tools: [send_email], after: { findings: [keys], tools: [read_file] }, then: deny, message: Not after that file. }\n  \
     - { id: third, tools: [search], after: { tools: [search], times: 2, within: 10m, per: principal }, then: deny, message: Twice is enough. }";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_session_did_is_known_on_every_connection_and_after_a_change_of_the_policy() {
    let mut rig = stand("", AFTER).await;
    let token = rig.token("ada", "engineering");
    let mail = json!({ "to": "hannah.abbott@example.com", "subject": "s", "body": "b" });
    // A real client with a session, then others by hand.
    let real = rig.connect("ada", "engineering", Era::Legacy).await;
    within(real.call("send_email", &mail)).await.unwrap();
    let found = Somebody::new(&rig, &token).call("read_file", json!({ "path": ".env" })).await;
    assert!(found.contains("[MASKED:"), "a file of the demo has keys in it: {found}");
    for _ in 0..6 {
        // Each over a connection of its own: both workers have some.
        let said = Somebody::new(&rig, &token).call("send_email", mail.clone()).await;
        assert!(said.contains("Not after that file."), "{said}");
    }
    assert!(!Somebody::new(&rig, &rig.token("mina", "engineering")).call("send_email", mail.clone()).await.contains("Not after"));
    let refused = within(real.call("send_email", &mail)).await;
    assert!(format!("{refused:?}").contains("Not after that file."), "read without a session, it counts for all: {refused:?}");
    within(real.close()).await;
    // In sessions each by itself, over as many connections as there are calls.
    let mina = || Somebody::new(&rig, &rig.token("mina", "engineering"));
    let (one, other) = (mina().session().await, mina().session().await);
    let found = mina().call_in(&one, "read_file", &json!({ "path": ".env" })).await;
    assert!(found.contains("[MASKED:"), "{found}");
    for _ in 0..4 {
        assert!(mina().call_in(&one, "send_email", &mail).await.contains("Not after that file."));
        assert!(!mina().call_in(&other, "send_email", &mail).await.contains("Not after"));
    }
    let many = at_once(&rig, &token, 12, 1).await;
    assert_eq!(many.iter().filter(|said| !said.contains("Twice is enough.")).count(), 2, "two at the same time, never three: {many:?}");
    let text = std::fs::read_to_string(&rig.stand.policy).unwrap();
    let changed = with(&text, "limits: { request_body: 2MiB }", AFTER);
    rig.stand.gateway.replace_policy(&changed).await.unwrap();
    let said = Somebody::new(&rig, &token).call("send_email", mail).await;
    assert!(said.contains("Not after that file."), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_counted_over_all_workers_until_they_end() {
    let rig = stand("limits: { streams: { per: principal, at_most: 3 } }", "").await;
    let token = rig.token("ada", "engineering");
    let export = json!({ "steps": 100, "step_ms": 100 });
    let mut running = Vec::new();
    for _ in 0..3 {
        let mut stream = rig.call_by_hand(&token, "export_orders", &export).await;
        assert!(within(stream.chunk()).await.unwrap().is_some());
        running.push(stream);
    }
    for _ in 0..4 {
        let said = within(rig.call_by_hand(&token, "search", &json!({ "query": "chain" })).await.text()).await.unwrap();
        assert!(said.contains("Too many calls at the same time: at most 3 for each caller."), "{said}");
    }
    let other = rig.token("mina", "engineering");
    assert_eq!(
        rig.request(Method::GET, Some(&other)).send().await.unwrap().status().as_u16() / 100,
        4,
        "the server has no stream without a session"
    );
    running.pop();
    let mut passed = false;
    for _ in 0..100 {
        let said = within(rig.call_by_hand(&token, "search", &json!({ "query": "chain" })).await.text()).await.unwrap();
        if !said.contains("Too many") {
            passed = true;
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(passed, "the place of a stream that ended is free");
}
