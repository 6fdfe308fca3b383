//! What is due on a tick, and when a policy is given up.

use super::Engine;
use crate::exchange::event::{Call, StreamId};
use crate::identity::{Freshness, Revocations, SharedData};
use crate::time::Time;

/// What is to be done on a tick.
#[derive(Debug, Default)]
pub struct Ticked {
    /// HTTP calls that are due now. The host makes each and tells the answer to [`Engine::answered`].
    pub calls: Vec<Call>,
    /// Exchanges to be told [`Event::Recheck`](crate::exchange::Event::Recheck).
    pub recheck: Vec<StreamId>,
    /// All exchanges are to be told [`Event::Tick`](crate::exchange::Event::Tick).
    pub sweep: bool,
    /// Lines for the operator.
    pub notices: Vec<String>,
}

/// Between two ticks that all exchanges are told of, when nothing has changed: a few comparisons for each.
const SWEEP_MS: u64 = 1_000;

impl Engine {
    /// To be called every now and then: what is due, and what has changed.
    pub fn tick(&mut self, shared: &mut dyn SharedData, now: Time) -> Ticked {
        self.budgets.tick(now);
        let due = self.identity.due(now);
        let mut ticked = Ticked { calls: due.into_iter().map(|fetch| self.call(fetch)).collect(), ..Ticked::default() };
        let list = self.revocations.as_mut().and_then(|revocations| revocations.tick(shared, now, &mut ticked.notices));
        ticked.calls.extend(list.map(|fetch| self.list_call(fetch)));
        let posting = self.recorder.tick(now, &mut ticked.notices);
        ticked.calls.extend(posting.map(|posting| self.checkpoint_call(posting)));
        ticked.calls.append(&mut self.withdrawn);
        ticked.recheck = self.no_longer_awaited(now);
        ticked.recheck.extend(self.cancellations.sync(shared, now));
        ticked.recheck.append(&mut self.awake);
        ticked.sweep = self.is_to_sweep(now);
        self.share_pins(shared);
        self.in_force.sync(shared, now);
        ticked
    }

    /// To be called when this policy's work in this VM is over: the calls that are still to be made, whose answers may never come. `is_idle`: no exchange is
    /// under way.
    pub fn end(&mut self, is_idle: bool, now: Time) -> Vec<Call> {
        let mut calls = std::mem::take(&mut self.withdrawn);
        let posting = self.recorder.end(is_idle, now);
        calls.extend(posting.map(|posting| self.checkpoint_call(posting)));
        calls
    }

    /// A write that loses against another worker's is made again on the next tick.
    fn share_pins(&mut self, shared: &mut dyn SharedData) {
        if !self.pins.are_shared() {
            return;
        }
        let known = shared.read(&self.pins_key);
        let version = known.as_ref().map(|(_, version)| *version);
        if let Some(news) = self.pins.sync(known.as_ref().map(|(text, version)| (text.as_slice(), *version)))
            && shared.write(&self.pins_key, &news, version)
        {
            self.pins.told();
        }
    }

    /// To be told [`Event::Recheck`](crate::exchange::Event::Recheck) on the next tick.
    pub(in crate::exchange) fn wake(&mut self, stream: StreamId) {
        if !self.awake.contains(&stream) {
            self.awake.push(stream);
        }
    }

    /// Those who wait for the first list of revocations, once it is there or will not be.
    pub(super) fn no_longer_awaited(&mut self, now: Time) -> Vec<StreamId> {
        match &self.revocations {
            Some(revocations) if revocations.freshness(now) != Freshness::Awaited => self.revocation_waiters.release(),
            _ => Vec::new(),
        }
    }

    /// At once when the revocations have changed; else every now and then, for tokens that expire and lists that go stale.
    fn is_to_sweep(&mut self, now: Time) -> bool {
        let generation = self.revocations.as_ref().map_or(0, Revocations::generation);
        let is_due = |(last, seen): (Time, u64)| seen != generation || now < last || now.since(last) >= SWEEP_MS;
        let sweep = self.swept.is_none_or(is_due);
        if sweep {
            self.swept = Some((now, generation));
        }
        sweep
    }
}
