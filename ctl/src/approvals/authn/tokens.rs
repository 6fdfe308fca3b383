//! Tokens, verified by the filter's own code (`portcullis::identity`), which lives on a thread of its own because it shares nothing between threads. Its key
//! sets and lists of revocations are fetched beside it.

use std::collections::HashMap;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Result, bail};
use axum::http::request::Parts;
use portcullis::identity::{Answer, Identity, Outcome, Presented, Principal, SourceId};
use portcullis::policy::Identity as Trusted;
use portcullis::policy::value::Resource;
use portcullis::time::Time;
use tokio::sync::oneshot;

use super::super::Clock;
use super::super::answer::Problem;
use super::super::model::{Login, Pass};
use super::super::rules::Approver;
use super::fetch::{Fetcher, Found, Sought};
use super::revoked::{Revoked, Standing};

/// How often key sets and lists are looked after when nobody comes.
const TICK: Duration = Duration::from_secs(1);

/// How long a caller waits for the keys of their issuer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Callers that wait for keys, or for the first list, at the same time.
const WAITING: usize = 1_000;

/// The thread that verifies tokens. Ends when this is dropped.
pub struct Tokens {
    thread: mpsc::Sender<Message>,
    /// There is a list of what was taken back.
    pub revocable: bool,
}

enum Message {
    Check(Box<Shown>),
    Stands(Box<Known>),
    Found(Sought, Option<Found>),
    End,
}

/// What a request shows, and where the answer goes.
struct Shown {
    authorization: Vec<Vec<u8>>,
    proofs: Vec<Vec<u8>>,
    method: String,
    path: String,
    now: Time,
    reply: oneshot::Sender<Result<Approver, Problem>>,
}

/// Somebody who was verified before.
struct Known {
    who: Approver,
    reply: oneshot::Sender<Result<Approver, Problem>>,
}

impl Tokens {
    pub fn start(identity: &Trusted, audience: &Resource, clock: Clock) -> Result<Self> {
        // Its mistakes are found here, where they can be told.
        if let Err(mistakes) = Identity::compile(identity, audience) {
            let lines: Vec<String> = mistakes.iter().map(|mistake| format!("approvers.{}: {}", mistake.path, mistake.message)).collect();
            bail!("{}", lines.join("\n"));
        }
        identity.revocation.as_ref().map(Revoked::compile).transpose()?;
        let (sender, receiver) = mpsc::channel();
        let (identity, audience) = (identity.clone(), audience.clone());
        let fetcher = Fetcher::new(sender.clone(), Message::Found)?;
        let revocable = identity.revocation.is_some();
        std::thread::Builder::new().name("tokens".to_owned()).spawn(move || {
            let revoked = identity.revocation.as_ref().map(Revoked::compile).transpose();
            if let (Ok(identity), Ok(revoked)) = (Identity::compile(&identity, &audience), revoked) {
                let verifier = Verifier { identity, revoked, fetcher, waiting: HashMap::new(), awaiting: Vec::new(), clock };
                verifier.run(&receiver);
            }
        })?;
        Ok(Self { thread: sender, revocable })
    }

    pub async fn approver(&self, parts: &Parts, now: Time) -> Result<Approver, Problem> {
        let all = |name: &str| parts.headers.get_all(name).iter().map(|value| value.as_bytes().to_vec()).collect();
        let method = parts.method.as_str().to_owned();
        let path = parts.uri.path().to_owned();
        let (authorization, proofs) = (all("authorization"), all("dpop"));
        self.ask(|reply| Message::Check(Box::new(Shown { authorization, proofs, method, path, now, reply }))).await
    }

    /// Whose ID token this is: one that an issuer's token endpoint gave.
    pub async fn owner(&self, id_token: &str, now: Time) -> Result<Approver, Problem> {
        let authorization = vec![format!("Bearer {id_token}").into_bytes()];
        let (method, path, proofs) = ("GET".to_owned(), "/".to_owned(), Vec::new());
        self.ask(|reply| Message::Check(Box::new(Shown { authorization, proofs, method, path, now, reply }))).await
    }

    /// Whether somebody who was verified before still has access.
    pub async fn stands(&self, who: &Approver) -> Result<(), Problem> {
        if !self.revocable {
            return Ok(());
        }
        self.ask(|reply| Message::Stands(Box::new(Known { who: who.clone(), reply }))).await.map(drop)
    }

    async fn ask(&self, message: impl FnOnce(oneshot::Sender<Result<Approver, Problem>>) -> Message) -> Result<Approver, Problem> {
        let (reply, answer) = oneshot::channel();
        let gone = |_| Problem::inside(&"tokens cannot be verified any more");
        self.thread.send(message(reply)).map_err(|_| Problem::inside(&"tokens cannot be verified any more"))?;
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(answer) => answer.map_err(gone)?,
            Err(_) => Err(Problem::inside(&"the keys of the approvers' issuer do not come")),
        }
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        // The thread holds a sender of its own, for what it fetches, so it would not see that this one is gone.
        let _ = self.thread.send(Message::End);
    }
}

