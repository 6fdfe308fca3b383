//! One JSON text, byte for byte: structure is copied, the content of strings goes through [`Text`], numbers are looked at whole.

mod pass;

use std::borrow::Cow;
use std::ops::Range;

use super::MaskError;
use super::blob::{Blob, Kinds};
use super::cells::{Cells, Role};
use super::fields::Chain;
use super::findings::{Findings, PATH_BYTES};
use super::join::Joiner;
use super::number::{self, NUMBER_BYTES};
use super::profile::Profile;
use super::protocol;
use super::reading::fold;
use super::rules::{Label, Source};
use super::scan::{Signs, Tells};
use super::sealing::Sealer;
use super::text::{Env, Place, Text};
use crate::wire::escape::Unescaped;
use crate::wire::json::{Event, Lexer};
use crate::wire::path::{NAME_BYTES, Path, Step};

/// A member name is captured as written; six bytes for each of its own is the most an escape takes.
const NAME_WRITTEN: usize = 6 * (NAME_BYTES + 1);

#[derive(Default)]
pub(crate) struct JsonMasker {
    lexer: Lexer,
    path: Path,
    text: Text,
    /// The text was not told its end yet.
    text_open: bool,
    /// The member name being read, as written, and the findings before it.
    name: Vec<u8>,
    found_before: u64,
    /// What the last member name says.
    role: Role,
    /// Names that stand apart from their values.
    cells: Cells,
    /// The string being read, as written, where it is not read whole.
    heard: Vec<u8>,
    /// The number being read; empty once it is longer than [`NUMBER_BYTES`].
    number: Vec<u8>,
    number_is_long: bool,
    /// The number being read was looked at, whole, and passes.
    number_passed: bool,
    /// What happens to the string or number being read.
    value: Value,
    /// In a container that is masked whole: the depth it stands at, and for which rule.
    region: Option<(usize, u16)>,
    /// Likewise, a JSON schema of such a member: its words stay, the values it quotes do not.
    described: Option<(usize, u16)>,
    /// Something came.
    begun: bool,
    sealer: Option<Box<Sealer>>,
    /// The content in base64 being read, and what is said beside it.
    blob: Option<Box<Blob>>,
    kinds: Kinds,
    /// Before all else, where blocks of text are joined.
    joiner: Option<Box<Joiner>>,
}

#[derive(Clone, Copy, Default)]
enum Value {
    #[default]
    Look,
    /// The protocol's own.
    Pass,
    /// Handed out by the server, to be handed back by this caller only.
    Seal,
    /// Content in base64.
    Blob,
    Mask(Label),
}

impl JsonMasker {
    pub(crate) fn sealing(sealer: Option<Sealer>) -> Self {
        Self { sealer: sealer.map(Box::new), ..Self::default() }
    }

    pub(crate) fn sealer(&self) -> Option<&Sealer> {
        self.sealer.as_deref()
    }

    pub(crate) fn push(&mut self, profile: &Profile, findings: &mut Findings, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), MaskError> {
        self.begun |= !chunk.is_empty();
        if profile.join() == 0 {
            return self.read(profile, findings, chunk, out);
        }
        let mut joined = Vec::with_capacity(chunk.len());
        self.joiner.get_or_insert_default().push(profile, findings, chunk, &mut joined)?;
        self.read(profile, findings, &joined, out)
    }

    /// What waits for a neighbour goes on.
    fn unjoin(&mut self, profile: &Profile, findings: &mut Findings, out: &mut Vec<u8>) -> Result<(), MaskError> {
        let Some(joiner) = &mut self.joiner else { return Ok(()) };
        let mut rest = Vec::new();
        joiner.flush(profile, findings, &mut rest);
        self.read(profile, findings, &rest, out)
    }

