//! The life of a key set: start, refresh, rotation, an endpoint that is slow, wrong, down and back.

use super::*;

const SOURCE: SourceId = SourceId(0);

fn fetched() -> Identity {
    compile(vec![issuer(jwks())])
}

#[track_caller]
fn waits(outcome: Outcome) {
    assert!(matches!(outcome, Outcome::Wait(SOURCE)), "{outcome:?}");
}

#[track_caller]
fn give(identity: &mut Identity, keys: &[&Signer], now: Time) {
    assert_eq!(identity.due(now).len(), 1, "a fetch was due");
    assert_eq!(identity.answered(SOURCE, ok(&key_set(keys)), now).fetched, Fetched::Keys(keys.len()));
}

#[track_caller]
fn fail(identity: &mut Identity, now: Time) {
    assert_eq!(identity.due(now).len(), 1, "a fetch was due");
    let changed = identity.answered(SOURCE, Answer::Failed, now);
    assert_eq!(changed, KeysChanged { recheck: true, fetched: Fetched::Failed(FetchProblem::NoAnswer) });
}

fn after(seconds: u64) -> Time {
    NOW.plus_millis(seconds * 1000)
}

fn long_lived(key: &Signer) -> String {
    key.token(&with("exp", json!(NOW.secs() + MAX_LIFETIME_S)))
}

#[test]
fn the_first_token_waits_for_the_first_keys() {
    let key = Signer::new("a");
    let mut identity = fetched();
    let token = key.token(&good_claims());
    waits(check(&mut identity, &token, NOW));
    let due = identity.due(NOW);
    assert_eq!(
        due,
        [Fetch {
            source: SOURCE,
            cluster: "idp".to_owned(),
            host: "id.example.com".to_owned(),
            path: "/jwks.json".to_owned(),
            timeout_ms: 5000,
            etag: None
        }]
    );
    assert_eq!(identity.due(NOW), [], "one fetch at a time");
    waits(check(&mut identity, &token, after(1)));
    assert!(identity.answered(SOURCE, ok(&key_set(&[&key])), after(2)).recheck);
    verified(check(&mut identity, &token, after(2)));
    assert_eq!(identity.due(after(3)), []);
}

#[test]
fn bad_tokens_wait_for_nothing() {
    let key = Signer::new("a");
    let mut identity = fetched();
    assert_eq!(refused(check(&mut identity, &key.token(&with("exp", json!(1))), NOW)), TokenProblem::Expired);
    assert_eq!(refused(check(&mut identity, &key.token(&with("aud", json!("x"))), NOW)), TokenProblem::WrongAudience);
}

#[test]
fn keys_are_refreshed() {
    let key = Signer::new("a");
    let mut identity = fetched();
    give(&mut identity, &[&key], NOW);
    assert_eq!(identity.due(after(299)), []);
    give(&mut identity, &[&key], after(300));
    assert_eq!(identity.due(after(599)), []);
    assert_eq!(identity.due(after(600)).len(), 1);
    // Tokens of known keys go on while the fetch is slow.
    verified(check(&mut identity, &key.token(&good_claims()), after(604)));
}

#[test]
fn an_unknown_key_is_fetched_at_a_bounded_rate() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let mut identity = fetched();
    give(&mut identity, &[&old], NOW);
    let token = new.token(&good_claims());
    // The fetch at the start was not for an unknown key: this one is known at its first use.
    waits(check(&mut identity, &token, after(1)));
    waits(check(&mut identity, &token, after(1)));
    give(&mut identity, &[&old, &new], after(10));
    verified(check(&mut identity, &token, after(10)));
    verified(check(&mut identity, &old.token(&good_claims()), after(10)));

    // A key nobody publishes: one fetch, then a refusal, however slow the answer was.
    let forged = Signer::new("evil").token(&good_claims());
    assert_eq!(refused(check(&mut identity, &forged, after(19))), TokenProblem::UnknownKey);
    assert_eq!(identity.due(after(19)), []);
    waits(check(&mut identity, &forged, after(20)));
    assert_eq!(identity.due(after(20)).len(), 1);
    waits(check(&mut identity, &forged, after(24)));
    assert!(identity.answered(SOURCE, ok(&key_set(&[&old, &new])), after(50)).recheck);
    assert_eq!(refused(check(&mut identity, &forged, after(50))), TokenProblem::UnknownKey);
    let mut fetches = 0;
    for second in 50..110 {
        let _ = check(&mut identity, &forged, after(second));
        for _ in identity.due(after(second)) {
            fetches += 1;
            let _ = identity.answered(SOURCE, ok(&key_set(&[&old, &new])), after(second));
        }
    }
    assert_eq!(fetches, 5, "in a minute");
}

