//! Envoy with the filter, put together by hand where a test needs more of Envoy than `up` does: client certificates, other filters.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portcullisctl::envoy::admin::AdminClient;
use portcullisctl::envoy::config::{self, Admin, Authorities, Certificate, Cluster, Filter, Plan, Route, UPSTREAM};
use portcullisctl::envoy::endpoint::Endpoint;
use portcullisctl::envoy::locate;
use portcullisctl::envoy::process::{EnvoyProcess, Start};
use portcullisctl::issuer::{DevIssuer, Settings};
use portcullisctl::tls::LocalAuthority;
use portcullisctl::wasm;
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The endpoint as its clients know it, whatever port the test has.
pub(crate) const RESOURCE: &str = "https://mcp.example.com/mcp";

pub(crate) const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

/// A client certificate, PEM with its key, and its SHA-256.
pub(crate) struct ClientCertificate {
    pub(crate) pem: String,
    pub(crate) digest: [u8; 32],
}

pub(crate) struct Door {
    pub(crate) issuer: DevIssuer,
    pub(crate) address: SocketAddr,
    pub(crate) ca_pem: String,
    /// Certificates that Envoy's listener accepts.
    pub(crate) certificates: Vec<ClientCertificate>,
    reached: Arc<AtomicUsize>,
    log: PathBuf,
    _envoy: EnvoyProcess,
    _folder: TempDir,
}

impl Door {
    /// `policy`: the whole policy for this issuer. `before`: HTTP filters in front of the filter, for this issuer.
    pub(crate) async fn open(policy: impl FnOnce(&DevIssuer) -> Value, before: impl FnOnce(&DevIssuer) -> Vec<Value>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let issuer = DevIssuer::start(Settings { audience: RESOURCE.to_owned(), ..Settings::default() }).await.unwrap();
        let (upstream, reached) = upstream().await;
        let authority = LocalAuthority::open(&at("ca")).unwrap();
        let leaf = authority.leaf(&["mcp.example.com".to_owned(), "127.0.0.1".to_owned()], folder.path()).unwrap();
        let certificates: Vec<ClientCertificate> = (0..2).map(|_| client_certificate()).collect();
        let trusted: String = certificates.iter().map(|certificate| certificate.pem.as_str()).collect();
        fs::write(at("clients.pem"), trusted).unwrap();

        let filter_file = at("filter/filter.json");
        fs::create_dir_all(filter_file.parent().unwrap()).unwrap();
        let module = wasm::locate(None).await.unwrap();
        let text = policy(&issuer).to_string();
        let filter = config::discovery(Filter { module: &module, policy: &text, variables: &[] }, "1");
        fs::write(&filter_file, filter.to_string()).unwrap();
        let cluster = |name: &str, url: &str| Cluster {
            name: name.to_owned(),
            endpoint: Endpoint::parse(url).unwrap(),
            authorities: Authorities::System,
        };
        let admin = Admin::Socket(at("admin.sock"));
        let mut bootstrap = config::bootstrap(&Plan {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            certificate: Some(Certificate { chain: leaf.chain, key: leaf.key }),
            route: Route { authority: "upstream".to_owned(), rewrite: None },
            clusters: vec![cluster(UPSTREAM, &upstream), cluster("idp", &issuer.issuer)],
            admin: admin.clone(),
            filter_file,
            audit_log: at("audit.ndjson"),
            interim_millis: None,
        });
        let listener = &mut bootstrap["static_resources"]["listeners"][0];
        let before = before(&issuer);
        for chain in listener["filter_chains"].as_array_mut().unwrap() {
            for filter in chain["filters"].as_array_mut().unwrap() {
                if let Some(filters) = filter["typed_config"].get_mut("http_filters").and_then(Value::as_array_mut) {
                    filters.splice(0..0, before.clone());
                }
            }
            if let Some(context) = chain.pointer_mut("/transport_socket/typed_config/common_tls_context") {
                // Whoever has signed them: the handshake proves possession, and the token says which one it must be (RFC 8705, 2.2).
                context["validation_context"] =
                    json!({ "trusted_ca": { "filename": at("clients.pem") }, "trust_chain_verification": "ACCEPT_UNTRUSTED" });
            }
        }
        let (bootstrap_file, log) = (at("bootstrap.json"), at("envoy.log"));
        fs::write(&bootstrap_file, bootstrap.to_string()).unwrap();
        let envoy = locate::locate(None).await.unwrap();
        // Two workers: what one of them has seen must be known to the other.
        let start = Start { envoy: &envoy, bootstrap: &bootstrap_file, log: &log, run_folder: folder.path(), concurrency: 2, env: &[] };
        let process = EnvoyProcess::start(&start).unwrap();
        let admin = AdminClient::new(&admin).unwrap();
        let deadline = Instant::now() + Duration::from_secs(120);
        while admin.filter().await.and_then(|state| state.version).as_deref() != Some("1") || !admin.live().await {
            assert!(Instant::now() < deadline, "{}", fs::read_to_string(&log).unwrap());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, admin.port().await.unwrap()));
        let ca_pem = fs::read_to_string(authority.certificate()).unwrap();
        Self { issuer, address, ca_pem, certificates, reached, log, _envoy: process, _folder: folder }
    }

    /// Requests that reached the server.
    pub(crate) fn reached(&self) -> usize {
        self.reached.load(Ordering::Relaxed)
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Status, challenge and body of a call; a connection of its own each time.
    pub(crate) async fn call(&self, headers: &[(&str, &str)], body: &str, certificate: Option<&ClientCertificate>) -> Answer {
        portcullisctl::demo::client::http(None).unwrap();
        let mut client = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .resolve("mcp.example.com", self.address)
            .tls_certs_only([reqwest::Certificate::from_pem(self.ca_pem.as_bytes()).unwrap()]);
        if let Some(certificate) = certificate {
            client = client.identity(reqwest::Identity::from_pem(certificate.pem.as_bytes()).unwrap());
        }
        let url = format!("https://mcp.example.com:{}/mcp", self.address.port());
        let mut request = client.build().unwrap().post(url).body(body.to_owned());
        request = request.header("content-type", "application/json").header("accept", "application/json, text/event-stream");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let challenge = answer.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
        Answer { status: answer.status().as_u16(), challenge: challenge.unwrap_or_default(), body: answer.text().await.unwrap() }
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) challenge: String,
    pub(crate) body: String,
}

/// A server that answers everything, and must never see a client's token or proof.
async fn upstream() -> (String, Arc<AtomicUsize>) {
    let reached = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reached);
    let router = axum::Router::new().fallback(move |headers: axum::http::HeaderMap| {
        count.fetch_add(1, Ordering::Relaxed);
        let leaked = headers.contains_key("authorization") || headers.contains_key("dpop");
        async move {
            let text = if leaked { "leaked" } else { "fine" };
            axum::Json(json!({ "jsonrpc": "2.0", "id": 1, "result": { "content": [{ "type": "text", "text": text }] } }))
        }
    });
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, reached)
}

fn client_certificate() -> ClientCertificate {
    let key = KeyPair::generate().unwrap();
    let made = CertificateParams::new(vec!["client".to_owned()]).unwrap().self_signed(&key).unwrap();
    ClientCertificate { pem: format!("{}{}", made.pem(), key.serialize_pem()), digest: Sha256::digest(made.der()).into() }
}
