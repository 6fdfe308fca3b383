//! How much is kept of what, and that nothing slips by who masks it.

use super::*;

#[test]
fn each_level_keeps_what_it_says() {
    use crate::policy::Level;
    for (level, request, response) in
        [(Level::All, true, true), (Level::Request, true, false), (Level::Metadata, false, false), (Level::None, false, false)]
    {
        for payload in [policy::Payload::Masked, policy::Payload::None] {
            let settings = Settings { audit: policy::Audit { payload, ..settings().audit }, ..settings() };
            let record = record_with(settings, &Facts { level: Some(level), ..allowed() });
            let has = |pointer: &str| record.pointer(pointer).is_some();
            assert_eq!((has("/api/request/data"), has("/api/response/data")), (request, response), "{level:?}");
            expect(&record, &[("/unmapped/request/size", json!(28)), ("/unmapped/response/size", json!(14))]);
        }
    }
}

/// `none` is for what goes well; a refusal, an alert and a failure are on record whatever a rule says.
#[test]
fn only_allowed_calls_that_go_well_are_left_out() {
    use crate::policy::Level;
    let recorder = Recorder::new(settings());
    let none = Facts { level: Some(Level::None), ..allowed() };
    assert!(recorder.leaves_out(&none));
    let found = Finding { rule: "r".into(), detector: "email".into(), kind: None, count: 1 };
    assert!(recorder.leaves_out(&Facts { masking: Masking { findings: vec![found], ..Masking::default() }, ..none.clone() }));
    assert!(!recorder.leaves_out(&Facts { level: Some(Level::Metadata), ..none.clone() }));
    assert!(!recorder.leaves_out(&Facts { level: None, ..none.clone() }));
    for facts in [
        Facts { decision: Some(refused(Disposition::Blocked, "rule")), ..none.clone() },
        Facts { decision: Some(refused(Disposition::AccessRevoked, "revoked")), ..none.clone() },
        Facts { decision: Some(refused(Disposition::Observed, "observed")), ..none.clone() },
        Facts { decision: None, token_problem: Some("expired".into()), ..none.clone() },
        Facts { error: Some(Failure { code: "client_gone".into(), message: String::new() }), ..none.clone() },
        Facts { alerts: vec![Alert { code: "tool_changed".into(), ..Alert::default() }], ..none.clone() },
        Facts { connection: Connection::Plaintext, ..none.clone() },
        Facts { revocations_stale: true, ..none.clone() },
    ] {
        assert!(!recorder.leaves_out(&facts), "{facts:?}");
    }
}

#[test]
fn attributes_are_given_where_they_are_asked_for() {
    let audit = policy::Audit { attributes: true, ..settings().audit };
    let mut facts = allowed();
    facts.mcp.rpc_error = Some(RpcError { code: -32602, message: None });
    let written = Recorder::new(Settings { audit, ..settings() }).record(&facts, Sides::default(), Time::from_millis(START));
    let value = |name: &str| written.attributes.iter().find(|(have, _)| *have == name).map(|(_, value)| value.as_str());
    for (name, expected) in [
        ("portcullis.enduser.id", Some("alice")),
        ("portcullis.client.address", Some("10.0.0.7")),
        ("portcullis.client.port", Some("51234")),
        ("portcullis.server.address", Some("10.1.0.9")),
        ("portcullis.server.port", Some("9000")),
        ("portcullis.mcp.method.name", Some("tools/call")),
        ("portcullis.gen_ai.tool.name", Some("get_order")),
        ("portcullis.jsonrpc.request.id", Some("17")),
        ("portcullis.mcp.session.id", Some("07acc4475e8d298a")),
        ("portcullis.rpc.response.status_code", Some("-32602")),
        ("portcullis.disposition", Some("Allowed")),
        ("portcullis.mcp.resource.uri", None),
    ] {
        assert_eq!(value(name), expected, "{name}");
    }
    assert!(Recorder::new(settings()).record(&facts, Sides::default(), Time::from_millis(START)).attributes.is_empty());
}

