//! A record of each kind, field by field.

mod chain;
mod findings;
mod kept;

use serde_json::{Value, json};

use super::*;
use crate::policy::value::Bytes;
use crate::policy::{Mode, Then, TlsVersion};
use crate::time::Time;

const START: u64 = 1_790_000_000_000;

fn settings() -> Settings {
    Settings {
        version: "0.1.0".into(),
        git: "abc1234".into(),
        policy_digest: "d1".repeat(32),
        resource: "https://mcp.example.com/mcp".into(),
        node: "envoy-1".into(),
        vm: "7f3a".into(),
        alert_below: Some(TlsVersion::V1_3),
        // What the chain adds has tests of its own.
        audit: policy::Audit { max_payload: Bytes(1024), chain: None, ..policy::Audit::default() },
    }
}

fn at(millis: u64) -> Option<Time> {
    Some(Time::from_millis(START + millis))
}

/// Sealed by the recorder, held to JCS, read back.
fn record(facts: &Facts) -> Value {
    record_with(settings(), facts)
}

fn record_with(settings: Settings, facts: &Facts) -> Value {
    let line = Recorder::new(settings).record(facts, Sides::default(), Time::from_millis(START + 100)).line;
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(serde_json_canonicalizer::to_string(&value).unwrap(), line);
    assert!(!line.contains('\n'));
    value
}

/// Each of `fields` is a JSON pointer and the value expected there; `null` for nothing.
#[track_caller]
fn expect(record: &Value, fields: &[(&str, Value)]) {
    for (pointer, expected) in fields {
        assert_eq!(record.pointer(pointer).unwrap_or(&Value::Null), expected, "{pointer} of {record:#}");
    }
}

