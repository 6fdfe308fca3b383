//! How often someone may ask: GCRA, one number for each of them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use portcullis::policy::approval_service::Rate;
use portcullis::time::Time;

/// Callers that are remembered. One who is forgotten had their whole rate back.
const CALLERS: usize = 20_000;

/// Bounds for callers by name, all at the same rate.
pub struct Limiter {
    /// Milliseconds between two.
    interval: u64,
    /// Milliseconds a caller may be ahead.
    burst: u64,
    /// When each caller will have their whole rate back.
    whole_at: Mutex<HashMap<String, u64>>,
}

impl Limiter {
    pub fn new(rate: Rate) -> Self {
        let span = rate.span.millis();
        Self { interval: span.div_ceil(rate.count.max(1).into()).max(1), burst: span, whole_at: Mutex::default() }
    }

    /// Seconds to wait, when it is too often.
    pub fn check(&self, caller: &str, now: Time) -> Result<(), u64> {
        let mut callers = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.millis();
        if callers.len() >= CALLERS && !callers.contains_key(caller) {
            callers.retain(|_, whole_at| *whole_at > now);
            if callers.len() >= CALLERS {
                return Err(self.burst.div_ceil(1000));
            }
        }
        let whole_at = callers.get(caller).copied().unwrap_or(now).max(now);
        let next = whole_at.saturating_add(self.interval);
        if next > now.saturating_add(self.burst) {
            return Err((next - now - self.burst).div_ceil(1000));
        }
        callers.insert(caller.to_owned(), next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use portcullis::policy::value::Duration;

    use super::*;

    #[test]
    fn as_many_as_the_rate_says_and_no_more() {
        let limiter = Limiter::new(Rate { count: 10, span: Duration::from_secs(60) });
        let at = |secs: u64| Time::from_secs(1_000 + secs);
        for _ in 0..10 {
            assert_eq!(limiter.check("ada", at(0)), Ok(()));
        }
        assert_eq!(limiter.check("ada", at(0)), Err(6));
        assert_eq!(limiter.check("bob", at(0)), Ok(()));
        assert_eq!(limiter.check("ada", at(6)), Ok(()));
        assert_eq!(limiter.check("ada", at(6)), Err(6));
        // A clock that was set back locks nobody out for longer than the span.
        assert_eq!(limiter.check("bob", at(0)), Ok(()));
    }
}
