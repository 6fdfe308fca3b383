//! A service that asks people, as a function: it signs as the real one does, and can be made to lie.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jwt_simple::prelude::{Ed25519KeyPair, EdDSAKeyPairLike as _};
use serde_json::{Value, json};

use super::case::People;

/// Secrets of the policies under test, put together so that no scanner takes them for real ones.
pub fn env(name: &str) -> Option<String> {
    match name {
        "APPROVALS_KEY" => Some(format!("the key that binds approvals {}", "in tests")),
        "APPROVALS_TOKEN" => Some(["filter", "secret"].join("-")),
        _ => None,
    }
}

/// What a person has done with a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    Nothing,
    Approved,
    Denied(String),
    Is(&'static str),
}

/// States of the contract that no word of a person's stands for; `silent` is none.
const STATES: [&str; 4] = ["expired", "cancelled", "failed", "silent"];

fn shared() -> &'static Ed25519KeyPair {
    static KEY: OnceLock<Ed25519KeyPair> = OnceLock::new();
    KEY.get_or_init(Ed25519KeyPair::generate)
}

/// The key that policies of the corpus name.
pub fn jwk() -> Value {
    public(shared())
}

fn public(key: &Ed25519KeyPair) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": "a-1", "x": BASE64.encode(key.public_key().to_bytes()) })
}

pub struct Approver {
    key: Ed25519KeyPair,
    pub word: Word,
    pub by: Vec<String>,
    /// Bodies of the requests that were made, each once.
    pub asked: Vec<Value>,
    pub uses: u64,
    used: Vec<String>,
    /// Paths of calls, in their order.
    pub calls: Vec<String>,
    /// Changes the claims before they are signed.
    pub lie: fn(&mut Value),
    pub now: u64,
}

impl Approver {
    pub fn new(now: u64) -> Self {
        Self {
            key: Ed25519KeyPair::generate(),
            word: Word::Nothing,
            by: vec!["https://id.example.com#id-boss".to_owned()],
            asked: Vec::new(),
            uses: 1,
            used: Vec::new(),
            calls: Vec::new(),
            lie: |_| {},
            now,
        }
    }

    /// The one of a case; all of them have one key.
    pub fn of(people: &People, now: u64) -> Self {
        let word = match people.word.split_once(": ") {
            Some(("denied", reason)) => Word::Denied(reason.to_owned()),
            _ if people.word == "nothing" => Word::Nothing,
            _ if people.word == "approved" => Word::Approved,
            _ => Word::Is(STATES.iter().find(|state| **state == people.word).unwrap_or_else(|| panic!("no word `{}`", people.word))),
        };
        let lie: fn(&mut Value) = match people.lie.as_str() {
            "" | "stranger" => |_| {},
            "another-call" => |claims| claims["binding"] = json!("another"),
            "another-use" => |claims| claims["use"] = json!("another"),
            "not-what-was-shown" => |claims| claims["shown_digest"] = json!("another"),
            "over" => |claims| claims["exp"] = json!(1),
            "nobody" => |claims| claims["decisions"] = json!([]),
            "the-caller" => |claims| claims["decisions"][0]["by"] = json!("https://id.example.com#id-ana"),
            other => panic!("no lie `{other}`"),
        };
        let key = if people.lie == "stranger" { Ed25519KeyPair::generate() } else { shared().clone() };
        Self { key, word, lie, ..Self::new(now) }
    }

    pub fn jwk(&self) -> Value {
        public(&self.key)
    }

    fn sign(&self, mut claims: Value) -> String {
        (self.lie)(&mut claims);
        let header = json!({ "alg": "EdDSA", "typ": "portcullis-approval+jwt", "kid": "a-1" });
        let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let signature = self.key.key_pair().as_ref().sk.sign(&signed, None);
        format!("{signed}.{}", BASE64.encode(signature.as_ref()))
    }

    fn decisions(&self) -> Value {
        let at = "2026-11-20T10:00:00Z";
        self.by.iter().map(|by| json!({ "by": by, "at": at, "reason": "looks right", "decision": "approve" })).collect()
    }

    fn claims(&self, index: usize) -> Value {
        let context = &self.asked[index]["context"];
        json!({
            "iss": "https://approvals.example.com", "task": format!("apr_{index}"), "binding": context["binding"],
            "shown_digest": context["shown_digest"], "decisions": self.decisions(), "iat": self.now,
        })
    }

    fn told(&self, index: usize) -> Value {
        let status = match &self.word {
            Word::Nothing => "pending",
            Word::Approved => "approved",
            Word::Denied(_) => "denied",
            Word::Is(word) => word,
        };
        let id = format!("apr_{index}");
        let page = format!("https://approvals.example.com/r/{id}");
        let mut told = json!({ "task": { "id": id, "status": status, "page": page, "retry_after": 2 } });
        match &self.word {
            Word::Approved if self.used.len() as u64 >= self.uses => told["approval"] = json!({ "remaining": 0 }),
            Word::Approved => {
                let mut claims = self.claims(index);
                claims["status"] = json!("approved");
                claims["approved_until"] = json!(self.now + 900);
                told["approval"] = json!({ "remaining": 1, "state": self.sign(claims) });
            }
            Word::Denied(reason) => {
                told["denial"] = json!({ "decisions": [{ "by": self.by[0], "decision": "deny", "reason": reason }] });
            }
            Word::Nothing | Word::Is(_) => {}
        }
        told
    }

    /// What it answers: status and body.
    pub fn answer(&mut self, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
        self.calls.push(format!("{method} {path}"));
        let Some(rest) = path.strip_prefix("/access/v1/requests") else { return (404, json!({})) };
        let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        if rest.is_empty() {
            let binding = &body["context"]["binding"];
            let known = self.asked.iter().position(|asked| asked["context"]["binding"] == *binding);
            let index = known.unwrap_or_else(|| {
                self.asked.push(body.clone());
                self.asked.len() - 1
            });
            return (if known.is_some() { 200 } else { 201 }, self.told(index));
        }
        let mut parts = rest.trim_start_matches('/').split('/');
        let index: usize = parts.next().unwrap().strip_prefix("apr_").unwrap().parse().unwrap();
        match parts.next() {
            None => (200, self.told(index)),
            Some("cancel") => {
                self.word = Word::Is("cancelled");
                (200, self.told(index))
            }
            Some("consume") => self.consume(index, &body),
            Some(other) => panic!("no way `{other}`"),
        }
    }

    fn consume(&mut self, index: usize, body: &Value) -> (u16, Value) {
        if body["binding"] != self.asked[index]["context"]["binding"] {
            return (409, json!({ "error": "binding_mismatch" }));
        }
        let name = body["use"].as_str().unwrap().to_owned();
        if !self.used.contains(&name) {
            if self.used.len() as u64 >= self.uses * self.asked.len() as u64 {
                return (409, json!({ "error": "consumed" }));
            }
            self.used.push(name.clone());
        }
        let mut claims = self.claims(index);
        claims["status"] = json!("consumed");
        claims["use"] = json!(name);
        claims["exp"] = json!(self.now + 60);
        (200, json!({ "consumed": true, "remaining": 0, "state": self.sign(claims) }))
    }
}
