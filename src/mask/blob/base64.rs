//! Base64 (RFC 4648, sections 4 and 5) out of the content of a JSON string and back into it, in pieces, in the style it came in: alphabet,
//! padding, line breaks, escaped slashes.

use crate::mask::wrapped::value;
use crate::wire::escape;

/// Longest escape in a JSON string.
const ESCAPE: usize = 6;

/// How the base64 of a blob is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Style {
    url: bool,
    unpadded: bool,
    /// `/` as `\/`, as some encoders of JSON write it.
    escapes_slash: bool,
    /// Characters in a line, and the break after it as written.
    line: Option<(usize, Vec<u8>)>,
    /// A break comes last.
    ends_broken: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Decoder {
    pub(crate) style: Style,
    /// An escape that is not complete.
    escape: Vec<u8>,
    bits: u32,
    /// Characters of the quantum being read.
    count: u32,
    padding: u32,
    /// Characters since the last break, and the break being read.
    column: usize,
    broken: Vec<u8>,
    lines: usize,
}

impl Decoder {
    /// More of the string's content, as written; false when it is no base64, and nothing more is to be fed then.
    pub(crate) fn feed(&mut self, written: &[u8], out: &mut Vec<u8>) -> bool {
        written.iter().all(|byte| self.byte(*byte, out))
    }

    /// Whether the base64 may end here.
    pub(crate) fn is_whole(&mut self) -> bool {
        self.style.unpadded = self.count > 0 && self.padding == 0;
        self.style.ends_broken = !self.broken.is_empty();
        if self.style.ends_broken && self.style.line.is_none() {
            self.style.line = Some((usize::MAX, self.broken.clone()));
        }
        // Padding fills the quantum, or there is none.
        self.escape.is_empty() && self.count != 1 && (self.padding == 0 || self.count + self.padding == 4)
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) -> bool {
        if self.escape.is_empty() && byte != b'\\' {
            return self.character(byte, &[byte], out);
        }
        self.escape.push(byte);
        let needed = if self.escape.get(1) == Some(&b'u') { ESCAPE } else { 2 };
        if self.escape.len() < needed {
            return true;
        }
        let written = std::mem::take(&mut self.escape);
        let char = escape::unit(&written).and_then(|(char, _)| u8::try_from(char).ok()).filter(u8::is_ascii);
        char.is_some_and(|char| {
            self.style.escapes_slash |= char == b'/' && written.len() == 2;
            self.character(char, &written, out)
        })
    }

    fn character(&mut self, char: u8, written: &[u8], out: &mut Vec<u8>) -> bool {
        if matches!(char, b'\n' | b'\r' | b'\t' | b' ') {
            // Of a break, more than a CR and an LF is nothing to be kept.
            if self.broken.len() + written.len() <= 2 * ESCAPE {
                self.broken.extend_from_slice(written);
            }
            return true;
        }
        if !self.broken.is_empty() {
            let broken = std::mem::take(&mut self.broken);
            if self.lines == 0 && self.column > 0 {
                self.style.line = Some((self.column, broken));
            }
            self.lines += 1;
            self.column = 0;
        }
        self.column += 1;
        if char == b'=' {
            self.padding += 1;
            return self.count >= 2 && self.count + self.padding <= 4;
        }
        let Some(value) = value(char).filter(|_| self.padding == 0) else { return false };
        self.style.url |= matches!(char, b'-' | b'_');
        self.bits = self.bits << 6 | u32::from(value);
        self.count += 1;
        let at = |shift: u32, bits: u32| u8::try_from(bits >> shift & 0xFF).unwrap_or_default();
        match self.count {
            2 => out.push(at(4, self.bits)),
            3 => out.push(at(2, self.bits)),
            4 => {
                out.push(at(0, self.bits));
                (self.bits, self.count) = (0, 0);
            }
            _ => {}
        }
        true
    }
}

