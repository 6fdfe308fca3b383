//! The endpoints that filters use: OpenID AuthZEN's Access Request and Approval Profile (draft), with `consume` and `decisions` beside it.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::answer::{Body, Id, Problem};
use super::authn::Caller;
use super::machine::Word;
use super::model::{self, Task, Verdict};
use super::rules::Approver;
use super::service::Service;
use super::views::{self, RETRY_SECONDS};
use super::{moment, request};

/// RFC 7240 `wait`, at most.
const LONGEST_WAIT: u64 = 30;

/// The random name of a use: 16 bytes or more, and no novel.
const USE_BYTES: std::ops::RangeInclusive<usize> = 16..=64;

pub async fn create(
    State(service): State<Arc<Service>>,
    Caller(filter): Caller,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let asked = request::read(&body, key, &filter)?;
    let (task, is_new) = service.create(&filter, asked).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, answer(&service, &task)?).into_response())
}

pub async fn status(
    State(service): State<Arc<Service>>,
    Caller(filter): Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let permit = service.waits.try_acquire();
    let wait = if permit.is_ok() { preferred_wait(&headers) } else { 0 };
    let deadline = Instant::now() + Duration::from_secs(wait);
    // Before the first look, so that nothing is missed between it and the waiting.
    let mut pulse = service.pulse.follow();
    let mut task = service.read_own(&filter, &id).await?;
    let before = task.state;
    while wait > 0 && task.state == model::State::Pending && task.state == before {
        // Nobody beats the pulse when time alone has ended it.
        let left = Duration::from_millis(task.expires.since(service.now()));
        tokio::select! {
            _ = tokio::time::sleep_until(deadline) => break,
            _ = tokio::time::sleep(left.max(Duration::from_millis(50))) => {}
            _ = pulse.changed() => {}
        }
        task = service.read_own(&filter, &id).await?;
    }
    Ok(answer(&service, &task)?.into_response())
}

pub async fn cancel(State(service): State<Arc<Service>>, Caller(filter): Caller, Id(id): Id) -> Result<Response, Problem> {
    let task = service.cancel(&filter, &id).await?;
    Ok(answer(&service, &task)?.into_response())
}

#[derive(Deserialize)]
struct Consume {
    binding: String,
    r#use: String,
}

pub async fn consume(
    State(service): State<Arc<Service>>,
    Caller(filter): Caller,
    Id(id): Id,
    Body(body): Body,
) -> Result<Json<Value>, Problem> {
    let Consume { binding, r#use } = read(&body)?;
    if !URL_SAFE_NO_PAD.decode(&r#use).is_ok_and(|bytes| USE_BYTES.contains(&bytes.len())) {
        return Err(Problem::invalid("`use` must be 16 to 64 random bytes in base64url without padding"));
    }
    let (task, given) = service.consume(&filter, &id, &binding, &r#use).await?;
    let state = service.signer.used(&task, &r#use, &given)?;
    Ok(Json(json!({ "consumed": true, "remaining": given.remaining, "state": state })))
}

#[derive(Deserialize)]
struct Decide {
    decision: Verdict,
    reason: Option<String>,
    #[serde(default)]
    break_glass: bool,
}

/// The one endpoint of approvers among those of filters: it is what AuthZEN leaves out.
pub async fn decide(State(service): State<Arc<Service>>, who: Approver, Id(id): Id, Body(body): Body) -> Result<Response, Problem> {
    let Decide { decision, reason, break_glass } = read(&body)?;
    bounded(reason.as_deref())?;
    let task = service.decide(&who, &id, Word { verdict: decision, reason, break_glass }).await?;
    Ok(Json(json!({ "task": views::summary(&task) })).into_response())
}

/// Published with its keys, for policies and whoever checks a state.
pub async fn well_known(State(service): State<Arc<Service>>) -> Json<Value> {
    Json(json!({ "issuer": service.signer.issuer(), "jwks": service.signer.jwks() }))
}

/// Whether requests can be answered: for whoever runs the service.
pub async fn health(State(service): State<Arc<Service>>) -> Result<Json<Value>, Problem> {
    let seq = service.health().await?;
    Ok(Json(json!({ "status": "ok", "journal": seq, "at": moment(service.now()) })))
}

fn answer(service: &Service, task: &Task) -> Result<Response, Problem> {
    let mut response = Json(views::for_filter(service, task, service.now())?).into_response();
    if task.state == model::State::Pending {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_SECONDS.into());
    }
    Ok(response)
}

pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|err| Problem::invalid(format!("the body is not what is expected: {err}")))
}

/// A reason is a sentence or two.
pub fn bounded(reason: Option<&str>) -> Result<(), Problem> {
    if reason.is_some_and(|reason| reason.chars().count() > 4_096) {
        Err(Problem::invalid("`reason` has more than 4096 characters"))
    } else {
        Ok(())
    }
}

fn preferred_wait(headers: &HeaderMap) -> u64 {
    let preferences = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut waits = preferences.filter_map(|preference| preference.split(';').next()?.trim().strip_prefix("wait="));
    waits.next().and_then(|seconds| seconds.trim_matches('"').parse::<u64>().ok()).unwrap_or(0).min(LONGEST_WAIT)
}
