//! Who approved a call that had to be.

use super::facts::{Approval, ApprovalDecision};
use super::json::{Node, Object};
use super::text::{ID, LINE, NAME};

/// Decisions of one request on record: a quorum is a handful.
const DECISIONS: usize = 16;

/// In full, for which OCSF has no place.
pub(super) fn in_full(approval: &Approval) -> Object<'_> {
    let Approval { id, binding, state, decisions } = approval;
    let decisions: Vec<Node<'_>> = decisions.iter().take(DECISIONS).map(decision).collect();
    Object::new()
        .with("binding", ID.cut(binding))
        .with_some("decisions", (!decisions.is_empty()).then_some(decisions))
        .with("id", ID.cut(id))
        .with("state", NAME.cut(state))
}

fn decision(decision: &ApprovalDecision) -> Node<'_> {
    let ApprovalDecision { by, at, reason } = decision;
    Object::new()
        .with_some("at", at.map(|at| at.millis()))
        .with("by", NAME.cut(by))
        .with_some("reason", reason.as_deref().map(|reason| LINE.cut(reason)))
        .into()
}

/// OCSF `authorizations`: what was decided, under the request's name.
pub(super) fn authorizations(approval: &Approval) -> Vec<Node<'_>> {
    let policy = Object::new().with("name", "approval").with("uid", ID.cut(&approval.id));
    vec![Object::new().with("decision", NAME.cut(&approval.state)).with("policy", policy).into()]
}
