//! A request that was decided and waits, with its whole body, for an answer from outside before it goes on: here, for its record to be kept; for people, in
//! [`super::asking`].
//!
//! Nothing else lets it go: no answer, an answer that cannot be read and one that says no are all a refusal.

use super::engine::Question;
use super::event::{Answer, Effect, Flow, Step, Ticket};
use super::refusal::Refusal;
use super::revoked::Standing;
use super::{Engine, Exchange, Phase};
use crate::audit::{self, Intent, Stage};
use crate::identity::TokenProblem;
use crate::mcp::http;
use crate::policy::Credential;
use crate::time::Time;

/// What a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// The collector is to say that it keeps the record.
    Record(Ticket),
    /// People are to approve the call.
    Approval,
}

impl Exchange {
    /// Forwards; where a rule says so, only once the call is on record.
    pub(super) fn go_on(&mut self, engine: &mut Engine, recorded_first: bool, now: Time) -> Step {
        if !recorded_first {
            return self.forward(engine);
        }
        let Some(collector) = engine.policy.audit.collector.clone() else {
            return self.give_up(engine, &Refusal::Internal("a record is asked for and nobody keeps it"), now);
        };
        self.facts.stage = Stage::Held;
        let (record, uid) = self.intent(engine, now);
        let shown = |credential: &Credential| (credential.header.clone(), String::from_utf8_lossy(credential.value.expose()).into_owned());
        let question = Question {
            cluster: &collector.cluster,
            method: "POST",
            host: &collector.host,
            path: &collector.path,
            headers: [("content-type".to_owned(), "application/json".to_owned())]
                .into_iter()
                .chain(collector.credential.as_ref().map(shown))
                .collect(),
            body: audit::otlp::logs(&record, now).into_bytes(),
            timeout_millis: collector.timeout.millis(),
        };
        let Some(call) = engine.ask(self.id, question) else {
            return self.give_up(engine, &Refusal::Waiters, now);
        };
        self.facts.intent = Some(Intent { uid, kept: false });
        self.hold(Hold::Record(call.ticket), call)
    }

    /// Envoy keeps the body that goes on later: a stream that is released from outside its own callbacks goes on with what Envoy has.
    fn hold(&mut self, hold: Hold, call: super::Call) -> Step {
        self.phase = Phase::Held(hold);
        let body = (!self.body.is_empty()).then(|| Effect::Body(self.body.clone()));
        Step { flow: Flow::Pause, effects: body.into_iter().chain([Effect::Call(call)]).collect() }
    }

    /// The end of a call that this exchange made.
    pub(super) fn answered(&mut self, engine: &mut Engine, ticket: Ticket, answer: &Answer, now: Time) -> Step {
        match self.phase {
            Phase::Held(Hold::Record(awaited)) if awaited == ticket => {}
            Phase::Held(Hold::Approval) => return self.people_answered(engine, ticket, answer, now),
            Phase::Responding(_) => return self.looked(engine, ticket, answer, now),
            // It is over, or the server has answered a request it had the headers of.
            _ => return Step::pause(),
        }
        if !keeps(answer) {
            return self.give_up(engine, &Refusal::NotRecorded, now);
        }
        if let Some(intent) = &mut self.facts.intent {
            intent.kept = true;
        }
        match self.standing(engine, now) {
            Standing::Good => self.forward(engine).released(),
            Standing::Bad(problem) => self.give_up(engine, &Refusal::Token(problem), now),
            Standing::Awaited => self.give_up(engine, &Refusal::Token(TokenProblem::RevocationsStale), now),
        }
    }

    /// A call that was allowed and is not made costs nothing.
    pub(super) fn give_up(&mut self, engine: &mut Engine, refusal: &Refusal, now: Time) -> Step {
        engine.budgets.give_back(std::mem::take(&mut self.account), now);
        self.refuse(engine, refusal, now)
    }
}

impl Step {
    /// What lets a stream go on from outside its own callbacks: Envoy has its body.
    pub(super) fn released(mut self) -> Self {
        self.effects.retain(|effect| !matches!(effect, Effect::Body(_)));
        if self.flow == Flow::Continue {
            self.effects.push(Effect::Resume);
        }
        self
    }
}

/// OTLP 1.9, "Full Success" and "Partial Success": a record that was rejected is told of in a success.
fn keeps(answer: &Answer) -> bool {
    let Answer::Response { headers, body } = answer else { return false };
    let status = http::values(headers, ":status").next().and_then(|status| status.parse::<u16>().ok());
    if status != Some(200) {
        return false;
    }
    if body.is_empty() {
        return true;
    }
    let Ok(serde_json::Value::Object(told)) = serde_json::from_slice(body) else { return false };
    let rejected = told.get("partialSuccess").and_then(|partial| partial.get("rejectedLogRecords"));
    // A 64-bit integer of protobuf: a string in JSON, which many write as a number.
    match rejected {
        None | Some(serde_json::Value::Null) => true,
        Some(serde_json::Value::String(count)) => count == "0",
        Some(count) => count.as_u64() == Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(status: &str, body: &str) -> bool {
        keeps(&Answer::Response { headers: vec![(":status".to_owned(), status.to_owned())], body: body.as_bytes().to_vec() })
    }

    #[test]
    fn only_a_full_success_keeps_a_record() {
        for body in [
            "",
            "{}",
            r#"{"partialSuccess":{}}"#,
            r#"{"partialSuccess":{"rejectedLogRecords":"0"}}"#,
            r#"{"partialSuccess":{"rejectedLogRecords":0}}"#,
        ] {
            assert!(says("200", body), "{body}");
        }
        for (status, body) in [
            ("200", r#"{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}"#),
            ("200", r#"{"partialSuccess":{"rejectedLogRecords":1}}"#),
            ("200", r#"{"partialSuccess":{"rejectedLogRecords":-1}}"#),
            ("200", "<html>sign in</html>"),
            ("200", "[]"),
            ("202", "{}"),
            ("302", ""),
            ("429", "{}"),
            ("503", ""),
            ("", ""),
        ] {
            assert!(!says(status, body), "{status} {body}");
        }
        assert!(!keeps(&Answer::Failed));
    }
}
