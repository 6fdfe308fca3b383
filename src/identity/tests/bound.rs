//! Tokens that are bound to a key or to a certificate, and everything a thief could try with them.

use jwt_simple::prelude::ES256KeyPair;
use p256::ecdsa::signature::Signer as _;
use sha2::{Digest, Sha256};

use super::*;

const CERTIFICATE: &str = "abababababababababababababababababababababababababababababababab";

/// A client with a key of its own.
struct Holder {
    pair: ES256KeyPair,
}

impl Holder {
    fn new() -> Self {
        Self { pair: ES256KeyPair::generate() }
    }

    fn jwk(&self) -> Value {
        let full: Value = serde_json::from_str(&self.pair.public_key().to_jwk()).unwrap();
        json!({"kty": "EC", "crv": "P-256", "x": full["x"], "y": full["y"]})
    }

    /// RFC 7638, by hand.
    fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
        URL_SAFE_NO_PAD.encode(Sha256::digest(members))
    }

    fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk()})
    }

    fn sign(&self, header: &Value, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims));
        let key = p256::ecdsa::SigningKey::from_slice(&self.pair.to_bytes()).unwrap();
        let signature: p256::ecdsa::Signature = key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }

    fn proof(&self, claims: &Value) -> String {
        self.sign(&self.header(), &claims.to_string())
    }
}

fn about(token: &str, id: &str) -> Value {
    json!({"jti": id, "htm": "POST", "htu": AUDIENCE, "iat": NOW.secs(), "ath": URL_SAFE_NO_PAD.encode(Sha256::digest(token))})
}

struct Scene {
    issuer: Signer,
    holder: Holder,
    identity: Identity,
    token: String,
}

impl Scene {
    fn new() -> Self {
        let (issuer, holder) = (Signer::new("a"), Holder::new());
        let token = issuer.token(&with("cnf", json!({"jkt": holder.thumbprint()})));
        let identity = identity(&[&issuer]);
        Self { issuer, holder, identity, token }
    }

    fn show(&mut self, authorization: &str, proofs: &[&str]) -> Outcome {
        self.ask(authorization, proofs, "POST", "/mcp", NOW)
    }

    fn ask(&mut self, authorization: &str, proofs: &[&str], method: &str, path: &str, now: Time) -> Outcome {
        let proofs: Vec<&[u8]> = proofs.iter().map(|proof| proof.as_bytes()).collect();
        let authorization = &[authorization.as_bytes()][..];
        self.identity.check(&Presented { authorization, proofs: &proofs, method, path, ..Presented::default() }, now)
    }

    /// With the scheme DPoP and this proof.
    fn with_proof(&mut self, proof: &str) -> Outcome {
        self.show(&format!("DPoP {}", self.token), &[proof])
    }

    #[track_caller]
    fn bad(&mut self, proof: &str) {
        let problem = refused(self.with_proof(proof));
        assert!(matches!(problem, TokenProblem::BadProof(_)), "{problem:?}");
        assert_eq!((problem.code(), problem.status(), problem.is_about_proof()), ("proof_bad", 401, true));
    }
}

#[test]
fn a_good_proof_opens_the_door_once() {
    let mut scene = Scene::new();
    let first = scene.holder.proof(&about(&scene.token, "1"));
    verified(scene.with_proof(&first));
    assert_eq!(refused(scene.with_proof(&first)), TokenProblem::ProofReplayed);
    // The same id in another proof of the same key is as good as used.
    let mut again = about(&scene.token, "1");
    again["iat"] = json!(NOW.secs() - 1);
    let again = scene.holder.proof(&again);
    assert_eq!(refused(scene.with_proof(&again)), TokenProblem::ProofReplayed);
    let second = scene.holder.proof(&about(&scene.token, "2"));
    verified(scene.with_proof(&second));
}

#[test]
fn ids_count_for_their_key_only() {
    let mut scene = Scene::new();
    let first = scene.holder.proof(&about(&scene.token, "1"));
    verified(scene.with_proof(&first));
    let other = Holder::new();
    let token = scene.issuer.token(&with("cnf", json!({"jkt": other.thumbprint()})));
    let proof = other.proof(&about(&token, "1"));
    verified(scene.show(&format!("DPoP {token}"), &[&proof]));
}

#[test]
fn a_proof_that_failed_is_not_used_up() {
    let mut scene = Scene::new();
    let proof = scene.holder.proof(&about(&scene.token, "1"));
    let elsewhere = scene.ask(&format!("DPoP {}", scene.token), &[&proof], "GET", "/mcp", NOW);
    assert!(matches!(refused(elsewhere), TokenProblem::BadProof(_)));
    let (signed, _) = proof.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode([1; 64]));
    scene.bad(&forged);
    verified(scene.with_proof(&proof));
}

