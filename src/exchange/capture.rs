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
        Self::sealing(profile, form, most, None)
    }

    /// What goes on record is what the caller gets: handles are sealed there, too.
    pub(super) fn sealing(profile: Profile, form: Form, most: usize, seals: Option<Seals>) -> Self {
        let mask = Some(mask::Stream::sealing(profile.clone(), form, seals.clone()));
        Self { profile, seals, mask, text: Vec::new(), most, size: 0, cut: false }
    }

    /// The form shows only now; nothing was collected before.
    pub(super) fn restart(&mut self, form: Form) {
        self.mask = Some(mask::Stream::sealing(self.profile.clone(), form, self.seals.clone()));
    }

    /// Bytes as they came.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        self.size = self.size.saturating_add(chunk.len() as u64);
        let Some(mask) = &mut self.mask else { return };
        if mask.push(chunk, &mut self.text).is_err() {
            self.stop();
        } else if self.text.len() > self.most {
            self.text.truncate(self.most);
            self.stop();
        }
    }

    /// Bytes that were masked by every rule already.
    pub(super) fn push_masked(&mut self, masked: &[u8], size: usize) {
        self.size = self.size.saturating_add(size as u64);
        self.mask = None;
        let room = self.most.saturating_sub(self.text.len());
        match masked.get(..room) {
            Some(head) if head.len() < masked.len() => {
                self.text.extend_from_slice(head);
                self.cut = true;
            }
            _ => self.text.extend_from_slice(masked),
        }
    }

    pub(super) fn finish(&mut self) {
        if let Some(mask) = &mut self.mask {
            let unfinished = mask.finish(&mut self.text).is_err();
            self.mask = None;
            self.cut |= unfinished;
            if self.text.len() > self.most {
                self.text.truncate(self.most);
                self.cut = true;
            }
        }
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
