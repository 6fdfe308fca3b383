//! Who was asked, and what they said.

use super::facts::{Approval, ApprovalDecision, ApprovalState, Facts};
use super::json::Object;
use super::text::{ID, LINE, NAME, URI};

/// Questions of one call, and people of one question, on record. Both are fewer.
const QUESTIONS: usize = 8;
const PEOPLE: usize = 10;

/// `unmapped.approval`: of the rule that decided, which is the first that asks.
pub(super) fn first(unmapped: &mut Object<'_>, facts: &Facts) {
    if let Some(approval) = facts.approvals.first() {
        unmapped.object("approval", |object| one(object, facts, approval));
    }
}

/// `unmapped.other_approvals`: where several rules ask.
pub(super) fn others(unmapped: &mut Object<'_>, facts: &Facts) {
    let others = facts.approvals.iter().skip(1).take(QUESTIONS);
    unmapped.objects("other_approvals", others, |object, approval| one(object, facts, approval));
}

fn one(object: &mut Object<'_>, facts: &Facts, approval: &Approval) {
    // Taken apart without `..`: a new field does not compile until it is decided here.
    let Approval { rule, id, binding, state, decisions } = approval;
    let people = || decisions.iter().take(PEOPLE);
    let last = decisions.last();
    object.put("binding", ID.cut(binding));
    object.some("break_glass", decisions.iter().any(|decision| decision.break_glass).then_some(true));
    object.some("decided_at", last.and_then(|last| last.at.as_deref()).map(|at| ID.cut(at)));
    object.values("decided_by", people().map(|decision| LINE.cut(&decision.by)));
    if decisions.len() > 1 {
        object.objects("decisions", people(), decision);
    }
    object.some("id", id.as_deref().map(|id| ID.cut(id)));
    object.some("reason", last.and_then(|last| last.reason.as_deref()).map(|reason| LINE.cut(reason)));
    if let Some(principal) = &facts.principal {
        object.joined("requested_by", &[&URI.cut(&principal.issuer), "#", &ID.cut(&principal.subject)]);
    }
    object.put("rule", NAME.cut(rule));
    object.put("state", word(*state));
}

fn decision(object: &mut Object<'_>, decision: &ApprovalDecision) {
    let ApprovalDecision { by, at, reason, break_glass } = decision;
    object.some("at", at.as_deref().map(|at| ID.cut(at)));
    object.some("break_glass", break_glass.then_some(true));
    object.put("by", LINE.cut(by));
    object.some("reason", reason.as_deref().map(|reason| LINE.cut(reason)));
}

/// OCSF `authorizations`: what came of each question, under the rule that asked it.
pub(super) fn authorizations(record: &mut Object<'_>, facts: &Facts) {
    record.objects("authorizations", facts.approvals.iter().take(QUESTIONS), |object, Approval { rule, state, .. }| {
        object.put("decision", word(*state));
        object.object("policy", |policy| policy.put("uid", NAME.cut(rule)));
    });
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
