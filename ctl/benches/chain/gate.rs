//! One Envoy with one variant in it. All of them are the gateway that `up` starts, but for the filters.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use portcullisctl::envoy::admin::AdminClient;
use portcullisctl::envoy::config::{self, Admin, Authorities, Cluster, Filter, Plan, Route};
use portcullisctl::envoy::endpoint::Endpoint;
use portcullisctl::envoy::log;
use portcullisctl::envoy::process::{EnvoyProcess, Start};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::process;
use crate::variants::{self, Tokens, Variant};

const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(5);

/// Lines of Envoy's log shown when something fails.
const LAST_WORDS: usize = 12;

/// What all variants have in common.
pub struct Ground<'a> {
    pub envoy: &'a Path,
    pub module: &'a Path,
    /// Another module, to compare with.
    pub against: Option<&'a Path>,
    pub empty: &'a Path,
    pub tokens: &'a Tokens,
    pub upstream: SocketAddr,
}

/// Dropping it stops Envoy.
pub struct Gate {
    pub variant: Variant,
    pub address: SocketAddr,
    /// From the start of the process to workers that serve, with the filter in force.
    pub ready_after: Duration,
    pub record: PathBuf,
    envoy: EnvoyProcess,
    folder: TempDir,
}

impl Gate {
    pub async fn start(variant: Variant, ground: &Ground<'_>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("portcullis-bench-").tempdir()?;
        let here = folder.path();
        let record = here.join("record.ndjson");
        let admin = Admin::Socket(here.join("admin.sock"));
        fs::create_dir(here.join("filter"))?;
        let filter_file = here.join("filter/filter.json");
        let mut bootstrap = config::bootstrap(&Plan {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            certificate: None,
            route: Route { authority: "mcp.example.com".to_owned(), rewrite: None },
            clusters: vec![Cluster {
                name: config::UPSTREAM.to_owned(),
                endpoint: Endpoint::parse(&format!("http://{}", ground.upstream)).map_err(anyhow::Error::msg)?,
                authorities: Authorities::System,
            }],
            admin: admin.clone(),
            filter_file: filter_file.clone(),
            audit_log: record.clone(),
            interim_millis: None,
        });
        if variant.is_portcullis() {
            let policy = variants::policy(variant, ground.tokens).to_string();
            let module = if variant.is_against() { ground.against.context("no other module")? } else { ground.module };
            let filter = config::discovery(Filter { module, policy: &policy, variables: &[] }, "1");
            fs::write(&filter_file, filter.to_string())?;
        } else {
            change(&mut bootstrap, variant, ground, &record)?;
        }
        let file = here.join("bootstrap.json");
        fs::write(&file, bootstrap.to_string())?;
        let started = Instant::now();
        let envoy = EnvoyProcess::start(&Start {
            envoy: ground.envoy,
            bootstrap: &file,
            log: &here.join("envoy.log"),
            run_folder: here,
            concurrency: 1,
            env: &[],
        })
        .context("Envoy cannot be started")?;
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut gate = Self { variant, address, ready_after: Duration::ZERO, record, envoy, folder };
        let admin = AdminClient::new(&admin)?;
        match gate.become_ready(&admin, started).await {
            Ok(()) => Ok(gate),
            Err(err) => {
                gate.complain();
                Err(err)
            }
        }
    }

    async fn become_ready(&mut self, admin: &AdminClient, started: Instant) -> Result<()> {
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.envoy.ended() {
                bail!("{}: Envoy ended ({status})", self.variant.name());
            }
            if let Some(state) = admin.filter().await
                && state.refused > 0
            {
                bail!("{}: Envoy refused the filter", self.variant.name());
            }
            let in_force = !self.variant.is_portcullis() || admin.filter().await.is_some_and(|state| state.version.is_some());
            if in_force
                && admin.live().await
                && let Some(port) = admin.port().await
            {
                self.address.set_port(port);
                self.ready_after = started.elapsed();
                return Ok(());
            }
            sleep(POLL).await;
        }
        bail!("{}: Envoy is not ready after {} s", self.variant.name(), PATIENCE.as_secs())
    }

    pub fn pid(&self) -> u32 {
        self.envoy.id()
    }

    pub fn cpu(&self) -> Result<process::Cpu> {
        process::cpu(self.pid())
    }

    /// Shows the end of Envoy's log, for whoever has to find out why.
    pub fn complain(&self) {
        eprintln!(
            "the last lines of Envoy's log ({}):\n{}",
            self.variant.name(),
            log::tail(&self.folder.path().join("envoy.log"), LAST_WORDS)
        );
    }
}

/// Another filter chain in the place of Portcullis.
fn change(bootstrap: &mut Value, variant: Variant, ground: &Ground<'_>, record: &Path) -> Result<()> {
    let manager = bootstrap
        .pointer_mut("/static_resources/listeners/0/filter_chains/0/filters/0/typed_config")
        .and_then(Value::as_object_mut)
        .context("a bootstrap without a connection manager")?;
    let log = if variant == Variant::NativeWithRecord { variants::native_record(record) } else { json!([]) };
    manager.insert("access_log".to_owned(), log);
    let filters = manager.get_mut("http_filters").and_then(Value::as_array_mut).context("a bootstrap without filters")?;
    let router = filters.pop().context("a bootstrap without a router")?;
    *filters = match variant {
        Variant::EmptyWasm => vec![variants::empty_wasm(ground.empty)],
        _ if variant.is_native() => variants::native(ground.tokens),
        _ => Vec::new(),
    };
    filters.push(router);
    Ok(())
}
