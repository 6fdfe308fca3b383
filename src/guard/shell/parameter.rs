//! `${..}`: parameters and what can be done to them, and the arithmetic that goes with it.

use super::expand::unescape;
use super::state::Shell;
use super::value::{FIELD, HOLE, Taint, Value, glob, part, rest};

/// Longest text on which patterns are tried at every place.
const MAX_TRIMMED: usize = 512;

/// The name a text begins with; may be empty.
pub(super) fn name(text: &str) -> &str {
    let end = text.bytes().position(|c| !(c == b'_' || c.is_ascii_alphanumeric())).unwrap_or(text.len());
    part(text, 0, end)
}

impl Shell {
    /// A parameter by its bare name. Unset ones are unknown: the environment may have them.
    pub(super) fn value_of(&mut self, name: &str, quoted: bool) -> Value {
        let separator = if quoted && name == "@" { FIELD } else { ' ' };
        match name {
            "@" | "*" => {
                let mut all = Value::default();
                for (index, value) in self.positional().iter().enumerate() {
                    if index > 0 {
                        all.text.push(separator);
                    }
                    all.text.push_str(&value.text);
                    all.taint = all.taint.with(value.taint);
                }
                all
            }
            "#" => Value::known(self.positional().len().to_string()),
            "?" => Value::known("0"),
            "-" => Value::known("hBc"),
            "!" => Value::default(),
            "$" => Value::hole(Taint::NONE),
            "0" => self.zero.clone().unwrap_or_else(|| Value::known("bash")),
            _ => match name.parse::<usize>() {
                Ok(index) => self.positional().get(index.saturating_sub(1)).cloned().unwrap_or_default(),
                Err(_) => {
                    self.count_alternatives(name);
                    let mut value = self.variable(name).unwrap_or_else(|| Value::hole(super::leaks::of_environment(name)));
                    // An array by its bare name is its first element.
                    value.text.truncate(value.text.find(FIELD).unwrap_or(value.text.len()));
                    value
                }
            },
        }
    }

    /// What stands between `${` and `}`.
    pub(super) fn parameter(&mut self, inner: &str, quoted: bool) -> Value {
        if let Some(name) = inner.strip_prefix('#').filter(|name| !name.is_empty()) {
            let value = self.parameter(name, quoted);
            return if value.is_known() { Value::known(value.text.chars().count().to_string()) } else { value };
        }
        if let Some(pointer) = inner.strip_prefix('!').filter(|pointer| !pointer.is_empty()) {
            return self.indirect(pointer, quoted);
        }
        let special = inner.starts_with(['@', '*', '?', '-', '$', '!']);
        let parameter = if special { part(inner, 0, 1) } else { name(inner) };
        if parameter.is_empty() {
            return Value::hole(Taint::NONE);
        }
        let mut operation = rest(inner, parameter.len());
        let is_set = special || self.variable(parameter).is_some() || parameter.parse::<usize>().is_ok();
        let mut value = self.value_of(parameter, quoted);
        if let Some((index, behind)) = operation.strip_prefix('[').and_then(|text| text.split_once(']')) {
            operation = behind;
            value = self.element(parameter, index, quoted);
        }
        self.operate(parameter, value, is_set, operation)
    }

    fn indirect(&mut self, pointer: &str, quoted: bool) -> Value {
        let target = self.value_of(name(pointer), quoted);
        if !target.is_known() || pointer.ends_with(['*', '@']) || target.text.contains('[') {
            return Value::hole(target.taint.with(Taint::DECODED));
        }
        self.value_of(&target.text, quoted)
    }

    fn element(&mut self, name: &str, index: &str, quoted: bool) -> Value {
        let whole = self.variable(name).unwrap_or_else(|| Value::hole(Taint::NONE));
        if index == "@" || index == "*" {
            return if quoted { whole } else { Value { text: whole.text.replace(FIELD, " "), taint: whole.taint } };
        }
        let index = self.expand_one(index);
        match compute(&index.text, &|name| self.variable(name).map(|value| value.text)) {
            Some(index) => {
                let count = i64::try_from(whole.text.split(FIELD).count()).unwrap_or(i64::MAX);
                let index = if index < 0 { index.saturating_add(count) } else { index };
                let text = usize::try_from(index).ok().and_then(|index| whole.text.split(FIELD).nth(index)).unwrap_or_default();
                Value { text: text.to_owned(), taint: whole.taint }
            }
            None => Value::hole(whole.taint),
        }
    }

