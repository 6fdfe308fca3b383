//! What masking found, by the names a policy has for it: a detector, all that finds secrets, or a masking rule.

use serde_json::{Value as Json, json};

use super::form::{Form, Placed, Reading};
use super::model::Detector;
use super::report::{Place, Report};
use super::suggest::nearest;
use super::tree::Node;
use super::written;

/// `secrets`, `credit_card`, or the id of a masking rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingName(String);

impl FindingName {
    #[cfg(test)]
    pub(crate) fn of(name: &str) -> Self {
        Self(name.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a finding of this masking rule, by the detector of this word, is meant.
    pub fn means(&self, rule: &str, detector: &str) -> bool {
        let covers = || Some(Detector::of(&self.0)?.covers(Detector::of(detector)?));
        self.0 == rule || covers() == Some(true)
    }
}

impl Form for FindingName {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        String::read(node, at, reading).map(Self)
    }

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1, "examples": ["secrets", "credit_card", "id-of-a-masking-rule"] })
    }
}

/// A name that no masking rule can ever bear out is a mistake: what waits for it would wait in vain.
pub(super) fn check(names: &[&Placed<FindingName>], masking: Option<&Placed<Vec<Placed<written::MaskRule>>>>, report: &mut Report) {
    let rules: Vec<&written::MaskRule> = masking.iter().flat_map(|rules| rules.value.iter().map(|rule| &rule.value)).collect();
    let ids: Vec<&str> = rules.iter().filter_map(|rule| rule.id.as_ref()).map(|id| id.value.0.as_str()).collect();
    let detected: Vec<Detector> = rules.iter().filter_map(|rule| rule.detect.as_ref()).flat_map(|placed| placed.value.clone()).collect();
    for Placed { at, value: FindingName(name) } in names {
        if ids.contains(&name.as_str()) {
            continue;
        }
        let Some(detector) = Detector::of(name) else {
            let words = Detector::ALL.iter().map(|known| known.word()).chain(ids.iter().copied());
            let hint = match nearest(name, words) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => "; name a detector such as `secrets`, or the id of a masking rule".to_owned(),
            };
            report.add(at, format!("nothing is found under the name `{}`{hint}", super::form::shown(name)));
            continue;
        };
        let covers = |found: &Detector| found.covers(detector) || detector.covers(*found);
        if !detected.iter().any(covers) {
            report.add(at, format!("no masking rule looks for `{name}`, so it would never be found; add one with `detect: [{name}]`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_a_rule_a_detector_or_all_secrets() {
        let name = |name: &str| FindingName(name.to_owned());
        assert!(name("secrets").means("keys", "slack_token"));
        assert!(name("slack_token").means("keys", "slack_token"));
        assert!(name("keys").means("keys", "email"));
        assert!(!name("secrets").means("cards", "credit_card"));
        assert!(!name("secrets").means("names", "pattern"));
        assert!(!name("email").means("keys", "slack_token"));
    }
}
