//! Texts as people can trust them, and times as people say them.

use portcullis::time::Time;
use serde_json::Value;

use super::super::plain::is_hidden;

/// With hidden characters written out, as JSON writes them.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) { written_out(c, &mut shown) } else { shown.push(c) }
    }
    shown
}

/// Indented JSON; still the same value.
pub fn json(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        // Inside of strings a line feed is written out already.
        if is_hidden(c) && c != '\n' { written_out(c, &mut shown) } else { shown.push(c) }
    }
    shown
}

fn written_out(c: char, shown: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        shown.push_str(&format!("\\u{unit:04x}"));
    }
}

/// How long it is, in its two largest units.
pub fn span(millis: u64) -> String {
    let secs = millis / 1000;
    match secs {
        0..60 => format!("{secs} s"),
        60..3600 => format!("{} min", secs / 60),
        3600..86_400 => format!("{} h {} min", secs / 3600, secs % 3600 / 60),
        _ => format!("{} d {} h", secs / 86_400, secs % 86_400 / 3600),
    }
}

/// `2026-11-20 15:56 UTC`.
pub fn clock(time: Time) -> String {
    let moment = super::super::moment(time);
    let minute: String = moment.chars().take(16).collect();
    format!("{} UTC", minute.replace('T', " "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_hidden_is_seen_and_stays_the_same_json() {
        let value = json!({ "a\u{202e}b": "x\u{200b}y\u{7}\nz\u{2066}" });
        let text = json(&value);
        assert!(!text.chars().any(|c| is_hidden(c) && c != '\n'), "{text:?}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert_eq!(visible("ada\u{202e}nimda"), "ada\\u202enimda");
    }

    #[test]
    fn spans_are_short() {
        assert_eq!([59_999, 60_000, 3_660_000, 90_000_000].map(span), ["59 s", "1 min", "1 h 1 min", "1 d 1 h"]);
    }
}
