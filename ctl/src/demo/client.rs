//! A real MCP client (rmcp over reqwest) that trusts one certificate authority and remembers what it is told on the way.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use rmcp::{
    ClientHandler, ClientLifecycleMode, ClientServiceExt, RoleClient,
    model::{
        CallToolRequestParams, CallToolResult, ClientConfig, ClientRequest, Implementation, ProgressNotificationParam, ProtocolVersion,
        Request, ServerResult, Tool,
    },
    service::{NotificationContext, PeerRequestOptions, RequestHandle, RunningService, ServiceError},
    transport::{StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig},
};
use serde_json::Value;

use super::tls::install_provider;

/// Which protocol the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// The `initialize` handshake (up to 2025-11-25).
    Legacy,
    /// No handshake, `_meta` in each request (2026-07-28).
    Modern,
}

/// Where to go and as whom.
#[derive(Clone, Debug)]
pub struct Target {
    pub url: String,
    /// The only authority trusted, PEM; `None` for plain HTTP.
    pub ca_pem: Option<String>,
    /// The client's own token, without `Bearer`.
    pub token: Option<String>,
}

/// A connected client.
pub struct Client {
    running: RunningService<RoleClient, Ears>,
    heard: Heard,
}

/// What the server said without being asked.
#[derive(Clone, Debug, Default)]
pub struct Heard(Arc<Mutex<Told>>);

#[derive(Clone, Debug, Default)]
struct Told {
    progress: Vec<ProgressNotificationParam>,
    logs: Vec<Value>,
}

impl Heard {
    /// Progress notifications so far, of all calls.
    pub fn progress(&self) -> Vec<ProgressNotificationParam> {
        self.read(|told| told.progress.clone())
    }

    /// `data` of the log messages so far.
    pub fn logs(&self) -> Vec<Value> {
        self.read(|told| told.logs.clone())
    }

    fn read<T>(&self, look: impl FnOnce(&mut Told) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Client {
    /// Connects: `initialize` or `server/discover`, by era.
    pub async fn connect(target: &Target, era: Era) -> Result<Self> {
        let mut config = StreamableHttpClientTransportConfig::with_uri(target.url.as_str());
        if let Some(token) = &target.token {
            config = config.auth_header(token);
        }
        let transport = StreamableHttpClientTransport::with_client(http(target.ca_pem.as_deref())?, config);
        let lifecycle = match era {
            Era::Legacy => ClientLifecycleMode::Initialize,
            Era::Modern => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] },
        };
        let heard = Heard::default();
        let running = Ears { era, heard: heard.clone() }.serve_with_lifecycle(transport, lifecycle).await?;
        Ok(Self { running, heard })
    }

    pub fn heard(&self) -> &Heard {
        &self.heard
    }

    /// The revision both sides settled on.
    pub fn revision(&self) -> String {
        self.running.peer_info().map_or_else(|| "unknown".to_owned(), |info| info.protocol_version.to_string())
    }

    pub async fn tools(&self) -> Result<Vec<Tool>, ServiceError> {
        self.running.list_all_tools().await
    }

    /// Calls a tool and waits for its result; `arguments` is an object.
    pub async fn call(&self, tool: &str, arguments: &Value) -> Result<CallToolResult, ServiceError> {
        self.running.call_tool(params(tool, arguments)).await
    }

    /// Sends a call and gives what can await or cancel it.
    pub async fn begin(&self, tool: &str, arguments: &Value) -> Result<Pending, ServiceError> {
        let request = ClientRequest::CallToolRequest(Request::new(params(tool, arguments)));
        self.running.send_cancellable_request(request, PeerRequestOptions::no_options()).await.map(Pending)
    }

    /// Takes leave properly; dropping the client is leaving without a word.
    pub async fn close(self) {
        let _ = tokio::time::timeout(Duration::from_secs(3), self.running.cancel()).await;
    }
}

/// A call under way.
pub struct Pending(RequestHandle<RoleClient>);

impl Pending {
    pub async fn result(self) -> Result<CallToolResult, ServiceError> {
        match self.0.await_response().await? {
            ServerResult::CallToolResult(result) => Ok(result),
            _ => Err(ServiceError::UnexpectedResponse),
        }
    }

    pub async fn cancel(self) -> Result<(), ServiceError> {
        self.0.cancel(Some("changed my mind".to_owned())).await
    }
}

/// All text of a result, blocks joined by newlines.
pub fn text(result: &CallToolResult) -> String {
    let blocks: Vec<&str> = result.content.iter().filter_map(|block| block.as_text()).map(|text| text.text.as_str()).collect();
    blocks.join("\n")
}

/// The whole result as the client got it, text and structured content.
pub fn whole(result: &CallToolResult) -> String {
    let structured = result.structured_content.as_ref().map(Value::to_string).unwrap_or_default();
    [text(result), structured].join("\n")
}

/// A plain HTTP client that trusts `ca_pem` and nothing else.
pub fn http(ca_pem: Option<&str>) -> Result<reqwest::Client> {
    install_provider();
    // Idle connections are not kept: each call stands for itself, and nothing waits for one that has gone stale.
    let builder = reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy();
    let builder = match ca_pem {
        Some(pem) => {
            builder.tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes()).context("the gateway's CA file holds no certificate")?])
        }
        None => builder.tls_certs_only([]),
    };
    builder.build().context("the HTTP client cannot be set up")
}

fn params(tool: &str, arguments: &Value) -> CallToolRequestParams {
    CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments.as_object().cloned().unwrap_or_default())
}

struct Ears {
    era: Era,
    heard: Heard,
}

impl ClientHandler for Ears {
    fn get_info(&self) -> ClientConfig {
        let mut info = ClientConfig::default();
        info.client_info = Implementation::new("portcullis-demo", env!("CARGO_PKG_VERSION"));
        if self.era == Era::Legacy {
            info.protocol_version = ProtocolVersion::LATEST_WITH_INITIALIZE;
        }
        info
    }

    async fn on_progress(&self, params: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.heard.read(|told| told.progress.push(params));
    }

    #[expect(deprecated, reason = "deprecated in 2026-07-28 only; legacy servers have nothing else")]
    async fn on_logging_message(&self, params: rmcp::model::LoggingMessageNotificationParam, _: NotificationContext<RoleClient>) {
        self.heard.read(|told| told.logs.push(params.data));
    }
}
