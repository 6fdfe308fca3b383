//! `then: ask` through real Envoys, with the approval service itself: what lets a call reach the server, and what does not.

use std::time::Duration;

use portcullis::policy::approval_service as config;
use portcullisctl::approvals::{Clock, Server};
use portcullisctl::demo::{
    client,
    gateway_seam::{Envoy, Gateway, Options},
    records::Records,
    stand::{Setup, Stand},
};
use portcullisctl::issuer::{DevIssuer, Login, Settings, TokenRequest};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::shared::{free_port, secret_sha256};
use super::support::{Rig, eventually, within};

const URL: &str = "https://approvals.example.com";

/// The service, with the people who decide.
pub(super) struct People {
    server: Option<Server>,
    pub(super) issuer: DevIssuer,
    pub(super) url: String,
    key: Value,
    secret: String,
    /// More clusters for the policy.
    pub(super) clusters: Vec<(String, String)>,
    pub(super) folder: tempfile::TempDir,
}

impl People {
    pub(super) async fn start() -> Self {
        Self::with("", false).await
    }

    /// With more YAML; `has_page`: people log in at an address of this machine.
    pub(super) async fn with(more: &str, has_page: bool) -> Self {
        let port = if has_page { free_port() } else { 0 };
        let (public, login) = if has_page { (format!("http://127.0.0.1:{port}"), Login::Page) } else { (URL.to_owned(), Login::Off) };
        let folder = tempfile::tempdir().unwrap();
        let issuer = DevIssuer::start(Settings { audience: public.clone(), login, ..Settings::default() }).await.unwrap();
        let secret = ["filter", "of", "the", "test"].join("-");
        let login = format!("login: {{ issuer: \"{}\", client_id: portcullis-approvals }}\n", issuer.issuer);
        let more = format!("{}{more}", if has_page { login.as_str() } else { "" });
        let within = |name: &str| folder.path().join(name).display().to_string();
        let text = format!(
            "version: 1\nlisten: 127.0.0.1:{port}\npublic_url: {public}\nstore: {{ sqlite: {} }}\nsigning_keys: [{}]\n\
             filters: [{{ id: gate, secret_sha256: {} }}]\n\
             approvers: {{ issuers: [{{ issuer: \"{}\", jwks_url: \"{}\" }}] }}\n{more}",
            within("approvals.db"),
            within("approvals.key"),
            secret_sha256(&secret),
            issuer.issuer,
            issuer.jwks_url
        );
        let config = config::from_yaml(&text, &|_| None).unwrap_or_else(|report| panic!("{report}"));
        let server = Server::start(&config, Clock::default()).await.unwrap();
        let url = format!("http://{}", server.address);
        let keys: Value = reqwest::get(format!("{url}/.well-known/portcullis-approvals.json")).await.unwrap().json().await.unwrap();
        let key = keys["jwks"]["keys"][0].clone();
        Self { server: Some(server), issuer, url, key, secret, clusters: Vec::new(), folder }
    }

    pub(super) fn token(&self) -> String {
        let request = TokenRequest { user: "boss".to_owned(), groups: vec!["leads".to_owned()], ..TokenRequest::default() };
        self.issuer.token(&request).unwrap()
    }

    pub(super) async fn list(&self) -> Vec<Value> {
        let request = reqwest::Client::new().get(format!("{}/approver/v1/requests", self.url)).bearer_auth(self.token());
        let list: Value = within(request.send()).await.unwrap().json().await.unwrap();
        list["requests"].as_array().unwrap_or_else(|| panic!("{list}")).clone()
    }

    /// The one request that waits.
    pub(super) async fn waiting(&self) -> String {
        for _ in 0..500 {
            if let [one] = self.list().await.as_slice() {
                return one["id"].as_str().unwrap().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nobody is asked");
    }

    pub(super) async fn told(&self, id: &str) -> Value {
        let request = reqwest::Client::new().get(format!("{}/access/v1/requests/{id}", self.url)).bearer_auth(&self.secret);
        within(request.send()).await.unwrap().json().await.unwrap()
    }

    pub(super) async fn decide(&self, id: &str, decision: &str) {
        let body = json!({ "decision": decision, "reason": "looked at it" });
        let request =
            reqwest::Client::new().post(format!("{}/access/v1/requests/{id}/decisions", self.url)).bearer_auth(self.token()).json(&body);
        let answer = within(request.send()).await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }
}

async fn stand(people: &People, hold: &str) -> Rig {
    stand_with(Setup::default(), people, hold, |policy| policy).await
}

/// The same with other words in the policy.
pub(super) async fn stand_with(setup: Setup, people: &People, hold: &str, change: impl FnOnce(String) -> String + Send) -> Rig {
    let (url, key, secret, others) = (people.url.clone(), people.key.clone(), people.secret.clone(), people.clusters.clone());
    let rule = format!("\nrules:\n  - {{ id: asked, tools: [lookup_customer], then: {{ ask: {{ approvers: [leads], hold: {hold} }} }} }}");
    let binding_key = "0123456789abcdef".repeat(2);
    let section = format!(
        "\napprovals: {{ cluster: people, host: approvals.example.com, credential: \"{secret}\", key: {binding_key:?}, keys: [{key}] }}"
    );
    let open = |mut options: Options| async move {
        options.clusters.push(("people".to_owned(), url));
        options.clusters.extend(others);
        options.policy = change(options.policy.replace("\nrules:", &format!("{section}{rule}")));
        Envoy::start(options).await
    };
    let stand = Stand::set(setup, open).await.unwrap();
    let records = Records::new(&stand.audit_log);
    Rig { stand, records }
}

pub(super) fn call(rig: &Rig, token: &str, id: i64, more: Value) -> JoinHandle<Value> {
    let answer = sent(rig, token, id, more);
    tokio::spawn(async move {
        let (status, answer) = answer.await.unwrap();
        assert_eq!(status, 200, "{answer}");
        answer
    })
}

/// The same, whatever the status.
pub(super) fn sent(rig: &Rig, token: &str, id: i64, more: Value) -> JoinHandle<(u16, Value)> {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "url": {} } },
    });
    let mut params = json!({ "name": "lookup_customer", "arguments": { "id": id }, "_meta": meta });
    for (name, value) in more.as_object().unwrap() {
        params[name] = value.clone();
    }
    let request = client::http(Some(&rig.stand.ca_pem))
        .unwrap()
        .post(rig.stand.gateway.url())
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "lookup_customer")
        .bearer_auth(token)
        .json(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }));
    tokio::spawn(async move {
        let answer = within(request.send()).await.unwrap();
        let status = answer.status().as_u16();
        let text = within(answer.text()).await.unwrap();
        let json = text.lines().find_map(|line| line.strip_prefix("data:")).unwrap_or(&text);
        (status, serde_json::from_str(json).unwrap_or_else(|err| panic!("{err}: {text}")))
    })
}

