//! A running gateway: Envoy with the filter, in front of one MCP server.

use std::fs::{self, OpenOptions};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::options::{Options, Tls};
use super::plan::Plan;
use super::policy::Runnable;
use super::trouble::Trouble;
use crate::envoy::admin::AdminClient;
use crate::envoy::config::{self, Admin, Certificate, Filter, access_log};
use crate::envoy::locate;
use crate::envoy::log::{self, LogReader, Notice};
use crate::envoy::process::{EnvoyProcess, Start};
use crate::exit::Failure;
use crate::progress;
use crate::tls::{LocalAuthority, local_names};
use crate::wasm;

/// A start takes about a second; compiling the module on a busy machine takes longer.
const START: Duration = Duration::from_secs(60);

/// A change of policy takes milliseconds, or a second when the VM is made anew.
const CHANGE: Duration = Duration::from_secs(20);

const POLL: Duration = Duration::from_millis(20);

/// Envoy tells its workers after it has told us: they take up the new policy within their next event.
const SETTLE: Duration = Duration::from_millis(50);

/// Lines of Envoy's log shown when it ends without an error.
const LAST_WORDS: usize = 8;

/// Dropping it stops Envoy and removes the run folder.
#[derive(Debug)]
pub struct Gateway {
    /// What clients connect to, with the path of the policy's resource.
    pub url: String,
    pub address: SocketAddr,
    /// Who signed the server certificate, when it is self-signed.
    pub ca_path: Option<PathBuf>,
    pub audit_log: PathBuf,
    pub envoy_log: PathBuf,
    // Dropped in this order: first the process, then its files.
    process: EnvoyProcess,
    log: LogReader,
    admin: AdminClient,
    filter: FilterFile,
    plan: Plan,
    trouble: Trouble,
    _run_folder: TempDir,
}

/// The file that Envoy watches.
#[derive(Debug)]
struct FilterFile {
    path: PathBuf,
    module: PathBuf,
    written: u64,
}

impl Gateway {
    /// Starts Envoy and waits until calls are accepted and the policy is in force.
    pub async fn start(options: Options) -> Result<Self, Failure> {
        let known = |cluster: &str| options.clusters.iter().any(|(name, _)| name == cluster);
        let policy =
            Runnable::new(&options.policy_json, options.dev_issuer.as_ref(), &known).map_err(Failure::wrong)?.listening_on(options.listen);
        let plan = Plan::new(&options, &policy)?;
        plan.check(&policy)?;
        for issuer in &policy.left_out {
            tell_user!("the development issuer stands in for `{issuer}`, for whose keys no --cluster is given");
        }
        check_port(options.listen)?;
        let envoy = locate::locate(options.envoy.as_deref()).await?;
        let module = wasm::locate(options.wasm.as_deref()).await?;
        let audit_log = create_audit_log(&options.audit_log)?;
        create_audit_log(&access_log::findings_beside(&audit_log))?;
        let run_folder = tempfile::Builder::new().prefix("portcullis-").tempdir().map_err(cannot("make a run folder"))?;
        let folder = run_folder.path();
        let mut filter = FilterFile::new(folder, module).map_err(cannot("make a run folder"))?;
        let version = filter.write(&policy).map_err(cannot("write the filter's configuration"))?;
        let (certificate, ca_path) = certificate(&options, &policy, folder)?;
        let admin = options.admin.map_or_else(|| Admin::Socket(folder.join("admin.sock")), Admin::Tcp);
        let bootstrap = config::bootstrap(&config::Plan {
            listen: options.listen,
            certificate,
            route: plan.route.clone(),
            clusters: plan.clusters(folder).map_err(cannot("collect the trusted authorities"))?,
            admin: admin.clone(),
            filter_file: filter.path.clone(),
            audit_log: audit_log.clone(),
            interim_millis: policy.interim.map(portcullis::policy::value::Duration::millis),
        });
        let bootstrap_file = folder.join("bootstrap.json");
        fs::write(&bootstrap_file, format!("{bootstrap:#}")).map_err(cannot("write Envoy's configuration"))?;
        let envoy_log = folder.join("envoy.log");
        let process = EnvoyProcess::start(&Start {
            envoy: &envoy,
            bootstrap: &bootstrap_file,
            log: &envoy_log,
            run_folder: folder,
            concurrency: options.concurrency.unwrap_or_else(default_concurrency),
            env: &options.env,
        })
        .map_err(cannot("start Envoy"))?;
        let admin = AdminClient::new(&admin).map_err(|err| Failure::environment(format!("cannot ask Envoy for its state: {err}")))?;
        let mut gateway = Self {
            url: String::new(),
            address: options.listen,
            ca_path,
            audit_log,
            log: LogReader::new(envoy_log.clone()),
            envoy_log,
            process,
            admin,
            filter,
            plan,
            trouble: Trouble::default(),
            _run_folder: run_folder,
        };
        progress::telling("starting Envoy", gateway.become_ready(&version)).await?;
        let scheme = if options.tls == Tls::Off { "http" } else { "https" };
        gateway.url = format!("{scheme}://{}{}", gateway.address, policy.path);
        Ok(gateway)
    }

