//! From a text to candidates: a fast pass for places worth a look ([`super::sieve`]), and a bounded check at each.
//!
//! The same pass reads text in which escapes are not resolved yet ([`Signs`]): where it tells nothing, nothing can be found at any
//! level, and the text leaves as it came. What makes that so: a character that needs no escape stands there as it is. Where it
//! does not, as `\/` or `\u00XX`, the escape itself is a sign. Other ways of writing ([`super::reading`], [`super::wrapped`]) are told
//! apart from it, by the whole text.

mod leads;
mod listen;
mod repeats;

use std::ops::Range;

use regex_automata::Input;

use leads::Aim;
pub(crate) use leads::Prefilter;
use listen::may_hold_json;
pub(crate) use listen::{Heard, has_signs, listen};
use repeats::{Around, Hits, Repeats};

use super::detectors::glance::{self, may_begin};
use super::detectors::sliding::Sliding;
use super::detectors::text::is_word;
use super::detectors::{AHEAD, BEHIND, Found, LONGEST_RUN, Tail, View};
use super::profile::Profile;
use super::reading::{self, fold};
use super::rules::{Label, Source};
use super::sieve::{Sign, Wanted};
use super::{number, wrapped};

/// What a check may look at around the place where it is called: that is up to [`BEHIND`] bytes before a finding, or within [`AHEAD`] bytes
/// of its beginning.
const CHECKED: Around = Around { back: AHEAD + BEHIND, ahead: BEHIND + AHEAD };

/// The same of the first looks.
const GLANCED: Around = Around { back: glance::BACK, ahead: glance::AHEAD };

/// Questions that are asked besides those of heads.
const AT_SIGN: usize = 1 << 16;
const DIGITS: usize = 2 << 16;

/// A text, and the part of it where findings may begin.
pub(crate) struct Scan<'a> {
    pub(crate) view: View<'a>,
    pub(crate) text: &'a [u8],
    pub(crate) from: usize,
    pub(crate) limit: usize,
}

/// What a scan saw besides candidates.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// The name of a field may stand in quotes.
    pub(crate) field: bool,
    /// The name of a secret may stand in quotes.
    pub(crate) name: bool,
}

/// A sign, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) at: usize,
    /// Of heads the lead.
    pub(crate) sign: Sign,
}

/// All signs of a text as it was written, where no escape hides anything and nothing reads otherwise: wherever something is found at any
/// level of escapes, one of these stands there.
#[derive(Clone, Copy)]
pub(crate) struct Tells<'a> {
    pub(crate) signs: &'a [Told],
    /// Where the text begins in that which was looked through.
    pub(crate) base: usize,
}

impl Tells<'_> {
    /// Whether a run of base64 may be of text.
    pub(crate) fn have_base64(&self) -> bool {
        self.signs.iter().any(|told| told.sign == Sign::Base64)
    }
}

