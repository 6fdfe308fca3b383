//! An issuer of tokens for trying things out.
//!
//! It looks like an OpenID Connect provider to the filter (a JWKS and the two discovery documents) and, when a [`Login`] is asked for,
//! like an OAuth 2.1 authorization server to clients; but it has no users: whoever comes to its login page, or can read its state file,
//! can be anybody. It is for a laptop and for tests, binds to 127.0.0.1 only, and is never started without being asked for.

mod http;
mod keys;
mod mint;
mod oauth;
mod state;

use std::{
    net::Ipv4Addr,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{net::TcpListener, task::JoinHandle};

use keys::Keys;
pub use mint::{Mint, TokenRequest};
pub use oauth::Login;
pub use state::{State, default_path};

/// What a [`DevIssuer`] is started with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Port on 127.0.0.1. Without one: the port of the last run when `state` remembers it and it is free, else any free port.
    pub port: Option<u16>,
    /// `aud` of tokens whose request names none: the guarded endpoint's external URL.
    pub audience: String,
    /// Where key, issuer and audience are kept so that another process can mint tokens; `None` keeps all of it in memory.
    pub state: Option<PathBuf>,
    pub login: Login,
}

/// How the issuer misbehaves, for tests of whoever fetches its keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    /// Every request is answered 503.
    Down,
    /// Every answer comes this much later.
    Slow(Duration),
    /// 200 with a body that is no JSON.
    Garbage,
}

/// A running issuer; dropping it stops it.
pub struct DevIssuer {
    /// The exact `iss` of its tokens, an `http://127.0.0.1:PORT` URL.
    pub issuer: String,
    pub jwks_url: String,
    audience: String,
    state: Option<PathBuf>,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// What the HTTP side reads on each request.
struct Shared {
    issuer: String,
    keys: Mutex<Keys>,
    fault: Mutex<Fault>,
    jwks_requests: AtomicU64,
    audience: String,
    oauth: oauth::Server,
}

impl Shared {
    fn mint(&self) -> Mint {
        Mint::new(self.issuer.clone(), self.audience.clone(), locked(&self.keys).current())
    }
}

impl DevIssuer {
    pub async fn start(settings: Settings) -> Result<Self> {
        let remembered = match &settings.state {
            Some(path) => State::load(path)?,
            None => None,
        };
        let listener = bind(settings.port, remembered.as_ref().and_then(State::port)).await?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let keys = match &remembered {
            Some(state) => Keys::from_private_jwk(&state.key)?,
            None => Keys::generate(),
        };
        let shared = Arc::new(Shared {
            issuer: issuer.clone(),
            keys: Mutex::new(keys),
            fault: Mutex::default(),
            jwks_requests: AtomicU64::new(0),
            audience: settings.audience.clone(),
            oauth: oauth::Server::new(settings.login),
        });
        let router = http::router(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            // Only ends when the task is aborted: axum retries failed accepts by itself.
            let _ = axum::serve(listener, router).await;
        });
        let started =
            Self { jwks_url: format!("{issuer}/jwks.json"), issuer, audience: settings.audience, state: settings.state, shared, server };
        started.save()?;
        Ok(started)
    }

    /// A signed token. Fails only when the claims cannot be serialized.
    pub fn token(&self, request: &TokenRequest) -> Result<String> {
        self.shared.mint().token(request)
    }

    /// Signs with a new key from now on. The old keys stay published until [`Self::forget_old_keys`].
    pub fn rotate(&self) -> Result<()> {
        locked(&self.shared.keys).rotate();
        self.save()
    }

    /// Publishes the current key only: tokens of older ones must stop being accepted.
    pub fn forget_old_keys(&self) {
        locked(&self.shared.keys).forget_old();
    }

    pub fn set_fault(&self, fault: Fault) {
        *locked(&self.shared.fault) = fault;
    }

    /// How often `/jwks.json` was asked for, faults included.
    pub fn jwks_requests(&self) -> u64 {
        self.shared.jwks_requests.load(Ordering::Relaxed)
    }

    fn save(&self) -> Result<()> {
        let Some(path) = &self.state else { return Ok(()) };
        let key = locked(&self.shared.keys).private_jwk()?;
        State { issuer: self.issuer.clone(), audience: self.audience.clone(), key }.save(path)
    }
}

impl Drop for DevIssuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn bind(port: Option<u16>, remembered: Option<u16>) -> Result<TcpListener> {
    if let Some(port) = port {
        return TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("port {port} for the dev issuer cannot be used; choose another or leave it out"));
    }
    // The last run's port keeps tokens already handed out valid: the port is part of `iss`.
    if let Some(port) = remembered
        && let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
    {
        return Ok(listener);
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port on 127.0.0.1 for the dev issuer")
}

/// A poisoned lock only says that another thread panicked; every value here is replaced whole, so it is still good.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
