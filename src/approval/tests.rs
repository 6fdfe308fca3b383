use jwt_simple::prelude::{Ed25519KeyPair, EdDSAKeyPairLike as _};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::policy::value::{Duration, Secret};
use crate::policy::{Ask, Reason};

const NOW: Time = Time::from_secs(1_700_000_000);

struct Service {
    key: Ed25519KeyPair,
}

impl Service {
    fn new() -> Self {
        Self { key: Ed25519KeyPair::generate() }
    }

    fn jwk(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.key.public_key().to_bytes());
        json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "k1", "x": x })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.key.key_pair().as_ref().sk.sign(&signed, None);
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    fn state(&self, claims: &Value) -> String {
        self.sign(&json!({ "alg": "EdDSA", "typ": "portcullis-approval+jwt", "kid": "k1" }), claims)
    }

    fn section(&self) -> policy::Approvals {
        policy::Approvals {
            cluster: "approvals".into(),
            host: "approvals".into(),
            path_prefix: String::new(),
            credential: Secret::new("secret"),
            key: Secret::new("0123456789abcdef0123456789abcdef"),
            keys: vec![self.jwk()],
            url_elicitation_errors: true,
            timeout: Duration::from_secs(5),
        }
    }

    fn approvals(&self) -> Approvals {
        Approvals::compile(&self.section(), "d1", "https://mcp.example.com/mcp", "vm").unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
    }
}

fn ask() -> Ask {
    Ask {
        approvers: vec!["leads".into()],
        quorum: 1,
        distinct_groups: false,
        reason: Reason::Optional,
        hold: Duration::from_secs(45),
        uses: 1,
        valid: Duration::from_secs(900),
        wait: Duration::from_secs(900),
    }
}

fn caller() -> Caller<'static> {
    Caller { issuer: "https://id", subject: "u1", user: "ana", email: None, groups: &[], client: Some("agent"), actors: &[] }
}

fn call(params: &str) -> Bound<'_> {
    Bound { caller: caller(), action: "tools/call", target: "drop_table", params, session: Some("s") }
}

const PARAMS: &str = r#"{"name":"drop_table","arguments":{"a":1,"b":[true,"x"]},"_meta":{"progressToken":1}}"#;

