//! Which characters make names, and which only look like some.

/// In a name, everywhere and in T-SQL only.
pub(super) const NAME: u8 = 1;
pub(super) const NAME_OF_TSQL: u8 = 2;

pub(super) static NAMES: [u8; 256] = names();

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn names() -> [u8; 256] {
    let mut names = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        names[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' => NAME,
            b'#' | b'@' => NAME_OF_TSQL,
            _ => 0,
        };
        byte += 1;
    }
    names
}

/// Characters that are seen as nothing or as a letter that they are not.
pub(super) fn is_disguise(c: char) -> bool {
    matches!(c, '\0' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ff01}'..='\u{ff5e}' | '\u{ffa0}' | '\u{ffe0}'..='\u{fff8}' | '\u{1d400}'..='\u{1d7ff}' | '\u{e0000}'..='\u{e0fff}')
}

pub(super) fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && !c.is_whitespace() && !is_disguise(c))
}
