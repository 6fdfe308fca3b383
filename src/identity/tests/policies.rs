//! Policies with mistakes: all are found at once, each with its place.

use super::*;

fn mistakes(issuers: Vec<policy::Issuer>) -> Vec<(String, String)> {
    match Identity::compile(&section(issuers), &resource()) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.into_iter().map(|mistake| (mistake.path, mistake.message)).collect(),
    }
}

#[track_caller]
fn mistake_of(jwk: Value) -> String {
    let found = mistakes(vec![issuer(KeySource::Inline(vec![jwk.clone()]))]);
    assert_eq!(found.len(), 1, "{jwk}");
    assert_eq!(found[0].0, "issuers[0].keys[0]");
    found[0].1.clone()
}

/// A P-256 point: the generator (SEC 2, 2.4.2).
fn ec() -> Value {
    let x: [u128; 2] = [0x6b17d1f2e12c4247f8bce6e563a440f2, 0x77037d812deb33a0f4a13945d898c296];
    let y: [u128; 2] = [0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e16, 0x2bce33576b315ececbb6406837bf51f5];
    let encode = |halves: [u128; 2]| URL_SAFE_NO_PAD.encode(halves.map(u128::to_be_bytes).concat());
    json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)})
}

fn rsa_of(bytes: usize, exponent: &str) -> Value {
    json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(vec![0xff; bytes]), "e": exponent})
}

fn changed(mut jwk: Value, name: &str, value: Value) -> Value {
    jwk[name] = value;
    jwk
}

#[test]
fn good_keys_are_taken() {
    for jwk in [ec(), changed(ec(), "use", json!("sig")), changed(ec(), "key_ops", json!(["verify"])), changed(ec(), "alg", json!("ES256"))]
    {
        assert_eq!(mistakes(vec![issuer(KeySource::Inline(vec![jwk]))]), []);
    }
    for bytes in [256, 384, 512] {
        assert_eq!(mistakes(vec![issuer(KeySource::Inline(vec![rsa_of(bytes, "AQAB")]))]), []);
    }
}

#[test]
fn bad_keys_are_told_apart() {
    let cases = [
        (json!("x"), "a key must be a JSON object"),
        (json!({}), "`kty` is missing"),
        (changed(ec(), "kty", json!(1)), "`kty` must be text"),
        (json!({"kty": "oct", "k": "AAAA"}), "the key is a shared secret; only public keys belong here"),
        (changed(ec(), "k", json!("AAAA")), "the key is a shared secret; only public keys belong here"),
        (changed(ec(), "kty", json!("X")), "keys of type `X` are not supported; use `EC`, `RSA` or `OKP`"),
        (changed(ec(), "crv", json!("P-521")), "the curve `P-521` is not supported; use `P-256`, `P-384` or `Ed25519`"),
        (changed(ec(), "crv", json!("Ed25519")), "the curve `Ed25519` is not supported; use `P-256`, `P-384` or `Ed25519`"),
        (changed(ec(), "x", json!("AA==")), "`x` is not base64url without padding"),
        (changed(ec(), "use", json!("enc")), "the key is not for signatures: `use` must be `sig`, and `key_ops` must hold `verify`"),
        (
            changed(ec(), "key_ops", json!(["encrypt"])),
            "the key is not for signatures: `use` must be `sig`, and `key_ops` must hold `verify`",
        ),
        (changed(ec(), "key_ops", json!("verify")), "the key is not for signatures: `use` must be `sig`, and `key_ops` must hold `verify`"),
        (changed(ec(), "alg", json!("ES384")), "`alg` is `ES384`, which this key cannot serve or which is not supported"),
        (changed(ec(), "alg", json!("HS256")), "`alg` is `HS256`, which this key cannot serve or which is not supported"),
        (rsa_of(128, "AQAB"), "the RSA key has 1024 bits; at least 2048 are needed"),
        (rsa_of(1024, "AQAB"), "the RSA key has 8192 bits; more than 4096 are not supported"),
    ];
    for (jwk, message) in cases {
        assert_eq!(mistake_of(jwk.clone()), message, "{jwk}");
    }
    let private = mistake_of(changed(ec(), "d", json!("AAAA")));
    assert!(private.starts_with("the key is private (it has `d`)"), "{private}");
}

#[test]
fn points_must_lie_on_their_curve() {
    let other = ec()["x"].clone();
    let invalid = [
        changed(ec(), "y", other),
        changed(changed(ec(), "x", json!(URL_SAFE_NO_PAD.encode([0; 32]))), "y", json!(URL_SAFE_NO_PAD.encode([0; 32]))),
        changed(ec(), "y", json!("")),
        changed(ec(), "y", json!(URL_SAFE_NO_PAD.encode([1; 33]))),
        changed(ec(), "crv", json!("P-384")),
        json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([0; 32])}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([1; 31])}),
        rsa_of(256, "Aw"),
        rsa_of(256, ""),
    ];
    for jwk in invalid {
        assert!(mistake_of(jwk.clone()).starts_with("the key is not valid"), "{jwk}");
    }
}

#[test]
fn all_mistakes_at_once() {
    let mut first = issuer(KeySource::Inline(vec![ec(), json!({}), rsa_of(128, "AQAB")]));
    first.algorithms = vec![Algorithm::Es384];
    let mut short = jwks();
    if let KeySource::Jwks(jwks) = &mut short {
        jwks.keep = Duration::from_secs(299);
    }
    let mut nothing = issuer(KeySource::Inline(Vec::new()));
    nothing.issuer = "https://other.example.com".to_owned();
    let mut no_algorithm = nothing.clone();
    no_algorithm.issuer = "https://third.example.com".to_owned();
    no_algorithm.algorithms.clear();
    let found = mistakes(vec![first, issuer(short), nothing, no_algorithm]);
    let places: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        places,
        [
            "issuers[0].keys[0]",
            "issuers[0].keys[1]",
            "issuers[0].keys[2]",
            "issuers[1].issuer",
            "issuers[1].jwks.keep",
            "issuers[2].keys",
            "issuers[3].algorithms"
        ]
    );
    assert_eq!(found[0].1, "the key serves none of the issuer's `algorithms`");
}

#[test]
fn the_metadata_names_every_issuer() {
    let mut second = issuer(jwks());
    second.issuer = "https://two.example.com".to_owned();
    let identity = compile(vec![issuer(jwks()), second]);
    let metadata: Value = serde_json::from_str(identity.metadata()).unwrap();
    assert_eq!(metadata["authorization_servers"], json!([ISSUER, "https://two.example.com"]));
    assert_eq!(metadata["resource"], AUDIENCE);
}
