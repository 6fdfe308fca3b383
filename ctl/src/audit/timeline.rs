//! Calls as they happened: each begins, is decided on, and ends; others may run at the same time.

use super::clean;
use super::entry::{Entry, Kind, Payload};
use super::paint::{self, Line, Style};
use super::payload;
use super::when::{Millis, Zone, span};

/// Something that happened, as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Beat {
    pub(crate) at: Millis,
    pub(crate) lines: Vec<Line>,
}

/// How much of arguments and answers is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    pub(crate) columns: usize,
    /// Lines of one side.
    pub(crate) lines: usize,
    pub(crate) zone: Zone,
}

/// What all of it is about.
pub(crate) fn heading(entries: &[Entry], measure: Measure) -> Vec<Line> {
    let (Some(first), Some(last)) = (entries.first(), entries.iter().max_by_key(|entry| entry.end)) else { return Vec::new() };
    let mut who: Vec<String> = entries.iter().map(Entry::who).collect();
    who.sort();
    who.dedup();
    let who = if who.len() > 3 { format!("{} callers", who.len()) } else { who.join(", ") };
    let mut sessions: Vec<&str> = entries.iter().map(|entry| entry.session.as_str()).collect();
    sessions.sort_unstable();
    sessions.dedup();
    let session = match sessions.as_slice() {
        [one] if !one.is_empty() => format!("session {one}"),
        _ => format!("{} sessions", sessions.len()),
    };
    let calls = if entries.len() == 1 { "1 record".to_owned() } else { format!("{} records", entries.len()) };
    let refused = entries.iter().filter(|entry| entry.refused()).count();
    let when = format!("{}, {calls} in {}, {refused} refused", measure.zone.show(first.start), span(last.end.saturating_sub(first.start)));
    let line = |style, text: &str| vec![(style, clean::fitted(&clean::line(text), measure.columns).into_owned())];
    vec![line(Style::Bold, &format!("{session} · {who}")), line(Style::Dim, &when), Vec::new()]
}

/// The beats of all records, in time.
pub(crate) fn beats(entries: &[Entry], measure: Measure) -> Vec<Beat> {
    let mut beats = Vec::with_capacity(entries.len().saturating_mul(2));
    for (index, entry) in entries.iter().enumerate() {
        let desk = Desk { entry, number: index.saturating_add(1), measure };
        beats.push(Beat { at: entry.start, lines: desk.asked() });
        beats.push(Beat { at: entry.end.max(entry.start), lines: desk.answered() });
    }
    // Stable: of one moment, what was asked comes before what was answered.
    beats.sort_by_key(|beat| beat.at);
    beats
}

struct Desk<'a> {
    entry: &'a Entry,
    number: usize,
    measure: Measure,
}

impl Desk<'_> {
    fn label(&self, at: Millis) -> (Style, String) {
        (Style::Dim, format!("{} #{:<3} ", self.measure.zone.clock(at), self.number))
    }

    fn asked(&self) -> Vec<Line> {
        let Entry { kind, request, .. } = self.entry;
        let mut what = self.entry.what();
        if *kind != Kind::Exchange {
            what = format!("{}: {what}", kind.word());
        }
        let head = clean::line(&format!("{what}  ")).into_owned();
        let mut lines =
            vec![vec![self.label(self.entry.start), (Style::Bold, head), (Style::Dim, clean::line(&self.entry.who()).into_owned())]];
        if let Some(request) = request {
            self.payload(request, payload::arguments, "→", &mut lines);
        }
        lines
    }

    fn answered(&self) -> Vec<Line> {
        let entry = self.entry;
        let mut head = vec![self.label(entry.end.max(entry.start)), (paint::of_verdict(entry), clean::line(entry.verdict()).into_owned())];
        let mut about = Vec::new();
        if !entry.why().is_empty() {
            about.push(if entry.rule.is_empty() { entry.code.clone() } else { format!("rule {}", entry.rule) });
        }
        about.extend(entry.http.status.map(|status| format!("HTTP {status}")));
        about.push(span(entry.took()));
        if !matches!(entry.stage.as_str(), "" | "completed") {
            about.push(entry.stage.clone());
        }
        head.push((Style::Dim, format!("  {}", clean::line(&about.join(" · ")))));
        let mut lines = vec![head];
        let mut say = |style, name: &str, text: &str| {
            if !text.is_empty() {
                let text = clean::line(text).into_owned();
                lines.extend(indented(style, &format!("{name}: "), &[text.into()], self.measure, usize::MAX));
            }
        };
        match entry.kind {
            Kind::Finding => say(Style::Bad, "finding", &entry.detail),
            _ if entry.refused() => say(Style::Bad, "told the caller", &entry.detail),
            _ => {}
        }
        let observed = entry.rules.iter().filter(|hit| hit.mode == "observe").map(|hit| format!("{} would {}", hit.id, hit.then));
        say(Style::Notable, "only observed", &observed.collect::<Vec<_>>().join(", "));
        let because = entry.rules.iter().filter(|hit| hit.id == entry.rule).flat_map(|hit| &hit.because);
        say(Style::Dim, "because", &because.cloned().collect::<Vec<_>>().join("; "));
        say(Style::Notable, "masked", &entry.masked_in_words());
        say(Style::Bad, "alert", &entry.alerts.join(", "));
        say(Style::Notable, "approval", &entry.approval);
        if let Some((first, last)) = entry.messages {
            say(Style::Dim, "messages of the stream", &format!("{first} to {last}"));
        }
        if let Some((code, message)) = &entry.rpc_error {
            say(Style::Bad, "error", &format!("{code} {message}"));
        }
        if let Some(response) = &entry.response {
            self.payload(response, payload::answer, "←", &mut lines);
        }
        lines
    }

    fn payload(&self, payload: &Payload, readable: impl Fn(&str) -> String, mark: &str, lines: &mut Vec<Line>) {
        let about = match (&payload.text, payload.truncated) {
            (None, _) => format!("{} bytes, not on record", payload.size),
            (Some(_), true) => format!("{} bytes, cut on record", payload.size),
            (Some(_), false) => String::new(),
        };
        let text = payload.text.as_deref().map(readable).unwrap_or_default();
        let shown = clean::lines(text.trim_end());
        if !text.is_empty() {
            lines.extend(indented(Style::Plain, &format!("{mark} "), &shown, self.measure, self.measure.lines));
        }
        if !about.is_empty() {
            lines.extend(indented(Style::Dim, &format!("{mark} "), &[about.into()], self.measure, usize::MAX));
        }
    }
}

