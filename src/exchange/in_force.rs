//! Whether a policy is still the one in force.
//!
//! Streams that run end under the policy they came under, and no host tells the old one that it was replaced. So each engine leaves the digest of its policy in
//! shared data when it begins, and one that finds another there has been replaced. Two policies of one endpoint in one process would find each other
//! there, too: therefore it only counts for what began before it was found.

use crate::identity::SharedData;
use crate::policy::value::Resource;
use crate::time::Time;

#[derive(Debug)]
pub(super) struct InForce {
    key: String,
    digest: String,
    told: bool,
    replaced: Option<Time>,
}

impl InForce {
    pub(super) fn new(endpoint: &Resource, digest: &str) -> Self {
        Self { key: format!("portcullis.policy.{}", endpoint.as_str()), digest: digest.to_owned(), told: false, replaced: None }
    }

    /// On each tick. A write that loses against another worker's is made again on the next.
    pub(super) fn sync(&mut self, shared: &mut dyn SharedData, now: Time) {
        let known = shared.read(&self.key);
        let is_ours = known.as_ref().is_some_and(|(digest, _)| digest == self.digest.as_bytes());
        if !self.told {
            self.told = is_ours || shared.write(&self.key, self.digest.as_bytes(), known.map(|(_, version)| version));
        } else if is_ours {
            self.replaced = None;
        } else if known.is_some() {
            self.replaced.get_or_insert(now);
        }
    }

    /// Whether another has taken its place since.
    pub(super) fn is_over_for(&self, began: Time) -> bool {
        self.replaced.is_some_and(|replaced| began <= replaced)
    }
}
