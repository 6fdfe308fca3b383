//! `audit.collector`, and the rules that need it.

use super::super::audit::{AuditWritten, Collector, RecordWord};
use super::super::form::Placed;
use super::super::report::Report;
use super::super::value::Duration;
use super::{between, credential_of, service_host, written};

/// The path that OTLP over HTTP gives logs.
const PATH: &str = "/v1/logs";

pub(in crate::policy) fn of(written: Placed<written::Collector>, report: &mut Report) -> Option<Collector> {
    let Placed { at, value } = written;
    let written::Collector { cluster, path, host, timeout, credential } = value;
    let host = service_host(host, cluster.as_ref(), &at, report);
    let timeout =
        between(timeout, Duration::from_secs(2), Duration::from_millis(100), Duration::from_secs(30), "from 100ms to 30s", report);
    Some(Collector {
        cluster: cluster?.value,
        path: path.map_or_else(|| PATH.to_owned(), |path| path.value.0),
        host: host?,
        timeout,
        credential: credential.and_then(credential_of),
    })
}

/// A record that must be kept needs somebody who keeps it, and a call that goes on.
pub(super) fn check(rules: Option<&Placed<Vec<Placed<written::Rule>>>>, audit: Option<&Placed<AuditWritten>>, report: &mut Report) {
    let kept = audit.is_some_and(|audit| audit.value.collector.is_some());
    for rule in rules.iter().flat_map(|rules| &rules.value) {
        let words = rule.value.record.iter().flat_map(|words| &words.value);
        let Some(Placed { at, .. }) = words.into_iter().find(|word| word.value == RecordWord::Before) else { continue };
        if !kept {
            report.add(at, "needs `audit.collector`, which says who keeps the record");
        }
        if matches!(rule.value.then.as_ref().map(|then| &then.value), Some(written::Then::Deny)) {
            report.add(at, "has no effect in a rule that denies: what is not forwarded is on record when it is refused");
        }
    }
}
