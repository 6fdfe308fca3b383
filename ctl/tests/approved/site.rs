//! All of it together: who calls, who decides, replicas on one store, Envoys on one policy, one server behind them.

use std::path::PathBuf;
use std::time::Duration;

use portcullisctl::approvals::make_key;
use portcullisctl::issuer::{DevIssuer, Settings, TokenRequest};
use portcullisctl::up::{Options, policy_source};
use serde_json::{Value, json};

use super::door::{Door, Era, Told};
use super::replica::{Replica, program, verified};
use super::support::postgres::Postgres;
use super::support::{free_port, secret_sha256};
use super::upstream::Upstream;

const RESOURCE: &str = "https://mcp.example.com/mcp";
const SERVICE: &str = "https://approvals.example.com";

/// What the replicas keep their requests in.
pub enum Store {
    Sqlite,
    Postgres(Postgres),
}

pub struct Site {
    // Dropped in this order: those who ask before those who answer.
    pub doors: Vec<Door>,
    pub replicas: Vec<Replica>,
    store: Store,
    pub upstream: Upstream,
    policy: String,
    secret: String,
    callers: DevIssuer,
    people: DevIssuer,
    http: reqwest::Client,
    folder: tempfile::TempDir,
}

impl Site {
    /// Two Envoys. With SQLite they share one replica, with PostgreSQL each has its own.
    pub async fn open(store: Store) -> Self {
        portcullisctl::demo::tls::install_provider();
        many_files();
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let callers = DevIssuer::start(Settings { audience: RESOURCE.to_owned(), ..Settings::default() }).await.unwrap();
        let people = DevIssuer::start(Settings { audience: SERVICE.to_owned(), ..Settings::default() }).await.unwrap();
        let upstream = Upstream::start();
        let secret = ["filter", "of", "the", "test"].join("-");
        let (database, count) = match &store {
            Store::Sqlite => (format!("{{ sqlite: {} }}", at("approvals.db").display()), 1),
            Store::Postgres(postgres) => (postgres.store("approvals").await, 2),
        };
        make_key(&at("approvals.key")).unwrap();
        let mut replicas = Vec::new();
        for number in 0..count {
            let port = free_port();
            let config = at(&format!("approvals-{number}.yaml"));
            let text = format!(
                "version: 1\nlisten: 127.0.0.1:{port}\npublic_url: {SERVICE}\nstore: {database}\nsigning_keys: [{}]\n\
                 filters: [{{ id: gate, secret_sha256: {}, rate: 1000000/m, max_waiting: 100000, max_waiting_of_one: 100000 }}]\n\
                 approvers: {{ issuers: [{{ issuer: \"{}\", jwks_url: \"{}\" }}] }}\nlimits: {{ approver: 1000000/m, address: 1000000/m, strangers: 1000000/m, connections: 5000, connections_of_address: 5000 }}\n",
                at("approvals.key").display(),
                secret_sha256(&secret),
                people.issuer,
                people.jwks_url
            );
            std::fs::write(&config, text).unwrap();
            replicas.push(Replica::start(config, port).await);
        }
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap();
        let well_known = format!("{}/.well-known/portcullis-approvals.json", replicas[0].url);
        let keys: Value = http.get(well_known).send().await.unwrap().json().await.unwrap();
        let policy = format!(
            "version: 1\nresource: {RESOURCE}\ntransport: {{ tls: off, hosts: any }}\n\
             identity:\n  issuers:\n    - {{ issuer: \"{}\", jwks: {{ cluster: callers, path: /jwks.json }}, algorithms: [ES256] }}\n\
             approvals: {{ cluster: people, host: approvals.example.com, credential: \"{secret}\", key: {:?}, keys: [{}], timeout: 20s }}\n\
             rules:\n  - {{ id: once, tools: [once], then: {{ ask: {{ approvers: [leads], hold: 0s }} }} }}\n  \
             - {{ id: five, tools: [five], then: {{ ask: {{ approvers: [leads], hold: 0s, grant: {{ uses: 5, valid: 1h }} }} }} }}\n  \
             - {{ id: held, tools: [held], then: {{ ask: {{ approvers: [leads], hold: 60s }} }} }}\n",
            callers.issuer,
            "0123456789abcdef".repeat(2),
            keys["jwks"]["keys"][0],
        );
        let policy = policy_source::parse(&policy, &|_| None).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let options = |number: usize| {
            let mut options = Options::new(format!("http://{}/mcp", upstream.address), &policy, at(&format!("audit-{number}.ndjson")));
            let replica = &replicas[number % replicas.len()];
            options.clusters = vec![("callers".to_owned(), callers.issuer.clone()), ("people".to_owned(), replica.url.clone())];
            options
        };
        let (one, two) = tokio::join!(Door::open(options(0)), Door::open(options(1)));
        let doors = vec![one, two];
        let site = Self { doors, replicas, store, upstream, policy, secret, callers, people, http, folder };
        // Keys are there, and what no rule asks about is refused.
        for door in &site.doors {
            assert!(matches!(door.call(&site.token(), "other", "none", Era::Modern).await, Told::Refused(_)));
        }
        site
    }

