//! The MCP server behind every Envoy: reads one request, sends the same answer, on a thread of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Context, Result};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::call::{self, AS_SSE, Form};
use crate::http::{Reader, Start};

pub struct Upstream {
    pub address: SocketAddr,
    /// The body of a JSON answer.
    pub json: Vec<u8>,
    /// The body of an answer in one event.
    pub sse: Vec<u8>,
    served: Arc<AtomicU64>,
}

impl Upstream {
    /// Ends with the program.
    pub fn start(json: Vec<u8>) -> Result<Self> {
        let sse = call::body(Form::Sse, &json);
        let served = Arc::new(AtomicU64::new(0));
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let whole = Arc::new([response(Form::Json.media(), &json), response(Form::Sse.media(), &sse)]);
        let counter = Arc::clone(&served);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("upstream".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                while let Ok((stream, _)) = listener.accept().await {
                    // A connection that breaks is Envoy's to notice.
                    tokio::spawn(serve(stream, Arc::clone(&whole), Arc::clone(&counter)));
                }
            });
        })?;
        Ok(Self { address, json, sse, served })
    }

    /// Requests answered so far.
    pub fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }
}

fn response(media: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {media}\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

async fn serve(mut stream: TcpStream, answers: Arc<[Vec<u8>; 2]>, served: Arc<AtomicU64>) -> Result<()> {
    let [json, sse] = &*answers;
    stream.set_nodelay(true)?;
    let mut reader = Reader::default();
    while let Some(request) = reader.message(&mut stream, Start::Request).await? {
        served.fetch_add(1, Ordering::Relaxed);
        let answer = if request.header(AS_SSE).is_some() { sse } else { json };
        stream.write_all(answer).await?;
    }
    Ok(())
}
