//! From a text to candidates: a fast pass for places worth a look, and a bounded check at each.
//!
//! The pass is three: an automaton over the literal heads of families, a search for `@`, a search for digits. This is the
//! seam where vector code takes over; nothing outside this file knows how the places are found.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::memchr_iter;
use regex_automata::Input;

use super::detectors::text::is_word;
use super::detectors::{self, BEHIND, Found, LONGEST_RUN, Seek, View};
use super::rules::{Label, Profile, Source};
use crate::policy::Detector;

/// Nothing shorter is found by a family: `a@b.io`.
const SHORTEST: usize = 6;

pub(crate) struct Prefilter {
    heads: Option<AhoCorasick>,
    /// By the automaton's pattern id: what may stand there.
    seeks: Vec<Vec<Place>>,
}

/// What is looked for where a literal stands.
struct Place {
    /// Bytes between the beginning of its head and the literal: heads that contain another are found by that one, which keeps
    /// the automaton small.
    before: usize,
    /// The head itself, whose case the check looks at.
    head: &'static str,
    /// Never in the middle of a word: told at once, where zeros in base64 are one head after the other.
    begins_word: bool,
    detector: Detector,
    label: &'static str,
    seek: Seek,
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
        let families = detectors::all().filter(|family| wanted(family.detector));
        let mut heads: Vec<(String, Place)> = families
            .flat_map(|family| {
                let place = |head: &'static str, seek| {
                    let begins_word = matches!(seek, Seek::Shape(_)) && head.as_bytes().first().is_some_and(|byte| is_word(*byte));
                    Place { before: 0, head, begins_word, detector: family.detector, label: family.label, seek }
                };
                detectors::heads(family).map(move |(head, seek)| (head.to_ascii_lowercase(), place(head, seek)))
            })
            .collect();
        // The shortest first: what contains one of them is found by it.
        heads.sort_by_key(|(head, _)| head.len());
        let (mut literals, mut seeks): (Vec<String>, Vec<Vec<Place>>) = (Vec::new(), Vec::new());
        for (head, place) in heads {
            let within = literals.iter().zip(&mut seeks).find_map(|(literal, places)| Some((head.find(literal)?, places)));
            match within {
                Some((before, places)) => places.push(Place { before, ..place }),
                None => {
                    literals.push(head);
                    seeks.push(vec![place]);
                }
            }
        }
        let heads = (!literals.is_empty())
            .then(|| {
                AhoCorasick::builder()
                    .kind(Some(AhoCorasickKind::DFA))
                    .ascii_case_insensitive(true)
                    .build(&literals)
                    .map_err(|err| format!("the prefilter cannot be built: {err}"))
            })
            .transpose()?;
        Ok(Self { heads, seeks })
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
            profile.named().iter().for_each(|(label, check)| offer(*label, check(&self.view, 0)));
        }
        let prefilter = profile.prefilter();
        let heads = prefilter.heads.as_ref().filter(|_| !is_number_or_time(text));
        for hit in heads.iter().flat_map(|heads| heads.find_overlapping_iter(text)) {
            for place in prefilter.seeks.get(hit.pattern().as_usize()).into_iter().flatten() {
                let Some(at) = (start + hit.start()).checked_sub(place.before) else { continue };
                if place.begins_word && self.view.was(at, is_word) {
                    continue;
                }
                if self.view.starts_with_ignoring_case(at, place.head.as_bytes())
                    && let Some(rule) = profile.family(place.detector)
                {
                    offer(Label { rule, source: Source::Detector(place.label) }, place.seek.at(&self.view, at));
                }
            }
        }
        for (label, check) in profile.at_sign() {
            memchr_iter(b'@', text).for_each(|at| offer(*label, check(&self.view, start + at)));
        }
        let digits = profile.digits();
        if !digits.is_empty() {
            // One digit alone begins addresses, and is else nothing.
            let least = if digits.iter().any(|(lengths, ..)| lengths & 0b10 != 0) { 1 } else { 2 };
            digit_runs(text, least, &mut |at, len| {
                let bit = 1u32.checked_shl(u32::try_from(len.min(LONGEST_RUN)).unwrap_or(0)).unwrap_or(0);
                for (_, label, check) in digits.iter().filter(|(lengths, ..)| lengths & bit != 0) {
                    offer(*label, check(&self.view, start + at));
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

/// Longest text that is known for a number or a time at a glance.
const GLANCE: usize = 24;

/// `12.50`, `2026-03-01T12:30:00Z`: half of what databases answer, and never a token, which has other letters or is longer.
fn is_number_or_time(text: &[u8]) -> bool {
    text.len() <= GLANCE
        && text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b':' | b'T' | b'Z'))
        && !text.windows(2).any(|pair| pair == b"::")
}

/// The start and length of every run of `least` digits or more.
fn digit_runs(text: &[u8], least: usize, each: &mut impl FnMut(usize, usize)) {
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
        if len >= least {
            each(start, len);
        }
        at = start + len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_is_taken_for_a_number_or_a_time() {
        for family in detectors::all() {
            for (head, seek) in detectors::heads(family).filter(|(head, _)| is_number_or_time(head.as_bytes())) {
                let Seek::Shape(shape) = seek else { panic!("{head}") };
                assert!((1..9).all(|seed| detectors::tests::sample(shape, seed).len() > GLANCE), "{head}");
            }
        }
    }

    #[test]
    fn finds_every_run() {
        for len in 1..100 {
            let text = format!("{}12{}3{}4567", "a".repeat(len), "b".repeat(31), "-".repeat(len));
            let mut runs = Vec::new();
            digit_runs(text.as_bytes(), 2, &mut |at, _| runs.push(at));
            assert_eq!(runs, [len, text.len() - 4]);
        }
    }

    #[test]
    fn the_prefilter_leads_to_every_head() {
        let all = crate::mask::Masking::compile(&[crate::policy::MaskRule {
            id: "all".to_owned(),
            detect: Detector::ALL.to_vec(),
            fields: Vec::new(),
            pattern: None,
            then: crate::policy::Operator::Replace,
            scope: crate::policy::MaskScope::default(),
            alert: false,
        }]);
        let profile = all.unwrap_or_else(|mistakes| panic!("{mistakes:?}")).whole();
        for family in detectors::all() {
            for shape in
                family.triggers.iter().flat_map(|trigger| if let detectors::Trigger::Shapes(shapes) = trigger { *shapes } else { &[] })
            {
                let token = (1..50)
                    .map(|seed| detectors::tests::sample(shape, seed))
                    .find(|token| shape.at(&View::new(token.as_bytes(), b""), 0).is_some());
                let Some(token) = token else { continue };
                let (masked, findings) = crate::mask::whole(&profile, crate::mask::Form::Text, token.as_bytes()).unwrap();
                let labels: Vec<&str> = findings.details().iter().map(|finding| finding.detector).collect();
                assert!(labels.contains(&family.label), "{} {token}: {labels:?}, {}", family.label, String::from_utf8_lossy(&masked));
            }
        }
    }
}
