//! Trailers on both sides, which only HTTP/2 carries to the filter, and a body whose last frame is empty.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use portcullisctl::demo::tls::loopback_identity;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::door::Door;
use super::http1::PATIENCE;
use super::http2::{connect, exchange};
use super::support::case::Caller;
use super::support::check::Seen;
use super::support::{secrets, token};

const CALL: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_order"}}"#;

/// How the server ends its answer.
const ENDINGS: [&str; 3] = ["last-frame", "empty-frame", "trailers"];

/// Speaks HTTP/2 over TLS; the header `x-ending` says how the answer in `x-answer` ends.
struct Server {
    url: String,
    authority: String,
    asked: Arc<AtomicUsize>,
}

impl Server {
    async fn start() -> Self {
        let identity = loopback_identity("a server with trailers").unwrap();
        let mut config = (*identity.config).clone();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, count) = (acceptor.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let mut connection = h2::server::handshake(acceptor.accept(socket).await.unwrap()).await.unwrap();
                    while let Some(Ok((request, respond))) = connection.accept().await {
                        count.fetch_add(1, Ordering::Relaxed);
                        answer(&request, respond);
                    }
                });
            }
        });
        Self { url, authority: identity.ca_pem, asked }
    }
}

fn answer(request: &Request<h2::RecvStream>, mut respond: h2::server::SendResponse<Bytes>) {
    let said = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
    let response = Response::builder().header("content-type", said("x-type")).body(()).unwrap();
    let mut stream = respond.send_response(response, false).unwrap();
    let body = Bytes::from(secrets::fill(&said("x-answer")));
    match said("x-ending").as_str() {
        "last-frame" => stream.send_data(body, true).unwrap(),
        "empty-frame" => {
            stream.send_data(body, false).unwrap();
            stream.send_data(Bytes::new(), true).unwrap();
        }
        _ => {
            if !body.is_empty() {
                stream.send_data(body, false).unwrap();
            }
            stream.send_trailers(trailer()).unwrap();
        }
    }
}

fn trailer() -> HeaderMap {
    HeaderMap::from_iter([("x-checksum".parse().unwrap(), HeaderValue::from_static("42"))])
}

async fn ask(door: &Door, name: &str, answer: (&str, &str, &str), trailers: Option<HeaderMap>) -> (Seen, Option<HeaderMap>) {
    let request = Request::post("https://mcp.example.com/mcp")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("authorization", token::authorization(&Caller::default()).unwrap())
        .header("user-agent", name)
        .header("x-type", answer.0)
        .header("x-answer", answer.1)
        .header("x-ending", answer.2);
    let connection = connect(door, Some("TLSv1.3")).await;
    timeout(PATIENCE, exchange(connection, request.body(()).unwrap(), vec![CALL], trailers)).await.expect("it hangs")
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_end_in_every_way_http2_has() {
    let server = Server::start().await;
    let door = Door::open_with("default", &server.url, Some(&server.authority)).await;
    let json = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"${card}"}]}}"#;
    let masked = json.replace("${card}", "[MASKED:credit_card]");
    for ending in ENDINGS {
        let (seen, trailers) = ask(&door, ending, ("application/json", json, ending), None).await;
        assert_eq!((seen.status, seen.cut), (200, false), "{ending}");
        assert_eq!(String::from_utf8(seen.body).unwrap(), masked, "{ending}");
        assert_eq!(trailers, (ending == "trailers").then(trailer), "{ending}");

        // The server stops in the middle and calls it the end.
        let half = json.split_at(json.len() - 4).0;
        let name = format!("{ending}-half");
        let (seen, trailers) = ask(&door, &name, ("application/json", half, ending), None).await;
        assert!(seen.cut && trailers.is_none(), "{ending}: half an answer must not look whole");
        assert!(!String::from_utf8_lossy(&seen.body).contains(&secrets::fill("${card}")), "{ending}");

        // A finding at the very end: it is not known to be one before the end is seen.
        let name = format!("{ending}-text");
        let (seen, _) = ask(&door, &name, ("text/plain", "your card: ${card}", ending), None).await;
        let text = String::from_utf8(seen.body).unwrap();
        assert!(!text.contains(&secrets::fill("${card}")), "{ending}: {text}");
        assert_eq!(seen.cut, ending == "trailers", "{ending}: nothing can be added once trailers are there");
        assert!(seen.cut || text == "your card: [MASKED:credit_card]", "{ending}: {text}");
    }

    // Nothing at all, as after a notification, is whole in every way.
    for ending in ENDINGS {
        let (seen, _) = ask(&door, &format!("{ending}-nothing"), ("application/json", "", ending), None).await;
        assert_eq!((seen.status, seen.cut, seen.body.len()), (200, false, 0), "{ending}");
    }

    let asked = server.asked.load(Ordering::Relaxed);
    let (seen, _) = ask(&door, "request-trailers", ("application/json", json, "last-frame"), Some(trailer())).await;
    assert_eq!(seen.status, 400);
    assert!(String::from_utf8(seen.body).unwrap().contains("request_trailers"));
    assert_eq!(server.asked.load(Ordering::Relaxed), asked, "the server was not asked");

    let names: Vec<String> =
        ENDINGS.iter().flat_map(|ending| ["", "-half", "-text", "-nothing"].map(|what| format!("{ending}{what}"))).collect();
    let mut all: Vec<&str> = names.iter().map(String::as_str).collect();
    all.push("request-trailers");
    let records = door.records(&all).await;
    let at = |name: &str, pointer: &str| records[name][0].pointer(pointer).cloned().unwrap_or_default();
    for name in all {
        assert_eq!(records[name].len(), 1, "{name}");
        let whole = !name.ends_with("-half") && name != "trailers-text";
        assert_eq!(at(name, "/unmapped/stage"), Value::from(if whole { "completed" } else { "aborted" }), "{name}");
    }
    assert_eq!(at("request-trailers", "/status_code"), "request_trailers");
    assert_eq!(at("trailers", "/unmapped/masking/findings/0/detector"), "credit_card");
}
