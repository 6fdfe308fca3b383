//! Records of arbitrary facts: always JCS, always bounded, and kept for the schema validator.
//!
//! Leaves a thousand of them in `target/tmp/ocsf.ndjson`; `validate.py` beside this file holds them to OCSF's schema.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use portcullis::audit::{
    ALERTS, Actor, Alert, Approval, ApprovalDecision, ApprovalState, Client, Connection, Decision, Disposition, Era, Facts, Failure,
    Finding, Http, Intent, Masking, Mcp, Messages, Payload, Principal, Recorder, RpcError, RuleHit, Settings, Sides, Stage, Target, Times,
    Tls, Upstream, Written, largest,
};
use portcullis::policy::value::Bytes;
use portcullis::policy::value::{Duration, Secret};
use portcullis::policy::{self, Level, Mode, Then, TlsVersion};
use portcullis::time::Time;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const MAX_PAYLOAD: usize = 100;

fn settings(payload: policy::Payload) -> Settings {
    Settings {
        version: "0.1.0".into(),
        git: "abc1234".into(),
        policy_digest: "d1".repeat(32),
        resource: "https://mcp.example.com/mcp".into(),
        node: "envoy-1".into(),
        vm: "7f3a".into(),
        alert_below: Some(TlsVersion::V1_3),
        audit: policy::Audit { payload, max_payload: Bytes(MAX_PAYLOAD), attributes: true, ..policy::Audit::default() },
    }
}

/// What a client may send anywhere: usual, empty, long, and everything that could break a line of JSON.
fn text() -> BoxedStrategy<String> {
    prop_oneof![
        4 => "[a-zA-Z0-9_./:@-]{1,24}",
        1 => any::<String>(),
        1 => "[\\x00-\\x1f\"\\\\\u{2028}\u{2029}\u{85}]{0,40}",
        1 => (0..400_usize).prop_map(|n| "aé😀\"\u{1}".repeat(n)),
    ]
    .boxed()
}

/// Members of long lists: cheap to make, and sometimes long all the same.
fn name() -> BoxedStrategy<String> {
    (0..4000_u32).prop_map(|n| if n % 50 == 0 { "é\"".repeat(n as usize) } else { format!("name-{n}") }).boxed()
}

fn maybe() -> BoxedStrategy<Option<String>> {
    option::of(text()).boxed()
}

fn time() -> BoxedStrategy<Option<Time>> {
    option::of(prop_oneof![9 => 1_790_000_000_000..1_790_000_900_000_u64, 1 => any::<u64>()].prop_map(Time::from_millis)).boxed()
}

fn connection() -> BoxedStrategy<Connection> {
    let version = prop_oneof![select(&["TLSv1.2", "TLSv1.3", ""][..]).prop_map(str::to_owned), text()];
    let tls = (version, maybe(), maybe(), maybe(), maybe()).prop_map(|(version, cipher, sni, client_cert_digest, client_cert_subject)| {
        Connection::Tls(Tls { version, cipher, sni, client_cert_digest, client_cert_subject })
    });
    prop_oneof![Just(Connection::Unknown), Just(Connection::Plaintext), Just(Connection::Forwarded), tls].boxed()
}

fn http() -> BoxedStrategy<Http> {
    let method = prop_oneof![select(&["GET", "POST", "DELETE", "PURGE"][..]).prop_map(str::to_owned), text()];
    let path = prop_oneof![Just("/mcp?token=1".to_owned()), Just(String::new()), text()];
    let host = prop_oneof![select(&["mcp.example.com", "mcp.example.com:8443", "[::1]:80", ":"][..]).prop_map(str::to_owned), text()];
    (option::of(method), option::of(path), option::of(host), maybe(), maybe(), option::of(any::<u16>()))
        .prop_map(|(method, path, host, user_agent, request_id, status)| Http { method, path, host, user_agent, request_id, status })
        .boxed()
}