    /// Puts another policy in force, without touching streams that run. When it is refused, the one before stays.
    pub async fn replace_policy(&mut self, json: &str) -> Result<(), Failure> {
        let policy = self.plan.read(json)?;
        self.plan.check(&policy)?;
        let refused = self.refused().await;
        // What was said before does not concern this policy.
        self.log.notices();
        let version = self.filter.write(&policy).map_err(cannot("write the filter's configuration"))?;
        self.in_force(&version, refused, CHANGE).await
    }

    /// Envoy's process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Warnings of the filter and errors of Envoy since the last call.
    pub fn notices(&mut self) -> Vec<Notice> {
        self.log.notices()
    }

    /// Servers behind the gateway that could not be called since the last call.
    pub async fn trouble(&mut self) -> Vec<String> {
        let faults = self.admin.faults().await;
        faults.map(|faults| self.trouble.news(faults, |cluster| self.plan.endpoint(cluster))).unwrap_or_default()
    }

    /// An error with Envoy's last words when it has ended by itself.
    pub fn check_alive(&mut self) -> Result<(), Failure> {
        match self.process.ended() {
            None => Ok(()),
            Some(status) => {
                let errors: Vec<String> = self.log.notices().into_iter().map(|notice| notice.message).collect();
                let said = if errors.is_empty() { log::tail(&self.envoy_log, LAST_WORDS) } else { errors.join("\n") };
                Err(Failure::environment(format!("Envoy ended ({status}). Its last words:\n{said}")))
            }
        }
    }

    async fn become_ready(&mut self, version: &str) -> Result<(), Failure> {
        self.in_force(version, 0, START).await?;
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            self.check_alive()?;
            if self.admin.live().await
                && let Some(port) = self.admin.port().await
            {
                self.address = SocketAddr::new(reachable(self.address.ip()), port);
                if TcpStream::connect(self.address).await.is_ok() {
                    return Ok(());
                }
            }
            sleep(POLL).await;
        }
        Err(Failure::environment(format!("Envoy does not listen after {} s; see {}", START.as_secs(), self.envoy_log.display())))
    }

    /// Waits until Envoy has taken up or refused this version of the filter.
    async fn in_force(&mut self, version: &str, refused_before: u64, patience: Duration) -> Result<(), Failure> {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            self.check_alive()?;
            if let Some(state) = self.admin.filter().await {
                if state.version.as_deref() == Some(version) {
                    sleep(SETTLE).await;
                    return Ok(());
                }
                if state.refused > refused_before {
                    return Err(self.why_refused());
                }
            }
            sleep(POLL).await;
        }
        Err(Failure::environment(format!("Envoy has not taken up the policy after {} s", patience.as_secs())))
    }

    async fn refused(&self) -> u64 {
        self.admin.filter().await.unwrap_or_default().refused
    }

    fn why_refused(&mut self) -> Failure {
        let notices = self.log.notices();
        let said = |by_filter: bool| {
            let said = notices.iter().filter(|notice| notice.from_filter == by_filter).map(|notice| notice.message.as_str());
            said.collect::<Vec<_>>().join("\n")
        };
        match said(true) {
            silent if silent.is_empty() => Failure::environment(format!("Envoy cannot run the filter's module: {}", said(false))),
            mistakes => Failure::wrong(format!("the filter refused the policy: {mistakes}")),
        }
    }
}

