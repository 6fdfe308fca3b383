//! The issuer as OAuth clients see it: registration (RFC 7591), authorization code with PKCE (OAuth 2.1), refresh, and the resource
//! a token is for (RFC 8707).
//!
//! Whoever comes is let in, so nothing here may be of use to a web page: redirects go to loopback addresses only, answers carry no
//! CORS headers, and requests under another name than the issuer's own (DNS rebinding) are refused.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Form, Json, Router,
    extract::{FromRequest, Query, Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Shared, TokenRequest, locked};
use crate::random;

/// Whom the authorization endpoint lets in.
#[derive(Clone, Debug, Default)]
pub enum Login {
    /// There is none.
    #[default]
    Off,
    /// A page that asks who one wants to be.
    Page,
    /// This one, without a question. Audience, client and scopes are those asked for.
    As(Box<TokenRequest>),
}

/// OAuth 2.1, section 4.1.2: short, and once.
const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// `login.client_id` of an approval service that uses this issuer.
const APPROVALS_PAGE: &str = "portcullis-approvals";

/// Of clients, codes and refresh tokens each; beyond it all are forgotten.
const KEPT: usize = 10_000;

pub(super) struct Server {
    login: Login,
    /// Redirect addresses by client.
    clients: Mutex<HashMap<String, Vec<String>>>,
    codes: Mutex<HashMap<String, Code>>,
    refreshes: Mutex<HashMap<String, Grant>>,
}

struct Code {
    grant: Grant,
    redirect_uri: String,
    challenge: String,
    until: Instant,
}

/// Who may have which token.
#[derive(Clone)]
struct Grant {
    client: String,
    scope: Option<String>,
    resource: Option<String>,
    nonce: Option<String>,
    who: TokenRequest,
}

impl Server {
    pub(super) fn new(login: Login) -> Self {
        Self { login, clients: Mutex::default(), codes: Mutex::default(), refreshes: Mutex::default() }
    }
}

pub(super) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    if matches!(shared.oauth.login, Login::Off) {
        return Router::new();
    }
    Router::new()
        .route("/authorize", get(authorize).post(authorize))
        .route("/token", post(token))
        .route("/register", post(register))
        .layer(middleware::from_fn_with_state(Arc::clone(shared), under_our_name))
}

