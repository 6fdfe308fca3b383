//! A resumable JSON lexer (RFC 8259): bytes in any pieces, events with lengths out, nothing copied, nothing kept
//! but the state. It accepts exactly what the grammar does, so text it passed is JSON for every reader.

mod plain;

use memchr::memchr2;
use plain::plain;

use super::utf8::Utf8;
use crate::limits::JSON_DEPTH;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    #[error("the JSON is not valid: unexpected byte 0x{0:02x}")]
    Unexpected(u8),
    #[error("the JSON is not valid: a control character stands in a string")]
    Control,
    #[error("the JSON is not valid UTF-8")]
    Utf8,
    #[error("the JSON is nested deeper than {JSON_DEPTH} levels")]
    TooDeep,
    #[error("the JSON is unfinished")]
    Unfinished,
}

/// What the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// White space, colons.
    Plain,
    /// A piece of `true`, `false` or `null`.
    Literal,
    Comma,
    Open {
        array: bool,
    },
    Close,
    /// The opening quote of a string; of a member name when `name`.
    Quote {
        name: bool,
    },
    /// Content of a string, as written: all of it up to the closing quote, or up to the end of the input.
    Content,
    Unquote {
        name: bool,
    },
    /// A piece of a number.
    Number,
    /// The number ended before these bytes; length 0.
    NumberEnd,
}

/// An event and how many bytes of the input it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub event: Event,
    pub len: usize,
}

/// The state between two bytes of one JSON text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lexer {
    state: State,
    /// Bit `n` of all of them set: the container at depth `n` is an array.
    arrays: [u64; JSON_DEPTH.div_ceil(64)],
    depth: usize,
    utf8: Utf8,
    /// How much of the string that comes next is known to be plain.
    ahead: usize,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Value,
    /// After `[`.
    FirstElement,
    /// After `{`.
    FirstName,
    /// After `,` in an object.
    Name,
    Colon,
    /// After a value.
    After,
    String {
        name: bool,
        escape: Escape,
    },
    Literal(&'static [u8]),
    Number(Number),
}

#[derive(Clone, Copy, Debug)]
enum Escape {
    None,
    Backslash,
    Hex(u8),
}

/// Where in `-12.5e+3` the lexer is.
#[derive(Clone, Copy, Debug)]
enum Number {
    Minus,
    Zero,
    Int,
    Dot,
    Fraction,
    E,
    Sign,
    Exponent,
}

impl Lexer {
    /// The next event of `input`; `None` when it is empty.
    pub fn step(&mut self, input: &[u8]) -> Result<Option<Step>, JsonError> {
        let Some((&byte, _)) = input.split_first() else { return Ok(None) };
        match self.state {
            State::String { name, escape } => return self.string(input, byte, name, escape).map(Some),
            State::Number(number) => return Ok(Some(self.number(input, number)?)),
            State::Literal(rest) => return self.literal(input, rest).map(Some),
            _ => {}
        }
        if let b' ' | b'\n' | b'\r' | b'\t' = byte {
            let len = input.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
            return Ok(Some(Step { event: Event::Plain, len }));
        }
        let event = match (self.state, byte) {
            (State::Value | State::FirstElement, b'"') => self.quote(false),
            (State::FirstName | State::Name, b'"') => self.quote(true),
            (State::Value | State::FirstElement, b'{') => self.open(false)?,
            (State::Value | State::FirstElement, b'[') => self.open(true)?,
            (State::FirstElement, b']') | (State::FirstName, b'}') => self.close(),
            (State::Value | State::FirstElement, b'-' | b'0'..=b'9') => {
                let first = match byte {
                    b'-' => Number::Minus,
                    b'0' => Number::Zero,
                    _ => Number::Int,
                };
                return Ok(Some(self.begin_number(input, first)));
            }
            (State::Value | State::FirstElement, b't') => self.begin_literal(b"rue"),
            (State::Value | State::FirstElement, b'f') => self.begin_literal(b"alse"),
            (State::Value | State::FirstElement, b'n') => self.begin_literal(b"ull"),
            (State::Colon, b':') => {
                self.state = State::Value;
                Event::Plain
            }
            (State::After, b',') if self.depth > 0 => {
                self.state = if self.in_array() { State::Value } else { State::Name };
                Event::Comma
            }
            (State::After, b']') if self.depth > 0 && self.in_array() => self.close(),
            (State::After, b'}') if self.depth > 0 && !self.in_array() => self.close(),
            _ => return Err(JsonError::Unexpected(byte)),
        };
        Ok(Some(Step { event, len: 1 }))
    }

