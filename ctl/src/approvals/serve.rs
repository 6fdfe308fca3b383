//! The running service: its routes, its listener, and what goes on beside requests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use portcullis::policy::approval_service::Config;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::answer::{Asked, Id, Problem};
use super::door::{self, Bounds};
use super::service::Service;
use super::{Clock, approver, contract, events, notify, page};

/// A request with masked arguments; filters keep them to 64 KiB.
const BODY: usize = 256 * 1024;

/// For one answer, or the head of an event stream: longer than a filter may wait, and no body takes so long.
const PATIENCE: Duration = Duration::from_secs(45);

/// How often time alone is looked after.
const SWEEP: Duration = Duration::from_secs(5);

/// A running service; dropping it stops it.
pub struct Server {
    pub address: SocketAddr,
    pub service: Arc<Service>,
    tasks: Vec<JoinHandle<()>>,
}

impl Server {
    /// Opens the store, listens, and starts what goes on beside requests.
    pub async fn start(config: &Config, clock: Clock) -> Result<Self> {
        crate::demo::tls::install_provider();
        let service = Service::open(config, clock).await?;
        let listener = TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let router = router(Arc::clone(&service));
        let tls = config.tls.as_ref().map(|(certificate, key)| tls(certificate, key)).transpose()?;
        let bounds = Bounds { connections: config.limits.connections, of_address: config.limits.connections_of_address };
        let serving = tokio::spawn(door::serve(listener, tls.map(|tls| TlsAcceptor::from(Arc::new(tls))), router, bounds));
        let tasks = vec![serving, notify::start(&service)?, service.pulse.watch(service.store.clone()), sweeping(Arc::clone(&service))];
        Ok(Self { address, service, tasks })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

fn sweeping(service: Arc<Service>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(SWEEP).await;
            // Told on stderr; the next round tries again.
            let _ = service.sweep().await;
        }
    })
}

pub fn router(service: Arc<Service>) -> Router {
    let people = if service.page.is_some() { page::router() } else { Router::new().route("/r/{id}", get(told)) };
    Router::new()
        .route("/access/v1/requests", post(contract::create))
        .route("/access/v1/requests/{id}", get(contract::status))
        .route("/access/v1/requests/{id}/cancel", post(contract::cancel))
        .route("/access/v1/requests/{id}/consume", post(contract::consume))
        .route("/access/v1/requests/{id}/decisions", post(contract::decide))
        .route("/approver/v1/me", get(approver::me))
        .route("/approver/v1/requests", get(approver::list))
        .route("/approver/v1/requests/{id}", get(approver::show))
        .route("/approver/v1/requests/{id}/review", post(approver::review))
        .route("/approver/v1/events", get(events::follow))
        .route("/approver/v1/journal", get(approver::journal))
        .route("/.well-known/portcullis-approvals.json", get(contract::well_known))
        .route("/healthz", get(contract::health))
        .merge(people)
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address") })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this address knows other methods")
        })
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn(guarded))
        .with_state(service)
}

/// What every answer has: nobody keeps it, nobody guesses at its type, no page frames it.
async fn guarded(request: Request, next: Next) -> Response {
    let mut response = match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the request did not come whole in time").into_response(),
    };
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'"));
    response
}

#[derive(Deserialize)]
struct Followed {
    link: Option<String>,
}

/// Where links lead without a page: tells how to decide. It shows nothing of the request, so that a link alone gives nothing away.
async fn told(State(service): State<Arc<Service>>, parts: Parts, Id(id): Id, Asked(followed): Asked<Followed>) -> Response {
    if let Err(problem) = service.by_address(&parts) {
        return problem.into_response();
    }
    if let Some(link) = followed.link
        && service.signer.open_link(&link, service.now()).is_none_or(|link| link.task != id)
    {
        return (StatusCode::FORBIDDEN, "This link was not made here, was changed, or is too old.\n").into_response();
    }
    let url = &service.public_url;
    let text = format!(
        "A call waits for a decision: {id}\n\nLook at it, and decide:\n\n  portcullisctl approvals show {id} --url {url}\n  \
         portcullisctl approvals approve {id} --url {url} --reason \"...\"\n  portcullisctl approvals refuse {id} --url {url} --reason \"...\"\n"
    );
    text.into_response()
}

fn tls(certificate: &str, key: &str) -> Result<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("`{certificate}` holds no certificates (PEM)"))?;
    let private = PrivateKeyDer::from_pem_file(key).with_context(|| format!("`{key}` holds no private key (PEM)"))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .with_context(|| format!("`{certificate}` and `{key}` do not fit each other"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
