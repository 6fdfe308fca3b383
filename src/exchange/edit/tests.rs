//! What holds for every stream: no difference by how it came, nothing changed where nothing is to be, and what leaves is JSON.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::limits::{LIST_BYTES, SERVER_REQUEST_BYTES, UNDECIDED_BYTES};
use crate::policy::{Asking, Default as Otherwise, Listing, value::Glob};

fn rule(tools: &str) -> crate::policy::Rule {
    crate::policy::Rule { tools: vec![Glob::new(tools)], ..crate::policy::Rule::plain("r", crate::policy::Then::Allow) }
}

/// Made once: phrases take their time to compile.
static BENCH: LazyLock<Bench> = LazyLock::new(Bench::new);

struct Bench {
    guard: Guard,
    tools: Tools,
    server: Server,
    detector: Detector,
}

impl Bench {
    fn new() -> Self {
        Self {
            guard: Guard::compile(Otherwise::Deny, &[rule("a*")]).unwrap(),
            tools: Tools { list: Listing::Filtered, ..Tools::default() },
            server: Server { sampling: Asking::Refuse, ..Server::default() },
            detector: Detector::default(),
        }
    }

    fn run(&self, form: Form, chunks: &[&[u8]]) -> (Result<Vec<u8>, EditError>, Vec<Answer>) {
        let who = Who::ANYBODY;
        let (mut pins, asked) = (Pins::default(), Asked::default());
        let (guard, tools, server, detector) = (&self.guard, &self.tools, &self.server, &self.detector);
        let mut court = Court { guard, who, tools, server, pins: &mut pins, detector, asked: &asked };
        let (mut editor, mut noted, mut out) = (Editor::new(form), Noted::default(), Vec::new());
        let done = chunks
            .iter()
            .try_for_each(|chunk| editor.push(&mut court, &mut noted, chunk, &mut out))
            .and_then(|()| editor.finish(&mut court, &mut noted, &mut out));
        (done.map(|()| out), noted.answers)
    }

    fn whole(&self, form: Form, body: &str) -> String {
        String::from_utf8(self.run(form, &[body.as_bytes()]).0.unwrap()).unwrap()
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let name = "name|uri|tools|content|method|a|b|\u{e9}";
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i32>().prop_map(serde_json::Value::from),
        "[a-c\"\\\\\n\u{e9}:]{0,6}".prop_map(serde_json::Value::from),
        "java(script|):x|docs://a|sampling/createMessage".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A message of any kind, in any order of members.
fn message() -> impl Strategy<Value = String> {
    let members = prop::collection::vec(
        prop_oneof![
            Just(("jsonrpc", serde_json::json!("2.0"))),
            Just(("id", serde_json::json!(1))),
            Just(("method", serde_json::json!("sampling/createMessage"))),
            Just(("method", serde_json::json!("notifications/progress"))),
            json().prop_map(|value| ("params", value)),
            json().prop_map(|value| ("result", value)),
            json().prop_map(|value| ("result", serde_json::json!({ "_meta": value, "tools": [{ "name": "a" }, { "name": "b" }, value] }))),
            json().prop_map(|value| ("result", serde_json::json!({ "content": value }))),
            json().prop_map(|value| ("error", value)),
        ],
        0..5,
    );
    members.prop_map(|members| {
        let written: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\" : {value}")).collect();
        format!("{{{}}}", written.join(" , "))
    })
}

