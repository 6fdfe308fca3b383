//! Who is asking: a filter by its secret, an approver by a token of their identity provider or by the session of the page.
//!
//! Tokens are verified by the filter's own code (`portcullis::identity`), which lives on a thread of its own because it shares nothing between
//! threads. Its key sets are fetched from here.

use std::collections::HashMap;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::{Result, bail};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use portcullis::identity::{Answer, Fetch, Identity, Outcome, Presented, Principal, SourceId};
use portcullis::policy::Identity as Trusted;
use portcullis::policy::approval_service::Filter;
use portcullis::policy::value::Resource;
use portcullis::time::Time;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::Clock;
use super::answer::Problem;
use super::model::Login;
use super::rules::Approver;
use super::service::Service;

/// How often key sets are looked after when nobody comes.
const TICK: Duration = Duration::from_secs(1);

/// How long a caller waits for the keys of their issuer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Callers that wait for keys at the same time.
const WAITING: usize = 1_000;

/// Key sets of identity providers are some KiB.
const KEYS_BYTES: usize = 1024 * 1024;

/// The filter that sent a request.
pub struct Caller(pub Filter);

impl FromRequestParts<Arc<Service>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        let unknown = || Problem::unauthorized("expected `Authorization: Bearer` with a filter's secret");
        let secret = bearer(&parts.headers).map(|secret| -> [u8; 32] { Sha256::digest(secret).into() });
        // All are compared, whichever it is.
        let mut found = None;
        for filter in &service.filters {
            for known in &filter.secrets {
                if secret.is_some_and(|secret| bool::from(secret.ct_eq(known))) {
                    found = Some(filter);
                }
            }
        }
        let Some(filter) = found else {
            service.strangers.check("", service.now()).map_err(Problem::too_often)?;
            return Err(unknown());
        };
        service.by_filter(&filter.id)?;
        Ok(Self(filter.clone()))
    }
}

impl FromRequestParts<Arc<Service>> for Approver {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        let found = match &service.page {
            Some(page) if !parts.headers.contains_key(header::AUTHORIZATION) => page.of_program(parts, service).await,
            _ => service.tokens.approver(parts, service.now()).await.and_then(|approver| {
                let admitted = service.rules.admits_client(approver.client.as_deref());
                let refused = || Problem::unauthorized("tokens of this program are not taken here (`approvers.clients`)");
                if admitted { Ok(Some(approver)) } else { Err(refused()) }
            }),
        };
        let approver = match found {
            Ok(Some(approver)) => approver,
            refused => {
                service.strangers.check("", service.now()).map_err(Problem::too_often)?;
                return Err(refused.err().unwrap_or_else(|| Problem::unauthorized("log in, or send a token")));
            }
        };
        service.approvers.check(&approver.login.id(), service.now()).map_err(Problem::too_often)?;
        Ok(approver)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, secret) = value.as_bytes().split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(secret)
}

/// The thread that verifies tokens. Ends when this is dropped.
pub struct Tokens(mpsc::Sender<Message>);

enum Message {
    Check(Box<Shown>),
    Fetched { source: SourceId, status: u16, body: Vec<u8>, etag: Option<String> },
    Failed(SourceId),
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

impl Tokens {
    pub fn start(identity: &Trusted, audience: &Resource, clock: Clock) -> Result<Self> {
        // Its mistakes are found here, where they can be told.
        if let Err(mistakes) = Identity::compile(identity, audience) {
            let lines: Vec<String> = mistakes.iter().map(|mistake| format!("approvers.{}: {}", mistake.path, mistake.message)).collect();
            bail!("{}", lines.join("\n"));
        }
        let (sender, receiver) = mpsc::channel();
        let (identity, audience, back, runtime) = (identity.clone(), audience.clone(), sender.clone(), Handle::current());
        let fetcher = Fetcher { runtime, client: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?, back };
        std::thread::Builder::new().name("tokens".to_owned()).spawn(move || {
            if let Ok(identity) = Identity::compile(&identity, &audience) {
                Verifier { identity, fetcher, waiting: HashMap::new(), clock }.run(&receiver);
            }
        })?;
        Ok(Self(sender))
    }

