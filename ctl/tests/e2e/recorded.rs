//! `record: before` through real Envoys: no call reaches the server whose record was not kept first, however the collector fares.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::post};
use portcullisctl::demo::{
    client,
    gateway_seam::{Envoy, Gateway, Options},
    records::Records,
    stand::{Setup, Stand},
};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::shared::free_port;
use super::support::{Rig, eventually, within};

/// Calls of the test; `PORTCULLIS_RECORDED_CALLS=10000` for the long run.
const CALLS: usize = 400;
const CONNECTIONS: usize = 8;

/// What a collector has on disk: it outlives the collector.
#[derive(Default)]
struct Disk {
    kept: Mutex<HashSet<String>>,
    requests: AtomicU64,
    rejects: AtomicBool,
}

/// A collector that can be killed: a runtime of its own, with everything in it.
struct Collector {
    address: SocketAddr,
    disk: Arc<Disk>,
    life: Option<Runtime>,
}

impl Collector {
    fn start() -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut collector = Self { address, disk: Arc::default(), life: None };
        collector.revive();
        collector
    }

    fn revive(&mut self) {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (address, disk) = (self.address, Arc::clone(&self.disk));
        runtime.spawn(async move {
            let listener = loop {
                match tokio::net::TcpListener::bind(address).await {
                    Ok(listener) => break listener,
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            };
            let _ = axum::serve(listener, Router::new().route("/v1/logs", post(keep)).with_state(disk)).await;
        });
        self.life = Some(runtime);
    }

    /// All its connections break, whatever it was doing.
    fn kill(&mut self) {
        if let Some(runtime) = self.life.take() {
            runtime.shutdown_background();
        }
    }

    fn has(&self, id: &str) -> bool {
        self.disk.kept.lock().unwrap().contains(id)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Keeps a record, and says so a moment later: it may die before, between and after.
async fn keep(State(disk): State<Arc<Disk>>, Json(request): Json<Value>) -> Response {
    let turn = disk.requests.fetch_add(1, Ordering::Relaxed);
    if disk.rejects.load(Ordering::Relaxed) {
        let partial = json!({ "partialSuccess": { "rejectedLogRecords": "1", "errorMessage": "not here" } });
        return Json(partial).into_response();
    }
    tokio::time::sleep(Duration::from_millis(turn % 3)).await;
    let log = &request["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
    let Some(record) = log["body"]["stringValue"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    disk.kept.lock().unwrap().insert(record["api"]["request"]["uid"].as_str().unwrap_or_default().to_owned());
    tokio::time::sleep(Duration::from_millis(turn % 4)).await;
    Json(json!({})).into_response()
}

async fn stand(collector: &Collector) -> Rig {
    let url = format!("http://{}", collector.address);
    let open = |mut options: Options| async move {
        options.clusters.push(("collector".to_owned(), url));
        let rule = "\nrules:\n  - { id: on-record, groups: [engineering], tools: [lookup_customer], then: allow, record: before }";
        options.policy =
            options.policy.replace("\nrules:", rule).replace("\naudit:\n", "\naudit:\n  collector: { cluster: collector, timeout: 1s }\n");
        Envoy::start(options).await
    };
    let stand = Stand::set(Setup::default(), open).await.unwrap();
    let records = Records::new(&stand.audit_log);
    Rig { stand, records }
}

async fn call(http: &reqwest::Client, url: &str, token: &str, id: &str) -> (u16, String) {
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} });
    let params = json!({ "name": "lookup_customer", "arguments": { "id": "C-1001" }, "_meta": meta });
    let request = http
        .post(url)
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "lookup_customer")
        .bearer_auth(token)
        .json(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }));
    let answer = within(request.send()).await.unwrap();
    (answer.status().as_u16(), within(answer.text()).await.unwrap())
}

