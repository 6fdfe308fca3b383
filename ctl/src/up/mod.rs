//! `portcullisctl up`: the gateway on this machine, until it is stopped.

mod gateway;
mod hosts;
mod options;
mod plan;
mod policy;
pub mod policy_source;
mod revocations;
mod trouble;
mod watch;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use tokio::signal::unix::{SignalKind, signal};

pub use gateway::Gateway;
pub use options::{LISTEN, Options, Tls, parse_cluster, parse_listen};
pub use policy::DevIssuer;

use crate::exit::{self, Exit, Failure};
use crate::folders;
use crate::issuer;
use watch::{Change, Watch};

/// How often the policy file is looked at; a save counts at the second look.
const LOOK: Duration = Duration::from_millis(250);

/// Every how many looks Envoy is asked for servers that cannot be called.
const ASK: u64 = 8;

/// Runs Envoy with the filter in front of a real MCP server on this machine.
///
/// Prints one line `ready URL` on stdout once calls are accepted; everything else goes to stderr. Saving the policy file puts
/// it in force within two seconds without cutting streams; a policy with mistakes is reported and the one before stays.
/// Ctrl-C stops it and leaves nothing running.
#[derive(Debug, clap::Args)]
#[command(after_help = exit::HELP)]
pub struct Args {
    /// URL of the MCP server; https is verified, chain and name. With a path, calls to the policy's resource go to that path
    #[arg(long, value_name = "URL")]
    pub upstream: String,
    /// The policy, YAML or JSON
    #[arg(long, value_name = "FILE")]
    pub policy: PathBuf,
    /// Where to listen; port 0 is any free port
    #[arg(long, value_name = "ADDR", default_value_t = LISTEN, value_parser = parse_listen)]
    pub listen: SocketAddr,
    /// TLS towards clients: a certificate of a local authority made for this machine, or none [default: self-signed]
    #[arg(long, value_enum, conflicts_with_all = ["tls_cert", "tls_key"])]
    pub tls: Option<TlsChoice>,
    /// Server certificate with its chain, PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the server certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Where records are appended, one line of JSON each [default: portcullis/audit.ndjson in the state folder]
    #[arg(long, value_name = "FILE")]
    pub audit_log: Option<PathBuf>,
    /// Opens Envoy's administration interface, which has no access control, on this address
    #[arg(long, value_name = "ADDR", value_parser = parse_admin)]
    pub admin: Option<SocketAddr>,
    /// Worker threads [default: the number of cores, at most 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub concurrency: Option<u32>,
    /// The Envoy to run, 1.40 or newer [default: PORTCULLIS_ENVOY, then the PATH, then one installed from PyPI]
    #[arg(long, value_name = "PATH")]
    pub envoy: Option<PathBuf>,
    /// The filter's module [default: PORTCULLIS_WASM, then beside this program, then built from the checkout]
    #[arg(long, value_name = "FILE")]
    pub wasm: Option<PathBuf>,
    /// A server that the policy names as `cluster`, such as idp=https://id.example.com; repeat for more
    #[arg(long = "cluster", value_name = "NAME=URL", value_parser = parse_cluster)]
    pub clusters: Vec<(String, String)>,
    /// Who may have signed the upstream's certificate, PEM, in place of the system's authorities
    #[arg(long, value_name = "FILE")]
    pub upstream_ca: Option<PathBuf>,
    /// Add an issuer for trying things out, whose tokens `portcullisctl token` prints: whoever can read its key can be anybody
    #[arg(long)]
    pub dev_issuer: bool,
    /// Serve this list, made by `portcullisctl revoke`, as the cluster that the policy's `identity.revocation` names
    #[arg(long, value_name = "FILE")]
    pub revocations: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TlsChoice {
    Off,
    SelfSigned,
}

fn parse_admin(text: &str) -> Result<SocketAddr, String> {
    parse_listen(text).and_then(|address| match address.port() {
        0 => Err("expected a port; the interface is of use only where it can be found".to_owned()),
        _ => Ok(address),
    })
}

/// The subcommand.
pub fn run(mut args: Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let _guard = runtime.enter();
    let issuer = if args.dev_issuer { Some(start_issuer(&runtime, &args)?) } else { None };
    let _list = match &args.revocations {
        Some(file) => {
            let policy = policy_source::load(&args.policy, &process_env)?;
            let (server, cluster) = runtime.block_on(revocations::serve(file, &policy))?;
            args.clusters.push(cluster);
            Some(server)
        }
        None => None,
    };
    let dev_issuer = issuer.as_ref().map(|running| DevIssuer { issuer: running.issuer.clone(), jwks_url: running.jwks_url.clone() });
    Ok(runtime.block_on(serve(args, dev_issuer))?.into())
}

fn start_issuer(runtime: &tokio::runtime::Runtime, args: &Args) -> anyhow::Result<issuer::DevIssuer> {
    let json = policy_source::load(&args.policy, &process_env)?;
    let audience = serde_json::from_str::<serde_json::Value>(&json)?
        .get("resource")
        .and_then(|resource| resource.as_str())
        .unwrap_or_default()
        .to_owned();
    let settings = issuer::Settings { port: None, audience, state: Some(issuer::default_path()?), login: issuer::Login::Page };
    let running = runtime.block_on(issuer::DevIssuer::start(settings))?;
    tell_user!("WARNING: the development issuer is on ({}). Its tokens are accepted, and anyone who can read", running.issuer);
    tell_user!("WARNING: {} can make them. Never use it where it matters.", issuer::default_path()?.display());
    Ok(running)
}

/// Runs until a signal comes or Envoy ends; with a development issuer when one was started.
pub async fn serve(args: Args, dev_issuer: Option<DevIssuer>) -> Result<Exit, Failure> {
    let mut stop = std::pin::pin!(stop_signal()?);
    let work = async {
        let path = args.policy.clone();
        // Before the first reading, so that a save in between is noticed.
        let mut watch = Watch::new(path.clone());
        let with_dev_issuer = dev_issuer.is_some();
        let mut gateway = Gateway::start(options(args, dev_issuer)?).await?;
        announce(&gateway, with_dev_issuer);
        let mut looks = 1_u64..;
        loop {
            tokio::time::sleep(LOOK).await;
            gateway.check_alive()?;
            for notice in gateway.notices() {
                match notice.from_filter {
                    true => tell("filter", &notice.message),
                    // What follows the first line is a stack of the filter, and in the log.
                    false => tell("envoy", notice.message.lines().next().unwrap_or_default()),
                }
            }
            if looks.next().is_some_and(|look| look % ASK == 0) {
                gateway.trouble().await.iter().for_each(|line| tell_user!("{line}"));
            }
            match watch.look() {
                Change::None => {}
                Change::Saved => reload(&mut gateway, &path).await,
                Change::Gone(why) => tell("policy", &format!("`{}` cannot be read ({why}); the policy in force stays", path.display())),
            }
        }
    };
    tokio::select! {
        ended = work => ended,
        () = &mut stop => Ok(Exit::Fine),
    }
}

fn options(args: Args, dev_issuer: Option<DevIssuer>) -> Result<Options, Failure> {
    let policy_json = policy_source::load(&args.policy, &process_env)?;
    let audit_log = match args.audit_log {
        Some(path) => path,
        None => {
            let folder = folders::state();
            folders::create_private(&folder)
                .map_err(|err| Failure::environment(format!("cannot make `{}`: {err}; name a file with --audit-log", folder.display())))?;
            folder.join("audit.ndjson")
        }
    };
    let tls = match (args.tls, args.tls_cert, args.tls_key) {
        (None, Some(certificate), Some(key)) => Tls::Files { certificate, key },
        (Some(TlsChoice::Off), ..) => Tls::Off,
        (Some(TlsChoice::SelfSigned) | None, ..) => Tls::SelfSigned,
    };
    Ok(Options {
        upstream: args.upstream,
        upstream_ca: args.upstream_ca,
        policy_json,
        listen: args.listen,
        tls,
        clusters: args.clusters,
        env: Vec::new(),
        audit_log,
        admin: args.admin,
        concurrency: args.concurrency,
        envoy: args.envoy,
        wasm: args.wasm,
        dev_issuer,
    })
}

async fn reload(gateway: &mut Gateway, path: &Path) {
    let done = match policy_source::load(path, &process_env) {
        Ok(json) => gateway.replace_policy(&json).await,
        Err(why) => Err(why),
    };
    match done {
        Ok(()) => tell_user!("policy reloaded"),
        Err(why) => {
            tell("policy", &why.to_string());
            tell_user!("policy not taken up; the one before stays in force");
        }
    }
}

/// What every server answers without a session.
const FIRST_CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"curl","version":"1"}}}"#;

