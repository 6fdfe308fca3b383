//! All signs of a whole text, or whether there are any.

use memchr::memchr2;

use super::repeats::{Repeats, Run};
use super::{GLANCED, Sliding, Told, may, signs};
use crate::limits::MASK_WINDOW_BYTES;
use crate::mask::detectors::View;
use crate::mask::number;
use crate::mask::profile::Profile;
use crate::mask::sieve::Sign;

/// What the signs of a text tell of it.
pub(crate) enum Heard {
    /// Nothing is found in it.
    Nothing,
    /// Wherever something is found, one of them stands.
    All,
    /// Something may be found.
    Something,
}

/// Most signs that are kept of one text: as many as a window has bytes.
const MOST: usize = MASK_WINDOW_BYTES;

/// Whether there is any sign in `text` from `from` on; and all of them, where they tell what is to be known.
pub(crate) fn listen(profile: &Profile, text: &[u8], from: usize, told: &mut Vec<Told>) -> Heard {
    told.clear();
    let (mut any, mut all, mut json) = (false, true, None);
    let sliding = Sliding::worth(text.len());
    let mut repeats = Repeats::worth(text.len(), GLANCED);
    let view = View::new(text, b"").with(sliding.as_ref());
    let mut next = Some(from);
    while let Some(part) = next.take() {
        signs(profile, &view, text, part..text.len(), &mut |sign| {
            // Of a place several things may be told.
            if next.is_some() {
                return false;
            }
            if let Some(run) = repeats.as_mut().and_then(|repeats| repeats.run(text, sign.at, from)) {
                all &= tell_again(told, sign.at, &run);
                next = Some(run.to).filter(|_| all);
                return false;
            }
            let mut may = || match sign.sign {
                Sign::Fraction => *json.get_or_insert_with(|| may_hold_json(text)) && number::may_stand_at(profile, text, sign.at),
                _ => may(profile, &view, sign),
            };
            let hides = matches!(sign.sign, Sign::Escape | Sign::Otherwise);
            // Once something may be found, all that may be is looked at anyway.
            if (any && !hides) || may() {
                any = true;
                all &= !hides && told.len() < MOST;
                told.push(sign);
            }
            all
        });
    }
    match (any, all) {
        (false, _) => Heard::Nothing,
        (true, true) => Heard::All,
        (true, false) => Heard::Something,
    }
}

/// Tells of every unit of a run from `at` on what was told of the one before it; false where that is too much.
fn tell_again(told: &mut Vec<Told>, at: usize, run: &Run) -> bool {
    let (from, to) = (told.partition_point(|told| told.at + run.unit < at), told.partition_point(|told| told.at < at));
    for moved in (run.unit..).step_by(run.unit).take_while(|_| from < to) {
        for number in from..to {
            let Some(again) = told.get(number).map(|one| Told { at: one.at + moved, ..*one }).filter(|again| again.at < run.to) else {
                return true;
            };
            if told.len() >= MOST {
                return false;
            }
            told.push(again);
        }
    }
    true
}

/// Whether there is any sign in the whole of `text`.
pub(crate) fn has_signs(profile: &Profile, text: &[u8]) -> bool {
    let (mut none, mut json) = (true, None);
    let sliding = Sliding::worth(text.len());
    let mut repeats = Repeats::worth(text.len(), GLANCED);
    let view = View::new(text, b"").with(sliding.as_ref());
    let mut next = Some(0);
    while let Some(from) = next.take() {
        signs(profile, &view, text, from..text.len(), &mut |sign| {
            if next.is_some() {
                return false;
            }
            // There was none so far.
            if let Some(run) = repeats.as_mut().and_then(|repeats| repeats.run(text, sign.at, 0)) {
                next = Some(run.to);
                return false;
            }
            none &= match sign.sign {
                Sign::Fraction => !(*json.get_or_insert_with(|| may_hold_json(text)) && number::may_stand_at(profile, text, sign.at)),
                _ => !may(profile, &view, sign),
            };
            none
        });
    }
    !none
}

pub(super) fn may_hold_json(text: &[u8]) -> bool {
    memchr2(b'{', b'[', text).is_some()
}