    pub fn token(&self) -> String {
        let request = TokenRequest { user: "ana".to_owned(), groups: vec!["engineering".to_owned()], ..TokenRequest::default() };
        self.callers.token(&request).unwrap()
    }

    pub fn postgres(&mut self) -> &mut Postgres {
        match &mut self.store {
            Store::Postgres(postgres) => postgres,
            Store::Sqlite => panic!("this site has no PostgreSQL"),
        }
    }

    /// Uses that were given, as the journal has it.
    pub async fn used(&self) -> u64 {
        let Store::Postgres(postgres) = &self.store else { panic!("this site has no PostgreSQL") };
        let client = postgres.connect("approvals").await;
        let row = client.query_one("SELECT COUNT(*) FROM journal WHERE event = 'consumed'", &[]).await.unwrap();
        u64::try_from(row.get::<_, i64>(0)).unwrap()
    }

    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// The service as an approver sees it, by whichever replica answers.
    async fn as_approver(&self, path: &str, body: Option<&Value>) -> (u16, Value) {
        let request = TokenRequest { user: "boss".to_owned(), groups: vec!["leads".to_owned()], ..TokenRequest::default() };
        self.ask(path, &self.people.token(&request).unwrap(), body).await
    }

    async fn ask(&self, path: &str, bearer: &str, body: Option<&Value>) -> (u16, Value) {
        for _ in 0..100 {
            for replica in &self.replicas {
                let url = format!("{}{path}", replica.url);
                let request = body.map_or_else(|| self.http.get(&url), |body| self.http.post(&url).json(body));
                if let Ok(answer) = request.bearer_auth(bearer).send().await
                    && answer.status() != 503
                {
                    return (answer.status().as_u16(), answer.json().await.unwrap());
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("nobody answers at {path}");
    }

    /// Ids of the requests of ours that nobody has decided on.
    pub async fn waiting(&self) -> Vec<String> {
        let (status, list) = self.as_approver("/approver/v1/requests?view=waiting&limit=200", None).await;
        assert_eq!(status, 200, "{list}");
        list["requests"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The one request that waits.
    pub async fn one_waiting(&self) -> String {
        for _ in 0..300 {
            if let [one] = self.waiting().await.as_slice() {
                return one.clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not one request waits, but {:?}", self.waiting().await);
    }

    pub async fn decide(&self, id: &str, decision: &str) {
        let path = format!("/access/v1/requests/{id}/decisions");
        let (status, said) = self.as_approver(&path, Some(&json!({ "decision": decision, "reason": "looked at it" }))).await;
        // The answer to a decision that counted may have been lost with a replica.
        assert!(status == 200 || said["error"] == "already_decided", "{status} {said}");
    }

    /// Denies whatever waits, so that the next turn begins with nothing.
    pub async fn clear(&self) {
        for id in self.waiting().await {
            self.decide(&id, "deny").await;
        }
    }

    /// Where a request stands: `pending`, `approved`, ..., and how many uses are left.
    pub async fn stands(&self, id: &str) -> (String, u64) {
        let (status, told) = self.ask(&format!("/access/v1/requests/{id}"), &self.secret, None).await;
        assert_eq!(status, 200, "{told}");
        let left = told["approval"]["remaining"].as_u64().unwrap_or_default();
        (told["task"]["status"].as_str().unwrap().to_owned(), left)
    }

    /// The journal's chain holds. Its last line.
    pub fn journal(&self) -> String {
        verified(&self.folder.path().join("approvals-0.yaml"))
    }

    /// What `audit verify` says of both logs, and whether it found nothing.
    pub fn audit(&self) -> (bool, String) {
        let files = std::fs::read_dir(self.folder.path()).unwrap().flatten().map(|entry| entry.path());
        let logs: Vec<PathBuf> =
            files.filter(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("audit-"))).collect();
        let done = program().args(["audit", "verify"]).args(logs).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        (done.status.success(), said)
    }
}

/// A thousand callers, and as many connections of the Envoys, which inherit this: more than a login may have.
fn many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, rustix::process::Rlimit { current: limit.maximum.map(|most| most.min(65_536)), ..limit }).unwrap();
}
