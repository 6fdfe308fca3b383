//! What was found, for the record: counted exactly, told in detail only at first, never the value itself.

use std::rc::Rc;

use super::rules::Label;

/// Findings told in detail; of more there is only the count.
const DETAILS: usize = 32;

/// Longest path told, in bytes.
pub(crate) const PATH_BYTES: usize = 200;

/// One masked value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: Rc<str>,
    /// The family (`email`), or `pattern`, or `field`.
    pub detector: &'static str,
    /// Where: `result.content[0].text`; empty for a text. Inside JSON in a string, the path to that string.
    pub path: String,
    /// Bytes of the value, escapes resolved.
    pub len: usize,
}

/// How often a rule's detector found something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    pub rule: Rc<str>,
    pub detector: &'static str,
    pub count: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Findings {
    counts: Vec<Count>,
    details: Vec<Finding>,
    /// Somebody takes the details away as they come: tell them all.
    tell_all: bool,
}

impl Findings {
    /// One entry for each rule and detector that found something, in the order of the first finding.
    pub fn counts(&self) -> &[Count] {
        &self.counts
    }

    /// The first findings of the stream, in order.
    pub fn details(&self) -> &[Finding] {
        &self.details
    }

    pub(super) fn tell_all(&mut self) {
        self.tell_all = true;
    }

    pub(super) fn take_details(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.details)
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |total, count| total.saturating_add(count.count))
    }

    pub(crate) fn add(&mut self, rule: &Rc<str>, label: Label, path: impl FnOnce() -> String, len: usize) {
        self.note(rule, label.detector(), path, len);
    }

    /// What was found elsewhere counts here, too.
    pub fn merge(&mut self, other: &Self) {
        for Count { rule, detector, count } in &other.counts {
            match self.counts.iter_mut().find(|known| known.detector == *detector && known.rule == *rule) {
                Some(known) => known.count = known.count.saturating_add(*count),
                None => self.counts.push(Count { rule: rule.clone(), detector, count: *count }),
            }
        }
        let room = DETAILS.saturating_sub(self.details.len());
        self.details.extend(other.details.iter().take(room).cloned());
    }

    pub(crate) fn note(&mut self, rule: &Rc<str>, detector: &'static str, path: impl FnOnce() -> String, len: usize) {
        match self.counts.iter_mut().find(|count| count.detector == detector && count.rule == *rule) {
            Some(count) => count.count = count.count.saturating_add(1),
            None => self.counts.push(Count { rule: rule.clone(), detector, count: 1 }),
        }
        if self.tell_all || self.details.len() < DETAILS {
            self.details.push(Finding { rule: rule.clone(), detector, path: path(), len });
        }
    }

    pub(crate) fn held(&self) -> usize {
        self.counts.capacity() * size_of::<Count>()
            + self.details.capacity() * size_of::<Finding>()
            + self.details.iter().map(|finding| finding.path.capacity()).sum::<usize>()
    }
}
