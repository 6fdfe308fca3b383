//! The chain, checkpoints, interim records, findings and levels as a real Envoy writes them, read with nothing but the files.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use portcullisctl::demo::{
    client::Era,
    gateway_seam::{Envoy, Options},
    records::Records,
    stand::{Setup, Stand},
};
use portcullisctl::envoy::config::access_log::findings_beside;
use serde_json::{Value, json};
use sha2::Sha256;

use super::support::{Rig, eventually, within};

/// Put together, so that no scanner takes it for a key.
fn key() -> String {
    ["the audit key of this test", "; long enough"].concat()
}

const SEED: [u8; 32] = [9; 32];

/// What the notary was sent. It fails at first, so that everything comes a second time.
#[derive(Default)]
struct Notary {
    kept: Mutex<Vec<String>>,
    failed: Mutex<usize>,
}

async fn notary(State(notary): State<Arc<Notary>>, headers: HeaderMap, body: String) -> StatusCode {
    let is_jose = headers.get("content-type").is_some_and(|value| value == "application/jose");
    let mut failed = notary.failed.lock().unwrap();
    if *failed < 2 || !is_jose {
        *failed += 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    notary.kept.lock().unwrap().push(body);
    StatusCode::NO_CONTENT
}

async fn stand() -> (Rig, Arc<Notary>) {
    let state = Arc::new(Notary::default());
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().route("/checkpoints", post(notary)).with_state(Arc::clone(&state));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let open = |mut options: Options| async move {
        options.clusters.push(("notary".to_owned(), url));
        options.env.push(("AUDIT_KEY".to_owned(), key()));
        options.env.push(("AUDIT_SEED".to_owned(), STANDARD.encode(SEED)));
        let chain = "\naudit:\n  interim: 10s\n  chain:\n    key: \"${env:AUDIT_KEY}\"\n    sign: { key: \"${env:AUDIT_SEED}\", interval: 5s }\n    \
                     notary: { cluster: notary }\n";
        let rules = "\nrules:\n  - { id: quiet, groups: [engineering], tools: [lookup_customer], then: allow, record: none }\n  \
                     - { id: no-drops, tools: [run_sql], sql: { argument: sql, deny: [drop] }, then: deny }";
        options.policy = options.policy.replace("\nrules:", rules).replace("\naudit:\n", chain);
        Envoy::start(options).await
    };
    let stand = Stand::set(Setup::default(), open).await.unwrap();
    let records = Records::new(&stand.audit_log);
    (Rig { stand, records }, state)
}

fn lines(path: &std::path::Path) -> Vec<String> {
    std::fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn attestation(record: &Value) -> &Value {
    &record["unmapped"]["record_integrity"]["attestation_list"][0]
}

fn fingerprint(line: &str, record: &Value) -> String {
    let value = attestation(record)["fingerprint"]["value"].as_str().unwrap();
    let blank = line.replacen(value, &"0".repeat(64), 1);
    let made = Hmac::<Sha256>::new_from_slice(key().as_bytes()).unwrap().chain_update(blank.as_bytes()).finalize().into_bytes();
    made.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every line proves itself; every chain is whole; side records are named by the record of their exchange. The heads by chain.
fn verify(all: &[String]) -> HashMap<String, BTreeMap<u64, String>> {
    let mut chains: HashMap<String, BTreeMap<u64, String>> = HashMap::new();
    let parsed: Vec<Value> = all.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (line, record) in all.iter().zip(&parsed) {
        assert_eq!(attestation(record)["fingerprint"]["value"], fingerprint(line, record), "{line}");
        assert_eq!(record["metadata"]["reporter"]["name"], "portcullis", "Envoy's node: {line}");
        if let Some(sequence) = record["metadata"]["sequence"].as_u64() {
            let chain = attestation(record)["chain_uid"].as_str().unwrap().to_owned();
            let value = attestation(record)["fingerprint"]["value"].as_str().unwrap().to_owned();
            assert_eq!(chains.entry(chain).or_default().insert(sequence, value), None, "twice: {line}");
        }
    }
    for record in parsed.iter().filter(|record| record["metadata"]["sequence"].is_u64()) {
        let (chain, sequence) = (attestation(record)["chain_uid"].as_str().unwrap(), record["metadata"]["sequence"].as_u64().unwrap());
        let before = attestation(record)["prev_event"]["fingerprint"].as_str();
        assert_eq!(before, chains[chain].get(&(sequence - 1)).map(String::as_str), "{record}");
    }
    chains
}

#[tokio::test(flavor = "multi_thread")]
async fn what_envoy_writes_is_a_chain_that_holds() {
    let (rig, notary) = stand().await;
    let client = rig.connect("ada", "engineering", Era::Legacy).await;
    eventually("the GET stream", || rig.stand.server.seen().iter().any(|seen| seen.method == "(GET)")).await;
    for round in 0..3 {
        let mail = json!({ "to": "hannah.abbott@example.com", "subject": format!("{round}"), "body": "It is ready." });
        within(client.call("send_email", &mail)).await.unwrap();
    }
    within(client.call("lookup_customer", &json!({ "id": "C-1001" }))).await.unwrap();
    let refused = within(client.call("run_sql", &json!({ "sql": "DROP TABLE customers" }))).await;
    eventually("three messages", || client.heard().logs().len() == 3).await;

    let log = rig.stand.audit_log.clone();
    let findings = findings_beside(&log);
    let has = |path: &std::path::Path, part: &str| lines(path).iter().filter(|line| line.contains(part)).count();
    // Two: that of the beginning, and one of what came since, 10 s later.
    let patience = std::time::Instant::now();
    while lines(&log).iter().filter(|line| line.contains("\"side\":\"interim\"") && line.contains("\"count\":3")).count() == 0 {
        assert!(patience.elapsed().as_secs() < 40, "no interim record: {}", lines(&log).join("\n"));
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    within(client.close()).await;
    let is_end = |line: &String| line.contains("\"operation\":\"http/get\"") && line.contains("\"exchange_uid\":");
    eventually("the end of the GET stream is on record", || lines(&log).iter().any(is_end)).await;
    eventually("the finding of the refused command", || has(&findings, "blocked_command") == 1).await;
    assert!(refused.is_err() || format!("{refused:?}").contains("rror"), "{refused:?}");

    // The stream ended after the interim record with its messages was set: whether Envoy has written that by itself or not, it is there.
    let interims = |line: &&String| line.contains("\"side\":\"interim\"") && line.contains("\"count\":3");
    assert!(lines(&log).iter().filter(interims).count() >= 2, "once by itself, and once with the end");
    // What Envoy flushed twice is the same line twice.
    let mut all = lines(&log);
    assert!(!all.iter().any(|line| line.contains("no-record")), "{all:?}");
    all.sort();
    all.dedup();
    let chains = verify(&all);
    assert!(!all.iter().any(|line| line.contains("lookup_customer")), "`record: none` leaves no line");
    assert!(!all.iter().any(|line| line.contains("hannah")), "what is masked is masked in every line");

    let stream: Vec<Value> = all
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|record: &Value| record["api"]["operation"] == "http/get")
        .collect();
    let last = stream.iter().find(|record| record["metadata"]["sequence"].is_u64()).unwrap();
    let sides = last["unmapped"]["sides"].as_array().unwrap();
    let messages: u64 = stream.iter().filter_map(|record| record["unmapped"]["messages"]["count"].as_u64()).sum();
    assert_eq!(messages, 3, "each message once");
    for side in stream.iter().filter(|record| record["unmapped"]["side"] == "interim") {
        let named = json!({ "fingerprint": attestation(side)["fingerprint"]["value"], "uid": side["metadata"]["uid"] });
        assert!(sides.contains(&named), "{named} of {sides:?}");
    }

    let mut told = lines(&findings);
    told.sort();
    told.dedup();
    verify(&told);
    for (code, at_least) in [("blocked_command", 1), ("chain_start", 1)] {
        assert!(told.iter().filter(|line| line.contains(&format!("\"alert\":\"{code}\""))).count() >= at_least, "{code}: {told:?}");
    }

    // The notary has checkpoints of these chains, signed, and each head they tell is in the log.
    let key = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new(SEED));
    let known = |notary: &Notary| -> Vec<Value> {
        let kept = notary.kept.lock().unwrap().clone();
        let payload = |jws: &String| -> Value {
            let (signed, signature) = jws.rsplit_once('.').unwrap();
            let signature = ed25519_compact::Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
            key.pk.verify(signed, &signature).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap()).unwrap()
        };
        kept.iter().map(payload).collect()
    };
    eventually("a checkpoint of a head", || !known(&notary).is_empty()).await;
    for payload in known(&notary) {
        // A VM to which nothing came says nothing: each checkpoint is of a record.
        let (sequence, chain) = (payload["seq"].as_u64().unwrap(), &chains[payload["chain"].as_str().unwrap()]);
        assert_eq!(payload["fp"], chain[&sequence], "{payload}");
        assert_eq!(payload["node"], "portcullis", "{payload}");
    }
    assert!(*notary.failed.lock().unwrap() >= 2, "what failed was sent again");
    assert!(all.iter().any(|line| line.contains("\"checkpoint\":\"")), "the records carry checkpoints, too");
}
