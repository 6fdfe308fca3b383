//! What the filter calls while an exchange waits, and on its own: servers, collectors, the notary, recognizers.

use super::fake_host::{self, Stream, state};
use super::stand::{configuration, counted, over_tls, pairs, ping, plugin_configuration, reply, run, send, texts};
use super::support::{case, check};

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
        over_tls();
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
        assert_eq!(counted("portcullis.messages_unrecognized"), 1);
    }
}
