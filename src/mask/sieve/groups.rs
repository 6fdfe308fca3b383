//! Which heads share a bit of the tables: those that let the least of a text through together that is no head.

use super::Head;
use super::tables::LEADING;

/// Heads that share a bit: at each leading byte, which lower and which upper halves they have there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    halves: [(u16, u16); LEADING],
}

/// How often a head is tried in another group.
const ROUNDS: usize = 3;

impl Group {
    const NONE: Self = Self { halves: [(0, 0); LEADING] };

    fn of(head: &Head<'_>) -> Self {
        let mut group = Self::NONE;
        for (at, (lower, upper)) in group.halves.iter_mut().enumerate() {
            head.bytes(at).for_each(|byte| {
                *lower |= 1u16 << (byte & 15);
                *upper |= 1u16 << (byte >> 4);
            });
        }
        group
    }

    pub(super) fn halves(&self) -> &[(u16, u16); LEADING] {
        &self.halves
    }

    fn and(mut self, other: &Self) -> Self {
        self.halves.iter_mut().zip(&other.halves).for_each(|((lower, upper), (more_lower, more_upper))| {
            *lower |= more_lower;
            *upper |= more_upper;
        });
        self
    }

    /// How much of a text it lets through.
    fn share(&self) -> u64 {
        self.halves.iter().map(|(lower, upper)| weight(*lower, *upper)).product()
    }

    /// At most `most` groups for these heads.
    pub(super) fn together(heads: &[&Head<'_>], most: usize) -> Vec<Self> {
        let mut kinds: Vec<Self> = heads.iter().map(|head| Self::of(head)).collect();
        // From the last byte on: those that are alike there are soonest alike in all.
        kinds.sort_unstable_by_key(|kind| kind.halves.map(|(lower, upper)| (upper, lower)).into_iter().rev().collect::<Vec<_>>());
        kinds.dedup();
        let mut groups: Vec<(Self, u64)> = Vec::new();
        let mut places = Vec::with_capacity(kinds.len());
        for kind in &kinds {
            if groups.len() < most {
                places.push(groups.len());
                groups.push((*kind, kind.share()));
            } else {
                places.push(cheapest(&mut groups, kind, None));
            }
        }
        for _ in 0..ROUNDS {
            let before = places.clone();
            for at in 0..kinds.len() {
                let (Some(kind), Some(from)) = (kinds.get(at), places.get(at).copied()) else { continue };
                let others = kinds.iter().zip(&places).enumerate().filter(|(other, (_, place))| *other != at && **place == from);
                let rest = others.fold(Self::NONE, |rest, (_, (other, _))| rest.and(other));
                let rest = (rest, rest.share());
                let Some(whole) = groups.get_mut(from).map(|group| std::mem::replace(group, rest)) else { continue };
                let to = cheapest(&mut groups, kind, Some((from, whole)));
                places.iter_mut().skip(at).take(1).for_each(|place| *place = to);
            }
            if places == before {
                break;
            }
        }
        groups.into_iter().map(|(group, _)| group).collect()
    }
}

/// Adds to the group that lets the least more through with it, or to the one it was taken from, whose whole is known.
fn cheapest(groups: &mut [(Group, u64)], kind: &Group, from: Option<(usize, (Group, u64))>) -> usize {
    let mut best: Option<(u64, usize, (Group, u64))> = None;
    for (at, (group, share)) in groups.iter().enumerate() {
        let with = match from {
            Some((own, whole)) if own == at => whole,
            _ => {
                let with = group.and(kind);
                (with, if with == *group { *share } else { with.share() })
            }
        };
        let more = with.1.saturating_sub(*share);
        if best.is_none_or(|(least, ..)| more < least) {
            best = Some((more, at, with));
        }
    }
    let Some((_, at, with)) = best else { return 0 };
    groups.iter_mut().skip(at).take(1).for_each(|group| *group = with);
    at
}

/// How much of a text has one of these lower halves with one of these upper halves.
fn weight(lower: u16, upper: u16) -> u64 {
    let rows = WEIGHTS.iter().enumerate().filter(|(half, _)| (upper >> half) & 1 == 1);
    rows.map(|(_, row)| {
        row.iter().enumerate().filter(|(half, _)| (lower >> half) & 1 == 1).map(|(_, weight)| u64::from(*weight)).sum::<u64>()
    })
    .sum()
}

/// By upper and lower half: how often a byte stands in texts, source, logs and JSON, in a thousand, or so.
static WEIGHTS: [[u16; 16]; 16] = {
    let mut weights = [[1; 16]; 16];
    let mut rest: &[(&[u8], u16)] = &[
        (b" e", 120),
        (b"taoinsr", 65),
        (b"hdlcu\"\\", 35),
        (b"mwfgypb0123456789.,:", 18),
        (b"vkjxqz_-/ETAOINSRHDLCU()='", 8),
        (b"MWFGYPBVKJXQZ!#$%&*+;<>?@[]^`{|}~", 4),
    ];
    while let Some((&(bytes, often), more)) = rest.split_first() {
        let mut bytes = bytes;
        while let Some((byte, others)) = bytes.split_first() {
            let (_, row) = weights.split_at_mut((*byte >> 4) as usize);
            if let Some(row) = row.first_mut()
                && let (_, slots) = row.split_at_mut((*byte & 15) as usize)
                && let Some(slot) = slots.first_mut()
            {
                *slot = often;
            }
            bytes = others;
        }
        rest = more;
    }
    weights
};
