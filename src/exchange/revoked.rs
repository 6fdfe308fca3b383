//! Access that ends while an exchange runs: taken back, or its token expired.
//!
//! Looked at when the caller is known, whenever a part of the request or the answer comes, and on the ticks between. A look costs two
//! comparisons unless the list has changed since this exchange last looked.

use super::event::{Effect, Event, Flow, Metric, Step, StreamId};
use super::refusal::Refusal;
use super::response::Responding;
use super::{Engine, Exchange, Phase};
use crate::audit::{Decision, Failure};
use crate::identity::{Freshness, TokenProblem};
use crate::limits;
use crate::policy::{ExpiredStreams, WhenStale};
use crate::time::Time;

/// What can be said of a caller who has just shown a good token.
pub(super) enum Standing {
    Good,
    /// The first list is on its way.
    Awaited,
    Bad(TokenProblem),
}

impl Exchange {
    /// Whether the caller's access still stands. Also for what was held and is about to be let go.
    pub(super) fn standing(&mut self, engine: &Engine, now: Time) -> Standing {
        let (Some(revocations), Some(principal)) = (&engine.revocations, &self.principal) else { return Standing::Good };
        let generation = revocations.generation();
        if self.vetted != Some(generation) {
            if let Some(listing) = revocations.check(principal) {
                return Standing::Bad(TokenProblem::Revoked(listing));
            }
            self.vetted = Some(generation);
        }
        match (revocations.freshness(now), revocations.when_stale()) {
            (Freshness::Fresh, _) => Standing::Good,
            (Freshness::Awaited, _) => Standing::Awaited,
            (Freshness::Stale, WhenStale::Refuse) => Standing::Bad(TokenProblem::RevocationsStale),
            (Freshness::Stale, WhenStale::Warn) => {
                self.facts.revocations_stale = true;
                Standing::Good
            }
        }
    }

    /// What follows from an event in place of its own consequences, when the caller's access has ended meanwhile.
    pub(super) fn cut_short(&mut self, engine: &mut Engine, event: &Event, now: Time) -> Option<Step> {
        let asked = match (event, &self.phase) {
            (Event::Tick | Event::RequestBody { .. }, Phase::Reading) => true,
            (Event::Tick | Event::ResponseHeaders { .. }, Phase::Held(_) | Phase::Forwarded) => true,
            (Event::ResponseHeaders { .. }, Phase::Reading) => self.headers_gone,
            (
                Event::Tick | Event::ResponseBody { .. } | Event::ResponseTrailers | Event::Answered { .. } | Event::Recheck,
                Phase::Responding(Responding::Passing | Responding::Masking(_)),
            ) => true,
            _ => false,
        };
        if !asked {
            return None;
        }
        let problem = match self.standing(engine, now) {
            Standing::Bad(problem) => problem,
            // None is awaited by an exchange that came this far; were it, it would not be known to stand.
            Standing::Awaited => TokenProblem::RevocationsStale,
            Standing::Good if self.outlives_token(engine, now) => TokenProblem::Expired,
            Standing::Good => return None,
        };
        // Whoever may not call any more needs nobody's approval.
        self.take_back(engine);
        Some(match self.phase {
            Phase::Responding(_) => self.end_stream(problem, matches!(event, Event::ResponseBody { .. })),
            _ => self.refuse(engine, &Refusal::Token(problem), now),
        })
    }

    /// Only an answer that runs is ended for its token's age: what came in time is decided.
    fn outlives_token(&self, engine: &Engine, now: Time) -> bool {
        let (Phase::Responding(_), Some(principal)) = (&self.phase, &self.principal) else { return false };
        let only_listens = self.call_id.is_none() || self.facts.mcp.method.as_deref() == Some("subscriptions/listen");
        let ends = match engine.policy.identity.expired_streams {
            ExpiredStreams::End => true,
            ExpiredStreams::FinishCalls => only_listens,
            ExpiredStreams::Ignore => false,
        };
        ends && now >= principal.expires_at && engine.identity.expired(principal, now)
    }

    /// Headers are with the client already, so that its stream breaks is all it can be told.
    fn end_stream(&mut self, problem: TokenProblem, in_body: bool) -> Step {
        self.note_masking();
        self.phase = Phase::Responding(Responding::Cut);
        let refusal = Refusal::Token(problem.clone());
        self.facts.token_problem = Some(problem.code().into());
        self.facts.error = Some(Failure { code: refusal.code(), message: problem.describe() });
        self.facts.decision = Some(Decision {
            disposition: refusal.disposition(),
            rule: None,
            rules: self.facts.decision.take().map(|earlier| earlier.rules).unwrap_or_default(),
            code: refusal.code(),
            message: None,
        });
        let mut effects = if in_body { vec![Effect::Body(Vec::new())] } else { Vec::new() };
        effects.extend([Effect::Count(refusal.metric(), 1), Effect::Cut]);
        Step { flow: Flow::Pause, effects }
    }
}

/// Exchanges that wait for the first list of a VM that has just started.
#[derive(Default)]
pub(super) struct Waiting(Vec<StreamId>);

impl Waiting {
    /// False when too many wait already.
    pub(super) fn add(&mut self, stream: StreamId) -> bool {
        if self.0.len() >= limits::KEY_WAITERS {
            return false;
        }
        self.0.push(stream);
        true
    }

    pub(super) fn forget(&mut self, stream: StreamId) {
        self.0.retain(|waiting| *waiting != stream);
    }

    pub(super) fn release(&mut self) -> Vec<StreamId> {
        std::mem::take(&mut self.0)
    }
}

/// What a refusal for a revoked token counts as.
pub(super) fn metric(problem: &TokenProblem) -> Metric {
    match problem {
        TokenProblem::Revoked(_) => Metric::Revoked,
        _ => Metric::Unauthenticated,
    }
}
