//! `identity.revocation`: its defaults, bounds, and what signs the list.

use super::super::form::Placed;
use super::super::model::{Revocation, Signed, WhenStale};
use super::super::report::Report;
use super::super::value::Duration;
use super::super::words::Jwk;
use super::{between, or, service_host, written};

pub(in crate::policy) fn of(written: Placed<written::Revocation>, report: &mut Report) -> Option<Revocation> {
    let Placed { at, value } = written;
    let written::Revocation { cluster, path, host, interval, stale_after, when_stale, keys, unsigned } = value;
    let secs = Duration::from_secs;
    let host = service_host(host, cluster.as_ref(), &at, report);
    let interval = between(interval, secs(10), secs(1), secs(300), "from 1s to 5m", report);
    let usual = Duration::from_millis(secs(60).millis().max(interval.millis().saturating_mul(3)));
    let stale_at = stale_after.as_ref().map(|placed| placed.at.clone());
    let stale_after = between(stale_after, usual, secs(2), secs(86_400), "from 2s to 1d", report);
    if stale_after.millis() < interval.millis().saturating_mul(2) {
        report.add(stale_at.as_ref().unwrap_or(&at), "must be at least twice `interval`, or one slow answer would make the list stale");
    }
    let signed = signed(keys, unsigned, &at, report);
    Some(Revocation {
        cluster: cluster?.value,
        path: path?.value.0,
        host: host?,
        interval,
        stale_after,
        when_stale: or(when_stale, WhenStale::Refuse),
        signed: signed?,
    })
}

/// Nobody gets an unsigned list by leaving something out.
fn signed(keys: Option<Placed<Vec<Jwk>>>, unsigned: Option<Placed<bool>>, at: &super::Place, report: &mut Report) -> Option<Signed> {
    match (keys, unsigned) {
        (Some(_), Some(Placed { at, value: true })) => {
            report.add(&at, "has no effect beside `keys`; keep one of the two");
            None
        }
        (Some(keys), _) => Some(Signed::By(keys.value.into_iter().map(|jwk| jwk.0).collect())),
        (None, Some(Placed { value: true, .. })) => Some(Signed::Not),
        (None, _) => {
            report.follow_up(
                at,
                "has no `keys`; `portcullisctl revoke --file FILE --public-key` makes and prints one (or say `unsigned: true`)",
            );
            None
        }
    }
}
