//! Writes the records of one VM, in sequence, and says how far it has come.

use super::chain::{Chain, Pointer};
use super::checkpoint::{Checkpoints, Head};
use super::facts::Facts;
use super::fixed::Fixed;
use super::json::{HOLE, Sealed};
use super::notary::{News, Notary, Posting};
use super::outcome::{CHAIN_START, Outcome};
use super::record::{Kind, Place};
use super::settings::Settings;
use super::sides::Sides;
use super::text::LIST;
use super::{attributes, finding, outcome, record};
use crate::policy;
use crate::time::Time;

const CHECKPOINT_LOST: &str = "checkpoint_lost";
const CHECKPOINT_REFUSED: &str = "checkpoint_refused";

#[derive(Clone, Debug)]
pub struct Recorder {
    settings: Settings,
    fixed: Fixed,
    sequence: u64,
    interims: u64,
    intents: u64,
    findings: u64,
    chain: Option<Chain>,
    checkpoints: Option<Checkpoints>,
    notary: Option<Notary>,
    /// The newest checkpoint, until a record carries it.
    checkpoint: Option<String>,
    /// Alerts of the recorder's own, until a record carries them.
    news: Vec<&'static str>,
}

/// What is written of an exchange at one moment: lines of JSON, without a line break at their ends.
#[derive(Clone, Debug, Default)]
pub struct Written {
    pub line: String,
    /// One Detection Finding for each alert that was not told before.
    pub findings: Vec<String>,
    /// Of which kind each of them is, one of [`ALERTS`](super::ALERTS).
    pub alerts: Vec<&'static str>,
    /// For access loggers whose records have attributes; empty unless the policy asks for them.
    pub attributes: Vec<(&'static str, String)>,
}

impl Recorder {
    pub fn new(settings: Settings) -> Self {
        let chain = settings.audit.chain.as_ref();
        Self {
            sequence: 0,
            interims: 0,
            intents: 0,
            findings: 0,
            checkpoints: chain.and_then(|chain| chain.sign.as_ref()).and_then(Checkpoints::new),
            notary: chain.and_then(|chain| chain.notary.clone()).map(Notary::new),
            checkpoint: None,
            news: if chain.is_some() { vec![CHAIN_START] } else { Vec::new() },
            chain: chain.map(Chain::new),
            fixed: Fixed::new(&settings),
            settings,
        }
    }

    /// Whether the exchange leaves no record: a rule says so, it was let through, and there is nothing somebody should look at.
    pub fn leaves_out(&self, facts: &Facts) -> bool {
        facts.level == Some(policy::Level::None) && facts.error.is_none() && outcome::of(facts, self.settings.alert_below, &[]).is_plain()
    }

    /// The record of an exchange that has ended, as far as it is known.
    ///
    /// `now` is the record's own time, and stands in for a start or an end that is not known.
    pub fn record(&mut self, facts: &Facts, mut sides: Sides, now: Time) -> Written {
        let sequence = self.sequence.saturating_add(1);
        let uid = format!("{}-{sequence}", self.settings.vm);
        let news = std::mem::take(&mut self.news);
        let outcome = outcome::of(facts, self.settings.alert_below, &news);
        let (findings, alerts) = self.find(facts, &outcome, true, &uid, &mut sides, now);
        let checkpoint = self.checkpoint.take();
        let place = self.place(Kind::Whole { sequence }, &uid, &sides, checkpoint.as_deref(), now);
        let (line, fingerprint) = self.close(record::write(facts, &outcome, &place));
        let attributes = if self.settings.audit.attributes { attributes::of(facts, &outcome) } else { Vec::new() };
        self.sequence = sequence;
        if let (Some(chain), Some(fingerprint)) = (&mut self.chain, fingerprint) {
            chain.follow(Pointer { uid, fingerprint });
        }
        Written { line, findings, alerts, attributes }
    }

    /// A record of an exchange that still runs.
    pub fn interim(&mut self, facts: &Facts, sides: &mut Sides, now: Time) -> Written {
        self.interims = self.interims.saturating_add(1);
        let uid = format!("{}-i{}", self.settings.vm, self.interims);
        let outcome = outcome::of(facts, self.settings.alert_below, &[]);
        let (findings, alerts) = self.find(facts, &outcome, false, &uid, sides, now);
        let line = self.beside(facts, &outcome, Kind::Interim, uid, sides, now);
        Written { line, findings, alerts, attributes: Vec::new() }
    }

    /// The record of a call that has not gone on yet, and its name. It goes another way than the records of exchanges.
    pub fn intent(&mut self, facts: &Facts, sides: &mut Sides, now: Time) -> (String, String) {
        self.intents = self.intents.saturating_add(1);
        let uid = format!("{}-b{}", self.settings.vm, self.intents);
        let outcome = outcome::of(facts, self.settings.alert_below, &[]);
        (self.beside(facts, &outcome, Kind::Intent, uid.clone(), sides, now), uid)
    }

