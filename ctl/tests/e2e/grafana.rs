//! The dashboard's queries in a real Prometheus that scrapes a working Envoy: `PORTCULLIS_PROMETHEUS=/usr/bin/prometheus` (Debian: `apt-get install prometheus`). Without it nothing is tested.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::{Router, routing::get};
use portcullisctl::demo::{
    gateway_seam::{Envoy, Options},
    records::Records,
    stand::{Setup, Stand},
};
use serde_json::{Value, json};

use super::shared::free_port;
use super::support::{Rig, eventually, within};

struct Prometheus {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Prometheus {
    async fn start(program: &Path, target: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (config, port) = (folder.path().join("prometheus.yml"), free_port());
        // As in docs/siem.md, but for the interval.
        let text = format!(
            "scrape_configs: [{{ job_name: envoy, scrape_interval: 1s, metrics_path: /stats/prometheus, static_configs: [{{ targets: [\"{target}\"] }}] }}]\n"
        );
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(program);
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("Prometheus listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()).await;
        Self { child, url: format!("http://127.0.0.1:{port}"), _folder: folder }
    }

    /// The result of a query, or what is wrong with it.
    async fn query(&self, query: &str) -> Result<Vec<Value>, String> {
        let url = reqwest::Url::parse_with_params(&format!("{}/api/v1/query", self.url), [("query", query)]).unwrap();
        let answer: Value = within(reqwest::get(url)).await.unwrap().json().await.unwrap();
        match answer["data"]["result"].as_array() {
            Some(result) if answer["status"] == "success" => Ok(result.clone()),
            _ => Err(answer.to_string()),
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Title, query and legend of each query of the dashboard.
fn queries() -> Vec<(String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/grafana/portcullis.json");
    let dashboard: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut queries = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            queries.push((format!("{}: {}", text(&panel["title"]), text(&target["legendFormat"])), text(&target["expr"])));
        }
    }
    queries
}

/// What an Envoy that ships nothing by OTLP and whose VMs never failed does not have.
fn may_be_empty(query: &str) -> bool {
    ["open_telemetry", "vm_reload"].iter().any(|part| query.contains(part))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_shows_what_happened() {
    let Some(program) = std::env::var_os("PORTCULLIS_PROMETHEUS").map(PathBuf::from) else {
        return println!("skipped: PORTCULLIS_PROMETHEUS names no Prometheus");
    };
    let open = |mut options: Options| async move {
        let rule = "\nrules:\n  - { id: no-drops, tools: [run_sql], sql: { argument: sql, deny: [drop] }, then: deny }";
        options.policy = options.policy.replace("\nrules:", rule);
        Envoy::start(options).await
    };
    let stand = Stand::set(Setup::default(), open).await.unwrap();
    let rig = Rig { records: Records::new(&stand.audit_log), stand };
    let socket = rig.stand.gateway.run_folder().join("admin.sock");
    let envoy = reqwest::Client::builder().no_proxy().unix_socket(socket.as_path()).build().unwrap();
    let stats = async move || envoy.get("http://envoy/stats/prometheus").send().await.unwrap().text().await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/stats/prometheus", get(stats))).await });
    let prometheus = Prometheus::start(&program, &target).await;

    let (ana, dora) = (rig.token("ana", "engineering"), rig.token("dora", "dba"));
    let begun = Instant::now();
    // Longer than two of the steps that the query of alerts looks back by.
    while begun.elapsed() < Duration::from_secs(50) {
        for (token, tool, arguments) in [
            (&ana, "lookup_customer", json!({ "id": 1 })),
            (&ana, "run_sql", json!({ "sql": "SELECT 1" })),
            (&dora, "run_sql", json!({ "sql": "SELECT 1; DROP TABLE customers" })),
        ] {
            within(rig.call_by_hand(token, tool, &arguments).await.bytes()).await.unwrap();
        }
        assert_eq!(rig.call_by_hand("no-token", "search", &json!({ "query": "x" })).await.status(), 401);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    let mut wrong = Vec::new();
    for (title, expr) in queries() {
        let query = expr.replace("$instance", ".*").replace("$__range", "40s").replace("$__rate_interval", "60s");
        let values = match prometheus.query(&query).await {
            Err(problem) => {
                wrong.push(format!("{title}: {problem}"));
                continue;
            }
            Ok(result) => result,
        };
        let numbers: Vec<f64> = values.iter().filter_map(|one| one["value"][1].as_str()?.parse().ok()).collect();
        println!("{title}: {numbers:?}");
        if (values.is_empty() && !may_be_empty(&query)) || numbers.iter().any(|number| !number.is_finite()) {
            wrong.push(format!("{title}: {values:?}"));
        }
        let is_busy = [
            "Allowed: ",
            "Refused: ",
            "Alerts: ",
            "Alerts: {{kind}}",
            "Values masked: ",
            "Decisions: allowed",
            "Decisions: turned away",
            "Share turned away: turned away",
        ];
        if is_busy.contains(&title.as_str()) && !numbers.iter().any(|number| *number > 0.0) {
            wrong.push(format!("{title}: nothing of what happened: {values:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
