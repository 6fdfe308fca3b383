//! What waits for a decision, and emergencies that wait for a second look.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::super::approver::{self, Found, Search};
use super::super::service::Service;
use super::layout::{self, Room};
use super::parts;
use super::session::Visitor;

/// More than anybody decides on in one go.
const MOST: usize = 100;

pub async fn waiting(State(service): State<Arc<Service>>, visitor: Visitor) -> Response {
    show(&service, &visitor, Room::Waiting).await
}

pub async fn reviews(State(service): State<Arc<Service>>, visitor: Visitor) -> Response {
    show(&service, &visitor, Room::Reviews).await
}

async fn show(service: &Service, visitor: &Visitor, room: Room) -> Response {
    let session = &visitor.session;
    let (view, title, nothing) = match room {
        Room::Reviews => ("reviews", "Emergencies to review", "No emergency waits for your review."),
        _ => ("waiting", "Waiting for a decision", "Nothing waits for you. New requests appear here by themselves."),
    };
    let search = Search { view: Some(view.to_owned()), limit: Some(MOST), ..Search::default() };
    let Found { mut tasks, next } = match approver::find(service, &session.approver, search).await {
        Ok(found) => found,
        Err(problem) => return layout::problem(Some(session), &problem),
    };
    if room == Room::Reviews {
        // Emergencies of others are seen by more people than may review them.
        tasks.retain(|task| service.rules.may_review(task, &session.approver).is_ok());
    }
    let now = service.now();
    let content = html! {
        h1 { (title) }
        div id="requests" data-live data-count=(tasks.len()) {
            @if tasks.is_empty() { p class="nothing" { (nothing) } }
            ul class="cards" { @for task in &tasks { (parts::row(task, now)) } }
            @if next.is_some() { p class="note" { "There are more; the newest " (MOST) " are shown. " a href="/history?view=pending" { "Search all" } } }
        }
    };
    layout::page(Some(session), title, Some(room), &content, StatusCode::OK)
}
