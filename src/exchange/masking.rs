//! The body of one answer on its way: editor, masker, gate, and what of it goes on record.

use super::capture::Capture;
use super::edit::{Asked, EditError, Editor};
use super::gate::{Gate, Reason, TooLate};
use super::messages::EventEnds;
use super::recognizing::Recognizing;
use crate::guard::budget::Found;
use crate::mask::{self, Count, Findings, Form, MaskError, Profile};
use crate::seal::Seals;

/// Why the rest of an answer is withheld.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the answer cannot be masked: {0}")]
    Mask(#[from] MaskError),
    #[error("the answer cannot be checked: {0}")]
    Edit(#[from] EditError),
    #[error("the answer cannot be withheld as a whole: {0}")]
    TooLate(#[from] TooLate),
    #[error("too many answers are being checked at once")]
    Memory,
    #[error("more of the answer has come than may wait for a recognizer")]
    Waiting,
    #[error("the answer goes on after its end")]
    AfterTheEnd,
    /// Trailers leave no place for bytes that waited for the end of the body.
    #[error("the answer ends with trailers in the middle of a value")]
    TrailersTooSoon,
}

pub(super) struct Masking {
    pub(super) caller: Profile,
    /// None until the first byte shows what a body without a media type is.
    pub(super) stream: Option<mask::Stream>,
    pub(super) form: Option<Form>,
    /// What is handed out is sealed by it.
    pub(super) seals: Option<Seals>,
    /// Before the masker; none where nothing is MCP.
    pub(super) editor: Option<Editor>,
    pub(super) edits: bool,
    /// After the masker, where something that is found withholds a whole message.
    pub(super) gate: Option<Gate>,
    /// After the gate, where the answer is shown to somebody outside.
    pub(super) recognizing: Option<Box<Recognizing>>,
    /// What withheld one, and was not noted yet.
    pub(super) withheld: Vec<Reason>,
    /// Findings of each kind that the gate was told of.
    pub(super) gated: Vec<u64>,
    pub(super) capture: Capture,
    /// The caller sees what the record must not: two maskers run.
    pub(super) twice: bool,
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
    /// Looks for what this caller may see and is counted all the same.
    pub(super) watch: Option<Watch>,
    /// How many of each were told.
    pub(super) told: Vec<u64>,
    /// The same, of what recognizers found.
    pub(super) told_remote: Vec<u64>,
    /// Messages as they leave, of an event stream.
    pub(super) messages: Option<EventEnds>,
    /// How many of them are on record.
    pub(super) recorded: u64,
    /// What was found in the headers.
    pub(super) head: Findings,
}

impl Masking {
    pub(super) fn form(&self) -> Option<Form> {
        self.form
    }

    /// What was found since this was asked last, by every rule.
    pub(super) fn found(&mut self) -> Vec<Found> {
        let stream = match &self.watch {
            Some(watch) => watch.stream.as_ref(),
            None => self.stream.as_ref(),
        };
        let own = stream.map(|stream| stream.findings().counts()).unwrap_or_default();
        let mut found = newly(own, &mut self.told);
        if let Some(recognizing) = &self.recognizing {
            found.extend(newly(recognizing.findings().counts(), &mut self.told_remote));
        }
        found
    }

    /// What leaves in place of the chunk; None when it leaves as it came. `edit` puts the bytes through the editor.
    pub(super) fn feed(
        &mut self,
        chunk: &[u8],
        end: bool,
        asked: &Asked,
        edit: impl FnOnce(&mut Editor, &mut Vec<u8>) -> Result<(), EditError>,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        self.bytes_in = self.bytes_in.saturating_add(chunk.len() as u64);
        if self.stream.is_none() {
            let Some(first) = chunk.iter().find(|byte| !byte.is_ascii_whitespace()) else { return Ok(None) };
            let form = if matches!(first, b'{' | b'[') { Form::Json } else { Form::Text };
            self.form = Some(form);
            self.stream = Some(begun(mask::Stream::sealing(self.caller.clone(), form, self.seals.clone()), &self.head));
            self.capture.restart(form);
            self.editor = Some(Editor::new(form)).filter(|_| self.edits);
            self.gate = Some(Gate::new(form)).filter(|_| self.caller.refuses());
        }
        let mut edited = Vec::new();
        let kept = match &mut self.editor {
            Some(editor) => {
                edited.reserve(chunk.len());
                edit(editor, &mut edited)?;
                edited.as_slice()
            }
            None => chunk,
        };
        let Some(stream) = &mut self.stream else { return Ok(None) };
        if let (Some(watch), Some(form)) = (&mut self.watch, self.form) {
            watch.feed(form, kept, end)?;
        }
        let mut out = Vec::with_capacity(chunk.len());
        let Some(gate) = &mut self.gate else {
            stream.push(kept, &mut out)?;
            if end {
                stream.finish(&mut out)?;
            }
            self.note_out(kept, &out);
            return Ok(if out == chunk { None } else { Some(out) });
        };
        let (mut masked, mut all) = (Vec::new(), Vec::with_capacity(chunk.len()));
        let mut found = |stream: &mask::Stream, withheld: &mut Vec<Reason>| {
            let reason = newly_refused(&self.caller, stream, &mut self.gated)?;
            withheld.push(reason.clone());
            Some(reason)
        };
        for piece in gate.pieces(kept) {
            stream.push(piece, &mut masked)?;
            gate.push(&masked, found(stream, &mut self.withheld), asked, &mut out)?;
            all.append(&mut masked);
        }
        if end {
            stream.finish(&mut masked)?;
            gate.push(&masked, found(stream, &mut self.withheld), asked, &mut out)?;
            gate.finish(asked, &mut out);
            all.append(&mut masked);
        }
        self.note_out(kept, &all);
        Ok(Some(out))
    }

    /// `kept` before the masker, and after it.
    fn note_out(&mut self, kept: &[u8], masked: &[u8]) {
        // What a recognizer is still to look at is noted when it leaves.
        if self.recognizing.is_some() {
            return;
        }
        self.note(masked);
        if self.twice {
            self.capture.push(kept);
        } else {
            self.capture.push_masked(masked, kept.len());
        }
    }

    /// What leaves behind a recognizer.
    pub(super) fn note_left(&mut self, bytes: &[u8]) {
        self.note(bytes);
        if self.twice {
            self.capture.push(bytes);
        } else {
            self.capture.push_masked(bytes, bytes.len());
        }
    }

    fn note(&mut self, left: &[u8]) {
        self.bytes_out = self.bytes_out.saturating_add(left.len() as u64);
        if let Some(messages) = &mut self.messages {
            messages.push(left);
        }
    }
}

/// What of it is more than was told.
fn newly(counts: &[Count], told: &mut Vec<u64>) -> Vec<Found> {
    told.resize(counts.len(), 0);
    let new = counts.iter().zip(told).filter_map(|(count, told)| {
        let more = count.count.saturating_sub(std::mem::replace(told, count.count));
        (more > 0).then(|| Found { rule: count.rule.clone(), detector: mask::word(count.detector), count: more })
    });
    new.collect()
}

/// What withholds the message and was found since this was asked last.
fn newly_refused(caller: &Profile, stream: &mask::Stream, told: &mut Vec<u64>) -> Option<Reason> {
    let counts = stream.findings().counts();
    told.resize(counts.len(), 0);
    let mut newly = None;
    for (count, told) in counts.iter().zip(told) {
        let more = count.count > std::mem::replace(told, count.count);
        if more && newly.is_none() && caller.refusing(std::slice::from_ref(count)).is_some() {
            newly = Some(Reason { rule: count.rule.to_string(), detector: count.detector.to_owned() });
        }
    }
    newly
}

/// A masker whose bytes go nowhere.
pub(super) struct Watch {
    pub(super) profile: Profile,
    pub(super) stream: Option<mask::Stream>,
    pub(super) head: Findings,
}

impl Watch {
    fn feed(&mut self, form: Form, chunk: &[u8], end: bool) -> Result<(), MaskError> {
        /// What is thrown away need not be held.
        const PIECE: usize = 16 * 1024;
        let stream = self.stream.get_or_insert_with(|| begun(mask::Stream::new(self.profile.clone(), form), &self.head));
        for piece in chunk.chunks(PIECE) {
            stream.push(piece, &mut Vec::with_capacity(piece.len()))?;
        }
        if end { stream.finish(&mut Vec::new()) } else { Ok(()) }
    }
}

/// A masker of the body, with what was found in the head.
pub(super) fn begun(mut stream: mask::Stream, head: &Findings) -> mask::Stream {
    stream.add_findings(head);
    stream
}
