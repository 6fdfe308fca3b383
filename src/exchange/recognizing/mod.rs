//! Answers that a recognizer outside looks through before they leave (`recognizer` of a masking rule), where a rule for this caller says so.
//!
//! Behind the masker, so that what it has masked is shown to nobody. Messages wait whole ([`split`]), are shown to each recognizer in turn ([`contract`], as many as are there in
//! one call), are masked by what it found ([`crate::mask::remote`]) and leave in their order ([`queue`]), through a host that has only
//! so many ways to let something go that was held ([`valve`]).
//!
//! What a recognizer does not answer, or not as it must, is withheld, or goes on as the policy says.

mod asking;
mod contract;
mod missed;
mod queue;
mod split;
mod valve;

pub(super) use queue::UnderWay;
pub(super) use valve::At;

use super::event::{Effect, Flow, Metric, Step};
use super::masking::Trouble;
use super::response::Responding;
use super::{Engine, Exchange, Phase};
use crate::guard::budget::Limited;
use crate::limits::RECOGNIZED_WAITING_BYTES;
use crate::mask::remote::Asking;
use crate::mask::{Findings, Form, Profile};
use crate::policy::{Otherwise, Recognizer};
use crate::time::Time;

use contract::Problem;
use queue::{Asked, Cutting, Next, Queue};
use split::Splitter;
use valve::{Now, Valve, Way};

/// One answer on its way past its recognizers.
pub(super) struct Recognizing {
    /// The caller's rules.
    profile: Profile,
    askings: Vec<Asking>,
    /// Bytes of a message at most, and what becomes of a longer one: of the recognizer that takes least.
    most: usize,
    too_long: Otherwise,
    cutting: Cutting,
    queue: Queue,
    asked: Option<Asked>,
    /// What may leave.
    ready: Vec<u8>,
    valve: Valve,
    ended: bool,
    findings: Findings,
    /// Messages that were not looked at, and not counted yet.
    missed: u64,
}

impl Recognizing {
    /// None where this caller's messages are shown to nobody.
    pub(super) fn new(profile: &Profile, recognizers: &[Recognizer]) -> Option<Self> {
        let askings = profile.askings();
        let named = || askings.iter().filter_map(|asking| of(recognizers, asking).map(|(_, recognizer)| recognizer));
        let most = named().map(|recognizer| recognizer.max_message.0).min()?;
        let refuses = named().any(|recognizer| recognizer.too_long == Otherwise::Refuse);
        Some(Self {
            profile: profile.clone(),
            most,
            too_long: if refuses { Otherwise::Refuse } else { Otherwise::Pass },
            askings,
            cutting: Cutting::Unknown,
            queue: Queue::default(),
            asked: None,
            ready: Vec::new(),
            valve: Valve::default(),
            ended: false,
            findings: Findings::default(),
            missed: 0,
        })
    }

    /// What was found so far.
    pub(super) fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Bytes that wait.
    pub(super) fn held(&self) -> usize {
        let gathered = match &self.cutting {
            Cutting::Unknown => 0,
            Cutting::Known(splitter) => splitter.held(),
        };
        gathered.saturating_add(self.queue.held()).saturating_add(self.ready.len())
    }

    fn form(&self) -> Form {
        match &self.cutting {
            Cutting::Unknown => Form::Text,
            Cutting::Known(splitter) => splitter.form(),
        }
    }

    /// More of what the masker lets out. Whether a message has turned out to be too long and goes on all the same.
    fn push(&mut self, form: Option<Form>, bytes: &[u8], end: bool) -> bool {
        if let (Cutting::Unknown, Some(form)) = (&self.cutting, form) {
            self.cutting = Cutting::Known(Splitter::new(form, self.most, self.too_long));
        }
        self.ended |= end;
        let Self { cutting, queue, .. } = self;
        match cutting {
            // White space before a body that has not shown what it is.
            Cutting::Unknown => {
                queue.add(split::Piece::Part(bytes.to_vec()));
                false
            }
            Cutting::Known(splitter) => {
                splitter.push(bytes, &mut |piece| queue.add(piece));
                if end {
                    splitter.finish(&mut |piece| queue.add(piece));
                }
                splitter.began_over() && self.too_long == Otherwise::Pass
            }
        }
    }

    /// Nothing of it is still to be looked at.
    fn is_over(&self) -> bool {
        self.ended && self.asked.is_none() && self.queue.is_empty()
    }

    fn now(&self, time: Time) -> Now {
        Now {
            asks: self.asked.is_some(),
            ended: self.ended,
            has_ready: !self.ready.is_empty(),
            has_waiting: self.held() > self.ready.len(),
            time,
        }
    }
}

/// The recognizer of that id, and its number.
fn of<'a>(recognizers: &'a [Recognizer], asking: &Asking) -> Option<(usize, &'a Recognizer)> {
    recognizers.iter().enumerate().find(|(_, recognizer)| *recognizer.id == *asking.recognizer)
}

/// Why a step ends the answer.
enum Ends {
    Trouble(Trouble),
    Limited(Limited),
}

