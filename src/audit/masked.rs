//! What masking found, counted for OCSF and in full beside it.

use std::collections::BTreeMap;

use super::facts::{Finding, Masking};
use super::json::{Node, Object};
use super::text::{LIST, NAME};
use crate::policy::Detector;

/// `data_classifications`: one entry for each category of data, with its detectors and how often each hit.
pub(super) fn classifications(masking: &Masking) -> Option<Vec<Node<'_>>> {
    let findings = masking.findings.iter().take(LIST);
    let counts: BTreeMap<(Category, &str), u64> = findings.fold(BTreeMap::new(), |mut counts, finding| {
        let Finding { rule: _, detector, kind, count } = finding;
        let sum: &mut u64 = counts.entry((category(*kind), detector)).or_default();
        *sum = sum.saturating_add(*count);
        counts
    });
    let mut categories: BTreeMap<Category, Vec<Node<'_>>> = BTreeMap::new();
    for ((category, detector), count) in counts {
        categories.entry(category).or_default().push(Object::new().with("type", NAME.cut(detector)).with("count", count).into());
    }
    let entries: Vec<Node<'_>> = categories
        .into_iter()
        .map(|((id, caption), details)| {
            Object::new().with("category_id", id).with("category", caption).with("discovery_details", details).into()
        })
        .collect();
    (!entries.is_empty()).then_some(entries)
}

/// `category_id` and its caption.
type Category = (i64, &'static str);

/// OCSF's kinds of data. What an operator describes (fields, patterns) has a meaning only the operator knows.
fn category(kind: Option<Detector>) -> Category {
    match kind {
        None => (99, "Other"),
        Some(Detector::CreditCard | Detector::Iban | Detector::CryptoAddress | Detector::UsBankRouting) => (3, "Financial"),
        Some(kind) if Detector::Secrets.covers(kind) => (6, "Security"),
        Some(kind) if Detector::NationalIds.covers(kind) => (2, "Governmental"),
        Some(_) => (1, "Personal"),
    }
}

/// By rule and detector, with the bytes on both sides.
pub(super) fn in_full(masking: &Masking) -> Option<Object<'_>> {
    let Masking { findings, bytes_in, bytes_out } = masking;
    if findings.is_empty() && *bytes_in == 0 && *bytes_out == 0 {
        return None;
    }
    let rows = findings.iter().take(LIST).map(|Finding { rule, detector, kind: _, count }| {
        Object::new().with("rule", NAME.cut(rule)).with("detector", NAME.cut(detector)).with("count", *count).into()
    });
    let rows: Vec<Node<'_>> = rows.collect();
    Some(Object::new().with("bytes_in", *bytes_in).with("bytes_out", *bytes_out).with_some("findings", (!rows.is_empty()).then_some(rows)))
}
