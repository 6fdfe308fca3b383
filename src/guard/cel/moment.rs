//! Times and durations as CEL has them: RFC 3339, the years 1 to 9999, nanoseconds; durations as Go writes them.

use super::functions::Part;

/// Nanoseconds since the Unix epoch, within the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(i128);

/// Nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span(pub(super) i64);

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z
const FIRST: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z
const LAST: i64 = 253_402_300_799;

impl Moment {
    pub(super) fn from_nanos(nanos: i128) -> Option<Self> {
        let seconds = nanos.div_euclid(i128::from(SECOND));
        (i128::from(FIRST)..=i128::from(LAST)).contains(&seconds).then_some(Self(nanos))
    }

    pub(super) fn from_seconds(seconds: i64) -> Option<Self> {
        Self::from_nanos(i128::from(seconds).checked_mul(i128::from(SECOND))?)
    }

    /// Rounded down.
    pub(super) fn seconds(self) -> i64 {
        i64::try_from(self.0.div_euclid(i128::from(SECOND))).unwrap_or(LAST)
    }

    pub(super) fn plus(self, span: Span) -> Option<Self> {
        Self::from_nanos(self.0.checked_add(i128::from(span.0))?)
    }

    pub(super) fn minus(self, span: Span) -> Option<Self> {
        Self::from_nanos(self.0.checked_sub(i128::from(span.0))?)
    }

    pub(super) fn since(self, earlier: Self) -> Option<Span> {
        i64::try_from(self.0.checked_sub(earlier.0)?).ok().map(Span)
    }

    /// `2026-11-20T11:06:27.5Z`, `2026-11-20T11:06:27+01:00` (RFC 3339, 5.6; no leap second).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once(['T', 't'])?;
        let mut date = date.split('-');
        let (year, month, day) = (digits(date.next()?, 4)?, digits(date.next()?, 2)?, digits(date.next()?, 2)?);
        if date.next().is_some() || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) || year == 0 {
            return None;
        }
        let (time, offset) = match time.strip_suffix(['Z', 'z']) {
            Some(time) => (time, 0),
            None => {
                let at = time.find(['+', '-'])?;
                let (time, offset) = time.split_at_checked(at)?;
                (time, parse_offset(offset)?)
            }
        };
        let (time, fraction) = match time.split_once('.') {
            Some((time, fraction)) => (time, nanos(fraction)?),
            None => (time, 0),
        };
        let mut time = time.split(':');
        let (hour, minute, second) = (digits(time.next()?, 2)?, digits(time.next()?, 2)?, digits(time.next()?, 2)?);
        if time.next().is_some() || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = days_from(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset;
        Self::from_nanos(i128::from(seconds) * i128::from(SECOND) + i128::from(fraction))
    }

    /// At `offset` seconds east of Greenwich.
    pub(super) fn part(self, part: Part, offset: i64) -> i64 {
        let seconds = self.seconds().saturating_add(offset);
        let (day, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let (year, month, date) = civil(day);
        match part {
            Part::Year => year,
            Part::Month => month - 1,
            Part::Date => date,
            Part::DayOfMonth => date - 1,
            // The epoch was a Thursday.
            Part::DayOfWeek => (day + 4).rem_euclid(7),
            Part::DayOfYear => day - days_from(year, 1, 1),
            Part::Hours => second / 3600,
            Part::Minutes => second / 60 % 60,
            Part::Seconds => second % 60,
            Part::Milliseconds => i64::try_from(self.0.rem_euclid(i128::from(SECOND))).unwrap_or(0) / 1_000_000,
        }
    }
}

impl Span {
    /// `90m`, `-1.5h`, `1h30m10s`, `250ms`; the units are h, m, s, ms, us and ns.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (sign, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest == "0" {
            return Some(Self(0));
        }
        let mut total: i128 = 0;
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
            let (number, after) = rest.split_at_checked(end)?;
            let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
            let (unit, after) = after.split_at_checked(end)?;
            let unit: i128 = match unit {
                "h" => 3_600_000_000_000,
                "m" => 60_000_000_000,
                "s" => 1_000_000_000,
                "ms" => 1_000_000,
                "us" | "µs" => 1_000,
                "ns" => 1,
                _ => return None,
            };
            let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
            if whole.is_empty() && fraction.is_empty() {
                return None;
            }
            let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
            total = total
                .checked_add(whole.checked_mul(unit)?)?
                .checked_add(i128::from(nanos_or_none(fraction)?) * unit / i128::from(SECOND))?;
            rest = after;
        }
        i64::try_from(total * sign).ok().map(Self)
    }

    /// The whole of it in a unit, without what is left over.
    pub(super) fn part(self, part: Part) -> Option<i64> {
        match part {
            Part::Hours => Some(self.0 / (3600 * SECOND)),
            Part::Minutes => Some(self.0 / (60 * SECOND)),
            Part::Seconds => Some(self.0 / SECOND),
            Part::Milliseconds => Some(self.0 / 1_000_000),
            _ => None,
        }
    }
}

