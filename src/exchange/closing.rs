//! The end of an exchange: its record.

use super::event::{Closing, Effect, Flow, Metric, Step};
use super::hold::Hold;
use super::response::Responding;
use super::{Engine, Exchange, Phase};
use crate::audit::{Era, Facts, Failure, Stage};
use crate::mask::{self, Form};
use crate::policy::Level;
use crate::time::Time;

impl Exchange {
    pub(super) fn closed(&mut self, engine: &mut Engine, closing: Closing, now: Time) -> Step {
        if self.recorded || matches!(self.phase, Phase::New) {
            return Step::go();
        }
        self.recorded = true;
        self.withdraw_if_gone(engine);
        self.note_masking();
        self.note_end(closing, now);
        self.settle(engine, now);
        let masked = self.facts.masking.findings.iter().map(|finding| finding.count).sum();
        let mut effects = self.record(engine, now);
        if masked > 0 {
            effects.push(Effect::Count(Metric::Masked, masked));
        }
        self.release(engine);
        Step { flow: Flow::Continue, effects }
    }

    /// From 2026-07-28 on, closing the stream cancels the call. Before, it says nothing: the client may come back and find its approval.
    fn withdraw_if_gone(&mut self, engine: &mut Engine) {
        if matches!(self.phase, Phase::Held(Hold::Approval)) && self.facts.mcp.era == Some(Era::Modern) {
            self.take_back(engine);
        }
    }

    fn note_end(&mut self, closing: Closing, now: Time) {
        self.facts.times.end = Some(now);
        let by_client = closing.by_client();
        let Closing { upstream, cluster, details, flags } = closing;
        self.facts.upstream.address = upstream;
        self.facts.upstream.cluster = cluster;
        let whole = match &self.phase {
            Phase::Answered | Phase::Responding(Responding::Done) => true,
            Phase::Responding(Responding::Passing) => flags == 0,
            // Clients hang up on an event stream once they have their answer; one without a call ends in no other way.
            Phase::Responding(Responding::Masking(_)) => self.has_answer || (by_client && self.call_id.is_none()),
            Phase::Responding(Responding::Cut) | Phase::New | Phase::AwaitingKeys | Phase::Reading | Phase::Held(_) | Phase::Forwarded => {
                false
            }
        };
        if whole {
            self.facts.stage = Stage::Completed;
            return;
        }
        self.facts.stage = Stage::Aborted;
        self.facts.error.get_or_insert_with(|| Failure {
            code: if by_client { "client_gone" } else { "stream_broken" }.into(),
            message: details.unwrap_or_else(|| "the stream ended before the answer did".to_owned()),
        });
    }

    fn record(&mut self, engine: &mut Engine, now: Time) -> Vec<Effect> {
        if engine.recorder.leaves_out(&self.facts) {
            return vec![Effect::NoRecord];
        }
        make_recordable(&mut self.facts, engine);
        let sides = std::mem::take(&mut self.sides);
        let written = engine.recorder.record(&self.facts, sides, now);
        self.written(written)
    }

    /// How much of this exchange goes on record.
    pub(super) fn level(&self, engine: &Engine) -> Level {
        self.facts.level.unwrap_or(engine.usual_level())
    }

    /// What is known of a call that has not gone on yet, and the name of that record.
    pub(super) fn intent(&mut self, engine: &mut Engine, now: Time) -> (String, String) {
        let mut facts = self.facts.clone();
        make_recordable(&mut facts, engine);
        engine.recorder.intent(&facts, &mut self.sides, now)
    }
}

/// A secret in a tool's name is no more to be on record than one in its arguments.
pub(super) fn make_recordable(facts: &mut Facts, engine: &mut Engine) {
    let Engine { record_profile: profile, clean, .. } = engine;
    facts.each_free_text(&mut |text| {
        if clean.has(text) {
            return;
        }
        match mask::whole(profile, Form::Text, text.as_bytes()) {
            Ok((masked, _)) if masked == text.as_bytes() => clean.note(text),
            Ok((masked, _)) => *text = String::from_utf8_lossy(&masked).into_owned(),
            Err(_) => "[unreadable]".clone_into(text),
        }
    });
}
