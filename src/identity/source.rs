//! The key set of an issuer that publishes it at a URL: when to fetch it, what to make of the answer, how long to go on without one.
//!
//! At most one fetch is under way. There is one at the start, one every `refresh`, one when a token names an unknown key (at a bounded
//! rate), and after a failure again and again with growing pauses. Old keys serve until `keep` has passed since the last good answer.

use super::keys::{KeySet, SetProblem};
use crate::limits::JWKS_BYTES;
use crate::policy::{Algorithm, Jwks};
use crate::time::Time;

/// Between the end of a fetch that an unknown key asked for and the next such one. Anyone can name an unknown key, so this bounds what a
/// flood of forged tokens sends to the identity provider. Fetches for other reasons do not count: a key that was made just after the
/// keys were refreshed is known at its first use.
const UNKNOWN_KEY_PAUSE_MS: u64 = 10_000;

/// The first pause after a failure; each further failure doubles it.
const FIRST_RETRY_MS: u64 = 1_000;

/// The longest pause after a failure: a provider that is back is noticed within a minute, and one that is down is not hammered.
const LONGEST_RETRY_MS: u64 = 60_000;

/// How long after its timeout a fetch without an answer is taken for lost. The host answers every call, so this is for a host that failed.
const LOST_AFTER_MS: u64 = 30_000;

/// Names the key source of one issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourceId(pub(super) usize);

impl SourceId {
    /// The metadata of the one issuer that has it: no issuer is listed at this place.
    pub(super) const METADATA: Self = Self(usize::MAX);
}

/// A GET to make through a cluster of Envoy's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    pub source: SourceId,
    pub cluster: String,
    /// `:authority`
    pub host: String,
    /// `:path`
    pub path: String,
    pub timeout_ms: u64,
    /// For `if-none-match`, when the last answer had one.
    pub etag: Option<String>,
}

/// What came of a [`Fetch`].
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// An HTTP answer, whatever its status. `etag` as received.
    Http { status: u16, body: &'a [u8], etag: Option<&'a str> },
    /// No answer: not sent, reset, timed out.
    Failed,
}

/// What an answer changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct KeysChanged {
    /// Requests that wait for the source are to be checked again.
    pub recheck: bool,
    /// For the log and metrics.
    pub fetched: Fetched,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The key set was replaced; it holds so many usable keys.
    Keys(usize),
    /// The endpoint says that nothing changed (304).
    Unchanged,
    /// The old keys stay.
    Failed(FetchProblem),
    /// The issuer's metadata was replaced.
    Metadata,
    /// The old metadata stays, if any.
    NoMetadata(FetchProblem),
    /// No fetch of this source was under way; the answer was dropped.
    Unasked,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchProblem {
    #[error("no answer from the endpoint")]
    NoAnswer,
    #[error("the endpoint answered with status {0}")]
    Status(u16),
    #[error("the key endpoint answered with more than {} KiB", JWKS_BYTES / 1024)]
    TooLong,
    #[error("{0}")]
    Unusable(String),
}

impl From<SetProblem> for FetchProblem {
    fn from(problem: SetProblem) -> Self {
        Self::Unusable(problem.to_string())
    }
}

/// Whether keys that are missing will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A fetch is under way, or due.
    Coming,
    /// Not soon: the last fetch was good, and too short a time ago for another.
    NotYet,
    /// The endpoint fails.
    Failing,
}

pub(super) struct Source {
    settings: Jwks,
    algorithms: Vec<Algorithm>,
    keys: Option<KeySet>,
    etag: Option<String>,
    /// When the keys were last confirmed; set whenever `keys` is.
    good_at: Option<Time>,
    /// When the fetch under way began.
    under_way: Option<Time>,
    /// When the last fetch ended, well or badly.
    ended: Option<Time>,
    /// Failures since the last good answer.
    failures: u32,
    /// An unknown key was asked for, and the rate allowed it.
    wanted: bool,
    /// The fetch under way is for an unknown key.
    for_unknown: bool,
    /// When the last fetch for an unknown key ended.
    unknown_ended: Option<Time>,
}

impl Source {
    pub(super) fn new(settings: Jwks, algorithms: Vec<Algorithm>) -> Self {
        Self {
            settings,
            algorithms,
            keys: None,
            etag: None,
            good_at: None,
            under_way: None,
            ended: None,
            failures: 0,
            wanted: false,
            for_unknown: false,
            unknown_ended: None,
        }
    }

