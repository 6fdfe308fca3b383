//! Answers that wait for a recognizer in real Envoys: a stand-in that can be slow, wrong or gone, and Presidio's own analyzer where there is one.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::post};
use portcullisctl::demo::{
    client::{Era, text, whole},
    gateway_seam::{Envoy, Options},
    records::Records,
    stand::{Setup, Stand},
};
use serde_json::{Value, json};
use tokio::io::AsyncBufReadExt;
use tokio::runtime::{Builder, Runtime};

use super::shared::free_port;
use super::support::{Rig, eventually, within};

const WORDS: [(&str, &str); 5] = [
    ("Hannah Abbott", "PERSON"),
    ("Lucía Ortega", "PERSON"),
    ("Jonas Weber", "PERSON"),
    ("exported", "LOCATION"),
    ("left the outbox", "LOCATION"),
];

/// How the stand-in behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Honest,
    /// After so many milliseconds.
    Slow(u64),
    Fails,
    /// A finding behind the end of its text.
    Lies,
    Babbles,
    Redirects,
    /// Answers with more than anybody takes.
    Floods,
}

struct Watched {
    mood: Mutex<Mood>,
    calls: AtomicU64,
    texts: Mutex<Vec<String>>,
}

/// A recognizer that speaks as Presidio does, and can be killed: a runtime of its own, with everything in it.
struct Recognizer {
    address: SocketAddr,
    watched: Arc<Watched>,
    life: Option<Runtime>,
}

impl Recognizer {
    fn start() -> Self {
        let watched = Watched { mood: Mutex::new(Mood::Honest), calls: AtomicU64::new(0), texts: Mutex::default() };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut recognizer = Self { address, watched: Arc::new(watched), life: None };
        recognizer.revive();
        recognizer
    }

    fn revive(&mut self) {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (address, watched) = (self.address, Arc::clone(&self.watched));
        runtime.spawn(async move {
            let listener = loop {
                match tokio::net::TcpListener::bind(address).await {
                    Ok(listener) => break listener,
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            };
            let _ = axum::serve(listener, Router::new().route("/analyze", post(analyze)).with_state(watched)).await;
        });
        self.life = Some(runtime);
    }

    /// All its connections break, whatever it was doing.
    fn kill(&mut self) {
        if let Some(runtime) = self.life.take() {
            runtime.shutdown_background();
        }
    }

    fn becomes(&self, mood: Mood) {
        *self.watched.mood.lock().unwrap() = mood;
    }

    fn calls(&self) -> u64 {
        self.watched.calls.load(Ordering::Relaxed)
    }

    fn texts(&self) -> Vec<String> {
        self.watched.texts.lock().unwrap().clone()
    }
}

impl Drop for Recognizer {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn analyze(State(watched): State<Arc<Watched>>, Json(asked): Json<Value>) -> Response {
    watched.calls.fetch_add(1, Ordering::Relaxed);
    assert_eq!((&asked["language"], &asked["entities"]), (&json!("en"), &json!(["PERSON", "LOCATION"])));
    let texts: Vec<String> = asked["text"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
    watched.texts.lock().unwrap().extend(texts.clone());
    let mood = *watched.mood.lock().unwrap();
    let found = texts.iter().map(|text| look(text)).collect::<Vec<_>>();
    match mood {
        Mood::Honest => Json(found).into_response(),
        Mood::Slow(millis) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Json(found).into_response()
        }
        Mood::Fails => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "error": "No matching recognizers were found" }))).into_response(),
        Mood::Lies => {
            let one = |text: &String| json!([{ "entity_type": "PERSON", "start": 0, "end": text.len() + 1, "score": 1 }]);
            Json(texts.iter().map(one).collect::<Vec<_>>()).into_response()
        }
        Mood::Babbles => "<html>sign in</html>".into_response(),
        Mood::Redirects => (StatusCode::FOUND, [("location", "/analyze")]).into_response(),
        Mood::Floods => " ".repeat(5 * 1024 * 1024).into_response(),
    }
}

/// In characters, as Python counts.
fn look(text: &str) -> Vec<Value> {
    let found = WORDS.iter().flat_map(|(word, entity)| {
        text.match_indices(word).map(move |(at, _)| {
            let start = text.split_at(at).0.chars().count();
            json!({ "entity_type": entity, "start": start, "end": start + word.chars().count(), "score": 0.85, "analysis_explanation": null })
        })
    });
    found.collect()
}

