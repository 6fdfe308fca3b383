//! What the tests share.

use std::time::{Duration, Instant};

use portcullisctl::{
    demo::{
        client::{self, Client, Era},
        gateway_seam::{Envoy, Gateway},
        records::Records,
        stand::{Setup, Stand},
    },
    issuer::TokenRequest,
};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) struct Rig {
    pub(crate) stand: Stand<Envoy>,
    pub(crate) records: Records,
}

impl Rig {
    pub(crate) async fn start(setup: Setup) -> Self {
        let stand = Stand::set(setup, Envoy::start).await.unwrap();
        let records = Records::new(&stand.audit_log);
        Self { stand, records }
    }

    pub(crate) fn token(&self, user: &str, group: &str) -> String {
        let request = TokenRequest { user: user.to_owned(), groups: vec![group.to_owned()], ..TokenRequest::default() };
        self.stand.issuer.token(&request).unwrap()
    }

    pub(crate) async fn connect(&self, user: &str, group: &str, era: Era) -> Client {
        let target = self.stand.target(Some(self.token(user, group)));
        within(Client::connect(&target, era)).await.unwrap()
    }

    /// An HTTP request to the endpoint, to be sent by hand.
    pub(crate) fn request(&self, method: reqwest::Method, token: Option<&str>) -> RequestBuilder {
        self.request_to("", method, token)
    }

    /// With more behind the endpoint's path.
    pub(crate) fn request_to(&self, more: &str, method: reqwest::Method, token: Option<&str>) -> RequestBuilder {
        let url = format!("{}{more}", self.stand.gateway.url());
        let request = client::http(Some(&self.stand.ca_pem)).unwrap().request(method, url);
        let request = request.header("accept", "application/json, text/event-stream");
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// A call of a tool in the 2026-07-28 revision; the answer's body is still to be read.
    pub(crate) async fn call_by_hand(&self, token: &str, tool: &str, arguments: &Value) -> Response {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "progressToken": 1,
        });
        let call = json!({
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": { "name": tool, "arguments": arguments, "_meta": meta },
        });
        let request = self.request(reqwest::Method::POST, Some(token)).json(&call);
        let request = request.header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/call").header("mcp-name", tool);
        within(request.send()).await.unwrap()
    }
}

/// Nothing here takes long; what does is stuck.
pub(crate) async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(120), what).await.expect("it takes too long")
}

/// Waits for `done`; gives how long it took.
pub(crate) async fn eventually(what: &str, done: impl Fn() -> bool) -> Duration {
    let begin = Instant::now();
    while !done() {
        assert!(begin.elapsed() < Duration::from_secs(60), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begin.elapsed()
}
