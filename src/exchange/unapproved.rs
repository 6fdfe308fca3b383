//! Calls that people have not approved, and what their callers are told.

use serde_json::json;

use super::event::{Metric, Step};
use super::{Engine, Exchange};
use crate::approval::Untrue;
use crate::audit::{Alert, Decision, Disposition};
use crate::mcp::message::{self, Era, Kind, Message};
use crate::mcp::reply::{self, INVALID_PARAMS, Page, REFUSED, Reply, http_error, rpc_error, tool_refused};
use crate::time::Time;

/// Why a call that needs an approval is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unapproved {
    /// Nobody has decided yet.
    Pending,
    /// With what the approver said.
    Denied(Option<String>),
    /// Nobody decided in time, or the approval was not used in time.
    Expired,
    /// The request was taken back.
    Cancelled,
    /// Who calls did not want to be asked.
    Declined,
    /// Another call has used it.
    Spent,
    /// The policy that asked was replaced while the call waited.
    PolicyChanged,
    /// The service does not answer, or not as it must.
    Unavailable(&'static str),
    /// The service says something that is not so.
    Untrue(Untrue),
    /// It cannot be shown whole to people.
    TooLarge,
    /// More rules ask than people can be asked.
    TooMany,
    /// As many calls wait as may.
    Busy,
    /// The state that came with the call is of another.
    State,
}

impl Unapproved {
    /// Stable word for the record.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Pending => "approval_pending",
            Self::Denied(_) => "approval_denied",
            Self::Expired => "approval_expired",
            Self::Cancelled => "approval_cancelled",
            Self::Declined => "approval_declined",
            Self::Spent => "approval_used",
            Self::PolicyChanged => "approval_policy_changed",
            Self::Unavailable(_) => "approvals_unavailable",
            Self::Untrue(Untrue::OwnRequest) => "approval_own_request",
            Self::Untrue(_) => "approval_not_valid",
            Self::TooLarge => "approval_too_large",
            Self::TooMany => "approval_too_many_rules",
            Self::Busy => "approvals_too_many_waiting",
            Self::State => "approval_state_mismatch",
        }
    }

    fn disposition(&self) -> Disposition {
        match self {
            Self::Pending => Disposition::Delayed,
            Self::Denied(_)
            | Self::Expired
            | Self::Cancelled
            | Self::Declined
            | Self::Spent
            | Self::PolicyChanged
            | Self::Untrue(_)
            | Self::State => Disposition::Blocked,
            Self::TooLarge | Self::TooMany => Disposition::Rejected,
            Self::Unavailable(_) | Self::Busy => Disposition::Error,
        }
    }

    /// What somebody should look at.
    pub(super) fn alert(&self) -> Option<Alert> {
        let kind = match self {
            Self::Unavailable(what) => (*what).to_owned(),
            Self::Untrue(untrue) => untrue.code().to_owned(),
            Self::State => "request_state".to_owned(),
            _ => return None,
        };
        Some(Alert { code: self.code().into(), kind: kind.into(), name: None, place: None })
    }

    /// For a model to read.
    pub(super) fn text(&self) -> String {
        const AGAIN: &str = "It was not made. Make the same call again";
        match self {
            Self::Pending => {
                "A person has to approve this call first, and nobody has decided yet. It was not made. Make the same call again, with the \
                              same arguments, when it is approved; a call with other arguments needs an approval of its own."
                    .to_owned()
            }
            Self::Denied(None) => "An approver has denied this call. It was not made.".to_owned(),
            Self::Denied(Some(reason)) => format!("An approver has denied this call, and says: {reason}"),
            Self::Expired => format!("The time to approve or to make this call is over. {AGAIN} to ask anew."),
            Self::Cancelled => format!("The request to approve this call was taken back. {AGAIN} to ask anew."),
            Self::Declined => "This call needs the approval of a person, which was not wanted. It was not made.".to_owned(),
            Self::Spent => format!("The approval of this call has been used by another. {AGAIN} to ask anew."),
            Self::PolicyChanged => format!("The policy of this endpoint has changed while this call waited for its approval. {AGAIN}."),
            Self::Unavailable(_) => format!("This call needs the approval of a person, and nobody can be asked now. {AGAIN} later."),
            Self::Untrue(_) => {
                "This call needs the approval of a person, and the one it has is not valid. It was not made; tell the operator \
                                of this endpoint."
                    .to_owned()
            }
            Self::TooLarge => {
                "This call needs the approval of a person, and its arguments are too long to be shown to one. It was not made. \
                               Make it with shorter ones."
                    .to_owned()
            }
            Self::TooMany => {
                "More rules of this endpoint want this call approved than people can be asked. It was not made; tell its operator."
                    .to_owned()
            }
            Self::Busy => format!("This call needs the approval of a person, and too many calls wait for one. {AGAIN} later."),
            Self::State => "Invalid or expired requestState".to_owned(),
        }
    }
}