async fn stand(url: &str, setup: Setup, more: &str, entities: &str) -> Rig {
    let (url, more, entities) = (url.to_owned(), more.to_owned(), entities.to_owned());
    let open = |mut options: Options| async move {
        options.clusters.push(("presidio".to_owned(), url));
        let section = format!(
            "\nrecognizers:\n  - {{ id: presidio, cluster: presidio, {more} }}\n\nmasking:\n  - {{ id: names, recognizer: presidio, entities: {entities}, then: replace, unless_groups: [privacy] }}\n"
        );
        options.policy = options.policy.replace("\nmasking:\n", &section);
        assert!(options.policy.contains("recognizers:"));
        Envoy::start(options).await
    };
    let stand = Stand::set(setup, open).await.unwrap();
    let records = Records::new(&stand.audit_log);
    Rig { stand, records }
}

const BOTH: &str = "[PERSON, LOCATION]";

fn url(recognizer: &Recognizer) -> String {
    format!("http://{}", recognizer.address)
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_masked_in_both_eras_as_json_and_as_sse() {
    let recognizer = Recognizer::start();
    for (json, sessions) in [(true, true), (false, true), (true, false)] {
        let rig = stand(&url(&recognizer), Setup { json, sessions, ..Setup::default() }, "timeout: 5s", BOTH).await;
        for era in [Era::Legacy, Era::Modern] {
            let case = format!("json {json}, sessions {sessions}, {era:?}");
            let client = rig.connect("ada", "engineering", era).await;
            assert_eq!(within(client.tools()).await.unwrap().len(), 5, "{case}");
            for name in ["abbott", "ortega"] {
                let found = within(client.call("lookup_customer", &json!({ "name": name }))).await.unwrap();
                let all = whole(&found);
                assert!(all.contains("[MASKED:names]") && !all.contains("Abbott") && !all.contains("Ortega"), "{case}: {all}");
                assert!(all.contains("[MASKED:credit_card]"), "{case}: the built-in detectors go first: {all}");
            }
            within(client.close()).await;
            // Those in charge of privacy see names, and nobody is asked.
            let calls = recognizer.calls();
            let client = rig.connect("pat", "privacy", era).await;
            let found = within(client.call("lookup_customer", &json!({ "name": "abbott" }))).await.unwrap();
            assert!(whole(&found).contains("Hannah Abbott"), "{case}");
            assert_eq!(recognizer.calls(), calls, "{case}");
            within(client.close()).await;
        }
        eventually("records", || rig.records.text().contains("[MASKED:names]")).await;
        for line in rig.records.text().lines() {
            assert!(!line.contains("Hannah Abbott"), "{json} {sessions}: {line}");
        }
    }
    let texts = recognizer.texts().join("\n");
    assert!(texts.contains("Hannah Abbott") && texts.contains("[MASKED:credit_card]"));
    for raw in portcullisctl::demo::server::personal() {
        let is_kept = raw.what == "e-mail address";
        assert!(is_kept || !texts.contains(&raw.value), "{} was shown", raw.what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_go_on_while_their_events_are_looked_at() {
    let recognizer = Recognizer::start();
    let rig = stand(&url(&recognizer), Setup::default(), "timeout: 5s", BOTH).await;
    for (era, mood) in
        [(Era::Legacy, Mood::Honest), (Era::Modern, Mood::Honest), (Era::Modern, Mood::Slow(150)), (Era::Legacy, Mood::Slow(700))]
    {
        recognizer.becomes(mood);
        let client = rig.connect("ada", "engineering", era).await;
        let running = within(client.begin("export_orders", &json!({ "steps": 8, "step_ms": 400 }))).await.unwrap();
        // The export takes 3.2 s: were progress held back, all of it would come at once.
        eventually("first progress", || !client.heard().progress().is_empty()).await;
        assert!(client.heard().progress().len() < 6, "{era:?} {mood:?}: progress came late");
        let result = within(running.result()).await.unwrap();
        assert!(text(&result).contains("[MASKED:names] the orders of"), "{}", text(&result));
        eventually("all progress", || client.heard().progress().len() == 8).await;
        let notes: Vec<String> = client.heard().progress().into_iter().filter_map(|note| note.message).collect();
        assert!(notes.iter().all(|note| note.ends_with("[MASKED:names]") && !note.contains("exported")), "{notes:?}");
        within(client.close()).await;
        // In order as they leave; a client's handlers run side by side.
        let token = rig.token("ada", "engineering");
        let body = within(rig.call_by_hand(&token, "export_orders", &json!({ "steps": 8, "step_ms": 50 })).await.text()).await.unwrap();
        let events = body.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data:")?).ok());
        let order: Vec<Value> = events.map(|event| event.pointer("/params/progress").unwrap_or(&event["id"]).clone()).collect();
        let order: Vec<f64> = order.iter().filter_map(Value::as_f64).collect();
        assert_eq!(order, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.0], "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_get_stream_is_looked_through_and_each_event_comes_at_once() {
    let recognizer = Recognizer::start();
    let rig = stand(&url(&recognizer), Setup::default(), "timeout: 5s", BOTH).await;
    let client = rig.connect("ada", "engineering", Era::Legacy).await;
    eventually("the GET stream", || rig.stand.server.seen().iter().any(|seen| seen.method == "(GET)")).await;
    for round in 1..=4 {
        let mail = json!({ "to": "hannah.abbott@example.com", "subject": "Your portcullis", "body": "It is ready." });
        within(client.call("send_email", &mail)).await.unwrap();
        let late = eventually("the log message", || client.heard().logs().len() == round).await;
        assert!(late < Duration::from_secs(1), "event {round} was held back for {late:?}");
        // Longer than the server's pause between keep-alives, so that those pass, too.
        tokio::time::sleep(Duration::from_millis(if round == 2 { 6000 } else { 100 })).await;
    }
    // A slow recognizer: what comes meanwhile is let go more than once with nothing from the server between.
    recognizer.becomes(Mood::Slow(700));
    for pause in [100, 700, 0] {
        let mail = json!({ "to": "hannah.abbott@example.com", "subject": "Your portcullis", "body": "It is ready." });
        let _running = within(client.begin("send_email", &mail)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    eventually("what came meanwhile", || client.heard().logs().len() == 7).await;
    recognizer.becomes(Mood::Honest);
    let mail = json!({ "to": "hannah.abbott@example.com", "subject": "Your portcullis", "body": "It is ready." });
    within(client.call("send_email", &mail)).await.unwrap();
    eventually("one more", || client.heard().logs().len() == 8).await;
    for log in client.heard().logs() {
        let log = log.to_string();
        assert!(log.contains("[MASKED:names]") && !log.contains("left the outbox"), "{log}");
    }
    within(client.close()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_looked_at_is_withheld_and_nothing_hangs() {
    let mut recognizer = Recognizer::start();
    let rig = stand(&url(&recognizer), Setup::default(), "timeout: 500ms", BOTH).await;
    let token = rig.token("ada", "engineering");
    let lookup = json!({ "id": 1 });
    let refused =
        |body: &str| body.contains("withheld") && body.contains("presidio") && body.contains("isError") && !body.contains("Abbott");
    let ask = || async { within(rig.call_by_hand(&token, "lookup_customer", &lookup).await.text()).await.unwrap() };
    assert!(ask().await.contains("[MASKED:names]"));
    for mood in [Mood::Fails, Mood::Lies, Mood::Babbles, Mood::Redirects, Mood::Floods, Mood::Slow(3000)] {
        recognizer.becomes(mood);
        let begin = Instant::now();
        let body = ask().await;
        assert!(refused(&body), "{mood:?}: {body}");
        assert!(begin.elapsed() < Duration::from_secs(3), "{mood:?} took {:?}", begin.elapsed());
        // The same within a stream of events.
        let export = json!({ "steps": 2, "step_ms": 20 });
        let body = within(rig.call_by_hand(&token, "export_orders", &export).await.text()).await.unwrap();
        assert!(body.contains("withheld") && !body.contains("exported"), "{mood:?}: {body}");
    }
    recognizer.becomes(Mood::Honest);
    recognizer.kill();
    assert!(refused(&ask().await));
    recognizer.revive();
    eventually("it listens again", || std::net::TcpStream::connect(recognizer.address).is_ok()).await;
    assert!(ask().await.contains("[MASKED:names]"));

    // Killed over and over under load: names never leave.
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let request = |id: u64| {
                let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} });
                let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": "lookup_customer", "arguments": { "id": 1 }, "_meta": meta } });
                let request = rig.request(reqwest::Method::POST, Some(&token)).json(&call);
                request.header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/call").header("mcp-name", "lookup_customer")
            };
            let requests: Vec<_> = (0..40).map(request).collect();
            tokio::spawn(async move {
                let (mut masked, mut withheld) = (0, 0);
                for request in requests {
                    let body = within(within(request.send()).await.unwrap().text()).await.unwrap();
                    assert!(!body.contains("Abbott"), "{body}");
                    masked += usize::from(body.contains("[MASKED:names]"));
                    withheld += usize::from(body.contains("withheld"));
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                (masked, withheld)
            })
        })
        .collect();
    for turn in 0..6_u64 {
        tokio::time::sleep(Duration::from_millis(60 + turn * 37 % 90)).await;
        recognizer.kill();
        tokio::time::sleep(Duration::from_millis(40)).await;
        recognizer.revive();
    }
    let mut sum = (0, 0);
    for call in calls {
        let (masked, withheld) = within(call).await.unwrap();
        sum = (sum.0 + masked, sum.1 + withheld);
    }
    println!("160 calls, 6 kills: {} looked through, {} withheld", sum.0, sum.1);
    assert_eq!(sum.0 + sum.1, 160);
    assert!(sum.0 > 0);
    eventually("the alert", || rig.records.text().contains("recognizer_unavailable")).await;
    assert!(!rig.records.text().contains("Hannah Abbott"), "on record is what left");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_passes_where_the_policy_says_so_and_large_answers_too() {
    let mut recognizer = Recognizer::start();
    let rig = stand(&url(&recognizer), Setup::default(), "timeout: 5s, unavailable: pass, too_long: pass, max_message: 512KiB", BOTH).await;
    let token = rig.token("grace", "dba");
    let rows = |count: u32, word: &str| json!({ "sql": format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {count}) SELECT i, '{word}' AS who, printf('%.*c', 2000, 'é') AS pad FROM n") });
    let ask = |arguments: Value| {
        let (rig, token) = (&rig, &token);
        async move {
            let text = within(rig.call_by_hand(token, "run_sql", &arguments).await.text()).await;
            text.unwrap_or_else(|err| panic!("{err}: {}", rig.records.text().lines().last().unwrap_or_default()))
        }
    };
    // Some 400 KiB of answer, held and let go at once.
    let body = ask(rows(100, "Jonas Weber")).await;
    assert_eq!(body.matches("[MASKED:names]").count(), 100, "{}", body.len());
    assert!(!body.contains("Jonas") && body.len() > 400_000);
    // Twice as much is too much.
    let body = ask(rows(199, "Jonas Weber")).await;
    assert_eq!((body.matches("Jonas Weber").count(), body.matches("[MASKED").count()), (199, 0));
    recognizer.kill();
    assert!(ask(rows(2, "Jonas Weber")).await.contains("Jonas Weber"));
    for alert in ["message_not_recognized", "recognizer_unavailable"] {
        eventually(alert, || rig.records.text().contains(alert)).await;
    }
}

/// `PORTCULLIS_PRESIDIO=/path/to/python`, one that has `presidio-analyzer`.
#[tokio::test(flavor = "multi_thread")]
async fn presidio_itself_is_understood() {
    let Some(python) = std::env::var_os("PORTCULLIS_PRESIDIO") else { return };
    let port = free_port();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/presidio.py");
    let mut command = tokio::process::Command::new(python);
    let command = command.arg(script).arg(port.to_string()).stdout(std::process::Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut lines = tokio::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = tokio::time::timeout(Duration::from_secs(120), lines.next_line()).await.expect("Presidio begins").unwrap();
    assert_eq!(ready.as_deref(), Some("ready"));

    let url = format!("http://127.0.0.1:{port}");
    let rig = stand(&url, Setup::default(), "timeout: 10s, score: 0.3", "[PERSON, URL, PHONE_NUMBER]").await;
    for era in [Era::Legacy, Era::Modern] {
        let client = rig.connect("grace", "dba", era).await;
        for name in ["abbott", "ortega"] {
            let found = within(client.call("lookup_customer", &json!({ "name": name }))).await.unwrap();
            let all = whole(&found);
            assert!(all.contains("[MASKED:names]") && !all.contains("Abbott") && !all.contains("Ortega"), "{all}");
        }
        // Its own pattern recognizers, behind characters that take one place, two or four bytes, and two characters for one letter.
        // In two parts: what is asked is on record, for no recognizer sees it.
        let sql = "SELECT '😀 Zoe\u{301} é: Hannah ' || 'Abbott, 212-555-0143, https://www.example.com/a' AS note";
        let answer = within(client.call("run_sql", &json!({ "sql": sql }))).await.unwrap();
        assert!(text(&answer).contains("😀 Zoe\u{301} é: [MASKED:names], [MASKED:names], [MASKED:names]"), "{}", text(&answer));
        within(client.close()).await;
    }
    assert!(!rig.records.text().contains("Hannah Abbott"));
    child.kill().await.unwrap();
}
