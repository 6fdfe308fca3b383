//! The generic cell rate algorithm (ITU-T I.371): a budget is one number, the time at which it will be whole again.

use crate::policy::value::Duration;

/// What a budget gives, in nanoseconds: what a unit costs, and how far ahead of now the cost may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gcra {
    /// So many units cost `span`.
    units: u64,
    span: u64,
    capacity: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent {
    /// When the budget will be whole.
    pub(super) whole: u64,
    /// Nanoseconds until there is room for what was wanted; none when there was.
    pub(super) wait: Option<u64>,
}

impl Gcra {
    /// `count` calls in `span`, and `burst` of them at once.
    pub(super) fn rate(count: u64, span: Duration, burst: u64) -> Self {
        let spacing = nanos(span).div_ceil(count.max(1)).max(1);
        Self { units: 1, span: spacing, capacity: spacing.saturating_mul(burst) }
    }

    /// `most` units at once, which come back evenly `within`.
    pub(super) fn amount(most: u64, within: Duration) -> Self {
        Self { units: most.max(1), span: nanos(within), capacity: nanos(within) }
    }

    fn cost(self, units: u64) -> u64 {
        let cost = u128::from(units).saturating_mul(u128::from(self.span)).div_ceil(u128::from(self.units));
        u64::try_from(cost).unwrap_or(u64::MAX)
    }

    /// Takes `used`, whatever that leads to, and then `wanted` if there is room for it. `whole` is what the last call of this gave, or any
    /// time that is over.
    pub(super) fn spend(self, whole: u64, now: u64, used: u64, wanted: u64) -> Spent {
        let base = match used {
            0 => whole,
            _ => whole.max(now).saturating_add(self.cost(used)),
        };
        let after = base.max(now).saturating_add(self.cost(wanted));
        let limit = now.saturating_add(self.capacity);
        if after <= limit { Spent { whole: after, wait: None } } else { Spent { whole: base, wait: Some(after.saturating_sub(limit)) } }
    }

    /// What `whole` is when so many units had never been taken.
    pub(super) fn without(self, whole: u64, units: u64) -> u64 {
        whole.saturating_sub(self.cost(units))
    }
}

fn nanos(duration: Duration) -> u64 {
    duration.millis().saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn sixty_a_minute_and_twenty_at_once() {
        let gcra = Gcra::rate(60, Duration::from_secs(60), 20);
        let (mut whole, now) = (0, 5_000 * MS);
        for call in 0..20 {
            let spent = gcra.spend(whole, now, 0, 1);
            assert_eq!(spent.wait, None, "{call}");
            whole = spent.whole;
        }
        assert_eq!(gcra.spend(whole, now, 0, 1), Spent { whole, wait: Some(1_000 * MS) });
        assert_eq!(gcra.spend(whole, now + 999 * MS, 0, 1).wait, Some(MS));
        assert_eq!(gcra.spend(whole, now + 1_000 * MS, 0, 1).wait, None);
        assert_eq!(gcra.spend(gcra.without(whole, 1), now, 0, 1).wait, None, "given back");
    }

    #[test]
    fn what_was_used_must_be_paid_back() {
        let gcra = Gcra::amount(1000, Duration::from_secs(10));
        let now = 1_000 * MS;
        let over = gcra.spend(0, now, 1500, 0);
        assert_eq!(over, Spent { whole: now + 15_000 * MS, wait: Some(5_000 * MS) });
        assert_eq!(gcra.spend(over.whole, now + 5_000 * MS, 0, 0).wait, None);
        assert_eq!(gcra.spend(over.whole, now + 5_000 * MS, 0, 1).wait, Some(10 * MS));
        assert_eq!(gcra.spend(0, now, 0, 1000).wait, None, "all of it at once");
        assert_eq!(gcra.spend(0, now, 0, 1001).wait, Some(10 * MS));
    }

    #[test]
    fn extremes_do_not_wrap() {
        let gcra = Gcra::amount(u64::MAX, Duration::from_secs(u64::MAX));
        assert!(gcra.spend(u64::MAX, u64::MAX, u64::MAX, u64::MAX).wait.is_none());
        assert!(Gcra::rate(1, Duration::from_secs(3_600), 60).spend(0, 0, u64::MAX, u64::MAX).wait.is_some());
    }

    proptest! {
        /// Over any interval no more is given than the burst and what the rate makes in that time.
        #[test]
        fn never_more_than_the_burst_and_the_rate(
            count in 1..200u64, secs in 1..100u64, burst in 1..40u64, steps in prop::collection::vec(0..3_000u64, 1..200),
        ) {
            let gcra = Gcra::rate(count, Duration::from_secs(secs), burst);
            let (mut whole, mut now, mut given) = (0, 77_000 * MS, Vec::new());
            for step in steps {
                now += step * MS;
                let spent = gcra.spend(whole, now, 0, 1);
                whole = spent.whole;
                if spent.wait.is_none() {
                    given.push(now);
                }
            }
            for (first, begin) in given.iter().enumerate() {
                for (last, end) in given.iter().enumerate().skip(first) {
                    let most = burst + (end - begin) * count / (secs * 1_000 * MS);
                    prop_assert!(((last - first) as u64) < most, "{} in {} ns", last - first + 1, end - begin);
                }
            }
        }
    }
}
