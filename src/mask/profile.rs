//! The rules that apply to one caller, looked up by what is found.

use std::cell::RefCell;
use std::rc::Rc;

use super::blob::Kinds;
use super::cells::Role;
use super::detectors::glance::{self, Glance, Naming};
use super::detectors::text::Words;
use super::detectors::{self, Check, Trigger, View};
use super::fields::{FieldNames, FieldRule};
use super::findings::Count;
use super::names::{Names, Texts};
use super::operator::Operation;
use super::protocol;
use super::reading::fold;
use super::rules::{Content, Label, Rule, Search, Shared, Source};
use super::scan::{Prefilter, has_signs, run_bit};
use super::sieve::Runs;
use super::text::{Place, Scratch};
use crate::policy::{Binary, Detector};

/// The rules that apply to one caller; cheap to clone.
#[derive(Clone)]
pub struct Profile {
    pub(super) shared: Rc<Shared>,
    pub(super) active: Rc<Active>,
    pub(super) content: Content,
}

/// A check that is not led to by a literal.
pub(crate) struct Triggered {
    pub(crate) label: Label,
    pub(crate) check: Check,
    pub(crate) glance: Option<Glance>,
    /// Finds nothing but behind one of these words, if there are any.
    pub(crate) after: &'static [&'static str],
}

/// What applies, looked up by what is found.
#[derive(Default)]
pub(crate) struct Active {
    /// By the detector's number: the first rule that names it.
    families: Vec<Option<u16>>,
    rules: Vec<u16>,
    patterns: Vec<u16>,
    fields: Vec<(u16, FieldRule)>,
    field_names: FieldNames,
    /// Of the families above, those that look at digits, and at runs of which lengths (bit n: n digits).
    digits: Vec<(u32, Triggered)>,
    runs: Runs,
    /// The lengths of what some of these find of digits alone.
    alone: u32,
    /// The families that look at an `@`.
    at_sign: Vec<Triggered>,
    /// The families that look at the beginning of a text with a member name.
    named: Vec<Named>,
    names: RefCell<Names>,
    /// Of member names: what they say of values.
    roles: RefCell<Names>,
    /// Of names that stand apart from their values: whether they ask for a look at these.
    asked: RefCell<Names>,
    /// Bytes of the shortest value that a family looks at under any name.
    least_named: usize,
    /// Short texts with signs of something in which nothing was found: names in which a word for a secret is, above all.
    harmless: RefCell<Texts>,
    /// Which short texts have signs of something: lines of events, most of which say what the last did.
    signs: RefCell<Names>,
    /// Nothing is found in a shorter text, but by its member name.
    shortest: usize,
    /// Something that is not of a family may be found in digits alone.
    searches_digits: bool,
    /// What the heads of columns may say.
    words: Words,
    /// Some of the words above are no signs of the sieve.
    has_quiet_heads: bool,
    /// A pattern may begin in any way.
    has_open_patterns: bool,
    is_empty: bool,
}

/// A check of the beginning of a text with a member name.
pub(crate) struct Named {
    pub(crate) label: Label,
    pub(crate) check: Check,
    pub(crate) naming: Naming,
}

