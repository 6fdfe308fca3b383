//! A moment, written `2026-01-05T22:30:00Z` (RFC 3339, UTC only).

use crate::time::Time;

const EXPECTED: &str = "a moment in UTC such as `2026-01-05T22:30:00Z`";

pub(super) fn parse(text: &str) -> Result<Time, &'static str> {
    parts(text).ok_or(EXPECTED)
}

fn parts(text: &str) -> Option<Time> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.splitn(3, ':').map(number);
    let (hour, minute, second) = (time.next()??, time.next()??, time.next().unwrap_or(Some(0))?);
    let in_range = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !in_range {
        return None;
    }
    let days = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<u64>()
        + (1..month).map(|month| days(year, month)).sum::<u64>()
        + (day - 1);
    Some(Time::from_secs(((days * 24 + hour) * 60 + minute) * 60 + second))
}

/// Two digits, or four for a year.
fn number(text: &str) -> Option<u64> {
    let digits = matches!(text.len(), 2 | 4) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        // Expected values from `date -u -d ... +%s`.
        for (text, secs) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:00:00Z", Some(951_825_600)),
            ("2026-01-05T22:30Z", Some(1_767_652_200)),
            ("2026-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-01-05T24:00:00Z", None),
            ("2026-01-05T22:30:00+01:00", None),
            ("2026-1-5T22:30:00Z", None),
            ("tomorrow", None),
        ] {
            assert_eq!(parse(text).ok().map(Time::secs), secs, "{text}");
        }
    }
}
