//! Access taken back before its token expires: a list polled by one worker, checked by each.
//!
//! Sans-IO. The list is fetched by whoever holds the lease in the data that all VMs of the process share ([`SharedData`]), so that there
//! is one fetch per process and interval; the raw list is left there, and every VM checks its signature itself before it believes it.
//! The format of the list is told in `docs/revocation.md`.
//!
//! What can only make the list older never makes it go away: an answer that is not a list, is not signed, has expired or goes back in its
//! numbers leaves the one before in force, until that is older than the policy lets it be.

mod board;
mod list;
mod trust;

use sha2::{Digest, Sha256};

use super::source::is_etag;
use super::{Answer, Mistake, Principal};
use crate::limits::REVOCATIONS_BYTES;
use crate::policy::{self, WhenStale};
use crate::time::Time;

pub use board::SharedData;
use board::{Board, Head, Lease};
use list::List;
pub use list::{ListProblem, Listing, Named};
use trust::Trust;

/// Time for one fetch. The endpoint is the operator's own and serves a file; what takes longer is as good as down.
const TIMEOUT_MS: u64 = 5_000;

/// How long after its timeout a fetch without an answer is taken for lost, and another VM may try.
const LOST_AFTER_MS: u64 = 1_000;

/// A VM that has just started holds its callers this long for its first list, and refuses them after.
const FIRST_LIST_MS: u64 = TIMEOUT_MS + LOST_AFTER_MS;

/// The first pause after a failure; each further one doubles it, up to the interval.
const FIRST_RETRY_MS: u64 = 1_000;

/// Accepted difference between our clock and that of whoever signs.
const SKEW_MS: u64 = 300_000;

/// What was taken back, as this VM knows it.
pub struct Revocations {
    settings: policy::Revocation,
    trust: Trust,
    board: Board,
    list: Option<Known>,
    /// Goes up with every list that says something else.
    generation: u64,
    /// Generation of the shared list last looked at; believed or not, it is not looked at again.
    seen: u64,
    /// The shared list last looked at is the one in `list`.
    in_step: bool,
    etag: Option<String>,
    /// When the list was last confirmed: the moment the question was sent.
    checked_at: Option<Time>,
    /// When this VM first looked.
    started: Option<Time>,
    /// Failures in a row, of any VM, as the lease tells them.
    failures: u32,
    next_look: Option<Time>,
    /// When the fetch of this VM was sent.
    under_way: Option<Time>,
}

/// A list that is believed.
struct Known {
    list: List,
    /// SHA-256 of the list as it came.
    raw: [u8; 32],
    /// SHA-256 of what is signed.
    payload: [u8; 32],
}

/// How far the list can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Fresh,
    /// This VM has just started and the first answer is on its way.
    Awaited,
    /// Too old, or there is none.
    Stale,
}

/// A GET to make through a cluster of Envoy's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFetch {
    pub cluster: String,
    pub host: String,
    pub path: String,
    pub timeout_ms: u64,
    pub etag: Option<String>,
}

impl Revocations {
    pub fn compile(section: &policy::Revocation) -> Result<Self, Vec<Mistake>> {
        Ok(Self {
            trust: Trust::compile(&section.signed)?,
            board: Board::of(section),
            settings: section.clone(),
            list: None,
            generation: 0,
            seen: 0,
            in_step: false,
            etag: None,
            checked_at: None,
            started: None,
            failures: 0,
            next_look: None,
            under_way: None,
        })
    }

    /// Goes up whenever [`check`](Self::check) may say something else than before.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Which list the principal is on, if any.
    pub fn check(&self, principal: &Principal) -> Option<Listing> {
        self.check_named(&principal.into())
    }

    /// The same of somebody of whom less was kept.
    pub fn check_named(&self, named: &Named<'_>) -> Option<Listing> {
        self.list.as_ref()?.list.find(named)
    }

    pub fn freshness(&self, now: Time) -> Freshness {
        match (&self.list, self.checked_at) {
            (Some(known), Some(checked)) => {
                let old = now.since(checked) > self.settings.stale_after.millis() || known.list.expired(now);
                if old { Freshness::Stale } else { Freshness::Fresh }
            }
            _ if self.failures > 0 || self.started.is_some_and(|started| now.since(started) >= FIRST_LIST_MS) => Freshness::Stale,
            _ => Freshness::Awaited,
        }
    }

    pub fn when_stale(&self) -> WhenStale {
        self.settings.when_stale
    }

    /// Takes up what another VM has fetched, and fetches when it is this VM's turn. To be called on every tick; costs one look at the
    /// shared data. Lines for the operator go to `notices`.
    pub fn tick(&mut self, shared: &mut dyn SharedData, now: Time, notices: &mut Vec<String>) -> Option<ListFetch> {
        self.started.get_or_insert(now);
        self.take_up(shared, now, notices);
        self.claim(shared, now)
    }

    /// Takes the answer to a [`ListFetch`]; says what went wrong with it. A fetch that cannot even be sent is [`Answer::Failed`].
    pub fn answered(&mut self, answer: Answer<'_>, shared: &mut dyn SharedData, now: Time, notices: &mut Vec<String>) {
        let Some(asked) = self.under_way.take() else { return };
        // Another VM's later answer may be there already, and nothing may go back behind it.
        self.take_up(shared, now, notices);
        let lease = match self.read(answer, asked, shared, now) {
            Ok(()) => {
                self.failures = 0;
                Lease { next: asked.plus_millis(self.settings.interval.millis()), failures: 0 }
            }
            Err(problem) => {
                self.failures = self.failures.saturating_add(1);
                notices.push(format!("fetching revocations: {problem}; the list before, if any, counts until it is stale"));
                let doublings = self.failures.saturating_sub(1).min(16);
                let pause = FIRST_RETRY_MS.saturating_mul(1 << doublings).min(self.settings.interval.millis());
                Lease { next: now.plus_millis(pause), failures: self.failures }
            }
        };
        self.next_look = Some(lease.next);
        self.board.put_lease(shared, &lease, None);
    }

