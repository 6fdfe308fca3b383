//! Everything the story needs, started: issuer, server, gateway.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow};
use rmcp::model::CallToolResult;
use serde_json::Value;
use tempfile::TempDir;

use super::{
    cast::Person,
    records::{Record, Records},
    screen::Screen,
};
use crate::{
    demo::{
        client::{self, Client, Era, Target},
        gateway_seam::{Gateway, Options},
        server::{DemoServer, Raw, Seen, Settings},
        tls::loopback_identity,
    },
    issuer::{self, DevIssuer, TokenRequest},
    random,
};

/// What is written in `examples/demo/policy.yaml` where a run has its own ports.
const RESOURCE: &str = "https://127.0.0.1:8443/mcp";
const ISSUER: &str = "http://127.0.0.1:8444";
const POLICY: &str = include_str!("../../../../examples/demo/policy.yaml");

pub(super) struct Stage<G> {
    pub(super) screen: Screen,
    pub(super) issuer: DevIssuer,
    pub(super) server: DemoServer,
    pub(super) gateway: G,
    pub(super) records: Records,
    pub(super) ca_pem: String,
    /// What the server is shown in place of the clients' tokens.
    pub(super) credential: String,
    pub(super) policy: PathBuf,
    pub(super) state: PathBuf,
    /// Every token a client was given.
    pub(super) tokens: Vec<String>,
    // Dropped last: the folder goes when nothing uses it any more.
    _folder: TempDir,
}

impl<G: Gateway> Stage<G> {
    pub(super) async fn set<F: Future<Output = Result<G>>>(mut screen: Screen, open: impl FnOnce(Options) -> F) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("portcullis-demo-").tempdir().context("no folder for this run can be made")?;
        let at = |name: &str| folder.path().join(name);
        let listen = format!("127.0.0.1:{}", free_port()?);
        let resource = format!("https://{listen}/mcp");

        let state = at("dev-issuer.json");
        let issuer = DevIssuer::start(issuer::Settings { port: None, audience: resource.clone(), state: Some(state.clone()) }).await?;
        screen.fact("issuer", &format!("{} signs tokens for whoever asks", issuer.issuer));

        let credential = random::name()?;
        let tls = Some(loopback_identity("portcullis demo server")?);
        let server = DemoServer::start(Settings { tls, credential: credential.clone(), ..Settings::default() }).await?;
        let upstream_ca = at("upstream-ca.pem");
        fs::write(&upstream_ca, server.ca_pem.as_deref().unwrap_or_default())?;
        screen.fact("server", &format!("{} (rmcp): SQL, customers, files, mail, a slow export", server.url));

        let policy = at("policy.yaml");
        let text = placed(POLICY, &[(RESOURCE, &resource), (ISSUER, &issuer.issuer)])?;
        fs::write(&policy, &text)?;
        let audit_log = at("audit.ndjson");
        let options = Options {
            listen,
            upstream: server.url.clone(),
            upstream_ca,
            policy: text,
            clusters: vec![("dev-issuer".to_owned(), issuer.issuer.clone())],
            env: vec![("DEMO_MCP_TOKEN".to_owned(), credential.clone()), ("DEMO_HASH_KEY".to_owned(), random::name()?)],
            audit_log: audit_log.clone(),
        };
        let gateway = open(options).await?;
        let ca_pem = fs::read_to_string(gateway.ca_path()).context("the gateway's CA certificate cannot be read")?;
        screen.fact("gateway", &format!("{} (Envoy with the filter)", gateway.url()));
        screen.fact("policy", &format!("{} (examples/demo/policy.yaml)", policy.display()));
        Ok(Self {
            screen,
            issuer,
            server,
            gateway,
            records: Records::new(&audit_log),
            ca_pem,
            credential,
            policy,
            state,
            tokens: Vec::new(),
            _folder: folder,
        })
    }

    pub(super) fn token(&mut self, request: &TokenRequest) -> Result<String> {
        let token = self.issuer.token(request)?;
        self.tokens.push(token.clone());
        Ok(token)
    }

    pub(super) async fn connect(&mut self, person: &Person, era: Era) -> Result<Client> {
        let token = self.token(&person.token())?;
        let target = Target { url: self.gateway.url().to_owned(), ca_pem: Some(self.ca_pem.clone()), token: Some(token) };
        Client::connect(&target, era).await.with_context(|| format!("{} cannot connect", person.shown))
    }

    /// Makes one call and shows it, its answer and its record.
    pub(super) async fn call(
        &mut self,
        person: &Person,
        client: &Client,
        tool: &str,
        arguments: &Value,
    ) -> Result<(CallToolResult, Option<Record>)> {
        self.records.mark();
        self.screen.fact("asked", &format!("{} ({}) calls {tool} {arguments}", person.shown, person.group));
        let result = client.call(tool, arguments).await.with_context(|| format!("{tool} fails"))?;
        self.screen.fact("answer", &client::text(&result));
        let record = self.record(person.name, "tools/call", tool).await;
        Ok((result, record))
    }

    /// Shows the record of what this caller just did.
    pub(super) async fn record(&mut self, user: &str, operation: &str, target: &str) -> Option<Record> {
        let record =
            self.records.wait_for(|record| record.user() == user && record.operation() == operation && record.target() == target).await;
        self.show(record.as_ref());
        record
    }

    pub(super) fn show(&mut self, record: Option<&Record>) {
        match record {
            Some(record) => self.screen.fact("record", &record.in_short()),
            None => self.screen.claim(false, "the call is on record"),
        }
    }

    /// Requests for this tool that reached the server.
    pub(super) fn reached(&self, tool: &str) -> usize {
        self.server.seen().iter().filter(|Seen { tool: seen, .. }| seen.as_deref() == Some(tool)).count()
    }

    /// Replaces the policy by a changed one, the way an operator does: on disk and in force.
    pub(super) async fn change_policy(&self, from: &str, to: &str) -> Result<()> {
        let text = fs::read_to_string(&self.policy)?;
        let text = placed(&text, &[(from, to)])?;
        fs::write(&self.policy, &text)?;
        self.gateway.replace_policy(&text).await
    }
}

/// The whole result as the client got it, text and structured content.
pub(super) fn whole(result: &CallToolResult) -> String {
    let structured = result.structured_content.as_ref().map(Value::to_string).unwrap_or_default();
    [client::text(result), structured].join("\n")
}

/// What of these values is in the text although it should not be.
pub(super) fn leaked(text: &str, raw: &[Raw]) -> Vec<&'static str> {
    raw.iter().filter(|raw| text.contains(&raw.value)).map(|raw| raw.what).collect()
}

/// Each `from` replaced by its `to`; one that is not there is a mistake in the demo's own policy.
fn placed(text: &str, replacements: &[(&str, &str)]) -> Result<String> {
    replacements.iter().try_fold(text.to_owned(), |text, (from, to)| {
        if text.contains(from) { Ok(text.replace(from, to)) } else { Err(anyhow!("the demo's policy does not contain `{from}` any more")) }
    })
}

/// A port nobody uses right now. The policy must name the endpoint's URL before Envoy can be started with it.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// A path as one word of a shell command.
pub(super) fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}
