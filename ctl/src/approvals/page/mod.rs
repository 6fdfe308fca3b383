//! The page where people decide: plain HTML made here, one style sheet, one script; it works without the script.
//!
//! ```text
//! list, history, detail -> { session, csrf, layout } ; login -> session
//! ```
//!
//! Whatever a page shows came from outside: `maud` escapes it, `text` makes hidden characters visible, and the policy of each answer
//! lets nothing run but our own script.

mod assets;
mod csrf;
mod detail;
mod form;
mod history;
mod layout;
mod list;
mod login;
mod parts;
mod session;
mod text;

use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::http::request::Parts;
use axum::routing::{get, post};
use portcullis::policy::approval_service::{self as config, Config};

use super::Clock;
use super::answer::Problem;
use super::authn::Tokens;
use super::rules::Approver;
use super::service::Service;

/// What logins need.
pub struct Page {
    login: config::Login,
    /// Verifies ID tokens.
    tokens: Tokens,
    http: reqwest::Client,
    /// `PUBLIC_URL/login/callback`.
    callback: String,
    /// Scheme, host and port of the page.
    origin: String,
    /// Whether cookies go over TLS only.
    secure: bool,
    discovered: login::Discovered,
}

impl Page {
    pub fn new(login: &config::Login, config: &Config, clock: Clock) -> Result<Self> {
        let tokens = Tokens::start(&login.identity, &config.approvers.audience, clock)?;
        // A redirect could lead the code, and the client's secret, elsewhere.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(login::PATIENCE).build()?;
        let url = reqwest::Url::parse(&config.public_url).context("`public_url` cannot be read")?;
        Ok(Self {
            login: login.clone(),
            tokens,
            http,
            callback: format!("{}/login/callback", config.public_url),
            origin: url.origin().ascii_serialization(),
            secure: url.scheme() == "https",
            discovered: login::Discovered::default(),
        })
    }

    /// Who sent a request for an endpoint of programs, by the page's session. What changes something must say that the page sent it.
    pub async fn of_program(&self, parts: &Parts, service: &Service) -> Result<Option<Approver>, Problem> {
        let Some(session) = session::find(self, parts, service).await? else { return Ok(None) };
        if !parts.method.is_safe() {
            csrf::header(self, parts, &session)?;
        }
        Ok(Some(session.approver))
    }
}

pub fn router() -> Router<Arc<Service>> {
    Router::new()
        .route("/", get(list::waiting))
        .route("/reviews", get(list::reviews))
        .route("/history", get(history::show))
        .route("/r/{id}", get(detail::show).post(detail::decide))
        .route("/r/{id}/review", post(detail::review))
        .route("/login", get(login::begin))
        .route("/login/callback", get(login::finish))
        .route("/logout", post(login::end))
        .route("/assets/page.css", get(assets::style))
        .route("/assets/page.js", get(assets::script))
}
