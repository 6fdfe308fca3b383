//! The attacks that lists of JWT attacks and test vectors for JWS and JWK name, one by one: signatures and keys that some library took once.

use jwt_simple::prelude::{ES256KeyPair, ES384KeyPair, Ed25519KeyPair, RS256KeyPair};
use p256::ecdsa::signature::Signer as _;
use superboring::hash::MessageDigest;
use superboring::pkey::PKey;
use superboring::rsa::{Padding, Rsa};
use superboring::sign::{RsaPssSaltlen, Signer as RsaSigner};

use super::*;

/// Order of P-256, of its field, and the order of Ed25519's group (little-endian).
const P256_ORDER: [u8; 32] = hex(b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const P256_FIELD: [u8; 32] = hex(b"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
const ED25519_ORDER: [u8; 32] = hex(b"edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

const fn hex(digits: &[u8; 64]) -> [u8; 32] {
    const fn value(digit: u8) -> u8 {
        if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 }
    }
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = value(digits[2 * at]) * 16 + value(digits[2 * at + 1]);
        at += 1;
    }
    bytes
}

fn head(algorithm: &str) -> String {
    let header = json!({"alg": algorithm, "kid": "k"}).to_string();
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(good_claims().to_string()))
}

fn joined(head: &str, signature: &[u8]) -> String {
    format!("{head}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn trusting(jwk: Value) -> Identity {
    let mut jwk = jwk;
    jwk["kid"] = "k".into();
    compile(vec![issuer(KeySource::Inline(vec![jwk]))])
}

/// Every way of verifying: in this module, and by a host.
#[track_caller]
fn each(jwk: &Value, token: &str, expect: impl Fn(Outcome)) {
    struct Honest;
    impl Host for Honest {
        fn verify_signature(&self, check: &SignatureCheck<'_>) -> Option<bool> {
            Some(super::host::honest(check))
        }

        fn shared(&self, _: &str) -> Option<SharedValue> {
            None
        }

        fn share(&self, _: &str, _: &[u8], _: u32) -> Written {
            Written::Failed
        }
    }
    let mut identity = trusting(jwk.clone());
    expect(check(&mut identity, token, NOW));
    let mut identity = trusting(jwk.clone());
    identity.equip(Rc::new(Honest));
    expect(check(&mut identity, token, NOW));
}

fn good(jwk: &Value, token: &str) {
    each(jwk, token, |outcome| drop(verified(outcome)));
}

fn bad(jwk: &Value, token: &str, what: &str) {
    each(jwk, token, |outcome| {
        let problem = refused(outcome);
        assert!(matches!(problem, TokenProblem::BadSignature), "{what}: {problem:?}");
    });
}

/// Big-endian, wrapping.
fn plus(a: [u8; 32], b: u8) -> [u8; 32] {
    let mut sum = a;
    let mut carry = u16::from(b);
    for byte in sum.iter_mut().rev() {
        let digit = u16::from(*byte) + carry;
        *byte = digit as u8;
        carry = digit >> 8;
    }
    sum
}

#[test]
fn ecdsa_numbers_out_of_range() {
    let pair = ES256KeyPair::generate();
    let jwk: Value = serde_json::from_str(&pair.public_key().to_jwk()).unwrap();
    let head = head("ES256");
    let signing = p256::ecdsa::SigningKey::from_slice(&pair.to_bytes()).unwrap();
    let signature: p256::ecdsa::Signature = signing.sign(head.as_bytes());
    let (r, s): ([u8; 32], [u8; 32]) = (signature.r().to_bytes().into(), signature.s().to_bytes().into());
    good(&jwk, &joined(&head, &[r, s].concat()));

    let zero = [0; 32];
    let one = plus(zero, 1);
    let high = [0xff; 32];
    for (what, numbers) in [
        ("zero and zero", [zero, zero]),
        ("zero r", [zero, s]),
        ("zero s", [r, zero]),
        ("one and one", [one, one]),
        ("r is the order", [P256_ORDER, s]),
        ("s is the order", [r, P256_ORDER]),
        ("both are the order", [P256_ORDER, P256_ORDER]),
        ("order and one", [P256_ORDER, one]),
        ("one and order", [one, P256_ORDER]),
        ("more than the order", [plus(P256_ORDER, 1), plus(P256_ORDER, 1)]),
        ("the field's order", [P256_FIELD, one]),
        ("as high as it goes", [high, high]),
        ("swapped", [s, r]),
    ] {
        bad(&jwk, &joined(&head, &numbers.concat()), what);
    }
    let der: p256::ecdsa::DerSignature = signature.to_der();
    for (what, signature) in [
        ("DER", der.as_bytes().to_vec()),
        ("a byte in front", [&[0][..], &r, &s].concat()),
        ("a byte behind", [&r[..], &s, &[0]].concat()),
        ("both numbers padded", [&[0][..], &r, &[0], &s].concat()),
        ("r alone", r.to_vec()),
        ("both twice", [r, s, r, s].concat()),
        ("the length of another curve", [[0; 16].as_slice(), &r, &[0; 16], &s].concat()),
    ] {
        bad(&jwk, &joined(&head, &signature), what);
    }
    // A signature of the same key with another hash, and over another text.
    let other: p256::ecdsa::Signature = signing.sign(b"another text");
    bad(&jwk, &joined(&head, &other.to_bytes()), "another text");
}

#[test]
fn another_curve_or_hash_than_the_algorithms() {
    let p384 = ES384KeyPair::generate();
    let jwk: Value = serde_json::from_str(&p384.public_key().to_jwk()).unwrap();
    let signing = p384::ecdsa::SigningKey::from_slice(&p384.to_bytes()).unwrap();
    let head256 = head("ES256");
    let signature: p384::ecdsa::Signature = signing.sign(head256.as_bytes());
    let token = joined(&head256, &signature.to_bytes());
    each(&jwk, &token, |outcome| assert_eq!(refused(outcome), TokenProblem::AlgorithmNotAllowed));
    for name in ["ES512", "ES256K", "Ed448", "EdDSA448", "ESP256", "RS1", "RSA-OAEP"] {
        let token = joined(&head(name), &signature.to_bytes());
        each(&jwk, &token, |outcome| assert_eq!(refused(outcome), TokenProblem::AlgorithmNotAllowed));
    }
}

#[test]
fn eddsa_that_is_not_canonical() {
    let pair = Ed25519KeyPair::generate();
    let jwk: Value = serde_json::from_str(&pair.public_key().to_jwk()).unwrap();
    let head = head("EdDSA");
    let signature = pair.key_pair().as_ref().sk.sign(&head, None);
    good(&jwk, &joined(&head, &signature[..]));

    // S + L verifies with a careless library: the same signature in a second form.
    let mut malleable = signature.to_vec();
    let mut carry = 0_u16;
    for (byte, order) in malleable[32..].iter_mut().zip(ED25519_ORDER) {
        let digit = u16::from(*byte) + u16::from(order) + carry;
        *byte = digit as u8;
        carry = digit >> 8;
    }
    bad(&jwk, &joined(&head, &malleable), "S + L");
    let r = &signature[..32];
    let s = &signature[32..];
    for (what, signature) in [
        ("S = L", [r, &ED25519_ORDER].concat()),
        ("S = 0", [r, &[0; 32]].concat()),
        ("R and S are 0", vec![0; 64]),
        ("R = identity, S = 0", [&[1][..], &[0; 63]].concat()),
        ("R is not a point", [&[0xff; 32][..], s].concat()),
        ("too short", signature[..63].to_vec()),
        ("too long", [&signature[..], &[0]].concat()),
        ("twice", [&signature[..], &signature[..]].concat()),
    ] {
        bad(&jwk, &joined(&head, &signature), what);
    }
}

#[test]
fn eddsa_keys_that_verify_anything() {
    // Points of small order (RFC 7748, 6 and the lists made of it), and encodings of y that are not reduced.
    let zero = hex(b"0000000000000000000000000000000000000000000000000000000000000000");
    for (what, key) in [
        ("order 4", zero),
        ("the identity", hex(b"0100000000000000000000000000000000000000000000000000000000000000")),
        ("order 2", hex(b"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")),
        ("order 8", hex(b"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
        ("order 8", hex(b"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")),
        ("y = p", hex(b"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")),
        ("y = p + 1", hex(b"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")),
        ("y = 2^255 - 1 with a sign", [0xff; 32]),
        ("the identity with a sign", hex(b"0100000000000000000000000000000000000000000000000000000000000080")),
    ] {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(key)});
        assert!(jwk::Key::parse(&jwk, &EVERY_ALGORITHM).is_err(), "{what}");
    }
    for (what, jwk) in [
        ("a longer key", json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([9; 33])})),
        ("X25519", json!({"kty": "OKP", "crv": "X25519", "x": URL_SAFE_NO_PAD.encode([9; 32])})),
        ("Ed448", json!({"kty": "OKP", "crv": "Ed448", "x": URL_SAFE_NO_PAD.encode([9; 57])})),
        ("another type", json!({"kty": "EC", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([9; 32])})),
    ] {
        assert!(jwk::Key::parse(&jwk, &EVERY_ALGORITHM).is_err(), "{what}");
    }
}

