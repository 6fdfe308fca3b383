//! The pattern of `matches`: what it costs is known before it is paid.
//!
//! A lazy DFA takes the same time for every byte. It gives up where a text makes it ever new states, and at text that is not ASCII when the pattern asks
//! for Unicode's word boundaries; then the NFA is simulated, which takes time for each of its states at each byte.

use std::error::Error as _;
use std::fmt;

use regex_automata::hybrid::dfa::{self, DFA};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures, pikevm};
use regex_automata::util::pool::Pool;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchErrorKind};

use super::limits;
use crate::limits::PATTERN_BYTES;

type Make<T> = Box<dyn Fn() -> T + Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>;

pub(super) struct Pattern {
    text: String,
    quick: DFA,
    quick_memory: Pool<dfa::Cache, Make<dfa::Cache>>,
    slow: pikevm::PikeVM,
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let config = thompson::Config::new().nfa_size_limit(Some(PATTERN_BYTES)).which_captures(WhichCaptures::None);
        let nfa = NFA::compiler().configure(config).syntax(syntax::Config::new().nest_limit(64)).build(text).map_err(|err| {
            match err.source() {
                Some(syntax) => format!("not a regular expression: {syntax}"),
                None => format!("the pattern compiles to more than {} KiB; make its repeats smaller", PATTERN_BYTES / 1024),
            }
        })?;
        let failed = |err: &dyn fmt::Display| format!("not a usable regular expression: {err}");
        let slow = pikevm::PikeVM::new_from_nfa(nfa.clone()).map_err(|err| failed(&err))?;
        let config = dfa::Config::new()
            .unicode_word_boundary(true)
            .cache_capacity(limits::PATTERN_MEMORY_BYTES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(1));
        let quick = DFA::builder().configure(config).build_from_nfa(nfa).map_err(|err| failed(&err))?;
        let maker = quick.clone();
        let make: Make<dfa::Cache> = Box::new(move || maker.create_cache());
        Ok(Self { text: text.to_owned(), quick, quick_memory: Pool::new(make), slow })
    }

    /// Whether it is found anywhere; `pay` is asked first, with the steps that a search may take, and stops it.
    pub(super) fn is_in<E>(&self, text: &str, mut pay: impl FnMut(usize) -> Result<(), E>) -> Result<bool, E> {
        pay(text.len() / limits::PATTERN_BYTES_PER_STEP)?;
        let input = Input::new(text).earliest(true);
        let mut memory = self.quick_memory.get();
        match self.quick.try_search_fwd(&mut memory, &input) {
            Ok(found) => return Ok(found.is_some()),
            // What one text filled the memory with must not make the pattern slow for the next.
            Err(err) if matches!(err.kind(), MatchErrorKind::GaveUp { .. }) => memory.reset(&self.quick),
            Err(_) => {}
        }
        let pairs = text.len().saturating_mul(self.slow.get_nfa().states().len());
        pay(pairs / limits::PATTERN_PAIRS_PER_STEP)?;
        Ok(self.slow.is_match(&mut self.slow.create_cache(), input))
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether it is found, and the steps paid for that.
    fn search(pattern: &str, text: &str) -> (bool, usize) {
        let mut paid = 0;
        let pay = |steps: usize| -> Result<(), ()> {
            paid += steps;
            Ok(())
        };
        let found = Pattern::parse(pattern).unwrap().is_in(text, pay).unwrap();
        (found, paid)
    }

    #[test]
    fn what_is_found_does_not_depend_on_how_it_is_looked_for() {
        for (pattern, text, found) in [
            ("^a.c$", "abc", true),
            ("^a.c$", "xabc", false),
            ("", "", true),
            (r"(?i)\bdrop\b", "DROP TABLE é", true),
            (r"(?i)\bdrop\b", "é drop", true),
            (r"(?i)\bdrop\b", "édrop dropé", false),
            (r"(?i)(?-u:\b)drop(?-u:\b)", "é drop", true),
            ("é+", "caféé", true),
            (r"^\w+$", "é\u{1d54f}", true),
            (r"\d", "٣", true),
        ] {
            assert_eq!(search(pattern, text).0, found, "{pattern} in {text}");
        }
    }

    #[test]
    fn what_is_slow_is_paid_for() {
        let mut seed = 7_u64;
        let text: String = (0..100_000)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if seed >> 63 == 0 { 'a' } else { 'b' }
            })
            .collect();
        assert!(search("a[ab]{5}[cd]", &text).1 < 10_000);
        let pattern = Pattern::parse("a[ab]{400}[cd]").unwrap();
        let mut budget = limits::STEPS;
        let paid = pattern.is_in(&text, |steps| {
            budget = budget.saturating_sub(steps);
            if budget == 0 { Err(()) } else { Ok(()) }
        });
        assert_eq!(paid, Err(()));
    }
}
