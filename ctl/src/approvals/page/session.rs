//! Who has the page open: a random name in a cookie, everything else in the store.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::answer::Problem;
use super::super::model::{Login, Pass};
use super::super::rules::Approver;
use super::super::service::Service;
use super::{Page, layout, login};
use crate::random;

/// Someone who has logged in.
pub struct Session {
    pub approver: Approver,
    /// What forms carry.
    pub csrf: String,
    /// Its name in the store.
    pub id: String,
}

/// What the store keeps of a login.
#[derive(Deserialize, Serialize)]
struct Kept {
    login: Login,
    groups: Vec<String>,
    #[serde(default)]
    pass: Pass,
}

/// Begins one; its cookie.
pub async fn start(page: &Page, service: &Service, who: &Approver) -> Result<String, Problem> {
    let name = format!("{}{}", random::name()?, random::name()?);
    let lasts = page.login.session.millis();
    let kept = Kept { login: who.login.clone(), groups: who.groups.clone(), pass: who.pass.clone() };
    let body = serde_json::to_string(&kept).map_err(|err| Problem::inside(&err))?;
    let mut tx = service.store.begin().await?;
    tx.add_session(&hash("session", &name), service.now().plus_millis(lasts), body).await?;
    tx.commit().await?;
    Ok(cookie(page, SESSION, &name, lasts / 1000))
}

pub async fn find(page: &Page, parts: &Parts, service: &Service) -> Result<Option<Session>, Problem> {
    let Some(name) = read_cookie(page, &parts.headers, SESSION) else { return Ok(None) };
    let id = hash("session", &name);
    let mut tx = service.store.begin().await?;
    let Some((until, body)) = tx.session(&id, service.now()).await? else { return Ok(None) };
    drop(tx);
    let Ok(Kept { login, groups, pass }) = serde_json::from_str(&body) else { return Ok(None) };
    let approver = Approver { login, groups, client: Some(page.login.client_id.clone()), until: until.millis(), pass };
    match service.tokens.stands(&approver).await {
        Ok(()) => Ok(Some(Session { approver, csrf: hash("csrf", &name), id })),
        Err(problem) if problem.is_revoked() => {
            let mut tx = service.store.begin().await?;
            tx.end_session(&id).await?;
            tx.commit().await?;
            Ok(None)
        }
        Err(problem) => Err(problem),
    }
}

fn hash(what: &str, name: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("portcullis {what} {name}")))
}

pub const SESSION: &str = "portcullis_session";

/// `Lax`: links in messages lead here. What changes something is guarded by `csrf`.
pub fn cookie(page: &Page, name: &str, value: &str, seconds: u64) -> String {
    let (prefix, secure) = if page.secure { ("__Host-", "; Secure") } else { ("", "") };
    format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// Nothing when there are two of this name: one was put there by somebody else.
pub fn read_cookie(page: &Page, headers: &HeaderMap, name: &str) -> Option<String> {
    let prefix = if page.secure { "__Host-" } else { "" };
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let mut found = all.filter_map(|pair| pair.trim().strip_prefix(prefix)?.strip_prefix(name)?.strip_prefix('='));
    let value = found.next()?;
    (found.next().is_none() && value.len() <= 1_024).then(|| value.to_owned())
}

/// The one who looks at a page. Somebody who has not logged in is sent to do so, and comes back.
pub struct Visitor {
    pub session: Session,
    pub parts: Parts,
}

impl FromRequestParts<Arc<Service>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Response> {
        let refused = |problem: Problem| layout::problem(None, &problem);
        let page = service.page.as_ref().ok_or_else(|| Problem::unknown().into_response())?;
        service.by_address(parts).map_err(refused)?;
        let Some(session) = find(page, parts, service).await.map_err(refused)? else {
            service.strangers.check("", service.now()).map_err(|seconds| refused(Problem::too_often(seconds)))?;
            if parts.method == Method::GET {
                let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
                return Err(Redirect::to(&login::address(target)).into_response());
            }
            let message = "your login is over; nothing was done. Log in again and decide once more";
            return Err(refused(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", message)));
        };
        let often = service.approvers.check(&session.approver.login.id(), service.now());
        often.map_err(|seconds| layout::problem(Some(&session), &Problem::too_often(seconds)))?;
        Ok(Self { session, parts: parts.clone() })
    }
}
