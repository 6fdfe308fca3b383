//! Where a word, a quotation or a substitution ends, without looking at what it means and without recursion.

use super::value::{byte, part, rest};

/// Constructs within constructs that are still followed; more is not read.
const MAX_NESTING: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Behind the last byte of a word; at the closing byte of a construct.
    pub(super) at: usize,
    /// Whether all that was opened was closed.
    pub(super) closed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Double,
    Paren { depth: u32, cases: u32 },
    Brace,
    Arithmetic { depth: u32 },
    Tick,
}

/// The end of the word that begins at `from`.
pub(super) fn word(text: &str, from: usize) -> End {
    Scan::new(text, from, None).run()
}

/// The closing `)` of what was opened before `from`.
pub(super) fn paren(text: &str, from: usize) -> End {
    Scan::new(text, from, Some(Inside::Paren { depth: 0, cases: 0 })).run()
}

/// The closing `}` of a `${` that ends before `from`.
pub(super) fn brace(text: &str, from: usize) -> End {
    Scan::new(text, from, Some(Inside::Brace)).run()
}

/// The first `)` of the closing `))` of an arithmetic expression that begins at `from`.
pub(super) fn arithmetic(text: &str, from: usize) -> End {
    let end = Scan::new(text, from, Some(Inside::Arithmetic { depth: 0 })).run();
    End { at: end.at.saturating_sub(usize::from(end.closed)), closed: end.closed }
}

/// The closing backtick.
pub(super) fn tick(text: &str, from: usize) -> End {
    Scan::new(text, from, Some(Inside::Tick)).run()
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Inside>,
    whole: bool,
    here: Vec<String>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, at: usize, first: Option<Inside>) -> Self {
        Self { text, bytes: text.as_bytes(), at, whole: first.is_none(), stack: first.into_iter().collect(), here: Vec::new() }
    }

    fn run(mut self) -> End {
        loop {
            if self.at >= self.bytes.len() {
                return End { at: self.bytes.len(), closed: self.stack.is_empty() };
            }
            if self.stack.len() > MAX_NESTING {
                return End { at: self.bytes.len(), closed: false };
            }
            let c = byte(self.bytes, self.at);
            match self.stack.last().copied() {
                None if self.whole => {
                    if self.ends_word(c) {
                        return End { at: self.at, closed: true };
                    }
                    self.plain(c);
                }
                // `at` is behind the closing byte.
                None => return End { at: self.at.saturating_sub(1), closed: true },
                Some(Inside::Double) => self.double(c),
                Some(Inside::Brace) => self.braced(c),
                Some(Inside::Tick) => self.ticked(c),
                Some(Inside::Arithmetic { depth }) => self.counted(c, depth),
                Some(Inside::Paren { depth, cases }) => self.parenthesised(c, depth, cases),
            }
            if self.stack.is_empty() && !self.whole {
                return End { at: self.at.saturating_sub(1), closed: true };
            }
        }
    }

    fn ends_word(&self, c: u8) -> bool {
        match c {
            b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b')' => true,
            b'<' | b'>' => byte(self.bytes, self.at + 1) != b'(',
            // `@(a|b)` and its like are patterns.
            b'(' => !matches!(byte(self.bytes, self.at.wrapping_sub(1)), b'@' | b'!' | b'+' | b'?' | b'*'),
            _ => false,
        }
    }

    fn plain(&mut self, c: u8) {
        match c {
            b'\\' => self.at += 2,
            b'\'' => self.single(),
            b'"' => self.open(Inside::Double, 1),
            b'`' => self.open(Inside::Tick, 1),
            b'(' => self.open(Inside::Paren { depth: 0, cases: 0 }, 1),
            b'<' | b'>' if byte(self.bytes, self.at + 1) == b'(' => self.open(Inside::Paren { depth: 0, cases: 0 }, 2),
            b'$' => self.dollar(false),
            _ => self.at += 1,
        }
    }

    fn double(&mut self, c: u8) {
        match c {
            b'"' => self.close(),
            b'\\' => self.at += 2,
            b'`' => self.open(Inside::Tick, 1),
            b'$' => self.dollar(true),
            _ => self.at += 1,
        }
    }

    fn braced(&mut self, c: u8) {
        let quoted = self.stack.iter().rev().nth(1) == Some(&Inside::Double);
        match c {
            b'}' => self.close(),
            b'\\' => self.at += 2,
            b'\'' if !quoted => self.single(),
            b'"' => self.open(Inside::Double, 1),
            b'`' => self.open(Inside::Tick, 1),
            b'$' => self.dollar(quoted),
            _ => self.at += 1,
        }
    }

    fn ticked(&mut self, c: u8) {
        match c {
            b'`' => self.close(),
            b'\\' => self.at += 2,
            _ => self.at += 1,
        }
    }

    fn counted(&mut self, c: u8, depth: u32) {
        match c {
            b'(' => self.replace(Inside::Arithmetic { depth: depth.saturating_add(1) }),
            b')' if depth > 0 => self.replace(Inside::Arithmetic { depth: depth - 1 }),
            b')' if byte(self.bytes, self.at + 1) == b')' => {
                self.at += 1;
                self.close();
            }
            // Not arithmetic after all: the caller reads it otherwise.
            b')' => {
                self.at = self.bytes.len();
            }
            b'\\' => self.at += 2,
            b'$' => self.dollar(true),
            b'`' => self.open(Inside::Tick, 1),
            _ => self.at += 1,
        }
    }

    fn parenthesised(&mut self, c: u8, depth: u32, cases: u32) {
        match c {
            b'(' => self.replace(Inside::Paren { depth: depth.saturating_add(1), cases }),
            b')' if depth > 0 => self.replace(Inside::Paren { depth: depth - 1, cases }),
            // The `)` of a pattern of `case`.
            b')' if cases > 0 => self.at += 1,
            b')' => self.close(),
            b'#' if self.begins_word() => self.comment(),
            b'\n' => {
                self.at += 1;
                self.skip_here_documents();
            }
            b'<' if rest(self.text, self.at).starts_with("<<<") => self.at += 3,
            b'<' if rest(self.text, self.at).starts_with("<<") => self.here_document(),
            b'c' if self.begins_word() && self.is_word("case") => self.count(Inside::Paren { depth, cases: cases.saturating_add(1) }),
            b'e' if self.begins_word() && self.is_word("esac") => self.count(Inside::Paren { depth, cases: cases.saturating_sub(1) }),
            _ => self.plain(c),
        }
    }

    fn dollar(&mut self, quoted: bool) {
        let next = byte(self.bytes, self.at + 1);
        match next {
            b'(' if byte(self.bytes, self.at + 2) == b'(' && arithmetic_here(self.text, self.at + 3) => {
                self.open(Inside::Arithmetic { depth: 0 }, 3);
            }
            b'(' => self.open(Inside::Paren { depth: 0, cases: 0 }, 2),
            b'{' => self.open(Inside::Brace, 2),
            b'\'' if !quoted => {
                self.at += 2;
                while self.at < self.bytes.len() && byte(self.bytes, self.at) != b'\'' {
                    self.at += if byte(self.bytes, self.at) == b'\\' { 2 } else { 1 };
                }
                self.finish_quote();
            }
            _ => self.at += 1,
        }
    }

    fn single(&mut self) {
        self.at += 1;
        match memchr::memchr(b'\'', self.bytes.get(self.at..).unwrap_or_default()) {
            Some(found) => self.at += found,
            None => self.at = self.bytes.len(),
        }
        self.finish_quote();
    }

    fn finish_quote(&mut self) {
        if self.at >= self.bytes.len() {
            // Left open to the end: something stays on the stack, so that it counts as not closed.
            self.at = self.bytes.len();
            self.stack.push(Inside::Double);
        } else {
            self.at += 1;
        }
    }

    fn comment(&mut self) {
        match memchr::memchr(b'\n', self.bytes.get(self.at..).unwrap_or_default()) {
            Some(found) => self.at += found,
            None => self.at = self.bytes.len(),
        }
    }

    fn here_document(&mut self) {
        self.at += 2;
        let from = self.at;
        let (delimiter, _, end) = delimiter(self.text, from);
        self.here.push(delimiter);
        self.at = end.max(from);
    }

    fn skip_here_documents(&mut self) {
        for delimiter in std::mem::take(&mut self.here) {
            self.at = here_body(self.text, self.at, &delimiter).1;
        }
    }

    fn begins_word(&self) -> bool {
        matches!(byte(self.bytes, self.at.wrapping_sub(1)), b' ' | b'\t' | b'\n' | b';' | b'(' | b'|' | b'&' | 0)
    }

    fn is_word(&self, word: &str) -> bool {
        rest(self.text, self.at).starts_with(word) && !byte(self.bytes, self.at + word.len()).is_ascii_alphanumeric()
    }

    fn open(&mut self, inside: Inside, width: usize) {
        self.stack.push(inside);
        self.at += width;
    }

    fn close(&mut self) {
        self.stack.pop();
        self.at += 1;
    }

    fn replace(&mut self, inside: Inside) {
        self.stack.pop();
        self.open(inside, 1);
    }

    fn count(&mut self, inside: Inside) {
        self.stack.pop();
        self.open(inside, 4);
    }
}