fn principal() -> BoxedStrategy<Principal> {
    let email = prop_oneof![Just("alice@example.com".to_owned()), text()];
    let actor = (maybe(), maybe(), maybe()).prop_map(|(subject, client, issuer)| Actor { subject, client, issuer });
    (text(), text(), text(), option::of(email), vec(name(), 0..80), maybe(), maybe(), maybe(), time(), vec(actor, 0..4))
        .prop_map(|(user, subject, issuer, email, groups, client, token_id, session, expires, actors)| Principal {
            user,
            subject,
            issuer,
            email,
            groups,
            client,
            token_id,
            session,
            expires,
            actors,
        })
        .boxed()
}

fn mcp() -> BoxedStrategy<Mcp> {
    let target =
        prop_oneof![Just(Target::None), text().prop_map(Target::Tool), text().prop_map(Target::Resource), text().prop_map(Target::Prompt),];
    let rpc_error = (any::<i64>(), maybe()).prop_map(|(code, message)| RpcError { code, message });
    let era = option::of(select(&[Era::Legacy, Era::Modern][..]));
    (maybe(), maybe(), target, maybe(), era, maybe(), maybe(), option::of(rpc_error), any::<bool>())
        .prop_map(|(method, id, target, protocol_version, era, session_id, progress_token, rpc_error, tool_error)| Mcp {
            method,
            id,
            target,
            protocol_version,
            era,
            session_id,
            progress_token,
            rpc_error,
            tool_error,
        })
        .boxed()
}

fn decision() -> BoxedStrategy<Decision> {
    use Disposition::*;
    let disposition = select(&[Allowed, Observed, Approved, Delayed, Blocked, Rejected, Unauthorized, AccessRevoked, Error][..]);
    let hit = (name(), select(&[Then::Allow, Then::Deny, Then::Ask][..]), select(&[Mode::Enforce, Mode::Observe][..]), vec(text(), 0..10))
        .prop_map(|(id, then, mode, because)| RuleHit { id, then, mode, because });
    (disposition, maybe(), vec(hit, 0..80), text(), maybe())
        .prop_map(|(disposition, rule, rules, code, message)| Decision { disposition, rule, rules, code: code.into(), message })
        .boxed()
}

fn masking() -> BoxedStrategy<Masking> {
    let detector = prop_oneof![select(&["credit_card", "email", "us_ssn", "jwt", "field"][..]).prop_map(str::to_owned), name()];
    let finding = (name(), detector, any::<u64>()).prop_map(|(rule, detector, count)| Finding {
        rule,
        kind: portcullis::policy::Detector::of(&detector),
        detector: detector.into(),
        count,
    });
    (vec(finding, 0..80), any::<u64>(), any::<u64>())
        .prop_map(|(findings, bytes_in, bytes_out)| Masking { findings, bytes_in, bytes_out })
        .boxed()
}

fn payload() -> BoxedStrategy<Option<Payload>> {
    let body = prop_oneof![text().prop_map(String::into_bytes), vec(any::<u8>(), 0..2 * MAX_PAYLOAD)];
    option::of((body, any::<bool>(), any::<u64>()).prop_map(|(text, truncated, size)| Payload { text, truncated, size })).boxed()
}

type Beside = (Option<Level>, Option<Messages>, u32);

fn beside() -> BoxedStrategy<Beside> {
    let level = select(&[Level::None, Level::Metadata, Level::Request, Level::All][..]);
    let messages = (any::<u64>(), any::<u64>()).prop_map(|(before, upto)| Messages { before, upto });
    (option::of(level), option::of(messages), any::<u32>()).boxed()
}

