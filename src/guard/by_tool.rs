//! Which rules are about a tool, told from names that lie side by side: rules and what they name are spread over the heap, and most are about other tools.

use crate::policy;
use crate::policy::value::Glob;

/// The names that rules have for tools, in the rules' order.
#[derive(Clone, Debug, Default)]
pub(super) struct ByTool {
    names: Vec<Name>,
    texts: String,
}

#[derive(Clone, Copy, Debug)]
struct Name {
    /// The rule's place in the policy.
    rule: u32,
    kind: Kind,
    /// The byte that a tool must have where [`Kind`] says: most names end there.
    edge: u8,
    from: u32,
    len: u32,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Not told here: the rule itself is asked.
    Ask,
    Exactly,
    StartsWith,
    EndsWith,
}

impl ByTool {
    pub(super) fn compile(rules: &[policy::Rule]) -> Self {
        let mut all = Self::default();
        for (rule, policy::Rule { tools, resources, prompts, .. }) in (0..).zip(rules) {
            if tools.is_empty() && resources.is_empty() && prompts.is_empty() {
                all.add(rule, Kind::Ask, "");
            }
            for tool in tools {
                let (kind, text) = Kind::of(tool);
                all.add(rule, kind, text);
            }
        }
        all
    }

    fn add(&mut self, rule: u32, kind: Kind, text: &str) {
        // Policies are far below 4 GiB.
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let edge = match kind {
            Kind::EndsWith => text.bytes().next_back(),
            _ => text.bytes().next(),
        };
        let kind = if edge.is_none() { Kind::Ask } else { kind };
        self.names.push(Name { rule, kind, edge: edge.unwrap_or(0), from: number(self.texts.len()), len: number(text.len()) });
        self.texts.push_str(text);
    }

    /// The rules that may be about this tool, in their order and each once; among them are all that are.
    pub(super) fn rules(&self, tool: &str) -> impl Iterator<Item = usize> {
        let (first, last) = (tool.bytes().next().unwrap_or(0), tool.bytes().next_back().unwrap_or(0));
        let mut told = None;
        self.names.iter().filter_map(move |name| {
            let text = || self.texts.as_bytes().get(name.from as usize..)?.get(..name.len as usize);
            let is = match name.kind {
                Kind::Ask => true,
                Kind::Exactly => name.edge == first && name.len as usize == tool.len() && text() == Some(tool.as_bytes()),
                Kind::StartsWith => name.edge == first && text().is_some_and(|text| tool.as_bytes().starts_with(text)),
                Kind::EndsWith => name.edge == last && text().is_some_and(|text| tool.as_bytes().ends_with(text)),
            };
            (is && told.replace(name.rule) != Some(name.rule)).then_some(name.rule as usize)
        })
    }
}

impl Kind {
    fn of(glob: &Glob) -> (Self, &str) {
        let text = glob.as_str();
        let plain = |text: &&str| !text.contains(['*', '?']);
        if plain(&text) {
            return (Self::Exactly, text);
        }
        let prefix = text.strip_suffix('*').filter(plain).map(|prefix| (Self::StartsWith, prefix));
        let suffix = || text.strip_prefix('*').filter(plain).map(|suffix| (Self::EndsWith, suffix));
        prefix.or_else(suffix).unwrap_or((Self::Ask, ""))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_rule_that_names_the_tool_is_told(names in proptest::collection::vec(proptest::collection::vec("[ab*?]{0,4}", 0..3), 0..5), tool in "[abé]{0,5}") {
            let rules: Vec<policy::Rule> = names
                .iter()
                .map(|globs| policy::Rule { tools: globs.iter().map(|glob| Glob::new(glob.clone())).collect(), ..policy::Rule::plain("r", policy::Then::Deny) })
                .collect();
            let told: Vec<usize> = ByTool::compile(&rules).rules(&tool).collect();
            let is_about = |rule: &policy::Rule| rule.tools.is_empty() || rule.tools.iter().any(|glob| glob.matches(&tool));
            let about: Vec<usize> = (0..).zip(&rules).filter(|(_, rule)| is_about(rule)).map(|(at, _)| at).collect();
            prop_assert!(about.iter().all(|rule| told.contains(rule)), "{:?} of {:?}", told, about);
            prop_assert!(told.is_sorted_by(|one, other| one < other));
        }
    }
}