fn stream() -> impl Strategy<Value = String> {
    let event = (prop::option::of("event: message\n|id: 4\r\n|: hello\n|retry: 5\r"), message(), "\n\n|\r\n\r\n|\r\r|\nid: 5\n\n")
        .prop_map(|(before, message, after)| format!("{}data: {message}{after}", before.unwrap_or_default()));
    let events = prop_oneof![4 => event, 1 => Just(": keepalive\n\n".to_owned()), 1 => Just("id: 1\ndata: \n\n".to_owned())];
    prop::collection::vec(events, 0..4).prop_map(|events| events.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn it_does_not_matter_how_a_stream_comes(stream in stream(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let bench = &*BENCH;
        let bytes = stream.as_bytes();
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
        at.sort_unstable();
        let chunks: Vec<&[u8]> = at.array_windows().map(|[from, to]| &bytes[*from..*to]).collect();
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        let whole = bench.run(Form::Sse, &[bytes]);
        prop_assert_eq!(&bench.run(Form::Sse, &chunks), &whole);
        prop_assert_eq!(&bench.run(Form::Sse, &single), &whole);
    }

    #[test]
    fn it_does_not_matter_how_a_body_comes(body in message()) {
        let bench = &*BENCH;
        let single: Vec<&[u8]> = body.as_bytes().chunks(1).collect();
        let whole = bench.run(Form::Json, &[body.as_bytes()]);
        prop_assert_eq!(&bench.run(Form::Json, &single), &whole);
        if let (Ok(out), _) = whole {
            prop_assert!(out.is_empty() == body.is_empty());
            serde_json::from_slice::<serde_json::Value>(&out).unwrap();
        }
    }

    /// Where nothing is to be edited, not a byte changes.
    #[test]
    fn what_needs_no_edit_stays(value in json(), sse in any::<bool>()) {
        let text = value.to_string();
        prop_assume!(!text.contains("java"));
        let body = format!("{{ \"jsonrpc\":\"2.0\",\"result\":{{\"_meta\":{{}},\"content\": {text}}},\"id\":1}}");
        let (form, body) = if sse { (Form::Sse, format!(": x\r\nid: 1\rdata:{body}\n\n")) } else { (Form::Json, body) };
        prop_assert_eq!(BENCH.whole(form, &body), body);
    }

    /// Edited lists are JSON, and what stays in them is what was there.
    #[test]
    fn edited_lists_are_lists(names in prop::collection::vec("[ab][a-c]{0,3}", 0..8), space in "[ \t]{0,2}") {
        let entries: Vec<String> = names.iter().map(|name| format!("{space}{{{space}\"name\":\"{name}\",\"n\":1.50}}{space}")).collect();
        let body = format!("{{\"result\":{{\"tools\":[{}],\"nextCursor\":\"x\"}}}}", entries.join(","));
        let out: serde_json::Value = serde_json::from_str(&BENCH.whole(Form::Json, &body)).unwrap();
        let left: Vec<&str> = out["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
        let expected: Vec<&str> = names.iter().map(String::as_str).filter(|name| name.starts_with('a')).collect();
        prop_assert_eq!(left, expected);
    }
}

#[test]
fn nothing_waits_that_need_not() {
    let bench = &*BENCH;
    let begun = |form, body: &str| {
        let who = Who::ANYBODY;
        let (mut pins, asked) = (Pins::default(), Asked::default());
        let (guard, tools, server, detector) = (&bench.guard, &bench.tools, &bench.server, &bench.detector);
        let mut court = Court { guard, who, tools, server, pins: &mut pins, detector, asked: &asked };
        let mut out = Vec::new();
        Editor::new(form).push(&mut court, &mut Noted::default(), body.as_bytes(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    for body in [
        r#"{"jsonrpc":"2.0","id":1,"result":{"content":"#,
        r#"{"result":{"_meta":{},"content":[{"text":"long and lo"#,
        r#"{"jsonrpc":"2.0","method":"notifications/progress""#,
        r#"{"result":{"ok":true}"#,
    ] {
        assert_eq!(begun(Form::Json, body), body);
        let event = format!("event: message\nid: 1\ndata: {body}");
        assert_eq!(begun(Form::Sse, &event), event);
    }
    for stream in [": keepalive\n", "event: message\n", "event: x\ndata: text", "id: 1\ndata: \n\n", "retry: 3\n\n: y"] {
        assert_eq!(begun(Form::Sse, stream), stream);
    }
    assert_eq!(begun(Form::Sse, "id: 1\ndata: {\"id\":1,"), "id: 1\n");
}

#[test]
fn what_waits_is_bounded() {
    let bench = &*BENCH;
    let long = |bytes: usize| "x".repeat(bytes);
    // Undecided for too long: it goes on, unless it turns out to be what it must not be.
    let params = format!(r#"{{"params":"{}","method":"notifications/message"}}"#, long(UNDECIDED_BYTES));
    assert_eq!(bench.whole(Form::Json, &params), params);
    let request = params.replace("notifications/message", "sampling/createMessage");
    assert_eq!(bench.run(Form::Json, &[request.as_bytes()]).0, Err(EditError::Ambiguous));
    let list = format!(r#"{{"result":{{"tools":[],"x":"{}"}}}}"#, long(LIST_BYTES));
    assert_eq!(bench.run(Form::Json, &[list.as_bytes()]).0, Err(EditError::TooLong));
    let error = format!(r#"{{"error":{{"code":1,"message":"{}"}}}}"#, long(SERVER_REQUEST_BYTES));
    assert_eq!(bench.run(Form::Json, &[error.as_bytes()]).0, Err(EditError::TooLong));
    let content = format!(r#"{{"result":{{"content":"{}"}}}}"#, long(LIST_BYTES));
    assert_eq!(bench.whole(Form::Json, &content), content);
}
