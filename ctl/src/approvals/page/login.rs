//! Logging in: OpenID Connect Core 1.0, authorization code flow (section 3.1) with PKCE (RFC 7636).
//!
//! What a login is about to be (state, nonce, verifier, where to go afterwards) is in a cookie of the browser that began it: only that
//! browser can end it, at any replica.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use maud::html;
use portcullis::time::Time;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;

use super::super::answer::{Asked, Body, Problem};
use super::super::rules::Approver;
use super::super::service::Service;
use super::form::fields;
use super::session::{self, Visitor, cookie, read_cookie};
use super::{Page, csrf, layout};
use crate::random;

/// For each answer of the issuer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How long somebody may take at the issuer's page.
const LOGIN_SECONDS: u64 = 600;

/// How long the issuer's metadata is believed.
const DISCOVERED_MS: u64 = 300_000;

/// Of an answer of the issuer.
const ANSWER_BYTES: usize = 256 * 1024;

const LOGIN: &str = "portcullis_login";

/// OpenID Connect Discovery 1.0, section 3, as much as is used.
#[derive(Clone, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Default)]
pub struct Discovered(Mutex<Option<(Time, Metadata)>>);

/// Where somebody logs in who wants to see this page.
pub fn address(target: &str) -> String {
    let mut query = form_urlencoded(&[("to", back(target))]);
    query.insert_str(0, "/login?");
    query
}

#[derive(Deserialize)]
pub struct Begin {
    to: Option<String>,
}

pub async fn begin(State(service): State<Arc<Service>>, parts: Parts, Asked(begin): Asked<Begin>) -> Response {
    let Some(page) = service.page.as_ref() else { return Problem::unknown().into_response() };
    if let Err(problem) = service.by_address(&parts) {
        return layout::problem(None, &problem);
    }
    match page.sent_away(&service, begin.to.as_deref().unwrap_or("/")).await {
        Ok(response) => response,
        Err(problem) => layout::problem(None, &problem),
    }
}

/// RFC 6749, section 4.1.2; `iss` of RFC 9207.
#[derive(Deserialize)]
pub struct Answered {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

pub async fn finish(State(service): State<Arc<Service>>, parts: Parts, Asked(answered): Asked<Answered>) -> Response {
    let Some(page) = service.page.as_ref() else { return Problem::unknown().into_response() };
    let often = service.by_address(&parts).and_then(|()| service.strangers.check("", service.now()).map_err(Problem::too_often));
    if let Err(problem) = often {
        return layout::problem(None, &problem);
    }
    let forget = cookie(page, LOGIN, "", 0);
    let (response, cookies) = match page.complete(&service, &parts.headers, answered).await {
        Ok((session, target)) => (Redirect::to(&target).into_response(), vec![session, forget]),
        Err(problem) => (layout::problem(None, &problem), vec![forget]),
    };
    with_cookies(response, &cookies).unwrap_or_else(IntoResponse::into_response)
}

impl Page {
    /// To the issuer (section 3.1.2.1), with what the browser has to bring back.
    async fn sent_away(&self, service: &Service, target: &str) -> Result<Response, Problem> {
        service.strangers.check("", service.now()).map_err(Problem::too_often)?;
        let metadata = self.metadata(service.now()).await?;
        // RFC 7636, section 4.1: a verifier of 43 characters or more.
        let (state, nonce, verifier) = (random::name()?, random::name()?, format!("{}{}", random::name()?, random::name()?));
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let mut to = reqwest::Url::parse(&metadata.authorization_endpoint).map_err(|_| unusable("its `authorization_endpoint`"))?;
        to.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.login.client_id)
            .append_pair("redirect_uri", &self.callback)
            .append_pair("scope", &self.login.scopes.join(" "))
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        let target = URL_SAFE_NO_PAD.encode(back(target));
        let kept = cookie(self, LOGIN, &format!("{state}.{nonce}.{verifier}.{target}"), LOGIN_SECONDS);
        with_cookies(Redirect::to(to.as_str()).into_response(), &[kept])
    }

