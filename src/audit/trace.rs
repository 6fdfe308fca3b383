//! W3C Trace Context, section 3.2: `00-<trace id>-<parent id>-<flags>`.

use super::json::Object;
use crate::time::Time;

/// OCSF `trace`. A `traceparent` that breaks the format is as good as none, as its specification has it.
pub(super) fn trace(record: &mut Object<'_>, traceparent: &str, start: Time, end: Time) {
    let Some((uid, span_uid, sampled)) = parse(traceparent) else { return };
    record.object("trace", |trace| {
        trace.values("flags", sampled.then_some("sampled"));
        // OCSF wants a span's times. The span is the caller's, and covers at least this exchange.
        trace.object("span", |span| {
            span.put("end_time", end.millis());
            span.put("start_time", start.millis());
            span.put("uid", span_uid);
        });
        trace.put("uid", uid);
    });
}

fn parse(traceparent: &str) -> Option<(&str, &str, bool)> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, len: usize| text.len() == len && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let some = |text: &str| text.bytes().any(|byte| byte != b'0');
    // Later versions may append parts; version 00 has none, and ff is not a version.
    let whole = version != "00" || parts.next().is_none();
    let good = hex(version, 2) && version != "ff" && whole && hex(trace, 32) && some(trace) && hex(span, 16) && some(span) && hex(flags, 2);
    let sampled = u8::from_str_radix(flags, 16).is_ok_and(|flags| flags & 1 == 1);
    good.then_some((trace, span, sampled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_examples_are_read() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), Some((trace, "00f067aa0ba902b7", true)));
        assert_eq!(parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"), Some((trace, "00f067aa0ba902b7", false)));
        assert_eq!(parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"), Some((trace, "00f067aa0ba902b7", true)));
    }

    #[test]
    fn what_breaks_the_format_is_none() {
        for bad in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
