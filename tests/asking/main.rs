//! Calls that people approve first, through the engine: what lets them go, and everything that does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]

mod pages;
mod stand;
#[path = "../support/mod.rs"]
mod support;

use portcullis::exchange::{Answer, Call, Closing, Connection, Effect, Event, Exchange, Flow, Step, StreamId};
use proptest::prelude::*;
use serde_json::{Value, json};
use stand::{POLICY, Request, Shared, Stand, begun, call, engine, goes, method, path, reply, says, text};
use support::approver::{Approver, Word};
use support::case::Caller;
use support::{secrets, token};

#[test]
fn an_approved_call_goes_on_once() {
    let mut stand = Stand::new();
    let secret = secrets::fill("${stripe}");
    let request = Request { arguments: json!({ "what": secret, "n": 3 }), ..Request::tool("drop_table") };
    let (mut exchange, step) = stand.begin(&request);
    assert_eq!(step.effects[0], Effect::Body(request.body()), "Envoy has it for when it is released");
    let step = stand.serve(&mut exchange, step);
    let poll = call(&step).unwrap().clone();
    assert_eq!((method(&poll), path(&poll), poll.timeout_millis), ("GET", "/ask/access/v1/requests/apr_0", 33_000));
    assert!(poll.headers.contains(&("prefer".to_owned(), "wait=30".to_owned())));
    // Nothing secret leaves for people's eyes.
    let asked = &stand.approver.asked[0];
    assert!(!asked.to_string().contains(&secret), "{asked}");
    assert_eq!(asked["context"]["shown"]["n"], 3);
    assert_eq!(asked["context"]["message"], "Drops are for good.");
    assert_eq!((&asked["resource"]["id"], &asked["subject"]["id"]), (&json!("drop_table"), &json!("https://id.example.com#id-ana")));

    stand.approver.word = Word::Approved;
    let answer = stand.ask(&poll);
    let step = stand.tell(&mut exchange, &poll, answer);
    assert_eq!(path(call(&step).unwrap()), "/ask/access/v1/requests/apr_0/consume");
    let step = stand.serve(&mut exchange, step);
    assert!(goes(&step));
    assert!(!step.effects.iter().any(|effect| matches!(effect, Effect::Body(_))));
    assert!(step.effects.contains(&Effect::RemoveRequestHeader("authorization")));
    let record = stand.end(&mut exchange);
    assert_eq!((&record["disposition_id"], &record["unmapped"]["stage"]), (&json!(8), &json!("aborted")));
    assert_eq!(record["firewall_rule"]["uid"], "drops");
    let approval = &record["unmapped"]["approval"];
    assert_eq!((&approval["id"], &approval["state"]), (&json!("apr_0"), &json!("used")));
    assert_eq!((&approval["decided_by"], &approval["reason"]), (&json!(["https://id.example.com#id-boss"]), &json!("looks right")));
    assert_eq!(approval["requested_by"], "https://id.example.com#id-ana");
    assert_eq!(record["authorizations"], json!([{ "decision": "used", "policy": { "uid": "drops" } }]));

    // Its one use is taken.
    let (mut exchange, step) = stand.begin(&request);
    let step = stand.serve(&mut exchange, step);
    assert!(text(&step).contains("has been used by another"), "{}", text(&step));
    assert_eq!(stand.end(&mut exchange)["status_code"], "approval_used");
}

