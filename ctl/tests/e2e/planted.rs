//! Secrets are planted in everything that a client and a server can say, and then looked for in everything that comes of it.
//!
//! With `PORTCULLIS_CAPTURED=FOLDER` all outputs are left there, to be looked at. With `PORTCULLIS_ROTEL=/path/to/rotel-agent` (`pip install rotel`) the collector is
//! Rotel, and what it hands on is searched, too.

use std::io::Read;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::{Router, extract::State, http::HeaderMap};
use portcullisctl::demo::{client::Era, stand::Setup};
use reqwest::Method;
use serde_json::{Value, json};

use super::asking::{People, call, sent, stand_with};
use super::shared::browser::{Browser, Site};
use super::shared::free_port;
use super::shared::receivers::{Receiver, smtp};
use super::support::{Rig, eventually, within};

/// Put together, so that no scanner takes this for a leak.
fn planted() -> Vec<String> {
    let key = ["sk", "live", "4eC39HqLyjWDarjtT1zdp7dc"].join("_");
    let numbers = [["4111", "1111", "1111", "1111"].concat(), ["801", "45", "6789"].join("-"), ["DE89", "37040044", "0532013000"].concat()];
    let others = ["hannah.abbott@example", "ravi.menon@example", "planted.person@example", "1984-03-12"].map(str::to_owned);
    [vec![key], numbers.to_vec(), others.to_vec()].concat()
}

/// All that came out somewhere, by where it did.
#[derive(Default)]
struct Outputs(Vec<(String, Vec<u8>)>);

impl Outputs {
    fn add(&mut self, place: &str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        assert!(!bytes.is_empty(), "{place} is empty: nothing would ever be found there");
        self.0.push((place.to_owned(), bytes));
    }

