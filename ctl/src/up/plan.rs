//! Which servers Envoy must reach, and whether a policy can run with them.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::gateway::readable;
use super::options::Options;
use super::policy::{DEV_ISSUER, DevIssuer, Runnable};
use crate::envoy::config::{Authorities, Cluster, Route, UPSTREAM};
use crate::envoy::endpoint::Endpoint;
use crate::exit::Failure;

/// What stays the same while the policy changes.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) route: Route,
    dev_issuer: Option<DevIssuer>,
    listen: SocketAddr,
    upstream: Endpoint,
    authority: Option<PathBuf>,
    others: BTreeMap<String, Endpoint>,
    /// Path of the policy's resource at the start.
    path: String,
    /// Set for Envoy beside this program's own environment.
    env: Vec<String>,
}

impl Plan {
    pub(super) fn new(options: &Options, policy: &Runnable) -> Result<Self, Failure> {
        let endpoint = |url: &str, what: &str| Endpoint::parse(url).map_err(|err| Failure::usage(format!("{what}: {err}")));
        let upstream = endpoint(&options.upstream, "--upstream")?;
        let mut others = BTreeMap::new();
        for (name, url) in &options.clusters {
            if name.starts_with(UPSTREAM) || name == DEV_ISSUER {
                return Err(Failure::usage(format!("--cluster: the name `{name}` is taken; choose another")));
            }
            if others.insert(name.clone(), endpoint(url, "--cluster")?).is_some() {
                return Err(Failure::usage(format!("--cluster: `{name}` is given twice")));
            }
        }
        if let Some(dev) = &options.dev_issuer {
            others.insert(DEV_ISSUER.to_owned(), endpoint(&dev.jwks_url, "the development issuer")?);
        }
        let rewrite = upstream.path.clone().filter(|path| *path != policy.path).map(|path| (policy.path.clone(), path));
        Ok(Self {
            route: Route { authority: upstream.authority.clone(), rewrite },
            dev_issuer: options.dev_issuer.clone(),
            listen: options.listen,
            upstream,
            authority: options.upstream_ca.as_deref().map(readable).transpose()?,
            others,
            path: policy.path.clone(),
            env: options.env.iter().map(|(name, _)| name.clone()).collect(),
        })
    }

    /// Reads a policy that is to follow the one at the start.
    pub(super) fn read(&self, json: &str) -> Result<Runnable, Failure> {
        Runnable::new(json, self.dev_issuer.as_ref(), &|cluster| self.others.contains_key(cluster))
            .map(|policy| policy.listening_on(self.listen))
            .map_err(Failure::wrong)
    }

    /// Whether this policy can run in the Envoy that was, or is about to be, started.
    pub(super) fn check(&self, policy: &Runnable) -> Result<(), Failure> {
        let missing: Vec<&str> = policy.variables.iter().map(String::as_str).filter(|name| !self.is_set(name)).collect();
        if !missing.is_empty() {
            return Err(Failure::wrong(format!(
                "the policy takes secrets from the environment, and these variables are not set: {}. Set them and start again",
                missing.join(", ")
            )));
        }
        let unknown: Vec<String> = policy.clusters.iter().filter(|name| !self.others.contains_key(*name)).cloned().collect();
        if !unknown.is_empty() {
            let flags: Vec<String> = unknown.iter().map(|name| format!("--cluster {name}=https://...")).collect();
            return Err(Failure::wrong(format!(
                "the policy calls servers that Envoy does not know: {}. Start again with {}; to try things out, --dev-issuer takes the place of an identity provider",
                unknown.join(", "),
                flags.join(" ")
            )));
        }
        if policy.path != self.path {
            return Err(Failure::wrong(format!(
                "the path of `resource` changed from `{}` to `{}`, which needs a restart",
                self.path, policy.path
            )));
        }
        Ok(())
    }

    fn is_set(&self, name: &str) -> bool {
        self.env.iter().any(|set| set == name) || env::var_os(name).is_some()
    }

