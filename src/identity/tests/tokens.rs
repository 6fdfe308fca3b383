//! Good tokens, and what each claim does.

use jwt_simple::prelude::{
    Claims, Duration as JwtDuration, ECDSAP256KeyPairLike, ECDSAP384KeyPairLike, ES256KeyPair, ES384KeyPair, PS256KeyPair, PS384KeyPair,
    PS512KeyPair, RS256KeyPair, RS384KeyPair, RS512KeyPair, RSAKeyPairLike, UnixTimeStamp,
};

use super::*;

/// A token and the JWK that verifies it, both made by the library.
macro_rules! signed {
    ($pair:expr) => {{
        let pair = $pair.with_key_id("k");
        let mut claims = Claims::create(JwtDuration::from_secs(1)).with_issuer(ISSUER).with_subject("00u1").with_audience(AUDIENCE);
        claims.issued_at = Some(UnixTimeStamp::from_secs(NOW.secs()));
        claims.invalid_before = claims.issued_at;
        claims.expires_at = Some(UnixTimeStamp::from_secs(NOW.secs() + 60));
        let mut jwk: Value = serde_json::from_str(&pair.public_key().to_jwk()).unwrap();
        jwk["kid"] = "k".into();
        (pair.sign(claims).unwrap(), jwk)
    }};
}

pub(super) fn signed(algorithm: Algorithm) -> (String, Value) {
    let rsa = rsa::der();
    match algorithm {
        Algorithm::Es256 => signed!(ES256KeyPair::generate()),
        Algorithm::Es384 => signed!(ES384KeyPair::generate()),
        Algorithm::Rs256 => signed!(RS256KeyPair::from_der(&rsa).unwrap()),
        Algorithm::Rs384 => signed!(RS384KeyPair::from_der(&rsa).unwrap()),
        Algorithm::Rs512 => signed!(RS512KeyPair::from_der(&rsa).unwrap()),
        Algorithm::Ps256 => signed!(PS256KeyPair::from_der(&rsa).unwrap()),
        Algorithm::Ps384 => signed!(PS384KeyPair::from_der(&rsa).unwrap()),
        Algorithm::Ps512 => signed!(PS512KeyPair::from_der(&rsa).unwrap()),
        Algorithm::EdDsa => signed!(Ed25519KeyPair::generate()),
    }
}

#[test]
fn every_algorithm_verifies_and_only_when_listed() {
    for algorithm in EVERY_ALGORITHM {
        let (token, jwk) = signed(algorithm);
        let mut identity = compile(vec![issuer(KeySource::Inline(vec![jwk]))]);
        let principal = verified(check(&mut identity, &token, NOW));
        assert_eq!((principal.algorithm, principal.key_id.as_deref()), (Some(algorithm), Some("k")));

        let mut other = issuer(jwks());
        other.algorithms.retain(|listed| *listed != algorithm);
        let mut other = compile(vec![other]);
        assert_eq!(refused(check(&mut other, &token, NOW)), TokenProblem::AlgorithmNotAllowed, "{algorithm:?}");
    }
}

#[test]
fn a_signature_over_other_bytes_is_refused() {
    for algorithm in EVERY_ALGORITHM {
        let (token, jwk) = signed(algorithm);
        let mut identity = compile(vec![issuer(KeySource::Inline(vec![jwk]))]);
        let parts: Vec<&str> = token.split('.').collect();
        let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        claims["sub"] = "root".into();
        let forged = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2]);
        assert_eq!(refused(check(&mut identity, &forged, NOW)), TokenProblem::BadSignature, "{algorithm:?}");
        // The lengths of signatures are the library's to check, and none of them may pass or stop it.
        for length in [1, 2, 32, 63, 64, 65, 96, 255, 256, 257, 512] {
            let short = format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(vec![0xff; length]));
            assert_eq!(refused(check(&mut identity, &short, NOW)), TokenProblem::BadSignature, "{algorithm:?} {length}");
            let zero = format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(vec![0; length]));
            assert_eq!(refused(check(&mut identity, &zero, NOW)), TokenProblem::BadSignature, "{algorithm:?} {length}");
        }
        verified(check(&mut identity, &token, NOW));
    }
}

#[test]
fn the_principal_is_what_the_claims_say() {
    let key = Signer::new("a");
    let mut claims = good_claims();
    claims["jti"] = "t-1".into();
    claims["sid"] = "s-1".into();
    claims["scope"] = "read  write".into();
    claims["nbf"] = json!(NOW.secs() - 5);
    claims["act"] = json!({"sub": "agent-7"});
    let token = key.token(&claims);
    let principal = verified(check(&mut identity(&[&key]), &token, NOW));
    assert_eq!(principal.issuer, ISSUER);
    assert_eq!(principal.subject, "00u1");
    assert_eq!(principal.user, "00u1");
    assert_eq!(principal.email.as_deref(), Some("ada@example.com"));
    assert_eq!(principal.groups, ["engineering", "on call"]);
    assert_eq!(principal.client.as_deref(), Some("cli"));
    assert_eq!(principal.token_id.as_deref(), Some("t-1"));
    assert_eq!(principal.session.as_deref(), Some("s-1"));
    assert_eq!(principal.scopes, ["read", "write"]);
    assert_eq!(principal.actors, [Actor { subject: Some("agent-7".to_owned()), ..Actor::default() }]);
    assert_eq!(principal.confirmation, Confirmation::default());
    assert_eq!(principal.issued_at, NOW);
    assert_eq!(principal.not_before, Some(Time::from_secs(NOW.secs() - 5)));
    assert_eq!(principal.expires_at, Time::from_secs(NOW.secs() + 600));
    assert_eq!(principal.token_hash, TokenHash::of(&token));
    assert_eq!(principal.token_hash.short().len(), 32);
}