    /// Whether no token is half read.
    #[inline]
    pub fn is_between(&self) -> bool {
        !matches!(self.state, State::String { .. } | State::Literal(_) | State::Number(_))
    }

    /// Whether the string that comes next is a member name; none where no string may stand.
    #[inline]
    pub fn string_comes(&self) -> Option<bool> {
        match self.state {
            State::Value | State::FirstElement => Some(false),
            State::FirstName | State::Name => Some(true),
            _ => None,
        }
    }

    /// Of the string that comes next, which is not all here, so many bytes are plain, as [`plain_string`] told: they are not looked at again.
    #[inline]
    pub fn string_begins(&mut self, plain: usize) {
        self.ahead = plain;
    }

    /// A string has been read, both quotes, as [`Lexer::string_comes`] told and [`whole_string`] found it.
    #[inline]
    pub fn string_read(&mut self, name: bool) {
        self.state = if name { State::Colon } else { State::After };
    }

    /// A number or literal has been read, as [`whole_number`] and [`whole_literal`] found it, where [`Lexer::string_comes`] told of a value.
    #[inline]
    pub fn value_read(&mut self) {
        self.state = State::After;
    }

    /// Reads the bracket that `input` begins with, where it may stand.
    #[inline]
    pub fn whole_bracket(&mut self, bracket: u8) -> Option<Event> {
        match (self.state, bracket) {
            (State::Value | State::FirstElement, b'{' | b'[') => self.open(bracket == b'[').ok(),
            (State::FirstElement, b']') | (State::FirstName, b'}') => Some(self.close()),
            (State::After, b']') if self.depth > 0 && self.in_array() => Some(self.close()),
            (State::After, b'}') if self.depth > 0 && !self.in_array() => Some(self.close()),
            _ => None,
        }
    }

    /// Reads the colon or comma that `input` begins with and a blank behind it, where one may stand: its length, and whether it is a comma.
    #[inline]
    pub fn whole_sign(&mut self, input: &[u8]) -> Option<(usize, bool)> {
        let (state, comma) = match (self.state, input.first()?) {
            (State::Colon, b':') => (State::Value, false),
            (State::After, b',') if self.depth > 0 => (if self.in_array() { State::Value } else { State::Name }, true),
            _ => return None,
        };
        self.state = state;
        Some((1 + usize::from(input.get(1) == Some(&b' ')), comma))
    }

    /// The end of the text: true when it ends a number (a [`Event::NumberEnd`] in effect).
    pub fn finish(&mut self) -> Result<bool, JsonError> {
        match self.state {
            State::Number(number) if self.depth == 0 && number.may_end() => {
                self.state = State::After;
                Ok(true)
            }
            State::After if self.depth == 0 => Ok(false),
            _ => Err(JsonError::Unfinished),
        }
    }

    /// A line break between two pieces of the text, which is white space: true when it ends a number.
    pub fn line_break(&mut self) -> Result<bool, JsonError> {
        match self.state {
            State::Number(number) if number.may_end() => {
                self.state = State::After;
                Ok(true)
            }
            State::Number(_) | State::Literal(_) => Err(JsonError::Unexpected(b'\n')),
            State::String { .. } => Err(JsonError::Control),
            _ => Ok(false),
        }
    }

    /// Whether one whole value has been read and nothing is open.
    pub fn is_complete(&self) -> bool {
        self.depth == 0 && matches!(self.state, State::After)
    }