    fn operate(&mut self, parameter: &str, value: Value, is_set: bool, operation: &str) -> Value {
        if operation.is_empty() {
            return value;
        }
        let colon = operation.strip_prefix(':').unwrap_or(operation);
        let missing = !is_set || value.text.is_empty();
        if let Some(other) = colon.strip_prefix(['-', '=']) {
            if !missing {
                return value;
            }
            let other = self.expand_one(other);
            if colon.starts_with('=') {
                self.assign(parameter, other.clone());
            }
            return other;
        }
        if let Some(other) = colon.strip_prefix('+') {
            return if is_set && missing { Value::default() } else { self.expand_one(other) };
        }
        if colon.starts_with('?') {
            return value;
        }
        if operation.starts_with(':') {
            let positional = matches!(parameter, "@" | "*");
            return self.substring(&value, colon, positional);
        }
        if let Some(replacement) = operation.strip_prefix('/') {
            return self.replace(&value, replacement);
        }
        if let Some(pattern) = operation.strip_prefix(['%', '#']) {
            let longest = pattern.starts_with(['%', '#']) && pattern.get(..1) == operation.get(..1);
            let pattern = self.expand_one(pattern.get(usize::from(longest)..).unwrap_or_default());
            return trim(&value, &pattern, operation.starts_with('#'), longest);
        }
        let first = |text: &str, upper: bool| {
            let mut chars = text.chars();
            let head = chars.next().map(|c| if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() });
            head.into_iter().chain(chars).collect::<String>()
        };
        let text = match operation {
            "^^" | "@U" => value.text.to_ascii_uppercase(),
            ",," | "@L" => value.text.to_ascii_lowercase(),
            "^" | "@u" => first(&value.text, true),
            "," => first(&value.text, false),
            "~~" => {
                value.text.chars().map(|c| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() }).collect()
            }
            "@E" | "@P" => unescape(&value.text, true),
            "@Q" | "@a" | "@A" | "@K" | "@k" => value.text,
            _ => return Value::hole(value.taint.with(Taint::DECODED)),
        };
        Value { text, taint: value.taint }
    }

    fn substring(&mut self, value: &Value, spec: &str, positional: bool) -> Value {
        let spec = self.expand_one(spec);
        let (offset, length) = match spec.text.split_once(':') {
            Some((offset, length)) => (offset, Some(length)),
            None => (spec.text.as_str(), None),
        };
        let variable = |name: &str| self.variable(name).map(|value| value.text);
        let unknown = Value::hole(value.taint);
        let Some(offset) = compute(offset, &variable) else { return unknown };
        // Fields count as elements of the positional parameters or an array.
        if value.text.contains(FIELD) {
            // The first of the positional parameters is number one.
            let skipped = usize::try_from(offset).unwrap_or(0).saturating_sub(usize::from(positional));
            let most = length.and_then(|length| compute(length, &variable)).and_then(|length| usize::try_from(length).ok());
            let fields = value.text.split(FIELD).skip(skipped).take(most.unwrap_or(usize::MAX));
            return Value { text: fields.collect::<Vec<_>>().join(&FIELD.to_string()), taint: value.taint };
        }
        let chars: Vec<char> = value.text.chars().collect();
        let count = i64::try_from(chars.len()).unwrap_or(i64::MAX);
        let place = |n: i64| usize::try_from(if n < 0 { n.saturating_add(count) } else { n }.clamp(0, count)).unwrap_or(0);
        let start = place(offset);
        let end = match length {
            None => chars.len(),
            Some(length) => match compute(length, &variable) {
                None => return unknown,
                Some(length) if length < 0 => place(length),
                Some(length) => start.saturating_add(usize::try_from(length).unwrap_or(0)).min(chars.len()),
            },
        };
        let text: String = chars.get(start..end).unwrap_or_default().iter().collect();
        // A part of the unknown may be anything.
        if text.contains(HOLE) || (!value.is_known() && offset < 0) { unknown } else { Value { text, taint: value.taint } }
    }

    fn replace(&mut self, value: &Value, spec: &str) -> Value {
        let all = spec.starts_with('/');
        let spec = if all { rest(spec, 1) } else { spec };
        let (pattern, with) = split_at_slash(spec);
        let (pattern, with) = (self.expand_one(pattern), self.expand_one(with));
        let taint = value.taint.with(pattern.taint).with(with.taint);
        if !value.is_known() || !pattern.is_known() {
            return Value::hole(taint.with(if value.is_known() { Taint::DECODED } else { Taint::NONE }));
        }
        let pattern = pattern.text;
        let text = if !pattern.contains(['*', '?', '[']) {
            match (all, pattern.is_empty()) {
                (_, true) => value.text.clone(),
                (true, _) => value.text.replace(&pattern, &with.text),
                (false, _) => value.text.replacen(&pattern, &with.text, 1),
            }
        } else if !pattern.contains('*') && value.text.len() <= MAX_TRIMMED && all {
            // A pattern for single characters.
            value.text.chars().map(|c| if glob(&pattern, c.encode_utf8(&mut [0; 4])) { with.text.clone() } else { c.to_string() }).collect()
        } else {
            return Value::hole(taint.with(Taint::DECODED));
        };
        if text.len() > super::state::MAX_VALUE {
            return Value::hole(taint);
        }
        Value { text, taint }
    }
}

