//! What running a policy asks of the machine: environment variables, clusters, the endpoint's path.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use portcullis::policy::value::Duration;
use serde_json::{Value, json};

/// Cluster of the embedded development issuer.
pub(super) const DEV_ISSUER: &str = "portcullis-dev-issuer";

/// An issuer for trying things out, beside those of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevIssuer {
    /// Its `iss`.
    pub issuer: String,
    /// Where its keys are: `http://127.0.0.1:4000/jwks.json`.
    pub jwks_url: String,
}

/// A policy ready to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Runnable {
    /// For the filter.
    pub(super) json: String,
    /// Names in `${env:NAME}`, each once.
    pub(super) variables: Vec<String>,
    /// Names of Envoy clusters the policy calls.
    pub(super) clusters: BTreeSet<String>,
    /// Issuers that the development issuer stands in for.
    pub(super) left_out: Vec<String>,
    /// Host of `resource`, without its port.
    pub(super) host: Option<String>,
    /// `audit.interim`
    pub(super) interim: Option<Duration>,
    /// Path of `resource`; `/` when it has none.
    pub(super) path: String,
}

impl Runnable {
    /// Reads what matters from a policy that was checked before.
    ///
    /// A development issuer is added to its issuers, and stands in for those whose keys cannot be fetched because no server was
    /// named for their cluster: a policy made for elsewhere can be tried out, and lets in fewer than it would, never more.
    pub(super) fn new(json: &str, dev_issuer: Option<&DevIssuer>, known: &dyn Fn(&str) -> bool) -> Result<Self, String> {
        let mut policy: Value = serde_json::from_str(json).map_err(|err| format!("the policy is not JSON: {err}"))?;
        if policy.pointer("/identity/from").and_then(Value::as_str) == Some("envoy_jwt_authn") {
            // It would start, and refuse everyone.
            return Err("`identity.from: envoy_jwt_authn` needs Envoy's own filter before this one, which `up` does not run; \
                        see envoy/jwt-authn.yaml for an Envoy that does"
                .to_owned());
        }
        let left_out = match dev_issuer {
            Some(dev) => add_issuer(&mut policy, dev, known)?,
            None => Vec::new(),
        };
        let resource = policy.get("resource").and_then(Value::as_str).and_then(|text| reqwest::Url::parse(text).ok());
        let mut clusters = BTreeSet::new();
        for section in ["identity", "audit"].into_iter().filter_map(|name| policy.get(name)) {
            collect_clusters(section, &mut clusters);
        }
        let interim = policy.pointer("/audit/interim").and_then(Value::as_str).and_then(|text| Duration::parse(text).ok());
        let json = policy.to_string();
        Ok(Self {
            variables: variables(&json),
            clusters,
            host: resource.as_ref().and_then(|url| url.host_str()).map(|host| host.trim_matches(['[', ']']).to_owned()),
            left_out,
            interim,
            path: resource.map_or_else(|| "/".to_owned(), |url| url.path().to_owned()),
            json,
        })
    }
}

impl Runnable {
    /// With the names it is called by here.
    pub(super) fn listening_on(mut self, listen: SocketAddr) -> Self {
        if let Ok(mut policy) = serde_json::from_str(&self.json) {
            super::hosts::add(&mut policy, listen);
            self.json = policy.to_string();
        }
        self
    }
}

