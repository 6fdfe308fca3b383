//! Telling people: messages are written with what they tell of (`store::outbox`), sent from here, tried again with growing pauses, and what became of
//! each stays on record.
//!
//! A message says who asks for what and why, and where to look. Arguments, masked or not, stay in the service.

mod email;
mod slack;
mod teams;
mod text;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use portcullis::policy::approval_service::{self as config, Channel, Happening};
use portcullis::time::Time;
use tokio::task::JoinHandle;

use super::answer::Problem;
use super::model::{State, Task};
use super::service::Service;
use super::store::outbox::Notice;
use text::Message;

/// How often the outbox is looked at when nothing tells that there is something in it.
const LOOK: Duration = Duration::from_secs(2);

/// For one message; a claim lasts longer, so that a slow channel gets no message twice.
const TIMEOUT: Duration = Duration::from_secs(15);
const LEASE_MS: u64 = 60_000;

/// Messages that are sent at the same time.
const TOGETHER: usize = 8;

/// The first pause after a failure; each further one doubles it, up to the longest.
const FIRST_PAUSE_MS: u64 = 5_000;
const LONGEST_PAUSE_MS: u64 = 600_000;

/// About two hours in all.
const ATTEMPTS: i64 = 18;

/// One way to somebody.
enum Way {
    Slack(reqwest::Url),
    Teams(reqwest::Url),
    Webhook { url: reqwest::Url, secret: Vec<u8> },
    Email(Box<email::Mailer>),
}

struct Sender {
    ways: Vec<(String, Way)>,
    client: reqwest::Client,
}

/// Sends what is due until the task is aborted.
pub fn start(service: &Arc<Service>) -> Result<JoinHandle<()>> {
    // No redirects: a message goes where the configuration says.
    let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()?;
    let ways = service.notices.iter().map(|notice| Ok((notice.id.clone(), way(notice)?))).collect::<Result<Vec<_>>>()?;
    let sender = Arc::new(Sender { ways, client });
    let service = Arc::clone(service);
    Ok(tokio::spawn(async move {
        loop {
            // What goes wrong is told on stderr where it was found.
            if let Ok(true) = round(&service, &sender).await {
                continue;
            }
            tokio::select! {
                _ = service.outbox.notified() => {}
                _ = tokio::time::sleep(LOOK) => {}
            }
        }
    }))
}

fn way(notice: &config::Notice) -> Result<Way> {
    let url = |secret: &portcullis::policy::value::Secret| -> Result<reqwest::Url> {
        match std::str::from_utf8(secret.expose()).ok().and_then(|text| text.parse().ok()) {
            Some(url) => Ok(url),
            None => bail!("notices: `{}` has a URL that is none", notice.id),
        }
    };
    Ok(match &notice.channel {
        Channel::Slack { url: to } => Way::Slack(url(to)?),
        Channel::Teams { url: to } => Way::Teams(url(to)?),
        Channel::Webhook { url: to, secret } => Way::Webhook { url: url(to)?, secret: secret.clone() },
        Channel::Email(settings) => Way::Email(Box::new(email::Mailer::new(settings)?)),
    })
}

/// Sends what is due now; whether there was anything.
async fn round(service: &Arc<Service>, sender: &Arc<Sender>) -> Result<bool, Problem> {
    let now = service.now();
    let mut tx = service.store.begin().await?;
    let claimed = tx.claim(now, now.plus_millis(LEASE_MS), TOGETHER).await?;
    tx.commit().await?;
    let mut sending = tokio::task::JoinSet::new();
    let some = !claimed.is_empty();
    for notice in claimed {
        let (service, sender) = (Arc::clone(service), Arc::clone(sender));
        sending.spawn(async move { one(&service, &sender, notice).await });
    }
    while let Some(done) = sending.join_next().await {
        if let Ok(Err(problem)) = done {
            return Err(problem);
        }
    }
    Ok(some)
}

async fn one(service: &Service, sender: &Sender, notice: Notice) -> Result<(), Problem> {
    let mut tx = service.store.begin().await?;
    let task = tx.look(&notice.request).await?;
    drop(tx);
    let way = sender.ways.iter().find(|(id, _)| *id == notice.channel).map(|(_, way)| way);
    let outcome = match (&task, way) {
        (Some(task), Some(way)) if is_worth_it(task, &notice) => {
            let message = Message::of(service, task, &notice)?;
            match tokio::time::timeout(TIMEOUT, sender.send(way, &message, service.now())).await {
                Ok(sent) => sent.map_err(|err| format!("{err:#}")),
                Err(_) => Err("no answer in time".to_owned()),
            }
        }
        (_, None) => Err("no channel has this id any more".to_owned()),
        _ => return finish(service, &notice, "dropped", Some("decided before it could be sent")).await,
    };
    match outcome {
        Ok(()) => finish(service, &notice, "sent", None).await,
        Err(error) if notice.attempts >= ATTEMPTS || way.is_none() => {
            tell_user!("portcullisctl approvals: the notice to `{}` about {} was given up: {error}", notice.channel, notice.request);
            finish(service, &notice, "failed", Some(&error)).await
        }
        Err(error) => {
            let mut tx = service.store.begin().await?;
            tx.put_off(&notice.id, service.now().plus_millis(pause_ms(notice.attempts)), &error).await?;
            Ok(tx.commit().await?)
        }
    }
}

/// Nobody has to be called to what is decided.
fn is_worth_it(task: &Task, notice: &Notice) -> bool {
    notice.happening != Happening::Requested.word() || task.state == State::Pending
}

async fn finish(service: &Service, notice: &Notice, status: &str, error: Option<&str>) -> Result<(), Problem> {
    let mut tx = service.store.begin().await?;
    tx.finish(&notice.id, status, error, service.now()).await?;
    Ok(tx.commit().await?)
}

fn pause_ms(attempts: i64) -> u64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    FIRST_PAUSE_MS.saturating_mul(1 << doublings).min(LONGEST_PAUSE_MS)
}

impl Sender {
    async fn send(&self, way: &Way, message: &Message, now: Time) -> Result<()> {
        let request = match way {
            Way::Slack(url) => self.client.post(url.clone()).json(&slack::body(message)),
            Way::Teams(url) => self.client.post(url.clone()).json(&teams::body(message)),
            Way::Webhook { url, secret } => webhook::request(self.client.post(url.clone()), secret, message, now)?,
            Way::Email(mailer) => return mailer.send(message).await,
        };
        // The URL is a secret: it stays out of what is on record.
        let response = request.send().await.map_err(reqwest::Error::without_url)?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { bail!("answered with status {}", status.as_u16()) }
    }
}

#[cfg(test)]
mod tests;
