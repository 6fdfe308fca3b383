//! One text for all spellings of a JSON value, and another for every other value.
//!
//! As RFC 8785 (no space, members in order, one escape for each character), but for numbers: those stay as they were written. To a server that
//! counts in decimals 10000000000000000001 and 10000000000000000002 are two values, and to RFC 8785 one.

use crate::limits::JSON_DEPTH;
use crate::mcp::json;

/// What is done with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    AsWritten,
    /// One that a reader of RFC 8785 would change becomes text, so that people see what was written.
    Legible,
}

/// `None` for what is no JSON. The text was read strictly before: no member is there twice, and nothing is nested too deep.
pub(super) fn canonical(text: &str, numbers: Numbers) -> Option<String> {
    let mut reader = Reader { rest: text, numbers, depth: 0 };
    let mut out = String::with_capacity(text.len());
    reader.value(&mut out)?;
    reader.space();
    reader.rest.is_empty().then_some(out)
}

struct Reader<'a> {
    rest: &'a str,
    numbers: Numbers,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn take(&mut self, bytes: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(taken)
    }

    /// Whether this character comes next; it is stepped over then.
    fn eat(&mut self, wanted: char) -> bool {
        self.space();
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, out: &mut String) -> Option<()> {
        self.space();
        match self.rest.bytes().next()? {
            b'{' => self.nested(Self::object, out),
            b'[' => self.nested(Self::array, out),
            b'"' => self.text(out),
            _ => self.scalar(out),
        }
    }

    fn nested(&mut self, read: fn(&mut Self, &mut String) -> Option<()>, out: &mut String) -> Option<()> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > JSON_DEPTH {
            return None;
        }
        self.take(1)?;
        read(self, out)?;
        self.depth = self.depth.saturating_sub(1);
        Some(())
    }

    fn object(&mut self, out: &mut String) -> Option<()> {
        let mut members: Vec<(String, String)> = Vec::new();
        if !self.eat('}') {
            loop {
                self.space();
                let (mut name, mut value) = (String::new(), String::new());
                self.text(&mut name)?;
                if !self.eat(':') {
                    return None;
                }
                self.value(&mut value)?;
                members.push((name, value));
                if self.eat('}') {
                    break;
                }
                if !self.eat(',') {
                    return None;
                }
            }
        }
        members.sort_unstable();
        out.push('{');
        for (index, (name, value)) in members.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            out.extend([name, ":", value]);
        }
        out.push('}');
        Some(())
    }

    fn array(&mut self, out: &mut String) -> Option<()> {
        out.push('[');
        if !self.eat(']') {
            loop {
                self.value(out)?;
                if self.eat(']') {
                    break;
                }
                if !self.eat(',') {
                    return None;
                }
                out.push(',');
            }
        }
        out.push(']');
        Some(())
    }

    fn text(&mut self, out: &mut String) -> Option<()> {
        let mut escaped = false;
        let end = self.rest.bytes().skip(1).position(|byte| match byte {
            _ if escaped => {
                escaped = false;
                false
            }
            b'\\' => {
                escaped = true;
                false
            }
            byte => byte == b'"',
        })?;
        let decoded = json::text(self.take(end.checked_add(2)?)?)?;
        out.push_str(&serde_json::to_string(&decoded).ok()?);
        Some(())
    }

    fn scalar(&mut self, out: &mut String) -> Option<()> {
        let end = self.rest.find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(self.rest.len());
        let token = self.take(end)?;
        let value: serde_json::Value = serde_json::from_str(token).ok()?;
        let changes = || serde_json_canonicalizer::to_string(&value).ok().as_deref() != Some(token);
        if value.is_number() && self.numbers == Numbers::Legible && changes() {
            out.push_str(&serde_json::to_string(token).ok()?);
        } else {
            out.push_str(token);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn plain(text: &str) -> Option<String> {
        canonical(text, Numbers::AsWritten)
    }

    #[test]
    fn spellings_of_one_value_are_one_text() {
        let one = r#"{"a":[1,"é\n",{"x":null,"y":true}],"b":{}}"#;
        for spelt in [
            " {\"b\" : { } ,\n\"a\":[ 1 ,\"\\u00e9\\u000a\",{\"y\":true,\"x\":null} ]} ",
            r#"{"\u0061":[1,"\u00E9\n",{"x":null,"\u0079":true}],"b":{}}"#,
        ] {
            assert_eq!(plain(spelt).as_deref(), Some(one), "{spelt}");
        }
        assert_eq!(plain("[]").as_deref(), Some("[]"));
    }

    #[test]
    fn numbers_that_doubles_confuse_stay_apart() {
        let pairs = [
            ("10000000000000000000001", "10000000000000000000002"),
            ("0.1", "0.10000000000000000001"),
            ("1", "1.0"),
            ("9007199254740993", "9007199254740992"),
        ];
        for (one, other) in pairs {
            assert_ne!(plain(one), plain(other));
        }
        let legible = |text| canonical(text, Numbers::Legible).unwrap();
        assert_eq!(legible("[1,0.5,-3,9007199254740993,1.0,1e2,-0]"), r#"[1,0.5,-3,"9007199254740993","1.0","1e2","-0"]"#);
    }

    #[test]
    fn what_is_no_json_has_no_text() {
        for bad in ["", "{", "[1", "{\"a\"}", "{\"a\":}", "[1 2]", "\"", "\"\\", "x", "1 1", "{\"a\":1}x", "[,]"] {
            assert_eq!(plain(bad), None, "{bad}");
        }
        assert_eq!(plain(&"[".repeat(JSON_DEPTH + 1)), None);
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-1_000_000_i64..1_000_000).prop_map(Value::from),
            ".{0,8}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z\"\\\\é😀]{0,4}", inner, 0..4).prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        /// Printed with space and without, a value has one text; that is JSON again, and says the same.
        #[test]
        fn a_value_has_one_text(value in values()) {
            let text = plain(&value.to_string()).unwrap();
            let (pretty, again) = (plain(&serde_json::to_string_pretty(&value).unwrap()), plain(&text));
            prop_assert_eq!(pretty.as_deref(), Some(text.as_str()));
            prop_assert_eq!(again.as_deref(), Some(text.as_str()));
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }

        #[test]
        fn two_values_have_two(one in values(), other in values()) {
            prop_assert_eq!(one == other, plain(&one.to_string()) == plain(&other.to_string()));
        }
    }
}
