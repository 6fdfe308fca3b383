//! The response's half: what may leave, and masked how.

use super::capture::Capture;
use super::edit::{Asked, Court, EditError, Editor};
use super::event::{Effect, Flow, Headers, Metric, Step};
use super::gate::{Gate, Reason, TooLate};
use super::head_masked::MaskedHead;
use super::messages::EventEnds;
use super::refusal::Refusal;
use super::request::with_who;
use super::withheld::alert;
use super::{Engine, Exchange, Phase};
use crate::audit::{Failure, Finding, Messages, Payload};
use crate::guard::budget::Found;
use crate::mask::{self, Findings, Form, MaskError, Profile};
use crate::mcp::http;
use crate::policy::{self, Level};
use crate::seal::Seals;
use crate::time::Time;

/// How the body of an answer goes through.
pub(super) enum Responding {
    /// The whole answer is through.
    Done,
    /// Of a type the policy lets through unread.
    Passing,
    Masking(Box<Masking>),
    /// Its end is withheld.
    Cut,
}

/// Why the rest of an answer is withheld.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the answer cannot be masked: {0}")]
    Mask(#[from] MaskError),
    #[error("the answer cannot be checked: {0}")]
    Edit(#[from] EditError),
    #[error("the answer cannot be withheld as a whole: {0}")]
    TooLate(#[from] TooLate),
    #[error("too many answers are being checked at once")]
    Memory,
    #[error("the answer goes on after its end")]
    AfterTheEnd,
    /// Trailers leave no place for bytes that waited for the end of the body.
    #[error("the answer ends with trailers in the middle of a value")]
    TrailersTooSoon,
}

pub(super) struct Masking {
    caller: Profile,
    /// None until the first byte shows what a body without a media type is.
    stream: Option<mask::Stream>,
    form: Option<Form>,
    /// What is handed out is sealed by it.
    seals: Option<Seals>,
    /// Before the masker; none where nothing is MCP.
    editor: Option<Editor>,
    edits: bool,
    /// After the masker, where something that is found withholds a whole message.
    gate: Option<Gate>,
    /// What withheld one, and was not noted yet.
    withheld: Vec<Reason>,
    /// Findings of each kind that the gate was told of.
    gated: Vec<u64>,
    pub(super) capture: Capture,
    /// The caller sees what the record must not: two maskers run.
    twice: bool,
    bytes_in: u64,
    bytes_out: u64,
    /// Looks for what this caller may see and is counted all the same.
    watch: Option<Watch>,
    /// How many of each were told.
    told: Vec<u64>,
    /// Messages as they leave, of an event stream.
    messages: Option<EventEnds>,
    /// How many of them are on record.
    recorded: u64,
    /// What was found in the headers.
    head: Findings,
}

impl Exchange {
    pub(super) fn response_headers(&mut self, engine: &mut Engine, headers: &Headers, end: bool, now: Time) -> Step {
        match self.phase {
            Phase::Forwarded => {}
            // The headers of a request went ahead of its body and the server answers already.
            Phase::Reading | Phase::Held(_) if self.headers_gone => {}
            // Our own answer, or Envoy's (a time-out, a limit) before anything went upstream.
            Phase::New | Phase::AwaitingKeys | Phase::Reading | Phase::Held(_) | Phase::Responding(_) => {
                self.note_status(headers);
                return Step { flow: Flow::Continue, effects: self.cors.edits(headers) };
            }
            Phase::Answered => {
                self.note_status(headers);
                return Step::go();
            }
        }
        self.facts.times.response_headers = Some(now);
        self.note_status(headers);
        self.facts.upstream.status = self.facts.http.status;
        if let Some(session) = http::values(headers, "mcp-session-id").next() {
            self.facts.mcp.session_id.get_or_insert_with(|| session.to_owned());
        }
        let head = self.mask_head(engine, headers);
        match self.treatment(engine, headers, end, &head).and_then(|responding| Ok((responding, self.seal_session(headers)?))) {
            Ok((responding, session)) => {
                self.facts.masking.findings = on_record(&head.findings);
                let mut effects: Vec<Effect> = session.into_iter().chain(head.effects).collect();
                effects.extend(self.cors.edits(headers));
                if matches!(responding, Responding::Masking(_)) {
                    effects.extend(stale_headers(headers));
                }
                if http::values(headers, "www-authenticate").next().is_some() {
                    // It would send the client to the upstream's authorization server with the wrong resource.
                    effects.push(Effect::RemoveResponseHeader("www-authenticate"));
                }
                self.phase = Phase::Responding(responding);
                effects.extend(self.begun(engine, now));
                Step { flow: Flow::Continue, effects }
            }
            Err(refusal) => self.refuse(engine, &refusal, now),
        }
    }

    fn note_status(&mut self, headers: &Headers) {
        let status = http::values(headers, ":status").next().and_then(|status| status.parse().ok());
        self.facts.http.status = status.or(self.facts.http.status);
    }

    fn treatment(&self, engine: &Engine, headers: &Headers, end: bool, head: &MaskedHead) -> Result<Responding, Refusal> {
        if self.facts.http.status == Some(401) {
            return Err(Refusal::UpstreamCredential);
        }
        if end {
            return Ok(Responding::Done);
        }
        if http::values(headers, "content-encoding").any(|coding| !coding.trim().eq_ignore_ascii_case("identity")) {
            return Err(Refusal::ResponseEncoded);
        }
        if self.facts.http.status == Some(206) {
            return Err(Refusal::ResponseType("a part of the answer (206)".to_owned()));
        }
        let form = match media_type(headers)? {
            None => None,
            Some(media) => match media.as_str() {
                "application/json" => Some(Form::Json),
                "text/event-stream" => Some(Form::Sse),
                text if text.starts_with("text/") => Some(Form::Text),
                json if json.ends_with("+json") => Some(Form::Json),
                other if listed(&engine.policy.responses, other) => return Ok(Responding::Passing),
                _ => return Err(Refusal::ResponseType(media)),
            },
        };
        let caller = self.caller_profile(engine);
        let twice = caller != engine.record_profile;
        // Without payloads on record the outcome of the call still is; errors and `isError` fit in a little.
        const OUTCOME_BYTES: usize = 4096;
        let kept = if self.level(engine) >= Level::All { engine.policy.audit.max_payload.0 } else { 0 };
        let most = kept.max(OUTCOME_BYTES);
        let capture = Capture::sealing(engine.record_profile.clone(), form.unwrap_or(Form::Text), most, self.seals.clone());
        let is_in_parts = form == Some(Form::Sse) && engine.policy.audit.interim.is_some();
        let edits = self.is_edited(form);
        Ok(Responding::Masking(Box::new(Masking {
            editor: form.filter(|_| edits).map(Editor::new),
            edits,
            stream: form.map(|form| begun(mask::Stream::sealing(caller.clone(), form, self.seals.clone()), &head.findings)),
            capture: if is_in_parts { capture.in_parts() } else { capture },
            seals: self.seals.clone(),
            gate: form.filter(|_| caller.refuses()).map(Gate::new),
            withheld: Vec::new(),
            gated: Vec::new(),
            form,
            caller,
            twice,
            bytes_in: 0,
            bytes_out: 0,
            watch: (twice && engine.counts_findings()).then(|| Watch {
                profile: engine.record_profile.clone(),
                stream: None,
                head: head.for_record.clone(),
            }),
            head: head.findings.clone(),
            told: Vec::new(),
            messages: (form == Some(Form::Sse)).then(EventEnds::default),
            recorded: 0,
        })))
    }

    pub(super) fn response_body(&mut self, engine: &mut Engine, chunk: &[u8], end: bool, now: Time) -> Step {
        let Phase::Responding(responding) = &mut self.phase else { return Step::go() };
        let result = match responding {
            Responding::Passing => Ok(None),
            Responding::Done if chunk.is_empty() => Ok(None),
            Responding::Done => Err(Trouble::AfterTheEnd),
            Responding::Cut => return Step { flow: Flow::Pause, effects: vec![Effect::Body(Vec::new())] },
            Responding::Masking(_) => self.feed(engine, chunk, end),
        };
        let told = self.tell(engine);
        if let Ok(replaced) = &result {
            let bytes = replaced.as_ref().map_or(chunk.len(), Vec::len);
            let found = self.found();
            if let Err(limited) = self.charge(engine, bytes, &found, end, now) {
                let mut step = self.cut_for(&limited);
                step.effects.insert(0, Effect::Body(Vec::new()));
                step.effects.splice(1..1, told);
                return step;
            }
        }
        match result {
            Ok(replaced) => {
                if end {
                    self.finish_response();
                }
                let effects = replaced.map(Effect::Body).into_iter().chain(told).collect();
                Step { flow: Flow::Continue, effects }
            }
            Err(error) => {
                let mut step = self.cut(&error);
                step.effects.insert(0, Effect::Body(Vec::new()));
                step.effects.splice(1..1, told);
                step
            }
        }
    }

    /// The body ends without a last chunk (HTTP/2). What is still held back cannot be added to it any more.
    pub(super) fn response_trailers(&mut self, engine: &mut Engine, now: Time) -> Step {
        let Phase::Responding(responding) = &mut self.phase else { return Step::go() };
        let result = match responding {
            Responding::Passing | Responding::Done => Ok(None),
            Responding::Cut => return Step::pause(),
            Responding::Masking(_) => self.feed(engine, &[], true),
        };
        if result.is_ok() {
            let found = self.found();
            if let Err(limited) = self.charge(engine, 0, &found, true, now) {
                return self.cut_for(&limited);
            }
        }
        match result {
            Ok(rest) if rest.as_ref().is_none_or(Vec::is_empty) => {
                self.finish_response();
                Step::go()
            }
            Ok(_) => self.cut(&Trouble::TrailersTooSoon),
            Err(error) => self.cut(&error),
        }
    }

    /// Headers and a part of the body are with the client already: the only honest end is a broken one. While a chunk passes, it
    /// is to be taken away besides; in the trailers there is none, and a host that is asked to replace it fails.
    fn cut(&mut self, trouble: &Trouble) -> Step {
        self.note_masking();
        self.facts.error = Some(Failure { code: "response_unmaskable".into(), message: trouble.to_string() });
        self.phase = Phase::Responding(Responding::Cut);
        Step { flow: Flow::Pause, effects: vec![Effect::Count(Metric::Unmaskable, 1), Effect::Cut] }
    }

    fn finish_response(&mut self) {
        self.note_masking();
        self.phase = Phase::Responding(Responding::Done);
    }

    /// What was found since this was asked last.
    fn found(&mut self) -> Vec<Found> {
        match &mut self.phase {
            Phase::Responding(Responding::Masking(masking)) => masking.found(),
            _ => Vec::new(),
        }
    }

    /// Everything the record wants of the answer, as far as it came.
    pub(super) fn note_masking(&mut self) {
        let Phase::Responding(Responding::Masking(masking)) = &mut self.phase else { return };
        masking.capture.finish();
        let payload = masking.capture.payload();
        self.note_answer(payload);
    }

    /// The same, of an answer that goes on: the messages that are whole and not on record yet.
    pub(super) fn note_running(&mut self) {
        let Phase::Responding(Responding::Masking(masking)) = &mut self.phase else { return };
        let payload = if masking.form == Some(Form::Sse) { masking.capture.take() } else { Payload::default() };
        self.note_answer(payload);
        let Phase::Responding(Responding::Masking(masking)) = &mut self.phase else { return };
        match &masking.messages {
            Some(messages) => masking.recorded = messages.count(),
            None => self.facts.response = None,
        }
    }

    fn note_answer(&mut self, payload: Payload) {
        let Phase::Responding(Responding::Masking(masking)) = &mut self.phase else { return };
        self.facts.masking.bytes_in = masking.bytes_in;
        self.facts.masking.bytes_out = masking.bytes_out;
        if let Some(stream) = &masking.stream {
            self.facts.masking.findings = on_record(stream.findings());
            for count in stream.findings().counts().iter().filter(|count| masking.caller.alerts(&count.rule)) {
                let alert = alert("value_masked", count.detector, &count.rule);
                if !self.facts.alerts.contains(&alert) {
                    self.facts.alerts.push(alert);
                }
            }
        }
        if let Some(id) = &self.call_id {
            let is_sse = matches!(masking.form, Some(Form::Sse));
            if let Some(outcome) = super::outcome::read(&payload.text, is_sse, id) {
                self.has_answer = true;
                self.facts.mcp.rpc_error = outcome.error;
                self.facts.mcp.tool_error = outcome.tool_error;
            }
        }
        self.facts.messages = masking.messages.as_ref().map(|ends| Messages { before: masking.recorded, upto: ends.count() });
        self.facts.response = Some(payload);
    }
}

impl Exchange {
    /// Bytes of the answer through the editor and the masker.
    fn feed(&mut self, engine: &mut Engine, chunk: &[u8], end: bool) -> Result<Option<Vec<u8>>, Trouble> {
        let Phase::Responding(Responding::Masking(masking)) = &mut self.phase else { return Ok(None) };
        let Some(principal) = &self.principal else { return Err(Trouble::Edit(EditError::Unreadable)) };
        let noted = &mut self.noted;
        let asked = &self.question;
        let (guard, pins, detector, policy) = (&engine.guard, &mut engine.pins, &engine.detector, &engine.policy);
        let result = with_who(principal, |who| {
            let mut court = Court { guard, who, tools: &policy.tools, server: &policy.server, pins, detector, asked };
            masking.feed(chunk, end, asked, |editor, out| {
                editor.push(&mut court, noted, chunk, out)?;
                if end { editor.finish(&mut court, noted, out) } else { Ok(()) }
            })
        });
        let held = masking.editor.as_ref().map_or(0, Editor::held) + masking.gate.as_ref().map_or(0, Gate::held);
        let withheld = std::mem::take(&mut masking.withheld);
        if held == 0 {
            engine.memory.give_back(&mut self.waiting);
        }
        self.note_withheld(withheld);
        let more = held.saturating_sub(self.waiting.bytes());
        if !engine.memory.take(&mut self.waiting, more) {
            return Err(Trouble::Memory);
        }
        result
    }
}

impl Masking {
    pub(super) fn form(&self) -> Option<Form> {
        self.form
    }

    /// What was found since this was asked last, by every rule.
    fn found(&mut self) -> Vec<Found> {
        let stream = match &self.watch {
            Some(watch) => watch.stream.as_ref(),
            None => self.stream.as_ref(),
        };
        let counts = stream.map(|stream| stream.findings().counts()).unwrap_or_default();
        self.told.resize(counts.len(), 0);
        let new = counts.iter().zip(&mut self.told).filter_map(|(count, told)| {
            let more = count.count.saturating_sub(std::mem::replace(told, count.count));
            (more > 0).then(|| Found { rule: count.rule.clone(), detector: mask::word(count.detector), count: more })
        });
        new.collect()
    }

    /// What leaves in place of the chunk; None when it leaves as it came. `edit` puts the bytes through the editor.
    fn feed(
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

    fn note_out(&mut self, kept: &[u8], masked: &[u8]) {
        self.bytes_out = self.bytes_out.saturating_add(masked.len() as u64);
        if let Some(messages) = &mut self.messages {
            messages.push(masked);
        }
        if self.twice {
            self.capture.push(kept);
        } else {
            self.capture.push_masked(masked, kept.len());
        }
    }
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
struct Watch {
    profile: Profile,
    stream: Option<mask::Stream>,
    head: Findings,
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
fn begun(mut stream: mask::Stream, head: &Findings) -> mask::Stream {
    stream.add_findings(head);
    stream
}

fn on_record(findings: &Findings) -> Vec<Finding> {
    let found = |count: &mask::Count| Finding {
        rule: count.rule.to_string(),
        detector: count.detector.into(),
        kind: policy::Detector::of(mask::word(count.detector)),
        count: count.count,
    };
    findings.counts().iter().map(found).collect()
}

/// The one media type of the answer, in lower case, without parameters.
fn media_type(headers: &Headers) -> Result<Option<String>, Refusal> {
    let mut values = http::values(headers, "content-type");
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Refusal::ResponseType("more than one content type".to_owned()));
    }
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    // Bytes of another encoding would be masked as if they were UTF-8, and so not at all.
    let foreign = parts.filter_map(|part| part.split_once('=')).any(|(name, charset)| {
        let charset = charset.trim_matches('"');
        name.eq_ignore_ascii_case("charset")
            && !["utf-8", "utf8", "us-ascii", "iso-8859-1"].iter().any(|ok| charset.eq_ignore_ascii_case(ok))
    });
    if foreign { Err(Refusal::ResponseType(value.to_owned())) } else { Ok(Some(essence)) }
}

fn listed(responses: &policy::Responses, media: &str) -> bool {
    responses.pass.iter().any(|glob| glob.matches(media))
}

/// Headers that describe the bytes before masking.
fn stale_headers(headers: &Headers) -> Vec<Effect> {
    const STALE: [&str; 8] =
        ["content-length", "etag", "digest", "content-digest", "repr-digest", "content-md5", "accept-ranges", "signature"];
    STALE.into_iter().filter(|name| http::values(headers, name).next().is_some()).map(Effect::RemoveResponseHeader).collect()
}
