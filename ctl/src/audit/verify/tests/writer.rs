//! A filter's worker as far as its records go: chains, side records, checkpoints, made from the format's description alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_compact::{KeyPair, Seed};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::audit::checkpoint::PublicKeys;

pub(in crate::audit) const START: u64 = 1_790_000_000_000;
const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[derive(Clone)]
pub(in crate::audit) struct Writer {
    pub(in crate::audit) chain: String,
    pub(in crate::audit) key: Option<Vec<u8>>,
    pub(in crate::audit) signer: KeyPair,
    pub(in crate::audit) now: u64,
    sequence: u64,
    /// Fingerprint and uid.
    head: Option<(String, String)>,
    sides: u64,
    /// Not yet named by a final record.
    unnamed: Vec<Value>,
    /// Not yet carried by a record.
    checkpoint: Option<String>,
    checkpoints: u64,
}

pub(in crate::audit) fn signer() -> KeyPair {
    KeyPair::from_seed(Seed::new([7; 32]))
}

pub(in crate::audit) fn public_keys() -> PublicKeys {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.pub");
    std::fs::write(&path, signer().pk.to_pem()).unwrap();
    PublicKeys::open(&[path]).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Writer {
    pub(in crate::audit) fn new(chain: &str, key: Option<&[u8]>) -> Self {
        Self {
            chain: chain.to_owned(),
            key: key.map(<[u8]>::to_vec),
            signer: signer(),
            now: START,
            sequence: 0,
            head: None,
            sides: 0,
            unnamed: Vec::new(),
            checkpoint: None,
            checkpoints: 0,
        }
    }

    fn fingerprint(&self, text: &str) -> String {
        match &self.key {
            None => hex(&Sha256::digest(text)),
            Some(key) => {
                let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
                mac.update(text.as_bytes());
                hex(&mac.finalize().into_bytes())
            }
        }
    }

    fn seal(&self, mut record: Value) -> (String, String) {
        let authority = self.key.as_ref().map_or_else(
            || "none".to_owned(),
            |key| hex(&Sha256::new().chain_update(b"portcullis audit key\0").chain_update(key).finalize()).get(..16).unwrap().to_owned(),
        );
        let (algorithm, id) = if self.key.is_some() { ("HMAC-SHA-256", 99) } else { ("SHA-256", 3) };
        let mut attestation = json!({ "authority_uid": authority, "chain_uid": self.chain, "fingerprint": { "algorithm": algorithm, "algorithm_id": id, "value": ZEROS } });
        if let Some((fingerprint, uid)) = &self.head {
            attestation["prev_event"] = json!({ "fingerprint": fingerprint, "uid": uid });
        }
        record["unmapped"]["record_integrity"] = json!({ "attestation_list": [attestation] });
        let text = sorted(&record).to_string();
        let fingerprint = self.fingerprint(&text);
        // Its own value is the only one of 64 zeros.
        (text.replacen(&format!("\"value\":\"{ZEROS}\""), &format!("\"value\":\"{fingerprint}\""), 1), fingerprint)
    }

    fn record(&self, uid: &str, sequence: Option<u64>) -> Value {
        let mut record = json!({
            "class_uid": 6003, "action": "Allowed", "message": "ada: tools/call get_order: Allowed (rule staff)", "time": self.now,
            "api": { "operation": "tools/call", "request": { "data": "{\"name\":\"get_order\",\"arguments\":{\"n\":\"é\\u001b \\\"q\\\"\"}}" } },
            "metadata": {
                "log_name": "portcullis", "logged_time": self.now, "uid": uid,
                "product": { "name": "Portcullis", "vendor_name": "Portcullis" }, "reporter": { "name": "envoy-\"1\"", "uid": self.chain },
            },
            "unmapped": { "stage": "completed" },
        });
        if let Some(sequence) = sequence {
            record["metadata"]["sequence"] = sequence.into();
        }
        record
    }

    /// The record of the next exchange.
    pub(in crate::audit) fn next(&mut self) -> String {
        self.now += 1_000;
        self.sequence += 1;
        let uid = format!("{}-{}", self.chain, self.sequence);
        let mut record = self.record(&uid, Some(self.sequence));
        if self.sequence == 1 {
            record["unmapped"]["alerts"] = json!(["chain_start"]);
        }
        if let Some(checkpoint) = self.checkpoint.take() {
            record["unmapped"]["checkpoint"] = checkpoint.into();
        }
        if !self.unnamed.is_empty() {
            record["unmapped"]["sides"] = std::mem::take(&mut self.unnamed).into();
        }
        let (text, fingerprint) = self.seal(record);
        self.head = Some((fingerprint, uid));
        text
    }

    pub(in crate::audit) fn several(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.next()).collect()
    }

    /// A record beside the chain; the next record names it.
    pub(in crate::audit) fn side(&mut self, kind: char) -> String {
        self.beside(kind, false)
    }

    /// One of many of an exchange: it names the one before it, so that the next record need only name this one.
    pub(in crate::audit) fn long(&mut self, kind: char) -> String {
        self.beside(kind, true)
    }

    fn beside(&mut self, kind: char, names: bool) -> String {
        self.sides += 1;
        let uid = format!("{}-{kind}{}", self.chain, self.sides);
        let mut record = self.record(&uid, None);
        record["unmapped"]["side"] = "interim".into();
        record["unmapped"]["of"] = "x1".into();
        if names && let Some(before) = self.unnamed.pop() {
            record["unmapped"]["sides"] = json!([before]);
        }
        let (text, fingerprint) = self.seal(record);
        self.unnamed.push(json!({ "uid": uid, "fingerprint": fingerprint }));
        text
    }

    /// The next record carries none.
    pub(in crate::audit) fn forget_checkpoint(&mut self) {
        self.checkpoint = None;
    }

    /// A checkpoint of the head; the next record carries it.
    pub(in crate::audit) fn sign(&mut self) -> String {
        self.signed(false)
    }

    pub(in crate::audit) fn signed(&mut self, end: bool) -> String {
        self.checkpoints += 1;
        let fp = self.head.as_ref().map_or(ZEROS, |(fingerprint, _)| fingerprint);
        let mut payload = json!({
            "chain": self.chain, "fp": fp, "iat": self.now / 1000, "n": self.checkpoints, "node": "envoy-1", "policy": "d1", "seq": self.sequence,
        });
        if end {
            payload["end"] = true.into();
        }
        let jws = jws(&self.signer, &payload);
        self.checkpoint = Some(jws.clone());
        jws
    }
}

pub(in crate::audit) fn jws(signer: &KeyPair, payload: &Value) -> String {
    let kid = hex(&Sha256::digest(*signer.pk)).get(..16).unwrap().to_owned();
    let header = json!({ "alg": "EdDSA", "kid": kid, "typ": "portcullis-checkpoint+jwt" });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(sorted(value).to_string());
    let signed = format!("{}.{}", part(&header), part(payload));
    let signature = signer.sk.sign(&signed, None);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(*signature))
}

/// JCS, as far as ASCII names and whole numbers go.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            Value::Object(names.into_iter().map(|name| (name.clone(), sorted(&members[name]))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// What a notary keeps.
pub(in crate::audit) fn kept(checkpoints: &[String]) -> String {
    let (mut text, mut prev) = (String::new(), ZEROS.to_owned());
    for (index, checkpoint) in checkpoints.iter().enumerate() {
        let row = |fp: &str| json!({ "at": START + index as u64, "checkpoint": checkpoint, "fp": fp, "prev": prev }).to_string();
        let fp = hex(&Sha256::digest(row(ZEROS)));
        text.push_str(&row(&fp));
        text.push('\n');
        prev = fp;
    }
    text
}

pub(in crate::audit) fn file(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}
