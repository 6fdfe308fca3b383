//! The response's half: what may leave, and masked how.

use super::capture::Capture;
use super::edit::{Court, EditError, Editor};
use super::event::{Effect, Flow, Headers, Metric, Step};
use super::gate::Gate;
use super::head_masked::MaskedHead;
use super::masking::{Masking, Trouble, Watch, begun};
use super::messages::EventEnds;
use super::recognizing::{At, Recognizing};
use super::refusal::Refusal;
use super::request::with_who;
use super::withheld::alert;
use super::{Engine, Exchange, Phase};
use crate::audit::{Failure, Finding, Messages, Payload};
use crate::guard::budget::Found;
use crate::mask::{self, Findings, Form};
use crate::mcp::http;
use crate::policy::{self, Level};
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
        self.remember_client(engine, headers, now);
        let head = self.mask_head(engine, headers);
        match self.treatment(engine, headers, end, &head).and_then(|responding| Ok((responding, self.seal_session(headers)?))) {
            Ok((responding, session)) => {
                self.facts.masking.findings = on_record(&head.findings);
                self.keep_names_off_record(engine);
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
            recognizing: Recognizing::new(&caller, &engine.policy.recognizers).map(Box::new),
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
            told_remote: Vec::new(),
            messages: (form == Some(Form::Sse)).then(EventEnds::default),
            recorded: 0,
        })))
    }

    pub(super) fn response_body(&mut self, engine: &mut Engine, chunk: &[u8], end: bool, now: Time) -> Step {
        if self.recognizing().is_some() {
            return self.show(engine, At::Body, chunk, end, now);
        }
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
        if self.recognizing().is_some() {
            return self.show(engine, At::Trailers, &[], true, now);
        }
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
    pub(super) fn cut(&mut self, trouble: &Trouble) -> Step {
        self.note_masking();
        self.facts.error = Some(Failure { code: "response_unmaskable".into(), message: trouble.to_string() });
        self.phase = Phase::Responding(Responding::Cut);
        Step { flow: Flow::Pause, effects: vec![Effect::Count(Metric::Unmaskable, 1), Effect::Cut] }
    }

    pub(super) fn finish_response(&mut self) {
        self.note_masking();
        self.phase = Phase::Responding(Responding::Done);
    }

    /// What was found since this was asked last.
    pub(super) fn found(&mut self) -> Vec<Found> {
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
        let mut findings = masking.stream.as_ref().map(|stream| stream.findings().clone());
        if let Some(recognizing) = &masking.recognizing {
            findings.get_or_insert_default().merge(recognizing.findings());
        }
        if let Some(findings) = findings {
            self.facts.masking.findings = on_record(&findings);
            for count in findings.counts().iter().filter(|count| masking.caller.alerts(&count.rule)) {
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
    pub(super) fn feed(&mut self, engine: &mut Engine, chunk: &[u8], end: bool) -> Result<Option<Vec<u8>>, Trouble> {
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
        let withheld = std::mem::take(&mut masking.withheld);
        self.note_withheld(withheld);
        self.account(engine)?;
        result
    }

    /// What of the answer waits is counted.
    pub(super) fn account(&mut self, engine: &mut Engine) -> Result<(), Trouble> {
        let Phase::Responding(Responding::Masking(masking)) = &self.phase else { return Ok(()) };
        let held = masking.editor.as_ref().map_or(0, Editor::held)
            + masking.gate.as_ref().map_or(0, Gate::held)
            + masking.recognizing.as_ref().map_or(0, |recognizing| recognizing.held());
        if held == 0 {
            engine.memory.give_back(&mut self.waiting);
        }
        let more = held.saturating_sub(self.waiting.bytes());
        if engine.memory.take(&mut self.waiting, more) { Ok(()) } else { Err(Trouble::Memory) }
    }
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
