//! What is decided on, and what is remembered of it: the rules over what the caller has done, the budgets, and the note that this call went on.

use super::request::with_who;
use super::{Engine, Exchange};
use crate::guard::budget::{Account, Asker, Found, Limited};
use crate::guard::history::{self, Event, History, Noted, Past};
use crate::guard::{Action, Call, Circumstances, Party, Trouble, Verdict};
use crate::identity::Principal;
use crate::mcp::message::{Kind, Message};
use crate::mcp::method::{HTTP_GET, Target};
use crate::time::Time;

/// One call, as far as it is counted and remembered.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) party: Party,
    pub(super) session: Option<String>,
    pub(super) method: String,
    pub(super) tool: Option<String>,
    pub(super) governed: bool,
    answered: bool,
    /// Conditions that were noted for what its answer held.
    noted: Vec<usize>,
}

impl Asked {
    pub(super) fn new(engine: &Engine, principal: &Principal, session: Option<&str>, call: &Call<'_>, message: Option<&Message>) -> Self {
        let tool = match call.target {
            Target::Tool(name) => Some(name.clone()),
            Target::None | Target::Prompt(_) | Target::Resource(_) | Target::Resources(_) => None,
        };
        let is_request = message.is_some_and(|message| matches!(message.kind, Kind::Request { .. }));
        Self {
            party: Party::new(engine.policy.resource.as_str(), &principal.issuer, &principal.subject),
            session: session.map(str::to_owned),
            method: call.method.to_owned(),
            tool,
            governed: call.class.is_governed(),
            answered: is_request || call.method == HTTP_GET,
            noted: Vec::new(),
        }
    }

    fn asker<'a>(&'a self, principal: &'a Principal) -> Asker<'a> {
        Asker {
            party: self.party,
            session: self.session.as_deref(),
            groups: &principal.groups,
            method: &self.method,
            tool: self.tool.as_deref(),
            governed: self.governed,
            listens: self.method == HTTP_GET,
            answered: self.answered,
        }
    }

    fn event(&self) -> Event<'_> {
        Event { method: &self.method, tool: self.tool.as_deref(), governed: self.governed }
    }
}

/// A verdict, and, when the call is allowed, what it has of the budgets or why it has nothing.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) limits: Result<Account, Limited>,
}

/// Decides, where people have approved what the rules `approved` ask for, and notes an allowed call in the very past the decision rests on; anew when that has changed meanwhile.
pub(super) fn judge(
    engine: &mut Engine,
    principal: &Principal,
    call: &Call<'_>,
    asked: &Asked,
    circumstances: &Circumstances<'_>,
    approved: &[usize],
    kept_back: bool,
) -> Judged {
    let now = circumstances.now;
    let mut decided: Option<(Past, Verdict)> = None;
    let mut taken: Option<Account> = None;
    for _ in 0..History::tries() {
        let past = engine.history.past(asked.party, asked.session.as_deref(), now);
        let verdict = match decided.take() {
            Some((before, verdict)) if before.is_same(&past) => verdict,
            _ => with_who(principal, |who| engine.guard.decide(who, call, &Circumstances { past: Some(&past), ..*circumstances }))
                .approved(approved),
        };
        // A call that its pin or a value in it will stop neither, nor one that waits for people.
        if verdict.action != Action::Allow || kept_back || Exchange::is_unpinned(engine, call.target) {
            if let Some(account) = taken {
                engine.budgets.give_back(account, now);
            }
            return Judged { verdict, limits: Ok(Account::default()) };
        }
        let account = match taken.take().map_or_else(|| engine.budgets.take(&asked.asker(principal), now), Ok) {
            Ok(account) => account,
            Err(limited) => return Judged { verdict, limits: Err(limited) },
        };
        match engine.history.note_call(&past, &asked.event(), now) {
            Noted::Done => return Judged { verdict, limits: Ok(account) },
            Noted::Changed => {
                taken = Some(account);
                decided = Some((past, verdict));
            }
            Noted::Failed(trouble) => {
                engine.budgets.give_back(account, now);
                return Judged { verdict, limits: Err(history::limited(trouble)) };
            }
        }
    }
    if let Some(account) = taken {
        engine.budgets.give_back(account, now);
    }
    let past = Circumstances { past: None, ..*circumstances };
    let verdict =
        decided.map_or_else(|| with_who(principal, |who| engine.guard.decide(who, call, &past)).approved(approved), |(_, verdict)| verdict);
    Judged { verdict, limits: Err(history::limited(Trouble::Contended)) }
}

impl Exchange {
    /// Notes what is about to leave before it does.
    pub(super) fn remember_findings(&mut self, engine: &Engine, found: &[Found], now: Time) -> Result<(), Limited> {
        let Some(asked) = &mut self.asked else { return Ok(()) };
        let mut noted = std::mem::take(&mut asked.noted);
        let whose = (&asked.party, asked.session.as_deref());
        let result = engine.history.note_findings(whose, &asked.event(), found, &mut noted, now);
        asked.noted = noted;
        result.map_err(history::limited)
    }
}
