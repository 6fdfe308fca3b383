//! Times as people write and read them.

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Utc};

/// In which zone times are shown, and read where they do not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Zone {
    /// Coordinated universal time
    #[default]
    Utc,
    /// The time zone of this machine
    Local,
}

/// Milliseconds since 1970.
pub(crate) type Millis = u64;

impl Zone {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utc => "UTC",
            Self::Local => "local time",
        }
    }

    /// `2026-11-20 14:03:07.250`; with the zone at its end where it is not UTC.
    pub(crate) fn show(self, at: Millis) -> String {
        match (self, instant(at)) {
            (_, None) => format!("{at} ms"),
            (Self::Utc, Some(time)) => time.format("%Y-%m-%d %H:%M:%S%.3fZ").to_string(),
            (Self::Local, Some(time)) => time.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S%.3f%:z").to_string(),
        }
    }

    /// `14:03:07.250`
    pub(crate) fn clock(self, at: Millis) -> String {
        match (self, instant(at)) {
            (_, None) => String::new(),
            (Self::Utc, Some(time)) => time.format("%H:%M:%S%.3f").to_string(),
            (Self::Local, Some(time)) => time.with_timezone(&Local).format("%H:%M:%S%.3f").to_string(),
        }
    }

    /// `2026-11-20`
    pub(crate) fn day(self, at: Millis) -> String {
        match (self, instant(at)) {
            (_, None) => String::new(),
            (Self::Utc, Some(time)) => time.format("%Y-%m-%d").to_string(),
            (Self::Local, Some(time)) => time.with_timezone(&Local).format("%Y-%m-%d").to_string(),
        }
    }
}

/// RFC 3339, as HAR, CSV and JSON have it.
pub(crate) fn rfc3339(at: Millis) -> String {
    instant(at).map_or_else(String::new, |time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

pub(crate) fn now() -> Millis {
    u64::try_from(Utc::now().timestamp_millis()).unwrap_or_default()
}

fn instant(at: Millis) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(i64::try_from(at).ok()?)
}

/// How long, in the unit that says most: `250 ms`, `4.2 s`, `3 min 10 s`, `2 h 5 min`, `3 d 4 h`.
pub(crate) fn span(millis: Millis) -> String {
    let (minutes, hours, days) = (millis / 60_000, millis / 3_600_000, millis / 86_400_000);
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        60_000..3_600_000 => format!("{minutes} min {} s", millis / 1_000 % 60),
        3_600_000..86_400_000 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// A moment on the command line.
pub(crate) fn parse(text: &str) -> Result<Millis, String> {
    at(text.trim(), now()).ok_or_else(|| {
        "expected `2026-11-20`, `2026-11-20 14:30`, `2026-11-20T14:30:00Z`, `90m`, `24h` or `7d` ago, or seconds since 1970".to_owned()
    })
}

fn at(text: &str, now: Millis) -> Option<Millis> {
    let millis = |time: DateTime<Utc>| u64::try_from(time.timestamp_millis()).ok();
    if text == "now" {
        return Some(now);
    }
    if let Some((number, unit)) = text.char_indices().last().and_then(|(at, unit)| text.get(..at)?.parse::<u64>().ok().zip(Some(unit))) {
        let one = match unit {
            's' => 1_000,
            'm' => 60_000,
            'h' => 3_600_000,
            'd' => 86_400_000,
            // Seconds, or milliseconds since 1970: the two do not meet before the year 5138.
            '0'..='9' => return text.parse::<u64>().ok().map(|number| if number < 100_000_000_000 { number * 1_000 } else { number }),
            _ => return None,
        };
        return number.checked_mul(one).map(|ago| now.saturating_sub(ago));
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return millis(time.to_utc());
    }
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let time = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let time = time.or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    millis(Utc.from_utc_datetime(&time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        const NOW: Millis = 1_790_000_000_000;
        for (text, expected) in [
            ("2026-09-21", 1_789_948_800_000),
            ("2026-09-21 14:13", 1_790_000_000_000 - 20_000),
            ("2026-09-21T14:13:20Z", NOW),
            ("2026-09-21T16:13:20.5+02:00", NOW + 500),
            ("2026-09-21 14:13:20.250", NOW + 250),
            ("90m", NOW - 90 * 60_000),
            ("7d", NOW - 7 * 86_400_000),
            ("now", NOW),
            ("1790000000", NOW),
            ("1790000000000", NOW),
        ] {
            assert_eq!(at(text, NOW), Some(expected), "{text}");
        }
        for bad in ["", "yesterday", "2026-13-01", "14:30", "7w", "-5m", "99999999999999999999"] {
            assert_eq!(at(bad, NOW), None, "{bad}");
        }
    }

    #[test]
    fn times_and_spans_are_shown() {
        assert_eq!(Zone::Utc.show(1_790_000_000_250), "2026-09-21 14:13:20.250Z");
        assert_eq!(rfc3339(1_790_000_000_250), "2026-09-21T14:13:20.250Z");
        let spans: Vec<String> = [7, 4_250, 190_000, 7_500_000, 273_600_000].into_iter().map(span).collect();
        assert_eq!(spans, ["7 ms", "4.2 s", "3 min 10 s", "2 h 5 min", "3 d 4 h"]);
        assert_eq!(Zone::Utc.show(u64::MAX), format!("{} ms", u64::MAX));
    }
}
