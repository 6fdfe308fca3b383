use portcullis::policy::approval_service::BreakGlass;
use serde_json::json;

use super::super::model::{Approvers, Asked, Grant, Login, Pass, Subject};
use super::*;

const ID: &str = "https://id.example.com";

fn task(approvers: Approvers, uses: u32) -> Task {
    let subject = Subject { issuer: ID.to_owned(), subject: "ada".to_owned(), ..Subject::default() };
    let asked = Asked {
        subject,
        tool: "run_sql".to_owned(),
        endpoint: "https://mcp.example.com/mcp".to_owned(),
        action: "tools/call".to_owned(),
        binding: "b".to_owned(),
        shown: json!({}),
        shown_digest: "d".to_owned(),
        rule: "r".to_owned(),
        message: None,
        policy: None,
        session: None,
        request_id: None,
        traceparent: None,
        approvers,
        grant: Grant { uses, valid_seconds: 100 },
        wait_seconds: 50,
    };
    Task {
        id: "apr_x".to_owned(),
        filter: "f".to_owned(),
        asked,
        created: at(0),
        expires: at(50),
        ended: None,
        state: State::Pending,
        decisions: Vec::new(),
        review_state: ReviewState::None,
        review: None,
    }
}

fn at(secs: u64) -> Time {
    Time::from_secs(1_800_000_000 + secs)
}

fn leads(quorum: usize, reason: Reason) -> Approvers {
    Approvers { groups: vec!["leads".to_owned()], quorum, distinct_groups: false, reason }
}

fn person(name: &str, groups: &[&str]) -> Approver {
    let login = Login { issuer: ID.to_owned(), subject: name.to_owned(), user: None, email: None };
    Approver {
        login,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        client: None,
        until: u64::MAX,
        pass: Pass::default(),
    }
}

fn word(verdict: Verdict) -> Word {
    Word { verdict, reason: Some("looked at it".to_owned()), break_glass: false }
}

fn emergency() -> Rules {
    let glass = BreakGlass { groups: vec!["on-call".to_owned()], reviewers: vec!["security".to_owned()] };
    Rules { break_glass: Some(glass), ..Rules::default() }
}

#[test]
fn one_no_ends_it_and_enough_yes_grant_it() {
    let rules = Rules::default();
    let mut granted = task(leads(2, Reason::Optional), 3);
    decide(&mut granted, &rules, &person("bob", &["leads"]), word(Verdict::Approve), at(1)).unwrap();
    assert_eq!(granted.state, State::Pending);
    decide(&mut granted, &rules, &person("eve", &["leads"]), word(Verdict::Approve), at(2)).unwrap();
    assert_eq!(granted.state, State::Approved { until: at(102), remaining: 3 });

    let mut refused = task(leads(2, Reason::Optional), 3);
    decide(&mut refused, &rules, &person("bob", &["leads"]), word(Verdict::Approve), at(1)).unwrap();
    // Bob thinks again.
    decide(&mut refused, &rules, &person("bob", &["leads"]), word(Verdict::Deny), at(2)).unwrap();
    assert_eq!((refused.state, refused.ended), (State::Denied, Some(at(2))));
}

#[test]
fn nobody_decides_who_may_not() {
    let rules = emergency();
    let fresh = || task(leads(1, Reason::Required), 1);
    let refused = |who: Approver, word: Word| {
        let mut task = fresh();
        let refused = decide(&mut task, &rules, &who, word, at(1)).unwrap_err();
        assert_eq!(task, fresh(), "a refusal changes nothing");
        refused
    };
    let yes = || word(Verdict::Approve);
    assert_eq!(refused(person("ada", &["leads"]), yes()), Refused::Not(Not::OwnRequest));
    assert_eq!(refused(person("ada", &["on-call"]), Word { break_glass: true, ..yes() }), Refused::Not(Not::OwnRequest));
    assert_eq!(refused(person("bob", &["staff"]), yes()), Refused::Not(Not::Outsider));
    assert_eq!(refused(person("bob", &["staff"]), Word { break_glass: true, ..yes() }), Refused::Not(Not::Outsider));
    assert_eq!(refused(person("bob", &["leads"]), Word { reason: Some(" \n".to_owned()), ..yes() }), Refused::ReasonMissing);
    assert_eq!(refused(person("bob", &["on-call"]), yes()), Refused::NotAnEmergency);
    assert_eq!(refused(person("bob", &["on-call"]), word(Verdict::Deny)), Refused::Not(Not::Outsider));
}

#[test]
fn a_second_yes_of_the_same_person_does_not_count() {
    let rules = Rules::default();
    let mut task = task(leads(2, Reason::Optional), 1);
    decide(&mut task, &rules, &person("bob", &["leads"]), word(Verdict::Approve), at(1)).unwrap();
    let mut elsewhere = person("bob", &["leads"]);
    elsewhere.login.issuer = "https://other.example.com".to_owned();
    for again in [person("bob", &["leads"]), elsewhere] {
        assert_eq!(decide(&mut task, &rules, &again, word(Verdict::Approve), at(2)), Err(Refused::AlreadySaid));
    }
    assert_eq!(task.decisions.len(), 1);
}

