//! The stand, with somebody who tells what happens on it.

use std::path::Path;

use anyhow::{Context, Result};
use rmcp::model::CallToolResult;
use serde_json::Value;

use super::{cast::Person, screen::Screen};
use crate::{
    demo::{
        client::{self, Client, Era},
        gateway_seam::{Gateway, Options},
        records::{Record, Records},
        server::{DemoServer, Raw},
        stand::{Setup, Stand},
    },
    issuer::{Login, TokenRequest},
};

pub(super) struct Stage<G> {
    pub(super) screen: Screen,
    pub(super) stand: Stand<G>,
    pub(super) records: Records,
    /// Every token a client was given.
    pub(super) tokens: Vec<String>,
}

impl<G: Gateway> Stage<G> {
    pub(super) async fn set<F: Future<Output = Result<G>>>(mut screen: Screen, open: impl FnOnce(Options) -> F) -> Result<Self> {
        screen.say("An MCP server with things worth guarding, Envoy with the filter in front of it, and clients that call.");
        let stand = Stand::set(Setup { login: Login::Page, people: true, ..Setup::default() }, open).await?;
        screen.fact("issuer", &format!("{} signs tokens for whoever asks", stand.issuer.issuer));
        screen.fact("server", &format!("{} (rmcp): SQL, customers, files, mail, a slow export", stand.server.url));
        screen.fact("gateway", &format!("{} (Envoy with the filter)", stand.gateway.url()));
        if let Some(people) = &stand.people {
            screen.fact("people", &format!("{} is where they decide on calls", people.url));
        }
        screen.fact("policy", &format!("{} (examples/demo/policy.yaml)", stand.policy.display()));
        let records = Records::new(&stand.audit_log);
        Ok(Self { screen, stand, records, tokens: Vec::new() })
    }

    pub(super) fn token(&mut self, request: &TokenRequest) -> Result<String> {
        let token = self.stand.issuer.token(request)?;
        self.tokens.push(token.clone());
        Ok(token)
    }

    pub(super) fn server(&self) -> &DemoServer {
        &self.stand.server
    }

    pub(super) async fn connect(&mut self, person: &Person, era: Era) -> Result<Client> {
        let token = self.token(&person.token())?;
        Client::connect(&self.stand.target(Some(token)), era).await.with_context(|| format!("{} cannot connect", person.shown))
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
        let fits = |record: &Record| record.user() == user && record.operation() == operation && record.target() == target;
        let record = self.records.wait_for(fits).await;
        self.show(record.as_ref());
        record
    }

    pub(super) fn show(&mut self, record: Option<&Record>) {
        match record {
            Some(record) => self.screen.fact("record", &record.in_short()),
            None => self.screen.claim(false, "the call is on record"),
        }
    }
}

/// What of these values is in the text although it should not be.
pub(super) fn leaked(text: &str, raw: &[Raw]) -> Vec<&'static str> {
    raw.iter().filter(|raw| text.contains(&raw.value)).map(|raw| raw.what).collect()
}

/// A path as one word of a shell command.
pub(super) fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}
