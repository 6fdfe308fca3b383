//! A case of the corpus through the glue: what Envoy tells it, and what came of it.

use super::fake_host::{self, Pairs, Stream, state};
use super::support::approver::{Approver, Word};
use super::support::case::{self, Case};
use super::support::check::{self, Seen};
use super::support::{proof, token};

pub fn configuration(name: &str) -> Vec<u8> {
    plugin_configuration(case::policy(name))
}

pub fn plugin_configuration(mut yaml: String) -> Vec<u8> {
    // `${env:...}` is read from the process's environment in the VM; here it is filled beforehand.
    for variable in portcullis::policy::variables(&yaml) {
        yaml = yaml.replace(&format!("${{env:{variable}}}"), &case::env(&variable).unwrap());
    }
    portcullis::policy::from_yaml(&yaml, &case::env).unwrap().json.to_string().into_bytes()
}

pub fn pairs(headers: impl IntoIterator<Item = (String, String)>) -> Pairs {
    headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect()
}

pub fn texts(pairs: &Pairs) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (name.clone(), String::from_utf8(value.clone()).unwrap())).collect()
}

pub fn request_headers(case: &Case) -> Pairs {
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

pub fn send(stream: &mut Stream, case: &Case, size: usize) {
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

pub fn run(case: &Case, size: usize) -> Seen {
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

pub fn now() -> u64 {
    state(|state| state.time_nanos / 1_000_000_000)
}

/// Answers what people are asked, until nothing is asked any more. While they say nothing, the hold goes by.
pub fn ask(stream: &mut Stream, people: &mut Approver) {
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

pub fn reply() -> Seen {
    let (status, headers, body) = state(|state| state.reply.clone()).unwrap();
    Seen { status: u16::try_from(status).unwrap(), headers: texts(&headers), body, ..Seen::default() }
}

pub fn ping() -> Case {
    case::all().into_iter().find(|case| case.name == "handshake needs no rule").unwrap()
}

/// Answers the filter's question for revocations.
pub fn fetch(list: &case::List) {
    state(|state| state.clusters.push("control".into()));
    fake_host::tick();
    fake_host::tick();
    let call = state(|state| state.calls.pop()).expect("the list is asked for");
    assert_eq!((call.cluster.as_str(), &call.headers[1]), ("control", &(":path".to_owned(), b"/revocations.jwt".to_vec())));
    let (status, body) = token::list(list);
    fake_host::answer_call(call.token, Some((status, body.as_bytes())));
}

pub fn over_tls() {
    state(|state| state.properties.insert("connection.tls_version".into(), b"TLSv1.3".to_vec()));
}

/// What a metric stands at.
pub fn counted(name: &str) -> i64 {
    state(|state| state.metrics.iter().find(|(have, _)| have == name).unwrap().1)
}
