//! Lists of revocations: what they take back, and what is no list.

use super::revocations::*;
use super::*;

#[test]
fn each_list_finds_its_own_and_nobody_else() {
    let entry = |list: &str, entry: Value| (list.to_owned(), entry);
    let iat = NOW.secs();
    let cases = [
        (entry("tokens", json!({ "iss": ISSUER, "jti": "t-1" })), Some(Listing::Token)),
        (entry("tokens", json!({ "iss": "https://other.example", "jti": "t-1" })), None),
        (entry("tokens", json!({ "iss": ISSUER, "jti": "t-2", "note": "another" })), None),
        (entry("sessions", json!({ "sid": "s-1" })), Some(Listing::Session)),
        (entry("sessions", json!({ "iss": ISSUER, "sid": "s-1" })), Some(Listing::Session)),
        (entry("sessions", json!({ "iss": "https://other.example", "sid": "s-1" })), None),
        (entry("subjects", json!({ "iss": ISSUER, "sub": "00u1" })), Some(Listing::Subject)),
        (entry("subjects", json!({ "iss": ISSUER, "sub": "00u1", "before": iat + 1 })), Some(Listing::Subject)),
        (entry("subjects", json!({ "iss": ISSUER, "sub": "00u1", "before": iat })), None),
        (entry("subjects", json!({ "iss": "https://other.example", "sub": "00u1" })), None),
        (entry("subjects", json!({ "iss": ISSUER, "sub": "00U1" })), None),
        (entry("clients", json!({ "client_id": "cli" })), Some(Listing::Client)),
        (entry("clients", json!({ "iss": "https://other.example", "client_id": "cli" })), None),
        (entry("issuers", json!({ "iss": ISSUER, "before": iat + 1 })), Some(Listing::Issuer)),
        (entry("issuers", json!({ "iss": ISSUER, "before": iat })), None),
        (entry("issuers", json!({ "iss": ISSUER })), Some(Listing::Issuer)),
        (entry("issuers", json!({ "iss": "https://other.example" })), None),
    ];
    let signer = Signer::new("list");
    for ((name, entry), expected) in cases {
        let mut vm = Vm::new(&signer);
        vm.fetch(&signer.list(&json!({ name.as_str(): [entry.clone()] })), NOW);
        assert_eq!(vm.revocations.check(&principal()), expected, "{name} {entry}");
    }
}

#[test]
fn said_twice_the_wider_one_counts() {
    let signer = Signer::new("list");
    let (narrow, wide) = (json!({ "iss": ISSUER, "sub": "00u1", "before": 5 }), json!({ "iss": ISSUER, "sub": "00u1" }));
    for both in [json!([narrow, wide]), json!([wide, narrow])] {
        let mut vm = Vm::new(&signer);
        vm.fetch(&signer.list(&json!({ "subjects": both })), NOW);
        assert_eq!(vm.revocations.check(&principal()), Some(Listing::Subject));
    }
}

#[test]
fn a_list_that_says_what_is_not_known_is_no_list() {
    let signer = Signer::new("list");
    let (iat, good) = (NOW.secs(), json!({ "version": 1, "iat": NOW.secs(), "sequence": 1 }));
    let with = |name: &str, value: Value| {
        let mut list = good.clone();
        list[name] = value;
        list.to_string()
    };
    let bad = [
        with("version", json!(2)),
        with("version", Value::Null),
        with("sequence", json!("1")),
        with("sequence", json!(-1)),
        with("sequence", json!(1.5)),
        with("sequence", json!(u64::MAX)),
        with("iat", json!("now")),
        with("iat", json!(u64::MAX)),
        with("iat", json!(iat + 301)),
        with("exp", json!(iat)),
        with("users", json!([])),
        with("tokens", json!({})),
        with("tokens", json!(["t-1"])),
        with("tokens", json!([{ "jti": "t-1" }])),
        with("tokens", json!([{ "iss": ISSUER }])),
        with("tokens", json!([{ "iss": ISSUER, "jti": "t-1", "unless": "friday" }])),
        with("sessions", json!([{ "sid": 7 }])),
        with("sessions", json!([{ "sid": "s", "iss": null }])),
        with("subjects", json!([{ "iss": ISSUER, "sub": "" }])),
        with("subjects", json!([{ "iss": ISSUER, "sub": "a", "before": "now" }])),
        with("subjects", json!([{ "iss": ISSUER, "sub": "a", "before": null }])),
        with("issuers", json!([{ "before": 1 }])),
        good.to_string().replace("\"sequence\":1", "\"sequence\":1,\"sequence\":2"),
        "[]".to_owned(),
        "{}".to_owned(),
        String::new(),
    ];
    for payload in bad {
        let mut vm = Vm::new(&signer);
        let notices = vm.fetch(&signer.sign(LIST_HEADER, &payload), NOW);
        assert_eq!(notices.len(), 1, "{payload}");
        assert_eq!(vm.revocations.freshness(NOW), Freshness::Stale, "{payload}");
    }
    let mut vm = Vm::new(&signer);
    assert!(vm.fetch(&signer.sign(LIST_HEADER, &good.to_string()), NOW).is_empty());
    assert_eq!(vm.revocations.freshness(NOW), Freshness::Fresh);
}

