use serde_json::json;

use super::writer::{START, Writer, file, kept};
use super::*;

#[track_caller]
fn whole(case: &Case<'_>) -> String {
    let text = case.text();
    assert!(text.contains("\nwhole: "), "{text}");
    text
}

/// Two workers on one file, side records, checkpoints, other lines between.
pub(super) fn log() -> (Vec<String>, Vec<String>) {
    let (mut a, mut b) = (Writer::new("aa01", Some(KEY)), Writer::new("bb02", Some(KEY)));
    let (mut lines, mut checkpoints) = (Vec::new(), Vec::new());
    for round in 0..6 {
        checkpoints.extend([a.sign(), b.sign()]);
        lines.extend([a.next(), b.next()]);
        lines.push(b.side('f'));
        lines.push(if round % 2 == 0 { "-".to_owned() } else { json!({ "upstream": "x" }).to_string() });
        lines.extend([a.next(), b.side('i'), b.next()]);
    }
    checkpoints.extend([a.signed(true), b.sign()]);
    (lines, checkpoints)
}

#[test]
fn workers_that_share_a_file_and_files_that_were_rotated() {
    let (lines, checkpoints) = log();
    let text = whole(&Case::keyed(&[file(&lines)]));
    assert!(text.contains("chain aa01 on envoy-\"1\": records 1 to 12"), "{text}");
    // The log's own word goes to the last checkpoint that a record carries.
    assert!(text.contains("6 checkpoints, signed to 10, 12 side records: whole"), "{text}");
    assert!(text.contains("6 lines of other kinds"), "{text}");

    let cut = lines.len() / 2;
    let parts = [file(&lines[cut..]), file(&lines[..cut])];
    let text = whole(&Case { notary: Some(kept(&checkpoints)), ..Case::keyed(&parts) });
    assert!(text.contains("7 checkpoints, signed to 12, ended: whole"), "{text}");
}

#[test]
fn without_a_key_and_without_checkpoints() {
    let lines = Writer::new("aa", None).several(20);
    let text = whole(&Case::plain(&[file(&lines)]));
    assert!(text.contains("no key, no checkpoint: whole") && text.contains("all of it could have been written anew"), "{text}");
}

#[test]
fn what_was_shipped_twice_and_carried_by_a_collector() {
    let (lines, _) = log();
    let half = lines.len() / 2;
    let mut shipped = lines.clone();
    shipped.splice(half..half, lines[..half].iter().cloned());
    let text = whole(&Case::keyed(&[file(&shipped), file(&lines)]));
    assert!(text.contains("are there more than once"), "{text}");

    let otlp = |lines: &[String]| {
        let records: Vec<_> = lines.iter().map(|line| json!({ "body": { "stringValue": line } })).collect();
        json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": records }] }] }).to_string()
    };
    // The second batch came first: the first had to be sent again.
    let batches = [otlp(&lines[half..]), otlp(&lines[..half])];
    let text = whole(&Case::keyed(&[file(&batches)]));
    assert!(text.contains("as collectors ship them"), "{text}");
}

#[test]
fn side_records_that_took_another_way_are_named_and_no_hole() {
    let (lines, _) = log();
    let chained: Vec<String> = lines.iter().filter(|line| !line.contains("\"side\":")).cloned().collect();
    let text = whole(&Case::keyed(&[file(&chained)]));
    assert!(text.contains("12 side records are named by other records of their exchanges and not in these files"), "{text}");
    // A stream that is still open.
    let mut writer = Writer::new("cc", Some(KEY));
    let open = [writer.next(), writer.side('i'), writer.side('i')];
    assert!(
        whole(&Case::keyed(&[file(&open)])).contains("2 side records are of exchanges whose records are not here: they were still open")
    );
    // A stream of hours: its record names the newest, and each of them the one before it.
    let mut writer = Writer::new("ee", Some(KEY));
    let mut long = vec![writer.next()];
    long.extend((0..100).map(|_| writer.long('i')));
    long.push(writer.next());
    assert!(!whole(&Case::keyed(&[file(&long)])).contains("Notes"));
    long.remove(50);
    assert!(whole(&Case::keyed(&[file(&long)])).contains("1 side record is named by other records"));
    // Before anything else.
    let mut writer = Writer::new("dd", Some(KEY));
    let first = [writer.side('b'), writer.next()];
    whole(&Case::keyed(&[file(&first)]));
}

#[test]
fn a_writer_that_died_and_the_one_after_it() {
    let (mut a, mut b) = (Writer::new("aa", Some(KEY)), Writer::new("bb", Some(KEY)));
    a.sign();
    let mut lines = a.several(5);
    b.now = a.now + 90_000;
    b.sign();
    lines.extend(b.several(5));
    whole(&Case::keyed(&[file(&lines)]));
}

#[test]
fn a_part_of_a_log_says_so() {
    let mut writer = Writer::new("aa", Some(KEY));
    let mut lines = writer.several(40);
    let early = writer.sign();
    lines.extend(writer.several(60));
    let late = writer.sign();
    lines.extend(writer.several(10));
    let part = [file(&lines[60..100])];
    // Records 61 to 100 only: the beginning is not here, and nobody said that was to be.
    let text = Case::keyed(&part).text();
    assert!(text.contains("begins at 61; 1 to 60 are not in these files"), "{text}");
    let window = Window { since: Some(START + 50_000), until: Some(START + 101_000), interval: None };
    let text = whole(&Case { window, ..Case::keyed(&part) });
    assert!(text.contains("begins at 61; 1 to 60 are not in these files"), "{text}");
    whole(&Case { window, notary: Some(kept(&[early.clone(), late.clone()])), ..Case::keyed(&part) });
    // A checkpoint from after the beginning of the window says that some of them belong in it.
    let window = Window { since: Some(START + 30_000), ..window };
    let case = Case { window, notary: Some(kept(&[early, late])), ..Case::keyed(&part) };
    assert_eq!(case.kinds(), [Kind::BeginningMissing]);
    assert!(case.text().contains("those from 41 on were written after --since"), "{}", case.text());
}

#[test]
fn a_line_that_is_still_being_written() {
    let lines = Writer::new("aa", Some(KEY)).several(3);
    let mut text = file(&lines);
    text.truncate(text.len() - 40);
    let text = whole(&Case::keyed(&[text]));
    assert!(text.contains("file0:3: the file ends within a record"), "{text}");
}

#[test]
fn checkpoints_at_their_interval() {
    let mut writer = Writer::new("aa", Some(KEY));
    let mut lines = Vec::new();
    for minute in 0..10 {
        writer.sign();
        lines.extend(writer.several(5));
        writer.now += 55_000;
        if minute == 5 {
            // Nothing happens for an hour; it signs all the same, and the next record carries the latest.
            writer.now += 3_600_000;
        }
    }
    let window = Window { interval: Some(60_000), ..Window::default() };
    whole(&Case { window, ..Case::keyed(&[file(&lines)]) });
}

#[test]
fn without_the_key_nothing_is_called_whole() {
    let lines = Writer::new("aa", Some(KEY)).several(3);
    let files = [file(&lines)];
    let report = Case { key: None, ..Case::keyed(&files) }.verify();
    assert!(report.problems.count() == 0 && report.is_unchecked());
    assert!(report.text(Zone::Utc).ends_with("not verified: the texts were not checked, for want of --key"));
}
