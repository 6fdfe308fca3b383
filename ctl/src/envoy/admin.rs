//! Asks a running Envoy for its state.

use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use super::config::{Admin, NAME};

/// Envoy answers from memory.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub struct AdminClient {
    client: Client,
    base: String,
}

/// What became of the filter's documents so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterState {
    /// The version taken up last.
    pub version: Option<String>,
    /// Documents refused.
    pub refused: u64,
}

impl AdminClient {
    pub fn new(admin: &Admin) -> reqwest::Result<Self> {
        // Only the first caller in the process decides; every choice will do for a connection without TLS.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder().timeout(PATIENCE).no_proxy().tls_certs_only([]);
        let (builder, base) = match admin {
            Admin::Socket(path) => (builder.unix_socket(path.as_path()), "http://envoy".to_owned()),
            Admin::Tcp(address) => (builder, format!("http://{address}")),
        };
        Ok(Self { client: builder.build()?, base })
    }

    /// The port the listener has, once it has one.
    pub async fn port(&self) -> Option<u16> {
        let listeners: Value = serde_json::from_str(&self.get("/listeners?format=json").await?).ok()?;
        let status =
            listeners.get("listener_statuses")?.as_array()?.iter().find(|status| status.get("name").is_some_and(|name| name == NAME))?;
        status.pointer("/local_address/socket_address/port_value")?.as_u64()?.try_into().ok()
    }

    /// Whether the workers run.
    pub async fn live(&self) -> bool {
        self.get("/ready").await.is_some_and(|state| state.trim() == "LIVE")
    }

    pub async fn filter(&self) -> Option<FilterState> {
        let stats = self.get(&format!("/stats?filter=extension_config_discovery.http_filter.{NAME}")).await?;
        Some(filter_state(&stats))
    }

    async fn get(&self, path: &str) -> Option<String> {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.ok()?;
        // `/ready` says 503 with the reason in its body.
        answer.text().await.ok()
    }
}

/// Lines of `<name>: <value>`, texts in quotes.
fn filter_state(stats: &str) -> FilterState {
    let value =
        |name: &str| stats.lines().find_map(|line| line.split_once(": ").filter(|(stat, _)| stat.ends_with(name)).map(|(_, value)| value));
    FilterState {
        version: value(".version_text").map(|text| text.trim_matches('"').to_owned()).filter(|text| !text.is_empty()),
        refused: value(".update_rejected").and_then(|count| count.parse().ok()).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_statistics() {
        let stats = "extension_config_discovery.http_filter.portcullis.version_text: \"3-ab\"\n\
                     extension_config_discovery.http_filter.portcullis.config_fail: 1\n\
                     extension_config_discovery.http_filter.portcullis.update_rejected: 2\n\
                     extension_config_discovery.http_filter.portcullis.update_duration: No recorded values\n";
        assert_eq!(filter_state(stats), FilterState { version: Some("3-ab".to_owned()), refused: 2 });
        assert_eq!(filter_state(""), FilterState::default());
    }
}