    async fn approver(&self, parts: &Parts, now: Time) -> Result<Approver, Problem> {
        let all = |name: &str| parts.headers.get_all(name).iter().map(|value| value.as_bytes().to_vec()).collect();
        let method = parts.method.as_str().to_owned();
        let path = parts.uri.path().to_owned();
        self.ask(all("authorization"), all("dpop"), method, path, now).await
    }

    /// Whose ID token this is: one that an issuer's token endpoint gave.
    pub async fn owner(&self, id_token: &str, now: Time) -> Result<Approver, Problem> {
        let authorization = format!("Bearer {id_token}").into_bytes();
        self.ask(vec![authorization], Vec::new(), "GET".to_owned(), "/".to_owned(), now).await
    }

    async fn ask(
        &self,
        authorization: Vec<Vec<u8>>,
        proofs: Vec<Vec<u8>>,
        method: String,
        path: String,
        now: Time,
    ) -> Result<Approver, Problem> {
        let (reply, answer) = oneshot::channel();
        let shown = Shown { authorization, proofs, method, path, now, reply };
        let gone = |_| Problem::inside(&"tokens cannot be verified any more");
        self.0.send(Message::Check(Box::new(shown))).map_err(|_| Problem::inside(&"tokens cannot be verified any more"))?;
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(answer) => answer.map_err(gone)?,
            Err(_) => Err(Problem::inside(&"the keys of the approvers' issuer do not come")),
        }
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        // The thread holds a sender of its own, for what it fetches, so it would not see that this one is gone.
        let _ = self.0.send(Message::End);
    }
}

struct Verifier {
    identity: Identity,
    fetcher: Fetcher,
    waiting: HashMap<SourceId, Vec<Shown>>,
    clock: Clock,
}

impl Verifier {
    fn run(&mut self, messages: &mpsc::Receiver<Message>) {
        loop {
            for fetch in self.identity.due(self.clock.now()) {
                self.fetcher.fetch(fetch);
            }
            match messages.recv_timeout(TICK) {
                Ok(Message::Check(shown)) => self.check(*shown),
                Ok(Message::Fetched { source, status, body, etag }) => {
                    self.answered(source, Answer::Http { status, body: &body, etag: etag.as_deref() });
                }
                Ok(Message::Failed(source)) => self.answered(source, Answer::Failed),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    // Those who have gone.
                    self.waiting.values_mut().for_each(|waiting| waiting.retain(|shown| !shown.reply.is_closed()));
                }
                Ok(Message::End) | Err(mpsc::RecvTimeoutError::Disconnected) => return,
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
            Outcome::Verified(principal) => approver(&principal),
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

    fn answered(&mut self, source: SourceId, answer: Answer<'_>) {
        if self.identity.answered(source, answer, self.clock.now()).recheck {
            for shown in self.waiting.remove(&source).unwrap_or_default() {
                self.check(shown);
            }
        }
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
    Ok(Approver { login, groups: principal.groups.clone(), client: principal.client.clone(), until: principal.expires_at.millis() })
}

struct Fetcher {
    runtime: Handle,
    client: reqwest::Client,
    back: mpsc::Sender<Message>,
}

impl Fetcher {
    fn fetch(&self, fetch: Fetch) {
        let (client, back) = (self.client.clone(), self.back.clone());
        self.runtime.spawn(async move {
            let source = fetch.source;
            let message = match get(&client, fetch).await {
                Some((status, body, etag)) => Message::Fetched { source, status, body, etag },
                None => Message::Failed(source),
            };
            let _ = back.send(message);
        });
    }
}

async fn get(client: &reqwest::Client, fetch: Fetch) -> Option<(u16, Vec<u8>, Option<String>)> {
    let mut request = client.get(format!("{}{}", fetch.cluster, fetch.path)).timeout(Duration::from_millis(fetch.timeout_ms));
    if let Some(etag) = fetch.etag {
        request = request.header(header::IF_NONE_MATCH, etag);
    }
    let mut response = request.send().await.ok()?;
    let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > KEYS_BYTES {
            return None;
        }
    }
    Some((status, body, etag))
}
