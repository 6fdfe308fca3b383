//! What repeats itself is asked once: where a text says around a place what it said a few bytes before, the answer is the same.
//!
//! A check looks at a bounded part of the text around the place it is called at, so that its answer can be taken over from a place around
//! which the same stands. A text of one unit over and over, which somebody can make of whatever takes longest to tell, costs what the
//! look-up does.

use std::ops::Range;

use crate::mask::detectors::Found;
use crate::mask::rules::Label;

/// Longest unit.
const UNIT: usize = 256;

/// Bytes that tell where the same may have stood before.
const PROBE: usize = 16;

/// Places that are remembered by them.
const PLACES: usize = 64;

/// Answers that are remembered; a power of two.
const ANSWERS: usize = 256;

/// Findings kept, unless there are more in a unit.
const HITS: usize = 1024;

/// Units that are looked at like any other text.
const FEW: usize = 4;

/// Bytes that are compared at once.
const STEP: usize = 32;

/// Bytes before a place and behind it that an answer depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    pub(super) back: usize,
    pub(super) ahead: usize,
}

/// Of one text; it must not be asked of another.
#[derive(Debug)]
pub(super) struct Repeats {
    around: Around,
    /// Where a probe stood last, by a hash of it.
    places: [usize; PLACES],
    /// Bytes of the unit; 0 while none is known.
    unit: usize,
    /// Where the text says what it said a unit before.
    same: Range<usize>,
    /// Around no place before this it does.
    broken: usize,
    /// Made when first asked for.
    answers: Vec<Option<Answer>>,
}

#[derive(Clone, Copy, Debug)]
struct Answer {
    which: usize,
    at: usize,
    told: bool,
}

impl Repeats {
    /// For a text of `len` bytes, if a unit may count in it.
    pub(super) fn worth(len: usize, around: Around) -> Option<Self> {
        #[cfg(test)]
        if crate::mask::quick_tests::is_careful() {
            return None;
        }
        (len > 2 * (around.back + around.ahead)).then(|| Self {
            around,
            places: [0; PLACES],
            unit: 0,
            same: 0..0,
            broken: 0,
            answers: Vec::new(),
        })
    }

    /// What `tell` does of `at`; `which` of the questions it is that may be asked there.
    pub(super) fn ask(&mut self, text: &[u8], at: usize, which: usize, tell: impl FnOnce() -> bool) -> bool {
        if !self.is_repeated(text, at) {
            return tell();
        }
        self.answers.resize(ANSWERS, None);
        let before = at - self.unit;
        let known = self.answers.get(slot(which, before)).copied().flatten().filter(|known| known.which == which && known.at == before);
        let told = known.map_or_else(tell, |known| known.told);
        if let Some(answer) = self.answers.get_mut(slot(which, at)) {
            *answer = Some(Answer { which, at, told });
        }
        told
    }

    /// What is repeated around `at`, where places were asked of from `from` on.
    pub(super) fn run(&mut self, text: &[u8], at: usize, from: usize) -> Option<Run> {
        self.is_repeated(text, at).then_some(())?;
        self.reaches(text, text.len());
        let run = Run { unit: self.unit, to: self.same.end - self.around.ahead };
        (from + run.unit <= at && run.to > at + FEW * run.unit).then_some(run)
    }

    /// Whether all that is looked at around `at` stands a unit before, too.
    fn is_repeated(&mut self, text: &[u8], at: usize) -> bool {
        let Some(from) = at.checked_sub(self.around.back) else { return false };
        let to = at + self.around.ahead;
        if to > text.len() {
            return false;
        }
        if self.unit > 0 {
            if self.same.start <= from && self.reaches(text, to) {
                return true;
            }
            self.unit = 0;
        }
        self.begins(text, at, from, to)
    }

    /// Whether the unit repeats itself up to `to`.
    fn reaches(&mut self, text: &[u8], to: usize) -> bool {
        if self.same.end < to {
            let (rest, before) = (text.get(self.same.end..), text.get(self.same.end - self.unit..));
            self.same.end += alike(before.unwrap_or_default(), rest.unwrap_or_default(), to + STEP * STEP - self.same.end);
            if self.same.end < to {
                self.broken = self.same.end + self.around.back + 1;
            }
        }
        self.same.end >= to
    }

    /// Whether there is a unit that repeats itself from `from` to `to`.
    fn begins(&mut self, text: &[u8], at: usize, from: usize, to: usize) -> bool {
        let Some(probe) = text.get(at..).and_then(|rest| rest.first_chunk::<PROBE>()) else { return false };
        let Some(place) = self.places.get_mut(place(probe)) else { return false };
        let before = std::mem::replace(place, at);
        // Heads begin before the part that was looked for, so that a place may be asked of after one behind it.
        let unit = at.saturating_sub(before);
        if at < self.broken || unit == 0 || unit > UNIT.min(from) || text.get(before..before + PROBE) != Some(probe) {
            return false;
        }
        let (now, then) = (text.get(from..at).unwrap_or_default(), text.get(from - unit..before).unwrap_or_default());
        let differs = now.iter().zip(then).rposition(|(one, other)| one != other);
        if let Some(differs) = differs {
            self.broken = from + differs + self.around.back + 1;
            return false;
        }
        self.unit = unit;
        self.same = from..at;
        if !self.reaches(text, to) {
            self.unit = 0;
            return false;
        }
        true
    }
}

