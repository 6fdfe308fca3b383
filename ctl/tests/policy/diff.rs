//! `policy diff`

use serde_json::{Value, json};

use super::{folder, policy, with_rules};

const OLD: &str = "  - { id: readers, groups: [staff], tools: ['get_*'], then: allow }
  - { id: writers, groups: [staff], tools: ['set_*'], then: allow }
limits: { request_body: 1MiB }
";

const NEW: &str = "  - { id: frozen, tools: [get_old], then: deny }
  - { id: readers, tools: ['get_*'], then: allow }
  - { id: writers, groups: [staff], tools: ['set_*'], mode: observe, then: allow }
limits: { request_body: 2MiB }
";

fn record(groups: &[&str], tool: &str, allowed: bool, change: &dyn Fn(&mut Value)) -> String {
    let names: Vec<Value> = groups.iter().map(|group| json!({ "name": group })).collect();
    let mut record = json!({
        "class_uid": 6003,
        "action_id": if allowed { 1 } else { 2 },
        "status_code": if allowed { "rule" } else { "default_deny" },
        "time": 1_767_614_400_000_u64,
        "metadata": { "log_name": "portcullis" },
        "actor": { "user": { "uid": "s-1", "name": "ana", "groups": names }, "session": { "issuer": "https://id.example.com" } },
        "api": { "operation": "tools/call", "request": { "data": json!({ "name": tool, "arguments": {} }).to_string() } },
        "resources": [{ "type": "mcp.tool", "name": tool }],
        "unmapped": { "request": { "size": 1 } },
    });
    change(&mut record);
    record.to_string()
}

fn log() -> String {
    let same = |_: &mut Value| {};
    [
        record(&["staff"], "get_a", true, &same),
        record(&["staff"], "get_old", true, &same),
        record(&["staff"], "get_old", true, &same),
        record(&["staff"], "set_a", true, &same),
        record(&["guests"], "get_a", false, &same),
        record(&["staff"], "get_a", true, &|record| record["unmapped"]["request"]["truncated"] = true.into()),
        record(&["staff"], "get_a", true, &|record| record["api"]["request"] = json!({})),
        record(&["staff"], "get_a", false, &|record| record["status_code"] = "message_not_json".into()),
        "not a record".to_owned(),
        String::new(),
    ]
    .join("\n")
}

#[test]
fn what_was_changed_is_told() {
    let folder = folder(&[("old.yaml", &with_rules(OLD)), ("new.yaml", &with_rules(NEW))]);
    let ran = policy(folder.path(), &["diff", "old.yaml", "new.yaml"], "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        lines,
        [
            "- rule readers: groups: [\"staff\"]",
            "+ rule writers: mode: \"observe\"",
            "+ rule frozen: {\"id\":\"frozen\",\"tools\":[\"get_old\"],\"then\":\"deny\"}",
            "~ limits.request_body: \"1MiB\" -> \"2MiB\"",
        ]
    );
    let ran = policy(folder.path(), &["diff", "old.yaml", "old.yaml"], "");
    assert_eq!(ran.out.trim(), "the policies say the same");
}

#[test]
fn past_calls_that_would_be_decided_otherwise() {
    let folder = folder(&[("old.yaml", &with_rules(OLD)), ("new.yaml", &with_rules(NEW)), ("audit.log", &log())]);
    let ran = policy(folder.path(), &["diff", "old.yaml", "new.yaml", "--log", "audit.log"], "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    for line in [
        "2 calls: allow (readers) -> refuse (frozen)",
        "    audit.log:2: ana tools/call get_old",
        "1 calls: allow (writers) -> refuse (default_deny)",
        "1 calls: refuse (default_deny) -> allow (readers)",
        "5 of 9 records: 4 decided otherwise, 1 alike",
        "left out: 1, no records of this kind",
        "left out: 1, refused before any rule was asked",
        "left out: 1, no arguments on record (`audit.payload: none`)",
        "left out: 1, arguments cut on record (`audit.max_payload`)",
    ] {
        assert!(ran.out.lines().any(|have| have == line), "{line}\n{}", ran.out);
    }
    assert!(!ran.out.contains("otherwise than is on record"), "{}", ran.out);

    let ran = policy(folder.path(), &["diff", "old.yaml", "new.yaml", "--json", "--log", "audit.log"], "");
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&told["records"], &told["otherwise"], &told["alike"]), (&json!(9), &json!(4), &json!(1)));
    assert_eq!(told["kinds"][0]["examples"][1]["place"], "audit.log:3");
    assert_eq!(told["changes"].as_array().unwrap().len(), 4);
}