#[test]
fn broken_glass_is_looked_at_by_somebody_else() {
    let rules = emergency();
    let mut task = task(leads(3, Reason::Optional), 1);
    let breaks = Word { break_glass: true, ..word(Verdict::Approve) };
    decide(&mut task, &rules, &person("oscar", &["on-call", "security"]), breaks, at(1)).unwrap();
    assert!(matches!(task.state, State::Approved { .. }));
    assert_eq!(task.review_state, ReviewState::Open);
    for (who, why) in [
        (person("oscar", &["on-call", "security"]), Not::OwnRequest),
        (person("ada", &["security"]), Not::OwnRequest),
        (person("bob", &["leads"]), Not::Outsider),
    ] {
        assert_eq!(review(&mut task, &rules, &who, true, "x", at(2)), Err(Refused::Not(why)));
    }
    let reviewer = person("sam", &["security"]);
    assert_eq!(review(&mut task, &rules, &reviewer, true, " ", at(2)), Err(Refused::ReasonMissing));
    review(&mut task, &rules, &reviewer, false, "nothing was down", at(2)).unwrap();
    assert_eq!(review(&mut task, &rules, &reviewer, true, "x", at(3)), Err(Refused::NoReview));
}

/// Everything that can happen, in every order that a few steps make: what must hold holds after each.
#[test]
fn no_order_of_events_breaks_a_promise() {
    let rules = emergency();
    let people = [
        person("ada", &["leads", "on-call"]),
        person("bob", &["leads"]),
        person("eve", &["leads"]),
        person("oscar", &["on-call"]),
        person("mallory", &[]),
    ];
    // Twelve kinds of event: every order of four, each with four more that a multiplier draws.
    let kinds = 12_usize;
    for run in 0..kinds.pow(4) {
        let mut task = task(leads(2, Reason::Optional), 2);
        let (mut now, mut used) = (at(1), 0_u32);
        let digits = run + run.wrapping_mul(2_654_435_761) % kinds.pow(4) * kinds.pow(4);
        for step in 0..8 {
            let kind = digits / kinds.pow(step) % kinds;
            let before = task.clone();
            if let Some(state) = after(&task, now) {
                task.state = state;
            }
            match kind {
                0..=4 => drop(decide(&mut task, &rules, &people[kind], word(Verdict::Approve), now)),
                5 => drop(decide(&mut task, &rules, &people[3], Word { break_glass: true, ..word(Verdict::Approve) }, now)),
                6 => drop(decide(&mut task, &rules, &people[1], word(Verdict::Deny), now)),
                7 => drop(cancel(&mut task, now)),
                8 | 9 => {
                    if let Ok(state) = consume(task.state, now) {
                        used += 1;
                        task.state = state;
                    }
                }
                10 => now = now.plus_millis(30_000),
                _ => now = now.plus_millis(100_000),
            }
            holds(&before, &task, used, now);
        }
    }
}

fn holds(before: &Task, task: &Task, used: u32, now: Time) {
    assert!(used <= 2, "more uses than were granted");
    assert!(task.decisions.iter().all(|decision| !["ada", "mallory"].contains(&decision.by.subject.as_str())), "four eyes");
    let mut yes: Vec<&str> =
        task.decisions.iter().filter(|said| said.verdict == Verdict::Approve).map(|said| said.by.subject.as_str()).collect();
    yes.sort_unstable();
    let all = yes.len();
    yes.dedup();
    assert_eq!(yes.len(), all, "nobody counts twice");
    match task.state {
        State::Approved { remaining, until } => {
            assert_eq!(remaining + used, 2);
            assert!(all >= 2 || task.decisions.iter().any(|said| said.break_glass), "granted by too few");
            assert!(until > before.created);
        }
        State::Consumed { .. } => assert_eq!(used, 2),
        State::Pending => assert!(used == 0 && all < 2),
        State::Denied => assert!(task.decisions.iter().any(|said| said.verdict == Verdict::Deny)),
        State::Expired | State::Cancelled => {}
    }
    // What has ended stays ended.
    if matches!(before.state, State::Denied | State::Expired | State::Cancelled | State::Consumed { .. }) {
        assert_eq!(before.state, task.state);
        assert_eq!(before.decisions, task.decisions);
    }
    assert!(now >= at(0));
}

#[test]
fn time_alone_ends_what_waits_and_what_is_not_used() {
    let mut task = task(leads(1, Reason::Optional), 1);
    assert_eq!((after(&task, at(49)), after(&task, at(50))), (None, Some(State::Expired)));
    decide(&mut task, &Rules::default(), &person("bob", &["leads"]), word(Verdict::Approve), at(49)).unwrap();
    assert_eq!((after(&task, at(148)), after(&task, at(149))), (None, Some(State::Expired)));
    assert_eq!(consume(task.state, at(149)), Err(NoUse::Expired));
    let spent = consume(task.state, at(148)).unwrap();
    assert_eq!(spent, State::Consumed { until: at(149) });
    assert_eq!(consume(spent, at(148)), Err(NoUse::Consumed));
}