    /// The keys, unless there are none yet or they are older than the policy keeps them.
    pub(super) fn keys(&self, now: Time) -> Option<&KeySet> {
        let good_at = self.good_at?;
        if now.since(good_at) >= self.settings.keep.millis() {
            return None;
        }
        self.keys.as_ref()
    }

    /// Asks for keys that are missing: all of them, or one that a token names.
    pub(super) fn want(&mut self, now: Time) -> Wanted {
        if self.under_way.is_some() || self.is_due(now) {
            return Wanted::Coming;
        }
        if self.failures > 0 {
            return Wanted::Failing;
        }
        if !self.unknown_ended.is_none_or(|ended| passed(ended, UNKNOWN_KEY_PAUSE_MS, now)) {
            return Wanted::NotYet;
        }
        self.wanted = true;
        Wanted::Coming
    }

    /// The fetch to make now, which then is under way.
    pub(super) fn fetch(&mut self, source: SourceId, now: Time) -> Option<Fetch> {
        self.notice_clock(now);
        if let Some(began) = self.under_way {
            if !passed(began, self.settings.timeout.millis().saturating_add(LOST_AFTER_MS), now) {
                return None;
            }
            self.failed(now);
        }
        if !self.is_due(now) {
            return None;
        }
        self.under_way = Some(now);
        self.for_unknown = std::mem::take(&mut self.wanted);
        Some(Fetch {
            source,
            cluster: self.settings.cluster.clone(),
            host: self.settings.host.clone(),
            path: self.settings.path.clone(),
            timeout_ms: self.settings.timeout.millis(),
            etag: self.etag.clone(),
        })
    }

    pub(super) fn answered(&mut self, answer: Answer<'_>, now: Time) -> KeysChanged {
        if self.under_way.is_none() {
            return KeysChanged { recheck: false, fetched: Fetched::Unasked };
        }
        let fetched = match self.read(answer) {
            Ok(fetched) => {
                self.ended(now);
                self.good_at = Some(now);
                self.failures = 0;
                fetched
            }
            Err(problem) => {
                self.failed(now);
                Fetched::Failed(problem)
            }
        };
        KeysChanged { recheck: true, fetched }
    }

    fn read(&mut self, answer: Answer<'_>) -> Result<Fetched, FetchProblem> {
        let (status, body, etag) = match answer {
            Answer::Http { status, body, etag } => (status, body, etag),
            Answer::Failed => return Err(FetchProblem::NoAnswer),
        };
        match status {
            200 => {}
            304 if self.keys.is_some() && self.etag.is_some() => return Ok(Fetched::Unchanged),
            other => return Err(FetchProblem::Status(other)),
        }
        if body.len() > JWKS_BYTES {
            return Err(FetchProblem::TooLong);
        }
        let keys = KeySet::parse(body, &self.algorithms)?;
        let usable = keys.len();
        match &mut self.keys {
            Some(set) => set.replace(keys),
            none => *none = Some(KeySet::new(keys)),
        }
        self.etag = etag.filter(|etag| is_etag(etag)).map(str::to_owned);
        Ok(Fetched::Keys(usable))
    }

    fn ended(&mut self, now: Time) {
        self.under_way = None;
        self.ended = Some(now);
        if std::mem::take(&mut self.for_unknown) {
            self.unknown_ended = Some(now);
        }
    }

    fn failed(&mut self, now: Time) {
        self.ended(now);
        self.failures = self.failures.saturating_add(1);
    }

    fn is_due(&self, now: Time) -> bool {
        let Some(ended) = self.ended else { return true };
        let pause = match self.failures {
            0 => self.settings.refresh.millis(),
            failures => retry_ms(failures).min(self.settings.refresh.millis()),
        };
        self.wanted || passed(ended, pause, now)
    }

    /// A clock that was set back must not make old keys young: from here on their age is counted anew.
    fn notice_clock(&mut self, now: Time) {
        if self.good_at.is_some_and(|good_at| now < good_at) {
            self.good_at = Some(now);
        }
    }
}

/// Whether `millis` have passed since; also when the clock was set back behind it, so that no pause lasts for ever.
fn passed(since: Time, millis: u64, now: Time) -> bool {
    now < since || now.since(since) >= millis
}

fn retry_ms(failures: u32) -> u64 {
    let doublings = failures.saturating_sub(1).min(16);
    FIRST_RETRY_MS.saturating_mul(1 << doublings).min(LONGEST_RETRY_MS)
}

/// RFC 9110, 8.8.3, and of a length that belongs into a header.
pub(super) fn is_etag(etag: &str) -> bool {
    etag.len() <= 256 && etag.ends_with('"') && etag.bytes().all(|byte| byte.is_ascii_graphic())
}