#[test]
fn a_rotated_key_is_forgotten_and_the_new_one_serves() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let mut identity = fetched();
    give(&mut identity, &[&old], NOW);
    let (old_token, new_token) = (old.token(&good_claims()), new.token(&good_claims()));
    verified(check(&mut identity, &old_token, NOW));
    give(&mut identity, &[&new], after(300));
    verified(check(&mut identity, &new_token, after(300)));
    waits(check(&mut identity, &old_token, after(300)));
    give(&mut identity, &[&new], after(300));
    assert_eq!(refused(check(&mut identity, &old_token, after(300))), TokenProblem::UnknownKey);
}

#[test]
fn an_endpoint_that_was_never_up() {
    let key = Signer::new("a");
    let mut identity = fetched();
    let token = key.token(&good_claims());
    waits(check(&mut identity, &token, NOW));
    fail(&mut identity, NOW);
    assert_eq!(refused(check(&mut identity, &token, NOW)), TokenProblem::KeysUnavailable);
    assert_eq!(identity.due(after(0)), []);
    waits(check(&mut identity, &token, after(1)));
    fail(&mut identity, after(1));
    assert_eq!(refused(check(&mut identity, &token, after(2))), TokenProblem::KeysUnavailable);
    give(&mut identity, &[&key], after(3));
    verified(check(&mut identity, &token, after(3)));
}

#[test]
fn pauses_after_failures_grow_to_a_minute() {
    let mut identity = fetched();
    let mut at = 0;
    for pause in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        fail(&mut identity, after(at));
        assert_eq!(identity.due(Time::from_millis(after(at + pause).millis() - 1)), [], "before {pause} s have passed");
        at += pause;
    }
    let key = Signer::new("a");
    give(&mut identity, &[&key], after(at));
    assert_eq!(identity.due(after(at + 299)), []);
    fail(&mut identity, after(at + 300));
    fail(&mut identity, after(at + 301));
}

#[test]
fn old_keys_serve_while_the_endpoint_is_down_and_not_for_ever() {
    let (key, new) = (Signer::new("a"), Signer::new("new"));
    let mut identity = fetched();
    give(&mut identity, &[&key], NOW);
    let token = long_lived(&key);
    fail(&mut identity, after(300));
    verified(check(&mut identity, &token, after(300)));
    // A new key may well exist: that it is unknown is not the token's fault.
    assert_eq!(refused(check(&mut identity, &long_lived(&new), after(300))), TokenProblem::KeysUnavailable);
    for second in 301..3599 {
        for _ in identity.due(after(second)) {
            let _ = identity.answered(SOURCE, Answer::Http { status: 503, body: b"down", etag: None }, after(second));
        }
    }
    verified(check(&mut identity, &token, after(3599)));
    assert!(identity.due(after(3599)).len() <= 1);
    let _ = identity.answered(SOURCE, Answer::Failed, after(3599));
    assert_eq!(refused(check(&mut identity, &token, after(3600))), TokenProblem::KeysUnavailable);
    assert_eq!(refused(check(&mut identity, &token, after(3601))), TokenProblem::KeysUnavailable);
    give(&mut identity, &[&key, &new], after(3625 + 60));
    let late = new.token(&json!({"iss": ISSUER, "sub": "x", "aud": AUDIENCE, "iat": NOW.secs() + 3600, "exp": NOW.secs() + 4000}));
    verified(check(&mut identity, &late, after(3685)));
}

