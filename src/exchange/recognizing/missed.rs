//! Messages that a recognizer has not looked at: withheld, or passed on as the policy says, and on record.

use super::contract::Problem;
use super::of;
use crate::audit::{Alert, Disposition, Failure};
use crate::exchange::{Engine, Exchange, gate};
use crate::policy::Otherwise;

impl Exchange {
    /// A message that its recognizer has not looked at.
    pub(super) fn miss(&mut self, engine: &Engine, number: u64, stage: usize, problem: Problem) {
        let Some(recognizing) = self.recognizing() else { return };
        let form = recognizing.form();
        let recognizer = recognizing.askings.get(stage).and_then(|asking| of(&engine.policy.recognizers, asking));
        let otherwise = match (problem, recognizer) {
            // To a careless reader it may be something all the same.
            (Problem::NoJson, _) | (_, None) => Otherwise::Refuse,
            (Problem::TooLong, _) => recognizing.too_long,
            (Problem::TooManyTexts, Some((_, recognizer))) => recognizer.too_long,
            (_, Some((_, recognizer))) => recognizer.unavailable,
        };
        if otherwise == Otherwise::Pass {
            recognizing.queue.pass(number, None);
            return self.note_missed(engine, stage, problem, false);
        }
        let id = recognizing.askings.get(stage).map(|asking| asking.recognizer.clone()).unwrap_or_default();
        let told = format!(
            "The answer is withheld: what must not leave could not be looked for in it (recognizer `{id}`: {problem}, reference {}).",
            self.question.reference
        );
        let mut instead = Vec::new();
        if let Some(bytes) = self.recognizing().and_then(|recognizing| recognizing.queue.bytes(number)).map(<[u8]>::to_vec) {
            gate::withhold(form, &bytes, &told, &self.question, &mut instead);
        }
        if let Some(recognizing) = self.recognizing() {
            recognizing.queue.replace(number, instead);
        }
        self.note_missed(engine, stage, problem, true);
    }

    /// For the record, and for whoever looks at findings.
    pub(super) fn note_missed(&mut self, engine: &Engine, stage: usize, problem: Problem, refused: bool) {
        let Some(recognizing) = self.recognizing() else { return };
        recognizing.missed = recognizing.missed.saturating_add(1);
        let name = recognizing.askings.get(stage).and_then(|asking| of(&engine.policy.recognizers, asking)).map(|(_, one)| one.id.clone());
        let code = if problem.is_unavailable() { "recognizer_unavailable" } else { "message_not_recognized" };
        if refused {
            let disposition = if problem.is_unavailable() { Disposition::Error } else { Disposition::Blocked };
            if let Some(decision) = &mut self.facts.decision {
                decision.disposition = disposition;
                decision.code = code.into();
                decision.message = Some(problem.to_string());
            }
            let message = format!("recognizer `{}`: {problem}", name.as_deref().unwrap_or_default());
            self.facts.error.get_or_insert(Failure { code: code.into(), message });
        }
        self.add_alert(Alert { code: code.into(), kind: problem.kind().into(), name, place: None });
    }
}
