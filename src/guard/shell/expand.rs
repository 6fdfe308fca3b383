//! Words, evaluated as far as they can be: quotes, parameters, substitutions, braces. What cannot be becomes a [`HOLE`].

use super::parameter;
use super::scan;
use super::state::{MAX_VALUE, Shell};
use super::value::{FIELD, HOLE, Value, byte, part, rest};

/// Words out of one word with braces.
const MAX_BRACED: usize = 256;

/// A word being put together: the fields it has come to, and the one that is still open.
#[derive(Default)]
struct Fields {
    done: Vec<Value>,
    open: Value,
    /// Something, if only a pair of quotes, says that there is a field.
    there: bool,
}

impl Fields {
    fn push(&mut self, c: char) {
        self.open.text.push(c);
        self.there = true;
    }

    fn push_str(&mut self, text: &str) {
        if !text.is_empty() {
            self.open.text.push_str(text);
            self.there = true;
        }
    }

    fn cut(&mut self) {
        if self.there {
            let taint = self.open.taint;
            self.done.push(std::mem::take(&mut self.open));
            self.open.taint = taint;
        }
        self.there = false;
    }

    /// What an expansion came to; without quotes it falls apart at the separators.
    fn add(&mut self, value: &Value, separators: Option<&str>) {
        self.open.taint = self.open.taint.with(value.taint);
        for c in value.text.chars() {
            if c == FIELD || separators.is_some_and(|separators| separators.contains(c)) {
                self.cut();
            } else {
                self.push(c);
            }
        }
    }

    fn finish(mut self) -> Vec<Value> {
        self.cut();
        self.done
    }
}

impl Shell {
    /// The fields a raw word comes to.
    pub(super) fn expand(&mut self, raw: &str) -> Vec<Value> {
        let mut fields = Vec::new();
        for word in braces(raw) {
            if !self.burn(word.len()) {
                break;
            }
            fields.extend(self.fields(&word));
        }
        fields
    }

    /// A raw word as one text: the right side of an assignment, a target, the body of a here-document.
    pub(super) fn expand_one(&mut self, raw: &str) -> Value {
        self.burn(raw.len());
        let mut fields = Fields::default();
        self.evaluate(raw, Quoting::Joined, &mut fields);
        one(fields)
    }

    pub(super) fn expand_here_document(&mut self, body: &str) -> Value {
        self.burn(body.len());
        let mut fields = Fields::default();
        self.evaluate(body, Quoting::HereDocument, &mut fields);
        one(fields)
    }

    fn fields(&mut self, raw: &str) -> Vec<Value> {
        // Most words are plain.
        if !raw.contains(['\\', '\'', '"', '`', '$', '(']) {
            return vec![Value::known(raw)];
        }
        let mut fields = Fields::default();
        self.evaluate(raw, Quoting::Split, &mut fields);
        fields.finish()
    }

