//! Logs of the filter's own recorder: what it writes is whole, and stops being so when something is done to it.

use portcullis::audit::{Alert, Facts, Payload, Recorder, Settings, Sides, Stage, Target, Times, otlp};
use portcullis::policy;
use portcullis::policy::value::{Duration, Secret};
use portcullis::time::Time;

use super::writer::{START, file, kept};
use super::*;

struct Log {
    records: Vec<String>,
    /// What goes other ways: interim records, intents (in a collector's envelope), findings.
    beside: Vec<String>,
    checkpoints: Vec<String>,
}

fn recorder(vm: &str) -> Recorder {
    // The seed of the tests' signer.
    let sign = policy::Sign { seed: policy::Seed([7; 32]), interval: Duration::from_secs(60) };
    let notary = policy::Notary { cluster: "n".into(), path: "/checkpoints".into(), host: "n".into(), timeout: Duration::from_secs(5) };
    let chain = policy::Chain { key: Some(Secret::new(KEY)), sign: Some(sign), notary: Some(notary) };
    Recorder::new(Settings {
        version: "0.1.0".into(),
        git: "abc1234".into(),
        policy_digest: "d1".repeat(32),
        resource: "https://mcp.example.com/mcp".into(),
        node: "envoy-1".into(),
        vm: vm.into(),
        alert_below: None,
        audit: policy::Audit { chain: Some(chain), ..policy::Audit::default() },
    })
}

/// Two workers, streams of up to a hundred interim records, findings, intents.
fn log() -> Log {
    let mut log = Log { records: Vec::new(), beside: Vec::new(), checkpoints: Vec::new() };
    let mut workers = [recorder("aa01"), recorder("bb02")];
    for n in 0..200_u32 {
        let now = Time::from_millis(START + u64::from(n) * 7_000);
        let worker = &mut workers[usize::from(n % 2 == 1)];
        let mut notices = Vec::new();
        while let Some(posting) = worker.tick(now, &mut notices) {
            log.checkpoints.push(posting.body);
            worker.noted(Some(201), now, &mut notices);
        }
        let times = Times { start: Some(now), end: Some(now), ..Times::default() };
        let mut facts = Facts { exchange: n, times, stage: Stage::Completed, ..Facts::default() };
        facts.mcp.method = Some("tools/call".into());
        facts.mcp.target = Target::Tool("get\u{1b}_order é".into());
        facts.request = Some(Payload { text: br#"{"a":"\u001b \"quoted\""}"#.to_vec(), truncated: false, size: 25 });
        if n % 5 == 0 {
            facts.alerts.push(Alert { code: "tool_changed".into(), kind: "definition".into(), name: None, place: None });
        }
        let mut sides = Sides::default();
        for _ in 0..(if n % 50 == 3 { 100 } else { n % 3 }) {
            let written = worker.interim(&facts, &mut sides, now);
            log.beside.push(written.line);
            log.beside.extend(written.findings);
        }
        if n % 7 == 0 {
            let (intent, _) = worker.intent(&facts, &mut sides, now);
            log.beside.push(otlp::logs(&intent, now));
        }
        let written = worker.record(&facts, sides, now);
        log.records.push(written.line);
        log.beside.extend(written.findings);
    }
    log
}

#[test]
fn what_the_filter_writes_is_whole() {
    let Log { records, beside, checkpoints } = log();
    let files = [file(&records), file(&beside)];
    let case =
        Case { notary: Some(kept(&checkpoints)), window: Window { interval: Some(60_000), ..Window::default() }, ..Case::keyed(&files) };
    let text = case.text();
    assert!(text.contains("\nwhole: ") && !text.contains("Notes"), "{text}");
    assert!(text.contains("chain aa01 on envoy-1: records 1 to 100"), "{text}");
    // The other ways may be lost.
    let text = Case::keyed(&files[..1]).text();
    assert!(text.contains("\nwhole: "), "{text}");
}

#[test]
fn what_is_done_to_it_is_found() {
    let Log { mut records, mut beside, checkpoints } = log();
    records[60] = records[60].replacen("\"stage\":\"completed\"", "\"stage\":\"held\"", 1);
    records.remove(90);
    records.truncate(180);
    beside[3] = beside[3].replacen("tools/call", "tools/list", 1);
    let files = [file(&records), file(&beside)];
    let case = Case { notary: Some(kept(&checkpoints)), ..Case::keyed(&files) };
    assert_eq!(case.kinds(), [Kind::Altered, Kind::Missing, Kind::Cut], "{}", case.text());
}