#[test]
fn groups_come_as_one_text_or_a_list_at_any_path() {
    let key = Signer::new("a");
    let groups = |names: &[&str], claims: &Value| {
        let mut settings = issuer(KeySource::Inline(vec![key.jwk()]));
        settings.claims.groups = path(names);
        verified(check(&mut compile(vec![settings]), &key.token(claims), NOW)).groups.clone()
    };
    assert_eq!(groups(&["groups"], &with("groups", json!("on call"))), ["on call"]);
    assert_eq!(groups(&["groups"], &with("groups", json!(["a", 1, "", null, ["b"], "c"]))), ["a", "c"]);
    for other in [json!(7), json!({"a": "b"}), json!(true), json!([]), json!(""), Value::Null] {
        assert_eq!(groups(&["groups"], &with("groups", other)), [""; 0]);
    }
    let nested = with("realm_access", json!({"roles": ["dba"]}));
    assert_eq!(groups(&["realm_access", "roles"], &nested), ["dba"]);
    assert_eq!(groups(&["realm_access", "roles", "x"], &nested), [""; 0]);
    assert_eq!(groups(&["https://example.com/groups"], &with("https://example.com/groups", json!(["x"]))), ["x"]);
}

#[test]
fn the_client_may_be_named_by_azp() {
    let key = Signer::new("a");
    let client = |claims: &Value| verified(check(&mut identity(&[&key]), &key.token(claims), NOW)).client.clone();
    let mut claims = with("azp", json!("portal"));
    assert_eq!(client(&claims).as_deref(), Some("cli"));
    claims["client_id"] = json!(5);
    assert_eq!(client(&claims).as_deref(), Some("portal"));
    assert_eq!(client(&with("client_id", Value::Null)), None);
}

#[test]
fn optional_claims_of_another_type_are_absent() {
    let key = Signer::new("a");
    for value in [json!(1), json!(["a@example.com"]), json!({}), json!("")] {
        assert_eq!(verified(check(&mut identity(&[&key]), &key.token(&with("email", value)), NOW)).email, None);
    }
}

#[test]
fn scopes_come_in_both_spellings() {
    let key = Signer::new("a");
    let scopes = |claims: &Value| verified(check(&mut identity(&[&key]), &key.token(claims), NOW)).scopes.clone();
    assert_eq!(scopes(&with("scp", json!(["a", "b"]))), ["a", "b"]);
    assert_eq!(scopes(&with("scp", json!("a b"))), ["a", "b"]);
    assert_eq!(scopes(&with("scope", json!(3))), [""; 0]);
}

#[test]
fn the_audience_must_be_among_the_accepted() {
    let key = Signer::new("a");
    let mut identity = identity(&[&key]);
    let mut outcome = |aud: Value| check(&mut identity, &key.token(&with("aud", aud)), NOW);
    verified(outcome(json!([AUDIENCE])));
    verified(outcome(json!(["https://other.example.com", AUDIENCE])));
    for wrong in
        [json!("https://other.example.com"), json!([]), json!(format!("{AUDIENCE}/")), json!("https://MCP.example.com/mcp"), json!("")]
    {
        assert_eq!(refused(outcome(wrong)), TokenProblem::WrongAudience);
    }
    for malformed in [json!(7), json!([AUDIENCE, 7]), json!({})] {
        assert!(matches!(refused(outcome(malformed)), TokenProblem::Malformed(_)));
    }
    assert_eq!(refused(outcome(Value::Null)), TokenProblem::MissingClaim("aud".to_owned()));
}

#[test]
fn the_resource_is_the_audience_when_none_is_listed() {
    let key = Signer::new("a");
    let accepts = |resource: &str, audience: &str| {
        let mut settings = issuer(KeySource::Inline(vec![key.jwk()]));
        settings.audiences.clear();
        let resource = Resource::parse(resource).unwrap();
        let mut identity = Identity::compile(&section(vec![settings]), &resource).unwrap_or_else(|_| panic!());
        matches!(check(&mut identity, &key.token(&with("aud", json!(audience))), NOW), Outcome::Verified(_))
    };
    assert!(accepts("https://a.example.com/mcp", "https://a.example.com/mcp"));
    assert!(!accepts("https://a.example.com/mcp", "https://a.example.com/"));
    for resource in ["https://a.example.com", "https://a.example.com/"] {
        assert!(accepts(resource, "https://a.example.com") && accepts(resource, "https://a.example.com/"));
        assert!(!accepts(resource, "https://a.example.com/mcp"));
    }
}

