//! The frame around each page, and problems as pages.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::super::answer::Problem;
use super::session::Session;
use super::text::visible;

/// Nothing but our own style sheet, script and endpoints; forms go here only, and nobody frames a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// A page of the navigation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Room {
    Waiting,
    Reviews,
    History,
}

pub fn page(session: Option<&Session>, title: &str, room: Option<Room>, content: &Markup, status: StatusCode) -> Response {
    let link = |this: Room, address: &str, name: &str| {
        html! { a href=(address) aria-current=[(room == Some(this)).then_some("page")] { (name) } }
    };
    let whole = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Portcullis approvals" }
                link rel="stylesheet" href="/assets/page.css";
                @if session.is_some() {
                    script src="/assets/page.js" defer {}
                }
            }
            body {
                a class="skip" href="#content" { "Skip to the content" }
                header class="bar" {
                    a class="name" href="/" { "Portcullis " span { "approvals" } }
                    @if let Some(session) = session {
                        nav aria-label="Pages" {
                            (link(Room::Waiting, "/", "Waiting"))
                            (link(Room::Reviews, "/reviews", "Reviews"))
                            (link(Room::History, "/history", "History"))
                        }
                        form class="who" method="post" action="/logout" {
                            bdi title=(visible(&session.approver.login.id())) { (visible(session.approver.login.name())) }
                            input type="hidden" name="csrf" value=(session.csrf);
                            button class="quiet" { "Log out" }
                        }
                    }
                }
                main id="content" tabindex="-1" { (content) }
                p id="live" class="unseen" role="status" {}
                p id="stale" class="stale" role="alert" hidden { "Not live any more. " a href="" { "Load this page again" } }
            }
        }
    };
    let mut response = (status, Html(whole.into_string())).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// What went wrong, in plain words.
pub fn problem(session: Option<&Session>, problem: &Problem) -> Response {
    let title = match problem.status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::TOO_MANY_REQUESTS => "Too many requests",
        _ if problem.is_revoked() => "No access",
        StatusCode::UNAUTHORIZED => "Logged out",
        _ if problem.error == "login" => "Not logged in",
        _ => "That did not work",
    };
    let content = html! {
        h1 { (title) }
        p class="alert" role="alert" { (visible(&sentence(&problem.message))) }
        p {
            @if session.is_some() { a class="button" href="/" { "What waits" } } @else { a class="button" href="/" { "Log in" } }
        }
    };
    let mut response = page(session, title, None, &content, problem.status);
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// With a capital letter and a full stop.
pub fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first: String = chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let stop = if message.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}
