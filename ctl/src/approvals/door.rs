//! Connections: how many at the same time, of whom, and how long one may take to say what it wants.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

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

/// Between two lines about the same bound: whoever meets one meets it often.
const SILENCE: Duration = Duration::from_secs(60);

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
    let (mut full, mut crowded) = (Told::default(), Told::default());
    loop {
        if permits.available_permits() == 0 && full.is_due() {
            tell_user!(
                "portcullisctl approvals: all {} connections are in use, and the next wait until one ends; see `limits.connections`",
                bounds.connections
            );
        }
        let permit = Arc::clone(&permits).acquire_owned().await;
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(_) => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        while connections.try_join_next().is_some() {}
        let Some(place) = open.take(prefix(peer.ip()), bounds.of_address) else {
            if crowded.is_due() {
                tell_user!(
                    "portcullisctl approvals: {} has {} connections, and the next are closed at once. An Envoy has one for each call that waits: see \
                     `limits.connections_of_address`",
                    peer.ip(),
                    bounds.of_address.unwrap_or_default()
                );
            }
            continue;
        };
        let (tls, router) = (tls.clone(), router.clone().layer(Extension(Peer(peer))));
        connections.spawn(async move {
            let _held = (permit, place);
            match tls {
                None => speak(stream, router, PATIENCE).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
                        speak(stream, router, PATIENCE).await;
                    }
                }
            }
        });
    }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router, patience: Duration) {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience);
    // What went wrong with a connection is its other end's to know.
    let _ = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await;
}

/// When something was said last.
#[derive(Default)]
struct Told(Option<Instant>);

impl Told {
    fn is_due(&mut self) -> bool {
        let is_due = self.0.is_none_or(|last| last.elapsed() >= SILENCE);
        if is_due {
            self.0 = Some(Instant::now());
        }
        is_due
    }
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

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    fn router() -> Router {
        Router::new().route("/", get(|| async { "here" }))
    }

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

    /// All that comes until the other end closes; nothing that is right takes long.
    async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> String {
        let mut all = Vec::new();
        // A connection that is reset is closed as well.
        let _ = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut all)).await.expect("it is not closed");
        String::from_utf8(all).unwrap()
    }

    #[tokio::test]
    async fn whoever_does_not_say_what_it_wants_is_not_waited_for() {
        for said in [&b""[..], b"GET / HT", b"GET / HTTP/1.1\r\nhost: a\r\n"] {
            let (mut near, far) = tokio::io::duplex(1024);
            let speaking = tokio::spawn(speak(far, router(), Duration::from_millis(1)));
            near.write_all(said).await.unwrap();
            assert!(!answer(&mut near).await.contains("here"), "{said:?}");
            speaking.await.unwrap();
        }
        let (mut near, far) = tokio::io::duplex(1024);
        tokio::spawn(speak(far, router(), PATIENCE));
        near.write_all(REQUEST).await.unwrap();
        assert!(answer(&mut near).await.ends_with("here"));
    }

    /// The next is neither closed nor answered, and answered as soon as there is room.
    #[tokio::test]
    async fn more_connections_than_there_may_be_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(serve(listener, None, router(), Bounds { connections: 2, of_address: None }));
        let mut held = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // That it is answered shows that it is taken; with keep-alive it stays.
            stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
            let mut head = [0; 15];
            stream.read_exact(&mut head).await.unwrap();
            assert_eq!(&head, b"HTTP/1.1 200 OK");
            held.push(stream);
        }
        let mut third = TcpStream::connect(address).await.unwrap();
        third.write_all(REQUEST).await.unwrap();
        let early = tokio::time::timeout(Duration::from_millis(200), third.read_u8()).await;
        assert!(early.is_err(), "neither answered nor closed: {early:?}");
        held.pop();
        assert!(answer(&mut third).await.ends_with("here"));
        serving.abort();
    }

    #[test]
    fn the_same_is_not_said_over_and_over() {
        let mut told = Told::default();
        assert!(told.is_due() && !told.is_due() && !told.is_due());
        let long_ago = Instant::now().checked_sub(SILENCE);
        assert!(long_ago.is_none_or(|last| Told(Some(last)).is_due()));
    }
}