#[test]
fn a_retry_finds_its_approval_and_other_arguments_do_not() {
    let mut stand = Stand::new();
    let request = Request::tool("drop_table");
    let (mut exchange, step) = stand.begin(&request);
    let mut step = stand.serve(&mut exchange, step);
    // Nobody decides: after a full poll comes a shorter one, then the client is told.
    for seconds in [30, 15] {
        let poll = call(&step).unwrap().clone();
        assert!(poll.headers.contains(&("prefer".to_owned(), format!("wait={seconds}"))), "{poll:?}");
        stand.wait(seconds * 1_000);
        let answer = stand.ask(&poll);
        step = stand.tell(&mut exchange, &poll, answer);
    }
    let told = text(&step);
    assert!(
        told.contains("with the same arguments") && told.contains("apr_0") && told.contains("https://approvals.example.com/r/apr_0"),
        "{told}"
    );
    assert!(told.contains("rule `drops`"), "{told}");
    let record = stand.end(&mut exchange);
    assert_eq!((&record["disposition_id"], &record["status_code"]), (&json!(14), &json!("approval_pending")));
    assert_eq!(record["unmapped"]["approval"]["state"], "pending");
    assert_eq!(stand.detached(), Vec::<String>::new(), "the request stays");

    stand.approver.word = Word::Approved;
    let (mut exchange, step) = stand.begin(&request);
    let step = stand.serve(&mut exchange, step);
    assert!(goes(&step));
    stand.end(&mut exchange);
    assert_eq!(stand.approver.asked.len(), 1);

    stand.approver.word = Word::Nothing;
    for other in [
        Request { arguments: json!({ "what": "y" }), ..request.clone() },
        Request { arguments: json!({ "what": "x", "more": null }), ..request.clone() },
        Request { user: "eve", ..request.clone() },
        Request { session: Some("s-1".into()), ..request.clone() },
        Request { name: "drop_index", ..request.clone() },
    ] {
        let before = stand.approver.asked.len();
        let (mut exchange, step) = stand.begin(&other);
        let _ = stand.serve(&mut exchange, step);
        assert_eq!(stand.approver.asked.len(), before + 1);
        stand.end(&mut exchange);
    }
}

