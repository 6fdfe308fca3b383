//! An exchange that runs for long is on record before it ends: when its stream begins, and every so often while it lasts.
//!
//! Envoy writes lines of running streams by itself (`access_log_flush_interval`) with what the record is at that moment. So the record is
//! set anew on ticks, each time with the messages that have come since: each message is on record once. Nobody tells the filter when Envoy writes, so the record of the end
//! goes behind the one that was set last and does not replace it: a line that is there twice is better than one that is lost.

use super::event::{Effect, Flow, Metric, Step};
use super::response::Responding;
use super::{Engine, Exchange, Phase};
use crate::audit::{self, Written};
use crate::mask::Form;
use crate::policy::Level;
use crate::time::Time;

impl Exchange {
    pub(super) fn ticked(&mut self, engine: &mut Engine, now: Time) -> Step {
        let Some(every) = engine.policy.audit.interim else { return Step::pause() };
        let start = self.facts.times.start.unwrap_or(now);
        let due = self.interim_at.unwrap_or(start.plus_millis(every.millis()));
        if now < due || !self.runs() {
            return Step::pause();
        }
        Step { flow: Flow::Pause, effects: self.interim(engine, now) }
    }

    /// The answer's headers are on their way: a stream that a client listens to is on record from here.
    pub(super) fn begun(&mut self, engine: &mut Engine, now: Time) -> Vec<Effect> {
        let listens = self.call_id.is_none() || self.facts.mcp.method.as_deref() == Some("subscriptions/listen");
        let is_stream = matches!(&self.phase, Phase::Responding(Responding::Masking(masking)) if masking.form() == Some(Form::Sse));
        if engine.policy.audit.interim.is_none() || !listens || !is_stream { Vec::new() } else { self.interim(engine, now) }
    }

    fn runs(&self) -> bool {
        matches!(self.phase, Phase::Forwarded | Phase::Responding(Responding::Passing | Responding::Masking(_)))
    }

    fn interim(&mut self, engine: &mut Engine, now: Time) -> Vec<Effect> {
        let Some(every) = engine.policy.audit.interim else { return Vec::new() };
        if self.level(engine) == Level::None {
            return Vec::new();
        }
        self.interim_at = Some(now.plus_millis(every.millis()));
        self.note_running();
        let mut facts = self.facts.clone();
        // What was asked is told once, and with the exchange's own record.
        if std::mem::replace(&mut self.has_interim, true) {
            facts.request = None;
        }
        self.facts.response = None;
        super::closing::make_recordable(&mut facts, engine);
        let written = engine.recorder.interim(&facts, &mut self.sides, now);
        self.written(written)
    }

    /// The effects of something written. Findings that were told stay in what is set: Envoy may not have written them yet. Each is counted once.
    pub(super) fn written(&mut self, written: Written) -> Vec<Effect> {
        let Written { line, findings, alerts, attributes } = written;
        let is_last = self.recorded && self.has_interim;
        let mut effects = vec![if is_last { Effect::RecordBehind(line) } else { Effect::Record(line) }];
        if !findings.is_empty() {
            self.findings.extend(findings);
            effects.push(Effect::Findings(self.findings.join("\n")));
        }
        for alert in alerts {
            effects.push(Effect::Count(Metric::Alert(alert), 1));
            if audit::wakes(alert) {
                effects.push(Effect::Count(Metric::Alerts, 1));
            }
        }
        effects.extend(attributes.into_iter().map(|(name, value)| Effect::Attribute(name, value)));
        effects
    }
}
