//! Calls that wait: silence, cancellation, clients that go away, policies that change meanwhile.

use portcullis::exchange::{Answer, Closing, Event, Exchange, Flow, StreamId};
use serde_json::{Value, json};

use super::stand::{POLICY, Request, Stand, begun, call, engine, goes, method, says, text};
use super::support::approver::{Approver, Word};
use super::support::case::Caller;
use super::support::process::{JSON_OR_EVENTS, Shared, request_headers};

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
        let headers = request_headers(&caller, "POST", JSON_OR_EVENTS, &[("mcp-session-id", session)]);
        let mut message = Exchange::new(StreamId(99), stand.now);
        let _ = message.on(&mut other.engine, headers, stand.now);
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
