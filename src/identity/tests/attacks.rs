//! Tokens made to be misread.

use jwt_simple::prelude::{HS256Key, MACLike};
use proptest::prelude::*;

use super::*;

fn header(extra: &str) -> String {
    format!(r#"{{"alg":"EdDSA","kid":"a"{extra}}}"#)
}

#[track_caller]
fn problem(key: &Signer, header: &str, payload: &str) -> TokenProblem {
    refused(check(&mut identity(&[key]), &key.sign(header, payload), NOW))
}

#[test]
fn no_token_and_no_one_token() {
    let key = Signer::new("a");
    let mut identity = identity(&[&key]);
    let token = format!("Bearer {}", key.token(&good_claims()));
    assert_eq!(refused(shown(&mut identity, &[], NOW)), TokenProblem::Missing);
    assert_eq!(refused(shown(&mut identity, &[b"Basic eDp5"], NOW)), TokenProblem::Missing);
    let twice = shown(&mut identity, &[token.as_bytes(), token.as_bytes()], NOW);
    assert!(matches!(refused(twice), TokenProblem::Malformed(_)));
    verified(shown(&mut identity, &[token.as_bytes()], NOW));
}

#[test]
fn none_and_hmac_are_no_algorithms() {
    let key = Signer::new("a");
    for name in ["none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "ES512", "ES256K", "eddsa", "EdDSA ", "", "dir"] {
        let header = format!(r#"{{"alg":"{name}","kid":"a"}}"#);
        assert_eq!(problem(&key, &header, &good_claims().to_string()), TokenProblem::AlgorithmNotAllowed, "{name}");
    }
    assert_eq!(problem(&key, r#"{"kid":"a"}"#, &good_claims().to_string()), TokenProblem::AlgorithmNotAllowed);

    let unsigned = key.sign(r#"{"alg":"none"}"#, &good_claims().to_string());
    let (unsigned, _) = unsigned.rsplit_once('.').unwrap();
    assert!(matches!(refused(check(&mut identity(&[&key]), &format!("{unsigned}."), NOW)), TokenProblem::Malformed(_)));

    // The public key as an HMAC secret, the classic of key confusion.
    let secret = HS256Key::from_bytes(&key.pair.public_key().to_bytes()).with_key_id("a");
    let token = secret.authenticate(jwt_simple::prelude::Claims::create(jwt_simple::prelude::Duration::from_secs(60))).unwrap();
    assert_eq!(refused(check(&mut identity(&[&key]), &token, NOW)), TokenProblem::AlgorithmNotAllowed);
}

#[test]
fn a_key_serves_its_own_algorithms_only() {
    let key = Signer::new("a");
    for name in ["ES256", "ES384", "RS256", "PS512"] {
        let header = format!(r#"{{"alg":"{name}","kid":"a"}}"#);
        assert_eq!(problem(&key, &header, &good_claims().to_string()), TokenProblem::AlgorithmNotAllowed, "{name}");
    }
    // The other name of the same algorithm (RFC 9864).
    let token = key.sign(r#"{"alg":"Ed25519","kid":"a"}"#, &good_claims().to_string());
    verified(check(&mut identity(&[&key]), &token, NOW));
}

#[test]
fn an_rsa_key_that_names_its_algorithm_serves_no_other() {
    use jwt_simple::prelude::{Claims, PS256KeyPair, RS256KeyPair, RSAKeyPairLike, UnixTimeStamp};
    let mut claims =
        Claims::create(jwt_simple::prelude::Duration::from_secs(1)).with_issuer(ISSUER).with_subject("x").with_audience(AUDIENCE);
    claims.issued_at = Some(UnixTimeStamp::from_secs(NOW.secs()));
    claims.invalid_before = None;
    claims.expires_at = Some(UnixTimeStamp::from_secs(NOW.secs() + 60));
    let rs = RS256KeyPair::from_der(&rsa::der()).unwrap().with_key_id("k");
    let ps = PS256KeyPair::from_der(&rsa::der()).unwrap().with_key_id("k");
    let mut jwk: Value = serde_json::from_str(&rs.public_key().to_jwk()).unwrap();
    let (rs_token, ps_token) = (rs.sign(claims.clone()).unwrap(), ps.sign(claims).unwrap());

    let mut named = compile(vec![issuer(KeySource::Inline(vec![jwk.clone()]))]);
    verified(check(&mut named, &rs_token, NOW));
    assert_eq!(refused(check(&mut named, &ps_token, NOW)), TokenProblem::AlgorithmNotAllowed);

    jwk.as_object_mut().unwrap().remove("alg");
    let mut free = compile(vec![issuer(KeySource::Inline(vec![jwk]))]);
    verified(check(&mut free, &rs_token, NOW));
    verified(check(&mut free, &ps_token, NOW));
}

#[test]
fn headers_that_ask_for_more() {
    let key = Signer::new("a");
    let payload = good_claims().to_string();
    let bad = [
        r#","crit":["exp"]"#,
        r#","crit":[]"#,
        r#","crit":["b64"],"b64":false"#,
        r#","b64":true"#,
        r#","enc":"A256GCM""#,
        r#","zip":"DEF""#,
        r#","jwk":{"kty":"OKP","crv":"Ed25519","x":"AA"}"#,
        r#","jku":7"#,
        r#","x5c":"AA""#,
        r#","salt":"AA""#,
        r#","typ":"dpop+jwt""#,
        r#","typ":"logout+jwt""#,
        r#","typ":"application/at+jwt+x""#,
        r#","typ":"application/""#,
        r#","typ":"""#,
        r#","typ":7"#,
        r#","typ":null"#,
        r#","alg":"EdDSA""#,
        r#","\u0061lg":"none""#,
        r#","kid":"b""#,
    ];
    for extra in bad {
        assert!(matches!(problem(&key, &header(extra), &payload), TokenProblem::Malformed(_)), "{extra}");
    }
    for extra in
        ["", r#","typ":"JWT""#, r#","typ":"jwt""#, r#","typ":"at+JWT""#, r#","typ":"application/at+jwt""#, r#","typ":"Application/JWT""#]
    {
        verified(check(&mut identity(&[&key]), &key.sign(&header(extra), &payload), NOW));
    }
    // Where the key is said to be found is not looked at.
    let extra = r#","jku":"https://evil.example","x5u":"https://evil.example","x5c":["AA"],"x5t":"AA","cty":"x","x":{"y":1}"#;
    verified(check(&mut identity(&[&key]), &key.sign(&header(extra), &payload), NOW));
}

#[test]
fn key_names_are_only_compared() {
    let key = Signer::new("a");
    for id in ["../../dev/null", "a' or '1'='1", "", "A", "a\u{0}", "https://evil.example/jwks"] {
        let header = json!({"alg": "EdDSA", "kid": id}).to_string();
        assert_eq!(problem(&key, &header, &good_claims().to_string()), TokenProblem::UnknownKey, "{id}");
    }
    for id in [json!(1), json!(["a"]), json!({"a": 1}), Value::Null] {
        let header = json!({"alg": "EdDSA", "kid": id}).to_string();
        assert!(matches!(problem(&key, &header, &good_claims().to_string()), TokenProblem::Malformed(_)), "{id}");
    }
}

#[test]
fn claims_with_two_readings() {
    let key = Signer::new("a");
    let good = good_claims().to_string();
    let inner = good.strip_suffix('}').unwrap();
    let bad = [
        format!(r#"{inner},"sub":"root"}}"#),
        format!(r#"{inner},"\u0073ub":"root"}}"#),
        format!(r#"{inner},"x":{{"a":1,"a":2}}}}"#),
        format!(r#"{inner},"nonce":7}}"#),
        format!(r#"{inner},"jti":7}}"#),
        format!("{good}{good}"),
        format!("\u{feff}{good}"),
        format!("[{good}]"),
        format!(r#"{inner},"x":{}1{}}}"#, "[".repeat(200), "]".repeat(200)),
        inner.to_owned(),
        String::new(),
        "null".to_owned(),
        "\"x\"".to_owned(),
    ];
    for payload in bad {
        assert!(matches!(problem(&key, &header(""), &payload), TokenProblem::Malformed(_)), "{payload}");
    }
}

#[test]
fn issuers_are_compared_exactly() {
    let key = Signer::new("a");
    for other in ["https://id.example.com/", "https://ID.example.com", "http://id.example.com", "https://id.example.com.evil.example", " "]
    {
        let payload = with("iss", json!(other)).to_string();
        assert_eq!(problem(&key, &header(""), &payload), TokenProblem::UnknownIssuer, "{other}");
    }
    let payload = with("iss", json!([ISSUER])).to_string();
    assert!(matches!(problem(&key, &header(""), &payload), TokenProblem::Malformed(_)));
}

#[test]
fn only_the_canonical_text_of_a_token_counts() {
    let key = Signer::new("a");
    let mut identity = identity(&[&key]);
    let token = key.token(&good_claims());
    let parts: Vec<&str> = token.split('.').collect();
    let (first, second, third) = (parts[0], parts[1], parts[2]);
    // 64 bytes are 86 characters whose last holds four bits that must be zero.
    let (start, last) = third.split_at(85);
    let mut loose = last.as_bytes()[0];
    loose += 1;
    let texts = [
        format!("{token}="),
        format!("{first}.{second}.{start}{}", char::from(loose)),
        format!("{first}=.{second}.{third}"),
        format!("{token}.x"),
        format!("{first}.{second}"),
        format!("{first}.{second}."),
        format!(".{second}.{third}"),
        format!("{first}..{third}"),
        format!("{first}.{second}.{}", third.replace(['-', '_'], "+")) + "+",
        format!("{first}.{second}.{third}\n"),
        "..".to_owned(),
        ".".to_owned(),
        "x".to_owned(),
    ];
    for text in texts {
        assert!(matches!(refused(check(&mut identity, &text, NOW)), TokenProblem::Malformed(_)), "{text}");
    }
    let huge = key.token(&with("x", json!("x".repeat(crate::limits::TOKEN_BYTES))));
    assert!(matches!(refused(check(&mut identity, &huge, NOW)), TokenProblem::Malformed(_)));
}

#[test]
fn keys_without_a_name_serve_tokens_with_one() {
    let (unnamed, named) = (Signer::unnamed(), Signer::new("a"));
    let mut identity = identity(&[&unnamed, &named]);
    let header = |id: &str| json!({"alg": "EdDSA", "kid": id}).to_string();
    let claims = good_claims().to_string();
    verified(check(&mut identity, &unnamed.sign(&header("x"), &claims), NOW));
    // A name that is there is decisive.
    assert_eq!(refused(check(&mut identity, &unnamed.sign(&header("a"), &claims), NOW)), TokenProblem::BadSignature);
    // A name that is not there may be one to come, so it is not the signature that is called bad.
    assert_eq!(refused(check(&mut identity, &named.sign(&header("x"), &claims), NOW)), TokenProblem::UnknownKey);
    let es256 = json!({"alg": "ES256", "kid": "x"}).to_string();
    assert_eq!(refused(check(&mut identity, &named.sign(&es256, &claims), NOW)), TokenProblem::UnknownKey);
}

#[test]
fn at_most_four_keys_are_tried() {
    let keys: Vec<Signer> = (0..6).map(|_| Signer::unnamed()).collect();
    let mut identity = identity(&keys.iter().collect::<Vec<_>>());
    for (index, key) in keys.iter().enumerate() {
        let outcome = check(&mut identity, &key.token(&good_claims()), NOW);
        assert_eq!(matches!(outcome, Outcome::Verified(_)), index < 4, "{index}");
    }
}

#[test]
fn every_problem_has_its_own_code_and_a_plain_description() {
    let problems = [
        TokenProblem::Missing,
        TokenProblem::Malformed("x"),
        TokenProblem::UnknownIssuer,
        TokenProblem::AlgorithmNotAllowed,
        TokenProblem::WrongAudience,
        TokenProblem::Expired,
        TokenProblem::NotYetValid,
        TokenProblem::IssuedInFuture,
        TokenProblem::LifetimeTooLong,
        TokenProblem::MissingClaim("a\"b\\c=d".to_owned()),
        TokenProblem::UnknownKey,
        TokenProblem::BadSignature,
        TokenProblem::KeysUnavailable,
    ];
    let mut codes: Vec<&str> = problems.iter().map(TokenProblem::code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), problems.len());
    for problem in &problems {
        let text = problem.describe();
        assert!(text.chars().all(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '=')), "{text}");
        assert_eq!(problem.status() == 503, *problem == TokenProblem::KeysUnavailable);
    }
}

/// Whatever stands in the header: an outcome, never a panic, and nobody is let in.
fn never_in(identity: &mut Identity, authorization: &[&[u8]]) {
    let outcome = shown(identity, authorization, NOW);
    assert!(!matches!(outcome, Outcome::Verified(_)), "{outcome:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn arbitrary_headers(values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..3)) {
        let key = Signer::new("a");
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        never_in(&mut identity(&[&key]), &values);
    }

    #[test]
    fn arbitrary_parts_under_a_true_signature(header in "\\PC{0,80}", payload in "\\PC{0,200}") {
        let key = Signer::new("a");
        never_in(&mut identity(&[&key]), &[format!("Bearer {}", key.sign(&header, &payload)).as_bytes()]);
    }

    #[test]
    fn a_good_token_with_any_byte_changed(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let key = Signer::new("a");
        let mut value = format!("Bearer {}", key.token(&good_claims())).into_bytes();
        let start = "Bearer ".len();
        let at = start + at.index(value.len() - start);
        prop_assume!(value[at] != to);
        value[at] = to;
        never_in(&mut identity(&[&key]), &[&value]);
    }
}
