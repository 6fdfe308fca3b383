//! From a text to candidates: a fast pass for places worth a look ([`super::sieve`]), and a bounded check at each.
//!
//! The same pass reads text in which escapes are not resolved yet ([`Signs`]): where it tells nothing, nothing can be found at any
//! level, and the text leaves as it came. What makes that so: a character that needs no escape stands there as it is. Where it
//! does not, as `\/` or `\u00XX`, the escape itself is a sign. Other ways of writing ([`super::reading`], [`super::wrapped`]) are told
//! apart from it, by the whole text.

use std::ops::Range;

use memchr::memchr2;
use regex_automata::Input;

use super::detectors::glance::{self, Glance, may_begin};
use super::detectors::sliding::Sliding;
use super::detectors::text::is_word;
use super::detectors::{self, BEHIND, Found, LONGEST_RUN, Seek, Tail, View};
use super::fields::FieldRule;
use super::literals::is_plain;
use super::profile::Profile;
use super::reading::{self, fold};
use super::rules::{Label, Source};
use super::sieve::{Head, Sieve, Sign, Wanted};
use super::{number, wrapped};
use crate::policy::Detector;

/// Labels of families that are never found in the middle of a word, besides those of shapes.
const WORDS: &[&str] = &["aws_access_key", "aws_paired_secret", "command_password", "slack_token", "google_api_key", "stripe_key", "jwt"];

pub(crate) struct Prefilter {
    sieve: Sieve,
    /// What is looked for where a head of the sieve stands.
    leads: Vec<Lead>,
    /// A field may have a name that none of the heads tells.
    has_open_fields: bool,
    /// Some head may stand in digits alone.
    has_digit_heads: bool,
}

struct Lead {
    head: Vec<u8>,
    /// Where in the head the part begins that the sieve looks for.
    before: usize,
    begins_word: bool,
    exact: bool,
    seek: Aim,
}

enum Aim {
    Family {
        detector: Detector,
        label: &'static str,
        seek: Seek,
        glance: Option<Glance>,
    },
    /// The last part of a field's path.
    Field,
    /// How a match of this rule's pattern begins.
    Pattern(u16),
}

/// A text, and the part of it where findings may begin.
pub(crate) struct Scan<'a> {
    pub(crate) view: View<'a>,
    pub(crate) text: &'a [u8],
    pub(crate) from: usize,
    pub(crate) limit: usize,
}

impl Prefilter {
    /// For the families some rule wants, and all fields and patterns; of a pattern how its matches begin, where that is known.
    pub(crate) fn new<'a>(
        wanted: impl Fn(Detector) -> bool,
        fields: impl Iterator<Item = &'a FieldRule>,
        patterns: impl Iterator<Item = (u16, &'a [Vec<u8>])>,
    ) -> Self {
        let mut leads: Vec<Lead> = Vec::new();
        for family in detectors::all().filter(|family| wanted(family.detector)) {
            for (head, seek) in detectors::heads(family) {
                let shape = matches!(seek, Seek::Shape(_));
                // Many names of secrets end alike, and begin as any word does; rows of dashes begin at each dash.
                let dashes = head.len() - head.trim_start_matches("---").len();
                let before = if shape { 0 } else { head.strip_suffix("key").map_or(dashes, str::len) };
                let first_is_word = head.as_bytes().first().is_some_and(|byte| is_word(*byte));
                leads.push(Lead {
                    head: head.as_bytes().to_vec(),
                    before,
                    begins_word: first_is_word && (shape || WORDS.contains(&family.label)),
                    exact: shape,
                    seek: Aim::Family { detector: family.detector, label: family.label, seek, glance: glance::at_head(family.label) },
                });
            }
        }
        let mut has_open_fields = false;
        for field in fields {
            match field.last_part().filter(|name| name.len() > 1 && name.iter().all(|byte| is_plain(*byte))) {
                Some(name) => leads.push(Lead { head: name.to_vec(), before: 0, begins_word: false, exact: false, seek: Aim::Field }),
                None => has_open_fields = true,
            }
        }
        for (rule, literals) in patterns {
            let lead = |head: &Vec<u8>| Lead { head: head.clone(), before: 0, begins_word: false, exact: false, seek: Aim::Pattern(rule) };
            leads.extend(literals.iter().map(lead));
        }
        let heads: Vec<Head<'_>> = leads
            .iter()
            .map(|lead| {
                let then = if let Aim::Family { seek: Seek::Shape(shape), .. } = &lead.seek { shape.then() } else { None };
                let text = lead.head.get(lead.before..).unwrap_or_default();
                Head { text, begins_word: lead.begins_word, exact: lead.exact, then }
            })
            .collect();
        let sieve = Sieve::new(&heads);
        let has_digit_heads = leads.iter().any(|lead| lead.head.iter().all(u8::is_ascii_digit));
        Self { sieve, leads, has_open_fields, has_digit_heads }
    }
}

