//! What is exported is in the form it says, and whatever a record holds stays text.

use serde_json::Value;

use super::*;
use crate::audit::clean;
use crate::audit::entry::Entry;

fn entry() -> Entry {
    Entry::read(include_str!("../../../../src/audit/allowed.json")).unwrap()
}

/// Every text of a record is this one.
fn hostile(text: &str) -> Entry {
    fn put(value: &mut Value, text: &str) {
        match value {
            Value::String(old) => text.clone_into(old),
            Value::Array(items) => items.iter_mut().for_each(|item| put(item, text)),
            Value::Object(members) => members.values_mut().for_each(|member| put(member, text)),
            _ => {}
        }
    }
    let mut record: Value = serde_json::from_str(include_str!("../../../../src/audit/allowed.json")).unwrap();
    put(&mut record, text);
    record["unmapped"]["alerts"] = Value::from(vec![text]);
    record["unmapped"]["approval"] = serde_json::json!({ "id": text, "state": text, "decisions": [{ "by": text, "reason": text }] });
    record["unmapped"]["masking"]["findings"] = serde_json::json!([{ "rule": text, "detector": text, "count": 1 }]);
    Entry::of(&record)
}

fn written(write: impl Fn(&mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style></script><!--",
    "\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}",
    "=HYPERLINK(\"http://x\")\r\n@SUM(1)",
];

/// As everywhere else: each worker begins a chain, and nobody has to look at that.
#[test]
fn that_a_chain_begins_is_not_counted_among_alerts() {
    let with = |alerts: &[&str]| Entry { alerts: alerts.iter().map(|alert| (*alert).to_owned()).collect(), ..entry() };
    let entries = [with(&["chain_start"]), with(&["chain_start", "tool_changed"]), with(&[])];
    let page = written(|out| html::write(&entries, "log", Zone::Utc, out));
    assert!(page.contains("<dd>1</dd><dt>with alerts</dt>"), "{page}");
    assert_eq!(page.matches(" data-alerts>").count(), 1);
}

#[test]
fn a_page_holds_nothing_but_text_of_others() {
    let plain = written(|out| html::write(&[entry()], "log", Zone::Utc, out));
    let tags = |page: &str| page.matches('<').count();
    for text in HOSTILE {
        let page = written(|out| html::write(&[hostile(text)], text, Zone::Utc, out));
        // The script is in the page twice over: as itself, and nowhere else.
        assert_eq!(page.matches("<script").count(), 1, "{text}");
        assert_eq!(page.matches("<img").count() + page.matches("<!--").count(), 0, "{text}");
        assert!(!page.contains(" onmouseover='") && !page.contains("\"><img"), "{text}");
        assert!(!page.chars().any(|c| c != '\n' && clean::hides(c)), "{text}");
        // One more option for each of the fields, some rows more or less; no markup of its own.
        assert!(tags(&page).abs_diff(tags(&plain)) < 40, "{text}");
    }
}

#[test]
fn a_page_runs_its_own_script_only() {
    let page = written(|out| html::write(&[entry()], "log", Zone::Utc, out));
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    for elsewhere in ["http://", "src=", "href=", "@import", "url("] {
        let found = page.match_indices(elsewhere).count();
        assert_eq!(found, 0, "{elsewhere}");
    }
    // What the policy allows by hash is what is between the tags, byte for byte.
    let between = |open: &str, close: &str| page.split_once(open).unwrap().1.split_once(close).unwrap().0.to_owned();
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};
    for text in [between("<style>", "</style>"), between("<script>", "</script>")] {
        assert!(page.contains(&format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))));
    }
}

