//! That a change was sent by the page itself and not by another site in its visitor's name.
//!
//! Two signs, both needed: the token of the session, which no other site can read, and where the browser says the request came from.

use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use subtle::ConstantTimeEq;

use super::super::answer::Problem;
use super::Page;
use super::session::Session;

/// For forms: the token is a field.
pub fn field(page: &Page, parts: &Parts, session: &Session, token: &str) -> Result<(), Problem> {
    let same = bool::from(token.as_bytes().ct_eq(session.csrf.as_bytes()));
    if same && is_from_here(page, parts) { Ok(()) } else { Err(refused()) }
}

/// For programs: the token is a header.
pub fn header(page: &Page, parts: &Parts, session: &Session) -> Result<(), Problem> {
    let token = parts.headers.get("x-csrf-token").and_then(|token| token.to_str().ok()).unwrap_or_default();
    field(page, parts, session, token)
}

/// What the browser says, where it says something. Both headers are its own: no script can set them.
fn is_from_here(page: &Page, parts: &Parts) -> bool {
    let said = |name: &str| parts.headers.get(name).map(|value| value.as_bytes());
    let site = said("sec-fetch-site").is_none_or(|site| site == b"same-origin");
    site && said(header::ORIGIN.as_str())
        .is_none_or(|origin| origin == page.origin.as_bytes() || (origin == b"null" && said("sec-fetch-site").is_some()))
}

fn refused() -> Problem {
    let message =
        "this was not sent by the page you have open, or that page is of an earlier login; open the request again and decide there";
    Problem::new(StatusCode::FORBIDDEN, "csrf", message)
}
