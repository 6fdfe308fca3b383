//! The chain of what happened: SHA-256 over the canonical JSON (RFC 8785) of each line, the hash of the line before included.
//!
//! Whoever can write to the store can also write a whole new chain; what shows that is the hash of a line that was kept elsewhere
//! (`portcullisctl approvals verify` prints the last one).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One line.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Entry {
    /// From 1, without gaps.
    pub seq: i64,
    /// Milliseconds since 1970.
    pub at: u64,
    pub request: Option<String>,
    pub event: String,
    pub body: Value,
    /// The hash of the line before; empty for the first.
    pub previous: String,
    /// Hex.
    pub hash: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("line {0} is missing")]
    Missing(i64),
    #[error("line {0} does not follow from the line before it: one of them was changed, or something between them was taken out")]
    Unchained(i64),
    #[error("line {0} was changed")]
    Changed(i64),
}

/// A line with its hash.
pub fn chained(seq: i64, at: u64, request: Option<&str>, event: &str, body: Value, previous: &str) -> Entry {
    let entry = Entry {
        seq,
        at,
        request: request.map(str::to_owned),
        event: event.to_owned(),
        body,
        previous: previous.to_owned(),
        hash: String::new(),
    };
    let hash = hash(&entry);
    Entry { hash, ..entry }
}

fn hash(entry: &Entry) -> String {
    let Entry { seq, at, request, event, body, previous, hash: _ } = entry;
    let line = json!({ "seq": seq, "at": at, "request": request, "event": event, "body": body, "previous": previous });
    hex(&Sha256::digest(canonical(&line)))
}

/// RFC 8785. It fails only on numbers that a `Value` cannot hold.
pub fn canonical(value: &Value) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).unwrap_or_default()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a line follows the one before: its number and its hash.
pub fn follows(entry: &Entry, last: i64, previous: &str) -> Result<(), Broken> {
    if entry.seq != last + 1 {
        Err(Broken::Missing(last + 1))
    } else if entry.previous != previous {
        Err(Broken::Unchained(entry.seq))
    } else if entry.hash != hash(entry) {
        Err(Broken::Changed(entry.seq))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for seq in 1..=4 {
            let previous = entries.last().map(|entry| entry.hash.clone()).unwrap_or_default();
            entries.push(chained(seq, 1_800_000_000_000, Some("apr_x"), "approved", json!({ "b": 1.0, "a": "ä" }), &previous));
        }
        entries
    }

    fn verify(entries: &[Entry]) -> Result<(), Broken> {
        let mut last = (0, String::new());
        for entry in entries {
            follows(entry, last.0, &last.1)?;
            last = (entry.seq, entry.hash.clone());
        }
        Ok(())
    }

    #[test]
    fn every_change_shows() {
        assert_eq!(verify(&chain()), Ok(()));
        let mut changed = chain();
        changed[1].body = json!({ "a": "b" });
        assert_eq!(verify(&changed), Err(Broken::Changed(2)));
        let mut rehashed = chain();
        rehashed[1] = chained(2, 0, None, "denied", json!({}), &chain()[0].hash);
        assert_eq!(verify(&rehashed), Err(Broken::Unchained(3)));
        let mut shorter = chain();
        shorter.remove(1);
        assert_eq!(verify(&shorter), Err(Broken::Missing(2)));
        let mut swapped = chain();
        swapped.swap(1, 2);
        assert_eq!(verify(&swapped), Err(Broken::Missing(2)));
    }

    #[test]
    fn a_hash_is_that_of_the_canonical_line() {
        // Computed with Python: hashlib over json.dumps(..., sort_keys=True, separators=(",", ":"), ensure_ascii=False).
        let entry = chained(1, 7, None, "made", json!({ "z": 1, "a": [true, null] }), "");
        assert_eq!(entry.hash, "e0e96d18940d06cb106eeecde3d81e2ce3dac6f303746296b14bb834301b9716");
    }
}