    fn add_files(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.add_files(&path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                self.0.push((path.display().to_string(), bytes));
            }
        }
    }

    fn search(&self, planted: &[String]) {
        let mut found = Vec::new();
        for (place, bytes) in &self.0 {
            // As it is, and as it stands in a URL, in a mail and in base64 within JSON.
            for secret in planted {
                let quoted = secret.replace('@', "%40");
                if [secret, &quoted].iter().any(|secret| memchr::memmem::find(bytes, secret.as_bytes()).is_some()) {
                    found.push(format!("{place} holds {}...", secret.split_at(4).0));
                }
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    fn keep(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        for (place, bytes) in &self.0 {
            std::fs::write(folder.join(place.replace(['/', '?', '&', ' '], "_")), bytes).unwrap();
        }
    }
}

/// Whoever keeps records: all that is sent to it.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<u8>>>);

impl Collector {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let keep = async |State(Self(kept)): State<Self>, headers: HeaderMap, body: Bytes| {
            let mut kept = kept.lock().unwrap();
            if headers.get("content-encoding").is_some_and(|coding| coding == "gzip") {
                flate2::read::MultiGzDecoder::new(&body[..]).read_to_end(&mut kept).unwrap();
            } else {
                kept.extend_from_slice(&body);
            }
            axum::Json(json!({}))
        };
        let app = Router::new().fallback(keep).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    fn kept(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

/// Rotel between Envoy and the collector, as `examples/siem/rotel.sh` runs it.
struct Rotel(Child);

impl Rotel {
    async fn start(agent: &Path, next: &str) -> (Self, String) {
        let (grpc, http) = (free_port(), free_port());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/siem/rotel.sh");
        let mut command = Command::new("sh");
        command.arg(script).arg(agent).env("NEXT", next).env("GRPC", format!("127.0.0.1:{grpc}")).env("HTTP", format!("127.0.0.1:{http}"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("Rotel listens", || std::net::TcpStream::connect(("127.0.0.1", http)).is_ok()).await;
        (Self(child), format!("http://127.0.0.1:{http}"))
    }
}

impl Drop for Rotel {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Site for People {
    fn url(&self) -> &str {
        &self.url
    }

    fn issuer(&self) -> &str {
        &self.issuer.issuer
    }
}

/// What Envoy says of itself; at the level of `wasm` that says most.
async fn envoy(rig: &Rig, method: Method, path: &str) -> String {
    let socket = rig.stand.gateway.run_folder().join("admin.sock");
    let client = reqwest::Client::builder().no_proxy().unix_socket(socket.as_path()).build().unwrap();
    within(client.request(method, format!("http://envoy{path}")).send()).await.unwrap().text().await.unwrap()
}

/// `portcullisctl`, whatever comes of it; both of its outputs.
fn ctl(args: &[&str]) -> (bool, Vec<u8>) {
    let done = Command::new(env!("CARGO_BIN_EXE_portcullisctl")).args(args).output().unwrap();
    (done.status.success(), [done.stdout, done.stderr].concat())
}

/// Requests that are no calls, or bad ones, with the key wherever a client can write.
async fn say_it_everywhere(rig: &Rig, token: &str, key: &str) {
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} });
    let call =
        |id: Value, method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string();
    let bodies = [
        call(json!(key), "tools/call", json!({ "name": "search", "arguments": { "query": key, key: key }, "_meta": meta })),
        call(json!(1), "tools/call", json!({ "name": key, "arguments": {}, "_meta": meta })),
        call(json!(1), key, json!({ "_meta": meta })),
        call(json!(1), "resources/read", json!({ "uri": format!("file:///{key}?k={key}"), "_meta": meta })),
        format!("{{\"jsonrpc\": \"{key}"),
        format!("[{key}]"),
    ];
    for body in bodies {
        for (name, value) in [("x-note", key.to_owned()), ("mcp-param-note", key.to_owned()), ("cookie", format!("id={key}"))] {
            let request = rig
                .request_to(&format!("?access_token={key}"), Method::POST, Some(token))
                .header("content-type", "application/json")
                .body(body.clone());
            let request = request.header("user-agent", format!("agent/1.0 ({key})")).header(name, value);
            let request = request.header("mcp-session-id", key).header("traceparent", key).header("x-request-id", key);
            let _ = within(within(request.send()).await.unwrap().bytes()).await;
        }
    }
    for (name, value) in [("origin", format!("https://{}.example", key.replace('_', "-"))), ("host", format!("{key}.example"))] {
        let request = rig.request(Method::POST, Some(token)).header(name, value).body("{}");
        let _ = within(request.send()).await;
    }
    let unknown = rig.call_by_hand(key, "search", &json!({ "query": "x" })).await;
    assert_eq!(unknown.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_planted_is_in_anything_that_comes_of_a_session() {
    let mut outputs = Outputs::default();
    let planted = planted();
    let (key, card) = (planted[0].clone(), planted[1].clone());

    // Whoever is told: people by four ways, a collector.
    let hooks = Receiver::default();
    let mailbox = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let notices = format!(
        "notices:\n  - {{ id: chat, groups: [leads], on: [requested, decided], slack: {{ url: \"{}\" }} }}\n  \
         - {{ id: office, on: [requested, decided], teams: {{ url: \"{}\" }} }}\n  \
         - {{ id: hook, on: [requested, decided], webhook: {{ url: \"{}\", secret: \"a-secret-of-this-webhook-of-32-bytes\" }} }}\n  \
         - {{ id: mail, email: {{ server: \"{}\", tls: none, from: approvals@example.com, to: [leads@example.com] }} }}\n",
        hooks.start().await,
        hooks.start().await,
        hooks.start().await,
        mailbox.local_addr().unwrap()
    );
    let mail = tokio::spawn(smtp(mailbox, false));
    let mut people = People::with(&notices, true).await;
    let collector = Collector::default();
    let behind = collector.start().await;
    let agent = std::env::var_os("PORTCULLIS_ROTEL").map(PathBuf::from);
    let (_rotel, keeps) = match &agent {
        Some(agent) => {
            let (rotel, url) = Rotel::start(agent, &behind).await;
            (Some(rotel), url)
        }
        None => (None, behind),
    };
    people.clusters.push(("collector".to_owned(), keeps));
    let before = "\nrules:\n  - { id: kept, tools: [search, send_email], then: allow, record: before, groups: [engineering] }";
    let change = |policy: String| {
        policy.replace("\nrules:", before).replace("\naudit:\n", "\naudit:\n  attributes: true\n  collector: { cluster: collector }\n")
    };
    let rig = stand_with(Setup { json: false, ..Setup::default() }, &people, "20s", change).await;
    assert!(envoy(&rig, Method::POST, "/logging?wasm=debug").await.contains("wasm: debug"));

    // Held calls, looked at by people: the page and its JSON.
    let token = rig.token("ana", "engineering");
    let arguments = json!({ "id": 1, "name": format!("{key} {card} planted.person@example.com"), key.clone(): card });
    for (decision, id) in [("approve", 1), ("deny", 2)] {
        let mut arguments = arguments.clone();
        arguments["id"] = id.into();
        let held = call(&rig, &token, id, json!({ "arguments": arguments }));
        let id = people.waiting().await;
        outputs.add("the service's answer to the filter", people.told(&id).await.to_string());
        outputs.add("what waits, as JSON", json!(people.list().await).to_string());
        let (mut browser, page) = Browser::log_in(&people, &format!("/r/{id}"), "boss", "leads").await;
        assert!(page.text.contains("lookup_customer") && page.text.contains("[MASKED"), "{}", page.text);
        outputs.add("the page of a request", page.text);
        for path in ["/", "/history", &format!("/approver/v1/requests/{id}")] {
            outputs.add(path, browser.get(&format!("{}{path}", people.url)).await.text);
        }
        people.decide(&id, decision).await;
        held.await.unwrap();
        outputs.add("the page of a decided request", browser.get(&format!("{}/r/{id}", people.url)).await.text);
    }

    // Arguments, answers, event streams, progress, errors.
    for (tool, arguments) in [
        ("search", json!({ "query": format!("{key} {card}") })),
        ("send_email", json!({ "to": "planted.person@example.com", "subject": card, "body": key })),
        ("run_sql", json!({ "sql": "DROP TABLE customers" })),
        ("read_file", json!({ "path": format!("/{key}/{card}") })),
        ("export_orders", json!({ "steps": 4, "step_ms": 50 })),
    ] {
        let answer = rig.call_by_hand(&token, tool, &arguments).await;
        outputs.add(&format!("{tool} to its caller"), within(answer.bytes()).await.unwrap());
    }
    let dba = rig.token("dora", "dba");
    let answer = rig.call_by_hand(&dba, "run_sql", &json!({ "sql": format!("SELECT * FROM \"{key}\"") })).await;
    let error = within(answer.text()).await.unwrap();
    assert!(error.contains("no such table"), "{error}");
    outputs.add("an error of the server", error);
    let legacy = rig.connect("ana", "engineering", Era::Legacy).await;
    let mail_to = json!({ "to": "planted.person@example.com", "subject": card, "body": key });
    within(legacy.call("send_email", &mail_to)).await.unwrap();
    eventually("it is said on the GET stream", || legacy.heard().logs().len() == 1).await;
    outputs.add("the GET stream", format!("{:?}", legacy.heard().logs()));
    within(legacy.close()).await;
    say_it_everywhere(&rig, &token, &key).await;
    // One that still waits at the end.
    let waits = sent(&rig, &token, 77, json!({ "arguments": { "name": key } }));
    eventually("all is on record", || rig.records.text().lines().filter(|line| line.contains("\"sequence\"")).count() >= 30).await;

    // Notices, and what was kept before calls went on.
    for index in 0..6 {
        outputs.add("a notice", hooks.nth(index).await.1.to_string());
    }
    outputs.add("a mail", tokio::time::timeout(Duration::from_secs(30), mail).await.unwrap().unwrap().join("\n"));
    eventually("the collector has records", || memchr::memmem::find(&collector.kept(), b"send_email").is_some()).await;
    outputs.add("what the collector has", collector.kept());

    // Envoy's log, what it counts and what it runs.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let log = std::fs::read(rig.stand.gateway.run_folder().join("envoy.log")).unwrap();
    assert!(memchr::memmem::find(&log, b"[wasm]").is_some(), "the filter says what it is");
    outputs.add("Envoy's log", log);
    for path in ["/stats", "/stats/prometheus", "/config_dump", "/clusters", "/listeners", "/server_info"] {
        outputs.add(path, envoy(&rig, Method::GET, path).await);
    }
    outputs.add_files(rig.stand.gateway.run_folder());
    outputs.add_files(rig.stand.audit_log.parent().unwrap());
    outputs.add_files(people.folder.path());

    waits.abort();
    made_of_the_log(&rig, &key, &mut outputs);
    assert!(outputs.0.len() > 50, "{}", outputs.0.len());
    if let Some(folder) = std::env::var_os("PORTCULLIS_CAPTURED") {
        outputs.keep(Path::new(&folder));
    }
    outputs.search(&planted);
}

/// What `portcullisctl` makes of the log, and says of what it cannot read; who decided, when and why is in it.
fn made_of_the_log(rig: &Rig, key: &str, outputs: &mut Outputs) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let log = at("audit.ndjson");
    std::fs::copy(&rig.stand.audit_log, &log).unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    let approved = text.lines().find(|line| line.contains("looked at it")).unwrap();
    let session = serde_json::from_str::<Value>(approved).unwrap()["metadata"]["correlation_uid"].as_str().unwrap().to_owned();
    let replayed: &[&str] = &["replay", "--speed", "1000", "--session", &session];
    for args in [&["verify"][..], &["show"], &["show", "--json"], replayed] {
        let (is_good, said) = ctl(&[&["audit"], args, &[&log]].concat());
        assert!(is_good, "{args:?}: {}", String::from_utf8_lossy(&said));
        if args == replayed {
            tells_who_decided("replay", &said);
        }
        outputs.add(&format!("audit {}", args.join(" ")), said);
    }
    for format in ["html", "har", "csv", "asciicast"] {
        let output = at(&format!("session.{format}"));
        assert!(ctl(&["audit", "export", "--format", format, "-o", &output, &log]).0);
        let bytes = std::fs::read(&output).unwrap();
        if format != "har" {
            tells_who_decided(format, &bytes);
        }
        outputs.add(&format!("export as {format}"), bytes);
    }
    // A log that is cut, changed and not one; a policy with the secret where a secret belongs, and where it does not fit.
    let changed = text.replacen("\"Modified\"", "\"Allowed\"", 1);
    std::fs::write(at("broken"), format!("{{\"x\":\n{}{}", changed, changed.get(..changed.len() / 2).unwrap_or_default())).unwrap();
    let (is_good, said) = ctl(&["audit", "verify", &at("broken")]);
    assert!(!is_good);
    outputs.add("audit verify of what is broken", said);
    for (number, part) in [
        "sessions: { seal_key: KEY }",
        "masking: [{ id: m, detect: [email], then: { hash: KEY } }]",
        "audit: { chain: { key: KEY } }",
        "audit: { chain: { sign: { key: KEY } } }",
        "transport: { upstream_credential: { header: authorization, value: \"KEY\\n\" } }",
        "approvals: { cluster: c, credential: \"KEY\\n\", key: KEY, keys: [] }",
    ]
    .iter()
    .enumerate()
    {
        let policy = format!(
            "version: 1\nresource: https://a.example/mcp\nidentity: {{ issuers: [{{ issuer: \"https://i.example\", jwks: {{ cluster: i, path: /j }} }}] }}\n{}\n",
            part.replace("KEY", key)
        );
        std::fs::write(at("policy.yaml"), policy).unwrap();
        let (_, said) = ctl(&["policy", "check", &at("policy.yaml")]);
        outputs.add(&format!("policy check {number}"), said);
    }
}

fn tells_who_decided(name: &str, bytes: &[u8]) {
    for part in ["boss", "looked at it"] {
        assert!(memchr::memmem::find(bytes, part.as_bytes()).is_some(), "{name} does not say `{part}`");
    }
}
