//! A real client and a server of 2025-11-25 that asks to use the client's model: the filter answers in the client's place, so the server
//! goes on, and the client never hears of it. The server's path and name are others than the client's.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Router, extract::State};
use portcullisctl::demo::client::{self, Client, Era, Target};
use portcullisctl::issuer::{DevIssuer, Settings, TokenRequest};
use portcullisctl::up;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::support::within;

/// What the server has got as the answer of its client.
#[derive(Clone, Debug, Default)]
struct Got {
    message: Value,
    path: String,
    host: String,
    session: String,
    credential: String,
}

#[derive(Clone, Default)]
struct Server {
    got: Arc<Mutex<Vec<Got>>>,
    /// The stream that waits for the answer.
    waiting: Arc<Mutex<Option<mpsc::UnboundedSender<String>>>>,
}

struct Events(mpsc::UnboundedReceiver<String>);

/// `Body::from_stream` wants a stream; this is all of one that is needed.
impl http_body::Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|event| event.map(|event| Ok(http_body::Frame::data(event.into()))))
    }
}

fn event(message: &Value) -> String {
    format!("event: message\ndata: {message}\n\n")
}

async fn answer(State(server): State<Server>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let message: Value = serde_json::from_slice(&body).unwrap();
    let result = |result: Value| json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
    let json = |body: Value| ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response();
    match message["method"].as_str() {
        Some("initialize") => {
            let hello =
                json!({ "protocolVersion": "2025-11-25", "capabilities": { "tools": {} }, "serverInfo": { "name": "s", "version": "1" } });
            ([("mcp-session-id", "s-1"), ("content-type", "application/json")], result(hello).to_string()).into_response()
        }
        Some("tools/list") => {
            let tool = |name: &str| json!({ "name": name, "description": "asks", "inputSchema": { "type": "object" } });
            json(result(json!({ "tools": [tool("forbidden"), tool("ask"), tool("other")] })))
        }
        Some("tools/call") => {
            let (send, events) = mpsc::unbounded_channel();
            let request =
                json!({ "jsonrpc": "2.0", "id": 77, "method": "sampling/createMessage", "params": { "messages": [], "maxTokens": 5 } });
            send.send(event(&request)).unwrap();
            let done = result(json!({ "content": [{ "type": "text", "text": "it said: " }] }));
            let waiting = server.waiting.clone();
            let (reply, mut replied) = mpsc::unbounded_channel::<String>();
            *waiting.lock().unwrap() = Some(reply);
            tokio::spawn(async move {
                let code = replied.recv().await.unwrap_or_default();
                let mut done = done;
                done["result"]["content"][0]["text"] = format!("it said: {code}").into();
                let _ = send.send(event(&done));
            });
            ([(header::CONTENT_TYPE, "text/event-stream")], Body::new(Events(events))).into_response()
        }
        Some(_) => StatusCode::ACCEPTED.into_response(),
        None => {
            let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            let got = Got {
                path: uri.path().to_owned(),
                host: text("host"),
                session: text("mcp-session-id"),
                credential: text("authorization"),
                message: message.clone(),
            };
            server.got.lock().unwrap().push(got);
            if let Some(waiting) = server.waiting.lock().unwrap().take() {
                let _ = waiting.send(message["error"]["code"].to_string());
            }
            StatusCode::ACCEPTED.into_response()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_is_answered_by_the_filter() {
    let server = Server::default();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/inner/mcp", post(answer)).with_state(server.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });

    let folder = tempfile::tempdir().unwrap();
    let resource = "http://127.0.0.1/mcp";
    let issuer = DevIssuer::start(Settings { audience: resource.to_owned(), ..Settings::default() }).await.unwrap();
    let policy = json!({
        "version": 1,
        "resource": resource,
        "transport": { "tls": "off", "upstream_credential": { "header": "authorization", "value": "Bearer of-the-gateway" } },
        "identity": {
            "issuers": [{ "issuer": issuer.issuer, "jwks": { "cluster": "dev-issuer", "path": "/jwks.json" } }],
            "sessions": { "seal_key": "a key for one test of what servers ask" },
        },
        "rules": [{ "id": "asks", "tools": ["ask"], "then": "allow" }],
        "server": { "sampling": "refuse" },
    });
    let records = folder.path().join("audit.ndjson");
    let gateway = up::Gateway::start(up::Options {
        tls: up::Tls::Off,
        clusters: vec![("dev-issuer".to_owned(), issuer.issuer.clone())],
        concurrency: Some(2),
        ..up::Options::new(format!("http://{address}/inner/mcp"), policy.to_string(), &records)
    });
    let gateway = gateway.await.unwrap();
    let token = issuer.token(&TokenRequest { user: "ada".to_owned(), ..TokenRequest::default() }).unwrap();
    let target = Target { url: gateway.url.clone(), ca_pem: None, token: Some(token) };
    let client = within(Client::connect(&target, Era::Legacy)).await.unwrap();

    let tools: Vec<String> = within(client.tools()).await.unwrap().into_iter().map(|tool| tool.name.into_owned()).collect();
    assert_eq!(tools, ["ask"]);

    let result = within(client.call("ask", &json!({}))).await.unwrap();
    assert_eq!(client::text(&result), "it said: 4030");
    let got = server.got.lock().unwrap().clone();
    assert_eq!(got.len(), 1, "the client was not asked: {got:?}");
    assert_eq!(got[0].message["id"], 77);
    assert_eq!(got[0].session, "s-1", "as the server knows it");
    assert_eq!(got[0].credential, "Bearer of-the-gateway");
    assert_eq!((got[0].path.as_str(), got[0].host.as_str()), ("/inner/mcp", address.to_string().as_str()));
    client.close().await;
}