fn facts() -> BoxedStrategy<Facts> {
    let times = (time(), time(), time(), time(), time(), time());
    let times = times.prop_map(|(start, identified, request_complete, decided, response_headers, end)| Times {
        start,
        identified,
        request_complete,
        decided,
        response_headers,
        end,
    });
    let stage = select(&[Stage::Received, Stage::Held, Stage::Forwarded, Stage::Completed, Stage::Aborted][..]);
    let address = || {
        let usual = select(&["10.0.0.7:51234", "[2001:db8::1]:443", "[::ffff:1.2.3.4]:1", "[fe80::1%3]:5", "/run/x.sock"][..]);
        option::of(prop_oneof![usual.prop_map(str::to_owned), text()])
    };
    let upstream =
        (maybe(), address(), option::of(any::<u16>())).prop_map(|(cluster, address, status)| Upstream { cluster, address, status });
    let trace = option::of(prop_oneof![Just("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()), text()]);
    let error = option::of((text(), text()).prop_map(|(code, message)| Failure { code: code.into(), message }));
    let client = option::of((maybe(), maybe()).prop_map(|(name, version)| Client { name, version }));
    let code = prop_oneof![2 => select(&ALERTS[..]).prop_map(str::to_owned), 1 => text()];
    let alert = (code, text(), maybe(), maybe());
    let alert = alert.prop_map(|(code, kind, name, place)| Alert { code: code.into(), kind: kind.into(), name, place });
    let left = (times, stage, address(), connection(), http(), option::of(principal()), maybe(), client);
    let alerts = prop_oneof![9 => Just(Vec::new()), 1 => vec(alert, 0..80)];
    let right = (mcp(), option::of(decision()), masking(), payload(), payload(), upstream, trace, error, alerts, beside());
    (left, right)
        .prop_map(|(left, right)| {
            let (times, stage, source, connection, http, principal, token_problem, client) = left;
            let (mcp, decision, masking, request, response, upstream, trace, error, alerts, (level, messages, exchange)) = right;
            let approvals = approvals(stage, &alerts);
            let token_problem = token_problem.map(Into::into);
            Facts {
                exchange,
                level,
                messages,
                times,
                stage,
                source,
                connection,
                http,
                principal,
                revocations_stale: token_problem.is_none(),
                token_problem,
                client,
                mcp,
                decision,
                intent: stage_intent(stage),
                approvals,
                masking,
                request,
                response,
                upstream,
                trace,
                error,
                alerts,
            }
        })
        .boxed()
}

/// As many as there are alerts, with the odd texts of those.
fn approvals(stage: Stage, alerts: &[Alert]) -> Vec<Approval> {
    let states = [ApprovalState::Pending, ApprovalState::Approved, ApprovalState::Used, ApprovalState::Denied, ApprovalState::Cancelled];
    let one = |(index, alert): (usize, &Alert)| Approval {
        rule: alert.code.to_string(),
        id: alert.name.clone(),
        binding: alert.kind.to_string(),
        state: states.iter().copied().cycle().nth(index).unwrap_or_default(),
        decisions: alerts
            .iter()
            .skip(index)
            .map(|alert| ApprovalDecision {
                by: alert.kind.to_string(),
                at: alert.name.clone(),
                reason: alert.place.clone(),
                break_glass: stage == Stage::Held,
            })
            .collect(),
    };
    alerts.iter().enumerate().map(one).collect()
}

/// Of every stage there are records whose call had to be on record first.
fn stage_intent(stage: Stage) -> Option<Intent> {
    (stage != Stage::Received).then(|| Intent { uid: "7f3a-b2".into(), kept: stage != Stage::Held })
}

/// One line, in canonical form, within the bound.
fn hold_to_the_contract(line: &str, audit: &policy::Audit) -> serde_json::Result<()> {
    let value: serde_json::Value = serde_json::from_str(line)?;
    assert_eq!(serde_json_canonicalizer::to_string(&value)?, line);
    assert!(!line.contains(['\n', '\r']));
    assert!(line.len() <= largest(audit), "{} bytes", line.len());
    Ok(())
}

#[test]
fn a_thousand_varied_records_hold_to_the_contract() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ocsf.ndjson");
    let mut file = BufWriter::new(File::create(path).unwrap());
    let mut runner = TestRunner::deterministic();
    let (shown, hidden) = (settings(policy::Payload::Masked), settings(policy::Payload::None));
    let signed = policy::Sign { seed: policy::Seed([1; 32]), interval: Duration::from_secs(5) };
    let keyed = policy::Chain { key: Some(Secret::new([2; 32])), sign: Some(signed), notary: None };
    let keyed = Settings { audit: policy::Audit { chain: Some(keyed), ..shown.audit.clone() }, ..shown.clone() };
    let alone = Settings { audit: policy::Audit { chain: None, ..shown.audit.clone() }, ..shown.clone() };
    let mut recorders = [shown.clone(), hidden, keyed, alone].map(Recorder::new);
    let now = |round: u64| Time::from_secs(1_790_000_900 + round);
    let mut write = |written: Written| {
        for line in std::iter::once(&written.line).chain(&written.findings) {
            hold_to_the_contract(line, &shown.audit).unwrap();
            writeln!(file, "{line}").unwrap();
        }
    };
    write(recorders[0].record(&Facts::default(), Sides::default(), now(0)));
    let strategy = facts();
    for round in 0..1000_u64 {
        let facts = strategy.new_tree(&mut runner).unwrap().current();
        let recorder = &mut recorders[usize::try_from(round % 4).unwrap()];
        recorder.tick(now(round), &mut Vec::new());
        let mut sides = Sides::default();
        for _ in 0..(round % 20) / 18 {
            write(recorder.interim(&facts, &mut sides, now(round)));
            write(Written { line: recorder.intent(&facts, &mut sides, now(round)).0, ..Written::default() });
        }
        write(recorder.record(&facts, sides, now(round)));
    }
    file.flush().unwrap();
}

#[test]
fn the_bound_holds_for_the_worst_of_facts() {
    // A control character takes six bytes in JSON.
    let long = || "\u{1}".repeat(100_000);
    let some = || Some(long());
    let facts = Facts {
        source: some(),
        connection: Connection::Tls(Tls {
            version: long(),
            cipher: some(),
            sni: some(),
            client_cert_digest: some(),
            client_cert_subject: some(),
        }),
        http: Http { method: some(), path: some(), host: some(), user_agent: some(), request_id: some(), status: Some(200) },
        principal: Some(Principal {
            user: long(),
            subject: long(),
            issuer: long(),
            email: some(),
            groups: vec![long(); 100],
            client: some(),
            token_id: some(),
            session: some(),
            expires: None,
            actors: vec![Actor { subject: some(), client: some(), issuer: some() }; 100],
        }),
        token_problem: Some(long().into()),
        client: Some(Client { name: some(), version: some() }),
        mcp: Mcp {
            method: some(),
            id: some(),
            target: Target::Resource(long()),
            protocol_version: some(),
            era: Some(Era::Modern),
            session_id: some(),
            progress_token: some(),
            rpc_error: Some(RpcError { code: i64::MIN, message: some() }),
            tool_error: true,
        },
        decision: Some(Decision {
            disposition: Disposition::Blocked,
            rule: some(),
            rules: vec![RuleHit { id: long(), then: Then::Deny, mode: Mode::Observe, because: vec![long(); 10] }; 100],
            code: long().into(),
            message: some(),
        }),
        masking: Masking {
            findings: (0..100)
                .map(|n| Finding { rule: long(), detector: format!("{n}{}", long()).into(), kind: None, count: u64::MAX })
                .collect(),
            bytes_in: u64::MAX,
            bytes_out: u64::MAX,
        },
        request: Some(Payload { text: vec![1; 100_000], truncated: true, size: u64::MAX }),
        response: Some(Payload { text: vec![0xff; 100_000], truncated: true, size: u64::MAX }),
        upstream: Upstream { cluster: some(), address: some(), status: Some(u16::MAX) },
        trace: some(),
        error: Some(Failure { code: long().into(), message: long() }),
        alerts: vec![Alert { code: long().into(), kind: long().into(), name: some(), place: some() }; 100],
        approvals: vec![
            Approval {
                rule: long(),
                id: some(),
                binding: long(),
                state: ApprovalState::Cancelled,
                decisions: vec![ApprovalDecision { by: long(), at: some(), reason: some(), break_glass: true }; 100],
            };
            100
        ],
        ..Facts::default()
    };
    for max_payload in [0, MAX_PAYLOAD, 64 * 1024] {
        let audit = policy::Audit { max_payload: Bytes(max_payload), ..policy::Audit::default() };
        let settings = Settings { audit: audit.clone(), ..settings(policy::Payload::Masked) };
        let mut recorder = Recorder::new(settings);
        let mut sides = Sides::default();
        for _ in 0..3 {
            hold_to_the_contract(&recorder.interim(&facts, &mut sides, Time::from_secs(1)).line, &audit).unwrap();
        }
        let written = recorder.record(&facts, sides, Time::from_secs(1));
        for line in std::iter::once(&written.line).chain(&written.findings) {
            hold_to_the_contract(line, &audit).unwrap();
        }
    }
}
