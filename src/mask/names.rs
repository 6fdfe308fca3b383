//! What member names tell, remembered: the same few stand in every row of an answer.

/// Names remembered; a power of two.
const SLOTS: usize = 64;

/// Longest name remembered, in bytes.
pub(crate) const LONGEST: usize = 24;

#[derive(Default)]
pub(crate) struct Names {
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    name: [u8; LONGEST],
    /// None yet when 0.
    len: u8,
    told: u8,
}

impl Names {
    /// What was answered for this name, or is answered now.
    pub(crate) fn look_up(&mut self, name: &[u8], ask: impl FnOnce() -> bool) -> bool {
        self.told_of(name, || u8::from(ask())) != 0
    }

    /// Likewise, of answers that are more than yes or no.
    #[inline]
    pub(crate) fn told_of(&mut self, name: &[u8], ask: impl FnOnce() -> u8) -> u8 {
        if name.len() > LONGEST || name.is_empty() {
            return ask();
        }
        if self.slots.is_empty() {
            self.slots = vec![Slot::default(); SLOTS];
        }
        let ends = [name.first(), name.get(name.len() / 2), name.last()];
        let hash = ends.into_iter().flatten().fold(name.len(), |hash, byte| hash.wrapping_mul(31) ^ usize::from(*byte));
        let Some(slot) = self.slots.get_mut(hash % SLOTS) else { return ask() };
        if slot.name.get(..usize::from(slot.len)) != Some(name) {
            let told = ask();
            *slot = Slot { name: [0; LONGEST], len: u8::try_from(name.len()).unwrap_or_default(), told };
            slot.name.iter_mut().zip(name).for_each(|(kept, byte)| *kept = *byte);
        }
        slot.told
    }
}

/// Short texts, remembered with where they stand.
#[derive(Default)]
pub(crate) struct Texts {
    slots: Vec<Kept>,
}

#[derive(Clone, Copy)]
struct Kept {
    len: u8,
    bytes: [u8; Self::LONGEST],
}

/// Texts remembered; a power of two.
const TEXTS: usize = 256;

impl Kept {
    /// Bytes of a text, with what is said of where it stands.
    const LONGEST: usize = 47;
}

impl Texts {
    /// Where a text is remembered, and as what; none when it is too long.
    fn slot(place: u8, name: &[u8], text: &[u8]) -> Option<(usize, Kept)> {
        let mut kept = Kept { len: u8::try_from(2 + name.len() + text.len()).ok()?, bytes: [0; Kept::LONGEST] };
        let (told, rest) = kept.bytes.split_first_chunk_mut::<2>()?;
        *told = [place, u8::try_from(name.len()).ok()?];
        let (named, rest) = rest.split_at_mut_checked(name.len())?;
        named.copy_from_slice(name);
        rest.get_mut(..text.len())?.copy_from_slice(text);
        let hash = kept
            .bytes
            .as_chunks::<4>()
            .0
            .iter()
            .fold(0u32, |hash, four| (hash ^ u32::from_le_bytes(*four)).wrapping_mul(0x9E37_79B1).rotate_left(13));
        Some((usize::try_from(hash).unwrap_or_default() % TEXTS, kept))
    }

    pub(crate) fn know(&self, place: u8, name: &[u8], text: &[u8]) -> bool {
        if self.slots.is_empty() || name.len() + text.len() + 2 > Kept::LONGEST {
            return false;
        }
        let same =
            |(slot, kept): (usize, Kept)| self.slots.get(slot).is_some_and(|known| known.len == kept.len && known.bytes == kept.bytes);
        Self::slot(place, name, text).is_some_and(same)
    }

    pub(crate) fn remember(&mut self, place: u8, name: &[u8], text: &[u8]) {
        let Some((slot, kept)) = Self::slot(place, name, text) else { return };
        if self.slots.is_empty() {
            self.slots = vec![Kept { len: 0, bytes: [0; Kept::LONGEST] }; TEXTS];
        }
        self.slots.iter_mut().skip(slot).take(1).for_each(|known| *known = kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text is remembered with its name and its place, and a forgotten one is not known.
    #[test]
    fn texts_are_known_where_they_stand() {
        let mut texts = Texts::default();
        for round in 0..3 {
            for number in 0..600u32 {
                let (name, text) = (format!("n{}", number % 7), "x".repeat(number as usize % 50) + &number.to_string());
                let place = (number % 3) as u8;
                texts.remember(place, name.as_bytes(), text.as_bytes());
                let knows = |place, name: &str, text: &str| texts.know(place, name.as_bytes(), text.as_bytes());
                assert_eq!(knows(place, &name, &text), name.len() + text.len() + 2 <= Kept::LONGEST, "{round} {number}");
                assert!(!knows(place + 1, &name, &text) && !knows(place, "", &text) && !knows(place, &name, &format!("{text}\0")));
                assert!(!knows(place, &format!("{name}x"), text.get(1..).unwrap_or_default()));
            }
        }
        assert!(!texts.know(0, b"", b""));
    }
    use crate::mask::{Form, Masking, whole};
    use crate::policy::Detector;

    /// What is remembered of harmless names lets no other pass, and none that reads otherwise under other rules.
    #[test]
    fn a_name_with_a_secret_in_it_is_masked_every_time() {
        let key = ["AK", "IAIOSFODNN7EXAMPLQ"].concat();
        let body = format!(r#"[{{"progressToken":1,"{key}":2,"token":"x"}},{{"progressToken":1,"{key}":2,"token":"x"}}]"#);
        let masking = |family| {
            let rule = crate::mask::tests::rule("r", &[family], crate::policy::Operator::Replace);
            Masking::compile(&[rule]).unwrap().whole()
        };
        let masked = |profile| String::from_utf8(whole(profile, Form::Json, body.as_bytes()).unwrap().0).unwrap();
        let (secrets, mail) = (masking(Detector::Secrets), masking(Detector::Email));
        for _ in 0..3 {
            assert!(!masked(&secrets).contains(&key) && masked(&secrets).matches("progressToken").count() == 2);
            assert_eq!(masked(&mail), body);
        }
    }

    #[test]
    fn answers_are_those_of_the_very_name() {
        let mut names = Names::default();
        let is_asked = |name: &[u8]| name.len().is_multiple_of(3) && name.first() == Some(&b'a');
        for round in 0..3 {
            for number in 0..500 {
                let name = format!("{}{}", ["a", "b"][number % 2], "x1y".repeat(number % 11).get(number % 3..).unwrap_or_default());
                assert_eq!(names.look_up(name.as_bytes(), || is_asked(name.as_bytes())), is_asked(name.as_bytes()), "{round} {name}");
            }
        }
    }
}
