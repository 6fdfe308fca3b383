//! A call that waits for people: asking them, waiting for their word, and using it.
//!
//! For each rule that asks, one request to the service. All are made at once; then the first that nobody has decided is waited for, by long polls, for as
//! long as the policy holds a call. When all are approved, the call is decided anew, for time has passed. Only then is each approval used up, and only a signed
//! state about this very use lets the call go.

mod lapsed;
mod patience;
mod questions;
mod service;

use std::sync::Arc;

use super::cancelled;
use super::event::{Answer, Effect, Flow, Step, Ticket};
use super::hold::Hold;
use super::refusal::Refusal;
use super::request::caller_of;
use super::unapproved::Unapproved;
use super::{Engine, Exchange, Phase};
use crate::approval::{self, About, NoUse, Returned, Status, Task};
use crate::audit::{Alert, Approval, ApprovalDecision, ApprovalState, Stage};
use crate::guard::Verdict;
use crate::limits::ASKING_CALLS;
use crate::mcp::message::{Era, Message};
use crate::policy::Ask;
use crate::time::Time;

pub(super) use questions::actors;
use service::Sent;

/// Longest time the service is asked to wait for a decision with one answer (`Prefer: wait`, RFC 7240).
const POLL_SECONDS: u64 = 30;

/// A call between its decision and its approval.
pub(super) struct Asking {
    demands: Vec<Demand>,
    /// The binding of the call, whatever rules say of it.
    call: String,
    /// How long it is held.
    until: Time,
    awaited: Awaited,
    /// Polls in a row that nobody has answered.
    missed: u8,
    /// Nobody is asked any more.
    taken_back: bool,
    /// It was decided anew, and has what it needs of the budgets.
    released: bool,
    /// Its client can send a person to a page, and make the call again afterwards.
    pub(super) takes_pages: bool,
    /// Why people are asked, from the policy.
    pub(super) why: Option<Arc<str>>,
}

/// What one rule asks for.
struct Demand {
    /// Its place in the policy.
    rule: usize,
    ask: Ask,
    binding: String,
    shown_digest: String,
    progress: Progress,
}

enum Progress {
    /// The body of the request that is to be made.
    New(Vec<u8>),
    Pending(Task),
    Approved(Task),
    Used,
}

/// What comes next from outside.
enum Awaited {
    Nothing,
    /// The time of the next poll: the service has answered sooner than it was asked to.
    Time(Time),
    Request {
        ticket: Ticket,
        demand: usize,
    },
    Poll {
        ticket: Ticket,
        demand: usize,
        asked: Time,
        seconds: u64,
    },
    /// An answer that got lost is asked for once more, for the same use.
    Use {
        ticket: Ticket,
        demand: usize,
        name: String,
        again: bool,
    },
}

impl Awaited {
    fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Nothing | Self::Time(_) => None,
            Self::Request { ticket, .. } | Self::Poll { ticket, .. } | Self::Use { ticket, .. } => Some(*ticket),
        }
    }
}

/// What is to be done next.
enum Next {
    Ask(usize, Vec<u8>),
    Wait(usize, Task),
    Use(usize, Task),
    Go,
}

impl Exchange {
    /// The rules want people asked. `message` is none for GET and DELETE. The body is as the client sent it; it is opened for the server here,
    /// because Envoy takes it now.
    pub(super) fn ask_people(&mut self, engine: &mut Engine, verdict: &Verdict, message: Option<&Message>, now: Time) -> Step {
        let Some(principal) = self.principal.clone() else {
            return self.refuse(engine, &Refusal::Internal("people were to be asked without a principal"), now);
        };
        let asking = match self.questions(engine, &principal, verdict, message, now) {
            Ok(asking) => asking,
            Err(why) => return self.turn_away(engine, &why, now),
        };
        if let Some(Returned { continuation, declined, .. }) = self.returned.take() {
            // What has expired was ours all the same, and the call is asked about anew.
            if continuation.call != asking.call {
                return self.turn_away(engine, &Unapproved::State, now);
            }
            if declined && !continuation.is_over(now) {
                continuation.tasks.iter().for_each(|task| service::withdraw(engine, task));
                return self.turn_away(engine, &Unapproved::Declined, now);
            }
        }
        if engine.cancellations.waiting() >= ASKING_CALLS {
            return self.turn_away(engine, &Unapproved::Busy, now);
        }
        if let Some(Err(refusal)) = message.map(|message| self.open_body(message)) {
            return self.refuse(engine, &refusal, now);
        }
        let name = match (message, &self.facts.mcp.session_id) {
            (Some(message), Some(session)) if message.era == Era::Legacy => {
                message.reply_id().map(|id| cancelled::name(&principal, session, id))
            }
            _ => None,
        };
        engine.cancellations.wait(self.id, name, now);
        self.facts.stage = Stage::Held;
        self.asking = Some(Box::new(asking));
        self.phase = Phase::Held(Hold::Approval);
        let body = (!self.body.is_empty()).then(|| Effect::Body(self.body.clone()));
        let mut step = self.pursue(engine, now);
        if matches!(self.phase, Phase::Held(_)) {
            step.effects.splice(0..0, body);
        }
        step
    }