#[test]
fn only_a_list_signed_by_a_key_of_the_policy_counts() {
    let (signer, stranger) = (Signer::new("list"), Signer::new("list"));
    let payload = json!({ "version": 1, "iat": NOW.secs(), "sequence": 1 }).to_string();
    let unsigned =
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"portcullis-revocations+jwt"}"#), URL_SAFE_NO_PAD.encode(&payload));
    let good = signer.sign(LIST_HEADER, &payload);
    let (head, signature) = good.rsplit_once('.').unwrap();
    let other = signer.sign(LIST_HEADER, &payload.replace(":1}", ":2}"));
    let swapped = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
    let bad = [
        stranger.sign(LIST_HEADER, &payload),
        payload.clone(),
        unsigned,
        swapped,
        head.to_owned(),
        format!("{good}.{good}"),
        // A token of the same key, and tokens that call themselves otherwise.
        signer.sign(r#"{"alg":"EdDSA","kid":"list"}"#, &payload),
        signer.sign(r#"{"alg":"EdDSA","kid":"list","typ":"JWT"}"#, &payload),
        signer.sign(r#"{"alg":"EdDSA","kid":"list","typ":"at+jwt"}"#, &payload),
        signer.sign(r#"{"alg":"EdDSA","kid":"list","typ":"portcullis-revocations+jwt","crit":["x"],"x":1}"#, &payload),
        signer.sign(r#"{"alg":"ES256","kid":"list","typ":"portcullis-revocations+jwt"}"#, &payload),
        signer.sign(r#"{"alg":"EdDSA","kid":"other","typ":"portcullis-revocations+jwt"}"#, &payload),
    ];
    for list in bad {
        let mut vm = Vm::new(&signer);
        assert_eq!(vm.fetch(&list, NOW).len(), 1, "{list}");
        assert_eq!(vm.revocations.freshness(NOW), Freshness::Stale, "{list}");
    }
    for list in [good.clone(), format!("{good}\n")] {
        let mut vm = Vm::new(&signer);
        assert!(vm.fetch(&list, NOW).is_empty());
        assert_eq!(vm.revocations.freshness(NOW), Freshness::Fresh);
    }
}

/// The other way round: whoever may sign lists must not be able to make tokens out of them, nor may a list pass for one.
#[test]
fn a_list_is_no_token() {
    let signer = Signer::new("k");
    let mut identity = identity(&[&signer]);
    let list = signer.sign(r#"{"alg":"EdDSA","kid":"k","typ":"portcullis-revocations+jwt"}"#, &good_claims().to_string());
    assert!(matches!(refused(check(&mut identity, &list, NOW)), TokenProblem::Malformed(_)));
}

#[test]
fn a_list_far_longer_than_a_token_is_read() {
    let signer = Signer::new("list");
    let tokens: Vec<Value> = (0..5_000).map(|n| json!({ "iss": ISSUER, "jti": format!("t-{n}") })).collect();
    let mut vm = Vm::new(&signer);
    assert!(vm.fetch(&signer.list(&json!({ "tokens": tokens })), NOW).is_empty());
    assert_eq!(vm.revocations.check(&principal()), Some(Listing::Token));
    let mut vm = Vm::new(&signer);
    assert_eq!(vm.fetch(&"x".repeat(crate::limits::REVOCATIONS_BYTES + 1), NOW).len(), 1);
}

#[test]
fn unsigned_lists_are_for_policies_that_say_so() {
    let mut vm = Vm::unsigned();
    let list = json!({ "version": 1, "iat": NOW.secs(), "sequence": 1, "clients": [{ "client_id": "cli" }] });
    assert!(vm.fetch(&list.to_string(), NOW).is_empty());
    assert_eq!(vm.revocations.check(&principal()), Some(Listing::Client));
    let mut vm = Vm::unsigned();
    assert_eq!(vm.fetch(&Signer::new("list").list(&json!({})), NOW).len(), 1);
}

#[test]
fn keys_that_cannot_sign_are_told() {
    let private = json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA", "d": "AAAA" });
    let mistakes = Revocations::compile(&settings(policy::Signed::By(vec![private, json!({})]))).err().unwrap();
    assert_eq!(mistakes.iter().map(|mistake| mistake.path.as_str()).collect::<Vec<_>>(), ["revocation.keys[0]", "revocation.keys[1]"]);
    assert!(mistakes[0].message.contains("private"));
}
