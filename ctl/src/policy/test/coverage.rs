//! Which rules the tests reach.

use portcullis::policy::Policy;
use portcullis::policy::suite::Lines;

use super::super::desk::Told;

#[derive(Default)]
pub(super) struct Coverage {
    pub(super) rules: Vec<Rule>,
    pub(super) masking: Vec<Masking>,
}

pub(super) struct Rule {
    pub(super) id: String,
    pub(super) line: Option<u32>,
    pub(super) matched: usize,
    pub(super) decided: usize,
}

pub(super) struct Masking {
    pub(super) id: String,
    pub(super) line: Option<u32>,
    pub(super) found: usize,
}

impl Coverage {
    pub(super) fn of(policy: &Policy, lines: &Lines) -> Self {
        let line = |lines: &[Option<u32>], index: usize| lines.get(index).copied().flatten();
        let rules = policy.rules.iter().enumerate();
        let masking = policy.masking.iter().enumerate();
        Self {
            rules: rules.map(|(at, rule)| Rule { id: rule.id.clone(), line: line(&lines.rules, at), matched: 0, decided: 0 }).collect(),
            masking: masking.map(|(at, rule)| Masking { id: rule.id.clone(), line: line(&lines.masking, at), found: 0 }).collect(),
        }
    }

    pub(super) fn note(&mut self, told: &Told) {
        for hit in &told.decision.rules {
            self.rules.iter_mut().filter(|rule| rule.id == hit.id).for_each(|rule| rule.matched += 1);
        }
        if let Some(deciding) = &told.decision.rule {
            self.rules.iter_mut().filter(|rule| rule.id == *deciding).for_each(|rule| rule.decided += 1);
        }
        for found in &told.got.masked {
            self.masking.iter_mut().filter(|rule| rule.id == *found).for_each(|rule| rule.found += 1);
        }
    }

    /// Every rule was matched, and every masking rule found something.
    pub(super) fn is_whole(&self) -> bool {
        self.unreached().next().is_none()
    }

    /// With its line, what no test reached.
    pub(super) fn unreached(&self) -> impl Iterator<Item = (Option<u32>, String)> {
        let rules = self.rules.iter().filter(|rule| rule.matched == 0);
        let masking = self.masking.iter().filter(|rule| rule.found == 0);
        rules
            .map(|rule| (rule.line, format!("no test matches the rule `{}`", rule.id)))
            .chain(masking.map(|rule| (rule.line, format!("the masking rule `{}` finds nothing in any test", rule.id))))
    }

    /// `4 of 5 rules matched, 3 decided; 1 of 2 masking rules found something`
    pub(super) fn summary(&self) -> String {
        let matched = self.rules.iter().filter(|rule| rule.matched > 0).count();
        let decided = self.rules.iter().filter(|rule| rule.decided > 0).count();
        let found = self.masking.iter().filter(|rule| rule.found > 0).count();
        let (rules, masking) = (self.rules.len(), self.masking.len());
        format!("{matched} of {rules} rules matched, {decided} decided; {found} of {masking} masking rules found something")
    }
}
