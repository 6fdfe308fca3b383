//! Something has happened: whoever waits looks again.
//!
//! What this process did is known at once; what another replica did, by looking at the number of the journal's last line twice a second, and only
//! while somebody waits. A message of the database would be quicker, but is lost with its connection, so that one would have to look all the same.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::store::Store;

const LOOK: Duration = Duration::from_millis(500);

#[derive(Clone)]
pub struct Pulse(Arc<watch::Sender<i64>>);

impl Pulse {
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// The journal has come to this line.
    pub fn beat(&self, seq: i64) {
        self.0.send_if_modified(|last| {
            let later = seq > *last;
            *last = seq.max(*last);
            later
        });
    }

    pub fn follow(&self) -> watch::Receiver<i64> {
        self.0.subscribe()
    }

    /// Watches what other replicas do, until the task is aborted.
    pub fn watch(&self, store: Store) -> JoinHandle<()> {
        let pulse = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK).await;
                if pulse.0.receiver_count() == 0 {
                    continue;
                }
                // A store that is down is told by those who ask for something.
                if let Ok(mut tx) = store.begin().await
                    && let Ok((seq, _)) = tx.journal_head().await
                {
                    drop(tx);
                    pulse.beat(seq);
                }
            }
        })
    }
}

impl Default for Pulse {
    fn default() -> Self {
        Self::new()
    }
}
