//! `portcullisctl approvals`: the approval service, and what people need to decide from a terminal.
//!
//! ```text
//! contract, approver, events -> operations -> { machine, rules, store, signing } -> model
//! ```
//!
//! Filters ask (`contract`), people decide (`approver`, `events`, `terminal`), channels are told (`notify`). What may follow from what is said by pure
//! functions (`machine`, `rules`, `people`); `operations` puts each of them into one transaction of the store. `docs/approvals.md` tells how to run it.

mod answer;
mod approver;
mod authn;
mod cli;
mod contract;
mod door;
mod events;
mod journal;
mod limit;
mod machine;
mod model;
mod notify;
mod operations;
mod page;
mod people;
mod plain;
mod pulse;
mod request;
mod rules;
mod serve;
mod service;
mod signing;
mod store;
mod terminal;
mod views;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use ::time::OffsetDateTime;
use ::time::format_description::well_known::Rfc3339;
use portcullis::time::Time;

pub use cli::{Args, run};
pub use serve::Server;
pub use signing::make_key;

/// The time, which tests move on.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicU64>,
}

impl Clock {
    pub fn now(&self) -> Time {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        Time::from_millis(millis.saturating_add(self.ahead_ms.load(Ordering::Relaxed)))
    }

    /// From here on it is later by so much.
    pub fn advance(&self, millis: u64) {
        self.ahead_ms.fetch_add(millis, Ordering::Relaxed);
    }
}

/// RFC 3339, UTC.
fn moment(time: Time) -> String {
    let nanos = i128::from(time.millis()).saturating_mul(1_000_000);
    let moment = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.format(&Rfc3339).unwrap_or_default()
}