    /// Whether a member name is being read.
    pub fn in_name(&self) -> bool {
        matches!(self.state, State::String { name: true, .. })
    }

    /// Whether nothing has been read but white space.
    pub fn is_fresh(&self) -> bool {
        self.depth == 0 && matches!(self.state, State::Value)
    }

    fn in_array(&self) -> bool {
        self.depth.checked_sub(1).is_some_and(|level| self.arrays.get(level / 64).is_some_and(|arrays| arrays >> (level % 64) & 1 == 1))
    }

    fn quote(&mut self, name: bool) -> Event {
        self.state = State::String { name, escape: Escape::None };
        Event::Quote { name }
    }

    fn open(&mut self, array: bool) -> Result<Event, JsonError> {
        if self.depth >= JSON_DEPTH {
            return Err(JsonError::TooDeep);
        }
        let bit = 1 << (self.depth % 64);
        if let Some(arrays) = self.arrays.get_mut(self.depth / 64) {
            *arrays = if array { *arrays | bit } else { *arrays & !bit };
        }
        self.depth += 1;
        self.state = if array { State::FirstElement } else { State::FirstName };
        Ok(Event::Open { array })
    }

    fn close(&mut self) -> Event {
        self.depth = self.depth.saturating_sub(1);
        self.state = State::After;
        Event::Close
    }

    fn begin_literal(&mut self, rest: &'static [u8]) -> Event {
        self.state = State::Literal(rest);
        Event::Literal
    }

    fn literal(&mut self, input: &[u8], rest: &'static [u8]) -> Result<Step, JsonError> {
        let mut rest = rest;
        let mut len = 0;
        for byte in input {
            let Some((want, after)) = rest.split_first() else { break };
            if byte != want {
                return Err(JsonError::Unexpected(*byte));
            }
            rest = after;
            len += 1;
        }
        self.state = if rest.is_empty() { State::After } else { State::Literal(rest) };
        Ok(Step { event: Event::Literal, len })
    }

    fn begin_number(&mut self, input: &[u8], first: Number) -> Step {
        let (mut at, mut len) = (first, 1);
        while let Some(next) = input.get(len).and_then(|byte| at.next(*byte)) {
            at = next;
            len += 1;
        }
        self.state = State::Number(at);
        Step { event: Event::Number, len }
    }

    fn number(&mut self, input: &[u8], number: Number) -> Result<Step, JsonError> {
        let mut at = number;
        let mut len = 0;
        for byte in input {
            match at.next(*byte) {
                Some(next) => at = next,
                None if len == 0 => {
                    if !at.may_end() {
                        return Err(JsonError::Unexpected(*byte));
                    }
                    self.state = State::After;
                    return Ok(Step { event: Event::NumberEnd, len: 0 });
                }
                None => break,
            }
            len += 1;
        }
        self.state = State::Number(at);
        Ok(Step { event: Event::Number, len })
    }

