//! Tokens verified before: found again, and only as long as they hold.

use super::super::remember::{Remembered, Tokens};
use super::*;

fn fetch(identity: &mut Identity, keys: &[&Signer], now: Time) {
    assert_eq!(identity.due(now).len(), 1);
    assert!(identity.answered(SourceId(0), ok(&key_set(keys)), now).recheck);
}

#[test]
fn a_second_check_gives_the_same_principal() {
    let key = Signer::new("a");
    let mut identity = identity(&[&key]);
    let token = key.token(&good_claims());
    let first = verified(check(&mut identity, &token, NOW));
    assert!(Rc::ptr_eq(&first, &verified(check(&mut identity, &token, NOW.plus_millis(1)))));
}

#[test]
fn a_remembered_token_still_expires() {
    let key = Signer::new("a");
    let mut identity = identity(&[&key]);
    let token = key.token(&good_claims());
    verified(check(&mut identity, &token, NOW));
    let end = NOW.plus_millis((600 + SKEW_S) * 1000);
    verified(check(&mut identity, &token, Time::from_millis(end.millis() - 1)));
    assert_eq!(refused(check(&mut identity, &token, end)), TokenProblem::Expired);
    // A clock set back makes a token early again, remembered or not.
    let before = Time::from_secs(NOW.secs() - SKEW_S - 1);
    assert_eq!(refused(check(&mut identity, &token, before)), TokenProblem::IssuedInFuture);
}

#[test]
fn a_removed_key_takes_its_tokens_with_it() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let mut identity = compile(vec![issuer(jwks())]);
    fetch(&mut identity, &[&old], NOW);
    let token = old.token(&good_claims());
    let first = verified(check(&mut identity, &token, NOW));

    // Kept among others: not verified again.
    let later = NOW.plus_millis(300_000);
    fetch(&mut identity, &[&new, &old], later);
    assert!(Rc::ptr_eq(&first, &verified(check(&mut identity, &token, later))));

    let later = NOW.plus_millis(600_000);
    fetch(&mut identity, &[&new], later);
    // It is an unknown key now, which is looked for once.
    assert!(matches!(check(&mut identity, &token, later), Outcome::Wait(_)));
    fetch(&mut identity, &[&new], later);
    assert_eq!(refused(check(&mut identity, &token, later)), TokenProblem::UnknownKey);
    assert_eq!(refused(check(&mut identity, &token, later.plus_millis(1))), TokenProblem::UnknownKey);
}

#[test]
fn another_key_under_the_same_name_is_another_key() {
    let (old, new) = (Signer::new("k"), Signer::new("k"));
    let mut identity = compile(vec![issuer(jwks())]);
    fetch(&mut identity, &[&old], NOW);
    let token = old.token(&good_claims());
    verified(check(&mut identity, &token, NOW));
    let later = NOW.plus_millis(300_000);
    fetch(&mut identity, &[&new], later);
    assert_eq!(refused(check(&mut identity, &token, later)), TokenProblem::BadSignature);
}

#[test]
fn keys_that_are_too_old_serve_no_remembered_token_either() {
    let key = Signer::new("a");
    let mut identity = compile(vec![issuer(jwks())]);
    fetch(&mut identity, &[&key], NOW);
    let mut claims = good_claims();
    claims["exp"] = json!(NOW.secs() + 3600);
    let token = key.token(&claims);
    verified(check(&mut identity, &token, NOW));
    let kept = NOW.plus_millis(3_600_000 - 1);
    verified(check(&mut identity, &token, kept));
    let outcome = check(&mut identity, &token, NOW.plus_millis(3_600_000));
    assert!(matches!(outcome, Outcome::Wait(SourceId(0))), "{outcome:?}");
}

#[test]
fn forged_tokens_are_not_remembered() {
    let (key, other) = (Signer::new("a"), Signer::new("a"));
    let mut identity = identity(&[&key]);
    verified(check(&mut identity, &key.token(&good_claims()), NOW));
    for number in 0..100 {
        let forged = other.token(&with("jti", json!(number.to_string())));
        assert_eq!(refused(check(&mut identity, &forged, NOW)), TokenProblem::BadSignature);
    }
    assert_eq!(identity.remembered.len(), 1);
}

#[test]
fn memory_is_bounded_and_tokens_in_use_stay() {
    let key = Signer::new("a");
    let principal = verified(check(&mut identity(&[&key]), &key.token(&good_claims()), NOW));
    let remembered = || Remembered { principal: Rc::clone(&principal), issuer: 0, generation: 1 };
    let hash = |number: usize| TokenHash::of(number.to_string());
    let mut tokens = Tokens::new(10);
    tokens.insert(hash(0), remembered());
    for number in 1..1000 {
        tokens.insert(hash(number), remembered());
        assert!(tokens.len() <= 10, "{}", tokens.len());
        assert!(tokens.find(&hash(0)).is_some(), "in use, and forgotten after {number}");
        assert!(tokens.len() <= 10, "{}", tokens.len());
    }
    assert!(tokens.find(&hash(1)).is_none());
    assert!(tokens.find(&hash(999)).is_some());
    assert_eq!(Rc::strong_count(&principal), tokens.len() + 1);
}

#[test]
fn a_token_verified_anew_replaces_its_memory() {
    let key = Signer::new("a");
    let principal = verified(check(&mut identity(&[&key]), &key.token(&good_claims()), NOW));
    let mut tokens = Tokens::new(2);
    for generation in [1, 2] {
        tokens.insert(principal.token_hash.clone(), Remembered { principal: Rc::clone(&principal), issuer: 0, generation });
    }
    assert_eq!(tokens.find(&principal.token_hash).map(|known| known.generation), Some(2));
    assert_eq!(tokens.len(), 1);
}
