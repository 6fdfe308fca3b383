//! What the service is made of; what it does is in `operations`.

use std::sync::Arc;

use anyhow::Result;
use axum::http::request::Parts;
use portcullis::policy::approval_service::{Config, Filter, Notice};
use portcullis::time::Time;
use tokio::sync::{Mutex, Notify, Semaphore};

use super::Clock;
use super::answer::Problem;
use super::authn::{self, Tokens};
use super::limit::Limiter;
use super::model::Task;
use super::page::Page;
use super::pulse::Pulse;
use super::rules::Rules;
use super::signing::{Link, Signer};
use super::store::Store;

/// Filters that wait in one request at the same time; others come again after `retry_after`.
const WAITS: usize = 256;

/// Whoever asks for the service's health more often than this gets the last answer.
const HEALTH_MS: u64 = 1_000;

/// Everything a handler needs.
pub struct Service {
    pub store: Store,
    pub signer: Signer,
    pub rules: Rules,
    pub filters: Vec<Filter>,
    pub notices: Vec<Notice>,
    pub public_url: String,
    pub tokens: Tokens,
    /// Where people log in, when that is configured.
    pub page: Option<Page>,
    pub pulse: Pulse,
    /// There may be something to send.
    pub outbox: Notify,
    pub approvers: Limiter,
    pub strangers: Limiter,
    addresses: Limiter,
    behind_proxy: bool,
    /// Permits for event streams.
    pub streams: Arc<Semaphore>,
    /// Permits for filters that wait: each of them looks again when anything happens.
    pub waits: Semaphore,
    /// When the store was last found well, and the journal's last line then.
    healthy: Mutex<Option<(Time, i64)>>,
    pub keep_ms: Option<u64>,
    by_filter: Vec<(String, Limiter)>,
    clock: Clock,
}

impl Service {
    pub async fn open(config: &Config, clock: Clock) -> Result<Arc<Self>> {
        let signer = Signer::open(config)?;
        let tokens = Tokens::start(&config.approvers.identity, &config.approvers.audience, clock.clone())?;
        let page = config.login.as_ref().map(|login| Page::new(login, config, clock.clone())).transpose()?;
        let store = Store::open(&config.store).await?;
        Ok(Arc::new(Self {
            store,
            signer,
            rules: Rules::new(&config.approvers),
            filters: config.filters.clone(),
            notices: config.notices.clone(),
            public_url: config.public_url.clone(),
            tokens,
            page,
            pulse: Pulse::new(),
            outbox: Notify::new(),
            approvers: Limiter::new(config.limits.approver),
            strangers: Limiter::new(config.limits.strangers),
            addresses: Limiter::new(config.limits.address),
            behind_proxy: config.behind_proxy,
            streams: Arc::new(Semaphore::new(config.limits.streams)),
            waits: Semaphore::new(WAITS),
            healthy: Mutex::default(),
            keep_ms: config.keep.map(|keep| keep.millis()),
            by_filter: config.filters.iter().map(|filter| (filter.id.clone(), Limiter::new(filter.rate))).collect(),
            clock,
        }))
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// The journal's last line, if the store answers.
    pub async fn health(&self) -> Result<i64, Problem> {
        let mut healthy = self.healthy.lock().await;
        let now = self.now();
        if let Some((at, seq)) = *healthy
            && now.since(at) < HEALTH_MS
        {
            return Ok(seq);
        }
        let (seq, _) = self.store.begin().await?.journal_head().await?;
        *healthy = Some((now, seq));
        Ok(seq)
    }

    /// Counts one request of a filter.
    pub fn by_filter(&self, id: &str) -> Result<(), Problem> {
        match self.by_filter.iter().find(|(name, _)| name == id) {
            Some((_, limiter)) => limiter.check("", self.now()).map_err(Problem::too_often),
            None => Ok(()),
        }
    }

    /// Counts one request of an address, whoever sends it.
    pub fn by_address(&self, parts: &Parts) -> Result<(), Problem> {
        self.addresses.check(&authn::address_name(parts, self.behind_proxy), self.now()).map_err(Problem::too_often)
    }

    /// The page of a request, for whoever asked for it.
    pub fn page_of(&self, id: &str) -> String {
        format!("{}/r/{id}", self.public_url)
    }

    /// The same with a signature that says to which channel it was sent.
    pub fn signed_page(&self, task: &Task, channel: &str) -> Result<String> {
        let link = Link { task: task.id.clone(), channel: channel.to_owned() };
        // For as long as somebody may have to look at it.
        let until = task.expires.plus_millis(30 * 86_400_000);
        Ok(format!("{}?link={}", self.page_of(&task.id), self.signer.link(&link, self.now(), until)?))
    }
}