impl Scan<'_> {
    /// Every candidate that begins in the scanned part, in no order.
    pub(crate) fn candidates(&self, profile: &Profile, found: &mut impl FnMut(Label, Found)) -> Seen {
        let prefilter = profile.prefilter();
        self.offers(profile, found, |view, from, visit| {
            let mut next = Some(from);
            while let Some(from) = next.take() {
                prefilter.sieve.each::<false>(self.text, from, self.text.len(), wanted(profile), &mut |at, sign| {
                    match sign {
                        Sign::Head(group) => prefilter.standing(group, view, at, &mut |lead, _| {
                            next = next.or_else(|| visit(at, Sign::Head(lead)));
                        }),
                        // Of a place several things may be told.
                        sign => next = next.or_else(|| visit(at, sign)),
                    }
                    next.is_none()
                });
            }
        })
    }

    /// Likewise, where the signs of the text as it was written are told; `place` is where something written there stands in this text.
    pub(crate) fn candidates_at(
        &self,
        profile: &Profile,
        tells: Tells<'_>,
        place: impl Fn(usize) -> usize,
        found: &mut impl FnMut(Label, Found),
    ) -> Seen {
        let prefilter = profile.prefilter();
        self.offers(profile, found, |view, mut from, visit| {
            for told in tells.signs {
                let at = place(told.at.saturating_sub(tells.base));
                let stands = at >= from
                    && match told.sign {
                        Sign::Head(lead) => prefilter.leads.get(lead).is_some_and(|lead| lead.stands(view, at).is_some()),
                        Sign::At => view.at(at) == Some(b'@'),
                        Sign::Digits(_) => view.is(at, |byte| byte.is_ascii_digit()) && !view.was(at, |byte| byte.is_ascii_digit()),
                        _ => false,
                    };
                if stands && let Some(next) = visit(at, told.sign) {
                    from = next;
                }
            }
        })
    }

    fn offers(
        &self,
        profile: &Profile,
        found: &mut impl FnMut(Label, Found),
        signs: impl FnOnce(&View<'_>, usize, &mut dyn FnMut(usize, Sign) -> Option<usize>),
    ) -> Seen {
        let prefilter = profile.prefilter();
        let sliding = Sliding::worth(self.text.len()).or_else(|| profile.asks_many().then(Sliding::default));
        let view = self.view.with(sliding.as_ref());
        let mut seen = Seen { field: prefilter.has_open_fields, name: false };
        // What is found may begin after the place that gave it away, but not further than checks look back.
        let start = self.from.saturating_sub(BEHIND);
        let mut offer = |label: Label, hit: Option<Found>| {
            if let Some(hit) = hit.filter(|hit| (self.from..self.limit).contains(&hit.start) && hit.end > hit.start) {
                found(label, hit);
            }
        };
        if !self.view.key().is_empty() {
            profile.named().iter().for_each(|named| offer(named.label, (named.check)(&view, 0)));
        }
        if self.text.len() < profile.shortest() {
            return seen;
        }
        let (digits, at_sign) = (profile.digits(), profile.at_sign());
        let mut led = Led::default();
        let mut look = |at: usize, sign: Sign, offer: &mut dyn FnMut(Label, Option<Found>)| match sign {
            Sign::Head(lead) => {
                let Some(lead) = prefilter.leads.get(lead) else { return };
                let Some(at) = at.checked_sub(lead.before) else { return };
                match &lead.seek {
                    Aim::Family { detector, label, seek, .. } => {
                        if lead.begins_word && view.was(at, is_word) {
                            return;
                        }
                        if let Some(rule) = profile.family(*detector) {
                            seen.name |= *label == SECRETS && ends_in_quotes(&view, at);
                            offer(Label { rule, source: Source::Detector(label) }, seek.at(&view, at));
                        }
                    }
                    Aim::Field => seen.field |= in_quotes(&view, at, lead.head.len()),
                    Aim::Pattern(rule) => led.add(*rule),
                }
            }
            Sign::At => at_sign.iter().for_each(|trigger| offer(trigger.label, (trigger.check)(&view, at))),
            Sign::Digits(len) => {
                let bit = run_bit(len);
                for (_, trigger) in digits.iter().filter(|(lengths, _)| lengths & bit != 0) {
                    if trigger.after.is_empty() || view.may_be_introduced(at, trigger.after) {
                        offer(trigger.label, (trigger.check)(&view, at));
                    }
                }
            }
            Sign::Escape | Sign::Otherwise | Sign::Base64 | Sign::Fraction => {}
        };
        let mut repeats = Repeats::worth(self.text.len(), CHECKED);
        let (mut hits, mut asked) = (Hits::default(), start);
        signs(&view, start, &mut |at, sign| {
            let Some(repeats) = &mut repeats else {
                look(at, sign, &mut offer);
                return None;
            };
            if let Some(run) = repeats.run(self.text, at, asked) {
                hits.repeat(at, &run, &mut offer);
                asked = run.to;
                return Some(run.to);
            }
            look(at, sign, &mut |label, hit| {
                hits.keep(at, label, hit);
                offer(label, hit);
            });
            None
        });
        for (label, pattern) in profile.patterns() {
            if pattern.has_literals() && !led.has(label.rule) {
                continue;
            }
            let mut at = self.from;
            while at < self.limit {
                let Some(hit) = pattern.regex().search(&Input::new(self.text).span(at..self.text.len())) else { break };
                offer(label, Some(Found { start: hit.start(), end: hit.end(), tail: Tail::None }));
                at = hit.end().max(hit.start() + 1);
            }
        }
        seen
    }
}

