//! An approval is found by its call and used, as often as it says.

use portcullis::exchange::{Answer, Effect, Flow};
use serde_json::{Value, json};

use super::stand::{Request, Stand, call, goes, method, path, says, text};
use super::support::approver::Word;
use super::support::secrets;

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
