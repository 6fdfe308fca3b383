//! Servers behind the gateway that cannot be called, told once a while in words that say what to do.

use crate::envoy::admin::{Fault, Faults};
use crate::envoy::endpoint::Endpoint;

/// Compares counts with those of the last look.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    seen: Faults,
}

impl Trouble {
    /// One line for each server that failed since the last look; `endpoint` knows where a cluster is.
    pub(super) fn news<'e>(&mut self, faults: Faults, endpoint: impl Fn(&str) -> Option<&'e Endpoint>) -> Vec<String> {
        let mut news: Vec<(&str, Fault)> = Vec::new();
        for ((cluster, fault), count) in &faults {
            let grown = self.seen.get(&(cluster.clone(), *fault)).is_none_or(|before| before < count);
            // The first kind found, in the order of kinds, is the reason for the others.
            if grown && news.iter().all(|(told, _)| told != cluster) {
                news.push((cluster, *fault));
            }
        }
        let told = news.into_iter().filter_map(|(cluster, fault)| Some(describe(cluster, fault, endpoint(cluster)?))).collect();
        self.seen = faults;
        told
    }
}

fn describe(cluster: &str, fault: Fault, Endpoint { host, port, .. }: &Endpoint) -> String {
    match fault {
        Fault::Certificate => format!(
            "{cluster}: the certificate of {host}:{port} is not signed by a trusted authority for the name `{host}`; \
             --upstream-ca FILE names another authority"
        ),
        Fault::Connect => format!("{cluster}: no connection to {host}:{port}; is the server running?"),
        Fault::Name => format!("{cluster}: the name `{host}` has no address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_reason_and_only_news() {
        let server = Endpoint::parse("https://id.example.com").unwrap();
        let endpoint = |cluster: &str| (cluster == "idp").then_some(&server);
        let faults = |certificate, connect| {
            Faults::from([(("idp".to_owned(), Fault::Certificate), certificate), (("idp".to_owned(), Fault::Connect), connect)])
        };
        let mut trouble = Trouble::default();
        let news = trouble.news(faults(1, 1), endpoint);
        assert_eq!(news.len(), 1);
        assert!(news[0].contains("--upstream-ca"), "{}", news[0]);
        assert!(trouble.news(faults(1, 1), endpoint).is_empty());
        assert!(trouble.news(faults(1, 2), endpoint)[0].contains("is the server running"));
    }
}