struct Verifier {
    identity: Identity,
    revoked: Option<Revoked>,
    fetcher: Fetcher<Message>,
    waiting: HashMap<SourceId, Vec<Shown>>,
    /// Those who came before the first list of revocations.
    awaiting: Vec<Known>,
    clock: Clock,
}

impl Verifier {
    fn run(mut self, messages: &mpsc::Receiver<Message>) {
        loop {
            let now = self.clock.now();
            for fetch in self.identity.due(now) {
                self.fetcher.keys(fetch);
            }
            if let Some(fetch) = self.revoked.as_mut().and_then(|revoked| revoked.due(now)) {
                self.fetcher.list(fetch);
            }
            match messages.recv_timeout(TICK) {
                Ok(Message::Check(shown)) => self.check(*shown),
                Ok(Message::Stands(known)) => self.stands(*known),
                Ok(Message::Found(Sought::Keys(source), found)) => self.keys(source, answer(found.as_ref())),
                Ok(Message::Found(Sought::Revocations, found)) => {
                    let now = self.clock.now();
                    if let Some(revoked) = &mut self.revoked {
                        revoked.answered(answer(found.as_ref()), now);
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    // Those who have gone.
                    self.waiting.values_mut().for_each(|waiting| waiting.retain(|shown| !shown.reply.is_closed()));
                }
                Ok(Message::End) | Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
            for known in std::mem::take(&mut self.awaiting) {
                self.stands(known);
            }
        }
    }

    fn check(&mut self, shown: Shown) {
        let authorization: Vec<&[u8]> = shown.authorization.iter().map(Vec::as_slice).collect();
        let proofs: Vec<&[u8]> = shown.proofs.iter().map(Vec::as_slice).collect();
        let presented = Presented {
            authorization: &authorization,
            proofs: &proofs,
            method: &shown.method,
            path: &shown.path,
            certificate: None,
            metadata: None,
        };
        let answer = match self.identity.check(&presented, shown.now) {
            Outcome::Verified(principal) => match approver(&principal) {
                Ok(who) => return self.stands(Known { who, reply: shown.reply }),
                Err(problem) => Err(problem),
            },
            Outcome::Refused(problem) if problem.status() == 503 => Err(Problem::inside(&problem.describe())),
            Outcome::Refused(problem) => Err(Problem::unauthorized(problem.describe())),
            Outcome::Wait(source) => {
                let waiting = self.waiting.entry(source).or_default();
                if waiting.len() < WAITING {
                    waiting.push(shown);
                    return;
                }
                Err(Problem::inside(&"too many are waiting for the keys of an issuer"))
            }
        };
        // Whoever has gone needs no answer.
        let _ = shown.reply.send(answer);
    }

    fn stands(&mut self, known: Known) {
        let Known { who, reply } = known;
        let standing = self.revoked.as_ref().map_or(Standing::Good, |revoked| revoked.standing(&who, self.clock.now()));
        let answer = match standing {
            Standing::Good => Ok(who),
            Standing::Bad(problem) => Err(problem),
            Standing::Awaited if self.awaiting.len() < WAITING => {
                if !reply.is_closed() {
                    self.awaiting.push(Known { who, reply });
                }
                return;
            }
            Standing::Awaited => Err(Problem::inside(&"too many are waiting for the list of revocations")),
        };
        let _ = reply.send(answer);
    }

    fn keys(&mut self, source: SourceId, answer: Answer<'_>) {
        if self.identity.answered(source, answer, self.clock.now()).recheck {
            for shown in self.waiting.remove(&source).unwrap_or_default() {
                self.check(shown);
            }
        }
    }
}

fn answer(found: Option<&Found>) -> Answer<'_> {
    match found {
        Some((status, body, etag)) => Answer::Http { status: *status, body, etag: etag.as_deref() },
        None => Answer::Failed,
    }
}

/// A person decides, not a program for them.
fn approver(principal: &Principal) -> Result<Approver, Problem> {
    if !principal.actors.is_empty() {
        return Err(Problem::unauthorized("this token says that somebody acts for its owner (`act`); approvers come themselves"));
    }
    let login = Login {
        issuer: principal.issuer.clone(),
        subject: principal.subject.clone(),
        user: Some(principal.user.clone()),
        email: principal.email.clone(),
    };
    let pass = Pass { token: principal.token_id.clone(), session: principal.session.clone(), issued: principal.issued_at.millis() };
    let (groups, client, until) = (principal.groups.clone(), principal.client.clone(), principal.expires_at.millis());
    Ok(Approver { login, groups, client, until, pass })
}