#[test]
fn an_archive_has_all_that_har_asks_for() {
    let archive: Value = serde_json::from_str(&written(|out| har::write(&[entry(), Entry::default()], out))).unwrap();
    let first = &archive["log"]["entries"][0];
    assert_eq!(first["startedDateTime"], "2026-09-21T14:13:20.000Z");
    assert_eq!(first["request"]["url"], "https://mcp.example.com:8443/mcp");
    let sent: Value = serde_json::from_str(first["request"]["postData"]["text"].as_str().unwrap()).unwrap();
    assert_eq!((&sent["id"], &sent["method"], &sent["params"]["order"]), (&17.into(), &"tools/call".into(), &"42".into()));
    assert_eq!((&first["timings"]["wait"], &first["timings"]["receive"], &first["time"]), (&40.into(), &20.into(), &60.into()));
    assert_eq!(first["serverIPAddress"], "10.1.0.9");
    // HAR 1.2: these must be there, whatever is known.
    for entry in archive["log"]["entries"].as_array().unwrap() {
        for (object, names) in [
            ("/request", &["method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"][..]),
            (
                "/response",
                &["status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize"][..],
            ),
            ("/response/content", &["size", "mimeType"][..]),
            ("/timings", &["send", "wait", "receive"][..]),
            ("", &["startedDateTime", "time", "request", "response", "cache", "timings"][..]),
        ] {
            for name in names {
                assert!(entry.pointer(object).unwrap().get(name).is_some(), "{object}/{name}");
            }
        }
    }
}

#[test]
fn a_recording_is_lines_of_json_in_time_without_control_characters_of_others() {
    let mut later = entry();
    later.start += 5_000;
    later.end += 5_000;
    let mut entries = vec![entry(), later];
    entries.extend(HOSTILE.iter().map(|text| hostile(text)));
    let cast = written(|out| asciicast::write(&entries, "log", Zone::Utc, out));
    let mut lines = cast.lines();
    let header: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!((&header["version"], &header["width"], &header["timestamp"]), (&2.into(), &110.into(), &1_790_000_000.into()));
    let mut before = 0.0;
    for line in lines {
        let event: Value = serde_json::from_str(line).unwrap();
        let (at, text) = (event[0].as_f64().unwrap(), event[2].as_str().unwrap());
        assert!(at >= before && event[1] == "o");
        before = at;
        // Nothing but the colours of our own.
        let own = ["\u{1b}[1m", "\u{1b}[2m", "\u{1b}[32m", "\u{1b}[1;31m", "\u{1b}[33m", "\u{1b}[0m", "\r\n"];
        let rest = own.iter().fold(text.to_owned(), |text, own| text.replace(own, ""));
        assert!(!rest.chars().any(clean::hides), "{rest:?}");
    }
    assert!((before - 5.060).abs() < 1e-9);
}

#[test]
fn a_table_is_rows_of_as_many_cells() {
    let table = written(|out| csv::write(&[entry(), hostile(HOSTILE[5])], out));
    let mut rows = table.split("\r\n");
    let columns = rows.next().unwrap().split(',').count();
    assert!(rows.next().unwrap().starts_with("\"2026-09-21T14:13:20.000Z\",\"2026-09-21T14:13:20.060Z\",\"60\",\"exchange\",\"alice\""));
    let mut cells = csv_cells(table.split_once("\r\n").unwrap().1);
    assert_eq!(cells.len(), 2 * columns);
    // Of the hostile one.
    assert!(cells.split_off(columns).iter().all(|cell| !cell.starts_with(['=', '@']) && !cell.contains("\n@")));
}

/// Cells of quoted rows (RFC 4180).
fn csv_cells(text: &str) -> Vec<String> {
    let (mut cells, mut rest) = (Vec::new(), text);
    while let Some(mut inner) = rest.strip_prefix('"') {
        let mut cell = String::new();
        loop {
            let (before, after) = inner.split_once('"').unwrap();
            cell.push_str(before);
            match after.strip_prefix('"') {
                Some(after) => {
                    cell.push('"');
                    inner = after;
                }
                None => break rest = after.strip_prefix(',').or(after.strip_prefix("\r\n")).unwrap(),
            }
        }
        cells.push(cell);
    }
    assert_eq!(rest, "");
    cells
}
