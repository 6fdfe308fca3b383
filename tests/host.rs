//! The host glue on a fake host: the corpus again, and what only the glue does (configuration, key fetches, releases, metrics).
//!
//! Needs `--features host`, which compiles the glue natively.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]
#![cfg(feature = "host")]

mod fake_host;
mod support;

use fake_host::{Pairs, Stream, Verifies, state};
use support::approver::{Approver, Word};
use support::case::{self, Caller, Case};
use support::check::{self, Seen};
use support::{proof, token};

fn configuration(name: &str) -> Vec<u8> {
    plugin_configuration(case::policy(name))
}

fn plugin_configuration(mut yaml: String) -> Vec<u8> {
    // `${env:...}` is read from the process's environment in the VM; here it is filled beforehand.
    for variable in portcullis::policy::variables(&yaml) {
        yaml = yaml.replace(&format!("${{env:{variable}}}"), &case::env(&variable).unwrap());
    }
    portcullis::policy::from_yaml(&yaml, &case::env).unwrap().json.to_string().into_bytes()
}

fn pairs(headers: impl IntoIterator<Item = (String, String)>) -> Pairs {
    headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect()
}

fn texts(pairs: &Pairs) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (name.clone(), String::from_utf8(value.clone()).unwrap())).collect()
}

fn request_headers(case: &Case) -> Pairs {
    let mut headers = vec![
        (":method".to_owned(), case.request.method.clone()),
        (":path".to_owned(), case.request.path.clone()),
        (":authority".to_owned(), case.request.host.clone()),
        ("accept-encoding".to_owned(), "gzip".to_owned()),
        ("x-request-id".to_owned(), "request-1".to_owned()),
    ];
    headers.extend(case.request.all_headers());
    let authorization = token::authorization(&case.caller);
    let proof = proof::header(&case.caller, &case.request, authorization.as_deref());
    headers.extend(authorization.map(|value| ("authorization".to_owned(), value)));
    headers.extend(proof.map(|value| ("dpop".to_owned(), value)));
    pairs(headers)
}

fn send(stream: &mut Stream, case: &Case, size: usize) {
    let body = case.request.bytes();
    stream.request_headers(request_headers(case), body.is_empty());
    let chunks: Vec<&[u8]> = body.chunks(size).collect();
    for (index, chunk) in chunks.iter().enumerate() {
        if stream.answered() {
            return;
        }
        stream.request_body(chunk, index + 1 == chunks.len());
    }
}

