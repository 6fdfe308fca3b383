//! The configuration of the approval service (`portcullisctl approvals serve`). See `docs/approvals.md`.
//!
//! Read like a policy: every mistake at once, with its line and its cure; an unknown name is a mistake.

mod lower;
mod written;

use std::net::SocketAddr;

use serde_json::Value as Json;

use super::form::{Form, Reading, described};
use super::model::Identity;
use super::read_yaml;
use super::report::{Place, Report};
use super::value::{Duration, Glob, Resource, Secret};
pub use written::MailTls;

/// The service as it is to run.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// What is in front ends TLS, and names the address it was called from last in `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// Certificate and key, PEM files; `None`: plain HTTP.
    pub tls: Option<(String, String)>,
    /// Without a slash at its end.
    pub public_url: String,
    pub store: Store,
    /// Files; the first signs.
    pub signing_keys: Vec<String>,
    pub filters: Vec<Filter>,
    pub approvers: Approvers,
    /// Logins of the page; `None`: there is no page.
    pub login: Option<Login>,
    pub notices: Vec<Notice>,
    pub limits: Limits,
    /// How long requests that ended are kept.
    pub keep: Option<Duration>,
}

#[derive(Clone, Debug)]
pub enum Store {
    Sqlite(String),
    Postgres(Secret),
}

/// A filter that may ask.
#[derive(Clone, Debug)]
pub struct Filter {
    pub id: String,
    /// SHA-256 of its bearer secrets.
    pub secrets: Vec<[u8; 32]>,
    pub rate: Rate,
    pub max_waiting: usize,
    pub max_waiting_of_one: usize,
    /// Groups a request may name; empty: any.
    pub approver_groups: Vec<Glob>,
}

/// So many in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub count: u32,
    pub span: Duration,
}

#[derive(Clone, Debug)]
pub struct Approvers {
    /// Issuers, verified by the code that verifies callers. The `cluster` of a key set is the origin of its URL.
    pub identity: Identity,
    /// What `identity` is compiled with: the audience of issuers that name none.
    pub audience: Resource,
    /// Client ids of tokens; empty: any.
    pub clients: Vec<Glob>,
    /// Logins of one person each.
    pub people: Vec<Vec<String>>,
    pub agents: Vec<Agent>,
    pub auditors: Vec<String>,
    pub break_glass: Option<BreakGlass>,
}

/// How people log in to the page.
#[derive(Clone, Debug)]
pub struct Login {
    /// What verifies its ID tokens; their audience is `client_id`.
    pub identity: Identity,
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<Secret>,
    pub scopes: Vec<String>,
    pub session: Duration,
}

#[derive(Clone, Debug)]
pub struct Agent {
    pub client: Glob,
    /// `ISSUER#SUBJECT` or e-mail addresses.
    pub owners: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct BreakGlass {
    pub groups: Vec<String>,
    pub reviewers: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Notice {
    pub id: String,
    /// Empty: all.
    pub groups: Vec<String>,
    pub on: Vec<Happening>,
    pub channel: Channel,
}

/// What somebody can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    Requested,
    Decided,
    Expired,
    /// Approved in an emergency: someone has to look at it.
    BreakGlass,
}

impl Happening {
    pub fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Decided => "decided",
            Self::Expired => "expired",
            Self::BreakGlass => "break_glass",
        }
    }
}

#[derive(Clone, Debug)]
pub enum Channel {
    Slack { url: Secret },
    Teams { url: Secret },
    Webhook { url: Secret, secret: Vec<u8> },
    Email(Email),
}

#[derive(Clone, Debug)]
pub struct Email {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    pub login: Option<(String, Secret)>,
    /// A PEM file.
    pub authority: Option<String>,
    pub from: String,
    pub to: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub approver: Rate,
    pub address: Rate,
    pub strangers: Rate,
    pub connections: usize,
    /// None behind a proxy.
    pub connections_of_address: Option<usize>,
    pub streams: usize,
}

/// Reads a configuration, YAML or JSON; all mistakes at once.
pub fn from_yaml(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Config, Report> {
    let tree = read_yaml::tree(text)?;
    let mut reading = Reading { report: Report::default(), env, unset: " for this program" };
    let at = Place { path: String::new(), line: tree.line };
    let config = written::Document::read(&tree, &at, &mut reading).and_then(|document| lower::config(document, &mut reading.report));
    reading.report.settle(config, &at, "the configuration cannot be used")
}

/// JSON Schema (2020-12) of a configuration.
pub fn schema() -> Json {
    let mut schema = described(written::Document::schema(), "");
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        object.insert("title".to_owned(), "Configuration of the Portcullis approval service".into());
    }
    schema
}

#[cfg(test)]
mod tests;
