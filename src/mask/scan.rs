//! From a text to candidates: a fast pass for places worth a look, and a bounded check at each.
//!
//! The pass is three: an automaton over the literal heads of families, a search for `@`, a search for digits. This is the
//! seam where vector code takes over; nothing outside this file knows how the places are found.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::memchr_iter;
use regex_automata::Input;

use super::detectors::{AT_SIGN, BEHIND, Found, HEADED, Headed, LONGEST_RUN, NAMED, View};
use super::rules::{Label, Profile};
use crate::policy::Detector;

/// Nothing shorter is found by a family: `a@b.io`.
const SHORTEST: usize = 6;

pub(crate) struct Prefilter {
    heads: Option<AhoCorasick>,
    /// By the automaton's pattern id.
    headed: Vec<&'static Headed>,
}

/// A text, and the part of it where findings may begin.
pub(crate) struct Scan<'a> {
    pub(crate) view: View<'a>,
    pub(crate) text: &'a [u8],
    pub(crate) from: usize,
    pub(crate) limit: usize,
}

impl Prefilter {
    /// For the families some rule wants.
    pub(crate) fn new(wanted: impl Fn(Detector) -> bool) -> Result<Self, String> {
        let wanted: Vec<&'static Headed> = HEADED.iter().filter(|headed| wanted(headed.detector)).collect();
        let headed: Vec<&'static Headed> = wanted.iter().flat_map(|headed| headed.heads.iter().map(|_| *headed)).collect();
        let heads = (!headed.is_empty())
            .then(|| {
                AhoCorasick::builder()
                    .kind(Some(AhoCorasickKind::DFA))
                    .ascii_case_insensitive(true)
                    .build(wanted.iter().flat_map(|headed| headed.heads))
                    .map_err(|err| format!("the prefilter cannot be built: {err}"))
            })
            .transpose()?;
        Ok(Self { heads, headed })
    }
}

impl Scan<'_> {
    /// Every candidate that begins in the scanned part, in no order.
    pub(crate) fn candidates(&self, profile: &Profile, found: &mut impl FnMut(Label, Found)) {
        // What is found may begin after the place that gave it away, but not further than checks look back.
        let start = self.from.saturating_sub(BEHIND);
        let Some(text) = self.text.get(start..) else { return };
        let mut offer = |label: Label, hit: Option<Found>| {
            if let Some(hit) = hit.filter(|hit| (self.from..self.limit).contains(&hit.start) && hit.end > hit.start) {
                found(label, hit);
            }
        };
        if self.text.len() < SHORTEST && !profile.has_patterns() {
            return;
        }
        if !self.view.key().is_empty() {
            for (detector, check) in NAMED {
                if let Some(label) = profile.family(*detector) {
                    offer(label, check(&self.view, 0));
                }
            }
        }
        let prefilter = profile.prefilter();
        for place in prefilter.heads.iter().flat_map(|heads| heads.find_iter(text)) {
            let Some(headed) = prefilter.headed.get(place.pattern().as_usize()) else { continue };
            if let Some(label) = profile.family(headed.detector) {
                offer(label, (headed.check)(&self.view, start + place.start()));
            }
        }
        for (label, check) in AT_SIGN.iter().filter_map(|(detector, check)| Some((profile.family(*detector)?, check))) {
            memchr_iter(b'@', text).for_each(|at| offer(label, check(&self.view, start + at)));
        }
        let numeric = profile.numeric();
        if !numeric.is_empty() {
            digit_runs(text, &mut |at, len| {
                let bit = 1u32.checked_shl(u32::try_from(len.min(LONGEST_RUN)).unwrap_or(0)).unwrap_or(0);
                for (label, numeric) in numeric.iter().filter(|(_, numeric)| numeric.lengths & bit != 0) {
                    offer(*label, (numeric.check)(&self.view, start + at));
                }
            });
        }
        for (label, regex) in profile.patterns() {
            let mut at = self.from;
            while at < self.limit {
                let Some(hit) = regex.search(&Input::new(self.text).span(at..self.text.len())) else { break };
                offer(label, Some(Found { start: hit.start(), end: hit.end(), tail: super::detectors::Tail::None }));
                at = hit.end().max(hit.start() + 1);
            }
        }
    }
}

/// The start and length of every run of two digits or more.
fn digit_runs(text: &[u8], each: &mut impl FnMut(usize, usize)) {
    const BLOCK: usize = 32;
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        // Most blocks of most texts have no digit at all.
        let (blocks, _) = rest.as_chunks::<BLOCK>();
        let has_digit = |block: &[u8; BLOCK]| block.iter().fold(false, |found, byte| found | byte.is_ascii_digit());
        let skipped = blocks.iter().take_while(|block| !has_digit(block)).count() * BLOCK;
        let Some(rest) = rest.get(skipped..) else { break };
        let Some(first) = rest.iter().position(u8::is_ascii_digit) else { break };
        let start = at + skipped + first;
        let len = text.get(start..).map_or(0, |run| run.iter().take_while(|byte| byte.is_ascii_digit()).count());
        if len >= 2 {
            each(start, len);
        }
        at = start + len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_run() {
        for len in 1..100 {
            let text = format!("{}12{}3{}4567", "a".repeat(len), "b".repeat(31), "-".repeat(len));
            let mut runs = Vec::new();
            digit_runs(text.as_bytes(), &mut |at, _| runs.push(at));
            assert_eq!(runs, [len, text.len() - 4]);
        }
    }
}