impl Exchange {
    /// This answer is shown to recognizers.
    pub(super) fn recognizing(&mut self) -> Option<&mut Recognizing> {
        match &mut self.phase {
            Phase::Responding(Responding::Masking(masking)) => masking.recognizing.as_deref_mut(),
            _ => None,
        }
    }

    /// More of it has come, or its end.
    pub(super) fn show(&mut self, engine: &mut Engine, at: At, chunk: &[u8], end: bool, now: Time) -> Step {
        let fed = self.feed(engine, chunk, end).map(|masked| self.queue_up(engine, masked.as_deref().unwrap_or(chunk), end));
        let told = self.tell(engine);
        let mut step = match fed {
            Ok(()) => self.look(engine, at, now),
            Err(trouble) => self.end_at(at, Ends::Trouble(trouble)),
        };
        step.effects.splice(0..0, told);
        step
    }

    fn queue_up(&mut self, engine: &Engine, bytes: &[u8], end: bool) {
        let Phase::Responding(Responding::Masking(masking)) = &mut self.phase else { return };
        let form = masking.form();
        let Some(recognizing) = &mut masking.recognizing else { return };
        let passes = recognizing.push(form, bytes, end);
        if passes {
            self.note_missed(engine, 0, Problem::TooLong, false);
        }
    }

    /// Does all that can be done now, and lets out what may leave.
    pub(super) fn look(&mut self, engine: &mut Engine, at: At, now: Time) -> Step {
        while let Some(recognizing) = self.recognizing()
            && recognizing.asked.is_none()
        {
            let form = recognizing.form();
            let Recognizing { queue, askings, .. } = recognizing;
            match queue.next(form, askings) {
                None => break,
                Some(Next::Fail(number, stage, problem)) => self.miss(engine, number, stage, problem),
                Some(Next::Ask(batch)) => match self.ask_recognizer(engine, batch) {
                    Ok(call) => {
                        let mut step = self.let_out(engine, at, now);
                        step.effects.push(Effect::Call(call));
                        return step;
                    }
                    Err((batch, problem)) => {
                        batch.items.iter().for_each(|(number, _)| self.miss(engine, *number, batch.stage, problem));
                    }
                },
            }
        }
        self.let_out(engine, at, now)
    }

    fn let_out(&mut self, engine: &mut Engine, at: At, now: Time) -> Step {
        if let Err(ends) = self.make_ready(engine, now) {
            return self.end_at(at, ends);
        }
        let id = self.id;
        let Some(recognizing) = self.recognizing() else { return Step::pause() };
        let missed = std::mem::take(&mut recognizing.missed);
        let way = recognizing.valve.way(at, recognizing.now(now));
        if !matches!(way, Way::On | Way::Release) && recognizing.held() > RECOGNIZED_WAITING_BYTES {
            return self.end_at(at, Ends::Trouble(Trouble::Waiting));
        }
        let is_over = recognizing.is_over();
        let mut effects = Vec::new();
        let flow = match (way, at) {
            (Way::On, At::Trailers) if recognizing.ready.is_empty() => Flow::Continue,
            (Way::On, _) => {
                effects.push(Effect::Body(std::mem::take(&mut recognizing.ready)));
                Flow::Continue
            }
            (Way::Release, _) => {
                effects.push(Effect::Release(std::mem::take(&mut recognizing.ready)));
                Flow::Pause
            }
            (Way::Wait | Way::WaitForTick, At::Body) => {
                effects.push(Effect::Body(Vec::new()));
                Flow::Pause
            }
            (Way::Wait | Way::WaitForTick | Way::Nothing, _) => Flow::Pause,
            (Way::Stuck, _) => return self.end_at(at, Ends::Trouble(Trouble::TrailersTooSoon)),
        };
        if way == Way::WaitForTick {
            engine.wake(id);
        }
        if is_over && matches!(way, Way::On | Way::Release) {
            self.finish_response();
        }
        if missed > 0 {
            effects.push(Effect::Count(Metric::Unrecognized, missed));
        }
        Step { flow, effects }
    }

    /// What is done and has nothing before it that is not: it is charged, noted, and may leave.
    fn make_ready(&mut self, engine: &mut Engine, now: Time) -> Result<(), Ends> {
        let Some(recognizing) = self.recognizing() else { return Ok(()) };
        let done = recognizing.queue.take_done();
        let is_over = recognizing.is_over();
        if !done.is_empty() || is_over {
            let found = self.found();
            self.charge(engine, done.len(), &found, is_over, now).map_err(Ends::Limited)?;
            if let Phase::Responding(Responding::Masking(masking)) = &mut self.phase {
                masking.note_left(&done);
            }
            if let Some(recognizing) = self.recognizing() {
                recognizing.ready.extend(done);
            }
        }
        self.account(engine).map_err(Ends::Trouble)
    }

    /// Nothing more of the answer leaves.
    fn end_at(&mut self, at: At, ends: Ends) -> Step {
        let mut step = match ends {
            Ends::Trouble(trouble) => self.cut(&trouble),
            Ends::Limited(limited) => self.cut_for(&limited),
        };
        if at == At::Body {
            step.effects.insert(0, Effect::Body(Vec::new()));
        }
        step
    }
}