    fn evaluate(&mut self, raw: &str, quoting: Quoting, fields: &mut Fields) {
        if !self.enter() {
            fields.push(HOLE);
            return;
        }
        let bytes = raw.as_bytes();
        let (mut at, mut double) = (0, quoting == Quoting::HereDocument);
        while let Some(c) = rest(raw, at).chars().next() {
            let next = byte(bytes, at + 1);
            match c {
                '\\' if next == b'\n' => at += 2,
                '\\' if double => {
                    let escapes = matches!(next, b'$' | b'`' | b'\\') || (next == b'"' && quoting != Quoting::HereDocument);
                    if !escapes {
                        fields.push('\\');
                    }
                    at += 1;
                    if escapes {
                        fields.push(char::from(next));
                        at += 1;
                    }
                }
                '\\' => {
                    at += 1;
                    if let Some(escaped) = rest(raw, at).chars().next() {
                        fields.push(escaped);
                        at += escaped.len_utf8();
                    }
                }
                '\'' if !double => {
                    let inner = rest(raw, at + 1).split('\'').next().unwrap_or_default();
                    fields.there = true;
                    fields.push_str(inner);
                    at += inner.len() + 2;
                }
                '"' if quoting != Quoting::HereDocument => {
                    double = !double;
                    fields.there = true;
                    at += 1;
                }
                '`' => {
                    let end = scan::tick(raw, at + 1).at;
                    let value = self.substitute(&untick(part(raw, at + 1, end)));
                    self.add(fields, &value, double || quoting == Quoting::Joined);
                    at = end + 1;
                }
                '$' if next == b'\'' && !double => {
                    let (text, width) = ansi_c(rest(raw, at + 2));
                    fields.there = true;
                    fields.push_str(&text);
                    at += 2 + width;
                }
                '$' if next == b'"' && !double => at += 1,
                '$' => {
                    let (value, width) = self.dollar(rest(raw, at), double);
                    match value {
                        Some(value) => self.add(fields, &value, double || quoting == Quoting::Joined),
                        None => fields.push('$'),
                    }
                    at += width;
                }
                '<' | '>' if next == b'(' && !double && quoting == Quoting::Split => {
                    let end = scan::paren(raw, at + 2).at;
                    let path = self.process_substitution(part(raw, at + 2, end), c == '>');
                    fields.push_str(&path);
                    at = end + 1;
                }
                _ => {
                    fields.push(c);
                    at += c.len_utf8();
                }
            }
            if fields.open.text.len() > MAX_VALUE {
                self.beyond("a word grows too long");
                break;
            }
        }
        self.leave();
    }

    fn add(&self, fields: &mut Fields, value: &Value, whole: bool) {
        if whole {
            return fields.add(value, None);
        }
        match self.separators() {
            Some(separators) => fields.add(value, Some(&separators)),
            None => fields.add(value, Some(" \t\n")),
        }
    }

    fn separators(&self) -> Option<String> {
        self.variable("IFS").filter(Value::is_known).map(|value| value.text)
    }