#[test]
fn a_bound_token_is_no_bearer_token() {
    let mut scene = Scene::new();
    let proof = scene.holder.proof(&about(&scene.token, "1"));
    let bearer = format!("Bearer {}", scene.token);
    assert_eq!(refused(scene.show(&bearer, &[])), TokenProblem::BoundToKey);
    assert_eq!(refused(scene.show(&bearer, &[&proof])), TokenProblem::BoundToKey);
    let dpop = format!("DPoP {}", scene.token);
    assert_eq!(refused(scene.show(&dpop, &[])), TokenProblem::ProofMissing);
    // Also once it is remembered.
    verified(scene.show(&dpop, &[&proof]));
    assert_eq!(refused(scene.show(&bearer, &[])), TokenProblem::BoundToKey);
    assert_eq!(refused(scene.show(&dpop, &[])), TokenProblem::ProofMissing);
}

#[test]
fn two_proofs_are_none() {
    let mut scene = Scene::new();
    let (one, two) = (scene.holder.proof(&about(&scene.token, "1")), scene.holder.proof(&about(&scene.token, "2")));
    let dpop = format!("DPoP {}", scene.token);
    assert!(matches!(refused(scene.show(&dpop, &[&one, &two])), TokenProblem::BadProof(_)));
    scene.bad(&format!("{one},{two}"));
    scene.bad(&format!("{one} "));
    scene.bad("");
    scene.bad(&"a".repeat(crate::limits::PROOF_BYTES + 1));
}

#[test]
fn another_key_is_another_holder() {
    let mut scene = Scene::new();
    let thief = Holder::new();
    let proof = thief.proof(&about(&scene.token, "1"));
    scene.bad(&proof);
    // The holder's key in the header, the thief's signature below it.
    let proof = thief.sign(&scene.holder.header(), &about(&scene.token, "1").to_string());
    scene.bad(&proof);
}

