//! `portcullisctl up` with the real filter: from the ready line over the first guarded call to Ctrl-C, and what is on record of it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use portcullisctl::wasm;
use reqwest::{RequestBuilder, Response};
use rustix::process::Signal;
use serde_json::Value;

use super::running::{Running, eventually};
use super::upstream;

const STARTER: &str = include_str!("../../../policies/starter.yaml");

async fn start() -> Running {
    let module = wasm::locate(None).await.unwrap();
    let upstream = upstream::start(None).await;
    Running::guarded(&module, STARTER, &format!("http://{upstream}"), &["--dev-issuer"])
}

fn call(up: &Running, tool: &str, token: Option<&str>) -> RequestBuilder {
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}"}}}}"#);
    let request = up.client().post(&up.url).header("content-type", "application/json").header("accept", "application/json").body(body);
    match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
}

async fn send(request: RequestBuilder) -> Response {
    tokio::time::timeout(Duration::from_secs(60), request.send()).await.expect("it hangs").unwrap()
}

/// The first line of the audit log of which this holds.
async fn line(up: &Running, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually(what, async || up.lines().into_iter().find(|line| wanted(line))).await
}

fn at<'a>(record: &'a Value, pointer: &str) -> &'a str {
    record.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_guarded_call_and_everything_on_record() {
    let mut up = start().await;
    assert!(up.stderr().contains("WARNING: the development issuer is on"), "{}", up.stderr());
    assert!(up.stderr().contains("stands in for `https://id.example.com`"), "{}", up.stderr());

    assert_eq!(send(call(&up, "get_order", None)).await.status(), 401);
    let token = up.token("engineering");
    let answer = send(call(&up, "get_order", Some(&token))).await;
    assert_eq!(answer.status(), 200);
    let seen = answer.text().await.unwrap();
    assert!(seen.starts_with("POST /mcp "), "{seen}");
    let refused = send(call(&up, "run_command", Some(&token))).await.text().await.unwrap();
    assert!(refused.contains("not allowed through this endpoint") && refused.contains("no-shell"), "{refused}");

    // The connection of a normal exchange.
    let record = line(&up, "no record of the call", |line| at(line, "/firewall_rule/uid") == "staff-read").await;
    assert_eq!((at(&record, "/actor/user/name"), at(&record, "/action")), ("ada", "Allowed"), "{record}");
    assert_eq!(
        (at(&record, "/unmapped/tls/version"), at(&record, "/unmapped/tls/cipher")),
        ("TLSv1.3", "TLS_AES_256_GCM_SHA384"),
        "{record}"
    );
    let record = line(&up, "no record of the refusal", |line| at(line, "/firewall_rule/uid") == "no-shell").await;
    assert_eq!(at(&record, "/action"), "Denied", "{record}");

    plaintext_is_told_and_on_record(&up).await;
    failed_handshakes_are_on_record(&up).await;
    a_save_with_mistakes_changes_nothing(&up, &token).await;

    up.signal(Signal::INT);
    let (status, rest) = up.end();
    assert_eq!((status.code(), rest.as_str()), (Some(0), ""), "one line on stdout, and a clean end");
    assert_eq!(up.leftovers(), 0);
    assert!(TcpStream::connect(address(&up)).is_err(), "Envoy goes on");
}

fn address(up: &Running) -> String {
    up.url.trim_start_matches("https://").trim_end_matches("/mcp").to_owned()
}

async fn plaintext_is_told_and_on_record(up: &Running) {
    let mut plain = TcpStream::connect(address(up)).unwrap();
    plain.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    plain.write_all(b"GET /mcp HTTP/1.1\r\nhost: mcp.example.com\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 426 ") && answer.contains("tls_required"), "{answer}");
    let record = line(up, "no record of the plaintext client", |line| at(line, "/status_code") == "tls_required").await;
    assert_eq!((at(&record, "/unmapped/connection"), record.pointer("/unmapped/tls")), ("plaintext", None), "{record}");
    assert_eq!(record.pointer("/http_response/code"), Some(&426.into()), "{record}");
}

async fn failed_handshakes_are_on_record(up: &Running) {
    let stranger = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    assert!(stranger.get(up.url.replace("127.0.0.1", "localhost")).send().await.is_err());
    let failed = line(up, "no failed handshake", |line| line["portcullis"] == "tls-handshake-failed").await;
    assert_eq!(failed["sni"], "localhost", "{failed}");
    assert!(!at(&failed, "/reason").is_empty() && at(&failed, "/source").starts_with("127.0.0.1:"), "{failed}");
}

async fn a_save_with_mistakes_changes_nothing(up: &Running, token: &str) {
    let wrong = STARTER
        .replace("then: allow", "then: alow")
        .replace("default: deny", "default: denied")
        .replace("groups: [contractors]", "grups: [contractors]");
    let line = 1 + wrong.lines().position(|line| line.contains("then: alow")).unwrap();
    fs::write(up.policy_file(), wrong).unwrap();
    eventually("the mistakes are not told", async || up.stderr().contains("the one before stays in force").then_some(())).await;
    let said = up.stderr();
    for part in ["`alow`", "`denied`", "grups: unknown name; did you mean `groups`?", &format!("line {line}: ")] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    assert_eq!(send(call(up, "get_order", Some(token))).await.text().await.unwrap().lines().next(), Some("POST /mcp HTTP/1.1"));

    let saved = Instant::now();
    fs::write(up.policy_file(), STARTER.replace("\"get_*\", ", "")).unwrap();
    let refused = async || send(call(up, "get_order", Some(token))).await.text().await.unwrap().contains("isError").then_some(());
    eventually("the saved policy is not in force", refused).await;
    assert!(saved.elapsed() < Duration::from_secs(2), "took {:?}", saved.elapsed());
}
