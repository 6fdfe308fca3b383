//! What does not let a call go: everything that can go wrong with an approval, and whatever else a service may say.

use portcullis::exchange::{Answer, Call, Exchange, Step};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::stand::{Request, Stand, call, goes, path, reply, says, text};
use super::support::approver::{Approver, Word};

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