/// Adds what clients need to the issuer's metadata (RFC 8414; RFC 9207 for `iss` in the answer).
pub(super) fn describe(shared: &Shared, document: &mut Value) {
    let (Login::Page | Login::As(_), Some(members)) = (&shared.oauth.login, document.as_object_mut()) else { return };
    let issuer = &shared.issuer;
    let more = json!({
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "scopes_supported": ["openid"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    if let Value::Object(more) = more {
        members.extend(more);
    }
}

async fn under_our_name(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_none() || host != shared.issuer.strip_prefix("http://") {
        return (StatusCode::MISDIRECTED_REQUEST, "the development issuer answers under its own address only\n").into_response();
    }
    next.run(request).await
}

/// RFC 7591, section 3.1. Every client is public.
async fn register(State(shared): State<Arc<Shared>>, Json(mut asked): Json<Map<String, Value>>) -> Response {
    let uris: Vec<String> = asked
        .get("redirect_uris")
        .and_then(Value::as_array)
        .map(|uris| uris.iter().filter_map(|uri| uri.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    if uris.is_empty() || !uris.iter().all(|uri| is_loopback(uri)) {
        return problem("invalid_redirect_uri", "the development issuer sends people back to this machine only");
    }
    let Ok(client) = random::name() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    keep(&shared.oauth.clients, client.clone(), uris);
    asked.remove("client_secret");
    asked.insert("client_id".to_owned(), client.into());
    asked.insert("token_endpoint_auth_method".to_owned(), "none".into());
    (StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(asked)).into_response()
}

#[derive(Deserialize)]
struct Asked {
    client_id: String,
    redirect_uri: String,
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    code_challenge: String,
    #[serde(default)]
    code_challenge_method: String,
    state: Option<String>,
    scope: Option<String>,
    resource: Option<String>,
    nonce: Option<String>,
}

/// What the login page sends.
#[derive(Deserialize)]
struct Chosen {
    user: String,
    #[serde(default)]
    groups: String,
}

async fn authorize(State(shared): State<Arc<Shared>>, Query(asked): Query<Asked>, request: Request) -> Response {
    let registered = locked(&shared.oauth.clients).get(&asked.client_id).is_some_and(|uris| uris.contains(&asked.redirect_uri));
    let known = registered || is_approvals_page(&asked);
    if !known {
        // Never a redirect: it would go wherever the request says.
        return (StatusCode::BAD_REQUEST, "the client is not registered here, or not with this redirect address\n").into_response();
    }
    let Ok(mut back) = reqwest::Url::parse(&asked.redirect_uri) else { return StatusCode::BAD_REQUEST.into_response() };
    let who = match (&shared.oauth.login, request.method().as_str()) {
        (Login::Off, _) => return StatusCode::NOT_FOUND.into_response(),
        (Login::As(who), _) => who.as_ref().clone(),
        (Login::Page, "POST") => match chosen(request).await {
            Some(who) => who,
            None => return (StatusCode::BAD_REQUEST, "a user is needed\n").into_response(),
        },
        (Login::Page, _) => return page(request.uri().query().unwrap_or_default()),
    };
    let outcome = if asked.response_type != "code" {
        Err("unsupported_response_type")
    } else if asked.code_challenge_method != "S256" || asked.code_challenge.is_empty() {
        Err("invalid_request")
    } else {
        random::name().map_err(|_| "server_error")
    };
    let Asked { client_id, redirect_uri, code_challenge, state, scope, resource, nonce, .. } = asked;
    {
        let mut query = back.query_pairs_mut();
        match outcome {
            Ok(code) => {
                query.append_pair("code", &code);
                let grant = Grant { client: client_id, scope, resource, nonce, who };
                let until = Instant::now() + CODE_LIFETIME;
                keep(&shared.oauth.codes, code, Code { grant, redirect_uri, challenge: code_challenge, until });
            }
            Err(error) => {
                query.append_pair("error", error);
            }
        }
        if let Some(state) = &state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &shared.issuer);
    }
    (StatusCode::FOUND, [(header::LOCATION, back.as_str()), (header::CACHE_CONTROL, "no-store")]).into_response()
}

async fn chosen(request: Request) -> Option<TokenRequest> {
    let Form(Chosen { user, groups }) = Form::<Chosen>::from_request(request, &()).await.ok()?;
    let groups = groups.split([',', ' ']).filter(|group| !group.is_empty()).map(str::to_owned).collect();
    let user = user.trim().to_owned();
    (!user.is_empty()).then(|| TokenRequest { user, groups, ..TokenRequest::default() })
}

/// Of the login page; the policy of its answer names its hash and lets no other in.
const STYLE: &str = ":root{color-scheme:light dark}body{font:100%/1.5 system-ui,sans-serif;margin:0}main{max-width:26rem;margin:8vh auto;padding:0 1rem}\
    h1{font-size:1.5rem}label{display:block;font-weight:600;margin-top:1rem}input,button{font:inherit;min-height:2.75rem;border-radius:.4rem}\
    input{width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #768196}button{padding:.5rem 1.5rem;border:0;background:#0b57a4;color:#fff;font-weight:600}\
    #hint{margin:.25rem 0 1rem;font-size:.9rem}";

fn page(query: &str) -> Response {
    let query = query.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;");
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width, initial-scale=1\">\
         <title>Development issuer</title><style>{STYLE}</style><main><h1>Who do you want to be?</h1>\
         <p>This issuer is for trying things out: it believes whatever is written here.</p>\
         <form method=post action=\"/authorize?{query}\">\
         <label for=user>User</label><input id=user name=user required autofocus autocapitalize=none>\
         <label for=groups>Groups</label><input id=groups name=groups autocapitalize=none aria-describedby=hint>\
         <p id=hint>Separated by commas.</p><button>Log in</button></form></main>"
    );
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; frame-ancestors 'none'");
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (headers, Html(html)).into_response()
}

#[derive(Deserialize)]
struct Exchange {
    grant_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    code_verifier: String,
    #[serde(default)]
    refresh_token: String,
    resource: Option<String>,
}

async fn token(State(shared): State<Arc<Shared>>, Form(asked): Form<Exchange>) -> Response {
    let server = &shared.oauth;
    let mut grant = match asked.grant_type.as_str() {
        // Taken out first: a code is used once, also when the rest is wrong.
        "authorization_code" => match locked(&server.codes).remove(&asked.code) {
            Some(code) if code.admits(&asked) => code.grant,
            _ => return problem("invalid_grant", "the code is not valid any more, or not with this client, redirect address and verifier"),
        },
        "refresh_token" => match locked(&server.refreshes).remove(&asked.refresh_token) {
            Some(grant) if grant.client == asked.client_id => grant,
            _ => return problem("invalid_grant", "the refresh token is not valid any more, or another client's"),
        },
        _ => return problem("unsupported_grant_type", "known here: authorization_code and refresh_token"),
    };
    // RFC 8707, section 2.2: the token request may narrow what was authorized, not change it.
    match (&grant.resource, asked.resource) {
        (Some(granted), Some(asked)) if *granted != asked => return problem("invalid_target", "another resource was authorized"),
        (None, asked) => grant.resource = asked,
        _ => {}
    }
    match issue(&shared, grant) {
        Ok(answer) => ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn issue(shared: &Shared, grant: Grant) -> anyhow::Result<Value> {
    let mut request = grant.who.clone();
    request.client = Some(grant.client.clone());
    request.audience = grant.resource.clone().or(request.audience);
    if let Some(scope) = &grant.scope {
        request.extra.insert("scope".to_owned(), json!(scope));
    }
    let refresh = random::name()?;
    let mut answer = json!({
        "access_token": shared.mint().token(&request)?,
        "token_type": "Bearer",
        "expires_in": request.lifetime.as_secs(),
        "refresh_token": refresh,
    });
    if let (Some(scope), Some(members)) = (&grant.scope, answer.as_object_mut()) {
        members.insert("scope".to_owned(), json!(scope));
        if scope.split(' ').any(|word| word == "openid") {
            members.insert("id_token".to_owned(), json!(id_token(shared, &grant)?));
        }
    }
    keep(&shared.oauth.refreshes, refresh, grant);
    Ok(answer)
}

/// OpenID Connect Core, section 2: who has logged in, for the client that asked.
fn id_token(shared: &Shared, grant: &Grant) -> anyhow::Result<String> {
    let mut request = TokenRequest { audience: Some(grant.client.clone()), client: None, ..grant.who.clone() };
    if let Some(nonce) = &grant.nonce {
        request.extra.insert("nonce".to_owned(), json!(nonce));
    }
    shared.mint().token(&request)
}

impl Code {
    /// RFC 7636, section 4.6, and the same client at the same address.
    fn admits(&self, asked: &Exchange) -> bool {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(asked.code_verifier.as_bytes()));
        let same = self.grant.client == asked.client_id && self.redirect_uri == asked.redirect_uri;
        same && self.challenge == challenge && Instant::now() < self.until
    }
}

/// RFC 6749, section 5.2.
fn problem(error: &str, description: &str) -> Response {
    let body = Json(json!({ "error": error, "error_description": description }));
    (StatusCode::BAD_REQUEST, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}

/// RFC 8252, section 7.3: where a native client listens.
fn is_loopback(uri: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(uri) else { return false };
    url.scheme() == "http" && url.fragment().is_none() && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

/// The one client that is known without registration: the approvers' page, at whatever port of this machine.
fn is_approvals_page(asked: &Asked) -> bool {
    asked.client_id == APPROVALS_PAGE && is_loopback(&asked.redirect_uri) && asked.redirect_uri.ends_with("/login/callback")
}

fn keep<T>(map: &Mutex<HashMap<String, T>>, name: String, value: T) {
    let mut map = locked(map);
    if map.len() >= KEPT {
        map.clear();
    }
    map.insert(name, value);
}

#[cfg(test)]
mod tests;