impl Shared {
    pub(super) fn active(&self, lifted: &[u16]) -> Active {
        let mut active = Active { families: vec![None; Detector::ALL.len()], ..Active::default() };
        for (index, rule) in (0u16..).zip(&self.rules).filter(|(index, _)| !lifted.contains(index)) {
            let named = active.families.iter_mut().zip(Detector::ALL).filter(|(_, family)| rule.families.contains(family));
            named.for_each(|(slot, _)| *slot = slot.or(Some(index)));
            active.rules.push(index);
            active.patterns.extend(rule.pattern.iter().map(|_| index));
            rule.fields.iter().for_each(|field| active.field_names.add(field.last_part()));
            active.fields.extend(rule.fields.iter().map(|field| (index, field.clone())));
        }
        for family in detectors::all() {
            let Some(label) = active.family(family.detector).map(|rule| Label { rule, source: Source::Detector(family.label) }) else {
                continue;
            };
            active.words.add(family.words);
            active.has_quiet_heads |= !family.words.is_empty() && glance::at_digits(family.label).is_none();
            for trigger in family.triggers {
                match trigger {
                    Trigger::Heads(..) | Trigger::Shapes(_) => {}
                    Trigger::Digits(lengths, check) => {
                        active.runs = active.runs.max(glance::runs(family.label, *lengths));
                        active.alone |= glance::alone(family.label, *lengths);
                        active.digits.push((
                            *lengths,
                            Triggered { label, check: *check, glance: glance::at_digits(family.label), after: family.after },
                        ));
                    }
                    Trigger::AtSign(check) => {
                        active.at_sign.push(Triggered { label, check: *check, glance: glance::at_sign(family.label), after: &[] });
                    }
                    Trigger::Named(check) => {
                        active.named.push(Named { label, check: *check, naming: glance::naming(family.label) });
                    }
                }
            }
        }
        let searched = |rule: &&u16| {
            let pattern = self.rules.get(usize::from(**rule)).and_then(|rule| rule.pattern.as_ref());
            pattern.is_some_and(Search::may_find_digits)
        };
        let least = active.patterns.iter().filter_map(|rule| Some(self.rules.get(usize::from(*rule))?.pattern.as_ref()?.least()));
        let of_families = if active.family(Detector::IpAddress).is_some() { detectors::SHORTEST_ADDRESS } else { detectors::SHORTEST };
        active.shortest = least.min().unwrap_or(of_families).min(of_families);
        let least_named = active.named.iter().map(|named| match named.naming {
            Naming::Under(_) => usize::MAX,
            Naming::Any { least } => least,
            Naming::Unknown => 0,
        });
        active.least_named = least_named.min().unwrap_or(usize::MAX);
        let is_open = |rule: &u16| {
            self.rules.get(usize::from(*rule)).and_then(|rule| rule.pattern.as_ref()).is_some_and(|search| !search.has_literals())
        };
        active.has_open_patterns = active.patterns.iter().any(is_open);
        active.is_empty = active.families.iter().all(Option::is_none) && active.patterns.is_empty() && active.fields.is_empty();
        active.searches_digits = active.patterns.iter().any(|rule| searched(&rule));
        active
    }
}

impl Active {
    fn family(&self, detector: Detector) -> Option<u16> {
        self.families.get(detector as usize).copied().flatten()
    }
}

/// Whether the same rules of the same policy apply.
impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.active, &other.active)
    }
}

impl Profile {
    /// Whether nothing is ever masked.
    pub fn is_empty(&self) -> bool {
        self.active.is_empty
    }

    /// Whether some pattern may begin in any way.
    pub(crate) fn has_open_patterns(&self) -> bool {
        self.active.has_open_patterns
    }

    /// Whether something that is found withholds the whole message.
    pub fn refuses(&self) -> bool {
        self.rules().any(|rule| rule.looks() && matches!(rule.operation, Operation::Refuse))
    }