fn run(case: &Case, size: usize) -> Seen {
    state(|state| {
        state.properties.insert("source.address".into(), b"192.0.2.7:50000".to_vec());
        match case.caller.tls.as_deref() {
            Some("") | None => state.properties.remove("connection.tls_version"),
            Some(version) => state.properties.insert("connection.tls_version".into(), version.as_bytes().to_vec()),
        };
        let certificate = token::certificate(&case.caller);
        state.properties.insert("connection.mtls".into(), vec![u8::from(certificate.is_some())]);
        state.properties.insert("connection.sha256_peer_certificate_digest".into(), certificate.unwrap_or_default().into_bytes());
        match token::metadata(&case.caller) {
            Some(metadata) => state.properties.insert("metadata".into(), metadata),
            None => state.properties.remove("metadata"),
        };
    });
    let mut stream = Stream::open();
    send(&mut stream, case, size);
    let mut people = case.people.as_ref().map(|people| Approver::of(people, now()));
    if let Some(people) = &mut people {
        ask(&mut stream, people);
    }
    let mut seen = Seen::default();
    if stream.answered() {
        seen = reply();
    } else {
        assert!(stream.headers_forwarded, "{}: neither answered nor forwarded", case.name);
        seen.upstream = Some((texts(&state(|state| state.request_headers.clone())), stream.forwarded.clone()));
        let answer = &case.answer;
        let mut headers = vec![(":status".to_owned(), answer.status.to_string())];
        if !answer.r#type.is_empty() {
            headers.push(("content-type".to_owned(), answer.r#type.clone()));
        }
        headers.extend(answer.headers.clone());
        let body = answer.bytes();
        stream.response_headers(pairs(headers), body.is_empty());
        if stream.answered() {
            seen = Seen { upstream: seen.upstream, ..reply() };
        } else {
            seen.status = answer.status;
            seen.headers = texts(&state(|state| state.response_headers.clone()));
            let chunks: Vec<&[u8]> = body.chunks(size).collect();
            for (index, chunk) in chunks.iter().enumerate() {
                let out = stream.response_body(chunk, index + 1 == chunks.len());
                seen.body.extend(out);
                seen.cut = state(|state| state.cut);
                if seen.cut {
                    break;
                }
            }
        }
    }
    if let Some(people) = people {
        seen.asks = people.calls.len();
        seen.asked = people.asked;
    }
    seen.record = stream.close().map(|line| serde_json::from_str(&line).unwrap());
    let taken = |name: &str| state(|state| state.properties.remove(name)).map(|bytes| String::from_utf8(bytes).unwrap());
    let findings = taken("portcullis_findings").unwrap_or_default();
    seen.findings = findings.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    seen.unrecorded = taken("portcullis_no_record").is_some();
    seen
}

fn now() -> u64 {
    state(|state| state.time_nanos / 1_000_000_000)
}

/// Answers what people are asked, until nothing is asked any more. While they say nothing, the hold goes by.
fn ask(stream: &mut Stream, people: &mut Approver) {
    while let Some(call) = state(|state| state.calls.pop()) {
        let headers = texts(&call.headers);
        let (method, path) = (check::header(&headers, ":method"), check::header(&headers, ":path"));
        if method == "GET" && people.word == Word::Nothing {
            // Streams are looked after once a second, and an earlier case may have been just now.
            for nanos in [46_000_000_000, 2_000_000_000] {
                state(|state| state.time_nanos += nanos);
                fake_host::tick();
            }
            fake_host::set_clock();
            break;
        }
        if people.word == Word::Is("silent") {
            fake_host::answer_call(call.token, None);
        } else {
            let (status, body) = people.answer(&method, &path, &call.body);
            fake_host::answer_call(call.token, Some((status, body.to_string().as_bytes())));
        }
    }
    stream.resume_if_released();
}

fn reply() -> Seen {
    let (status, headers, body) = state(|state| state.reply.clone()).unwrap();
    Seen { status: u16::try_from(status).unwrap(), headers: texts(&headers), body, ..Seen::default() }
}

#[test]
fn the_corpus_through_the_glue() {
    let mut failures = Vec::new();
    let mut ran = 0;
    for case in case::chosen() {
        if case.skip.contains_key("host") {
            continue;
        }
        ran += 1;
        state(|state| state.shared.clear());
        assert!(fake_host::start(&configuration(&case.policy)), "{:?}", state(|state| state.log.clone()));
        if let Some(list) = &case.list {
            fetch(list);
        }
        for size in [usize::MAX, 1] {
            let wrong = check::differences(&case, &run(&case, size));
            if !wrong.is_empty() {
                failures.push((format!("{}: {} (chunks of {size})", case.file, case.name), wrong));
            }
        }
    }
    check::report(&failures, ran);
}

#[test]
fn a_bad_policy_is_refused_with_every_mistake() {
    let bad = br#"{"version":1,"resource":"nowhere","identity":{"issuers":[{"issuer":"https://i.example"}]},"rulez":[]}"#;
    assert!(!fake_host::start(bad));
    let log = state(|state| state.log.join("\n"));
    for part in
        ["resource: expected the endpoint's external URL", "identity.issuers[0]: has no keys", "rulez: unknown name; did you mean `rules`?"]
    {
        assert!(log.contains(part), "{part} is not in\n{log}");
    }
    assert!(!fake_host::start(b""));
    assert!(!fake_host::start(&[0xff, 0x00, 0x80]));
}

#[test]
fn a_start_is_logged_with_version_commit_and_digest() {
    assert!(fake_host::start(&configuration("default")));
    let log = state(|state| state.log.join("\n"));
    assert!(log.contains(&format!("portcullis {} ({})", portcullis::VERSION, portcullis::GIT_HASH)), "{log}");
}

/// How long it takes to verify is the host's or ours; what comes of it is the same.
#[test]
fn the_host_verifies_what_it_can_be_trusted_with() {
    let cases = case::all();
    let named = |name: &str| cases.iter().find(|case| case.name == name).unwrap();
    for (verifies, trusted) in [
        (Verifies::Absent, "no signatures"),
        (Verifies::Everything, "no signatures"),
        (Verifies::Nothing, "no signatures"),
        (Verifies::Unimplemented, "no signatures"),
        (Verifies::Broken, "no signatures"),
        (Verifies::Rightly, "ES256, ES384 signatures"),
    ] {
        state(|state| state.verifies = verifies);
        assert!(fake_host::start(&configuration("default")));
        let log = state(|state| state.log.join("\n"));
        assert!(log.contains(&format!("the host verifies {trusted}")), "{verifies:?}: {log}");
        for name in ["a forged signature", "handshake needs no rule"] {
            let before = state(|state| state.verified);
            let wrong = check::differences(named(name), &run(named(name), usize::MAX));
            assert_eq!(wrong, [""; 0], "{verifies:?}: {name}");
            assert_eq!(state(|state| state.verified) > before, verifies == Verifies::Rightly, "{verifies:?}: {name}");
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
        state(|state| state.properties.insert("connection.tls_version".into(), b"TLSv1.3".to_vec()));
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

fn jwks_configuration() -> Vec<u8> {
    let yaml = case::policy("default").replace(&format!("keys: [{}]", token::jwk()), "jwks: { cluster: idp, path: /jwks.json }");
    let yaml = yaml
        .replace("${env:UPSTREAM_TOKEN}", "x")
        .replace("${env:HASH_KEY}", &case::env("HASH_KEY").unwrap())
        .replace("tls: required", "tls: off");
    portcullis::policy::from_yaml(&yaml, &case::env).unwrap().json.to_string().into_bytes()
}

fn ping() -> Case {
    case::all().into_iter().find(|case| case.name == "handshake needs no rule").unwrap()
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

#[test]
fn a_client_that_goes_away_leaves_a_record() {
    assert!(fake_host::start(&configuration("default")));
    state(|state| state.properties.insert("connection.tls_version".into(), b"TLSv1.3".to_vec()));
    let mut stream = Stream::open();
    stream.request_headers(request_headers(&ping()), false);
    stream.request_body(b"{\"jsonrpc\":", false);
    let record = stream.close().expect("a record");
    assert!(record.contains("ana"), "{record}");
}

#[test]
fn request_trailers_are_refused() {
    assert!(fake_host::start(&configuration("default")));
    state(|state| state.properties.insert("connection.tls_version".into(), b"TLSv1.3".to_vec()));
    let mut stream = Stream::open();
    stream.request_headers(request_headers(&ping()), false);
    stream.request_body(b"{}", false);
    stream.request_trailers();
    assert_eq!(reply().status, 400);
}

#[test]
fn trailers_end_an_answer() {
    assert!(fake_host::start(&configuration("default")));
    state(|state| state.properties.insert("connection.tls_version".into(), b"TLSv1.3".to_vec()));
    let case = ping();
    for (body, cut) in [(case.answer.body.as_bytes(), false), (&case.answer.body.as_bytes()[..20], true)] {
        let mut stream = Stream::open();
        send(&mut stream, &case, usize::MAX);
        stream.response_headers(pairs([(":status".into(), "200".into()), ("content-type".into(), "application/json".into())]), false);
        let out = stream.response_body(body, false);
        stream.response_trailers();
        assert_eq!(state(|state| state.cut), cut);
        assert!(cut || out == body);
        assert!(stream.close().is_some());
    }
}

#[test]
fn what_happens_is_counted() {
    assert!(fake_host::start(&configuration("default")));
    let allowed = case::all().into_iter().find(|case| case.name.starts_with("an allowed call")).unwrap();
    let refused = case::all().into_iter().find(|case| case.name.starts_with("no rule allows")).unwrap();
    run(&allowed, usize::MAX);
    run(&refused, usize::MAX);
    let counted = |name: &str| state(|state| state.metrics.iter().find(|(have, _)| have == name).unwrap().1);
    assert_eq!(counted("portcullis.exchanges_allowed"), 1);
    assert_eq!(counted("portcullis.exchanges_refused"), 1);
}

/// Answers the filter's question for revocations.
fn fetch(list: &case::List) {
    state(|state| state.clusters.push("control".into()));
    fake_host::tick();
    fake_host::tick();
    let call = state(|state| state.calls.pop()).expect("the list is asked for");
    assert_eq!((call.cluster.as_str(), &call.headers[1]), ("control", &(":path".to_owned(), b"/revocations.jwt".to_vec())));
    let (status, body) = token::list(list);
    fake_host::answer_call(call.token, Some((status, body.as_bytes())));
}

fn list(members: &str) -> case::List {
    case::List { signed: String::new(), members: toml::from_str(members).unwrap() }
}

/// Nothing comes on these streams any more: only the tick can end them, each in its own context.
#[test]
fn running_streams_end_on_the_tick() {
    assert!(fake_host::start(&configuration("revocation")));
    fetch(&list("sequence = 1"));
    state(|state| state.properties.insert("connection.tls_version".into(), b"TLSv1.3".to_vec()));
    let case = ping();
    let other = Case { caller: Caller { user: "bob".into(), ..Caller::default() }, ..case.clone() };
    let sse = || pairs([(":status".into(), "200".into()), ("content-type".into(), "text/event-stream".into())]);
    let [mut asked, mut streaming, mut of_another] = [&case, &case, &other].map(|case| {
        let mut stream = Stream::open();
        send(&mut stream, case, usize::MAX);
        assert!(stream.headers_forwarded);
        stream
    });
    for stream in [&mut streaming, &mut of_another] {
        stream.response_headers(sse(), false);
        assert_eq!(stream.response_body(b": hello\n\n", false), b": hello\n\n");
    }
    state(|state| state.time_nanos += 10_000_000_000);
    fetch(&list("sequence = 2\nsubjects = [{ iss = 'https://id.example.com', sub = 'id-ana' }]"));
    state(|state| state.ended.clear());
    fake_host::tick();
    let mut ended = state(|state| state.ended.clone());
    ended.sort_unstable();
    assert_eq!(ended, [(asked.id(), "reply"), (streaming.id(), "cut")]);
    assert_eq!(reply().status, 401);
    fake_host::tick();
    assert_eq!(state(|state| state.ended.len()), 2, "once is enough");
    assert_eq!(of_another.response_body(b": still here\n\n", false), b": still here\n\n");
    assert!(streaming.response_body(b": never seen\n\n", false).is_empty());
    asked.request_trailers();
    for stream in [asked, streaming] {
        assert!(stream.close().unwrap().contains("revoked_subject"));
    }
    assert!(!of_another.close().unwrap().contains("revoked"));
    let counted = state(|state| state.metrics.iter().find(|(have, _)| have == "portcullis.exchanges_revoked").unwrap().1);
    assert_eq!(counted, 2);
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
            state(|state| state.properties.insert("connection.tls_version".into(), b"TLSv1.3".to_vec()));
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
                    let wanted = support::secrets::fill(case.expect.upstream_body.as_ref().unwrap());
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
fn two_session_headers_are_one_too_many() {
    assert!(fake_host::start(&configuration("sealed")));
    state(|state| state.properties.insert("connection.tls_version".into(), b"TLSv1.3".to_vec()));
    let good = support::secrets::fill("${sealed:ana:s-1}");
    for values in [[&good[..], &good], [&good, "s-1"], ["s-1", &good], [&good, ""]] {
        let mut headers = request_headers(&ping());
        headers.extend(values.map(|value| ("mcp-session-id".to_owned(), value.as_bytes().to_vec())));
        let mut stream = Stream::open();
        stream.request_headers(headers, false);
        assert_eq!(reply().status, 400, "{values:?}");
        assert!(stream.close().unwrap().contains("session_repeated"));
    }
    // From the server, too.
    let mut stream = Stream::open();
    send(&mut stream, &ping(), usize::MAX);
    let mut headers = vec![(":status".to_owned(), "200".to_owned()), ("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(["a", "b"].map(|id| ("mcp-session-id".to_owned(), id.to_owned())));
    stream.response_headers(pairs(headers), false);
    assert_eq!(reply().status, 502);
}

/// By the root, so that it does not go with the stream; to the address that the server saw.
#[test]
fn a_server_whose_request_is_refused_is_answered_on_the_next_tick() {
    assert!(fake_host::start(&configuration("tools")));
    for (name, value) in [("xds.cluster_name", "idp"), ("request.path", "/inner?x=1"), ("request.host", "inner.example")] {
        state(|state| state.properties.insert(name.into(), value.into()));
    }
    let name = "sampling that is refused does not reach the client, and the server is answered";
    let case = case::all().into_iter().find(|case| case.name == name).unwrap();
    run(&case, 7);
    assert!(state(|state| state.calls.is_empty()));
    fake_host::tick();
    let call = state(|state| state.calls.pop()).expect("a call");
    let headers = texts(&call.headers);
    assert_eq!(call.cluster, "idp");
    for (name, value) in [
        (":method", "POST"),
        (":path", "/inner?x=1"),
        (":authority", "inner.example"),
        ("content-type", "application/json"),
        ("authorization", "Bearer upstream-credential"),
    ] {
        assert_eq!(check::header(&headers, name), value, "{name}");
    }
    fake_host::answer_call(call.token, Some((202, b"")));
    fake_host::tick();
    assert!(state(|state| state.calls.is_empty()), "once is enough");
    let counted = |name: &str| state(|state| state.metrics.iter().find(|(have, _)| have == name).unwrap().1);
    assert_eq!(counted("portcullis.alerts.server_request_refused"), 1);
    assert_eq!(counted("portcullis.alerts.chain_start"), 1);
    assert_eq!(counted("portcullis.alerts"), 1, "that a chain begins is nothing to look at");
}

/// A stream's own call: made in its callback, answered to it.
#[test]
fn a_call_waits_until_its_record_is_kept() {
    let yaml = case::policy("default")
        .replace("tls: required", "tls: off")
        .replace("\nrules:\n", "\nrules:\n  - { id: first, groups: [engineering], tools: [get_order], then: allow, record: before }\n")
        .replace("\naudit:\n", "\naudit:\n  collector: { cluster: idp, host: logs }\n");
    assert!(yaml.contains("record: before") && yaml.contains("collector"));
    let configuration = plugin_configuration(yaml);
    let case = case::all().into_iter().find(|case| case.name.starts_with("an allowed call goes through")).unwrap();
    let begin = |configuration: &[u8]| {
        assert!(fake_host::start(configuration));
        fake_host::tick();
        let mut stream = Stream::open();
        send(&mut stream, &case, 11);
        assert!(!stream.answered() && !stream.headers_forwarded);
        stream
    };
    let mut stream = begin(&configuration);
    let call = state(|state| state.calls.pop()).expect("the record is sent at once");
    assert!(texts(&call.headers).contains(&(":path".into(), "/v1/logs".into())));
    fake_host::answer_call(call.token, Some((200, b"{}")));
    assert!(stream.resume_if_released());
    assert_eq!(stream.forwarded, case.request.bytes());
    assert!(stream.close().unwrap().contains("\"intent\":{\"kept\":true"));

    for answer in [None, Some((500, &b""[..])), Some((200, &b"[]"[..]))] {
        let mut stream = begin(&configuration);
        let call = state(|state| state.calls.pop()).unwrap();
        fake_host::answer_call(call.token, answer);
        assert!(!stream.resume_if_released());
        assert_eq!(reply().status, 503, "{answer:?}");
        assert!(stream.close().unwrap().contains("record_not_kept"));
    }

    // Envoy has no such cluster: the stream is told on the next tick.
    let elsewhere = String::from_utf8(configuration).unwrap().replace("\"cluster\":\"idp\"", "\"cluster\":\"nowhere\"").into_bytes();
    let mut stream = begin(&elsewhere);
    fake_host::tick();
    assert!(!stream.resume_if_released());
    assert_eq!(reply().status, 503);
    assert!(stream.close().unwrap().contains("record_not_kept"));
}

/// Envoy gives a policy up after the last of its streams.
#[test]
fn the_end_of_a_chain_is_told_when_its_policy_is_given_up() {
    let seed = ["AQEB".repeat(10).as_str(), "AQE="].concat();
    let sign = format!("\naudit:\n  chain: {{ sign: {{ key: {seed} }}, notary: {{ cluster: idp, host: notary }} }}\n");
    let yaml = case::policy("default").replace("\naudit:\n", &sign);
    let configuration = plugin_configuration(yaml);
    // The VM of Envoy's main thread, to which nothing comes.
    assert!(fake_host::start(&configuration));
    fake_host::tick();
    fake_host::give_up();
    assert!(state(|state| state.calls.is_empty()));

    assert!(fake_host::start(&configuration));
    fake_host::tick();
    let allowed = case::all().into_iter().find(|case| case.name.starts_with("an allowed call goes through")).unwrap();
    run(&allowed, usize::MAX);
    assert!(state(|state| state.calls.is_empty()));
    fake_host::tick();
    let to_notary = |call: &fake_host::Call| texts(&call.headers).contains(&(":path".into(), "/checkpoints".into()));
    let first = state(|state| state.calls.pop()).expect("the first record is vouched for at once");
    assert!(to_notary(&first));
    // Unanswered, and the end comes all the same.
    fake_host::give_up();
    assert!(to_notary(&state(|state| state.calls.pop()).expect("the last checkpoint")));
}

fn with_recognizer() -> Vec<u8> {
    let rule = "masking:\n  - { id: names, recognizer: idp, entities: [PERSON], then: replace }\n";
    let yaml = case::policy("default").replace("masking:\n", rule);
    plugin_configuration(format!("{yaml}recognizers:\n  - {{ id: idp, cluster: idp }}\n"))
}

/// Held, shown, let go from outside its callbacks; and a host in whose clusters there is no recognizer.
#[test]
fn an_answer_waits_for_its_recognizer() {
    let shown = br#"{"jsonrpc":"2.0","id":1,"result":{"text":"Ana, at home"}}"#;
    let found = br#"[[{"entity_type":"PERSON","start":0,"end":3,"score":1}]]"#;
    let masked = String::from_utf8_lossy(shown).replace("Ana", "[MASKED:names]");
    let begin = |media: &str| {
        state(|state| state.properties.insert("connection.tls_version".into(), b"TLSv1.3".to_vec()));
        let mut stream = Stream::open();
        send(&mut stream, &ping(), usize::MAX);
        stream.response_headers(pairs([(":status".into(), "200".into()), ("content-type".into(), media.into())]), false);
        stream
    };
    for at in [0, 1, 30, shown.len()] {
        assert!(fake_host::start(&with_recognizer()));
        let mut stream = begin("application/json");
        let (head, tail) = shown.split_at(at);
        assert!(stream.response_body(head, false).is_empty());
        assert!(stream.response_body(tail, true).is_empty());
        let call = state(|state| state.calls.pop()).expect("the recognizer is asked");
        assert_eq!((call.cluster.as_str(), String::from_utf8_lossy(&call.body).contains(r#""text":["Ana, at home"]"#)), ("idp", true));
        assert_eq!(stream.released_response(), None);
        fake_host::answer_call(call.token, Some((200, found)));
        assert_eq!(String::from_utf8(stream.released_response().unwrap()).unwrap(), masked);
        assert!(stream.close().unwrap().contains("[MASKED:names]"));
    }
    // An event, and one behind it that needs nobody: on the tick, for Envoy cannot be given it in that callback.
    assert!(fake_host::start(&with_recognizer()));
    let mut stream = begin("text/event-stream");
    let event = ["data: ".as_bytes(), shown, b"\n\n"].concat();
    assert!(stream.response_body(&event, false).is_empty());
    let call = state(|state| state.calls.pop()).unwrap();
    fake_host::answer_call(call.token, Some((200, found)));
    assert_eq!(stream.released_response().unwrap(), format!("data: {masked}\n\n").into_bytes());
    assert!(stream.response_body(b": ping\n\n", false).is_empty());
    fake_host::tick();
    assert_eq!(stream.released_response().unwrap(), b": ping\n\n");
    assert!(stream.response_body(b"", true).is_empty());
    stream.close();
    // One that does not answer, or with more than anybody takes, and one that cannot be called.
    for case in 0..3 {
        assert!(fake_host::start(&with_recognizer()));
        if case == 2 {
            state(|state| state.clusters.clear());
        }
        let mut stream = begin("application/json");
        assert!(stream.response_body(shown, true).is_empty());
        match case {
            0 => fake_host::answer_call(state(|state| state.calls.pop()).unwrap().token, None),
            1 => fake_host::answer_call(state(|state| state.calls.pop()).unwrap().token, Some((200, &vec![b' '; 5 << 20]))),
            _ => fake_host::tick(),
        }
        let left = String::from_utf8(stream.released_response().unwrap()).unwrap();
        assert!(left.contains("withheld") && !left.contains("Ana"), "{left}");
        assert!(stream.close().unwrap().contains("recognizer_unavailable"));
        let counted = state(|state| state.metrics.iter().find(|(have, _)| have == "portcullis.messages_unrecognized").unwrap().1);
        assert_eq!(counted, 1);
    }
}