/// `UTC`, `+02:00` or `-05:30`, in seconds.
pub(super) fn parse_offset(text: &str) -> Option<i64> {
    if matches!(text, "UTC" | "Z") {
        return Some(0);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// The digits behind a point as nanoseconds; what is finer is dropped.
fn nanos(fraction: &str) -> Option<i64> {
    if fraction.is_empty() { None } else { nanos_or_none(fraction) }
}

fn nanos_or_none(fraction: &str) -> Option<i64> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    Some(padded.fold(0, |value, digit| value * 10 + i64::from(digit - b'0')))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from the epoch to a date of the proleptic Gregorian calendar, counted in years that begin in March.
fn days_from(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day since the epoch.
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_taken_apart() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-20T11:06:27Z", 1_795_172_787),
            ("2024-02-29T23:59:59+01:00", 1_709_247_599),
            ("0001-01-01T00:00:00Z", FIRST),
            ("9999-12-31T23:59:59.999Z", LAST),
        ] {
            assert_eq!(Moment::parse(text).map(Moment::seconds), Some(seconds), "{text}");
        }
        for text in [
            "",
            "2026-11-20",
            "2026-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2026-11-20T24:00:00Z",
            "2026-11-20T11:06:27",
            "2026-11-20T11:06:27.Z",
            "0001-01-01T00:00:00+01:00",
            "é026-11-20T11:06:27Z",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
        let moment = Moment::parse("2026-11-20T23:06:27.5Z").unwrap();
        let parts = [
            Part::Year,
            Part::Month,
            Part::Date,
            Part::DayOfMonth,
            Part::DayOfWeek,
            Part::DayOfYear,
            Part::Hours,
            Part::Minutes,
            Part::Seconds,
            Part::Milliseconds,
        ];
        assert_eq!(parts.map(|part| moment.part(part, 0)), [2026, 10, 20, 19, 5, 323, 23, 6, 27, 500]);
        assert_eq!(parts.map(|part| moment.part(part, 3600)), [2026, 10, 21, 20, 6, 324, 0, 6, 27, 500]);
    }

    /// Over four hundred years and more, each day follows the last.
    #[test]
    fn days_and_dates_are_each_others_inverse() {
        let first = days_from(1890, 1, 1);
        let mut last = civil(first - 1);
        for day in first..first + 150_000 {
            let (year, month, date) = civil(day);
            assert_eq!(days_from(year, month, date), day);
            assert!((year, month, date) > last && date <= days_in(year, month));
            last = (year, month, date);
        }
    }

    #[test]
    fn durations_are_read() {
        for (text, nanos) in [
            ("90m", Some(5400 * SECOND)),
            ("-1.5h", Some(-5400 * SECOND)),
            ("1h30m10s", Some(5410 * SECOND)),
            ("250ms", Some(250_000_000)),
            (".5s", Some(SECOND / 2)),
            ("0", Some(0)),
            ("0s", Some(0)),
            ("2562047h", Some(2_562_047 * 3600 * SECOND)),
            ("2562048h", None),
            ("99999999999999999999999h", None),
            ("", None),
            ("-", None),
            ("5", None),
            ("s", None),
            (".s", None),
            ("1d", None),
            ("1é", None),
            ("1.2.3s", None),
        ] {
            assert_eq!(Span::parse(text).map(|span| span.0), nanos, "{text}");
        }
    }

    #[test]
    fn offsets_are_read() {
        for (text, seconds) in [
            ("UTC", Some(0)),
            ("+02:00", Some(7200)),
            ("-05:30", Some(-19800)),
            ("02:00", Some(7200)),
            ("Europe/Berlin", None),
            ("+2", None),
        ] {
            assert_eq!(parse_offset(text), seconds, "{text}");
        }
    }
}