fn wanted(profile: &Profile) -> Wanted {
    Wanted { at: !profile.at_sign().is_empty(), digits: profile.runs(), short_fractions: profile.finds_short_integers() }
}

/// Rules whose pattern may match, of the first that there are; of all others it is taken for granted.
#[derive(Default)]
struct Led(u64);

impl Led {
    fn add(&mut self, rule: u16) {
        self.0 |= 1u64.checked_shl(u32::from(rule)).unwrap_or(0);
    }

    fn has(&self, rule: u16) -> bool {
        1u64.checked_shl(u32::from(rule)).is_none_or(|bit| self.0 & bit != 0)
    }
}

pub(crate) fn run_bit(len: usize) -> u32 {
    1u32.checked_shl(u32::try_from(len.min(LONGEST_RUN)).unwrap_or(0)).unwrap_or(0)
}

/// A member name of JSON in this text, its quotes escaped or not.
fn in_quotes(view: &View<'_>, at: usize, len: usize) -> bool {
    view.before(at) == Some(b'"') && matches!(view.at(at + len), Some(b'"' | b'\\'))
}

/// The family of what names tell.
const SECRETS: &str = "generic_secret";

/// A name that goes on here ends a string of JSON, its quotes escaped or not.
fn ends_in_quotes(view: &View<'_>, at: usize) -> bool {
    const NAME: usize = 48;
    let end = view.run(at + 1, NAME, |byte| is_word(byte) || !byte.is_ascii() || matches!(byte, b'.' | b'-' | b' '));
    view.is(end, |byte| matches!(byte, b'"' | b'\\'))
}

/// Places of a text as it was written, at which something may be found once its escapes are resolved, however many levels of
/// them there are. Looked for as far as is asked, and only there.
pub(crate) struct Signs<'a> {
    profile: &'a Profile,
    text: &'a [u8],
    /// Read up to here.
    read: usize,
    /// In order, and of those before the last question none.
    told: Vec<Told>,
    passed: usize,
    /// A part without JSON.
    without_json: Range<usize>,
    sliding: Option<Sliding>,
    repeats: Option<Repeats>,
}

/// Bytes read at once, so that many short texts share the cost.
const STEP: usize = 1024;

impl<'a> Signs<'a> {
    pub(crate) fn new(profile: &'a Profile, text: &'a [u8]) -> Self {
        let (sliding, repeats) = (Sliding::worth(text.len()), Repeats::worth(text.len(), GLANCED));
        Self { profile, text, read: 0, told: Vec::new(), passed: 0, without_json: 0..0, sliding, repeats }
    }

    pub(crate) fn profile(&self) -> &'a Profile {
        self.profile
    }

    /// Whether something may be found in a part of the text, or behind it; parts are asked for in order.
    #[inline]
    pub(crate) fn any(&mut self, part: Range<usize>) -> bool {
        while self.read < part.end {
            self.read_on(part.start);
        }
        while let Some(told) = self.told.get(self.passed).copied() {
            if told.at >= part.end {
                return false;
            }
            if told.at >= part.start && (told.sign != Sign::Fraction || self.fraction(told.at, &part)) {
                return true;
            }
            self.passed += 1;
        }
        false
    }

    /// The signs of a part, where they tell all that may be found in it at any level.
    pub(crate) fn tells(&mut self, part: Range<usize>) -> Option<Tells<'_>> {
        #[cfg(test)]
        if super::quick_tests::is_careful() {
            return None;
        }
        if !self.any(part.clone()) {
            return Some(Tells { signs: &[], base: part.start });
        }
        let signs = self.told.get(self.passed..).unwrap_or_default();
        let signs = signs.get(..signs.iter().take_while(|told| told.at < part.end).count()).unwrap_or_default();
        let hides = |told: &Told| matches!(told.sign, Sign::Escape | Sign::Otherwise);
        (!signs.iter().any(hides)).then_some(Tells { signs, base: part.start })
    }

    fn fraction(&mut self, at: usize, part: &Range<usize>) -> bool {
        if self.without_json != *part {
            if may_hold_json(self.text.get(part.clone()).unwrap_or_default()) {
                return number::may_stand_at(self.profile, self.text, at);
            }
            self.without_json = part.clone();
        }
        false
    }

    fn read_on(&mut self, from: usize) {
        if self.passed >= self.told.len() {
            self.told.clear();
            self.passed = 0;
        }
        let from = from.max(self.read);
        let to = from.saturating_add(STEP).min(self.text.len());
        let Self { profile, text, told, sliding, repeats, .. } = self;
        let view = View::new(text, b"").with(sliding.as_ref());
        signs(profile, &view, text, from..to, &mut |sign| {
            if may_once(profile, &view, repeats, sign) {
                told.push(sign);
            }
            true
        });
        self.read = if to <= from { usize::MAX } else { to };
    }
}

