//! A client that writes HTTP/1.1 byte for byte as it is told.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::door::Door;
use super::frames::{Reader, Way};
use super::support::case::Case;
use super::support::check::Seen;
use super::support::{proof, token};

/// What takes longer hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Sends the case's request, its body in this way; `name` goes along for the server and the record.
pub(crate) async fn ask(door: &Door, case: &Case, name: &str, way: Way) -> Seen {
    let stream = door.connect(case.caller.tls.as_deref(), "http/1.1").await;
    let (reader, mut writer) = tokio::io::split(stream);
    let body = case.request.bytes();
    let mut head =
        format!("{} {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", case.request.method, case.request.path, case.request.host);
    for (name, value) in headers(case, name) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || case.request.method == "POST" {
        head.push_str(&way.framing(&body));
    }
    head.push_str("\r\n");
    let write = async {
        writer.write_all(head.as_bytes()).await.unwrap();
        way.write(&mut writer, &body).await;
    };
    let read = async {
        let mut reader = Reader::new(reader);
        let (first, headers) = reader.head().await.expect("an answer");
        let status = first.split(' ').nth(1).unwrap().parse().unwrap();
        let (body, whole) = reader.body(&headers, true).await;
        Seen { status, headers, body, cut: !whole, ..Seen::default() }
    };
    // At the same time: an answer may come before the request is sent.
    let both = async { tokio::join!(write, read) };
    timeout(PATIENCE, both).await.unwrap_or_else(|_| panic!("{}: it hangs ({name})", case.name)).1
}

/// All headers of a case but those of the connection.
pub(crate) fn headers(case: &Case, name: &str) -> Vec<(String, String)> {
    let usual = [("accept-encoding", "gzip"), ("user-agent", name), ("x-case", name)];
    let mut headers: Vec<(String, String)> = usual.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    headers.extend(case.request.all_headers());
    let authorization = token::authorization(&case.caller);
    let proof = proof::header(&case.caller, &case.request, authorization.as_deref());
    headers.extend(authorization.map(|value| ("authorization".to_owned(), value)));
    headers.extend(proof.map(|value| ("dpop".to_owned(), value)));
    headers
}
