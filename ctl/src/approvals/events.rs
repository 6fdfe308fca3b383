//! What happens, as it happens: server-sent events for the page and the terminal.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use portcullis::time::Time;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::answer::Problem;
use super::journal::Entry;
use super::rules::Approver;
use super::service::Service;
use super::views;

/// Lines of the journal in one look.
const BATCH: usize = 100;

/// How often it is asked again whether access was taken back.
const LOOKED_AFTER_MS: u64 = 5_000;

/// Proxies close connections on which nothing comes.
const ALIVE: Duration = Duration::from_secs(15);

struct Follower {
    service: Arc<Service>,
    who: Approver,
    pulse: watch::Receiver<i64>,
    /// The last line that was looked at.
    seq: i64,
    ready: VecDeque<Event>,
    _permit: OwnedSemaphorePermit,
}

/// Each event is a request that changed: `id` is the number of the journal's line, so that `Last-Event-ID` goes on where a stream broke off.
pub async fn follow(
    State(service): State<Arc<Service>>,
    who: Approver,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let permit = Arc::clone(&service.streams).try_acquire_owned().map_err(|_| {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_streams", "too many event streams are open");
        Problem { retry_after: Some(10), ..problem }
    })?;
    let pulse = service.pulse.follow();
    let (head, _) = service.store.begin().await?.journal_head().await?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse::<i64>().ok());
    let seq = last.filter(|last| (0..=head).contains(last)).unwrap_or(head);
    let hello = Event::default().event("ready").id(seq.to_string()).data(json!({ "seq": seq }).to_string());
    let follower = Follower { service, who, pulse, seq, ready: VecDeque::from([hello]), _permit: permit };
    let stream = unfold(follower, |mut follower| async move { follower.next().await.map(|event| (Ok(event), follower)) });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(ALIVE)))
}

impl Follower {
    /// `None` ends the stream: with the token that opened it, with its owner's access, or when the store cannot be read.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let mut left = Time::from_millis(self.who.until).since(self.service.now());
            if left == 0 {
                return None;
            }
            if self.service.tokens.revocable {
                self.service.tokens.stands(&self.who).await.ok()?;
                left = left.min(LOOKED_AFTER_MS);
            }
            self.pulse.borrow_and_update();
            let looked = self.look().await.ok()?;
            if looked == 0 {
                tokio::select! {
                    changed = self.pulse.changed() => changed.ok()?,
                    _ = tokio::time::sleep(Duration::from_millis(left)) => {}
                }
            }
        }
    }

    /// Takes the next lines; how many there were.
    async fn look(&mut self) -> Result<usize, Problem> {
        let mut tx = self.service.store.begin().await?;
        let entries = tx.journal_after(self.seq, BATCH).await?;
        for entry in &entries {
            self.seq = entry.seq;
            let Some(id) = &entry.request else { continue };
            let Some(task) = tx.look(id).await? else { continue };
            if self.service.rules.may_see(&task, &self.who) {
                self.ready.push_back(told(entry, views::summary(&task)));
            }
        }
        Ok(entries.len())
    }
}

fn told(entry: &Entry, summary: serde_json::Value) -> Event {
    let data = json!({ "seq": entry.seq, "event": entry.event, "request": summary });
    Event::default().event("request").id(entry.seq.to_string()).data(data.to_string())
}