#[test]
fn elliptic_keys_that_are_none() {
    let pair = ES256KeyPair::generate();
    let good: Value = serde_json::from_str(&pair.public_key().to_jwk()).unwrap();
    let text = |bytes: &[u8]| Value::from(URL_SAFE_NO_PAD.encode(bytes));
    let x = URL_SAFE_NO_PAD.decode(good["x"].as_str().unwrap()).unwrap();
    let y = URL_SAFE_NO_PAD.decode(good["y"].as_str().unwrap()).unwrap();
    assert!(jwk::Key::parse(&good, &EVERY_ALGORITHM).is_ok());
    for (what, name, value) in [
        ("secp256k1", "crv", json!("secp256k1")),
        ("P-521", "crv", json!("P-521")),
        ("P-384", "crv", json!("P-384")),
        ("a curve's other name", "crv", json!("prime256v1")),
        ("a curve in small letters", "crv", json!("p-256")),
        ("no curve", "crv", json!("")),
        ("y of another point", "y", text(&[7; 32])),
        ("y of the field's order", "y", text(&P256_FIELD)),
        ("x of the field's order", "x", text(&P256_FIELD)),
        ("infinity", "x", text(&[])),
        ("x without its leading byte", "x", text(&x[1..])),
        ("x with one more", "x", text(&[&[0], &x[..]].concat())),
        ("the whole point in x", "x", text(&[&[4], &x[..], &y[..]].concat())),
        ("padding", "x", json!(format!("{}=", good["x"].as_str().unwrap()))),
        ("a number", "x", json!(5)),
        ("a private key", "d", text(&[1; 32])),
        ("a secret", "k", text(&[1; 32])),
        ("for encryption", "use", json!("enc")),
        ("for signing only", "key_ops", json!(["sign"])),
        ("for another algorithm", "alg", json!("ES384")),
        ("for HMAC", "alg", json!("HS256")),
    ] {
        let mut jwk = good.clone();
        jwk[name] = value;
        assert!(jwk::Key::parse(&jwk, &EVERY_ALGORITHM).is_err(), "{what}");
    }
}