impl Exchange {
    /// The one way to turn a call away that has no approval.
    pub(super) fn turn_away(&mut self, engine: &mut Engine, why: &Unapproved, now: Time) -> Step {
        engine.budgets.give_back(std::mem::take(&mut self.account), now);
        let message = message::parse(&self.body).ok();
        let text = self.told_text(why);
        let reply = match why {
            Unapproved::Pending => self.send_to_pages(engine, message.as_ref(), &text, now),
            Unapproved::State => {
                message.as_ref().and_then(Message::reply_id).map(|id| rpc_error(Some(id), INVALID_PARAMS, &why.text(), None, 200))
            }
            _ => None,
        };
        let reply = reply.unwrap_or_else(|| self.told(why, message.as_ref(), &text));
        self.facts.alerts.extend(why.alert());
        let (rule, rules) = self.facts.decision.take().map(|decision| (decision.rule, decision.rules)).unwrap_or_default();
        self.facts.decision =
            Some(Decision { disposition: why.disposition(), rule, rules, code: why.code().into(), message: Some(why.text()) });
        self.stop_asking(engine);
        self.answer(engine, reply, Metric::Unapproved, now)
    }

    /// All that there is to say, in one sentence after the other.
    fn told_text(&self, why: &Unapproved) -> String {
        let reference = self.facts.http.request_id.as_deref().unwrap_or("none");
        let named: Vec<String> = self
            .pages()
            .iter()
            .map(|(id, page)| page.as_ref().map_or_else(|| format!("`{id}`"), |page| format!("`{id}` ({page})")))
            .collect();
        let mut text = why.text();
        if *why == Unapproved::Pending && !named.is_empty() {
            text.push_str(&format!(" Approval {}.", named.join(", ")));
        }
        match self.facts.decision.as_ref().and_then(|decision| decision.rule.as_deref()) {
            Some(rule) => format!("{text} (rule `{rule}`, reference {reference})"),
            None => format!("{text} (reference {reference})"),
        }
    }

    /// In the shape of the call: a tool's result is what every client hands to its model.
    fn told(&self, why: &Unapproved, message: Option<&Message>, text: &str) -> Reply {
        let reference = self.facts.http.request_id.as_deref().unwrap_or("none");
        let ids: Vec<String> = self.pages().into_iter().map(|(id, _)| id).collect();
        let data = json!({ "code": why.code(), "approvals": ids, "reference": reference });
        match message.map(|message| (&message.kind, &message.era)) {
            None => http_error(403, why.code(), text),
            Some((Kind::Request { id, method }, era)) if method == "tools/call" => tool_refused(id, era, text),
            Some((Kind::Request { id, .. }, _)) => rpc_error(Some(id), REFUSED, text, Some(data), 200),
            Some((Kind::Notification { .. } | Kind::Response { .. }, _)) => rpc_error(None, REFUSED, text, Some(data), 403),
        }
    }

    /// A client that can show a page is sent to it. `None` for every other. `text` is in the error of 2025-11-25, because programs were seen to hand nothing else
    /// of an error to their model.
    fn send_to_pages(&self, engine: &Engine, message: Option<&Message>, text: &str, now: Time) -> Option<Reply> {
        let message = message?;
        let id = message.reply_id()?;
        let asking = self.asking.as_ref()?;
        if !asking.takes_pages {
            return None;
        }
        let said = asking.why.as_deref().unwrap_or("A person has to approve this call before it is made.");
        let urls: Vec<(String, String)> = self.pages().into_iter().filter_map(|(id, page)| Some((id, page?))).collect();
        let names: Vec<String> = urls
            .iter()
            .enumerate()
            .map(|(index, (id, _))| match &message.era {
                Era::Legacy => id.clone(),
                Era::Modern { .. } => crate::approval::question(index),
            })
            .collect();
        let pages: Vec<Page<'_>> = urls.iter().zip(&names).map(|((_, url), name)| Page { name, url, message: said }).collect();
        if pages.is_empty() {
            return None;
        }
        match &message.era {
            Era::Legacy => Some(reply::url_elicitation_required(id, &pages, text)),
            Era::Modern { .. } => {
                let state = self.continuation(engine, now)?;
                Some(reply::input_required(id, &pages, &state))
            }
        }
    }
}
