//! As much of HTTP/1.1 as both ends of the bench need: one message at a time, with a length or in chunks.
//!
//! By hand because its cost is paid on the machine that is measured: a client and a server of a library take more CPU than Envoy.

use anyhow::{Context, Result, bail, ensure};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// Whatever is longer is not of this bench.
const LONGEST: usize = 1024 * 1024;

#[derive(Debug)]
pub struct Message {
    /// Start line and headers.
    head: String,
    pub body: Vec<u8>,
}

impl Message {
    /// Of a response.
    pub fn status(&self) -> Option<u16> {
        self.head.split(' ').nth(1)?.parse().ok()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// What stands for a body without a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Request,
    Response,
}

/// Bytes that came and are not read yet.
#[derive(Debug, Default)]
pub struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    /// The next message; None when the other side has closed between two.
    pub async fn message(&mut self, stream: &mut TcpStream, start: Start) -> Result<Option<Message>> {
        let end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at.saturating_add(4);
            }
            if !self.more(stream).await? {
                ensure!(self.buffer.is_empty(), "the connection ended within a head");
                return Ok(None);
            }
        };
        let head = String::from_utf8(self.take(end)).context("a head that is not UTF-8")?;
        let mut message = Message { head, body: Vec::new() };
        if message.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            message.body = self.chunks(stream).await?;
        } else if let Some(length) = message.header("content-length") {
            let length = length.parse().context("a content-length that is no number")?;
            message.body = self.exactly(stream, length).await?;
        } else if start == Start::Response {
            bail!("a response without a length: {}", message.head);
        }
        Ok(Some(message))
    }

    async fn chunks(&mut self, stream: &mut TcpStream) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let end = loop {
                if let Some(at) = find(&self.buffer, b"\r\n") {
                    break at;
                }
                ensure!(self.more(stream).await?, "the connection ended within a chunk's size");
            };
            let line = String::from_utf8(self.take(end.saturating_add(2))).context("a chunk's size that is not UTF-8")?;
            let size = usize::from_str_radix(line.trim(), 16).context("a chunk's size that is no number")?;
            let chunk = self.exactly(stream, size.saturating_add(2)).await?;
            let Some((chunk, _)) = chunk.split_at_checked(size) else { bail!("a chunk that is too short") };
            if chunk.is_empty() {
                return Ok(body);
            }
            body.extend_from_slice(chunk);
        }
    }

    async fn exactly(&mut self, stream: &mut TcpStream, length: usize) -> Result<Vec<u8>> {
        while self.buffer.len() < length {
            ensure!(self.more(stream).await?, "the connection ended within a body");
        }
        Ok(self.take(length))
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(length.min(self.buffer.len()));
        std::mem::replace(&mut self.buffer, rest)
    }

    /// False at the end of the connection.
    async fn more(&mut self, stream: &mut TcpStream) -> Result<bool> {
        ensure!(self.buffer.len() <= LONGEST, "a message that does not end");
        self.buffer.reserve(4096);
        Ok(stream.read_buf(&mut self.buffer).await? > 0)
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