    fn string(&mut self, input: &[u8], first: u8, name: bool, escape: Escape) -> Result<Step, JsonError> {
        if first == b'"' && matches!(escape, Escape::None) {
            if !self.utf8.complete() {
                return Err(JsonError::Utf8);
            }
            self.state = if name { State::Colon } else { State::After };
            return Ok(Step { event: Event::Unquote { name }, len: 1 });
        }
        let mut escape = escape;
        let mut at = std::mem::take(&mut self.ahead).min(input.len());
        while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
            match escape {
                Escape::None => {
                    // Most of most strings: neither the ends of the run nor its encoding need a look of their own.
                    let plain = if self.utf8.complete() { plain(rest) } else { 0 };
                    at += plain;
                    let Some(rest) = rest.get(plain..).filter(|rest| !rest.is_empty()) else { break };
                    let stop = memchr2(b'"', b'\\', rest);
                    let (run, after) = rest.split_at_checked(stop.unwrap_or(rest.len())).unwrap_or((rest, &[]));
                    self.check(run)?;
                    at += run.len();
                    match after.first() {
                        Some(b'\\') if self.utf8.complete() => {
                            escape = Escape::Backslash;
                            at += 1;
                        }
                        Some(b'\\') => return Err(JsonError::Utf8),
                        _ => break,
                    }
                }
                Escape::Backslash => {
                    escape = match rest.first() {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Escape::None,
                        Some(b'u') => Escape::Hex(4),
                        other => return Err(JsonError::Unexpected(other.copied().unwrap_or_default())),
                    };
                    at += 1;
                }
                Escape::Hex(left) => {
                    match rest.first() {
                        Some(digit) if digit.is_ascii_hexdigit() => {}
                        other => return Err(JsonError::Unexpected(other.copied().unwrap_or_default())),
                    }
                    escape = if left > 1 { Escape::Hex(left - 1) } else { Escape::None };
                    at += 1;
                }
            }
        }
        self.state = State::String { name, escape };
        Ok(Step { event: Event::Content, len: at })
    }

    fn check(&mut self, run: &[u8]) -> Result<(), JsonError> {
        if has_control(run) {
            return Err(JsonError::Control);
        }
        if !self.utf8.feed(run) {
            return Err(JsonError::Utf8);
        }
        Ok(())
    }
}

impl Number {
    #[inline]
    fn next(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Number::Minus, b'0') => Number::Zero,
            (Number::Minus, b'1'..=b'9') | (Number::Int, b'0'..=b'9') => Number::Int,
            (Number::Zero | Number::Int, b'.') => Number::Dot,
            (Number::Dot | Number::Fraction, b'0'..=b'9') => Number::Fraction,
            (Number::Zero | Number::Int | Number::Fraction, b'e' | b'E') => Number::E,
            (Number::E, b'+' | b'-') => Number::Sign,
            (Number::E | Number::Sign | Number::Exponent, b'0'..=b'9') => Number::Exponent,
            _ => return None,
        })
    }

    fn may_end(self) -> bool {
        matches!(self, Number::Zero | Number::Int | Number::Fraction | Number::Exponent)
    }
}

/// The length of the content of the string that `input` begins with, where all of it is here and nothing in it needs a closer look: ASCII
/// and whole escapes.
#[inline]
pub fn whole_string(input: &[u8]) -> Option<usize> {
    plain_string(input).filter(|(_, is_whole)| *is_whole).map(|(len, _)| len)
}

/// Likewise as far as nothing needs a closer look, and whether that is all of it.
#[inline]
pub fn plain_string(input: &[u8]) -> Option<(usize, bool)> {
    let content = input.strip_prefix(b"\"")?;
    let len = plain(content);
    Some((len, content.get(len) == Some(&b'"')))
}

/// The length of the number that `input` begins with, where its end is here, too.
#[inline]
pub fn whole_number(input: &[u8]) -> Option<usize> {
    let (mut at, mut len) = match input.first()? {
        b'-' => (Number::Minus, 1),
        b'0' => (Number::Zero, 1),
        b'1'..=b'9' => (Number::Int, 1),
        _ => return None,
    };
    while let Some(next) = at.next(*input.get(len)?) {
        at = next;
        len += 1;
    }
    at.may_end().then_some(len)
}

/// The length of the literal that `input` begins with.
#[inline]
pub fn whole_literal(input: &[u8]) -> Option<usize> {
    [&b"true"[..], b"false", b"null"].into_iter().find(|literal| input.starts_with(literal)).map(<[u8]>::len)
}

/// Written so that the compiler makes vector code of it.
fn has_control(run: &[u8]) -> bool {
    let (blocks, rest) = run.as_chunks::<32>();
    let in_block = |block: &[u8; 32]| block.iter().fold(false, |found, byte| found | (*byte < 0x20));
    blocks.iter().any(in_block) || rest.iter().any(|byte| *byte < 0x20)
}

#[cfg(test)]
mod tests;
