//! The commented Envoy configurations in `envoy/` and `examples/` load in a real Envoy, with the filter and its policy, and say what `up` says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use portcullisctl::envoy::admin::AdminClient;
use portcullisctl::envoy::config::{Admin, access_log};
use portcullisctl::envoy::locate;
use portcullisctl::envoy::process::{EnvoyProcess, Start};
use portcullisctl::{exit::Failure, tls::LocalAuthority, wasm};
use serde_json::{Value, json};
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
        self.write_text(&text(name), to, module)
    }

    fn write_text(&self, text: &str, to: &str, module: &Path) -> PathBuf {
        let authority = LocalAuthority::open(&self.path().join("ca")).unwrap();
        let leaf = authority.leaf(&["mcp.example.com".to_owned()], self.path()).unwrap();
        let shown = |path: &Path| path.to_str().unwrap().to_owned();
        let made = text
            .replace("/etc/portcullis/portcullis.wasm", &shown(module))
            .replace("/var/lib/portcullis/plugin.wasm", &shown(module))
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

    /// Envoy takes it, the module and its policy included, and says nothing of what it will remove.
    fn loads(&self, name: &str, file: &Path) {
        let mut command = Command::new(&self.envoy);
        command.args(["--mode", "validate", "--service-node", "n", "--service-cluster", "c", "--config-path"]).arg(file);
        let done = command.envs(secrets()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{name}: {said}");
        assert!(!said.contains("eprecated"), "{name} uses what Envoy will remove: {said}");
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
    for name in PLAIN {
        here.loads(name, &here.write(name, "config.yaml", &module));
    }
}

/// Whole configurations of Envoy.
const PLAIN: [&str; 6] = ["static.yaml", "jwt-authn.yaml", "ratelimit.yaml", "audit.yaml", "sticky.yaml", "ecds/bootstrap.yaml"];
/// What is loaded with another file, by a test below.
const PARTS: [&str; 4] = ["ecds/filter.yaml", "istio-envoyfilter.yaml", "istio-wasmplugin.yaml", "../examples/siem/envoy-otlp-http.yaml"];
/// A policy, with which `portcullisctl demo` and its tests run.
const POLICIES: [&str; 1] = ["../examples/demo/policy.yaml"];

#[test]
fn no_example_is_loaded_by_no_test() {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => walk(&path, found),
                Some(kind) if kind == "yaml" || kind == "yml" => found.push(path.canonicalize().unwrap()),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(&folder(), &mut found);
    walk(&folder().join("../examples"), &mut found);
    let known: Vec<PathBuf> =
        [&PLAIN[..], &PARTS, &POLICIES].concat().iter().map(|name| folder().join(name).canonicalize().unwrap()).collect();
    found.retain(|path| !known.contains(path));
    assert!(found.is_empty(), "no test loads {found:?}");
}

#[expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails is a test that fails")]
fn read(name: &str) -> Value {
    let parsed = portcullis::policy::yaml_as_json(&text(name));
    serde_json::from_str(&parsed.unwrap_or_else(|report| panic!("{name}: {report}")).to_string()).unwrap()
}

/// The logger and its cluster go into `audit.yaml`, as its head says.
#[tokio::test]
async fn the_logger_over_http_loads() {
    let here = Here::new().await;
    let module = module(here.path()).await.unwrap();
    let name = "../examples/siem/envoy-otlp-http.yaml";
    let (mut whole, part) = (read("audit.yaml"), read(name));
    let loggers = whole.pointer_mut("/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/access_log").unwrap();
    loggers.as_array_mut().unwrap().extend(part["access_log"].as_array().unwrap().clone());
    let clusters = whole.pointer_mut("/static_resources/clusters").unwrap();
    clusters.as_array_mut().unwrap().extend(part["clusters"].as_array().unwrap().clone());
    here.loads(name, &here.write_text(&whole.to_string(), "config.json", &module));
    // The attributes are those of the filter, and the same as over gRPC.
    let attributes = |loggers: &Value| -> Vec<Value> {
        let of = |logger: &Value| logger.pointer("/typed_config/attributes/values").cloned();
        loggers.as_array().unwrap().iter().filter_map(of).collect()
    };
    let both = attributes(whole.pointer("/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/access_log").unwrap());
    assert_eq!(both.len(), 2);
    assert_eq!(both[0], both[1]);
}

/// A gateway's connection manager, into which Istio puts what a resource says.
fn gateway(filters: Vec<Value>) -> Value {
    let router = json!({ "name": "envoy.filters.http.router", "typed_config": { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" } });
    json!({ "static_resources": {
        "listeners": [{
            "name": "gateway",
            "address": { "socket_address": { "address": "127.0.0.1", "port_value": 0 } },
            "filter_chains": [{ "filters": [{
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                    "stat_prefix": "gateway",
                    "http_filters": filters.into_iter().chain([router]).collect::<Vec<_>>(),
                    "route_config": { "virtual_hosts": [{ "name": "all", "domains": ["*"], "routes": [{ "match": { "prefix": "/" }, "route": { "cluster": "server" } }] }] },
                },
            }] }],
        }],
        "clusters": [{ "name": "server", "connect_timeout": "1s" }],
    } })
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            from.iter().for_each(|(name, value)| merge(into.entry(name).or_insert(Value::Null), value))
        }
        (into, from) => into.clone_from(from),
    }
}

/// The patches, applied as Istio applies them to the kind of thing that each is about.
#[tokio::test]
async fn istios_envoy_filter_loads() {
    let here = Here::new().await;
    let module = module(here.path()).await.unwrap();
    let resource = read("istio-envoyfilter.yaml");
    let patches = |applies_to: &str| -> Vec<Value> {
        let patches = resource["spec"]["configPatches"].as_array().unwrap().iter();
        patches.filter(|patch| patch["applyTo"] == applies_to).map(|patch| patch["patch"]["value"].clone()).collect()
    };
    assert_eq!(resource["spec"]["configPatches"].as_array().unwrap().len(), 4);
    // Each is inserted first.
    let mut whole = gateway(patches("HTTP_FILTER").into_iter().rev().collect());
    let chain = "/static_resources/listeners/0/filter_chains/0/filters/0";
    let route = "/typed_config/route_config/virtual_hosts/0/routes/0";
    for (applies_to, place) in [("NETWORK_FILTER", chain.to_owned()), ("HTTP_ROUTE", [chain, route].concat())] {
        let [patch] = <[Value; 1]>::try_from(patches(applies_to)).unwrap();
        merge(whole.pointer_mut(&place).unwrap(), &patch);
    }
    here.loads("istio-envoyfilter.yaml", &here.write_text(&whole.to_string(), "config.json", &module));
}

/// As Istio hands a plugin to Envoy: the policy as JSON in a StringValue.
#[tokio::test]
async fn istios_wasm_plugin_loads() {
    let here = Here::new().await;
    let module = module(here.path()).await.unwrap();
    let resource = read("istio-wasmplugin.yaml");
    let spec = &resource["spec"];
    let variables: Vec<&Value> = spec["vmConfig"]["env"].as_array().unwrap().iter().map(|variable| &variable["name"]).collect();
    let config = json!({
        "name": "istio-ingress.portcullis",
        "failure_policy": spec["failStrategy"],
        "vm_config": {
            "runtime": "envoy.wasm.runtime.v8",
            "code": { "local": { "filename": "/etc/portcullis/portcullis.wasm" } },
            "environment_variables": { "host_env_keys": variables },
        },
        "configuration": { "@type": "type.googleapis.com/google.protobuf.StringValue", "value": spec["pluginConfig"].to_string() },
    });
    let filter = json!({ "name": "portcullis", "typed_config": { "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm", "config": config } });
    here.loads("istio-wasmplugin.yaml", &here.write_text(&gateway(vec![filter]).to_string(), "config.json", &module));
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
    let deadline = Instant::now() + Duration::from_secs(120);
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