#[test]
fn rsa_keys_that_are_weak_or_none() {
    let pair = RS256KeyPair::from_der(&rsa::der()).unwrap();
    let good: Value = serde_json::from_str(&pair.public_key().to_jwk()).unwrap();
    let n = URL_SAFE_NO_PAD.decode(good["n"].as_str().unwrap()).unwrap();
    let text = |bytes: &[u8]| Value::from(URL_SAFE_NO_PAD.encode(bytes));
    let mut even = n.clone();
    *even.last_mut().unwrap() &= 0xfe;
    for (what, name, value) in [
        ("exponent 1", "e", text(&[1])),
        ("exponent 2", "e", text(&[2])),
        ("exponent 3", "e", text(&[3])),
        ("exponent 0", "e", text(&[0])),
        ("no exponent", "e", text(&[])),
        ("an even exponent", "e", text(&[1, 0, 0])),
        ("a huge exponent", "e", text(&[0x11; 255])),
        ("512 bits", "n", text(&n[..64])),
        ("1024 bits", "n", text(&n[..128])),
        ("2047 bits", "n", text(&[&[0x7f], &n[1..]].concat())),
        ("1024 bits behind zeros", "n", text(&[&[0; 128], &n[..128]].concat())),
        ("an even modulus", "n", text(&even)),
        ("no modulus", "n", text(&[])),
        ("5000 bits", "n", text(&[0xff; 625])),
        ("a private key", "d", text(&[1; 256])),
        ("primes", "p", text(&[1; 128])),
        ("other primes", "oth", json!([])),
    ] {
        let mut jwk = good.clone();
        jwk[name] = value;
        assert!(jwk::Key::parse(&jwk, &EVERY_ALGORITHM).is_err(), "{what}");
    }
}

