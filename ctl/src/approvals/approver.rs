//! The endpoints for people's programs: the page, the terminal.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Asked, Body, Id, Problem};
use super::contract::{bounded, read};
use super::model::Task;
use super::rules::{Approver, Rules};
use super::service::Service;
use super::store::requests::Wanted;
use super::views::{self, Whole};

/// Requests in one answer.
const MOST: usize = 200;

/// Earlier requests of the same person beside one.
const RECENT: usize = 10;

pub const STATUSES: [&str; 6] = ["pending", "approved", "consumed", "denied", "expired", "cancelled"];

pub async fn me(State(service): State<Arc<Service>>, who: Approver) -> Json<Value> {
    let glass = service.rules.break_glass.as_ref();
    Json(json!({
        "id": who.login.id(),
        "name": who.login.name(),
        "email": who.login.email,
        "groups": who.groups,
        "client": who.client,
        "auditor": service.rules.is_auditor(&who),
        "break_glass": glass.is_some_and(|glass| glass.groups.iter().any(|group| who.groups.contains(group))),
        "reviewer": glass.is_some_and(|glass| glass.reviewers.iter().any(|group| who.groups.contains(group))),
    }))
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Search {
    /// `waiting` (default), `reviews`, `all`, or a status.
    pub view: Option<String>,
    pub q: Option<String>,
    pub limit: Option<usize>,
    /// The id of the last one seen.
    pub before: Option<String>,
}

pub async fn list(State(service): State<Arc<Service>>, who: Approver, Asked(search): Asked<Search>) -> Result<Json<Value>, Problem> {
    let Found { tasks, next } = find(&service, &who, search).await?;
    Ok(Json(json!({ "requests": tasks.iter().map(views::summary).collect::<Vec<_>>(), "next": next })))
}

/// Requests, newest first, and the `before` of those that follow.
pub struct Found {
    pub tasks: Vec<Task>,
    pub next: Option<String>,
}

pub async fn find(service: &Service, who: &Approver, search: Search) -> Result<Found, Problem> {
    let mut wanted = visible(&service.rules, who);
    match search.view.as_deref().unwrap_or("waiting") {
        "waiting" => wanted.statuses = vec!["pending"],
        "reviews" => wanted.open_reviews = true,
        "all" => {}
        word => match STATUSES.iter().find(|status| **status == word) {
            Some(status) => wanted.statuses = vec![*status],
            None => return Err(Problem::invalid(format!("`view` must be `waiting`, `reviews`, `all` or one of {}", STATUSES.join(", ")))),
        },
    }
    if search.q.as_ref().is_some_and(|text| text.chars().count() > 200) {
        return Err(Problem::invalid("`q` has more than 200 characters"));
    }
    wanted.search = search.q.map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
    let limit = within(search.limit.unwrap_or(50), MOST)?;
    wanted.most = limit + 1;
    let mut tx = service.store.begin().await?;
    if let Some(id) = search.before {
        let last = tx.look(&id).await?.filter(|task| service.rules.may_see(task, who)).ok_or_else(Problem::unknown)?;
        wanted.before = Some((last.created, last.id));
    }
    let mut found = tx.list(&wanted).await?;
    drop(tx);
    let more = found.len() > limit;
    found.truncate(limit);
    // Not yet swept: nobody can decide on what is over.
    found.retain(|task| wanted.statuses != ["pending"] || super::machine::after(task, service.now()).is_none());
    let next = found.last().filter(|_| more).map(|task| task.id.clone());
    Ok(Found { tasks: found, next })
}

fn within(limit: usize, most: usize) -> Result<usize, Problem> {
    if (1..=most).contains(&limit) { Ok(limit) } else { Err(Problem::invalid(format!("`limit` must be 1 to {most}"))) }
}

/// What someone may see, as the store can find it.
fn visible(rules: &Rules, who: &Approver) -> Wanted {
    let glass = rules.break_glass.as_ref();
    let is_in = |groups: &[String]| groups.iter().any(|group| who.groups.contains(group));
    let everything = rules.is_auditor(who) || glass.is_some_and(|glass| is_in(&glass.groups));
    Wanted {
        groups: (!everything).then(|| who.groups.iter().take(500).cloned().collect()),
        own: Some(who.login.id()),
        with_emergencies: glass.is_some_and(|glass| is_in(&glass.reviewers)),
        ..Wanted::default()
    }
}

pub async fn show(State(service): State<Arc<Service>>, who: Approver, Id(id): Id) -> Result<Json<Value>, Problem> {
    Ok(Json(whole(&service, &who, &id).await?.json(&service, &who)))
}

/// All about one request that this person may see.
pub async fn whole(service: &Service, who: &Approver, id: &str) -> Result<Whole, Problem> {
    let task = service.read(id).await?.filter(|task| service.rules.may_see(task, who)).ok_or_else(Problem::unknown)?;
    let mut tx = service.store.begin().await?;
    let mut recent = tx.recent(&task, RECENT).await?;
    recent.retain(|task| service.rules.may_see(task, who));
    let journal = tx.journal_of(id).await?;
    let notices = tx.notices_of(id).await?;
    Ok(Whole { task, recent, journal, notices })
}

#[derive(Deserialize)]
struct Opinion {
    justified: bool,
    reason: String,
}

pub async fn review(State(service): State<Arc<Service>>, who: Approver, Id(id): Id, Body(body): Body) -> Result<Json<Value>, Problem> {
    let Opinion { justified, reason } = read(&body)?;
    bounded(Some(&reason))?;
    let task = service.review(&who, &id, justified, &reason).await?;
    Ok(Json(json!({ "task": views::summary(&task) })))
}

#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    after: i64,
    limit: Option<usize>,
}

/// The journal as it is chained, for auditors.
pub async fn journal(State(service): State<Arc<Service>>, who: Approver, Asked(after): Asked<After>) -> Result<Json<Value>, Problem> {
    if !service.rules.is_auditor(&who) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "not_an_auditor", "the journal is for auditors (`approvers.auditors`)"));
    }
    if after.after < 0 {
        return Err(Problem::invalid("`after` is the number of a line, or 0"));
    }
    let most = within(after.limit.unwrap_or(MOST), 1_000)?;
    let mut tx = service.store.begin().await?;
    let entries = tx.journal_after(after.after, most).await?;
    let (seq, hash) = tx.journal_head().await?;
    drop(tx);
    Ok(Json(json!({ "entries": entries.iter().map(views::entry).collect::<Vec<_>>(), "head": { "seq": seq, "hash": hash } })))
}
