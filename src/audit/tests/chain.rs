//! The chain as a reader of the log sees it, with nothing but the lines.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::policy::value::{Duration, Secret};
use crate::policy::{Chain, Notary, Seed, Sign};

const SEED: [u8; 32] = [7; 32];

/// Put together, so that no scanner takes it for a key.
fn key() -> Vec<u8> {
    ["a key of the tests", ", of more than 32 bytes"].concat().into_bytes()
}

fn chained(chain: Chain) -> Recorder {
    Recorder::new(Settings { audit: policy::Audit { chain: Some(chain), ..settings().audit }, ..settings() })
}

fn signed() -> Option<Sign> {
    Some(Sign { seed: Seed(SEED), interval: Duration::from_secs(60) })
}

fn now() -> Time {
    Time::from_millis(START)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parsed(line: &str) -> Value {
    let value: Value = serde_json::from_str(line).unwrap();
    assert_eq!(serde_json_canonicalizer::to_string(&value).unwrap(), line);
    value
}

fn attestation(line: &str) -> Value {
    parsed(line).pointer("/unmapped/record_integrity/attestation_list/0").unwrap().clone()
}

/// What a reader computes: over the text with the value blanked.
fn fingerprint(line: &str, key: Option<&[u8]>) -> String {
    let value = attestation(line)["fingerprint"]["value"].as_str().unwrap().to_owned();
    let blank = line.replacen(&value, &"0".repeat(64), 1);
    match key {
        Some(key) => hex(&Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(blank.as_bytes()).finalize().into_bytes()),
        None => hex(&Sha256::digest(blank.as_bytes())),
    }
}

#[test]
fn each_record_names_the_one_before_and_proves_itself() {
    for key in [None, Some(key())] {
        let mut recorder = chained(Chain { key: key.clone().map(Secret::new), ..Chain::default() });
        let lines: Vec<String> = (0..4).map(|_| recorder.record(&allowed(), Sides::default(), now()).line).collect();
        let mut before = Value::Null;
        for (index, line) in lines.iter().enumerate() {
            let attestation = attestation(line);
            assert_eq!(attestation["fingerprint"]["value"], fingerprint(line, key.as_deref()));
            assert_eq!(attestation["chain_uid"], "7f3a");
            assert_eq!(attestation["prev_event"], before);
            let uid = format!("7f3a-{}", index + 1);
            assert_eq!(parsed(line)["metadata"]["uid"], uid);
            before = json!({ "fingerprint": attestation["fingerprint"]["value"], "uid": uid });
        }
        let expected = if key.is_some() { ("HMAC-SHA-256", 99) } else { ("SHA-256", 3) };
        let fingerprint = &attestation(&lines[0])["fingerprint"];
        assert_eq!((fingerprint["algorithm"].as_str().unwrap(), fingerprint["algorithm_id"].as_i64().unwrap()), expected);
    }
}

#[test]
fn keys_are_named_and_not_told() {
    let line = |key: Option<Vec<u8>>| {
        chained(Chain { key: key.map(Secret::new), ..Chain::default() }).record(&allowed(), Sides::default(), now()).line
    };
    assert_eq!(attestation(&line(None))["authority_uid"], "none");
    let named = Sha256::digest([b"portcullis audit key\0".as_slice(), &key()].concat());
    assert_eq!(attestation(&line(Some(key())))["authority_uid"], hex(&named[..8]));
}

#[test]
fn the_first_of_a_chain_says_so() {
    let mut recorder = chained(Chain::default());
    let first = recorder.record(&allowed(), Sides::default(), now());
    expect(
        &parsed(&first.line),
        // By itself it is nothing that somebody has to look at.
        &[("/unmapped/alerts", json!(["chain_start"])), ("/is_alert", json!(false)), ("/severity_id", json!(1))],
    );
    assert_eq!(parsed(&first.findings[0])["unmapped"]["alert"], "chain_start");
    let second = recorder.record(&allowed(), Sides::default(), now());
    assert!(second.findings.is_empty());
    expect(&parsed(&second.line), &[("/unmapped/alerts", Value::Null), ("/metadata/sequence", json!(2))]);
}

/// A payload that looks like the place of the fingerprint is not taken for it.
#[test]
fn what_a_client_sends_cannot_pose_as_the_fingerprint() {
    let mut recorder = chained(Chain::default());
    let pose = format!(r#"{{"fingerprint":{{"algorithm":"SHA-256","algorithm_id":3,"value":"{}"}}}}"#, "0".repeat(64));
    let facts = Facts { request: Some(payload(&pose)), response: Some(payload(&"0".repeat(64))), ..allowed() };
    let line = recorder.record(&facts, Sides::default(), now()).line;
    let value = attestation(&line)["fingerprint"]["value"].as_str().unwrap().to_owned();
    assert_eq!(parsed(&line)["api"]["request"]["data"], pose);
    assert_eq!(hex(&Sha256::digest(line.replace(&value, &"0".repeat(64)).as_bytes())), value);
}

#[test]
fn records_beside_the_chain_take_no_place_in_it_and_are_named() {
    let mut recorder = chained(Chain::default());
    let first = recorder.record(&allowed(), Sides::default(), now());
    let mut sides = Sides::default();
    let running = Facts { stage: Stage::Forwarded, messages: Some(Messages { before: 0, upto: 3 }), ..allowed() };
    let one = recorder.interim(&running, &mut sides, now()).line;
    let two = recorder.interim(&Facts { messages: Some(Messages { before: 3, upto: 3 }), ..running }, &mut sides, now()).line;
    let head = json!({ "fingerprint": attestation(&first.line)["fingerprint"]["value"], "uid": "7f3a-1" });
    for (n, line) in [&one, &two].into_iter().enumerate() {
        let record = parsed(line);
        expect(
            &record,
            &[
                ("/metadata/uid", json!(format!("7f3a-i{}", n + 1))),
                ("/metadata/sequence", Value::Null),
                ("/unmapped/side", json!("interim")),
                ("/unmapped/of", json!("7f3a-x12")),
                ("/status_id", json!(0)),
            ],
        );
        assert_eq!(attestation(line)["prev_event"], head);
        assert_eq!(attestation(line)["fingerprint"]["value"], fingerprint(line, None));
    }
    expect(&parsed(&one), &[("/unmapped/messages", json!({"count": 3, "from": 1, "to": 3})), ("/unmapped/sides", Value::Null)]);
    expect(&parsed(&two), &[("/unmapped/messages", json!({"count": 0})), ("/unmapped/sides/0/uid", json!("7f3a-i1"))]);
    let last = recorder.record(&allowed(), sides, now()).line;
    let named = |line: &str, uid: &str| json!({ "fingerprint": attestation(line)["fingerprint"]["value"], "uid": uid });
    expect(
        &parsed(&last),
        &[
            ("/metadata/sequence", json!(2)),
            ("/unmapped/exchange_uid", json!("7f3a-x12")),
            ("/unmapped/sides", json!([named(&one, "7f3a-i1"), named(&two, "7f3a-i2")])),
            ("/unmapped/side", Value::Null),
        ],
    );
    assert_eq!(attestation(&last)["prev_event"], head);
}

#[test]
fn of_very_many_the_newest_are_named_and_each_names_the_one_before() {
    let mut recorder = chained(Chain::default());
    let mut sides = Sides::default();
    let lines: Vec<String> = (0..70).map(|_| recorder.interim(&allowed(), &mut sides, now()).line).collect();
    for (before, line) in lines.iter().zip(&lines[1..]) {
        assert_eq!(parsed(line)["unmapped"]["sides"][0]["fingerprint"], attestation(before)["fingerprint"]["value"]);
    }
    let last = parsed(&recorder.record(&allowed(), sides, now()).line);
    let named = last["unmapped"]["sides"].as_array().unwrap();
    assert_eq!((named.len(), &named[0]["uid"], &last["unmapped"]["sides_omitted"]), (64, &json!("7f3a-i8"), &json!(7)));
}

#[test]
fn without_a_chain_records_stand_alone() {
    let mut recorder = Recorder::new(settings());
    let line = recorder.record(&allowed(), Sides::default(), now()).line;
    expect(
        &parsed(&line),
        &[("/unmapped/record_integrity", Value::Null), ("/unmapped/alerts", Value::Null), ("/metadata/sequence", json!(1))],
    );
    assert!(recorder.tick(now(), &mut Vec::new()).is_none());
}

/// Header, payload and whether the signature is good.
fn read(jws: &str) -> (Value, Value) {
    let parts: Vec<Vec<u8>> = jws.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    let key = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new(SEED));
    let signature = ed25519_compact::Signature::from_slice(&parts[2]).unwrap();
    key.pk.verify(jws.rsplit_once('.').unwrap().0, &signature).unwrap();
    let header: Value = serde_json::from_slice(&parts[0]).unwrap();
    assert_eq!(header["kid"], hex(&Sha256::digest(key.pk.as_ref())[..8]));
    (header, serde_json::from_slice(&parts[1]).unwrap())
}

fn with_notary() -> Recorder {
    let notary = Notary {
        cluster: "notary".into(),
        path: "/checkpoints".into(),
        host: "notary.example.com".into(),
        timeout: Duration::from_secs(5),
    };
    chained(Chain { key: None, sign: signed(), notary: Some(notary) })
}

#[test]
fn checkpoints_come_at_their_interval_also_while_nothing_happens() {
    let mut recorder = with_notary();
    let mut notices = Vec::new();
    assert_eq!(recorder.tick(now(), &mut notices), None, "a VM that sees no traffic has nothing to say");
    assert_eq!(recorder.end(true, now()), None);
    let begin = recorder.record(&allowed(), Sides::default(), now()).line;
    let first = recorder.tick(now(), &mut notices).unwrap();
    assert_eq!((first.cluster.as_str(), first.path.as_str()), ("notary", "/checkpoints"));
    let (header, payload) = read(&first.body);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("portcullis-checkpoint+jwt")));
    let expected = json!({ "chain": "7f3a", "fp": attestation(&begin)["fingerprint"]["value"], "iat": START / 1000, "n": 1, "node": "envoy-1", "policy": "d1".repeat(32), "seq": 1 });
    assert_eq!(payload, expected);
    recorder.noted(Some(204), now(), &mut notices);
    let line = recorder.record(&allowed(), Sides::default(), now()).line;
    assert_eq!(parsed(&line)["unmapped"]["checkpoint"], first.body, "the next record carries it");
    let second = recorder.record(&allowed(), Sides::default(), now()).line;
    assert_eq!(parsed(&second)["unmapped"].get("checkpoint"), None, "once");
    assert!(recorder.tick(now().plus_millis(59_999), &mut notices).is_none());
    let (_, payload) = read(&recorder.tick(now().plus_millis(60_000), &mut notices).unwrap().body);
    assert_eq!((&payload["seq"], &payload["n"], &payload["fp"]), (&json!(3), &json!(2), &attestation(&second)["fingerprint"]["value"]));
    assert!(notices.is_empty());
    // A clock that was set back is no reason to be silent.
    recorder.noted(Some(200), now(), &mut notices);
    assert!(recorder.tick(Time::from_secs(1), &mut notices).is_some());
}