#[test]
fn answers_that_are_no_key_set_change_nothing() {
    let key = Signer::new("a");
    let mut identity = fetched();
    give(&mut identity, &[&key], NOW);
    let good = String::from_utf8(key_set(&[&key])).unwrap();
    let secret = json!({"keys": [{"kty": "oct", "kid": "a", "k": "AAAA"}, {"kty": "EC", "crv": "P-521"}, 7, {}]}).to_string();
    let twice = format!(r#"{{"keys":[],{}"#, good.strip_prefix('{').unwrap());
    let many = json!({"keys": vec![key.jwk(); crate::limits::JWKS_KEYS + 1]}).to_string();
    let long = format!("{good}{}", " ".repeat(crate::limits::JWKS_BYTES));
    let answers: [(u16, &str); 16] = [
        (500, &good),
        (404, &good),
        (204, ""),
        (206, &good),
        (301, &good),
        (304, ""),
        (200, ""),
        (200, "<html>"),
        (200, "[]"),
        (200, "{}"),
        (200, r#"{"keys":[]}"#),
        (200, r#"{"keys":{}}"#),
        (200, &secret),
        (200, &twice),
        (200, &many),
        (200, &long),
    ];
    let mut at = 300;
    for (status, body) in answers {
        assert_eq!(identity.due(after(at)).len(), 1);
        let changed = identity.answered(SOURCE, Answer::Http { status, body: body.as_bytes(), etag: None }, after(at));
        let short: String = body.chars().take(60).collect();
        assert!(matches!(changed, KeysChanged { recheck: true, fetched: Fetched::Failed(_) }), "{status} {short}: {changed:?}");
        verified(check(&mut identity, &long_lived(&key), after(at)));
        at += 60;
    }
}

#[test]
fn unusable_keys_of_a_set_are_skipped() {
    let key = Signer::new("a");
    let mut private = key.jwk();
    private["d"] = json!("AAAA");
    private["kid"] = json!("private");
    let set = json!({"keys": [private, {"kty": "oct", "k": "AA"}, {"kty": "RSA", "use": "enc"}, null, key.jwk()], "x": 1}).to_string();
    let mut identity = fetched();
    assert_eq!(identity.due(NOW).len(), 1);
    assert_eq!(identity.answered(SOURCE, ok(set.as_bytes()), NOW).fetched, Fetched::Keys(1));
    verified(check(&mut identity, &key.token(&good_claims()), NOW));
}

#[test]
fn an_etag_is_sent_back_and_304_renews_the_keys() {
    let key = Signer::new("a");
    let mut identity = fetched();
    assert_eq!(identity.due(NOW).len(), 1);
    let _ = identity.answered(SOURCE, Answer::Http { status: 200, body: &key_set(&[&key]), etag: Some("W/\"1\"") }, NOW);
    for at in [300, 600] {
        assert_eq!(identity.due(after(at))[0].etag.as_deref(), Some("W/\"1\""));
        let changed = identity.answered(SOURCE, Answer::Http { status: 304, body: b"", etag: None }, after(at));
        assert_eq!(changed, KeysChanged { recheck: true, fetched: Fetched::Unchanged });
    }
    verified(check(&mut identity, &long_lived(&key), after(3600 - 1)));
    assert_eq!(identity.due(after(900)).len(), 1);
    // What is not an ETag never becomes a header of ours.
    let _ = identity.answered(SOURCE, Answer::Http { status: 200, body: &key_set(&[&key]), etag: Some("\"a\r\nx: y\"") }, after(900));
    assert_eq!(identity.due(after(1200))[0].etag, None);
}

#[test]
fn answers_nobody_asked_for_are_dropped() {
    let (key, other) = (Signer::new("a"), Signer::new("b"));
    let mut identity = fetched();
    let unasked = KeysChanged { recheck: false, fetched: Fetched::Unasked };
    assert_eq!(identity.answered(SOURCE, ok(&key_set(&[&other])), NOW), unasked);
    assert_eq!(identity.answered(SourceId(7), ok(&key_set(&[&other])), NOW), unasked);
    give(&mut identity, &[&key], NOW);
    assert_eq!(identity.answered(SOURCE, ok(&key_set(&[&other])), NOW), unasked);
    verified(check(&mut identity, &key.token(&good_claims()), NOW));
}

#[test]
fn a_fetch_without_any_answer_is_given_up() {
    let mut identity = fetched();
    assert_eq!(identity.due(NOW).len(), 1);
    assert_eq!(identity.due(after(34)), []);
    assert_eq!(identity.due(after(35)), [], "a failure like any other: first a pause");
    assert_eq!(identity.due(after(36)).len(), 1);
}

#[test]
fn a_clock_set_back_stops_nothing() {
    let (key, new) = (Signer::new("a"), Signer::new("new"));
    let mut identity = fetched();
    // The machine starts with a clock that is a year ahead.
    give(&mut identity, &[&key], after(365 * 86400));
    assert_eq!(identity.due(NOW).len(), 1);
    let _ = identity.answered(SOURCE, Answer::Failed, NOW);
    // The old keys' age is counted from here, so they are not kept for a year.
    verified(check(&mut identity, &key.token(&good_claims()), NOW));
    assert_eq!(refused(check(&mut identity, &new.token(&good_claims()), NOW)), TokenProblem::KeysUnavailable);
    let mut claims = good_claims();
    claims["iat"] = json!(NOW.secs() + 3600);
    claims["exp"] = json!(NOW.secs() + 4000);
    waits(check(&mut identity, &key.token(&claims), after(3600)));
}

#[test]
fn issuers_have_their_own_sources() {
    let (one, two) = (Signer::new("k"), Signer::new("k"));
    let mut second = issuer(jwks());
    second.issuer = "https://two.example.com".to_owned();
    let inline = Signer::new("k");
    let mut third = issuer(KeySource::Inline(vec![inline.jwk()]));
    third.issuer = "https://three.example.com".to_owned();
    let mut identity = compile(vec![issuer(jwks()), third, second]);
    let due: Vec<SourceId> = identity.due(NOW).into_iter().map(|fetch| fetch.source).collect();
    assert_eq!(due, [SourceId(0), SourceId(2)]);
    let _ = identity.answered(SourceId(2), ok(&key_set(&[&two])), NOW);
    verified(check(&mut identity, &two.token(&with("iss", json!("https://two.example.com"))), NOW));
    verified(check(&mut identity, &inline.token(&with("iss", json!("https://three.example.com"))), NOW));
    waits(check(&mut identity, &one.token(&good_claims()), NOW));
    assert!(!identity.answered(SourceId(1), Answer::Failed, NOW).recheck);
}