#[test]
fn rsa_signatures_that_are_none() {
    let pair = RS256KeyPair::from_der(&rsa::der()).unwrap();
    let mut jwk: Value = serde_json::from_str(&pair.public_key().to_jwk()).unwrap();
    jwk.as_object_mut().unwrap().remove("alg");
    let private = PKey::from_rsa(Rsa::private_key_from_der(&rsa::der()).unwrap()).unwrap();
    let sign = |text: &str, digest: MessageDigest, padding: Padding, salt: Option<i32>| {
        let mut signer = RsaSigner::new(digest, &private).unwrap();
        signer.set_rsa_padding(padding).unwrap();
        if let Some(salt) = salt {
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt)).unwrap();
        }
        signer.update(text.as_bytes()).unwrap();
        signer.sign_to_vec().unwrap()
    };
    let head256 = head("RS256");
    let signature = sign(&head256, MessageDigest::sha256(), Padding::PKCS1, None);
    good(&jwk, &joined(&head256, &signature));
    for (what, signature) in [
        ("a zero in front", [&[0][..], &signature].concat()),
        ("a zero behind", [&signature[..], &[0]].concat()),
        ("cut", signature[..255].to_vec()),
        ("zero", vec![0; 256]),
        ("one", [&[0; 255][..], &[1]].concat()),
        ("the modulus", URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap()),
        ("all ones", vec![0xff; 256]),
        ("another hash", sign(&head256, MessageDigest::sha384(), Padding::PKCS1, None)),
        ("another padding", sign(&head256, MessageDigest::sha256(), Padding::PKCS1_PSS, None)),
    ] {
        bad(&jwk, &joined(&head256, &signature), what);
    }
    let pss = head("PS256");
    good(&jwk, &joined(&pss, &sign(&pss, MessageDigest::sha256(), Padding::PKCS1_PSS, None)));
    for salt in [0, 20, 31, 33, 222] {
        bad(&jwk, &joined(&pss, &sign(&pss, MessageDigest::sha256(), Padding::PKCS1_PSS, Some(salt))), &format!("a salt of {salt}"));
    }
    bad(&jwk, &joined(&pss, &sign(&pss, MessageDigest::sha384(), Padding::PKCS1_PSS, None)), "another hash");
    bad(&jwk, &joined(&pss, &sign(&pss, MessageDigest::sha256(), Padding::PKCS1, None)), "another padding");
}

#[test]
fn key_names_that_two_keys_have() {
    let (ec, ed) = (ES256KeyPair::generate(), Signer::new("k"));
    let mut jwk: Value = serde_json::from_str(&ec.public_key().to_jwk()).unwrap();
    jwk["kid"] = "k".into();
    let stranger = Signer::new("k");
    let mut identity = compile(vec![issuer(KeySource::Inline(vec![jwk, ed.jwk(), ed.jwk()]))]);
    verified(check(&mut identity, &ed.token(&good_claims()), NOW));
    assert_eq!(refused(check(&mut identity, &stranger.token(&good_claims()), NOW)), TokenProblem::BadSignature);
}