/// Tells every sign in a part, until `visit` has enough.
#[inline]
fn signs(profile: &Profile, view: &View<'_>, text: &[u8], part: Range<usize>, visit: &mut impl FnMut(Told) -> bool) {
    let prefilter = profile.prefilter();
    prefilter.sieve.each::<true>(text, part.start, part.end, wanted(profile), &mut |at, sign| match sign {
        Sign::Head(group) => {
            let mut goes_on = true;
            prefilter.standing(group, view, at, &mut |lead, _| goes_on = goes_on && visit(Told { at, sign: Sign::Head(lead) }));
            goes_on
        }
        sign => visit(Told { at, sign }),
    });
}

/// Like [`may`], of what repeats itself asked once.
#[inline]
fn may_once(profile: &Profile, view: &View<'_>, repeats: &mut Option<Repeats>, told: Told) -> bool {
    let which = match told.sign {
        Sign::Head(lead) => lead,
        Sign::At => AT_SIGN,
        Sign::Digits(_) => DIGITS,
        _ => return may(profile, view, told),
    };
    match repeats {
        Some(repeats) => repeats.ask(view.text(), told.at, which, || may(profile, view, told)),
        None => may(profile, view, told),
    }
}

/// Whether something may be found where a sign stands; of a fraction that is for [`number`] to tell.
#[inline]
fn may(profile: &Profile, view: &View<'_>, told: Told) -> bool {
    let at = told.at;
    match told.sign {
        Sign::Head(lead) => profile.prefilter().leads.get(lead).is_some_and(|lead| {
            at.checked_sub(lead.before).is_some_and(|at| {
                (!lead.begins_word || may_begin(view, at, is_word))
                    && match &lead.seek {
                        Aim::Family { detector, seek, glance, .. } => {
                            glance::may_stand(seek, *glance, view, at) && profile.family(*detector).is_some()
                        }
                        Aim::Field => in_quotes(view, at, lead.head.len()),
                        Aim::Pattern(_) => true,
                    }
            })
        }),
        Sign::At => profile.at_sign().iter().any(|trigger| trigger.glance.is_none_or(|glance| glance(view, at))),
        Sign::Digits(len) => {
            let bit = run_bit(len);
            profile.digits().iter().any(|(lengths, trigger)| lengths & bit != 0 && trigger.glance.is_none_or(|glance| glance(view, at)))
        }
        Sign::Escape => hides(view, at),
        Sign::Otherwise => reading::may_differ_at(view.text(), at),
        Sign::Base64 => wrapped::may_stand_at(view.text(), at),
        Sign::Fraction => true,
    }
}

/// Whether the escape at `at` may be a character that needs none, `\/` or `\u0041`, one that is read as such, or has digits that those
/// behind it run into.
fn hides(view: &View<'_>, at: usize) -> bool {
    match view.at(at + 1) {
        Some(b'/') => true,
        Some(b'u') => {
            let hex = view.slice(at + 2, at + 6);
            let unit = hex.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?));
            let hides = |unit| {
                matches!(unit, 0x20..0x80)
                    || fold::is_of(unit)
                    || glance::may_tell(view, at, unit)
                    || view.is(at + 6, |byte| byte.is_ascii_digit())
            };
            hex.len() < 4 || unit.is_some_and(hides)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::detectors;
    use crate::policy::Detector;

    #[test]
    fn the_prefilter_leads_to_every_head() {
        let all = crate::mask::Masking::compile(&[crate::mask::tests::rule("all", Detector::ALL, crate::policy::Operator::Replace)]);
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