fn split_at_slash(spec: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in spec.char_indices() {
        match c {
            '\\' => escaped = !escaped,
            '/' if !escaped && at > 0 => return (part(spec, 0, at), rest(spec, at + 1)),
            _ => escaped = false,
        }
    }
    (spec, "")
}

fn trim(value: &Value, pattern: &Value, front: bool, longest: bool) -> Value {
    if !value.is_known() || !pattern.is_known() || value.text.len() > MAX_TRIMMED {
        return value.clone();
    }
    let text = value.text.as_str();
    let mut cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    // The shortest match first.
    if front == longest {
        cuts.reverse();
    }
    let kept = cuts.into_iter().find_map(|cut| {
        let (head, tail) = text.split_at_checked(cut)?;
        if front { glob(&pattern.text, head).then_some(tail) } else { glob(&pattern.text, tail).then_some(head) }
    });
    Value { text: kept.unwrap_or(text).to_owned(), taint: value.taint }
}

/// Integers, `+ - * / % ( )` and names; nothing for all else. Two stacks, no recursion.
pub(super) fn compute(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Option<i64> {
    let mut numbers: Vec<i64> = Vec::new();
    let mut operators: Vec<char> = Vec::new();
    let mut operand_next = true;
    let mut at = 0;
    if text.len() > 1024 {
        return None;
    }
    while let Some(c) = rest(text, at).chars().next() {
        at += c.len_utf8();
        match c {
            ' ' | '\t' | '\n' => {}
            '(' => operators.push('('),
            ')' => {
                while let Some(operator) = operators.pop().filter(|operator| *operator != '(') {
                    apply(&mut numbers, operator)?;
                }
            }
            '-' | '+' if operand_next => {
                numbers.push(0);
                operators.push(c);
            }
            '+' | '-' | '*' | '/' | '%' => {
                while let Some(operator) = operators.pop_if(|top| weight(*top) >= weight(c)) {
                    apply(&mut numbers, operator)?;
                }
                operators.push(c);
                operand_next = true;
            }
            c if c == '_' || c.is_ascii_alphanumeric() => {
                let word = name(rest(text, at - 1));
                at += word.len() - 1;
                let number = if c.is_ascii_digit() {
                    match rest(text, at).strip_prefix('#') {
                        Some(digits) => {
                            let digits = name(digits);
                            at += digits.len() + 1;
                            i64::from_str_radix(digits, word.parse().ok().filter(|radix| (2..=36).contains(radix))?).ok()?
                        }
                        None => number(word)?,
                    }
                } else {
                    number(variable(word)?.trim())?
                };
                numbers.push(number);
                operand_next = false;
            }
            _ => return None,
        }
    }
    while let Some(operator) = operators.pop() {
        apply(&mut numbers, operator)?;
    }
    match numbers.as_slice() {
        [number] => Some(*number),
        _ => None,
    }
}

fn number(word: &str) -> Option<i64> {
    if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok();
    }
    if word.len() > 1 && word.starts_with('0') { i64::from_str_radix(word, 8).ok() } else { word.parse().ok() }
}

fn weight(operator: char) -> u8 {
    match operator {
        '*' | '/' | '%' => 2,
        '+' | '-' => 1,
        _ => 0,
    }
}

fn apply(numbers: &mut Vec<i64>, operator: char) -> Option<()> {
    let (right, left) = (numbers.pop()?, numbers.pop()?);
    numbers.push(match operator {
        '+' => left.wrapping_add(right),
        '-' => left.wrapping_sub(right),
        '*' => left.wrapping_mul(right),
        '/' => left.checked_div(right)?,
        '%' => left.checked_rem(right)?,
        _ => return None,
    });
    Some(())
}
