//! Server-sent events, framed in any pieces (WHATWG HTML, section 9.2.6): lines end with CR, LF or CRLF, a BOM may come
//! first, several `data` lines make one text joined by line breaks, an empty line ends the event.

use memchr::memchr2;

/// What the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Framing: a BOM, `data:` with its one space. Goes out as it came.
    Frame(&'static [u8]),
    /// Bytes of a `data` line after `data:` and one space; taken from the input.
    Data,
    /// Bytes of any other line: a field, a comment; taken from the input.
    Other,
    /// As [`Piece::Other`], but seen before it was clear what line this is.
    OtherBegan(&'static [u8]),
    /// A line ended; the line break itself follows as [`Piece::Break`].
    LineEnd(Line),
    /// Bytes of a line break; taken from the input.
    Break,
}

/// What the line was that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Data,
    Other,
    /// The empty line that ends an event.
    Blank,
}

/// A piece and how many bytes of the input it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub piece: Piece,
    pub len: usize,
}

/// The state between two bytes of one event stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Framer {
    state: State,
    /// The last byte was a CR: an LF right after it belongs to it.
    after_cr: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// So many bytes of a BOM at the start of the stream.
    Bom(usize),
    /// So many bytes of `data:` at the start of a line.
    Begin(usize),
    /// Right after `data:`.
    Space,
    Data,
    Other,
    /// The line's end was told, its line break comes.
    Ending,
}

impl Default for State {
    fn default() -> Self {
        State::Bom(0)
    }
}

const BOM: &[u8] = b"\xEF\xBB\xBF";
const DATA: &[u8] = b"data:";
/// How almost every line of data begins.
const DATA_SPACE: &[u8] = b"data: ";