    /// The session's cookie, and where to go.
    async fn complete(&self, service: &Service, headers: &HeaderMap, answered: Answered) -> Result<(String, String), Problem> {
        let again = |message: &str| Problem::new(StatusCode::BAD_REQUEST, "login", message);
        let kept = read_cookie(self, headers, LOGIN);
        let mut kept = kept.as_deref().unwrap_or_default().split('.');
        let (Some(state), Some(nonce), Some(verifier), Some(target)) = (kept.next(), kept.next(), kept.next(), kept.next()) else {
            return Err(again("this login was not begun in this browser, or took longer than ten minutes; log in again"));
        };
        let said = answered.state.unwrap_or_default();
        if said.is_empty() || !bool::from(said.as_bytes().ct_eq(state.as_bytes())) {
            return Err(again("this answer belongs to another login; log in again"));
        }
        if answered.iss.is_some_and(|iss| iss != self.login.issuer) {
            return Err(again("this answer is another issuer's; log in again"));
        }
        if let Some(error) = answered.error {
            // RFC 6749, section 4.1.2.1: its characters are harmless, and what is shown is escaped.
            let error: String = error.chars().take(100).collect();
            return Err(again(&format!("the identity provider did not log you in: {error}")));
        }
        let code = answered.code.ok_or_else(|| again("the identity provider sent no code; log in again"))?;
        let metadata = self.metadata(service.now()).await?;
        let id_token = self.exchange(&metadata, &code, verifier).await?;
        let who = self.verified(service, &id_token, nonce).await?;
        let target = URL_SAFE_NO_PAD.decode(target).ok().and_then(|target| String::from_utf8(target).ok()).unwrap_or_default();
        Ok((session::start(self, service, &who).await?, back(&target).to_owned()))
    }

    async fn exchange(&self, metadata: &Metadata, code: &str, verifier: &str) -> Result<String, Problem> {
        let login = &self.login;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.callback.as_str()),
            ("client_id", login.client_id.as_str()),
            ("code_verifier", verifier),
        ];
        let secret = login.client_secret.as_ref().map(|secret| String::from_utf8_lossy(secret.expose()).into_owned());
        let methods = &metadata.token_endpoint_auth_methods_supported;
        let supports = |method: &str| methods.iter().any(|known| known == method);
        // OpenID Connect Discovery: `client_secret_basic` when nothing is said.
        let posts = supports("client_secret_post") && !supports("client_secret_basic");
        let mut request = self.http.post(&metadata.token_endpoint).header(header::ACCEPT, "application/json");
        if let Some(secret) = &secret {
            if posts {
                fields.push(("client_secret", secret));
            } else {
                // RFC 6749, section 2.3.1: each half is form-encoded first.
                let half = |text: &str| form_urlencoded(&[("", text)]).trim_start_matches('=').to_owned();
                let pair = STANDARD.encode(format!("{}:{}", half(&login.client_id), half(secret)));
                request = request.header(header::AUTHORIZATION, format!("Basic {pair}"));
            }
        }
        let body = form_urlencoded(&fields);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let (status, answer) = answer(request).await.ok_or_else(|| unusable("its token endpoint"))?;
        if status != 200 {
            let error = answer.get("error").and_then(Value::as_str).unwrap_or_default();
            tell_user!("portcullisctl approvals: the issuer gave no token for a login: {status} {}", super::text::visible(error));
            let message = "the identity provider did not confirm your login; log in again";
            return Err(Problem::new(StatusCode::BAD_GATEWAY, "login", message));
        }
        answer.get("id_token").and_then(Value::as_str).map(str::to_owned).ok_or_else(|| unusable("its answer, which has no `id_token`"))
    }

    /// OpenID Connect Core, section 3.1.3.7.
    async fn verified(&self, service: &Service, id_token: &str, nonce: &str) -> Result<Approver, Problem> {
        let who = self.tokens.owner(id_token, service.now()).await?;
        let who = Approver { client: Some(self.login.client_id.clone()), ..who };
        service.tokens.stands(&who).await?;
        // Of what was just verified.
        let claims = id_token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
        let claims: Value = claims.and_then(|claims| serde_json::from_slice(&claims).ok()).unwrap_or_default();
        let claim = |name: &str| claims.get(name).and_then(Value::as_str);
        if claim("nonce") != Some(nonce) || claim("azp").is_some_and(|azp| azp != self.login.client_id) {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "login",
                "this login was meant for another page or an earlier try; log in again",
            ));
        }
        Ok(who)
    }

    async fn metadata(&self, now: Time) -> Result<Metadata, Problem> {
        let mut kept = self.discovered.0.lock().await;
        if let Some((at, metadata)) = &*kept
            && now.since(*at) < DISCOVERED_MS
        {
            return Ok(metadata.clone());
        }
        let url = format!("{}/.well-known/openid-configuration", self.login.issuer.trim_end_matches('/'));
        let found = answer(self.http.get(url)).await.filter(|(status, _)| *status == 200);
        let metadata = found.and_then(|(_, document)| serde_json::from_value::<Metadata>(document).ok());
        let metadata = metadata.ok_or_else(|| unusable("its metadata (`/.well-known/openid-configuration`)"))?;
        // Section 4.3: the very issuer that was asked, and what is sent there goes over TLS.
        let (ours, safe) = (metadata.issuer == self.login.issuer, self.is_safe(&metadata));
        if !ours || !safe {
            return Err(unusable(if ours { "its endpoints, which are not `https`" } else { "its metadata, which is another issuer's" }));
        }
        *kept = Some((now, metadata.clone()));
        Ok(metadata)
    }

    fn is_safe(&self, metadata: &Metadata) -> bool {
        // Only an issuer on this machine is asked without TLS, and the configuration sees to that.
        let plain = self.login.issuer.starts_with("http://");
        [&metadata.authorization_endpoint, &metadata.token_endpoint].iter().all(|url| url.starts_with("https://") || plain)
    }
}

