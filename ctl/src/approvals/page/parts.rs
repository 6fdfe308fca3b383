//! Pieces that several pages show.

use maud::{Markup, html};
use portcullis::time::Time;

use super::super::model::{ReviewState, State, Subject, Task, Verdict};
use super::super::moment;
use super::text::{clock, span, visible};

/// A name from outside; its direction does not touch what is around it.
pub fn name(text: &str) -> Markup {
    html! { bdi { (visible(text)) } }
}

/// How long ago; the script keeps it true.
pub fn since(at: Time, now: Time) -> Markup {
    html! { time datetime=(moment(at)) title=(clock(at)) data-since=(at.millis()) { (span(now.since(at))) } }
}

/// How long it still is.
pub fn left(until: Time, now: Time) -> Markup {
    html! { time datetime=(moment(until)) title=(clock(until)) data-until=(until.millis()) { (span(until.since(now))) } }
}

pub fn at(at: Time) -> Markup {
    html! { time datetime=(moment(at)) data-at=(at.millis()) { (clock(at)) } }
}

pub fn state_word(state: State) -> &'static str {
    match state {
        State::Pending => "waiting",
        State::Consumed { .. } => "approved, used",
        State::Denied => "refused",
        State::Cancelled => "taken back",
        other => other.word(),
    }
}

pub fn badge(task: &Task) -> Markup {
    html! {
        span class={ "badge " (task.state.word()) } { (state_word(task.state)) }
        @if task.review_state == ReviewState::Open { " " span class="badge emergency" { "emergency, not reviewed" } }
    }
}

/// The person, and what acts for them.
pub fn caller(subject: &Subject) -> Markup {
    let login = subject.login();
    html! {
        (name(login.name()))
        @if let Some(client) = &subject.client { " by " (name(client)) }
    }
}

pub fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "approved",
        Verdict::Deny => "refused",
    }
}

/// A line of a list.
pub fn row(task: &Task, now: Time) -> Markup {
    let asked = &task.asked;
    let yes = task.decisions.iter().filter(|decision| decision.verdict == Verdict::Approve).count();
    let quorum = asked.approvers.quorum.max(1);
    html! {
        li class="card" {
            a class="what" href={ "/r/" (task.id) } { code { (name(&asked.tool)) } }
            " " (badge(task))
            p class="by" { (caller(&asked.subject)) }
            @if let Some(message) = &asked.message { p class="why" { (name(message)) } }
            p class="when" {
                @if task.state == State::Pending {
                    "waits for " (since(task.created, now)) ", " (left(task.expires, now)) " left"
                    @if quorum > 1 { ", " (yes) " of " (quorum) " approvals" }
                } @else {
                    (at(task.created))
                }
                " · rule " (name(&asked.rule))
            }
        }
    }
}
