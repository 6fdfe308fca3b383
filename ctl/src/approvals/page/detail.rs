//! One request: the exact call, who is behind it and why somebody is asked, and the form that decides.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use portcullis::time::Time;
use serde::Deserialize;

use super::super::answer::{Asked, Body, Id, Problem};
use super::super::approver;
use super::super::contract::bounded;
use super::super::journal::Entry;
use super::super::machine::Word;
use super::super::model::{self, Decision, Reason, Task, Verdict};
use super::super::service::Service;
use super::super::store::outbox::Sent;
use super::super::views::{self, May, Whole};
use super::form::{Fields, fields};
use super::layout::{self, sentence};
use super::parts::{self, at, left, name, since};
use super::session::{Session, Visitor};
use super::text::{json, span, visible};
use super::{Page, csrf};

#[derive(Deserialize)]
pub struct Followed {
    link: Option<String>,
}

pub async fn show(
    State(service): State<Arc<Service>>,
    Id(id): Id,
    Asked(followed): Asked<Followed>,
    visitor: Result<Visitor, Response>,
) -> Response {
    if let Some(link) = followed.link
        && service.signer.open_link(&link, service.now()).is_none_or(|link| link.task != id)
    {
        let message = "this link was not made here, was changed, or is too old";
        return layout::problem(None, &Problem::new(StatusCode::FORBIDDEN, "link", message));
    }
    match visitor {
        Ok(visitor) => rendered(&service, &visitor.session, &id, None, &Fields::default()).await,
        Err(response) => response,
    }
}

pub async fn decide(State(service): State<Arc<Service>>, Id(id): Id, visitor: Visitor, Body(body): Body) -> Response {
    let fields = fields(&body);
    let Some(page) = service.page.as_ref() else { return Problem::unknown().into_response() };
    let done = said(&service, page, &visitor, &id, &fields).await;
    answered(&service, &visitor.session, &id, done, &fields).await
}

async fn said(service: &Service, page: &Page, visitor: &Visitor, id: &str, fields: &Fields) -> Result<Task, Problem> {
    csrf::field(page, &visitor.parts, &visitor.session, &fields.csrf)?;
    let (verdict, break_glass) = match fields.decision.as_str() {
        "approve" => (Verdict::Approve, false),
        "deny" => (Verdict::Deny, false),
        "break_glass" => (Verdict::Approve, true),
        _ => return Err(Problem::invalid("say whether to approve or to refuse")),
    };
    bounded(Some(&fields.reason))?;
    let reason = Some(fields.reason.clone());
    service.decide(&visitor.session.approver, id, Word { verdict, reason, break_glass }).await
}

pub async fn review(State(service): State<Arc<Service>>, Id(id): Id, visitor: Visitor, Body(body): Body) -> Response {
    let fields = fields(&body);
    let Some(page) = service.page.as_ref() else { return Problem::unknown().into_response() };
    let done = async {
        csrf::field(page, &visitor.parts, &visitor.session, &fields.csrf)?;
        let justified = match fields.decision.as_str() {
            "justified" => true,
            "unjustified" => false,
            _ => return Err(Problem::invalid("say whether it was justified")),
        };
        bounded(Some(&fields.reason))?;
        service.review(&visitor.session.approver, &id, justified, &fields.reason).await
    };
    let done = done.await;
    answered(&service, &visitor.session, &id, done, &fields).await
}

/// Back to the request; what went wrong is said there, beside what was written.
async fn answered(service: &Service, session: &Session, id: &str, done: Result<Task, Problem>, fields: &Fields) -> Response {
    match done {
        Ok(task) => Redirect::to(&format!("/r/{}", task.id)).into_response(),
        Err(problem) => rendered(service, session, id, Some(&problem), fields).await,
    }
}

async fn rendered(service: &Service, session: &Session, id: &str, problem: Option<&Problem>, fields: &Fields) -> Response {
    let whole = match approver::whole(service, &session.approver, id).await {
        Ok(whole) => whole,
        Err(unseen) => return layout::problem(Some(session), problem.unwrap_or(&unseen)),
    };
    let may = views::may(service, &whole.task, &session.approver);
    let title = format!("{}: {}", parts::state_word(whole.task.state), visible(&whole.task.asked.tool));
    let content = content(&whole, may, session, problem, fields, service.now());
    let status = problem.map_or(StatusCode::OK, |problem| problem.status);
    layout::page(Some(session), &title, None, &content, status)
}

