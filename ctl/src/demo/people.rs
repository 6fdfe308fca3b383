//! The approval service of the demo: people of its issuer decide, on the page or from here.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use portcullis::policy::approval_service;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    approvals::{Clock, Server},
    issuer::DevIssuer,
    random,
};

/// A running service; dropping it stops it.
pub struct People {
    /// Page and endpoints: `http://127.0.0.1:PORT`, which is also the audience of approvers' tokens.
    pub url: String,
    /// The key it signs with, a public JWK.
    pub key: String,
    /// What the filter shows it.
    pub secret: String,
    http: reqwest::Client,
    _server: Server,
}

/// Where a request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub id: String,
    /// `pending`, `approved`, `consumed`, `denied`, `expired` or `cancelled`.
    pub status: String,
}

impl People {
    /// On `port`, with its files in `folder`.
    pub async fn start(folder: &Path, issuer: &DevIssuer, port: u16) -> Result<Self> {
        let url = format!("http://127.0.0.1:{port}");
        let secret = format!("{}{}", random::name()?, random::name()?);
        let digest: String = Sha256::digest(&secret).iter().map(|byte| format!("{byte:02x}")).collect();
        let within = |name: &str| folder.join(name).display().to_string();
        let config = json!({
            "version": 1,
            "listen": format!("127.0.0.1:{port}"),
            "public_url": url,
            "store": { "sqlite": within("approvals.db") },
            "signing_keys": [within("approvals.key")],
            "filters": [{ "id": "demo", "secret_sha256": digest }],
            "approvers": { "issuers": [{ "issuer": issuer.issuer, "jwks_url": issuer.jwks_url }] },
            "login": { "issuer": issuer.issuer, "client_id": "portcullis-approvals" },
        });
        let config = approval_service::from_yaml(&config.to_string(), &|_| None)
            .map_err(|report| anyhow::anyhow!("the approval service cannot be configured:\n{report}"))?;
        let server = Server::start(&config, Clock::default()).await.context("the approval service does not start")?;
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
        let published = format!("{url}/.well-known/portcullis-approvals.json");
        let published: Value = http.get(published).send().await?.error_for_status()?.json().await?;
        let key = published.pointer("/jwks/keys/0").context("the approval service publishes no key")?.to_string();
        Ok(Self { url, key, secret, http, _server: server })
    }

    /// A request of this caller that waits and this approver may see.
    pub async fn waiting(&self, token: &str, of: &str) -> Result<Option<Asked>> {
        let (_, list) = self.call(Method::GET, "/approver/v1/requests", token, None).await?;
        let requests = list.get("requests").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Ok(requests.iter().filter(|request| request.to_string().contains(of)).find_map(asked))
    }

    pub async fn look(&self, token: &str, id: &str) -> Result<Option<Asked>> {
        let (_, whole) = self.call(Method::GET, &format!("/approver/v1/requests/{id}"), token, None).await?;
        Ok(asked(&whole))
    }

    /// Decides as the owner of `token`; the answer's status and its word of error.
    pub async fn approve(&self, token: &str, id: &str, reason: &str) -> Result<(u16, String)> {
        let body = json!({ "decision": "approve", "reason": reason });
        let (status, answer) = self.call(Method::POST, &format!("/access/v1/requests/{id}/decisions"), token, Some(&body)).await?;
        Ok((status, answer.get("error").and_then(Value::as_str).unwrap_or_default().to_owned()))
    }

    async fn call(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> Result<(u16, Value)> {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(token);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.context("the approval service does not answer")?;
        Ok((answer.status().as_u16(), answer.json().await.unwrap_or_default()))
    }
}

fn asked(request: &Value) -> Option<Asked> {
    let text = |name: &str| request.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Asked { id: text("id")?, status: text("status")? })
}
