//! Connections: how many at the same time, of whom, and how long one may take to say what it wants.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::authn::{Peer, prefix};

/// For a handshake, and for the head of a request; also how long a connection may be open on which nothing is asked.
const PATIENCE: Duration = Duration::from_secs(20);

/// Out of file descriptors, mostly: some come back.
const PAUSE: Duration = Duration::from_millis(100);

/// How many connections.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The next wait.
    pub connections: usize,
    /// The next are closed at once. None behind a proxy.
    pub of_address: Option<usize>,
}

/// Only ends when it is dropped, and all connections with it.
pub async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router, bounds: Bounds) {
    let permits = Arc::new(Semaphore::new(bounds.connections));
    let open = Arc::new(Open::default());
    let mut connections = JoinSet::new();
    loop {
        let permit = Arc::clone(&permits).acquire_owned().await;
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(_) => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        while connections.try_join_next().is_some() {}
        let Some(place) = open.take(prefix(peer.ip()), bounds.of_address) else { continue };
        let (tls, router) = (tls.clone(), router.clone().layer(Extension(Peer(peer))));
        connections.spawn(async move {
            let _held = (permit, place);
            match tls {
                None => speak(stream, router).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
                        speak(stream, router).await;
                    }
                }
            }
        });
    }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    // What went wrong with a connection is its other end's to know.
    let _ = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await;
}

/// Open connections of each address.
#[derive(Default)]
struct Open(Mutex<HashMap<IpAddr, usize>>);

/// One of them, given back when it is dropped.
struct Place {
    open: Arc<Open>,
    address: IpAddr,
}

impl Open {
    fn take(self: &Arc<Self>, address: IpAddr, most: Option<usize>) -> Option<Place> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_insert(0);
        if most.is_some_and(|most| *count >= most) {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Place { open: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}
