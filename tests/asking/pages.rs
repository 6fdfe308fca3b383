//! Clients that can send a person to a page, and what the others are told instead.

use portcullis::exchange::{Effect, Event};
use serde_json::{Value, json};

use super::stand::{Request, Stand, goes, reply, text};
use super::support::approver::Word;

#[test]
fn a_client_with_pages_is_sent_to_one_and_comes_back() {
    let mut stand = Stand::new();
    let request = Request::tool("drop_table").modern();
    let (mut exchange, step) = stand.begin(&request);
    let _ = stand.serve(&mut exchange, step);
    stand.wait(45_000);
    let step = exchange.on(&mut stand.engine, Event::Tick, stand.now);
    let (_, body) = reply(&step).unwrap();
    assert_eq!(body["result"]["resultType"], "input_required");
    let question = &body["result"]["inputRequests"]["approval"];
    assert_eq!(question["method"], "elicitation/create");
    let page = json!({ "mode": "url", "url": "https://approvals.example.com/r/apr_0", "message": "Drops are for good." });
    assert_eq!(question["params"], page);
    let state = body["result"]["requestState"].clone();
    stand.end(&mut exchange);
    assert_eq!(stand.detached(), Vec::<String>::new());

    // That a person has looked at the page approves nothing.
    let back = json!({ "requestState": state, "inputResponses": { "approval": { "action": "accept" } } });
    let again = Request { more: back.clone(), ..request.clone() };
    let (mut exchange, step) = stand.begin(&again);
    let Effect::Body(body) = &step.effects[0] else { panic!("{step:?}") };
    assert_eq!(body.len(), again.body().len(), "no header that tells the length has to change");
    assert_eq!(serde_json::from_slice::<Value>(body).unwrap(), serde_json::from_slice::<Value>(&request.body()).unwrap());
    let step = stand.serve(&mut exchange, step);
    assert_eq!((goes(&step), stand.approver.asked.len()), (false, 1));
    stand.approver.word = Word::Approved;
    let step = stand.serve(&mut exchange, step);
    assert!(goes(&step));
    let record = stand.end(&mut exchange);
    assert!(!record["api"]["request"]["data"].as_str().unwrap().contains("requestState"), "{record:#}");

    // With another's state, a changed one, or one of another call, it is no call at all.
    stand.approver.word = Word::Nothing;
    let mut forged = back.clone();
    forged["requestState"] = json!(format!("{}x", state.as_str().unwrap()));
    for other in [
        Request { more: forged, ..request.clone() },
        Request { user: "eve", more: back.clone(), ..request.clone() },
        Request { arguments: json!({ "what": "y" }), more: back.clone(), ..request.clone() },
    ] {
        let (mut exchange, step) = stand.begin(&other);
        let (_, body) = reply(&step).unwrap();
        assert_eq!((&body["error"]["code"], &body["id"]), (&json!(-32602), &json!(7)));
        assert_eq!(stand.end(&mut exchange)["status_code"], "approval_state_mismatch");
    }
    // Who does not want to be asked takes the request back.
    let declined = json!({ "requestState": state, "inputResponses": { "approval": { "action": "decline" } } });
    let (mut exchange, step) = stand.begin(&Request { more: declined, ..request });
    assert!(text(&step).contains("was not wanted"));
    assert_eq!(stand.end(&mut exchange)["status_code"], "approval_declined");
    assert_eq!(stand.detached(), ["/ask/access/v1/requests/apr_0/cancel"]);
}

#[test]
fn clients_without_pages_get_text_and_servers_states_are_left_alone() {
    let pending = |request: Request| Stand::new().pending(&request);
    let form = json!({ "elicitation": { "form": {} } });
    let (_, body) = pending(Request { capabilities: form, ..Request::tool("drop_table").modern() });
    assert_eq!((&body["result"]["isError"], &body["result"]["resultType"]), (&json!(true), &json!("complete")));
    let state = json!({ "requestState": "the server's own" });
    let (_, body) = pending(Request { more: state, ..Request::tool("drop_table").modern() });
    assert_eq!(body["result"]["isError"], true);
    let prompt = Request { method: "prompts/get", name: "danger", ..Request::tool("x") };
    let (status, body) = pending(prompt.clone());
    assert_eq!((status, &body["error"]["code"], &body["error"]["data"]["approvals"]), (200, &json!(4030), &json!(["apr_0"])));
    let (_, body) = pending(prompt.modern());
    assert_eq!(body["result"]["resultType"], "input_required");
}

/// Where handles leave sealed, and where they do not.
const WAYS: [fn(&str) -> String; 2] = [str::to_owned, |policy| {
    let key = ["a key of thirty-two bytes, or of ", "more"].concat();
    policy.replace("identity:\n", &format!("identity:\n  sessions: {{ seal_key: {key:?} }}\n"))
}];

fn pages() -> Value {
    json!({ "elicitation": { "form": {}, "url": {} } })
}

fn in_session(session: &str) -> Request {
    Request { session: Some(session.to_owned()), version: Some("2025-11-25"), ..Request::tool("drop_table") }
}