/// Returns the issuers left out.
fn add_issuer(policy: &mut Value, dev: &DevIssuer, known: &dyn Fn(&str) -> bool) -> Result<Vec<String>, String> {
    let url = reqwest::Url::parse(&dev.jwks_url).map_err(|err| format!("`{}` is not a URL: {err}", dev.jwks_url))?;
    let mut issuer = json!({
        "issuer": dev.issuer,
        "jwks": { "cluster": DEV_ISSUER, "path": url.path() },
        "algorithms": ["ES256"],
    });
    let policy = policy.as_object_mut().ok_or("the policy is not an object")?;
    let identity = policy.entry("identity").or_insert_with(|| json!({}));
    let issuers = identity.as_object_mut().ok_or("`identity` is not an object")?.entry("issuers").or_insert_with(|| json!([]));
    let issuers = issuers.as_array_mut().ok_or("`identity.issuers` is not a list")?;
    let text = |issuer: &Value, pointer: &str| issuer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let unreachable = |issuer: &Value| text(issuer, "/jwks/cluster").is_some_and(|cluster| !known(&cluster));
    let left_out = issuers.iter().filter(|issuer| unreachable(issuer)).filter_map(|issuer| text(issuer, "/issuer")).collect();
    issuers.retain(|issuer| !unreachable(issuer));
    // For clients of 2025-03-26; one issuer can have it.
    if let (true, Some(members)) = (issuers.iter().all(|issuer| issuer.get("metadata").is_none()), issuer.as_object_mut()) {
        members.insert("metadata".to_owned(), json!({ "cluster": DEV_ISSUER, "path": "/.well-known/oauth-authorization-server" }));
    }
    issuers.push(issuer);
    Ok(left_out)
}

/// Every `cluster: NAME` below; the policy's own nesting is bounded by its reader.
fn collect_clusters(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(cluster) if name == "cluster" => {
                        found.insert(cluster.clone());
                    }
                    other => collect_clusters(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_clusters(item, found)),
        _ => {}
    }
}

fn variables(text: &str) -> Vec<String> {
    let names = text.split("${env:").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned());
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{
        "version": 1, "resource": "https://mcp.example.com:8443/mcp",
        "identity": { "issuers": [
            { "issuer": "https://id.example.com", "jwks": { "cluster": "idp", "path": "/jwks.json" } },
            { "issuer": "https://b.example.com", "jwks": { "cluster": "b", "path": "/" } }
        ], "revocation": { "cluster": "control" } },
        "rules": [{ "id": "x", "message": "the cluster is full", "then": "deny" }],
        "transport": { "upstream_credential": { "header": "authorization", "value": "Bearer ${env:B}${env:A}${env:B}" } }
    }"#;

    #[test]
    fn knows_what_it_needs() {
        let policy = Runnable::new(POLICY, None, &|_| false).unwrap();
        assert_eq!(policy.variables, ["A", "B"]);
        assert_eq!(policy.clusters.into_iter().collect::<Vec<_>>(), ["b", "control", "idp"]);
        assert_eq!((policy.host.as_deref(), policy.path.as_str()), (Some("mcp.example.com"), "/mcp"));
    }

    #[test]
    fn a_policy_that_needs_another_envoy_is_refused() {
        let wrong = Runnable::new(r#"{"identity":{"from":"envoy_jwt_authn","issuers":[]}}"#, None, &|_| true).unwrap_err();
        assert!(wrong.contains("needs Envoy's own filter"), "{wrong}");
    }

    #[test]
    fn the_development_issuer_comes_beside_those_that_can_be_reached() {
        let dev = DevIssuer { issuer: "http://127.0.0.1:4000".to_owned(), jwks_url: "http://127.0.0.1:4000/jwks.json".to_owned() };
        let policy = Runnable::new(POLICY, Some(&dev), &|cluster| cluster == "b").unwrap();
        let json: Value = serde_json::from_str(&policy.json).unwrap();
        assert_eq!(json.pointer("/identity/issuers/1/issuer").unwrap(), "http://127.0.0.1:4000");
        assert_eq!(json.pointer("/identity/issuers/1/jwks/path").unwrap(), "/jwks.json");
        assert!(policy.clusters.contains(DEV_ISSUER) && !policy.clusters.contains("idp"));
        assert_eq!(policy.left_out, ["https://id.example.com"]);
        let alone = Runnable::new(r#"{"version":1}"#, Some(&dev), &|_| true).unwrap();
        assert!(alone.clusters.contains(DEV_ISSUER));
        assert_eq!(alone.path, "/");
    }
}
