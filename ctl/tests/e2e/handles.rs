//! Task ids and request states through a real Envoy: the body that reaches the server is whole, of the length its headers say, and
//! holds the server's own values.

use std::net::Ipv4Addr;

use axum::{Router, body::Bytes, http::HeaderMap, response::IntoResponse, routing::post};
use portcullisctl::{
    issuer::{DevIssuer, Settings, TokenRequest},
    up,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::support::within;

const META: &str = r#"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#;

/// Answers every call with a task, a request state and what it was sent.
async fn server() -> String {
    async fn answer(headers: HeaderMap, body: Bytes) -> impl IntoResponse {
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let asked: Value = serde_json::from_slice(&body).unwrap();
        let seen = json!({
            "params": { "taskId": asked["params"]["taskId"], "requestState": asked["params"]["requestState"] },
            "length": header("content-length"), "read": body.len(), "name": header("mcp-name"),
        });
        let result = json!({ "taskId": "t/1 \u{e9}", "requestState": "{\"step\":2}", "seen": seen });
        ([("content-type", "application/json")], json!({ "jsonrpc": "2.0", "id": asked["id"], "result": result }).to_string())
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/mcp", post(answer))).await });
    url
}

struct Rig {
    gateway: up::Gateway,
    issuer: DevIssuer,
    client: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Rig {
    async fn start(hold: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let resource = "http://127.0.0.1/mcp";
        let issuer = DevIssuer::start(Settings { audience: resource.to_owned(), ..Settings::default() }).await.unwrap();
        let policy = json!({
            "version": 1,
            "resource": resource,
            "transport": { "tls": "off", "hold_request_headers": hold },
            "identity": {
                "issuers": [{ "issuer": issuer.issuer, "jwks": { "cluster": "dev-issuer", "path": "/jwks.json" } }],
                "sessions": { "seal_key": "${env:SEAL_KEY}" },
            },
            "default": "allow",
        });
        let gateway = up::Gateway::start(up::Options {
            tls: up::Tls::Off,
            clusters: vec![("dev-issuer".to_owned(), issuer.issuer.clone())],
            env: vec![("SEAL_KEY".to_owned(), "a key for one test of task handles".to_owned())],
            concurrency: Some(1),
            ..up::Options::new(server().await, policy.to_string(), folder.path().join("audit.ndjson"))
        });
        let client = portcullisctl::demo::client::http(None).unwrap();
        Self { gateway: gateway.await.unwrap(), issuer, client, _folder: folder }
    }

    /// The answer to a call of this method with these parameters.
    async fn ask(&self, user: &str, method: &str, name: &str, params: Value) -> Value {
        let mut params = params;
        params["_meta"] = serde_json::from_str(META).unwrap();
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let token = self.issuer.token(&TokenRequest { user: user.to_owned(), ..TokenRequest::default() }).unwrap();
        let request = self.client.post(&self.gateway.url).bearer_auth(token).header("content-type", "application/json");
        let request = request.header("accept", "application/json, text/event-stream").header("mcp-protocol-version", "2026-07-28");
        let request = request.header("mcp-method", method).header("mcp-name", name);
        let request = request.body(body);
        within(async { request.send().await.unwrap().json().await.unwrap() }).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn opened_handles_leave_the_body_whole() {
    for hold in [true, false] {
        let rig = Rig::start(hold).await;
        let filler = "x".repeat(200_000);
        let first = rig.ask("ada", "tools/call", "pay", json!({ "name": "pay" })).await;
        let (task, state) = (first["result"]["taskId"].clone(), first["result"]["requestState"].clone());
        assert!(task.as_str().unwrap().starts_with("pc1.t/1 \u{e9}."), "{first}");
        for filler in ["", &filler] {
            let params = json!({ "name": "pay", "arguments": { "filler": filler }, "requestState": state });
            let seen = &rig.ask("ada", "tools/call", "pay", params.clone()).await["result"]["seen"];
            assert_eq!(seen["params"]["requestState"], "{\"step\":2}", "hold {hold}");
            assert_eq!(seen["length"], seen["read"].to_string());
            let refused = rig.ask("mina", "tools/call", "pay", params).await;
            assert_eq!(refused["error"], json!({ "code": -32602, "message": "Invalid or expired requestState" }));
        }
        let name = format!("=?base64?{}?=", base64(task.as_str().unwrap()));
        let answer = rig.ask("ada", "tasks/get", &name, json!({ "taskId": task })).await;
        let seen = &answer["result"]["seen"];
        assert_eq!(seen["params"]["taskId"], "t/1 \u{e9}", "{answer}");
        assert_eq!(seen["name"], format!("=?base64?{}?=", base64("t/1 \u{e9}")), "the header says what the body says");
        assert_eq!(seen["length"], seen["read"].to_string());
        let refused = rig.ask("mina", "tasks/get", &name, json!({ "taskId": task })).await;
        assert_eq!(refused["error"], json!({ "code": -32602, "message": "Task not found" }));
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
