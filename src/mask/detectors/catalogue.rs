//! Everything that is looked for, as a table for readers. Nothing of it is part of the filter: the linker leaves it out.

use super::{all, families};
use crate::policy::Detector;

/// One kind of value, and the policy's words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The word of `masking[].detect` that stands for it, the narrowest first.
    pub words: Vec<&'static str>,
    /// Its name in placeholders and records.
    pub label: &'static str,
    pub matches: String,
    /// How it is told from what looks like it.
    pub validator: &'static str,
    /// What must stand before it; empty when nothing need.
    pub context: &'static str,
    pub source: &'static str,
}

/// Every family, in the order of the policy's words.
pub fn catalogue() -> Vec<Entry> {
    let mut entries: Vec<(Detector, Entry)> = all()
        .map(|family| {
            let wider = Detector::ALL.iter().filter(|word| **word != family.detector && families(**word).contains(&family.detector));
            let words = std::iter::once(&family.detector).chain(wider).map(|word| word.word()).collect();
            let entry = Entry {
                words,
                label: family.label,
                matches: family.matches(),
                validator: family.validator(),
                context: family.about.context,
                source: family.about.source,
            };
            (family.detector, entry)
        })
        .collect();
    entries.sort_by_key(|(detector, _)| *detector);
    entries.into_iter().map(|(_, entry)| entry).collect()
}
