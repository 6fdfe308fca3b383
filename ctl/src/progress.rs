//! Says what is going on when it takes long: silence for a second, then a line, then one every ten seconds.

use std::time::{Duration, Instant};

const QUIET: Duration = Duration::from_secs(1);
const REPEAT: Duration = Duration::from_secs(10);

/// Runs `work`; tells `what` on stderr once it has taken a second.
pub async fn telling<T>(what: &str, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let mut next = QUIET;
    tokio::pin!(work);
    loop {
        match tokio::time::timeout(next, &mut work).await {
            Ok(done) => return done,
            Err(_) if next == QUIET => {
                tell_user!("{what} ...");
                next = REPEAT;
            }
            Err(_) => tell_user!("{what} ... {} s", started.elapsed().as_secs()),
        }
    }
}