pub(super) fn is_made(answer: &Value) -> bool {
    answer["result"]["isError"] != true && answer["result"]["content"].is_array()
}

pub(super) fn said(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_call_is_made_when_people_approve_it() {
    let people = People::start().await;
    let rig = stand(&people, "20s").await;
    let token = rig.token("ana", "engineering");
    let held = call(&rig, &token, 1, json!({}));
    let id = people.waiting().await;
    assert_eq!(rig.stand.reached("lookup_customer"), 0);
    people.decide(&id, "approve").await;
    let answer = held.await.unwrap();
    assert!(is_made(&answer), "{answer}");
    assert_eq!(rig.stand.reached("lookup_customer"), 1);
    eventually("it is on record", || rig.records.text().contains("\"decided_by\"")).await;
    assert!(rig.records.text().contains(&id) && rig.records.text().contains("looked at it"));

    // Another call is another question, and a denial is told.
    let held = call(&rig, &token, 2, json!({}));
    let id = people.waiting().await;
    people.decide(&id, "deny").await;
    let answer = held.await.unwrap();
    assert!(said(&answer).contains("looked at it"), "{answer}");

    // Two of the same at once have one approval between them.
    let (one, two) = (call(&rig, &token, 3, json!({})), call(&rig, &token, 3, json!({})));
    let id = people.waiting().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    people.decide(&id, "approve").await;
    let made = [one.await.unwrap(), two.await.unwrap()].iter().filter(|answer| is_made(answer)).count();
    assert_eq!((made, rig.stand.reached("lookup_customer")), (1, 2));
    assert_eq!(people.told(&id).await["approval"]["remaining"], 0);

    // Who closes the stream does not want it any more.
    let held = sent(&rig, &token, 4, json!({}));
    let id = people.waiting().await;
    held.abort();
    let _ = held.await;
    for turn in 0.. {
        let told = people.told(&id).await;
        if told["task"]["status"] == "cancelled" {
            break;
        }
        assert!(turn < 200, "the request still waits: {told}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Calls that no rule asks about need nobody.
    let answer = rig.call_by_hand(&token, "search", &json!({ "query": "order" })).await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_comes_back_for_its_approval_and_without_a_service_nothing_passes() {
    let mut people = People::start().await;
    let rig = stand(&people, "2s").await;
    let token = rig.token("ana", "engineering");
    let answer = call(&rig, &token, 1, json!({})).await.unwrap();
    assert_eq!(answer["result"]["resultType"], "input_required", "{answer}");
    let page = answer["result"]["inputRequests"]["approval"]["params"]["url"].as_str().unwrap();
    assert!(page.starts_with(URL), "{page}");
    let back = json!({ "requestState": answer["result"]["requestState"], "inputResponses": { "approval": { "action": "accept" } } });
    // It was looked at, and not approved.
    let again = call(&rig, &token, 1, back.clone()).await.unwrap();
    assert_eq!(again["result"]["resultType"], "input_required", "{again}");
    let id = people.waiting().await;
    people.decide(&id, "approve").await;
    // The approval is that of this call only.
    let other = call(&rig, &token, 2, back.clone()).await.unwrap();
    assert_eq!(other["error"]["code"], -32602, "{other}");
    let made = call(&rig, &token, 1, back).await.unwrap();
    assert!(is_made(&made), "{made}");
    assert_eq!(rig.stand.reached("lookup_customer"), 1);

    people.server = None;
    eventually("nobody listens", || std::net::TcpStream::connect(people.url.trim_start_matches("http://")).is_err()).await;
    let answer = call(&rig, &token, 5, json!({})).await.unwrap();
    assert!(said(&answer).contains("nobody can be asked now"), "{answer}");
    assert_eq!(rig.stand.reached("lookup_customer"), 1);
    eventually("it is an alert", || rig.records.text().contains("\"alerts\":[\"approvals_unavailable\"")).await;
}