#[test]
fn text_that_base64_readers_differ_on() {
    let key = Signer::new("a");
    let token = key.token(&good_claims());
    let (front, signature) = token.rsplit_once('.').unwrap();
    let mut identity = identity(&[&key]);
    let mut texts = vec![
        format!("{front}.{signature}=="),
        format!("{front}.{signature}\u{0}"),
        format!("{front}.{signature}%3D"),
        format!("{front}.\u{ff21}{}", &signature[1..]),
        format!("{front}.{}", signature.replacen(signature.get(..1).unwrap(), "\u{430}", 1)),
        format!("{front}\u{3002}{signature}"),
        format!("{front}\u{2024}{signature}"),
        format!("\u{200b}{front}.{signature}"),
        format!("\u{feff}{front}.{signature}"),
        format!("{front}.{signature}."),
        format!(".{front}.{signature}"),
        // JWE has five parts, the JSON serialization has braces.
        format!("{front}.{signature}.{signature}.{signature}"),
        r#"{"payload":"","signatures":[]}"#.to_owned(),
        ".".repeat(1000),
    ];
    for bits in 1..16_u8 {
        // 64 bytes leave four bits over in the last character, and they must be zero.
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let (start, last) = signature.split_at(85);
        let value = ALPHABET.iter().position(|c| *c == last.as_bytes()[0]).unwrap() as u8;
        texts.push(format!("{front}.{start}{}", char::from(ALPHABET[usize::from(value | bits)])));
    }
    for text in texts {
        assert!(matches!(refused(check(&mut identity, &text, NOW)), TokenProblem::Malformed(_)), "{text}");
    }
    verified(check(&mut identity, &token, NOW));
}

#[test]
fn headers_and_claims_of_other_making() {
    let key = Signer::new("a");
    let claims = good_claims().to_string();
    let utf16: Vec<u8> = claims.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let raw = |header: &[u8], payload: &[u8]| {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = key.pair.key_pair().as_ref().sk.sign(&signed, None);
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature[..]))
    };
    let good: &[u8] = br#"{"alg":"EdDSA","kid":"a"}"#;
    let inner = key.token(&good_claims());
    for (what, token) in [
        ("a nested token, said", raw(br#"{"alg":"EdDSA","kid":"a","cty":"JWT"}"#, inner.as_bytes())),
        ("a nested token, said with claims", raw(br#"{"alg":"EdDSA","kid":"a","cty":"jwt"}"#, claims.as_bytes())),
        ("a nested token, said at length", raw(br#"{"alg":"EdDSA","kid":"a","cty":"application/JWT"}"#, claims.as_bytes())),
        ("a nested token, not said", raw(good, inner.as_bytes())),
        ("claims in UTF-16", raw(good, &utf16)),
        ("claims with a comment", raw(good, format!("{claims}//x").as_bytes())),
        ("claims with a comma too many", raw(good, claims.replace('}', ",}").as_bytes())),
        ("claims that are not JSON's numbers", raw(good, claims.replace(&NOW.secs().to_string(), "NaN").as_bytes())),
        ("claims with a lone surrogate", raw(good, claims.replace("00u1", r"\ud800").as_bytes())),
        ("claims with a raw control character", raw(good, claims.replace("00u1", "a\u{1}").as_bytes())),
        ("an algorithm in a list", raw(br#"{"alg":["EdDSA"],"kid":"a"}"#, claims.as_bytes())),
        ("a header that is a list", raw(br#"[{"alg":"EdDSA"}]"#, claims.as_bytes())),
        ("a header of nothing", raw(b"", claims.as_bytes())),
        ("a header with a NUL behind", raw(b"{\"alg\":\"EdDSA\",\"kid\":\"a\"}\0", claims.as_bytes())),
        ("two algorithms, spelt differently", raw(br#"{"alg":"none","al\u0067":"EdDSA"}"#, claims.as_bytes())),
        ("a proof", raw(br#"{"alg":"EdDSA","kid":"a","typ":"dpop+jwt"}"#, claims.as_bytes())),
        ("a logout token", raw(br#"{"alg":"EdDSA","kid":"a","typ":"logout+jwt"}"#, claims.as_bytes())),
        ("a security event", raw(br#"{"alg":"EdDSA","kid":"a","typ":"secevent+jwt"}"#, claims.as_bytes())),
        ("an assertion for a token endpoint", raw(br#"{"alg":"EdDSA","kid":"a","typ":"oauth-authz-req+jwt"}"#, claims.as_bytes())),
    ] {
        let problem = refused(check(&mut identity(&[&key]), &token, NOW));
        assert!(matches!(problem, TokenProblem::Malformed(_) | TokenProblem::AlgorithmNotAllowed), "{what}: {problem:?}");
    }
}
