//! One call of a recognizer: what it is shown, and what follows from its answer.

use super::contract::{self, Problem};
use super::queue::{Asked, Batch};
use super::valve::At;
use super::{Recognizing, of};
use crate::exchange::engine::Question;
use crate::exchange::event::{Answer, Call, Step, Ticket};
use crate::exchange::gate::{self, Reason};
use crate::exchange::{Engine, Exchange};
use crate::mask::remote::Texts;
use crate::time::Time;

impl Exchange {
    pub(super) fn ask_recognizer(&mut self, engine: &mut Engine, batch: Batch) -> Result<Call, (Batch, Problem)> {
        let id = self.id;
        let Some(recognizing) = self.recognizing() else { return Err((batch, Problem::Busy)) };
        let asking = recognizing.askings.get(batch.stage);
        let Some((asking, (number, recognizer))) = asking.and_then(|asking| Some((asking, of(&engine.policy.recognizers, asking)?))) else {
            return Err((batch, Problem::NoAnswer));
        };
        if engine.under_recognition.count(number) >= recognizer.in_flight {
            return Err((batch, Problem::Busy));
        }
        let recognizer = recognizer.clone();
        let texts: Vec<&str> = batch.items.iter().flat_map(|(_, texts)| texts.shown()).collect();
        let credential = recognizer.credential.as_ref();
        let credential = credential.map(|one| (one.header.clone(), String::from_utf8_lossy(one.value.expose()).into_owned()));
        let json = |name: &str| (name.to_owned(), "application/json".to_owned());
        let question = Question {
            cluster: &recognizer.cluster,
            method: "POST",
            host: &recognizer.host,
            path: &recognizer.path,
            headers: [json("content-type"), json("accept")].into_iter().chain(credential).collect(),
            body: contract::request(&recognizer, asking, &texts),
            timeout_millis: recognizer.timeout.millis(),
        };
        let Some(call) = engine.ask(id, question) else { return Err((batch, Problem::Busy)) };
        engine.under_recognition.add(call.ticket, id, number);
        let items = batch.items.iter().map(|(number, _)| *number).collect();
        recognizing.asked = Some(Asked { ticket: call.ticket, stage: batch.stage, items });
        Ok(call)
    }

    /// The call of this ticket is over.
    pub(in crate::exchange) fn looked(&mut self, engine: &mut Engine, ticket: Ticket, answer: &Answer, now: Time) -> Step {
        let Some(recognizing) = self.recognizing() else { return Step::pause() };
        let Some(asked) = recognizing.asked.take_if(|asked| asked.ticket == ticket) else { return Step::pause() };
        let stage = asked.stage;
        match self.believe(engine, &asked, answer) {
            Ok(()) => {}
            Err(problem) => asked.items.iter().for_each(|number| self.miss(engine, *number, stage, problem)),
        }
        self.look(engine, At::Outside, now)
    }

    /// Masks the messages of a call by what was found in them; all of them, or none.
    fn believe(&mut self, engine: &mut Engine, asked: &Asked, answer: &Answer) -> Result<(), Problem> {
        let Some(recognizing) = self.recognizing() else { return Ok(()) };
        let form = recognizing.form();
        let Recognizing { profile, askings, queue, findings, .. } = recognizing;
        let asking = askings.get(asked.stage).ok_or(Problem::NoAnswer)?;
        let (_, recognizer) = of(&engine.policy.recognizers, asking).ok_or(Problem::NoAnswer)?;
        // Read once more, the same way: in the meantime they would have taken several times their memory.
        let read = |number: &u64| {
            let bytes = queue.bytes(*number).unwrap_or_default();
            Texts::of(form, bytes).map(|texts| (*number, texts)).map_err(|_| Problem::NoJson)
        };
        let messages: Vec<(u64, Texts)> = asked.items.iter().map(read).collect::<Result<_, _>>()?;
        let count = messages.iter().map(|(_, texts)| texts.shown().len()).sum();
        let mut found = contract::read(recognizer, answer, count)?.into_iter();
        let mut masked = Vec::with_capacity(messages.len());
        for (number, texts) in &messages {
            let found: Vec<_> = found.by_ref().take(texts.shown().len()).collect();
            let bytes = queue.bytes(*number).unwrap_or_default();
            let message = texts.mask(profile, &asking.recognizer, &found, bytes).map_err(|_| Problem::OutOfRange)?;
            masked.push((*number, message));
        }
        let mut withheld = Vec::new();
        for (number, message) in masked {
            findings.merge(&message.findings);
            match message.refused {
                None => queue.pass(number, Some(message.bytes)),
                Some(rule) => withheld.push((number, message.bytes, rule)),
            }
        }
        let mut reasons = Vec::new();
        for (number, bytes, rule) in withheld {
            let reason = Reason { rule, detector: "recognizer".to_owned() };
            let mut instead = Vec::new();
            gate::withhold(form, &bytes, &gate::sentence(&reason, &self.question), &self.question, &mut instead);
            reasons.push(reason);
            if let Some(recognizing) = self.recognizing() {
                recognizing.queue.replace(number, instead);
            }
        }
        self.note_withheld(reasons);
        Ok(())
    }
}
