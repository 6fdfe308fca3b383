//! The words of an expression (CEL language definition, "Syntax").

use super::Fault;

/// One word, and where it begins in the source, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) word: Word,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    Name(String),
    /// Without its sign, so that the smallest number can be written.
    Int(u64),
    Uint(u64),
    Double(f64),
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
    End,
}

/// Longer before shorter.
const SIGNS: [&str; 25] =
    ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}", "="];

pub(super) fn words(source: &str) -> Result<Vec<Token>, Fault> {
    let mut words = Vec::new();
    let mut rest = source;
    loop {
        rest = blank(rest);
        let at = source.len() - rest.len();
        let fault = |message: String| Fault { at, message };
        let Some(first) = rest.chars().next() else {
            words.push(Token { at, word: Word::End });
            return Ok(words);
        };
        let (word, left) = if first.is_ascii_digit() || (first == '.' && rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit())) {
            number(rest).map_err(fault)?
        } else if let Some((raw, quoted)) = quote(rest) {
            text(quoted, raw).map_err(fault)?
        } else if first.is_ascii_alphabetic() || first == '_' {
            let (name, left) = take(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            if matches!(name, "b" | "B" | "br" | "bR" | "Br" | "BR" | "rb" | "rB" | "Rb" | "RB") && left.starts_with(['"', '\'']) {
                return Err(fault("bytes are not supported: arguments are JSON, which has none".to_owned()));
            }
            (Word::Name(name.to_owned()), left)
        } else {
            let sign = SIGNS.iter().find_map(|sign| rest.strip_prefix(sign).map(|left| (*sign, left)));
            match sign {
                Some(("=", _)) => return Err(fault("`=` is no operator; `==` compares".to_owned())),
                Some((sign, left)) => (Word::Sign(sign), left),
                None => return Err(fault(format!("`{}` has no meaning here", first.escape_default()))),
            }
        };
        words.push(Token { at, word });
        rest = left;
    }
}

/// Past white space and comments.
fn blank(mut rest: &str) -> &str {
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
        match rest.strip_prefix("//") {
            Some(comment) => rest = comment.trim_start_matches(|c| c != '\n'),
            None => return rest,
        }
    }
}

fn take(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn number(text: &str) -> Result<(Word, &str), String> {
    const LARGE: &str = "the number is too large";
    let unsigned = |left: &str| left.starts_with(['u', 'U']);
    let ended = |word: Word, left: &'_ str| match left.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        true => Err("a number runs into a name".to_owned()),
        false => Ok(word),
    };
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let (digits, left) = take(hex, |c| c.is_ascii_hexdigit());
        if digits.is_empty() {
            return Err("`0x` needs digits".to_owned());
        }
        let value = u64::from_str_radix(digits, 16).map_err(|_| LARGE.to_owned())?;
        let (word, left) = if unsigned(left) { (Word::Uint(value), skip(left)) } else { (Word::Int(value), left) };
        return Ok((ended(word, left)?, left));
    }
    let (whole, mut left) = take(text, |c| c.is_ascii_digit());
    let mut double = false;
    if let Some((fraction, after)) = left.strip_prefix('.').map(|rest| take(rest, |c| c.is_ascii_digit()))
        && !fraction.is_empty()
    {
        (double, left) = (true, after);
    }
    if let Some(exponent) = left.strip_prefix(['e', 'E']) {
        let (digits, after) = take(exponent.strip_prefix(['+', '-']).unwrap_or(exponent), |c| c.is_ascii_digit());
        if digits.is_empty() {
            return Err("an exponent needs digits".to_owned());
        }
        (double, left) = (true, after);
    }
    if double {
        let written = text.strip_suffix(left).unwrap_or(text);
        let value: f64 = written.parse().map_err(|_| "not a number".to_owned())?;
        return if value.is_finite() { Ok((ended(Word::Double(value), left)?, left)) } else { Err(LARGE.to_owned()) };
    }
    let value = whole.parse().map_err(|_| LARGE.to_owned())?;
    let (word, left) = if unsigned(left) { (Word::Uint(value), skip(left)) } else { (Word::Int(value), left) };
    Ok((ended(word, left)?, left))
}

fn skip(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next();
    chars.as_str()
}

/// Where a quoted text opens: whether it is raw, and the text from its quotes on.
fn quote(text: &str) -> Option<(bool, &str)> {
    match text.strip_prefix(['r', 'R']) {
        Some(quoted) if quoted.starts_with(['"', '\'']) => Some((true, quoted)),
        _ if text.starts_with(['"', '\'']) => Some((false, text)),
        _ => None,
    }
}

fn text(quoted: &str, raw: bool) -> Result<(Word, &str), String> {
    const OPEN: &str = "the text has no closing quote";
    let end = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| quoted.starts_with(quote)).ok_or(OPEN)?;
    let mut rest = quoted.strip_prefix(end).ok_or(OPEN)?;
    let mut value = String::new();
    loop {
        if let Some(left) = rest.strip_prefix(end) {
            return Ok((Word::Text(value), left));
        }
        let mut chars = rest.chars();
        match chars.next().ok_or(OPEN)? {
            '\n' | '\r' if end.len() == 1 => return Err("a text in single quotes ends on its line; three quotes let it go on".to_owned()),
            '\\' if !raw => value.push(escape(&mut chars)?),
            c => value.push(c),
        }
        rest = chars.as_str();
    }
}

fn escape(chars: &mut std::str::Chars<'_>) -> Result<char, String> {
    Ok(match chars.next().ok_or("the text has no closing quote")? {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        c @ ('\\' | '?' | '"' | '\'' | '`') => c,
        'x' | 'X' => code(chars, 2, 16, None)?,
        'u' => code(chars, 4, 16, None)?,
        'U' => code(chars, 8, 16, None)?,
        c @ '0'..='3' => code(chars, 2, 8, Some(c))?,
        c => return Err(format!("`\\{}` is no escape; write `\\\\` for a backslash, or put `r` before the quotes", c.escape_default())),
    })
}

/// A character by its number.
fn code(chars: &mut std::str::Chars<'_>, count: usize, radix: u32, first: Option<char>) -> Result<char, String> {
    let digits: String = first.into_iter().chain(chars.by_ref().take(count)).collect();
    let whole = digits.len() == count + usize::from(first.is_some()) && digits.chars().all(|c| c.is_digit(radix));
    let code = if whole { u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32) } else { None };
    code.ok_or_else(|| "an escape names no character".to_owned())
}
