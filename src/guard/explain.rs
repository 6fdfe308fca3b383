//! Why a call is decided as it is: every rule with what it says to the call. For people; deciding does not go this way.

use super::condition::Met;
use super::rule::{Named, Rule, Selector, Unmet};
use super::subject::Subject;
use super::{Call, Circumstances, Guard, RuleRef, Who};
use crate::mcp::method::Target;
use crate::policy::Then;

/// One rule and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTrace {
    /// With what its conditions found, when it matched.
    pub rule: RuleRef,
    pub outcome: Outcome,
    /// It has conditions, and the call got as far as to be asked about them.
    pub conditions_asked: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Matched,
    Missed(Miss),
}

/// The first thing that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Miss {
    /// The call is no action, and the rule names no methods.
    NotGoverned,
    Selector(Selector),
    Condition {
        /// The section of the rule: `sql`.
        name: &'static str,
        /// It could not be told; a rule that allows does not match then.
        unsure: bool,
        /// Without values.
        because: Option<String>,
    },
}

impl Guard {
    /// Every rule in the policy's order. Where a call names several resources, a rule that matches one of them has matched.
    pub fn explain(&self, who: Who<'_>, call: &Call<'_>, circumstances: &Circumstances<'_>) -> Vec<RuleTrace> {
        let subject = Subject::new(who, call, circumstances);
        let names: Vec<Named<'_>> = match call.target {
            Target::None => vec![Named::Nothing],
            Target::Tool(name) => vec![Named::Tool(name)],
            Target::Prompt(name) => vec![Named::Prompt(name)],
            Target::Resource(uri) => vec![Named::Resource(uri)],
            Target::Resources(uris) if uris.is_empty() => vec![Named::Nothing],
            Target::Resources(uris) => uris.iter().map(Named::Resource).collect(),
        };
        self.rules.iter().map(|rule| traced(rule, &subject, &names)).collect()
    }
}

fn traced(rule: &Rule, subject: &Subject<'_>, names: &[Named<'_>]) -> RuleTrace {
    let missed = |miss| RuleTrace { rule: rule.reference.clone(), outcome: Outcome::Missed(miss), conditions_asked: false };
    if !subject.call.class.is_governed() && !rule.names_methods() {
        return missed(Miss::NotGoverned);
    }
    let misses: Vec<Option<Selector>> = names.iter().map(|named| rule.misses(subject.who, subject.call.method, named)).collect();
    if let (Some(Some(first)), true) = (misses.first(), misses.iter().all(Option::is_some)) {
        return missed(Miss::Selector(*first));
    }
    if rule.scopes_lacking(subject.who).is_some() {
        return missed(Miss::Selector(Selector::Scopes));
    }
    let conditions_asked = rule.has_conditions();
    match rule.conditions_asked(subject) {
        Ok(because) => RuleTrace { rule: RuleRef { because, ..rule.reference.clone() }, outcome: Outcome::Matched, conditions_asked },
        Err(Unmet { condition, met, because }) => {
            let unsure = met == Met::Unsure && rule.reference.then == Then::Allow;
            RuleTrace { conditions_asked, ..missed(Miss::Condition { name: condition, unsure, because }) }
        }
    }
}

impl Miss {
    /// The section of the rule it is about: `groups`, `sql`; `target` for `tools`, `resources` and `prompts` together.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotGoverned | Self::Selector(Selector::Methods) => "methods",
            Self::Selector(Selector::Target) => "target",
            Self::Selector(Selector::Groups) => "groups",
            Self::Selector(Selector::Users) => "users",
            Self::Selector(Selector::Clients) => "clients",
            Self::Selector(Selector::Actors) => "actors",
            Self::Selector(Selector::Scopes) => "scopes",
            Self::Condition { name, .. } => name,
        }
    }
}
