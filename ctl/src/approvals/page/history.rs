//! What was asked and decided, with a search.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::super::answer::{Asked, Problem};
use super::super::approver::{self, Found, STATUSES, Search};
use super::super::service::Service;
use super::layout::{self, Room};
use super::parts;
use super::session::Visitor;

/// On one page.
const MOST: usize = 50;

pub async fn show(State(service): State<Arc<Service>>, visitor: Visitor, asked: Result<Asked<Search>, Problem>) -> Response {
    let session = &visitor.session;
    let search = match asked {
        Ok(Asked(search)) => search,
        Err(problem) => return layout::problem(Some(session), &problem),
    };
    let view = search.view.clone().unwrap_or_else(|| "all".to_owned());
    let text = search.q.clone().unwrap_or_default();
    let wanted = Search { view: Some(view.clone()), limit: Some(MOST), ..search };
    let Found { tasks, next } = match approver::find(&service, &session.approver, wanted).await {
        Ok(found) => found,
        Err(problem) => return layout::problem(Some(session), &problem),
    };
    let older = next.map(|before| {
        let query = reqwest::Url::parse_with_params("http://page", [("q", &text), ("view", &view), ("before", &before)]);
        format!("/history?{}", query.ok().and_then(|url| url.query().map(str::to_owned)).unwrap_or_default())
    });
    let now = service.now();
    let content = html! {
        h1 { "History" }
        form class="search" method="get" action="/history" role="search" {
            label { "Search " input type="search" name="q" value=(text) maxlength="200" placeholder="tool, person, agent, rule or id"; }
            label { "Status "
                select name="view" {
                    option value="all" selected[view == "all"] { "all" }
                    @for status in STATUSES {
                        option value=(status) selected[view == status] { (spoken(status)) }
                    }
                }
            }
            button { "Search" }
        }
        div id="requests" data-live {
            @if tasks.is_empty() { p class="nothing" { "Nothing was found among the requests you may see." } }
            ul class="cards" { @for task in &tasks { (parts::row(task, now)) } }
            @if let Some(older) = &older { p { a class="button" href=(older) { "Older" } } }
        }
    };
    layout::page(Some(session), "History", Some(Room::History), &content, StatusCode::OK)
}

/// As the badges say it.
fn spoken(status: &str) -> &str {
    match status {
        "pending" => "waiting",
        "consumed" => "approved, used",
        "denied" => "refused",
        "cancelled" => "taken back",
        other => other,
    }
}
