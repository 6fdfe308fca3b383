//! A process without an Envoy: what the time is, an engine under a policy, what its workers share, and how a request to it begins.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use portcullis::exchange::{Connection, Engine, Event, Identification, SharedData};
use portcullis::policy;
use portcullis::time::Time;

use super::case::{self, Caller};
use super::token;

pub fn now() -> Time {
    Time::from_millis(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap())
}

/// Of one worker; a VM's name is its own.
pub fn identification(vm: &str) -> Identification {
    Identification { node: "test".into(), vm: vm.into(), version: "0", git_hash: "0" }
}

/// Under a policy in YAML, in which `__JWK__` is the issuer's key.
pub fn engine(text: &str) -> Engine {
    let text = text.replace("__JWK__", &token::jwk().to_string());
    let loaded = policy::from_yaml(&text, &case::env).unwrap_or_else(|report| panic!("{report}"));
    Engine::new(&loaded, identification("0")).unwrap_or_else(|report| panic!("{report}"))
}

pub const JSON_OR_EVENTS: &str = "application/json, text/event-stream";

/// The headers of somebody's request to the endpoint; a GET is all there, a POST is not.
pub fn request_headers(caller: &Caller, method: &str, accept: &str, more: &[(&str, &str)]) -> Event {
    let fixed = [(":method", method), (":path", "/mcp"), (":authority", "mcp.example.com"), ("accept", accept)];
    let content = (method == "POST").then_some(("content-type", "application/json"));
    let pairs = fixed.iter().chain(&content).chain(more);
    let mut headers: Vec<(String, String)> = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    headers.push(("authorization".to_owned(), token::authorization(caller).unwrap()));
    Event::RequestHeaders { headers, end: method == "GET", connection: over_tls() }
}

pub fn over_tls() -> Connection {
    Connection { tls_version: Some("TLSv1.3".into()), ..Connection::default() }
}

/// Nothing is shared here.
pub struct Nowhere;

impl SharedData for Nowhere {
    fn read(&self, _key: &str) -> Option<(Vec<u8>, u32)> {
        None
    }

    fn write(&mut self, _key: &str, _value: &[u8], _version: Option<u32>) -> bool {
        false
    }
}

/// What the workers of one process share.
#[derive(Default)]
pub struct Shared(pub HashMap<String, (Vec<u8>, u32)>);

impl SharedData for Shared {
    fn read(&self, key: &str) -> Option<(Vec<u8>, u32)> {
        self.0.get(key).cloned()
    }

    fn write(&mut self, key: &str, value: &[u8], version: Option<u32>) -> bool {
        if self.0.get(key).map(|(_, version)| *version) != version {
            return false;
        }
        self.0.insert(key.to_owned(), (value.to_vec(), version.unwrap_or(0) + 1));
        true
    }
}
