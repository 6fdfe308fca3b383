//! Receivers of notices: webhooks and chats over HTTP, mail over SMTP.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What came, and what is answered while there is something left to answer with.
#[derive(Clone, Default)]
pub struct Receiver {
    pub got: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    pub answers: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    pub async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().fallback(receive).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    pub async fn nth(&self, index: usize) -> (HeaderMap, Value) {
        for _ in 0..300 {
            if let Some((headers, body)) = self.got.lock().unwrap().get(index).cloned() {
                return (headers, serde_json::from_str(&body).unwrap());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("message {index} does not come: {:?}", self.got.lock().unwrap());
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receiver.got.lock().unwrap().push((headers, String::from_utf8(body.to_vec()).unwrap()));
    let answer = receiver.answers.lock().unwrap().pop().unwrap_or(200);
    StatusCode::from_u16(answer).unwrap()
}

/// A mail server that takes everything, for as long as one mail lasts.
pub async fn smtp(listener: TcpListener, starttls: bool) -> Vec<String> {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream: BufReader<TcpStream> = BufReader::new(stream);
    let mut lines = Vec::new();
    let mut in_data = false;
    stream.write_all(b"220 here\r\n").await.unwrap();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return lines;
        }
        let line = line.trim_end().to_owned();
        lines.push(line.clone());
        let answer: &[u8] = match line.as_str() {
            "." if in_data => {
                in_data = false;
                b"250 taken\r\n"
            }
            _ if in_data => continue,
            "DATA" => {
                in_data = true;
                b"354 go on\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            hello if hello.starts_with("EHLO") && starttls => b"250-here\r\n250 STARTTLS\r\n",
            _ => b"250 fine\r\n",
        };
        stream.write_all(answer).await.unwrap();
    }
}
