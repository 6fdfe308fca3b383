//! The corpus through a real Envoy with the real module, its third runner, over HTTP/1.1 and HTTP/2; and what only wires have: chunks,
//! frames, trailers, versions of TLS.
//!
//! One Envoy serves all cases of a policy. A case is sent in several ways, its answer too; each must come out as the case says.

#![allow(clippy::string_slice, reason = "the corpus's own texts are ASCII")]

#[cfg(test)]
mod door;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod http1;
#[cfg(test)]
mod http2;
#[cfg(test)]
#[path = "../../../tests/support/mod.rs"]
mod support;
#[cfg(test)]
mod trailers;
#[cfg(test)]
mod upstream;

#[cfg(test)]
mod cases {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::door::Door;
    use super::frames::Way;
    use super::support::case::{self, Case};
    use super::support::check::{self, Seen};
    use super::upstream::Upstream;
    use super::{http1, http2};

    /// How a request goes in and its answer comes back.
    const WAYS: [(Version, Way, Way); 5] = [
        (Version::Http1, Way::Whole, Way::Whole),
        (Version::Http1, Way::Halves, Way::Bytes),
        (Version::Http1, Way::Bytes, Way::Halves),
        (Version::Http2, Way::Whole, Way::Bytes),
        (Version::Http2, Way::Bytes, Way::Whole),
    ];

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Version {
        Http1,
        Http2,
    }

    /// Policies that need more around them than a server; each has its tests in `e2e`.
    const ELSEWHERE: [(&str, &str); 5] = [
        ("asking", "people must be asked: e2e/asking.rs"),
        ("jwt_authn", "this Envoy has no jwt_authn: e2e/tokens.rs"),
        ("metadata", "the issuer's document must be served: e2e/origin.rs"),
        ("revocation", "a list must be served: e2e/revocation.rs"),
        ("revocation-warn", "a list must be served: e2e/revocation.rs"),
    ];

    fn runs_here(case: &Case) -> bool {
        let elsewhere = ELSEWHERE.iter().any(|(policy, _)| *policy == case.policy);
        // Envoy refuses names that are none, and joins two of them: e2e/origin.rs.
        let name = |c: char| c.is_ascii_alphanumeric() || ".:-[]".contains(c);
        let host = &case.request.host;
        let named = !host.is_empty() && host.chars().all(name) && !case.request.headers.contains_key("host");
        // This Envoy asks for no client certificate either; e2e/tokens.rs has one that does.
        !elsewhere && named && case.caller.certificate.is_none() && !case.skip.contains_key("envoy")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_case_in_every_way() {
        let mut cases: Vec<Case> = case::all().into_iter().filter(runs_here).collect();
        // A header of the connection, and so Envoy's own: it takes the filter's away, whatever RFC 9110, 15.5.22 says of 426.
        cases.iter_mut().for_each(|case| drop(case.expect.headers.remove("upgrade")));
        let policies: BTreeSet<&str> = cases.iter().map(|case| case.policy.as_str()).collect();
        let upstream = Upstream::start(cases.clone()).await;
        let (mut failures, mut ran) = (Vec::new(), 0);
        for policy in policies {
            let door = Door::open(policy, &upstream.url).await;
            let mut exchanges = Vec::new();
            for (index, case) in cases.iter().enumerate().filter(|(_, case)| case.policy == policy) {
                for (version, request, answer) in WAYS {
                    // A client without TLS has no way to agree on HTTP/2.
                    if version == Version::Http2 && plaintext(case) {
                        continue;
                    }
                    let name = format!("{index}-{answer:?}-{version:?}-{request:?}");
                    let mut seen = match version {
                        Version::Http1 => http1::ask(&door, case, &name, request).await,
                        Version::Http2 => http2::ask(&door, case, &name, request).await,
                    };
                    seen.upstream = upstream.arrived(&name);
                    exchanges.push((name, case, seen));
                }
            }
            ran += exchanges.len();
            let names: Vec<&str> = exchanges.iter().map(|(name, ..)| name.as_str()).collect();
            let mut records = door.records(&names).await;
            for (name, case, mut seen) in exchanges {
                let mut found = records.remove(&name).unwrap_or_default();
                let count = found.len();
                seen.record = found.pop();
                let mut wrong = check::differences(case, &seen);
                wrong.extend(on_record(case, &seen, count));
                if !wrong.is_empty() {
                    failures.push((format!("{}: {} ({name})", case.file, case.name), wrong));
                }
            }
        }
        failures.extend(upstream.strange().into_iter().map(|what| ("the server".to_owned(), vec![what])));
        check::report(&failures, ran);
    }

    fn plaintext(case: &Case) -> bool {
        case.caller.tls.as_deref().is_none_or(str::is_empty)
    }

    /// What every record says, whatever the case: the connection and the request as they were, once.
    fn on_record(case: &Case, seen: &Seen, count: usize) -> Vec<String> {
        let record = seen.record.clone().unwrap_or_default();
        let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut wrong = Vec::new();
        let mut differ = |what: &str, holds: bool| {
            if !holds {
                wrong.push(format!("{what}: {record}"));
            }
        };
        differ(&format!("{count} records of one exchange"), count == 1);
        if plaintext(case) {
            differ("no plaintext on record", text("/unmapped/connection") == "plaintext" && record.pointer("/unmapped/tls").is_none());
        } else {
            let version = case.caller.tls.clone().unwrap_or_default();
            differ("another TLS version on record", text("/unmapped/tls/version") == version);
            differ(
                "no cipher suite on record",
                text("/unmapped/tls/cipher").contains("_GCM_") || text("/unmapped/tls/cipher").contains("-GCM-"),
            );
        }
        let status = record.pointer("/http_response/code").and_then(Value::as_u64);
        differ("another status on record", status == Some(u64::from(case.expect.status)));
        let stage = if case.expect.cut { "aborted" } else { "completed" };
        differ("another end on record", text("/unmapped/stage") == stage);
        if let Some((headers, _)) = &seen.upstream {
            let id = check::header(headers, "x-request-id");
            differ("the request has another id at the server", !id.is_empty() && record.to_string().contains(&id));
        }
        wrong
    }
}
