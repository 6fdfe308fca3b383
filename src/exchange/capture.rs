//! The part of a body that goes on record: masked by every rule, whoever the caller is, and cut at the policy's limit.

use crate::audit::Payload;
use crate::mask::{self, Form, Profile};
use crate::seal::Seals;

/// Collects one side's body.
pub(super) struct Capture {
    profile: Profile,
    seals: Option<Seals>,
    /// None once enough is collected, or once masking failed: nothing more goes on record then.
    mask: Option<mask::Stream>,
    text: Vec<u8>,
    most: usize,
    size: u64,
    cut: bool,
}

impl Capture {
    pub(super) fn new(profile: Profile, form: Form, most: usize) -> Self {
        Self::sealing(profile.of_requests(), form, most, None)
    }

    /// What goes on record is what the caller gets: handles are sealed there, too.
    pub(super) fn sealing(profile: Profile, form: Form, most: usize, seals: Option<Seals>) -> Self {
        let mask = Some(mask::Stream::sealing(profile.clone(), form, seals.clone()));
        Self { profile, seals, mask, text: Vec::new(), most, size: 0, cut: false }
    }

    /// `params` of a message, masked as they stand in it: what is the protocol's own is so by its place.
    pub(super) fn params(profile: Profile, params: &[u8], most: usize) -> Payload {
        const BEFORE: &[u8] = b"{\"params\":";
        const AFTER: &[u8] = b"}";
        let mut capture = Self::new(profile, Form::Json, most.saturating_add(BEFORE.len()).saturating_add(AFTER.len()));
        for part in [BEFORE, params, AFTER] {
            capture.push(part);
        }
        capture.finish();
        let mut text = capture.text.split_off(BEFORE.len().min(capture.text.len()));
        if !capture.cut {
            text.pop();
        }
        let cut = capture.cut | cut_to(&mut text, most);
        Payload { text, truncated: cut, size: params.len() as u64 }
    }

    /// The form shows only now; nothing was collected before.
    pub(super) fn restart(&mut self, form: Form) {
        self.mask = Some(mask::Stream::sealing(self.profile.clone(), form, self.seals.clone()));
    }

    /// Bytes as they came.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        /// Of a large body little is kept: no more than this is masked in vain.
        const PIECE: usize = 16 * 1024;
        self.size = self.size.saturating_add(chunk.len() as u64);
        for piece in chunk.chunks(PIECE) {
            let Some(mask) = &mut self.mask else { return };
            let failed = mask.push(piece, &mut self.text).is_err();
            if failed | cut_to(&mut self.text, self.most) {
                self.stop();
            }
        }
    }

    /// Bytes that were masked by every rule already.
    pub(super) fn push_masked(&mut self, masked: &[u8], size: usize) {
        self.size = self.size.saturating_add(size as u64);
        self.mask = None;
        if !self.cut {
            self.text.extend_from_slice(masked);
            self.cut = cut_to(&mut self.text, self.most);
        }
    }

    pub(super) fn finish(&mut self) {
        let Some(mut mask) = self.mask.take() else { return };
        let unfinished = mask.finish(&mut self.text).is_err();
        self.cut |= unfinished | cut_to(&mut self.text, self.most);
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn payload(&self) -> Payload {
        Payload { text: self.text.clone(), truncated: self.cut, size: self.size }
    }

    fn stop(&mut self) {
        self.mask = None;
        self.cut = true;
    }
}

/// Cuts to at most so many bytes, not within a character; whether there was more.
fn cut_to(text: &mut Vec<u8>, most: usize) -> bool {
    if text.len() <= most {
        return false;
    }
    let is_inside = |byte: &u8| byte & 0b1100_0000 == 0b1000_0000;
    let inside = (0..4).take_while(|back| text.get(most.saturating_sub(*back)).is_some_and(is_inside)).count();
    text.truncate(most.saturating_sub(inside));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_leaves_whole_characters() {
        for (text, most, left) in [("abc", 3, "abc"), ("abcd", 3, "abc"), ("aé", 2, "a"), ("a€x", 3, "a"), ("a😀", 4, "a"), ("", 0, "")]
        {
            let mut bytes = text.as_bytes().to_vec();
            assert_eq!(cut_to(&mut bytes, most), text.len() > most);
            assert_eq!(bytes, left.as_bytes(), "{text} at {most}");
        }
    }
}
