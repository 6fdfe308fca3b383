//! The MCP server of the corpus: it answers what the case says, in the way asked for, and keeps what reached it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::frames::{Headers, Reader, Way};
use super::support::case::{Answer, Case};
use super::support::check::header;

pub(crate) struct Upstream {
    pub(crate) url: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    arrived: HashMap<String, (Headers, Vec<u8>)>,
    /// What no case accounts for.
    strange: Vec<String>,
}

impl Upstream {
    /// Serves for as long as the test runs. A request says in `x-case` which case it is of and how it is answered: `12-Bytes`.
    pub(crate) async fn start(cases: Vec<Case>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Seen>>::default();
        let (cases, kept) = (Arc::new(cases), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (cases, kept) = (Arc::clone(&cases), Arc::clone(&kept));
                tokio::spawn(async move { serve(stream, &cases, &kept).await });
            }
        });
        Self { url, seen }
    }

    /// What reached the server of this exchange.
    pub(crate) fn arrived(&self, name: &str) -> Option<(Headers, Vec<u8>)> {
        self.seen.lock().unwrap().arrived.remove(name)
    }

    /// What reached the server and should not have: a request twice, or one that nobody sent.
    pub(crate) fn strange(&self) -> Vec<String> {
        self.seen.lock().unwrap().strange.clone()
    }
}

/// One request on each connection.
async fn serve(stream: TcpStream, cases: &[Case], seen: &Mutex<Seen>) {
    stream.set_nodelay(true).unwrap();
    let (reader, mut writer) = stream.into_split();
    let mut reader = Reader::new(reader);
    let Some((line, mut headers)) = reader.head().await else { return };
    headers.extend(line.split(' ').nth(1).map(|path| (":path".to_owned(), path.to_owned())));
    let name = header(&headers, "x-case");
    let (body, _) = reader.body(&headers, false).await;
    let Some((case, way)) = asked(&name, cases) else {
        // No client's: the filter tells the server, in the client's place, that a request of the server was refused.
        if !refuses(&body) {
            seen.lock().unwrap().strange.push(format!("{line}: {}", String::from_utf8_lossy(&body)));
        }
        let _ = writer.write_all(b"HTTP/1.1 202 Accepted\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await;
        return;
    };
    {
        let mut seen = seen.lock().unwrap();
        if seen.arrived.insert(name.clone(), (headers, body)).is_some() {
            seen.strange.push(format!("{name}: asked twice"));
        }
    }
    let body = case.answer.bytes();
    let _ = writer.write_all(head(&case.answer, &body, way).as_bytes()).await;
    let _ = writer.flush().await;
    way.write(&mut writer, &body).await;
}

fn asked<'a>(name: &str, cases: &'a [Case]) -> Option<(&'a Case, Way)> {
    let mut said = name.split('-');
    let case = cases.get(said.next()?.parse::<usize>().ok()?)?;
    let way = match said.next()? {
        "Whole" => Way::Whole,
        "Halves" => Way::Halves,
        _ => Way::Bytes,
    };
    Some((case, way))
}

fn refuses(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|answer| answer.get("error").is_some() && answer.get("id").is_some())
}

fn head(answer: &Answer, body: &[u8], way: Way) -> String {
    let mut head = format!("HTTP/1.1 {} Said\r\nconnection: close\r\n{}", answer.status, way.framing(body));
    if !answer.r#type.is_empty() {
        head.push_str(&format!("content-type: {}\r\n", answer.r#type));
    }
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head
}
