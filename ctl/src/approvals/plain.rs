//! Texts from outside, for people's eyes.

/// What is not seen and changes how the rest is: control characters, marks that turn the direction of a text, spaces without width.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
