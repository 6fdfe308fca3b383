//! Keys of services for metrics, logs, errors and feature flags.

use super::shape::{ALNUM, ANY_HEX, HEX, LOWER, PADDED, Piece, SIGNED, Shape, UPPER, URL64};
use super::text::{entropy, is_word};
use super::{About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::token(
        Detector::MonitoringKeys,
        "new_relic_key",
        &[Trigger::Shapes(&[
            Shape::new("NRAK-", &[Piece::Run(&UPPER, 27, 27)]),
            Shape::new("NRAK-", &[Piece::Run(&LOWER, 27, 27)]),
            Shape::new("NRJS-", &[Piece::Run(&HEX, 19, 19)]),
            Shape::new("NRII-", &[Piece::Run(&URL64, 32, 32)]),
            Shape::new("NRIQ-", &[Piece::Run(&URL64, 32, 32)]),
            Shape::new("NRRA-", &[Piece::Run(&HEX, 42, 42)]),
            Shape::new("NRSP-", &[Piece::Run(&ALNUM, 2, 10), Piece::Text("-"), Piece::Run(&ALNUM, 40, 60)]),
        ])],
        "docs.newrelic.com",
    ),
    Family::new(
        Detector::MonitoringKeys,
        "new_relic_license_key",
        &[Trigger::Heads(&["NRAL"], new_relic)],
        About { matches: "32 to 36 hex digits and `NRAL`", validator: "length, entropy", context: "", source: "docs.newrelic.com" },
    ),
    Family::token(
        Detector::MonitoringKeys,
        "grafana_key",
        &[Trigger::Shapes(&[
            Shape::new("glc_", &[Piece::Run(&PADDED, 32, 400)]).endless(Tail::Base64),
            Shape::new("glsa_", &[Piece::Run(&ALNUM, 32, 32), Piece::Text("_"), Piece::Run(&ANY_HEX, 8, 8)]),
            Shape::new("eyJrIjoi", &[Piece::Run(&PADDED, 60, 400)]),
        ])],
        "grafana.com/docs",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "sentry_token",
        &[Trigger::Shapes(&[
            Shape::new("sntrys_eyJ", &[Piece::Run(&PADDED, 60, 400)]).endless(Tail::Base64),
            Shape::new("sntryu_", &[Piece::Run(&HEX, 64, 64)]),
            Shape::new("sntrya_", &[Piece::Run(&HEX, 64, 64)]),
        ])],
        "docs.sentry.io",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "dynatrace_token",
        &[Trigger::Shapes(&[
            Shape::new("dt0c01.", &[Piece::Run(&UPPER, 24, 24), Piece::Text("."), Piece::Run(&UPPER, 64, 64)]),
            Shape::new("dt0s01.", &[Piece::Run(&UPPER, 8, 8), Piece::Text("."), Piece::Run(&UPPER, 64, 64)]),
            Shape::new("dt0s16.", &[Piece::Run(&UPPER, 8, 8), Piece::Text("."), Piece::Run(&UPPER, 64, 64)]),
            Shape::new("dt0c01.", &[Piece::Run(&LOWER, 24, 24), Piece::Text("."), Piece::Run(&LOWER, 64, 64)]),
        ])],
        "docs.dynatrace.com",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "honeycomb_key",
        &[Trigger::Shapes(&[
            Shape::new("hcaik_", &[Piece::Run(&LOWER, 58, 58)]),
            Shape::new("hcaic_", &[Piece::Run(&LOWER, 58, 58)]),
            Shape::new("hcaih_", &[Piece::Run(&LOWER, 58, 58)]),
            Shape::new("hcxik_", &[Piece::Run(&LOWER, 58, 58)]),
            Shape::new("hcxmk_", &[Piece::Run(&LOWER, 58, 58)]),
        ])],
        "docs.honeycomb.io",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "launchdarkly_key",
        &[Trigger::Shapes(&[
            Shape::new("sdk-", &[Piece::Uuid]),
            Shape::new("api-", &[Piece::Uuid]),
            Shape::new("mob-", &[Piece::Uuid]),
            Shape::new("rel-", &[Piece::Uuid]),
        ])],
        "launchdarkly.com/docs",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "posthog_key",
        &[Trigger::Shapes(&[Shape::new("phx_", &[Piece::Run(&ALNUM, 40, 50)])])],
        "posthog.com/docs",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "axiom_token",
        &[Trigger::Shapes(&[Shape::new("xaat-", &[Piece::Uuid]), Shape::new("xapt-", &[Piece::Uuid])])],
        "axiom.co/docs",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "pagerduty_key",
        &[Trigger::Shapes(&[Shape::new("pdus+_", &[Piece::Run(&URL64, 40, 60)]), Shape::new("pdeu+_", &[Piece::Run(&URL64, 40, 60)])])],
        "developer.pagerduty.com",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "statsig_key",
        &[Trigger::Shapes(&[Shape::new("secret-", &[Piece::Run(&ALNUM, 43, 43)])])],
        "docs.statsig.com",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "honeybadger_token",
        &[Trigger::Shapes(&[Shape::new("hbp_", &[Piece::Run(&ALNUM, 36, 40)])])],
        "docs.honeybadger.io",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "firehydrant_token",
        &[Trigger::Shapes(&[Shape::new("fhb-", &[Piece::Run(&HEX, 32, 32)])])],
        "docs.firehydrant.com",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "coralogix_key",
        &[Trigger::Shapes(&[Shape::new("cxtp_", &[Piece::Run(&ALNUM, 30, 30)]), Shape::new("cxup_", &[Piece::Run(&ALNUM, 30, 30)])])],
        "coralogix.com/docs",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "logicmonitor_token",
        &[Trigger::Shapes(&[Shape::new("lmb_", &[Piece::Run(&SIGNED, 60, 140)]), Shape::new("lma_", &[Piece::Run(&SIGNED, 40, 140)])])],
        "logicmonitor.com/support",
    ),
    Family::token(
        Detector::MonitoringKeys,
        "onfido_token",
        &[Trigger::Shapes(&[
            Shape::new("api_live.", &[Piece::Run(&URL64, 11, 11), Piece::Text("."), Piece::Run(&URL64, 32, 32)]),
            Shape::new("api_live_us.", &[Piece::Run(&URL64, 11, 11), Piece::Text("."), Piece::Run(&URL64, 32, 32)]),
            Shape::new("api_live_ca.", &[Piece::Run(&URL64, 11, 11), Piece::Text("."), Piece::Run(&URL64, 32, 32)]),
            Shape::new("api_sandbox.", &[Piece::Run(&URL64, 11, 11), Piece::Text("."), Piece::Run(&URL64, 32, 32)]),
            Shape::new("api_sandbox_us.", &[Piece::Run(&URL64, 11, 11), Piece::Text("."), Piece::Run(&URL64, 32, 32)]),
            Shape::new("api_sandbox_ca.", &[Piece::Run(&URL64, 11, 11), Piece::Text("."), Piece::Run(&URL64, 32, 32)]),
        ])],
        "documentation.onfido.com",
    ),
];

/// At the mark a license key ends with.
fn new_relic(view: &View<'_>, at: usize) -> Option<Found> {
    let known = view.starts_with(at, b"NRAL");
    let start = view.run_back(at, 37, |byte| byte.is_ascii_hexdigit());
    let apart = !view.was(start, is_word) && !view.is(at + 4, is_word);
    (known && (32..=36).contains(&(at - start)) && apart && entropy(view.slice(start, at)) >= 2.7).then_some(())?;
    Found::new(start, at + 4)
}