    /// Where a cluster is.
    pub(super) fn endpoint(&self, cluster: &str) -> Option<&Endpoint> {
        if cluster == UPSTREAM { Some(&self.upstream) } else { self.others.get(cluster) }
    }

    /// All clusters; a file with trusted authorities is made in `folder` where one is needed.
    pub(super) fn clusters(&self, folder: &Path) -> io::Result<Vec<Cluster>> {
        let of_upstream = self.authority.clone().map_or_else(system_authorities, Authorities::File);
        let of_others = match &self.authority {
            Some(extra) => together(extra, folder)?,
            None => system_authorities(),
        };
        let upstream = Cluster { name: UPSTREAM.to_owned(), endpoint: self.upstream.clone(), authorities: of_upstream };
        let others = self.others.iter().map(|(name, endpoint)| Cluster {
            name: name.clone(),
            endpoint: endpoint.clone(),
            authorities: of_others.clone(),
        });
        Ok(std::iter::once(upstream).chain(others).collect())
    }
}

/// `SSL_CERT_FILE` and the places where systems keep it; Envoy knows fewer.
fn system_authorities() -> Authorities {
    openssl_probe::probe().cert_file.map_or(Authorities::System, Authorities::File)
}

/// The system's authorities and one more file, in one file.
fn together(extra: &Path, folder: &Path) -> io::Result<Authorities> {
    let mut all = fs::read_to_string(extra)?;
    if let Authorities::File(system) = system_authorities() {
        all.push('\n');
        all.push_str(&fs::read_to_string(system)?);
    }
    let file = folder.join("authorities.pem");
    fs::write(&file, all)?;
    Ok(Authorities::File(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(upstream: &str, json: &str) -> (Plan, Runnable) {
        let policy = Runnable::new(json, None, &|_| true).unwrap();
        let mut options = Options::new(upstream, json, "audit.ndjson");
        options.clusters = vec![("idp".to_owned(), "https://id.example.com".to_owned())];
        options.env = vec![("TOKEN".to_owned(), "secret".to_owned())];
        (Plan::new(&options, &policy).unwrap(), policy)
    }

    #[test]
    fn a_path_is_rewritten_only_where_it_differs() {
        let json = r#"{"resource":"https://mcp.example.com/mcp"}"#;
        assert_eq!(plan("http://localhost:3000", json).0.route.rewrite, None);
        assert_eq!(plan("http://localhost:3000/mcp", json).0.route.rewrite, None);
        let rewrite = plan("http://localhost:3000/", json).0.route.rewrite;
        assert_eq!(rewrite, Some(("/mcp".to_owned(), "/".to_owned())));
    }

    #[test]
    fn says_what_is_missing_and_how_to_add_it() {
        let (plan, policy) = plan("http://localhost:3000", r#"{"resource":"https://a.example/mcp"}"#);
        plan.check(&policy).unwrap();
        let refused = |json: &str| plan.check(&Runnable::new(json, None, &|_| true).unwrap()).unwrap_err().to_string();
        let unset = refused(r#"{"a":"${env:TOKEN}${env:PORTCULLIS_TEST_UNSET}"}"#);
        assert!(unset.contains("PORTCULLIS_TEST_UNSET") && !unset.contains("TOKEN,"), "{unset}");
        let cluster = refused(r#"{"identity":{"issuers":[{"jwks":{"cluster":"keys"}}]}}"#);
        assert!(cluster.contains("--cluster keys=https://"), "{cluster}");
        assert!(refused(r#"{"resource":"https://a.example/other"}"#).contains("restart"));
    }

    #[test]
    fn names_of_clusters_are_unique() {
        let policy = Runnable::new("{}", None, &|_| true).unwrap();
        let mut options = Options::new("http://localhost:3000", "{}", "audit.ndjson");
        for names in [["a", "a"], ["b", UPSTREAM]] {
            options.clusters = names.map(|name| (name.to_owned(), "http://localhost:1".to_owned())).to_vec();
            assert!(Plan::new(&options, &policy).is_err());
        }
    }
}
