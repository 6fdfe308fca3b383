//! Counting messages of an event stream as they pass: an event with data ends at an empty line (WHATWG HTML, 9.2.6). One whose data is empty is no
//! message: servers begin streams with such an event, for its id (2025-11-25, "Resumability").

/// Where events end, over any chunking.
#[derive(Clone, Debug, Default)]
pub(super) struct EventEnds {
    count: u64,
    /// Bytes of the current line, as far as they matter: no more than the field's name and what follows.
    line: [u8; 7],
    line_len: usize,
    has_data: bool,
    after_cr: bool,
}

/// Within one chunk, the places behind events that ended in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) first: Option<usize>,
    pub(super) last: Option<usize>,
}

impl EventEnds {
    /// Events that have ended.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Nothing of another has come.
    pub(super) fn is_between(&self) -> bool {
        self.line_len == 0 && !self.has_data
    }

    pub(super) fn push(&mut self, chunk: &[u8]) -> Ends {
        let mut ends = Ends::default();
        let mut at = 0;
        if std::mem::take(&mut self.after_cr) && chunk.first() == Some(&b'\n') {
            at = 1;
        }
        while let Some(rest) = chunk.get(at..).filter(|rest| !rest.is_empty()) {
            let Some(len) = memchr::memchr2(b'\n', b'\r', rest) else {
                self.extend(rest);
                break;
            };
            self.extend(rest.get(..len).unwrap_or_default());
            at += len + 1;
            if rest.get(len) == Some(&b'\r') {
                match chunk.get(at) {
                    Some(b'\n') => at += 1,
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
            if self.end_line() {
                ends.first.get_or_insert(at);
                ends.last = Some(at);
            }
        }
        ends
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = self.line.get_mut(self.line_len..).unwrap_or_default();
        for (place, byte) in room.iter_mut().zip(bytes) {
            *place = *byte;
            self.line_len += 1;
        }
    }

    /// Whether an event ends with this line.
    fn end_line(&mut self) -> bool {
        let line = self.line.get(..self.line_len).unwrap_or_default();
        let is_end = line.is_empty() && std::mem::take(&mut self.has_data);
        self.has_data |= line.strip_prefix(b"data:").is_some_and(|data| !matches!(data, b"" | b" "));
        self.line_len = 0;
        self.count += u64::from(is_end);
        is_end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] =
        b": hello\n\nid: 0\ndata: \n\nid: 1\ndata: {\"a\":1}\n\ndata:2\r\n\r\n\n\ndatabase: x\n\nevent: m\rdata:3\r\rretry: 5\n\ndata\n\ndata:\n\ndata: open\n";

    #[test]
    fn events_with_data_count_at_every_split() {
        for at in 0..=STREAM.len() {
            let mut ends = EventEnds::default();
            ends.push(&STREAM[..at]);
            ends.push(&STREAM[at..]);
            assert_eq!(ends.count(), 3, "{at}");
            ends.push(b"\n");
            assert_eq!(ends.count(), 4, "{at}");
        }
        let mut ends = EventEnds::default();
        for byte in STREAM {
            ends.push(&[*byte]);
        }
        assert_eq!(ends.count(), 3);
    }

    #[test]
    fn the_places_are_behind_the_empty_lines() {
        let mut ends = EventEnds::default();
        assert_eq!(ends.push(b"data: a\n\ndata: b\r\n\r\nda"), Ends { first: Some(9), last: Some(20) });
        assert_eq!(ends.push(b"ta: c\n"), Ends::default());
        assert_eq!(ends.push(b"\n: x"), Ends { first: Some(1), last: Some(1) });
    }
}
