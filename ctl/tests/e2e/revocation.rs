//! Access taken back while it is used: two Envoys with two workers each, one list.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use portcullisctl::{
    demo::{
        client::{self, Client, Era},
        gateway_seam::{Envoy, Gateway, Options},
        records::Records,
        stand::{Setup, Stand},
    },
    issuer::TokenRequest,
    revoke::{Entry, ListFile, Renewal},
};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::support::within;

/// What the demo's policy says.
const INTERVAL: Duration = Duration::from_secs(1);
/// On top of it: the fetch, the ticks of the workers, a busy machine.
const SLACK: Duration = Duration::from_secs(2);

/// Two gateways in front of one server, as two replicas are. The policy's resource is the URL of the first.
struct Two {
    first: Envoy,
    second: Envoy,
    second_log: PathBuf,
}

impl Two {
    async fn start(options: Options) -> Result<Self> {
        let second_log = options.audit_log.with_extension("second");
        let other = Options { listen: "127.0.0.1:0".to_owned(), audit_log: second_log.clone(), ..options.clone() };
        Ok(Self { first: Envoy::start(options).await?, second: Envoy::start(other).await?, second_log })
    }

    fn urls(&self) -> [String; 2] {
        [self.first.url(), self.second.url()].map(str::to_owned)
    }
}

impl Gateway for Two {
    fn url(&self) -> &str {
        self.first.url()
    }

    fn ca_path(&self) -> &Path {
        self.first.ca_path()
    }

    async fn replace_policy(&mut self, policy: &str) -> Result<()> {
        self.first.replace_policy(policy).await
    }
}

fn token<G: Gateway>(stand: &Stand<G>, user: &str, extra: Value) -> String {
    let extra = extra.as_object().cloned().unwrap();
    let groups = vec!["engineering".to_owned()];
    let request = TokenRequest { user: user.to_owned(), groups, client: Some("agent".into()), extra, ..TokenRequest::default() };
    stand.issuer.token(&request).unwrap()
}

/// Begins a call whose answer streams for half a minute.
async fn export(ca: &str, url: &str, token: &str) -> Response {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}, "progressToken": 1,
    });
    let params = json!({ "name": "export_orders", "arguments": { "steps": 150, "step_ms": 200 }, "_meta": meta });
    let request = client::http(Some(ca))
        .unwrap()
        .post(url)
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "export_orders")
        .bearer_auth(token)
        .json(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }));
    within(request.send()).await.unwrap()
}

/// A stream that runs: its first event is here.
async fn running(ca: &str, url: &str, token: &str) -> Response {
    let mut response = export(ca, url, token).await;
    assert_eq!(response.status(), 200);
    assert!(within(response.chunk()).await.unwrap().is_some());
    response
}

/// How a stream ended. Envoy keeps the connection of a cut HTTP/1 stream for a second more (`delayed_close_timeout`), silent.
struct End {
    last_byte: Instant,
    end: Instant,
    cut: bool,
}

