//! The list of tools of a running server, of both eras, as it is written.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::read::{self, Page};
use crate::demo::tls::install_provider;
use crate::exit::Failure;

const LEGACY: &str = "2025-11-25";
const MODERN: &str = "2026-07-28";

/// Pages asked for at most: a server whose cursors never end has no list.
const PAGES: usize = 200;

/// Every definition of all pages.
pub(super) fn definitions(url: &str, token: Option<&str>, ca: Option<&Path>) -> anyhow::Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut server = Server { client: client(ca)?, url, token, session: None, version: None, last_id: 0 };
        // A server of 2026-07-28 alone knows no handshake.
        let era = server.handshake().await;
        if let Err(failed) = era {
            server.version = Some(MODERN.to_owned());
            return server.list().await.map_err(|modern| {
                Failure::environment(format!("the server cannot be asked: {failed:#}; nor in {MODERN}: {modern:#}")).into()
            });
        }
        server.list().await
    })
}

struct Server<'a> {
    client: reqwest::Client,
    url: &'a str,
    token: Option<&'a str>,
    session: Option<String>,
    version: Option<String>,
    last_id: u64,
}

impl Server<'_> {
    async fn handshake(&mut self) -> anyhow::Result<()> {
        let hello = json!({
            "protocolVersion": LEGACY,
            "capabilities": {},
            "clientInfo": { "name": "portcullisctl", "version": env!("CARGO_PKG_VERSION") },
        });
        let (headers, result) = self.ask("initialize", hello).await?;
        let result: Value = serde_json::from_str(&result)?;
        self.session = headers.get("mcp-session-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        self.version = result.get("protocolVersion").and_then(Value::as_str).map(str::to_owned);
        let told = self.post("notifications/initialized", &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await?;
        told.error_for_status().context("after the handshake")?;
        Ok(())
    }

    async fn list(&mut self) -> anyhow::Result<Vec<String>> {
        let mut definitions = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES {
            let params = cursor.take().map_or_else(|| json!({}), |cursor| json!({ "cursor": cursor }));
            let (_, result) = self.ask("tools/list", params).await?;
            let page: Page<'_> = serde_json::from_str(&result).context("the server's list of tools cannot be read")?;
            definitions.extend(page.tools.into_iter().map(|tool| tool.get().to_owned()));
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(definitions);
            }
        }
        Err(Failure::wrong(format!("the server's list of tools has more than {PAGES} pages")).into())
    }

    /// The result, as it is written.
    async fn ask(&mut self, method: &str, mut params: Value) -> anyhow::Result<(HeaderMap, String)> {
        self.last_id += 1;
        if self.version.as_deref() == Some(MODERN) {
            let meta = json!({
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientCapabilities": {},
            });
            params.as_object_mut().map(|params| params.insert("_meta".to_owned(), meta));
        }
        let request = json!({ "jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params });
        let response = self.post(method, &request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.answer(response).await?;
        match read::result(&body) {
            Ok(result) => Ok((headers, result)),
            Err(wrong) => Err(anyhow::anyhow!("`{method}` is answered with status {}: {wrong}", status.as_u16())),
        }
    }

    /// Event streams may stay open after the answer: no more is read than that takes.
    async fn answer(&self, mut response: reqwest::Response) -> anyhow::Result<String> {
        const MOST: usize = 16 * 1024 * 1024;
        let is_stream = response.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            anyhow::ensure!(body.len() <= MOST, "the answer is longer than {MOST} bytes");
            let so_far = || String::from_utf8_lossy(&body).into_owned();
            if is_stream && (body.ends_with(b"\n\n") || body.ends_with(b"\r\n\r\n")) && read::result(&so_far()).is_ok() {
                break;
            }
        }
        Ok(String::from_utf8(body)?)
    }

    async fn post(&self, method: &str, message: &Value) -> anyhow::Result<reqwest::Response> {
        let mut request = self.client.post(self.url).json(message).header("accept", "application/json, text/event-stream");
        if let Some(token) = self.token {
            request = request.bearer_auth(token);
        }
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        if let Some(version) = &self.version {
            request = request.header("mcp-protocol-version", version).header("mcp-method", method);
        }
        request.send().await.with_context(|| format!("`{}` cannot be reached", self.url))
    }
}

fn client(ca: Option<&Path>) -> anyhow::Result<reqwest::Client> {
    install_provider();
    let builder = reqwest::Client::builder().timeout(Duration::from_secs(30));
    let file = match ca {
        Some(file) => Some(file.to_path_buf()),
        None => openssl_probe::probe().cert_file,
    };
    let authorities = match &file {
        Some(file) => {
            let pem = std::fs::read(file).map_err(|err| Failure::environment(format!("cannot read `{}`: {err}", file.display())))?;
            reqwest::Certificate::from_pem_bundle(&pem).with_context(|| format!("`{}` holds no certificates", file.display()))?
        }
        None => Vec::new(),
    };
    builder.tls_certs_only(authorities).build().context("the HTTP client cannot be set up")
}
