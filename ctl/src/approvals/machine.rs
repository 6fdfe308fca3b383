//! The states of a request and what leads from one to the next. Pure: stores only keep what comes out.
//!
//! ```text
//! pending -> approved -> consumed
//!    |          `-----> expired          (not used in time)
//!    |-> denied | expired | cancelled
//! ```

use portcullis::time::Time;

use super::model::{Decision, Reason, Review, ReviewState, State, Task, Verdict};
use super::rules::{Approver, Not, Rules, Standing, is_enough};

/// What a person says.
#[derive(Clone, Debug)]
pub struct Word {
    pub verdict: Verdict,
    pub reason: Option<String>,
    /// Alone, outside of the request's groups, in an emergency.
    pub break_glass: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Not(#[from] Not),
    #[error("it is decided already, or was taken back")]
    AlreadyDecided,
    #[error("you have approved this already; somebody else has to, too")]
    AlreadySaid,
    #[error("a reason is needed")]
    ReasonMissing,
    #[error("you may approve this in an emergency only; say so (`break_glass`), and somebody will look at it later")]
    NotAnEmergency,
    #[error("there is nothing to look at: no glass was broken, or somebody has looked at it")]
    NoReview,
}

/// Why a use is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoUse {
    Consumed,
    NotApproved,
    Expired,
}

/// The state that time alone has led to, if it is another.
pub fn after(task: &Task, now: Time) -> Option<State> {
    match task.state {
        State::Pending if now >= task.expires => Some(State::Expired),
        State::Approved { until, .. } if now >= until => Some(State::Expired),
        _ => None,
    }
}

/// Takes a person's word. The task's state must be that of `now` (see [`after`]).
pub fn decide(task: &mut Task, rules: &Rules, who: &Approver, word: Word, now: Time) -> Result<(), Refused> {
    // Who it is comes first: a stranger does not learn where the request stands.
    let standing = rules.standing(&task.asked, who)?;
    if task.state != State::Pending {
        return Err(Refused::AlreadyDecided);
    }
    let Word { verdict, reason, break_glass } = word;
    if rules.has_said(&task.decisions, &who.login, verdict) {
        return Err(Refused::AlreadySaid);
    }
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let (groups, emergency) = match standing {
        Standing::Member(groups) => (groups, false),
        Standing::BreakGlass if break_glass && verdict == Verdict::Approve => (Vec::new(), true),
        Standing::BreakGlass if verdict == Verdict::Approve => return Err(Refused::NotAnEmergency),
        Standing::BreakGlass => return Err(Not::Outsider.into()),
    };
    if reason.is_none() && (emergency || task.asked.approvers.reason == Reason::Required) {
        return Err(Refused::ReasonMissing);
    }
    task.decisions.push(Decision { by: who.login.clone(), groups, verdict, reason, at: now.millis(), break_glass: emergency });
    if emergency {
        task.review_state = ReviewState::Open;
    }
    if verdict == Verdict::Deny {
        task.state = State::Denied;
        task.ended = Some(now);
    } else if is_enough(&task.asked.approvers, &task.decisions) {
        let until = now.plus_millis(task.asked.grant.valid_seconds.saturating_mul(1000));
        task.state = State::Approved { until, remaining: task.asked.grant.uses };
        task.ended = Some(now);
    }
    Ok(())
}

/// Takes a request back; whether that changed anything.
pub fn cancel(task: &mut Task, now: Time) -> bool {
    let pending = task.state == State::Pending;
    if pending {
        task.state = State::Cancelled;
        task.ended = Some(now);
    }
    pending
}

/// What one more use makes of a state.
pub fn consume(state: State, now: Time) -> Result<State, NoUse> {
    match state {
        State::Approved { until, .. } | State::Consumed { until } if now >= until => Err(NoUse::Expired),
        State::Approved { until, remaining: 0 | 1 } => Ok(State::Consumed { until }),
        State::Approved { until, remaining } => Ok(State::Approved { until, remaining: remaining - 1 }),
        State::Consumed { .. } => Err(NoUse::Consumed),
        State::Expired => Err(NoUse::Expired),
        State::Pending | State::Denied | State::Cancelled => Err(NoUse::NotApproved),
    }
}

/// Notes what somebody thinks of an emergency.
pub fn review(task: &mut Task, rules: &Rules, who: &Approver, justified: bool, reason: &str, now: Time) -> Result<(), Refused> {
    rules.may_review(task, who)?;
    if task.review_state != ReviewState::Open {
        return Err(Refused::NoReview);
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Refused::ReasonMissing);
    }
    task.review = Some(Review { by: who.login.clone(), justified, reason: reason.to_owned(), at: now.millis() });
    task.review_state = ReviewState::Done;
    Ok(())
}

#[cfg(test)]
mod tests;