#[test]
fn the_same_call_has_the_same_binding_and_every_other_another() {
    let service = Service::new();
    let approvals = service.approvals();
    let bound = |call: &Bound<'_>| approvals.binding(call, "r").unwrap();
    let first = bound(&call(PARAMS));
    assert_eq!(URL_SAFE_NO_PAD.decode(&first).unwrap().len(), 32);
    for same in [
        r#"{"arguments":{"b":[true,"\u0078"],"a":1},"name":"drop_table"}"#,
        r#"{"name":"drop_table","arguments":{"a":1,"b":[true,"x"]},"_meta":{"progressToken":2,"x":"y"}}"#,
    ] {
        assert_eq!(bound(&call(same)), first, "{same}");
    }
    let other_groups = ["g".to_owned()];
    let others = [
        call(r#"{"name":"drop_table","arguments":{"a":2,"b":[true,"x"]}}"#),
        call(r#"{"name":"drop_table","arguments":{"a":1.0,"b":[true,"x"]}}"#),
        call(r#"{"name":"drop_table","arguments":{"a":1,"b":[true,"x"]},"inputResponses":{}}"#),
        call(r#"{"name":"drop_table","arguments":{"a":1,"b":[true,"x"]},"task":{"ttl":1}}"#),
        Bound { action: "prompts/get", ..call(PARAMS) },
        Bound { target: "drop", ..call(PARAMS) },
        Bound { session: None, ..call(PARAMS) },
        Bound { session: Some("t"), ..call(PARAMS) },
        Bound { caller: Caller { issuer: "https://other", ..caller() }, ..call(PARAMS) },
        Bound { caller: Caller { subject: "u2", ..caller() }, ..call(PARAMS) },
        Bound { caller: Caller { client: None, ..caller() }, ..call(PARAMS) },
        Bound { caller: Caller { client: Some("other"), ..caller() }, ..call(PARAMS) },
        Bound { caller: Caller { actors: &[(Some("bot"), None)], ..caller() }, ..call(PARAMS) },
        Bound { caller: Caller { actors: &[(None, Some("bot"))], ..caller() }, ..call(PARAMS) },
    ];
    let mut all: Vec<String> = others.iter().map(bound).collect();
    all.push(first.clone());
    all.push(approvals.binding(&call(PARAMS), "other").unwrap());
    let other_policy = Approvals::compile(&service.section(), "d2", "https://mcp.example.com/mcp", "vm").ok().unwrap();
    let other_place = Approvals::compile(&service.section(), "d1", "https://mcp.example.com/other", "vm").ok().unwrap();
    let key = policy::Approvals { key: Secret::new("0123456789abcdef0123456789abcdeX"), ..service.section() };
    let other_key = Approvals::compile(&key, "d1", "https://mcp.example.com/mcp", "vm").ok().unwrap();
    all.extend([other_policy, other_place, other_key].map(|approvals| approvals.binding(&call(PARAMS), "r").unwrap()));
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count);
    // Groups come and go with a token, and are no part of who calls.
    assert_eq!(bound(&Bound { caller: Caller { groups: &other_groups, ..caller() }, ..call(PARAMS) }), first);
    assert_eq!(approvals.binding(&call("[]"), "r"), None);
}

#[test]
fn people_see_the_arguments_and_numbers_as_they_were_written() {
    let shown = Shown::of(r#"{"name":"x","arguments":{"n":10000000000000000000001,"m":0.5},"_meta":{"x":1}}"#).unwrap();
    assert_eq!(shown.arguments, json!({ "n": "10000000000000000000001", "m": 0.5 }));
    let again = Shown::of(r#"{"name":"x","arguments":{"m":0.5,"n":"10000000000000000000001"}}"#).unwrap();
    assert_eq!(again.digest, shown.digest);
    assert_eq!(Shown::of(r#"{"name":"x"}"#).unwrap().arguments, json!({}));
    assert_eq!(Shown::of("").unwrap().arguments, json!({}));
    let more = Shown::of(r#"{"name":"x","arguments":{"a":1},"task":{"ttl":5}}"#).unwrap();
    assert_eq!(more.arguments, json!({ "name": "x", "arguments": { "a": 1 }, "task": { "ttl": 5 } }));
    assert_eq!(Shown::of(&format!(r#"{{"arguments":{{"a":"{}"}}}}"#, "x".repeat(SHOWN_BYTES))), None);
}

#[test]
fn the_request_is_as_the_service_reads_it() {
    let service = Service::new();
    let shown = Shown::of(PARAMS).unwrap();
    let (bound, ask) = (call(PARAMS), ask());
    let request = Request {
        call: &bound,
        kind: "mcp.tool",
        name: "drop_table",
        shown: &shown,
        binding: "B",
        rule: "r",
        ask: &ask,
        message: None,
        session: Some("5e55"),
        request_id: Some("q"),
        traceparent: None,
    };
    let body: Value = serde_json::from_slice(&service.approvals().body(&request).unwrap()).unwrap();
    assert_eq!(body["subject"]["id"], "https://id#u1");
    assert_eq!(body["subject"]["properties"]["user"], "ana");
    assert_eq!(body["subject"]["properties"].get("email"), None);
    assert_eq!(
        body["resource"],
        json!({ "type": "mcp.tool", "id": "drop_table", "properties": { "endpoint": "https://mcp.example.com/mcp" } })
    );
    assert_eq!(body["action"]["name"], "tools/call");
    let context = &body["context"];
    assert_eq!(context["shown"], json!({ "a": 1, "b": [true, "x"] }));
    assert_eq!(context["shown_digest"], shown.digest);
    assert_eq!(context["approvers"], json!({ "groups": ["leads"], "quorum": 1, "distinct_groups": false, "reason": "optional" }));
    assert_eq!(context["grant"], json!({ "uses": 1, "valid_seconds": 900 }));
    assert_eq!((&context["wait_seconds"], context.get("message")), (&json!(900), None));
    // What the service would not take whole is not asked.
    let long = "x".repeat(5_000);
    assert_eq!(service.approvals().body(&Request { name: &long, ..request }), None);
}

fn claims(status: &str) -> Value {
    let mut claims = json!({
        "iss": "https://approvals", "task": "apr_1", "binding": "B", "shown_digest": "D", "status": status, "iat": NOW.secs(),
        "decisions": [{ "by": "https://id#boss", "at": "2026-01-01T00:00:00Z", "reason": "fine\nby me" }],
    });
    match status {
        "consumed" => {
            claims["use"] = json!("U");
            claims["exp"] = json!(NOW.secs() + 60);
        }
        _ => claims["approved_until"] = json!(NOW.secs() + 60),
    }
    claims
}

fn with(mut value: Value, pointer: &str, to: Value) -> Value {
    *value.pointer_mut(pointer).unwrap() = to;
    value
}

fn used(service: &Service, state: &str, ask: &Ask) -> Result<Vec<Decision>, Untrue> {
    let about = About { task: "apr_1", binding: "B", shown_digest: "D", ask, caller: "https://id#u1" };
    service.approvals().used(state, &about, "U", NOW)
}

#[test]
fn only_the_signed_use_of_this_very_call_counts() {
    let (service, ask) = (Service::new(), ask());
    let good = claims("consumed");
    let decisions = used(&service, &service.state(&good), &ask).unwrap();
    assert_eq!((decisions[0].by.as_str(), decisions[0].reason.as_deref()), ("https://id#boss", Some("fine by me")));
    for (claims, why) in [
        (claims("approved"), Untrue::Another),
        (with(good.clone(), "/status", json!("approved")), Untrue::Another),
        (with(good.clone(), "/use", json!("V")), Untrue::Another),
        (with(good.clone(), "/use", Value::Null), Untrue::Another),
        (with(good.clone(), "/task", json!("apr_2")), Untrue::Another),
        (with(good.clone(), "/binding", json!("C")), Untrue::Another),
        (with(good.clone(), "/shown_digest", json!("E")), Untrue::Another),
        (with(good.clone(), "/exp", json!(NOW.secs() - 30)), Untrue::Expired),
        (with(good.clone(), "/exp", Value::Null), Untrue::Expired),
        (with(good.clone(), "/iat", json!(NOW.secs() + 31)), Untrue::Expired),
        (with(good.clone(), "/decisions", json!([])), Untrue::TooFew),
        (with(good.clone(), "/decisions/0/by", json!("https://id#u1")), Untrue::OwnRequest),
        (with(good.clone(), "/decisions", json!([{ "by": "x" }, { "by": "https://id#u1" }])), Untrue::OwnRequest),
        (with(good.clone(), "/decisions", json!("many")), Untrue::Malformed),
        (with(good.clone(), "/exp", json!("later")), Untrue::Malformed),
    ] {
        assert_eq!(used(&service, &service.state(&claims), &ask), Err(why), "{claims}");
    }
    let two = Ask { quorum: 2, ..ask.clone() };
    assert_eq!(used(&service, &service.state(&good), &two), Err(Untrue::TooFew));
    let twice = with(good.clone(), "/decisions", json!([{ "by": "boss" }, { "by": "boss" }]));
    assert_eq!(used(&service, &service.state(&twice), &two), Err(Untrue::TooFew));
    let both = with(good.clone(), "/decisions", json!([{ "by": "boss" }, { "by": "chief" }]));
    assert_eq!(used(&service, &service.state(&both), &two).unwrap().len(), 2);
    let emergency = with(good.clone(), "/decisions", json!([{ "by": "boss", "break_glass": true }]));
    assert!(used(&service, &service.state(&emergency), &two).unwrap()[0].break_glass);
    let because = Ask { reason: Reason::Required, ..ask.clone() };
    assert!(used(&service, &service.state(&good), &because).is_ok());
    assert_eq!(used(&service, &service.state(&both), &because), Err(Untrue::NoReason));
}

#[test]
fn what_is_not_signed_as_it_must_be_says_nothing() {
    let (service, ask) = (Service::new(), ask());
    let good = claims("consumed");
    let header = json!({ "alg": "EdDSA", "typ": "portcullis-approval+jwt", "kid": "k1" });
    for (header, why) in [
        (with(header.clone(), "/alg", json!("none")), Untrue::Malformed),
        (with(header.clone(), "/alg", json!("HS256")), Untrue::Malformed),
        (with(header.clone(), "/typ", json!("portcullis-approval-link+jwt")), Untrue::Malformed),
        (with(header.clone(), "/typ", json!("JWT")), Untrue::Malformed),
        (json!({ "alg": "EdDSA" }), Untrue::Malformed),
        (json!({ "alg": "EdDSA", "typ": "portcullis-approval+jwt", "crit": ["x"] }), Untrue::Malformed),
        (with(header.clone(), "/kid", json!("k2")), Untrue::UnknownKey),
    ] {
        assert_eq!(used(&service, &service.sign(&header, &good), &ask), Err(why), "{header}");
    }
    assert!(used(&service, &service.sign(&json!({ "alg": "Ed25519", "typ": "portcullis-approval+jwt" }), &good), &ask).is_ok());
    assert_eq!(used(&service, &Service::new().state(&good), &ask), Err(Untrue::BadSignature));
    let state = service.state(&good);
    for bad in ["", "a.b", "a.b.c", &state[1..], &format!("{state}.x"), &format!("{state}="), state.rsplit_once('.').unwrap().0] {
        assert!(used(&service, bad, &ask).is_err(), "{bad}");
    }
    // Every single changed character is noticed.
    for at in 0..state.len() {
        let mut bytes = state.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        let same_bytes = at + 1 == state.len();
        assert!(same_bytes || used(&service, &changed, &ask).is_err(), "{at}");
    }
}

#[test]
fn an_approval_counts_until_its_time_is_over() {
    let (service, ask) = (Service::new(), ask());
    let about = About { task: "apr_1", binding: "B", shown_digest: "D", ask: &ask, caller: "https://id#u1" };
    let approvals = service.approvals();
    let state = service.state(&claims("approved"));
    assert!(approvals.approved(&state, &about, NOW).is_ok());
    assert_eq!(approvals.approved(&state, &about, NOW.plus_millis(60_000)), Err(Untrue::Expired));
    assert_eq!(approvals.approved(&service.state(&claims("consumed")), &about, NOW), Err(Untrue::Another));
    // An approval is no use of it.
    assert_eq!(approvals.used(&state, &about, "U", NOW), Err(Untrue::Another));
}

#[test]
fn keys_that_cannot_be_used_are_named() {
    let service = Service::new();
    let key = service.jwk();
    for (bad, expected) in [
        (json!({ "kty": "EC" }), "`kty` must be `OKP`"),
        (with(key.clone(), "/x", json!("AA")), "no public key"),
        (with(key.clone(), "/x", json!("*")), "base64url"),
        (with(key.clone(), "/use", json!("enc")), "something else"),
        (json!({ "kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA" }), "private"),
        (json!({ "kty": "OKP", "crv": "Ed25519" }), "`x` is missing"),
        // Of small order: anything would be signed by it.
        (with(key.clone(), "/x", json!(URL_SAFE_NO_PAD.encode([0; 32]))), "no public key"),
    ] {
        let section = policy::Approvals { keys: vec![key.clone(), bad], ..service.section() };
        let mistakes = Approvals::compile(&section, "d", "e", "v").err().unwrap();
        assert!(mistakes.len() == 1 && mistakes[0].path == "keys[1]" && mistakes[0].message.contains(expected), "{mistakes:?}");
    }
}

#[test]
fn no_two_uses_have_one_name() {
    let mut approvals = Service::new().approvals();
    let mut names: Vec<String> = (0..100).map(|_| approvals.new_use("B", NOW)).collect();
    assert!(names.iter().all(|name| (16..=64).contains(&name.len())));
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 100);
}

#[test]
fn answers_are_read_with_care() {
    let answer = |task: Value| task_of(&json!({ "task": task }));
    fn task_of(answer: &Value) -> Option<Task> {
        super::task(answer.to_string().as_bytes())
    }
    let pending = answer(json!({ "id": "apr_1", "status": "pending", "page": "https://a/r/apr_1", "retry_after": 3 })).unwrap();
    assert_eq!((pending.status, pending.page.as_deref(), pending.retry_after), (Status::Pending, Some("https://a/r/apr_1"), 3));
    for bad in [
        json!({ "id": "apr_1", "status": "fine" }),
        json!({ "id": "../x", "status": "pending" }),
        json!({ "id": "", "status": "pending" }),
        json!({ "id": "a".repeat(65), "status": "pending" }),
        json!({ "id": 7, "status": "pending" }),
        json!({ "status": "pending" }),
        json!({ "id": "apr_1", "status": "approved" }),
    ] {
        assert_eq!(answer(bad.clone()), None, "{bad}");
    }
    for page in ["javascript:alert(1)", "https://", "https://a/\nb", "https://a b", "https://a/\"", "ftp://a"] {
        assert_eq!(answer(json!({ "id": "apr_1", "status": "pending", "page": page })).unwrap().page, None, "{page}");
    }
    let approved = json!({ "task": { "id": "apr_1", "status": "approved" }, "approval": { "state": "S", "remaining": 1 } });
    assert_eq!(task_of(&approved).unwrap().status, Status::Approved { state: "S".into() });
    let spent = json!({ "task": { "id": "apr_1", "status": "approved" }, "approval": { "remaining": 0 } });
    assert_eq!(task_of(&spent).unwrap().status, Status::Spent);
    let denied = json!({ "task": { "id": "apr_1", "status": "denied" }, "denial": { "decisions": [
        { "by": "a", "decision": "approve", "reason": "fine" }, { "by": "b", "decision": "deny", "reason": " no\u{7}\n" }
    ] } });
    let expected = Status::Denied { by: vec!["b".into()], at: None, reason: Some("no".into()) };
    assert_eq!(task_of(&denied).unwrap().status, expected);
    assert_eq!(consumed(br#"{"consumed":true,"state":"S","remaining":2}"#), Some(Used { state: "S".into(), remaining: Some(2) }));
    for bad in ["{}", r#"{"consumed":"true","state":"S"}"#, r#"{"consumed":true}"#, "x", ""] {
        assert_eq!(consumed(bad.as_bytes()), None, "{bad}");
    }
    assert_eq!(consumed_problem(br#"{"error":"consumed"}"#), Some(NoUse::Taken));
    assert_eq!(consumed_problem(br#"{"error":"binding_mismatch"}"#), None);
    let long = json!({ "task": { "id": "apr_1", "status": "pending", "x": "x".repeat(300_000) } });
    assert_eq!(task_of(&long), None);
}

#[test]
fn a_state_is_for_its_caller_and_its_call() {
    let approvals = Service::new().approvals();
    let until = NOW.plus_millis(60_000);
    let state = approvals.continuation(&caller(), &["apr_1", "apr_2"], "CALL", until);
    let params = |state: &str, more: &str| format!(r#"{{"requestState":{},"name":"x","arguments":{{}}{more}}}"#, json!(state));
    let back = approvals.returned(&caller(), &params(&state, r#","inputResponses":{"approval":{"action":"accept"}}"#)).unwrap().unwrap();
    assert_eq!((back.params.as_str(), back.declined), (r#"{"name":"x","arguments":{}}"#, false));
    assert_eq!(
        (back.continuation.tasks.as_slice(), back.continuation.call.as_str()),
        (&["apr_1".to_owned(), "apr_2".to_owned()][..], "CALL")
    );
    assert!(!back.continuation.is_over(NOW) && back.continuation.is_over(until));
    let declined = approvals.returned(&caller(), &params(&state, r#","inputResponses":{"approval-2":{"action":"decline"}}"#));
    assert!(declined.unwrap().unwrap().declined);
    assert_eq!(without_own(&params(&state, "")).as_deref(), Some(r#"{"name":"x","arguments":{}}"#));
    // Others' states are the server's business, and none of ours is anybody else's.
    for not_ours in ["s", "pc1.x", "pcq2.1"] {
        assert_eq!(approvals.returned(&caller(), &params(not_ours, "")), Ok(None));
        assert_eq!(without_own(&params(not_ours, "")), None);
        assert!(has_foreign(&params(not_ours, "")));
    }
    assert!(!has_foreign(r#"{"name":"x","requestState":null}"#) && !has_foreign(""));
    let others = [Caller { subject: "u2", ..caller() }, Caller { issuer: "i", ..caller() }, Caller { client: Some("x"), ..caller() }];
    for other in others {
        assert_eq!(approvals.returned(&other, &params(&state, "")), Err(Foreign), "{other:?}");
    }
    for at in MARK_LENGTH..state.len() - 1 {
        let mut bytes = state.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert_eq!(approvals.returned(&caller(), &params(&changed, "")), Err(Foreign), "{at}");
    }
}

const MARK_LENGTH: usize = "pcq1.".len();

proptest! {
    #[test]
    fn nothing_that_comes_from_outside_breaks_a_reader(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,80}") {
        let _ = (task(&bytes), consumed(&bytes), consumed_problem(&bytes));
        let service = Service::new();
        prop_assert!(used(&service, &text, &ask()).is_err());
        let _ = service.approvals().returned(&caller(), &text);
        let _ = (Shown::of(&text), has_foreign(&text), without_own(&text));
    }
}
