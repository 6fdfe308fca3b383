//! The load: a fixed number of calls over a few kept connections, each sent when the answer to the last has come (closed loop).

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::http::{Message, Reader, Start};

#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub connections: usize,
    /// Of all connections together.
    pub requests: usize,
}

#[derive(Debug)]
pub struct Measured {
    pub wall: Duration,
    /// Of each call, sorted.
    pub latencies: Vec<Duration>,
}

pub struct Connection {
    stream: TcpStream,
    reader: Reader,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("Envoy does not accept connections")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, reader: Reader::default() })
    }

    pub async fn call(&mut self, request: &[u8]) -> Result<Message> {
        self.stream.write_all(request).await?;
        self.reader.message(&mut self.stream, Start::Response).await?.context("Envoy closed the connection")
    }

    async fn many(&mut self, request: &[u8], expected: &[u8], count: usize) -> Result<Vec<Duration>> {
        let mut latencies = Vec::with_capacity(count);
        for _ in 0..count {
            let sent = Instant::now();
            let answer = self.call(request).await?;
            latencies.push(sent.elapsed());
            ensure!(
                answer.status() == Some(200) && answer.body == expected,
                "an answer that is not as expected: {answer:?} instead of {}",
                String::from_utf8_lossy(expected)
            );
        }
        Ok(latencies)
    }
}

pub async fn open(address: SocketAddr, shape: Shape) -> Result<Vec<Connection>> {
    let mut connections = Vec::new();
    for _ in 0..shape.connections {
        connections.push(Connection::open(address).await?);
    }
    Ok(connections)
}

/// Every answer must be exactly the one expected.
pub async fn run(connections: Vec<Connection>, request: &[u8], expected: &[u8], shape: Shape) -> Result<(Vec<Connection>, Measured)> {
    let (request, expected): (Rc<[u8]>, Rc<[u8]>) = (request.into(), expected.into());
    let each = shape.requests.div_ceil(shape.connections.max(1));
    let tasks = LocalSet::new();
    let begin = Instant::now();
    let running: Vec<_> = connections
        .into_iter()
        .map(|mut connection| {
            let (request, expected) = (Rc::clone(&request), Rc::clone(&expected));
            tasks.spawn_local(async move { connection.many(&request, &expected, each).await.map(|latencies| (connection, latencies)) })
        })
        .collect();
    tasks.await;
    let wall = begin.elapsed();
    let (mut back, mut latencies) = (Vec::new(), Vec::new());
    for task in running {
        let (connection, measured) = task.await??;
        back.push(connection);
        latencies.extend(measured);
    }
    latencies.sort_unstable();
    Ok((back, Measured { wall, latencies }))
}
