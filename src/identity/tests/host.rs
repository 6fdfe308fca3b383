//! A host that verifies signatures: believed after its test, and only for what it passed.

use std::cell::{Cell, RefCell};

use super::tokens::signed;
use super::*;

/// How a host answers when it is asked about a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Absent,
    AlwaysYes,
    AlwaysNo,
    /// Yes to the first question, as a host might that was made to pass a weaker test.
    YesOnce,
    /// Right about everything, as Envoy is.
    Honest,
    /// Right, but for one hash that it does not know.
    WithoutSha512,
}

struct FakeHost {
    manner: Manner,
    asked: Cell<usize>,
    hashes: RefCell<Vec<&'static str>>,
}

impl FakeHost {
    fn new(manner: Manner) -> Rc<Self> {
        Rc::new(Self { manner, asked: Cell::new(0), hashes: RefCell::default() })
    }
}

impl Host for FakeHost {
    fn verify_signature(&self, check: &SignatureCheck<'_>) -> Option<bool> {
        self.asked.set(self.asked.get() + 1);
        self.hashes.borrow_mut().push(check.hash);
        match self.manner {
            Manner::Absent => None,
            Manner::AlwaysYes => Some(true),
            Manner::AlwaysNo => Some(false),
            Manner::YesOnce => Some(self.asked.get() == 1),
            Manner::WithoutSha512 if check.hash == "sha512" => None,
            Manner::Honest | Manner::WithoutSha512 => Some(honest(check)),
        }
    }

    fn shared(&self, _: &str) -> Option<SharedValue> {
        None
    }

    fn share(&self, _: &str, _: &[u8], _: u32) -> Written {
        Written::Failed
    }
}

/// What Envoy's BoringSSL would say, by the same libraries as the pure path but from the forms that cross the border.
pub(super) fn honest(check: &SignatureCheck<'_>) -> bool {
    use jwt_simple::prelude::{ES256PublicKey, ES384PublicKey, RS256PublicKey};
    use p256::ecdsa::signature::Verifier as _;
    if let Ok(key) = ES256PublicKey::from_der(check.public_key) {
        use jwt_simple::prelude::ECDSAP256PublicKeyLike;
        let signature = p256::ecdsa::DerSignature::try_from(check.signature);
        return signature.is_ok_and(|signature| key.public_key().as_ref().verify(check.text, &signature).is_ok());
    }
    if let Ok(key) = ES384PublicKey::from_der(check.public_key) {
        use jwt_simple::prelude::ECDSAP384PublicKeyLike;
        let signature = p384::ecdsa::DerSignature::try_from(check.signature);
        return signature.is_ok_and(|signature| key.public_key().as_ref().verify(check.text, &signature).is_ok());
    }
    let algorithm = match check.hash {
        "sha256" => Algorithm::Rs256,
        "sha384" => Algorithm::Rs384,
        _ => Algorithm::Rs512,
    };
    let key = RS256PublicKey::from_der(check.public_key).ok();
    key.and_then(|key| verifier::Verifier::rsa(algorithm, &key)).is_some_and(|key| key.verifies(check.text, check.signature))
}

fn equipped(manner: Manner, jwk: Value) -> (Identity, Rc<FakeHost>, Vec<&'static str>) {
    let mut identity = compile(vec![issuer(KeySource::Inline(vec![jwk]))]);
    let host = FakeHost::new(manner);
    let Equipment { algorithms, shares_proofs } = identity.equip(Rc::clone(&host) as Rc<dyn Host>);
    assert!(!shares_proofs);
    host.asked.set(0);
    (identity, host, algorithms)
}

#[test]
fn only_a_host_that_tells_good_from_bad_is_believed() {
    let (_, jwk) = signed(Algorithm::Es256);
    for manner in [Manner::Absent, Manner::AlwaysYes, Manner::AlwaysNo, Manner::YesOnce] {
        assert_eq!(equipped(manner, jwk.clone()).2, [""; 0], "{manner:?}");
    }
    assert_eq!(equipped(Manner::Honest, jwk.clone()).2, ["ES256", "ES384", "RS256", "RS384", "RS512"]);
    assert_eq!(equipped(Manner::WithoutSha512, jwk).2, ["ES256", "ES384", "RS256", "RS384"]);
}

#[test]
fn both_ways_come_to_the_same_for_every_algorithm() {
    for algorithm in EVERY_ALGORITHM {
        let (token, jwk) = signed(algorithm);
        let parts: Vec<&str> = token.split('.').collect();
        let claims = with("sub", json!("root")).to_string();
        let forged = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims), parts[2]);
        for manner in [Manner::Absent, Manner::AlwaysYes, Manner::AlwaysNo, Manner::Honest, Manner::WithoutSha512] {
            let (mut identity, host, algorithms) = equipped(manner, jwk.clone());
            verified(check(&mut identity, &token, NOW));
            assert_eq!(refused(check(&mut identity, &forged, NOW)), TokenProblem::BadSignature, "{algorithm:?} {manner:?}");
            // Asked exactly where it was found good.
            assert_eq!(host.asked.get(), if algorithms.contains(&jws::name(algorithm)) { 2 } else { 0 }, "{algorithm:?} {manner:?}");
        }
    }
}

#[test]
fn forms_that_are_not_the_algorithms_never_reach_the_host() {
    for (algorithm, length) in [(Algorithm::Es256, 64), (Algorithm::Es384, 96)] {
        let (token, jwk) = signed(algorithm);
        let (signed, _) = token.rsplit_once('.').unwrap();
        let (mut identity, host, _) = equipped(Manner::Honest, jwk);
        for signature in [vec![1; length - 1], vec![1; length + 1], vec![0; length], [vec![0; length / 2], vec![1; length / 2]].concat()] {
            let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature));
            assert_eq!(refused(check(&mut identity, &token, NOW)), TokenProblem::BadSignature);
        }
        assert_eq!(host.asked.get(), 0);
    }
}

/// A host that passed its test and then fails costs time, not correctness.
#[test]
fn what_the_host_cannot_say_is_found_out_here() {
    struct Fails(RefCell<bool>);
    impl Host for Fails {
        fn verify_signature(&self, check: &SignatureCheck<'_>) -> Option<bool> {
            self.0.borrow().then(|| honest(check))
        }

        fn shared(&self, _: &str) -> Option<SharedValue> {
            None
        }

        fn share(&self, _: &str, _: &[u8], _: u32) -> Written {
            Written::Failed
        }
    }
    let (token, jwk) = signed(Algorithm::Es256);
    let mut identity = compile(vec![issuer(KeySource::Inline(vec![jwk]))]);
    let host = Rc::new(Fails(RefCell::new(true)));
    assert_eq!(identity.equip(Rc::clone(&host) as Rc<dyn Host>).algorithms.len(), 5);
    *host.0.borrow_mut() = false;
    verified(check(&mut identity, &token, NOW));
}
