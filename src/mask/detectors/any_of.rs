//! Whether one of some words stands anywhere in a text, in one pass over it: a table for each of the first three letters tells which of
//! the words could stand at a place.

/// Words of three bytes and more, in lower case or without letters; 64 at most.
pub(crate) struct AnyOf {
    words: &'static [&'static str],
    /// By the lower five bits of the first, second and third letter, which are those of either case: bit n for the nth word.
    letters: [[u64; 32]; 3],
}

impl AnyOf {
    #[expect(clippy::indexing_slicing, reason = "a mistake is one of compiling")]
    pub(crate) const fn new(words: &'static [&'static str]) -> Self {
        assert!(words.len() <= 64, "one bit for each word");
        let mut letters = [[0; 32]; 3];
        let mut word = 0;
        while word < words.len() {
            let text = words[word].as_bytes();
            let mut at = 0;
            while at < letters.len() {
                letters[at][(text[at] & 31) as usize] |= 1 << word;
                at += 1;
            }
            word += 1;
        }
        Self { words, letters }
    }

    pub(crate) const fn len(&self) -> usize {
        self.words.len()
    }

    pub(crate) fn get(&self, which: usize) -> Option<&'static str> {
        self.words.get(which).copied()
    }

    /// In any case.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        self.find(text, <[u8]>::eq_ignore_ascii_case)
    }

    /// The length of the shortest that begins at `at`, in any case.
    #[inline]
    pub(crate) fn len_at(&self, text: &[u8], at: usize) -> Option<usize> {
        self.shortest(text, at, <[u8]>::eq_ignore_ascii_case)
    }

    /// Likewise, as they are written here.
    #[inline]
    pub(crate) fn len_at_exactly(&self, text: &[u8], at: usize) -> Option<usize> {
        self.shortest(text, at, |there, word| there == word)
    }

    /// Which of them begins at `at`, in any case, the first of all that do.
    #[inline]
    pub(crate) fn which_at(&self, text: &[u8], at: usize) -> Option<usize> {
        let three: &[u8; 3] = text.get(at..)?.first_chunk()?;
        let mut may = self.may_begin(*three);
        while may != 0 {
            let word = self.word(may);
            if text.get(at..at + word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word)) {
                return usize::try_from(may.trailing_zeros()).ok();
            }
            may &= may - 1;
        }
        None
    }

    fn shortest(&self, text: &[u8], at: usize, same: impl Fn(&[u8], &[u8]) -> bool) -> Option<usize> {
        let three: &[u8; 3] = text.get(at..)?.first_chunk()?;
        let mut may = self.may_begin(*three);
        let mut least = None;
        while may != 0 {
            let word = self.word(may);
            if text.get(at..at + word.len()).is_some_and(|there| same(there, word)) {
                least = Some(least.map_or(word.len(), |least: usize| least.min(word.len())));
            }
            may &= may - 1;
        }
        least
    }

    /// Which of the words may begin with these.
    #[inline]
    fn may_begin(&self, [first, second, third]: [u8; 3]) -> u64 {
        let [firsts, seconds, thirds] = &self.letters;
        let of = |table: &[u64; 32], byte: u8| table.get(usize::from(byte & 31)).copied().unwrap_or_default();
        of(firsts, first) & of(seconds, second) & of(thirds, third)
    }

    /// The first of these words.
    #[inline]
    fn word(&self, these: u64) -> &'static [u8] {
        usize::try_from(these.trailing_zeros()).ok().and_then(|word| self.words.get(word)).map_or(&b""[..], |word| word.as_bytes())
    }

    #[inline]
    fn find(&self, text: &[u8], same: impl Fn(&[u8], &[u8]) -> bool) -> bool {
        text.windows(3).enumerate().any(|(at, three)| {
            let Ok(three) = three.try_into() else { return false };
            let mut may = self.may_begin(three);
            while may != 0 {
                let word = self.word(may);
                if text.get(at..at + word.len()).is_some_and(|there| same(there, word)) {
                    return true;
                }
                may &= may - 1;
            }
            false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_found_anywhere() {
        const WORDS: &[&str] = &["abc", "ab.d", "xxxx", "****", "_here", "ABC_D"];
        const ANY: AnyOf = AnyOf::new(WORDS);
        for word in WORDS {
            for len in 0..20 {
                let text = format!("{}{word}{}", "x ".repeat(len), " xx".repeat(len));
                assert!(
                    ANY.is_in(text.as_bytes()) && (0..text.len()).any(|at| ANY.len_at_exactly(text.as_bytes(), at).is_some()),
                    "{text}"
                );
                assert!(ANY.is_in(text.to_ascii_uppercase().as_bytes()), "{text}");
                let ends = (0..text.len()).filter_map(|at| ANY.len_at(text.as_bytes(), at)).min();
                assert!(ends.is_some_and(|len| len <= word.len()), "{text}");
                assert!(!ANY.is_in(text.replace(word, &word[1..]).as_bytes()) || *word == "ABC_D", "{text}");
            }
        }
        assert!(ANY.len_at_exactly(b"abc", 0) == Some(3) && ANY.len_at_exactly(b"ABC", 0).is_none() && ANY.is_in(b"ABC"));
        assert!(!ANY.is_in(b"ab") && !ANY.is_in(b"") && !ANY.is_in(b"xxx ***"));
    }
}
