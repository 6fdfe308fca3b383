//! The way of checkpoints to whoever keeps them elsewhere: one at a time, in order, again after a failure, and never more
//! than a few.

use std::collections::VecDeque;

use crate::policy;
use crate::time::Time;

/// Checkpoints that wait: with the usual interval half an hour of them. Each tells all that those before it do but when; so the oldest goes first.
const WAITING: usize = 32;

const FIRST_PAUSE_MILLIS: u64 = 1_000;
const LONGEST_PAUSE_MILLIS: u64 = 60_000;

#[derive(Clone, Debug)]
pub(super) struct Notary {
    settings: policy::Notary,
    waiting: VecDeque<String>,
    /// The first of those that wait is on its way.
    is_asked: bool,
    /// Not before.
    again_at: Time,
    pause_millis: u64,
}

/// What is to be sent to the notary now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Name of an Envoy cluster.
    pub cluster: String,
    pub path: String,
    pub host: String,
    pub timeout_millis: u64,
    /// `application/jose`
    pub body: String,
}

/// What became of checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    Kept,
    /// It will be sent again.
    Failed(String),
    /// The notary does not want it, and would not the next time.
    Refused(u16),
}

impl Notary {
    pub(super) fn new(settings: policy::Notary) -> Self {
        let again_at = Time::from_millis(0);
        Self { settings, waiting: VecDeque::new(), is_asked: false, again_at, pause_millis: FIRST_PAUSE_MILLIS }
    }

    /// Puts one in the queue; false when another had to go for it.
    pub(super) fn put(&mut self, checkpoint: String) -> bool {
        let room = self.waiting.len() < WAITING;
        if !room {
            // What is on its way stays: its answer is about the first.
            drop(self.waiting.remove(usize::from(self.is_asked)));
        }
        self.waiting.push_back(checkpoint);
        room
    }

    pub(super) fn next(&mut self, now: Time) -> Option<Posting> {
        // A clock that went back far must not silence this for as long.
        let is_early = now < self.again_at && self.again_at.since(now) <= LONGEST_PAUSE_MILLIS;
        let body = self.waiting.front().filter(|_| !self.is_asked && !is_early)?.clone();
        self.is_asked = true;
        Some(self.posting(body))
    }

    /// The last of all, to be sent whatever is under way: what it says makes those that wait needless.
    pub(super) fn last(&mut self, checkpoint: String) -> Posting {
        self.waiting.clear();
        self.waiting.push_back(checkpoint.clone());
        self.is_asked = true;
        self.posting(checkpoint)
    }

    fn posting(&self, body: String) -> Posting {
        let policy::Notary { cluster, path, host, timeout } = &self.settings;
        Posting { cluster: cluster.clone(), path: path.clone(), host: host.clone(), timeout_millis: timeout.millis(), body }
    }

    /// `status`: what the notary said; none when it could not be reached.
    pub(super) fn answered(&mut self, status: Option<u16>, now: Time) -> News {
        self.is_asked = false;
        match status {
            Some(200..=299) => {
                self.waiting.pop_front();
                self.pause_millis = FIRST_PAUSE_MILLIS;
                News::Kept
            }
            // 408 and 429 are about the moment, all others of this kind about the checkpoint.
            Some(status @ 400..=499) if !matches!(status, 408 | 429) => {
                self.waiting.pop_front();
                News::Refused(status)
            }
            status => {
                self.again_at = now.plus_millis(self.pause_millis);
                self.pause_millis = self.pause_millis.saturating_mul(2).min(LONGEST_PAUSE_MILLIS);
                News::Failed(status.map_or_else(|| "no answer".to_owned(), |status| format!("status {status}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::value::Duration;

    fn notary() -> Notary {
        let settings = policy::Notary {
            cluster: "notary".into(),
            path: "/checkpoints".into(),
            host: "notary.example.com".into(),
            timeout: Duration::from_secs(5),
        };
        Notary::new(settings)
    }

    fn body(notary: &mut Notary, now: Time) -> Option<String> {
        notary.next(now).map(|posting| posting.body)
    }

    #[test]
    fn one_at_a_time_in_order_until_it_is_kept() {
        let mut notary = notary();
        let now = Time::from_secs(1_000);
        assert_eq!(notary.next(now), None);
        assert!(notary.put("a".into()) && notary.put("b".into()));
        assert_eq!(body(&mut notary, now).as_deref(), Some("a"));
        assert_eq!(body(&mut notary, now), None, "it is on its way");
        for (status, pause) in [(None, 1_000), (Some(503), 2_000), (Some(429), 4_000)] {
            assert!(matches!(notary.answered(status, now), News::Failed(_)));
            assert_eq!(body(&mut notary, now.plus_millis(pause - 1)), None);
            assert_eq!(body(&mut notary, now.plus_millis(pause)).as_deref(), Some("a"));
        }
        assert_eq!(notary.answered(Some(204), now), News::Kept);
        assert_eq!(body(&mut notary, now.plus_millis(60_000)).as_deref(), Some("b"));
        assert_eq!(notary.answered(Some(409), now), News::Refused(409));
        assert_eq!(body(&mut notary, now.plus_millis(120_000)), None);
    }

    #[test]
    fn pauses_end_and_a_clock_that_goes_back_does_not_stop_it() {
        let mut notary = notary();
        let now = Time::from_secs(1_000_000);
        notary.put("a".into());
        for _ in 0..20 {
            assert!(body(&mut notary, now.plus_millis(10_000_000)).is_some());
            notary.answered(None, now);
        }
        assert_eq!(body(&mut notary, now.plus_millis(59_999)), None);
        assert_eq!(body(&mut notary, Time::from_secs(1)).as_deref(), Some("a"));
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many_but_not_the_one_on_its_way() {
        let mut notary = notary();
        let now = Time::from_secs(1_000);
        let lost = (0..WAITING + 3).filter(|n| !notary.put(n.to_string())).count();
        assert_eq!(lost, 3);
        assert_eq!(body(&mut notary, now).as_deref(), Some("3"));
        assert!(!notary.put("last".into()));
        assert_eq!(notary.answered(Some(200), now), News::Kept);
        assert_eq!(body(&mut notary, now).as_deref(), Some("5"));
        assert_eq!(notary.waiting.len(), WAITING - 1);
    }
}
