//! What a notary has seen of each chain, and what it therefore does not believe.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use crate::audit::checkpoint::Checkpoint;

/// Checkpoints of one chain that later ones are compared with. Writers send them in order, so only the newest matter.
const REMEMBERED: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Known {
    chains: HashMap<String, Chain>,
}

#[derive(Debug, Default)]
struct Chain {
    /// By number.
    points: BTreeMap<u64, Point>,
    /// Those below this number are forgotten.
    forgotten_below: u64,
}

#[derive(Debug)]
struct Point {
    checkpoint: Checkpoint,
    /// Of the JWS.
    digest: [u8; 32],
}

/// What is to be done with a checkpoint.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    New,
    /// Sent again; it is on file already.
    Same,
    /// It contradicts what is on file.
    Refused(String),
}

impl Known {
    pub(super) fn look(&self, checkpoint: &Checkpoint, jws: &str) -> Verdict {
        let Some(chain) = self.chains.get(&checkpoint.chain) else { return Verdict::New };
        let number = checkpoint.number;
        let refused = |other: &Checkpoint, what: &str| Verdict::Refused(format!("checkpoint {number} {what} checkpoint {}", other.number));
        if let Some(have) = chain.points.get(&number) {
            let same = have.digest == digest(jws);
            return if same { Verdict::Same } else { Verdict::Refused(format!("checkpoint {number} is on file, and it is another one")) };
        }
        if number < chain.forgotten_below {
            return Verdict::Refused(format!("checkpoint {number} is older than what is compared here"));
        }
        let (seq, head) = (checkpoint.sequence, checkpoint.head);
        if let Some(before) = chain.points.range(..number).next_back().map(|(_, point)| &point.checkpoint) {
            if before.end {
                return refused(before, "comes after the chain's end,");
            }
            if seq < before.sequence {
                return refused(before, "goes back behind");
            }
            if seq == before.sequence && head != before.head {
                return refused(before, "has another record in the place of that of");
            }
        }
        if let Some(after) = chain.points.range(number..).next().map(|(_, point)| &point.checkpoint) {
            if checkpoint.end {
                return refused(after, "ends the chain before");
            }
            if seq > after.sequence {
                return refused(after, "is ahead of");
            }
            if seq == after.sequence && head != after.head {
                return refused(after, "has another record in the place of that of");
            }
        }
        Verdict::New
    }

    pub(super) fn add(&mut self, checkpoint: Checkpoint, jws: &str) {
        let chain = self.chains.entry(checkpoint.chain.clone()).or_default();
        chain.points.insert(checkpoint.number, Point { checkpoint, digest: digest(jws) });
        while chain.points.len() > REMEMBERED {
            if let Some((number, _)) = chain.points.pop_first() {
                chain.forgotten_below = number.saturating_add(1);
            }
        }
    }

    pub(super) fn chains(&self) -> usize {
        self.chains.len()
    }
}

fn digest(jws: &str) -> [u8; 32] {
    Sha256::digest(jws.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::verify::record::Fingerprint;

    fn checkpoint(number: u64, sequence: u64, head: &str) -> Checkpoint {
        let head = (sequence > 0).then(|| Fingerprint::of(head.as_bytes()));
        Checkpoint { chain: "c".into(), node: "n".into(), number, sequence, head, time: number * 60_000, end: false }
    }

    fn known(points: &[(u64, u64, &str)]) -> Known {
        let mut known = Known::default();
        for (number, sequence, head) in points {
            known.add(checkpoint(*number, *sequence, head), &number.to_string());
        }
        known
    }

    #[test]
    fn what_goes_forward_is_new_and_what_is_repeated_is_the_same() {
        let known = known(&[(1, 0, ""), (2, 10, "a"), (4, 20, "b")]);
        assert_eq!(known.look(&checkpoint(5, 20, "b"), "5"), Verdict::New, "nothing happened since");
        assert_eq!(known.look(&checkpoint(6, 21, "c"), "6"), Verdict::New);
        assert_eq!(known.look(&checkpoint(2, 10, "a"), "2"), Verdict::Same);
        assert_eq!(known.look(&checkpoint(3, 15, "x"), "3"), Verdict::New, "late, and it fits");
        let other = Checkpoint { chain: "d".into(), ..checkpoint(1, 3, "z") };
        assert_eq!(known.look(&other, "1"), Verdict::New, "another chain");
    }

    #[test]
    fn what_contradicts_is_refused() {
        let mut known = known(&[(1, 0, ""), (2, 10, "a"), (4, 20, "b")]);
        let end = Checkpoint { end: true, ..checkpoint(3, 15, "x") };
        for wrong in
            [checkpoint(5, 19, "c"), checkpoint(5, 20, "c"), checkpoint(3, 9, "c"), checkpoint(3, 21, "c"), checkpoint(3, 10, "c"), end]
        {
            assert!(matches!(known.look(&wrong, "other"), Verdict::Refused(_)), "{wrong:?}");
        }
        assert!(matches!(known.look(&checkpoint(2, 10, "a"), "forked"), Verdict::Refused(_)));
        known.add(Checkpoint { end: true, ..checkpoint(5, 21, "c") }, "5");
        assert!(matches!(known.look(&checkpoint(6, 22, "d"), "6"), Verdict::Refused(_)));
    }

    #[test]
    fn memory_is_bounded_and_what_is_forgotten_is_not_taken_again() {
        let mut known = Known::default();
        for number in 1..=200 {
            known.add(checkpoint(number, number, "h"), &number.to_string());
        }
        assert_eq!(known.chains["c"].points.len(), REMEMBERED);
        assert!(matches!(known.look(&checkpoint(7, 7, "h"), "7"), Verdict::Refused(_)));
        assert_eq!(known.look(&checkpoint(199, 199, "h"), "199"), Verdict::Same);
    }
}
