//! `portcullisctl up` as a child, with folders of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) folder: TempDir,
    child: Child,
    stdout: BufReader<ChildStdout>,
}

/// The module that stands in for the filter.
pub(crate) fn module() -> &'static Path {
    static MODULE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = MODULE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passthrough.wasm");
        fs::write(&path, wat::parse_str(include_str!("passthrough.wat")).unwrap()).unwrap();
        (folder, path)
    });
    path
}

/// A policy that the stand-in shows in every answer. The key is the one of RFC 7517, A.1: nobody here signs with it.
pub(crate) fn policy(tag: &str) -> String {
    format!(
        "version: 1
resource: https://mcp.example.com/mcp
identity:
  issuers:
    - issuer: https://id.example.com
      keys: [{{ kty: EC, crv: P-256, x: MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4, y: 4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM }}]
rules:
  - {{ id: {tag}, tools: [search], then: allow }}
"
    )
}

/// The same, refused by the stand-in.
pub(crate) fn refused() -> String {
    format!("default: deny\n{}", policy("one"))
}

impl Running {
    /// Starts it with the stand-in and waits for the line that says it is ready.
    pub(crate) fn start(upstream: &str, more: &[&str]) -> Self {
        Self::guarded(module(), &policy("one"), upstream, more)
    }

    /// The same with another module and policy.
    pub(crate) fn guarded(module: &Path, policy: &str, upstream: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("policy.yaml"), policy).unwrap();
        let mut child = command(folder.path(), module, upstream, more).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.strip_prefix("ready ").unwrap_or_else(|| {
            panic!("not ready: {line:?}, {}", fs::read_to_string(folder.path().join("stderr")).unwrap());
        });
        Self { url: url.trim_end().to_owned(), folder, child, stdout }
    }

    pub(crate) fn policy_file(&self) -> PathBuf {
        self.folder.path().join("policy.yaml")
    }

    pub(crate) fn stderr(&self) -> String {
        fs::read_to_string(self.folder.path().join("stderr")).unwrap()
    }

    pub(crate) fn audit(&self) -> String {
        fs::read_to_string(self.folder.path().join("audit.ndjson")).unwrap()
    }

    /// A token of the development issuer.
    pub(crate) fn token(&self, group: &str) -> String {
        let mut token = Command::new(env!("CARGO_BIN_EXE_portcullisctl"));
        token.args(["token", "--user", "ada", "--group", group]).env("XDG_STATE_HOME", self.folder.path().join("state"));
        let done = token.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    /// The lines of the audit log so far.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.audit().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// What is left of run folders.
    pub(crate) fn leftovers(&self) -> usize {
        fs::read_dir(self.folder.path().join("tmp")).unwrap().count()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Its end, and what it printed on stdout after the first line.
    pub(crate) fn end(&mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.stdout, &mut rest).unwrap();
        (status, rest)
    }

    /// A client that trusts the local authority and no other.
    pub(crate) fn client(&self) -> reqwest::Client {
        client(&self.folder.path().join("state/portcullis/tls/ca.pem"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.signal(Signal::TERM);
            self.child.wait().unwrap();
        }
    }
}

pub(crate) fn command(folder: &Path, module: &Path, upstream: &str, more: &[&str]) -> Command {
    fs::create_dir_all(folder.join("tmp")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullisctl"));
    command
        .args(["up", "--upstream", upstream, "--policy", "policy.yaml", "--audit-log", "audit.ndjson", "--listen", ":0"])
        .arg("--wasm")
        .arg(module)
        .args(["--concurrency", "1"])
        .args(more)
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("TMPDIR", folder.join("tmp"))
        .stdout(Stdio::piped())
        .stderr(fs::File::create(folder.join("stderr")).unwrap());
    command
}

fn client(authority: &Path) -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let pem = fs::read(authority).unwrap();
    let authority = reqwest::Certificate::from_pem(&pem).unwrap();
    reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().unwrap()
}

/// Waits until something holds; fails after a minute.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The first message of a TLS client.
pub(crate) fn client_hello(name: &str) -> Vec<u8> {
    let config = rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    let name = name.to_owned().try_into().unwrap();
    let mut bytes = Vec::new();
    rustls::ClientConnection::new(config.into(), name).unwrap().write_tls(&mut bytes).unwrap();
    bytes
}
