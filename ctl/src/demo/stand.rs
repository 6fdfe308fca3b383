//! Everything a guarded server takes, started on this machine: issuer, server, gateway.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, anyhow};
use tempfile::TempDir;

use super::{
    client::Target,
    gateway_seam::{Gateway, Options},
    people::People,
    ports,
    server::{self, DemoServer},
    tls::loopback_identity,
};
use crate::{
    issuer::{self, DevIssuer, Fault, Login},
    random,
    revoke::{self, Entry, ListFile, Renewal},
};

/// What is written in `examples/demo/policy.yaml` where a run has its own ports.
const RESOURCE: &str = "https://127.0.0.1:8443/mcp";
const ISSUER: &str = "http://127.0.0.1:8444";
/// The key of revocations that the file shows, and nobody has.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","kid":"demo","x":"Adz_pS6JtofeDLzqrUP709C_hBc9kWNJV1-v2AG9--Y","y":"3mWBwowBlTexsz_w9oXz5_EkL2Vrt2TB4SS8OZEqL4Y"}"#;
/// The approval service's key, likewise.
const PEOPLE_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"demo","x":"Z0rZAPKW5wVVdzyw64ZGswgot6NZ_dblvjqQafx1ZhA"}"#;
/// How the paragraphs of the file begin without which nobody is asked.
const PEOPLE: [&str; 2] = ["approvals:", "  - id: dba-writes"];
const POLICY: &str = include_str!("../../../examples/demo/policy.yaml");

/// How a stand differs from that of the demo.
#[derive(Clone, Debug)]
pub struct Setup {
    /// See [`server::Settings`].
    pub json: bool,
    /// See [`server::Settings`].
    pub sessions: bool,
    /// What is wrong with the issuer when the gateway first asks it for keys.
    pub fault: Fault,
    /// Whom the issuer logs in.
    pub login: Login,
    /// Writes wait for people, and there is a service where they decide.
    pub people: bool,
}

impl Default for Setup {
    fn default() -> Self {
        let server::Settings { json, sessions, .. } = server::Settings::default();
        Self { json, sessions, fault: Fault::None, login: Login::Off, people: false }
    }
}

/// All of it running; dropping it stops all of it and removes its folder.
pub struct Stand<G> {
    pub issuer: DevIssuer,
    pub server: DemoServer,
    /// Where people decide.
    pub people: Option<People>,
    pub gateway: G,
    /// Who signed the gateway's certificate, PEM.
    pub ca_pem: String,
    /// What the server is shown in place of the clients' tokens.
    pub credential: String,
    /// The policy in force, as a file. Writing it alone changes nothing: see [`Self::change_policy`].
    pub policy: PathBuf,
    pub audit_log: PathBuf,
    /// The issuer's state file.
    pub state: PathBuf,
    /// What was taken back: the list of `portcullisctl revoke`.
    pub revocations: PathBuf,
    /// Serves it to the gateway.
    pub revocation_server: revoke::serve::Server,
    // Dropped last: the folder goes when nothing uses it any more.
    _folder: TempDir,
}

impl<G: Gateway> Stand<G> {
    pub async fn set<F: Future<Output = Result<G>>>(setup: Setup, open: impl FnOnce(Options) -> F) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("portcullis-demo-").tempdir().context("no folder for this run can be made")?;
        let at = |name: &str| folder.path().join(name);
        // The policy must name the endpoint's URL before Envoy can be started with it.
        let listen = format!("127.0.0.1:{}", ports::free()?);
        let resource = format!("https://{listen}/mcp");

        let state = at("dev-issuer.json");
        let Setup { json, sessions, fault, login, people } = setup;
        let settings = issuer::Settings { port: None, audience: resource.clone(), state: Some(state.clone()), login };
        let issuer = DevIssuer::start(settings).await?;
        issuer.set_fault(fault);

        let credential = random::name()?;
        let tls = Some(loopback_identity("portcullis demo server")?);
        let server = DemoServer::start(server::Settings { tls, credential: credential.clone(), json, sessions }).await?;
        let upstream_ca = at("upstream-ca.pem");
        fs::write(&upstream_ca, server.ca_pem.as_deref().unwrap_or_default())?;

