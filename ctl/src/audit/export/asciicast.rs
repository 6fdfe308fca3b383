//! asciicast v2: a line of JSON about the recording, then one for each time something was written.

use std::io::{self, Write};

use serde_json::json;

use crate::audit::clean;
use crate::audit::entry::Entry;
use crate::audit::paint::{Line, Painter};
use crate::audit::timeline::{self, Measure};
use crate::audit::when::Zone;

const COLUMNS: usize = 110;
const ROWS: usize = 32;
/// Players shorten longer pauses.
const LONGEST_PAUSE_SECS: u64 = 2;

pub(super) fn write(entries: &[Entry], title: &str, zone: Zone, out: &mut dyn Write) -> io::Result<()> {
    let measure = Measure { columns: COLUMNS, lines: 12, zone };
    let begin = entries.first().map(|entry| entry.start).unwrap_or_default();
    let header = json!({
        "version": 2,
        "width": COLUMNS,
        "height": ROWS,
        "timestamp": begin / 1000,
        "idle_time_limit": LONGEST_PAUSE_SECS,
        "title": clean::line(title),
        "env": { "TERM": "xterm-256color" },
    });
    writeln!(out, "{header}")?;
    let painter = Painter { colours: true };
    let mut event = |at: u64, lines: &[Line]| {
        let text: String = lines.iter().map(|line| painter.line(line) + "\r\n").collect();
        // Seconds with exactly three digits: a float would print some of them with seventeen.
        writeln!(out, "[{}.{:03}, \"o\", {}]", at / 1000, at % 1000, json!(text))
    };
    event(0, &timeline::heading(entries, measure))?;
    for beat in timeline::beats(entries, measure) {
        event(beat.at.saturating_sub(begin), &beat.lines)?;
    }
    Ok(())
}
