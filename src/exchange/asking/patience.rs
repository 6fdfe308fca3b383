//! How often the service is asked where a request stands, and how long its silence is borne.

use super::{Asking, Awaited, Progress};
use crate::exchange::unapproved::Unapproved;
use crate::time::Time;

/// Polls in a row that nobody answers: a replica that is started again is back within seconds.
const MISSED: u8 = 3;

/// Before the next one.
const PAUSE_MS: u64 = 2_000;

impl Asking {
    /// After a poll that was made then, for so many seconds: whether the next has to wait for its time. What is asked of the service stays there meanwhile.
    pub(super) fn waits_on(&mut self, outcome: &Result<(), Unapproved>, demand: usize, poll: (Time, u64), now: Time) -> bool {
        let (asked, seconds) = poll;
        if *outcome == Err(Unapproved::Unavailable("no_answer")) {
            self.missed = self.missed.saturating_add(1);
            self.awaited = Awaited::Time(now.plus_millis(PAUSE_MS));
            return self.missed <= MISSED;
        }
        self.missed = 0;
        let Some(Progress::Pending(task)) = self.demands.get(demand).map(|demand| &demand.progress) else { return false };
        // A service that does not wait as it was asked to is not asked over and over.
        let next = asked.plus_millis(task.retry_after.saturating_mul(1_000));
        let is_early = outcome.is_ok() && now.since(asked) < seconds.saturating_mul(1_000) && now < next;
        if is_early {
            self.awaited = Awaited::Time(next);
        }
        is_early
    }
}
