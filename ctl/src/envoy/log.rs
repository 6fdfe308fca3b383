//! Envoy's own log, as far as it concerns the person in front of the screen.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Passed to Envoy: `[time][level][logger] message`, one line a message (`%_` writes a line break as `\n`).
pub const FORMAT: &str = "[%Y-%m-%d %T.%e][%l][%n] %_";

/// The filter runs on the main thread and on every worker, and each says the same.
const SAME: Duration = Duration::from_secs(5);

/// At most this much of the log is read at once; a flood is not worth more.
const READ: u64 = 256 * 1024;

/// Something that went wrong inside Envoy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Said by the filter itself, not by Envoy around it.
    pub from_filter: bool,
    pub message: String,
}

/// Follows the log.
#[derive(Debug)]
pub struct LogReader {
    path: PathBuf,
    offset: u64,
    /// The beginning of a line whose end is not written yet.
    partial: Vec<u8>,
    recent: VecDeque<(Instant, Notice)>,
}

impl LogReader {
    pub fn new(path: PathBuf) -> Self {
        Self { path, offset: 0, partial: Vec::new(), recent: VecDeque::new() }
    }

    /// Warnings of the filter and errors of Envoy since the last call, each once.
    pub fn notices(&mut self) -> Vec<Notice> {
        let now = Instant::now();
        while self.recent.front().is_some_and(|(seen, _)| now.duration_since(*seen) > SAME) {
            self.recent.pop_front();
        }
        let mut news = Vec::new();
        for notice in self.lines().iter().filter_map(|line| parse(line)) {
            if self.recent.iter().any(|(_, known)| *known == notice) {
                continue;
            }
            self.recent.push_back((now, notice.clone()));
            news.push(notice);
        }
        news
    }

    fn lines(&mut self) -> Vec<String> {
        // A log that cannot be read has nothing to say; Envoy's end is noticed elsewhere.
        let Ok(more) = read_from(&self.path, self.offset) else { return Vec::new() };
        self.offset = self.offset.saturating_add(more.len() as u64);
        self.partial.extend(more);
        let Some(end) = self.partial.iter().rposition(|byte| *byte == b'\n') else { return Vec::new() };
        let rest = self.partial.split_off(end.saturating_add(1));
        let whole = std::mem::replace(&mut self.partial, rest);
        String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect()
    }
}

fn read_from(path: &Path, offset: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut more = Vec::new();
    file.take(READ).read_to_end(&mut more)?;
    Ok(more)
}

/// The last lines of a log, for when Envoy is gone.
pub fn tail(path: &Path, lines: usize) -> String {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let skip = text.lines().count().saturating_sub(lines);
    text.lines().skip(skip).collect::<Vec<_>>().join("\n")
}

fn parse(line: &str) -> Option<Notice> {
    let (_time, rest) = line.strip_prefix('[')?.split_once("][")?;
    let (level, rest) = rest.split_once("][")?;
    let (logger, message) = rest.split_once("] ")?;
    let serious = matches!(level, "error" | "critical");
    if logger == "wasm"
        && let Some(said) = message.strip_prefix("wasm log ")
    {
        // `wasm log <plugin> <vm> [<context>]: <message>`
        let (_names, said) = said.split_once(": ")?;
        return (serious || level == "warning").then(|| Notice { from_filter: true, message: said.replace("\\n", "\n") });
    }
    serious.then(|| Notice { from_filter: false, message: message.replace("\\n", "\n") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn warnings_of_the_filter_and_errors_of_envoy() {
        let filter =
            parse(r"[2026-11-20 08:02:14.069][critical][wasm] wasm log portcullis portcullis portcullis: two\nlines: here").unwrap();
        assert_eq!(filter, Notice { from_filter: true, message: "two\nlines: here".to_owned() });
        let envoy = parse("[2026-11-20 08:02:14.069][error][wasm] Function: proxy_on_request_headers failed").unwrap();
        assert!(!envoy.from_filter);
        assert_eq!(parse("[2026-11-20 08:02:12.398][info][wasm] wasm log portcullis portcullis: hello"), None);
        assert_eq!(parse("[2026-11-20 08:02:12.398][warning][main] no limit"), None);
        assert_eq!(parse("not a line of Envoy"), None);
    }

    #[test]
    fn lines_in_pieces_and_from_every_worker() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut reader = LogReader::new(file.path().to_owned());
        file.write_all(b"[t][error][main] one\n[t][error][ma").unwrap();
        assert_eq!(reader.notices().len(), 1);
        file.write_all(b"in] two\n[t][error][main] one\n").unwrap();
        let news = reader.notices();
        assert_eq!(news.len(), 1);
        assert_eq!(news[0].message, "two");
        assert!(reader.notices().is_empty());
    }
}