/// Below the head, behind a mark, wrapped at the width, at most so many lines.
fn indented(style: Style, mark: &str, texts: &[std::borrow::Cow<'_, str>], measure: Measure, most: usize) -> Vec<Line> {
    const INDENT: usize = 4;
    let room = measure.columns.saturating_sub(INDENT.saturating_add(clean::width(mark))).max(20);
    let mut lines: Vec<Line> = Vec::new();
    let mut left = 0_usize;
    for text in texts {
        for part in clean::wrapped(text, room) {
            if lines.len() >= most {
                left = left.saturating_add(1);
                continue;
            }
            let lead = if lines.is_empty() { mark.to_owned() } else { " ".repeat(clean::width(mark)) };
            lines.push(vec![(Style::Dim, format!("{}{lead}", " ".repeat(INDENT))), (style, part)]);
        }
    }
    if left > 0 {
        let lead = " ".repeat(INDENT.saturating_add(clean::width(mark)));
        lines.push(vec![(Style::Dim, format!("{lead}… {left} more lines"))]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::paint::Painter;

    pub(crate) const MEASURE: Measure = Measure { columns: 100, lines: 12, zone: Zone::Utc };

    fn text(beats: &[Beat]) -> String {
        let painter = Painter { colours: false };
        beats.iter().flat_map(|beat| &beat.lines).map(|line| painter.line(line) + "\n").collect()
    }

    #[test]
    fn calls_that_overlap_are_told_apart() {
        let read = || Entry::read(include_str!("../../../src/audit/allowed.json")).unwrap();
        let mut second = read();
        (second.start, second.end) = (read().start + 10, read().start + 20);
        (second.action, second.disposition, second.rule) = ("Denied".into(), "Blocked".into(), "no-deletes".into());
        second.detail = "Deleting is not allowed.".into();
        second.response = None;
        assert_eq!(
            text(&beats(&[read(), second], MEASURE)),
            r#"14:13:20.000 #1   tools/call get_order  alice (agent-7, planner 2.1)
    → {"order":"42","note":"a\"b"}
14:13:20.010 #2   tools/call get_order  alice (agent-7, planner 2.1)
    → {"order":"42","note":"a\"b"}
14:13:20.020 #2   Blocked  rule no-deletes · HTTP 200 · 10 ms
    told the caller: Deleting is not allowed.
14:13:20.060 #1   Allowed  rule staff-read · HTTP 200 · 60 ms
    ← {"content":[]}
"#
        );
    }

    #[test]
    fn long_answers_are_cut_and_control_characters_spelt_out() {
        let mut entry = Entry { end: 5, ..Entry::default() };
        let said: String = (0..50).map(|n| format!("line {n}\u{1b}[31m\\n")).collect();
        let body = format!("{{\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\"{}\"}}]}}}}", said.replace('\u{1b}', "\\u001b"));
        entry.response = Some(Payload { text: Some(body), size: 900, truncated: true });
        entry.user = "\u{1b}]52;c;eA==\u{7}".into();
        let text = text(&beats(&[entry], MEASURE));
        assert!(
            text.contains("← line 0\\u{1b}[31m\n") && text.contains("… 38 more lines") && text.contains("900 bytes, cut on record"),
            "{text}"
        );
        assert!(!text.chars().any(|c| c != '\n' && clean::hides(c)), "{text:?}");
    }
}
