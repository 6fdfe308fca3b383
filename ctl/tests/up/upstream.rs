//! A server that says what reached it, and can take its time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Pieces of a slow answer, and the time between them.
pub(crate) const TICKS: usize = 20;
const TICK: Duration = Duration::from_millis(100);

/// Serves on a free port for as long as the test runs, over TLS when a configuration is given.
pub(crate) async fn start(tls: Option<rustls::ServerConfig>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                match acceptor {
                    None => answer(stream).await,
                    Some(acceptor) => answer(acceptor.accept(stream).await?).await,
                }
            });
        }
    });
    address
}

/// One request, one answer: the request's first line and its Host header, or a text in `TICKS` pieces for a path with `slow`.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let line = request.lines().next().unwrap_or_default();
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n").await?;
    if line.contains("slow") {
        for tick in 0..TICKS {
            stream.write_all(format!("tick {tick}\n").as_bytes()).await?;
            stream.flush().await?;
            tokio::time::sleep(TICK).await;
        }
    } else {
        let host = request.lines().find(|line| line.to_ascii_lowercase().starts_with("host:")).unwrap_or_default();
        stream.write_all(format!("{line}\n{host}\n").as_bytes()).await?;
    }
    stream.shutdown().await
}
