//! Texts of others on a terminal.
//!
//! Records hold what clients and servers chose to send. Written raw, an escape sequence in a tool's name could move the cursor over a
//! refusal, set the clipboard or the window's title (CWE-150); a bidirectional override could show a name backwards.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// On one line: whatever is not plainly visible is spelt out, `\n`, `\u{1b}`.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    spelt(text, |_| false)
}

/// On several lines: line breaks stay, tabs become spaces, the rest is spelt out.
pub(crate) fn lines(text: &str) -> Vec<Cow<'_, str>> {
    text.split('\n').map(|text| spelt(text.strip_suffix('\r').unwrap_or(text), |c| c == '\t')).collect()
}

fn spelt(text: &str, blank: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(hides) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if blank(c) => out.push_str("    "),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if hides(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Control characters, what changes the direction of a text, and what is not seen at all.
pub(crate) fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Columns that a cleaned text takes.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// The beginning of a cleaned text that fits, with `…` where something is missing.
pub(crate) fn fitted(text: &str, columns_left: usize) -> Cow<'_, str> {
    if width(text) <= columns_left {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    let mut kept: String = text
        .chars()
        .take_while(|c| {
            used += columns(*c);
            used < columns_left
        })
        .collect();
    if columns_left > 0 {
        kept.push('…');
    }
    Cow::Owned(kept)
}

/// Lines of at most so many columns, broken wherever the width ends: JSON has few spaces.
pub(crate) fn wrapped(text: &str, columns_wide: usize) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for c in text.chars() {
        let wide = columns(c);
        if used + wide > columns_wide.max(2) {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        line.push(c);
        used += wide;
    }
    lines.push(line);
    lines
}

fn columns(c: char) -> usize {
    c.width().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_reaches_the_terminal_unseen() {
        assert_eq!(line("plain ✓ 漢"), "plain ✓ 漢");
        assert_eq!(line("a\u{1b}]0;x\u{7}b\r\n\tc"), "a\\u{1b}]0;x\\u{7}b\\r\\n\\tc");
        assert_eq!(line("\u{9b}2J\u{202e}gpj\u{200b}\u{e0041}"), "\\u{9b}2J\\u{202e}gpj\\u{200b}\\u{e0041}");
        assert_eq!(lines("a\r\n\tb\u{8}"), ["a", "    b\\u{8}"]);
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|c| c.is_control()) {
            let text = c.to_string();
            assert!(!line(&text).contains(c) && !lines(&text).concat().contains(c), "{c:?}");
        }
    }

    #[test]
    fn texts_fit_their_columns() {
        assert_eq!(fitted("abc", 3), "abc");
        assert_eq!(fitted("abcd", 3), "ab…");
        assert_eq!(fitted("漢字漢字", 5), "漢字…");
        assert_eq!(fitted("漢字漢字", 4), "漢…");
        assert_eq!(wrapped("abcdef", 4), ["abcd", "ef"]);
        assert_eq!(wrapped("漢字漢", 4), ["漢字", "漢"]);
    }
}
