//! Which rules are about a tool, told from names that lie side by side: rules and what they name are spread over the heap, and most are about other tools.

use std::ops::Range;

use crate::policy;
use crate::policy::value::Glob;

/// The names that rules have for tools, by how they begin, or end.
#[derive(Clone, Debug, Default)]
pub(super) struct ByTool {
    /// By their first bytes, and in the rules' order where those are the same.
    begin: Vec<Name>,
    /// By their last bytes, likewise.
    end: Vec<Name>,
    /// Rules that have to be asked themselves.
    ask: Vec<u32>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Not told here: the rule itself is asked.
    Ask,
    Exactly,
    StartsWith,
    EndsWith,
}

/// A rule that is about a tool, or may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Told {
    pub(super) rule: usize,
    /// Only the rule itself can tell.
    pub(super) ask: bool,
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
        all.begin.sort_by_key(|name| name.edge);
        all.end.sort_by_key(|name| name.edge);
        all
    }

    fn add(&mut self, rule: u32, kind: Kind, text: &str) {
        // Policies are far below 4 GiB.
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (names, edge) = match kind {
            Kind::EndsWith => (&mut self.end, text.bytes().next_back()),
            _ => (&mut self.begin, text.bytes().next()),
        };
        match edge {
            Some(edge) if kind != Kind::Ask => {
                names.push(Name { rule, kind, edge, from: number(self.texts.len()), len: number(text.len()) });
                self.texts.push_str(text);
            }
            _ => self.ask.push(rule),
        }
    }

    /// The rules that may be about this tool, in their order and each once; among them are all that are.
    pub(super) fn rules(&self, tool: &str) -> Vec<Told> {
        let tool = tool.as_bytes();
        let mut told = Vec::with_capacity(32);
        let edges = [(&self.begin, tool.first()), (&self.end, tool.last())];
        for (names, edge) in edges {
            let with_edge = names.get(with_edge(names, edge.copied().unwrap_or(0))).unwrap_or_default();
            for name in with_edge {
                let text = self.texts.as_bytes().get(name.from as usize..).and_then(|text| text.get(..name.len as usize));
                let is = text.is_some_and(|text| match name.kind {
                    Kind::Ask => true,
                    Kind::Exactly => text == tool,
                    Kind::StartsWith => tool.starts_with(text),
                    Kind::EndsWith => tool.ends_with(text),
                });
                if is {
                    told.push(Told { rule: name.rule as usize, ask: false });
                }
            }
        }
        told.extend(self.ask.iter().map(|rule| Told { rule: *rule as usize, ask: true }));
        // Names that tell come before those that leave it to the rule.
        told.sort_unstable();
        told.dedup_by_key(|told| told.rule);
        told
    }
}

fn with_edge(names: &[Name], edge: u8) -> Range<usize> {
    let first = names.partition_point(|name| name.edge < edge);
    let rest = names.get(first..).unwrap_or_default();
    first..first.saturating_add(rest.iter().take_while(|name| name.edge == edge).count())
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
            let told = ByTool::compile(&rules).rules(&tool);
            let is_about = |rule: &policy::Rule| rule.tools.is_empty() || rule.tools.iter().any(|glob| glob.matches(&tool));
            let about: Vec<usize> = (0..).zip(&rules).filter(|(_, rule)| is_about(rule)).map(|(at, _)| at).collect();
            prop_assert!(about.iter().all(|rule| told.iter().any(|told| told.rule == *rule)), "{:?} of {:?}", told, about);
            prop_assert!(told.iter().all(|told| told.ask || about.contains(&told.rule)), "{:?} of {:?}", told, about);
            prop_assert!(told.is_sorted_by(|one, other| one.rule < other.rule));
        }
    }
}
