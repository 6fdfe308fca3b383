//! UTF-8 checked in pieces (RFC 3629), so that a character cut by a chunk is no error and an overlong one always is.

/// What the last piece left open: how many continuation bytes are due, and the range the next must be in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Utf8 {
    due: u8,
    low: u8,
    high: u8,
}

impl Utf8 {
    /// Takes the next piece; false when it cannot be UTF-8.
    pub(crate) fn feed(&mut self, piece: &[u8]) -> bool {
        if self.due == 0 && piece.is_ascii() {
            return true;
        }
        let mut rest = piece;
        while self.due > 0 {
            let Some((first, after)) = rest.split_first() else { return true };
            if !self.step(*first) {
                return false;
            }
            rest = after;
        }
        match std::str::from_utf8(rest) {
            Ok(_) => true,
            Err(err) if err.error_len().is_some() => false,
            Err(err) => rest.iter().skip(err.valid_up_to()).all(|byte| self.step(*byte)),
        }
    }

    /// Whether no character is half read.
    pub(crate) fn complete(self) -> bool {
        self.due == 0
    }

    /// Likewise one byte.
    #[inline]
    pub(crate) fn step(&mut self, byte: u8) -> bool {
        if self.due > 0 {
            let fits = (self.low..=self.high).contains(&byte);
            *self = Self { due: self.due - 1, low: 0x80, high: 0xBF };
            return fits;
        }
        let (due, low, high) = match byte {
            0..=0x7F => return true,
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, 0x9F),
            0xE1..=0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            _ => return false,
        };
        *self = Self { due, low, high };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Utf8;

    fn split_everywhere(text: &[u8]) -> bool {
        let whole = std::str::from_utf8(text).is_ok();
        for at in 0..=text.len() {
            let mut utf8 = Utf8::default();
            let good = utf8.feed(&text[..at]) && utf8.feed(&text[at..]) && utf8.complete();
            assert_eq!(good, whole, "{text:?} split at {at}");
        }
        whole
    }

    #[test]
    fn agrees_with_the_standard_library_at_every_split() {
        assert!(split_everywhere("aé€😀\u{7ff}\u{800}\u{ffff}\u{10ffff}".as_bytes()));
        for bad in [&b"\xC1\x81"[..], b"\xE0\x80\x80", b"\xED\xA0\x80", b"\xF4\x90\x80\x80", b"\xF5", b"a\x80", b"\xE2\x82"] {
            assert!(!split_everywhere(bad), "{bad:?}");
        }
    }
}