#[test]
fn the_last_checkpoint_is_sent_at_once_and_says_whether_anything_can_follow() {
    let mut recorder = with_notary();
    let mut notices = Vec::new();
    recorder.record(&allowed(), Sides::default(), now());
    // One is on its way, and has no answer yet.
    recorder.tick(now(), &mut notices).unwrap();
    let line = recorder.record(&allowed(), Sides::default(), now()).line;
    let (_, open) = read(&recorder.clone().end(false, now()).unwrap().body);
    assert_eq!((&open["seq"], open.get("end")), (&json!(2), None), "an exchange is under way");
    let (_, end) = read(&recorder.end(true, now()).unwrap().body);
    let expected = json!({ "chain": "7f3a", "end": true, "fp": attestation(&line)["fingerprint"]["value"], "iat": START / 1000, "n": 2, "node": "envoy-1", "policy": "d1".repeat(32), "seq": 2 });
    assert_eq!(end, expected);
    recorder.noted(Some(201), now(), &mut notices);
    assert_eq!(notices, Vec::<String>::new());
    let without_notary = &mut chained(Chain { key: None, sign: signed(), notary: None });
    without_notary.record(&allowed(), Sides::default(), now());
    assert_eq!(without_notary.end(true, now()), None, "no record follows that could carry it");
}

