//! The commented Envoy configurations in `envoy/` load in a real Envoy, with the filter and its policy, and say what `up` says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use portcullisctl::envoy::admin::AdminClient;
use portcullisctl::envoy::config::{Admin, access_log};
use portcullisctl::envoy::locate;
use portcullisctl::envoy::process::{EnvoyProcess, Start};
use portcullisctl::{exit::Failure, tls::LocalAuthority, wasm};
use serde_json::Value;
use tempfile::TempDir;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_default()
}

/// The filter; as long as the library exports no filter, a module that lets everything pass.
async fn module(here: &Path) -> Result<PathBuf, Failure> {
    let built = wasm::locate(None).await?;
    let is_filter = fs::read(&built).is_ok_and(|code| code.windows(17).any(|name| name == b"proxy_abi_version"));
    if is_filter {
        return Ok(built);
    }
    let stand_in = here.join("passthrough.wasm");
    let code = wat::parse_str(include_str!("up/passthrough.wat")).unwrap_or_default();
    fs::write(&stand_in, code).map_err(|err| Failure::environment(err.to_string()))?;
    Ok(stand_in)
}

/// Everything the examples name, in a folder of its own.
struct Here {
    folder: TempDir,
    envoy: PathBuf,
}

#[expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]
impl Here {
    async fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), envoy: locate::locate(None).await.unwrap() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a configuration with its example paths made real.
    fn write(&self, name: &str, to: &str, module: &Path) -> PathBuf {
        let authority = LocalAuthority::open(&self.path().join("ca")).unwrap();
        let leaf = authority.leaf(&["mcp.example.com".to_owned()], self.path()).unwrap();
        let shown = |path: &Path| path.to_str().unwrap().to_owned();
        let made = text(name)
            .replace("/etc/portcullis/portcullis.wasm", &shown(module))
            .replace("/etc/portcullis/tls.crt", &shown(&leaf.chain))
            .replace("/etc/portcullis/tls.key", &shown(&leaf.key))
            .replace("/etc/portcullis/filter", &shown(&self.path().join("filter")))
            .replace("/etc/ssl/certs/ca-certificates.crt", &shown(authority.certificate()))
            .replace("/var/log/portcullis", &shown(self.path()))
            .replace("address: 0.0.0.0, port_value: 8443", "address: 127.0.0.1, port_value: 0");
        let file = self.path().join(to);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, made).unwrap();
        file
    }
}

fn secrets() -> [(String, String); 3] {
    let seed = ["AQEB".repeat(10).as_str(), "AQE="].concat();
    let key = "k".repeat(32);
    [token(), ("PORTCULLIS_AUDIT_KEY".to_owned(), key), ("PORTCULLIS_AUDIT_SEED".to_owned(), seed)]
}

fn token() -> (String, String) {
    ("ORDERS_MCP_TOKEN".to_owned(), "a token".to_owned())
}

#[tokio::test]
async fn plain_configurations_load() {
    let here = Here::new().await;
    let module = module(here.path()).await.unwrap();
    here.write("ecds/filter.yaml", "filter/filter.yaml", &module);
    for name in ["static.yaml", "jwt-authn.yaml", "ratelimit.yaml", "audit.yaml", "sticky.yaml", "ecds/bootstrap.yaml"] {
        let file = here.write(name, "config.yaml", &module);
        let mut command = Command::new(&here.envoy);
        command.args(["--mode", "validate", "--service-node", "n", "--service-cluster", "c", "--config-path"]).arg(&file);
        let done = command.envs(secrets()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{name}: {said}");
        assert!(!said.contains("eprecated"), "{name} uses what Envoy will remove: {said}");
    }
}

/// Validation does not read the watched file, so Envoy has to be seen at work.
#[tokio::test]
async fn the_watched_filter_is_taken_up() {
    let here = Here::new().await;
    let module = module(here.path()).await.unwrap();
    here.write("ecds/filter.yaml", "filter/filter.yaml", &module);
    let bootstrap = here.write("ecds/bootstrap.yaml", "config.yaml", &module);
    let admin = Admin::Socket(here.path().join("admin.sock"));
    let with_admin = format!(
        "{}\nadmin: {{ address: {{ pipe: {{ path: {}/admin.sock }} }} }}\n",
        fs::read_to_string(&bootstrap).unwrap(),
        here.path().display()
    );
    fs::write(&bootstrap, with_admin).unwrap();
    let log = here.path().join("envoy.log");
    let start = Start { envoy: &here.envoy, bootstrap: &bootstrap, log: &log, run_folder: here.path(), concurrency: 1, env: &[token()] };
    let _envoy = EnvoyProcess::start(&start).unwrap();
    let admin = AdminClient::new(&admin).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while admin.filter().await.and_then(|state| state.version).as_deref() != Some("1") {
        assert!(Instant::now() < deadline, "{}", fs::read_to_string(&log).unwrap());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn the_lines_on_record_are_those_of_up() {
    let file = Path::new("/var/log/portcullis/audit.ndjson");
    let exchanges = access_log::of_exchanges(file);
    let connections = access_log::of_connections(file, true);
    for name in ["static.yaml", "ecds/bootstrap.yaml"] {
        assert_same_lines(name, &exchanges);
        assert_same_lines(name, &connections);
    }
    assert_same_lines("istio-envoyfilter.yaml", &exchanges);
    for name in ["jwt-authn.yaml", "ratelimit.yaml", "audit.yaml"] {
        assert!(text(name).contains("%FILTER_STATE(wasm.portcullis_record:PLAIN)%"), "{name}");
        assert!(text(name).contains("%FILTER_STATE(wasm.portcullis_findings:PLAIN)%"), "{name}");
    }
}

/// Before the filter nothing is verified, and what a client says of itself is not removed.
#[test]
fn limits_are_asked_after_the_filter() {
    let text = text("ratelimit.yaml");
    let place = |part: &str| text.find(part).unwrap_or_default();
    assert!(place("- name: portcullis\n                    typed_config") < place("envoy.filters.http.ratelimit\n"));
    assert!(place("envoy.filters.http.ratelimit\n") < place("envoy.filters.http.router"));
    for header in ["x-portcullis-principal", "x-portcullis-tool", "x-portcullis-rule"] {
        assert!(text.contains(&format!("header_name: {header}")), "{header}");
    }
}

/// Every field and every condition of the rendered loggers stands in the hand-written text.
fn assert_same_lines(name: &str, loggers: &Value) {
    let written = text(name);
    for logger in loggers.as_array().into_iter().flatten() {
        let fields = logger.pointer("/typed_config/log_format/json_format").and_then(Value::as_object);
        for (field, value) in fields.into_iter().flatten() {
            let line = format!("{field}: {value}\n");
            assert!(written.contains(&line), "{name} lacks {line}");
        }
        let filters = [logger.pointer("/filter"), logger.pointer("/filter/and_filter/filters/1")];
        let conditions = filters.into_iter().flatten().filter_map(|filter| filter.pointer("/extension_filter/typed_config/expression"));
        for condition in conditions.filter_map(Value::as_str) {
            assert!(written.contains(condition), "{name} lacks {condition}");
        }
    }
}