        let revocations = at("revocations.jwt");
        let mut list = ListFile::open(&revocations, None)?;
        list.save(Renewal::now()?)?;
        let key = list.public_key()?.to_string();
        drop(list);
        let revocation_server = revoke::serve::Server::start(&revocations).await?;

        let people = if people { Some(People::start(folder.path(), &issuer, ports::free()?).await?) } else { None };
        let policy = at("policy.yaml");
        let text = placed(POLICY, &[(RESOURCE, &resource), (ISSUER, &issuer.issuer), (KEY, &key)])?;
        let text = match &people {
            Some(people) => placed(&text, &[(PEOPLE_KEY, &people.key)])?,
            None => PEOPLE.iter().try_fold(text, |text, line| without(&text, line))?,
        };
        fs::write(&policy, &text)?;
        let audit_log = at("audit.ndjson");
        let mut clusters =
            vec![("dev-issuer".to_owned(), issuer.issuer.clone()), ("revocations".to_owned(), revocation_server.url.clone())];
        let mut env = vec![("DEMO_MCP_TOKEN".to_owned(), credential.clone()), ("DEMO_HASH_KEY".to_owned(), random::name()?)];
        if let Some(people) = &people {
            clusters.push(("approvals".to_owned(), people.url.clone()));
            env.push(("DEMO_APPROVALS_TOKEN".to_owned(), people.secret.clone()));
            env.push(("DEMO_APPROVALS_KEY".to_owned(), format!("{}{}", random::name()?, random::name()?)));
        }
        let options =
            Options { listen, upstream: server.url.clone(), upstream_ca, policy: text, clusters, env, audit_log: audit_log.clone() };
        let gateway = open(options).await?;
        let ca_pem = fs::read_to_string(gateway.ca_path()).context("the gateway's CA certificate cannot be read")?;
        Ok(Self {
            issuer,
            server,
            people,
            gateway,
            ca_pem,
            credential,
            policy,
            audit_log,
            state,
            revocations,
            revocation_server,
            _folder: folder,
        })
    }

    /// Where a client with this token goes.
    pub fn target(&self, token: Option<String>) -> Target {
        Target { url: self.gateway.url().to_owned(), ca_pem: Some(self.ca_pem.clone()), token }
    }

    /// Requests for this tool that reached the server.
    pub fn reached(&self, tool: &str) -> usize {
        self.server.seen().iter().filter(|seen| seen.tool.as_deref() == Some(tool)).count()
    }

    /// Takes access back, as `portcullisctl revoke` does.
    pub fn revoke(&self, entry: Entry) -> Result<()> {
        let mut list = ListFile::open(&self.revocations, None)?;
        list.add(entry);
        list.save(Renewal::now()?).map(drop)
    }

    /// Replaces a part of the policy, the way an operator does: on disk and in force.
    pub async fn change_policy(&mut self, from: &str, to: &str) -> Result<()> {
        let text = fs::read_to_string(&self.policy)?;
        let text = placed(&text, &[(from, to)])?;
        fs::write(&self.policy, &text)?;
        self.gateway.replace_policy(&text).await
    }
}

/// Each `from` replaced by its `to`; one that is not there is a mistake in the demo's own policy.
fn placed(text: &str, replacements: &[(&str, &str)]) -> Result<String> {
    replacements.iter().try_fold(text.to_owned(), |text, (from, to)| {
        if text.contains(from) { Ok(text.replace(from, to)) } else { Err(anyhow!("the demo's policy does not contain `{from}` any more")) }
    })
}

/// The text without the paragraph that has this line.
fn without(text: &str, line: &str) -> Result<String> {
    let (gone, kept): (Vec<&str>, Vec<&str>) = text.split("\n\n").partition(|paragraph| paragraph.lines().any(|have| have == line));
    if gone.len() == 1 { Ok(kept.join("\n\n")) } else { Err(anyhow!("the demo's policy has no paragraph with `{line}` any more")) }
}
