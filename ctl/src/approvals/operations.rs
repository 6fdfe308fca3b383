//! What can be done with requests: each operation is one transaction, with its line in the journal and the notices it calls for.

use axum::http::StatusCode;
use portcullis::policy::approval_service::{Filter, Happening};
use portcullis::time::Time;
use serde_json::json;

use super::answer::Problem;
use super::machine::{self, NoUse, Word};
use super::model::{Asked, ReviewState, State, Task};
use super::rules::Approver;
use super::service::Service;
use super::signing::USE_SECONDS;
use super::store::Tx;
use super::store::requests::Use;
use crate::random;

/// Overdue requests that are looked after in one go.
const SWEEP: usize = 100;

impl Service {
    /// The request under this key, or a new one; whether it is new.
    pub async fn create(&self, filter: &Filter, asked: Asked) -> Result<(Task, bool), Problem> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        if let Some(id) = tx.under_key(&filter.id, &asked.binding).await?
            && let Some(mut task) = tx.find(&id).await?
        {
            let settled = self.settle(&mut tx, &mut task, now).await?;
            if is_live(&task, now) {
                if task.asked.shown_digest != asked.shown_digest || task.asked.subject.id() != asked.subject.id() {
                    let message = "another request was made under this `Idempotency-Key`, by somebody else or for something else";
                    return Err(Problem::new(StatusCode::CONFLICT, "idempotency_conflict", message));
                }
                self.commit(tx, settled).await?;
                return Ok((task, false));
            }
        }
        let (all, own) = tx.waiting(&filter.id, &asked.subject.id(), now).await?;
        if all >= filter.max_waiting || own >= filter.max_waiting_of_one {
            let message = "too many requests wait for a decision already";
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_waiting", message);
            return Err(Problem { retry_after: Some(30), ..problem });
        }
        let id = format!("apr_{}", random::name()?);
        let expires = now.plus_millis(asked.wait_seconds.saturating_mul(1000));
        let task = Task {
            id,
            filter: filter.id.clone(),
            asked,
            created: now,
            expires,
            ended: None,
            state: State::Pending,
            decisions: Vec::new(),
            review_state: ReviewState::None,
            review: None,
        };
        tx.add(&task).await?;
        tx.set_key(&filter.id, &task.asked.binding, &task.id).await?;
        let asked = &task.asked;
        // What was asked, and never with what: arguments stay out of what is kept for ever.
        let body = json!({
            "filter": task.filter, "subject": asked.subject.id(), "client": asked.subject.client, "tool": asked.tool,
            "endpoint": asked.endpoint, "rule": asked.rule, "policy": asked.policy, "binding": asked.binding,
            "shown_digest": asked.shown_digest, "approvers": asked.approvers, "grant": asked.grant, "expires": expires.millis(),
        });
        let seq = tx.note(now, Some(&task.id), "requested", body).await?;
        self.tell(&mut tx, &task, Happening::Requested, now).await?;
        self.commit(tx, Some(seq)).await?;
        Ok((task, true))
    }

    /// A request as it stands now.
    pub async fn read(&self, id: &str) -> Result<Option<Task>, Problem> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let Some(mut task) = tx.look(id).await? else { return Ok(None) };
        if machine::after(&task, now).is_some() {
            // Under its lock: another replica may be at it.
            let Some(locked) = tx.find(id).await? else { return Ok(None) };
            task = locked;
            let settled = self.settle(&mut tx, &mut task, now).await?;
            self.commit(tx, settled).await?;
        }
        Ok(Some(task))
    }

    /// The same for a filter: its own requests only.
    pub async fn read_own(&self, filter: &Filter, id: &str) -> Result<Task, Problem> {
        self.read(id).await?.filter(|task| task.filter == filter.id).ok_or_else(Problem::unknown)
    }

    pub async fn cancel(&self, filter: &Filter, id: &str) -> Result<Task, Problem> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let mut task = tx.find(id).await?.filter(|task| task.filter == filter.id).ok_or_else(Problem::unknown)?;
        let mut seq = self.settle(&mut tx, &mut task, now).await?;
        if machine::cancel(&mut task, now) {
            tx.keep(&task, task.decisions.len()).await?;
            seq = Some(tx.note(now, Some(id), "cancelled", json!({ "filter": filter.id })).await?);
        }
        self.commit(tx, seq).await?;
        Ok(task)
    }

    /// Gives one use, or the very answer that was given for it before.
    pub async fn consume(&self, filter: &Filter, id: &str, binding: &str, name: &str) -> Result<(Task, Use), Problem> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let mut task = tx.find(id).await?.filter(|task| task.filter == filter.id).ok_or_else(Problem::unknown)?;
        if task.asked.binding != binding {
            let message = "this approval is for another call";
            return Err(Problem::new(StatusCode::CONFLICT, "binding_mismatch", message));
        }
        if let Some(given) = tx.find_use(id, name).await? {
            return if now.since(given.at) < USE_SECONDS * 1000 { Ok((task, given)) } else { Err(NoUse::Consumed.into()) };
        }
        let settled = self.settle(&mut tx, &mut task, now).await?;
        let Some(remaining) = tx.take_use(id, now).await? else {
            self.commit(tx, settled).await?;
            // A use that the statement did not give is not there, whatever else is said.
            return Err(machine::consume(task.state, now).err().unwrap_or(NoUse::Consumed).into());
        };
        let given = Use { at: now, remaining };
        tx.note_use(id, name, &given).await?;
        if let State::Approved { until, .. } = task.state {
            task.state = if remaining == 0 { State::Consumed { until } } else { State::Approved { until, remaining } };
        }
        let seq = tx.note(now, Some(id), "consumed", json!({ "use": name, "remaining": remaining })).await?;
        self.commit(tx, Some(seq)).await?;
        Ok((task, given))
    }

    /// A person's word on a request.
    pub async fn decide(&self, who: &Approver, id: &str, word: Word) -> Result<Task, Problem> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let mut task = tx.find(id).await?.ok_or_else(Problem::unknown)?;
        let settled = self.settle(&mut tx, &mut task, now).await?;
        let said = task.decisions.len();
        if let Err(refused) = machine::decide(&mut task, &self.rules, who, word, now) {
            self.commit(tx, settled).await?;
            return Err(refused.into());
        }
        tx.keep(&task, said).await?;
        let decision = task.decisions.last();
        let body = json!({ "decision": decision, "client": who.client, "status": task.state.word() });
        let seq = tx.note(now, Some(id), "decision", body).await?;
        if task.state != State::Pending {
            self.tell(&mut tx, &task, Happening::Decided, now).await?;
        }
        if decision.is_some_and(|decision| decision.break_glass) {
            self.tell(&mut tx, &task, Happening::BreakGlass, now).await?;
        }
        self.commit(tx, Some(seq)).await?;
        Ok(task)
    }

    /// What somebody thinks of an emergency.
    pub async fn review(&self, who: &Approver, id: &str, justified: bool, reason: &str) -> Result<Task, Problem> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let mut task = tx.find(id).await?.ok_or_else(Problem::unknown)?;
        machine::review(&mut task, &self.rules, who, justified, reason, now)?;
        tx.keep(&task, task.decisions.len()).await?;
        let seq = tx.note(now, Some(id), "review", json!({ "review": task.review })).await?;
        self.commit(tx, Some(seq)).await?;
        Ok(task)
    }

    /// Brings requests whose time is over to where they belong, and forgets old ones.
    pub async fn sweep(&self) -> Result<(), Problem> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let overdue = tx.overdue(now, SWEEP).await?;
        drop(tx);
        for id in overdue {
            self.read(&id).await?;
        }
        if self.page.is_some() {
            let mut tx = self.store.begin().await?;
            tx.end_sessions(now).await?;
            tx.commit().await?;
        }
        if let Some(keep) = self.keep_ms {
            let mut tx = self.store.begin().await?;
            let gone = tx.forget(Time::from_millis(now.millis().saturating_sub(keep)), SWEEP).await?;
            if gone > 0 {
                tx.note(now, None, "forgotten", json!({ "requests": gone })).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Writes down what time alone has led to.
    async fn settle(&self, tx: &mut Tx, task: &mut Task, now: Time) -> Result<Option<i64>, Problem> {
        let Some(state) = machine::after(task, now) else { return Ok(None) };
        let waited = task.state == State::Pending;
        task.state = state;
        task.ended = Some(now);
        tx.keep(task, task.decisions.len()).await?;
        let seq = tx.note(now, Some(&task.id), "expired", json!({ "undecided": waited })).await?;
        if waited {
            self.tell(tx, task, Happening::Expired, now).await?;
        }
        Ok(Some(seq))
    }

    async fn tell(&self, tx: &mut Tx, task: &Task, happening: Happening, now: Time) -> Result<(), Problem> {
        for notice in &self.notices {
            let meant = notice.groups.is_empty() || notice.groups.iter().any(|group| task.asked.approvers.groups.contains(group));
            if meant && notice.on.contains(&happening) {
                tx.enqueue(&random::name()?, &task.id, &notice.id, happening.word(), now).await?;
            }
        }
        Ok(())
    }

    /// `seq`: the last line of the journal, if there is a new one.
    async fn commit(&self, tx: Tx, seq: Option<i64>) -> Result<(), Problem> {
        tx.commit().await?;
        if let Some(seq) = seq {
            self.pulse.beat(seq);
            self.outbox.notify_one();
        }
        Ok(())
    }
}

/// Whether the same call finds this request again, or is asked about anew.
fn is_live(task: &Task, now: Time) -> bool {
    match task.state {
        State::Pending | State::Approved { .. } => true,
        // Asking again and again does not wear anybody out.
        State::Denied => task.ended.is_some_and(|ended| now.since(ended) < task.asked.wait_seconds.saturating_mul(1000)),
        State::Consumed { .. } | State::Expired | State::Cancelled => false,
    }
}
