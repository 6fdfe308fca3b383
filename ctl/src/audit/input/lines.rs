//! Lines, one at a time, in bounded memory.

use std::io::{self, BufRead, Read};

/// No record comes near this (`portcullis::audit::largest`); a longer line is none.
const LONGEST: usize = 64 * 1024 * 1024;

pub(crate) struct Lines<R> {
    from: R,
    /// Lines of this file so far.
    number: u64,
    line: Vec<u8>,
    /// What container runtimes have split, put together again: for standard output and for standard error.
    parts: [Vec<u8>; 2],
}

pub(crate) struct Line<'a> {
    /// Without white space at its ends.
    pub(crate) text: &'a [u8],
    /// From 1.
    pub(crate) number: u64,
    /// The file ends without a line break: the line may be one that is still being written.
    pub(crate) torn: bool,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(from: R) -> Self {
        Self { from, number: 0, line: Vec::new(), parts: [Vec::new(), Vec::new()] }
    }

    pub(crate) fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            self.line.clear();
            let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
            if (&mut self.from).take(limit).read_until(b'\n', &mut self.line)? == 0 {
                return Ok(None);
            }
            self.number = self.number.saturating_add(1);
            let torn = self.line.last() != Some(&b'\n');
            if torn && self.line.len() == LONGEST {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("line {} is longer than 64 MiB, which no line of a log is", self.number),
                ));
            }
            let number = self.number;
            match container(&self.line) {
                None => return Ok(Some(Line { text: self.line.trim_ascii(), number, torn })),
                Some(Container { stream, partial, text }) => {
                    let Some(parts) = self.parts.get_mut(stream) else { continue };
                    if parts.len().saturating_add(text.len()) <= LONGEST {
                        parts.extend_from_slice(text);
                    }
                    if !partial {
                        std::mem::swap(parts, &mut self.line);
                        parts.clear();
                        return Ok(Some(Line { text: self.line.trim_ascii(), number, torn }));
                    }
                }
            }
        }
    }
}

/// A line as container runtimes keep it (the CRI's log format): `TIME stdout P TEXT`, `P` for a part, `F` for the last.
struct Container<'a> {
    stream: usize,
    partial: bool,
    text: &'a [u8],
}

fn container(line: &[u8]) -> Option<Container<'_>> {
    if !line.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let mut words = line.splitn(4, |byte| *byte == b' ');
    let (time, stream, tag, text) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let stream = match stream {
        b"stdout" => 0,
        b"stderr" => 1,
        _ => return None,
    };
    let partial = match tag.split(|byte| *byte == b':').next()? {
        b"P" => true,
        b"F" => false,
        _ => return None,
    };
    time.contains(&b'T').then_some(Container { stream, partial, text: text.strip_suffix(b"\n").unwrap_or(text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<(String, u64, bool)> {
        let mut lines = Lines::new(text);
        let mut found = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            found.push((String::from_utf8_lossy(line.text).into_owned(), line.number, line.torn));
        }
        found
    }

    #[test]
    fn lines_are_numbered_and_the_last_may_be_torn() {
        assert_eq!(all(b"a\r\n\n b"), [("a".to_owned(), 1, false), (String::new(), 2, false), ("b".to_owned(), 3, true)]);
    }

    #[test]
    fn what_a_container_runtime_split_is_one_line() {
        let log = b"2026-11-20T14:00:00.1Z stdout P {\"a\"\n2026-11-20T14:00:00.1Z stderr F other\n2026-11-20T14:00:00.1Z stdout F :1}\n";
        assert_eq!(all(log), [("other".to_owned(), 2, false), ("{\"a\":1}".to_owned(), 3, false)]);
    }

    #[test]
    fn compressed_files_are_read_through_their_appended_parts() {
        use std::io::Write;
        let gzip = |text: &str| {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(text.as_bytes()).unwrap();
            gzip.finish().unwrap()
        };
        let zstd = |text: &str| ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
        // A skippable frame of three bytes.
        let skipped = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3].to_vec();
        let read = |bytes: Vec<u8>| {
            let mut text = String::new();
            super::super::open::bytes(Box::new(std::io::Cursor::new(bytes)))?.read_to_string(&mut text).map(|_| text)
        };
        assert_eq!(read([gzip("one\n"), gzip("two\n")].concat()).unwrap(), "one\ntwo\n");
        assert_eq!(read([zstd("one\n"), skipped, zstd("two\n")].concat()).unwrap(), "one\ntwo\n");
        assert_eq!(read(b"one\n".to_vec()).unwrap(), "one\n");
        let err = read(b"BZh91AY&SY".to_vec()).unwrap_err().to_string();
        assert!(err.contains("bzip2") && err.contains("bzcat"), "{err}");
        // What was cut off is told, not read as the end.
        for bytes in [gzip(&"abc".repeat(1000)), zstd(&"abc".repeat(1000))] {
            assert!(read(bytes[..bytes.len() - 6].to_vec()).is_err());
        }
    }
}
