//! Past calls under both policies, in their order, at their times.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use portcullis::policy::{Loaded, Policy};

use super::super::desk::{Ask, Desk, Told};
use super::record::{self, Past, Unfit, Who};
use crate::audit::input::{self, Found};
use crate::exit::Failure;

#[derive(Default)]
pub(super) struct Replayed {
    /// Lines that were looked at.
    pub(super) lines: u64,
    pub(super) same: u64,
    /// By what changes and the rules that change it.
    pub(super) changed: BTreeMap<Kind, Changed>,
    /// Calls whose answer hangs on a value that is masked on record.
    pub(super) unsure: u64,
    pub(super) unfit: BTreeMap<Unfit, u64>,
    /// Calls that the old policy decides otherwise than the record says: another policy was at work, or what it went by is not on record.
    pub(super) old_differs: u64,
    /// What neither policy can be held to by a log.
    pub(super) notes: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) before: Verdict,
    pub(super) after: Verdict,
}

/// What is decided, and by which rule; else the code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Verdict {
    /// `allow`, `refuse` or `ask`.
    pub(super) says: &'static str,
    pub(super) by: String,
}

#[derive(Default)]
pub(super) struct Changed {
    pub(super) count: u64,
    pub(super) examples: Vec<Example>,
}

pub(super) struct Example {
    /// `audit.log:17`
    pub(super) place: String,
    pub(super) who: String,
    pub(super) method: String,
    pub(super) target: Option<String>,
    /// What the deciding rule of the new policy found; of the old one, if the new one has nothing to say.
    pub(super) because: Vec<String>,
}

pub(super) fn run(old: Loaded, new: Loaded, logs: &[PathBuf], examples: usize) -> Result<Replayed, Failure> {
    let notes = notes(&[&old.policy, &new.policy]);
    let (mut old, mut new) = (Side::new(old)?, Side::new(new)?);
    let mut replayed = Replayed { notes, ..Replayed::default() };
    for path in logs {
        input::each(path, |line| {
            let place = || format!("{}:{}", path.display(), line.number);
            let mut take = |text: &str| {
                replayed.lines += 1;
                match record::read(text) {
                    Ok(past) => return one(&mut old, &mut new, &past, place(), examples, &mut replayed),
                    Err(unfit) => *replayed.unfit.entry(unfit).or_default() += 1,
                }
                Ok(())
            };
            match input::look(line.text) {
                Found::Direct(text) | Found::Behind(Some(text)) => take(text),
                Found::Carried(texts) => texts.iter().try_for_each(|text| take(text)),
                Found::Broken | Found::Nothing if line.text.is_empty() => Ok(()),
                Found::Behind(None) | Found::Broken | Found::Nothing => take(""),
            }
        })?;
    }
    Ok(replayed)
}

fn one(old: &mut Side, new: &mut Side, past: &Past, place: String, examples: usize, replayed: &mut Replayed) -> Result<(), Failure> {
    let Some((verb, body)) = past.body() else {
        *replayed.unfit.entry(Unfit::NotDecided).or_default() += 1;
        return Ok(());
    };
    let (before, after) = (old.decide(past, verb, &body)?, new.decide(past, verb, &body)?);
    let looked_at_masked = |told: &Told| past.masked && told.traces.iter().any(|trace| trace.conditions_asked);
    if looked_at_masked(&before) || looked_at_masked(&after) {
        replayed.unsure += 1;
        return Ok(());
    }
    let (was, is) = (verdict(&before), verdict(&after));
    // What people were asked about may have gone on or not.
    replayed.old_differs += u64::from(was.says != "ask" && (was.says == "refuse") == past.forwarded);
    if was.says == is.says {
        replayed.same += 1;
        return Ok(());
    }
    let changed = replayed.changed.entry(Kind { before: was, after: is }).or_default();
    changed.count += 1;
    if changed.examples.len() < examples {
        let because = |told: &Told| {
            let deciding = told.decision.rules.iter().find(|hit| Some(&hit.id) == told.decision.rule.as_ref());
            deciding.map(|hit| hit.because.clone()).unwrap_or_default()
        };
        let because = Some(because(&after)).filter(|lines| !lines.is_empty()).unwrap_or_else(|| because(&before));
        let (who, method, target) = (past.who.name().to_owned(), past.method.clone(), past.target.clone());
        changed.examples.push(Example { place, who, method, target, because });
    }
    Ok(())
}

fn verdict(told: &Told) -> Verdict {
    let by = told.decision.rule.clone().unwrap_or_else(|| told.decision.code.to_string());
    Verdict { says: told.verdict(), by }
}

/// One policy, with the callers it has met.
struct Side {
    desk: Desk,
    known: HashMap<Who, String>,
}

impl Side {
    fn new(loaded: Loaded) -> Result<Self, Failure> {
        Ok(Self { desk: Desk::new(loaded)?, known: HashMap::new() })
    }

    fn decide(&mut self, past: &Past, verb: &str, body: &[u8]) -> Result<Told, Failure> {
        let authorization = match self.known.get(&past.who) {
            Some(known) => known.clone(),
            None => {
                let claims = self.desk.issuer(past.who.issuer()).map(|issuer| past.who.claims(issuer)).unwrap_or_default();
                let token = self.desk.token(&claims)?;
                self.known.insert(past.who.clone(), token.clone());
                token
            }
        };
        let ask = Ask {
            authorization: &authorization,
            verb,
            body,
            session: past.session.as_deref(),
            now: past.time,
            // Only where something is masked does it matter who looked.
            traced: past.masked,
            answer: None,
        };
        self.desk.ask(&ask)
    }
}

/// What records do not hold and these policies ask for.
fn notes(policies: &[&Policy]) -> Vec<&'static str> {
    let rules = || policies.iter().flat_map(|policy| &policy.rules);
    let mut notes = Vec::new();
    if rules().any(|rule| !rule.scopes.is_empty()) {
        notes.push("scopes are not on record: rules with `scopes` match nobody here");
    }
    if rules().any(|rule| rule.when.is_some()) {
        notes.push("a token's other claims are not on record: conditions in `when` see none");
    }
    if rules().any(|rule| rule.after.is_some()) {
        notes.push("what was found in answers is masked on record: `after` knows of calls, not of findings");
    }
    notes
}