/// Error -32042 of 2025-11-25, for a client that has said in `initialize` that it understands it.
#[test]
fn a_session_whose_client_takes_pages_is_sent_to_one() {
    for way in WAYS {
        let mut stand = Stand::under(way);
        let session = stand.introduce("ana", &pages(), "s-1");
        let (status, body) = stand.pending(&in_session(&session));
        assert_eq!((status, &body["id"], &body["error"]["code"]), (200, &json!(7), &json!(-32042)), "{body}");
        let page = "https://approvals.example.com/r/apr_0";
        let elicitation = json!({ "mode": "url", "elicitationId": "apr_0", "url": page, "message": "Drops are for good." });
        assert_eq!(body["error"]["data"], json!({ "elicitations": [elicitation] }));
        let told = body["error"]["message"].as_str().unwrap();
        assert!(told.contains("Make the same call again") && told.contains(page), "whoever shows the message only: {told}");

        // The same call again finds its approval.
        stand.approver.word = Word::Approved;
        let (mut exchange, step) = stand.begin(&in_session(&session));
        let step = stand.serve(&mut exchange, step);
        assert!(goes(&step));
        stand.end(&mut exchange);
        assert_eq!(stand.approver.asked.len(), 1);
    }
}

#[test]
fn every_rule_that_waits_has_its_page() {
    let mut stand = Stand::new();
    let session = stand.introduce("ana", &pages(), "s-1");
    let (_, body) = stand.pending(&Request { name: "drop_two", ..in_session(&session) });
    let ids: Vec<&Value> = body["error"]["data"]["elicitations"].as_array().unwrap().iter().map(|one| &one["elicitationId"]).collect();
    assert_eq!(ids, [&json!("apr_0"), &json!("apr_1")]);
}

#[test]
fn nobody_else_gets_that_error() {
    for way in WAYS {
        let result = |what: &str, stand: &mut Stand, request: Request| {
            let (_, body) = stand.pending(&request);
            assert_eq!(body["result"]["isError"], true, "{what}: {body}");
        };
        let mut stand = Stand::under(way);
        for capabilities in [json!({}), json!({ "elicitation": {} }), json!({ "elicitation": { "form": {} } }), json!({ "sampling": {} })] {
            let session = stand.introduce("ana", &capabilities, "s-1");
            result("a client that has not said so", &mut stand, in_session(&session));
        }
        let session = stand.introduce("ana", &pages(), "s-2");
        for version in [None, Some("2025-06-18"), Some("2025-03-26"), Some("2026-07-28")] {
            result("another revision was agreed upon", &mut stand, Request { version, ..in_session(&session) });
        }
        result("no session", &mut stand, Request { session: None, ..in_session(&session) });
        // A prompt is no tool: its error is the other one, unless the client takes pages.
        let prompt = |version| Request { method: "prompts/get", name: "danger", version, ..in_session(&session) };
        assert_eq!(stand.pending(&prompt(None)).1["error"]["code"], 4030);
        assert_eq!(stand.pending(&prompt(Some("2025-11-25"))).1["error"]["code"], -32042);
    }
    let mut stand = Stand::new();
    let other = stand.introduce("eve", &pages(), "s-1");
    assert_eq!(stand.pending(&in_session(&other)).1["result"]["isError"], true, "what eve's client takes says nothing of ana's");
    let mut stand = Stand::under(|policy| policy.replace("timeout: 3s }\nrules", "timeout: 3s, url_elicitation_errors: false }\nrules"));
    let session = stand.introduce("ana", &pages(), "s-1");
    let (_, body) = stand.pending(&in_session(&session));
    assert_eq!(body["result"]["isError"], true, "{body}");
}

/// A sealed session tells every replica, and nothing of it shows.
#[test]
fn a_sealed_session_tells_whoever_has_the_key() {
    let sealed = WAYS[1];
    let mut stand = Stand::under(sealed);
    let with = stand.introduce("ana", &pages(), "s-1");
    let without = stand.introduce("ana", &json!({}), "s-1");
    assert_ne!(with, without);
    assert_eq!(with.len(), without.len());
    let mut replica = Stand::under(sealed);
    assert_eq!(replica.pending(&in_session(&with)).1["error"]["code"], -32042);
    assert_eq!(replica.pending(&in_session(&without)).1["result"]["isError"], true);
    // An answer of the server that repeats the session's name repeats it as it was.
    for (session, body) in [(&with, b"{}"), (&without, b"{}")] {
        replica.approver.word = Word::Approved;
        let (mut exchange, step) = replica.begin(&in_session(session));
        replica.approver.uses += 1;
        let step = replica.serve(&mut exchange, step);
        assert!(goes(&step), "{step:?}");
        let headers = [(":status", "200"), ("content-type", "application/json"), ("mcp-session-id", "s-1")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let step = exchange.on(&mut replica.engine, Event::ResponseHeaders { headers, end: false }, replica.now);
        assert!(step.effects.contains(&Effect::SetResponseHeader("mcp-session-id".to_owned(), session.clone().into_bytes())), "{step:?}");
        let _ = exchange.on(&mut replica.engine, Event::ResponseBody { chunk: body.to_vec(), end: true }, replica.now);
        replica.end(&mut exchange);
    }
    // Nobody else can use it, page or no page.
    let (mut exchange, step) = stand.begin(&Request { user: "eve", ..in_session(&with) });
    assert_eq!(reply(&step).map(|(status, _)| status), Some(404));
    stand.end(&mut exchange);
}
