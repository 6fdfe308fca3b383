//! The commands.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use portcullis::policy::approval_service::{self as config, Config};
use sha2::{Digest, Sha256};
use tokio::signal::unix::{SignalKind, signal};

use super::journal::{follows, hex};
use super::store::Store;
use super::terminal::{self, Remote};
use super::{Clock, Server, signing};
use crate::exit::{self, Exit, Failure};
use crate::policy::told;
use crate::random;

/// Calls that a policy asks a person about: the service that keeps them, and deciding on them.
///
/// Deciding needs `--url` (or PORTCULLIS_APPROVALS_URL) and a token of your identity provider for the service, in PORTCULLIS_APPROVALS_TOKEN or
/// in a file (`--token-file`).
#[derive(Debug, clap::Args)]
#[command(after_help = exit::HELP, arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Run the service
    Serve(WithConfig),
    /// Check a configuration; every mistake at once
    Check(WithConfig),
    /// Print the JSON schema of the configuration
    Schema,
    /// Make a secret for a filter, and its SHA-256 for the configuration
    Secret,
    /// Make a signing key, if FILE is not there, and print its public half for `approvals.keys` of policies
    Key {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Check the chain of the journal, from its first line to its last
    Verify(Verify),
    /// What waits for you
    List(terminal::List),
    /// One request: who asks for what, why, and what they asked before
    Show(terminal::One),
    /// Let a call go
    Approve(terminal::Approve),
    /// Refuse a call
    Refuse(terminal::Refuse),
    /// Say whether breaking the glass was justified
    Review(terminal::Review),
    /// What happens, as it happens
    Watch(terminal::Watch),
}

#[derive(Debug, clap::Args)]
struct WithConfig {
    /// The service's configuration, YAML or JSON
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Verify {
    #[command(flatten)]
    config: WithConfig,
    /// A line that was kept elsewhere, `SEQ:HASH` as this command printed it: it must still be there
    #[arg(long, value_name = "SEQ:HASH")]
    kept: Vec<String>,
}

pub fn run(args: Args) -> Result<ExitCode> {
    match args.command {
        Command::Serve(args) => wait_for(serve(&load(&args.config)?)),
        Command::Check(args) => {
            load(&args.config)?;
            exit::print(&format!("{}: fine", args.config.display()))?;
            Ok(Exit::Fine.into())
        }
        Command::Schema => {
            exit::print(&serde_json::to_string_pretty(&config::schema())?)?;
            Ok(Exit::Fine.into())
        }
        Command::Secret => {
            let secret = random::name()?;
            exit::print(&format!("secret:        {secret}\nsecret_sha256: {}", hex(&Sha256::digest(&secret))))?;
            Ok(Exit::Fine.into())
        }
        Command::Key { file } => {
            if !file.exists() {
                signing::make_key(&file)?;
            }
            exit::print(&signing::public_half(&file)?.to_string())?;
            Ok(Exit::Fine.into())
        }
        Command::Verify(args) => wait_for(verify(args)),
        Command::List(args) => wait_for(terminal::list(args)),
        Command::Show(args) => wait_for(terminal::show(args)),
        Command::Approve(args) => wait_for(terminal::approve(args)),
        Command::Refuse(args) => wait_for(terminal::refuse(args)),
        Command::Review(args) => wait_for(terminal::review(args)),
        Command::Watch(args) => wait_for(terminal::watch(args)),
    }
}

fn wait_for(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    crate::demo::tls::install_provider();
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no threads can be started")?.block_on(work)
}

/// Reads a configuration; what it asks of the environment must be there.
pub fn load(path: &Path) -> Result<Config> {
    let text = std::fs::read_to_string(path).map_err(|err| Failure::environment(format!("cannot read `{}`: {err}", path.display())))?;
    config::from_yaml(&text, &|name| std::env::var(name).ok()).map_err(|report| Failure::wrong(told(path, &report)).into())
}

async fn serve(config: &Config) -> Result<ExitCode> {
    let server = Server::start(config, Clock::default()).await?;
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    tell_user!("ready {scheme}://{}", server.address);
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be waited for")?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted.context("signals cannot be waited for")?,
    }
    // Nothing has to be brought home: what was answered is in the store.
    Ok(Exit::Fine.into())
}

async fn verify(args: Verify) -> Result<ExitCode> {
    let config = load(&args.config.config)?;
    let kept = args.kept.iter().map(|kept| {
        let (seq, hash) = kept.split_once(':').and_then(|(seq, hash)| Some((seq.parse::<i64>().ok()?, hash.to_owned())))?;
        Some((seq, hash))
    });
    let kept = kept.collect::<Option<Vec<_>>>().ok_or_else(|| Failure::usage("expected `--kept SEQ:HASH`, as this command printed it"))?;
    let store = Store::open_existing(&config.store).await?;
    let mut tx = store.begin().await?;
    let mut last = (0, String::new());
    let mut found = 0;
    loop {
        let entries = tx.journal_after(last.0, 1_000).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            follows(&entry, last.0, &last.1).map_err(|broken| Failure::wrong(broken.to_string()))?;
            found += kept.iter().filter(|(seq, hash)| *seq == entry.seq && *hash == entry.hash).count();
            last = (entry.seq, entry.hash);
        }
    }
    if tx.journal_head().await? != last {
        return Err(Failure::wrong("the journal ends before the line that was written last: lines were taken off its end").into());
    }
    if found < kept.len() {
        return Err(Failure::wrong("a line that was kept is not in the journal, or is another one there").into());
    }
    exit::print(&format!("{} lines, unbroken; the last is {}:{}", last.0, last.0, last.1))?;
    Ok(Exit::Fine.into())
}

impl Remote {
    /// From the flags, else from the environment.
    pub fn resolve(&self) -> Result<(String, String)> {
        let url = self.url.clone().or_else(|| std::env::var("PORTCULLIS_APPROVALS_URL").ok());
        let url = url.ok_or_else(|| Failure::usage("where is the service? Say --url, or set PORTCULLIS_APPROVALS_URL"))?;
        let token = match &self.token_file {
            Some(file) => {
                std::fs::read_to_string(file).map_err(|err| Failure::environment(format!("cannot read `{}`: {err}", file.display())))?
            }
            None => std::env::var("PORTCULLIS_APPROVALS_TOKEN").map_err(|_| {
                Failure::usage("a token is needed: set PORTCULLIS_APPROVALS_TOKEN, or name a file that holds one (--token-file)")
            })?,
        };
        Ok((url.trim_end_matches('/').to_owned(), token.trim().to_owned()))
    }
}
