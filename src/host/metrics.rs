//! Counters in Envoy's stats, defined once per VM: `wasmcustom.portcullis.*`.

use std::borrow::Cow;
use std::collections::HashMap;

use proxy_wasm::hostcalls;
use proxy_wasm::types::MetricType;

use crate::exchange::{ALERTS, Metric};

#[derive(Debug, Default)]
pub(super) struct Metrics {
    ids: HashMap<Metric, u32>,
}

impl Metrics {
    pub(super) fn define() -> Self {
        let all = [
            Metric::Allowed,
            Metric::Refused,
            Metric::Unauthenticated,
            Metric::Revoked,
            Metric::Malformed,
            Metric::Limited,
            Metric::Unrecorded,
            Metric::Unapproved,
            Metric::Unmaskable,
            Metric::Unrecognized,
            Metric::Masked,
            Metric::Alerts,
            Metric::Hidden,
        ];
        let define = |metric| hostcalls::define_metric(MetricType::Counter, &name(metric)).ok().map(|id| (metric, id));
        let kinds = ALERTS.into_iter().map(Metric::Alert);
        Self { ids: all.into_iter().chain(kinds).filter_map(define).collect() }
    }

    pub(super) fn add(&self, metric: Metric, count: u64) {
        let (Some(id), Ok(count)) = (self.ids.get(&metric), i64::try_from(count)) else { return };
        if hostcalls::increment_metric(*id, count).is_err() {
            log::debug!("metric {} could not be counted", name(metric));
        }
    }
}

fn name(metric: Metric) -> Cow<'static, str> {
    let name = match metric {
        Metric::Allowed => "portcullis.exchanges_allowed",
        Metric::Refused => "portcullis.exchanges_refused",
        Metric::Unauthenticated => "portcullis.requests_unauthenticated",
        Metric::Revoked => "portcullis.exchanges_revoked",
        Metric::Malformed => "portcullis.requests_malformed",
        Metric::Limited => "portcullis.exchanges_limited",
        Metric::Unrecorded => "portcullis.exchanges_unrecorded",
        Metric::Unapproved => "portcullis.exchanges_unapproved",
        Metric::Unmaskable => "portcullis.responses_unmaskable",
        Metric::Unrecognized => "portcullis.messages_unrecognized",
        Metric::Masked => "portcullis.values_masked",
        Metric::Alerts => "portcullis.alerts",
        Metric::Alert(kind) => return Cow::Owned(format!("portcullis.alerts.{kind}")),
        Metric::Hidden => "portcullis.list_entries_hidden",
    };
    Cow::Borrowed(name)
}
