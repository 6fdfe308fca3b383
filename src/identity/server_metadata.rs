//! The metadata document of one issuer (RFC 8414), fetched like its keys and handed out as it came.
//!
//! Clients of MCP 2025-03-26 look for it at the MCP server's own address; a redirect would do for some of them only. Later
//! clients find the issuer through the protected resource metadata and never ask.

use serde_json::Value;

use super::source::{Answer, Fetch, FetchProblem, SourceId};
use crate::limits::METADATA_BYTES;
use crate::policy::Jwks;
use crate::time::Time;

/// The pause after a failure; then it is as long as between good answers.
const RETRY_MS: u64 = 5_000;

/// See [`super::source`]: only a host that failed leaves a fetch without an answer for so long.
const LOST_AFTER_MS: u64 = 30_000;

pub(super) struct ServerMetadata {
    issuer: String,
    settings: Jwks,
    /// The document and when it was last confirmed.
    good: Option<(Vec<u8>, Time)>,
    under_way: Option<Time>,
    /// When the last fetch ended, and whether well.
    ended: Option<(Time, bool)>,
}

impl ServerMetadata {
    pub(super) fn new(issuer: String, settings: Jwks) -> Self {
        Self { issuer, settings, good: None, under_way: None, ended: None }
    }

    /// JSON; none when there is none yet, or none any more.
    pub(super) fn document(&self, now: Time) -> Option<&[u8]> {
        let (document, at) = self.good.as_ref()?;
        (now.since(*at) < self.settings.keep.millis()).then_some(document.as_slice())
    }

    pub(super) fn fetch(&mut self, now: Time) -> Option<Fetch> {
        let timeout_ms = self.settings.timeout.millis();
        let passed = |since: Time, millis: u64| now < since || now.since(since) >= millis;
        if self.under_way.is_some_and(|began| !passed(began, timeout_ms.saturating_add(LOST_AFTER_MS))) {
            return None;
        }
        let refresh = self.settings.refresh.millis();
        if self.ended.is_some_and(|(ended, well)| !passed(ended, if well { refresh } else { RETRY_MS.min(refresh) })) {
            return None;
        }
        self.under_way = Some(now);
        Some(Fetch {
            source: SourceId::METADATA,
            cluster: self.settings.cluster.clone(),
            host: self.settings.host.clone(),
            path: self.settings.path.clone(),
            timeout_ms,
            etag: None,
        })
    }

    pub(super) fn answered(&mut self, answer: Answer<'_>, now: Time) -> Result<(), FetchProblem> {
        self.under_way = None;
        let read = self.read(answer);
        self.ended = Some((now, read.is_ok()));
        read.map(|document| self.good = Some((document, now)))
    }

    /// Its `issuer` must be the one the policy names: a document of someone else would send clients to someone else.
    fn read(&self, answer: Answer<'_>) -> Result<Vec<u8>, FetchProblem> {
        let body = match answer {
            Answer::Http { status: 200, body, .. } => body,
            Answer::Http { status, .. } => return Err(FetchProblem::Status(status)),
            Answer::Failed => return Err(FetchProblem::NoAnswer),
        };
        let unusable = |why: &str| Err(FetchProblem::Unusable(why.to_owned()));
        if body.len() > METADATA_BYTES {
            return unusable("the document is longer than 64 KiB");
        }
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return unusable("the document is not a JSON object") };
        if members.get("issuer").and_then(Value::as_str) != Some(self.issuer.as_str()) {
            return unusable("the document's `issuer` is not the issuer of the policy");
        }
        Ok(body.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::value::Duration;

    const GOOD: &[u8] = br#"{"issuer":"https://id.example.com","token_endpoint":"https://id.example.com/token"}"#;

    fn metadata() -> ServerMetadata {
        let secs = Duration::from_secs;
        let settings = Jwks {
            cluster: "idp".into(),
            path: "/.well-known/oauth-authorization-server".into(),
            host: "id.example.com".into(),
            refresh: secs(300),
            timeout: secs(5),
            keep: secs(3600),
        };
        ServerMetadata::new("https://id.example.com".into(), settings)
    }

    fn at(secs: u64) -> Time {
        Time::from_millis(1_000_000 + secs * 1000)
    }

    fn http(status: u16, body: &[u8]) -> Answer<'_> {
        Answer::Http { status, body, etag: None }
    }

    #[test]
    fn is_fetched_once_and_again_after_a_while() {
        let mut metadata = metadata();
        assert_eq!(metadata.fetch(at(0)).unwrap().path, "/.well-known/oauth-authorization-server");
        assert!(metadata.fetch(at(1)).is_none(), "one at a time");
        assert!(metadata.document(at(1)).is_none());
        metadata.answered(http(200, GOOD), at(2)).unwrap();
        assert_eq!(metadata.document(at(2)), Some(GOOD));
        assert!(metadata.fetch(at(300)).is_none());
        assert!(metadata.fetch(at(302)).is_some());
        assert!(metadata.answered(Answer::Failed, at(303)).is_err());
        assert_eq!(metadata.document(at(303)), Some(GOOD), "the old one stays");
        assert!(metadata.fetch(at(307)).is_none() && metadata.fetch(at(308)).is_some());
        assert!(metadata.fetch(at(320)).is_none() && metadata.fetch(at(350)).is_some(), "an answer that never came");
        assert_eq!(metadata.document(at(3602)), None, "not for ever");
    }

    #[test]
    fn only_the_issuers_own_document_is_taken() {
        let long = vec![b' '; METADATA_BYTES + 1];
        let other = br#"{"issuer":"https://evil.example.com"}"#;
        for (status, body) in
            [(500, GOOD), (302, GOOD), (200, b"[]"), (200, b"{"), (200, b"{}"), (200, other), (200, &long)] as [(u16, &[u8]); 7]
        {
            let mut metadata = metadata();
            assert!(metadata.fetch(at(0)).is_some());
            assert!(metadata.answered(http(status, body), at(1)).is_err(), "{status} {}", body.len());
            assert!(metadata.document(at(1)).is_none());
        }
    }
}