    fn read(&mut self, profile: &Profile, findings: &mut Findings, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), MaskError> {
        // What passes as it came is copied in one piece, as far as it goes.
        let mut kept = 0..0;
        let mut signs = Signs::new(profile, chunk);
        let copy = |kept: &Range<usize>, out: &mut Vec<u8>| out.extend_from_slice(chunk.get(kept.clone()).unwrap_or_default());
        loop {
            let (passed, loud) = self.pass(&mut signs, chunk, kept.end, findings);
            kept.end = passed;
            if let Some(loud) = loud {
                kept.end += 1;
                copy(&kept, out);
                let end = self.loud(&mut signs, chunk, &loud, findings, out);
                kept = end..end + 1;
                continue;
            }
            let rest = chunk.get(kept.end..).unwrap_or_default();
            let Some(step) = self.lexer.step(rest)? else { break };
            let end = kept.end + step.len;
            let (bytes, after) = rest.split_at_checked(step.len).unwrap_or((rest, &[]));
            if self.kinds.is_reading() {
                self.kind(step.event, bytes)?;
            }
            self.hear(profile, step.event, bytes);
            if self.passes(step.event, &mut signs, kept.end..end, findings, bytes, after.first().copied()) {
                kept.end = end;
                if matches!((step.event, self.value), (Event::Quote { name: false }, Value::Seal)) {
                    copy(&kept, out);
                    kept = end..end;
                    self.sealer.iter().for_each(|sealer| sealer.mark(out));
                }
                continue;
            }
            copy(&kept, out);
            let part = kept.end..end;
            kept = end..end;
            match step.event {
                Event::Content if matches!(self.value, Value::Blob) && !self.lexer.in_name() => {
                    self.blob(profile, findings, bytes, false, out)?;
                }
                Event::Unquote { name: false } if matches!(self.value, Value::Blob) => {
                    self.blob(profile, findings, &[], true, out)?;
                    out.extend_from_slice(bytes);
                }
                Event::Content => {
                    let in_name = self.lexer.in_name();
                    let last = after.first() == Some(&b'"');
                    let tells = if last && !self.text_open && !profile.is_empty() { signs.tells(part) } else { None };
                    self.content((profile, findings), in_name, bytes, last, tells, out);
                }
                Event::Number => self.digits(profile, bytes, out),
                Event::NumberEnd => self.number_end(profile, findings, out),
                event => {
                    self.structure(event, profile, findings, out);
                    let handle = self.sealer.as_mut().filter(|_| matches!(self.value, Value::Seal));
                    match (event, handle) {
                        (Event::Quote { name: false }, Some(handle)) => {
                            out.extend_from_slice(bytes);
                            handle.mark(out);
                        }
                        (Event::Unquote { name: false }, Some(handle)) => {
                            handle.end(out)?;
                            out.extend_from_slice(bytes);
                        }
                        _ => out.extend_from_slice(bytes),
                    }
                }
            }
        }
        copy(&kept, out);
        Ok(())
    }

    /// Whether the bytes of an event leave as they came, which is then done with.
    fn passes(
        &mut self,
        event: Event,
        signs: &mut Signs<'_>,
        part: Range<usize>,
        findings: &mut Findings,
        bytes: &[u8],
        next: Option<u8>,
    ) -> bool {
        let profile = signs.profile();
        match event {
            Event::Plain | Event::Literal => true,
            Event::Comma | Event::Open { .. } | Event::Close | Event::Quote { name: true } => {
                self.structure(event, profile, findings, &mut Vec::new());
                true
            }
            Event::Quote { name: false } if !self.text_open => {
                self.structure(event, profile, findings, &mut Vec::new());
                true
            }
            Event::Unquote { name } if !self.text_open && (name || !matches!(self.value, Value::Seal | Value::Blob)) => {
                self.structure(event, profile, findings, &mut Vec::new());
                true
            }
            Event::Content if !self.text_open && next == Some(b'"') => {
                let in_name = self.lexer.in_name();
                let place = match self.value {
                    _ if in_name => Place::Name,
                    Value::Pass => {
                        if let Some(sealer) = &mut self.sealer {
                            sealer.passes(&self.path, bytes);
                        }
                        return true;
                    }
                    Value::Look => Place::Value,
                    Value::Seal | Value::Blob | Value::Mask(_) => return false,
                };
                let is_quiet = profile.is_empty() || {
                    let name = if in_name { Cow::default() } else { name_read(profile, &self.cells, &self.path, self.role) };
                    self.text.is_quiet(&place, profile, &name, bytes, || signs.any(part))
                };
                if is_quiet && in_name {
                    self.keep_name(bytes);
                }
                is_quiet
            }
            // All of it is here.
            Event::Number if next.is_some() && self.number.is_empty() && !self.number_is_long && bytes.len() <= NUMBER_BYTES => {
                self.value = self.value_coming(profile);
                self.number_passed = match self.value {
                    Value::Pass => true,
                    Value::Look => {
                        Text::number_passes(profile, &name_read(profile, &self.cells, &self.path, self.role), bytes, || signs.any(part))
                    }
                    Value::Seal | Value::Blob | Value::Mask(_) => false,
                };
                self.number_passed
            }
            Event::NumberEnd => std::mem::take(&mut self.number_passed),
            _ => false,
        }
    }

