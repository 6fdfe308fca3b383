//! Who may do what: a verified caller and one call in, a verdict out.
//!
//! # What the rules mean
//!
//! **Governed calls** are actions: `tools/call`, `resources/read`, `resources/subscribe`, `resources/unsubscribe`,
//! `prompts/get`, `completion/complete`, `tasks/list`, `subscriptions/listen` when it names resources, and every method
//! that no revision of the protocol knows. They need a rule that allows them; else the policy's `default` decides.
//!
//! **Other calls** keep a connection going or ask what there is (`initialize`, `ping`, notifications, lists, tasks, the
//! GET stream, the end of a session). Every verified caller may make them, unless a `deny` rule names them in `methods`.
//! Rules without `methods` do not speak about them. The names for what has no method of its own: `http/get`, `http/delete`,
//! and `rpc/response` for a client's answer to the server.
//!
//! **A rule matches** when everything it says is true of the call:
//! - `groups`: the caller is in one of them;
//! - `users`: one of them is the caller's user name, subject or e-mail address;
//! - `clients`: one of them is the client the token was issued to; a token without a client matches none;
//! - `actors`: one of them is the subject or client of a party that acts for the caller (`act`, RFC 8693). A rule that allows looks at the current
//!   actor only, as the RFC has it; one that denies looks at the whole chain;
//! - `scopes`: the token has all of them (only in a rule that allows; scopes are compared as they are, whatever hierarchy an issuer may have);
//! - `methods`: one of them is the method;
//! - `tools`, `resources`, `prompts`: taken together, one of them names what is called. A rule with `tools` says nothing
//!   about a call that has no tool, and likewise for the others.
//!
//! Where rules would allow the call but for scopes, and nothing else allows or denies it, the refusal names the scopes of the rule that lacks fewest:
//! HTTP 403 with a challenge, upon which a client asks for a better token. With `default: allow` such a call is allowed.
//!
//! A rule that says none of these matches every governed call.
//!
//! **Deny beats ask, ask beats allow**, and the order of the rules does not matter: all rules are looked at. A rule in `mode: observe`
//! is reported like the others but decides nothing.
//!
//! **A rule that asks** holds a call back and, once people have approved, allows it: no other rule need allow it. It matches as one that denies does
//! (what cannot be told counts as a match, one reading of a resource is enough, the whole chain of actors counts). When several ask, each is
//! a question of its own to its own approvers, and all of them must be approved.
//!
//! **Names are compared exactly**, case included, as servers do; `*` stands for any run of characters, `/` and `.`
//! included. A resource is looked at twice: as written, and as a file server reads it (percent-encoding undone, `.` and `..`
//! resolved, see [`crate::mcp::uri`]). A `deny` needs one of the two to match, an `allow` both (or the very spelling in the rule), so that
//! `file:///srv/../etc/passwd` is not within `file:///srv/*` and is within `file:///etc/*`.
//! A call that names several resources is refused if any of them is.

mod arguments;
mod attacks;
pub mod budget;
mod by_tool;
mod cel;
pub mod clients;
mod condition;
mod ever;
mod explain;
pub mod history;
mod ledger;
mod memo;
mod normal;
mod party;
mod refusal;
mod rule;
mod seen;
pub mod server;
pub mod shell;
pub mod sql;
mod subject;
pub mod tools;
mod value;

use std::sync::Arc;

use crate::mcp::message::Message;
use crate::mcp::method::{self, Class, Target};
use crate::policy;

pub use ever::{Offer, Template};
pub use explain::{Miss, Outcome, RuleTrace};
pub use ledger::Trouble;
pub use party::Party;
pub use refusal::refuse;
pub use rule::Selector;
pub use subject::Circumstances;

use by_tool::ByTool;
use rule::{Named, Rule};
use subject::Subject;

/// The verified caller, as far as rules speak about callers.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// The claim the policy takes for the user's name.
    pub user: &'a str,
    /// `sub`
    pub subject: &'a str,
    /// `iss`
    pub issuer: &'a str,
    pub email: Option<&'a str>,
    pub groups: &'a [String],
    pub client: Option<&'a str>,
    /// Scopes of the token.
    pub scopes: &'a [String],
    /// Who acts for the caller, the current actor first.
    pub actors: &'a [Actor<'a>],
    /// The claims of the token as JSON, where [`Guard::reads_claims`] asked for them.
    pub claims: Option<&'a str>,
}

#[cfg(test)]
impl Who<'static> {
    /// Nobody in particular: in no group, with no scope.
    pub(crate) const ANYBODY: Self =
        Self { user: "u", subject: "u", issuer: "", email: None, groups: &[], client: None, scopes: &[], actors: &[], claims: None };
}