fn announce(gateway: &Gateway, dev_issuer: bool) {
    tell_user!("records: {}", gateway.audit_log.display());
    tell_user!("Envoy's log: {}", gateway.envoy_log.display());
    if let Some(ca) = &gateway.ca_path {
        tell_user!("clients must trust: {}", ca.display());
        tell_user!("with curl: curl --cacert {} {}", quoted(ca), gateway.url);
    }
    if dev_issuer {
        let trust = gateway.ca_path.as_ref().map(|ca| format!("--cacert {} ", quoted(ca))).unwrap_or_default();
        tell_user!("a first call: curl {trust}-H \"authorization: Bearer $(portcullisctl token --user me)\" \\");
        tell_user!("  -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' \\");
        tell_user!("  -d '{FIRST_CALL}' {}", gateway.url);
    }
    // A closed stdout is no reason to stop.
    let _ = writeln!(io::stdout(), "ready {}", gateway.url).and_then(|()| io::stdout().flush());
}

/// For a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
    if plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn tell(who: &str, message: &str) {
    for line in message.lines() {
        tell_user!("{who}: {line}");
    }
}

fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Completes on Ctrl-C, SIGTERM, or when the terminal goes away.
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let on = |kind| signal(kind).map_err(|err| Failure::environment(format!("cannot wait for signals: {err}")));
    let (mut interrupt, mut terminate, mut hangup) =
        (on(SignalKind::interrupt())?, on(SignalKind::terminate())?, on(SignalKind::hangup())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}
