//! What a gateway is started with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::policy::DevIssuer;

/// Where `up` listens unless told otherwise.
pub const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8443);

/// Each field can stay as [`Options::new`] sets it.
#[derive(Clone, Debug)]
pub struct Options {
    /// URL of the MCP server.
    pub upstream: String,
    /// PEM file of those who may have signed the certificates of the upstream (alone) and of the clusters (beside the system's).
    pub upstream_ca: Option<PathBuf>,
    /// The policy as JSON text.
    pub policy_json: String,
    /// Port 0: any that is free.
    pub listen: SocketAddr,
    pub tls: Tls,
    /// Clusters the policy names, each with its URL.
    pub clusters: Vec<(String, String)>,
    /// Environment of Envoy beside this program's own: the secrets of the policy.
    pub env: Vec<(String, String)>,
    /// Envoy appends its records here.
    pub audit_log: PathBuf,
    /// A port for Envoy's administration interface.
    pub admin: Option<SocketAddr>,
    /// Worker threads.
    pub concurrency: Option<u32>,
    /// The Envoy to run; searched for or installed when none.
    pub envoy: Option<PathBuf>,
    /// The filter's module; searched for or built when none.
    pub wasm: Option<PathBuf>,
    pub dev_issuer: Option<DevIssuer>,
}

/// How clients reach the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    Off,
    /// A certificate of the local authority.
    SelfSigned,
    Files {
        certificate: PathBuf,
        key: PathBuf,
    },
}

impl Options {
    /// On a free port of 127.0.0.1, with a self-signed certificate.
    pub fn new(upstream: impl Into<String>, policy_json: impl Into<String>, audit_log: impl Into<PathBuf>) -> Self {
        Self {
            upstream: upstream.into(),
            upstream_ca: None,
            policy_json: policy_json.into(),
            listen: SocketAddr::new(LISTEN.ip(), 0),
            tls: Tls::SelfSigned,
            clusters: Vec::new(),
            env: Vec::new(),
            audit_log: audit_log.into(),
            admin: None,
            concurrency: None,
            envoy: None,
            wasm: None,
            dev_issuer: None,
        }
    }
}

/// `127.0.0.1:8443`, `[::1]:8443`, `localhost:8443`, and `:8443` for 127.0.0.1.
pub fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    let expected = || format!("expected an address such as `{LISTEN}` or `:0` (any free port), found `{text}`");
    match text.strip_prefix(':').or_else(|| text.strip_prefix("localhost:")) {
        Some(port) => port.parse().map(|port| SocketAddr::new(LISTEN.ip(), port)).map_err(|_| expected()),
        None => text.parse().map_err(|_| expected()),
    }
}

/// `NAME=URL`
pub fn parse_cluster(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, url)) if !name.is_empty() => {
            crate::envoy::endpoint::Endpoint::parse(url)?;
            Ok((name.to_owned(), url.to_owned()))
        }
        _ => Err("expected NAME=URL, such as `idp=https://id.example.com`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_to_listen_on() {
        assert_eq!(parse_listen(":0").unwrap().to_string(), "127.0.0.1:0");
        assert_eq!(parse_listen("localhost:9").unwrap().to_string(), "127.0.0.1:9");
        assert_eq!(parse_listen("[::]:443").unwrap().to_string(), "[::]:443");
        assert!(parse_listen("8443").is_err());
        assert!(parse_listen("example.com:1").is_err());
    }

    #[test]
    fn clusters_have_a_name_and_a_url() {
        assert_eq!(parse_cluster("idp=https://id.example.com").unwrap().0, "idp");
        assert!(parse_cluster("https://id.example.com").is_err());
        assert!(parse_cluster("idp=id.example.com").is_err());
    }
}