/// One party of an `act` chain.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    pub subject: Option<&'a str>,
    pub client: Option<&'a str>,
}

/// One call, as far as rules speak about calls.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub method: &'a str,
    pub class: Class,
    pub target: &'a Target,
    /// `params.arguments` as written, of a call that has them.
    pub arguments: Option<&'a str>,
}

impl Call<'static> {
    /// A stream of the server's messages is opened.
    pub const GET: Self = Self { method: method::HTTP_GET, class: Class::Lifecycle, target: &Target::None, arguments: None };
    /// A session is ended.
    pub const DELETE: Self = Self { method: method::HTTP_DELETE, class: Class::Lifecycle, target: &Target::None, arguments: None };
}

impl<'a> Call<'a> {
    /// `body` is what `message` was read from.
    pub fn of(message: &'a Message, body: &'a [u8]) -> Self {
        let arguments = message.arguments.clone().and_then(|range| body.get(range)).and_then(|bytes| std::str::from_utf8(bytes).ok());
        Self { method: message.method(), class: message.class, target: &message.target, arguments }
    }
}

/// A rule that cannot be made to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Below `rules`: `[2].when`.
    pub path: String,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Allow,
    /// Once people have approved what [`Verdict::asking`] names.
    Ask,
    Refuse,
}

/// What an action rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The rule in [`Verdict::deciding`].
    Rule,
    /// No rule spoke: the policy's `default`.
    Default,
    /// No rule is needed: the call is no action.
    Open,
}

/// A rule of the policy, by its place and its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// Position in the policy, from 0.
    pub index: usize,
    pub id: Arc<str>,
    /// What the rule asks for.
    pub then: policy::Then,
    /// `mode: observe`: it matched and had no say.
    pub observed: bool,
    /// `record: before`: what it matches is on record before it is forwarded.
    pub recorded_first: bool,
    /// What its conditions found in the call, one line for each; without values.
    pub because: Vec<String>,
}

/// What is done with a call, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub action: Action,
    pub basis: Basis,
    /// The first rule in the policy that asked for what is done.
    pub deciding: Option<RuleRef>,
    /// Every rule that matched, in the policy's order.
    pub matched: Vec<RuleRef>,
    /// What the deciding rule tells the caller on a refusal, and people who are asked.
    pub message: Option<Arc<str>>,
    /// On a refusal for want of them: all scopes a token needs for the call.
    pub needed_scopes: Vec<Arc<str>>,
}

/// The policy's rules, ready to decide.
#[derive(Clone, Debug)]
pub struct Guard {
    default: Action,
    rules: Vec<Rule>,
    by_tool: ByTool,
}

impl Guard {
    /// All mistakes at once.
    pub fn compile(default: policy::Default, rules: &[policy::Rule]) -> Result<Self, Vec<Mistake>> {
        let default = match default {
            policy::Default::Allow => Action::Allow,
            policy::Default::Deny => Action::Refuse,
        };
        let mut mistakes = Vec::new();
        let by_tool = ByTool::compile(rules);
        let rules = rules.iter().enumerate().map(|(index, rule)| Rule::compile(index, rule, &mut mistakes)).collect();
        if mistakes.is_empty() { Ok(Self { default, rules, by_tool }) } else { Err(mistakes) }
    }

    /// Whether a rule looks at claims that [`Who`] has no field for.
    pub fn reads_claims(&self) -> bool {
        self.rules.iter().any(Rule::reads_claims)
    }

    /// Looks at every rule; pure, and the same for every order of the rules but for which one is named as deciding.
    pub fn decide(&self, who: Who<'_>, call: &Call<'_>, circumstances: &Circumstances<'_>) -> Verdict {
        let subject = Subject::new(who, call, circumstances);
        let about = |named: Named<'_>| self.about(&subject, &named);
        match call.target {
            Target::None => about(Named::Nothing),
            Target::Tool(name) => about(Named::Tool(name)),
            Target::Prompt(name) => about(Named::Prompt(name)),
            Target::Resource(uri) => about(Named::Resource(uri)),
            Target::Resources(uris) => {
                uris.iter().map(|uri| about(Named::Resource(uri))).reduce(Verdict::strictest).unwrap_or_else(|| about(Named::Nothing))
            }
        }
    }