#[test]
fn what_the_notary_does_not_get_is_told_on_record() {
    let mut recorder = with_notary();
    let mut notices = Vec::new();
    let mut time = now();
    let begin = recorder.record(&allowed(), Sides::default(), time);
    expect(&parsed(&begin.line), &[("/unmapped/alerts", json!(["chain_start"]))]);
    for _ in 0..40 {
        if recorder.tick(time, &mut notices).is_some() {
            recorder.noted(None, time, &mut notices);
        }
        time = time.plus_millis(60_000);
    }
    let told = |word: &str| notices.iter().filter(|notice| notice.contains(word)).count();
    assert_eq!(told("is dropped"), 8);
    assert!(told("tried again") > 10);
    let written = recorder.record(&allowed(), Sides::default(), now());
    expect(
        &parsed(&written.line),
        &[("/unmapped/alerts", json!(["checkpoint_lost"])), ("/is_alert", json!(true)), ("/severity_id", json!(3))],
    );
    assert_eq!(written.alerts, ["checkpoint_lost"]);
    // One that is due then, for which another has to go.
    recorder.tick(time, &mut notices).unwrap();
    recorder.noted(Some(409), time, &mut notices);
    let line = recorder.record(&allowed(), Sides::default(), now()).line;
    expect(&parsed(&line), &[("/unmapped/alerts", json!(["checkpoint_lost", "checkpoint_refused"]))]);
}

#[test]
fn a_seed_that_is_written_is_the_one_that_signs() {
    // RFC 8032, section 7.1, test 1
    let seed: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    let key = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::from_slice(&seed).unwrap());
    assert_eq!(hex(key.pk.as_ref()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    let text = STANDARD.encode(&seed);
    let yaml = format!(
        "version: 1\nresource: https://mcp.example.com/mcp\nidentity: {{ issuers: [{{ issuer: https://id, jwks: {{ cluster: c, path: /j, host: h }} }}] }}\n\
         audit: {{ chain: {{ sign: {{ key: \"{text}\" }} }} }}\n"
    );
    let loaded = policy::from_yaml(&yaml, &|_| None).unwrap();
    assert_eq!(loaded.policy.audit.chain.unwrap().sign.unwrap().seed.0.as_slice(), seed);
}
