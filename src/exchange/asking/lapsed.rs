//! What has lapsed while people were asked: the caller's access, or the policy that asked. A call is not made under one that is no longer in force; what the next
//! says of it, its next try will be told.

use crate::exchange::event::Step;
use crate::exchange::refusal::Refusal;
use crate::exchange::revoked::Standing;
use crate::exchange::unapproved::Unapproved;
use crate::exchange::{Engine, Exchange};
use crate::identity::TokenProblem;
use crate::time::Time;

impl Exchange {
    /// The caller's access has ended while people were asked.
    pub(super) fn no_longer_stands(&mut self, engine: &mut Engine, now: Time) -> Option<Step> {
        let expired = self.principal.as_ref().is_some_and(|principal| engine.identity.expired(principal, now));
        let problem = match self.standing(engine, now) {
            Standing::Good if expired => TokenProblem::Expired,
            Standing::Good => return None,
            Standing::Bad(problem) => problem,
            Standing::Awaited => TokenProblem::RevocationsStale,
        };
        Some(self.give_up(engine, &Refusal::Token(problem), now))
    }

    pub(super) fn policy_is_over(&mut self, engine: &mut Engine, now: Time) -> Option<Step> {
        let began = self.facts.times.start.unwrap_or(now);
        engine.in_force.is_over_for(began).then(|| self.turn_away(engine, &Unapproved::PolicyChanged, now))
    }

    /// On a tick, while nobody has decided. The request is taken back first, and the call turned away at the next look: an engine goes with the last of its
    /// streams, and what it has still to send with it.
    pub(super) fn leaves_with_policy(&mut self, engine: &mut Engine, now: Time) -> Option<Step> {
        let began = self.facts.times.start.unwrap_or(now);
        let asking = self.asking.as_mut().filter(|_| engine.in_force.is_over_for(began))?;
        if std::mem::replace(&mut asking.taken_back, true) {
            return self.policy_is_over(engine, now);
        }
        self.take_back(engine);
        Some(Step::pause())
    }
}
