//! Differences for people, and for programs.

use serde_json::{Value, json};

use super::replay::{Changed, Example, Kind, Replayed, Verdict};
use super::structure::Change;

pub(super) fn structure(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "the policies say the same".to_owned();
    }
    changes.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn line(Change { place, before, after }: &Change) -> String {
    match (before, after) {
        (None, Some(after)) => format!("+ {place}: {after}"),
        (Some(before), None) => format!("- {place}: {before}"),
        (before, after) => format!("~ {place}: {} -> {}", shown(before.as_ref()), shown(after.as_ref())),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

pub(super) fn structure_json(changes: &[Change]) -> String {
    json!({ "changes": changes_json(changes) }).to_string()
}

fn changes_json(changes: &[Change]) -> Vec<Value> {
    changes.iter().map(|Change { place, before, after }| json!({ "place": place, "before": before, "after": after })).collect()
}

fn word(verdict: &Verdict) -> String {
    format!("{} ({})", verdict.says, verdict.by)
}

pub(super) fn replayed(replayed: &Replayed) -> String {
    let mut lines = Vec::new();
    for (Kind { before, after }, Changed { count, examples }) in sorted(replayed) {
        lines.push(format!("{count} calls: {} -> {}", word(before), word(after)));
        for Example { place, who, method, target, because } in examples {
            let target = target.as_ref().map(|target| format!(" {target}")).unwrap_or_default();
            let because = if because.is_empty() { String::new() } else { format!(": {}", because.join("; ")) };
            lines.push(format!("    {place}: {who} {method}{target}{because}"));
        }
    }
    lines.push(format!(
        "{} of {} records: {} decided otherwise, {} alike",
        decided(replayed),
        replayed.lines,
        changed(replayed),
        replayed.same
    ));
    if replayed.unsure > 0 {
        lines.push(format!("not told: {} calls, whose arguments are masked on record and were looked at by conditions", replayed.unsure));
    }
    lines.extend(replayed.unfit.iter().map(|(unfit, count)| format!("left out: {count}, {}", unfit.text())));
    if replayed.old_differs > 0 {
        lines.push(format!("note: the old policy decides {} calls otherwise than is on record", replayed.old_differs));
    }
    lines.extend(replayed.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}

/// The most frequent first.
fn sorted(replayed: &Replayed) -> Vec<(&Kind, &Changed)> {
    let mut kinds: Vec<_> = replayed.changed.iter().collect();
    kinds.sort_by_key(|(_, changed)| std::cmp::Reverse(changed.count));
    kinds
}

fn changed(replayed: &Replayed) -> u64 {
    replayed.changed.values().map(|changed| changed.count).sum()
}

fn decided(replayed: &Replayed) -> u64 {
    changed(replayed).saturating_add(replayed.same)
}

pub(super) fn replayed_json(changes: &[Change], replayed: &Replayed) -> String {
    let verdict = |Verdict { says, by }: &Verdict| json!({ "verdict": says, "by": by });
    let example = |Example { place, who, method, target, because }: &Example| json!({ "place": place, "who": who, "method": method, "target": target, "because": because });
    let kind = |(kind, changed): (&Kind, &Changed)| {
        let examples: Vec<Value> = changed.examples.iter().map(example).collect();
        json!({ "before": verdict(&kind.before), "after": verdict(&kind.after), "count": changed.count, "examples": examples })
    };
    let left_out: Vec<Value> = replayed.unfit.iter().map(|(unfit, count)| json!({ "reason": unfit.text(), "count": count })).collect();
    json!({
        "changes": changes_json(changes),
        "records": replayed.lines,
        "alike": replayed.same,
        "otherwise": changed(replayed),
        "kinds": sorted(replayed).into_iter().map(kind).collect::<Vec<_>>(),
        "masked": replayed.unsure,
        "left_out": left_out,
        "old_differs_from_record": replayed.old_differs,
        "notes": replayed.notes,
    })
    .to_string()
}
