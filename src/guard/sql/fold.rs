//! Text that is run as SQL, put together where it is made of literals.

use super::limits;
use super::survey::Survey;
use super::token::{Kind, Quote};
use super::words::Key;

impl Survey<'_> {
    /// The expression at `at` is run as a statement.
    pub(super) fn run_expression(&mut self, at: usize) {
        match self.folded(at) {
            Some((text, _)) => self.within_text(text, at),
            None => self.unknown(at, "text that is made as it runs"),
        }
    }

    /// The body of a routine.
    pub(super) fn body(&mut self, at: usize) {
        if matches!(self.kind(at), Some(Kind::Text(_)))
            && let Some((text, _)) = self.folded(at)
        {
            self.within_text(text, at);
        }
    }

    /// A function at `at` runs what it is given: each argument that is text and begins like a statement, and at least one of them must be.
    pub(super) fn runs(&mut self, at: usize, name: &str) {
        let end = self.behind(at + 1).saturating_sub(1);
        let mut here = at + 2;
        let mut any = false;
        let mut made = false;
        while here < end {
            match self.folded(here) {
                Some((text, after)) if after >= end || self.kind(after) == Some(Kind::Comma) => {
                    if opens_with_verb(&text) {
                        any = true;
                        self.within_text(text, at);
                    }
                    here = after + 1;
                }
                _ => {
                    made |= matches!(self.kind(here), Some(Kind::Text(_))) || self.kind(here) != Some(Kind::Number);
                    while here < end && self.kind(here) != Some(Kind::Comma) {
                        here = if self.kind(here) == Some(Kind::Open) { self.behind(here) } else { here + 1 };
                    }
                    here += 1;
                }
            }
        }
        // `openquery(server, '..')`: the server's name is no text.
        let named_first = matches!(name, "openquery" | "openrowset") && any;
        if !any || made && !named_first && !name.starts_with("ts_") {
            self.unknown(at, "text that is made as it runs");
        }
        self.found.tables_complete &= name.ends_with("_to_xml");
    }

    /// Literals, and `||`, `+`, `CONCAT`, `CHAR`, parentheses of them, with the token behind; none if there is anything else.
    fn folded(&mut self, at: usize) -> Option<(String, usize)> {
        let mut text = String::new();
        let mut here = at;
        let mut open: Vec<bool> = Vec::new();
        let mut value = false;
        loop {
            self.budget = self.budget.checked_sub(1)?;
            let Some(token) = self.tokens.get(here) else { break };
            match token.kind {
                Kind::Text(quote) => {
                    literal(self.text_of(token), quote, &mut text)?;
                    value = true;
                }
                Kind::Number if self.text_of(token).get(..2).is_some_and(|start| start.eq_ignore_ascii_case("0x")) => {
                    hex(self.text_of(token).get(2..)?, &mut text)?;
                    value = true;
                }
                Kind::Word if !value || self.text_of(token).starts_with('_') => {
                    let name = self.text_of(token);
                    let called = self.kind(here + 1) == Some(Kind::Open);
                    if called && ["char", "chr", "nchar", "unichar"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
                        here = self.characters(here + 2, &mut text)?;
                        value = true;
                        continue;
                    } else if called && ["concat", "lower", "upper", "unhex", "trim"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
                        // How letters are written makes no difference to what is looked for; `UNHEX` of a literal is not undone.
                        if name.eq_ignore_ascii_case("unhex") || open.len() >= limits::NESTING {
                            return None;
                        }
                        open.push(true);
                        here += 2;
                        value = false;
                        continue;
                    } else if !name.starts_with('_') {
                        break;
                    }
                }
                Kind::Open if !value && open.len() < limits::NESTING => open.push(false),
                Kind::Close if !open.is_empty() => {
                    open.pop();
                    value = true;
                }
                Kind::Comma if open.last() == Some(&true) => value = false,
                Kind::Operator(b'+') if value => value = false,
                Kind::Operator(b'|') if value && self.kind(here + 1) == Some(Kind::Operator(b'|')) => {
                    here += 1;
                    value = false;
                }
                Kind::Operator(b':') if value && self.kind(here + 1) == Some(Kind::Operator(b':')) => here += 2,
                _ => break,
            }
            here += 1;
        }
        let goes_on = matches!(self.kind(here), Some(Kind::Operator(_) | Kind::Variable | Kind::Open));
        (value && open.is_empty() && !goes_on).then_some((text, here))
    }

    /// Numbers of characters up to the parenthesis; returns what is behind it.
    fn characters(&mut self, at: usize, text: &mut String) -> Option<usize> {
        let mut here = at;
        loop {
            self.budget = self.budget.checked_sub(1)?;
            let token = self.tokens.get(here)?;
            match token.kind {
                Kind::Number => {
                    let number = self.text_of(token);
                    let code = match number.get(..2) {
                        Some("0x" | "0X") => u32::from_str_radix(number.get(2..)?, 16).ok()?,
                        _ => number.parse::<u32>().ok()?,
                    };
                    text.push(char::from_u32(code)?);
                }
                Kind::Comma => {}
                // `CHAR(68 USING utf8)`
                Kind::Word if token.key == Key::Using => here += 1,
                Kind::Close => return Some(here + 1),
                _ => return None,
            }
            here += 1;
        }
    }
}

fn opens_with_verb(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '(' || c == ';');
    let end = start.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(start.len());
    let word = start.get(..end).unwrap_or_default();
    super::words::key_of(word) != Key::Other || start.starts_with("--") || start.starts_with("/*")
}

/// The inside of a literal.
fn literal(written: &str, quote: Quote, text: &mut String) -> Option<()> {
    match quote {
        Quote::Opaque => None,
        Quote::Hex => hex(inside(written)?, text),
        Quote::Dollar(tag) => {
            let tag = usize::from(tag);
            text.push_str(written.get(tag..written.len().checked_sub(tag)?)?);
            Some(())
        }
        Quote::Single => {
            text.push_str(&inside(written)?.replace("''", "'"));
            Some(())
        }
        Quote::Escaped | Quote::Double => {
            let mark = if quote == Quote::Double { '"' } else { '\'' };
            let mut chars = inside(written)?.chars();
            while let Some(c) = chars.next() {
                match c {
                    '\\' => match chars.next()? {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => text.push('\r'),
                        'b' => text.push('\u{8}'),
                        // Codes of characters mean something else in each dialect.
                        '0'..='9' | 'x' | 'u' | 'U' => return None,
                        c => text.push(c),
                    },
                    c if c == mark => {
                        chars.next();
                        text.push(mark);
                    }
                    c => text.push(c),
                }
            }
            Some(())
        }
    }
}

/// What is between the quotes, whatever prefix is before them.
fn inside(written: &str) -> Option<&str> {
    let start = written.find(['\'', '"'])? + 1;
    written.get(start..written.len().checked_sub(1)?)
}

fn hex(digits: &str, text: &mut String) -> Option<()> {
    let digits = digits.as_bytes();
    let value = |byte: &u8| char::from(*byte).to_digit(16);
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let [high, low] = pair else { return None };
        bytes.push(u8::try_from(value(high)? * 16 + value(low)?).ok()?);
    }
    // T-SQL's wide characters: every second byte is nothing.
    if bytes.len() >= 4 && bytes.iter().skip(1).step_by(2).all(|&byte| byte == 0) {
        bytes = bytes.into_iter().step_by(2).collect();
    }
    text.push_str(std::str::from_utf8(&bytes).ok()?);
    Some(())
}
