//! The part of a body that goes on record: masked by every rule, whoever the caller is, and cut at the policy's limit.

use super::messages::EventEnds;
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
    /// It is taken in parts while it comes.
    parts: Option<Parts>,
}

#[derive(Default)]
struct Parts {
    ends: EventEnds,
    /// How much of the text is whole messages.
    whole: usize,
    /// Up to the end of a message of which a part was taken.
    skips: bool,
}

impl Capture {
    pub(super) fn new(profile: Profile, form: Form, most: usize) -> Self {
        Self::sealing(profile.of_requests(), form, most, None)
    }

    /// What goes on record is what the caller gets: handles are sealed there, too.
    pub(super) fn sealing(profile: Profile, form: Form, most: usize, seals: Option<Seals>) -> Self {
        let mask = Some(mask::Stream::sealing(profile.clone(), form, seals.clone()));
        Self { profile, seals, mask, text: Vec::new(), most, size: 0, cut: false, parts: None }
    }

    /// `params` of a message, masked as they stand in it: what is the protocol's own is so by its place.
    pub(super) fn params(profile: Profile, params: &[u8], most: usize) -> Payload {
        const BEFORE: &[u8] = b"{\"params\":";
        const AFTER: &[u8] = b"}";
        let mut capture = Self::new(profile, Form::Json, most.saturating_add(BEFORE.len()).saturating_add(AFTER.len()));
        capture.push(&[BEFORE, params, AFTER].concat());
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
            if self.parts.is_some() {
                let mut masked = Vec::with_capacity(piece.len());
                let failed = mask.push(piece, &mut masked).is_err();
                self.collect(&masked);
                if failed {
                    self.stop();
                }
                continue;
            }
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
        self.collect(masked);
    }

    fn collect(&mut self, masked: &[u8]) {
        let mut masked = masked;
        if let Some(parts) = &mut self.parts {
            let ends = parts.ends.push(masked);
            let mut before = 0;
            if parts.skips {
                let Some(first) = ends.first else { return };
                parts.skips = false;
                masked = masked.get(first..).unwrap_or_default();
                before = first;
            }
            if let Some(last) = ends.last {
                parts.whole = self.text.len().saturating_add(last.saturating_sub(before));
            }
        }
        if !self.cut {
            self.text.extend_from_slice(masked);
            self.cut = cut_to(&mut self.text, self.most);
        }
    }

    /// From now on it can be taken while it comes. For event streams.
    pub(super) fn in_parts(self) -> Self {
        Self { parts: Some(Parts::default()), ..self }
    }

    /// What came since this was asked last, up to the end of a message.
    pub(super) fn take(&mut self) -> Payload {
        let Some(parts) = &mut self.parts else { return Payload::default() };
        let rest = if self.cut { Vec::new() } else { self.text.split_off(parts.whole.min(self.text.len())) };
        parts.skips |= self.cut && !parts.ends.is_between();
        parts.whole = 0;
        let text = std::mem::replace(&mut self.text, rest);
        Payload { text, truncated: std::mem::take(&mut self.cut), size: self.size }
    }

    pub(super) fn finish(&mut self) {
        let Some(mut mask) = self.mask.take() else { return };
        if self.parts.is_some() {
            let mut masked = Vec::new();
            let unfinished = mask.finish(&mut masked).is_err();
            self.collect(&masked);
            self.cut |= unfinished;
            return;
        }
        let unfinished = mask.finish(&mut self.text).is_err();
        self.cut |= unfinished | cut_to(&mut self.text, self.most);
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

    /// Each message is in one part, whole, wherever the stream is cut and the parts are taken; but for what is over the limit.
    #[test]
    fn parts_end_where_messages_do() {
        let stream: String = (0..20).map(|n| format!("id: {n}\ndata: {{\"n\":{n}}}\n\n")).collect();
        for masked_before in [true, false] {
            for (size, every) in [(1, 1), (1, 40), (7, 3), (50, 1), (1000, 1)] {
                let profile = mask::Masking::compile(&[]).unwrap().whole();
                let mut capture = Capture::new(profile, Form::Sse, 1 << 16).in_parts();
                let mut parts = Vec::new();
                for (index, chunk) in stream.as_bytes().chunks(size).enumerate() {
                    if masked_before {
                        capture.push_masked(chunk, chunk.len())
                    } else {
                        capture.push(chunk)
                    }
                    if index % every == 0 {
                        parts.push(capture.take());
                    }
                }
                capture.finish();
                parts.push(capture.payload());
                let all: Vec<u8> = parts.iter().flat_map(|part| part.text.clone()).collect();
                assert_eq!(String::from_utf8(all).unwrap(), stream, "{size} {every}");
                assert!(parts.iter().all(|part| part.text.is_empty() || part.text.ends_with(b"\n\n")), "{size} {every}");
            }
        }
    }

    #[test]
    fn after_a_cut_the_next_part_begins_with_a_whole_message() {
        let profile = mask::Masking::compile(&[]).unwrap().whole();
        let mut capture = Capture::new(profile, Form::Sse, 16).in_parts();
        capture.push_masked(b"data: aaaaaaaaaaaaaaaaaaaa", 26);
        let first = capture.take();
        assert_eq!((first.text.as_slice(), first.truncated), (&b"data: aaaaaaaaaa"[..], true));
        capture.push_masked(b"aaaa\n\ndata: b\n\nda", 20);
        let second = capture.take();
        assert_eq!((second.text.as_slice(), second.truncated), (&b"data: b\n\n"[..], false));
        capture.push_masked(b"ta: c\n\n", 8);
        assert_eq!(capture.take().text, b"data: c\n\n");
    }

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
