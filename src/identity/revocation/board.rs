//! What the VMs of a process tell each other: three entries in the host's shared data.
//!
//! - the lease: when the next fetch is due; whoever moves it on makes the fetch,
//! - the head: which list there is and when it was last confirmed; small, looked at on every tick,
//! - the body: the list as it came.
//!
//! Only the filter's own code can write there, so the times are believed; the list is not, each VM checks its signature.

use sha2::{Digest, Sha256};

use crate::policy;
use crate::time::Time;

/// Values that all VMs of a process see, each with a version that changes with every write.
pub trait SharedData {
    fn read(&self, key: &str) -> Option<(Vec<u8>, u32)>;
    /// Writes, if the value still has this version; without one, whatever is there. False: somebody else was faster.
    fn write(&mut self, key: &str, value: &[u8], version: Option<u32>) -> bool;
}

/// The names of the entries: other settings, other entries, so that a new policy does not read what an old one left.
pub(super) struct Board {
    lease: String,
    head: String,
    body: String,
}

/// Whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lease {
    /// Not before this time.
    pub next: Time,
    /// Failed fetches in a row.
    pub failures: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Goes up with every new list.
    pub generation: u64,
    pub checked_at: Time,
    pub etag: Option<String>,
}

impl Board {
    pub(super) fn of(settings: &policy::Revocation) -> Self {
        let policy::Revocation { cluster, path, host, signed, interval: _, stale_after: _, when_stale: _ } = settings;
        let keys = match signed {
            policy::Signed::By(keys) => keys.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            policy::Signed::Not => String::new(),
        };
        let digest = Sha256::digest([cluster.as_str(), path, host, &keys].join("\0"));
        let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let entry = |what: &str| format!("portcullis.revocations.{name}.{what}");
        Self { lease: entry("lease"), head: entry("head"), body: entry("body") }
    }

    pub(super) fn lease(&self, shared: &dyn SharedData) -> Option<(Lease, u32)> {
        let (bytes, version) = shared.read(&self.lease)?;
        Some((Lease::parse(&bytes)?, version))
    }

    pub(super) fn put_lease(&self, shared: &mut dyn SharedData, lease: &Lease, version: Option<u32>) -> bool {
        shared.write(&self.lease, format!("{} {}", lease.next.millis(), lease.failures).as_bytes(), version)
    }

    pub(super) fn head(&self, shared: &dyn SharedData) -> Option<(Head, u32)> {
        let (bytes, version) = shared.read(&self.head)?;
        Some((Head::parse(&bytes)?, version))
    }

    pub(super) fn put_head(&self, shared: &mut dyn SharedData, head: &Head, version: Option<u32>) -> bool {
        let etag = head.etag.as_deref().unwrap_or_default();
        shared.write(&self.head, format!("{} {} {etag}", head.generation, head.checked_at.millis()).as_bytes(), version)
    }

    pub(super) fn body(&self, shared: &dyn SharedData) -> Option<Vec<u8>> {
        shared.read(&self.body).map(|(bytes, _)| bytes)
    }

    pub(super) fn put_body(&self, shared: &mut dyn SharedData, body: &[u8]) {
        shared.write(&self.body, body, None);
    }
}

impl Lease {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (next, failures) = std::str::from_utf8(bytes).ok()?.split_once(' ')?;
        Some(Self { next: Time::from_millis(next.parse().ok()?), failures: failures.parse().ok()? })
    }
}

impl Head {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut parts = std::str::from_utf8(bytes).ok()?.splitn(3, ' ');
        let (generation, checked_at, etag) = (parts.next()?, parts.next()?, parts.next()?);
        let etag = Some(etag).filter(|etag| !etag.is_empty()).map(str::to_owned);
        Some(Self { generation: generation.parse().ok()?, checked_at: Time::from_millis(checked_at.parse().ok()?), etag })
    }
}
