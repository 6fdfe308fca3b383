//! How what was held of an answer gets out of Envoy again.
//!
//! Bytes leave in two ways only. In a callback of the body that continues, where Envoy hands on what the callback made of the chunk, or, after one that
//! paused, of what it has buffered. And from outside, by an effect that fills that buffer and lets the stream go on. Envoy 1.40 then still believes that the filter
//! buffers: the next chunk comes in the buffer and not by itself, so a callback that continues would leave it there. That callback has to pause, or to
//! have nothing to give out. From outside an answer whose end Envoy has seen is let go once: what leaves then ends it.

use crate::time::Time;

/// What Envoy was last told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// To go on with what a callback gave it.
    #[default]
    Flows,
    /// To wait.
    Waits,
    /// To go on, from outside.
    Loose,
}

/// Where in an answer its host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::exchange) enum At {
    /// In a callback of the body.
    Body,
    /// In that of the trailers, which end it.
    Trailers,
    /// In none of the stream's own.
    Outside,
}

/// What is to be done with the bytes that may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Continue, with them in place of the chunk.
    On,
    /// Pause, and keep them.
    Wait,
    /// As `Wait`, and from outside at the next tick.
    WaitForTick,
    /// Let the stream go on with them, from outside.
    Release,
    /// Nothing; from outside.
    Nothing,
    /// There is no way out for them any more.
    Stuck,
}

/// Of an answer, at the time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    /// A recognizer is asked.
    pub(super) asks: bool,
    /// Its last byte is here.
    pub(super) ended: bool,
    /// Bytes may leave.
    pub(super) has_ready: bool,
    /// Bytes wait.
    pub(super) has_waiting: bool,
    pub(super) time: Time,
}

/// How long bytes that may leave wait for those behind them that are looked at already: to be let go twice with no callback between is what Envoy does not
/// expect (an assertion of its debug builds), so it is done only where a stream would else stand still.
const PATIENCE_MS: u64 = 500;

#[derive(Debug, Default)]
pub(super) struct Valve {
    state: State,
    /// Since when bytes may leave that have not left.
    ready_since: Option<Time>,
}

impl Valve {
    pub(super) fn way(&mut self, at: At, now: Now) -> Way {
        if now.has_ready {
            self.ready_since.get_or_insert(now.time);
        } else {
            self.ready_since = None;
        }
        let way = match at {
            At::Body => self.in_body(now),
            At::Trailers => self.in_trailers(now),
            At::Outside => self.outside(now),
        };
        match way {
            Way::On => self.state = State::Flows,
            Way::Wait | Way::WaitForTick => self.state = State::Waits,
            Way::Release => self.state = State::Loose,
            Way::Nothing | Way::Stuck => {}
        }
        if matches!(way, Way::On | Way::Release) {
            self.ready_since = None;
        }
        way
    }

    fn in_body(&self, now: Now) -> Way {
        match (now.asks, now.has_ready) {
            (true, _) => Way::Wait,
            (false, true) if self.state == State::Loose => Way::WaitForTick,
            (false, true) => Way::On,
            // So that there is a buffer to let it go from, however the answer ends.
            (false, false) if now.has_waiting => Way::Wait,
            (false, false) => Way::On,
        }
    }

    fn in_trailers(&self, now: Now) -> Way {
        match (self.state, now.asks, now.has_ready) {
            (_, false, false) => Way::On,
            (State::Flows, _, _) => Way::Stuck,
            (_, true, _) => Way::Wait,
            (State::Waits, false, true) => Way::On,
            (State::Loose, false, true) => Way::WaitForTick,
        }
    }

    fn outside(&self, now: Now) -> Way {
        if self.state == State::Flows {
            return Way::Nothing;
        }
        let is_late = || self.ready_since.is_some_and(|since| now.time.since(since) >= PATIENCE_MS);
        match (now.ended, now.asks, now.has_ready) {
            (true, false, _) => Way::Release,
            (false, false, true) => Way::Release,
            (false, true, true) if is_late() => Way::Release,
            (true, true, _) | (false, _, _) => Way::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(asks: bool, ended: bool, has_ready: bool, millis: u64) -> Now {
        Now { asks, ended, has_ready, has_waiting: asks, time: Time::from_millis(millis) }
    }

    #[test]
    fn what_was_held_leaves_from_outside() {
        let mut valve = Valve::default();
        assert_eq!(valve.way(At::Body, now(false, false, true, 0)), Way::On);
        assert_eq!(valve.way(At::Body, now(true, false, false, 0)), Way::Wait);
        assert_eq!(valve.way(At::Body, now(true, false, false, 0)), Way::Wait);
        assert_eq!(valve.way(At::Outside, now(false, false, true, 0)), Way::Release);
        // Nothing to give out: all is as it was at first.
        assert_eq!(valve.way(At::Body, now(false, false, false, 0)), Way::On);
        assert_eq!(valve.way(At::Body, now(false, false, true, 0)), Way::On);
    }

    #[test]
    fn after_a_release_bytes_of_a_callback_wait_for_the_tick_or_the_next() {
        for next in [At::Outside, At::Body] {
            let mut valve = Valve::default();
            let _ = valve.way(At::Body, now(true, false, false, 0));
            let _ = valve.way(At::Outside, now(false, false, true, 0));
            assert_eq!(valve.way(At::Body, now(false, false, true, 0)), Way::WaitForTick);
            let way = if next == At::Body { Way::On } else { Way::Release };
            assert_eq!(valve.way(next, now(false, false, true, 50)), way);
        }
    }

    #[test]
    fn an_answer_that_has_ended_is_let_go_once() {
        let mut valve = Valve::default();
        assert_eq!(valve.way(At::Body, now(true, true, true, 0)), Way::Wait);
        assert_eq!(valve.way(At::Outside, now(true, true, true, 10_000)), Way::Nothing);
        assert_eq!(valve.way(At::Outside, now(false, true, false, 10_000)), Way::Release);
    }

    #[test]
    fn a_busy_stream_does_not_stand_still() {
        let mut valve = Valve::default();
        let _ = valve.way(At::Body, now(true, false, false, 0));
        assert_eq!(valve.way(At::Outside, now(true, false, true, 100)), Way::Nothing);
        assert_eq!(valve.way(At::Body, now(true, false, true, 400)), Way::Wait);
        assert_eq!(valve.way(At::Outside, now(true, false, true, 700)), Way::Release);
        assert_eq!(valve.way(At::Outside, now(false, false, true, 701)), Way::Release);
    }

    #[test]
    fn trailers_leave_a_way_only_where_something_was_held() {
        let mut valve = Valve::default();
        assert_eq!(valve.way(At::Trailers, now(false, true, false, 0)), Way::On);
        assert_eq!(Valve::default().way(At::Trailers, now(false, true, true, 0)), Way::Stuck);
        assert_eq!(Valve::default().way(At::Trailers, now(true, true, false, 0)), Way::Stuck);
        let _ = valve.way(At::Body, now(true, false, false, 0));
        assert_eq!(valve.way(At::Trailers, now(true, true, false, 0)), Way::Wait);
        assert_eq!(valve.way(At::Outside, now(false, true, true, 0)), Way::Release);
        let mut gathered = Valve::default();
        let _ = gathered.way(At::Body, now(true, false, false, 0));
        assert_eq!(gathered.way(At::Trailers, now(false, true, true, 0)), Way::On);
    }
}
