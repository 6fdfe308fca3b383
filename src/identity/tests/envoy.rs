//! Claims from Envoy's `jwt_authn`: its word on the signature, our own checks of all else.

use super::*;
use crate::identity::jwt_authn::tests::metadata;

const FILTER: &str = "envoy.filters.http.jwt_authn";

fn identity_of_envoy() -> Identity {
    let mut settings = section(vec![issuer(KeySource::Elsewhere)]);
    settings.from = TokenFrom::EnvoyJwtAuthn;
    settings.jwt_authn.failed_status_in_metadata = Some("failed".to_owned());
    Identity::compile(&settings, &resource()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn ask(metadata: Option<&[u8]>, authorization: &[&[u8]]) -> Outcome {
    let presented = Presented { authorization, metadata, method: "POST", path: "/mcp", ..Presented::default() };
    identity_of_envoy().check(&presented, NOW)
}

fn with_claims(claims: &Value) -> Outcome {
    ask(Some(&metadata(FILTER, "jwt_payload", claims)), &[])
}

#[test]
fn verified_claims_make_a_principal() {
    let mut claims = good_claims();
    claims["scope"] = "read write".into();
    claims["act"] = json!({"sub": "agent"});
    let principal = verified(with_claims(&claims));
    assert_eq!((principal.issuer.as_str(), principal.subject.as_str()), (ISSUER, "00u1"));
    assert_eq!(principal.groups, ["engineering", "on call"]);
    assert_eq!(principal.scopes, ["read", "write"]);
    assert_eq!(principal.actors.len(), 1);
    assert_eq!((principal.algorithm, &principal.key_id), (None, &None));
    assert_eq!(principal.expires_at, Time::from_secs(NOW.secs() + 600));
}

#[test]
fn without_envoys_word_nobody_comes_in() {
    // A good token is worth nothing here: its signature is not looked at.
    let token = format!("Bearer {}", Signer::new("a").token(&good_claims()));
    let claims = metadata(FILTER, "jwt_payload", &good_claims());
    let broken = &claims[..claims.len() - 1];
    let other_key = metadata(FILTER, "payload", &good_claims());
    let other_filter = metadata("envoy.filters.http.jwt_authn2", "jwt_payload", &good_claims());
    for metadata in [None, Some(&[][..]), Some(broken), Some(&other_key), Some(&other_filter)] {
        assert_eq!(refused(ask(metadata, &[token.as_bytes()])), TokenProblem::NotVerifiedByEnvoy);
        assert_eq!(refused(ask(metadata, &[])), TokenProblem::Missing);
    }
}

#[test]
fn envoys_reason_is_passed_on() {
    let failed = |code: u32| {
        let status = metadata(FILTER, "failed", &json!({"code": code, "message": "x"}));
        refused(ask(Some(&status), &[b"Bearer x"]))
    };
    assert_eq!(failed(1), TokenProblem::Missing);
    assert_eq!(failed(2), TokenProblem::NotYetValid);
    assert_eq!(failed(3), TokenProblem::Expired);
    assert_eq!(failed(26), TokenProblem::NotVerifiedByEnvoy);
}

#[test]
fn our_own_checks_still_hold() {
    for (name, value, expected) in [
        ("aud", json!("https://other.example.com"), TokenProblem::WrongAudience),
        ("iss", json!("https://evil.example.com"), TokenProblem::UnknownIssuer),
        ("exp", json!(NOW.secs() - SKEW_S), TokenProblem::Expired),
        ("exp", json!(NOW.secs() + MAX_LIFETIME_S + 1), TokenProblem::LifetimeTooLong),
        ("nbf", json!(NOW.secs() + 3600), TokenProblem::NotYetValid),
        ("iat", json!(NOW.secs() + 3600), TokenProblem::IssuedInFuture),
        ("iat", Value::Null, TokenProblem::MissingClaim("iat".to_owned())),
        ("sub", Value::Null, TokenProblem::MissingClaim("sub".to_owned())),
        ("aud", Value::Null, TokenProblem::MissingClaim("aud".to_owned())),
    ] {
        assert_eq!(refused(with_claims(&with(name, value))), expected, "{name}");
    }
    assert!(matches!(refused(with_claims(&with("sub", json!(7)))), TokenProblem::Malformed(_)));
    // A token bound to a key needs its proof, and the proof needs the token, which is not there.
    let bound = with("cnf", json!({"jkt": URL_SAFE_NO_PAD.encode([1; 32])}));
    assert_eq!(refused(with_claims(&bound)), TokenProblem::BoundToKey);
    let certificate = with("cnf", json!({"x5t#S256": URL_SAFE_NO_PAD.encode([1; 32])}));
    assert_eq!(refused(with_claims(&certificate)), TokenProblem::CertificateMissing);
}

#[test]
fn claims_handed_over_mean_nothing_to_a_policy_that_verifies_itself() {
    let claims = metadata(FILTER, "jwt_payload", &good_claims());
    let key = Signer::new("a");
    let presented = Presented { metadata: Some(&claims), method: "POST", path: "/mcp", ..Presented::default() };
    assert_eq!(refused(identity(&[&key]).check(&presented, NOW)), TokenProblem::Missing);
}
