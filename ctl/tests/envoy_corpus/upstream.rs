//! The MCP server of the corpus: it answers what the case says, in the way asked for, and keeps what reached it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::frames::{Headers, Reader, Way};
use super::support::case::{Answer, Case};
use super::support::check::header;

pub(crate) struct Upstream {
    pub(crate) url: String,
    arrived: Arrived,
}

type Arrived = Arc<Mutex<HashMap<String, (Headers, Vec<u8>)>>>;

impl Upstream {
    /// Serves for as long as the test runs. A request says in `x-case` which case it is of and how it is answered: `12-Bytes`.
    pub(crate) async fn start(cases: Vec<Case>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let arrived = Arrived::default();
        let (cases, kept) = (Arc::new(cases), Arc::clone(&arrived));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (cases, kept) = (Arc::clone(&cases), Arc::clone(&kept));
                tokio::spawn(async move { serve(stream, &cases, &kept).await });
            }
        });
        Self { url, arrived }
    }

    /// What reached the server of this exchange.
    pub(crate) fn arrived(&self, name: &str) -> Option<(Headers, Vec<u8>)> {
        self.arrived.lock().unwrap().remove(name)
    }
}

/// One request on each connection.
async fn serve(stream: TcpStream, cases: &[Case], arrived: &Arrived) {
    stream.set_nodelay(true).unwrap();
    let (reader, mut writer) = stream.into_split();
    let mut reader = Reader::new(reader);
    let Some((line, mut headers)) = reader.head().await else { return };
    headers.extend(line.split(' ').nth(1).map(|path| (":path".to_owned(), path.to_owned())));
    let name = header(&headers, "x-case");
    let (body, _) = reader.body(&headers, false).await;
    let before = arrived.lock().unwrap().insert(name.clone(), (headers, body));
    assert!(before.is_none(), "{name}: asked twice");
    let mut said = name.split('-');
    let case = &cases[said.next().unwrap().parse::<usize>().unwrap()];
    let way = match said.next().unwrap() {
        "Whole" => Way::Whole,
        "Halves" => Way::Halves,
        _ => Way::Bytes,
    };
    let body = case.answer.bytes();
    let _ = writer.write_all(head(&case.answer, &body, way).as_bytes()).await;
    let _ = writer.flush().await;
    way.write(&mut writer, &body).await;
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
