//! An MCP server with tools worth guarding: customer data, SQL, files with credentials in them, mail, a slow export.
//!
//! It is a real server (rmcp over streamable HTTP, both eras of the protocol) with invented data. It writes down every request that
//! reaches it, so that a test or the story can prove what did *not*.

mod data;
mod desk;
mod files;
mod schema;
mod watch;

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::{Router, middleware};
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager};
use tokio::{net::TcpListener, sync::oneshot};

use super::tls::Identity;
pub use data::{Raw, personal};
use desk::{Desk, Shared};
pub use files::credentials;
pub use watch::Seen;

/// What a [`DemoServer`] is started with.
pub struct Settings {
    /// `None` serves plain HTTP, for tests.
    pub tls: Option<Identity>,
    /// The bearer token without which nothing is answered: what the filter is to put in the client's place.
    pub credential: String,
    /// Plain answers as one JSON object instead of an SSE stream (rmcp does so where no session is used).
    pub json: bool,
    /// Legacy clients get a session, SSE answers and the GET stream.
    pub sessions: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { tls: None, credential: String::new(), json: true, sessions: true }
    }
}

/// A running server; dropping it ends its streams and stops it.
pub struct DemoServer {
    /// `https://127.0.0.1:PORT/mcp`, or `http` without TLS.
    pub url: String,
    /// The authority that signed its certificate, PEM.
    pub ca_pem: Option<String>,
    shared: Arc<Shared>,
    log: watch::Log,
    _stop: oneshot::Sender<()>,
}

impl DemoServer {
    pub async fn start(settings: Settings) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port on 127.0.0.1 for the demo server")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new()?);
        let log = watch::Log::default();

        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(settings.sessions)
            .with_json_response(settings.json)
            .with_sse_keep_alive(Some(Duration::from_secs(5)));
        let streams = config.cancellation_token.clone();
        let desks = Arc::clone(&shared);
        let service: StreamableHttpService<Desk, LocalSessionManager> =
            StreamableHttpService::new(move || Ok(Desk::new(Arc::clone(&desks))), Arc::default(), config);
        let door = watch::Door { credential: Arc::from(format!("Bearer {}", settings.credential)), log: log.clone() };
        let router = Router::new().nest_service("/mcp", service).layer(middleware::from_fn_with_state(door, watch::note));

        let (scheme, ca_pem) = settings.tls.as_ref().map_or(("http", None), |identity| ("https", Some(identity.ca_pem.clone())));
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = async move {
            // Ends when the server is dropped: nothing is ever sent.
            let _ = stopped.await;
            streams.cancel();
        };
        match settings.tls {
            Some(identity) => {
                let listener = crate::listen::Tls::new(listener, identity.config)?;
                tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(ended).await });
            }
            None => {
                tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(ended).await });
            }
        }
        Ok(Self { url: format!("{scheme}://{address}/mcp"), ca_pem, shared, log, _stop: stop })
    }

    /// Every HTTP request that arrived so far, in order; those without the credential too.
    pub fn seen(&self) -> Vec<Seen> {
        self.log.all()
    }

    /// Mails "sent" so far, as `(to, subject)`.
    pub fn outbox(&self) -> Vec<(String, String)> {
        self.shared.outbox()
    }

    /// Exports that ended early because the caller cancelled or went away.
    pub fn cancelled_exports(&self) -> usize {
        self.shared.cancelled_exports()
    }
}

#[cfg(test)]
mod tests;
