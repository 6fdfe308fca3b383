//! Who was asked, and what they said.

use super::facts::{Approval, ApprovalDecision, ApprovalState, Facts};
use super::json::{Node, Object};
use super::text::{ID, LINE, NAME, URI};

/// Questions of one call, and people of one question, on record. Both are fewer.
const QUESTIONS: usize = 8;
const PEOPLE: usize = 10;

/// `unmapped.approval`: of the rule that decided, which is the first that asks.
pub(super) fn first(facts: &Facts) -> Option<Object<'_>> {
    facts.approvals.first().map(|approval| one(facts, approval))
}

/// `unmapped.other_approvals`: where several rules ask.
pub(super) fn others(facts: &Facts) -> Option<Vec<Node<'_>>> {
    let others: Vec<Node<'_>> = facts.approvals.iter().skip(1).take(QUESTIONS).map(|approval| one(facts, approval).into()).collect();
    (!others.is_empty()).then_some(others)
}

fn one<'a>(facts: &'a Facts, approval: &'a Approval) -> Object<'a> {
    // Taken apart without `..`: a new field does not compile until it is decided here.
    let Approval { rule, id, binding, state, decisions } = approval;
    let requested_by = facts.principal.as_ref().map(|principal| format!("{}#{}", URI.cut(&principal.issuer), ID.cut(&principal.subject)));
    let said: Vec<Node<'_>> = decisions.iter().take(PEOPLE).map(decision).collect();
    let by: Vec<Node<'_>> = decisions.iter().take(PEOPLE).map(|decision| LINE.cut(&decision.by).into()).collect();
    let last = decisions.last();
    Object::new()
        .with("rule", NAME.cut(rule))
        .with_some("id", id.as_deref().map(|id| ID.cut(id)))
        .with("binding", ID.cut(binding))
        .with_some("requested_by", requested_by)
        .with("state", word(*state))
        .with_some("decided_by", (!by.is_empty()).then_some(by))
        .with_some("decided_at", last.and_then(|last| last.at.as_deref()).map(|at| ID.cut(at)))
        .with_some("reason", last.and_then(|last| last.reason.as_deref()).map(|reason| LINE.cut(reason)))
        .with_some("decisions", (said.len() > 1).then_some(said))
        .with_some("break_glass", decisions.iter().any(|decision| decision.break_glass).then_some(true))
}

fn decision(decision: &ApprovalDecision) -> Node<'_> {
    let ApprovalDecision { by, at, reason, break_glass } = decision;
    Object::new()
        .with("by", LINE.cut(by))
        .with_some("at", at.as_deref().map(|at| ID.cut(at)))
        .with_some("reason", reason.as_deref().map(|reason| LINE.cut(reason)))
        .with_some("break_glass", break_glass.then_some(true))
        .into()
}

/// OCSF `authorizations`: what came of each question, under the rule that asked it.
pub(super) fn authorizations(facts: &Facts) -> Option<Vec<Node<'_>>> {
    fn one(Approval { rule, state, .. }: &Approval) -> Node<'_> {
        Object::new().with("decision", word(*state)).with("policy", Object::new().with("uid", NAME.cut(rule))).into()
    }
    let all: Vec<Node<'_>> = facts.approvals.iter().take(QUESTIONS).map(one).collect();
    (!all.is_empty()).then_some(all)
}

fn word(state: ApprovalState) -> &'static str {
    match state {
        ApprovalState::New => "new",
        ApprovalState::Pending => "pending",
        ApprovalState::Approved => "approved",
        ApprovalState::Used => "used",
        ApprovalState::Denied => "denied",
        ApprovalState::Expired => "expired",
        ApprovalState::Cancelled => "cancelled",
        ApprovalState::Failed => "failed",
    }
}