    /// What a `$` stands for and how many bytes it takes; nothing if it stands for itself.
    fn dollar(&mut self, text: &str, double: bool) -> (Option<Value>, usize) {
        let bytes = text.as_bytes();
        match byte(bytes, 1) {
            b'(' if byte(bytes, 2) == b'(' && scan::arithmetic_here(text, 3) => {
                let end = scan::arithmetic(text, 3);
                let value = self.arithmetic(part(text, 3, end.at));
                (Some(value), end.at + 2)
            }
            b'(' => {
                let end = scan::paren(text, 2).at;
                (Some(self.substitute(part(text, 2, end))), end + 1)
            }
            b'[' => match text.find(']') {
                Some(end) => (Some(self.arithmetic(part(text, 2, end))), end + 1),
                None => (None, 1),
            },
            b'{' => {
                let end = scan::brace(text, 2).at;
                (Some(self.parameter(part(text, 2, end), double)), end + 1)
            }
            c if c == b'_' || c.is_ascii_alphabetic() => {
                let name = parameter::name(rest(text, 1));
                (Some(self.value_of(name, double)), 1 + name.len())
            }
            c if c.is_ascii_digit() || matches!(c, b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => {
                (Some(self.value_of(part(text, 1, 2), double)), 2)
            }
            _ => (None, 1),
        }
    }

    fn arithmetic(&mut self, text: &str) -> Value {
        let inner = if text.contains(['$', '`']) { self.expand_one(text) } else { Value::known(text) };
        match parameter::compute(&inner.text, &|name| self.variable(name).map(|value| value.text)) {
            Some(number) => Value { text: number.to_string(), taint: inner.taint },
            None => Value::hole(inner.taint),
        }
    }

    /// The output of a command substitution, its last newlines off. What it sets stays inside.
    pub(super) fn substitute(&mut self, script: &str) -> Value {
        let script = script.trim();
        // `$(< file)`
        if let Some(path) = script.strip_prefix('<').filter(|path| !path.starts_with(['<', '('])) {
            let path = self.expand_one(path.trim());
            return self.read_file(&path);
        }
        let mark = self.undo_mark();
        let mut value = self.run(script, Value::default());
        self.roll_back(mark);
        value.text.truncate(value.text.trim_end_matches('\n').len());
        value
    }

    fn process_substitution(&mut self, script: &str, written_to: bool) -> String {
        if written_to {
            self.substitute(script);
            return self.sink(script);
        }
        let value = self.substitute(script);
        self.pipe_file(value)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Split,
    Joined,
    HereDocument,
}

fn one(fields: Fields) -> Value {
    let mut whole = Value { text: String::new(), taint: fields.open.taint };
    for (index, field) in fields.finish().into_iter().enumerate() {
        if index > 0 {
            whole.text.push(' ');
        }
        whole.append(&field, MAX_VALUE);
    }
    whole
}

/// Between backticks a backslash protects only itself, a backtick and `$`.
fn untick(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' && matches!(chars.peek(), Some('\\' | '`' | '$')) {
            plain.extend(chars.next());
        } else {
            plain.push(c);
        }
    }
    plain
}

/// The text of a `$'..'` up to its closing quote, and the bytes taken with it (Bash manual, "ANSI-C Quoting").
fn ansi_c(text: &str) -> (String, usize) {
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() && byte(bytes, end) != b'\'' {
        end += if byte(bytes, end) == b'\\' { 2 } else { 1 };
    }
    let end = end.min(bytes.len());
    (unescape(part(text, 0, end), true), end + 1)
}

/// Escapes of `$'..'` (`strict`), `echo -e` and `printf`: `\n`, `\x72`, `\162`, `\0162`, `\u0072`, `\cx`.
pub(super) fn unescape(text: &str, strict: bool) -> String {
    let bytes = text.as_bytes();
    let mut plain: Vec<u8> = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        if byte(bytes, at) != b'\\' {
            plain.push(byte(bytes, at));
            at += 1;
            continue;
        }
        let c = byte(bytes, at + 1);
        at += 2;
        let simple = match c {
            b'a' => 7,
            b'b' => 8,
            b'e' | b'E' => 27,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' => b'\\',
            b'\'' | b'"' | b'?' if strict => c,
            b'x' | b'u' | b'U' | b'0'..=b'7' | b'c' => 0,
            _ => {
                plain.extend([b'\\', c].iter().filter(|c| **c != 0));
                continue;
            }
        };
        if simple != 0 {
            plain.push(simple);
            continue;
        }
        let (most, radix) = match c {
            b'x' => (2, 16),
            b'u' => (4, 16),
            b'U' => (8, 16),
            b'c' => {
                plain.push(byte(bytes, at) & 0x1f);
                at += 1;
                continue;
            }
            _ => {
                at -= 1;
                (if c == b'0' && !strict { 4 } else { 3 }, 8)
            }
        };
        let (number, width) = digits(bytes, at, most, radix);
        at += width;
        match c {
            _ if width == 0 => plain.extend([b'\\', c]),
            b'u' | b'U' => plain.extend(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER).to_string().bytes()),
            _ => plain.extend(u8::try_from(number & 0xff).ok().filter(|byte| *byte != 0)),
        }
    }
    String::from_utf8(plain).unwrap_or_else(|text| text.into_bytes().iter().map(|byte| char::from(*byte)).collect())
}

fn digits(bytes: &[u8], from: usize, most: usize, radix: u32) -> (u32, usize) {
    let (mut number, mut width) = (0_u32, 0);
    while width < most
        && let Some(digit) = char::from(byte(bytes, from + width)).to_digit(radix)
    {
        number = number.wrapping_mul(radix).wrapping_add(digit);
        width += 1;
    }
    (number, width)
}

/// `{rm,-rf,/}` and `{1..5}`, spread; quoted braces are left alone. A work list takes the place of recursion.
fn braces(raw: &str) -> Vec<String> {
    if !raw.contains('{') {
        return vec![raw.to_owned()];
    }
    let mut work = vec![raw.to_owned()];
    let mut done = Vec::new();
    let mut steps = 0;
    while let Some(word) = work.pop() {
        steps += 1;
        match first_group(&word) {
            Some((open, close, choices)) if steps < MAX_BRACED && done.len() < MAX_BRACED => {
                let (before, after) = (part(&word, 0, open), rest(&word, close + 1));
                work.extend(choices.iter().rev().map(|choice| [before, choice, after].concat()));
            }
            _ => done.push(word),
        }
    }
    done.retain(|word| !word.is_empty());
    done
}

/// The first group of braces that stands for several words: where it opens and closes, and its choices.
fn first_group(word: &str) -> Option<(usize, usize, Vec<String>)> {
    let bytes = word.as_bytes();
    let mut at = 0;
    let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
    while at < bytes.len() {
        match byte(bytes, at) {
            b'\\' => at += 1,
            b'\'' => at += rest(word, at + 1).find('\'').map_or(word.len(), |found| found + 1),
            b'"' => at = closing_quote(bytes, at),
            b'`' => at = scan::tick(word, at + 1).at,
            b'$' if byte(bytes, at + 1) == b'{' => at = scan::brace(word, at + 2).at,
            b'$' if byte(bytes, at + 1) == b'(' => at = scan::paren(word, at + 2).at,
            b'$' if byte(bytes, at + 1) == b'\'' => at += 1 + ansi_c(rest(word, at + 2)).1,
            b'{' => open.push((at, Vec::new())),
            b',' => {
                if let Some((_, commas)) = open.last_mut() {
                    commas.push(at);
                }
            }
            b'}' => {
                if let Some((start, commas)) = open.pop() {
                    let inner = part(word, start + 1, at);
                    if !commas.is_empty() {
                        let mut from = start + 1;
                        let mut choices = Vec::new();
                        for comma in commas.into_iter().chain([at]) {
                            choices.push(part(word, from, comma).to_owned());
                            from = comma + 1;
                        }
                        // An inner group is spread first; its commas are its own.
                        return Some((start, at, choices));
                    }
                    if let Some(choices) = range(inner) {
                        return Some((start, at, choices));
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn closing_quote(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < bytes.len() && byte(bytes, at) != b'"' {
        at += if byte(bytes, at) == b'\\' { 2 } else { 1 };
    }
    at
}

fn range(inner: &str) -> Option<Vec<String>> {
    let (low, high) = inner.split_once("..")?;
    let (high, step) = high.split_once("..").unwrap_or((high, "1"));
    let step = usize::try_from(step.parse::<i64>().ok()?.unsigned_abs()).ok()?.max(1);
    let spread = |low: i64, high: i64| -> Vec<i64> {
        let count = usize::try_from(low.abs_diff(high)).unwrap_or(MAX_BRACED).min(MAX_BRACED);
        (0..=count).step_by(step).map(|n| i64::try_from(n).unwrap_or(0)).map(|n| if low <= high { low + n } else { low - n }).collect()
    };
    if let (Ok(low), Ok(high)) = (low.parse::<i64>(), high.parse::<i64>()) {
        if low.unsigned_abs() > 1 << 40 || high.unsigned_abs() > 1 << 40 {
            return None;
        }
        return Some(spread(low, high).into_iter().map(|n| n.to_string()).collect());
    }
    let letter = |text: &str| text.parse::<char>().ok().filter(char::is_ascii_alphabetic).map(|c| i64::from(u32::from(c)));
    let letters = spread(letter(low)?, letter(high)?);
    Some(letters.into_iter().filter_map(|n| u8::try_from(n).ok()).map(|n| char::from(n).to_string()).collect())
}