#[derive(Debug, Default)]
pub(crate) struct Encoder {
    /// Bytes of the quantum being filled.
    part: Vec<u8>,
    column: usize,
}

impl Encoder {
    /// More bytes; with `last` what is left, and the padding.
    pub(crate) fn write(&mut self, bytes: &[u8], last: bool, style: &Style, out: &mut Vec<u8>) {
        for byte in bytes {
            self.part.push(*byte);
            if self.part.len() == 3 {
                self.quantum(style, out);
            }
        }
        if last {
            if !self.part.is_empty() {
                self.quantum(style, out);
            }
            if let (true, Some((_, broken))) = (style.ends_broken, &style.line) {
                out.extend_from_slice(broken);
            }
        }
    }

    fn quantum(&mut self, style: &Style, out: &mut Vec<u8>) {
        let byte = |at: usize| u32::from(self.part.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let count = self.part.len() + 1;
        self.part.clear();
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            if at < count {
                self.character(symbol(bits >> shift & 0x3F, style.url), style, out);
            } else if !style.unpadded {
                self.character(b'=', style, out);
            }
        }
    }

    fn character(&mut self, char: u8, style: &Style, out: &mut Vec<u8>) {
        if let Some((_, broken)) = style.line.as_ref().filter(|(length, _)| self.column == *length) {
            out.extend_from_slice(broken);
            self.column = 0;
        }
        self.column += 1;
        if char == b'/' && style.escapes_slash {
            out.push(b'\\');
        }
        out.push(char);
    }
}

fn symbol(value: u32, url: bool) -> u8 {
    let value = u8::try_from(value).unwrap_or_default();
    match value {
        0..26 => b'A' + value,
        26..52 => b'a' + value - 26,
        52..62 => b'0' + value - 52,
        62 if url => b'-',
        62 => b'+',
        _ if url => b'_',
        _ => b'/',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decoded and encoded again, in pieces; none when it is no base64.
    fn again(written: &str, size: usize) -> Option<(Vec<u8>, String)> {
        let (mut decoder, mut encoder, mut bytes) = (Decoder::default(), Encoder::default(), Vec::new());
        if !written.as_bytes().chunks(size).all(|piece| decoder.feed(piece, &mut bytes)) || !decoder.is_whole() {
            return None;
        }
        let mut out = Vec::new();
        bytes.chunks(size).for_each(|piece| encoder.write(piece, false, &decoder.style, &mut out));
        encoder.write(&[], true, &decoder.style, &mut out);
        Some((bytes, String::from_utf8(out).unwrap()))
    }

    #[test]
    fn every_style_comes_back_as_it_was() {
        use ::base64::Engine as _;
        use ::base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
        let data: Vec<u8> = (0..=255u8).cycle().take(700).collect();
        for len in [0, 1, 2, 3, 57, 58, 100, 699, 700] {
            let data = &data[..len];
            let lines = |text: &str, end: &str| {
                let lines: Vec<&str> = text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
                lines.join(end) + end
            };
            let plain = STANDARD.encode(data);
            let mut styles = vec![plain.clone(), plain.replace('/', "\\/"), URL_SAFE.encode(data), URL_SAFE_NO_PAD.encode(data)];
            if plain.len() > 76 {
                styles.extend([lines(&plain, "\\n"), lines(&plain, "\\r\\n"), lines(&plain, "\\n").trim_end_matches("\\n").to_owned()]);
            }
            for written in styles {
                for size in [1, 7, 1000] {
                    assert_eq!(again(&written, size), Some((data.to_vec(), written.clone())));
                }
            }
        }
        assert_eq!(again("\\u0051UI=", 1), Some((b"AB".to_vec(), "QUI=".to_owned())));
    }

    #[test]
    fn tells_what_is_none() {
        for written in ["a", "QUI=QUI=", "Q=", "QU=", "===", "QUI!", "QU\\\"", "é", "QU\\u00e9"] {
            assert_eq!(again(written, 1), None, "{written}");
        }
    }
}
