//! `approvals`, and the rules that ask.

use super::super::form::Placed;
use super::super::model::{Approvals, Ask, Reason};
use super::super::report::{Place, Report};
use super::super::value::Duration;
use super::{between, or, service_host, written};
use crate::limits;

/// What the service takes.
const QUORUM: usize = 10;
const APPROVERS: usize = 64;
const USES: usize = 1_000;

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

pub(super) fn of(written: Placed<written::Approvals>, report: &mut Report) -> Option<Approvals> {
    let Placed { at, value } = written;
    let written::Approvals { cluster, host, path_prefix, credential, key, keys, timeout, url_elicitation_errors } = value;
    let host = service_host(host, cluster.as_ref(), &at, report);
    if let Some(Placed { at, value }) = key.as_ref().filter(|key| key.value.expose().len() < limits::SEAL_KEY_BYTES) {
        let (len, least) = (value.expose().len(), limits::SEAL_KEY_BYTES);
        report.add(at, format!("the key has {len} bytes; it must have {least} or more, such as the output of `openssl rand -base64 32`"));
    }
    let timeout =
        between(timeout, Duration::from_secs(5), Duration::from_millis(100), Duration::from_secs(30), "from 100ms to 30s", report);
    Some(Approvals {
        cluster: cluster?.value,
        host: host?,
        path_prefix: path_prefix.map(|path| path.value.0.trim_end_matches('/').to_owned()).unwrap_or_default(),
        credential: credential?.value,
        key: key?.value,
        keys: keys?.value.into_iter().map(|jwk| jwk.0).collect(),
        timeout,
        url_elicitation_errors: or(url_elicitation_errors, true),
    })
}

/// `None` only when a part is missing, which was reported already.
pub(super) fn ask_of(written: written::Ask, at: &Place, report: &mut Report) -> Option<Ask> {
    let written::Ask { approvers, quorum, distinct_groups, reason, hold, grant, valid, wait } = written;
    let week = minutes(7 * 24 * 60);
    let short = Duration::from_secs(10);
    let quorum_at = quorum.as_ref().map_or_else(|| at.clone(), |quorum| quorum.at.clone());
    let quorum = quorum.map_or(1, |quorum| quorum.value.0);
    if quorum == 0 || quorum > QUORUM {
        report.add(&quorum_at, format!("must be from 1 to {QUORUM}; with 0 nobody would be asked"));
    }
    let hold = between(hold, Duration::from_secs(45), Duration::from_secs(0), minutes(5), "from 0s to 5m", report);
    let valid_at = valid.as_ref().map(|valid| valid.at.clone());
    let mut valid = between(valid, minutes(15), short, week, "from 10s to 7d", report);
    let mut uses = 1;
    if let Some(Placed { value: written::Grant::Window(window), .. }) = grant {
        if let Some(at) = valid_at {
            report.add(&at, "has no effect beside `grant.valid`; keep one of the two");
        }
        if let Some(Placed { at, value }) = &window.uses {
            uses = value.0;
            if uses == 0 || uses > USES {
                report.add(at, format!("must be from 1 to {USES}"));
            }
        }
        valid = between(window.valid, valid, short, week, "from 10s to 7d", report);
    }
    let wait = between(wait, minutes(15), short, week, "from 10s to 7d", report);
    let approvers = approvers?;
    if approvers.value.len() > APPROVERS {
        report.add(&approvers.at, format!("{} groups; at most {APPROVERS} are taken", approvers.value.len()));
    }
    let distinct_groups = or(distinct_groups, false);
    if distinct_groups && quorum > approvers.value.len() {
        report.add(&quorum_at, "with `distinct_groups` there are fewer groups of `approvers` than people who must approve");
    }
    Some(Ask {
        approvers: approvers.value,
        quorum,
        distinct_groups,
        reason: or(reason, Reason::Optional),
        hold,
        uses: u32::try_from(uses).unwrap_or(1),
        valid,
        wait,
    })
}

/// A rule that asks needs somebody who asks people.
pub(super) fn check(
    rules: Option<&Placed<Vec<Placed<written::Rule>>>>,
    approvals: Option<&Placed<written::Approvals>>,
    report: &mut Report,
) {
    if approvals.is_some() {
        return;
    }
    for then in rules.iter().flat_map(|rules| &rules.value).filter_map(|rule| rule.value.then.as_ref()) {
        if let Placed { at, value: written::Then::Ask(_) } = then {
            report.add(at, "needs `approvals`, which says who asks people: `portcullisctl approvals serve` (see `docs/ask.md`)");
        }
    }
}
