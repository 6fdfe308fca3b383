//! What masking found, counted for OCSF and in full beside it.

use super::facts::{Finding, Masking};
use super::json::{Object, Word};
use super::text::{LIST, NAME};
use crate::policy::Detector;

/// `data_classifications`: one entry for each category of data, with its detectors and how often each hit.
pub(super) fn classifications(metadata: &mut Object<'_>, masking: &Masking) {
    let mut counts: Vec<(Category, &str, u64)> = Vec::with_capacity(masking.findings.len().min(LIST));
    for Finding { rule: _, detector, kind, count } in masking.findings.iter().take(LIST) {
        let category = category(*kind);
        match counts.iter_mut().find(|(have, name, _)| *have == category && name == detector) {
            Some((_, _, sum)) => *sum = sum.saturating_add(*count),
            None => counts.push((category, detector, *count)),
        }
    }
    counts.sort_unstable();
    metadata.objects("data_classifications", counts.chunk_by(|one, other| one.0 == other.0), |entry, details| {
        let Some(((id, caption), ..)) = details.first() else { return };
        entry.put("category", Word(caption));
        entry.put("category_id", *id);
        entry.objects("discovery_details", details, |detail, (_, detector, count)| {
            detail.put("count", *count);
            detail.put("type", NAME.cut(detector));
        });
    });
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
pub(super) fn in_full(unmapped: &mut Object<'_>, masking: &Masking) {
    let Masking { findings, bytes_in, bytes_out } = masking;
    if findings.is_empty() && *bytes_in == 0 && *bytes_out == 0 {
        return;
    }
    unmapped.object("masking", |masking| {
        masking.put("bytes_in", *bytes_in);
        masking.put("bytes_out", *bytes_out);
        masking.objects("findings", findings.iter().take(LIST), |row, Finding { rule, detector, kind: _, count }| {
            row.put("count", *count);
            row.put("detector", NAME.cut(detector));
            row.put("rule", NAME.cut(rule));
        });
    });
}