/// The end of a login, in all replicas.
pub async fn end(State(service): State<Arc<Service>>, visitor: Visitor, Body(body): Body) -> Response {
    let Some(page) = service.page.as_ref() else { return Problem::unknown().into_response() };
    let done = async {
        csrf::field(page, &visitor.parts, &visitor.session, &fields(&body).csrf)?;
        let mut tx = service.store.begin().await?;
        tx.end_session(&visitor.session.id).await?;
        tx.commit().await?;
        Ok::<_, Problem>(())
    };
    if let Err(problem) = done.await {
        return layout::problem(Some(&visitor.session), &problem);
    }
    let content = html! {
        h1 { "Logged out" }
        p { "Your login at this page is over." }
        p { a class="button" href="/" { "Log in again" } }
    };
    let response = layout::page(None, "Logged out", None, &content, StatusCode::OK);
    with_cookies(response, &[cookie(page, session::SESSION, "", 0)]).unwrap_or_else(IntoResponse::into_response)
}

/// A page of ours and nothing else: whatever is not one is the first page.
fn back(target: &str) -> &str {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let id = path
        .strip_prefix("/r/apr_")
        .is_some_and(|id| id.len() <= 60 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')));
    if id {
        // A link's signature has done its work.
        return path;
    }
    let printable = query.len() <= 400 && query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    match path {
        "/history" if printable => target,
        "/reviews" => "/reviews",
        _ => "/",
    }
}

fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    reqwest::Url::parse_with_params("http://form", pairs).ok().and_then(|url| url.query().map(str::to_owned)).unwrap_or_default()
}

fn unusable(what: &str) -> Problem {
    tell_user!("portcullisctl approvals: the issuer of logins cannot be used: {what}");
    Problem::new(StatusCode::BAD_GATEWAY, "login", "the identity provider does not answer as it should; try again later")
}

async fn answer(request: reqwest::RequestBuilder) -> Option<(u16, Value)> {
    let mut response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES {
            return None;
        }
    }
    Some((status, serde_json::from_slice(&body).unwrap_or_default()))
}

fn with_cookies(mut response: Response, cookies: &[String]) -> Result<Response, Problem> {
    for cookie in cookies {
        let value = HeaderValue::from_str(cookie).map_err(|err| Problem::inside(&err))?;
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_lead_to_our_own_pages_only() {
        for (target, goes) in [
            ("/r/apr_Ab-_1", "/r/apr_Ab-_1"),
            ("/r/apr_x?link=abc", "/r/apr_x"),
            ("/history?q=a%20b&view=all", "/history?q=a%20b&view=all"),
            ("/reviews?x", "/reviews"),
            ("//evil.example.com", "/"),
            ("/\\evil.example.com", "/"),
            ("https://evil.example.com/r/apr_x", "/"),
            ("/r/apr_x/../../evil", "/"),
            ("/history?q=\r\nx", "/"),
            ("/logout", "/"),
            ("", "/"),
        ] {
            assert_eq!(back(target), goes, "{target:?}");
        }
        assert_eq!(address("/r/apr_x?link=abc"), "/login?to=%2Fr%2Fapr_x");
    }
}