impl Prefilter {
    /// Whether fields may have any name.
    pub(crate) fn has_open_fields(&self) -> bool {
        self.has_open_fields
    }

    pub(crate) fn has_digit_heads(&self) -> bool {
        self.has_digit_heads
    }
}

impl Lead {
    /// Where the head begins that stands around the part at `at`.
    #[inline]
    fn stands(&self, text: &View<'_>, at: usize) -> Option<usize> {
        let at = at.checked_sub(self.before)?;
        let same = if self.exact { text.starts_with(at, &self.head) } else { text.starts_with_ignoring_case(at, &self.head) };
        same.then_some(at)
    }
}

/// What a scan saw besides candidates.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// The name of a field may stand in quotes.
    pub(crate) field: bool,
}

impl Scan<'_> {
    /// Every candidate that begins in the scanned part, in no order.
    pub(crate) fn candidates(&self, profile: &Profile, found: &mut impl FnMut(Label, Found)) -> Seen {
        let prefilter = profile.prefilter();
        let sliding = Sliding::worth(self.text.len());
        let view = self.view.with(sliding.as_ref());
        let mut seen = Seen { field: prefilter.has_open_fields };
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
        let wanted = Wanted { at: !at_sign.is_empty(), digits: profile.runs(), short_fractions: profile.finds_short_integers() };
        let mut led = Led::default();
        prefilter.sieve.each::<false>(self.text, start, self.text.len(), wanted, &mut |at, sign| {
            match sign {
                Sign::Head(lead) => {
                    let Some(lead) = prefilter.leads.get(lead) else { return true };
                    let Some(at) = lead.stands(&view, at) else { return true };
                    match &lead.seek {
                        Aim::Family { detector, label, seek, .. } => {
                            if lead.begins_word && view.was(at, is_word) {
                                return true;
                            }
                            if let Some(rule) = profile.family(*detector) {
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
                        offer(trigger.label, (trigger.check)(&view, at));
                    }
                }
                Sign::Escape | Sign::Otherwise | Sign::Base64 | Sign::Fraction => {}
            }
            true
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

/// Places of a text as it was written, at which something may be found once its escapes are resolved, however many levels of
/// them there are. Looked for as far as is asked, and only there.
pub(crate) struct Signs<'a> {
    profile: &'a Profile,
    text: &'a [u8],
    /// Read up to here.
    read: usize,
    /// In order, and of those before the last question none.
    places: Vec<Place>,
    passed: usize,
    /// A part without JSON.
    without_json: Range<usize>,
    sliding: Option<Sliding>,
}

#[derive(Clone, Copy)]
struct Place {
    at: usize,
    kind: Kind,
}

/// What stands at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Something that a glance has not turned away.
    Sign,
    /// A number that is written as a fraction, perhaps: looked at only where there may be JSON.
    Fraction,
    /// A run of base64, which may be long: looked at only where somebody asks.
    Base64,
}

/// Longest part that is looked at by itself.
const ALONE: usize = 128;

/// Bytes read at once, so that many short texts share the cost.
const STEP: usize = 1024;

impl<'a> Signs<'a> {
    pub(crate) fn new(profile: &'a Profile, text: &'a [u8]) -> Self {
        Self { profile, text, read: 0, places: Vec::new(), passed: 0, without_json: 0..0, sliding: Sliding::worth(text.len()) }
    }

    pub(crate) fn profile(&self) -> &'a Profile {
        self.profile
    }

    /// Whether something may be found in a part of the text; parts are asked for in order.
    #[inline]
    pub(crate) fn any(&mut self, part: Range<usize>) -> bool {
        // What stands behind the part may have told it; a short one is looked at by itself.
        self.any_near(part.clone())
            && self.text.get(part).filter(|alone| alone.len() <= ALONE).is_none_or(|alone| self.profile.has_signs_alone(alone))
    }

    /// Likewise, or behind it.
    #[inline]
    pub(crate) fn any_near(&mut self, part: Range<usize>) -> bool {
        while self.read < part.end {
            self.read_on(part.start);
        }
        while let Some(place) = self.places.get(self.passed) {
            if place.at >= part.end {
                return false;
            }
            if place.at >= part.start && self.tells(*place, &part) {
                return true;
            }
            self.passed += 1;
        }
        false
    }

    fn tells(&mut self, place: Place, part: &Range<usize>) -> bool {
        match place.kind {
            Kind::Sign => true,
            Kind::Fraction => self.fraction(place.at, part),
            Kind::Base64 => wrapped::may_stand_at(self.text, place.at),
        }
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
        if self.passed >= self.places.len() {
            self.places.clear();
            self.passed = 0;
        }
        let from = from.max(self.read);
        let to = from.saturating_add(STEP).min(self.text.len());
        let Self { profile, text, places, sliding, .. } = self;
        signs(profile, text, from..to, sliding.as_ref(), &mut |at, kind| {
            places.push(Place { at, kind });
            true
        });
        self.read = if to <= from { usize::MAX } else { to };
    }
}

/// Whether there is any sign in the whole of `text`.
pub(crate) fn has_signs(profile: &Profile, text: &[u8]) -> bool {
    let (mut none, mut json) = (true, None);
    let sliding = Sliding::worth(text.len());
    signs(profile, text, 0..text.len(), sliding.as_ref(), &mut |at, kind| {
        none &= match kind {
            Kind::Sign => false,
            Kind::Fraction => !(*json.get_or_insert_with(|| may_hold_json(text)) && number::may_stand_at(profile, text, at)),
            Kind::Base64 => !wrapped::may_stand_at(text, at),
        };
        none
    });
    !none
}

fn may_hold_json(text: &[u8]) -> bool {
    memchr2(b'{', b'[', text).is_some()
}

/// Tells every place at which something may be found, and what is there, until `visit` has enough.
#[inline]
fn signs(profile: &Profile, text: &[u8], part: Range<usize>, sliding: Option<&Sliding>, visit: &mut impl FnMut(usize, Kind) -> bool) {
    let prefilter = profile.prefilter();
    let (digits, at_sign) = (profile.digits(), profile.at_sign());
    let view = View::new(text, b"").with(sliding);
    let wanted = Wanted { at: !at_sign.is_empty(), digits: profile.runs(), short_fractions: profile.finds_short_integers() };
    prefilter.sieve.each::<true>(text, part.start, part.end, wanted, &mut |at, sign| {
        let may = match sign {
            Sign::Head(lead) => prefilter.leads.get(lead).is_some_and(|lead| {
                lead.stands(&view, at).is_some_and(|at| {
                    (!lead.begins_word || may_begin(&view, at, is_word))
                        && match &lead.seek {
                            Aim::Family { detector, seek, glance, .. } => {
                                glance::may_stand(seek, *glance, &view, at) && profile.family(*detector).is_some()
                            }
                            Aim::Field => in_quotes(&view, at, lead.head.len()),
                            Aim::Pattern(_) => true,
                        }
                })
            }),
            Sign::At => at_sign.iter().any(|trigger| trigger.glance.is_none_or(|glance| glance(&view, at))),
            Sign::Digits(len) => {
                let bit = run_bit(len);
                digits.iter().any(|(lengths, trigger)| lengths & bit != 0 && trigger.glance.is_none_or(|glance| glance(&view, at)))
            }
            Sign::Escape => hides(&view, at),
            Sign::Otherwise => reading::may_differ_at(text, at),
            Sign::Base64 | Sign::Fraction => true,
        };
        let kind = match sign {
            Sign::Base64 => Kind::Base64,
            Sign::Fraction => Kind::Fraction,
            _ => Kind::Sign,
        };
        !may || visit(at, kind)
    });
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
                matches!(unit, 0x20..0x80) || fold::is_of(unit) || glance::may_tell(unit) || view.is(at + 6, |byte| byte.is_ascii_digit())
            };
            hex.len() < 4 || unit.is_some_and(hides)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
