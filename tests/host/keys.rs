//! Keys and metadata of issuers, those who wait for them, and proofs that all workers remember.

use super::fake_host::{self, Stream, state};
use super::stand::{configuration, over_tls, ping, reply, request_headers, run, send, texts};
use super::support::case;
use super::support::{secrets, token};

fn jwks_configuration() -> Vec<u8> {
    let yaml = case::policy("default").replace(&format!("keys: [{}]", token::jwk()), "jwks: { cluster: idp, path: /jwks.json }");
    let yaml = yaml
        .replace("${env:UPSTREAM_TOKEN}", "x")
        .replace("${env:HASH_KEY}", &case::env("HASH_KEY").unwrap())
        .replace("tls: required", "tls: off");
    portcullis::policy::from_yaml(&yaml, &case::env).unwrap().json.to_string().into_bytes()
}

#[test]
fn those_who_wait_for_keys_are_released_together() {
    assert!(fake_host::start(&jwks_configuration()));
    fake_host::tick();
    let call = state(|state| state.calls.pop()).expect("the keys are fetched at start");
    assert_eq!(call.cluster, "idp");
    assert!(texts(&call.headers).contains(&(":path".into(), "/jwks.json".into())));
    let case = ping();
    let mut streams: Vec<Stream> = (0..3).map(|_| Stream::open()).collect();
    for stream in &mut streams {
        send(stream, &case, usize::MAX);
        assert!(!stream.answered() && !stream.headers_forwarded);
    }
    let keys = serde_json::json!({ "keys": [token::jwk()] }).to_string();
    fake_host::answer_call(call.token, Some((200, keys.as_bytes())));
    for stream in &mut streams {
        assert!(stream.resume_if_released());
        assert_eq!(stream.forwarded, case.request.bytes());
    }
    assert!(streams.into_iter().all(|stream| stream.close().is_some()));
}

#[test]
fn those_who_wait_in_vain_are_told() {
    for answer in [None, Some((500, &b"no"[..])), Some((200, &b"{}"[..]))] {
        assert!(fake_host::start(&jwks_configuration()));
        fake_host::tick();
        let call = state(|state| state.calls.pop()).unwrap();
        let mut stream = Stream::open();
        send(&mut stream, &ping(), 7);
        assert!(!stream.answered());
        fake_host::answer_call(call.token, answer);
        assert_eq!(reply().status, 503, "{answer:?}");
        assert!(stream.close().unwrap().contains("token_keys_unavailable"));
    }
}

#[test]
fn the_issuers_metadata_is_fetched_and_handed_out() {
    assert!(fake_host::start(&configuration("metadata")));
    fake_host::tick();
    let call = state(|state| state.calls.pop()).unwrap();
    let path = call.headers.iter().find(|(name, _)| name == ":path").map(|(_, value)| value.clone());
    assert_eq!((call.cluster.as_str(), path.as_deref()), ("idp", Some(&b"/.well-known/oauth-authorization-server"[..])));
    let document = br#"{"issuer":"https://id.example.com","token_endpoint":"https://id.example.com/token"}"#;
    fake_host::answer_call(call.token, Some((200, document)));
    let not_yet = case::all().into_iter().find(|case| case.name == "server metadata: not fetched yet").unwrap();
    let seen = run(&not_yet, usize::MAX);
    assert_eq!((seen.status, seen.body.as_slice()), (200, &document[..]));
    fake_host::tick();
    assert!(state(|state| state.calls.is_empty()), "not again so soon");
}

#[test]
fn a_cluster_that_is_not_there_is_named() {
    assert!(fake_host::start(&jwks_configuration()));
    state(|state| state.clusters.clear());
    fake_host::tick();
    assert!(state(|state| state.log.iter().any(|line| line.contains("the cluster `idp` cannot be called"))));
    let mut stream = Stream::open();
    send(&mut stream, &ping(), usize::MAX);
    assert_eq!(reply().status, 503);
}

/// Envoy keeps the body of one that waits, and lets it go as it is: its handles are taken out before, and judged after.
#[test]
fn a_handle_that_waited_for_keys_is_opened_too() {
    let yaml = case::policy("sealed").replace(&format!("keys: [{}]", token::jwk()), "jwks: { cluster: idp, path: /jwks.json }");
    let yaml = ["UPSTREAM_TOKEN", "HASH_KEY", "SEAL_KEY"]
        .iter()
        .fold(yaml, |yaml, name| yaml.replace(&format!("${{env:{name}}}"), &case::env(name).unwrap()));
    let policy = portcullis::policy::from_yaml(&yaml, &case::env).unwrap().json.to_string().into_bytes();
    let named = |name: &str| case::all().into_iter().find(|case| case.name == name).unwrap();
    for (name, status) in [("a task's id comes back and the body keeps its length", None), ("another user's task: tasks/get", Some(200))] {
        for size in [usize::MAX, 1] {
            let case = named(name);
            assert!(fake_host::start(&policy));
            over_tls();
            fake_host::tick();
            let call = state(|state| state.calls.pop()).unwrap();
            let mut stream = Stream::open();
            send(&mut stream, &case, size);
            assert!(!stream.answered() && !stream.headers_forwarded);
            let keys = serde_json::json!({ "keys": [token::jwk()] }).to_string();
            fake_host::answer_call(call.token, Some((200, keys.as_bytes())));
            match status {
                None => {
                    assert!(stream.resume_if_released());
                    let wanted = secrets::fill(case.expect.upstream_body.as_ref().unwrap());
                    assert_eq!(String::from_utf8_lossy(&stream.forwarded), wanted);
                }
                Some(status) => {
                    assert_eq!(reply().status, status);
                    assert!(stream.forwarded.is_empty() && !stream.headers_forwarded);
                    assert!(stream.close().unwrap().contains("task_seal_mismatch"));
                }
            }
        }
    }
}

#[test]
fn a_proof_seen_by_one_worker_is_known_to_the_next() {
    let cases = case::all();
    let case = cases.iter().find(|case| case.name == "a proof goes with a bound token").unwrap();
    assert!(fake_host::start(&configuration(&case.policy)));
    assert!(state(|state| state.log.join("\n")).contains("proofs of possession are remembered by all workers"));
    let headers = request_headers(case);
    let send = || {
        over_tls();
        let mut stream = Stream::open();
        stream.request_headers(headers.clone(), false);
        let refused = stream.answered();
        let _ = stream.close();
        refused
    };
    assert!(!send());
    assert!(send());
    // Another VM of the same process.
    assert!(fake_host::start(&configuration(&case.policy)));
    assert!(send());
    assert!(String::from_utf8(reply().body).unwrap().contains("proof_replayed"));
}