    fn keep_name(&mut self, bytes: &[u8]) {
        let room = NAME_WRITTEN.saturating_sub(self.name.len());
        self.name.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// A line break within the text, which the caller writes.
    pub(crate) fn line_break(&mut self, profile: &Profile, findings: &mut Findings, out: &mut Vec<u8>) -> Result<(), MaskError> {
        self.unjoin(profile, findings, out)?;
        if let Some(joiner) = &mut self.joiner {
            joiner.line_break()?;
        }
        if self.lexer.line_break()? {
            self.number_end(profile, findings, out);
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self, profile: &Profile, findings: &mut Findings, out: &mut Vec<u8>) -> Result<(), MaskError> {
        self.unjoin(profile, findings, out)?;
        if self.begun && self.lexer.finish()? {
            self.number_end(profile, findings, out);
        }
        Ok(())
    }

    /// Ready for the next text of the stream.
    pub(crate) fn reset(&mut self) {
        self.lexer = Lexer::default();
        self.path.clear();
        self.region = None;
        self.described = None;
        self.begun = false;
        self.blob = None;
        self.kinds = Kinds::default();
        self.cells.reset();
        self.joiner = None;
        if let Some(sealer) = &mut self.sealer {
            sealer.reset();
        }
    }

    pub(crate) fn held(&self) -> usize {
        size_of::<Self>()
            + self.path.held()
            + self.text.held()
            + self.name.capacity()
            + self.cells.held()
            + self.heard.capacity()
            + self.number.capacity()
            + self.joiner.as_ref().map_or(0, |joiner| joiner.held())
            + self.blob.as_ref().map_or(0, |blob| blob.held())
            + self.sealer.as_ref().map_or(0, |sealer| sealer.held())
    }

    /// Before the bytes of the event leave.
    fn structure(&mut self, event: Event, profile: &Profile, findings: &mut Findings, out: &mut Vec<u8>) {
        match event {
            Event::Comma => self.path.next(),
            Event::Open { .. } | Event::Close => self.bracket(event, profile),
            Event::Quote { name: true } => {
                self.name.clear();
                self.found_before = findings.total();
            }
            Event::Quote { name: false } => {
                let seals = self.sealer.as_mut().is_some_and(|sealer| sealer.begins(&self.path));
                self.value = if seals { Value::Seal } else { self.value_coming(profile) };
                self.kinds.begins(self.path.last().and_then(Step::name).unwrap_or_default());
                if matches!(self.value, Value::Look) && protocol::is_blob(&self.path) {
                    self.value = Value::Blob;
                    self.blob = Some(Box::new(Blob::new(self.kinds.are_text(self.path.depth()))));
                }
            }
            Event::Unquote { name } => {
                // Content that ended with a chunk is still held.
                if self.text_open {
                    self.content((profile, findings), name, &[], true, None, out);
                }
                if name {
                    self.take_name(findings);
                }
            }
            Event::Plain | Event::Literal | Event::Content | Event::Number | Event::NumberEnd => {}
        }
    }

    /// More of a string, or with `last` the rest of it; `tells` of this part.
    fn content(
        &mut self,
        (profile, findings): (&Profile, &mut Findings),
        in_name: bool,
        bytes: &[u8],
        last: bool,
        tells: Option<Tells<'_>>,
        out: &mut Vec<u8>,
    ) {
        self.text_open = !last;
        let place = if in_name {
            self.keep_name(bytes);
            Place::Name
        } else {
            match self.value {
                Value::Seal | Value::Pass => {
                    match (&mut self.sealer, self.value) {
                        (Some(sealer), Value::Seal) => sealer.feed(bytes),
                        (Some(sealer), _) => sealer.passes(&self.path, bytes),
                        (None, _) => {}
                    }
                    return out.extend_from_slice(bytes);
                }
                Value::Look | Value::Blob => Place::Value,
                Value::Mask(label) => Place::Whole(label),
            }
        };
        if profile.is_empty() {
            return out.extend_from_slice(bytes);
        }
        let name = if in_name { Cow::default() } else { name_read(profile, &self.cells, &self.path, self.role) };
        let mut env = Env { profile, findings, place, path: &self.path, name: &name, tells };
        self.text.feed(&mut env, bytes, last, out);
    }

    /// More of content in base64; `last` at its end.
    fn blob(&mut self, profile: &Profile, findings: &mut Findings, bytes: &[u8], last: bool, out: &mut Vec<u8>) -> Result<(), MaskError> {
        let Some(blob) = &mut self.blob else { return Ok(()) };
        let mut env = Env { profile, findings, place: Place::Value, path: &self.path, name: &[], tells: None };
        if !last {
            return blob.feed(&mut env, bytes, out);
        }
        blob.end(&mut env, out)?;
        if blob.was_binary() {
            self.kinds.was_binary(self.path.depth());
        }
        self.blob = None;
        Ok(())
    }

    /// The type of content is being told.
    fn kind(&mut self, event: Event, bytes: &[u8]) -> Result<(), MaskError> {
        match event {
            Event::Content => self.kinds.feed(bytes),
            Event::Unquote { .. } => self.kinds.ends(self.path.depth())?,
            _ => {}
        }
        Ok(())
    }

    fn take_name(&mut self, findings: &Findings) {
        let hidden = findings.total() > self.found_before;
        if !self.name.contains(&b'\\') {
            self.role = Role::of(&self.name, false);
            return self.path.member(&self.name, hidden);
        }
        let mut name = Unescaped::default();
        name.resolve(&self.name);
        self.role = Role::of(&name.text, false);
        self.path.member(&name.text, hidden);
    }

    fn value_coming(&self, profile: &Profile) -> Value {
        if protocol::owns(&self.path) {
            return Value::Pass;
        }
        self.rule_for_value(profile).map_or(Value::Look, |rule| Value::Mask(Label { rule, source: Source::Field }))
    }

    /// A container under a named member is masked leaf by leaf, unless it only describes what such a member holds.
    fn open(&mut self, array: bool, profile: &Profile) {
        if self.region.is_some() {
            return;
        }
        let Some(rule) = self.rule_for_value(profile) else { return };
        let here = (self.path.depth(), rule);
        if self.described.is_none() && !array && protocol::describes(&self.path) {
            self.described = Some(here);
        } else {
            self.region = Some(here);
        }
    }

    fn rule_for_value(&self, profile: &Profile) -> Option<u16> {
        if let Some((_, rule)) = self.region {
            return Some(rule);
        }
        if let Some((_, rule)) = self.described
            && self.path.last().and_then(Step::name).is_some_and(protocol::is_value_in_schema)
        {
            return Some(rule);
        }
        let name = self.cells.field(profile, &self.path, self.role);
        if !profile.may_be_field(name.or(self.path.last()?.name())) {
            return None;
        }
        let chain = Chain { path: &self.path, name, outer: None };
        profile.fields().iter().find(|(_, field)| field.matches(&chain)).map(|(rule, _)| *rule)
    }

    fn digits(&mut self, profile: &Profile, bytes: &[u8], out: &mut Vec<u8>) {
        if self.number.is_empty() && !self.number_is_long {
            self.value = self.value_coming(profile);
        }
        let masked = matches!(self.value, Value::Mask(_));
        if !self.number_is_long && self.number.len() + bytes.len() <= NUMBER_BYTES {
            self.number.extend_from_slice(bytes);
            return;
        }
        // Longer than anything looked for: it passes as it comes, but for a field.
        if !masked {
            out.append(&mut self.number);
            out.extend_from_slice(bytes);
        }
        self.number_is_long = true;
    }

    fn number_end(&mut self, profile: &Profile, findings: &mut Findings, out: &mut Vec<u8>) {
        let token = std::mem::take(&mut self.number);
        let is_long = std::mem::take(&mut self.number_is_long);
        let label = match self.value {
            Value::Seal | Value::Blob | Value::Pass => None,
            Value::Mask(label) => Some(label),
            Value::Look => {
                if is_long {
                    None
                } else {
                    number::look_at(profile, &name_read(profile, &self.cells, &self.path, self.role), &token)
                }
            }
        };
        match label.and_then(|label| Some((label, profile.rule(label)?))) {
            Some((label, rule)) => {
                number::write(rule, &token, out);
                findings.add(&rule.id, label, || self.path.show(PATH_BYTES), token.len());
            }
            None => out.extend_from_slice(&token),
        }
        self.number = token;
        self.number.clear();
    }
}

/// Whether the string that comes next is content in base64, or tells the type of such.
fn is_content(path: &Path) -> bool {
    path.last().and_then(Step::name).is_some_and(Kinds::are_told_by) || protocol::is_blob(path)
}

/// The name of the value being read, as it reads: its member's, or one that stands apart from it.
fn name_read<'a>(profile: &Profile, cells: &'a Cells, path: &'a Path, own: Role) -> Cow<'a, [u8]> {
    if let Some(name) = cells.name(profile, path, own) {
        return Cow::Borrowed(name);
    }
    let name = path.last().and_then(Step::name).unwrap_or_default();
    fold::name(name).map_or(Cow::Borrowed(name), Cow::Owned)
}