#[test]
fn the_header_of_a_proof() {
    let mut scene = Scene::new();
    let claims = about(&scene.token, "1").to_string();
    let good = scene.holder.header();
    let private: Value = serde_json::from_str(&scene.holder.pair.to_jwk()).unwrap();
    let mut headers = vec![json!({"alg": "ES256", "jwk": good["jwk"]}), json!({"typ": "dpop+jwt", "alg": "ES256"})];
    for (name, value) in [
        ("typ", json!("JWT")),
        ("typ", json!("at+jwt")),
        ("typ", json!("dpop")),
        ("typ", json!(["dpop+jwt"])),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("ES384")),
        ("alg", json!("EdDSA")),
        ("alg", json!("RS256")),
        ("alg", json!("PS256")),
        ("alg", Value::Null),
        ("jwk", private),
        ("jwk", json!({"kty": "oct", "k": "AAAA"})),
        ("jwk", json!({})),
        ("jwk", json!([good["jwk"]])),
        ("jwk", json!(good["jwk"].to_string())),
        ("jwk", Value::Null),
        ("crit", json!(["x"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        let mut header = good.clone();
        header[name] = value;
        headers.push(header);
    }
    for (name, value) in [("d", "AAAA"), ("use", "enc"), ("alg", "ES384"), ("crv", "P-384"), ("y", "AAAA")] {
        let mut header = good.clone();
        header["jwk"][name] = value.into();
        headers.push(header);
    }
    for header in headers {
        let proof = scene.holder.sign(&header, &claims);
        let problem = refused(scene.with_proof(&proof));
        assert!(matches!(problem, TokenProblem::BadProof(_)), "{header}: {problem:?}");
    }
    for (name, value) in [("typ", json!("DPoP+JWT")), ("typ", json!("application/dpop+jwt")), ("kid", json!("x"))] {
        let mut header = good.clone();
        header[name] = value.clone();
        let proof = scene.holder.sign(&header, &about(&scene.token, &value.to_string()).to_string());
        verified(scene.with_proof(&proof));
    }
}

#[test]
fn what_a_proof_is_about() {
    let mut scene = Scene::new();
    let good = about(&scene.token, "1");
    let ath = |text: &str| json!(URL_SAFE_NO_PAD.encode(Sha256::digest(text)));
    let mut bad = Vec::new();
    for name in ["jti", "htm", "htu", "iat", "ath"] {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        bad.push(claims);
    }
    for (name, value) in [
        ("jti", json!("")),
        ("jti", json!(7)),
        ("jti", json!("x".repeat(513))),
        ("htm", json!("GET")),
        ("htm", json!("post")),
        ("htm", json!(["POST"])),
        ("htu", json!("https://mcp.example.com/other")),
        ("htu", json!("https://mcp.example.com")),
        ("htu", json!("http://mcp.example.com/mcp")),
        ("htu", json!("https://mcp.example.com.evil.example/mcp")),
        ("htu", json!("https://mcp.example.com@evil.example/mcp")),
        ("htu", json!("https://mcp.example.com/x/../mcp")),
        ("htu", json!("/mcp")),
        ("htu", json!([AUDIENCE])),
        ("iat", json!(NOW.secs() - 301)),
        ("iat", json!(NOW.secs() + 301)),
        ("iat", json!(0)),
        ("iat", json!(NOW.millis())),
        ("iat", json!(NOW.secs().to_string())),
        ("iat", json!(-1)),
        ("ath", ath("another token")),
        ("ath", json!(format!("{}=", good["ath"].as_str().unwrap()))),
        ("ath", json!("")),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        bad.push(claims);
    }
    for claims in bad {
        let proof = scene.holder.proof(&claims);
        let problem = refused(scene.with_proof(&proof));
        assert!(matches!(problem, TokenProblem::BadProof(_)), "{claims}: {problem:?}");
    }
    let inner = good.to_string();
    let twice = format!(r#"{},"htu":"https://mcp.example.com/other"}}"#, inner.strip_suffix('}').unwrap());
    let proof = scene.holder.sign(&scene.holder.header(), &twice);
    scene.bad(&proof);
    for (id, name, value) in [
        ("a", "htu", json!("HTTPS://MCP.example.com:443/mcp?x=1#y")),
        ("b", "htu", json!("https://mcp.example.com/%6dcp")),
        ("c", "iat", json!(NOW.secs() - 300)),
        ("d", "iat", json!(NOW.secs() + 300)),
        ("e", "nonce", json!("ignored")),
    ] {
        let mut claims = about(&scene.token, id);
        claims[name] = value;
        let proof = scene.holder.proof(&claims);
        verified(scene.with_proof(&proof));
    }
}

#[test]
fn the_request_must_be_that_of_the_proof() {
    let mut scene = Scene::new();
    let dpop = format!("DPoP {}", scene.token);
    let proof = scene.holder.proof(&about(&scene.token, "1"));
    for (method, path) in [("GET", "/mcp"), ("DELETE", "/mcp"), ("POST", "/mcp/"), ("POST", "/mcp/admin")] {
        assert!(matches!(refused(scene.ask(&dpop, &[&proof], method, path, NOW)), TokenProblem::BadProof(_)), "{method} {path}");
    }
    verified(scene.ask(&dpop, &[&proof], "POST", "/mcp", NOW));
    // Remembered as long as it could be used, however the clock moves meanwhile.
    let mut early = about(&scene.token, "2");
    early["iat"] = json!(NOW.secs() + 300);
    let early = scene.holder.proof(&early);
    verified(scene.ask(&dpop, &[&early], "POST", "/mcp", NOW));
    assert_eq!(refused(scene.ask(&dpop, &[&early], "POST", "/mcp", Time::from_secs(NOW.secs() + 599))), TokenProblem::ProofReplayed);
}

#[test]
fn a_token_that_is_not_bound_has_no_use_for_the_scheme() {
    let mut scene = Scene::new();
    let token = scene.issuer.token(&good_claims());
    let proof = scene.holder.proof(&about(&token, "1"));
    assert_eq!(refused(scene.show(&format!("DPoP {token}"), &[&proof])), TokenProblem::NotBoundToKey);
    // A header that nobody asked for changes nothing.
    verified(scene.show(&format!("Bearer {token}"), &[&proof]));
}

#[test]
fn where_proofs_are_required_nothing_else_passes() {
    let mut scene = Scene::new();
    scene.identity.dpop.required = true;
    let free = scene.issuer.token(&good_claims());
    let proof = scene.holder.proof(&about(&free, "1"));
    for authorization in [format!("Bearer {free}"), format!("DPoP {free}"), format!("Bearer {}", scene.token)] {
        assert_eq!(refused(scene.show(&authorization, &[&proof])), TokenProblem::NotBoundToKey);
    }
    let proof = scene.holder.proof(&about(&scene.token, "1"));
    verified(scene.with_proof(&proof));
    assert!(scene.identity.challenge(&TokenProblem::Missing, false).starts_with("DPoP algs=\"ES256 EdDSA RS256\""));
}

#[test]
fn algorithms_of_proofs_are_the_policys() {
    let issuer = Signer::new("a");
    let holder = Holder::new();
    let mut settings = section(vec![super::issuer(KeySource::Inline(vec![issuer.jwk()]))]);
    settings.dpop.algorithms = vec![Algorithm::EdDsa];
    let identity = Identity::compile(&settings, &resource()).unwrap_or_else(|_| panic!());
    let token = issuer.token(&with("cnf", json!({"jkt": holder.thumbprint()})));
    let mut scene = Scene { issuer, holder, identity, token };
    let proof = scene.holder.proof(&about(&scene.token, "1"));
    scene.bad(&proof);

    let pair = Signer::unnamed();
    let mut jwk = pair.jwk();
    jwk.as_object_mut().unwrap().retain(|name, _| matches!(name.as_str(), "kty" | "crv" | "x"));
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":{}}}"#, jwk["x"]);
    let name = URL_SAFE_NO_PAD.encode(Sha256::digest(members));
    scene.token = scene.issuer.token(&with("cnf", json!({"jkt": name})));
    let header = json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk}).to_string();
    let proof = pair.sign(&header, &about(&scene.token, "1").to_string());
    verified(scene.with_proof(&proof));
}

/// RFC 7638, 3.1: the thumbprint of the RFC's own RSA key.
#[test]
fn thumbprints_are_those_of_the_rfc() {
    let n = [
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W",
        "-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08q",
        "NLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    ]
    .concat();
    let key = jwk::Key::parse(&json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}), &EVERY_ALGORITHM).unwrap();
    assert_eq!(key.thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn a_certificate_bound_token_needs_its_certificate() {
    let key = Signer::new("a");
    let mut identity = identity(&[&key]);
    let token = key.token(&with("cnf", json!({"x5t#S256": URL_SAFE_NO_PAD.encode([0xab; 32])})));
    let authorization = format!("Bearer {token}");
    let mut show = |certificate: Option<&str>| {
        let authorization = &[authorization.as_bytes()][..];
        identity.check(&Presented { authorization, certificate, method: "POST", path: "/mcp", ..Presented::default() }, NOW)
    };
    // Also once the token is remembered.
    for _ in 0..2 {
        assert_eq!(refused(show(None)), TokenProblem::CertificateMissing);
        assert_eq!(refused(show(Some(&"ac".repeat(32)))), TokenProblem::CertificateMismatch);
        assert_eq!(refused(show(Some(""))), TokenProblem::CertificateMismatch);
        verified(show(Some(CERTIFICATE)));
    }
}

#[test]
fn a_token_bound_twice_needs_both() {
    let mut scene = Scene::new();
    let cnf = json!({"jkt": scene.holder.thumbprint(), "x5t#S256": URL_SAFE_NO_PAD.encode([0xab; 32])});
    scene.token = scene.issuer.token(&with("cnf", cnf));
    let proof = scene.holder.proof(&about(&scene.token, "1"));
    assert_eq!(refused(scene.with_proof(&proof)), TokenProblem::CertificateMissing);
    let bearer = format!("Bearer {}", scene.token);
    let certificate = Some(CERTIFICATE);
    let presented = Presented { authorization: &[bearer.as_bytes()], certificate, method: "POST", path: "/mcp", ..Presented::default() };
    assert_eq!(refused(scene.identity.check(&presented, NOW)), TokenProblem::BoundToKey);
    let dpop = format!("DPoP {}", scene.token);
    let presented = Presented { authorization: &[dpop.as_bytes()], proofs: &[proof.as_bytes()], ..presented };
    verified(scene.identity.check(&presented, NOW));
}

#[test]
fn bindings_of_other_kinds_are_refused() {
    let key = Signer::new("a");
    for (cnf, expected) in [
        (json!({"kid": "x"}), TokenProblem::UnknownBinding),
        (json!({"jwk": key.jwk()}), TokenProblem::UnknownBinding),
        (json!({}), TokenProblem::UnknownBinding),
    ] {
        assert_eq!(refused(check(&mut identity(&[&key]), &key.token(&with("cnf", cnf)), NOW)), expected);
    }
    for cnf in [json!("x"), json!({"jkt": 7}), json!({"jkt": "x"})] {
        let problem = refused(check(&mut identity(&[&key]), &key.token(&with("cnf", cnf)), NOW));
        assert!(matches!(problem, TokenProblem::Malformed(_)));
    }
    for act in [json!("x"), json!({}), json!([{"sub": "a"}])] {
        let problem = refused(check(&mut identity(&[&key]), &key.token(&with("act", act)), NOW));
        assert!(matches!(problem, TokenProblem::Malformed(_)));
    }
}
