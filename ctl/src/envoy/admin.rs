//! Asks a running Envoy for its state.

use std::collections::BTreeMap;
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

    /// What went wrong on the way to each server so far.
    pub async fn faults(&self) -> Option<Faults> {
        Some(faults(&self.get("/stats?filter=%5Ecluster%5C..*(upstream_cx_connect_fail|upstream_cx_none_healthy|ssl.fail_verify_)").await?))
    }

    async fn get(&self, path: &str) -> Option<String> {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.ok()?;
        // `/ready` says 503 with the reason in its body.
        answer.text().await.ok()
    }
}

/// Counts by cluster and kind.
pub type Faults = BTreeMap<(String, Fault), u64>;

/// Why a server could not be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Its certificate is not one that we trust for its name.
    Certificate,
    /// No connection came about; counted too when the certificate was the reason.
    Connect,
    /// Its name has no address.
    Name,
}

/// Lines of `cluster.<name>.<statistic>: <count>`; zeros are left out.
fn faults(stats: &str) -> Faults {
    let mut found = Faults::new();
    for line in stats.lines() {
        let Some((cluster, rest)) = line.strip_prefix("cluster.").and_then(|rest| rest.split_once('.')) else { continue };
        let Some((statistic, count)) = rest.split_once(": ") else { continue };
        let fault = match statistic {
            "upstream_cx_connect_fail" => Fault::Connect,
            "upstream_cx_none_healthy" => Fault::Name,
            _ if statistic.starts_with("ssl.fail_verify_") => Fault::Certificate,
            _ => continue,
        };
        let count = count.parse().unwrap_or(0);
        if count > 0 {
            let sum = found.entry((cluster.to_owned(), fault)).or_insert(0_u64);
            *sum = sum.saturating_add(count);
        }
    }
    found
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

    #[test]
    fn counts_what_went_wrong() {
        let stats = "cluster.idp.ssl.fail_verify_error: 1\ncluster.idp.ssl.fail_verify_san: 2\n\
                     cluster.idp.upstream_cx_connect_fail: 3\ncluster.other.upstream_cx_none_healthy: 0\nno cluster: 1\n";
        let found: Vec<_> = faults(stats).into_iter().map(|((cluster, fault), count)| (cluster, fault, count)).collect();
        assert_eq!(found, [("idp".to_owned(), Fault::Certificate, 3), ("idp".to_owned(), Fault::Connect, 3)]);
    }
}