fn content(whole: &Whole, may: May, session: &Session, problem: Option<&Problem>, fields: &Fields, now: Time) -> Markup {
    let task = &whole.task;
    let asked = &task.asked;
    html! {
        p class="path" { a href="/" { "Waiting" } " / " code { (task.id) } }
        h1 { code { (name(&asked.tool)) } }
        div id="state" data-live { p class="state" { (parts::badge(task)) " " (standing(task, now)) } }
        p class="asks" { (parts::caller(&asked.subject)) " · rule " (name(&asked.rule)) }
        @if let Some(problem) = problem {
            p class="alert" role="alert" { (visible(&sentence(&problem.message))) }
        }
        @if let Some(message) = &asked.message { p class="message" { (name(message)) } }
        div class="columns" {
            section class="call" aria-labelledby="call" {
                h2 id="call" { "The call" }
                pre tabindex="0" aria-label="Arguments, masked" { code dir="ltr" { (json(&asked.shown)) } }
                p class="note" { "Masked by the filter's policy. An approval is for exactly this call." }
            }
            div class="side" {
                (form(task, may, session, fields))
                (facts(task))
            }
            div class="below" {
                div id="said" data-live { (said_so_far(task)) }
                (recent(&whole.recent, now))
                (happened(&whole.journal))
                @if !whole.notices.is_empty() { (notices(&whole.notices)) }
            }
        }
    }
}

fn notices(notices: &[Sent]) -> Markup {
    html! {
        details {
            summary { "Notices" }
            ul class="plain" {
                @for sent in notices {
                    li { (name(&sent.channel)) ": " (sent.happening) ", " (sent.status)
                        @if let Some(error) = &sent.error { " (" (name(error)) ")" } }
                }
            }
        }
    }
}

/// Where it stands, in words.
fn standing(task: &Task, now: Time) -> Markup {
    let quorum = task.asked.approvers.quorum.max(1);
    let yes = task.decisions.iter().filter(|decision| decision.verdict == Verdict::Approve).count();
    html! {
        @match task.state {
            model::State::Pending => {
                "for " (since(task.created, now)) ", " (left(task.expires, now)) " left"
                @if quorum > 1 { "; " (yes) " of " (quorum) " approvals" }
            }
            model::State::Approved { until, remaining } => { (remaining) @if remaining == 1 { " use" } @else { " uses" } " left, for " (left(until, now)) }
            _ => { @if let Some(ended) = task.ended { (at(ended)) } }
        }
    }
}

fn facts(task: &Task) -> Markup {
    let asked = &task.asked;
    let subject = &asked.subject;
    let approvers = &asked.approvers;
    html! {
        section aria-labelledby="facts" {
            h2 id="facts" { "Who and why" }
            dl {
                dt { "Person" } dd { (name(subject.login().name())) div class="small" { (name(&subject.id())) } }
                @if !subject.groups.is_empty() { dt { "Their groups" } dd { (list(&subject.groups)) } }
                @if let Some(client) = &subject.client { dt { "Agent" } dd { (name(client)) } }
                @if !subject.actors.is_empty() {
                    dt { "Acting for them" }
                    dd { @for actor in &subject.actors { div { (name(actor.subject.as_deref().or(actor.client.as_deref()).unwrap_or("unknown"))) } } }
                }
                dt { "Rule" } dd { (name(&asked.rule)) }
                dt { "Server" } dd { (name(&asked.endpoint)) }
                dt { "An approval is good for" }
                dd { (asked.grant.uses) @if asked.grant.uses == 1 { " call" } @else { " calls" } " within " (span(asked.grant.valid_seconds.saturating_mul(1000))) }
                dt { "Who may decide" }
                dd {
                    (list(&approvers.groups))
                    @if approvers.quorum > 1 { div class="small" { (approvers.quorum) " people" @if approvers.distinct_groups { ", of different groups" } } }
                }
                dt { "Asked by filter" } dd { (name(&task.filter)) }
                @if let Some(session) = &asked.session { dt { "Session" } dd class="small" { (name(session)) } }
            }
        }
    }
}