/// Everything that can go wrong, and its word on record.
#[test]
fn nothing_else_lets_it_go() {
    type Spoil = fn(&mut Stand, &mut Exchange, Step) -> Step;
    type Said = (&'static str, fn(&mut Stand, &Call) -> Answer);
    type Lie = (&'static str, fn(&mut Value));
    fn approved(stand: &mut Stand, exchange: &mut Exchange, step: Step) -> Step {
        stand.approver.word = Word::Approved;
        stand.serve(exchange, step)
    }
    fn answered(with: fn(&mut Stand, &Call) -> Answer, on: &'static str) -> impl Fn(&mut Stand, &mut Exchange, Step) -> Step {
        move |stand, exchange, mut step| {
            stand.approver.word = Word::Approved;
            while let Some(call) = call(&step).cloned() {
                let answer = if path(&call).ends_with(on) { with(stand, &call) } else { stand.ask(&call) };
                step = stand.tell(exchange, &call, answer);
            }
            step
        }
    }
    let requests: [Said; 8] = [
        ("approvals_unavailable", |_, _| Answer::Failed),
        ("approvals_unavailable", |_, _| says(500, &json!({}))),
        ("approvals_unavailable", |_, _| says(504, &json!({}))),
        ("approvals_unavailable", |_, _| says(401, &json!({}))),
        ("approvals_unavailable", |_, _| says(409, &json!({}))),
        ("approvals_unavailable", |_, _| says(302, &json!({}))),
        ("approvals_unavailable", |_, _| Answer::Response { headers: vec![(":status".into(), "200".into())], body: b"<html>".to_vec() }),
        ("approval_not_valid", |_, _| {
            says(200, &json!({ "task": { "id": "apr_0", "status": "approved" }, "approval": { "state": "a.b.c" } }))
        }),
    ];
    for (code, with) in requests {
        refused(code, &answered(with, "/requests"));
    }
    let uses: [Said; 7] = [
        ("approvals_unavailable", |_, _| Answer::Failed),
        ("approvals_unavailable", |_, _| says(503, &json!({}))),
        ("approvals_unavailable", |_, _| says(200, &json!({ "consumed": true }))),
        ("approval_used", |_, _| says(409, &json!({ "error": "consumed" }))),
        ("approval_cancelled", |_, _| says(409, &json!({ "error": "not_approved" }))),
        ("approval_not_valid", |_, _| says(409, &json!({ "error": "binding_mismatch" }))),
        ("approval_expired", |_, _| says(410, &json!({ "error": "expired" }))),
    ];
    for (code, with) in uses {
        refused(code, &answered(with, "/consume"));
    }
    let lies: [Lie; 7] = [
        ("approval_not_valid", |claims| claims["binding"] = json!("other")),
        ("approval_not_valid", |claims| claims["task"] = json!("apr_9")),
        ("approval_not_valid", |claims| claims["shown_digest"] = json!("other")),
        ("approval_not_valid", |claims| claims["use"] = json!("other-use")),
        ("approval_not_valid", |claims| claims["exp"] = json!(1)),
        ("approval_not_valid", |claims| claims["decisions"] = json!([])),
        ("approval_own_request", |claims| claims["decisions"][0]["by"] = json!("https://id.example.com#id-ana")),
    ];
    for (code, lie) in lies {
        refused(code, &move |stand: &mut Stand, exchange: &mut Exchange, step| {
            stand.approver.lie = lie;
            approved(stand, exchange, step)
        });
    }
    let words: [(&str, Spoil); 6] = [
        ("approval_denied", |stand, exchange, step| {
            stand.approver.word = Word::Denied("not on a Friday".into());
            let step = stand.serve(exchange, step);
            assert!(text(&step).contains("not on a Friday"), "{}", text(&step));
            step
        }),
        ("approval_expired", |stand, exchange, step| {
            stand.approver.word = Word::Is("expired");
            stand.serve(exchange, step)
        }),
        ("approval_cancelled", |stand, exchange, step| {
            stand.approver.word = Word::Is("cancelled");
            stand.serve(exchange, step)
        }),
        ("approvals_unavailable", |stand, exchange, step| {
            stand.approver.word = Word::Is("failed");
            stand.serve(exchange, step)
        }),
        ("approval_not_valid", |stand, exchange, step| {
            // Another service signs, with a key that the policy does not name.
            let stranger = Approver::new(stand.approver.now);
            stand.approver = stranger;
            approved(stand, exchange, step)
        }),
        ("token_expired", |stand, exchange, step| {
            let step = stand.serve(exchange, step);
            let poll = call(&step).unwrap().clone();
            stand.wait(11 * 60_000);
            stand.approver.word = Word::Approved;
            let answer = stand.ask(&poll);
            stand.tell(exchange, &poll, answer)
        }),
    ];
    for (code, word) in words {
        refused(code, &word);
    }
}

fn refused(code: &str, spoil: &dyn Fn(&mut Stand, &mut Exchange, Step) -> Step) {
    let mut stand = Stand::new();
    let (mut exchange, step) = stand.begin(&Request::tool("drop_table"));
    let step = spoil(&mut stand, &mut exchange, step);
    assert!(!goes(&step), "{code}");
    assert!(reply(&step).is_some(), "{code}: {step:?}");
    let record = stand.end(&mut exchange);
    assert_eq!(record["status_code"], code, "{record:#}");
    assert_eq!(record["action_id"], 2);
    let alarming = ["approvals_unavailable", "approval_not_valid", "approval_own_request"].contains(&code);
    assert_eq!(record["is_alert"], alarming, "{record:#}");
}

/// An answer that was recorded is one to another use, and what is lost is asked for once more for the same.
#[test]
fn a_use_is_asked_for_again_and_never_believed_twice() {
    let mut stand = Stand::new();
    stand.approver.uses = 2;
    stand.approver.word = Word::Approved;
    let (mut first, step) = stand.begin(&Request::tool("drop_table"));
    let request = call(&step).unwrap().clone();
    let answer = stand.ask(&request);
    let step = stand.tell(&mut first, &request, answer);
    let consume = call(&step).unwrap().clone();
    let recorded = stand.ask(&consume);
    let step = stand.tell(&mut first, &consume, Answer::Failed);
    let again = call(&step).unwrap().clone();
    assert_eq!((path(&again), &again.body), (path(&consume), &consume.body));
    let step = stand.tell(&mut first, &again, recorded.clone());
    assert!(goes(&step));
    stand.end(&mut first);

    let (mut second, step) = stand.begin(&Request::tool("drop_table"));
    let request = call(&step).unwrap().clone();
    let answer = stand.ask(&request);
    let step = stand.tell(&mut second, &request, answer);
    let consume = call(&step).unwrap().clone();
    let step = stand.tell(&mut second, &consume, recorded);
    assert!(!goes(&step));
    let record = stand.end(&mut second);
    assert_eq!(record["unmapped"]["alert_details"][0], json!({ "code": "approval_not_valid", "kind": "state_of_another_call" }));
}

#[test]
fn all_rules_that_ask_must_be_answered() {
    let mut stand = Stand::new();
    let (mut exchange, step) = stand.begin(&Request::tool("drop_two"));
    let step = stand.serve(&mut exchange, step);
    assert_eq!(stand.approver.asked.len(), 2, "both are asked at once");
    let groups: Vec<&Value> = stand.approver.asked.iter().map(|asked| &asked["context"]["approvers"]["groups"]).collect();
    assert_eq!(groups, [&json!(["leads"]), &json!(["chiefs"])]);
    assert_ne!(stand.approver.asked[0]["context"]["binding"], stand.approver.asked[1]["context"]["binding"]);
    stand.approver.word = Word::Approved;
    let step = stand.serve(&mut exchange, step);
    assert!(goes(&step));
    let uses = stand.approver.calls.iter().filter(|call| call.ends_with("/consume")).count();
    assert_eq!(uses, 2);
    let record = stand.end(&mut exchange);
    assert_eq!(record["unmapped"]["other_approvals"][0]["rule"], "second");
    assert_eq!(record["unmapped"]["other_approvals"][0]["state"], "used");
}

#[test]
fn deny_beats_ask_and_observing_asks_nobody() {
    let mut stand = Stand::new();
    let (mut exchange, step) = stand.begin(&Request::tool("drop_all"));
    assert!(call(&step).is_none() && text(&step).contains("rule `never`"));
    stand.end(&mut exchange);
    let (mut exchange, step) = stand.begin(&Request::tool("watch_table"));
    assert_eq!((step.flow, call(&step)), (Flow::Continue, None));
    let record = stand.end(&mut exchange);
    assert_eq!(record["disposition_id"], 15);
    assert_eq!(record["unmapped"]["rules"][1], json!({ "id": "watched", "mode": "observe", "then": "ask" }));
}

/// Budgets are taken when a call is released, and given back when it is not made.
#[test]
fn waiting_costs_nothing() {
    let mut stand = Stand::new();
    for _ in 0..8 {
        let (mut exchange, step) = stand.begin(&Request::tool("drop_table"));
        let step = stand.serve(&mut exchange, step);
        assert!(call(&step).is_some(), "{step:?}");
        stand.end(&mut exchange);
    }
    stand.approver.word = Word::Approved;
    for _ in 0..8 {
        let (mut exchange, mut step) = stand.begin(&Request::tool("drop_table"));
        while let Some(call) = call(&step).cloned() {
            let answer = if path(&call).ends_with("/consume") { Answer::Failed } else { stand.ask(&call) };
            step = stand.tell(&mut exchange, &call, answer);
        }
        assert_eq!(stand.end(&mut exchange)["status_code"], "approvals_unavailable");
    }
    // The budget has five: a sixth call is not allowed whoever approved it, and takes no use.
    stand.approver.uses = 100;
    for turn in 0..6 {
        let (mut exchange, step) = stand.begin(&Request::tool("drop_table"));
        let step = stand.serve(&mut exchange, step);
        assert_eq!(goes(&step), turn < 5, "{turn}");
        stand.end(&mut exchange);
    }
    let uses = stand.approver.calls.iter().filter(|call| call.ends_with("/consume")).count();
    assert_eq!(uses, 5);
}

#[test]
fn an_approved_call_may_have_to_be_on_record_first() {
    let mut stand = Stand::new();
    stand.approver.word = Word::Approved;
    let (mut exchange, mut step) = stand.begin(&Request::tool("drop_kept"));
    while let Some(call) = call(&step).cloned().filter(|call| call.cluster == "people") {
        let answer = stand.ask(&call);
        step = stand.tell(&mut exchange, &call, answer);
    }
    let kept = call(&step).unwrap().clone();
    assert_eq!((kept.cluster.as_str(), step.effects.len()), ("collector", 1), "{step:?}");
    assert!(String::from_utf8_lossy(&kept.body).contains("apr_0"));
    let step = stand.tell(&mut exchange, &kept, says(200, &json!({})));
    assert!(goes(&step));
    stand.end(&mut exchange);
}

#[test]
fn a_service_that_does_not_wait_is_not_asked_over_and_over() {
    let mut stand = Stand::new();
    let (mut exchange, step) = stand.begin(&Request::tool("drop_table"));
    let step = stand.serve(&mut exchange, step);
    let poll = call(&step).unwrap().clone();
    stand.wait(10);
    let answer = stand.ask(&poll);
    let step = stand.tell(&mut exchange, &poll, answer);
    assert_eq!((step.flow, step.effects.len()), (Flow::Pause, 0));
    stand.wait(1_000);
    let step = exchange.on(&mut stand.engine, Event::Tick, stand.now);
    assert_eq!(step.effects.len(), 0);
    stand.wait(1_000);
    let step = exchange.on(&mut stand.engine, Event::Tick, stand.now);
    assert_eq!(call(&step).map(method), Some("GET"));
    stand.end(&mut exchange);
}

/// A replica that is started again is back within seconds, and what was asked of it is where it was.
#[test]
fn silence_is_borne_for_a_while() {
    for silent in [3, 4] {
        let mut stand = Stand::new();
        let (mut exchange, step) = stand.begin(&Request::tool("drop_table"));
        let mut step = stand.serve(&mut exchange, step);
        for number in 0..silent {
            let poll = call(&step).unwrap().clone();
            let lost = [Answer::Failed, says(503, &json!({})), says(504, &json!({}))][number % 3].clone();
            step = stand.tell(&mut exchange, &poll, lost);
            if number == 3 {
                assert!(text(&step).contains("nobody can be asked now"));
                break;
            }
            assert_eq!((step.flow, step.effects.len()), (Flow::Pause, 0));
            stand.wait(1_999);
            assert_eq!(exchange.on(&mut stand.engine, Event::Tick, stand.now).effects.len(), 0);
            stand.wait(1);
            step = exchange.on(&mut stand.engine, Event::Tick, stand.now);
        }
        if silent == 3 {
            stand.approver.word = Word::Approved;
            assert!(goes(&stand.serve(&mut exchange, step)));
            stand.end(&mut exchange);
        } else {
            assert_eq!(stand.end(&mut exchange)["status_code"], "approvals_unavailable");
        }
    }
}

/// What a policy asked for is not done under another.
#[test]
fn a_call_does_not_outlive_its_policy() {
    let mut stand = Stand::new();
    let tick = |stand: &mut Stand| stand.engine.tick(&mut stand.shared, stand.now);
    stand.engine = begun(POLICY, &stand.approver, "0");
    tick(&mut stand);
    let request = Request::tool("drop_table");
    let (mut exchange, step) = stand.begin(&request);
    let step = stand.serve(&mut exchange, step);
    let poll = call(&step).unwrap().clone();
    tick(&mut stand);
    assert_eq!(exchange.on(&mut stand.engine, Event::Tick, stand.now).effects.len(), 0, "its own digest is none of another");

    // Replaced, and put back before anybody decides.
    let other = POLICY.replace("Drops are for good.", "Drops are for ever.");
    stand.wait(1_000);
    begun(&other, &stand.approver, "1").tick(&mut stand.shared, stand.now);
    tick(&mut stand);
    begun(POLICY, &stand.approver, "2").tick(&mut stand.shared, stand.now);
    tick(&mut stand);
    assert_eq!(exchange.on(&mut stand.engine, Event::Tick, stand.now).effects.len(), 0);

    begun(&other, &stand.approver, "3").tick(&mut stand.shared, stand.now);
    tick(&mut stand);
    stand.approver.word = Word::Approved;
    let answer = stand.ask(&poll);
    let step = stand.tell(&mut exchange, &poll, answer);
    assert!(text(&step).contains("has changed while this call waited"), "{}", text(&step));
    assert_eq!(stand.end(&mut exchange)["status_code"], "approval_policy_changed");
    assert!(!stand.approver.calls.iter().any(|call| call.ends_with("/consume")), "the approval is not used");

    // Where two policies of one endpoint run beside each other, calls that come later are held and made as ever.
    stand.wait(1);
    let (mut exchange, step) = stand.begin(&request);
    tick(&mut stand);
    assert!(goes(&stand.serve(&mut exchange, step)));
    stand.end(&mut exchange);

    // One that waits is told so at the next look, and people are no longer asked.
    let mut stand = Stand::new();
    stand.engine = begun(POLICY, &stand.approver, "4");
    tick(&mut stand);
    let (mut exchange, step) = stand.begin(&request);
    let _ = stand.serve(&mut exchange, step);
    begun(&other, &stand.approver, "5").tick(&mut stand.shared, stand.now);
    stand.engine.tick(&mut stand.shared, stand.now);
    let step = exchange.on(&mut stand.engine, Event::Tick, stand.now);
    assert_eq!((step.flow, step.effects.len()), (Flow::Pause, 0));
    assert_eq!(stand.detached(), ["/ask/access/v1/requests/apr_0/cancel"], "while its engine is there to say so");
    let step = exchange.on(&mut stand.engine, Event::Tick, stand.now);
    assert!(text(&step).contains("has changed while this call waited"));
    assert_eq!(stand.end(&mut exchange)["unmapped"]["approval"]["state"], "cancelled");
}

#[test]
fn closing_the_stream_cancels_from_2026_on_and_not_before() {
    for (request, cancelled) in [(Request::tool("drop_table").modern(), true), (Request::tool("drop_table"), false)] {
        let mut stand = Stand::new();
        let (mut exchange, step) = stand.begin(&request);
        let step = stand.serve(&mut exchange, step);
        let poll = call(&step).unwrap().clone();
        let record = stand.end(&mut exchange);
        assert_eq!(record["unmapped"]["stage"], "aborted");
        assert_eq!(record["unmapped"]["approval"]["state"], if cancelled { "cancelled" } else { "pending" });
        assert_eq!(!stand.detached().is_empty(), cancelled);
        let answered = stand.engine.answered(poll.ticket, says(200, &json!({})), &mut stand.shared, stand.now);
        assert!(answered.asker.is_none(), "nobody is told any more");
    }
}

/// The message that cancels may come to another worker than the call.
#[test]
fn a_cancelled_call_is_not_made() {
    let mut stand = Stand::new();
    let request = Request { session: Some("s-1".into()), ..Request::tool("drop_table") };
    let (mut exchange, step) = stand.begin(&request);
    let _ = stand.serve(&mut exchange, step);

    let mut other = Stand { engine: engine(&stand.approver, "1"), shared: Shared::default(), approver: Approver::new(0), ..Stand::new() };
    other.shared = std::mem::take(&mut stand.shared);
    let cancel = |user: &'static str, session: &'static str, id: Value| {
        let body = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } });
        (user, session, body.to_string().into_bytes())
    };
    let mut heard = Vec::new();
    for (user, session, body) in
        [cancel("eve", "s-1", json!(7)), cancel("ana", "s-2", json!(7)), cancel("ana", "s-1", json!("7")), cancel("ana", "s-1", json!(7))]
    {
        let caller = Caller { user: user.to_owned(), groups: vec!["engineering".to_owned()], ..Caller::default() };
        let headers: Vec<(String, String)> = [
            (":method", "POST"),
            (":path", "/mcp"),
            (":authority", "mcp.example.com"),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-session-id", session),
            ("authorization", &token::authorization(&caller).unwrap()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let connection = Connection { tls_version: Some("TLSv1.3".into()), ..Connection::default() };
        let mut message = Exchange::new(StreamId(99), stand.now);
        let _ = message.on(&mut other.engine, Event::RequestHeaders { headers, end: false, connection }, stand.now);
        let step = message.on(&mut other.engine, Event::RequestBody { chunk: body, end: true }, stand.now);
        assert_eq!(step.flow, Flow::Continue, "the server is told too");
        let _ = other.engine.tick(&mut other.shared, stand.now);
        stand.shared = Shared(other.shared.0.clone());
        heard.push(stand.engine.tick(&mut stand.shared, stand.now).recheck);
        let _ = message.on(&mut other.engine, Event::Closed(Closing::default()), stand.now);
    }
    assert_eq!(heard, [vec![], vec![], vec![], vec![StreamId(1)]]);
    let step = exchange.on(&mut stand.engine, Event::Recheck, stand.now);
    assert!(text(&step).contains("taken back"));
    assert_eq!(stand.end(&mut exchange)["status_code"], "approval_cancelled");
    assert_eq!(stand.detached(), ["/ask/access/v1/requests/apr_0/cancel"]);
    // The same id again, later, is another call.
    stand.wait(5);
    stand.approver.word = Word::Nothing;
    let (mut exchange, step) = stand.begin(&request);
    let _ = stand.serve(&mut exchange, step);
    assert!(stand.engine.tick(&mut stand.shared, stand.now).recheck.is_empty());
    stand.end(&mut exchange);
}

#[test]
fn what_cannot_be_shown_whole_is_not_asked() {
    let mut stand = Stand::new();
    let (mut exchange, step) = stand.begin(&Request { arguments: json!({ "what": "x".repeat(70_000) }), ..Request::tool("drop_table") });
    assert!(call(&step).is_none() && text(&step).contains("too long to be shown"));
    assert_eq!(stand.end(&mut exchange)["status_code"], "approval_too_large");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the service answers, and in whatever order: only a signed use of this call, made up for this call, lets it go.
    #[test]
    fn nothing_passes_without_a_signed_use(turns in prop::collection::vec((0_usize..9, 0_u16..4), 1..12)) {
        let mut stand = Stand::new();
        let (mut exchange, mut step) = stand.begin(&Request::tool("drop_table"));
        let mut used = false;
        let mut heard: Vec<Answer> = Vec::new();
        for (turn, pick) in turns {
            let Some(call) = call(&step).cloned() else { break };
            let is_use = path(&call).ends_with("/consume");
            stand.approver.lie = |_| {};
            stand.approver.word = if turn == 1 { Word::Nothing } else { Word::Approved };
            let answer = match turn {
                0 => Answer::Failed,
                2 => says([200, 201, 409, 500][usize::from(pick)], &json!({ "consumed": true, "state": "x", "error": "consumed" })),
                3 => {
                    stand.approver.lie = |claims| claims["binding"] = json!("b");
                    stand.ask(&call)
                }
                4 => {
                    stand.approver.lie = |claims| claims["use"] = json!("u");
                    stand.ask(&call)
                }
                5 if !heard.is_empty() => heard[usize::from(pick) % heard.len()].clone(),
                _ => stand.ask(&call),
            };
            heard.push(answer.clone());
            step = stand.tell(&mut exchange, &call, answer);
            used |= is_use && (turn == 1 || turn > 4);
            if goes(&step) {
                prop_assert!(is_use && used);
            }
        }
        stand.end(&mut exchange);
    }
}