    /// Does what comes next.
    fn pursue(&mut self, engine: &mut Engine, now: Time) -> Step {
        let Some(asking) = &mut self.asking else {
            return self.give_up(engine, &Refusal::Internal("an approval was awaited that nobody was asked for"), now);
        };
        match asking.next() {
            Next::Ask(demand, body) => {
                let binding = asking.demands.get(demand).map(|demand| demand.binding.clone()).unwrap_or_default();
                let sent = Sent::post(String::new(), body).with("idempotency-key", binding);
                self.outward(engine, sent, |ticket| Awaited::Request { ticket, demand }, now)
            }
            Next::Wait(demand, task) => {
                let seconds = (asking.until.since(now) / 1_000).min(POLL_SECONDS);
                if seconds == 0 {
                    return self.turn_away(engine, &Unapproved::Pending, now);
                }
                if matches!(asking.awaited, Awaited::Time(time) if now < time) {
                    return Step::pause();
                }
                let awaited = |ticket| Awaited::Poll { ticket, demand, asked: now, seconds };
                self.outward(engine, Sent::poll(&task.id, seconds), awaited, now)
            }
            Next::Use(demand, task) => {
                if let Some(step) = self.decide_anew(engine, now) {
                    return step;
                }
                let Some(asking) = &self.asking else { return Step::pause() };
                let binding = asking.demands.get(demand).map(|demand| demand.binding.clone()).unwrap_or_default();
                let name = match &mut engine.approvals {
                    Some(approvals) => approvals.new_use(&binding, now),
                    None => return self.turn_away(engine, &Unapproved::Unavailable("not_configured"), now),
                };
                self.take_use(engine, (demand, task.id, binding), name, false, now)
            }
            Next::Go => self.let_go(engine, now),
        }
    }

    fn take_use(&mut self, engine: &mut Engine, of: (usize, String, String), name: String, again: bool, now: Time) -> Step {
        let (demand, task, binding) = of;
        let body = serde_json::json!({ "binding": binding, "use": name }).to_string().into_bytes();
        self.outward(engine, Sent::post(format!("/{task}/consume"), body), |ticket| Awaited::Use { ticket, demand, name, again }, now)
    }

    /// A call to the service.
    fn outward(&mut self, engine: &mut Engine, sent: Sent, awaited: impl FnOnce(Ticket) -> Awaited, now: Time) -> Step {
        match (sent.ask(engine, self.id), &mut self.asking) {
            (Some(call), Some(asking)) => {
                asking.awaited = awaited(call.ticket);
                Step { flow: Flow::Pause, effects: vec![Effect::Call(call)] }
            }
            _ => self.turn_away(engine, &Unapproved::Busy, now),
        }
    }