/// JSON-RPC ids of the calls that reached the server.
fn reached(rig: &Rig) -> Vec<String> {
    rig.stand.server.seen().into_iter().filter(|seen| seen.tool.is_some()).filter_map(|seen| seen.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_passes_that_is_not_on_record() {
    let mut collector = Collector::start();
    let rig = stand(&collector).await;
    let token = rig.token("ana", "engineering");
    let calls = std::env::var("PORTCULLIS_RECORDED_CALLS").ok().and_then(|count| count.parse().ok()).unwrap_or(CALLS);

    let next = Arc::new(AtomicU64::new(0));
    let callers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (http, url) = (client::http(Some(&rig.stand.ca_pem)).unwrap(), rig.stand.gateway.url().to_owned());
            let (next, token) = (Arc::clone(&next), token.clone());
            tokio::spawn(async move {
                let mut came = Vec::new();
                loop {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    if id >= calls as u64 {
                        return came;
                    }
                    let id = format!("call-{id}");
                    let (status, body) = call(&http, &url, &token, &id).await;
                    came.push((id, status, body));
                }
            })
        })
        .collect();
    // Lives and pauses of uneven lengths, until all have called.
    let mut turn = 0_u64;
    while next.load(Ordering::Relaxed) < calls as u64 {
        tokio::time::sleep(Duration::from_millis(60 + turn * 37 % 90)).await;
        collector.kill();
        tokio::time::sleep(Duration::from_millis(turn * 53 % 70)).await;
        collector.revive();
        turn += 1;
    }
    let mut passed = 0;
    for caller in callers {
        for (id, status, body) in caller.await.unwrap() {
            match status {
                200 => {
                    assert!(body.contains("\"result\""), "{id}: {body}");
                    assert!(collector.has(&id), "{id} was answered and is not on record");
                    passed += 1;
                }
                503 => assert!(body.contains("record_not_kept") || body.contains("on record"), "{id}: {body}"),
                other => panic!("{id}: {other} {body}"),
            }
        }
    }
    let reached = reached(&rig);
    let unrecorded: Vec<&String> = reached.iter().filter(|id| !collector.has(id)).collect();
    println!(
        "{calls} calls, {turn} kills: {passed} passed, {} reached the server, {} on record before, {} of those that reached it not on record",
        reached.len(),
        collector.disk.kept.lock().unwrap().len(),
        unrecorded.len()
    );
    assert!(unrecorded.is_empty(), "{unrecorded:?}");
    assert_eq!(reached.len(), passed, "what is forwarded is answered");
    assert_eq!(reached.iter().collect::<HashSet<_>>().len(), reached.len(), "each once");
    assert!(passed > 0 && turn > 1);
    // The end of each is on record too, and names its intent.
    eventually("all ends are on record", || rig.records.text().matches("\"intent\":{\"kept\":").count() >= calls).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_gone_or_says_no_refuses() {
    let mut collector = Collector::start();
    let rig = stand(&collector).await;
    let token = rig.token("ana", "engineering");
    let (http, url) = (client::http(Some(&rig.stand.ca_pem)).unwrap(), rig.stand.gateway.url().to_owned());
    assert_eq!(call(&http, &url, &token, "first").await.0, 200);

    collector.disk.rejects.store(true, Ordering::Relaxed);
    assert_eq!(call(&http, &url, &token, "rejected").await.0, 503);
    collector.disk.rejects.store(false, Ordering::Relaxed);

    collector.kill();
    assert_eq!(call(&http, &url, &token, "gone").await.0, 503);
    assert_eq!(reached(&rig), ["first"]);
    // What no rule wants on record first does not need it.
    let answer = rig.call_by_hand(&token, "search", &json!({ "query": "order" })).await;
    assert_eq!(answer.status(), 200);

    collector.revive();
    eventually("it listens again", || std::net::TcpStream::connect(collector.address).is_ok()).await;
    assert_eq!(call(&http, &url, &token, "last").await.0, 200);
}