#[test]
fn claims_that_must_be_there() {
    let key = Signer::new("a");
    let mut identity = identity(&[&key]);
    for name in ["iss", "sub", "aud", "exp", "iat"] {
        let problem = refused(check(&mut identity, &key.token(&with(name, Value::Null)), NOW));
        assert_eq!(problem, TokenProblem::MissingClaim(name.to_owned()));
    }
    let mut settings = issuer(KeySource::Inline(vec![key.jwk()]));
    settings.claims.user = path(&["profile", "login"]);
    let mut identity = compile(vec![settings]);
    for profile in [Value::Null, json!("ada"), json!({"login": 7}), json!({"login": ""}), json!({"login": ["ada"]})] {
        let problem = refused(check(&mut identity, &key.token(&with("profile", profile)), NOW));
        assert_eq!(problem, TokenProblem::MissingClaim("profile.login".to_owned()));
    }
    assert_eq!(verified(check(&mut identity, &key.token(&with("profile", json!({"login": "ada"}))), NOW)).user, "ada");
}

#[test]
fn times_at_every_border() {
    let key = Signer::new("a");
    let (now, skew) = (NOW.secs(), SKEW_S);
    let at = |name: &str, secs: u64| {
        let mut claims = good_claims();
        claims["exp"] = json!(now + 60);
        claims[name] = json!(secs);
        match check(&mut identity(&[&key]), &key.token(&claims), NOW) {
            Outcome::Verified(_) => None,
            other => Some(refused(other)),
        }
    };
    for good in [now + 1, now, now - 1, now - skew + 1] {
        assert_eq!(at("exp", good), None, "{}", good as i64 - now as i64);
    }
    for expired in [now - skew, now - skew - 1, 0] {
        assert_eq!(at("exp", expired), Some(TokenProblem::Expired));
    }
    for good in [0, now, now + 1, now + skew] {
        assert_eq!(at("nbf", good), None);
    }
    assert_eq!(at("nbf", now + skew + 1), Some(TokenProblem::NotYetValid));
    for good in [now - 1, now, now + skew] {
        assert_eq!(at("iat", good), None);
    }
    assert_eq!(at("iat", now + skew + 1), Some(TokenProblem::IssuedInFuture));
    assert_eq!(at("iat", now + 60 - MAX_LIFETIME_S), None);
    assert_eq!(at("iat", now + 60 - MAX_LIFETIME_S - 1), Some(TokenProblem::LifetimeTooLong));
    assert_eq!(at("exp", now + MAX_LIFETIME_S), None);
    assert_eq!(at("exp", now + MAX_LIFETIME_S + 1), Some(TokenProblem::LifetimeTooLong));
}

#[test]
fn times_are_seconds_with_or_without_a_fraction() {
    let key = Signer::new("a");
    let mut identity = identity(&[&key]);
    let token = key.token(&with("exp", json!(NOW.secs() as f64 + 10.5)));
    assert_eq!(verified(check(&mut identity, &token, NOW)).expires_at, NOW.plus_millis(10_500));
    let far = [
        json!(-1),
        json!(-0.5),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("1800000600"),
        json!(true),
        json!([1]),
        json!(NOW.millis()),
    ];
    for wrong in far.iter().take(8) {
        for name in ["exp", "iat", "nbf"] {
            let problem = refused(check(&mut identity, &key.token(&with(name, wrong.clone())), NOW));
            assert!(matches!(problem, TokenProblem::Malformed(_)), "{name} {wrong}: {problem:?}");
        }
    }
    // Milliseconds, as some write by mistake, are a date far away and never a valid token.
    assert!(matches!(check(&mut identity, &key.token(&with("exp", far[8].clone())), NOW), Outcome::Refused(_)));
}

#[test]
fn several_issuers_keep_their_own_keys_and_rules() {
    let (one, two) = (Signer::new("k"), Signer::new("k"));
    let mut second = issuer(KeySource::Inline(vec![two.jwk()]));
    second.issuer = "https://two.example.com".to_owned();
    second.audiences = vec!["two".to_owned()];
    let mut identity = compile(vec![issuer(KeySource::Inline(vec![one.jwk()])), second]);
    let mut for_two = with("iss", json!("https://two.example.com"));
    for_two["aud"] = json!("two");
    assert_eq!(verified(check(&mut identity, &two.token(&for_two), NOW)).issuer, "https://two.example.com");
    verified(check(&mut identity, &one.token(&good_claims()), NOW));
    assert_eq!(refused(check(&mut identity, &one.token(&for_two), NOW)), TokenProblem::BadSignature);
    assert_eq!(refused(check(&mut identity, &two.token(&good_claims()), NOW)), TokenProblem::BadSignature);
    for_two["iss"] = json!(ISSUER);
    assert_eq!(refused(check(&mut identity, &one.token(&for_two), NOW)), TokenProblem::WrongAudience);
}
