//! What a scan looks for: heads of families, fields and patterns, and which of them the sieve looks for together.

use std::ops::Range;

use crate::mask::detectors::glance::{self, Glance};
use crate::mask::detectors::text::is_word;
use crate::mask::detectors::{self, Seek, View};
use crate::mask::fields::FieldRule;
use crate::mask::literals::is_plain;
use crate::mask::sieve::{Head, Sieve};
use crate::policy::Detector;

/// Labels of families that are never found in the middle of a word, besides those of shapes.
const WORDS: &[&str] = &["aws_access_key", "aws_paired_secret", "command_password", "slack_token", "google_api_key", "stripe_key", "jwt"];

pub(crate) struct Prefilter {
    pub(super) sieve: Sieve,
    /// What is looked for where a head of the sieve stands, one group for each of those.
    groups: Vec<Group>,
    pub(super) leads: Vec<Lead>,
    /// A field may have a name that none of the heads tells.
    pub(super) has_open_fields: bool,
    /// Some head may stand in digits alone.
    has_digit_heads: bool,
}

/// Leads in a row whose heads end alike: many names end with `key`.
struct Group {
    leads: Range<usize>,
    /// By the last five bits of the byte before what is alike, where heads have one: where those leads end, counted from the first.
    ends: Option<Box<[u8; 32]>>,
}

pub(super) struct Lead {
    pub(super) head: Vec<u8>,
    /// Where in the head the part begins that the sieve looks for.
    pub(super) before: usize,
    /// What stands there, in lower case.
    led_by: Option<u8>,
    pub(super) begins_word: bool,
    exact: bool,
    pub(super) seek: Aim,
}

pub(super) enum Aim {
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
                    led_by: before.checked_sub(1).and_then(|last| head.as_bytes().get(last)).map(u8::to_ascii_lowercase),
                    begins_word: first_is_word && (shape || WORDS.contains(&family.label)),
                    exact: shape,
                    seek: Aim::Family { detector: family.detector, label: family.label, seek, glance: glance::at_head(family.label) },
                });
            }
        }
        let mut has_open_fields = false;
        for field in fields {
            match field.last_part().filter(|name| name.len() > 1 && name.iter().all(|byte| is_plain(*byte))) {
                Some(name) => {
                    leads.push(Lead { head: name.to_vec(), before: 0, led_by: None, begins_word: false, exact: false, seek: Aim::Field })
                }
                None => has_open_fields = true,
            }
        }
        for (rule, literals) in patterns {
            let lead = |head: &Vec<u8>| Lead {
                head: head.clone(),
                before: 0,
                led_by: None,
                begins_word: false,
                exact: false,
                seek: Aim::Pattern(rule),
            };
            leads.extend(literals.iter().map(lead));
        }
        let has_digit_heads = leads.iter().any(|lead| lead.head.iter().all(u8::is_ascii_digit));
        let (leads, groups) = grouped(leads);
        let heads: Vec<Head<'_>> = groups.iter().filter_map(|group| leads.get(group.leads.start)).map(Lead::sought).collect();
        let sieve = Sieve::new(&heads);
        Self { sieve, groups, leads, has_open_fields, has_digit_heads }
    }

    /// The leads of which the whole heads stand around what the sieve tells of a group at `at`.
    #[inline]
    pub(super) fn standing(&self, group: usize, view: &View<'_>, at: usize, found: &mut impl FnMut(usize, &Lead)) {
        let Some(Group { leads, ends }) = self.groups.get(group) else { return };
        let leads = match ends {
            None => leads.clone(),
            Some(ends) => {
                let Some(class) = view.before(at).map(|byte| usize::from(byte & 31)) else { return };
                let end = |class: Option<usize>| leads.start + class.and_then(|class| ends.get(class)).map_or(0, |end| usize::from(*end));
                end(class.checked_sub(1))..end(Some(class))
            }
        };
        for number in leads {
            if let Some(lead) = self.leads.get(number)
                && lead.stands(view, at).is_some()
            {
                found(number, lead);
            }
        }
    }
}

/// Leads with those in a row that the sieve looks for together, and these rows.
fn grouped(leads: Vec<Lead>) -> (Vec<Lead>, Vec<Group>) {
    let mut rows: Vec<Vec<Lead>> = Vec::new();
    for lead in leads {
        let alike = |row: &Vec<Lead>| {
            row.first().is_some_and(|first| {
                let (one, other) = (first.sought(), lead.sought());
                let same = one.text.eq_ignore_ascii_case(other.text) && one.begins_word == other.begins_word && one.exact == other.exact;
                same && one.then == other.then && first.before > 0 && lead.before > 0
            })
        };
        match rows.iter_mut().find(|row| alike(row)) {
            Some(row) => row.push(lead),
            None => rows.push(vec![lead]),
        }
    }
    let mut from = 0;
    let groups = rows.iter_mut().map(|row| {
        let class = |lead: &Lead| lead.led_by.map(|byte| byte & 31);
        row.sort_by_key(class);
        let begins = from;
        from += row.len();
        // Of more than a byte counts every one is asked.
        let is_led = row.iter().all(|lead| lead.led_by.is_some()) && row.len() <= usize::from(u8::MAX);
        let ends = is_led.then(|| {
            let mut ends = Box::new([0; 32]);
            for (end, own) in ends.iter_mut().zip(0u8..) {
                *end = u8::try_from(row.iter().filter(|lead| class(lead) <= Some(own)).count()).unwrap_or_default();
            }
            ends
        });
        Group { leads: begins..from, ends }
    });
    let groups = groups.collect();
    (rows.into_iter().flatten().collect(), groups)
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
    /// What the sieve looks for.
    fn sought(&self) -> Head<'_> {
        let then = if let Aim::Family { seek: Seek::Shape(shape), .. } = &self.seek { shape.then() } else { None };
        Head { text: self.head.get(self.before..).unwrap_or_default(), begins_word: self.begins_word, exact: self.exact, then }
    }

    /// Where the head begins that stands around the part at `at`.
    #[inline]
    pub(super) fn stands(&self, text: &View<'_>, at: usize) -> Option<usize> {
        let led = self.led_by.is_none_or(|led| text.was(at, |byte| byte.to_ascii_lowercase() == led));
        let at = at.checked_sub(self.before).filter(|_| led)?;
        let same = if self.exact { text.starts_with(at, &self.head) } else { text.starts_with_ignoring_case(at, &self.head) };
        same.then_some(at)
    }
}