    /// The first of these findings for which the whole message is withheld.
    pub fn refusing<'f>(&self, counts: &'f [Count]) -> Option<&'f Count> {
        let refuses = |count: &&Count| self.rules().any(|rule| rule.id == count.rule && matches!(rule.operation, Operation::Refuse));
        counts.iter().find(refuses)
    }

    /// Whether what this rule finds is for somebody to look at.
    pub fn alerts(&self, rule: &str) -> bool {
        self.shared.rules.iter().any(|own| own.alert && *own.id == *rule)
    }

    /// The rules that apply.
    pub(super) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.active.rules.iter().filter_map(|rule| self.shared.rules.get(usize::from(*rule)))
    }

    /// The same rules for what a client sends: what the policy says of answers alone is not for it.
    pub fn of_requests(&self) -> Self {
        Self { content: Content::default(), ..self.clone() }
    }

    /// Whether bodies need not be read at all.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_empty() && self.content.binary == Binary::Pass
    }

    pub(crate) fn binary(&self) -> Binary {
        self.content.binary
    }

    /// Bytes on either side of where two text blocks meet that are one text; 0 for none.
    pub(crate) fn join(&self) -> usize {
        if self.is_empty() { 0 } else { self.content.join }
    }

    /// The first rule that asks this recognizer for this entity.
    pub(super) fn remote_rule(&self, recognizer: &str, entity: &str) -> Option<u16> {
        let asks = |rule: &Rule| {
            rule.remote.as_ref().is_some_and(|remote| *remote.recognizer == *recognizer && remote.entities.iter().any(|own| own == entity))
        };
        self.active.rules.iter().copied().find(|rule| self.shared.rules.get(usize::from(*rule)).is_some_and(asks))
    }

    pub(crate) fn rule(&self, label: Label) -> Option<&Rule> {
        self.shared.rules.get(usize::from(label.rule))
    }

    /// The rule that has the family.
    pub(crate) fn family(&self, detector: Detector) -> Option<u16> {
        self.active.family(detector)
    }

    pub(crate) fn digits(&self) -> &[(u32, Triggered)] {
        &self.active.digits
    }

    /// The runs of digits that those families look at.
    pub(crate) fn runs(&self) -> Runs {
        self.active.runs
    }

    pub(crate) fn at_sign(&self) -> &[Triggered] {
        &self.active.at_sign
    }

    pub(crate) fn named(&self) -> &[Named] {
        &self.active.named
    }

    /// Whether a text under this member name, escapes and all, may be found by its name.
    pub(crate) fn may_find_by_name(&self, name: &[u8], text: &[u8]) -> bool {
        if name.is_empty() || self.active.named.is_empty() {
            return false;
        }
        let view = View::new(text, name);
        let by_text = || {
            self.active.named.iter().any(|named| match named.naming {
                Naming::Under(_) => false,
                Naming::Any { least } => text.len() >= least && (named.check)(&view, 0).is_some(),
                Naming::Unknown => text.contains(&b'\\') || (named.check)(&view, 0).is_some(),
            })
        };
        let tells = || self.active.named.iter().any(|named| matches!(named.naming, Naming::Under(tells) if tells(name)));
        by_text() || self.active.names.try_borrow_mut().map_or_else(|_| tells(), |mut names| names.look_up(name, tells))
    }

    /// What a member name says of values. It is plain where it says nothing of its own: neither is that the protocol's, nor content, nor does a
    /// rule name it, nor is anything found by such a name.
    #[inline]
    pub(crate) fn role(&self, name: &[u8]) -> Role {
        let tells = || {
            protocol::may_own(name)
                || protocol::may_be_blob(name)
                || Kinds::are_told_by(name)
                || fold::name(name).is_some()
                || self.may_be_field(Some(name))
                || self.active.named.iter().any(|named| matches!(named.naming, Naming::Under(tells) if tells(name)))
        };
        let role = || Role::of(name, !tells());
        self.active.roles.try_borrow_mut().map_or_else(|_| role(), |mut names| names.told_of(name, || role().into()).into())
    }

    /// Whether a name that stands apart from its value asks for a look at that.
    pub(crate) fn asks_for(&self, name: &[u8]) -> bool {
        let asks = || self.names_something(name) || (!name.is_empty() && self.may_be_field(Some(name)));
        self.active.asked.try_borrow_mut().map_or_else(|_| asks(), |mut names| names.look_up(name, asks))
    }

    /// Whether no rule names elements of arrays.
    pub(crate) fn are_elements_plain(&self) -> bool {
        !self.may_be_field(None)
    }

    /// Whether a value under a plain name may be found for having one.
    pub(crate) fn looks_under_any_name(&self, value: &[u8]) -> bool {
        value.len() >= self.active.least_named
    }

    /// Whether anything is found by what the head of its column says.
    pub(crate) fn reads_tables(&self) -> bool {
        !self.active.words.is_empty() || !self.active.named.is_empty()
    }

    /// Whether so many families look at digits that what they ask is worth remembering in any text.
    pub(crate) fn asks_many(&self) -> bool {
        self.active.digits.len() > 8
    }

    /// Whether the head of a column may ask for its values without being a sign itself.
    pub(crate) fn has_quiet_heads(&self) -> bool {
        self.active.has_quiet_heads
    }

    /// Whether values under this name, in a table, are to be looked at.
    pub(crate) fn names_something(&self, name: &[u8]) -> bool {
        self.active.words.stand_in(name)
            || self.active.named.iter().any(|named| matches!(named.naming, Naming::Under(tells) if tells(name)))
    }

    /// Whether there is any sign in a short text by itself.
    pub(crate) fn has_signs_alone(&self, text: &[u8]) -> bool {
        let has = || has_signs(self, text);
        self.active.signs.try_borrow_mut().map_or_else(|_| has(), |mut signs| signs.look_up(text, has))
    }

    /// Whether this whole text, under a member name or none, was read and nothing found: `progressToken` is in most calls.
    pub(crate) fn is_harmless(&self, place: &Place, name: &[u8], text: &[u8]) -> bool {
        #[cfg(test)]
        if super::quick_tests::is_careful() {
            return false;
        }
        let Some(place) = place.number() else { return false };
        self.active.harmless.try_borrow().is_ok_and(|harmless| harmless.know(place, name, text))
    }

    /// That nothing was found in it, wherever else it stands.
    pub(crate) fn remember_harmless(&self, place: &Place, name: &[u8], text: &[u8]) {
        if let Some(place) = place.number()
            && let Ok(mut harmless) = self.active.harmless.try_borrow_mut()
        {
            harmless.remember(place, name, text);
        }
    }

    /// Whether something may be found in a text of digits alone; `under_a_name` where it may stand under one that tells.
    pub(crate) fn may_find_digits(&self, digits: &[u8], under_a_name: bool) -> bool {
        #[cfg(test)]
        if super::quick_tests::is_careful() {
            return true;
        }
        let bit = run_bit(digits.len());
        let stands = |(lengths, trigger): &(u32, Triggered)| {
            lengths & bit != 0 && trigger.glance.is_none_or(|glance| glance(&View::new(digits, b""), 0))
        };
        self.active.searches_digits
            || self.shared.prefilter.has_digit_heads()
            || (self.active.alone & bit != 0 && self.active.digits.iter().any(stands))
            || (under_a_name
                && !self.active.named.is_empty()
                && (self.active.named.iter().any(|named| matches!(named.naming, Naming::Unknown)) || detectors::may_be_named(digits)))
    }

    /// Whether something may be found in an integer of fewer than six digits, however it is written: see [`Self::may_find_digits`].
    pub(crate) fn finds_short_integers(&self) -> bool {
        const LEAST: u32 = 6;
        let by_name = |named: &Named| matches!(named.naming, Naming::Unknown);
        self.active.searches_digits
            || self.shared.prefilter.has_digit_heads()
            || self.active.alone & ((1 << LEAST) - 1) != 0
            || self.active.named.iter().any(by_name)
    }

    /// Bytes of the shortest text in which something may be found that is not told by its member name.
    pub(crate) fn shortest(&self) -> usize {
        self.active.shortest
    }

    pub(crate) fn has_named(&self) -> bool {
        !self.active.named.is_empty()
    }

    pub(crate) fn has_fields(&self) -> bool {
        !self.active.fields.is_empty()
    }

    pub(crate) fn patterns(&self) -> impl Iterator<Item = (Label, &Search)> {
        self.active.patterns.iter().filter_map(|rule| {
            let search = self.shared.rules.get(usize::from(*rule))?.pattern.as_ref()?;
            Some((Label { rule: *rule, source: Source::Pattern }, search))
        })
    }

    /// Whether a value under this member name, or under none, may be one that a rule names.
    #[inline]
    pub(crate) fn may_be_field(&self, name: Option<&[u8]>) -> bool {
        self.active.field_names.may_be(name)
    }

    pub(crate) fn fields(&self) -> &[(u16, FieldRule)] {
        &self.active.fields
    }

    pub(crate) fn prefilter(&self) -> &Prefilter {
        &self.shared.prefilter
    }

    pub(crate) fn take_scratch(&self) -> Box<Scratch> {
        self.shared.scratch.take().unwrap_or_default()
    }

    pub(crate) fn put_scratch(&self, scratch: Box<Scratch>) {
        self.shared.scratch.set(Some(scratch));
    }
}