    /// The service has answered, or has not.
    pub(super) fn people_answered(&mut self, engine: &mut Engine, ticket: Ticket, answer: &Answer, now: Time) -> Step {
        let Some(asking) = &mut self.asking else { return Step::pause() };
        if asking.awaited.ticket() != Some(ticket) {
            return Step::pause();
        }
        let (status, body) = service::read(answer);
        let outcome = match std::mem::replace(&mut asking.awaited, Awaited::Nothing) {
            Awaited::Request { demand, .. } => self.requested(engine, demand, status, body, now),
            Awaited::Poll { demand, asked, seconds, .. } => {
                let outcome = self.polled(engine, demand, status, body, now);
                if let Some(step) = self.policy_is_over(engine, now) {
                    return step;
                }
                if let Some(asking) = &mut self.asking
                    && asking.waits_on(&outcome, demand, (asked, seconds), now)
                {
                    return Step::pause();
                }
                outcome
            }
            Awaited::Use { demand, name, again, .. } => match self.used(engine, demand, (status, body), &name, now) {
                // The same use again gets the same answer, if the service has given one already.
                Err(Unapproved::Unavailable(_)) if !again => {
                    if let Some((task, binding)) = self.approved_task(demand) {
                        return self.take_use(engine, (demand, task, binding), name, true, now);
                    }
                    Err(Unapproved::Unavailable("no_answer"))
                }
                outcome => outcome,
            },
            Awaited::Nothing | Awaited::Time(_) => Ok(()),
        };
        match outcome {
            Ok(()) => self.pursue(engine, now),
            Err(why) => self.turn_away(engine, &why, now),
        }
    }

    fn requested(&mut self, engine: &Engine, demand: usize, status: u16, body: &[u8], now: Time) -> Result<(), Unapproved> {
        match status {
            200 | 201 => self.stands(engine, demand, body, now),
            401 | 403 => Err(Unapproved::Unavailable("credential_refused")),
            409 => Err(Unapproved::Unavailable("request_conflicts")),
            400..500 => Err(Unapproved::Unavailable("request_refused")),
            _ => Err(Unapproved::Unavailable("no_answer")),
        }
    }

    fn polled(&mut self, engine: &Engine, demand: usize, status: u16, body: &[u8], now: Time) -> Result<(), Unapproved> {
        match status {
            200 => self.stands(engine, demand, body, now),
            404 => Err(Unapproved::Unavailable("request_unknown")),
            401 | 403 => Err(Unapproved::Unavailable("credential_refused")),
            _ => Err(Unapproved::Unavailable("no_answer")),
        }
    }

    /// Where a request stands, as the service says.
    fn stands(&mut self, engine: &Engine, demand: usize, body: &[u8], now: Time) -> Result<(), Unapproved> {
        let task = approval::task(body).ok_or(Unapproved::Unavailable("answer_unreadable"))?;
        self.note(demand, |noted| noted.id = Some(task.id.clone()));
        let known = self.asking.as_ref().and_then(|asking| asking.demands.get(demand)).and_then(Demand::task);
        if known.is_some_and(|known| known.id != task.id) {
            return Err(Unapproved::Untrue(approval::Untrue::Another));
        }
        let (state, outcome) = match &task.status {
            Status::Pending => {
                self.progress(demand, Progress::Pending(task));
                (ApprovalState::Pending, Ok(()))
            }
            Status::Approved { state } => {
                let decisions = self.believed(engine, demand, &task, |approvals, about| approvals.approved(state, about, now))?;
                self.note(demand, |noted| noted.decisions = decisions);
                self.progress(demand, Progress::Approved(task));
                (ApprovalState::Approved, Ok(()))
            }
            Status::Spent => (ApprovalState::Expired, Err(Unapproved::Spent)),
            Status::Denied { by, at, reason } => {
                let said = |by: &String| ApprovalDecision { by: by.clone(), at: at.clone(), reason: reason.clone(), break_glass: false };
                let said: Vec<ApprovalDecision> = by.iter().map(said).collect();
                self.note(demand, |noted| noted.decisions = said);
                (ApprovalState::Denied, Err(Unapproved::Denied(reason.clone())))
            }
            Status::Expired => (ApprovalState::Expired, Err(Unapproved::Expired)),
            Status::Cancelled => (ApprovalState::Cancelled, Err(Unapproved::Cancelled)),
            Status::Failed => (ApprovalState::Failed, Err(Unapproved::Unavailable("request_failed"))),
        };
        self.note(demand, |noted| noted.state = state);
        outcome
    }