impl FilterFile {
    /// In a folder of its own: Envoy looks again whenever anything in the folder is renamed.
    fn new(run_folder: &Path, module: PathBuf) -> io::Result<Self> {
        let folder = run_folder.join("filter");
        fs::create_dir(&folder)?;
        Ok(Self { path: folder.join("filter.json"), module, written: 0 })
    }

    /// Replaces the file in one step; returns the version that Envoy will show.
    fn write(&mut self, policy: &Runnable) -> io::Result<String> {
        self.written = self.written.saturating_add(1);
        let version = self.written.to_string();
        let filter = Filter { module: &self.module, policy: &policy.json, variables: &policy.variables };
        let whole = self.path.with_extension("new");
        fs::write(&whole, config::discovery(filter, &version).to_string())?;
        fs::rename(&whole, &self.path)?;
        Ok(version)
    }
}

/// Envoy would say the same, but later and less plainly.
fn check_port(listen: SocketAddr) -> Result<(), Failure> {
    // With a free port asked for there is nothing to be taken.
    if listen.port() == 0 {
        return Ok(());
    }
    match std::net::TcpListener::bind(listen) {
        Ok(_) => Ok(()),
        Err(err) => {
            Err(Failure::environment(format!("cannot listen on {listen}: {err}. Choose another address with --listen, or `--listen :0`")))
        }
    }
}

/// The certificate to show, and who signed it when that was us.
fn certificate(options: &Options, policy: &Runnable, folder: &Path) -> Result<(Option<Certificate>, Option<PathBuf>), Failure> {
    match &options.tls {
        Tls::Off => Ok((None, None)),
        Tls::Files { certificate, key } => {
            let chain = readable(certificate)?;
            Ok((Some(Certificate { chain, key: readable(key)? }), None))
        }
        Tls::SelfSigned => {
            let make = || {
                let authority = LocalAuthority::of_this_machine()?;
                let leaf = authority.leaf(&local_names(options.listen.ip(), policy.host.as_deref()), folder)?;
                Ok::<_, crate::tls::TlsError>((leaf, authority.certificate().to_owned()))
            };
            let (leaf, authority) = make().map_err(|err| Failure::environment(err.to_string()))?;
            Ok((Some(Certificate { chain: leaf.chain, key: leaf.key }), Some(authority)))
        }
    }
}

pub(super) fn readable(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(path).and_then(|path| fs::File::open(&path).map(|_| path));
    absolute.map_err(|err| Failure::environment(format!("cannot read `{}`: {err}", path.display())))
}

/// Records are for their owner's eyes; Envoy would make the file readable for all.
fn create_audit_log(path: &Path) -> Result<PathBuf, Failure> {
    let made =
        std::path::absolute(path).and_then(|path| OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map(|_| path));
    made.map_err(|err| Failure::environment(format!("cannot write the audit log `{}`: {err}", path.display())))
}

/// An address that a client on this machine can use.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

/// Enough for one machine's clients; each worker has a VM of its own.
fn default_concurrency() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1)).min(4)
}

fn cannot(what: &'static str) -> impl Fn(io::Error) -> Failure {
    move |err| Failure::environment(format!("cannot {what}: {err}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_can_be_started_on_any_thread() {
        fn can_move<T: Send>(_: T) {}
        can_move(Gateway::start(Options::new("http://127.0.0.1:1", "{}", "audit.ndjson")));
        fn can_be_shared<T: Send + Sync>() {}
        can_be_shared::<Gateway>();
    }
}