    fn take_up(&mut self, shared: &mut dyn SharedData, now: Time, notices: &mut Vec<String>) {
        let Some((head, _)) = self.board.head(shared) else { return };
        if head.generation != self.seen {
            self.seen = head.generation;
            let body = self.board.body(shared).unwrap_or_default();
            let believed = self.believe(&body, now);
            self.in_step = believed.is_ok();
            if let Err(problem) = believed {
                notices.push(format!("revocations of another worker: {problem}; they are not taken up"));
            }
        }
        if self.in_step {
            self.etag = head.etag;
            // A clock that was set back must not make the list young: from then on its age is counted anew.
            self.checked_at =
                Some(if head.checked_at > now { self.checked_at.map_or(now, |checked| checked.min(now)) } else { head.checked_at });
        }
    }

    /// This VM's turn, if the time has come and no other VM was faster.
    fn claim(&mut self, shared: &mut dyn SharedData, now: Time) -> Option<ListFetch> {
        let longest = self.settings.interval.millis().saturating_add(FIRST_LIST_MS);
        let early = |next: Time| now < next && next.since(now) <= longest;
        if self.list.is_some() && self.next_look.is_some_and(early) {
            return None;
        }
        let Some((lease, version)) = self.board.lease(shared) else {
            // Nothing can be compared with what is not there: all put down the same, and compete on the next tick.
            self.board.put_lease(shared, &Lease { next: now, failures: 0 }, None);
            return None;
        };
        self.failures = lease.failures;
        if early(lease.next) {
            self.next_look = Some(lease.next);
            return None;
        }
        let claimed = Lease { next: now.plus_millis(FIRST_LIST_MS), failures: lease.failures };
        if !self.board.put_lease(shared, &claimed, Some(version)) {
            return None;
        }
        self.next_look = Some(claimed.next);
        self.under_way = Some(now);
        Some(ListFetch {
            cluster: self.settings.cluster.clone(),
            host: self.settings.host.clone(),
            path: self.settings.path.clone(),
            timeout_ms: TIMEOUT_MS,
            etag: self.etag.clone().filter(|_| self.in_step),
        })
    }

    fn read(&mut self, answer: Answer<'_>, asked: Time, shared: &mut dyn SharedData, now: Time) -> Result<(), ListProblem> {
        let Answer::Http { status, body, etag } = answer else { return Err(ListProblem::NoAnswer) };
        let known = self.list.as_ref().filter(|_| self.in_step);
        match status {
            200 => {}
            304 if known.is_some() && self.etag.is_some() => {
                let etag = self.etag.clone();
                self.confirm(asked, etag, shared);
                return Ok(());
            }
            other => return Err(ListProblem::Status(other)),
        }
        if body.len() > REVOCATIONS_BYTES {
            return Err(ListProblem::TooLong);
        }
        let etag = etag.filter(|etag| is_etag(etag)).map(str::to_owned);
        if known.is_some_and(|known| known.raw == hash(body)) {
            self.confirm(asked, etag, shared);
            return Ok(());
        }
        self.believe(body, now)?;
        let (generation, version) = self.board.head(shared).map_or((0, None), |(head, version)| (head.generation, Some(version)));
        let head = Head { generation: generation.saturating_add(1), checked_at: asked, etag: etag.clone() };
        // The list first: whoever sees the new head finds a list that is at least as new.
        self.board.put_body(shared, body);
        if self.board.put_head(shared, &head, version) {
            self.seen = head.generation;
        }
        (self.in_step, self.etag, self.checked_at) = (true, etag, Some(asked));
        Ok(())
    }

    /// The list is still what it was when we asked.
    fn confirm(&mut self, asked: Time, etag: Option<String>, shared: &mut dyn SharedData) {
        if let Some((head, version)) = self.board.head(shared).filter(|(head, _)| head.generation == self.seen) {
            self.board.put_head(shared, &Head { checked_at: asked, etag: etag.clone(), ..head }, Some(version));
        }
        (self.etag, self.checked_at) = (etag, Some(asked));
    }

    /// Takes a list as the one that counts, if it is signed, in time, and not behind the one before.
    fn believe(&mut self, raw: &[u8], now: Time) -> Result<(), ListProblem> {
        let payload = self.trust.payload(raw)?;
        let list = List::parse(&payload)?;
        if list.issued_at > now.plus_millis(SKEW_MS) {
            return Err(ListProblem::FromTheFuture);
        }
        if list.expired(now) {
            return Err(ListProblem::Expired);
        }
        let known = Known { list, raw: hash(raw), payload: hash(&payload) };
        if let Some(before) = &self.list {
            let (new, old) = (known.list.sequence, before.list.sequence);
            if new < old {
                return Err(ListProblem::WentBack { new, old });
            }
            if new == old && known.payload != before.payload {
                return Err(ListProblem::SameNumber(new));
            }
        }
        if self.list.as_ref().is_none_or(|before| before.payload != known.payload) {
            self.generation = self.generation.saturating_add(1);
        }
        self.list = Some(known);
        Ok(())
    }
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