fn list(names: &[String]) -> Markup {
    html! { @for (index, one) in names.iter().enumerate() { @if index > 0 { ", " } (name(one)) } }
}

/// The form, or why there is none.
fn form(task: &Task, may: May, session: &Session, fields: &Fields) -> Markup {
    let required = may.break_glass || may.review || task.asked.approvers.reason == Reason::Required;
    let version = format!("{} {} {}", task.state.word(), task.decisions.len(), task.review_state.word());
    let action = if may.review { format!("/r/{}/review", task.id) } else { format!("/r/{}", task.id) };
    html! {
        section id="decide" class="decide" data-live data-version=(version) aria-labelledby="decision" {
            h2 id="decision" { @if may.review { "Review" } @else { "Decision" } }
            @if may.approve || may.deny || may.break_glass || may.review {
                @if may.break_glass {
                    p class="warn" { "You are in none of the groups that decide on this. In an emergency you may approve it alone: others are told at once and will review it." }
                }
                @if may.review { p class="warn" { "This was approved in an emergency. Was that justified?" } }
                @if let (false, Some("already_said")) = (may.approve, may.why_not) { p { "You have approved this; it waits for others. You can still refuse it." } }
                form method="post" action=(action) {
                    input type="hidden" name="csrf" value=(session.csrf);
                    label for="reason" { "Reason" @if required { " (needed)" } @else { " (may be left out)" } }
                    textarea id="reason" name="reason" rows="2" maxlength="4096" required[required] { (fields.reason) }
                    div class="buttons" {
                        @if may.approve { button class="yes" name="decision" value="approve" { "Approve" } }
                        @if may.deny { button class="no" name="decision" value="deny" { "Refuse" } }
                        @if may.break_glass { button class="no" name="decision" value="break_glass" { "Break glass: approve alone" } }
                        @if may.review {
                            button class="yes" name="decision" value="justified" { "It was justified" }
                            button class="no" name="decision" value="unjustified" { "It was not" }
                        }
                    }
                }
            } @else {
                p { (why_not(may)) }
            }
        }
    }
}

fn why_not(may: May) -> &'static str {
    match may.why_not {
        Some("own_request") => "This is your own request, or that of an agent of yours: somebody else has to decide.",
        Some("not_an_approver") => "You may look at this. You are in none of the groups that decide on it.",
        Some("already_decided") => "There is nothing left to decide.",
        _ => "You cannot decide on this.",
    }
}

fn said_so_far(task: &Task) -> Markup {
    let one = |decision: &Decision| {
        html! {
            li {
                strong { (name(decision.by.name())) } " " (parts::verdict_word(decision.verdict))
                @if decision.break_glass { " alone, in an emergency" } @else { " for " (list(&decision.groups)) }
                ", " (at(Time::from_millis(decision.at)))
                @if let Some(reason) = &decision.reason { blockquote { (name(reason)) } }
            }
        }
    };
    html! {
        @if !task.decisions.is_empty() {
            section aria-labelledby="decisions" {
                h2 id="decisions" { "What was said" }
                ul class="plain" {
                    @for decision in &task.decisions { (one(decision)) }
                    @if let Some(review) = &task.review {
                        li {
                            strong { (name(review.by.name())) } " found the emergency " @if review.justified { "justified" } @else { "not justified" }
                            ", " (at(Time::from_millis(review.at)))
                            blockquote { (name(&review.reason)) }
                        }
                    }
                }
            }
        }
    }
}

fn recent(tasks: &[Task], now: Time) -> Markup {
    html! {
        section aria-labelledby="recent" {
            h2 id="recent" { "What they asked for before" }
            @if tasks.is_empty() { p class="nothing" { "Nothing that you may see." } }
            ul class="cards" { @for task in tasks { (parts::row(task, now)) } }
        }
    }
}

fn happened(journal: &[Entry]) -> Markup {
    html! {
        details id="journal" {
            summary { "What happened to this request" }
            ol class="plain" {
                @for entry in journal {
                    li { (at(Time::from_millis(entry.at))) " " (entry.event) " " span class="small" { "line " (entry.seq) } }
                }
            }
        }
    }
}
