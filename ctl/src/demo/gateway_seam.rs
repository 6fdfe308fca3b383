//! Where the demo meets the gateway: the only file here that knows how Envoy is started.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

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
pub struct Envoy;

impl Envoy {
    pub async fn start(_: Options) -> Result<Self> {
        bail!("the demo is not joined to the gateway yet")
    }
}

impl Gateway for Envoy {
    fn url(&self) -> &str {
        ""
    }

    fn ca_path(&self) -> &Path {
        Path::new("")
    }

    async fn replace_policy(&mut self, _: &str) -> Result<()> {
        bail!("the demo is not joined to the gateway yet")
    }
}
