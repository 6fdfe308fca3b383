//! Streams that end: by trailers, by a client that goes away, by access that is taken back; and headers that come twice.

use super::fake_host::{self, Stream, state};
use super::stand::{configuration, counted, fetch, over_tls, pairs, ping, reply, request_headers, send};
use super::support::case::{self, Caller, Case};
use super::support::secrets;

#[test]
fn a_client_that_goes_away_leaves_a_record() {
    assert!(fake_host::start(&configuration("default")));
    over_tls();
    let mut stream = Stream::open();
    stream.request_headers(request_headers(&ping()), false);
    stream.request_body(b"{\"jsonrpc\":", false);
    let record = stream.close().expect("a record");
    assert!(record.contains("ana"), "{record}");
}

#[test]
fn request_trailers_are_refused() {
    assert!(fake_host::start(&configuration("default")));
    over_tls();
    let mut stream = Stream::open();
    stream.request_headers(request_headers(&ping()), false);
    stream.request_body(b"{}", false);
    stream.request_trailers();
    assert_eq!(reply().status, 400);
}

#[test]
fn trailers_end_an_answer() {
    assert!(fake_host::start(&configuration("default")));
    over_tls();
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

fn list(members: &str) -> case::List {
    case::List { signed: String::new(), members: toml::from_str(members).unwrap() }
}

/// Nothing comes on these streams any more: only the tick can end them, each in its own context.
#[test]
fn running_streams_end_on_the_tick() {
    assert!(fake_host::start(&configuration("revocation")));
    fetch(&list("sequence = 1"));
    over_tls();
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
    assert_eq!(counted("portcullis.exchanges_revoked"), 2);
}

#[test]
fn two_session_headers_are_one_too_many() {
    assert!(fake_host::start(&configuration("sealed")));
    over_tls();
    let good = secrets::fill("${sealed:ana:s-1}");
    for values in [[good.as_str(), &good], [&good, "s-1"], ["s-1", &good], [&good, ""]] {
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
