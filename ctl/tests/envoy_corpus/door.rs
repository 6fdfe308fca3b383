//! The gateway under test: Envoy with one policy of the corpus, and its records.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullisctl::up::{Gateway, Options, policy_source};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::support::case;

/// A record is in the file a tenth of a second after its exchange; a busy machine takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Door {
    gateway: Gateway,
    roots: Arc<rustls::RootCertStore>,
    _folder: TempDir,
}

/// Either a socket or TLS over one.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Door {
    pub(crate) async fn open(policy: &str, upstream: &str) -> Self {
        Self::open_with(policy, upstream, None).await
    }

    /// `authority`: who signed the certificate of the upstream, PEM.
    pub(crate) async fn open_with(policy: &str, upstream: &str, authority: Option<&str>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let upstream_ca = authority.map(|pem| {
            let path = folder.path().join("upstream.pem");
            fs::write(&path, pem).unwrap();
            path
        });
        let json = policy_source::parse(&case::policy(policy), &case::env).unwrap();
        let asked = portcullis::policy::variables(&case::policy(policy));
        let env = asked.into_iter().map(|name| (name.clone(), case::env(&name).unwrap())).collect();
        let gateway = Gateway::start(Options {
            upstream_ca,
            env,
            concurrency: Some(1),
            ..Options::new(upstream, json, folder.path().join("audit.ndjson"))
        })
        .await
        .unwrap();
        let mut roots = rustls::RootCertStore::empty();
        let pem = fs::read(gateway.ca_path.as_deref().unwrap()).unwrap();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).map(Result::unwrap));
        Self { gateway, roots: Arc::new(roots), _folder: folder }
    }

    /// A connection: TLS of one version with one protocol, or none where no version is given.
    pub(crate) async fn connect(&self, tls: Option<&str>, protocol: &str) -> Box<dyn Stream> {
        let socket = TcpStream::connect(self.gateway.address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let version = match tls {
            None | Some("") => return Box::new(socket),
            Some("TLSv1.2") => &TLS12,
            Some("TLSv1.3") => &TLS13,
            Some(other) => panic!("no client for {other}"),
        };
        let config = rustls::ClientConfig::builder_with_protocol_versions(&[version]);
        let mut config = config.with_root_certificates(Arc::clone(&self.roots)).with_no_client_auth();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let name = ServerName::try_from("mcp.example.com").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol.as_bytes()));
        Box::new(stream)
    }

    /// The records of these exchanges, named by their user agents, once all are there.
    pub(crate) async fn records(&self, names: &[&str]) -> HashMap<String, Vec<Value>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut records: HashMap<String, Vec<Value>> = HashMap::new();
            for line in self.audit_log().lines() {
                let Ok(record) = serde_json::from_str::<Value>(line) else { continue };
                let agent = record.pointer("/http_request/user_agent").and_then(Value::as_str).map(str::to_owned);
                records.entry(agent.unwrap_or_default()).or_default().push(record);
            }
            if names.iter().all(|name| records.contains_key(*name)) || Instant::now() > deadline {
                return records;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn audit_log(&self) -> String {
        let path: &PathBuf = &self.gateway.audit_log;
        String::from_utf8(fs::read(path).unwrap()).unwrap()
    }
}
