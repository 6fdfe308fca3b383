//! Where the demo meets the gateway: the only file here that knows how Envoy is started.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::up;

/// What the story needs in front of its server.
#[derive(Clone, Debug)]
pub struct Options {
    /// `127.0.0.1:PORT`, TLS with a certificate of its own making.
    pub listen: String,
    /// The guarded server, an `https` URL.
    pub upstream: String,
    /// The only authority trusted for it, a PEM file.
    pub upstream_ca: PathBuf,
    /// The policy as its author wrote it, YAML.
    pub policy: String,
    /// Clusters the policy names, with the URL each leads to.
    pub clusters: Vec<(String, String)>,
    /// What `${env:NAME}` in the policy stands for.
    pub env: Vec<(String, String)>,
    /// Where the records go, one JSON object a line.
    pub audit_log: PathBuf,
}

/// A running gateway; dropping it stops it.
pub trait Gateway: Send + Sync {
    /// The guarded endpoint: `https://127.0.0.1:PORT/mcp`.
    fn url(&self) -> &str;
    /// The authority that signed its certificate, a PEM file.
    fn ca_path(&self) -> &Path;
    /// Hands over another policy (YAML). It may take a moment to be in force; a bad one is refused and the old one stays.
    fn replace_policy(&mut self, policy: &str) -> impl Future<Output = Result<()>> + Send;
}

/// Envoy with the filter.
pub struct Envoy {
    gateway: up::Gateway,
    ca_path: PathBuf,
    env: Vec<(String, String)>,
}

impl Envoy {
    pub async fn start(options: Options) -> Result<Self> {
        let Options { listen, upstream, upstream_ca, policy, clusters, env, audit_log } = options;
        let policy = json(&policy, &env)?;
        let options = up::Options {
            upstream_ca: Some(upstream_ca),
            listen: listen.parse().with_context(|| format!("`{listen}` is no address"))?,
            clusters,
            env: env.clone(),
            // One worker would do; with two, what workers keep for themselves shows.
            concurrency: Some(2),
            ..up::Options::new(upstream, policy, audit_log)
        };
        let gateway = up::Gateway::start(options).await?;
        let ca_path = gateway.ca_path.clone().context("the gateway's certificate is not self-signed")?;
        Ok(Self { gateway, ca_path, env })
    }
}

impl Envoy {
    /// Envoy's log, its configuration and its administration socket, for as long as it runs.
    pub fn run_folder(&self) -> &Path {
        self.gateway.envoy_log.parent().unwrap_or(Path::new(""))
    }
}

impl Gateway for Envoy {
    fn url(&self) -> &str {
        &self.gateway.url
    }

    fn ca_path(&self) -> &Path {
        &self.ca_path
    }

    async fn replace_policy(&mut self, policy: &str) -> Result<()> {
        let policy = json(policy, &self.env)?;
        Ok(self.gateway.replace_policy(&policy).await?)
    }
}

/// The policy as the filter takes it, every mistake told.
fn json(policy: &str, env: &[(String, String)]) -> Result<String> {
    let lookup = |name: &str| env.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone());
    up::policy_source::parse(policy, &lookup).map_err(|mistakes| anyhow!("the policy is wrong:\n{}", mistakes.join("\n")))
}