/// The payloads are masked by the caller anyway; every other text of the client's is handed out to be.
#[test]
fn no_free_text_escapes_the_visitor() {
    let planted = ["hunt", "er2"].concat();
    let planted = || planted.clone();
    let mut facts = allowed();
    facts.http = Http {
        method: Some(planted()),
        path: Some(planted()),
        host: Some(planted()),
        user_agent: Some(planted()),
        request_id: Some(planted()),
        status: Some(400),
    };
    facts.client = Some(Client { name: Some(planted()), version: Some(planted()) });
    facts.mcp = Mcp {
        method: Some(planted()),
        id: Some(planted()),
        target: Target::Tool(planted()),
        protocol_version: Some(planted()),
        era: None,
        session_id: Some(planted()),
        progress_token: Some(planted()),
        rpc_error: Some(RpcError { code: 1, message: Some(planted()) }),
        tool_error: false,
    };
    facts.connection = Connection::Tls(Tls { version: "TLSv1.3".into(), sni: Some(planted()), ..Tls::default() });
    facts.error = Some(Failure { code: "upstream_reset".into(), message: planted() });
    facts.alerts = vec![Alert { code: "c".into(), kind: "k".into(), name: Some(planted()), place: Some(planted()) }];
    facts.trace = Some(planted());
    let decision = ApprovalDecision { by: "bob".into(), reason: Some(planted()), ..ApprovalDecision::default() };
    facts.approvals = vec![Approval { decisions: vec![decision], ..Approval::default() }];
    assert!(record(&facts).to_string().contains(&planted()));

    facts.each_free_text(&mut |text| *text = "[MASKED]".into());
    assert!(!record(&facts).to_string().contains(&planted()));
}

#[test]
fn who_approved_is_on_record() {
    let said = |by: &str, reason: &str| ApprovalDecision {
        by: by.into(),
        at: Some("2026-11-20T10:00:00Z".into()),
        reason: Some(reason.into()),
        break_glass: false,
    };
    let approval =
        |rule: &str, state, decisions| Approval { rule: rule.into(), id: Some("apr_1".into()), binding: "b64".into(), state, decisions };
    let facts = Facts {
        decision: Some(Decision { disposition: Disposition::Approved, code: "approved".into(), ..allowed().decision.unwrap() }),
        approvals: vec![
            approval("drops", ApprovalState::Used, vec![said("https://id#boss", "looks right"), said("https://id#chief", "yes")]),
            approval("other", ApprovalState::Pending, Vec::new()),
        ],
        ..allowed()
    };
    expect(
        &record(&facts),
        &[
            ("/disposition_id", json!(8)),
            ("/action_id", json!(1)),
            ("/status_code", json!("approved")),
            ("/unmapped/approval/id", json!("apr_1")),
            ("/unmapped/approval/rule", json!("drops")),
            ("/unmapped/approval/binding", json!("b64")),
            ("/unmapped/approval/requested_by", json!("https://id.example.com#u-1")),
            ("/unmapped/approval/state", json!("used")),
            ("/unmapped/approval/decided_by", json!(["https://id#boss", "https://id#chief"])),
            ("/unmapped/approval/decided_at", json!("2026-11-20T10:00:00Z")),
            ("/unmapped/approval/reason", json!("yes")),
            ("/unmapped/approval/decisions/0/reason", json!("looks right")),
            ("/unmapped/approval/break_glass", Value::Null),
            ("/unmapped/other_approvals/0/state", json!("pending")),
            (
                "/authorizations",
                json!([
                    { "decision": "used", "policy": { "uid": "drops" } },
                    { "decision": "pending", "policy": { "uid": "other" } },
                ]),
            ),
        ],
    );
    let record = record(&allowed());
    expect(&record, &[("/authorizations", Value::Null), ("/unmapped/approval", Value::Null)]);
}