impl Framer {
    /// Reads the line that `input` begins with, where one begins here that is all here and no data; its break comes next.
    #[inline]
    pub fn whole_line<'a>(&mut self, input: &'a [u8]) -> Option<&'a [u8]> {
        let is_break = self.after_cr && input.first() == Some(&b'\n');
        if is_break || !matches!(self.state, State::Begin(0)) {
            return None;
        }
        let line = input.get(..memchr2(b'\r', b'\n', input)?).filter(|line| !line.is_empty() && !line.starts_with(b"data"))?;
        *self = Self { state: State::Ending, after_cr: false };
        Some(line)
    }

    /// The next piece of `input`; `None` when it is empty.
    pub fn step(&mut self, input: &[u8]) -> Option<Step> {
        loop {
            let byte = *input.first()?;
            if std::mem::take(&mut self.after_cr) && byte == b'\n' {
                return Some(Step { piece: Piece::Break, len: 1 });
            }
            let is_break = matches!(byte, b'\r' | b'\n');
            let step = |piece, len| Some(Step { piece, len });
            match self.state {
                State::Bom(seen) => {
                    if BOM.get(seen) != Some(&byte) {
                        self.state = if seen == 0 { State::Begin(0) } else { State::Other };
                        if seen > 0 {
                            return step(Piece::OtherBegan(BOM.get(..seen).unwrap_or_default()), 0);
                        }
                        continue;
                    }
                    let whole = seen + 1 == BOM.len();
                    self.state = if whole { State::Begin(0) } else { State::Bom(seen + 1) };
                    return step(Piece::Frame(if whole { BOM } else { &[] }), 1);
                }
                State::Begin(seen) if is_break => {
                    let held = DATA.get(..seen).unwrap_or_default();
                    match seen {
                        0 => return self.line_end(Line::Blank),
                        // `data` alone is a data line with nothing in it.
                        4 => {
                            self.state = State::Data;
                            return step(Piece::Frame(held), 0);
                        }
                        _ => {
                            self.state = State::Other;
                            return step(Piece::OtherBegan(held), 0);
                        }
                    }
                }
                State::Begin(0) if input.starts_with(DATA_SPACE) => {
                    self.state = State::Data;
                    return step(Piece::Frame(DATA_SPACE), DATA_SPACE.len());
                }
                State::Begin(seen) => {
                    if DATA.get(seen) != Some(&byte) {
                        self.state = State::Other;
                        return step(Piece::OtherBegan(DATA.get(..seen).unwrap_or_default()), 0);
                    }
                    let whole = seen + 1 == DATA.len();
                    self.state = if whole { State::Space } else { State::Begin(seen + 1) };
                    return step(Piece::Frame(if whole { DATA } else { &[] }), 1);
                }
                State::Space => {
                    self.state = State::Data;
                    if byte == b' ' {
                        return step(Piece::Frame(b" "), 1);
                    }
                }
                State::Data if is_break => return self.line_end(Line::Data),
                State::Other if is_break => return self.line_end(Line::Other),
                State::Data | State::Other => {
                    let len = memchr2(b'\r', b'\n', input).unwrap_or(input.len());
                    return step(if matches!(self.state, State::Data) { Piece::Data } else { Piece::Other }, len);
                }
                State::Ending => {
                    self.state = State::Begin(0);
                    self.after_cr = byte == b'\r';
                    return step(Piece::Break, 1);
                }
            }
        }
    }

    /// The end of the stream: what was held of a line's beginning, and what line was open.
    pub fn finish(&mut self) -> (Piece, Option<Line>) {
        match std::mem::take(&mut self.state) {
            State::Bom(0) | State::Begin(0) | State::Ending => (Piece::Frame(&[]), None),
            State::Bom(seen) => (Piece::OtherBegan(BOM.get(..seen).unwrap_or_default()), Some(Line::Other)),
            State::Begin(seen @ 4) => (Piece::Frame(DATA.get(..seen).unwrap_or_default()), Some(Line::Data)),
            State::Begin(seen) => (Piece::OtherBegan(DATA.get(..seen).unwrap_or_default()), Some(Line::Other)),
            State::Space | State::Data => (Piece::Frame(&[]), Some(Line::Data)),
            State::Other => (Piece::Frame(&[]), Some(Line::Other)),
        }
    }

    fn line_end(&mut self, line: Line) -> Option<Step> {
        self.state = State::Ending;
        Some(Step { piece: Piece::LineEnd(line), len: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stream as (data of each event, other lines), and its bytes put together again.
    fn read(pieces: &[&[u8]]) -> (Vec<String>, Vec<String>, Vec<u8>) {
        let (mut framer, mut again) = (Framer::default(), Vec::new());
        let (mut events, mut others) = (Vec::new(), Vec::new());
        let (mut data, mut other) = (Vec::<String>::new(), String::new());
        let mut line = String::new();
        let mut take = |piece: Piece, bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            match piece {
                Piece::Data => line.push_str(&text),
                Piece::Other => other.push_str(&text),
                Piece::OtherBegan(held) => other.push_str(&String::from_utf8_lossy(held)),
                Piece::LineEnd(Line::Data) => data.push(std::mem::take(&mut line)),
                Piece::LineEnd(Line::Other) => others.push(std::mem::take(&mut other)),
                Piece::LineEnd(Line::Blank) => {
                    events.push(std::mem::take(&mut data).join("\n"));
                }
                Piece::Frame(_) | Piece::Break => {}
            }
            match piece {
                Piece::Frame(held) | Piece::OtherBegan(held) => again.extend_from_slice(held),
                _ => again.extend_from_slice(bytes),
            }
        };
        for piece in pieces {
            let mut rest = *piece;
            loop {
                if let Some(line) = framer.whole_line(rest) {
                    take(Piece::Other, line);
                    take(Piece::LineEnd(Line::Other), &[]);
                    rest = &rest[line.len()..];
                }
                let Some(step) = framer.step(rest) else { break };
                let (bytes, after) = rest.split_at(step.len);
                take(step.piece, bytes);
                rest = after;
            }
        }
        let (held, open) = framer.finish();
        take(held, &[]);
        if let Some(line) = open {
            take(Piece::LineEnd(line), &[]);
            take(Piece::LineEnd(Line::Blank), &[]);
        }
        (events, others, again)
    }

    #[test]
    fn frames_the_same_at_every_split() {
        let stream = "\u{feff}event: message\r\nid: 1\rdata: {\"a\":1}\ndata:{\"b\"\ndata\ndata:  x\r\n\r\n: keepalive\n\ndatax: y\nda\nretry: 5\rdata: last";
        let whole = read(&[stream.as_bytes()]);
        assert_eq!(whole.0, ["{\"a\":1}\n{\"b\"\n\n x", "", "last"]);
        assert_eq!(whole.1, ["event: message", "id: 1", ": keepalive", "datax: y", "da", "retry: 5"]);
        assert_eq!(whole.2, stream.as_bytes());
        for at in 0..=stream.len() {
            let (head, tail) = stream.as_bytes().split_at(at);
            assert_eq!(read(&[head, tail]), whole, "split at {at}");
        }
        let single: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
        assert_eq!(read(&single), whole);
    }

    #[test]
    fn a_torn_beginning_is_passed_on() {
        for text in ["\u{ef}", "dat", "data", "data:", "\r\n\r\n", "d\n\n"] {
            assert_eq!(read(&[text.as_bytes()]).2, text.as_bytes(), "{text:?}");
        }
        assert_eq!(read(&[b"\xEF\xBBdata: x\n"]).2, b"\xEF\xBBdata: x\n");
    }
}
