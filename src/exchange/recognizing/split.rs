//! What leaves the masker, cut into messages: a body of JSON or text is one, of an event stream each event is one.

use crate::mask::Form;
use crate::policy::Otherwise;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A message.
    Whole(Vec<u8>),
    /// The beginning of one that is too long, of which the rest was dropped.
    Cut(Vec<u8>),
    /// A part of one that is too long and goes on all the same.
    Part(Vec<u8>),
}

#[derive(Debug)]
pub(super) struct Splitter {
    form: Form,
    /// Bytes of a message at most, and what becomes of one with more.
    most: usize,
    too_long: Otherwise,
    held: Vec<u8>,
    is_over: bool,
    /// A line begins here.
    after_line: bool,
    /// The last byte was a carriage return: a line's end of its own, or half of one.
    after_return: bool,
    /// A message that is too long has begun, and nobody was told yet.
    began_over: bool,
}

impl Splitter {
    pub(super) fn new(form: Form, most: usize, too_long: Otherwise) -> Self {
        Self { form, most, too_long, held: Vec::new(), is_over: false, after_line: true, after_return: false, began_over: false }
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    pub(super) fn push(&mut self, bytes: &[u8], take: &mut impl FnMut(Piece)) {
        match self.form {
            Form::Json | Form::Text => self.held.extend_from_slice(bytes),
            Form::Sse => bytes.iter().for_each(|byte| self.event_byte(*byte, take)),
        }
        self.bound(take);
    }

    /// The end of the body.
    pub(super) fn finish(&mut self, take: &mut impl FnMut(Piece)) {
        self.release(take);
    }

    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Whether a message that is too long has begun since this was asked last.
    pub(super) fn began_over(&mut self) -> bool {
        std::mem::take(&mut self.began_over)
    }

    /// An event ends with an empty line; lines end with LF, CR LF or CR (WHATWG HTML, 9.2.6).
    fn event_byte(&mut self, byte: u8, take: &mut impl FnMut(Piece)) {
        if std::mem::take(&mut self.after_return) && byte != b'\n' {
            self.line_ends(take);
        }
        self.held.push(byte);
        match byte {
            b'\r' => self.after_return = true,
            b'\n' => self.line_ends(take),
            _ => self.after_line = false,
        }
    }

    fn line_ends(&mut self, take: &mut impl FnMut(Piece)) {
        if std::mem::replace(&mut self.after_line, true) {
            self.release(take);
        }
    }

    fn bound(&mut self, take: &mut impl FnMut(Piece)) {
        if self.held.len() <= self.most && !self.is_over {
            return;
        }
        self.note_over();
        match self.too_long {
            Otherwise::Refuse => self.held.truncate(self.most),
            Otherwise::Pass if self.held.is_empty() => {}
            Otherwise::Pass => take(Piece::Part(std::mem::take(&mut self.held))),
        }
    }

    fn note_over(&mut self) {
        self.began_over |= !std::mem::replace(&mut self.is_over, true);
    }

    fn release(&mut self, take: &mut impl FnMut(Piece)) {
        // However it was cut on its way, a message is as long as it is.
        if self.held.len() > self.most {
            self.note_over();
        }
        let held = std::mem::take(&mut self.held);
        match (std::mem::take(&mut self.is_over), self.too_long) {
            (false, _) if held.is_empty() => {}
            (false, _) => take(Piece::Whole(held)),
            (true, Otherwise::Pass) => take(Piece::Part(held)),
            (true, Otherwise::Refuse) => take(Piece::Cut(held)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(form: Form, too_long: Otherwise, body: &str, size: usize) -> Vec<(char, String)> {
        let mut splitter = Splitter::new(form, 16, too_long);
        let mut pieces: Vec<(char, String)> = Vec::new();
        let mut take = |piece| {
            let (kind, bytes) = match piece {
                Piece::Whole(bytes) => ('w', bytes),
                Piece::Cut(bytes) => ('c', bytes[..bytes.len().min(16)].to_vec()),
                Piece::Part(bytes) => ('p', bytes),
            };
            let text = String::from_utf8(bytes).unwrap();
            match pieces.last_mut() {
                Some((last, before)) if *last == 'p' && kind == 'p' => before.push_str(&text),
                _ => pieces.push((kind, text)),
            }
        };
        for chunk in body.as_bytes().chunks(size) {
            splitter.push(chunk, &mut take);
        }
        splitter.finish(&mut take);
        pieces
    }

    #[test]
    fn messages_are_the_same_however_they_come() {
        let events = "data: 1\n\n: ping\n\ndata: 2345678901234567890\n\ndata: 3\r\n\r\ndata: 4\r\rdata: 5";
        for size in [1, 2, 3, 7, 100] {
            let refused = split(Form::Sse, Otherwise::Refuse, events, size);
            let all: Vec<(char, &str)> = refused.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
            let expected = [
                ('w', "data: 1\n\n"),
                ('w', ": ping\n\n"),
                ('c', "data: 2345678901"),
                ('w', "data: 3\r\n\r\n"),
                ('w', "data: 4\r\r"),
                ('w', "data: 5"),
            ];
            assert_eq!(all, expected, "{size}");
            let passed = split(Form::Sse, Otherwise::Pass, events, size);
            assert_eq!(passed[2], ('p', "data: 2345678901234567890\n\n".to_owned()), "{size}");
            for form in [Form::Json, Form::Text] {
                assert_eq!(split(form, Otherwise::Refuse, "{\"a\":1}", size), [('w', "{\"a\":1}".to_owned())]);
                assert_eq!(split(form, Otherwise::Refuse, &"x".repeat(17), size), [('c', "x".repeat(16))]);
                assert_eq!(split(form, Otherwise::Pass, &"x".repeat(40), size), [('p', "x".repeat(40))]);
            }
        }
    }
}
