//! Numbers as they were written: a double in their place would not tell 1 from 1.00000000000000000001.

use std::collections::HashMap;

use crate::guard::value::Value;

/// The text of every number of a JSON value that is not a 64-bit integer.
#[derive(Debug)]
pub(in crate::guard) struct Numbers<'t> {
    /// By the address of the value, which is that of one place in a document that does not move.
    texts: HashMap<usize, &'t str>,
}

impl<'t> Numbers<'t> {
    /// `value` was read from `text`: both have their numbers in the same order.
    pub(in crate::guard) fn of(value: &Value<'_>, text: &'t str) -> Self {
        let mut written = Written { text, at: 0 };
        let mut texts = HashMap::new();
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value {
                Value::Number(number) => {
                    let text = written.next();
                    if let (true, Some(text)) = (number.is_f64(), text) {
                        texts.insert(address(value), text);
                    }
                }
                Value::Array(items) => open.extend(items.iter().rev()),
                Value::Object(members) => open.extend(members.iter().rev().map(|(_, value)| value)),
                Value::Null | Value::Bool(_) | Value::String(_) => {}
            }
        }
        Self { texts }
    }

    pub(in crate::guard) fn text(&self, number: &Value<'_>) -> Option<&'t str> {
        self.texts.get(&address(number)).copied()
    }
}

fn address(value: &Value<'_>) -> usize {
    std::ptr::from_ref(value).addr()
}

/// The numbers in a JSON text, in order.
struct Written<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Written<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let bytes = self.text.as_bytes();
        let mut in_string = false;
        loop {
            let byte = *bytes.get(self.at)?;
            match byte {
                b'"' => in_string = !in_string,
                b'\\' if in_string => self.at = self.at.saturating_add(1),
                b'-' | b'0'..=b'9' if !in_string => break,
                _ => {}
            }
            self.at = self.at.saturating_add(1);
        }
        let rest = self.text.get(self.at..)?;
        let len = rest.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E')).count();
        self.at = self.at.saturating_add(len);
        rest.get(..len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_text() {
        let text = r#"{"a":"1.5 \" 2.5","b":[1.10, 7,{"z":-2e0,"a":[]}],"0.5":3.0,"n":null, "big":123456789012345678901}"#;
        let value: Value<'_> = serde_json::from_str(text).unwrap();
        let at = |pointer: &str| {
            pointer.split('/').skip(1).fold(&value, |value, step| match value {
                Value::Object(members) => members.get(step).unwrap(),
                Value::Array(items) => &items[step.parse::<usize>().unwrap()],
                _ => panic!("{pointer}"),
            })
        };
        let numbers = Numbers::of(&value, text);
        for (pointer, written) in [
            ("/b/0", Some("1.10")),
            ("/b/1", None),
            ("/b/2/z", Some("-2e0")),
            ("/0.5", Some("3.0")),
            ("/big", Some("123456789012345678901")),
        ] {
            assert_eq!(numbers.text(at(pointer)), written, "{pointer}");
        }
    }
}
