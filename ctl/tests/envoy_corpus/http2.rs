//! A client that writes HTTP/2 frame by frame.

use bytes::Bytes;
use h2::client::SendRequest;
use http::{HeaderMap, Request};
use tokio::time::timeout;

use super::door::Door;
use super::frames::Way;
use super::http1::{PATIENCE, headers};
use super::support::case::Case;
use super::support::check::Seen;

/// Sends the case's request, its body in this way: each part a DATA frame.
pub(crate) async fn ask(door: &Door, case: &Case, name: &str, way: Way) -> Seen {
    let connection = connect(door, case.caller.tls.as_deref()).await;
    let mut request =
        Request::builder().method(case.request.method.as_str()).uri(format!("https://{}{}", case.request.host, case.request.path));
    for (name, value) in headers(case, name) {
        request = request.header(name, value);
    }
    let body = case.request.bytes();
    let exchange = exchange(connection, request.body(()).unwrap(), way.parts(&body), None);
    timeout(PATIENCE, exchange).await.unwrap_or_else(|_| panic!("{}: it hangs ({name})", case.name)).0
}

pub(crate) async fn connect(door: &Door, tls: Option<&str>) -> SendRequest<Bytes> {
    let stream = door.connect(tls, "h2").await;
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    client
}

/// One exchange: what came back, and its trailers. The request ends with its last part, or with trailers.
pub(crate) async fn exchange(
    connection: SendRequest<Bytes>,
    request: Request<()>,
    parts: Vec<&[u8]>,
    trailers: Option<HeaderMap>,
) -> (Seen, Option<HeaderMap>) {
    let mut connection = connection.ready().await.unwrap();
    let (response, mut sender) = connection.send_request(request, parts.is_empty() && trailers.is_none()).unwrap();
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.into_iter().enumerate() {
        // Refused when the answer is there already and the stream is over.
        if sender.send_data(Bytes::copy_from_slice(part), index == last && trailers.is_none()).is_err() {
            break;
        }
        tokio::task::yield_now().await;
    }
    if let Some(trailers) = trailers {
        let _ = sender.send_trailers(trailers);
    }
    let Ok(answer) = response.await else {
        return (Seen { cut: true, ..Seen::default() }, None);
    };
    let (head, mut body) = answer.into_parts();
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    let mut seen = Seen { status: head.status.as_u16(), ..Seen::default() };
    seen.headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    while let Some(part) = body.data().await {
        let Ok(part) = part else {
            seen.cut = true;
            return (seen, None);
        };
        let _ = body.flow_control().release_capacity(part.len());
        seen.body.extend_from_slice(&part);
    }
    let trailers = body.trailers().await;
    seen.cut = trailers.is_err();
    (seen, trailers.ok().flatten())
}
