//! One rule, made quick to ask.

use std::sync::Arc;

use super::condition::{self, Condition, Met};
use super::ever::Template;
use super::subject::Subject;
use super::{Actor, Mistake, RuleRef, Who};
use crate::mcp::uri::Uri;
use crate::policy::value::Glob;
use crate::policy::{self, Mode, Then};

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) reference: RuleRef,
    pub(super) message: Option<Arc<str>>,
    groups: Vec<Pattern>,
    users: Vec<Pattern>,
    clients: Vec<Pattern>,
    scopes: Vec<Arc<str>>,
    actors: Vec<Pattern>,
    methods: Vec<Pattern>,
    tools: Vec<Pattern>,
    resources: Vec<Pattern>,
    prompts: Vec<Pattern>,
    conditions: Vec<Arc<dyn Condition>>,
}

/// What a rule says of a call before any condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selector {
    Methods,
    /// `tools`, `resources` and `prompts`.
    Target,
    Groups,
    Users,
    Clients,
    Actors,
    Scopes,
}

/// A condition that keeps a rule from matching.
pub(super) struct Unmet {
    pub(super) condition: &'static str,
    pub(super) met: Met,
    pub(super) because: Option<String>,
}

/// What a call names.
pub(super) enum Named<'a> {
    Nothing,
    Tool(&'a str),
    Prompt(&'a str),
    Resource(&'a Uri),
    /// Not a call: what a list offers (see `ever`).
    Template(&'a Template),
}

impl Rule {
    pub(super) fn compile(index: usize, rule: &policy::Rule, mistakes: &mut Vec<Mistake>) -> Self {
        // Every field is named, so that a new one does not compile until this says what it means.
        let policy::Rule { id, groups, users, clients, scopes, actors, methods, tools, resources, prompts, then, mode, message, .. } = rule;
        let policy::Rule { arguments: _, sql: _, shell: _, attacks: _, when: _, after: _, record, .. } = rule;
        let patterns = |globs: &[Glob]| globs.iter().map(Pattern::compile).collect();
        let reference = RuleRef {
            index,
            id: id.as_str().into(),
            then: *then,
            observed: *mode == Mode::Observe,
            recorded_first: record.before,
            because: Vec::new(),
        };
        Self {
            reference,
            message: message.as_deref().map(Arc::from),
            groups: patterns(groups),
            users: patterns(users),
            clients: patterns(clients),
            scopes: scopes.iter().map(|scope| scope.as_str().into()).collect(),
            actors: patterns(actors),
            methods: patterns(methods),
            tools: patterns(tools),
            resources: patterns(resources),
            prompts: patterns(prompts),
            conditions: condition::compile(index, rule, mistakes),
        }
    }

    /// What the conditions found, when all of them hold; `None` when one does not.
    pub(super) fn conditions_met(&self, subject: &Subject<'_>) -> Option<Vec<String>> {
        self.conditions_asked(subject).ok()
    }

    /// The same, with the first condition that does not hold.
    pub(super) fn conditions_asked(&self, subject: &Subject<'_>) -> Result<Vec<String>, Unmet> {
        let mut because = Vec::new();
        for condition in &self.conditions {
            let answer = condition.answer(subject);
            if !answer.met.counts(self.reference.then) {
                return Err(Unmet { condition: condition.name(), met: answer.met, because: answer.because });
            }
            because.extend(answer.because);
        }
        Ok(because)
    }

    pub(super) fn reads_claims(&self) -> bool {
        self.conditions.iter().any(|condition| condition.reads_claims())
    }

    /// Whether it depends on more than the caller and the names.
    pub(super) fn has_conditions(&self) -> bool {
        !self.conditions.is_empty()
    }

    pub(super) fn names_methods(&self) -> bool {
        !self.methods.is_empty()
    }

    pub(super) fn is_for(&self, method: &str) -> bool {
        self.methods.is_empty() || any(&self.methods, method)
    }

    /// The first of its selectors that the call does not meet. The cheapest questions, and those that rule out most, come first.
    pub(super) fn misses(&self, who: Who<'_>, method: &str, named: &Named<'_>) -> Option<Selector> {
        if !self.is_for(method) {
            return Some(Selector::Methods);
        }
        if !self.is_about(named) {
            return Some(Selector::Target);
        }
        self.misses_caller(who)
    }

    /// All scopes the rule asks for, if the caller lacks one of them; nothing else is looked at.
    pub(super) fn scopes_lacking(&self, who: Who<'_>) -> Option<&[Arc<str>]> {
        let has = |scope: &Arc<str>| who.scopes.iter().any(|held| **held == **scope);
        if self.scopes.iter().all(has) { None } else { Some(&self.scopes) }
    }

    pub(super) fn is_about(&self, named: &Named<'_>) -> bool {
        if self.tools.is_empty() && self.resources.is_empty() && self.prompts.is_empty() {
            return true;
        }
        match named {
            Named::Nothing => false,
            Named::Tool(name) => any(&self.tools, name),
            Named::Prompt(name) => any(&self.prompts, name),
            Named::Template(template) => match self.reference.then {
                Then::Deny => self.resources.iter().any(|pattern| template.is_within(&pattern.text())),
                Then::Allow | Then::Ask => self.resources.iter().any(|pattern| template.meets(&pattern.text())),
            },
            Named::Resource(uri) => {
                let (written, resolved) = (any(&self.resources, uri.written()), any(&self.resources, uri.resolved()));
                match self.reference.then {
                    Then::Deny | Then::Ask => written || resolved,
                    Then::Allow => written && (resolved || exactly(&self.resources, uri.written())),
                }
            }
        }
    }

    pub(super) fn misses_caller(&self, who: Who<'_>) -> Option<Selector> {
        let Who { user, subject, issuer: _, email, groups, client, scopes: _, actors, claims: _ } = who;
        let in_group = || groups.iter().any(|group| any(&self.groups, group));
        let is_user = || any(&self.users, user) || any(&self.users, subject) || email.is_some_and(|email| any(&self.users, email));
        if !self.groups.is_empty() && !in_group() {
            return Some(Selector::Groups);
        }
        if !self.users.is_empty() && !is_user() {
            return Some(Selector::Users);
        }
        if !self.clients.is_empty() && !client.is_some_and(|client| any(&self.clients, client)) {
            return Some(Selector::Clients);
        }
        (!self.actors.is_empty() && !self.is_acted_for(actors)).then_some(Selector::Actors)
    }

    /// Whoever acted before the current actor is hearsay (RFC 8693, 4.1): enough to deny, never to allow.
    fn is_acted_for(&self, actors: &[Actor<'_>]) -> bool {
        let counted = match self.reference.then {
            Then::Allow => actors.get(..actors.len().min(1)).unwrap_or_default(),
            Then::Deny | Then::Ask => actors,
        };
        let named = |name: Option<&str>| name.is_some_and(|name| any(&self.actors, name));
        counted.iter().any(|actor| named(actor.subject) || named(actor.client))
    }
}

fn any(patterns: &[Pattern], text: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(text))
}

/// Whether the operator wrote this very text, odd spelling and all.
fn exactly(patterns: &[Pattern], text: &str) -> bool {
    patterns.iter().any(|pattern| matches!(pattern, Pattern::Exactly(exact) if exact == text))
}

/// A glob, with the shapes that most are told apart from the start.
#[derive(Clone, Debug)]
enum Pattern {
    Everything,
    Exactly(String),
    StartsWith(String),
    EndsWith(String),
    Glob(Glob),
}

impl Pattern {
    fn compile(glob: &Glob) -> Self {
        let text = glob.as_str();
        if text == "*" {
            return Self::Everything;
        }
        if !text.contains(['*', '?']) {
            return Self::Exactly(text.to_owned());
        }
        let plain = |text: &&str| !text.contains(['*', '?']);
        if let Some(prefix) = text.strip_suffix('*').filter(plain) {
            return Self::StartsWith(prefix.to_owned());
        }
        match text.strip_prefix('*').filter(plain) {
            Some(suffix) => Self::EndsWith(suffix.to_owned()),
            None => Self::Glob(glob.clone()),
        }
    }

    /// As the policy has it, but for stars that do nothing.
    fn text(&self) -> String {
        match self {
            Self::Everything => "*".to_owned(),
            Self::Exactly(exact) => exact.clone(),
            Self::StartsWith(prefix) => format!("{prefix}*"),
            Self::EndsWith(suffix) => format!("*{suffix}"),
            Self::Glob(glob) => glob.as_str().to_owned(),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Exactly(exact) => exact == text,
            Self::StartsWith(prefix) => text.starts_with(prefix.as_str()),
            Self::EndsWith(suffix) => text.ends_with(suffix.as_str()),
            Self::Glob(glob) => glob.matches(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The quick shapes mean what the glob means.
        #[test]
        fn patterns_agree_with_globs(glob in "[ab*?]{0,5}", text in "[abé]{0,6}") {
            let glob = Glob::new(glob);
            prop_assert_eq!(Pattern::compile(&glob).matches(&text), glob.matches(&text));
        }
    }
}
