//! A service on a free port, an issuer of approvers' tokens, and a client that is both filter and people.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::policy::approval_service as config;
use portcullisctl::approvals::{Clock, Server};
use portcullisctl::issuer::{DevIssuer, Login, Settings, TokenRequest};
use reqwest::Method;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::openapi;
use super::support::browser::Site;
use super::support::{free_port, secret_sha256};

pub const URL: &str = "https://approvals.example.com";
pub const SECRET: &str = "orders-filter-secret";
pub const OTHER_SECRET: &str = "billing-filter-secret";

/// What a stand is made of.
pub struct Plan {
    /// `store: ...`, in YAML; `None`: SQLite in a folder of its own.
    pub store: Option<String>,
    /// More YAML, at the end.
    pub more: String,
    /// More YAML in `approvers`, each line indented by two.
    pub approvers: String,
    /// With the page, at an address of this machine, and an issuer where people log in.
    pub page: bool,
    /// `login` instead of that, in YAML.
    pub login: Option<String>,
    /// More `limits`, in YAML, behind a comma.
    pub limits: String,
    /// Served over TLS: certificate and key, PEM files.
    pub tls: Option<(String, String)>,
}

impl Default for Plan {
    fn default() -> Self {
        let approvers = "  break_glass: { groups: [on-call], reviewers: [security] }\n  auditors: [audit]\n  \
                         people: [{ logins: [\"carol@example.com\", \"carol.admin@example.com\"] }]\n  \
                         agents: [{ client: \"agent-*\", owners: [\"owner@example.com\"] }]\n";
        let (login, limits, tls) = (None, ", address: 1000000/m".to_owned(), None);
        Self { store: None, more: String::new(), approvers: approvers.to_owned(), page: false, login, limits, tls }
    }
}

pub struct Stand {
    pub server: Server,
    pub issuer: DevIssuer,
    /// A second issuer that is trusted as well.
    pub other: DevIssuer,
    pub clock: Clock,
    pub config: config::Config,
    pub url: String,
    pub client: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Site for Stand {
    fn url(&self) -> &str {
        &self.url
    }

    fn issuer(&self) -> &str {
        &self.issuer.issuer
    }
}

/// What came back.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub body: Value,
}

impl Stand {
    pub async fn new() -> Self {
        Self::with(Plan::default()).await
    }

    pub async fn with(plan: Plan) -> Self {
        portcullisctl::demo::tls::install_provider();
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let scheme = if plan.tls.is_some() { "https" } else { "http" };
        let (port, public_url) = if plan.page { (port, format!("{scheme}://127.0.0.1:{port}")) } else { (0, URL.to_owned()) };
        let login = || if plan.page { Login::Page } else { Login::Off };
        let settings = || Settings { audience: public_url.clone(), login: login(), ..Settings::default() };
        let issuer = DevIssuer::start(settings()).await.unwrap();
        let other = DevIssuer::start(settings()).await.unwrap();
        let within = |name: &str| folder.path().join(name).display().to_string();
        let store = plan.store.unwrap_or_else(|| format!("{{ sqlite: {} }}", within("approvals.db")));
        let key = within("approvals.key");
        if store.contains("postgres") {
            portcullisctl::approvals::make_key(std::path::Path::new(&key)).unwrap();
        }
        let (first, second, orders, billing) = (&issuer, &other, secret_sha256(SECRET), secret_sha256(OTHER_SECRET));
        let own = || format!("{{ issuer: \"{}\", client_id: portcullis-approvals }}", first.issuer);
        let mut more = if plan.page { format!("login: {}\n{}", plan.login.unwrap_or_else(own), plan.more) } else { plan.more };
        if let Some((certificate, key)) = &plan.tls {
            more.push_str(&format!("tls: {{ certificate: {certificate}, key: {key} }}\n"));
        }
        let limits = plan.limits;
        let text = format!(
            "version: 1\nlisten: 127.0.0.1:{port}\npublic_url: {public_url}\nstore: {store}\nsigning_keys: [{key}]\n\
             filters:\n  - {{ id: orders, secret_sha256: {orders}, rate: 1000000/m, max_waiting: 100000, max_waiting_of_one: 50 }}\n  \
             - {{ id: billing, secret_sha256: {billing}, approver_groups: [\"billing-*\"], rate: 5/m }}\n\
             approvers:\n  issuers:\n    - {{ issuer: \"{}\", jwks_url: \"{}\" }}\n    - {{ issuer: \"{}\", jwks_url: \"{}\" }}\n{}\
             limits: {{ approver: 1000000/m, strangers: 1000000/m{limits} }}\n{}",
            first.issuer, first.jwks_url, second.issuer, second.jwks_url, plan.approvers, more
        );
        let config = config::from_yaml(&text, &|_| None).unwrap_or_else(|report| panic!("{report}\n{text}"));
        let clock = Clock::default();
        let server = Server::start(&config, clock.clone()).await.unwrap();
        let url = format!("{scheme}://{}", server.address);
        let client = reqwest::Client::new();
        Self { server, issuer, other, clock, config, url, client, _folder: folder }
    }