/// Whether `((` opens arithmetic: what follows has the letters of an expression only, up to `))`. A look ahead of bounded length.
pub(super) fn arithmetic_here(text: &str, from: usize) -> bool {
    const LOOK: usize = 256;
    let bytes = text.as_bytes();
    let mut depth = 0_u32;
    for at in from..from.saturating_add(LOOK) {
        match byte(bytes, at) {
            b'(' => depth = depth.saturating_add(1),
            b')' if depth > 0 => depth -= 1,
            b')' => return byte(bytes, at + 1) == b')',
            0 | b'\'' => return false,
            _ => {}
        }
    }
    false
}

/// The delimiter of a here-document whose `<<` ends before `from`: the bare word, whether it was quoted, and where it ends.
pub(super) fn delimiter(text: &str, from: usize) -> (String, bool, usize) {
    let bytes = text.as_bytes();
    let mut start = from;
    if byte(bytes, start) == b'-' {
        start += 1;
    }
    while matches!(byte(bytes, start), b' ' | b'\t') {
        start += 1;
    }
    let end = word(text, start);
    let raw = part(text, start, end.at);
    let quoted = raw.contains(['\'', '"', '\\']);
    (raw.chars().filter(|c| !matches!(c, '\'' | '"' | '\\' | '$')).collect(), quoted, end.at)
}

/// The body of a here-document that begins at `from`, and where the text goes on behind its last line.
pub(super) fn here_body<'a>(text: &'a str, from: usize, delimiter: &str) -> (&'a str, usize) {
    let mut at = from;
    while at < text.len() {
        let line = rest(text, at).split('\n').next().unwrap_or_default();
        let next = at.saturating_add(line.len()).saturating_add(1);
        let bare = line.trim_start_matches('\t').trim_end_matches('\r');
        // `EOF)` at the end of a substitution ends it, too, for bash.
        if bare == delimiter {
            return (part(text, from, at), next.min(text.len()));
        }
        at = next;
    }
    (rest(text, from.min(text.len())), text.len())
}
