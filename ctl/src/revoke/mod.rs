//! `portcullisctl revoke`: takes access back before its tokens expire, by a signed list that the filter polls.

mod entry;
mod file;
pub mod serve;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use portcullis::policy::value;

use crate::exit::{self, Failure};
pub use entry::Entry;
pub use file::{ListFile, Renewal};

/// Take access back: a token, a session, a person, a program, or everything of an issuer.
///
/// Edits the list in FILE, signs it and replaces FILE in one step. The filter polls it (`identity.revocation` in the policy), refuses what
/// is on it, and ends streams that run. The key is made on first use, beside FILE and readable by you alone; `--public-key` prints what
/// goes into the policy. `up --revocations FILE` serves the list on this machine.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = exit::HELP, group = clap::ArgGroup::new("what").required(true))]
pub struct Args {
    /// The signed list; made when it is not there
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// The key that signs it, a private JWK [default: FILE with `.key` at its end]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// One token, by its `jti`; needs --issuer
    #[arg(long, value_name = "ID", group = "what", requires = "issuer")]
    jti: Option<String>,
    /// A session at the identity provider, by the `sid` of its tokens
    #[arg(long, value_name = "ID", group = "what")]
    session: Option<String>,
    /// A person or service, by `sub`: every token, also those to come, unless --before is given; needs --issuer
    #[arg(long, value_name = "SUB", group = "what", requires = "issuer")]
    subject: Option<String>,
    /// A program, by its client id
    #[arg(long, value_name = "ID", group = "what")]
    client: Option<String>,
    /// All tokens of --issuer that were issued before --before
    #[arg(long, group = "what", requires_all = ["issuer", "before"])]
    issuer_wide: bool,
    /// Show what is taken back
    #[arg(long, group = "what")]
    list: bool,
    /// Print the public key for `identity.revocation.keys`; makes key and list when they are not there
    #[arg(long, group = "what")]
    public_key: bool,
    /// Sign the list anew, as it is: for lists that expire (--valid)
    #[arg(long, group = "what")]
    renew: bool,
    /// The `iss` of the tokens meant; any issuer's when left out, where that is allowed
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Only tokens issued before this: `now`, or seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = before, conflicts_with_all = ["jti", "session", "client", "list", "public_key", "renew"])]
    before: Option<u64>,
    /// Why, for whoever reads the list later
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Give back what was taken
    #[arg(long, conflicts_with_all = ["list", "public_key", "renew"])]
    undo: bool,
    /// From now on the list counts for this long, and must be signed anew in time (`--renew`): then nobody can keep an old one in use
    #[arg(long, value_name = "TIME", value_parser = span)]
    valid: Option<Duration>,
}

pub fn run(args: Args) -> Result<ExitCode> {
    let mut file = ListFile::open(&args.file, args.key.as_deref())?;
    if args.public_key {
        if file.is_new() {
            file.save(renewal(&args)?)?;
        }
        println!("{}", file.public_key()?);
        return Ok(ExitCode::SUCCESS);
    }
    if args.list {
        file.lines().iter().for_each(|line| println!("{line}"));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(entry) = entry(&args) {
        match args.undo {
            true if file.remove(&entry) == 0 => {
                return Err(Failure::wrong(format!("`{}` does not list {}; see --list", args.file.display(), entry.in_words())).into());
            }
            true => eprintln!("given back: {}", entry.in_words()),
            false => {
                eprintln!("taken back: {}", entry.in_words());
                file.add(entry);
            }
        }
    }
    let sequence = file.save(renewal(&args)?)?;
    eprintln!("`{}` is number {sequence} now, with {} entries", args.file.display(), file.len());
    Ok(ExitCode::SUCCESS)
}

fn entry(args: &Args) -> Option<Entry> {
    let Args { jti, session, subject, client, issuer_wide, issuer, before, note, .. } = args.clone();
    let iss = issuer.unwrap_or_default();
    let any = args.issuer.clone();
    Some(match (jti, session, subject, client) {
        (Some(jti), ..) => Entry::Token { iss, jti, note },
        (_, Some(sid), ..) => Entry::Session { iss: any, sid, note },
        (_, _, Some(sub), _) => Entry::Subject { iss, sub, before, note },
        (.., Some(client_id)) => Entry::Client { iss: any, client_id, note },
        _ if issuer_wide => Entry::Issuer { iss, before, note },
        _ => return None,
    })
}

fn renewal(args: &Args) -> Result<Renewal> {
    Ok(Renewal { valid: args.valid, ..Renewal::now()? })
}

fn now() -> Result<Duration> {
    SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| Failure::environment("the clock is before 1970").into())
}

/// Seconds are what tokens count in: `now` is the end of this second, or a token of this very second would slip through.
fn before(text: &str) -> Result<u64, String> {
    match text {
        "now" => now().map(|now| now.as_secs().saturating_add(1)).map_err(|err| err.to_string()),
        seconds => seconds.parse().map_err(|_| "expected `now`, or seconds since 1970 such as 1800000000".to_owned()),
    }
}

fn span(text: &str) -> Result<Duration, String> {
    let parsed = value::Duration::parse(text).map_err(|expected| format!("expected {expected}"))?;
    match parsed.secs() {
        0 => Err("expected at least `1s`".to_owned()),
        _ => Ok(Duration::from_millis(parsed.millis())),
    }
}
