//! Detection Findings: one for each alert, once.

use super::super::{finding, wakes};
use super::*;
use crate::audit::ALERTS;

fn alert(code: &'static str, kind: &'static str, name: &str) -> Alert {
    Alert { code: code.into(), kind: kind.into(), name: Some(name.into()), place: None }
}

fn read(lines: &[String]) -> Vec<Value> {
    let read = |line: &String| {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json_canonicalizer::to_string(&value).unwrap(), *line);
        value
    };
    lines.iter().map(read).collect()
}

fn found(facts: &Facts) -> Vec<Value> {
    read(&Recorder::new(settings()).record(facts, Sides::default(), Time::from_millis(START)).findings)
}

#[test]
fn a_call_with_nothing_to_look_at_leaves_none() {
    assert!(found(&allowed()).is_empty());
}

#[test]
fn a_blocked_command_is_a_finding_with_who_and_what() {
    let mut facts = Facts { alerts: vec![alert("blocked_command", "shell", "run_command")], ..allowed() };
    facts.mcp.target = Target::Tool("run_command".into());
    facts.decision = Some(Decision { rule: Some("no-shell".into()), ..refused(Disposition::Blocked, "rule") });
    let found = found(&facts);
    assert_eq!(found.len(), 1);
    expect(
        &found[0],
        &[
            ("/class_uid", json!(2004)),
            ("/type_uid", json!(200_401)),
            ("/metadata/uid", json!("7f3a-f1")),
            ("/finding_info/uid", json!("7f3a-f1")),
            ("/finding_info/types", json!(["Command"])),
            ("/finding_info/related_events/0/uid", json!("7f3a-1")),
            ("/finding_info/attacks/0/technique/uid", json!("T1059")),
            ("/evidences/0/actor/user/name", json!("alice")),
            ("/evidences/0/src_endpoint/ip", json!("10.0.0.7")),
            ("/evidences/1/data", json!({"kind": "shell", "name": "run_command"})),
            ("/firewall_rule/uid", json!("no-shell")),
            ("/action_id", json!(2)),
            ("/resources", json!([{"type": "mcp.tool", "name": "run_command"}])),
            ("/severity_id", json!(4)),
            ("/unmapped/alert", json!("blocked_command")),
            ("/unmapped/of", json!("7f3a-x12")),
            ("/unmapped/side", json!("finding")),
        ],
    );
}

#[test]
fn one_finding_for_each_kind_of_alert() {
    let alerts = vec![alert("tool_changed", "definition_differs_from_pin", "a"), alert("tool_changed", "definition_differs_from_pin", "b")];
    let facts = Facts { alerts, connection: Connection::Plaintext, revocations_stale: true, ..allowed() };
    let found = found(&facts);
    let codes: Vec<&str> = found.iter().map(|finding| finding["unmapped"]["alert"].as_str().unwrap()).collect();
    assert_eq!(codes, ["tls_below_expectation", "revocation_stale", "tool_changed"]);
    assert_eq!(found[2]["evidences"].as_array().unwrap().len(), 3);
    let record = record(&facts);
    let named: Vec<&str> = record["unmapped"]["sides"].as_array().unwrap().iter().map(|side| side["uid"].as_str().unwrap()).collect();
    assert_eq!(named, ["7f3a-f1", "7f3a-f2", "7f3a-f3"]);
}

#[test]
fn every_kind_that_is_counted_is_told_in_its_own_words() {
    for kind in ALERTS {
        let code = alert(kind, "", "");
        let facts = Facts { alerts: vec![code], ..allowed() };
        let finding = found(&facts).into_iter().find(|finding| finding["unmapped"]["alert"] == kind).unwrap();
        let is_unknown = finding["finding_info"]["title"] == "Something to look at";
        assert_eq!(is_unknown, kind == "other", "{kind}");
        assert_eq!(finding["is_alert"], wakes(kind), "{kind}");
    }
    assert_eq!(finding::kind("what nobody has heard of"), "other");
}

/// What is about the exchange as a whole is told at its end, what came up while it ran when it did.
#[test]
fn what_was_told_while_it_ran_is_not_told_again() {
    let mut recorder = Recorder::new(settings());
    let mut sides = Sides::default();
    let mut facts =
        Facts { alerts: vec![alert("hidden_instructions", "instructions", "a")], connection: Connection::Plaintext, ..allowed() };
    let codes = |lines: &[String]| -> Vec<String> {
        read(lines).iter().map(|finding| finding["unmapped"]["alert"].as_str().unwrap().to_owned()).collect()
    };
    let now = Time::from_millis(START);
    let running = recorder.interim(&facts, &mut sides, now);
    assert_eq!(codes(&running.findings), ["hidden_instructions"]);
    assert_eq!(read(&running.findings)[0]["finding_info"]["related_events"][0]["uid"], "7f3a-i1");
    assert!(recorder.interim(&facts, &mut sides, now).findings.is_empty());
    facts.alerts.push(alert("hidden_instructions", "invisible_characters", "b"));
    let whole = recorder.record(&facts, sides, now);
    assert_eq!(codes(&whole.findings), ["tls_below_expectation", "hidden_instructions"]);
    assert_eq!(read(&whole.findings)[1]["evidences"][1]["data"]["name"], "b");
}