    /// In their order, those whose selectors a call meets.
    fn rules_for(&self, named: &Named<'_>, method: &str, who: Who<'_>, governed: bool) -> impl Iterator<Item = &Rule> {
        let (by_tool, others) = match named {
            Named::Tool(tool) => (self.by_tool.rules(tool), [].as_slice()),
            _ => (Vec::new(), self.rules.as_slice()),
        };
        let by_tool = by_tool.into_iter().filter_map(|told| self.rules.get(told.rule).map(|rule| (rule, told.ask)));
        let all = by_tool.chain(others.iter().map(|rule| (rule, true)));
        all.filter(move |(rule, ask)| {
            (governed || rule.names_methods()) && rule.is_for(method) && (!ask || rule.is_about(named)) && rule.misses_caller(who).is_none()
        })
        .map(|(rule, _)| rule)
    }

    fn about(&self, subject: &Subject<'_>, named: &Named<'_>) -> Verdict {
        let Subject { who, call, .. } = *subject;
        let governed = call.class.is_governed();
        let mut matched = Vec::new();
        let (mut denying, mut asking, mut allowing) = (None, None, None);
        let mut needed: Option<&[Arc<str>]> = None;
        for rule in self.rules_for(named, call.method, who, governed) {
            if let Some(scopes) = rule.scopes_lacking(who) {
                if !rule.reference.observed && needed.is_none_or(|fewest| lacking(scopes, who) < lacking(fewest, who)) {
                    needed = Some(scopes);
                }
                continue;
            }
            let Some(because) = rule.conditions_met(subject) else { continue };
            matched.push(RuleRef { because, ..rule.reference.clone() });
            let first = match (rule.reference.observed, rule.reference.then) {
                (true, _) => continue,
                (false, policy::Then::Deny) => &mut denying,
                (false, policy::Then::Ask) => &mut asking,
                (false, policy::Then::Allow) => &mut allowing,
            };
            first.get_or_insert(rule);
        }
        let (action, basis, deciding) = match (denying, asking, allowing) {
            (Some(deny), _, _) => (Action::Refuse, Basis::Rule, Some(deny)),
            (None, Some(ask), _) => (Action::Ask, Basis::Rule, Some(ask)),
            (None, None, _) if !governed => (Action::Allow, Basis::Open, None),
            (None, None, Some(allow)) => (Action::Allow, Basis::Rule, Some(allow)),
            (None, None, None) => (self.default, Basis::Default, None),
        };
        let message = match action {
            Action::Refuse | Action::Ask => deciding.and_then(|rule| rule.message.clone()),
            Action::Allow => None,
        };
        let needed_scopes = match (action, basis) {
            (Action::Refuse, Basis::Default) => needed.map(<[_]>::to_vec).unwrap_or_default(),
            _ => Vec::new(),
        };
        Verdict { action, basis, deciding: deciding.map(|rule| rule.reference.clone()), matched, message, needed_scopes }
    }
}

/// How many of these the caller has not.
fn lacking(scopes: &[Arc<str>], who: Who<'_>) -> usize {
    scopes.iter().filter(|scope| !who.scopes.iter().any(|held| **held == ***scope)).count()
}

impl Verdict {
    /// Whether the call has to be on record before it is forwarded.
    pub fn is_recorded_first(&self) -> bool {
        self.matched.iter().any(|rule| rule.recorded_first && !rule.observed)
    }

    /// The rules that want a person asked, in the policy's order.
    pub fn asking(&self) -> impl Iterator<Item = &RuleRef> {
        self.matched.iter().filter(|rule| rule.then == policy::Then::Ask && !rule.observed)
    }

    /// The same, when people have approved what these rules (by their place) ask for.
    #[must_use]
    pub fn approved(mut self, rules: &[usize]) -> Self {
        if self.action == Action::Ask && self.asking().all(|rule| rules.contains(&rule.index)) {
            self.action = Action::Allow;
            self.message = None;
        }
        self
    }

    /// Of two verdicts on parts of one call: a refusal if there is one, else a question, and all that matched. Scopes help only if they help with both parts.
    fn strictest(self, other: Self) -> Self {
        let curable = |verdict: &Self| verdict.action != Action::Refuse || !verdict.needed_scopes.is_empty();
        let mut scopes = if curable(&self) && curable(&other) {
            [self.needed_scopes.as_slice(), other.needed_scopes.as_slice()].concat()
        } else {
            Vec::new()
        };
        scopes.sort();
        scopes.dedup();
        let strictness = |verdict: &Self| match verdict.action {
            Action::Allow => 0,
            Action::Ask => 1,
            Action::Refuse => 2,
        };
        let (mut kept, dropped) = if strictness(&other) > strictness(&self) { (other, self) } else { (self, other) };
        kept.matched.extend(dropped.matched);
        kept.matched.sort_by_key(|rule| rule.index);
        kept.matched.dedup();
        kept.needed_scopes = scopes;
        kept
    }
}

#[cfg(test)]
mod tests;
