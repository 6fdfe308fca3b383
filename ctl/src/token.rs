//! `portcullisctl token`: a token of the dev issuer that `up --dev-issuer` runs.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Result, anyhow};
use portcullis::policy::value;

use crate::exit;
use crate::issuer::{State, TokenRequest, default_path};

/// Print a token of the dev issuer, for trying things out.
///
/// Works beside `portcullisctl up --dev-issuer` (or `demo --keep`), which keeps the issuer's key in a file only you can read.
/// Only the token goes to standard output, so that `TOKEN=$(portcullisctl token --user ada --group engineering)` works.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Who the caller is: the `sub` claim
    #[arg(long, value_name = "NAME")]
    user: String,
    /// A group the caller is in; repeat it for more
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// The `email` claim; NAME@example.com when left out
    #[arg(long)]
    email: Option<String>,
    /// The `client_id` claim: the agent that acts for the user
    #[arg(long, value_name = "ID", default_value = "portcullisctl")]
    client: String,
    /// The endpoint the token is for; the one the issuer was started for when left out
    #[arg(long, value_name = "URL")]
    audience: Option<String>,
    /// How long it is valid: `500ms`, `30s`, `5m`, `12h`, `7d`
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = lifetime)]
    lifetime: Duration,
    /// The dev issuer's state file, when it is not in the usual place
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

pub fn run(args: Args) -> Result<ExitCode> {
    exit::print(&token(args)?)?;
    Ok(ExitCode::SUCCESS)
}

fn token(args: Args) -> Result<String> {
    let path = match args.state {
        Some(path) => path,
        None => default_path()?,
    };
    let state = State::load(&path)?.ok_or_else(|| {
        anyhow!("there is no dev issuer yet (`{}` does not exist); start one with `portcullisctl up --dev-issuer ...`", path.display())
    })?;
    let email = args.email.unwrap_or_else(|| format!("{}@example.com", args.user));
    state.mint()?.token(&TokenRequest {
        user: args.user,
        email: Some(email),
        groups: args.groups,
        client: Some(args.client),
        audience: args.audience,
        lifetime: args.lifetime,
        ..TokenRequest::default()
    })
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let parsed = value::Duration::parse(text).map_err(|expected| format!("expected {expected}"))?;
    Ok(Duration::from_millis(parsed.millis()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::issuer::{DevIssuer, Settings};

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn parse(line: &[&str]) -> Result<Args, clap::Error> {
        Cli::try_parse_from(std::iter::once("token").chain(line.iter().copied())).map(|cli| cli.args)
    }

    #[test]
    fn without_an_issuer_it_says_how_to_start_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none.json");
        let args = parse(&["--user", "ada", "--state", path.to_str().unwrap()]).unwrap();
        assert!(token(args).unwrap_err().to_string().contains("up --dev-issuer"));
    }

    #[tokio::test]
    async fn prints_a_token_of_the_running_issuer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev-issuer.json");
        let settings = Settings { audience: "https://mcp.example.com/mcp".to_owned(), state: Some(path.clone()), ..Settings::default() };
        let _issuer = DevIssuer::start(settings).await.unwrap();
        let args =
            parse(&["--user", "ada", "--group", "a", "--group", "b", "--lifetime", "5m", "--state", path.to_str().unwrap()]).unwrap();
        assert_eq!(args.groups, ["a", "b"]);
        assert_eq!(token(args).unwrap().split('.').count(), 3);
    }

    #[test]
    fn a_lifetime_needs_its_unit() {
        assert!(parse(&["--user", "ada", "--lifetime", "60"]).is_err_and(|err| err.to_string().contains("30s")));
    }
}