    /// Another replica on the same store, with the same clock.
    pub async fn replica(&self) -> Server {
        Server::start(&self.config, self.clock.clone()).await.unwrap()
    }

    /// The service ends without a word, and comes again.
    pub async fn restart(&mut self) {
        let again = self.replica().await;
        self.url = format!("http://{}", again.address);
        self.server = again;
    }

    pub async fn call(&self, method: Method, path: &str, bearer: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Told {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.url)).timeout(Duration::from_secs(60));
        if !bearer.is_empty() {
            request = request.bearer_auth(bearer);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        openapi::check(method.as_str(), path, status, &body);
        Told { status, body }
    }

    /// A filter asks.
    pub async fn ask(&self, request: &Value) -> Told {
        let key = request["context"]["binding"].as_str().unwrap_or_default().to_owned();
        self.call(Method::POST, "/access/v1/requests", SECRET, &[("idempotency-key", &key)], Some(request)).await
    }

    /// The id of a new request.
    pub async fn asked(&self, request: &Value) -> String {
        let told = self.ask(request).await;
        assert_eq!(told.status, 201, "{told:?}");
        told.body["task"]["id"].as_str().unwrap().to_owned()
    }

    pub async fn status(&self, id: &str) -> Value {
        let told = self.call(Method::GET, &format!("/access/v1/requests/{id}"), SECRET, &[], None).await;
        assert_eq!(told.status, 200, "{told:?}");
        told.body
    }

    pub async fn consume(&self, id: &str, binding: &str, name: &str) -> Told {
        let body = json!({ "binding": binding, "use": name });
        self.call(Method::POST, &format!("/access/v1/requests/{id}/consume"), SECRET, &[], Some(&body)).await
    }

    pub async fn decide(&self, id: &str, token: &str, body: Value) -> Told {
        self.call(Method::POST, &format!("/access/v1/requests/{id}/decisions"), token, &[], Some(&body)).await
    }

    pub async fn approve(&self, id: &str, token: &str) -> Told {
        self.decide(id, token, json!({ "decision": "approve", "reason": "looked at it" })).await
    }

    pub async fn get(&self, path: &str, token: &str) -> Told {
        self.call(Method::GET, path, token, &[], None).await
    }

    /// A token of a person for the service.
    pub fn token(&self, user: &str, groups: &[&str]) -> String {
        self.token_with(user, groups, json!({}))
    }

    pub fn token_with(&self, user: &str, groups: &[&str], extra: Value) -> String {
        self.issuer.token(&person(user, groups, extra)).unwrap()
    }

    /// The same person's token of the other issuer.
    pub fn other_token(&self, user: &str, groups: &[&str]) -> String {
        self.other.token(&person(user, groups, json!({}))).unwrap()
    }

    /// A call of Ada's that leads have to decide on.
    pub fn request(&self, name: &str) -> Value {
        let shown = json!({ "sql": "DELETE FROM orders", "name": name, "limit": 10.0 });
        let canonical = format!("{{\"limit\":10,\"name\":\"{name}\",\"sql\":\"DELETE FROM orders\"}}");
        let issuer = &self.issuer.issuer;
        json!({
            "subject": { "type": "user", "id": format!("{issuer}#ada"), "properties": {
                "issuer": issuer, "subject": "ada", "user": "ada", "email": "ada@example.com", "groups": ["engineering"], "client": "agent-7",
                "actors": [{ "subject": "agent-7", "client": "agent-7" }] } },
            "resource": { "type": "mcp.tool", "id": "run_sql", "properties": { "endpoint": "https://mcp.example.com/mcp" } },
            "action": { "name": "tools/call" },
            "context": {
                "binding": digest(name), "shown": shown, "shown_digest": digest(&canonical), "rule": "dba-writes", "message": "A write.",
                "policy": "ab12", "request_id": "req-1", "approvers": { "groups": ["leads"], "quorum": 1, "distinct_groups": false, "reason": "optional" },
                "grant": { "uses": 1, "valid_seconds": 900 }, "wait_seconds": 600,
            },
        })
    }
}

fn person(user: &str, groups: &[&str], extra: Value) -> TokenRequest {
    TokenRequest {
        user: user.to_owned(),
        email: Some(format!("{user}@example.com")),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        client: Some("console".to_owned()),
        extra: extra.as_object().cloned().unwrap_or_else(Map::new),
        ..TokenRequest::default()
    }
}

/// base64url SHA-256.
pub fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

/// The name of a use.
pub fn use_name(number: u64) -> String {
    URL_SAFE_NO_PAD.encode([number.to_be_bytes(), number.to_le_bytes()].concat())
}

/// What a JWS says, without its signature.
pub fn payload(jws: &Value) -> Value {
    let text = jws.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}