    /// A record beside the chain.
    fn beside(&self, facts: &Facts, outcome: &Outcome<'_>, kind: Kind, uid: String, sides: &mut Sides, now: Time) -> String {
        let place = self.place(kind, &uid, sides, None, now);
        let (line, fingerprint) = self.close(record::write(facts, outcome, &place));
        sides.add(Pointer { uid, fingerprint: fingerprint.unwrap_or_else(|| HOLE.to_owned()) });
        line
    }

    fn place<'a>(&'a self, kind: Kind, uid: &'a str, sides: &'a Sides, checkpoint: Option<&'a str>, now: Time) -> Place<'a> {
        Place { kind, uid, chain: self.chain.as_ref(), sides, checkpoint, settings: &self.settings, fixed: &self.fixed, now }
    }

    /// A finding for each alert that was not told yet, and their kinds; `uid` is the record's that they belong to. `is_whole`: it is that of an exchange that
    /// has ended, where what is about the exchange as a whole is told, too.
    fn find(
        &mut self,
        facts: &Facts,
        outcome: &Outcome<'_>,
        is_whole: bool,
        uid: &str,
        sides: &mut Sides,
        now: Time,
    ) -> (Vec<String>, Vec<&'static str>) {
        let (mut lines, mut kinds) = (Vec::new(), Vec::new());
        for told in finding::due(facts, outcome, sides.told, is_whole).into_iter().take(LIST) {
            self.findings = self.findings.saturating_add(1);
            let own = format!("{}-f{}", self.settings.vm, self.findings);
            let (settings, fixed, chain) = (&self.settings, &self.fixed, self.chain.as_ref());
            let place = finding::Place { uid: &own, of: uid, chain, settings, fixed, now };
            let (line, fingerprint) = self.close(finding::write(facts, outcome, &told, &place));
            sides.add(Pointer { uid: own, fingerprint: fingerprint.unwrap_or_else(|| HOLE.to_owned()) });
            lines.push(line);
            kinds.push(finding::kind(told.code));
        }
        sides.told = facts.alerts.len();
        (lines, kinds)
    }

    fn close(&self, sealed: Sealed) -> (String, Option<String>) {
        match &self.chain {
            Some(chain) => {
                let (line, fingerprint) = chain.close(sealed);
                (line, Some(fingerprint))
            }
            None => (sealed.text, None),
        }
    }

    /// To be called every now and then: makes a checkpoint when one is due, and gives what is to be sent. `notices` are for the operator.
    pub fn tick(&mut self, now: Time, notices: &mut Vec<String>) -> Option<Posting> {
        let is_due = self.checkpoints.as_ref().is_some_and(|checkpoints| checkpoints.is_due(now));
        if is_due && let Some(checkpoint) = self.sign(false, now) {
            let is_lost = self.notary.as_mut().is_some_and(|notary| !notary.put(checkpoint.clone()));
            if is_lost {
                notices.push("the notary has not answered for long: the oldest checkpoint that waits for it is dropped".to_owned());
                self.note(CHECKPOINT_LOST);
            }
            self.checkpoint = Some(checkpoint);
        }
        self.notary.as_mut()?.next(now)
    }

    /// To be called when the VM is given up: the last checkpoint of its chain. `is_end`: no exchange is under way, so no record will follow.
    pub fn end(&mut self, is_end: bool, now: Time) -> Option<Posting> {
        self.notary.as_ref()?;
        let checkpoint = self.sign(is_end, now)?;
        self.notary.as_mut().map(|notary| notary.last(checkpoint))
    }

    /// How far the chain has come; none of a chain that has not begun.
    fn sign(&mut self, is_end: bool, now: Time) -> Option<String> {
        let newest = Some(self.chain.as_ref()?.head()?);
        let Settings { vm, node, policy_digest, .. } = &self.settings;
        let head = Head { chain: vm, node, policy: policy_digest, sequence: self.sequence, newest, is_end };
        Some(self.checkpoints.as_mut()?.make(&head, now))
    }

    /// What the notary said to what [`tick`](Self::tick) gave; none when it could not be reached.
    pub fn noted(&mut self, status: Option<u16>, now: Time, notices: &mut Vec<String>) {
        match self.notary.as_mut().map(|notary| notary.answered(status, now)) {
            None | Some(News::Kept) => {}
            Some(News::Failed(why)) => notices.push(format!("a checkpoint could not be left with the notary ({why}); it is tried again")),
            Some(News::Refused(status)) => {
                notices.push(format!("the notary refuses a checkpoint (status {status}): see what it says in its own log"));
                self.note(CHECKPOINT_REFUSED);
            }
        }
    }

    fn note(&mut self, code: &'static str) {
        if !self.news.contains(&code) {
            self.news.push(code);
        }
    }
}
