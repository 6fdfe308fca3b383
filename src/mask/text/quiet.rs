//! What leaves as it came: told of a text as it was written, before any of it is read.

use memchr::{memchr, memchr2, memmem};

use super::{Env, KEPT, Place, Text, WINDOW};
use crate::mask::detectors::AHEAD;
use crate::mask::number;
use crate::mask::profile::Profile;
use crate::mask::scan::Heard;
use crate::mask::wrapped;

/// What a look at a window as it was written tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quiet {
    /// It has to be read.
    No,
    /// It may hold JSON with members that a rule names, or go on with some; nothing else is found in it.
    ButForFields,
    /// Up to `limit` it leaves as it came, and up to `keep` it is needed no more.
    Passes { limit: usize, keep: usize },
}

impl Text {
    /// Whether this, a whole text as it was written, passes as it is; `has_signs` tells whether it has signs of anything.
    #[inline]
    pub(crate) fn is_quiet(&self, place: &Place, profile: &Profile, name: &[u8], text: &[u8], has_signs: impl FnOnce() -> bool) -> bool {
        self.is_fresh() && text.len() <= WINDOW && !matches!(place, Place::Whole(_)) && passes(profile, name, text, has_signs)
    }

    /// Whether a member name passes as it is.
    #[inline]
    pub(crate) fn name_passes(profile: &Profile, name: &[u8], has_signs: impl FnOnce() -> bool) -> bool {
        profile.is_empty() || (name.len() <= WINDOW && passes(profile, &[], name, has_signs))
    }

    /// Whether a number passes, which nothing can be found in that `has_signs` does not tell of.
    pub(crate) fn number_passes(profile: &Profile, name: &[u8], text: &[u8], has_signs: impl FnOnce() -> bool) -> bool {
        let passes = passes(profile, name, text, has_signs) || Self::look_at(profile, name, text).is_none();
        passes
            && (number::is_integer(text)
                || number::integer(text).is_none_or(|integer| Self::look_at_digits(profile, name, integer.digits()).is_none()))
    }

    /// What a look at a window as it was written tells, and what is `heard` of it. In a text of several windows one that passes must also be
    /// one that [`Nests`] would only read past.
    pub(super) fn quiet_part(
        &mut self,
        env: &Env<'_>,
        window: &[u8],
        last: bool,
        listen: &mut dyn FnMut() -> Heard,
        heard: &mut Heard,
    ) -> Quiet {
        if self.open.is_some() || self.overlap.is_some() || matches!(env.place, Place::Whole(_)) {
            return Quiet::No;
        }
        let name = if self.cut { &[] } else { env.name };
        let alone = last && !self.cut;
        // Below the head of a table values are found that nothing else tells; and some heads are no signs.
        if self.table.is_open() || (!alone && env.profile.has_quiet_heads()) {
            return Quiet::No;
        }
        let has_signs = || {
            *heard = listen();
            !matches!(heard, Heard::Nothing)
        };
        if !passes(env.profile, name, window, has_signs) {
            return Quiet::No;
        }
        let part = window.get(self.walked..).unwrap_or_default();
        let walked_past = alone || (memchr(b'{', part).is_none() && self.nests.reads_past(part) && reads_alike(env, part));
        if !walked_past {
            return Quiet::ButForFields;
        }
        if last {
            return Quiet::Passes { limit: window.len(), keep: window.len() };
        }
        let limit = window.len().checked_sub(AHEAD).and_then(|at| seam(window, at)).filter(|limit| *limit > self.decided);
        let keep = limit.and_then(|limit| seam(window, limit.checked_sub(KEPT)?));
        match (limit, keep) {
            (Some(limit), Some(keep)) if !wrapped::goes_on(window, limit) => {
                self.nests.begin();
                Quiet::Passes { limit, keep }
            }
            _ => Quiet::No,
        }
    }
}

/// Whether a text as it was written passes as it is, in which `has_signs` tells signs of anything that is found by itself.
pub(super) fn passes(profile: &Profile, name: &[u8], text: &[u8], has_signs: impl FnOnce() -> bool) -> bool {
    #[cfg(test)]
    if crate::mask::quick_tests::is_careful() {
        return false;
    }
    if text.len() < profile.shortest() && (name.is_empty() || !profile.has_named()) {
        return true;
    }
    let fields = profile.prefilter().has_open_fields() && memchr2(b'{', b'[', text).is_some();
    if fields || profile.may_find_by_name(name, text) {
        return false;
    }
    // A pattern that may begin in any way is searched for, which takes a text that reads the same at all levels.
    let searched = || profile.patterns().any(|(_, pattern)| !pattern.has_literals() && pattern.regex().is_match(text));
    if profile.has_open_patterns() && (memchr(b'\\', text).is_some() || searched()) {
        return false;
    }
    !has_signs()
}

/// Whether a text reads the same at all levels but the first.
fn reads_alike(env: &Env<'_>, text: &[u8]) -> bool {
    match env.place {
        Place::Plain => memchr(b'\\', text).is_none(),
        _ => memmem::find(text, b"\\\\").is_none(),
    }
}

/// Bytes of the longest escape, a pair of surrogates.
const ESCAPE: usize = 12;

/// A place not after `at`, and not far before it, that is between two characters however escapes are resolved.
fn seam(text: &[u8], at: usize) -> Option<usize> {
    (at.saturating_sub(64)..=at).rev().find(|at| {
        let before = text.get(at.saturating_sub(ESCAPE)..*at).unwrap_or_default();
        !before.contains(&b'\\') && text.get(*at).is_none_or(|byte| byte & 0xC0 != 0x80)
    })
}
