//! `portcullisctl audit notary`: keeps checkpoints out of reach of whoever can change the log.

pub(crate) mod file;
mod known;
#[cfg(test)]
mod tests;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::checkpoint::{LONGEST, PublicKeys};
use super::when;
use crate::exit::{Exit, Failure};
use crate::listen::Tls;
use file::{Book, OpenError};
use known::{Known, Verdict};

/// Keep signed checkpoints in a file of their own, so that a log that was cut off or removed shows.
///
/// Run it where whoever can change the log cannot reach: another machine, another account. The filter sends its checkpoints there
/// (`audit.chain.notary` in the policy). Each is checked against --public-key and against what came before, appended to FILE and answered
/// when the disk has it. `audit verify --notary FILE` holds a log against it.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8490")]
    listen: SocketAddr,
    /// The file that is appended to; made when it is not there
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Ed25519 public key of the filter, PEM; repeat for several
    #[arg(long, value_name = "FILE", required = true)]
    public_key: Vec<PathBuf>,
    /// Serve over TLS with this certificate chain, PEM; needs --tls-key
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let notary = Notary::start(args).await?;
        tell_user!(
            "notary: {} on {}, {} chains on file; POST checkpoints to /checkpoints",
            notary.file.display(),
            notary.url,
            notary.chains
        );
        tokio::select! {
            signal = tokio::signal::ctrl_c() => signal.context("signals cannot be waited for")?,
            signal = terminated() => signal?,
        }
        Ok(Exit::Fine)
    })
}

async fn terminated() -> Result<()> {
    let mut signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).context("signals cannot be waited for")?;
    signal.recv().await;
    Ok(())
}

/// A running notary; dropping it stops it.
pub(super) struct Notary {
    /// `http://127.0.0.1:8490`, or `https`.
    pub(super) url: String,
    file: PathBuf,
    chains: usize,
    task: JoinHandle<()>,
}

struct Desk {
    public: PublicKeys,
    state: Mutex<Kept>,
}

struct Kept {
    book: Book,
    known: Known,
}

impl Notary {
    pub(super) async fn start(args: Args) -> Result<Self> {
        let Args { listen, file, public_key, tls_cert, tls_key } = args;
        let public = PublicKeys::open(&public_key)?;
        let tls = tls_cert.zip(tls_key).map(|(chain, key)| tls::config(&chain, &key)).transpose()?;
        let mut known = Known::default();
        let book = Book::open(&file, |jws| {
            // What an older key signed is on file like the rest; only what can be read can be compared with.
            if let Ok((checkpoint, _)) = PublicKeys::default().read(jws) {
                known.add(checkpoint, jws);
            }
        })
        .map_err(|err| match err {
            OpenError::Broken(..) => Failure::wrong(err.to_string()),
            _ => Failure::environment(err.to_string()),
        })?;
        let listener = TcpListener::bind(listen)
            .await
            .map_err(|err| Failure::environment(format!("cannot listen on {listen}: {err}; see --listen")))?;
        let address = listener.local_addr()?;
        let chains = known.chains();
        let desk = Arc::new(Desk { public, state: Mutex::new(Kept { book, known }) });
        let router = Router::new()
            .route("/health", get(|| async { "ok\n" }))
            .fallback(post(keep))
            .layer(DefaultBodyLimit::max(LONGEST))
            .with_state(desk);
        // Serving only ends when the task is aborted: axum retries failed accepts by itself.
        let (scheme, task) = match tls {
            Some(config) => {
                let listener = Tls::new(listener, config)?;
                ("https", tokio::spawn(async move { drop(axum::serve(listener, router).await) }))
            }
            None => ("http", tokio::spawn(async move { drop(axum::serve(listener, router).await) })),
        };
        Ok(Self { url: format!("{scheme}://{address}"), file, chains, task })
    }
}

impl Drop for Notary {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Answer = (StatusCode, String);

async fn keep(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Answer {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/jose") {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "a checkpoint is application/jose\n".to_owned());
    }
    // The disk is waited for: that must not hold up other connections.
    let kept = tokio::task::spawn_blocking(move || desk.keep(&body)).await;
    kept.unwrap_or_else(|_| (StatusCode::INTERNAL_SERVER_ERROR, "the checkpoint was not kept\n".to_owned()))
}

impl Desk {
    fn keep(&self, body: &[u8]) -> Answer {
        let Ok(jws) = std::str::from_utf8(body) else { return (StatusCode::BAD_REQUEST, "this is no text\n".to_owned()) };
        let jws = jws.trim();
        let checkpoint = match self.public.read(jws) {
            Ok((checkpoint, _)) => checkpoint,
            Err(bad) => {
                tell_user!("notary: refused: {}", super::clean::line(&bad.to_string()));
                return (StatusCode::FORBIDDEN, format!("{bad}\n"));
            }
        };
        // What a panicking thread left is as consistent as before: the file first, then the memory of it.
        let mut kept = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.known.look(&checkpoint, jws) {
            Verdict::Same => (StatusCode::OK, "kept before\n".to_owned()),
            Verdict::Refused(why) => {
                // Signed with the right key and yet contradicting: somebody should look.
                tell_user!("notary: ALERT: chain {}: {why}", super::clean::line(&checkpoint.chain));
                (StatusCode::CONFLICT, format!("{why}\n"))
            }
            Verdict::New => match kept.book.append(when::now(), jws) {
                Ok(()) => {
                    kept.known.add(checkpoint, jws);
                    (StatusCode::CREATED, "kept\n".to_owned())
                }
                Err(err) => {
                    tell_user!("notary: not kept: {err}");
                    (StatusCode::INSUFFICIENT_STORAGE, "the checkpoint was not kept\n".to_owned())
                }
            },
        }
    }
}