fn allowed() -> Facts {
    Facts {
        times: Times { start: at(0), identified: at(1), request_complete: at(2), decided: at(3), response_headers: at(40), end: at(60) },
        stage: Stage::Completed,
        source: Some("10.0.0.7:51234".into()),
        connection: Connection::Tls(Tls {
            version: "TLSv1.3".into(),
            cipher: Some("TLS_AES_128_GCM_SHA256".into()),
            sni: Some("mcp.example.com".into()),
            client_cert_digest: Some("ab".repeat(32)),
            client_cert_subject: Some("CN=agent".into()),
        }),
        http: Http {
            method: Some("POST".into()),
            path: Some("/mcp?api_key=hunter2".into()),
            host: Some("mcp.example.com:8443".into()),
            user_agent: Some("sdk/1.0 \"quoted\"\r\nx".into()),
            request_id: Some("5b1c".into()),
            status: Some(200),
        },
        principal: Some(Principal {
            user: "alice".into(),
            subject: "u-1".into(),
            issuer: "https://id.example.com".into(),
            email: Some("alice@example.com".into()),
            groups: vec!["engineering".into(), "support".into()],
            client: Some("agent-7".into()),
            token_id: Some("j-9".into()),
            session: Some("s-3".into()),
            expires: at(3_600_000),
            actors: vec![Actor { subject: Some("agent-7".into()), ..Actor::default() }],
        }),
        exchange: 12,
        level: None,
        token_problem: None,
        revocations_stale: false,
        client: Some(Client { name: Some("planner".into()), version: Some("2.1".into()) }),
        mcp: Mcp {
            method: Some("tools/call".into()),
            id: Some("17".into()),
            target: Target::Tool("get_order".into()),
            protocol_version: Some("2026-07-28".into()),
            era: Some(Era::Modern),
            session_id: None,
            progress_token: Some("p1".into()),
            rpc_error: None,
            tool_error: false,
        },
        decision: Some(Decision {
            disposition: Disposition::Allowed,
            rule: Some("staff-read".into()),
            rules: vec![hit("staff-read", Then::Allow, Mode::Enforce)],
            code: "rule".into(),
            message: None,
        }),
        intent: Some(Intent { uid: "1a2b-b3".into(), kept: true }),
        approvals: Vec::new(),
        masking: Masking { findings: Vec::new(), bytes_in: 900, bytes_out: 900 },
        request: Some(payload(r#"{"order":"42","note":"a\"b"}"#)),
        response: Some(payload(r#"{"content":[]}"#)),
        messages: None,
        upstream: Upstream { cluster: Some("orders".into()), address: Some("10.1.0.9:9000".into()), status: Some(200) },
        trace: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
        error: None,
        alerts: Vec::new(),
    }
}

fn payload(text: &str) -> Payload {
    Payload { text: text.into(), truncated: false, size: text.len() as u64 }
}

fn hit(id: &str, then: Then, mode: Mode) -> RuleHit {
    RuleHit { id: id.into(), then, mode, because: Vec::new() }
}

fn refused(disposition: Disposition, code: &'static str) -> Decision {
    Decision { disposition, rule: None, rules: Vec::new(), code: code.into(), message: Some("No.".into()) }
}

#[test]
fn an_allowed_call_is_on_record_in_full() {
    let record = record(&allowed());
    let expected: Value = serde_json::from_str(include_str!("allowed.json")).unwrap();
    assert_eq!(record, expected);
    assert!(!record.to_string().contains("hunter2"));
}

#[test]
fn a_masked_answer_is_modified_and_counted() {
    let finding = |rule: &str, detector: &'static str, count| Finding {
        rule: rule.into(),
        detector: detector.into(),
        kind: crate::policy::Detector::of(detector),
        count,
    };
    let findings = vec![
        finding("cards", "credit_card", 2),
        finding("more", "credit_card", 1),
        finding("cards", "iban", 1),
        finding("fields", "field", 4),
    ];
    let record = record(&Facts { masking: Masking { findings, bytes_in: 100, bytes_out: 90 }, ..allowed() });
    expect(
        &record,
        &[
            ("/action_id", json!(4)),
            ("/action", json!("Modified")),
            ("/disposition_id", json!(1)),
            ("/status_id", json!(1)),
            (
                "/metadata/data_classifications",
                json!([
                    {"category_id": 3, "category": "Financial", "discovery_details": [{"type": "credit_card", "count": 3}, {"type": "iban", "count": 1}]},
                    {"category_id": 99, "category": "Other", "discovery_details": [{"type": "field", "count": 4}]},
                ]),
            ),
            ("/unmapped/masking/findings/1", json!({"rule": "more", "detector": "credit_card", "count": 1})),
            ("/unmapped/masking/bytes_out", json!(90)),
        ],
    );
}

#[test]
fn an_observed_refusal_is_let_through_and_seen() {
    let decision = Decision {
        disposition: Disposition::Observed,
        rule: Some("trial".into()),
        rules: vec![hit("trial", Then::Deny, Mode::Observe), hit("staff-read", Then::Allow, Mode::Enforce)],
        code: "rule".into(),
        message: None,
    };
    let record = record(&Facts { decision: Some(decision), ..allowed() });
    expect(
        &record,
        &[
            ("/action_id", json!(3)),
            ("/disposition_id", json!(15)),
            ("/status_id", json!(1)),
            ("/severity_id", json!(2)),
            ("/unmapped/rules/0", json!({"id": "trial", "then": "deny", "mode": "observe"})),
        ],
    );
}

#[test]
fn a_refusal_by_rule_names_the_rule_and_what_was_said() {
    let decision = Decision {
        disposition: Disposition::Blocked,
        rule: Some("no-drop".into()),
        rules: vec![hit("no-drop", Then::Deny, Mode::Enforce), hit("dba", Then::Allow, Mode::Enforce)],
        code: "rule".into(),
        message: Some("Destructive SQL is not allowed.".into()),
    };
    let facts = Facts { decision: Some(decision), response: None, upstream: Upstream::default(), masking: Masking::default(), ..allowed() };
    expect(
        &record(&facts),
        &[
            ("/action_id", json!(2)),
            ("/action", json!("Denied")),
            ("/disposition_id", json!(2)),
            ("/status_id", json!(2)),
            ("/severity_id", json!(3)),
            ("/is_alert", json!(false)),
            ("/status_code", json!("rule")),
            ("/status_detail", json!("Destructive SQL is not allowed.")),
            ("/firewall_rule", json!({"uid": "no-drop"})),
            ("/unmapped/rules/1/id", json!("dba")),
            ("/dst_endpoint", Value::Null),
            ("/api/response", Value::Null),
            ("/unmapped/masking", Value::Null),
            ("/message", json!("alice: tools/call get_order: Blocked (rule no-drop)")),
        ],
    );
}

#[test]
fn the_default_refuses_without_a_rule() {
    let record = record(&Facts { decision: Some(refused(Disposition::Blocked, "default_deny")), ..allowed() });
    expect(
        &record,
        &[
            ("/action_id", json!(2)),
            ("/disposition_id", json!(2)),
            ("/severity_id", json!(2)),
            ("/firewall_rule", Value::Null),
            ("/unmapped/rules", Value::Null),
            ("/status_code", json!("default_deny")),
        ],
    );
}

/// With no more known than that: nobody verified, nothing read.
#[test]
fn a_bad_token_leaves_nobody_named() {
    let facts = Facts {
        times: Times { start: at(0), ..Times::default() },
        stage: Stage::Completed,
        http: Http { method: Some("POST".into()), path: Some("/mcp".into()), status: Some(401), ..Http::default() },
        token_problem: Some("token_expired".into()),
        ..Facts::default()
    };
    expect(
        &record(&facts),
        &[
            ("/action_id", json!(2)),
            ("/disposition_id", json!(26)),
            ("/disposition", json!("Unauthorized")),
            ("/status_id", json!(2)),
            ("/severity_id", json!(2)),
            ("/status_code", json!("token_expired")),
            ("/unmapped/token_problem", json!("token_expired")),
            ("/actor", json!({"user": {"name": "(unverified)", "type_id": 0}})),
            ("/src_endpoint", json!({"name": "unknown"})),
            ("/api/operation", json!("http/post")),
            ("/api/request", json!({"uid": "7f3a-1"})),
            ("/http_response", json!({"code": 401})),
            ("/metadata/correlation_uid", Value::Null),
            ("/message", json!("(unverified): http/post: Unauthorized (token_expired)")),
        ],
    );
}

#[test]
fn a_revoked_access_is_an_alert() {
    let record = record(&Facts { decision: Some(refused(Disposition::AccessRevoked, "token_revoked")), ..allowed() });
    expect(
        &record,
        &[
            ("/disposition_id", json!(24)),
            ("/severity_id", json!(4)),
            ("/is_alert", json!(true)),
            ("/unmapped/alerts", json!(["revoked_access_used"])),
        ],
    );
}

#[test]
fn plaintext_is_rejected_and_an_alert() {
    let facts = Facts {
        connection: Connection::Plaintext,
        stage: Stage::Completed,
        http: Http { method: Some("POST".into()), path: Some("/mcp".into()), status: Some(426), ..Http::default() },
        decision: Some(refused(Disposition::Rejected, "tls_required")),
        ..Facts::default()
    };
    expect(
        &record(&facts),
        &[
            ("/disposition_id", json!(25)),
            ("/action_id", json!(2)),
            ("/severity_id", json!(3)),
            ("/is_alert", json!(true)),
            ("/unmapped/alerts", json!(["tls_below_expectation"])),
            ("/unmapped/connection", json!("plaintext")),
            ("/unmapped/tls", Value::Null),
            ("/http_request/url", json!({"scheme": "http", "path": "/mcp"})),
            ("/http_response/code", json!(426)),
        ],
    );
}

#[test]
fn tls_is_judged_by_the_policys_expectation() {
    let with = |version: &str| Facts { connection: Connection::Tls(Tls { version: version.into(), ..Tls::default() }), ..allowed() };
    for (version, least, alert) in [
        ("TLSv1.2", Some(TlsVersion::V1_3), true),
        ("TLSv1.2", Some(TlsVersion::V1_2), false),
        ("TLSv1.3", Some(TlsVersion::V1_3), false),
        ("TLSv1.1", Some(TlsVersion::V1_2), true),
        ("", Some(TlsVersion::V1_2), true),
        ("TLSv1.1", None, false),
    ] {
        let record = record_with(Settings { alert_below: least, ..settings() }, &with(version));
        expect(&record, &[("/is_alert", json!(alert)), ("/severity_id", json!(if alert { 3 } else { 1 }))]);
    }
    // What another hop terminated cannot be judged here, and is not called an alert.
    expect(&record(&Facts { connection: Connection::Forwarded, ..allowed() }), &[("/is_alert", json!(false))]);
}

#[test]
fn a_stream_cut_short_is_a_failure_with_its_cause() {
    let error = Some(Failure { code: "client_gone".into(), message: "the client closed the stream".into() });
    let times = Times { end: None, ..allowed().times };
    let record = record(&Facts { stage: Stage::Aborted, error, times, ..allowed() });
    expect(
        &record,
        &[
            ("/action_id", json!(1)),
            ("/status_id", json!(2)),
            ("/severity_id", json!(3)),
            ("/status_code", json!("client_gone")),
            ("/status_detail", json!("the client closed the stream")),
            ("/unmapped/stage", json!("aborted")),
            ("/unmapped/error", json!({"code": "client_gone", "message": "the client closed the stream"})),
            // The record's own time stands in for the end.
            ("/end_time", json!(START + 100)),
        ],
    );
}

#[test]
fn an_exchange_that_ended_before_any_decision_is_unknown() {
    let facts = Facts { stage: Stage::Aborted, ..Facts::default() };
    expect(
        &record(&facts),
        &[
            ("/action_id", json!(0)),
            ("/disposition_id", json!(0)),
            ("/status_id", json!(2)),
            ("/api/operation", json!("unknown")),
            ("/time", json!(START + 100)),
            ("/duration", json!(0)),
        ],
    );
    let failed = Facts { error: Some(Failure { code: "keys_unavailable".into(), message: "no keys".into() }), ..Facts::default() };
    expect(&record(&failed), &[("/action_id", json!(2)), ("/disposition_id", json!(27)), ("/status_code", json!("keys_unavailable"))]);
}

#[test]
fn a_get_stream_has_a_session_and_no_message() {
    let facts = Facts {
        http: Http { method: Some("GET".into()), ..allowed().http },
        mcp: Mcp { method: Some("http/get".into()), session_id: Some("abc".into()), era: Some(Era::Legacy), ..Mcp::default() },
        stage: Stage::Forwarded,
        request: None,
        ..allowed()
    };
    let record = record(&facts);
    expect(
        &record,
        &[
            ("/api/operation", json!("http/get")),
            // `x-request-id` stands in for a JSON-RPC id.
            ("/api/request", json!({"uid": "5b1c"})),
            ("/resources", Value::Null),
            // SHA-256("abc"), FIPS 180-4
            ("/metadata/correlation_uid", json!("ba7816bf8f01cfea")),
            ("/unmapped/session_source", json!("mcp_session_id")),
            ("/unmapped/era", json!("legacy")),
            // Still under way: neither success nor failure.
            ("/status_id", json!(0)),
        ],
    );
}

#[test]
fn an_oversized_body_is_cut_and_its_size_told() {
    let request = Some(Payload { text: vec![b'a'; 3000], truncated: true, size: 2_000_000 });
    let facts = Facts { request, response: None, decision: Some(refused(Disposition::Rejected, "request_too_large")), ..allowed() };
    expect(
        &record(&facts),
        &[
            ("/disposition_id", json!(25)),
            ("/api/request/data", json!("a".repeat(1024))),
            ("/unmapped/request", json!({"size": 2_000_000, "truncated": true})),
            ("/metadata/is_truncated", json!(true)),
            ("/metadata/untruncated_size", json!(1954)),
        ],
    );
}

#[test]
fn payloads_stay_out_where_the_policy_says_so() {
    let none = policy::Audit { payload: policy::Payload::None, ..settings().audit };
    let record = record_with(Settings { audit: none, ..settings() }, &allowed());
    expect(&record, &[("/api/request", json!({"uid": "17"})), ("/api/response", Value::Null), ("/unmapped/request", json!({"size": 28}))]);
}

#[test]
fn an_error_of_the_server_is_on_record() {
    let mcp = Mcp { rpc_error: Some(RpcError { code: -32602, message: Some("unknown tool".into()) }), ..allowed().mcp };
    let record = record(&Facts { mcp, response: None, ..allowed() });
    expect(
        &record,
        &[("/action_id", json!(1)), ("/status_id", json!(2)), ("/api/response", json!({"code": -32602, "error_message": "unknown tool"}))],
    );
}

#[test]
fn what_ocsf_has_no_value_for_is_kept_beside_it() {
    let mut facts = allowed();
    facts.http.method = Some("BREW".into());
    facts.principal.as_mut().unwrap().email = Some("alice@localhost".into());
    expect(
        &record(&facts),
        &[
            ("/http_request/http_method", Value::Null),
            ("/unmapped/http_method", json!("BREW")),
            ("/actor/user/email_addr", Value::Null),
            ("/unmapped/email", json!("alice@localhost")),
        ],
    );
}

#[test]
fn lists_are_cut_and_the_rest_counted() {
    let mut facts = allowed();
    facts.principal.as_mut().unwrap().groups = (0..100).map(|n| format!("g{n}")).collect();
    facts.decision.as_mut().unwrap().rules = (0..66).map(|n| hit(&format!("r{n}"), Then::Allow, Mode::Enforce)).collect();
    let record = record(&facts);
    assert_eq!(record["actor"]["user"]["groups"].as_array().unwrap().len(), 64);
    assert_eq!(record["unmapped"]["rules"].as_array().unwrap().len(), 64);
    expect(&record, &[("/unmapped/omitted", json!({"groups": 36, "rules": 2}))]);
}

#[test]
fn records_are_numbered_without_a_gap() {
    let mut recorder = Recorder::new(settings());
    for n in 1..4 {
        let record: Value = serde_json::from_str(&recorder.record(&allowed(), Sides::default(), Time::from_millis(START)).line).unwrap();
        expect(&record, &[("/metadata/sequence", json!(n)), ("/metadata/uid", json!(format!("7f3a-{n}")))]);
    }
}