async fn ended(mut response: Response) -> End {
    let mut last_byte = Instant::now();
    loop {
        match response.chunk().await {
            Ok(Some(_)) => last_byte = Instant::now(),
            other => return End { last_byte, end: Instant::now(), cut: other.is_err() },
        }
    }
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn at<'a>(record: &'a Value, pointer: &str) -> &'a str {
    record.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Each way of taking back, once; the first with many streams, so that every worker of both Envoys has some.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn streams_end_on_every_worker_of_every_envoy() {
    let stand = Stand::set(Setup { json: false, ..Setup::default() }, Two::start).await.unwrap();
    let issuer = stand.issuer.issuer.clone();
    let ways = [
        (12, "revoked_subject", Entry::Subject { iss: issuer.clone(), sub: "ada".into(), before: None, note: None }),
        (1, "revoked_token", Entry::Token { iss: issuer.clone(), jti: "t-1".into(), note: None }),
        (1, "revoked_session", Entry::Session { iss: None, sid: "s-1".into(), note: None }),
        (1, "revoked_client", Entry::Client { iss: Some(issuer.clone()), client_id: "agent".into(), note: None }),
        (1, "revoked_issuer", Entry::Issuer { iss: issuer.clone(), before: Some(4_000_000_000), note: None }),
    ];
    for (number, code, entry) in ways {
        let mina = token(&stand, "mina", json!({ "jti": "t-2", "sid": "s-2", "client_id": "other" }));
        let ada = token(&stand, "ada", json!({ "jti": "t-1", "sid": "s-1" }));
        let unharmed = match code {
            "revoked_issuer" => None,
            _ => Some(tokio::spawn(ended(running(&stand.ca_pem, stand.gateway.url(), &mina).await))),
        };
        let mut streams = Vec::new();
        for url in stand.gateway.urls() {
            for _ in 0..number {
                streams.push(tokio::spawn(ended(running(&stand.ca_pem, &url, &ada).await)));
            }
        }
        let count = streams.len();
        let begin = Instant::now();
        stand.revoke(entry.clone()).unwrap();
        // The list is in place: a build with debug assertions takes its time to sign.
        let edit = Instant::now();
        let (mut silent, mut longest) = (Duration::ZERO, Duration::ZERO);
        for stream in streams {
            let End { last_byte, end, cut } = within(stream).await.unwrap();
            silent = silent.max(last_byte.saturating_duration_since(edit));
            assert!(cut, "{code}: the stream was not cut but came to its end");
            longest = longest.max(end.saturating_duration_since(edit));
        }
        println!(
            "{code}: {count} streams over two Envoys: last byte {:.2} s, end {:.2} s after the edit, which took {:.2} s",
            silent.as_secs_f32(),
            longest.as_secs_f32(),
            (edit - begin).as_secs_f32()
        );
        assert!(longest < INTERVAL + SLACK, "{code}: {longest:?}");
        if let Some(unharmed) = unharmed {
            assert!(!unharmed.is_finished(), "{code}: a stream of somebody else ended");
            unharmed.abort();
        }
        for url in stand.gateway.urls() {
            let refused = export(&stand.ca_pem, &url, &ada).await;
            let challenge = refused.headers()["www-authenticate"].to_str().unwrap().to_owned();
            assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{code}");
            assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
            let body: Value = refused.json().await.unwrap();
            assert_eq!(body["error"], code);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        for log in [&stand.audit_log, &stand.gateway.second_log] {
            let records = lines(log);
            let cut: Vec<&Value> =
                records.iter().filter(|record| at(record, "/status_code") == code && at(record, "/unmapped/stage") == "aborted").collect();
            assert_eq!(cut.len(), number, "{code}");
            assert!(cut.iter().all(|record| at(record, "/disposition") == "Access Revoked" && at(record, "/actor/user/name") == "ada"));
            if number > 1 {
                let mut workers: Vec<&str> = cut.iter().map(|record| at(record, "/metadata/reporter/uid")).collect();
                workers.sort_unstable();
                workers.dedup();
                assert_eq!(workers.len(), 2, "both workers had streams: {workers:?}");
            }
        }
        let mut list = ListFile::open(&stand.revocations, None).unwrap();
        assert_eq!(list.remove(&entry), 1);
        list.save(Renewal::now().unwrap()).unwrap();
        drop(list);
        back_again(&stand.ca_pem, &stand.gateway.urls(), &ada).await;
    }
}

/// What was given back works again.
async fn back_again(ca: &str, urls: &[String], token: &str) {
    let begin = Instant::now();
    for url in urls {
        while export(ca, url, token).await.status() != 200 {
            assert!(begin.elapsed() < INTERVAL + SLACK, "still refused");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A new policy leaves running streams to the old one, which must not forget to look.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_from_before_a_change_of_policy_ends_as_well() {
    let mut stand = Stand::set(Setup { json: false, ..Setup::default() }, Envoy::start).await.unwrap();
    let ada = token(&stand, "ada", json!({}));
    let mut streams = Vec::new();
    for _ in 0..6 {
        streams.push(tokio::spawn(ended(running(&stand.ca_pem, stand.gateway.url(), &ada).await)));
    }
    stand.change_policy("mode: observe", "mode: enforce").await.unwrap();
    streams.push(tokio::spawn(ended(running(&stand.ca_pem, stand.gateway.url(), &ada).await)));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(streams.iter().all(|stream| !stream.is_finished()));
    stand.revoke(Entry::Session { iss: None, sid: "nobody".into(), note: None }).unwrap();
    stand.revoke(Entry::Subject { iss: stand.issuer.issuer.clone(), sub: "ada".into(), before: None, note: None }).unwrap();
    let edit = Instant::now();
    for stream in streams {
        let End { last_byte, cut, .. } = within(stream).await.unwrap();
        assert!(cut && last_byte.saturating_duration_since(edit) < INTERVAL + SLACK);
    }
}

/// The long GET stream of a session, on which nothing comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_stream_ends_too() {
    let stand = Stand::set(Setup::default(), Envoy::start).await.unwrap();
    let ada = Client::connect(&stand.target(Some(token(&stand, "ada", json!({})))), Era::Legacy).await.unwrap();
    let begin = Instant::now();
    while !stand.server.seen().iter().any(|seen| seen.method == "(GET)") {
        assert!(begin.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stand.revoke(Entry::Subject { iss: stand.issuer.issuer.clone(), sub: "ada".into(), before: None, note: None }).unwrap();
    let records = Records::new(&stand.audit_log);
    let record = records.wait_for(|record| record.operation() == "http/get" && record.code() == "revoked_subject").await;
    assert_eq!(record.expect("a record of the stream's end").stage(), "aborted");
    within(ada.close()).await;
}

/// One question a process and interval, however many workers ask themselves; none of them with an answer they know.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_fetched_once_a_process_and_interval() {
    let stand = Stand::set(Setup::default(), Envoy::start).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (before, unchanged) = stand.revocation_server.requests();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let (after, unchanged) = (stand.revocation_server.requests().0 - before, stand.revocation_server.requests().1 - unchanged);
    println!("{after} fetches in 6 s with an interval of 1 s, {unchanged} of them answered 304");
    assert!((4..=7).contains(&after), "{after}");
    assert_eq!(after, unchanged);
}

/// Whoever cannot tell who was revoked lets nobody in, and nobody go on; and a list that comes back is enough.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_fresh_list_nothing_passes() {
    let mut stand = Stand::set(Setup { json: false, ..Setup::default() }, Envoy::start).await.unwrap();
    stand.change_policy("    interval: 1s\n", "    interval: 1s\n    stale_after: 2s\n").await.unwrap();
    let ada = token(&stand, "ada", json!({}));
    let stream = tokio::spawn(ended(running(&stand.ca_pem, stand.gateway.url(), &ada).await));
    let list = std::fs::read(&stand.revocations).unwrap();
    std::fs::remove_file(&stand.revocations).unwrap();
    let gone = Instant::now();
    let End { last_byte, cut, .. } = within(stream).await.unwrap();
    println!("the list is gone: a running stream ended after {:.2} s, stale_after 2 s", (last_byte - gone).as_secs_f32());
    assert!(cut && last_byte - gone < Duration::from_secs(2) + INTERVAL + SLACK);
    let refused = export(&stand.ca_pem, stand.gateway.url(), &ada).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.json::<Value>().await.unwrap()["error"], "revocation_stale");
    std::fs::write(&stand.revocations, list).unwrap();
    back_again(&stand.ca_pem, &[stand.gateway.url().to_owned()], &ada).await;
    // With `warn` it passes, and is marked.
    stand.change_policy("    stale_after: 2s\n", "    stale_after: 2s\n    when_stale: warn\n").await.unwrap();
    std::fs::remove_file(&stand.revocations).unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(export(&stand.ca_pem, stand.gateway.url(), &ada).await.status(), 200);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let alerts = |record: &Value| record.pointer("/unmapped/alerts").cloned().unwrap_or_default();
    // It may be the first record of its worker, which says so among its alerts.
    let stale = |record: &Value| alerts(record).as_array().is_some_and(|alerts| alerts.contains(&json!("revocation_stale")));
    assert!(lines(&stand.audit_log).iter().any(stale));
}

/// A stream is not a way to use a token for ever: what only listens ends with it, a call that runs finishes.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_listens_does_not_outlive_its_token() {
    let mut stand = Stand::set(Setup { json: false, ..Setup::default() }, Envoy::start).await.unwrap();
    // Once somebody was let in the list is there: a policy replaced in the middle of the very first fetch would have to wait for another.
    let long =
        stand.issuer.token(&TokenRequest { user: "ada".into(), groups: vec!["engineering".into()], ..TokenRequest::default() }).unwrap();
    within(Client::connect(&stand.target(Some(long)), Era::Legacy).await.unwrap().close()).await;
    stand.change_policy("      algorithms: [ES256]\n", "      algorithms: [ES256]\n      clock_skew: 0s\n").await.unwrap();
    let request = TokenRequest {
        user: "ada".into(),
        groups: vec!["engineering".into()],
        lifetime: Duration::from_secs(4),
        ..TokenRequest::default()
    };
    let short = stand.issuer.token(&request).unwrap();
    let ada = Client::connect(&stand.target(Some(short.clone())), Era::Legacy).await.unwrap();
    let call = tokio::spawn(ended(running(&stand.ca_pem, stand.gateway.url(), &short).await));
    let mut found = None;
    for _ in 0..3 {
        let records = Records::new(&stand.audit_log);
        found = found.or(records
            .wait_for(|record| record.operation() == "http/get" && record.code() == "token_expired" && record.stage() == "aborted")
            .await);
    }
    assert!(found.is_some(), "the GET stream ends with its token");
    assert!(!call.is_finished(), "the call goes on");
    call.abort();
    within(ada.close()).await;
}
