//! What a text says to whoever reads it, beyond its bytes: URL and HTML escapes resolved ([`unwrap`]), characters that only look
//! different made alike and invisible ones left out ([`fold`]).
//!
//! Nothing is replaced here. Each reading is one more level of a window ([`super::levels`]) with a map back, so what is found in it is
//! masked where and as it was written.

pub(crate) mod fold;
pub(crate) mod unwrap;

/// Whether what begins at `at` of a text may read otherwise than it is written, at any level of escapes. They need not be resolved, where
/// those that stand for ASCII signs, letters and digits or for what is folded are looked for besides.
pub(crate) fn may_differ_at(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(byte) if byte.is_ascii() => {
            let last = at.checked_sub(1).and_then(|last| text.get(last)).copied();
            unwrap::unit_at(text, at, last).is_some()
        }
        _ => fold::stands_at(text, at),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::wire::escape::{Unescaped, Unit};

    pub(crate) fn read(text: &str, next: impl Fn(&[u8], usize, Option<u8>) -> Option<Unit>) -> String {
        let mut read = Unescaped::default();
        read.read(text.as_bytes(), next);
        assert_eq!(read.changed().is_some(), read.text != text.as_bytes(), "{text}");
        String::from_utf8_lossy(&read.text).into_owned()
    }

    #[test]
    fn ordinary_text_reads_as_it_is_written() {
        for text in ["", "plain text, 100 of it", "naïve – well, “quoted” — 日本語 Привет ❤️ 👩‍💻", "a & b; 5% of x+y, 100 %", "R&D &c."]
        {
            assert!(!(0..text.len()).any(|at| may_differ_at(text.as_bytes(), at)), "{text}");
        }
        for text in ["４", "a%41", "&#52;", "4\u{200b}1", "4+1", "4\u{2013}\\u00e9"] {
            assert!((0..text.len()).any(|at| may_differ_at(text.as_bytes(), at)), "{text}");
        }
    }
}