/// A part of a text, from a place that was asked for on.
pub(super) struct Run {
    /// Bytes of the unit.
    pub(super) unit: usize,
    /// What is told of a place before this is what is told a unit before it.
    pub(super) to: usize,
}

/// What was found last, and at which places.
#[derive(Default)]
pub(super) struct Hits(Vec<(usize, Label, Found)>);

impl Hits {
    pub(super) fn keep(&mut self, at: usize, label: Label, hit: Option<Found>) {
        let Some(hit) = hit else { return };
        if self.0.len() >= HITS {
            self.0.retain(|(before, ..)| before + UNIT >= at);
        }
        self.0.push((at, label, hit));
    }

    /// Finds in every unit of a run from `at` on what was found in the one before it.
    pub(super) fn repeat(&mut self, at: usize, run: &Run, found: &mut impl FnMut(Label, Option<Found>)) {
        self.0.retain(|(before, ..)| before + run.unit >= at);
        for moved in (run.unit..run.to).step_by(run.unit).take_while(|_| !self.0.is_empty()) {
            for (_, label, hit) in self.0.iter().filter(|(before, ..)| before + moved < run.to) {
                found(*label, Some(Found { start: hit.start + moved, end: hit.end + moved, ..*hit }));
            }
        }
        self.0.clear();
    }
}

fn slot(which: usize, at: usize) -> usize {
    (which.wrapping_mul(31) ^ at) % ANSWERS
}

fn place(probe: &[u8; PROBE]) -> usize {
    let number = u128::from_le_bytes(*probe);
    let folded = (number ^ (number >> 64)) as u64;
    usize::try_from(folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58).unwrap_or_default() % PLACES
}

/// How many bytes two texts begin alike with, or `most`.
fn alike(one: &[u8], other: &[u8], most: usize) -> usize {
    let len = one.len().min(other.len()).min(most);
    let (one, other) = (one.get(..len).unwrap_or_default(), other.get(..len).unwrap_or_default());
    let steps = one.chunks_exact(STEP).zip(other.chunks_exact(STEP)).take_while(|(one, other)| one == other).count();
    let from = steps * STEP;
    from + one.iter().zip(other).skip(from).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const AROUND: Around = Around { back: 20, ahead: 30 };

    /// Units one after the other, each some times.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        vec(("[ab]{1,40}", 1usize..200), 1..5)
            .prop_map(|units| units.iter().flat_map(|(unit, count)| unit.repeat(*count).into_bytes()).take(3000).collect())
    }

    proptest! {
        #[test]
        fn what_is_taken_over_is_what_would_be_told(text in text(), steps in vec((1usize..30, 0usize..3), 1..600)) {
            let Some(mut repeats) = Repeats::worth(text.len(), AROUND) else { return Ok(()) };
            let around = |at: usize| &text[at.saturating_sub(AROUND.back)..text.len().min(at + AROUND.ahead)];
            let tell = |at: usize, which: usize| around(at).iter().fold(which, |sum, byte| sum * 31 % 65_537 + usize::from(*byte)) % 2 == 0;
            let mut at = 0;
            // Over and over, so that all of the text is asked of.
            for (step, back) in steps.iter().cycle().take(3000) {
                at += step;
                if at >= text.len() {
                    break;
                }
                for which in [*back, 7] {
                    let at = at.saturating_sub(*back);
                    prop_assert_eq!(repeats.ask(&text, at, which, || tell(at, which)), tell(at, which), "{} at {}", which, at);
                }
                if let Some(run) = repeats.run(&text, at, 0) {
                    for at in at..run.to {
                        prop_assert_eq!(around(at), around(at - run.unit), "{} of {}", at, run.unit);
                    }
                }
            }
        }
    }

    #[test]
    fn a_run_ends_before_what_another_unit_is_looked_at_for() {
        let text = [b"abc".repeat(200), b"abd".to_vec(), b"abc".repeat(200)].concat();
        let mut repeats = Repeats::worth(text.len(), AROUND).unwrap();
        let runs: Vec<(usize, usize)> = (0..text.len()).filter_map(|at| repeats.run(&text, at, 0).map(|run| (at, run.to))).collect();
        let (first, last) = (runs.first().unwrap(), runs.last().unwrap());
        assert!(first.0 < 40 && first.1 == 602 - AROUND.ahead, "{first:?}");
        assert_eq!(last.1, text.len() - AROUND.ahead);
        assert!(!runs.iter().any(|(at, _)| (602 - AROUND.ahead..602 + AROUND.back).contains(at)));
    }

    #[test]
    fn a_short_text_is_asked_itself() {
        assert!(Repeats::worth(2 * (AROUND.back + AROUND.ahead), AROUND).is_none());
    }
}