#[test]
fn an_old_policy_that_was_not_at_work_is_noticed() {
    let folder = folder(&[("old.yaml", &with_rules(NEW)), ("new.yaml", &with_rules(OLD)), ("audit.log", &log())]);
    let ran = policy(folder.path(), &["diff", "old.yaml", "new.yaml", "--log", "audit.log"], "");
    assert!(ran.out.contains("note: the old policy decides 4 calls otherwise than is on record"), "{}", ran.out);
}

/// Records as the filter writes them, not as this test imagines them.
#[test]
fn real_records_are_understood() {
    use portcullis::audit::{self, Decision, Disposition, Facts, Payload, Principal, Recorder, RuleHit, Target};
    use portcullis::policy::{Audit, Mode, Then, value::Bytes};
    use portcullis::time::Time;

    let audit = Audit { max_payload: Bytes(1000), ..Audit::default() };
    let mut recorder = Recorder::new(audit::Settings {
        version: "0".into(),
        git: "0".into(),
        policy_digest: "0".into(),
        resource: "https://mcp.example.com/mcp".into(),
        node: "n".into(),
        vm: "v".into(),
        alert_below: None,
        audit,
    });
    let mut log = String::new();
    for (tool, params) in [
        ("get_old", r#"{"name":"get_old"}"#),
        ("get_a", r#"{"name":"get_a","arguments":{"n":1}}"#),
        ("get_a", r#"{"name":"get_a","arguments":{"card":"[MASKED:credit_card]"}}"#),
    ] {
        let principal = Principal {
            user: "ana".into(),
            subject: "s-1".into(),
            issuer: "https://id.example.com".into(),
            groups: vec!["staff".into()],
            actors: vec![audit::Actor { subject: Some("bot".into()), ..audit::Actor::default() }],
            ..Principal::default()
        };
        let mut facts = Facts { principal: Some(principal), ..Facts::default() };
        facts.mcp.method = Some("tools/call".into());
        facts.mcp.target = Target::Tool(tool.into());
        facts.request = Some(Payload { text: params.into(), truncated: false, size: 9 });
        let hit = RuleHit { id: "readers".into(), then: Then::Allow, mode: Mode::Enforce, because: vec!["`n`: below 3".into()] };
        facts.decision = Some(Decision {
            disposition: Disposition::Allowed,
            rule: Some("readers".into()),
            rules: vec![hit],
            code: "rule".into(),
            message: None,
        });
        facts.http.method = Some("POST".into());
        log.push_str(&recorder.record(&facts, audit::Sides::default(), Time::from_secs(1_767_614_400)).line);
        log.push('\n');
    }
    let new = "  - { id: bots, actors: [bot], tools: [get_old], then: deny }\n  - { id: readers, groups: [staff], tools: ['get_*'], then: allow }\n";
    let folder = folder(&[("old.yaml", &with_rules(OLD)), ("new.yaml", &with_rules(new)), ("audit.log", &log)]);
    let ran = policy(folder.path(), &["diff", "old.yaml", "new.yaml", "--log", "audit.log"], "");
    assert!(ran.out.contains("1 calls: allow (readers) -> refuse (bots)\n    audit.log:1: ana tools/call get_old"), "{}", ran.out);
    assert!(ran.out.contains("3 of 3 records: 1 decided otherwise, 2 alike"), "{}", ran.out);
    assert!(log.contains(r#""because":["`n`: below 3"]"#), "{log}");
}
