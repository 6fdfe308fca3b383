//! HTTP/1.1 by hand: bytes as they are, chunks where they fall, and whether a message is whole.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

pub(crate) type Headers = Vec<(String, String)>;

/// How a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// In one write, its length told before.
    Whole,
    /// In two writes, its length told before.
    Halves,
    /// Each byte a chunk of its own.
    Bytes,
}

impl Way {
    pub(crate) fn parts(self, body: &[u8]) -> Vec<&[u8]> {
        match self {
            _ if body.is_empty() => Vec::new(),
            Self::Whole => vec![body],
            Self::Halves => Vec::from(<[&[u8]; 2]>::from(body.split_at(body.len() / 2))),
            Self::Bytes => body.chunks(1).collect(),
        }
    }

    /// The header that says where the body ends.
    pub(crate) fn framing(self, body: &[u8]) -> String {
        match self {
            Self::Bytes if !body.is_empty() => "transfer-encoding: chunked\r\n".to_owned(),
            _ => format!("content-length: {}\r\n", body.len()),
        }
    }

    /// Writes a body and lets what reads it run between the parts. Stops when nobody listens any more.
    pub(crate) async fn write(self, stream: &mut (impl AsyncWrite + Unpin), body: &[u8]) {
        let chunked = self == Self::Bytes && !body.is_empty();
        for part in self.parts(body) {
            let framed = if chunked { [b"1\r\n", part, b"\r\n"].concat() } else { part.to_vec() };
            if stream.write_all(&framed).await.is_err() || stream.flush().await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
        if chunked {
            let _ = stream.write_all(b"0\r\n\r\n").await;
        }
        let _ = stream.flush().await;
    }
}

/// Reads one message.
pub(crate) struct Reader<S> {
    stream: S,
    have: Vec<u8>,
}

impl<S: AsyncRead + Unpin> Reader<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, have: Vec::new() }
    }

    /// The first line and the headers; none when the stream ends before them.
    pub(crate) async fn head(&mut self) -> Option<(String, Headers)> {
        let first = self.line().await?;
        let mut headers = Vec::new();
        loop {
            let line = self.line().await?;
            match line.split_once(':') {
                None => return Some((first, headers)),
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            }
        }
    }

    /// The body and whether it is whole. Without a length, an answer goes on until the connection ends and a request has none.
    pub(crate) async fn body(&mut self, headers: &Headers, answer: bool) -> (Vec<u8>, bool) {
        let value = |name: &str| headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str());
        if value("transfer-encoding") == Some("chunked") {
            return self.chunks().await;
        }
        match value("content-length") {
            Some(length) => self.take(length.parse().unwrap()).await,
            None if answer => (self.take(usize::MAX).await.0, true),
            None => (Vec::new(), true),
        }
    }

    async fn chunks(&mut self) -> (Vec<u8>, bool) {
        let mut body = Vec::new();
        while let Some(size) = self.line().await {
            let size = usize::from_str_radix(&size, 16).unwrap();
            let (chunk, whole) = self.take(size).await;
            body.extend(chunk);
            if self.line().await.is_none() || !whole {
                return (body, false);
            }
            if size == 0 {
                return (body, true);
            }
        }
        (body, false)
    }

    async fn take(&mut self, size: usize) -> (Vec<u8>, bool) {
        while self.have.len() < size && self.fill().await {}
        let whole = self.have.len() >= size;
        let rest = self.have.split_off(size.min(self.have.len()));
        (std::mem::replace(&mut self.have, rest), whole)
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.have.windows(2).position(|pair| pair == b"\r\n") {
                let rest = self.have.split_off(end + 2);
                let mut line = std::mem::replace(&mut self.have, rest);
                line.truncate(end);
                return Some(String::from_utf8(line).unwrap());
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    /// False at the end, however it came.
    async fn fill(&mut self) -> bool {
        self.stream.read_buf(&mut self.have).await.is_ok_and(|size| size > 0)
    }
}