    /// What came of taking a use.
    fn used(&mut self, engine: &Engine, demand: usize, answer: (u16, &[u8]), name: &str, now: Time) -> Result<(), Unapproved> {
        let (status, body) = answer;
        let used = match (status, approval::consumed_problem(body)) {
            (200, _) => approval::consumed(body).ok_or(Unapproved::Unavailable("answer_unreadable"))?,
            (409, Some(NoUse::Taken)) => return Err(Unapproved::Spent),
            (409, Some(NoUse::NotApproved)) => return Err(Unapproved::Cancelled),
            (410, _) => return Err(Unapproved::Expired),
            (400..500, _) => return Err(Unapproved::Untrue(approval::Untrue::Another)),
            _ => return Err(Unapproved::Unavailable("no_answer")),
        };
        let task = self.asking.as_ref().and_then(|asking| asking.demands.get(demand)).and_then(Demand::task).cloned();
        let task = task.ok_or(Unapproved::Unavailable("answer_unreadable"))?;
        let decisions = self.believed(engine, demand, &task, |approvals, about| approvals.used(&used.state, about, name, now))?;
        if decisions.iter().any(|decision| decision.break_glass) {
            let alert = Alert { code: "approval_break_glass".into(), kind: "emergency".into(), name: None, place: None };
            self.facts.alerts.push(alert);
        }
        self.note(demand, |noted| {
            noted.state = ApprovalState::Used;
            noted.decisions = decisions;
        });
        self.progress(demand, Progress::Used);
        Ok(())
    }

