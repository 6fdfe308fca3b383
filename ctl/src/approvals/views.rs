//! Requests as JSON: for the filter that asked, and for people.

use anyhow::Result;
use portcullis::time::Time;
use serde::Serialize;
use serde_json::{Value, json};

use super::journal::Entry;
use super::machine;
use super::model::{Decision, ReviewState, State, Task, Verdict};
use super::moment;
use super::rules::{Approver, Not, Standing};
use super::service::Service;
use super::signing::decisions;
use super::store::outbox::Sent;

/// Seconds after which a filter that does not wait looks again.
pub const RETRY_SECONDS: u64 = 2;

/// The answer to a filter: `task`, and `approval` or `denial`.
pub fn for_filter(service: &Service, task: &Task, now: Time) -> Result<Value> {
    let mut answer = json!({ "task": about(service, task) });
    let Some(members) = answer.as_object_mut() else { return Ok(answer) };
    if let State::Approved { until, remaining } = task.state {
        let state = service.signer.state(task, now).transpose()?;
        let approval = json!({ "approved_until": moment(until), "remaining": remaining, "state": state, "decisions": decisions(task) });
        members.insert("approval".to_owned(), approval);
    } else if let State::Consumed { until } = task.state {
        let approval = json!({ "approved_until": moment(until), "remaining": 0, "decisions": decisions(task) });
        members.insert("approval".to_owned(), approval);
    } else if task.state == State::Denied {
        members.insert("denial".to_owned(), json!({ "decisions": decisions(task) }));
    }
    Ok(answer)
}

fn about(service: &Service, task: &Task) -> Value {
    json!({
        "id": task.id,
        "status": status(task.state),
        "status_endpoint": format!("/access/v1/requests/{}", task.id),
        "page": service.page_of(&task.id),
        "expires_at": moment(task.expires),
        "retry_after": RETRY_SECONDS,
    })
}

/// AuthZEN knows no word for an approval whose uses were taken: it is approved, with none left.
fn status(state: State) -> &'static str {
    match state {
        State::Consumed { .. } => "approved",
        other => other.word(),
    }
}

/// One line of a list.
pub fn summary(task: &Task) -> Value {
    let asked = &task.asked;
    let subject = &asked.subject;
    let yes = task.decisions.iter().filter(|decision| decision.verdict == Verdict::Approve).count();
    json!({
        "id": task.id,
        "status": task.state.word(),
        "created_at": moment(task.created),
        "expires_at": moment(task.expires),
        "ended_at": task.ended.map(moment),
        "filter": task.filter,
        "tool": asked.tool,
        "endpoint": asked.endpoint,
        "person": { "id": subject.id(), "user": subject.user, "email": subject.email, "groups": subject.groups },
        "agent": { "client": subject.client, "actors": subject.actors },
        "rule": asked.rule,
        "message": asked.message,
        "approvers": asked.approvers,
        "approvals": yes,
        "review": task.review_state.word(),
    })
}

/// Everything about one request, for somebody who may see it.
pub struct Whole {
    pub task: Task,
    pub recent: Vec<Task>,
    pub journal: Vec<Entry>,
    pub notices: Vec<Sent>,
}

impl Whole {
    pub fn json(&self, service: &Service, who: &Approver) -> Value {
        let task = &self.task;
        let asked = &task.asked;
        let mut whole = summary(task);
        let more = json!({
            "action": asked.action,
            // Masked by the filter's policy before it came here.
            "arguments": asked.shown,
            "shown_digest": asked.shown_digest,
            "policy": asked.policy,
            "session": asked.session,
            "request_id": asked.request_id,
            "traceparent": asked.traceparent,
            "grant": asked.grant,
            "remaining": match task.state { State::Approved { remaining, .. } => remaining, _ => 0 },
            "approved_until": match task.state {
                State::Approved { until, .. } | State::Consumed { until } => Some(moment(until)),
                _ => None,
            },
            "page": service.page_of(&task.id),
            "decisions": task.decisions.iter().map(decision).collect::<Vec<_>>(),
            "emergency": task.review.as_ref().map(|review| json!({
                "by": review.by.id(), "name": review.by.name(), "justified": review.justified, "reason": review.reason,
                "at": moment(Time::from_millis(review.at)),
            })),
            "may": may(service, task, who),
            "recent": self.recent.iter().map(summary).collect::<Vec<_>>(),
            "history": self.journal.iter().map(entry).collect::<Vec<_>>(),
            "notices": self.notices.iter().map(notice).collect::<Vec<_>>(),
        });
        if let (Some(members), Value::Object(more)) = (whole.as_object_mut(), more) {
            members.extend(more);
        }
        whole
    }
}

/// What a person may do with a request, and why not.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct May {
    pub approve: bool,
    pub deny: bool,
    pub break_glass: bool,
    pub review: bool,
    pub why_not: Option<&'static str>,
}

pub fn may(service: &Service, task: &Task, who: &Approver) -> May {
    let open = task.state == State::Pending && machine::after(task, service.now()).is_none();
    let said = service.rules.has_said(&task.decisions, &who.login, Verdict::Approve);
    let (approve, deny, break_glass, why) = match service.rules.standing(&task.asked, who) {
        Ok(Standing::Member(_)) => (open && !said, open, false, (open && said).then_some("already_said")),
        Ok(Standing::BreakGlass) => (false, false, open, open.then_some("break_glass_only")),
        Err(not) => (false, false, false, Some(if not == Not::Outsider { "not_an_approver" } else { "own_request" })),
    };
    let why_not = if open { why } else { Some("already_decided") };
    let review = task.review_state == ReviewState::Open && service.rules.may_review(task, who).is_ok();
    May { approve, deny, break_glass, review, why_not }
}

fn decision(decision: &Decision) -> Value {
    json!({
        "by": decision.by.id(),
        "name": decision.by.name(),
        "groups": decision.groups,
        "decision": decision.verdict,
        "reason": decision.reason,
        "at": moment(Time::from_millis(decision.at)),
        "break_glass": decision.break_glass,
    })
}

pub fn entry(entry: &Entry) -> Value {
    let Entry { seq, at, request, event, body, previous, hash } = entry;
    json!({
        "seq": seq, "at": moment(Time::from_millis(*at)), "at_millis": at, "request": request, "event": event, "body": body,
        "previous": previous, "hash": hash,
    })
}

fn notice(sent: &Sent) -> Value {
    let Sent { channel, happening, status, attempts, finished, error } = sent;
    json!({
        "channel": channel, "happening": happening, "status": status, "attempts": attempts,
        "finished_at": finished.map(moment), "error": error,
    })
}