    fn believed(
        &self,
        engine: &Engine,
        demand: usize,
        task: &Task,
        check: impl FnOnce(&approval::Approvals, &About<'_>) -> Result<Vec<approval::Decision>, approval::Untrue>,
    ) -> Result<Vec<ApprovalDecision>, Unapproved> {
        let demand = self.asking.as_ref().and_then(|asking| asking.demands.get(demand));
        let (Some(demand), Some(approvals), Some(principal)) = (demand, &engine.approvals, &self.principal) else {
            return Err(Unapproved::Unavailable("not_configured"));
        };
        let caller = caller_of(principal, &[]).id();
        let Demand { ask, binding, shown_digest, .. } = demand;
        let about = About { task: &task.id, binding, shown_digest, ask, caller: &caller };
        let decisions = check(approvals, &about).map_err(Unapproved::Untrue)?;
        let said = |approval::Decision { by, at, reason, break_glass }| ApprovalDecision { by, at, reason, break_glass };
        Ok(decisions.into_iter().map(said).collect())
    }

    /// Everything was approved: the call is decided on as if it came now, once. What follows when it is not to be made after all.
    fn decide_anew(&mut self, engine: &mut Engine, now: Time) -> Option<Step> {
        let asking = self.asking.as_mut()?;
        if std::mem::replace(&mut asking.released, true) {
            return None;
        }
        let approved: Vec<usize> = asking.demands.iter().map(|demand| demand.rule).collect();
        if let Some(step) = self.no_longer_stands(engine, now).or_else(|| self.policy_is_over(engine, now)) {
            return Some(step);
        }
        self.judge_again(engine, &approved, now).err()
    }

    /// People have approved, and their approval is used for this call and no other.
    fn let_go(&mut self, engine: &mut Engine, now: Time) -> Step {
        if let Some(step) = self.no_longer_stands(engine, now).or_else(|| self.policy_is_over(engine, now)) {
            return step;
        }
        self.stop_asking(engine);
        self.phase = Phase::Reading;
        let recorded_first = self.recorded_first;
        self.go_on(engine, recorded_first, now).released()
    }

    /// Time has passed: the hold may be over, or the next look due.
    pub(super) fn look_at_people(&mut self, engine: &mut Engine, now: Time) -> Step {
        let Some(asking) = &self.asking else { return Step::pause() };
        let is_over = now >= asking.until;
        // A use that is on its way is waited for.
        if matches!(asking.awaited, Awaited::Poll { .. } | Awaited::Time(_))
            && let Some(step) = self.leaves_with_policy(engine, now)
        {
            return step;
        }
        let Some(asking) = &self.asking else { return Step::pause() };
        match asking.awaited {
            Awaited::Poll { ticket, .. } if is_over => {
                engine.no_longer_asked(ticket);
                self.turn_away(engine, &Unapproved::Pending, now)
            }
            Awaited::Time(time) if is_over || now >= time => self.pursue(engine, now),
            _ => Step::pause(),
        }
    }

    /// The caller has cancelled the call by a message of its own.
    pub(super) fn look_for_cancellation(&mut self, engine: &mut Engine, now: Time) -> Step {
        if !engine.cancellations.is_cancelled(self.id) {
            return Step::pause();
        }
        self.take_back(engine);
        self.turn_away(engine, &Unapproved::Cancelled, now)
    }

    /// Nobody is to be asked any more: requests that nobody has decided are taken back.
    pub(super) fn take_back(&mut self, engine: &mut Engine) {
        let Some(asking) = &self.asking else { return };
        for (index, demand) in asking.demands.iter().enumerate() {
            if let Progress::Pending(task) = &demand.progress {
                service::withdraw(engine, &task.id);
                if let Some(noted) = self.facts.approvals.get_mut(index) {
                    noted.state = ApprovalState::Cancelled;
                }
            }
        }
    }

    pub(super) fn stop_asking(&mut self, engine: &mut Engine) {
        if let Some(asking) = self.asking.take() {
            if let Some(ticket) = asking.awaited.ticket() {
                engine.no_longer_asked(ticket);
            }
            engine.cancellations.forget(self.id);
        }
    }

    /// Requests that wait for a decision, with the page of each.
    pub(super) fn pages(&self) -> Vec<(String, Option<String>)> {
        let demands = self.asking.iter().flat_map(|asking| &asking.demands);
        let pending = demands.filter_map(|demand| match &demand.progress {
            Progress::Pending(task) => Some((task.id.clone(), task.page.clone())),
            Progress::New(_) | Progress::Approved(_) | Progress::Used => None,
        });
        pending.collect()
    }

    /// The state that a client hands back with its call.
    pub(super) fn continuation(&self, engine: &Engine, now: Time) -> Option<String> {
        let (asking, approvals, principal) = (self.asking.as_ref()?, engine.approvals.as_ref()?, self.principal.as_ref()?);
        let pages = self.pages();
        let tasks: Vec<&str> = pages.iter().map(|(id, _)| id.as_str()).collect();
        let longest = asking.demands.iter().map(|demand| demand.ask.wait.millis().saturating_add(demand.ask.valid.millis())).max()?;
        Some(approvals.continuation(&caller_of(principal, &[]), &tasks, &asking.call, now.plus_millis(longest)))
    }

    fn note(&mut self, demand: usize, change: impl FnOnce(&mut Approval)) {
        if let Some(noted) = self.facts.approvals.get_mut(demand) {
            change(noted);
        }
    }

    fn progress(&mut self, demand: usize, progress: Progress) {
        if let Some(demand) = self.asking.as_mut().and_then(|asking| asking.demands.get_mut(demand)) {
            demand.progress = progress;
        }
    }

    fn approved_task(&self, demand: usize) -> Option<(String, String)> {
        let demand = self.asking.as_ref()?.demands.get(demand)?;
        Some((demand.task()?.id.clone(), demand.binding.clone()))
    }
}

impl Asking {
    fn next(&mut self) -> Next {
        for (index, demand) in self.demands.iter_mut().enumerate() {
            if let Progress::New(body) = &mut demand.progress {
                return Next::Ask(index, std::mem::take(body));
            }
        }
        let find = |wanted: fn(&Progress) -> Option<&Task>| {
            self.demands.iter().enumerate().find_map(|(index, demand)| wanted(&demand.progress).map(|task| (index, task.clone())))
        };
        let pending = find(|progress| if let Progress::Pending(task) = progress { Some(task) } else { None });
        if let Some((index, task)) = pending {
            return Next::Wait(index, task);
        }
        match find(|progress| if let Progress::Approved(task) = progress { Some(task) } else { None }) {
            Some((index, task)) => Next::Use(index, task),
            None => Next::Go,
        }
    }
}

impl Demand {
    fn task(&self) -> Option<&Task> {
        match &self.progress {
            Progress::Pending(task) | Progress::Approved(task) => Some(task),
            Progress::New(_) | Progress::Used => None,
        }
    }
}
